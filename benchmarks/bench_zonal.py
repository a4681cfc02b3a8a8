"""Zonal means: ours against exactextract's own driver and rasterstats, time, memory, difference.

Every measurement runs in a process of its own; sides take turns and medians of warm calls are
printed. The zones are the shipped cities, the rasters smooth float32 fields of the country in an
equal-area projection, where the plain shares of exactextract and our areas mean the same: both
must agree. rasterstats counts a cell where its centre lies inside, so that small zones differ.
Ours may use 256 MB, its default; exactextract 30 million cells, its own.

    python benchmarks/bench_zonal.py            # some minutes
    python benchmarks/bench_zonal.py --quick    # some seconds, for continuous integration
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from measuring import by_turns, evaluated_cities, importable, line, measure, ratio, versions

FULL = (500, 2_000, 8_000, 16_000)
QUICK = (500,)
WEST, NORTH, EXTENT = -2_700_000, 5_950_000, 5_600_000
AGREED = 1e-5


def make(path, side):
    """Write a square raster of so many cells a side."""
    import rasterio
    from affine import Affine

    from geo.crs import ALBERS

    step = EXTENT / side
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=1, dtype="float32", nodata=-9999,
        crs=ALBERS, transform=Affine(step, 0, WEST, 0, -step, NORTH), tiled=True, bigtiff="YES",
    ) as target:  # fmt: skip
        x = np.sin(np.arange(side) * step / 3e5)
        for top in range(0, side, 256):
            rows = np.arange(top, min(top + 256, side))
            values = (np.cos(rows * step / 2e5)[:, None] + x + 10).astype("float32")
            target.write(values, 1, window=((top, top + len(rows)), (0, side)))


def calls(path):
    from geo.crs import ALBERS

    zones = evaluated_cities().to_crs(ALBERS)

    def ours():
        from geo.raster import zonal_statistics

        return zonal_statistics(path, zones)["mean"].to_numpy()

    def exactextract():
        from exactextract import exact_extract

        return exact_extract(str(path), zones, "mean", output="pandas")["mean"].to_numpy()

    def rasterstats():
        from rasterstats import zonal_stats

        found = zonal_stats(zones, str(path), stats="mean")
        return np.array([row["mean"] for row in found], dtype=float)

    return {"ours": ours, "exactextract": exactextract, "rasterstats": rasterstats}


def one(side, path):
    """Measure one side in this process; print the figures as JSON, keep the means in a file."""
    figures, means = measure(calls(path)[side])
    np.save(path.with_suffix(f".{side}.npy"), means)
    print(json.dumps(figures))


def row(side, folder, options):
    """Return one line of the table."""
    path = folder / f"{side}.tif"
    make(path, side)
    peers = [name for name in ("exactextract", "rasterstats") if importable(name)]
    found = by_turns(__file__, ("ours", *peers), path, turns=options.turns, limit=options.limit)
    mine = found["ours"]
    cells = [f"{side:,}²", f"{mine['warm']:.2f}", f"{mine['megabytes']:.0f}"]
    means = np.load(path.with_suffix(".ours.npy"))
    for name in ("exactextract", "rasterstats"):
        figures = found.get(name)
        if figures is None:
            cells += ["-"] * 4
            continue
        apart = np.abs(np.load(path.with_suffix(f".{name}.npy")) - means) / means
        if name == "exactextract":
            assert np.nanmax(apart) < AGREED, np.nanmax(apart)
        cells += [f"{figures['warm']:.2f}", f"{figures['megabytes']:.0f}"]
        cells += [ratio(figures, mine), f"{np.nanmax(apart):.1e}"]
    path.unlink()
    return line(cells)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small raster only, one turn")
    parser.add_argument("--turns", type=int, default=3, help="turns of which the median counts")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds per measurement")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one[0], Path(options.one[1]))
        return
    if options.quick:
        options.turns = 1
    print(versions("numpy", "rasterio", "exactextract", "rasterstats"))
    heads = ["cells", "ours s", "ours MB"]
    for peer in ("exactextract", "rasterstats"):
        heads += [f"{peer} s", f"{peer} MB", f"{peer} / ours", "largest difference"]
    print(line(heads))
    print("|" + " ---: |" * len(heads))
    with tempfile.TemporaryDirectory() as folder:
        for side in QUICK if options.quick else FULL:
            print(row(side, Path(folder), options), flush=True)


if __name__ == "__main__":
    main()

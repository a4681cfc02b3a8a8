"""Contiguity weights from polygons: ours against libpysal's Graph, time, memory and equality.

Every measurement runs in a process of its own; sides take turns and medians of warm calls are
printed. The peer is ``Graph.build_contiguity`` of libpysal (PySAL), both from a GeoDataFrame in
memory on one core. Polygons are the shipped cities and Voronoi cells of random points. Ours also
finds borders that do not share vertices, which libpysal does not look for; on these layers both
must give the same pairs.

    python benchmarks/bench_contiguity.py            # some minutes
    python benchmarks/bench_contiguity.py --quick    # some seconds, for continuous integration
"""

import argparse
import hashlib
import json

import numpy as np
from measuring import by_turns, evaluated_cities, line, measure, ratio, versions

FULL = [(n, rule) for n in (337, 2_850, 40_000) for rule in ("queen", "rook")]
QUICK = [(337, "queen"), (2_850, "queen"), (2_850, "rook")]


def layer(n):
    import geopandas as gpd
    import shapely

    if n == 337:
        return evaluated_cities()
    points = shapely.multipoints(np.random.default_rng(0).random((n, 2)))
    square = shapely.box(0, 0, 1, 1)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    return gpd.GeoDataFrame(geometry=cells, crs=3857)


def one(side, n, rule):
    """Measure one side in this process and print the figures as JSON."""
    from libpysal.graph import Graph

    from geo.weights import build_contiguity, sparse_matrix

    polygons = layer(n)
    calls = {
        "ours": lambda: build_contiguity(polygons, rule=rule, islands="keep"),
        "libpysal": lambda: Graph.build_contiguity(polygons, rook=rule == "rook"),
    }
    figures, graph = measure(calls[side])
    _, matrix = sparse_matrix(graph)
    digest = hashlib.sha256(matrix.indptr.tobytes() + matrix.indices.tobytes()).hexdigest()
    print(json.dumps(figures | {"links": int(matrix.nnz), "pairs": int(digest[:12], 16)}))


def row(case, options):
    """Return one line of the table."""
    found = by_turns(
        __file__, ("ours", "libpysal"), *case, turns=options.turns, limit=options.limit
    )
    mine, peer = found["ours"], found["libpysal"]
    cells = [f"{case[0]:,}", case[1]]
    for figures in (mine, peer):
        cells += [f"{figures['warm']:.4f}", f"{figures['megabytes']:.0f}"] if figures else ["-"] * 2
    if mine and peer:
        assert mine["pairs"] == peer["pairs"], (case, mine["links"], peer["links"])
    return line([*cells, ratio(peer, mine), f"{mine['links']:,.0f}"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small cases only, one turn")
    parser.add_argument("--turns", type=int, default=3, help="turns of which the median counts")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds per measurement")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        side, n, rule = options.one
        one(side, int(n), rule)
        return
    if options.quick:
        options.turns = 1
    print(versions("numpy", "scipy", "shapely", "geopandas", "libpysal"))
    print(
        line(
            [
                "units",
                "rule",
                "ours s",
                "ours MB",
                "libpysal s",
                "libpysal MB",
                "libpysal / ours",
                "links",
            ]
        )
    )
    print("|" + " ---: |" * 8)
    for case in QUICK if options.quick else FULL:
        print(row(case, options), flush=True)


if __name__ == "__main__":
    main()

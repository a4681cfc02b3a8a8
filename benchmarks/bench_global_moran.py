"""Global Moran's I: ours against esda, by permutation and by exact moments, time and memory.

Values are noise; units are the shipped cities (337) and Voronoi neighbours of random points. Every
measurement runs in a process of its own; sides take turns and medians of warm calls are printed.
Ours is ``geo.statistics.global_moran`` on every core, permuted copies included; the peer is
``Moran`` of esda (PySAL) on the same Graph, which uses one core. "moments" is our test by the exact
moments under randomisation, which needs no permutations; its ratio is to esda's test with 999 of
them. Where esda is not installed its columns stay empty.

    python benchmarks/bench_global_moran.py            # some minutes
    python benchmarks/bench_global_moran.py --quick    # some seconds, for continuous integration
"""

import argparse
import json
import warnings

import numpy as np
from measuring import by_turns, importable, line, measure, noise, ratio, versions, weights

FULL = [(337, 999), (337, 99_999), (2_850, 999), (40_000, 999)]
QUICK = [(337, 999), (2_850, 999)]


def one(side, n, permutations):
    """Measure one side in this process and print the figures as JSON."""
    graph = weights(n).transform("R")
    values = noise(graph)
    if side == "esda":
        import esda

        numbers = values.to_numpy()

        def call():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return esda.Moran(numbers, graph, permutations=permutations).I

    else:
        from geo.statistics import global_moran

        count = permutations if side == "ours" else None

        def call():
            rng = np.random.default_rng(1)
            return global_moran(values, graph, permutations=count, rng=rng).statistic

    figures, statistic = measure(call)
    print(json.dumps(figures | {"statistic": float(statistic)}))


def row(case, options):
    """Return one line of the table."""
    sides = ["ours", "moments", *(["esda"] if importable("esda") else [])]
    found = by_turns(__file__, sides, *case, turns=options.turns, limit=options.limit)
    cells = [f"{number:,}" for number in case]
    for side in ("ours", "moments", "esda"):
        figures = found.get(side)
        cells += [f"{figures['warm']:.4f}", f"{figures['megabytes']:.0f}"] if figures else ["-"] * 2
    peer = found.get("esda")
    if peer:
        assert abs(peer["statistic"] - found["ours"]["statistic"]) < 1e-9, (case, found)
    return line([*cells, ratio(peer, found["ours"]), ratio(peer, found["moments"])])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small cases only, one turn")
    parser.add_argument("--turns", type=int, default=3, help="turns of which the median counts")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds per measurement")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        side, n, permutations = options.one
        one(side, int(n), int(permutations))
        return
    if options.quick:
        options.turns = 1
    print(versions("numpy", "scipy", "libpysal", "esda", "numba"))
    print(
        line(
            [
                "units",
                "permutations",
                "ours s",
                "ours MB",
                "moments s",
                "moments MB",
                "esda s",
                "esda MB",
                "esda / ours",
                "esda / moments",
            ]
        )
    )
    print("|" + " ---: |" * 10)
    for case in QUICK if options.quick else FULL:
        print(row(case, options), flush=True)


if __name__ == "__main__":
    main()

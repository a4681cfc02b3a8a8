"""Local Moran with conditional permutation: ours against esda and pygeoda, time and memory.

Values are noise; units are the shipped cities (337), Voronoi neighbours of random points (6 on
average) and, a million, a queen lattice. Every measurement runs in a process of its own, one cold
call (with esda and numba it includes compilation) and warm ones; sides take turns and medians of
the warm calls are compared, of the clock and of the CPU.

- ours: ``geo.statistics.local_moran`` from a pandas Series and a row-standardised libpysal Graph,
  FDR and table included.
- esda (PySAL): ``Moran_Local`` on the same Graph, one job, simulations not kept.
- pygeoda (GeoDa): ``local_moran`` in its fast "lookup-table" mode on all cores, weights read
  beforehand. Equal weights only, at most 99,999 permutations.

Peers that are not installed are named in the first line. The memory is the growth of the peak
resident set over the state before the first call; "whole" is the peak of our process with all it
loaded. A peer's call beyond 100 million units x permutations is made once, after a warm-up with
99 permutations, and has no cold figure. Peers have 14 minutes, so that all ends within 20; what
would take minutes or comes later is left out and named below the table.

    python benchmarks/bench_local_moran.py                      # at most 20 minutes
    python benchmarks/bench_local_moran.py --only 40000x9999    # one row; 40000x9999u: unequal
    python benchmarks/bench_local_moran.py --quick              # some seconds, for integration
"""

import argparse
import json
import math
import os
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from measuring import (
    by_turns,
    importable,
    line,
    measure,
    measure_once,
    noise,
    ratio,
    versions,
    weights,
)

SIZES = (337, 2_850, 40_000, 1_000_000)
FULL = [(n, p, "equal") for n in SIZES for p in (999, 9_999, 999_999)]
FULL += [(n, 9_999, "unequal") for n in (337, 2_850, 40_000)]
QUICK = [(337, 999, "equal"), (337, 99_999, "equal"), (2_850, 999, "equal"), (337, 999, "unequal")]
PEERS = ("esda", "pygeoda")
# Beyond this many units x permutations a peer takes minutes, or seconds when quick.
MOST_DRAWS = {False: {"esda": 4e8, "pygeoda": 4e9}, True: {"esda": 1e6, "pygeoda": 1e8}}
# esda copies the values once per unit; pygeoda's tables refuse more permutations than that.
MOST_UNITS_OF_ESDA = 40_000
MOST_PERMUTATIONS_OF_PYGEODA = 99_999
# From here on a peer is measured once, and warmed up by a small call.
ONCE = 1e8


def ours(values, graph, permutations):
    from geo.statistics import local_moran

    def call():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that 999 are too few for the FDR
            rng = np.random.default_rng(1)
            return local_moran(values, graph, permutations=permutations, rng=rng)["p"].to_numpy()

    return call


def esda(values, graph, permutations):
    import esda

    graph.n_components  # noqa: B018 - cached by libpysal; esda asks for it at every call
    numbers = values.to_numpy()
    options = {"permutations": permutations, "keep_simulations": False, "n_jobs": 1, "seed": 1}

    def call():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = esda.Moran_Local(numbers, graph, **options)
        return np.minimum(1.0, 2.0 * result.p_sim)  # esda folds the smaller tail

    return call


def pygeoda(values, graph, permutations):
    import pygeoda

    from geo.weights import write_gal

    names = [str(label) for label in graph.unique_ids]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.gal"
        write_gal(graph.transform("B"), path)
        links = pygeoda.read_gal(str(path), names)
    numbers = values.tolist()
    options = {"permutation_method": "lookup-table", "cpu_threads": os.cpu_count(), "seed": 1}

    def call():
        result = pygeoda.local_moran(links, numbers, permutations=permutations, **options)
        return np.minimum(1.0, 2.0 * np.array(result.lisa_pvalues()))  # folds the smaller tail

    return call


def one(side, n, permutations, kind):
    """Measure one side in this process and print the figures as JSON."""
    graph = weights(n)
    if kind == "unequal":
        random = np.random.default_rng(2).uniform(0.2, 2.0, len(graph.adjacency))
        graph = type(graph)(graph.adjacency * random, is_sorted=True)
    graph = graph.transform("R")
    made = {"ours": ours, "esda": esda, "pygeoda": pygeoda}[side]
    values = noise(graph)
    if side != "ours" and n * permutations > ONCE:
        made(values, graph, 99)()
        figures, p = measure_once(made(values, graph, permutations))
    else:
        figures, p = measure(made(values, graph, permutations))
    print(json.dumps(figures | {"share": float((p <= 0.05).mean())}))


def hindrance(side, case, options):
    """Return why a peer has no figure in this row, or nothing."""
    n, permutations, kind = case
    if not importable(side):
        return "not installed"
    if side == "pygeoda" and kind == "unequal":
        return "takes no unequal weights there"
    if side == "pygeoda" and permutations > MOST_PERMUTATIONS_OF_PYGEODA:
        return "refuses so many permutations"
    too_many = side == "esda" and n > MOST_UNITS_OF_ESDA
    if too_many or n * permutations > MOST_DRAWS[options.quick][side]:
        return "would take minutes"
    return "the minutes were used up" if time.monotonic() > options.end else ""


def row(case, options, left_out):
    """Return one line of the table; note which peers have no part in it, and why."""
    n, permutations, kind = case
    why = {peer: hindrance(peer, case, options) for peer in PEERS}
    for peer, reason in why.items():
        if reason:
            left_out.setdefault((peer, reason), []).append(f"{n:,} x {permutations:,} {kind}")
    sides = ["ours", *(peer for peer in PEERS if not why[peer])]
    once = PEERS if n * permutations > ONCE else ()
    found = by_turns(__file__, sides, *case, turns=options.turns, limit=options.limit, once=once)
    cells = [f"{n:,}" + (" unequal" if kind == "unequal" else ""), f"{permutations:,}"]
    mine = found["ours"]
    for side, keys in (
        ("ours", ("cold", "warm")),
        ("esda", ("cold", "warm")),
        ("pygeoda", ("warm",)),
    ):
        figures = found.get(side)
        known = [bool(figures) and not math.isnan(figures[key]) for key in keys]
        cells += [f"{figures[k]:.4f}" if one else "-" for k, one in zip(keys, known, strict=True)]
        cells.append(f"{figures['megabytes']:.0f}" if figures else "-")
        if side == "ours":
            cells.append(f"{figures['whole']:.0f}" if figures else "-")
    cells += [ratio(found.get(peer), mine) for peer in PEERS]
    for peer in PEERS:
        if mine and found.get(peer):
            # Two samples of one null: a gap here means that one side measures something else.
            gap = abs(mine["share"] - found[peer]["share"])
            assert gap < 0.03, (peer, mine, found[peer])
    return line(cells)


def case_of(text):
    """Read ``40000x9999``, with a ``u`` at the end for unequal weights."""
    n, permutations = text.removesuffix("u").split("x")
    return int(n), int(permutations), "unequal" if text.endswith("u") else "equal"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small cases only, one turn")
    parser.add_argument("--turns", type=int, default=3, help="turns of which the median counts")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds per measurement")
    parser.add_argument("--units", type=int, help="only this number of units")
    parser.add_argument("--only", type=case_of, help="one row, such as 40000x9999 or 337x9999u")
    parser.add_argument("--minutes", type=float, default=14.0, help="after which peers rest")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        side, n, permutations, kind = options.one
        one(side, int(n), int(permutations), kind)
        return
    if options.quick:
        options.turns = 1
    options.end = time.monotonic() + 60.0 * options.minutes
    print(versions("numpy", "scipy", "pandas", "libpysal", "esda", "numba", "pygeoda"))
    print(
        line(
            [
                "units",
                "permutations",
                "ours cold s",
                "ours s",
                "ours MB",
                "ours whole MB",
                "esda cold s",
                "esda s",
                "esda MB",
                "pygeoda s",
                "pygeoda MB",
                "esda / ours",
                "pygeoda / ours",
            ]
        )
    )
    print("|" + " ---: |" * 13)
    cases = [options.only] if options.only else QUICK if options.quick else FULL
    left_out = {}
    for case in cases:
        if options.units in (None, case[0]):
            print(row(case, options, left_out), flush=True)
    for (peer, reason), rows in left_out.items():
        print(f"Left out: {peer} {reason}: {', '.join(rows)}")


if __name__ == "__main__":
    main()

"""Time and memory of local Moran with conditional permutation: ours against esda.

Every measurement runs in a process of its own: one cold call (with esda and numba it includes
compilation), then warm ones, of which the best counts. Both sides get a pandas Series and a
row-standardised libpysal Graph; esda runs without keeping the simulations, on one job. The
memory is the growth of the peak resident set over the state before the first call.

    python benchmarks/bench_local_moran.py            # some minutes
    python benchmarks/bench_local_moran.py --quick    # some seconds, for continuous integration
"""

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

SHAPES = {340: (17, 20), 2_850: (50, 57), 40_000: (200, 200), 1_000_000: (1000, 1000)}
FULL = [
    (340, 999),
    (340, 9_999),
    (340, 99_999),
    (2_850, 999),
    (2_850, 99_999),
    (40_000, 999),
    (40_000, 9_999),
    (40_000, 99_999),
    (1_000_000, 9_999),
]
QUICK = [(340, 999), (340, 99_999), (2_850, 999)]
# Beyond this many units x permutations esda is left out: minutes, or seconds when quick.
MOST_DRAWS_OF_ESDA = {False: 4e8, True: 4e6}


def queen(rows, columns):
    """Return a lattice as a row-standardised graph and a series of noise."""
    from geo.weights import row_standardise
    from geo.weights.construction import graph_from_links

    def band(n):
        return sparse.diags_array([np.ones(n - 1), np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1])

    links = sparse.coo_array(sparse.kron(band(rows), band(columns)))
    apart = links.row != links.col
    labels = pd.RangeIndex(rows * columns)
    graph = row_standardise(graph_from_links(labels, links.row[apart], links.col[apart]))
    return graph, pd.Series(np.random.default_rng(0).normal(size=len(labels)), index=labels)


def ours(values, graph, permutations):
    from geo.statistics import local_moran

    table = local_moran(values, graph, permutations=permutations, rng=np.random.default_rng(1))
    return table["p"].to_numpy()


def theirs(values, graph, permutations):
    import esda

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = esda.Moran_Local(
            values.to_numpy(),
            graph,
            permutations=permutations,
            keep_simulations=False,
            n_jobs=1,
            seed=1,
        )
    return np.minimum(1.0, 2.0 * result.p_sim)  # esda folds the smaller tail


def peak_megabytes(*, restart=False):
    """Return the peak resident set; on Linux its count can start again from now."""
    status = Path("/proc/self/status")
    if status.exists():
        if restart:
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if platform.system() == "Darwin" else 2**10)


def measure(side, n, permutations):
    """Measure one side in this process and print the figures as JSON."""
    run = {"ours": ours, "esda": theirs}[side]
    graph, values = queen(*SHAPES[n])
    graph.n_components  # noqa: B018 - cached by libpysal; esda asks for it at every call
    if side == "esda":
        import esda  # noqa: F401 - the import is not what is measured
    else:
        import geo.statistics  # noqa: F401
    before = peak_megabytes(restart=True)
    seconds = []
    for _ in range(4):
        start = time.perf_counter()
        p = run(values, graph, permutations)
        seconds.append(time.perf_counter() - start)
        if sum(seconds) > 5 and len(seconds) > 1:
            break
    figures = {
        "cold": seconds[0],
        "warm": min(seconds[1:]),
        "megabytes": peak_megabytes() - before,
        "share": float((p <= 0.05).mean()),
    }
    print(json.dumps(figures))


def in_new_process(side, n, permutations, limit):
    """Run :func:`measure` in a new process; None if it takes longer than the limit."""
    command = [sys.executable, __file__, "--one", side, str(n), str(permutations)]
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, timeout=limit, text=True, env=os.environ
        )
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout)


def row(n, permutations, limit, *, quick=False):
    """Return one line of the table."""
    mine = in_new_process("ours", n, permutations, limit)
    peer = None
    if n * permutations <= MOST_DRAWS_OF_ESDA[quick]:
        peer = in_new_process("esda", n, permutations, limit)
    cells = [f"{n:,}", f"{permutations:,}"]
    for figures in (mine, peer):
        cells += (
            ["-"] * 3
            if figures is None
            else [f"{figures[key]:.3f}" for key in ("cold", "warm")]
            + [f"{figures['megabytes']:.0f}"]
        )
    if mine and peer:
        cells += [f"{peer['warm'] / mine['warm']:.0f}x"]
        cells += [f"{peer['megabytes'] / max(mine['megabytes'], 1.0):.1f}x"]
        # Two samples of one null: a gap here means that one side does not measure the same thing.
        assert abs(mine["share"] - peer["share"]) < 0.03, (mine, peer)
    else:
        cells += ["-", "-"]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small cases only")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds per measurement")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        side, n, permutations = options.one
        measure(side, int(n), int(permutations))
        return
    versions = [f"Python {platform.python_version()}", f"{os.cpu_count()} cores"]
    for package in ("numpy", "esda", "libpysal", "numba"):
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{package} absent")
    print("; ".join(versions))
    print(
        "| units | permutations | ours cold s | ours warm s | ours MB "
        "| esda cold s | esda warm s | esda MB | faster (warm) | memory |"
    )
    print("|" + " ---: |" * 10)
    for n, permutations in QUICK if options.quick else FULL:
        print(row(n, permutations, options.limit, quick=options.quick), flush=True)


if __name__ == "__main__":
    main()

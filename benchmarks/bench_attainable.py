"""Time and memory of attainable ranks, of the closed form behind them, and of a target search.

Every measurement runs in a process of its own, on the shipped data. ``extremes`` is the largest
lead of every province over every other: by the closed form, and by scipy's ``linprog`` one pair
at a time; their sums must agree. The memory is the growth of the peak resident set over the
state before the first call.

    python benchmarks/bench_attainable.py            # some minutes
    python benchmarks/bench_attainable.py --quick    # some seconds, for continuous integration
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
from pathlib import Path

import numpy as np
import pandas as pd

FULL = [
    ("extremes, closed form", 31),
    ("extremes, linprog", 31),
    ("ranks of provinces", 31),
    ("ranks of cities, bounds", 336),
    ("ranks of cities, exact", 6),
    ("target, sparse", 1),
    ("target, spread", 1),
]
QUICK = [
    ("extremes, closed form", 6),
    ("extremes, linprog", 6),
    ("ranks of provinces", 3),
    ("ranks of cities, bounds", 3),
    ("target, one lever", 1),
]
BOUNDS = 0.3


def scores_of(level):
    from suanli.data import load_catalogue
    from suanli.evaluation import evaluate
    from suanli.profile import load_profile

    catalogue = load_catalogue()
    name = {"province": "caict2024-province", "city": "city-compute"}[level]
    spec, table = load_profile(name), getattr(catalogue, level)
    return table, spec, evaluate(table, spec)


def leads(scores, count):
    """Return the leads of the first units over each other as functions of the leaves' weights."""
    values = scores.indicators.dropna().iloc[:count].to_numpy()
    apart = values[:, None, :] - values[None, :, :]
    return pd.DataFrame(apart.reshape(-1, values.shape[1]), columns=scores.indicators.columns)


def closed_form(scores, count):
    from suanli.robustness.polytope import weight_polytope

    tree = weight_polytope(scores.spec, scores.weights, bounds=BOUNDS)
    return tree.extremes(leads(scores, count))[0].to_numpy()


def solver(scores, count):
    from scipy import optimize

    from suanli.robustness.polytope import weight_polytope

    tree = weight_polytope(scores.spec, scores.weights, bounds=BOUNDS)
    matrix, low, high = tree.inequalities()
    equal = low == high
    costs = leads(scores, count).reindex(columns=tree.parents.index).fillna(0.0).to_numpy()
    return np.array(
        [
            -optimize.linprog(
                -cost,
                A_eq=matrix[equal],
                b_eq=low[equal],
                A_ub=-matrix[~equal],
                b_ub=-low[~equal],
                bounds=(0, 1),
            ).fun
            for cost in costs
        ]
    )


def ranks(scores, count, **options):
    from suanli.robustness.attainable import attainable_ranks

    order = scores.ranks["index"].dropna().sort_values().index
    # Spread over the whole ranking: units in the middle are the hard ones.
    units = list(order[np.linspace(0, len(order) - 1, count).astype(int)])
    return attainable_ranks(scores, bounds=BOUNDS, units=units, **options).table


def target(table, spec, **options):
    from suanli.robustness.target import reach_rank

    return reach_rank(table, spec, "140000", **options)


def run(what, count):
    """Return a function that does the work, and one that says what came out."""
    table, spec, scores = scores_of("city" if "cities" in what else "province")
    if what.startswith("extremes"):
        side = solver if "linprog" in what else closed_form
        return lambda: side(scores, count), lambda found: f"sum {found.sum():.6f}"
    if what.startswith("ranks"):
        options = {"node_limit": 0} if "bounds" in what else {}
        return (
            lambda: ranks(scores, count, **options),
            lambda found: f"{int((found['status'] == 'optimal').sum())} of {len(found)} proved",
        )
    from suanli.robustness.limits import Limits

    options = {"rank": 8, "how": "spread" if "spread" in what else "sparse"}
    if "one lever" in what:
        options = {"rank": 16, "limits": Limits(move=("broadband_ports",))}
    return (
        lambda: target(table, spec, **options),
        lambda result: f"rank {result.before} to {result.after}, {len(result.levers)} moved",
    )


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


def measure(what, count):
    """Measure in this process and print the figures as JSON."""
    import scipy.optimize  # noqa: F401 - the import is not what is measured

    work, said = run(what, count)
    before = peak_megabytes(restart=True)
    wall, used = time.perf_counter(), time.process_time()
    found = work()
    figures = {
        "wall": time.perf_counter() - wall,
        "processor": time.process_time() - used,
        "megabytes": peak_megabytes() - before,
        "said": said(found),
    }
    print(json.dumps(figures))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small cases only")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(options.one[0], int(options.one[1]))
        return
    versions = [f"Python {platform.python_version()}", f"{os.cpu_count()} cores"]
    versions += [f"{p} {importlib.metadata.version(p)}" for p in ("numpy", "scipy", "pandas")]
    print("; ".join(versions))
    print("| what | units | s | processor s | MB | result |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    sums = {}
    for what, count in QUICK if options.quick else FULL:
        command = [sys.executable, __file__, "--one", what, str(count)]
        done = subprocess.run(command, capture_output=True, check=True, text=True, env=os.environ)
        figures = json.loads(done.stdout)
        times = " | ".join(f"{figures[key]:.3f}" for key in ("wall", "processor"))
        print(f"| {what} | {count} | {times} | {figures['megabytes']:.0f} | {figures['said']} |")
        sums[what] = figures["said"]
    # Two ways to one number: a gap here means that one of them is wrong.
    first, second = (float(sums[f"extremes, {k}"].split()[1]) for k in ("closed form", "linprog"))
    assert abs(first - second) < 1e-6 * max(1.0, abs(first)), (first, second)


if __name__ == "__main__":
    main()

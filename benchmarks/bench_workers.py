"""Time and memory of replicates and of permutations under unequal weights, by what computes them.

One thread, the threads of this machine, then one and two Dask workers of one thread each. Results
are compared bit for bit in the same run. Starting workers is told apart: it is paid once. The
memory is the peak resident set of this process and, summed, that of the workers.

    python benchmarks/bench_workers.py            # some minutes
    python benchmarks/bench_workers.py --quick    # some seconds, for continuous integration
"""

import argparse
import os
import time
from contextlib import ExitStack

import numpy as np
from measuring import peak_megabytes, versions
from scipy import sparse

from geo.cluster import started
from geo.statistics.conditional import conditional_counts
from geo.workers import Threads, computing_on

NEIGHBOURS = 8
COLUMNS = ("computed by", "start s", "run s", "ratio", "MB", "workers MB")
WIDTHS = (14, 9, 9, 7, 7, 12)


def replicates(size):
    """Return a call that counts ranks of 337 cities under drawn assumptions."""
    from suanli.boundaries import load_boundaries
    from suanli.data import load_catalogue
    from suanli.evaluation import derivation
    from suanli.profile import load_profile
    from suanli.robustness.replicates import model_of
    from suanli.robustness.tally import tally
    from suanli.study import scored_table

    spec = load_profile("city-compute")
    used = scored_table(load_catalogue().city, load_boundaries().layer("city"))
    model = model_of(derivation(used, spec), spec)

    def call():
        found = tally(model, ["index"], replicates=size, rng=np.random.default_rng(1))
        return found.ranks, found.ahead, found.both

    return call


def permutations(units, size):
    """Return a call that tests a local statistic under weights that are all unequal."""
    rng = np.random.default_rng(2)
    rows = np.repeat(np.arange(units), NEIGHBOURS)
    columns = (rows + 1 + np.tile(np.arange(NEIGHBOURS), units) * 7) % units
    links = rng.random(len(rows)) + 0.1
    weights = sparse.csr_array((links, (rows, columns)), shape=(units, units))
    values = rng.normal(size=units)

    def call():
        draws = np.random.default_rng(3)
        return conditional_counts(values, weights, permutations=size, rng=draws)

    return call


def memory_of(cluster):
    """Return the peak resident sets of the workers, summed."""
    return sum(cluster._client.run(peak_megabytes).values())  # noqa: SLF001 # for measuring alone


def measured(name, call, *, workers):
    """Print one table: the same call on threads and on workers."""
    plain = slowest = None
    for title, source in (
        ("1 thread", lambda: Threads(1)),
        (f"{os.cpu_count()} threads", Threads),
        *((f"{count} workers", lambda count=count: started(count)) for count in workers),
    ):
        with ExitStack() as stack:
            start = time.perf_counter()
            made = source()
            here = made if isinstance(made, Threads) else stack.enter_context(made)
            starting = time.perf_counter() - start
            stack.enter_context(computing_on(here))
            peak_megabytes(restart=True)
            start = time.perf_counter()
            found = call()
            seconds = time.perf_counter() - start
            theirs = "" if isinstance(here, Threads) else f"{memory_of(here):12.0f}"
        plain = plain or found
        slowest = slowest or seconds
        assert all(np.array_equal(a, b) for a, b in zip(plain, found, strict=True)), title
        print(
            f"{name:44}{title:>14}{starting:9.1f}{seconds:9.2f}{slowest / seconds:7.2f}"
            f"{peak_megabytes():7.0f}{theirs:>12}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    many, units, drawn = (5_000, 1_000, 999) if quick else (1_000_000, 20_000, 99_999)
    workers = (2,) if quick else (1, 2)
    print(versions("numpy", "distributed"))
    print("ratio: times as fast as one thread; results equal bit for bit\n")
    print(f"{'work':44}" + "".join(f"{c:>{w}}" for c, w in zip(COLUMNS, WIDTHS, strict=True)))
    measured(f"{many:,} replicates, 337 cities", replicates(many), workers=workers)
    title = f"{drawn:,} permutations, {units:,} units, {NEIGHBOURS} links"
    measured(title, permutations(units, drawn), workers=workers)


if __name__ == "__main__":
    main()

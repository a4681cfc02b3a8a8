"""Time and memory of replicates and Sobol indices: ours, and what COINr took.

Every measurement runs in a process of its own, evaluations of the shared combinations of
options included. The memory is the growth of the peak resident set over the state before the
call. COINr 1.1.14 was measured once on a machine with 2 cores, on its packaged data of 51 units
and 49 indicators: 600 evaluations of its sensitivity analysis in 124.8 s with 142 MB, 200
draws of weights in 31.6 s. With the reference files (see ``tests/suanli/test_coinr_parity.py``)
the same specification is run here too; otherwise the ratio compares different data.

    python benchmarks/bench_robustness.py            # some minutes
    python benchmarks/bench_robustness.py --quick    # some seconds, for continuous integration
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

TESTS = Path(__file__).parents[1] / "tests" / "suanli"
# Seconds per evaluation: of the whole analysis, of a draw of weights.
COINR = {"full": 124.8 / 600, "weights": 31.6 / 200}
# Name, data, what is run, how many in full, how many when quick, what of COINr it compares to.
CASES = [
    ("all assumptions, every node", "province", "ranks", 100_000, 2_000, "full"),
    ("all assumptions, every node", "city", "ranks", 100_000, 500, "full"),
    ("all assumptions, every node", "asem", "ranks", 100_000, 500, "full"),
    ("weights only, index", "province", "weights", 1_000_000, 5_000, "weights"),
    ("weights only, index", "asem", "weights", 1_000_000, 5_000, "weights"),
    ("plain evaluations, one by one", "province", "plain", 1000, 10, "full"),
    ("Sobol indices", "province", "sobol", 4_096, 64, "full"),
    ("Sobol indices", "asem", "sobol", 4_096, 64, "full"),
]


def loaded(name):
    """Load a test module: it holds the specification of COINr's vignette."""
    found = importlib.util.spec_from_file_location(name, TESTS / f"{name}.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def problem(data):
    """Return derived data, profile and groups of units."""
    from suanli.boundaries import load_boundaries
    from suanli.data import load_catalogue
    from suanli.evaluation import derivation
    from suanli.profile import load_profile
    from suanli.study import scored_table

    if data == "asem":
        return loaded("test_coinr_parity_robustness").asem_problem()
    spec = load_profile({"province": "caict2024-province", "city": "city-compute"}[data])
    table = getattr(load_catalogue(), data)
    used = scored_table(table, load_boundaries().layer(spec.level))
    return derivation(used, spec), spec, None


def run(what, start, spec, groups, size):
    """Run one case and return how many evaluations that were."""
    from suanli.evaluation import evaluate_from
    from suanli.profile import replace_spec
    from suanli.robustness import rank_intervals, rank_sensitivity

    rng = np.random.default_rng(1)
    if what == "plain":
        plain = replace_spec(spec, uncertainty={})
        for _ in range(size):
            evaluate_from(start, plain, groups=groups)
        return size
    if what == "sobol":
        return rank_sensitivity(start, spec, rng=rng, n=size, groups=groups).runs
    nodes = None
    if what == "weights":
        of = spec.uncertainty.weights.model_dump()
        spec, nodes = replace_spec(spec, uncertainty={"weights": of}), ["index"]
    rank_intervals(start, spec, rng=rng, replicates=size, groups=groups, nodes=nodes)
    return size


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


def measure(data, what, size):
    """Measure one case in this process and print the figures as JSON."""
    import suanli.robustness  # noqa: F401 - the import is not what is measured

    start, spec, groups = problem(data)
    before = peak_megabytes(restart=True)
    wall, busy = time.perf_counter(), time.process_time()
    runs = run(what, start, spec, groups, size)
    figures = {
        "runs": runs,
        "wall": time.perf_counter() - wall,
        "busy": time.process_time() - busy,
        "megabytes": peak_megabytes() - before,
    }
    print(json.dumps(figures))


def row(case, *, quick):
    """Return one line of the table."""
    name, data, what, full, few, peer = case
    command = [sys.executable, __file__, "--one", data, what, str(few if quick else full)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, env=os.environ)
    figures = json.loads(done.stdout)
    each = figures["wall"] / figures["runs"]
    ratio = COINR[peer] / each
    cells = [
        name,
        data,
        f"{figures['runs']:,}",
        f"{figures['wall']:.2f}",
        f"{figures['busy']:.2f}",
        f"{figures['megabytes']:.0f}",
        f"{each * 1e6:,.1f}",
        f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.1f}x",
    ]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small cases only")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        data, what, size = options.one
        measure(data, what, int(size))
        return
    versions = [f"Python {platform.python_version()}", f"{os.cpu_count()} cores"]
    versions += [f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "pandas")]
    print("; ".join(versions))
    print(
        "| case | data | evaluations | s | CPU s | MB | microseconds per evaluation "
        "| COINr's time per evaluation / ours |"
    )
    print("| --- | --- |" + " ---: |" * 6)
    here = loaded("test_coinr_parity_robustness").FOLDER.is_dir()
    for case in CASES:
        if case[1] != "asem" or here:
            print(row(case, quick=options.quick), flush=True)


if __name__ == "__main__":
    main()

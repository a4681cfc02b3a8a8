"""Time and memory of the spatial lag model and its impacts: ours against spreg.

Data are a queen lattice with rho = 0.5 and two explanations. Every measurement runs in a process
of its own, after imports and the making of the data: maximum likelihood with standard errors, then
impacts with 10,000 draws (spreg has no draws: its impacts are estimates alone, and only its
``full`` ones hold on any map). Seconds are CPU seconds of one BLAS thread, which other work on the
machine moves less than the clock. The memory is the growth of the peak resident set.

    python benchmarks/bench_regression.py            # some minutes
    python benchmarks/bench_regression.py --quick    # some seconds, for continuous integration
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
from scipy.sparse.linalg import splu

SHAPES = {340: (17, 20), 2_850: (50, 57), 40_000: (200, 200), 500_000: (500, 1000)}
RHO = 0.5
DRAWS = 10_000
FULL = [(340, "auto"), (2_850, "auto"), (40_000, "factors"), (40_000, "series")]
LARGEST = [(500_000, "series")]
QUICK = [(340, "auto"), (2_850, "auto")]
# spreg's exact likelihood keeps dense matrices; beyond, its sparse one, which may not finish.
SPREG = {340: ["full", "ord", "LU"], 2_850: ["full", "ord", "LU"], 40_000: ["LU"]}


def queen(rows, columns):
    """Return a lattice as a row-standardised matrix, an outcome and explanations."""

    def band(n):
        return sparse.diags_array([np.ones(n - 1), np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1])

    links = sparse.csr_array(sparse.kron(band(rows), band(columns)))
    links.setdiag(0.0)
    links.eliminate_zeros()
    matrix = sparse.csr_array(sparse.diags_array(1.0 / links.sum(axis=1)) @ links)
    rng = np.random.default_rng(0)
    n = rows * columns
    x = rng.normal(size=(n, 2))
    known = 1.0 + x @ [1.0, -0.5] + rng.normal(size=n)
    left = sparse.csc_array(sparse.eye_array(n) - RHO * matrix)
    options = {"diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}
    y = splu(left, permc_spec="MMD_AT_PLUS_A", **options).solve(known)
    return matrix, y, x


def ours(n, determinant):
    """Return the two steps to be timed and what they found."""
    from geo.statistics import fit_sar, impacts
    from geo.weights.construction import graph_from_links

    matrix, y, x = queen(*SHAPES[n])
    links = matrix.tocoo()
    labels = pd.RangeIndex(n)
    graph = graph_from_links(labels, links.row, links.col, links.data)
    outcome, table = pd.Series(y), pd.DataFrame(x, columns=["a", "b"])
    rng = np.random.default_rng(1) if determinant == "series" else None

    def fit():
        return fit_sar(outcome, table, graph, determinant=determinant, rng=rng)

    def effects(result):
        return impacts(result, draws=DRAWS, rng=np.random.default_rng(2))

    def figures(result, found):
        first = result.coefficients.loc["rho"]
        return {
            "rho": float(first["coefficient"]),
            "error": float(first["standard_error"]),
            "noise": result.determinant_error,
            "direct": float(found.table.loc[("a", "direct"), "estimate"]),
            "total": float(found.table.loc[("a", "total"), "estimate"]),
        }

    return fit, effects, figures


def theirs(n, method):
    """Return the two steps of spreg; ``full`` impacts up to a dense matrix, ``power`` beyond."""
    import libpysal
    import spreg
    from spreg.sputils import spmultiplier

    matrix, y, x = queen(*SHAPES[n])
    weights = libpysal.weights.WSP(sparse.csr_matrix(matrix)).to_W(silence_warnings=True)
    weights.transform = "R"

    def fit():
        return spreg.ML_Lag(y[:, None], x, w=weights, method=method, spat_impacts=None)

    def effects(result):
        kind = "full" if n <= 2_850 else "power"
        return spmultiplier(weights, float(result.rho), method=kind)

    def figures(result, found):
        b = float(result.betas[1, 0])
        return {
            "rho": float(result.rho),
            "error": float(result.std_err[-1]),
            "noise": 0.0,
            "direct": b * float(found["adi"]),
            "total": b * float(found["ati"]),
        }

    return fit, effects, figures


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


def measure(side, n, method):
    """Measure one side in this process and print the figures as JSON."""
    warnings.simplefilter("ignore")
    fit, effects, figures = {"ours": ours, "spreg": theirs}[side](n, method)
    before = peak_megabytes(restart=True)
    taken = []
    # The second run of small cases: what the first one pays once is no part of the method.
    for _ in range(2 if n <= 340 else 1):
        start = time.process_time()
        result = fit()
        fitted = time.process_time()
        found = effects(result)
        taken = [fitted - start, time.process_time() - fitted]
    print(
        json.dumps(
            {
                "fit": taken[0],
                "impacts": taken[1],
                "megabytes": peak_megabytes() - before,
                **figures(result, found),
            }
        )
    )


def in_new_process(side, n, method, limit):
    """Run :func:`measure` in a new process; None if it takes longer than the limit."""
    command = [sys.executable, __file__, "--one", side, str(n), method]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            check=True,
            timeout=limit,
            text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout.splitlines()[-1])  # spreg prints words of its own


def row(side, n, method, figures, base):
    """Return one line of the table."""
    cells = [f"{n:,}", side, method]
    if figures is None:
        return "| " + " | ".join([*cells, "stopped", *["-"] * 7]) + " |"
    cells += [f"{figures[key]:.3f}" for key in ("fit", "impacts")]
    cells += [f"{figures['megabytes']:.0f}", f"{figures['rho']:.6f}", f"{figures['error']:.6f}"]
    cells += [f"{figures['direct']:.6f}", f"{figures['total']:.6f}"]
    if base is None:
        return "| " + " | ".join([*cells, "-"]) + " |"
    # The same likelihood: a gap beyond sampling means that one side is wrong.
    assert abs(figures["rho"] - base["rho"]) < 1e-4 + 5 * base["noise"], (figures, base)
    ratio = (figures["fit"] + figures["impacts"]) / (base["fit"] + base["impacts"])
    return "| " + " | ".join([*cells, f"{ratio:.1f}x"]) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small cases only")
    parser.add_argument("--largest", action="store_true", help="500,000 units too")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds per measurement")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        side, n, method = options.one
        measure(side, int(n), method)
        return
    versions = [f"Python {platform.python_version()}", f"{os.cpu_count()} cores"]
    for package in ("numpy", "scipy", "spreg", "libpysal"):
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{package} absent")
    print("; ".join(versions))
    print(
        "| units | side | log-determinant | fit s | impacts s | MB | rho | its error | direct | "
        "total | slower |"
    )
    print("| ---: | :--- | :--- |" + " ---: |" * 8)
    cases = QUICK if options.quick else FULL + (LARGEST if options.largest else [])
    for n in dict.fromkeys(n for n, _ in cases):
        base = None
        for method in [method for size, method in cases if size == n]:
            figures = in_new_process("ours", n, method, options.limit)
            print(row("ours", n, method, figures, None), flush=True)
            base = base or figures
        if "spreg absent" in versions or base is None:
            continue
        for method in ["full"] if options.quick else SPREG.get(n, []):
            figures = in_new_process("spreg", n, method, options.limit)
            print(row("spreg", n, method, figures, base), flush=True)


if __name__ == "__main__":
    main()

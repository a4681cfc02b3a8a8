"""The main job against the same job by hand: time and memory of both, in one go.

``suanli run`` and ``handmade_script.py`` run by turns, each as a process of its own, on the same
data. Afterwards their scores and cluster statistics are compared: a quick answer that differs
would be worth nothing. The exit code is 1 if our job takes more CPU time than the script: neither
waits for anything, and unlike wall time it hardly depends on what else the machine does. With few
permutations (``--quick``) there is no verdict, only the comparison of results: what our job does
beyond the script (redrawn hubs, bootstraps, sensitivity, offline pages) then weighs too much.

    python benchmarks/bench_main_job.py              # two minutes or more
    python benchmarks/bench_main_job.py --repeat 3   # medians of three
    python benchmarks/bench_main_job.py --quick      # 999 permutations, for continuous integration
"""

import argparse
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
QUICK = 999
# The script reads 0.666667 of a judgement as 1/1.5; nothing else may differ.
TOLERANCE = 1e-4


def measured(command):
    """Run a command; return wall seconds, CPU seconds and peak megabytes of the process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode != 0:
        sys.exit(f"{command} failed with exit code {process.returncode}")
    unit = 2**20 if platform.system() == "Darwin" else 2**10
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def commands(folder, *, quick):
    """Return both jobs as commands, ours first."""
    config = folder / "suanli.toml"
    lines = [f"permutations = {QUICK}", f"redraws = {QUICK}"] if quick else []
    config.write_text("\n".join(lines), encoding="utf-8")
    ours = [sys.executable, "-m", "suanli", "run", str(config), "--out", str(folder / "ours")]
    script = [sys.executable, str(HERE / "handmade_script.py"), "--out", str(folder / "hand")]
    return {"suanli run": ours, "by hand": [*script, *(["--permutations", str(QUICK)] * quick)]}


def table(path):
    return pd.read_csv(path, dtype={"code": str}).set_index("code")


def compare(ours, hand):
    """Check that both jobs say the same; return the clusters they do not share."""
    apart = 0
    for level in ("province", "city"):
        mine = table(ours / "tables" / f"{level}_scores.csv")
        other = table(hand / "tables" / f"{level}_scores.csv")
        mine = mine[other.columns].reindex(other.index)
        assert (mine.isna() == other.isna()).all(axis=None), level
        assert (mine - other).abs().max(axis=None) < TOLERANCE, level
        mine = table(ours / "tables" / f"{level}_lisa.csv")
        other = table(hand / "tables" / f"{level}_lisa.csv")
        linked = mine.index[mine["cluster"] != "isolate"]
        apart += int((mine["cluster"][linked] != other["lisa_cluster"][linked]).sum())
    return apart


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} permutations, once")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each job")
    options = parser.parse_args()
    versions = [f"Python {platform.python_version()}", f"{os.cpu_count()} cores"]
    for package in ("geopandas", "matplotlib", "folium", "esda", "numba"):
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{package} absent")
    print("; ".join(versions))
    figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(1 if options.quick else options.repeat):
            for job, command in commands(folder, quick=options.quick).items():
                figures.setdefault(job, []).append(measured(command))
                print(job, *(f"{figure:.1f}" for figure in figures[job][-1]), flush=True)
        apart = compare(folder / "ours", folder / "hand")
    medians = {
        job: [statistics.median(column) for column in zip(*runs, strict=True)]
        for job, runs in figures.items()
    }
    print("| job | wall s | CPU s | peak MB |\n| --- | ---: | ---: | ---: |")
    for job, (wall, cpu, memory) in medians.items():
        print(f"| {job} | {wall:.1f} | {cpu:.1f} | {memory:.0f} |")
    ratios = [a / b for a, b in zip(medians["by hand"], medians["suanli run"], strict=True)]
    print("| by hand / suanli run | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")
    print(f"scores agree; units in different clusters: {apart}")
    if ratios[1] < 1 and not options.quick:
        sys.exit("suanli run took more time than the script")


if __name__ == "__main__":
    main()

"""What the benchmarks of geo share: processes of their own, turns, medians, peak memory.

A measurement is one cold call and several warm ones in a fresh process. Sides take turns, so that
what else the machine does meets all of them, and medians over the turns are compared.
"""

import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.spatial import Delaunay

BOUNDARIES = Path(__file__).parents[1] / "data" / "boundaries"
ENOUGH_SECONDS = 5.0
WARM_CALLS = 7
CITIES = 337
# From here on a triangulation takes longer than what is measured.
LARGE = 500_000


def versions(*packages):
    """Return one line naming the machine and the packages, also those that are absent."""
    parts = [f"Python {platform.python_version()}", f"{os.cpu_count()} cores"]
    for package in packages:
        try:
            parts.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            parts.append(f"{package} absent: no column of it")
    return "; ".join(parts)


def importable(package):
    return importlib.util.find_spec(package) is not None


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


def measure(call):
    """Call once cold and some times warm; return seconds, megabytes and the last result.

    The memory is the growth of the peak resident set over the state before the first call.
    """
    before = peak_megabytes(restart=True)
    seconds, processor = [], []
    while len(seconds) < 2 or (len(seconds) <= WARM_CALLS and sum(seconds) < ENOUGH_SECONDS):
        start, busy = time.perf_counter(), time.process_time()
        result = call()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - busy)
    figures = {
        "cold": seconds[0],
        "warm": statistics.median(seconds[1:]),
        "cpu": statistics.median(processor[1:]),
        "megabytes": peak_megabytes() - before,
        "whole": peak_megabytes(),
    }
    return figures, result


def in_new_process(script, *arguments, limit):
    """Run ``script --one ...`` and read the JSON it prints; None beyond the limit of seconds."""
    command = [sys.executable, script, "--one", *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=limit, text=True)
    except subprocess.TimeoutExpired:
        return None
    except subprocess.CalledProcessError as error:
        print(error.stderr, file=sys.stderr)
        raise
    return json.loads(done.stdout.splitlines()[-1])


def measure_once(call):
    """As :func:`measure` for a call that takes long: it is made once, warmed up beforehand."""
    before = peak_megabytes(restart=True)
    start, busy = time.perf_counter(), time.process_time()
    result = call()
    figures = {
        "cold": math.nan,
        "warm": time.perf_counter() - start,
        "cpu": time.process_time() - busy,
        "megabytes": peak_megabytes() - before,
        "whole": peak_megabytes(),
    }
    return figures, result


def by_turns(script, sides, *arguments, turns, limit, once=()):
    """Measure every side once per turn; return the median of every figure, None if too slow.

    Sides named in ``once`` take part in the first turn only.
    """
    found = {side: [] for side in sides}
    for turn in range(turns):
        for side in sides:
            if None not in found[side] and not (turn and side in once):
                found[side].append(in_new_process(script, side, *arguments, limit=limit))
    return {
        side: None
        if None in runs
        else {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for side, runs in found.items()
    }


def ratio(peer, mine):
    """Return how many times our warm seconds those of a peer are, of the clock and of the CPU.

    What else the machine does changes the first, and hardly the second.
    """
    if not (peer and mine):
        return "-"
    return f"{peer['warm'] / mine['warm']:.1f}x (CPU {peer['cpu'] / max(mine['cpu'], 1e-4):.1f}x)"


def line(cells):
    return "| " + " | ".join(cells) + " |"


def evaluated_cities():
    """Return the polygons of the shipped cities that are scored."""
    import geopandas as gpd

    units = pd.read_csv(BOUNDARIES / "units.csv", dtype={"code": str})
    scored = units.loc[(units["level"] == "city") & (units["evaluated"] == 1), "code"]
    return gpd.read_file(BOUNDARIES / "city.geojson").set_index("code").loc[list(scored)]


def lattice(rows, columns):
    """Return binary queen weights of a lattice."""
    from geo.weights.construction import graph_from_links

    def band(n):
        return sparse.diags_array([np.ones(n - 1), np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1])

    links = sparse.coo_array(sparse.kron(band(rows), band(columns)))
    apart = links.row != links.col
    return graph_from_links(pd.RangeIndex(rows * columns), links.row[apart], links.col[apart])


def voronoi(n):
    """Return binary weights of Voronoi neighbours of random points: 3 to 17, on average 6."""
    from geo.weights.construction import graph_from_links

    triangles = Delaunay(np.random.default_rng(0).random((n, 2)))
    starts, neighbours = triangles.vertex_neighbor_vertices
    focal = np.repeat(np.arange(n), np.diff(starts))
    return graph_from_links(pd.RangeIndex(n), focal, neighbours)


def weights(n):
    """Return binary weights: the shipped cities, Voronoi neighbours, or a lattice if large."""
    from geo.weights import build_contiguity

    if n == CITIES:
        return build_contiguity(evaluated_cities(), islands="knn1")
    side = round(n**0.5)
    return voronoi(n) if n < LARGE else lattice(side, n // side)


def noise(graph):
    return pd.Series(np.random.default_rng(0).normal(size=graph.n), index=graph.unique_ids)

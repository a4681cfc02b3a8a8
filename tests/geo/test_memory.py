"""Memory grows neither with units times permutations nor with permutations."""

import os
import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from geo.errors import FewPermutationsWarning
from geo.statistics import (
    bivariate_moran,
    geary,
    getis_ord_global,
    getis_ord_local,
    global_moran,
    join_counts,
    local_bivariate_moran,
    local_geary,
    local_moran,
)

P = 9_999
LOCAL = {
    "local_moran": local_moran,
    "getis_ord_local": getis_ord_local,
    "local_bivariate_moran": lambda x, g, **o: local_bivariate_moran(x, x**2, g, **o),
    "local_geary": local_geary,
    "local_geary of two": lambda x, g, **o: local_geary(pd.DataFrame({"x": x, "y": x**2}), g, **o),
}
GLOBAL = {
    "global_moran": global_moran,
    "bivariate_moran": lambda x, g, **o: bivariate_moran(x, x**2, g, **o),
    "geary": geary,
    "getis_ord_global": getis_ord_global,
    "join_counts": lambda x, g, **o: join_counts(x > 2, g, **o),
}


def _peak(run, graph, permutations):
    """Return the most megabytes held at once by what a call allocates."""
    rng = np.random.default_rng(1)
    values = pd.Series(rng.gamma(2.0, size=graph.n), index=graph.unique_ids)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewPermutationsWarning)
        tracemalloc.start()
        run(values, graph, permutations=permutations, rng=rng)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak / 2**20


@pytest.fixture(scope="module")
def large(lattice):
    return lattice(60, 60)


@pytest.mark.parametrize("weights", ["equal", "unequal"])
@pytest.mark.parametrize("name", [*LOCAL, *GLOBAL])
def test_units_times_permutations_are_never_held(monkeypatch, large, name, weights):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)  # every core holds a block
    run = {**LOCAL, **GLOBAL}[name]
    if weights == "unequal":
        random = np.random.default_rng(2).uniform(0.2, 2.0, len(large.adjacency))
        large = Graph(large.adjacency * random)
    whole = large.n * P * 8 / 2**20
    assert whole > 256
    assert _peak(run, large, P) < whole / 16


@pytest.mark.parametrize(
    ("name", "several"), [("local_moran", 1_000_000), ("local_geary", 250_000)]
)
def test_permutations_come_in_blocks(lattice, name, several):
    graph = lattice(8, 9)
    few, many = (_peak(LOCAL[name], graph, permutations) for permutations in (several, 2 * several))
    assert many < 1.1 * few + 1

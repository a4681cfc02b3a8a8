"""p-values against every permutation there is, in law: over many seeds, by chi-square.

With chance c that a permuted statistic is at least the observed one, the count behind a p of P
permutations is binomial (P, c). Chances come from full enumeration by formulas written out here.
"""

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy import stats

from geo.errors import FewPermutationsWarning
from geo.statistics import (
    bivariate_moran,
    conditional,
    conditional_squares,
    conditional_unequal,
    geary,
    getis_ord_global,
    getis_ord_local,
    global_moran,
    join_counts,
    local_bivariate_moran,
    local_geary,
    local_moran,
)

P = 99
SEEDS = 100
# Several hundred comparisons are made in this file.
UNLIKELY = 1e-6


def _follow(counts, chance):
    """Tell by chi-square whether counts are binomial (P, chance)."""
    if chance > 1.0 - 1e-12:
        return bool((counts == P).all())
    expected = len(counts) * stats.binom.pmf(np.arange(P + 1), P, chance)
    observed = np.bincount(counts, minlength=P + 1)
    # Neighbouring counts are joined until ten are expected of each.
    edges = [0]
    for count in range(1, P + 1):
        if expected[edges[-1] : count].sum() >= 10 and expected[count:].sum() >= 10:
            edges.append(count)
    observed, expected = (np.add.reduceat(one, edges) for one in (observed, expected))
    if len(edges) == 1:
        return bool(observed[0] == len(counts))
    return stats.chisquare(observed, expected).pvalue > UNLIKELY


def _counts(run, direction):
    """Return the counts behind the p-values of many seeds, shape (seeds, units)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewPermutationsWarning)
        p = np.array([run(direction, np.random.default_rng([seed, 7])) for seed in range(SEEDS)])
    return np.rint(p * (P + 1) - 1).astype(int)


@pytest.fixture(scope="module", params=["equal", "unequal"])
def small(request, lattice):
    """Nine units with three, five or eight neighbours, a graph and its dense matrix."""
    graph = lattice(3, 3)
    if request.param == "unequal":
        random = np.random.default_rng(3).uniform(0.3, 2.0, len(graph.adjacency))
        graph = Graph(graph.adjacency * random).transform("R")
    return graph, graph.sparse.toarray()


def _pair(graph):
    """Return two quantities with ties."""
    rng = np.random.default_rng(4)
    return (pd.Series(np.round(rng.gamma(2.0, 2.0, 9)), index=graph.unique_ids) for _ in range(2))


def _centred(values):
    return (values - values.mean()).to_numpy()


def _standard(values):
    return _centred(values) / values.std(ddof=0)


LOCAL = {
    "local_moran": (
        lambda x, y, g, **o: local_moran(x, g, **o),
        lambda x, y: lambda i, near, w: _centred(x)[i] * (_centred(x)[near] @ w),
    ),
    "getis_ord_local": (
        lambda x, y, g, **o: getis_ord_local(x, g, **o),
        lambda x, y: lambda i, near, w: _centred(x)[near] @ w,
    ),
    "local_bivariate_moran": (
        local_bivariate_moran,
        lambda x, y: lambda i, near, w: _centred(x)[i] * (_centred(y)[near] @ w),
    ),
    "local_geary": (
        lambda x, y, g, **o: local_geary(x, g, **o),
        lambda x, y: lambda i, near, w: (_standard(x)[i] - _standard(x)[near]) ** 2 @ w,
    ),
    "local_geary of two": (
        lambda x, y, g, **o: local_geary(pd.DataFrame({"x": x, "y": y}), g, **o),
        lambda x, y: (
            lambda i, near, w: sum((_standard(v)[i] - _standard(v)[near]) ** 2 @ w for v in (x, y))
        ),
    ),
}


# One statistic of each kernel; the others share theirs.
KERNELS = ["local_moran", "local_geary"]


def _local_faults(name, small):
    """Return the units and directions whose p-values do not follow the exact law."""
    graph, matrix = small
    function, formula = LOCAL[name]
    x, y = _pair(graph)
    statistic = formula(x, y)
    chances = {"greater": [], "less": []}
    for unit in range(9):
        linked = np.flatnonzero(matrix[unit])
        others = [other for other in range(9) if other != unit]
        weights = matrix[unit, linked]
        drawn = np.array(list(itertools.permutations(others, len(linked))))
        every, observed = statistic(unit, drawn, weights), statistic(unit, linked, weights)
        chances["greater"].append((every >= observed - 1e-12).mean())
        chances["less"].append((every <= observed + 1e-12).mean())
    faults = []
    for direction, exact in chances.items():
        found = _counts(
            lambda d, rng: function(x, y, graph, permutations=P, alternative=d, rng=rng)["p"],
            direction,
        )
        faults += [(direction, u) for u in range(9) if not _follow(found[:, u], exact[u])]
    return faults


@pytest.mark.parametrize("name", list(LOCAL))
def test_local_p_follows_the_exact_law(small, name):
    assert _local_faults(name, small) == []


@pytest.mark.parametrize("name", KERNELS)
def test_a_unit_among_its_own_neighbours_would_be_noticed(monkeypatch, small, name):
    for module in (conditional, conditional_unequal):
        monkeypatch.setattr(module, "recount", lambda *_: None)
    monkeypatch.setattr(conditional_squares._Block, "_exchange", lambda *_: None)
    assert len(_local_faults(name, small)) >= 4


@pytest.mark.parametrize("name", KERNELS)
def test_draws_with_replacement_would_be_noticed(monkeypatch, small, name):
    def replaced(n, width, size, *, rng):
        return rng.integers(0, n, (width, size), dtype=np.int32)

    monkeypatch.setattr(conditional, "draw_tuples", replaced)
    monkeypatch.setattr(conditional_squares, "draw_tuples", replaced)
    assert len(_local_faults(name, small)) >= 4


GLOBAL = {
    "global_moran": (
        lambda x, y, g, **o: global_moran(x, g, **o),
        lambda x, y, w: (_centred(x), lambda z: np.einsum("pi,ij,pj->p", z, w, z)),
    ),
    "geary": (
        lambda x, y, g, **o: geary(x, g, **o),
        lambda x, y, w: (
            _centred(x),
            lambda z: sum(
                w[i, j] * (z[:, i] - z[:, j]) ** 2 for i, j in zip(*np.nonzero(w), strict=True)
            ),
        ),
    ),
    "getis_ord_global": (
        lambda x, y, g, **o: getis_ord_global(x, g, **o),
        lambda x, y, w: (x.to_numpy(), lambda z: np.einsum("pi,ij,pj->p", z, w, z)),
    ),
    "join_counts": (
        lambda x, y, g, **o: join_counts(x > 3, g, **o),
        lambda x, y, w: (
            (x > 3).to_numpy().astype(float),
            lambda z: np.einsum("pi,ij,pj->p", z, (w != 0).astype(float), z),
        ),
    ),
    "bivariate_moran": (
        bivariate_moran,
        lambda x, y, w: (_centred(y), lambda z: z @ (w.T @ _centred(x))),
    ),
}


def _global_faults(name, small):
    """As for local tests; eight of the nine units, so that 40,320 permutations are all."""
    graph, _ = small
    graph = graph.subgraph(graph.unique_ids[:8])
    matrix = graph.sparse.toarray()
    function, formula = GLOBAL[name]
    x, y = (one.reindex(graph.unique_ids) for one in _pair(small[0]))
    values, statistic = formula(x, y, matrix)
    every = statistic(np.array(list(itertools.permutations(values))))
    observed = statistic(values[None, :])[0]
    chances = {
        "greater": (every >= observed - 1e-9).mean(),
        "less": (every <= observed + 1e-9).mean(),
    }
    faults = []
    for direction, chance in chances.items():
        found = _counts(
            lambda d, rng: (
                function(x, y, graph, permutations=P, alternative=d, rng=rng).p_permutation
            ),
            direction,
        )
        if not _follow(found, chance):
            faults.append(direction)
    return faults


@pytest.mark.parametrize("name", list(GLOBAL))
def test_global_p_follows_the_exact_law(small, name):
    assert _global_faults(name, small) == []


@pytest.mark.parametrize("name", list(GLOBAL))
def test_permutations_that_keep_units_in_place_would_be_noticed(monkeypatch, small, name):
    from geo.statistics import shuffling

    whole = shuffling._arranged

    def fixed(values, keys):
        keys[:, :4] = 0  # sorted first, in their order
        return whole(values, keys)

    monkeypatch.setattr(shuffling, "_arranged", fixed)
    assert _global_faults(name, small) != []

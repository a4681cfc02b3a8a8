"""The shared-draw kernel against full enumeration."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse

from geo.statistics import conditional, conditional_unequal
from geo.statistics.conditional import conditional_counts, draw_tuples
from geo.workers import Threads, computing_on

PERMUTATIONS = 20_000


def _enumerated(values, weights):
    """Return exact probabilities of a lag >= and <= the observed one, unit by unit."""
    n = len(values)
    dense = weights.toarray()
    at_least, at_most = np.zeros(n), np.zeros(n)
    for unit in range(n):
        row = dense[unit][dense[unit] != 0]
        others = [other for other in range(n) if other != unit]
        draws = np.array(list(itertools.permutations(others, len(row))), dtype=int)
        lags = values[draws] @ row
        observed = dense[unit] @ values
        at_least[unit] = (lags >= observed - 1e-12).mean()
        at_most[unit] = (lags <= observed + 1e-12).mean()
    return at_least, at_most


def _graph(n, *, equal, seed):
    rng = np.random.default_rng(seed)
    dense = (rng.random((n, n)) < 0.45).astype(float)
    dense = np.maximum(dense, dense.T)
    dense[np.arange(n), (np.arange(n) + 1) % n] = 1.0
    np.fill_diagonal(dense, 0.0)
    if not equal:
        dense *= rng.uniform(0.2, 3.0, (n, n))
    return sparse.csr_array(dense / dense.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("block", [1 << 22, 1000])
@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("n", [4, 6, 8])
def test_counts_agree_with_full_enumeration(monkeypatch, n, ties, equal, block):
    monkeypatch.setattr(conditional, "_BLOCK", block)
    monkeypatch.setattr(conditional_unequal, "_LAGS", block)
    monkeypatch.setattr(conditional_unequal, "_PRODUCT", block)
    rng = np.random.default_rng(n)
    values = rng.integers(0, 3, n) / 10.0 if ties else rng.normal(size=n)
    values[0] += 0.1  # never constant
    weights = _graph(n, equal=equal, seed=n)
    exact = _enumerated(values, weights)
    counts = conditional_counts(
        values, weights, permutations=PERMUTATIONS, rng=np.random.default_rng(7)
    )
    for probability, count in zip(exact, counts, strict=True):
        error = np.sqrt(probability * (1 - probability) / PERMUTATIONS)
        assert (np.abs(count / PERMUTATIONS - probability) <= 4.5 * error + 1e-15).all()


@pytest.mark.parametrize("equal", [True, False])
def test_a_unit_is_never_its_own_neighbour(equal):
    n = 6
    weights = _graph(n, equal=equal, seed=2)
    for unit in range(n):
        values = np.zeros(n)
        values[unit] = 1.0
        counts = conditional_counts(values, weights, permutations=999, rng=np.random.default_rng(3))
        # Everybody else is zero, so every reference lag of the unit equals the observed zero.
        assert counts[0][unit] == counts[1][unit] == 999


def test_the_general_path_counts_the_same_as_the_fast_one(monkeypatch):
    weights = _graph(40, equal=True, seed=4)
    values = np.random.default_rng(5).normal(size=40)
    fast = conditional_counts(values, weights, permutations=999, rng=np.random.default_rng(6))
    monkeypatch.setattr(conditional, "_count_equal", conditional.count_unequal)
    general = conditional_counts(values, weights, permutations=999, rng=np.random.default_rng(6))
    assert np.array_equal(fast, general)


def test_blocks_of_unequal_weights_change_nothing(monkeypatch):
    weights = _graph(30, equal=False, seed=4)
    values = np.random.default_rng(5).normal(size=30)

    def counts():
        return conditional_counts(values, weights, permutations=999, rng=np.random.default_rng(6))

    whole = counts()
    monkeypatch.setattr(conditional_unequal, "_LAGS", 3000)
    monkeypatch.setattr(conditional_unequal, "_PRODUCT", 700)
    assert np.array_equal(whole, counts())


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(monkeypatch, threads):
    weights = _graph(30, equal=False, seed=4)
    values = np.random.default_rng(5).normal(size=30)

    def counts():
        return conditional_counts(values, weights, permutations=999, rng=np.random.default_rng(6))

    whole = counts()
    monkeypatch.setattr(conditional_unequal, "_LAGS", 3000)
    with computing_on(Threads(threads)):
        assert np.array_equal(whole, counts())


def test_units_without_neighbours_count_nothing():
    weights = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=float))
    counts = conditional_counts(
        np.array([1.0, 2.0, 4.0]), weights, permutations=99, rng=np.random.default_rng(1)
    )
    assert counts[0][2] == counts[1][2] == 0


@pytest.mark.parametrize(("n", "width"), [(5, 2), (5, 4), (200, 3)])
def test_tuples_are_distinct_and_uniform(n, width):
    draws = draw_tuples(n, width, 40_000, rng=np.random.default_rng(9))
    assert draws.shape == (width, 40_000)
    ordered = np.sort(draws, axis=0)
    assert (np.diff(ordered, axis=0) > 0).all()
    for position in draws:
        share = np.bincount(position, minlength=n) / 40_000
        error = np.sqrt(1 / n * (1 - 1 / n) / 40_000)
        assert (np.abs(share - 1 / n) < 5 * error).all()
    if n == 5:
        # Ordered pairs too, not only the margins.
        pairs = np.bincount(draws[0] * n + draws[1], minlength=n * n).reshape(n, n)
        expected = 40_000 / (n * (n - 1))
        apart = ~np.eye(n, dtype=bool)
        assert (np.abs(pairs[apart] - expected) < 5 * np.sqrt(expected)).all()


def test_the_number_of_threads_changes_nothing():
    code = """
import hashlib, numpy as np
from scipy import sparse
from geo.statistics.conditional import conditional_counts
rng = np.random.default_rng(1)
dense = rng.random((300, 300)) * (rng.random((300, 300)) < 0.05)
np.fill_diagonal(dense, 0)
values = rng.normal(size=300)
counts = conditional_counts(values, sparse.csr_array(dense), permutations=2000, rng=rng)
print(hashlib.sha256(np.concatenate(counts).tobytes()).hexdigest())
"""
    prints = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(prints) == 1

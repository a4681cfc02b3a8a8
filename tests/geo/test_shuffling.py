"""Permuted copies: every arrangement equally likely, blocks and cores without effect."""

import itertools
import os

import numpy as np
import pytest
from scipy import stats

from geo.statistics import shuffling
from geo.statistics.shuffling import of_permuted_copies, permuted


def _rng():
    return np.random.default_rng(5)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_every_arrangement_is_equally_likely(n):
    copies = np.concatenate(list(permuted(np.arange(float(n)), 24_000, rng=_rng())))
    known = {order: place for place, order in enumerate(itertools.permutations(range(n)))}
    counts = np.bincount([known[tuple(row)] for row in copies.astype(int)], minlength=len(known))
    assert stats.chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize("n", [1, 4, 65, 1000])
def test_copies_hold_the_same_values(n):
    values = np.random.default_rng(1).normal(size=n)
    copies = np.concatenate(list(permuted(values, 7, rng=_rng())))
    assert copies.shape == (7, n)
    assert (np.sort(copies, axis=1) == np.sort(values)).all()


def test_blocks_change_nothing(monkeypatch):
    values = np.arange(30.0)
    whole = np.concatenate(list(permuted(values, 50, rng=_rng())))
    monkeypatch.setattr(shuffling, "_BLOCK", 100)
    assert (np.concatenate(list(permuted(values, 50, rng=_rng()))) == whole).all()


@pytest.mark.parametrize("cores", [1, 2, 7, None])
def test_cores_change_nothing(monkeypatch, cores):
    values = np.random.default_rng(1).normal(size=30)
    expected = [(block * np.arange(30)).sum(axis=1) for block in permuted(values, 99, rng=_rng())]
    monkeypatch.setattr(shuffling, "_BLOCK", 100)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    found = of_permuted_copies(
        values, lambda block: (block * np.arange(30)).sum(axis=1), permutations=99, rng=_rng()
    )
    assert (np.concatenate(list(found)) == np.concatenate(expected)).all()


def test_an_error_in_a_thread_is_raised():
    def broken(block):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(of_permuted_copies(np.arange(3.0), broken, permutations=5, rng=_rng()))

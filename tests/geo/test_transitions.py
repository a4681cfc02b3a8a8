"""Markov and spatial Markov matrices against published figures and plain counting."""

from pathlib import Path

import libpysal
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from geo.errors import StatisticsError, WeightsError
from geo.statistics import markov, spatial_markov


@pytest.fixture(scope="module")
def states():
    """Income of 48 US states 1929-2009 relative to the mean, and their borders."""
    table = pd.read_csv(libpysal.examples.get_path("usjoin.csv"))
    years = [str(year) for year in range(1929, 2010)]
    income = table[years].rename(columns=int).T
    lines = Path(libpysal.examples.get_path("states48.gal")).read_text(encoding="ascii")
    numbers = [line.split() for line in lines.splitlines()[1:]]
    links = [
        (int(head[0]), int(neighbor))
        for head, neighbors in zip(numbers[::2], numbers[1::2], strict=True)
        for neighbor in neighbors
    ]
    focal, neighbor = zip(*links, strict=True)
    return income.div(income.mean(axis=1), axis=0), Graph.from_arrays(
        focal, neighbor, [1] * len(links)
    )


def test_published_figures_of_the_states(states):
    """Figures printed in the documentation of PySAL's giddy (class Spatial_Markov)."""
    result = spatial_markov(*states)
    bounds = [0.83999133, 0.94707545, 1.03242697, 1.14911154]
    np.testing.assert_allclose(result.pooled.upper[:-1], bounds, atol=5e-9)
    bounds = [0.88973386, 0.95891917, 1.01469758, 1.1183566]
    np.testing.assert_allclose(result.lag_upper[:-1], bounds, atol=5e-9)
    pooled = [
        [0.91461837, 0.07503234, 0.00905563, 0.00129366, 0.0],
        [0.06570302, 0.82654402, 0.10512484, 0.00131406, 0.00131406],
        [0.00520833, 0.10286458, 0.79427083, 0.09505208, 0.00260417],
        [0.0, 0.00913838, 0.09399478, 0.84856397, 0.04830287],
        [0.0, 0.0, 0.0, 0.06217617, 0.93782383],
    ]
    np.testing.assert_allclose(result.pooled.probabilities, pooled, atol=5e-9)
    poorest = [
        [0.96341463, 0.0304878, 0.00609756, 0.0, 0.0],
        [0.06040268, 0.83221477, 0.10738255, 0.0, 0.0],
        [0.0, 0.14, 0.74, 0.12, 0.0],
        [0.0, 0.03571429, 0.32142857, 0.57142857, 0.07142857],
        [0.0, 0.0, 0.0, 0.16666667, 0.83333333],
    ]
    np.testing.assert_allclose(result.conditional[0].probabilities, poorest, atol=5e-9)
    steady = [
        [0.43509425, 0.2635327, 0.20363044, 0.06841983, 0.02932278],
        [0.01776781, 0.19964349, 0.19009833, 0.25524697, 0.3372434],
    ]
    np.testing.assert_allclose(result.conditional[0].steady, steady[0], atol=5e-9)
    np.testing.assert_allclose(result.conditional[4].steady, steady[1], atol=5e-9)
    assert f"{result.likelihood_ratio:.3f}" == "170.659"
    assert f"{result.chi_square:.3f}" == "200.624"
    assert result.degrees == 60
    assert result.p_likelihood_ratio < 1e-3
    quartiles = spatial_markov(*states, lag_classes=4)
    assert f"{quartiles.likelihood_ratio:.3f}" == "172.105"
    assert f"{quartiles.chi_square:.3f}" == "321.128"
    assert quartiles.degrees == 45
    pd.testing.assert_frame_equal(markov(states[0]).counts, result.pooled.counts)


def test_conditional_counts_are_plain_counts(states):
    values, graph = states
    values = values.iloc[-6:]
    result = spatial_markov(values, graph, classes=3, lag_classes=2)
    upper, lag_upper = result.pooled.upper, result.lag_upper
    counts = np.zeros((2, 3, 3), dtype=int)
    for unit in values.columns:
        near = graph[unit].index
        for year in values.index[:-1]:
            regime = sum(values.loc[year, near].mean() > bound for bound in lag_upper[:-1])
            start, end = (
                sum(values.loc[y, unit] > bound for bound in upper[:-1]) for y in (year, year + 1)
            )
            counts[regime, start, end] += 1
    for regime, one in enumerate(result.conditional):
        np.testing.assert_array_equal(one.counts, counts[regime])
    assert counts.sum() == 48 * 5


def test_homogeneity_by_hand():
    # Two regimes, two classes: the tests are those of a 2 x 2 table per starting class.
    values = pd.DataFrame(
        np.random.default_rng(2).gamma(2.0, 1.0, (9, 12)), columns=[f"u{i:02d}" for i in range(12)]
    )
    labels = list(values.columns)
    ring = Graph.from_arrays(
        labels * 2, labels[1:] + labels[:1] + labels[-1:] + labels[:-1], [1] * 24
    )
    result = spatial_markov(values, ring, classes=2)
    tables = np.stack([one.counts.to_numpy() for one in result.conditional])
    square = ratio = 0.0
    for start in (0, 1):
        table = tables[:, start, :]
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
        square += ((table - expected) ** 2 / expected).sum()
        ratio += 2 * (table * np.log(table / expected)).sum()
    assert (tables > 0).all()
    assert result.chi_square == pytest.approx(square, rel=1e-12)
    assert result.likelihood_ratio == pytest.approx(ratio, rel=1e-12)
    assert result.degrees == 2


def test_steady_state_only_where_there_is_one():
    # Nobody moves: the chain stays where it starts.
    still = pd.DataFrame({"a": [1.0] * 3, "b": [2.0] * 3, "c": [3.0] * 3, "d": [4.0] * 3})
    result = markov(still, classes=2)
    assert result.counts.to_numpy().tolist() == [[4, 0], [0, 4]]
    assert result.steady.isna().all()
    # The top class is only reached in the last year: nothing leaves from it.
    late = pd.DataFrame({"a": [1.0, 9.0], "b": [1.5, 8.0]})
    assert markov(late, classes=2).probabilities.loc[2].isna().all()


def test_isolates_and_sums_of_weights(states):
    values, _ = states
    values = values.iloc[-8:, :12]
    linked = values.columns[:11]
    labels = list(linked)
    ring = Graph.from_arrays(
        [*labels, *labels, 11],
        [*labels[1:], labels[0], labels[-1], *labels[:-1], 11],
        [1] * 22 + [0],
    )
    result = spatial_markov(values, ring, classes=2)
    assert result.isolates == (11,)
    assert sum(one.counts.to_numpy().sum() for one in result.conditional) == 11 * 7
    standardised = spatial_markov(values, ring.transform("R"), classes=2)
    for one, other in zip(result.conditional, standardised.conditional, strict=True):
        pd.testing.assert_frame_equal(one.counts, other.counts)


def test_looks_at_labels_only(states):
    values, graph = states
    rng = np.random.default_rng(4)
    moved = values.iloc[:, rng.permutation(48)].iloc[rng.permutation(81)]
    reordered = graph.subgraph(rng.permutation(graph.unique_ids.to_numpy()))
    here, there = spatial_markov(values, graph), spatial_markov(moved, reordered)
    assert here.likelihood_ratio == there.likelihood_ratio
    assert here.lag_upper == there.lag_upper


def test_what_has_no_answer_is_refused(states):
    values, graph = states
    for given, classes, code in (
        (values, 1, "statistics.classes"),
        (values * 0 + 1, 3, "statistics.classes"),
        (values.iloc[[0, 1, 5]], 3, "statistics.years_uneven"),
        (values.iloc[:1], 3, "statistics.too_few_years"),
        (values.where(values < values.max(axis=None)), 3, "statistics.values_missing"),
    ):
        with pytest.raises(StatisticsError) as caught:
            markov(given, classes=classes)
        assert caught.value.code == code
    with pytest.raises(WeightsError) as error:
        spatial_markov(values.iloc[:, 1:], graph)
    assert error.value.code == "weights.labels_mismatch"
    adjacency = graph.adjacency.copy()
    adjacency.iloc[0] = -1.0
    with pytest.raises(StatisticsError) as caught:
        spatial_markov(values, Graph(adjacency))
    assert caught.value.code == "statistics.negative_weights"

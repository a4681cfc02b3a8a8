import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy import stats

from geo.errors import GeoError, StatisticsError
from geo.statistics import (
    bonferroni_adjust,
    fdr_adjust,
    fdr_reachable,
    geary,
    getis_ord_global,
    getis_ord_local,
    gini,
    global_moran,
    group_means,
    join_counts,
    local_geary,
    local_moran,
    permutations_needed,
    redraw_sets,
    sigma_convergence,
)
from geo.statistics.significance import check_test, normal_p, permutation_p


def test_fdr_equals_scipy_and_keeps_gaps(assert_label_invariant):
    p = pd.Series(np.random.default_rng(1).random(50) ** 3, index=[f"u{i}" for i in range(50)])
    p.iloc[7] = p.iloc[11]
    expected = stats.false_discovery_control(p)
    np.testing.assert_allclose(fdr_adjust(p), expected, rtol=1e-14)
    gaps = pd.concat([p, pd.Series({"island": np.nan})])
    np.testing.assert_allclose(fdr_adjust(gaps).iloc[:-1], expected, rtol=1e-14)
    assert np.isnan(fdr_adjust(gaps)["island"])
    assert_label_invariant(fdr_adjust, p=gaps)
    assert_label_invariant(bonferroni_adjust, p=gaps)


def test_bonferroni_counts_tests_only():
    p = pd.Series({"a": 0.01, "b": 0.5, "c": np.nan})
    assert bonferroni_adjust(p).to_dict() == pytest.approx(
        {"a": 0.02, "b": 1.0, "c": np.nan}, nan_ok=True
    )


def test_all_gaps_stay_gaps():
    assert fdr_adjust(pd.Series({"a": np.nan})).isna().all()
    assert len(fdr_adjust(pd.Series(dtype=float))) == 0


def test_two_sided_p_doubles_the_smaller_tail_and_stops_at_one():
    assert permutation_p([0, 500, 999], [999, 600, 0], 999, alternative="two-sided").tolist() == [
        0.002,
        1.0,
        0.002,
    ]
    assert permutation_p(4, 995, 999, alternative="greater") == 0.005
    assert permutation_p(4, 995, 999, alternative="less") == 0.996


def test_normal_p():
    for z in (-2.5, 0.0, 1.3):
        assert normal_p(z, alternative="two-sided") == pytest.approx(2 * stats.norm.sf(abs(z)))
        assert normal_p(z, alternative="greater") == pytest.approx(stats.norm.sf(z))
        assert normal_p(z, alternative="less") == pytest.approx(stats.norm.cdf(z))


def test_reach_of_the_fdr():
    assert not fdr_reachable(340, 9_999, 0.05)
    assert fdr_reachable(340, 9_999, 0.05, alternative="greater")
    assert fdr_reachable(340, 13_599, 0.05)
    assert not fdr_reachable(340, 13_598, 0.05)


def test_options_are_checked():
    with pytest.raises(StatisticsError) as caught:
        check_test("both", 999)
    assert caught.value.code == "statistics.alternative"
    with pytest.raises(StatisticsError) as caught:
        check_test("greater", 98)
    assert caught.value.code == "statistics.permutations"
    check_test("greater", 99)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.01, 0.3])
@pytest.mark.parametrize("n", [1, 7, 31, 337, 40_000])
def test_the_fewest_permutations_are_just_enough(n, alpha, alternative):
    fewest = permutations_needed(n, alpha, alternative=alternative)
    assert fdr_reachable(n, fewest, alpha, alternative=alternative)
    if fewest > 99:
        assert not fdr_reachable(n, fewest - 1, alpha, alternative=alternative)


RING = Graph.from_arrays(list("aabbccddee"), list("beacbdceda"), [1] * 10)
VALUES = pd.Series([1.0, 2, 4, 3, 7], index=list("abcde"))
FLAGS = (VALUES > 2).astype(float)
TESTS = (
    (global_moran, VALUES), (local_moran, VALUES), (geary, VALUES), (local_geary, VALUES),
    (getis_ord_local, VALUES), (getis_ord_global, VALUES), (join_counts, FLAGS),
)  # fmt: skip


@pytest.mark.parametrize(("test", "values"), TESTS, ids=lambda x: getattr(x, "__name__", ""))
def test_arguments_of_another_kind_are_refused_in_words(test, values):
    rng = np.random.default_rng(1)
    for arguments, options, code in (
        ((values.to_list(), RING), {"rng": rng}, "weights.values_kind"),
        ((values.to_numpy(), RING), {"rng": rng}, "weights.values_kind"),
        ((values, RING.to_W()), {"rng": rng}, "weights.graph_kind"),
        ((values, RING.sparse), {"rng": rng}, "weights.graph_kind"),
        ((values, RING), {"rng": 1}, "statistics.rng_missing"),
        ((values, RING), {"rng": np.random.RandomState(1)}, "statistics.rng_missing"),
        ((values, RING), {"rng": rng, "permutations": 999.0}, "statistics.permutations"),
        ((values, RING), {"rng": rng, "permutations": "999"}, "statistics.permutations"),
    ):
        with pytest.raises(GeoError) as caught:
            test(*arguments, **{"permutations": 99, **options})
        assert caught.value.code == code


@pytest.mark.parametrize("test", [local_moran, getis_ord_local, local_geary])
def test_a_local_test_needs_permutations(test):
    with pytest.raises(StatisticsError, match="got None"):
        test(VALUES, RING, permutations=None, rng=np.random.default_rng(1))


def test_chance_without_weights_needs_a_generator_too():
    panel = pd.DataFrame([VALUES, VALUES**0.9, VALUES**0.8], index=[2021, 2022, 2023])
    for draw in (
        lambda: redraw_sets(VALUES.index, ["a"], rng=1),
        lambda: group_means(VALUES, FLAGS, rng=None),
        lambda: sigma_convergence(panel, rng=1),
    ):
        with pytest.raises(StatisticsError) as caught:
            draw()
        assert caught.value.code == "statistics.rng_missing"
    with pytest.raises(GeoError) as caught:
        gini([1.0, 2.0])
    assert caught.value.code == "weights.values_kind"

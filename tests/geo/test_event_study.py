"""Event study: by hand, against a regression, planted effects, its own null, refusals."""

import numpy as np
import pandas as pd
import pytest

from geo.errors import StatisticsError, WeightsError
from geo.statistics import event_study

RNG = np.random.default_rng


def panel(n=60, years=range(2015, 2024), *, seed=1, noise=0.1):
    rng = RNG(seed)
    labels = [f"u{i:03d}" for i in range(n)]
    levels, steps = rng.normal(5, 1, n), rng.normal(0, 0.3, len(years))
    values = levels[None, :] + steps[:, None] + rng.normal(0, noise, (len(years), n))
    return pd.DataFrame(values, index=list(years), columns=labels)


def treated(outcome, cohorts):
    first = pd.Series(np.nan, index=outcome.columns)
    start = 0
    for year, size in cohorts.items():
        first.iloc[start : start + size] = year
        start += size
    return first


def dealt(first):
    """Deal the same first years out to other units, all arrangements alike."""

    def redraw(draws, rng):
        rows = rng.permuted(np.tile(first.to_numpy(), (draws, 1)), axis=1)
        return pd.DataFrame(rows, columns=first.index)

    return redraw


def test_two_groups_two_periods_are_the_difference_of_differences():
    # Card and Krueger (1994), American Economic Review 84(4), Table 3, row 1-3: full-time
    # equivalent employment per store before and after, New Jersey (treated) 20.44 and 21.03,
    # Pennsylvania 23.33 and 21.17; change in difference 2.76 (of rounded means 2.75).
    outcome = pd.DataFrame(
        {
            "NJ1": [19.44, 20.03],
            "NJ2": [21.44, 22.03],
            "PA1": [22.33, 20.17],
            "PA2": [24.33, 22.17],
        },
        index=[1991, 1992],
    )
    first = pd.Series({"NJ1": 1992, "NJ2": 1992, "PA1": None, "PA2": None})
    result = event_study(outcome, first, rng=RNG(1))
    assert result.overall["estimate"] == pytest.approx(2.75, abs=1e-12)
    assert result.pre_trend is None
    assert result.cohorts.to_dict() == {1992.0: 2}


def test_standard_error_of_two_groups_is_welchs():
    outcome = panel(30, [2020, 2021], seed=4)
    first = treated(outcome, {2021: 12})
    result = event_study(outcome, first, rng=RNG(1))
    change = outcome.loc[2021] - outcome.loc[2020]
    inside, outside = change[first.notna()], change[first.isna()]
    assert result.overall["estimate"] == pytest.approx(inside.mean() - outside.mean(), abs=1e-12)
    expected = np.sqrt(inside.var() / len(inside) + outside.var() / len(outside))
    assert result.overall["standard_error"] == pytest.approx(expected, rel=1e-12)


def test_a_staggered_example_worked_out_by_hand():
    outcome = pd.DataFrame(
        {
            "a": [1.0, 2.0, 6.0],  # treated in 2021
            "b": [2.0, 3.0, 5.0],
            "c": [1.0, 1.0, 4.0],  # treated in 2022
            "d": [3.0, 3.0, 8.0],
            "e": [0.0, 1.0, 1.0],  # never
            "f": [2.0, 2.0, 3.0],
        },
        index=[2020, 2021, 2022],
    )
    first = pd.Series({"a": 2021, "b": 2021, "c": 2022, "d": 2022, "e": None, "f": None})
    cells = event_study(outcome, first, rng=RNG(1)).cells.set_index(["cohort", "year"])
    # 2021, not yet treated c d e f: (1 + 1) / 2 - (0 + 0 + 1 + 0) / 4
    assert cells.loc[(2021, 2021), "estimate"] == pytest.approx(0.75)
    # 2022, never treated e f only: (5 + 3) / 2 - (1 + 1) / 2
    assert cells.loc[(2021, 2022), "estimate"] == pytest.approx(3.0)
    assert cells.loc[(2022, 2022), "estimate"] == pytest.approx((3 + 5) / 2 - (0 + 1) / 2)
    # A pre-year: 2020 against the base 2021, not yet treated then: e and f.
    assert cells.loc[(2022, 2020), "estimate"] == pytest.approx(0.0 - (-1 + 0) / 2)
    assert cells.loc[(2021, 2021), "controls"] == 4
    assert cells.loc[(2021, 2022), "controls"] == 2
    never = event_study(outcome, first, controls="never", rng=RNG(1))
    assert never.cells.set_index(["cohort", "year"]).loc[(2021, 2021), "estimate"] == 0.5
    # Event 0 weighs both cohorts by two units; overall all three cells alike.
    assert never.effects.loc[0.0, "estimate"] == pytest.approx((0.5 + 3.5) / 2)
    assert never.overall["estimate"] == pytest.approx((0.5 + 3.0 + 3.5) / 3)


def test_cells_equal_the_saturated_regression():
    # Sun and Abraham (2021): with never treated controls and no gaps, interactions of cohort
    # and relative year beside unit and year effects are the same numbers.
    outcome = panel(24, range(2018, 2023), seed=7, noise=0.5)
    first = treated(outcome, {2020: 5, 2021: 4})
    result = event_study(outcome, first, controls="never", rng=RNG(1))
    units, years = list(outcome.columns), list(outcome.index)
    cells = [(c, y) for c in (2020, 2021) for y in years if y != c - 1]
    rows, y = [], []
    for i, unit in enumerate(units):
        for t, year in enumerate(years):
            row = np.zeros(len(units) + len(years) - 1 + len(cells))
            row[i] = 1.0
            if t:
                row[len(units) + t - 1] = 1.0
            for k, (cohort, when) in enumerate(cells):
                row[len(units) + len(years) - 1 + k] = first[unit] == cohort and year == when
            rows.append(row)
            y.append(outcome.loc[year, unit])
    beta = np.linalg.lstsq(np.array(rows), np.array(y), rcond=None)[0][-len(cells) :]
    found = result.cells.set_index(["cohort", "year"])["estimate"]
    for cell, value in zip(cells, beta, strict=True):
        assert found[cell] == pytest.approx(value, abs=1e-10)


def test_a_planted_effect_is_recovered_year_by_year():
    outcome = panel(120, seed=2)
    first = treated(outcome, {2019: 10, 2021: 12})
    for unit, year in first.dropna().items():
        since = np.array([max(0, t - year + 1) for t in outcome.index])
        outcome[unit] += 0.5 * since
    result = event_study(outcome, first, redraw=dealt(first), permutations=499, rng=RNG(3))
    for event in (0.0, 1.0, 2.0):
        row = result.effects.loc[event]
        assert row["estimate"] == pytest.approx(0.5 * (event + 1), abs=0.12)
        assert row["lower"] < 0.5 * (event + 1) < row["upper"]
        assert row["p_redraw"] <= 0.01
    assert result.pre_trend.events == (-6.0, -5.0, -4.0, -3.0, -2.0)
    assert result.pre_trend.p > 0.01
    assert result.pre_trend.p_redraw > 0.01
    truth = np.mean([0.5 * k for k in range(1, 6)] * 10 + [0.5 * k for k in range(1, 4)] * 12)
    assert result.overall["estimate"] == pytest.approx(truth, abs=0.1)


def test_trends_that_part_before_are_noticed():
    outcome = panel(80, seed=5)
    first = treated(outcome, {2021: 20})
    drift = 0.15 * (np.array(outcome.index) - 2015)
    outcome.loc[:, first.notna()] += drift[:, None]
    result = event_study(outcome, first, redraw=dealt(first), permutations=499, rng=RNG(3))
    assert result.pre_trend.p < 0.001
    assert result.pre_trend.p_redraw < 0.01


def test_null_rates_are_what_they_claim():
    hits = np.zeros(4)
    rounds = 120
    for seed in range(rounds):
        outcome = panel(40, range(2017, 2023), seed=seed + 100)
        first = treated(outcome, {2020: 5, 2021: 6})
        result = event_study(outcome, first, redraw=dealt(first), permutations=99, rng=RNG(seed))
        ps = (result.overall["p_redraw"], result.overall["p"])
        ps += (result.pre_trend.p_redraw, result.pre_trend.p)
        hits += [p <= 0.1 for p in ps]
    # Binomial(120, 0.1): from 3 to 23 but for one case in a thousand each side.
    assert (hits >= 2).all()
    assert (hits <= 23).all()


def test_detectable_effects_are_detected_four_times_in_five():
    found = 0
    for seed in range(60):
        outcome = panel(50, [2020, 2021], seed=seed + 500)
        first = treated(outcome, {2021: 8})
        blank = event_study(outcome, first, redraw=dealt(first), permutations=199, rng=RNG(seed))
        outcome.loc[2021, first.notna()] += blank.overall["detectable"]
        again = event_study(outcome, first, redraw=dealt(first), permutations=199, rng=RNG(seed))
        found += again.overall["p_redraw"] <= 0.05
    # Binomial(60, 0.8) lies in 37 .. 57 in 998 of 1000; a real effect widens the reference.
    assert 35 <= found <= 57


def test_strata_take_out_a_difference_between_regions():
    outcome = panel(60, seed=8)
    west = pd.Series(["west"] * 30 + ["east"] * 30, index=outcome.columns)
    outcome.loc[2021:, west == "west"] += 1.0
    first = treated(outcome, {2021: 10})
    naive = event_study(outcome, first, rng=RNG(1))
    fair = event_study(outcome, first, strata=west, rng=RNG(1))
    assert naive.overall["estimate"] > 0.5
    assert fair.overall["estimate"] == pytest.approx(0.0, abs=0.1)
    inside = west[west == "west"].index
    alone = event_study(outcome[inside], first[inside], rng=RNG(1))
    assert fair.overall["estimate"] == pytest.approx(alone.overall["estimate"], abs=1e-12)
    assert fair.overall["standard_error"] == pytest.approx(alone.overall["standard_error"])
    assert fair.overall["controls"] == 20


def test_missing_values_leave_pairs_of_years_out():
    outcome = panel(20, range(2018, 2024), seed=9)
    outcome = outcome.drop(index=2020)
    first = treated(outcome, {2021: 6})
    outcome.loc[2019, "u000"] = np.nan  # 2019 is the base: u000 has no cell at all
    outcome.loc[2023, "u001"] = np.nan
    result = event_study(outcome, first, rng=RNG(1))
    cells = result.cells.set_index("year")
    assert set(cells["base"]) == {2019.0}
    assert cells["treated"].to_dict() == {2018.0: 5, 2021.0: 5, 2022.0: 5, 2023.0: 4}
    change = outcome.loc[2023] - outcome.loc[2019]
    expected = change[first.notna()].mean() - change[first.isna()].mean()
    assert cells.loc[2023, "estimate"] == pytest.approx(expected)
    assert result.effects.index.to_list() == [-3.0, 0.0, 1.0, 2.0]


def test_units_treated_from_the_start_take_no_part():
    outcome = panel(20, range(2018, 2023), seed=9)
    first = treated(outcome, {2021: 6})
    base = event_study(outcome, first, rng=RNG(1))
    outcome["x"], outcome["y"] = 99.0, np.arange(5.0) * 100
    first["x"], first["y"] = 2018, -np.inf
    more = event_study(outcome, first, rng=RNG(1))
    assert more.left_out == ("x", "y")
    pd.testing.assert_frame_equal(more.effects, base.effects)
    first["x"], first["y"] = 2030, np.nan  # after the panel: as good as never
    assert event_study(outcome, first, rng=RNG(1)).left_out == ()


def test_labels_decide(assert_label_invariant):
    outcome = panel(15, range(2018, 2023), seed=3)
    first = treated(outcome, {2020: 4, 2021: 3})
    strata = pd.Series(["a", "b", "b"] * 5, index=outcome.columns)

    def run(first, strata, across):
        frame = outcome[list(across.index)].sample(frac=1, random_state=int(across.iloc[0]))
        redraw = dealt(first.sort_index())
        return event_study(
            frame, first, strata=strata, redraw=redraw, permutations=99, rng=RNG(1)
        ).effects.T

    across = pd.Series(range(15), index=outcome.columns)
    expected = run(first, strata, across)
    shuffled = (one.sample(frac=1, random_state=4) for one in (first, strata, across))
    pd.testing.assert_frame_equal(run(*shuffled), expected, check_exact=True)


def test_what_has_no_answer_is_refused_by_name():
    outcome = panel(8, range(2019, 2023), seed=3)
    first = treated(outcome, {2021: 3})
    strata = pd.Series(["a"] * 3 + ["b"] * 5, index=outcome.columns)
    cases = (
        (outcome, first.fillna(2019) * 0 + 2019, {}, "statistics.event_untreated", "u000"),
        (outcome, first * np.nan, {}, "statistics.event_untreated", ""),
        (outcome, treated(outcome, {2021: 1}), {}, "statistics.event_cohort_small", "u000"),
        (outcome, first, {"strata": strata}, "statistics.event_no_controls", "u001"),
        (outcome, first.fillna(2021), {}, "statistics.event_no_controls", "u007"),
        (outcome, first.drop("u003"), {}, "statistics.labels_mismatch", "u003"),
        (outcome, first, {"strata": strata.drop("u004")}, "statistics.labels_mismatch", "u004"),
        (
            outcome,
            first,
            {"strata": strata.where(strata == "b")},
            "statistics.values_missing",
            "u0",
        ),
        (
            outcome.replace(outcome.iloc[0, 5], np.inf),
            first,
            {},
            "statistics.values_missing",
            "u005",
        ),
        (outcome.iloc[:1], first, {}, "statistics.too_few_years", ""),
        (outcome.set_axis(list("wxyz")), first, {}, "statistics.not_numeric", ""),
        (outcome.set_axis([1, 1, 2, 3]), first, {}, "statistics.years_duplicate", "1"),
        (outcome, first, {"controls": "some"}, "statistics.event_controls", ""),
        (
            outcome,
            first,
            {"redraw": dealt(first), "permutations": 9},
            "statistics.permutations",
            "",
        ),
    )
    for frame, when, options, code, name in cases:
        with pytest.raises(StatisticsError) as caught:
            event_study(frame, when, rng=RNG(1), **options)
        assert caught.value.code == code
        assert name in str(caught.value.params.get("units", name))
    short = dealt(first.drop("u002"))
    with pytest.raises(StatisticsError, match="u002"):
        event_study(outcome, first, redraw=short, permutations=99, rng=RNG(1))
    with pytest.raises(WeightsError, match="u000"):
        event_study(outcome, pd.concat([first, first.iloc[:1]]), rng=RNG(1))

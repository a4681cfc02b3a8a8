"""Imputation: each method by hand or by definition, marks, and what cannot be filled."""

import numpy as np
import pandas as pd
import pytest

from suanli.errors import InputError
from suanli.evaluation.impute import METHODS, impute
from suanli.profile import IndexSpec, load_profile, replace_spec
from suanli.profile.method import Imputing
from suanli.text import LANGUAGES, Text

NAN = np.nan


def spec(*methods: str, **method: object) -> IndexSpec:
    return replace_spec(load_profile("caict2024-province"), method={"impute": methods, **method})


def years(**column: list[float]) -> pd.DataFrame:
    """One unit, years from 2019 on."""
    (values,) = column.values()
    index = pd.MultiIndex.from_product([range(2019, 2019 + len(values)), ["a"]])
    return pd.DataFrame(column, index=index.set_names(["year", "code"]))


def units(columns: dict[str, list[float]], year: int = 2023) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    index = pd.MultiIndex.from_product([[year], [f"u{i:02}" for i in range(size)]])
    return pd.DataFrame(columns, index=index.set_names(["year", "code"]), dtype=float)


def test_choices_and_methods_are_the_same() -> None:
    assert set(Imputing.__args__) == set(METHODS)


@pytest.mark.parametrize(
    ("method", "reach", "expected"),
    [
        ("nearest_year", 1, [1, 1, NAN, 5, 5, 7]),
        ("nearest_year", 2, [1, 1, 5, 5, 5, 7]),
        ("latest", 1, [1, 1, NAN, NAN, 5, 7]),
        ("latest", 5, [1, 1, 1, 1, 5, 7]),
        ("linear", 3, [1, 2, 3, 4, 5, 7]),
        ("linear", 2, [1, NAN, 3, NAN, 5, 7]),
    ],
)
def test_methods_of_years_by_hand(method: str, reach: int, expected: list[float]) -> None:
    # Nearest: 2021 has 2019 and 2023 at two years each, but 2022 is nearer to 2023.
    frame = years(x=[1.0, NAN, NAN, NAN, 5.0, 7.0])
    if method == "nearest_year" and reach == 2:
        expected = [1, 1, 1, 5, 5, 7]
    filled, marks = impute(frame, spec(method, impute_reach=reach))
    np.testing.assert_array_equal(filled["x"], expected)
    changed = frame["x"].isna() & filled["x"].notna()
    assert marks["x"].to_list() == [method if was else "" for was in changed]


def test_nothing_is_extrapolated() -> None:
    frame = years(x=[NAN, 1.0, 2.0, NAN])
    filled, marks = impute(frame, spec("linear", impute_reach=3))
    pd.testing.assert_frame_equal(filled, frame)
    assert (marks == "").to_numpy().all()
    assert impute(frame, spec("latest"))[0]["x"].isna().to_list() == [True, False, False, False]


def test_methods_follow_each_other_and_each_marks_its_own() -> None:
    frame = years(x=[1.0, NAN, 3.0, NAN])
    filled, marks = impute(frame, spec("linear", "latest"))
    assert filled["x"].to_list() == [1, 2, 3, 3]
    assert marks["x"].to_list() == ["", "linear", "", "latest"]


def test_years_are_counted_not_rows() -> None:
    index = pd.MultiIndex.from_tuples([(2023, "a"), (2015, "a"), (2019, "a")])
    frame = pd.DataFrame({"x": [9.0, 1.0, NAN]}, index=index.set_names(["year", "code"]))
    assert impute(frame, spec("latest", impute_reach=3))[0]["x"].isna().sum() == 1
    assert impute(frame, spec("linear", impute_reach=4))[0]["x"].to_list() == [9, 1, 5]


def test_neighbours_are_near_in_standard_deviations() -> None:
    # By raw distance u03 would be nearest to u00 (same wealth); by standardised, u01 is.
    wealth = [1000.0, 1010.0, 1400.0, 1000.0, 600.0]
    share = [0.10, 0.11, 0.90, 0.60, 0.50]
    gap = [NAN, 7.0, 1.0, 3.0, 5.0]
    frame = units({"wealth": wealth, "share": share, "gap": gap})
    filled, marks = impute(frame, spec("knn", neighbours=1))
    assert filled.loc[(2023, "u00"), "gap"] == pytest.approx(7.0)
    assert marks["gap"].to_list() == ["knn", "", "", "", ""]
    everybody = impute(frame, spec("knn", neighbours=50))[0]
    assert everybody.loc[(2023, "u00"), "gap"] == pytest.approx(4.0)


def common(seed: int = 3, size: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=size)
    columns = {f"x{j}": 10**j * (factor + 0.05 * rng.normal(size=size)) for j in range(4)}
    return units({name: column.tolist() for name, column in columns.items()})


def test_regressions_recover_what_the_others_tell() -> None:
    truth = common()
    holed = truth.copy()
    # Units inside the cloud: nothing is filled beyond the range observed.
    inner = truth["x0"].rank().sub(len(truth) / 2).abs().argsort()[:3]
    for column, row in zip((0, 2, 3), inner, strict=True):
        holed.iloc[row, column] = NAN
    filled, marks = impute(holed, spec("iterative"))
    error = ((filled - truth).abs() / truth.std()).max()
    assert error.max() < 0.2
    assert (marks == "iterative").to_numpy().sum() == 3
    pd.testing.assert_frame_equal(filled, impute(holed, spec("iterative"))[0])


@pytest.mark.parametrize("method", ["knn", "iterative"])
def test_similar_units_fill_what_they_can(method: str) -> None:
    frame = common()
    frame["none"] = NAN
    frame["flat"] = 0.1
    frame.iloc[3] = NAN
    frame.iloc[7, [1, 5]] = NAN
    filled, marks = impute(frame, spec(method))
    assert filled.iloc[3].isna().all()
    assert filled["none"].isna().all()
    assert filled["flat"].iloc[7] == 0.1
    assert (marks == method).to_numpy().sum() == 2
    seen = frame.notna()
    pd.testing.assert_frame_equal(filled[seen], frame[seen], check_exact=True)
    assert filled["x1"].between(frame["x1"].min(), frame["x1"].max())[seen["x0"]].all()


@pytest.mark.parametrize("method", ["knn", "iterative"])
def test_each_year_is_filled_by_itself(method: str) -> None:
    first, second = common(1).loc[2023], common(2).loc[2023]
    second.iloc[5, 1] = NAN
    both = pd.concat({2022: 1000 * first, 2023: second}, names=["year", "code"])
    alone = pd.concat({2023: second}, names=["year", "code"])
    pd.testing.assert_frame_equal(
        impute(both, spec(method))[0].loc[[2023]], impute(alone, spec(method))[0]
    )
    # Years that only lend values are left as they are.
    both.loc[(2022, "u00"), "x0"] = NAN
    filled = impute(both, spec(method), years=range(2023, 2024))[0]
    assert np.isnan(filled.loc[(2022, "u00"), "x0"])
    assert filled.loc[2023].notna().all().all()


@pytest.mark.parametrize("method", ["knn", "iterative"])
def test_order_of_rows_and_columns_does_not_matter(method: str) -> None:
    frame = common()
    frame.iloc[4, 0], frame.iloc[9, 2] = NAN, NAN
    straight = impute(frame, spec(method))[0]
    turned = impute(frame.iloc[::-1, ::-1], spec(method))[0]
    pd.testing.assert_frame_equal(turned.loc[frame.index, frame.columns], straight, rtol=1e-6)


def test_one_column_alone_tells_nothing() -> None:
    frame = units({"x": [1.0, NAN, 3.0]})
    for method in ("knn", "iterative"):
        pd.testing.assert_frame_equal(impute(frame, spec(method))[0], frame)


def test_rounds_that_do_not_settle_are_refused() -> None:
    rng = np.random.default_rng(0)
    parts = {name: common(seed, 12) for name, seed in (("a", 3), ("b", 8), ("c", 9))}
    frame = pd.concat([part.add_prefix(name) for name, part in parts.items()], axis=1)
    holed = frame.mask(rng.random(frame.shape) < 0.5)
    with pytest.raises(InputError) as caught:
        impute(holed, spec("iterative"))
    (problem,) = caught.value.problems
    assert problem.code == "evaluation.not_settled"
    assert all(Text(lang)(problem.code, **problem.params) for lang in LANGUAGES)

"""Users' values beside those they replace: planted faults are found, and nothing else."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from suanli.data import load_catalogue, take_in
from suanli.intake import IndicatorTable
from suanli.intake.against import Comparison
from suanli.intake.findings import Ledger

CATALOGUE = load_catalogue()
NAMES = pd.Series({code: code for code in CATALOGUE.province.codes})


def of_year(year: int, *, indicators: tuple[str, ...] = ("gdp",), told: int = 2023) -> pd.DataFrame:
    """Shipped values of a year, said to be of another."""
    cells = CATALOGUE.province.cells
    mine = cells[(cells["year"] == year) & cells["indicator"].isin(indicators)]
    return mine.sort_values("code").assign(year=told).reset_index(drop=True)


def found(own: pd.DataFrame, below: pd.DataFrame) -> dict[str, int]:
    ledger = Ledger()
    Comparison(
        table=IndicatorTable(cells=own),
        below=IndicatorTable(cells=below),
        names=NAMES,
        file="a.csv",
        ledger=ledger,
    ).run()
    return dict(Counter(finding.rule for finding in ledger.findings))


def scaled(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(value=cells["value"] * 1e4)


def scaled_back(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(value=cells["value"] / 10)


def moved(cells: pd.DataFrame) -> pd.DataFrame:
    value = cells["value"].to_numpy(copy=True)
    value[8:21] = value[7:20]
    return cells.assign(value=value)


def one_wrong(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(value=cells["value"].where(cells["code"] != "440000", 135.0))


def exchanged(cells: pd.DataFrame) -> pd.DataFrame:
    value = cells["value"].to_numpy(copy=True)
    value[[2, 3]] = value[[3, 2]]
    return cells.assign(value=value)


def growth(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(value=np.random.default_rng(1).uniform(3, 7, len(cells)))


def other_order(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(value=np.random.default_rng(1).permutation(cells["value"]))


@pytest.mark.parametrize(
    ("spoil", "rules"),
    [
        (lambda cells: cells, {}),
        (scaled, {"unlike_scale": 1}),
        (scaled_back, {"unlike_scale": 1}),
        (moved, {"unlike_rows": 1}),
        (one_wrong, {"unlike_value": 1}),
        (growth, {"unlike_all": 1}),
        (other_order, {"unlike_all": 1}),
        (lambda cells: cells.assign(year=2098), {"year_far": 1}),
        (lambda cells: cells.head(4).assign(value=1.0), {}),
    ],
)
@pytest.mark.parametrize("lag", [0, 1])
def test_planted_faults(spoil, rules: dict[str, int], lag: int) -> None:
    assert found(spoil(of_year(2023 - lag)), of_year(2023)) == rules


def test_a_year_of_true_data_passes_for_the_next() -> None:
    """No indicator's growth of a year looks like a wrong unit, wrong rows or another thing."""
    rules: Counter[str] = Counter()
    compared = 0
    for year in range(2017, 2024):
        both = set.intersection(
            *(set(of_year(y, indicators=CATALOGUE.province.indicators)["indicator"])
              for y in (year - 1, year))
        )  # fmt: skip
        compared += len(both)
        names = tuple(both)
        rules += Counter(
            found(of_year(year, indicators=names), of_year(year - 1, indicators=names))
        )
    assert compared > 200
    assert set(rules) <= {"unlike_value"}
    assert rules["unlike_value"] < 0.01 * compared * len(NAMES)


def test_a_year_without_shipped_values_is_held_against_the_nearest() -> None:
    below = of_year(2023)
    own = scaled(of_year(2022, told=2025))
    assert found(own, below) == {"unlike_scale": 1}
    # Tenfold growth within two years is no wrong unit.
    assert found(own.assign(value=own["value"] / 1000), below) == {}


def test_a_file_in_the_wrong_unit_is_told_with_the_factor(tmp_path) -> None:
    rows = [f"{row.code},2023,{row.value * 1e4!r}" for row in of_year(2023).itertuples()]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["代码,年份,地区生产总值（亿元）", *rows]), encoding="utf-8")
    said = [item for item in take_in(path).ledger.findings if item.rule == "unlike_scale"]
    assert [dict(item.params)["factor"] for item in said] == ["10,000"]


def test_two_exchanged_units_are_told_where_the_others_are_the_same() -> None:
    assert found(exchanged(of_year(2023)), of_year(2023)) == {"unlike_value": 2}


def test_an_error_in_a_row_hides_no_sign_of_bad_data_in_the_others(tmp_path):
    cells = of_year(2023)
    rows = [
        f"{code},{value * 1e4:.0f}"
        for code, value in zip(cells["code"], cells["value"], strict=True)
    ]
    path = tmp_path / "a.csv"
    head = "代码,2023年地区生产总值（亿元）"
    path.write_text("\n".join([head, *rows[:-2], "999999,5", "640000,abc"]), encoding="utf-8")
    taken = take_in(path)
    rules = {finding.rule for finding in taken.ledger.findings}
    assert rules == {"code_unknown", "not_a_number", "unlike_scale"}
    assert taken.table.cells.empty


def test_a_column_with_an_error_is_not_judged_further(tmp_path):
    cells = of_year(2023)
    rows = [
        f"{code},{value:.1f}" for code, value in zip(cells["code"], cells["value"], strict=True)
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["代码,2023年地区生产总值（公里）", *rows]), encoding="utf-8")
    assert {finding.rule for finding in take_in(path).ledger.findings} == {"unit_differs"}

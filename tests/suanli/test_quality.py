"""Signs that data are not what they seem: each planted one is found, none where there is none."""

import numpy as np
import pandas as pd
import pytest

from suanli.intake import IndicatorTable
from suanli.intake.findings import Ledger
from suanli.intake.quality import Inspection

YEARS = tuple(range(2016, 2024))
CODES = [f"{n}0000" for n in range(11, 42)]


def clean() -> pd.DataFrame:
    """Thirty-one units that grow unevenly, five to fifteen per cent a year."""
    rng = np.random.default_rng(5)
    start = np.exp(rng.normal(8, 0.7, len(CODES)))
    growth = np.exp(np.cumsum(rng.normal(0.08, 0.02, (len(CODES), len(YEARS))), axis=1))
    return pd.DataFrame(np.round(start[:, None] * growth, 1), index=CODES, columns=list(YEARS))


def found(panel: pd.DataFrame) -> dict[str, int]:
    """Count what an inspection finds in one indicator."""
    cells = panel.rename_axis("code").reset_index().melt("code", var_name="year").dropna()
    cells = cells.assign(indicator="gdp", unit="亿元", quality="user", source="a.csv")
    names = pd.Series(CODES, index=CODES)
    ledger = Ledger()
    Inspection(table=IndicatorTable(cells=cells), names=names, file="a.csv", ledger=ledger).run()
    counts: dict[str, int] = {}
    for finding in ledger.findings:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    return counts


def test_nothing_is_found_in_clean_data() -> None:
    assert found(clean()) == {}


def interpolated(panel: pd.DataFrame) -> None:
    first, last = panel.loc[CODES[4], [2018, 2022]]
    panel.loc[CODES[4], [2018, 2019, 2020, 2021, 2022]] = np.linspace(first, last, 5).round(1)


def midway(panel: pd.DataFrame) -> None:
    panel.loc[CODES[3:25], 2020] = panel.loc[CODES[3:25], [2019, 2021]].mean(axis=1).round(1)


def flat(panel: pd.DataFrame) -> None:
    panel.loc[CODES[7], [2020, 2021, 2022]] = panel.loc[CODES[7], 2020]


def shifted(panel: pd.DataFrame) -> None:
    panel.iloc[5:20, 4] = panel.iloc[4:19, 4].to_numpy()


def jumped(panel: pd.DataFrame) -> None:
    panel.loc[CODES[3], 2021] *= 1e4


def broken(panel: pd.DataFrame) -> None:
    panel.loc[:, 2020:] *= 1.6


def clipped(panel: pd.DataFrame) -> None:
    top = panel[2019].sort_values().iloc[-4]
    panel[2019] = panel[2019].clip(upper=top)


def zeroed(panel: pd.DataFrame) -> None:
    panel.loc[CODES[9], 2018] = 0.0


def constant(panel: pd.DataFrame) -> None:
    panel[2023] = 7.0


def thin(panel: pd.DataFrame) -> None:
    panel.loc[CODES[:15], 2017] = np.nan


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (interpolated, "interpolated"),
        (midway, "interpolated"),
        (flat, "filled_flat"),
        (shifted, "rows_shifted"),
        (jumped, "unit_jump"),
        (broken, "vintage_break"),
        (clipped, "winsorised"),
        (zeroed, "zeros"),
        (constant, "constant"),
        (thin, "thin"),
    ],
)
def test_a_planted_sign_is_found(spoil, rule: str) -> None:
    panel = clean()
    spoil(panel)
    assert found(panel).get(rule, 0) >= 1, found(panel)


def test_an_outlier_is_one_by_its_logarithm() -> None:
    panel = clean()
    panel.loc[CODES[2], 2023] *= 1e3
    assert found(panel)["outlier"] == 1

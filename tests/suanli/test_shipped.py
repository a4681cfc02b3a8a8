"""Shipped tables are read at once, to the same values as by the reader of users' tables."""

import pandas as pd
import pytest

from suanli.errors import InputError
from suanli.intake import read_file
from suanli.intake.known import frame_of_text, gazetteer_of
from suanli.intake.shipped import _plainly, read_shipped
from suanli.locations import data_folder

FOLDER = data_folder() / "indicators"
KNOWN = {
    "gazetteer": gazetteer_of(data_folder()),
    "indicators": frame_of_text(FOLDER / "indicators.csv"),
}


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("provinces.csv", "province"),
        ("cities.csv", "city"),
        ("geography.csv", "province"),
        ("geography.csv", "city"),
    ],
)
def test_both_readers_agree(name: str, level: str) -> None:
    assert _plainly(FOLDER / name, level, *KNOWN.values()) is not None
    taken = read_file(FOLDER / name, level=level, **KNOWN)
    quick = read_shipped(FOLDER / name, level=level, **KNOWN)
    pd.testing.assert_frame_equal(quick.cells, taken.table.cells, check_exact=True)
    assert {finding.rule for finding in taken.ledger.findings} <= {"other_level_rows"}


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("code", "119999", "code_unknown"),
        ("year", "soon", "bad_year"),
        ("indicator", "gpd", "indicator_misspelt"),
        ("value", "abc", "not_a_number"),
        ("value", "-1", "out_of_range"),
        ("value", "1e400", "not_finite"),
        ("unit", "公里", "unit_differs"),
    ],
)
def test_a_faulty_shipped_table_is_told_as_a_users_would_be(tmp_path, column, value, rule) -> None:
    table = (
        frame_of_text(FOLDER / "provinces.csv").query("indicator == 'gdp'").reset_index(drop=True)
    )
    table.loc[3, column] = value
    path = tmp_path / "provinces.csv"
    table.to_csv(path, index=False)
    with pytest.raises(InputError) as caught:
        read_shipped(path, level="province", **KNOWN)
    (problem,) = caught.value.problems
    assert problem.code == f"findings.{rule}"
    assert problem.params["row"] in {5, 0}


def test_a_value_twice_in_a_shipped_table_is_refused(tmp_path) -> None:
    table = frame_of_text(FOLDER / "provinces.csv").query("indicator == 'gdp'").head(3)
    path = tmp_path / "provinces.csv"
    pd.concat([table, table.head(1).assign(value="1")]).to_csv(path, index=False)
    with pytest.raises(InputError, match="Delete one"):
        read_shipped(path, level="province", **KNOWN)

"""The figures of ``docs/diagnostics.md`` are those of the shipped profile."""

import re
from pathlib import Path

import pytest

from suanli.run import Request, compare_scores, diagnose_index
from suanli.text import Text

PAGE = (Path(__file__).parents[2] / "docs" / "diagnostics.md").read_text(encoding="utf-8")


def rows(first: str) -> list[list[str]]:
    """Cells of the table whose heading begins with a word."""
    lines = PAGE.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


@pytest.fixture(scope="module")
def diagnosis():
    return diagnose_index(Request(text=Text("en")))


def test_comparison_is_as_shown():
    told = compare_scores(Request(text=Text("en")), "贵州", other="云南")
    for sentence in told.sentences:
        assert f"    {sentence}\n" in PAGE
    shown = list(told.shown.values())[1]
    for cells, row in zip(rows("indicator"), shown.itertuples(index=False), strict=False):
        assert cells == [f"{v:.2f}" if isinstance(v, float) else str(v) for v in row]


def test_dimensions_are_as_shown(diagnosis):
    weights = diagnosis.tables["weights"]
    top = weights[weights["depth"] == 1]
    measured = [
        [f"{r.nominal:.1%}", f"{r.carried:.1%}", f"{r.ratio:.2f}", f"{r.r_squared:.2f}",
         f"{r.main_effect:.2f}"]
        for r in top.itertuples()
    ]  # fmt: skip
    assert [cells[1:] for cells in rows("dimension")] == measured


def test_figures_in_the_text_are_as_measured(diagnosis):
    upwards = diagnosis.tables["correlations_upwards"]
    resource = upwards[
        upwards["method"].eq("pearson")
        & upwards["id"].eq("resource")
        & upwards["ancestor"].eq("index")
    ]
    assert f"r = {resource['r'].iloc[0]:.2f}" in PAGE
    alpha = diagnosis.tables["consistency"].set_index(["node", "items"])["alpha"]
    assert f"alpha {alpha['environment', 'children']:.2f}" in PAGE
    pairs = diagnosis.tables["correlations"]
    same = pairs[
        pairs["stage"].eq("normalised") & pairs["method"].eq("pearson") & pairs["r"].gt(0.9999)
    ]
    assert len(same) == 2


def test_every_table_is_named(diagnosis):
    named = set(re.findall(r"`([a-z_]+)(?:\.\.\.)?`", PAGE))
    told = {re.sub(r"(?<=matrix_).*", "", name) for name in diagnosis.tables}
    assert told <= named

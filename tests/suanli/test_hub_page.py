"""The worked study: its page is filled by its script, and its words fit its numbers."""

import importlib.util
import re
from pathlib import Path

import pandas as pd
import pytest

from geo.statistics import fdr_adjust

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "hub-study.md").read_text(encoding="utf-8")

# Columns without chance in them: they must be what any number of redraws gives.
EXACT = {
    "bands": {"band", "cities", "mean", "against farther"},
    "decay": {"redrawn within", "rings by", "slope"},
    "neighbours": {"redrawn within", "statistic", "value"},
    "weights": {"weights", "cities in ring 1", "ring 1", "slope", "Moran", "joins", "isolates"},
    "events": {"series", "ring", "cities", "change, %", "lower", "upper"},
}


@pytest.fixture(scope="module")
def script():
    path = ROOT / "scripts" / "hub_study.py"
    spec = importlib.util.spec_from_file_location("hub_study_script", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(page, block):
    """Read the cells of a generated table, header first."""
    found = re.search(rf"<!-- begin {block} -->\n(.*?)\n<!-- end -->", page, re.DOTALL)
    lines = [line.strip("| ").split(" | ") for line in found[1].splitlines()]
    return [lines[0], *lines[2:]]


def column(block, name):
    table = rows(PAGE, block)
    place = table[0].index(name)
    return [row[place] for row in table[1:]]


def number(cell):
    return float(cell)


@pytest.mark.slow
def test_the_page_is_what_the_script_writes_but_for_chance(script):
    study = script.conducted(299)
    parts = script.blocks(study)
    again = script.filled(PAGE, parts)
    assert script.BLOCK.sub("", again) == script.BLOCK.sub("", PAGE)
    assert {name for _, name, _ in script.BLOCK.findall(PAGE)} == set(parts)
    for block, names in EXACT.items():
        ours, theirs = rows(PAGE, block), rows(again, block)
        for place, name in enumerate(ours[0]):
            mine, other = ([row[place] for row in table] for table in (ours, theirs))
            if name in names:
                assert mine == other, (block, name)
            elif name in {"p", "p (slope)", "p (Moran)", "p (joins)"}:
                apart = [
                    abs(number(a) - number(b))
                    for a, b in zip(mine[1:], other[1:], strict=True)
                    if a != "-"
                ]
                assert max(apart) < 0.2, (block, name)
    assert {figure.get_size_inches()[0] for figure in script.figures(study).values()} == {7.0}


def test_charts_of_the_page_exist_and_are_small():
    names = re.findall(r"\]\((figures/[\w-]+\.png)\)", PAGE)
    assert len(names) == 3
    for name in names:
        assert 10_000 < (ROOT / "docs" / name).stat().st_size < 400_000


def test_what_the_page_says_fits_its_tables():
    hub, *others = [number(p) for p in column("bands", "p") if p != "-"]
    assert hub < 0.05
    assert min(others) > 0.05
    assert min(number(p) for p in column("bands", "p adjusted") if p != "-") > 0.05
    # "Ring 1 and the gradient say the same under every rule."
    assert min(map(number, column("weights", "p"))) > 0.05
    assert min(map(number, column("weights", "p (slope)"))) > 0.05
    # "... come out below 0.05 under single rules; no p survives Benjamini and Hochberg."
    for name in ("p (Moran)", "p (joins)"):
        p = pd.Series([number(cell) for cell in column("weights", name)])
        assert min(p) < 0.05
        assert min(fdr_adjust(p)) > 0.05
    # "Within regions only significant under most rules ... gone but for a rule or two."
    found = re.findall(r"Of 9 rules of weights \((.*?)\).*?Moran's I under (\d)", PAGE)
    counts = {way: int(count) for way, count in found}
    assert counts["hubs redrawn within regions"] > 4
    assert counts["hubs redrawn within regions and classes of population"] in {1, 2}
    # "no yearly series moved after approval by more than chance moves it"
    assert min(map(number, column("events", "p adjusted"))) > 0.05
    assert min(map(number, column("events", "p, years before"))) > 0.05
    assert min(map(number, column("designs", "smallest p adjusted"))) > 0.05

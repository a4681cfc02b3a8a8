"""From a score back to its cells: what is listed is what was computed with."""

import json

import numpy as np
import pytest
from rich.cells import cell_len

from suanli.cli import DONE, REJECTED, main
from suanli.data import load_catalogue
from suanli.diagnostics.trace import trace_inputs, trace_nodes, trace_steps
from suanli.evaluation import evaluate
from suanli.intake import IndicatorTable
from suanli.profile import load_profile, replace_spec
from suanli.text import LANGUAGES

CATALOGUE = load_catalogue()
PROFILES = {"caict2024-province": CATALOGUE.province, "city-compute": CATALOGUE.city}


@pytest.fixture(scope="module", params=list(PROFILES))
def scored(request):
    table = PROFILES[request.param]
    return table, evaluate(table, load_profile(request.param))


def test_parts_add_up_to_the_score_they_are_put_together_to(scored) -> None:
    _, scores = scored
    for code in scores.index.dropna().index[::9]:
        nodes = trace_nodes(scores, str(code)).groupby("node")
        whole = nodes["score"].first()
        sums = nodes["product"].sum()[whole.notna()]
        assert np.allclose(sums, whole.dropna(), rtol=0, atol=1e-12)
        assert np.allclose(nodes["weight"].sum()[whole.notna()], 1, rtol=0, atol=1e-12)


def test_cells_are_those_of_the_table(scored) -> None:
    table, scores = scored
    code = str(scores.index.idxmax())
    cells = table.cells.set_index(["code", "year", "indicator"])
    listed = trace_inputs(scores, table, code)
    assert set(listed["input"]) == set(scores.spec.inputs())
    for row in listed.dropna(subset="value").itertuples():
        cell = cells.loc[(code, row.year, row.input)]
        assert (row.value, row.unit, row.source) == (cell["value"], cell["unit"], cell["source"])
    steps = trace_steps(scores, code).set_index("indicator")
    plain = steps[steps["expression"] == ""]
    first = listed.set_index("indicator")["value"]
    assert plain["derived"].equals(first[plain.index].rename("derived"))


def test_years_looked_back_to_are_listed() -> None:
    table = PROFILES["caict2024-province"]
    spec = load_profile("caict2024-province")
    first, *rest = spec.indicator
    grown = first.model_copy(update={"value": "growth(gdp, 5) + twice", "denominator": ""})
    document = spec.model_dump()
    changed = replace_spec(
        spec,
        indicator=[grown.model_dump(), *(item.model_dump() for item in rest)],
        variable=[
            *document["variable"],
            {"id": "twice", "unit": "1", "value": "0 * lag(population, 2)"},
        ],
    )
    listed = trace_inputs(evaluate(table, changed), table, "330000")
    mine = listed[listed["indicator"] == first.id]
    assert sorted(zip(mine["input"], mine["year"], strict=True)) == [
        ("gdp", 2018), ("gdp", 2023), ("population", 2021),
    ]  # fmt: skip


def test_a_missing_cell_is_listed_as_missing() -> None:
    table = PROFILES["caict2024-province"]
    cells = table.cells
    gone = (cells["code"] == "330000") & (cells["indicator"] == "web_pages")
    less = IndicatorTable(cells=cells[~gone])
    scores = evaluate(less, load_profile("caict2024-province"))
    listed = trace_inputs(scores, less, "330000")
    pages = listed[listed["input"] == "web_pages"]
    assert len(pages)
    assert pages["value"].isna().all()
    assert set(pages["source"]) == {""}


@pytest.fixture
def call(capsys):
    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return run


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_chain_is_printed_within_the_screen(call, lang) -> None:
    code, out, err = call("explain", "张家口市", "--profile", "city-compute", "--lang", lang)
    assert (code, err) == (DONE, "")
    tables = out.split("S21")[0]
    assert max(map(cell_len, tables.splitlines())) <= 80
    assert "72.65" in out
    # Sources are told by their titles.
    assert "WorldClim 1.4" in out


def test_one_indicator_and_its_way_up(call) -> None:
    name = "第三产业增加值"
    code, out, _ = call(
        "explain", "张家口市", "--profile", "city-compute", "--indicator", name, "--json"
    )
    record = json.loads(out)
    assert code == DONE
    assert [row["input"] for row in record["trace_inputs"]] == ["tertiary_value_added"]
    assert [row["child"] for row in record["trace_nodes"]] == ["demand", "tertiary_value_added"]
    code, out, err = call("explain", "张家口市", "--profile", "city-compute", "--indicator", "x")
    assert (code, out) == (REJECTED, "")
    assert "“x”" in err


def test_a_value_of_ones_own_names_its_file(call, tmp_path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("地区,2023年第三产业增加值（亿元）\n张家口市,2000\n", encoding="utf-8")
    out = call("explain", "张家口市", "--profile", "city-compute", "--data", mine, "--json")[1]
    first = json.loads(out)["trace_inputs"][0]
    assert (first["value"], first["source"], first["quality"]) == (2000.0, "mine.csv", "user")

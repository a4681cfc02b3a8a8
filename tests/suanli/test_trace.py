"""From a score back to its cells: what is listed is what was computed with."""

import json
import re

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
    tables = out.split("72.65 分" if lang == "zh" else "72.65 points")[0]
    assert max(map(cell_len, tables.splitlines())) <= 80
    if lang == "en":
        assert not re.search(r"[\u4e00-\u9fff]", tables)
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
    # The means are arithmetic: rows are missing, and nothing else is said.
    (told,) = [sentence for sentence in record["sentences"] if "各行之和" in sentence]
    assert "只列出" in told
    assert "不是算术平均" not in told
    code, out, err = call("explain", "张家口市", "--profile", "city-compute", "--indicator", "x")
    assert (code, out) == (REJECTED, "")
    assert "“x”" in err


def test_means_that_are_not_arithmetic_are_named_so(call, tmp_path) -> None:
    from importlib.resources import files

    source = files("suanli") / "profiles" / "caict2024-province.toml"
    profile = tmp_path / "geometric.toml"
    changed = source.read_text(encoding="utf-8").replace('"arithmetic"', '"geometric"')
    changed = changed.replace("[method]", "[method]\nlower = 1.0", 1)
    profile.write_text(changed, encoding="utf-8")
    out = call("explain", "贵州", "--profile", profile, "--lang", "en", "--json")[1]
    told = [each for each in json.loads(out)["sentences"] if "do not add up" in each]
    assert len(told) == 1
    assert "not arithmetic" in told[0]


@pytest.mark.parametrize(("lang", "unit"), [("zh", "个/万人"), ("en", "per 10,000 people")])
def test_a_filled_value_tells_its_donor(call, lang, unit) -> None:
    given = ("explain", "北京", "--indicator", "base_stations_5g_per_10k", "--lang", lang)
    record = json.loads(call(*given, "--json")[1])
    own, donor = record["trace_inputs"]
    assert (own["year"], own["value"], own["filled_by"]) == (2023, None, "")
    assert (donor["year"], donor["source"], donor["filled_by"]) == (2022, "S01", "nearest_year")
    (step,) = record["trace_steps"]
    assert step["imputed"] == donor["value"]
    (told,) = [sentence for sentence in record["sentences"] if "2023" in sentence]
    assert "2022" in told
    assert f"34.7985 {unit}" in told
    out = call(*given)[1]
    assert "2022*" in out
    assert "S01" in out


def test_points_can_be_computed_from_what_is_printed(call) -> None:
    """By hand: the logarithm where it is named, then the place between worst and best."""
    out = call("explain", "张家口市", "--lang", "en")[1]
    first, second = (
        out.split(f"from {title}\n")[1].split("\n\n")[0]
        for title in ("data to points", "values to points")
    )
    values = re.findall(r"  +(-?[\d.,]+)(?: .*)?  +\d+\.\d\d +\d+/\d+ ", first)
    pattern = r"  +(log|–)  +(\S+)  +(\S+)  +(\S+)  +(\d+\.\d\d)$"
    rows = re.findall(pattern, second, flags=re.MULTILINE)
    assert len(rows) == len(values) == 10
    assert {done for done, *_ in rows} == {"log", "–"}
    for value, (done, *rest) in zip(values, rows, strict=True):
        raw, treated, worst, best, points = (
            float(each.replace(",", "")) for each in (value, *rest)
        )
        assert (np.log(raw) if done == "log" else raw) == pytest.approx(treated, rel=1e-5)
        assert 100 * (treated - worst) / (best - worst) == pytest.approx(points, abs=0.006)


def test_ends_of_the_scale_are_those_of_the_column(scored) -> None:
    _, scores = scored
    code = str(scores.index.idxmax())
    for row in trace_steps(scores, code).to_dict("records"):
        column = scores.stages["treated"][row["indicator"]]
        assert (row["low"], row["high"]) == (column.min(), column.max())
        share = (row["treated"] - row["low"]) / (row["high"] - row["low"])
        share = share if row["direction"] == "up" else 1 - share
        assert 100 * share == pytest.approx(row["normalised"], nan_ok=True)


def test_a_value_of_ones_own_names_its_file(call, tmp_path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("地区,2023年第三产业增加值（亿元）\n张家口市,2000\n", encoding="utf-8")
    out = call("explain", "张家口市", "--profile", "city-compute", "--data", mine, "--json")[1]
    first = json.loads(out)["trace_inputs"][0]
    assert (first["value"], first["source"], first["quality"]) == (2000.0, "mine.csv", "user")

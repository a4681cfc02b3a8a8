"""Derived quantities: variables, denominators, years back, and what can go wrong."""

import numpy as np
import pandas as pd
import pytest

from suanli.errors import InputError
from suanli.evaluation import evaluate
from suanli.evaluation.derive import derive
from suanli.expression import FUNCTIONS, ExpressionError, parse_expression
from suanli.intake.table import ANY_YEAR, IndicatorTable
from suanli.profile import IndexSpec, parse_profile, replace_spec
from suanli.text import LANGUAGES, Text

CODES = list("abc")


def profile(*variables: dict[str, str], **changes: object) -> IndexSpec:
    """One indicator, x, whose fields are the changes."""
    text = (
        'id = "small"\nlevel = "province"\nyear = 2023\n'
        'title = { zh = "小", en = "small" }\nnote = { zh = "试", en = "test" }\n'
        '[method]\nweight = "equal"\ntreat = "none"\n'
        '[[dimension]]\nid = "one"\nname = { zh = "一", en = "one" }\n'
        '[[indicator]]\nid = "x"\nparent = "one"\nname = { zh = "标", en = "x" }\nunit = "1"\n'
        'direction = "up"\nstatus = "derived"\nsource = "S"\nreason = "r"\n'
    )
    spec = parse_profile(text.encode(), file="small.toml")
    items = [spec.indicator[0].model_dump() | changes]
    return replace_spec(spec, indicator=items, variable=[{"unit": "1", **v} for v in variables])


def table(values: dict[tuple[str, int], list[float]]) -> IndicatorTable:
    rows = [
        {"code": code, "year": year, "indicator": name, "value": value}
        for (name, year), column in values.items()
        for code, value in zip(CODES, column, strict=True)
        if not np.isnan(value)
    ]
    return IndicatorTable(cells=pd.DataFrame(rows).assign(unit="1", quality="A", source="S"))


DATA = table(
    {
        ("gdp", 2020): [1.0, 2.0, 4.0],
        ("gdp", 2022): [2.0, 4.0, 8.0],
        ("gdp", 2023): [3.0, 6.0, 16.0],
        ("area", ANY_YEAR): [10.0, 20.0, 40.0],
        ("loss", 2022): [-1.0, 0.0, 2.0],
        ("loss", 2023): [1.0, 1.0, 3.0],
    }
)


def derived(spec: IndexSpec, year: int = 2023) -> list[float]:
    return derive(DATA, spec, years=[year])["x"].to_list()


def refused(spec: IndexSpec, data: IndicatorTable = DATA) -> list[tuple[str, dict[str, object]]]:
    with pytest.raises(InputError) as caught:
        derive(data, spec, years=[2023])
    for problem in caught.value.problems:
        said = {Text(lang)(problem.code, **problem.params) for lang in LANGUAGES}
        assert len(said) == len(LANGUAGES)
        assert not any("{" in sentence for sentence in said)
    return [(p.code, dict(p.params)) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gdp / area", [0.3, 0.3, 0.4]),
        ("lag(gdp, 1)", [2, 4, 8]),
        ("gdp - lag(gdp, 3)", [2, 4, 12]),
        ("growth(gdp, 1)", [0.5, 0.5, 1.0]),
        ("growth(gdp / area, 3)", [2.0, 2.0, 3.0]),
        ("lag(lag(gdp, 1), 2)", [1, 2, 4]),
        ("lag(gdp, 2)", [np.nan] * 3),
        ("lag(area, 50)", [10, 20, 40]),
        ("growth(area, 5)", [0, 0, 0]),
        ("min(gdp, 5)", [3, 5, 5]),
        ("max(gdp, area / 4)", [3, 6, 16]),
        ("lag(log(gdp), 1) - log(lag(gdp, 1))", [0, 0, 0]),
        ("-abs(2 - gdp)", [-1, -4, -14]),
    ],
)
def test_expressions_by_hand(text: str, expected: list[float]) -> None:
    np.testing.assert_allclose(derived(profile(value=text)), expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("lag(gdp)", "arguments"),
        ("lag(gdp, 0)", "arguments"),
        ("lag(gdp, -1)", "arguments"),
        ("lag(gdp, 1.0)", "arguments"),
        ("lag(gdp, True)", "arguments"),
        ("lag(gdp, n)", "arguments"),
        ("lag(gdp, 51)", "arguments"),
        ("growth(gdp, 1, 2)", "arguments"),
        ("growth(gdp, n=1)", "forbidden"),
        ("min(gdp)", "arguments"),
        ("log(gdp, 2)", "arguments"),
        ("lead(gdp, 1)", "function"),
        ("gdp * 1e999", "forbidden"),
    ],
)
def test_functions_are_written_in_one_way(text: str, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert caught.value.reason == reason
    if reason == "arguments":
        assert caught.value.detail in FUNCTIONS.values()


def test_variables_may_use_each_other_in_any_order() -> None:
    spec = profile(
        {"id": "rich", "value": "dense * 100"},
        {"id": "dense", "value": "gdp / area"},
        value="rich - lag(rich, 1)",
    )
    np.testing.assert_allclose(derived(spec), [10.0, 10.0, 20.0])
    assert spec.inputs() == ("area", "gdp")
    observed = evaluate(DATA, spec).stages["observed"]
    assert observed.columns.to_list() == ["area", "gdp"]


def test_a_denominator_divides() -> None:
    plain = profile(value="gdp - 1", denominator="area + 10")
    assert derived(plain) == derived(profile(value="(gdp - 1) / (area + 10)"))


def test_the_value_before_a_denominator_may_be_the_indicator_itself() -> None:
    spec = profile(denominator="area")
    with pytest.raises(InputError, match="unknown_name"):
        derive(DATA, spec, years=[2023])
    data = table({("x", 2023): [5.0, 5.0, 4.0], ("area", ANY_YEAR): [10.0, 20.0, 40.0]})
    assert derive(data, spec, years=[2023])["x"].to_list() == [0.5, 0.25, 0.1]


@pytest.mark.parametrize(
    ("text", "code", "units"),
    [
        ("gdp / (area - 20)", "division_by_zero", "b"),
        ("1 / (1 / (area - 20)) + gdp", "division_by_zero", "b"),
        ("growth(loss, 1)", "growth_base", "a, b"),
        ("log(lag(loss, 1)) + gdp", "undefined", "a, b"),
        ("sqrt(10 - gdp)", "undefined", "c"),
    ],
)
def test_what_cannot_be_computed_names_the_units(text: str, code: str, units: str) -> None:
    ((got, params),) = refused(profile(value=text))
    assert got == f"evaluation.{code}"
    both = {"zh": units, "en": units}
    assert params == {"id": "x", "text": text, "year": 2023, "units": both}


def test_a_fault_of_a_variable_is_told_once_and_under_its_name() -> None:
    spec = profile({"id": "v", "value": "gdp / (area - 10)"}, value="v + 2 * v")
    ((code, params),) = refused(spec)
    assert (code, params["id"]) == ("evaluation.division_by_zero", "v")
    assert params["units"] == {"zh": "a", "en": "a"}


def test_a_missing_value_is_no_fault() -> None:
    data = table({("gdp", 2023): [np.nan, 2.0, 3.0], ("area", ANY_YEAR): [0.0, 2.0, 1.0]})
    got = derive(data, profile(value="gdp / area"), years=[2023])["x"]
    np.testing.assert_array_equal(got, [np.nan, 1.0, 3.0])


def test_unknown_names_get_the_nearest_of_table_and_variables() -> None:
    spec = profile({"id": "density", "value": "gpd / area"}, value="densty")
    found = refused(spec)
    assert [(code, p["id"], p["name"]) for code, p in found] == [
        ("evaluation.unknown_name", "density", "gpd"),
        ("evaluation.unknown_name", "x", "densty"),
    ]
    assert [p["nearest"] for _, p in found] == ["gdp", "density"]


def test_unknown_names_do_not_hide_what_cannot_be_computed() -> None:
    first = profile().indicator[0].model_dump()
    values = {"x": "gpd / area", "y": "gdp / (area - 20)", "z": "log(lag(loss, 1)) + gdp"}
    items = [first | {"id": name, "value": value} for name, value in values.items()]
    found = refused(replace_spec(profile(), indicator=items))
    assert [(code, p["id"]) for code, p in found] == [
        ("evaluation.unknown_name", "x"),
        ("evaluation.division_by_zero", "y"),
        ("evaluation.undefined", "z"),
    ]


def test_a_variable_may_not_hide_an_indicator_of_the_table() -> None:
    ((code, params),) = refused(profile({"id": "gdp", "value": "area"}, value="gdp"))
    assert (code, params) == ("evaluation.variable_shadows", {"id": "gdp"})


@pytest.mark.parametrize(
    ("variables", "codes", "said"),
    [
        ([("a", "b"), ("b", "a + 1")], ["variable_circle"], "a -> b -> a"),
        ([("a", "lag(a, 1)")], ["variable_circle"], "a -> a"),
        ([("z", "a"), ("a", "b"), ("b", "c"), ("c", "a")], ["variable_circle"], "a -> b -> c -> a"),
        ([("a", "gdp"), ("a", "area")], ["duplicate"], "'a'"),
        ([("x", "gdp")], ["duplicate"], "'x'"),
        ([("a", "gdp +")], ["expression_syntax"], "gdp +"),
        ([("a", "lag(gdp, 0)")], ["expression_arguments"], "lag(x, n)"),
    ],
)
def test_broken_variables_are_explained(
    variables: list[tuple[str, str]], codes: list[str], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        profile(*({"id": name, "value": value} for name, value in variables), value="gdp")
    assert [p.code for p in caught.value.problems] == [f"profile.{code}" for code in codes]
    (problem,) = caught.value.problems
    assert said in Text("en")(problem.code, **problem.params)
    assert Text("zh")(problem.code, **problem.params)


@pytest.mark.parametrize(
    ("value", "denominator", "code"),
    [
        ("gdp) + (area", "gdp", "syntax"),
        ("gdp", "area) + (gdp", "syntax"),
        ("gdp + " * 70 + "gdp", "area + " * 60 + "area", "length"),
    ],
)
def test_value_and_denominator_stand_apart(value: str, denominator: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        profile(value=value, denominator=denominator)
    assert [p.code for p in caught.value.problems] == [f"profile.expression_{code}"]


def test_spreading_a_table_prefers_the_year_and_falls_back_on_every_year() -> None:
    rows = pd.DataFrame(
        {
            "code": ["b", "a", "a", "b"],
            "year": [ANY_YEAR, ANY_YEAR, 2023, 2023],
            "indicator": "i",
            "value": [1.0, 2.0, 3.0, np.nan],
            "unit": "1",
            "quality": ["A", "B", "C", "M"],
            "source": "S",
        }
    )
    data = IndicatorTable(cells=rows)
    assert data.wide(2023)["i"].to_dict() == {"a": 3.0, "b": 1.0}
    assert data.wide(1999)["i"].to_dict() == {"a": 2.0, "b": 1.0}
    assert data.wide(ANY_YEAR)["i"].to_dict() == {"a": 2.0, "b": 1.0}
    assert data.quality(2023)["i"].to_dict() == {"a": "C", "b": "M"}
    mine = data.wide(2023)
    mine.loc["a", "i"] = 9.0
    assert data.wide(2023).loc["a", "i"] == 3.0
    assert data.years == (2023,)

"""Formulas of the workbook against the evaluation, method by method, in LibreOffice.

One file holds a sheet for every profile; it is recalculated once from cached values that were
all set to 0 before, so that what comes back was computed there.
"""

import re
import warnings
from itertools import cycle
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest
import python_calamine

from suanli.evaluation import evaluate
from suanli.evaluation.aggregate import METHODS as AGGREGATE
from suanli.evaluation.scales import METHODS as SCALE
from suanli.expression import FUNCTIONS, parse_expression
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, replace_spec
from suanli.publish.spreadsheets import opened_book
from suanli.text import Text
from suanli.workbook.aggregating import AGGREGATIONS
from suanli.workbook.chain import plan_chain
from suanli.workbook.chain_sheet import write_chain
from suanli.workbook.derived import formula_of, leaves_of
from suanli.workbook.grid import TOP, number, quoted
from suanli.workbook.layout import Links
from suanli.workbook.limits import Limit, positive
from suanli.workbook.looks import Formats
from suanli.workbook.making import Making
from suanli.workbook.scaling import SCALES

CODES = [f"{place:02d}0000" for place in range(11, 41)]
WEIGHTS = {"a": 0.5, "b": 0.4, "a1": 0.6, "a2": 0.4, "b1": 0.7, "b2": 0.3, "flat": 0.1}


def names(word):
    return {"zh": word, "en": word}


def indicator(name, parent, **more):
    return {
        "id": name, "parent": parent, "name": names(name.upper()), "unit": "1",
        "direction": "up", "status": "assumed", "source": "S", "reason": "r",
        "weight": WEIGHTS[name], "goalposts": (2.0, 40.0), "goal": 45.0,
    } | more  # fmt: skip


BASE = IndexSpec.model_validate(
    {
        "id": "made", "title": names("Made"), "note": names("Note"),
        "level": "province", "year": 2023,
        "method": {"weight": "given", "treat": "none", "impute": [], "coverage": 0.6},
        # Three levels; the index holds nodes and an indicator side by side.
        "dimension": [
            {"id": name, "name": names(name), "weight": WEIGHTS[name]} for name in ("a", "b")
        ],
        "variable": [{"id": "half", "value": "x / 2", "unit": "1"}],
        "indicator": [
            indicator("a1", "a", value="half * 2 + 0.1"),
            indicator("a2", "a", value="y", direction="down", goalposts=(1.0, 30.0), goal=0.5),
            indicator("b1", "b", value="max(x, y) - lag(z, 1) / (y - -1) * 0.001"),
            indicator("b2", "b", value="sqrt(z) + growth(z, 1)", goal=90.0),
            indicator("flat", "index", value="z"),
        ],
    }
)  # fmt: skip


def made_table():
    rng = np.random.default_rng(7)
    rows = []
    for year in (2021, 2022, 2023):
        for name, scale in (("x", 30.0), ("y", 20.0), ("z", 50.0)):
            values = rng.lognormal(0.0, 0.7, len(CODES)).round(3) * scale + 0.5
            # Ties, outliers, and gaps in the year evaluated.
            values[3] = values[4]
            if name == "x":
                values[[5, 6]] = scale * 400
            for place, (code, value) in enumerate(zip(CODES, values, strict=True)):
                gap = year == 2023 and (place, name) in {(0, "x"), (7, "y"), (9, "x"), (9, "y")}
                if not gap:
                    rows.append((code, year, name, value, "1", "A", "S"))
    columns = ["code", "year", "indicator", "value", "unit", "quality", "source"]
    return IndicatorTable(cells=pd.DataFrame(rows, columns=columns))


TABLE = made_table()
GROUPS = pd.Series(["p", "q"] * 15, index=CODES)
ARITHMETIC = {
    scale: {"normalise": scale, "reference": CODES[5]} for scale in SCALE if scale != "dist2ref"
}
POSITIVE = {"lower": 1.0}
CASES = {
    **ARITHMETIC,
    "dist2ref": {"normalise": "dist2ref", "reference": "best"},
    "capped": {"normalise": "dist2target", "cap": True},
    **{f"by-{name}": {"aggregate": name, **POSITIVE} for name in AGGREGATE},
    "by-ampi": {"aggregate": "ampi", "normalise": "ampi"},
    "power-0": {"aggregate": "power", "power": 0.0, **POSITIVE},
    "power-2": {"aggregate": "power", "power": 2.0},
    "ampi-plus": {"aggregate": "ampi", "penalty": "plus", "normalise": "ampi"},
    "average": {"ties": "average", "normalise": "rank"},
    "dense": {"ties": "dense", "normalise": "borda"},
    "dense-down": {"ties": "dense", "normalise": "percentile_rank"},
    "drop": {"screen": "drop", "coverage": 0.7},
    "none": {"screen": "none", "coverage": 0.9},
    "filled": {"impute": ["nearest_year"]},
    "filled-by-group": {"impute": ["group_median"]},
    "drop-and-fill": {"screen": "drop", "impute": ["latest"]},
    "winsorise": {"treat": "winsorise"},
    "coinr": {"treat": "coinr", "winsorise_points": 1},
    "boxcox": {"treat": "boxcox", "winsorise_points": 1},
    "panel": {"scope": "panel", "panel": (2022, 2023), "treat": "coinr", "winsorise_points": 1},
    "panel-posts": {"scope": "panel", "panel": (2022, 2023), "normalise": "goalposts"},
    "panel-topsis": {"scope": "panel", "panel": (2022, 2023), "aggregate": "topsis"},
    "equal": {"weight": "equal"},
    "entropy": {"weight": "entropy"},
}


def spec_of(case):
    """Return the profile of a case; some need a profile that suits them."""
    method = dict(CASES[case])
    spec = BASE
    items = {item.id: item.model_dump() for item in spec.indicator}
    if method.get("reference") == "best":
        # A reference has to be better than the worst in everything.
        method["reference"] = CODES[5]
        items["a2"]["direction"] = "up"
    if case in ("fracmax_coinr", "scaled_coinr", "fracmax", "sum"):
        items["b2"]["direction"] = "down"
    if case in ("filled", "winsorise"):
        items["a1"]["transform"] = "log"
        items["flat"] |= {"direction": "target", "target": (20.0, 60.0)}
    if case == "winsorise":
        items["a1"]["treat"] = "winsorise"
    changed = spec.model_copy(
        update={
            "indicator": tuple(type(spec.indicator[0]).model_validate(i) for i in items.values())
        }
    )
    return replace_spec(changed, method=method)


LIMITS = {"x@2023": Limit(low=0.0, high=1e6, strict=True), "y@2023": Limit(low=0.0)}
# What nobody may type, each in turn: the evaluation refuses it too.
WRONG = (("x", "many"), ("x", 0), ("x", 2e6), ("y", -1), ("z", "12"), ("z", "=1/0"))


@pytest.fixture(scope="module")
def planned():
    """Every case evaluated and planned."""
    found = {}
    for case in CASES:
        spec = spec_of(case)
        scores = evaluate(TABLE, spec, groups=GROUPS)
        weights = scores.weights["local"]
        links = Links(
            weights={name: number(weights[name]) for name in weights.index},
            options={
                name: number(getattr(spec.method, name))
                for name in ("coverage", "lower", "upper", "centre", "spread", "power")
            },
        )
        found[case] = plan_chain(scores, TABLE, codes=CODES, links=links, names={}, limits=LIMITS)
    return found


@pytest.fixture(scope="module")
def written(planned, tmp_path_factory):
    """A file with a sheet for every case."""
    folder = tmp_path_factory.mktemp("formulas")
    text = Text("en")
    with opened_book(folder / "cases.xlsx", "cases", text) as book:
        sheets = {case: book.add_worksheet(case) for case in planned}
        making = Making(
            edition=SimpleNamespace(text=text),
            book=book,
            formats=Formats(book),
            names={"readme": "by-ampi"},
            sheets=sheets,
        )
        for case, chain in planned.items():
            write_chain(making, case, chain, names=pd.Series(dtype=str), qualities={})
    return folder / "cases.xlsx"


@pytest.fixture(scope="module")
def computed(planned, written, recalculated):
    """Rows of every case as LibreOffice computes them."""
    _, after = recalculated(written)
    read = python_calamine.CalamineWorkbook.from_path(str(after))
    return {case: read.get_sheet_by_name(case).to_python(skip_empty_area=False) for case in planned}


def column_of(rows, place):
    cells = [row[place] for row in rows[TOP - 1 : TOP - 1 + len(CODES)]]
    return [None if cell == "" else float(cell) for cell in cells]


def ranked_as(found, ranks, scores, ties):
    """Expected ranks; as found where scores are equal but for rounding, which either may break.

    Under the dense rule a tie that is broken moves all behind it.
    """
    known = np.array([score for score in scores if score is not None])
    near = [s is not None and (np.abs(known - s) < 1e-9).sum() > 1 for s in scores]
    if ties == "dense" and any(near):
        return found
    return [a if tied else b for a, b, tied in zip(found, ranks, near, strict=True)]


@pytest.mark.parametrize("case", CASES)
def test_formulas_give_what_the_evaluation_gives(computed, planned, case):
    chain = planned[case]
    live = 0
    for place, column in enumerate(chain.columns, start=2):
        found = column_of(computed[case], place)
        assert [x is None for x in found] == [x is None for x in column.values], column.key
        pairs = zip(found, column.values, strict=True)
        worst = max((abs(a - b) / max(1.0, abs(b)) for a, b in pairs if a is not None), default=0)
        assert worst < 1e-9 or column.block == "rank", (column.block, column.key, worst)
        if column.block == "rank":
            scores = chain.of("score", column.key).values
            assert found == ranked_as(found, column.values, scores, chain.scores.spec.method.ties)
        live += column.formula is not None
    assert live > 0


def opened(path, **options):
    with warnings.catch_warnings():
        # openpyxl does not know data bars of Excel 2010.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path, **options)


@pytest.fixture(scope="module")
def spoilt(planned, written, recalculated, tmp_path_factory):
    """The same with one wrong raw value each, computed anew."""
    book = opened(written)
    for (case, chain), (name, value) in zip(planned.items(), cycle(WRONG), strict=False):
        book[case][chain.of("raw", f"{name}@2023").span.at(BAD)] = value
    path = tmp_path_factory.mktemp("spoilt") / "wrong.xlsx"
    book.save(path)
    return opened(recalculated(path)[1], data_only=True)


BAD = TOP + 20


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_value_leaves_no_rank_to_be_believed(planned, spoilt, case):
    chain = planned[case]
    if any(c.formula is None and c.block != "raw" for c in chain.columns):
        pytest.skip("holds numbers that follow no change")
    score, rank = (chain.of(block, "index") for block in ("score", "rank"))
    assert str(spoilt[case][score.span.at(BAD)].value).startswith("#")
    for row, before in enumerate(rank.values, start=TOP):
        found = spoilt[case][rank.span.at(row)].value
        assert str(found).startswith("#") or (before is None and not found), (row, found)


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_repeated_is_named(planned, case):
    chain = planned[case]
    still = {c.block for c in chain.columns if c.formula is None} - {"raw"}
    expected = {
        "by-copeland": {"aggregated"}, "by-bod": {"aggregated"}, "boxcox": {"step"},
        "panel": {"normalised", "step"}, "panel-topsis": {"normalised", "aggregated"},
    }  # fmt: skip
    assert still == expected.get(case, set())
    assert bool(chain.fixed) == bool(still)


def test_cases_reach_what_they_are_for(planned):
    steps = {c.key for c in planned["winsorise"].in_block("step")}
    assert {"a1:log", "flat:distance", "b1:treat"} <= steps
    assert any(c.key == "a1:treat" for c in planned["coinr"].in_block("step"))
    filled = planned["filled"].of("step", "a1:fill")
    assert filled.looks.count("imputed") == 2
    assert any(v is None for v in planned["drop"].of("normalised", "flat").values)
    assert not any(v is None for v in planned["none"].of("score", "index").values)
    ranks = planned["average"].of("normalised", "a1").values
    assert any(v is not None and v % 1 for v in ranks)
    assert "lag" in FUNCTIONS


def test_every_scale_is_written_and_every_aggregation_but_two():
    assert set(SCALES) == set(SCALE)
    assert set(AGGREGATE) - set(AGGREGATIONS) == {"copeland", "bod"}


# Excel 2010, LibreOffice and WPS have them all, without prefixes or dynamic arrays.
KNOWN = {
    *("ABS", "AND", "AVERAGE", "COUNT", "EXP", "HARMEAN", "IF", "INDEX", "ISNUMBER", "LN"),
    *("MATCH", "MAX", "MIN", "NA", "NOT", "OR", "POWER", "RANK", "ROW", "SQRT", "STDEV", "SUM"),
    *("SUMIF", "SUMPRODUCT", "SUMSQ"),
}


@pytest.mark.parametrize("case", CASES)
def test_formulas_use_functions_every_office_has(planned, case):
    for column in planned[case].columns:
        heads = [column.first.formula, column.second.formula]
        rows = [column.formula(row) for row in range(TOP, TOP + 3)] if column.formula else []
        for formula in (*heads, *rows):
            bare = re.sub(r'"[^"]*"', "", formula)
            assert set(re.findall(r"([A-Z][A-Z0-9.]*)\(", bare)) <= KNOWN
            assert len(formula) < 8192


# Expressions


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("a - (b - c)", "A9-(B9-C9)"),
        ("a / b / c", "(A9/B9)/C9"),
        ("-a * -2", "(-A9)*(-2)"),
        ("-(a + b)", "(-(A9+B9))"),
        ("log(abs(a)) + min(b, 1e-7)", "LN(ABS(A9))+MIN(B9,1E-07)"),
    ],
)
def test_expressions_keep_their_brackets(text, formula):
    cell = {"a": "A9", "b": "B9", "c": "C9"}
    expression = parse_expression(text)
    needed = ",".join(cell[name] for name, _ in leaves_of(expression, 2023))
    count = len(leaves_of(expression, 2023))
    found = formula_of(expression, 2023, lambda name, year: cell[name])
    assert f'IF(COUNT({needed})={count},{formula},"")' in found


@pytest.mark.parametrize(
    ("text", "transform", "needed"),
    [
        ("a / b", "none", {"b"}),
        ("a / b", "log", {"a", "b"}),
        ("(a + b) / c", "log", {"c"}),
        ("a * lag(b, 1)", "log", {"a", "b"}),
        ("growth(a, 1)", "none", {"a-"}),
        ("log(a) - sqrt(b) / max(c, 1)", "none", {"a"}),
        ("-a", "log", set()),
        ("half / b", "log", {"x", "b"}),
    ],
)
def test_what_has_to_be_positive_is_found(text, transform, needed):
    item = indicator("a1", "a", value=text, transform=transform)
    spec = replace_spec(
        BASE, indicator=[item, indicator("b1", "b", value="1 * z")], method={"weight": "equal"}
    )
    found = {name + ("-" if year < 2023 else "") for name, year in positive(spec)}
    assert {name.rstrip("-") if "lag" in text else name for name in found} == needed


def test_lag_and_growth_ask_for_their_years():
    expression = parse_expression("growth(lag(a, 1), 2) + a")
    assert set(leaves_of(expression, 2023)) == {("a", 2022), ("a", 2020), ("a", 2023)}


def test_texts_in_formulas_cannot_leave_their_quotes():
    assert quoted('x"&HYPERLINK("http://e")&"') == '"x""&HYPERLINK(""http://e"")&"""'


@pytest.mark.parametrize("value", [0.1, -2.5, 1e-300, 123456789.123456, 1 / 3, -1e20])
def test_numbers_come_back(value):
    assert float(number(value).strip("()")) == value

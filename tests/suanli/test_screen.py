"""Screening: who takes part, who is scored, and what is said about it."""

import numpy as np
import pandas as pd
import pytest

from suanli.errors import InputError
from suanli.evaluation import Scores, evaluate, evaluate_panel
from suanli.evaluation.screen import METHODS
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, parse_profile, replace_spec
from suanli.profile.method import Screening
from suanli.text import LANGUAGES, Text

CODES = list("abcde")
NAN = np.nan
# "e" has one of four indicators and the largest p of all.
VALUES = {
    "p": [1.0, 2.0, 3.0, 4.0, 99.0],
    "q": [4.0, 3.0, 2.0, 1.0, NAN],
    "r": [1.0, 5.0, 2.0, NAN, NAN],
    "s": [NAN, 1.0, 2.0, NAN, NAN],
}


def profile(screen: str, **method: object) -> IndexSpec:
    text = 'id = "small"\nlevel = "province"\nyear = 2023\n'
    text += 'title = { zh = "小", en = "small" }\nnote = { zh = "试", en = "test" }\n'
    text += '[method]\nweight = "equal"\ntreat = "none"\ncoverage = 0.5\npanel = [2022, 2023]\n'
    for name in ("one", "two"):
        text += f'[[dimension]]\nid = "{name}"\nname = {{ zh = "维", en = "{name}" }}\n'
    for name, parent in zip("pqrs", ("one", "one", "two", "two"), strict=True):
        text += f'[[indicator]]\nid = "{name}"\nparent = "{parent}"\n'
        text += f'name = {{ zh = "标", en = "{name}" }}\nunit = "1"\ndirection = "up"\n'
        text += 'status = "reported"\nsource = "S"\nreason = "r"\n'
    spec = parse_profile(text.encode(), file="small")
    return replace_spec(spec, method={"screen": screen, **method})


def table(years: tuple[int, ...] = (2023,), values: dict[str, list[float]] = VALUES):
    rows = [
        {"code": code, "year": year, "indicator": name, "value": value}
        for year in years
        for name, column in values.items()
        for code, value in zip(CODES, column, strict=True)
        if not np.isnan(value)
    ]
    return IndicatorTable(cells=pd.DataFrame(rows).assign(unit="1", quality="A", source="S"))


def scored(screen: str, **method: object) -> Scores:
    return evaluate(table(), profile(screen, **method))


def test_choices_and_methods_are_the_same() -> None:
    assert set(Screening.__args__) == set(METHODS)


def test_withheld_units_set_goalposts_but_have_no_scores() -> None:
    scores = scored("withhold")
    assert scores.indicators.loc["e", "p"] == 100
    assert scores.nodes.loc["e"].isna().all()
    # "d" has half of everything, but nothing of dimension two.
    assert np.isnan(scores.nodes.loc["d", "two"])
    assert scores.nodes.loc["d", "index"] == scores.nodes.loc["d", "one"]


def test_dropped_units_set_no_goalposts_and_stay_in_the_results() -> None:
    scores = scored("drop")
    assert scores.stages["screened"].index.to_list() == list("abcd")
    assert scores.indicators.loc["d", "p"] == 100
    for frame in (scores.nodes, scores.ranks, scores.indicators, scores.stages["imputed"]):
        assert frame.index.to_list() == CODES
        assert frame.loc["e"].isna().all()
    assert (scores.imputed.loc["e"] == "").all()
    assert scores.stages["derived"].loc["e", "p"] == 99
    assert scores.coverage["e"] == 0.25
    # The others are scored as if "e" had never been there.
    cells = table().cells
    alone = evaluate(IndicatorTable(cells=cells[cells["code"] != "e"]), profile("withhold"))
    pd.testing.assert_frame_equal(scores.nodes.drop(index="e"), alone.nodes)


def test_unscreened_units_are_all_scored() -> None:
    scores = scored("none")
    assert scores.index.notna().all()
    assert scores.ranks.loc["e", "index"] == 1
    assert scores.nodes["one"].notna().all()


@pytest.mark.parametrize(
    ("screen", "of_e", "of_d"),
    [
        ("withhold", "withheld", "withheld"),
        ("drop", "dropped", "withheld"),
        ("none", "flagged", "flagged"),
    ],
)
def test_what_failed_is_listed(screen: str, of_e: str, of_d: str) -> None:
    scores = scored(screen)
    listed = scores.screening.set_index(["kind", "id", "node"])
    assert listed["consequence"].to_dict() == {
        ("unit", "e", "index"): of_e,
        ("unit", "d", "two"): of_d,
        ("unit", "e", "two"): of_e,
        ("indicator", "s", ""): "flagged",
    }
    assert listed.loc[("indicator", "s", ""), "coverage"] == 0.4
    assert scores.indicator_coverage.to_dict() == {"p": 1.0, "q": 0.8, "r": 0.6, "s": 0.4}


def test_dropping_everybody_is_refused() -> None:
    thin = {**VALUES, "r": [NAN, 1.0, 2.0, 3.0, 4.0], "s": [1.0, NAN, NAN, NAN, NAN]}
    with pytest.raises(InputError) as caught:
        evaluate(table(values=thin), profile("drop", coverage=0.95))
    (problem,) = caught.value.problems
    assert problem.code == "evaluation.nobody_left"
    assert len({Text(lang)(problem.code, **problem.params) for lang in LANGUAGES}) == 2


def test_a_unit_is_dropped_only_in_the_years_it_lacks_data() -> None:
    full = {name: [1.0, 2.0, 3.0, 4.0, 9.0] for name in VALUES}
    cells = pd.concat([table((2022,), full).cells, table((2023,)).cells])
    panel = evaluate_panel(
        IndicatorTable(cells=cells), profile("drop", impute=("group_mean",)), groups=groups()
    )
    assert panel[2022].index.notna().all()
    assert np.isnan(panel[2023].index["e"])
    assert panel[2023].nodes.index.to_list() == CODES


def test_dropped_units_lend_nothing_to_their_group() -> None:
    method = {"impute": ("group_mean",)}
    dropped = evaluate(table(), profile("drop", **method), groups=groups())
    assert dropped.stages["imputed"].loc["d", "r"] == pytest.approx((1 + 5 + 2) / 3)
    assert dropped.imputed.loc["d", "r"] == "group_mean"


def groups() -> pd.Series:
    return pd.Series("all", index=CODES)

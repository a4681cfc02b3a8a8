"""Every stage against COINr 1.1.14 (R) on its packaged data of 51 countries.

The reference files are not part of the repository: the tests look for them in the folder the
variable ``SUANLI_REFERENCE`` names, or beside the repository, and are skipped without them.
"""

import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from suanli import evaluation
from suanli.evaluation import Scores
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, replace_spec
from suanli.profile.check import validated

BESIDE = Path(__file__).parents[3] / "shared" / "reference"
FOLDER = Path(os.environ.get("SUANLI_REFERENCE", BESIDE)) / "coinr"
YEAR = 2018
EXACT = 1e-8

pytestmark = pytest.mark.skipif(
    not (FOLDER / "asem_iMeta.csv").is_file(), reason="the reference values are not here"
)


def reference(name: str) -> pd.DataFrame:
    frame = pd.read_csv(FOLDER / f"{name}.csv").set_index("uCode").sort_index()
    return frame.rename(columns=str.lower)


def built(method: dict[str, Any]) -> IndexSpec:
    """Write COINr's metadata as a profile."""
    meta = pd.read_csv(FOLDER / "asem_iMeta.csv").assign(id=lambda m: m["iCode"].str.lower())
    inner = meta[(meta["Type"] == "Aggregate") & meta["Parent"].notna()]
    leaves = meta[meta["Type"] == "Indicator"]
    shares = meta.groupby("Parent")["Weight"].transform(lambda w: w / w.sum())

    def common(place: Any, row: Any) -> dict[str, Any]:
        name = {"zh": row.iName, "en": row.iName}
        weight = float(shares[place])
        return {"id": row.id, "parent": row.Parent.lower(), "name": name, "weight": weight}

    indicators = [
        common(place, row)
        | {
            "unit": "1" if pd.isna(row.Unit) else row.Unit,
            "direction": "up" if row.Direction > 0 else "down",
            "denominator": "" if pd.isna(row.Denominator) else row.Denominator.lower(),
            "status": "reported",
            "source": "COINr",
            "reason": "ASEM Sustainable Connectivity Portal",
        }
        for place, row in zip(leaves.index, leaves.itertuples(), strict=True)
    ]
    fields = {
        "id": "asem",
        "title": {"zh": "可持续互联互通", "en": "Sustainable connectivity"},
        "note": {"zh": "对照", "en": "Reference"},
        "level": "province",
        "year": YEAR,
        "method": {"weight": "given", "treat": "coinr", "impute": ("group_mean",), **method},
        "dimension": [
            common(place, row) for place, row in zip(inner.index, inner.itertuples(), strict=True)
        ],
        "indicator": indicators,
    }
    return validated(fields, file="asem")


@pytest.fixture(scope="module")
def data() -> IndicatorTable:
    wide = reference("asem_iData").drop(
        columns=["uname", "time", "gdp_group", "gdppc_group", "pop_group", "eurasia_group"]
    )
    cells = wide.rename_axis("code").reset_index().melt("code", var_name="indicator")
    cells = cells.dropna(subset="value").assign(year=YEAR, unit="1", quality="A", source="COINr")
    return IndicatorTable(cells=cells)


@pytest.fixture(scope="module")
def scores(data: IndicatorTable) -> Scores:
    return evaluate(data, built({}))


def evaluate(data: IndicatorTable, spec: IndexSpec) -> Scores:
    return evaluation.evaluate(data, spec, groups=reference("asem_iData")["eurasia_group"])


def worst(got: pd.DataFrame, expected: pd.DataFrame) -> float:
    """Return the largest absolute difference, all labels equal and no value missing."""
    assert sorted(got.columns) == sorted(expected.columns)
    assert sorted(got.index) == sorted(expected.index)
    assert got.notna().to_numpy().all()
    return float((got - expected.loc[got.index, got.columns]).abs().to_numpy().max())


def normalised(data: IndicatorTable, method: str, **changes: Any) -> pd.DataFrame:
    return evaluate(data, built({"normalise": method, **changes})).indicators


@pytest.mark.parametrize(
    ("stage", "name"),
    [
        ("imputed", "step_imputed"),
        ("treated", "step_treated"),
        ("normalised", "step_normalised"),
    ],
)
def test_stages_are_equal(scores: Scores, stage: str, name: str) -> None:
    expected = reference(name)[list(scores.indicators.columns)]
    assert worst(scores.stages[stage], expected) < EXACT


def test_denominated_values_are_equal_and_gaps_stay(scores: Scores) -> None:
    derived = scores.stages["derived"]
    expected = reference("step_denominated").loc[derived.index, derived.columns]
    pd.testing.assert_frame_equal(derived.isna(), expected.isna(), check_names=False)
    assert float((derived - expected).abs().max().max()) < EXACT
    assert int(derived.isna().sum().sum()) > 0


def plain(spec: IndexSpec) -> IndexSpec:
    """Take the table's values as they are, without denominators."""
    items = [item.model_dump() | {"denominator": ""} for item in spec.indicator]
    return replace_spec(spec, indicator=items)


def test_screening_keeps_the_same_units(scores: Scores) -> None:
    # COINr's example screens what was imputed: every unit has everything and stays.
    imputed = reference("step_imputed")
    cells = imputed.rename_axis("code").reset_index().melt("code", var_name="indicator")
    table = IndicatorTable(cells=cells.assign(year=YEAR, unit="1", quality="A", source="COINr"))
    method = {"screen": "drop", "coverage": 0.9}
    kept = evaluate(table, plain(built(method))).stages["screened"]
    assert worst(kept, reference("step_screened")) < EXACT


def test_screening_before_imputation_drops_units_by_their_data(data: IndicatorTable) -> None:
    # Screen(dset = "Denominated", unit_screen = "byNA", dat_thresh = 0.9) by its definition.
    denominated = reference("step_denominated")
    share = denominated.notna().mean(axis="columns")
    got = evaluate(data, built({"screen": "drop", "coverage": 0.9}))
    expected = sorted(share.index[share >= 0.9])
    assert got.stages["screened"].index.to_list() == expected
    assert 0 < len(expected) < len(share)
    scored = got.index.dropna()
    assert sorted(scored.index) == expected
    failed = got.screening.query("kind == 'unit' and node == 'index'")
    assert sorted(failed["id"]) == sorted(share.index[share < 0.9])
    left = got.stages["normalised"].dropna()
    assert left.min().to_list() == [0.0] * left.shape[1]
    assert left.max().to_numpy() == pytest.approx(100.0)


def test_panel_goalposts_are_those_of_all_years() -> None:
    # Normalise.purse(global = TRUE): the least and the largest value of any year.
    wide = pd.read_csv(FOLDER / "asem_iData_panel.csv").rename(columns=str.lower)
    wide = wide.rename(columns={"ucode": "code", "time": "year"})
    spec = plain(built({"scope": "panel", "panel": (2018, 2022), "treat": "none", "impute": ()}))
    names = [item.id for item in spec.indicator]
    cells = wide[["code", "year", *names]].melt(["code", "year"], var_name="indicator")
    cells = cells.dropna().assign(unit="1", quality="A", source="COINr")
    panel = evaluation.evaluate_panel(IndicatorTable(cells=cells), spec)
    assert list(panel) == [2018, 2019, 2020, 2021, 2022]
    values = wide.set_index(["year", "code"])[names]
    turned = values * [1 if item.direction == "up" else -1 for item in spec.indicator]
    expected = 100 * (turned - turned.min()) / (turned.max() - turned.min())
    for year, scores in panel.items():
        got, there = scores.indicators, expected.loc[year]
        assert got.isna().equals(there.loc[got.index].isna())
        assert float((got - there).abs().max().max()) < EXACT
    # Each year alone has other goalposts.
    lone = evaluation.evaluate(
        IndicatorTable(cells=cells), replace_spec(spec, method={"scope": "year"})
    )
    assert float((lone.indicators - panel[YEAR].indicators).abs().max().max()) > 1


def test_winsorised_points_are_the_same(scores: Scores) -> None:
    counts = pd.read_csv(FOLDER / "treat_Dets_Table.csv").set_index("iCode")["winsorise.nwin"]
    counts = counts.dropna().rename(index=str.lower).astype(int)
    assert scores.winsorised["indicator"].value_counts().to_dict() == counts.to_dict()


def test_our_rule_gives_the_same_treatment_here(data: IndicatorTable, scores: Scores) -> None:
    # Five points suffice for every indicator, so that the two rules do not part.
    ours = evaluate(data, built({"treat": "winsorise"}))
    pd.testing.assert_frame_equal(ours.stages["treated"], scores.stages["treated"])


def test_aggregates_and_ranks_are_equal(scores: Scores) -> None:
    expected = reference("step_aggregated")[list(scores.nodes.columns)]
    assert worst(scores.nodes, expected) < EXACT
    results = reference("results_full").loc[scores.index.index]
    assert scores.ranks["index"].to_list() == results["rank"].to_list()
    # That table is rounded to ten decimals.
    assert worst(scores.nodes, results[list(scores.nodes.columns)]) < EXACT


@pytest.mark.parametrize("method", ["arithmetic", "geometric"])
def test_means_are_equal_on_a_positive_scale(data: IndicatorTable, method: str) -> None:
    nodes = evaluate(data, built({"lower": 1.0, "aggregate": method})).nodes
    expected = reference(f"agg_a_{method[0]}mean_norm1_100")[list(nodes.columns)]
    assert worst(nodes, expected) < EXACT


@pytest.mark.parametrize("method", ["zscore", "dist2max"])
def test_scales_are_equal(data: IndicatorTable, method: str) -> None:
    assert worst(normalised(data, method), reference(f"norm_n_{method}")) < EXACT


@pytest.mark.parametrize(
    ("ours", "name", "lowest", "span"),
    [("rank", "rank", 0, 1), ("borda", "borda", 0, 1), ("percentile_rank", "rank", 1, 50)],
)
def test_ranks_are_equal(
    data: IndicatorTable, scores: Scores, ours: str, name: str, lowest: int, span: int
) -> None:
    got = normalised(data, ours, upper=1.0)
    theirs = (reference(f"norm_n_{name}") - lowest) / span
    # The files have 15 digits: two pairs of "tolmin" tie there that do not tie in R.
    differs = (got["tolmin"] - theirs.loc[got.index, "tolmin"]).abs() > EXACT
    tied = scores.stages["treated"]["tolmin"].duplicated(keep=False)
    assert tied[differs].all()
    assert worst(got.drop(columns="tolmin"), theirs.drop(columns="tolmin")) < EXACT


def with_posts(spec: IndexSpec, scale: str = "scaled") -> IndexSpec:
    posts = [i.model_dump() | {"goalposts": (0.0, 100.0)} for i in spec.indicator]
    return replace_spec(spec, indicator=posts, method={"normalise": scale})


def test_fixed_goalposts_differ_by_a_constant_where_less_is_better(data: IndicatorTable) -> None:
    spec = built({})
    got = evaluate(data, with_posts(spec)).indicators
    down = [item.id for item in spec.indicator if item.direction == "down"]
    shift = pd.Series(0.0, index=got.columns)
    shift[down] = 100.0
    assert worst(got - shift, reference("norm_n_scaled")) < EXACT
    by_name = evaluate(data, with_posts(spec, "scaled_coinr")).indicators
    assert worst(by_name, reference("norm_n_scaled")) < EXACT


def test_fractions_of_the_best_agree_where_more_is_better(
    data: IndicatorTable, scores: Scores
) -> None:
    spec = scores.spec
    # Less is better and zero occurs, or values are negative: no fraction of the best.
    treated = scores.stages["treated"]
    fit = [i for i in spec.indicator if treated[i.id].min() > 0 or
           (i.direction == "up" and treated[i.id].min() == 0)]  # fmt: skip
    kept = {i.id for i in fit}
    weights = [i.model_dump() | {"weight": None} for i in fit]
    parents = {i.parent for i in fit}
    inner = [d.model_dump() | {"weight": None} for d in spec.dimension
             if d.id in parents or d.parent == "index"]  # fmt: skip
    small = replace_spec(
        spec, indicator=weights, dimension=inner, method={"weight": "equal", "normalise": "fracmax"}
    )
    got = evaluate(data, small).indicators
    up = [i.id for i in fit if i.direction == "up"]
    down = sorted(kept - set(up))
    theirs = reference("norm_n_fracmax")
    assert worst(got[up], theirs[up]) < EXACT
    # Theirs is min / x turned over: it grows as values worsen.
    assert worst(got[down], 1 / theirs[down]) < EXACT
    named = replace_spec(small, method={"normalise": "fracmax_coinr"})
    by_name = evaluate(data, named).indicators
    assert worst(by_name[up + down], theirs[up + down]) < EXACT
    assert len(up) > 30
    assert len(down) > 5

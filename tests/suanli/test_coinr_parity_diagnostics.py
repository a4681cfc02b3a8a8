"""Diagnostics against COINr 1.1.14 (R) on its packaged data of 51 countries.

The reference files are not part of the repository: the tests look for them in the folder the
variable ``SUANLI_REFERENCE`` names, or beside the repository, and are skipped without them.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from suanli.diagnostics.correlation import cronbach_alpha, pair_correlations, stage_scores
from suanli.diagnostics.importance import carried_weights, overall_weights
from suanli.diagnostics.pca import components
from suanli.diagnostics.statistics import indicator_statistics
from suanli.diagnostics.strengths import unit_summary
from suanli.evaluation import Scores, evaluate
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec
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


def metadata() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "asem_iMeta.csv").assign(id=lambda m: m["iCode"].str.lower())


def built() -> IndexSpec:
    """Write COINr's metadata as a profile: denominators become expressions."""
    meta = metadata()
    inner = meta[(meta["Type"] == "Aggregate") & meta["Parent"].notna()]
    leaves = meta[meta["Type"] == "Indicator"]
    shares = meta.groupby("Parent")["Weight"].transform(lambda w: w / w.sum())

    def common(place: Any, row: Any) -> dict[str, Any]:
        name = {"zh": row.iName, "en": row.iName}
        weight = float(shares[place])
        return {"id": row.id, "parent": row.Parent.lower(), "name": name, "weight": weight}

    fields = {
        "id": "asem",
        "title": {"zh": "可持续互联互通", "en": "Sustainable connectivity"},
        "note": {"zh": "对照", "en": "Reference"},
        "level": "province",
        "year": YEAR,
        "method": {"weight": "given", "treat": "coinr", "impute": ("group_mean",)},
        "dimension": [
            common(place, row) for place, row in zip(inner.index, inner.itertuples(), strict=True)
        ],
        "indicator": [
            common(place, row)
            | {
                "unit": "1" if pd.isna(row.Unit) else row.Unit,
                "direction": "up" if row.Direction > 0 else "down",
                "value": f"{row.id} / {row.Denominator}".lower()
                if isinstance(row.Denominator, str)
                else row.id,
                "status": "reported",
                "source": "COINr",
                "reason": "ASEM Sustainable Connectivity Portal",
            }
            for place, row in zip(leaves.index, leaves.itertuples(), strict=True)
        ],
    }
    return validated(fields, file="asem")


@pytest.fixture(scope="module")
def scores() -> Scores:
    wide = reference("asem_iData")
    groups = wide["eurasia_group"]
    wide = wide.drop(columns=["uname", "time", *(c for c in wide if c.endswith("_group"))])
    cells = wide.rename_axis("code").reset_index().melt("code", var_name="indicator")
    cells = cells.dropna(subset="value").assign(year=YEAR, unit="1", quality="A", source="COINr")
    return evaluate(IndicatorTable(cells=cells), built(), groups=groups)


def below(node: str) -> list[str]:
    meta = metadata()
    return meta.loc[meta["Parent"].eq(node), "id"].to_list()


def test_correlations_of_a_pillar(scores: Scores) -> None:
    expected = pd.read_csv(FOLDER / "corr_physical.csv")
    expected = expected[expected["Var1"] < expected["Var2"]]
    theirs = expected.apply(
        lambda column: column.str.lower() if column.name != "Correlation" else column
    )
    ours = pair_correlations(scores, stage="normalised")
    keys = [tuple(sorted(pair)) for pair in zip(ours["first"], ours["second"], strict=True)]
    found = ours.set_index(pd.Index(keys, tupleize_cols=False))
    compared = 0
    for row in theirs.itertuples(index=False):
        mine = found.loc[[tuple(sorted((row.Var1, row.Var2)))]].iloc[0]
        # COINr blanks what is not significant.
        assert (mine["p"] > 0.05) == np.isnan(row.Correlation)
        if not np.isnan(row.Correlation):
            assert mine["r"] == pytest.approx(row.Correlation, abs=EXACT)
            compared += 1
    assert (len(theirs), compared) == (28, 13)


def test_alpha_of_raw_indicators_and_of_pillars(scores: Scores) -> None:
    raw = reference("step_raw")[below("Physical")]
    assert raw.isna().to_numpy().any()
    assert cronbach_alpha(raw) == pytest.approx(0.61988038217639706, abs=1e-12)
    pillars = stage_scores(scores, "aggregated")[below("Conn")]
    assert cronbach_alpha(pillars) == pytest.approx(0.78271712723346287, abs=1e-9)


def test_effective_weights(scores: Scores) -> None:
    expected = pd.read_csv(FOLDER / "eff_weights.csv")
    expected = expected.assign(id=expected["iCode"].str.lower()).set_index("id")["EffWeight"]
    got = overall_weights(scores)["overall"]
    assert sorted(got.index) == sorted(expected.index)
    assert float((got - expected[got.index]).abs().max()) < EXACT


def test_statistics_of_raw_indicators() -> None:
    expected = pd.read_csv(FOLDER / "stats_raw.csv").assign(id=lambda t: t["iCode"].str.lower())
    expected = expected.set_index("id")
    ours = indicator_statistics(reference("step_raw")[list(expected.index)])
    pairs = {
        "min": "Min", "max": "Max", "mean": "Mean", "median": "Median", "sd": "Std",
        "skewness": "Skew", "kurtosis": "Kurt", "n": "N.Avail", "n_nonzero": "N.NonZero",
        "share_available": "Frc.Avail", "share_nonzero": "Frc.NonZero",
    }  # fmt: skip
    # Their table has three significant digits.
    for mine, theirs in pairs.items():
        np.testing.assert_allclose(
            ours[mine].astype(float), expected[theirs], rtol=5.1e-3, atol=1e-12, err_msg=mine
        )
        rounded = ours[mine].astype(float).map(lambda v: float(f"{v:.3g}"))
        assert (rounded == expected[theirs]).mean() > 0.95, mine
    flags = {"outliers": "Flag.SkewKurt", "zeros": "Flag.NonZero", "few": "Flag.Avail"}
    for mine, theirs in flags.items():
        raised = ours["flag"].str.split().map(lambda found, mine=mine: mine in found)
        assert raised.to_list() == expected[theirs].ne("ok").to_list(), mine


def test_values_counted_as_equal_to_the_last_digit() -> None:
    expected = pd.read_csv(FOLDER / "stats_raw.csv").assign(id=lambda t: t["iCode"].str.lower())
    expected = expected.set_index("id")
    ours = indicator_statistics(reference("step_raw")[list(expected.index)])
    # The files have 15 digits: two pairs of "tolmin" tie there that do not tie in R.
    unique = ours["n_unique"] - expected["N.Unique"]
    assert unique[unique != 0].to_dict() == {"tolmin": -2}
    assert ours["n_same"].to_list() == expected["N.Same"].to_list()


def test_summary_of_a_unit(scores: Scores) -> None:
    expected = pd.read_csv(FOLDER / "unit_summary_IND.csv")
    expected = expected.assign(id=expected["Code"].str.lower()).set_index("id")
    got = unit_summary(scores, "IND").set_index("node")
    assert sorted(got.index) == sorted(expected.index)
    assert float((got["score"] - expected["Score"]).abs().max()) < EXACT
    assert got["rank"].astype(int).to_dict() == expected["Rank"].to_dict()


def test_first_component_of_all_pillars(scores: Scores) -> None:
    expected = pd.read_csv(FOLDER / "pca_weights_level2.csv")
    theirs = expected[expected["Level"] == 2].set_index("iCode")["Weight"].rename(str.lower)
    found = components(stage_scores(scores, "aggregated")[list(theirs.index)])
    vector = found.loadings[1] / np.sqrt(found.variance.loc[1, "eigenvalue"])
    assert float((vector - theirs[vector.index]).abs().max()) < EXACT


def test_carried_weights_are_the_textbook_ones_where_nothing_is_missing(scores: Scores) -> None:
    assert scores.indicators.notna().to_numpy().all()
    table = carried_weights(scores).set_index("id")
    index = scores.index
    for name in scores.indicators:
        weight = scores.weights.loc[name, "overall"]
        textbook = weight * scores.indicators[name].cov(index) / index.var()
        assert table.loc[name, "carried"] == pytest.approx(textbook, abs=1e-10)
    leaves = list(scores.indicators)
    assert table.loc[leaves, "carried"].sum() == pytest.approx(1.0, abs=1e-12)
    assert table.loc["conn", "carried"] + table.loc["sust", "carried"] == pytest.approx(1.0)

"""Optional indicators count when enough units have them, and never before."""

import numpy as np
import pandas as pd
import pytest

from suanli import evaluate, load_profile, shipped_data
from suanli.evaluation import derivation, evaluate_from, evaluate_panel, settled
from suanli.intake import IndicatorTable
from suanli.profile import inference_spec, replace_spec, without
from suanli.robustness import rank_intervals
from suanli.run.optional import absent_note, thin_notes

PAIRS = (("province", "caict2024-province"), ("city", "city-compute"))


def brought(
    level: str, *, name: str = "racks_in_use", units: int | None = None, years=(2023,), unit="万架"
) -> IndicatorTable:
    """Give the shipped table with values of one physical indicator for the first units."""
    shipped = shipped_data(level)
    own = [
        {"code": code, "year": year, "indicator": name, "value": 1.0 + place % 13, "unit": unit}
        for year in years
        for place, code in enumerate(shipped.codes[:units])
    ]
    cells = pd.DataFrame(own).assign(quality="user", source="mine.xlsx")
    return shipped | IndicatorTable(cells=cells)


@pytest.mark.parametrize(("level", "name"), PAIRS)
def test_without_physical_data_the_profile_is_the_public_one(level, name):
    full, base = load_profile(f"{name}-physical"), load_profile(name)
    table = shipped_data(level)
    less = settled(table, full)
    for part in ("level", "year", "method", "uncertainty", "dimension", "indicator", "variable"):
        assert getattr(less, part) == getattr(base, part), part
    compared = [(one.parent, one.order, one.matrix) for one in less.judgement]
    assert compared == [(one.parent, one.order, one.matrix) for one in base.judgement]
    ours, theirs = evaluate(table, full), evaluate(table, base)
    pd.testing.assert_frame_equal(ours.nodes, theirs.nodes, check_exact=True)
    pd.testing.assert_frame_equal(ours.ranks, theirs.ranks, check_exact=True)
    assert ours.spec == less
    assert evaluate_from(derivation(table, base), full).nodes.equals(theirs.nodes)


@pytest.mark.parametrize(("level", "name"), PAIRS)
@pytest.mark.parametrize(("few", "counts"), [(0.68, True), (0.62, False)])
def test_an_indicator_enters_at_the_coverage_share(level, name, few, counts):
    spec = load_profile(f"{name}-physical")
    number = round(len(shipped_data(level).codes) * few)
    table = brought(level, units=number)
    found = {item.id for item in settled(table, spec).indicator if item.optional}
    assert found == ({"racks_in_use"} if counts else set())
    notes = thin_notes(table, spec)
    assert [note.code for note in notes] == ([] if counts else ["template.thin"])
    before, after = evaluate(shipped_data(level), spec), evaluate(table, spec)
    assert before.index.equals(after.index) != counts
    assert ("racks_in_use" in after.indicators) == counts


def test_siblings_keep_their_ratios_and_the_new_one_its_weight():
    spec = load_profile("caict2024-province-physical")
    whole = evaluate(brought("province"), spec).weights["local"]
    base = evaluate(shipped_data("province"), spec).weights["local"]
    old = ["it_service_revenue", "enterprise_computers", "power_generation", "hub_start_areas"]
    np.testing.assert_allclose(whole[old] / whole[old[0]], base[old] / base[old[0]], rtol=1e-12)
    # 1 + 1 + 2 + 2 beside the 4 of the racks.
    assert whole["racks_in_use"] == pytest.approx(0.4)
    assert "storage_capacity" not in whole


def test_more_racks_never_lower_a_province():
    spec = load_profile("caict2024-province-physical")
    table = brought("province")
    cells = table.cells.copy()
    row = cells["code"].eq("110000") & cells["indicator"].eq("racks_in_use")
    cells.loc[row, "value"] *= 5
    more = evaluate(IndicatorTable(cells=cells), spec)
    assert more.index["110000"] > evaluate(table, spec).index["110000"]


def test_a_zero_is_a_value_and_can_be_scored():
    """A province without any computing power of a kind must not stop the run."""
    cells = brought("province").cells.copy()
    row = cells["indicator"].eq("racks_in_use") & cells["code"].isin(("540000", "630000"))
    cells.loc[row, "value"] = 0.0
    cells.loc[cells["indicator"].eq("racks_in_use") & cells["code"].eq("110000"), "value"] = 900.0
    scores = evaluate(IndicatorTable(cells=cells), load_profile("caict2024-province-physical"))
    assert scores.indicators.loc["540000", "racks_in_use"] == 0
    assert scores.index.notna().all()


def test_years_scored_together_have_the_same_indicators():
    spec = load_profile("caict2024-province-physical")
    one_year, all_years = brought("province"), brought("province", years=range(2016, 2024))
    assert "racks_in_use" in evaluate(one_year, spec).indicators
    panel = evaluate_panel(one_year, spec)
    assert not any("racks_in_use" in scores.indicators for scores in panel.values())
    panel = evaluate_panel(all_years, spec)
    assert all("racks_in_use" in scores.indicators for scores in panel.values())


def test_robustness_takes_a_settled_profile():
    table = brought("province")
    spec = settled(table, load_profile("caict2024-province-physical"))
    found = rank_intervals(
        derivation(table, spec), spec, replicates=32, rng=np.random.default_rng(1)
    )
    assert found.table["code"].nunique() == 31
    assert any(item.id == "racks_in_use" for item in inference_spec(spec).indicator)


def test_nothing_is_optional_without_a_value_even_at_coverage_zero():
    spec = load_profile("city-compute-physical")
    lax = replace_spec(spec, method={"coverage": 0.0})
    kept = settled(shipped_data("city"), lax)
    assert kept == without(lax, {item.id for item in lax.indicator if item.optional})
    assert "capacity" not in kept.names()


def test_a_year_that_has_no_values_is_named():
    spec = load_profile("caict2024-province-physical")
    table = brought("province", years=(2022,))
    (note,) = thin_notes(table, spec)
    assert (note.params["share"], note.params["years"]) == ("0%", "2022")
    for lang in ("zh", "en"):
        assert "2022" in note.describe(lang)
    (absent,) = absent_note(table, spec)
    assert absent.params["count"] == 11
    assert "Mean PUE" in absent.describe("en")
    assert "平均PUE" in absent.describe("zh")
    assert absent_note(shipped_data("province"), load_profile("caict2024-province")) == []

"""One study: streams of chance, labels before positions, profiles of one year."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from suanli.intake import IndicatorTable
from suanli.profile import inference_spec, load_profile, replace_spec
from suanli.publish.tables import all_tables
from suanli.study import STAGES, Settings, conduct, generator, scored_table

PURPOSES = ("gap", "province.pattern", "city.pattern", "province.sensitivity", "hubs")


def specs_of(study):
    return study.province.spec, study.city.spec


@pytest.fixture(scope="module")
def other(atlas):
    """Another seed, and a provincial profile without a panel."""
    edition = atlas.result.edition
    province, city = specs_of(edition.study)
    single = replace_spec(province, method={"panel": None})
    few = replace(edition.study.settings, seed=edition.study.settings.seed + 1)
    steps = []
    study = conduct(
        edition.boundaries, edition.catalogue, (single, city), settings=few, progress=steps.append
    )
    return study, tuple(steps)


def test_every_purpose_has_its_own_stream():
    draws = {purpose: generator(1, purpose).random(64) for purpose in PURPOSES}
    for one in PURPOSES:
        np.testing.assert_array_equal(draws[one], generator(1, one).random(64))
        assert not np.array_equal(draws[one], generator(2, one).random(64))
        for another in set(PURPOSES) - {one}:
            assert not np.isin(draws[one], draws[another]).any()
            assert abs(np.corrcoef(draws[one], draws[another])[0, 1]) < 0.4


def test_stages_are_reported_in_order(other):
    assert other[1] == STAGES


def test_a_seed_moves_p_values_and_no_statistic(atlas, other):
    study, again = atlas.result.edition.study, other[0]
    for name in ("province_pattern", "city_pattern", "city_described"):
        one, two = getattr(study, name), getattr(again, name)
        assert one.moran.statistic == two.moran.statistic
        assert one.moran.p_analytic == two.moran.p_analytic
        pd.testing.assert_series_equal(one.local["statistic"], two.local["statistic"])
        assert (one.local["p"] != two.local["p"]).mean() > 0.2
        # Both estimate the same tail areas. With 999 permutations the difference of two doubled
        # tails has a standard deviation of up to 0.045, and the largest of many is looked at.
        apart = (one.local["p"] - two.local["p"]).abs()
        assert apart.max() < 0.2
        assert apart.median() < 0.045
    assert study.hubs.slope == again.hubs.slope
    assert study.hubs.top.mean_km == again.hubs.top.mean_km


def test_contributions_add_up_to_the_gap_of_every_year(atlas, other):
    for study in (atlas.result.edition.study, other[0]):
        gap = study.gap.years.query("node == 'index'").set_index(["definition", "year"])
        sums = study.contributions.groupby(["definition", "year"])["contribution"].sum()
        assert len(sums) == len(gap) == 4 * len(study.panel)
        np.testing.assert_allclose(sums, gap["difference"].reindex(sums.index), atol=1e-10)


def test_a_profile_without_a_panel_is_a_study_of_one_year(atlas, other):
    study, single = atlas.result.edition.study, other[0]
    assert list(single.panel) == [single.province.spec.year]
    assert set(single.gap.years["year"]) == {single.province.spec.year}
    assert len(study.panel) == 8
    pd.testing.assert_series_equal(study.province.index, single.province.index)
    regions = atlas.result.edition.catalogue.regions["region4"].reindex(single.province.index.index)
    means = single.province.index.groupby(regions).mean()
    gap = single.gap.years.set_index(["definition", "node"]).loc[("region4", "index")]
    assert gap["difference"] == pytest.approx(means["east"] - means["west"])


def test_tests_are_made_on_the_scores_without_spatial_inputs(atlas):
    study = atlas.result.edition.study
    for full, tested, pattern in (
        (study.province, study.province_tested, study.province_pattern),
        (study.city, study.city_tested, study.city_pattern),
    ):
        assert tested.spec == inference_spec(full.spec)
        assert all(item.inference == "kept" for item in tested.spec.indicator)
        assert len(tested.spec.indicator) < len(full.spec.indicator)
        values = pattern.local.set_index("code")["value"]
        pd.testing.assert_series_equal(
            values, tested.index.reindex(values.index), check_names=False
        )
    hubs = study.hubs.rings
    assert not hubs.empty
    described = study.city_described.local.set_index("code")["value"]
    pd.testing.assert_series_equal(
        described, study.city.index.reindex(described.index), check_names=False
    )


def test_unevaluated_units_never_enter(atlas):
    edition = atlas.result.edition
    table, layer = edition.catalogue.province, edition.boundaries.province
    extra = table.cells[table.cells["code"] == "440000"].assign(code="710000")
    wider = IndicatorTable(cells=pd.concat([table.cells, extra], ignore_index=True))
    assert "710000" in wider.codes
    pd.testing.assert_frame_equal(scored_table(wider, layer).cells, table.cells)


def test_rows_of_layers_and_tables_may_stand_in_any_order(atlas):
    edition, study = atlas.result.edition, atlas.result.edition.study

    def mixed(frame):
        return frame.sample(frac=1, random_state=3)

    boundaries, catalogue = edition.boundaries, edition.catalogue
    shuffled = replace(boundaries, province=mixed(boundaries.province), city=mixed(boundaries.city))
    data = replace(
        catalogue,
        province=IndicatorTable(cells=mixed(catalogue.province.cells)),
        city=IndicatorTable(cells=mixed(catalogue.city.cells)),
        regions=mixed(catalogue.regions),
        hub_cities=mixed(catalogue.hub_cities),
    )
    again = conduct(shuffled, data, specs_of(study), settings=study.settings)
    one = all_tables(edition)
    two = all_tables(replace(edition, study=again, boundaries=shuffled, catalogue=data))
    assert one.keys() == two.keys()
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, two[name], obj=name)


def test_settings_are_those_of_the_run(atlas):
    expected = Settings(seed=20241018, permutations=999, redraws=199, alpha=0.05)
    assert atlas.result.edition.study.settings == expected
    assert specs_of(atlas.result.edition.study) == (
        load_profile("caict2024-province"),
        load_profile("city-compute"),
    )

"""The scale of the gap is told, and names that could be a province's are told apart."""

from suanli.publish.finding import findings, gap_scale_said
from suanli.report.abstract import abstract
from suanli.report.gap import gap


def test_both_scales_are_told_where_the_gap_is(atlas, tmp_path):
    edition = atlas.result.edition
    said = gap_scale_said(edition)
    regions = edition.catalogue.regions["region4"]
    index = edition.study.province.index.dropna()
    means = index.groupby(regions.reindex(index.index)).mean()
    years = edition.study.gap.years
    rows = years[(years["node"] == "index") & (years["definition"] == "region4")]
    shared = rows.set_index("year")["difference"][max(edition.study.panel)]
    for figure in (f"+{shared:.1f}", f"+{means['east'] - means['west']:.1f}"):
        assert figure in said
    assert said in findings(edition)
    assert said in abstract(edition)[0].items[3]
    assert any(said in getattr(block, "text", "") for block in gap(edition, tmp_path).blocks)


def test_cities_called_like_a_province_are_told_apart(atlas):
    names = atlas.result.edition.unit_names("city", short=True)
    assert (names["632500"], names["220200"]) == ("海南州", "吉林市")
    provinces = atlas.result.edition.unit_names("province", short=True)
    others = names[~names.index.isin(provinces.index)]
    assert not set(others) & set(provinces)

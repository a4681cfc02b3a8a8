"""Parts of a study: computed when asked for, in the tables, on the front page, in words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import suanli.study
from geo.statistics import spatial_beta_convergence
from geo.weights import build_contiguity, row_standardise
from suanli.analysis.convergence import initial_controls
from suanli.analysis.gap import node_values
from suanli.analysis.neighbour_beta import neighbour_beta
from suanli.analysis.spatial import bridge_pairs
from suanli.boundaries import load_bridges
from suanli.profile import load_profile
from suanli.publish.answers import QUESTIONS
from suanli.publish.finding import convergence_sentences, findings, hub_study_sentences
from suanli.publish.sentences import node_names
from suanli.publish.tables import all_tables, contents, question_tables
from suanli.run import RunConfig, analysis_tables
from suanli.run.parts import _SHOWN
from suanli.run.study_sheets import study_sheets
from suanli.study import STAGES, conduct
from suanli.text import LANGUAGES, Text


def parts_of(study):
    return {name for name in vars(study) if not name.startswith("_")}


def test_a_stage_computes_what_it_needs_and_nothing_else(atlas):
    edition = atlas.result.edition
    study = edition.study
    again = conduct(
        edition.boundaries,
        edition.catalogue,
        study.specs,
        settings=study.settings,
        stages=("hubs",),
    )
    computed = parts_of(again) - {"boundaries", "catalogue", "specs", "settings"}
    assert computed == {"city_tested", "city_pattern", "hubs", "hubs_by_size"}
    # What is computed alone is what the whole study holds.
    pd.testing.assert_frame_equal(again.hubs.rings, study.hubs.rings)
    pd.testing.assert_frame_equal(again.agreement, study.agreement)
    pd.testing.assert_frame_equal(again.convergence.beta, study.convergence.beta)
    for name in ("gap_years", "gap_trend"):
        one, two = (question_tables(replace(edition, study=s), "gap")[name] for s in (again, study))
        pd.testing.assert_frame_equal(one, two)


def test_stages_are_reported_as_asked(atlas):
    edition, seen = atlas.result.edition, []
    conduct(
        edition.boundaries,
        edition.catalogue,
        edition.study.specs,
        settings=edition.study.settings,
        stages=("agreement", "scores"),
        progress=seen.append,
    )
    assert seen == ["scores", "agreement"]
    assert set().union(*QUESTIONS.values()) <= set(STAGES)


@pytest.mark.parametrize("name", ["gap", "spatial"])
def test_one_question_never_draws_rank_intervals(atlas, monkeypatch, name):
    def refuse(*_, **__):
        raise AssertionError("not asked for")

    for other in ("rank_intervals", "hub_study", "agreement", "hub_rings"):
        monkeypatch.setattr(suanli.study, other, refuse)
    told = analysis_tables(RunConfig(permutations=99, redraws=99, lang="en"), name)
    assert told.sentences
    assert len(told.shown) == len(_SHOWN[name])


# Tables


def test_a_run_writes_the_hub_study_and_convergence(atlas):
    names = {path.stem for path in (atlas.path / "tables").glob("*.csv")}
    assert names >= {
        "hub_bands", "hub_decay", "hub_neighbours", "hub_weights", "hub_events",
        "hub_event_summary", "convergence_beta", "convergence_sigma", "convergence_transitions",
    }  # fmt: skip
    weights = pd.read_csv(atlas.path / "tables" / "hub_weights.csv")
    assert weights.groupby("redrawn_within").size().to_dict() == {
        "anywhere": 9, "region": 9, "region_and_size": 9,
    }  # fmt: skip
    study = atlas.result.edition.study
    assert study.hub_study.events.permutations == study.settings.redraws == 199


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_table_is_described(atlas, lang):
    tables = all_tables(atlas.result.edition)
    described = contents(tables, Text(lang))
    assert described["file"].to_list() == [f"{name}.csv" for name in tables]
    assert (described["about"].str.len() > 5).all()
    assert described["about"].is_unique
    written = pd.read_csv(atlas.path / "tables" / "contents.csv")
    assert set(written["file"]) == {f"{name}.csv" for name in tables}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_printed_tables_are_in_words_and_complete(atlas, lang):
    every = all_tables(atlas.result.edition)
    names = node_names(
        atlas.result.edition.catalogue, load_profile("caict2024-province"), Text(lang)
    )
    keys = [key for keys in _SHOWN.values() for key in keys]
    shown, notes = study_sheets({key: every[key] for key in keys}, names, Text(lang))
    assert len(shown) == len(keys) == len(notes)
    for title, table in shown.items():
        assert len(table) > 1, title
        cells = {cell for column in table for cell in table[column]}
        assert not cells & {"region_and_size", "insignificant", "queen_", "True", "nan"}
        if lang == "zh":
            assert not any(str(n).isascii() and len(str(n)) > 2 for n in table.columns), title


def test_changes_are_printed_in_percent(atlas):
    summary = all_tables(atlas.result.edition)["hub_event_summary"]
    main = summary[summary["design"] == "main"]
    shown, _ = study_sheets({"hub_event_summary": summary}, {}, Text("en"))
    (table,) = shown.values()
    expected = 100 * np.expm1(main["estimate"])
    printed = table["change"].str.removesuffix("%").astype(float)
    np.testing.assert_allclose(printed, expected, atol=0.051)


# Words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_name_other_weights_approval_and_convergence(atlas, lang):
    edition = replace(atlas.result.edition, text=Text(lang))
    said = findings(edition)
    weights, events = hub_study_sentences(edition)
    assert {weights, events} <= set(said)
    strict = edition.study.hub_study.spillover.weights
    strict = strict[strict["redrawn_within"] == "region_and_size"]
    alpha = edition.study.settings.alpha
    for column in ("p", "slope_p", "moran_p", "joins_p"):
        assert str(int((strict[column] <= alpha).sum())) in weights
    summary = edition.study.hub_study.events.summary
    main = summary[summary["design"] == "main"]
    none = {"zh": "均", "en": "none of 9"}[lang] in events
    assert none == bool((main["p_fdr"] > alpha).all())
    # Spread, three models of growth, and the unit that moves the significant slope.
    assert len(convergence_sentences(edition)) == 5


def test_the_front_page_shows_them(atlas):
    page = (atlas.path / "maps" / "index.html").read_text(encoding="utf-8")
    edition = atlas.result.edition
    for sentence in (*hub_study_sentences(edition), *convergence_sentences(edition)):
        assert sentence.replace("<", "&lt;").replace("'", "&#39;") in page
    assert "../tables/contents.csv" in page


# Spatial beta


def setting(atlas, node):
    edition = atlas.result.edition
    panel = node_values(edition.study.panel, node)
    layer = edition.boundaries.province.loc[sorted(panel.columns)]
    pairs = bridge_pairs(layer, load_bridges("province"))
    graph = row_standardise(build_contiguity(layer, bridges=pairs))
    return panel, graph, initial_controls(edition.catalogue.province, int(panel.index.min()))


@pytest.mark.parametrize("node", ["index", "network", "environment"])
def test_spatial_beta_is_the_fit_with_robust_errors(atlas, node):
    panel, graph, controls = setting(atlas, node)
    row = neighbour_beta(panel, graph, controls)
    fit = spatial_beta_convergence(panel, graph, form=row["form"], controls=controls)
    assert row["slope"] == fit.slope
    assert (row["robust_error_p"] < row["robust_lag_p"]) == (row["form"] == "sem")
    # HC3 by its definition, one unit at a time.
    labels = fit.model.space.labels
    first = np.log(panel.sort_index().iloc[0].loc[labels])
    last = np.log(panel.sort_index().iloc[-1].loc[labels])
    x = np.column_stack([np.ones(31), first, controls.loc[labels]])
    y = ((last - first) / row["span"]).to_numpy()
    matrix = fit.model.space.matrix.toarray()
    y = y - row["spatial"] * matrix @ y
    if row["form"] == "sem":
        x = x - row["spatial"] * matrix @ x
    inverse = np.linalg.inv(x.T @ x)
    slope = (inverse @ x.T @ y)[1]
    assert slope == pytest.approx(row["slope"], rel=1e-6)
    e = y - x @ inverse @ x.T @ y
    h = np.diag(x @ inverse @ x.T)
    covariance = inverse @ (x.T * (e / (1 - h)) ** 2) @ x @ inverse
    assert row["standard_error"] == pytest.approx(covariance[1, 1] ** 0.5, rel=1e-5)
    p = 2 * stats.t.sf(abs(slope) / row["standard_error"], 31 - 5)
    assert row["p"] == pytest.approx(p, rel=1e-4)
    assert row["lower"] < row["slope"] < row["upper"]


def test_the_convergence_of_a_study_has_the_spatial_model(atlas):
    beta = atlas.result.edition.study.convergence.beta
    assert set(beta["model"]) == {"absolute", "conditional", "spatial"}
    panel, graph, controls = setting(atlas, "storage")
    row = beta[(beta["model"] == "spatial") & (beta["series"] == "storage")].iloc[0]
    expected = neighbour_beta(panel, graph, controls)
    assert {name: row[name] for name in expected} == expected
    # No better than errors that allow for unequal variance say.
    conditional = beta[(beta["model"] == "conditional") & (beta["series"] == "storage")].iloc[0]
    assert row["standard_error"] > 0.3 * conditional["standard_error"]


def test_rows_may_stand_in_any_order(atlas):
    panel, graph, controls = setting(atlas, "index")
    mixed = panel.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    again = neighbour_beta(mixed, graph, controls.sample(frac=1, random_state=3))
    plain = neighbour_beta(panel, graph, controls)
    assert again.pop("form") == plain.pop("form")
    assert again == pytest.approx(plain, rel=1e-9)

"""Spatial regression from the command line: data, models, words, refusals."""

import csv
import json
import re
import unicodedata
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from geo.errors import GeoError, StatisticsError, WeightsError
from geo.statistics import fit_sar, impacts
from suanli.analysis.chance import generator
from suanli.analysis.model import MODELS, ModelStudy, fit_models, model_tables, suggested
from suanli.boundaries import load_boundaries
from suanli.cli import DONE, REJECTED, USAGE, main
from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.evaluation import evaluate
from suanli.profile import load_profile
from suanli.run import Request, model_outcome, model_request
from suanli.run.config import DEFAULT_SEED
from suanli.run.weighing import evaluated_layer, weigh
from suanli.text import Text

CITY = {"of": "log(telecom_revenue)", "on": ("latency_to_hub", "log(population)")}


@pytest.fixture(scope="module", autouse=True)
def _read_once():
    """Layers and shipped tables are read once, not anew for every model."""
    import suanli.run.model_words
    import suanli.run.parts

    catalogue, boundaries = load_catalogue(), load_boundaries()
    with pytest.MonkeyPatch.context() as patch:
        for module in (suanli.run.model_words, suanli.run.parts):
            patch.setattr(module, "load_catalogue", lambda: catalogue)
        patch.setattr(suanli.run.parts, "load_boundaries", lambda: boundaries)
        yield


def model(lang="en", *, profile="city-compute", data=(), year=None, out=None, **options):
    told = {
        "islands": "drop",
        "method": "ml",
        "models": "ols",
        "seed": None,
        "weights": "queen+bridges",
        **options,
    }
    base = Request(profile=profile, data=data, year=year, out=out, text=Text(lang))
    return model_outcome(model_request(base, **told))


@pytest.fixture(scope="module")
def default():
    """What comes without any option."""
    return {lang: model(lang, models=",".join(MODELS)) for lang in ("zh", "en")}


def codes_of(error):
    return [problem.code for problem in error.value.problems]


def said_of(error, lang="en"):
    return [Text(lang)(problem.code, **problem.params) for problem in error.value.problems]


# Figures


def test_least_squares_is_that_of_numpy_on_the_shipped_table():
    told = model(**CITY)
    wide = load_catalogue().city.wide(2023)
    frame = pd.DataFrame(
        {
            "y": np.log(wide["telecom_revenue"]),
            "latency_to_hub": wide["latency_to_hub"],
            "log(population)": np.log(wide["population"]),
        }
    ).loc[told.tables["data"]["code"]]
    x = np.column_stack([np.ones(len(frame)), frame.iloc[:, 1:]])
    expected = np.linalg.lstsq(x, frame["y"], rcond=None)[0]
    found = told.tables["coefficients"].set_index("term")["coefficient"]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert told.tables["fits"]["n"].to_list() == [len(frame)]


def test_a_spatial_model_is_that_of_the_statistics_on_the_same_weights():
    told = model(models="sar", **CITY)
    data = told.tables["data"].set_index("code")
    layer = evaluated_layer(load_boundaries(), "city")
    graph = weigh("queen+bridges", layer, "city", codes=data.index).graph
    fit = fit_sar(data[CITY["of"]], data[list(CITY["on"])], graph)
    table = told.tables["coefficients"].set_index("term")
    np.testing.assert_allclose(
        table["coefficient"], fit.coefficients["coefficient"].loc[table.index], rtol=1e-12
    )
    effects = impacts(fit, rng=generator(DEFAULT_SEED, "model.sar")).table
    np.testing.assert_allclose(told.tables["effects"]["estimate"], effects["estimate"])
    np.testing.assert_allclose(told.tables["effects"]["standard_error"], effects["standard_error"])


def test_the_same_seed_gives_the_same_and_another_other_errors_only():
    one, two, other = (model(models="ols,sar", seed=s, **CITY) for s in (1, 1, 2))
    for name in one.tables:
        pd.testing.assert_frame_equal(one.tables[name], two.tables[name])
    pd.testing.assert_frame_equal(one.tables["coefficients"], other.tables["coefficients"])
    ours, theirs = (t.tables["effects"].set_index("model") for t in (one, other))
    pd.testing.assert_frame_equal(ours.loc[["ols"]], theirs.loc[["ols"]])
    assert (ours.loc[["sar"], "estimate"] == theirs.loc[["sar"], "estimate"]).all()
    assert (ours.loc[["sar"], "standard_error"] != theirs.loc[["sar"], "standard_error"]).all()


def test_scores_and_indicators_of_the_profile_are_those_of_the_evaluation():
    told = model(profile="caict2024-province", of="network", on=("fibre_density", "log(gdp)"))
    spec = load_profile("caict2024-province")
    scores = evaluate(load_catalogue().province, spec)
    data = told.tables["data"].set_index("code")
    pd.testing.assert_series_equal(
        data["network"], scores.nodes["network"].loc[data.index], check_names=False
    )
    derived = scores.stages["derived"]["fibre_density"].loc[data.index]
    pd.testing.assert_series_equal(data["fibre_density"], derived, check_names=False)


def test_the_tested_score_leaves_out_what_clusters_by_construction():
    full, tested = (model(of="index", on=("log(gdp)",), tested=t) for t in (False, True))
    assert any("cluster by construction" in line for line in full.sentences)
    assert any("latency_to_hub" in line for line in full.sentences)
    assert not any("cluster by construction" in line for line in tested.sentences)
    one, two = (t.tables["data"].set_index("code")["index"] for t in (full, tested))
    assert (one - two).abs().max() > 1.0


def test_years_and_lags():
    told = model(profile="caict2024-province", year=2020, of="log(gdp)", on=("lag(log(gdp), 3)",))
    province = load_catalogue().province
    data = told.tables["data"].set_index("code")
    assert "log(gdp)" in data
    np.testing.assert_allclose(data["log(gdp)"], np.log(province.wide(2020)["gdp"]))
    np.testing.assert_allclose(data["lag(log(gdp), 3)"], np.log(province.wide(2017)["gdp"]))


def test_own_data_may_bring_what_the_catalogue_does_not_know(tmp_path):
    provinces = load_catalogue().province.codes
    rng = np.random.default_rng(3)
    path = tmp_path / "mine.csv"
    rows = [f"{code},2023,racks,{rng.uniform(1, 9):.3f},个" for code in provinces]
    path.write_text("code,year,indicator,value,unit\n" + "\n".join(rows), encoding="utf-8")
    told = model(
        profile="caict2024-province", data=(path,), of="racks", on=("log(gdp)",), models="ols,sem"
    )
    assert told.tables["fits"]["n"].to_list() == [31, 31]
    with pytest.raises(InputError) as caught:
        model(profile="caict2024-province", of="racks", on=("log(gdp)",))
    assert codes_of(caught) == ["model.name_unknown"]


def test_moments_have_no_likelihood():
    told = model(models="sar,sem,sdm", method="gmm", **CITY)
    fits = told.tables["fits"].set_index("model")
    assert fits["log_likelihood"].isna().all()
    assert told.tables["ratios"].empty
    table = told.tables["coefficients"].set_index(["model", "term"])
    assert np.isnan(table.loc[("sem", "lambda"), "p"])
    assert not any("AIC" in line for line in told.sentences)
    # Nor is one named when some models have it and others do not.
    told = model(models="ols,slx,sem", method="gmm", **CITY)
    assert told.tables["fits"].set_index("model")["aic"].notna().to_dict() == {
        "ols": True, "slx": True, "sem": False,
    }  # fmt: skip
    assert not any("Least AIC" in line for line in told.sentences)
    assert any("SEM could not be tested against a wider model" in x for x in told.sentences)


# What is left out, and what is said


def test_units_left_out_are_named_and_counted(default):
    told = default["en"]
    left = told.tables["left_out"]
    assert len(left) + told.tables["fits"]["n"].iloc[0] == 337
    wide = load_catalogue().city.wide(2023)
    wide = wide.reindex(evaluated_layer(load_boundaries(), "city").index)
    gaps = wide[["telecom_revenue", "population", "gdp"]].isna().any(axis=1)
    assert set(left.loc[left["reason"] == "no_value", "code"]) == set(gaps[gaps].index)
    assert (left.loc[left["reason"] == "no_value", "missing"] != "").all()
    lonely = left[left["reason"] == "no_neighbour"]
    for count, names in ((gaps.sum(), left["name"]), (len(lonely), lonely["name"])):
        assert any(
            line.startswith("Left out") and f"({count})" in line and names.iloc[0] in line
            for line in told.sentences
        )
    assert any(
        "64 个因缺值未进入" in line or f"{gaps.sum()} 个" in line
        for line in default["zh"].sentences
    )


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_fit_a_page(default, lang):
    for title, table in default[lang].shown.items():
        cells = [[str(name), *map(str, table[name])] for name in table.columns]
        across = sum(max(width(cell) for cell in column) for column in cells)
        assert across + 2 * (len(cells) - 1) <= 100, title
        assert width(title) <= 100


def test_both_languages_show_the_same_figures(default):
    zh, en = (list(default[lang].shown.values()) for lang in ("zh", "en"))
    assert [table.shape for table in zh] == [table.shape for table in en]
    for one, two in zip(zh, en, strict=True):
        np.testing.assert_array_equal(one.iloc[:, 2:].to_numpy(), two.iloc[:, 2:].to_numpy())


def test_stars_are_those_of_the_p_values(default):
    shown = next(iter(default["en"].shown.values()))
    table = default["en"].tables["coefficients"].set_index(["model", "term"])
    row = shown[shown["term"] == "latency_to_hub"].iloc[0]
    for name in MODELS:
        p = table.loc[(name, "latency_to_hub"), "p"]
        stars = sum(p <= level for level in (0.05, 0.01, 0.001))
        assert row[name.upper()].count("*") == stars
    row = shown[shown["term"] == "log(population)"].iloc[0]
    assert row["OLS"].endswith("***")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_words_of_significance_fit_the_figures(seed):
    """Noise on noise, and noise on a strong signal: what is called significant is."""
    rng = np.random.default_rng(seed)
    layer = evaluated_layer(load_boundaries(), "province")
    graph = weigh("queen+bridges", layer, "province").graph
    x = pd.DataFrame({"signal": rng.normal(size=31), "noise": rng.normal(size=31)}, layer.index)
    y = 2.0 * x["signal"] + rng.normal(size=31)
    study = fit_models(
        y, x, graph, models=["ols", "sdm"], chance=lambda _: np.random.default_rng(seed)
    )
    table = study.effects[study.reading.model].table
    told = model(
        profile="caict2024-province", of="log(gdp)", on=("latency_to_hub", "mean_temperature"),
        models="ols,sar,sdm",
    )  # fmt: skip
    pairs = [
        pair
        for line in told.sentences
        for pair in re.findall(r"p ([=<]) ([\d.]+), (not )?significant", line)
    ]
    assert pairs
    for sign, p, negated in pairs:
        assert bool(negated) == (sign == "=" and float(p) > 0.05)
    assert table.loc[("signal", "direct"), "p"] < 0.001


def test_circular_models_are_called_so():
    told = model(of="index", on=("log(telecom_revenue)", "college_students"))
    lines = [line for line in told.sentences if "circular" in line]
    assert len(lines) == 1
    assert "log(telecom_revenue) and index both hold telecom_revenue" in lines[0]
    plain = model(**CITY)
    assert not any("circular" in line for line in plain.sentences)


def test_the_default_of_both_levels_is_not_circular(default):
    province = model(profile="caict2024-province", models="ols,sar")
    for told in (default["en"], province):
        assert not any("circular" in line for line in told.sentences)
        assert any("not cause" in line for line in told.sentences)


@pytest.mark.parametrize(
    ("lag", "error", "robust_lag", "robust_error", "expected"),
    [(0.5, 0.5, 0.001, 0.001, "none"), (0.01, 0.5, 0.5, 0.5, "lag"), (0.5, 0.01, 0.5, 0.5, "error"),
     (0.01, 0.01, 0.01, 0.5, "lag"), (0.01, 0.01, 0.5, 0.01, "error"),
     (0.01, 0.01, 0.01, 0.01, "both"), (0.01, 0.01, 0.5, 0.5, "undecided"),
     (0.01, 0.01, np.nan, np.nan, "undecided"), (0.05, 0.051, 1, 1, "lag")],
)  # fmt: skip
def test_the_decision_rule(lag, error, robust_lag, robust_error, expected):
    names = ["lm_lag", "lm_error", "robust_lm_lag", "robust_lm_error"]
    assert suggested(pd.Series([lag, error, robust_lag, robust_error], index=names)) == expected


def test_planted_spillover_is_found():
    """y = 0.3 W y + x + e: the tests suggest the lag, and its effects are those of theory."""
    rng = np.random.default_rng(11)
    layer = evaluated_layer(load_boundaries(), "city")
    graph = weigh("knn-6", layer, "city").graph
    matrix = graph.sparse.toarray()
    x = pd.DataFrame({"x": rng.normal(size=len(layer))}, index=graph.unique_ids)
    noise = 0.5 * rng.normal(size=len(layer))
    y = pd.Series(np.linalg.solve(np.eye(len(x)) - 0.3 * matrix, x["x"] + noise), x.index)
    study = fit_models(
        y.sample(frac=1, random_state=1), x.sample(frac=1, random_state=2), graph,
        chance=lambda _: np.random.default_rng(1),
    )  # fmt: skip
    assert study.suggestion == "lag"
    assert study.reading.model == "sar"
    assert [name for name, _ in study.reading.judged] == ["sar"]
    total = study.effects["sar"].table.loc[("x", "total")]
    assert total["lower"] < 1.0 / (1.0 - 0.3) < total["upper"]
    table = model_tables(study)["coefficients"].set_index(["model", "term"])["coefficient"]
    assert table["sar", "rho"] == pytest.approx(0.3, abs=0.1)
    # A wider model does no better than chance: the lag model holds within the Durbin model.
    ratio = study.ratios.set_index(["restricted", "full"])["p"]
    assert ratio["sar", "sdm"] > 0.01
    assert ratio["slx", "sdm"] < 0.01


def reading_of(suggestion, aic, ratios):
    """What is read, of models known by their AIC and the p of pairs alone."""
    fits = {name: SimpleNamespace(aic=value) for name, value in aic.items()}
    rows = [(*pair, 1.0, 1, p) for pair, p in ratios.items()]
    table = pd.DataFrame(rows, columns=["restricted", "full", "statistic", "df", "p"])
    study = ModelStudy(
        fits=fits, plain=None, effects={}, ratios=table, failed={}, suggestion=suggestion
    )
    return study.reading


AIC = {"ols": 6.0, "slx": 5.0, "sar": 4.0, "sem": 3.0, "sdm": 2.0, "sdem": 1.0}
NO_AIC = {"ols": 6.0, "slx": 5.0, "sar": np.nan, "sem": np.nan}


@pytest.mark.parametrize(
    ("suggestion", "aic", "ratios", "path", "by"),
    [
        ("error", AIC, {("sem", "sdm"): 0.3, ("sem", "sdem"): 0.06}, ["sem"], "tests"),
        ("error", AIC, {("sem", "sdm"): 0.01, ("sem", "sdem"): 0.01}, ["sem", "sdem"], "tests"),
        # The model of least AIC does not count where it does not reject.
        ("error", AIC, {("sem", "sdm"): 0.05, ("sem", "sdem"): 0.06}, ["sem", "sdm"], "tests"),
        ("lag", AIC, {("sar", "sdm"): 0.01}, ["sar", "sdm"], "tests"),
        ("lag", AIC, {("sar", "sdm"): 0.2, ("sem", "sdm"): 0.01}, ["sar"], "tests"),
        ("both", AIC, {("sem", "sdem"): 0.01}, ["sdm"], "tests"),
        ("none", AIC, {("ols", "slx"): 0.2, ("ols", "sar"): 0.01}, ["ols"], "tests"),
        ("none", AIC, {("ols", "slx"): 0.01, ("slx", "sdem"): 0.01},
         ["ols", "slx", "sdem"], "tests"),
        ("undecided", AIC, {}, ["sdem"], "aic"),
        ("both", NO_AIC, {}, ["sar"], "width"),
        ("error", NO_AIC, {("ols", "slx"): 0.01}, ["sem"], "tests"),
    ],
)  # fmt: skip
def test_the_model_that_is_read(suggestion, aic, ratios, path, by):
    reading = reading_of(suggestion, aic, ratios)
    assert [name for name, _ in reading.judged] == path
    assert (reading.start, reading.model, reading.by) == (path[0], path[-1], by)


@pytest.mark.parametrize(
    ("lang", "why", "read"),
    [("en", "LR tests reject SEM at 0.05 against SDM (", "Hence read below: SDEM."),
     ("zh", "LR 检验在 0.05 水平拒绝 SEM，对比 SDM (", "因此以下按 SDEM 解读。")],
)  # fmt: skip
def test_the_default_says_why_it_reads_what_it_reads(default, lang, why, read):
    told = default[lang]
    p = told.tables["ratios"].set_index(["restricted", "full"])["p"]
    assert p["sem", "sdm"] < 0.05 > p["sem", "sdem"]
    aic = told.tables["fits"].set_index("model")["aic"]
    assert aic.idxmin() == "sdem"
    lines = list(told.sentences)
    reasons = [line for line in lines if line.startswith(why)]
    assert len(reasons) == 1
    assert f"{aic['sdem']:.1f}" in reasons[0]
    assert lines.index(reasons[0]) < lines.index(read)


def test_a_model_without_spillover_has_none_by_construction():
    told = model(models="sem", **CITY)
    lines = [line for line in told.sentences if "spillover" in line]
    assert len(lines) == len(CITY["on"])
    assert all("none by construction of SEM, not a finding" in line for line in lines)


def test_effects_are_judged_by_the_interval_where_draws_of_rho_are_lost():
    told = model(models="sdm", method="gmm")
    fit = told.tables["fits"].iloc[0]
    assert fit["effect_draws_rejected"] > 0
    effects = told.tables["effects"]
    crossing = (effects["lower"] < 0) & (effects["upper"] > 0)
    # The words show what they rest on.
    said = " ".join(line for line in told.sentences if "spillover" in line)
    verdicts = re.findall(r"95 % \[(\S+), (\S+)\], (not )?significant", said)
    assert [bool(negated) for *_, negated in verdicts] == crossing.to_list()
    assert {bool(negated) for *_, negated in verdicts} == {True, False}
    assert "p =" not in said
    assert f"SDM: {fit['effect_draws_rejected']} of the simulated draws" in " ".join(told.sentences)
    shown = next(table for title, table in told.shown.items() if title.startswith("Effects"))
    assert not shown["SDM"].str.contains("*", regex=False).any()


# User's weights


def square(path, change=lambda matrix: matrix):
    layer = evaluated_layer(load_boundaries(), "province")
    rng = np.random.default_rng(8)
    numbers = rng.uniform(0, 1, (31, 31)) * (rng.uniform(size=(31, 31)) < 0.2)
    np.fill_diagonal(numbers, 0.0)
    matrix = change(pd.DataFrame(numbers, index=layer.index, columns=layer.index))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["", *matrix.columns])
        rows = zip(matrix.index, matrix.to_numpy(), strict=True)
        writer.writerows([code, *row] for code, row in rows)
    return str(path)


def test_an_asymmetric_matrix_of_ones_own_in_any_order(tmp_path):
    def mixed(matrix):
        return matrix.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)

    one, two = (
        model(profile="caict2024-province", weights=path, models="ols,sar,sem")
        for path in (square(tmp_path / "a.csv"), square(tmp_path / "b.csv", mixed))
    )
    for name in ("coefficients", "tests", "fits"):
        numbers = [t.tables[name].select_dtypes("number") for t in (one, two)]
        pd.testing.assert_frame_equal(*numbers, check_exact=True)
    assert any(line.startswith("Weights a.csv: 30 units") for line in one.sentences)


def test_raw_weights_stay_as_they_are(tmp_path):
    path = square(tmp_path / "a.csv")
    raw, scaled = (
        model(profile="caict2024-province", weights=path, models="slx", raw=r)
        for r in (True, False)
    )
    assert any("rows as they are" in line for line in raw.sentences)
    assert any("rows sum to one" in line for line in scaled.sentences)
    one, two = (t.tables["coefficients"]["coefficient"] for t in (raw, scaled))
    assert not np.allclose(one, two)


def test_a_matrix_without_any_link_is_refused(tmp_path):
    path = square(tmp_path / "a.csv", lambda matrix: matrix * 0)
    for islands in ("drop", "keep"):
        with pytest.raises(WeightsError) as caught:
            model(profile="caict2024-province", weights=path, islands=islands)
        assert caught.value.code == "weights.no_links"


def test_islands_are_dropped_kept_linked_or_refused():
    def isolates(islands):
        return model(
            profile="caict2024-province", weights="queen", islands=islands, models="ols,sar"
        )

    dropped, kept, linked = (isolates(x) for x in ("drop", "keep", "knn1"))
    assert [t.tables["fits"]["n"].iloc[0] for t in (dropped, kept, linked)] == [30, 31, 31]
    assert dropped.tables["left_out"]["name"].to_list() == ["Hainan"]
    assert any("spatial lags zero (1): Hainan" in line for line in kept.sentences)
    with pytest.raises(WeightsError) as caught:
        isolates("error")
    assert caught.value.code == "weights.islands"


# Refusals


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"of": "indx"}, "model.name_unknown", "index"),
        ({"on": ("popluation",)}, "model.name_unknown", "population"),
        ({"on": ("gdp +",)}, "model.expression", "gdp +"),
        ({"on": ("__import__('os').system('x')",)}, "model.expression", "log(x)"),
        ({"on": ("log(hub_start_areas)",)}, "model.undefined", "Beijing"),
        ({"on": ("gdp / hub_start_areas",)}, "model.division_by_zero", "Beijing"),
        ({"on": ("gdp", "gdp")}, "model.twice", "gdp"),
        ({"of": "gdp", "on": ("gdp",)}, "model.twice", "gdp"),
        ({"of": "lag(index, 1)"}, "model.score_lag", "index"),
        ({"year": 1960}, "shown.year_without_data", "1960"),
        ({"models": "ols,gwr"}, "model.option_value", "gwr"),
        ({"models": ""}, "model.option_value", "--models"),
        ({"method": "bayes"}, "model.option_value", "ml, gmm"),
        ({"islands": "sink"}, "model.option_value", "knn1"),
        ({"weights": "queens"}, "model.rule_unknown", "queen+bridges"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_cannot_be_meant_is_refused(options, code, words, lang):
    with pytest.raises(InputError) as caught:
        model(lang, **options)
    assert codes_of(caught) == [code]
    shown = said_of(caught, lang)[0]
    assert words in shown or (lang == "zh" and words == "Beijing" and "北京" in shown)


def test_all_wrong_names_are_told_at_once():
    with pytest.raises(InputError) as caught:
        model(of="indx", on=("popluation", "log("))
    assert len(caught.value.problems) >= 1
    with pytest.raises(InputError) as caught:
        model(of="indx", on=("popluation", "log(hub_start_areas)"))
    assert codes_of(caught) == ["model.name_unknown", "model.name_unknown", "model.undefined"]


@pytest.mark.parametrize(
    ("options", "code", "named"),
    [
        ({"on": ("gdp", "gdp * 2")}, "statistics.collinear", ["gdp", "gdp * 2"]),
        ({"on": ("gdp - gdp", "gdp")}, "statistics.constant_column", ["gdp - gdp"]),
        ({"of": "gdp - gdp", "on": ("population",)}, "statistics.constant", None),
        ({"of": "gdp * 2 + 1", "on": ("gdp",)}, "statistics.perfect_fit", None),
    ],
)
def test_designs_without_an_answer_are_refused_by_name(options, code, named):
    with pytest.raises(StatisticsError) as caught:
        model(**options)
    assert caught.value.code == code
    if named:
        assert caught.value.params["labels"] == named
    params = {k: v for k, v in caught.value.params.items() if not isinstance(v, list)}
    for lang in ("zh", "en"):
        shown = Text(lang)(code, **params)
        assert all(name in shown for name in named or ())


def test_too_few_units_stop_the_wide_models_but_not_the_narrow():
    names = [
        "gdp", "population", "fibre_length", "domain_names", "power_generation", "rd_intensity",
        "rd_expenditure", "land_area", "mean_temperature", "mean_elevation", "broadband_ports",
        "broadband_users", "mobile_switch_capacity", "longhaul_fibre_length", "enterprise_websites",
    ]  # fmt: skip
    told = model(profile="caict2024-province", on=tuple(names), models="ols,slx")
    assert told.tables["fits"]["model"].to_list() == ["ols"]
    assert any(line.startswith("SLX was not fitted. ") for line in told.sentences)
    with pytest.raises(GeoError) as caught:
        model(profile="caict2024-province", on=tuple(names), models="slx")
    assert caught.value.code == "statistics.too_few_observations"


# The command line


@pytest.fixture
def call(capsys, monkeypatch):
    monkeypatch.delenv("SUANLI_LANG", raising=False)
    monkeypatch.delenv("SUANLI_DEBUG", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return left.value.code, said.out, said.err

    return run


def test_the_command_prints_writes_and_speaks_json(call, tmp_path):
    arguments = ("spatial", "model", "--models", "ols,sar", "--lang", "en", "--out", tmp_path)
    code, out, err = call(*arguments)
    assert (code, err) == (DONE, "")
    assert out.startswith("Models of log(telecom_revenue), 2023")
    assert "LM tests" in out
    names = {path.stem for path in tmp_path.iterdir()}
    assert names >= {"coefficients", "effects", "tests", "ratios", "fits", "left_out", "data"}
    code, out, _ = call(*arguments, "--json")
    told = json.loads(out)
    assert code == DONE
    assert {row["model"] for row in told["coefficients"]} == {"ols", "sar"}
    assert told["sentences"][-1].endswith("not cause.")


def test_refusals_of_the_command(call):
    code, out, err = call("spatial", "model", "--of", "indx", "--lang", "en")
    assert (code, out) == (REJECTED, "")
    assert "Nearest names: index" in err
    code, _, err = call("spatial", "modle", "--lang", "en")
    assert code == USAGE
    assert "model" in err
    code, _, err = call("spatial", "weights", "knn-0", "--lang", "zh")
    assert code == REJECTED
    assert "knn" not in err or "1" in err


def test_weights_of_the_command_go_back_into_a_model(call, tmp_path):
    code, out, _ = call(
        "spatial", "weights", "knn-5", "--level", "province", "--out", tmp_path, "--lang", "en"
    )
    assert code == DONE
    assert "Weights knn-5" in out
    by_rule, by_file = (
        call("spatial", "model", "--profile", "caict2024-province", "--models", "ols,sar",
             "--weights", weights, "--json", "--lang", "en")
        for weights in ("knn-5", tmp_path / "weights.gal")
    )  # fmt: skip
    one, two = (json.loads(out) for _, out, _ in (by_rule, by_file))
    assert one["coefficients"] == two["coefficients"]

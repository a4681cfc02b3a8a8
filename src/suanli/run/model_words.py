"""A study of models in words: tables with headings of the language, and what they show."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from geo.statistics import model_table
from suanli.analysis.model import ModelStudy
from suanli.data import load_catalogue
from suanli.expression import parse_expression
from suanli.profile import ROOT, IndexSpec
from suanli.publish.sentences import node_names
from suanli.run.figuring import digits_text, short_p
from suanli.run.sheets import listed as _listed
from suanli.run.sheets import p_value
from suanli.run.weighing import Weighing
from suanli.text import Text

__all__ = ["Sample", "tell_model", "tell_weights"]

Told = tuple[dict[str, pd.DataFrame], list[str]]

_STARS: Final = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
_PLAIN: Final = ("ols", "sem")
_EFFECTS: Final = ("direct", "indirect", "total")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """What models were fitted to.

    Attributes
    ----------
    of : str
        Outcome.
    on : tuple[str, ...]
        Explanations.
    spec : IndexSpec
        The profile, with level and year.
    names : pandas.Series
        Names of units by code.
    left_out : pandas.DataFrame
        Units that take no part: ``code``, ``reason`` (``no_value`` or ``no_neighbour``),
        ``missing``.
    shared : Mapping[str, tuple[str, ...]]
        Explanation to the indicators it shares with the outcome.
    built : tuple[str, ...]
        Indicators in the outcome that cluster by construction.
    raw : bool
        Whether weights were left as they are.
    """

    of: str
    on: tuple[str, ...]
    spec: IndexSpec
    names: pd.Series
    left_out: pd.DataFrame
    shared: Mapping[str, tuple[str, ...]]
    built: tuple[str, ...]
    raw: bool


def tell_model(
    study: ModelStudy, weighing: Weighing, sample: Sample, *, text: Text, alpha: float
) -> Told:
    """Put fitted models into words.

    Parameters
    ----------
    study : ModelStudy
        The models.
    weighing : Weighing
        Their weights.
    sample : Sample
        What they were fitted to.
    text : Text
        The language.
    alpha : float
        Level below which a p is called significant.

    Returns
    -------
    tuple[dict[str, pandas.DataFrame], list[str]]
        Tables by title, and sentences.

    Examples
    --------
    >>> from suanli.run.modelling import ModelRequest, Request, model_outcome
    >>> base = Request(profile="city-compute", text=Text("en"))
    >>> told = model_outcome(ModelRequest(base=base, models=("ols",)))
    >>> list(told.shown)[0]
    'Models of log(telecom_revenue), 2023 (coefficients, standard errors in brackets)'
    """
    title = {"of": sample.of, "year": sample.spec.year}
    shown = {text("model.title.models", **title): _models(study, text)}
    effects = _effects(study, sample, text)
    if len(effects):
        shown[text("model.title.effects", **title)] = effects
    shown[text("model.title.tests")] = _tests(study, text)
    said = [
        *_about(study, sample, text),
        *tell_weights(weighing, sample.names, text),
        *_cautions(weighing, sample, text),
        *_suggestion(study, text, alpha),
        *_findings(study, sample, text, alpha),
        *_failures(study, text),
        text("model.said.no_cause"),
    ]
    return shown, said


def tell_weights(weighing: Weighing, names: pd.Series, text: Text) -> list[str]:
    """Say what weights are.

    Parameters
    ----------
    weighing : Weighing
        The weights.
    names : pandas.Series
        Names of units by code.
    text : Text
        The language.

    Returns
    -------
    list[str]
        Rule, units, links, isolates, parts; the bridges.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> from suanli.run.weighing import evaluated_layer, weigh
    >>> layer = evaluated_layer(load_boundaries(), "province")
    >>> weights = weigh("queen", layer, "province")
    >>> tell_weights(weights, layer["name_en"], Text("en"))[0][:32]
    'Weights queen: 31 units, 136 lin'
    """
    report = weighing.report
    scaled = "scaled" if report.row_standardised else "raw"
    figures = {
        "rule": weighing.rule,
        "n": report.n,
        "links": report.links,
        "mean": report.cardinality_mean,
        "isolates": len(report.isolates),
        "components": report.components,
        "scaled": text(f"model.said.{scaled}"),
    }
    said = [text("model.said.weights", **figures)]
    if report.bridges:
        pairs = ["-".join(str(names[code]) for code in pair) for pair in report.bridges]
        said.append(text("model.said.bridges", pairs=_listed(pairs, text)))
    return said


def _models(study: ModelStudy, text: Text) -> pd.DataFrame:
    table = _rows(model_table(study.fits))
    nothing = dict.fromkeys(study.fits, math.nan)
    rows: list[list[str]] = []
    for term in _terms(study):
        values, errors = table[term, "coefficient"], table[term, "standard_error"]
        marks = table.get((term, "p"), nothing)
        rows.append([_term(term, text), *_starred(values.values(), marks.values())])
        rows.append(["", *map(_bracketed, errors.values())])
    for key, figure in (
        (("residual_moran", "statistic"), "residual_moran"),
        (("residual_moran", "p"), "p"),
        (("model", "r_squared"), "r_squared"),
        (("model", "log_likelihood"), "log_likelihood"),
        (("model", "aic"), "aic"),
        (("model", "n"), "n"),
    ):
        write = p_value if figure == "p" else digits_text
        indent = "  " if figure == "p" else ""
        rows.append([indent + text(f"model.word.{figure}"), *map(write, table[key].values())])
    head = [text("model.word.term"), *(name.upper() for name in study.fits)]
    return pd.DataFrame(rows, columns=head)


def _rows(table: pd.DataFrame) -> dict[Any, dict[str, float]]:
    """Return every row of a table of figures by its label."""
    records: list[Any] = table.to_dict("records")
    return dict(zip(table.index, records, strict=True))


def _terms(study: ModelStudy) -> list[str]:
    """Return the terms of all models: explanations, their lags, rho and lambda."""
    every = [str(name) for fit in study.fits.values() for name in fit.coefficients.index]
    last = [name for name in ("rho", "lambda") if name in every]
    return [*dict.fromkeys(name for name in every if name not in last), *last]


def _effects(study: ModelStudy, sample: Sample, text: Text) -> pd.DataFrame:
    effects = {n: _rows(one.table) for n, one in study.effects.items() if n not in _PLAIN}
    doubtful = {name for name in effects if study.effects[name].rejected}
    rows = []
    for variable in sample.on if effects else ():
        for effect in _EFFECTS:
            cells = [table[variable, effect] for table in effects.values()]
            first = variable if effect == _EFFECTS[0] else ""
            estimates = [one["estimate"] for one in cells]
            p = [
                math.nan if n in doubtful else table[variable, effect]["p"]
                for n, table in effects.items()
            ]
            rows.append([first, text(f"model.word.{effect}"), *_starred(estimates, p)])
            rows.append(["", "", *(_bracketed(one["standard_error"]) for one in cells)])
    head = [text("model.word.variable"), text("model.word.effect")]
    return pd.DataFrame(rows, columns=[*head, *(name.upper() for name in effects)])


def _tests(study: ModelStudy, text: Text) -> pd.DataFrame:
    tests = {"ols": study.plain.tests} | {name: fit.tests for name, fit in study.fits.items()}
    rows: list[tuple[str, str, dict[Any, Any]]] = [
        (name, text(f"model.test.{test}"), row)
        for name, table in tests.items()
        for test, row in _rows(table).items()
    ]
    rows += [
        (row["restricted"], text("model.test.ratio", full=row["full"].upper()), row)
        for row in study.ratios.to_dict("records")
    ]
    cells = [
        [name.upper(), test, digits_text(row["statistic"]), f"{row['df']:.0f}", p_value(row["p"])]
        for name, test, row in rows
    ]
    names = ("model", "test", "statistic", "df", "p")
    return pd.DataFrame(cells, columns=[text(f"model.word.{name}") for name in names])


def _about(study: ModelStudy, sample: Sample, text: Text) -> list[str]:
    said = [text("model.said.units", n=study.plain.n, of=len(sample.names))]
    for reason, rows in sample.left_out.groupby("reason", sort=True):
        named = [str(sample.names[code]) for code in rows["code"]]
        params = {"count": len(named), "units": _listed(named, text)}
        said.append(text(f"model.said.{reason}", **params))
    words = dict.fromkeys(
        name
        for expression in (sample.of, *sample.on)
        for name in parse_expression(expression).names
    )
    return [*said, text("model.said.names", names=_glossary(words, sample, text))]


def _glossary(names: Iterable[str], sample: Sample, text: Text) -> str:
    catalogue = load_catalogue()
    known = node_names(catalogue, sample.spec, text)
    own = catalogue.indicators
    units = own[own["level"] == sample.spec.level].set_index("indicator")["unit"]
    pairs = []
    for name in names:
        unit = str(units.get(name, ""))
        tail = f" ({unit})" if unit and name != ROOT else ""
        pairs.append(f"{name} = {known.get(name, name)}{tail}")
    return text("model.said.mark").join(pairs)


def _cautions(weighing: Weighing, sample: Sample, text: Text) -> list[str]:
    said = [
        text("model.said.shared", variable=variable, of=sample.of, names=_listed(shared, text))
        for variable, shared in sample.shared.items()
    ]
    if sample.built:
        said.append(text("model.said.built", of=sample.of, names=_listed(sample.built, text)))
    if weighing.distances:
        said.append(text("model.said.gwt", file=weighing.file))
    if weighing.report.isolates:
        named = [str(sample.names[code]) for code in weighing.report.isolates]
        said.append(text("model.said.isolates", count=len(named), units=_listed(named, text)))
    return said


def _suggestion(study: ModelStudy, text: Text, alpha: float) -> list[str]:
    p = study.plain.tests["p"]
    figures = {str(name): _chance(value) for name, value in p.items()}
    said = [text(f"model.suggest.{study.suggestion}", alpha=alpha, **figures)]
    table = study.plain.coefficients
    turned = table.index[(table["p"] <= alpha) != (table["hc1_p"] <= alpha)].drop(
        "intercept", errors="ignore"
    )
    if len(turned):
        said.append(text("model.said.hc1", names=_listed(turned, text)))
    moran = study.plain.residual_moran
    key = "moran_left" if moran.p <= alpha else "moran_none"
    said.append(text(f"model.said.{key}", statistic=moran.statistic, p=_chance(moran.p)))
    aic = {name: fit.aic for name, fit in study.fits.items()}
    if len(aic) > 1 and all(map(math.isfinite, aic.values())):
        least = min(aic, key=aic.__getitem__)
        said.append(text("model.said.aic", model=least.upper(), aic=aic[least]))
    return said


def _findings(study: ModelStudy, sample: Sample, text: Text, alpha: float) -> list[str]:
    name = study.reading.model
    said = [*_reasons(study, text), text("model.said.read", model=name.upper())]
    effect = study.effects.get(name)
    if effect is None:
        return said
    table = _rows(effect.table)
    for variable in sample.on:
        figures: dict[str, Any] = {"variable": variable}
        for kind in _EFFECTS:
            row = table[variable, kind]
            # Where draws of rho were lost p means nothing, but the interval of the draws does.
            ends = row["lower"], row["upper"]
            hit = ends[0] * ends[1] > 0 if effect.rejected else row["p"] <= alpha
            figures[kind] = digits_text(row["estimate"])
            figures[f"{kind}_p"] = _interval(ends) if effect.rejected else _chance(row["p"])
            figures[f"{kind}_word"] = text(f"model.word.{'' if hit else 'in'}significant")
        key = "effect_plain" if name in _PLAIN else "effect"
        said.append(text(f"model.said.{key}", model=name.upper(), **figures))
    said += [
        text("model.said.rejected", model=one.upper(), rejected=result.rejected)
        for one, result in study.effects.items()
        if result.rejected
    ]
    if effect.draws:
        said.append(text("model.said.draws", draws=effect.draws))
    return said


def _reasons(study: ModelStudy, text: Text) -> list[str]:
    """Say what led to the model that is read."""
    reading = study.reading
    said = [text(f"model.reason.{reading.by}", model=reading.start.upper())]
    path = [name for name, _ in reading.judged][1:]
    for (name, p), after in zip(reading.judged, [*path, ""], strict=True):
        # A sentence on rejection names those that reject.
        told = {full: value for full, value in p.items() if not after or value <= study.alpha}
        pairs = [f"{full.upper()} ({_chance(value)})" for full, value in told.items()]
        figures = {
            "model": name.upper(),
            "against": _listed(pairs, text),
            "to": after.upper(),
            "alpha": study.alpha,
        }
        if pairs and after:
            hit = [study.fits[full].aic for full in told]
            several = "_several" if len(hit) > 1 else ""
            said.append(text(f"model.reason.rejected{several}", aic=min(hit), **figures))
        elif pairs:
            said.append(text("model.reason.kept", **figures))
        elif name not in ("sdm", "sdem"):
            said.append(text("model.reason.untested", **figures))
    return said


def _failures(study: ModelStudy, text: Text) -> list[str]:
    said = []
    for name, error in study.failed.items():
        params = {
            k: _listed(v, text) if isinstance(v, list) else v for k, v in error.params.items()
        }
        reason = text(error.code, **params) if text.has(error.code) else str(error)
        model, _, effects = name.partition(".")
        key = "no_effects" if effects else "failed"
        said.append(text(f"model.said.{key}", model=model.upper(), reason=reason))
    return said


def _term(term: str, text: Text) -> str:
    if text.has(f"model.term.{term}"):
        return text(f"model.term.{term}")
    return f"W {term.removeprefix('W_')}" if term.startswith("W_") else term


def _starred(values: Iterable[float], p: Iterable[float]) -> list[str]:
    return [
        digits_text(value) + next((mark for level, mark in _STARS if chance <= level), "")
        if _known(value)
        else ""
        for value, chance in zip(values, p, strict=True)
    ]


def _known(value: float) -> bool:
    return math.isfinite(float(value))


def _bracketed(value: float) -> str:
    return f"({digits_text(value)})" if _known(value) else ""


def _chance(value: float) -> str:
    """Write a p into a sentence, with its sign."""
    written = short_p(value)
    return f"p {written[0]} {written[1:]}" if written[:1] == "<" else f"p = {written or '-'}"


def _interval(ends: tuple[float, float]) -> str:
    return f"95 % [{', '.join(map(digits_text, ends))}]"

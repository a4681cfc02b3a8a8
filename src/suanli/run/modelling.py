"""``suanli spatial model``: the data of a regression, its models, its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.weights.contiguity import Islands
from suanli.analysis.chance import generator
from suanli.analysis.model import MODELS, Method, fit_models, model_tables
from suanli.errors import InputError, Problem
from suanli.evaluation import Scores, evaluate
from suanli.expression import FUNCTIONS, Expression, ExpressionError, parse_expression
from suanli.intake import IndicatorTable
from suanli.intake.table import suggestion
from suanli.profile import ROOT, IndexSpec, inference_spec, load_profile
from suanli.run.config import DEFAULT_SEED
from suanli.run.diagnosing import Explanation, Request, written
from suanli.run.model_words import Sample, tell_model
from suanli.run.parts import prepared
from suanli.run.weighing import diagnostics, weigh

__all__ = ["DEFAULTS", "ModelRequest", "model_outcome", "model_request", "sample_of"]

DEFAULTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "city": (
        "log(telecom_revenue)",
        ("latency_to_hub", "log(population)", "log(gdp / population)"),
    ),
    "province": (
        "log(mobile_internet_traffic)",
        ("latency_to_hub", "log(population)", "log(gdp_per_capita)"),
    ),
}
"""Outcome and explanations of a level where none are named: does what digital services sell, or
what is sent, fall with the distance from a hub, size and wealth held fixed?"""

_LISTED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """What is to be explained, by what, and how.

    Attributes
    ----------
    base : Request
        Profile, data, year, folder, language.
    of : str
        Outcome: the index, a dimension, an indicator, or an expression of such; that of
        :data:`DEFAULTS` when empty.
    on : tuple[str, ...]
        Explanations, likewise.
    tested : bool
        Score by the profile without indicators that cluster by construction.
    weights : str
        Name of a rule, or path of a file.
    islands : {"drop", "knn1", "keep", "error"}
        What happens to units without neighbours.
    raw : bool
        Leave weights as they are instead of scaling rows to sum to one.
    models : tuple[str, ...]
        Some of :data:`suanli.analysis.model.MODELS`.
    method : {"ml", "gmm"}
        Estimator of the spatial parameters.
    seed : int
        Seed of the simulated standard errors.
    alpha : float
        Level of the tests.
    """

    base: Request = field(default_factory=Request)
    of: str = ""
    on: tuple[str, ...] = ()
    tested: bool = False
    weights: str = "queen+bridges"
    islands: Islands = "drop"
    raw: bool = False
    models: tuple[str, ...] = MODELS
    method: Method = "ml"
    seed: int = DEFAULT_SEED
    alpha: float = 0.05


def model_request(base: Request, *, models: str, seed: int | None, **options: Any) -> ModelRequest:
    """Check what the command line was told.

    Parameters
    ----------
    base : Request
        Profile, data, year, folder, language.
    models : str
        Names of models, joined by commas.
    seed : int, optional
        The default one when absent.
    **options : Any
        Further fields of :class:`ModelRequest`.

    Returns
    -------
    ModelRequest
        The request.

    Raises
    ------
    InputError
        A value that an option does not know.

    Examples
    --------
    >>> request = model_request(Request(), models="ols, sar", seed=None, islands="drop",
    ...                         method="ml")
    >>> request.models, request.seed == DEFAULT_SEED
    (('ols', 'sar'), True)
    """
    names = tuple(name.strip().lower() for name in models.split(",") if name.strip())
    allowed = {"--models": MODELS, "--method": get_args(Method), "--islands": get_args(Islands)}
    given = {"--models": names or ("",), "--method": (options["method"],)}
    given["--islands"] = (options["islands"],)
    problems = [
        Problem(
            code="model.option_value",
            params={"option": option, "got": got, "allowed": ", ".join(allowed[option])},
        )
        for option, values in given.items()
        for got in values
        if got not in allowed[option]
    ]
    if problems:
        raise InputError(problems)
    chosen = DEFAULT_SEED if seed is None else seed
    return ModelRequest(base=base, models=names, seed=chosen, **options)


def model_outcome(request: ModelRequest) -> Explanation:
    """Explain an outcome by several spatial regressions.

    Parameters
    ----------
    request : ModelRequest
        What, by what, how.

    Returns
    -------
    Explanation
        Models side by side, effects, tests, and what they allow one to say.

    Raises
    ------
    InputError
        Profile, data, names, options or weights cannot be used.
    geo.errors.GeoError
        Columns cannot be told apart, too few units, or weights that do not fit.
    OSError
        A table cannot be written.

    Examples
    --------
    >>> from suanli.text import Text
    >>> base = Request(profile="city-compute", text=Text("en"))
    >>> told = model_outcome(ModelRequest(base=base, models=("ols", "sar")))
    >>> told.tables["fits"]["model"].to_list()
    ['ols', 'sar']
    """
    base = request.base
    spec = load_profile(base.profile)
    of, on = DEFAULTS[spec.level]
    of, on = request.of.strip() or of, tuple(x.strip() for x in request.on) or on
    spec, table, layer = prepared(
        base.profile,
        data=base.data,
        year=base.year,
        text=base.text,
        also=_named(of, *on),
        warn=base.warn,
    )
    spec = inference_spec(spec) if request.tested else spec
    units = layer[layer["evaluated"]].sort_index()
    names = units["name_en" if base.text.lang == "en" else "name"]
    values = sample_of(table, spec, (of, *on), names=names)
    known = values.dropna()
    if known.empty:
        counts = ", ".join(f"{name}: {n}" for name, n in values.notna().sum().items())
        params = {"year": spec.year, "counts": counts}
        raise InputError([Problem(code="model.no_units", params=params)])
    weighing = weigh(
        request.weights,
        units,
        spec.level,
        codes=known.index,
        islands=request.islands,
        raw=request.raw,
    )
    kept = known.loc[weighing.graph.unique_ids]
    study = fit_models(
        kept[of],
        kept[list(on)],
        weighing.graph,
        models=request.models,
        method=request.method,
        keep_islands=request.islands == "keep",
        alpha=request.alpha,
        chance=lambda name: generator(request.seed, f"model.{name}"),
    )
    sample = Sample(
        of=of,
        on=on,
        spec=spec,
        names=names,
        left_out=_left_out(values, kept.index, weighing.islands),
        shared=_shared(spec, table, of, on),
        built=_built(spec, of),
        raw=request.raw,
    )
    tables = {
        **model_tables(study),
        "left_out": sample.left_out.assign(name=names.reindex(sample.left_out["code"]).to_numpy()),
        **diagnostics(weighing.graph),
        "data": kept.rename_axis("code").reset_index(),
    }
    shown, sentences = tell_model(study, weighing, sample, text=base.text, alpha=request.alpha)
    return written(base, tables, shown, sentences)


def sample_of(
    table: IndicatorTable, spec: IndexSpec, texts: Sequence[str], *, names: pd.Series
) -> pd.DataFrame:
    """Compute what stands in a model, unit by unit.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile; its year is the year of the model.
    texts : Sequence[str]
        Names of the index, of dimensions, of indicators of the table (in their units) or of
        the profile (as derived), or expressions of such.
    names : pandas.Series
        Names of the units that take part, by code.

    Returns
    -------
    pandas.DataFrame
        Index code, sorted; one column per text, missing where a value is.

    Raises
    ------
    InputError
        All that cannot be read, named or computed.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> spec, codes = load_profile("caict2024-province"), pd.Series({"110000": "Beijing"})
    >>> frame = sample_of(load_catalogue().province, spec, ["log(gdp)", "index"], names=codes)
    >>> frame.round(1).to_numpy().tolist()
    [[10.8, 61.6]]
    """
    source = _Source(table, spec)
    columns: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    for text in dict.fromkeys(texts):
        try:
            expression = _parsed(text)
            source.require(expression)
            found = pd.Series(expression.compute(source, spec.year), index=table.codes)
            columns[text] = found.reindex(names.index)
        except ExpressionError as error:
            problems.append(_undefined(text, error, source, names))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    frame = pd.DataFrame(columns)
    # A text that stands twice stays twice, for the check of the columns to name it.
    return frame[list(texts)] if len(columns) == len(texts) else _twice(texts)


class _Source:
    """Values by name and year: scores and derived indicators of the profile, or of the table."""

    def __init__(self, table: IndicatorTable, spec: IndexSpec) -> None:
        self.table, self.spec = table, spec
        self._scores: Scores | None = None
        self.nodes = set(spec.bottom_up())
        self.derived = {item.id for item in spec.indicator}
        self.known = sorted(self.nodes | self.derived | set(table.indicators))

    def require(self, expression: Expression) -> None:
        unknown = [name for name in expression.names if name not in self.known]
        if unknown:
            raise InputError(
                [
                    Problem(
                        code="model.name_unknown",
                        params={"name": name, **suggestion(name, self.known, kind="names")},
                    )
                    for name in unknown
                ]
            )

    def __call__(self, name: str, year: int) -> NDArray[np.float64]:
        if name not in self.nodes and name in self.table.indicators:
            return self.table.wide(year, [name])[name].to_numpy(dtype=float)
        if year != self.spec.year:
            raise InputError([Problem(code="model.score_lag", params={"name": name})])
        if self._scores is None:
            self._scores = evaluate(self.table, self.spec)
        found = self._scores.nodes if name in self.nodes else self._scores.stages["derived"]
        return found[name].reindex(self.table.codes).to_numpy(dtype=float)


def _parsed(text: str) -> Expression:
    try:
        return parse_expression(text)
    except ExpressionError as error:
        functions = ", ".join(FUNCTIONS.values())
        params = {"text": text, "detail": error.detail, "functions": functions}
        raise InputError([Problem(code="model.expression", params=params)]) from None


def _named(*texts: str) -> tuple[str, ...]:
    """Return the names in expressions, for a user's own data may be known by these alone."""
    return tuple(name for text in texts for name in _parsed(text).names)


def _undefined(text: str, error: ExpressionError, source: _Source, names: pd.Series) -> Problem:
    codes = np.array(source.table.codes)[error.where]
    units = [str(names[code]) for code in codes if code in names.index]
    more = ", …" if len(units) > _LISTED else ""
    params: dict[str, Any] = {"text": text, "year": source.spec.year, "count": len(units)}
    return Problem(
        code=f"model.{error.reason}", params=params | {"units": ", ".join(units[:_LISTED]) + more}
    )


def _twice(texts: Sequence[str]) -> pd.DataFrame:
    repeated = [text for text in dict.fromkeys(texts) if list(texts).count(text) > 1]
    raise InputError([Problem(code="model.twice", params={"names": ", ".join(repeated)})])


def _left_out(values: pd.DataFrame, kept: pd.Index, islands: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for code in values.index.difference(kept):
        gaps = [str(name) for name in values.columns if pd.isna(values.loc[code, name])]
        rows.append((code, "no_value" if gaps else "no_neighbour", "; ".join(gaps)))
    known = set(islands)
    assert all(gaps or code in known for code, _, gaps in rows)  # noqa: S101 - nobody else is lost
    return pd.DataFrame(rows, columns=["code", "reason", "missing"])


def _behind(spec: IndexSpec, table: IndicatorTable, text: str) -> set[str]:
    """Return what an expression rests on: indicators of profile and table."""
    items = {item.id: item for item in spec.indicator}
    queue, found = list(_parsed(text).names), set()
    while queue:
        name = queue.pop()
        if name == ROOT or name in spec.bottom_up():
            queue.extend(spec.children(name))
        elif name in items and name not in table.indicators:
            found |= {name, *spec.inputs(items[name])}
        else:
            found |= {name, *(spec.inputs(items[name]) if name in items else ())}
    return found


def _shared(
    spec: IndexSpec, table: IndicatorTable, of: str, on: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    outcome = _behind(spec, table, of)
    found = {name: tuple(sorted(outcome & _behind(spec, table, name))) for name in on}
    return {name: common for name, common in found.items() if common}


def _built(spec: IndexSpec, of: str) -> tuple[str, ...]:
    """Return the indicators of a score that cluster by construction."""
    nodes = [name for name in _parsed(of).names if name in spec.bottom_up()]
    below = list(nodes)
    for node in below:
        below.extend(spec.children(node))
    excluded = {item.id for item in spec.indicator if item.inference == "excluded"}
    return tuple(dict.fromkeys(name for name in below if name in excluded))

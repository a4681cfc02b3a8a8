"""Correlations inside an index, and the consistency of each of its nodes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from suanli.diagnostics.splitting import every_score
from suanli.diagnostics.tree import ancestors, dimensions, leaves
from suanli.evaluation import Scores
from suanli.profile import ROOT

__all__ = [
    "METHODS",
    "Limits",
    "ancestor_correlations",
    "consistency",
    "correlation",
    "correlation_matrix",
    "cronbach_alpha",
    "pair_correlations",
    "stage_scores",
]

Stage = Literal["derived", "imputed", "treated", "normalised", "aggregated"]
Method = Literal["pearson", "spearman", "kendall"]

METHODS: Final[Mapping[Method, Callable[..., Any]]] = MappingProxyType(
    {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}
)
"""Coefficients by name; each gives a statistic and a two-sided p-value."""

_FEWEST: Final = 3
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a correlation or an alpha is worth a word.

    Attributes
    ----------
    negative : float
        Below it, two indicators of one dimension contradict each other.
    collinear : float
        Above it, two indicators say the same twice.
    weak : float
        Below it, an indicator or sub-dimension says little about the node it belongs to.
    alpha : float
        Below it, a node is not internally consistent.
    significance : float
        Correlations with a p-value above it are not flagged as negative.

    Notes
    -----
    -0.4, 0.92 and 0.3 are the thresholds the JRC uses in its statistical audits; COINr
    (Becker et al., Journal of Open Source Software 7(78), 2022, 4567) flags below -0.4 and
    above 0.9. 0.7 for alpha: Nunnally, Psychometric Theory (1978).
    """

    negative: float = -0.4
    collinear: float = 0.92
    weak: float = 0.3
    alpha: float = 0.7
    significance: float = 0.05


def correlation(x: pd.Series, y: pd.Series, *, method: Method = "pearson") -> dict[str, float]:
    """Correlate two series over the labels at which both have a value.

    Parameters
    ----------
    x, y : pandas.Series
        Values by unit.
    method : {"pearson", "spearman", "kendall"}
        The coefficient; Kendall's is tau-b.

    Returns
    -------
    dict[str, float]
        ``r``, two-sided ``p`` and ``n``; r and p missing for fewer than three common values
        or where one side does not vary.

    Notes
    -----
    Pearson: t distribution with n - 2 degrees of freedom. Spearman: the same on ranks.
    Kendall: exact without ties for small n, else normal. As in :mod:`scipy.stats`.

    Examples
    --------
    >>> x = pd.Series({"a": 1.0, "b": 2.0, "c": 4.0, "d": None})
    >>> y = pd.Series({"c": 3.0, "b": 2.0, "a": 1.0, "d": 9.0})
    >>> found = correlation(x, y, method="spearman")
    >>> found["r"], found["n"]
    (1.0, 3)
    """
    pair = pd.concat([x, y], axis=1, keys=["x", "y"])
    return _of_rows(pair["x"].to_numpy(dtype=float), pair["y"].to_numpy(dtype=float), method)


def _of_rows(x: Array, y: Array, method: Method) -> dict[str, float]:
    both = ~(np.isnan(x) | np.isnan(y))
    a, b = x[both], y[both]
    n = int(both.sum())
    if n < _FEWEST or np.ptp(a) == 0 or np.ptp(b) == 0:
        return {"r": float("nan"), "p": float("nan"), "n": n}
    result = METHODS[method](a, b)
    return {"r": float(result.statistic), "p": float(result.pvalue), "n": n}


def _arrays(frame: pd.DataFrame) -> dict[str, Array]:
    return {str(name): column.to_numpy(dtype=float) for name, column in frame.items()}


def stage_scores(scores: Scores, stage: Stage) -> pd.DataFrame:
    """Return what is correlated at a stage.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    stage : {"derived", "imputed", "treated", "normalised", "aggregated"}
        Indicators at that stage; ``aggregated`` adds dimensions, sub-dimensions and index to
        the normalised indicators, withheld scores left out.

    Returns
    -------
    pandas.DataFrame
        Index ``code``.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> stage_scores(scores, "treated").shape, stage_scores(scores, "aggregated").shape
    ((31, 26), (31, 39))
    """
    if stage == "aggregated":
        return every_score(scores).assign(**{str(k): v for k, v in scores.nodes.items()})
    return scores.stages[stage]


def pair_correlations(
    scores: Scores,
    *,
    stage: Stage = "normalised",
    method: Method = "pearson",
    limits: Limits | None = None,
) -> pd.DataFrame:
    """Correlate every pair of indicators, and of siblings further up at the last stage.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    stage : {"derived", "imputed", "treated", "normalised", "aggregated"}
        Which values. Before normalisation indicators of which less is better correlate
        with the other sign. ``aggregated``: dimensions and sub-dimensions instead of
        indicators, pairs of one level only.
    method : {"pearson", "spearman", "kendall"}
        The coefficient.
    limits : Limits, optional
        Where a pair is flagged.

    Returns
    -------
    pandas.DataFrame
        One row per pair: ``first``, ``second``, ``relation`` (``siblings`` of one parent,
        ``within`` one dimension, ``across`` dimensions), ``r``, ``p``, ``n`` (units that have
        both) and ``flag``: ``negative`` (siblings or within, below the limit and
        significant), ``collinear`` (anywhere), or empty.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> len(pair_correlations(scores)) == 26 * 25 // 2
    True
    """
    spec, bounds = scores.spec, limits or Limits()
    columns = _arrays(stage_scores(scores, stage))
    upper = stage == "aggregated"
    names = [item.id for item in (spec.dimension if upper else spec.indicator)]
    paths = {name: ancestors(spec, name) for name in names}
    top = dimensions(spec)
    rows = []
    for first, second in combinations(names, 2):
        if upper and len(paths[first]) != len(paths[second]):
            continue
        relation = "within" if top[first] == top[second] else "across"
        if paths[first][0] == paths[second][0]:
            relation = "siblings"
        found = _of_rows(columns[first], columns[second], method)
        flag = _pair_flag(found, bounds, inside=relation != "across")
        rows.append({"first": first, "second": second, "relation": relation, **found, "flag": flag})
    order = ["first", "second", "relation", "r", "p", "n", "flag"]
    return pd.DataFrame(rows, columns=order)


def correlation_matrix(
    scores: Scores, *, stage: Stage = "normalised", method: Method = "pearson"
) -> pd.DataFrame:
    """Return the correlations of a stage as a matrix.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    stage : {"derived", "imputed", "treated", "normalised", "aggregated"}
        Which values, see :func:`stage_scores`.
    method : {"pearson", "spearman", "kendall"}
        The coefficient.

    Returns
    -------
    pandas.DataFrame
        Symmetric, ones on the diagonal, over the units that have both.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> matrix = correlation_matrix(scores, stage="aggregated", method="spearman")
    >>> bool((matrix == matrix.T).all(axis=None))
    True
    """
    frame = stage_scores(scores, stage)
    matrix = frame.corr(method=method, min_periods=_FEWEST)
    return matrix.rename_axis(index="id", columns=None)


def ancestor_correlations(
    scores: Scores, *, method: Method = "pearson", limits: Limits | None = None
) -> pd.DataFrame:
    """Correlate every indicator and node with its parent, grandparent, up to the index.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    method : {"pearson", "spearman", "kendall"}
        The coefficient.
    limits : Limits, optional
        Where a row is flagged.

    Returns
    -------
    pandas.DataFrame
        ``id``, ``ancestor``, ``generation`` (1 is the parent), ``r``, ``p``, ``n`` and
        ``flag``: ``weak`` where r is below the limit, or empty. Only children do not
        correlate with their parent, they are it: such rows are left out.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> table = ancestor_correlations(scores)
    >>> table.loc[table["id"].eq("web_pages"), "ancestor"].to_list()
    ['storage_scale', 'storage', 'index']
    """
    spec, bounds = scores.spec, limits or Limits()
    columns = _arrays(stage_scores(scores, "aggregated"))
    rows = []
    for item in spec.items():
        for generation, above in enumerate(ancestors(spec, item.id), start=1):
            if leaves(spec, above) == (leaves(spec, item.id) or (item.id,)):
                continue
            found = _of_rows(columns[item.id], columns[above], method)
            flag = "weak" if found["r"] < bounds.weak else ""
            name = {"id": item.id, "ancestor": above, "generation": generation}
            rows.append({**name, **found, "flag": flag})
    order = ["id", "ancestor", "generation", "r", "p", "n", "flag"]
    return pd.DataFrame(rows, columns=order)


def cronbach_alpha(
    frame: pd.DataFrame, *, standardised: bool = False, complete: bool = False
) -> float:
    """Measure how far items tell the same story.

    Parameters
    ----------
    frame : pandas.DataFrame
        Items in columns.
    standardised : bool, default False
        From correlations instead of covariances.
    complete : bool, default False
        From rows without missing values only, instead of pairwise.

    Returns
    -------
    float
        At most 1; may be negative. Missing for fewer than two items, or where they do not
        vary.

    Notes
    -----
    ``k / (k - 1) (1 - trace(C) / sum(C))``, C the covariances of k items

    Cronbach, Psychometrika 16 (1951) 297-334; pairwise covariances as in COINr's
    ``get_cronbach``

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 2, 3, 4], "c": [2.0, 4, 6, 8]})
    >>> round(cronbach_alpha(frame, standardised=True), 12)
    1.0
    >>> cronbach_alpha(frame)
    0.9375
    """
    items = frame.dropna() if complete else frame
    matrix = (items.corr() if standardised else items.cov()).to_numpy(dtype=float)
    k = len(matrix)
    total = float(matrix.sum())
    if k <= 1 or not np.isfinite(total) or total == 0:
        return float("nan")
    return k / (k - 1) * (1.0 - float(np.trace(matrix)) / total)


def consistency(scores: Scores, *, limits: Limits | None = None) -> pd.DataFrame:
    """Return Cronbach's alpha of every node, over its children and over its indicators.

    Parameters
    ----------
    scores : Scores
        An evaluation; normalised indicators and aggregated nodes are used.
    limits : Limits, optional
        Where a row is flagged.

    Returns
    -------
    pandas.DataFrame
        ``node``, ``items`` (``children``, or ``indicators`` where these are others),
        ``k``, ``n`` (units that have all), ``alpha`` and ``alpha_standardised`` (pairwise),
        ``alpha_complete`` (units that have all), ``mean_r`` (mean correlation of two items)
        and ``flag``: ``low`` where alpha is below the limit, or empty. Nodes with one item
        are left out.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> consistency(scores)["items"].value_counts().to_dict()
    {'children': 13, 'indicators': 5}
    """
    spec, bounds = scores.spec, limits or Limits()
    frame = stage_scores(scores, "aggregated")
    rows = []
    for node in (ROOT, *(item.id for item in spec.dimension)):
        groups = {"children": spec.children(node), "indicators": leaves(spec, node)}
        if groups["children"] == groups["indicators"]:
            del groups["indicators"]
        for items, names in groups.items():
            if len(names) > 1:
                rows.append({"node": node, "items": items, **_alphas(frame[list(names)], bounds)})
    return pd.DataFrame(rows, columns=_ALPHA)


_ALPHA = [
    "node", "items", "k", "n", "alpha", "alpha_standardised", "alpha_complete", "mean_r", "flag"
]  # fmt: skip


def _alphas(frame: pd.DataFrame, limits: Limits) -> dict[str, Any]:
    matrix = frame.corr().to_numpy(dtype=float)
    apart = matrix[np.triu_indices(len(matrix), k=1)]
    known = apart[np.isfinite(apart)]
    alpha = cronbach_alpha(frame)
    return {
        "k": frame.shape[1],
        "n": len(frame.dropna()),
        "alpha": alpha,
        "alpha_standardised": cronbach_alpha(frame, standardised=True),
        "alpha_complete": cronbach_alpha(frame, complete=True),
        "mean_r": float(known.mean()) if known.size else float("nan"),
        "flag": "low" if alpha < limits.alpha else "",
    }


def _pair_flag(found: Mapping[str, float], limits: Limits, *, inside: bool) -> str:
    if found["r"] > limits.collinear:
        return "collinear"
    significant = found["p"] <= limits.significance
    return "negative" if inside and significant and found["r"] < limits.negative else ""

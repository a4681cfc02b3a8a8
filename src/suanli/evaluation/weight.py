"""Local weights of siblings: given, equal, from judgement matrices (AHP), or from the data."""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation import objective
from suanli.evaluation.aggregate import combine
from suanli.evaluation.influence import optimised_weights
from suanli.evaluation.judgement import CONSISTENCY_LIMIT, Priorities, ahp_priorities
from suanli.profile import ROOT, IndexSpec

__all__ = ["CONSISTENCY_LIMIT", "METHODS", "Priorities", "Weighing", "ahp_priorities", "weigh"]


Local = tuple[pd.Series, float | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighing:
    """What a weighting method may look at.

    Attributes
    ----------
    spec : IndexSpec
        The profile.
    node : str
        The node whose children are weighted.
    frame : pandas.DataFrame, optional
        Scores of the children, shape (rows, children); absent where no data were given.
    """

    spec: IndexSpec
    node: str
    frame: pd.DataFrame | None = None

    @property
    def children(self) -> list[str]:
        """Identifiers of the children, in the order of the profile.

        Returns
        -------
        list[str]
            At least one.
        """
        return list(self.spec.children(self.node))


def _ahp(given: Weighing) -> Local:
    """Take the principal eigenvector of a judgement matrix.

    Notes
    -----
    ``A w = lambda_max w``, w summing to 1; ``CR = (lambda_max - n) / ((n - 1) RI(n))``

    Saaty, The Analytic Hierarchy Process (1980)
    """
    spec, node, children = given.spec, given.node, given.children
    if len(children) == 1:
        return pd.Series(1.0, index=children), None
    judgement = next(item for item in spec.judgement if item.parent == node)
    names = list(judgement.order)
    result = ahp_priorities(pd.DataFrame(judgement.matrix, index=names, columns=names))
    return result.weights.reindex(children), result.consistency_ratio


def _given(given: Weighing) -> Local:
    """Take the weights the profile states.

    Notes
    -----
    ``w_j`` as stated, summing to 1 among siblings

    The profile
    """
    every = {item.id: item.weight for item in given.spec.items()}
    return pd.Series({child: every[child] or 0.0 for child in given.children}), None


def _equal(given: Weighing) -> Local:
    """Weigh all siblings alike.

    Notes
    -----
    ``w_j = 1 / m`` for m siblings

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6
    """
    children = given.children
    return pd.Series(1.0 / len(children), index=children), None


def _from_data(name: str) -> Callable[[Weighing], Local]:
    """Make a weighting method of a function of the siblings' scores."""
    function = objective.METHODS[name]

    @functools.wraps(function, assigned=("__doc__",), updated=())
    def weighting(given: Weighing) -> Local:
        complete, params = _complete(given, name)
        if len(given.children) == 1:
            return pd.Series(1.0, index=given.children), None
        if name in objective.NEEDS:
            need, test = objective.NEEDS[name]
            fit = test(complete)
            if not fit.all():
                params |= {"need": need, "columns": ", ".join(fit.index[~fit])}
                raise InputError([Problem(code="evaluation.weights_domain", params=params)])
        code = "scoring.weights_cancel" if name == "pca_coinr" else "evaluation.weights_degenerate"
        return _usable(function(complete), params, code=code), None

    return weighting


def _complete(given: Weighing, name: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """Take the rows that have every sibling, and what to call them in a problem."""
    if given.frame is None:
        raise InputError([Problem(code="evaluation.weights_need_data", params={"method": name})])
    complete = given.frame[given.children].dropna()
    params = {"method": name, "node": given.node}
    if len(complete) < objective.FEWEST_ROWS and len(given.children) > 1:
        params |= {"rows": str(len(complete))}
        raise InputError([Problem(code="evaluation.weights_rows", params=params)])
    return complete, params


def _usable(
    local: pd.Series, params: Mapping[str, str], *, code: str = "evaluation.weights_degenerate"
) -> pd.Series:
    if local.isna().any():
        raise InputError([Problem(code=code, params=params)])
    return local


def _optimised(given: Weighing) -> Local:
    """Set weights so that siblings have the influence on their parent that is intended.

    Notes
    -----
    ``r_j^2 / sum_k r_k^2 = t_j`` (``influence = "correlation"``: ``r_j / sum_k r_k``), r the
    correlation of sibling j with the parent, t even or the stated weights

    Becker, Paruolo, Saisana and Saltelli (2017), Ecological Indicators 80; exact, where
    COINr's ``get_opt_weights`` searches to a tolerance and refers to the index
    """
    spec, node, children = given.spec, given.node, given.children
    complete, params = _complete(given, "optimised")
    if len(children) == 1:
        return pd.Series(1.0, index=children), None
    found = optimised_weights(
        complete,
        _given(given)[0] if spec.method.importance == "given" else None,
        squared=spec.method.influence == "squared",
        score=functools.partial(combine, spec=spec, node=node),
    )
    _usable(found.weights, params)
    if found.miss > spec.method.influence_miss:
        params |= {"reached": _shown(found.reached), "wanted": _shown(found.wanted)}
        params |= {"miss": f"{math.ceil(found.miss * 1e4) / 1e4:g}"}
        raise InputError([Problem(code="scoring.weights_unattainable", params=params)])
    return found.weights, None


def _shown(shares: pd.Series) -> str:
    return ", ".join(f"{name} {share:.3f}" for name, share in shares.items())


def _combined(given: Weighing) -> Local:
    """Combine two weightings, such as a judged and a measured one.

    Notes
    -----
    ``a w1 + (1 - a) w2``; or ``w_j ~ w1_j^a w2_j^(1-a)``; a, w1 and w2 by
    ``[method.combination]``

    Linear and multiplicative synthesis, as common in Chinese evaluation practice
    """
    rule = given.spec.method.combination
    if rule is None:  # the profile's check sees to it
        raise ValueError("a combination is needed")
    first, ratio = METHODS[rule.first](given)
    second, other = METHODS[rule.second](given)
    if rule.rule == "linear":
        local = rule.share * first + (1.0 - rule.share) * second
    else:
        local = first**rule.share * second ** (1.0 - rule.share)
    total = float(local.sum())
    local = local / total if total > 0 else local * float("nan")
    params = {"method": f"{rule.first} + {rule.second}", "node": given.node}
    return _usable(local, params), other if ratio is None else ratio


METHODS: Final[Mapping[str, Callable[[Weighing], Local]]] = MappingProxyType(
    {"ahp": _ahp, "given": _given, "equal": _equal}
    | {name: _from_data(name) for name in objective.METHODS}
    | {"optimised": _optimised, "combined": _combined}
)
"""Weighting methods by name; each returns local weights and a consistency ratio or None."""


def weigh(spec: IndexSpec, normalised: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the weights of every node and indicator.

    Weightings from data go up the hierarchy: the weights of dimensions come from their
    scores, aggregated by the weights found below.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    normalised : pandas.DataFrame, optional
        Normalised indicators, shape (rows, indicators); needed by weightings from data.

    Returns
    -------
    pandas.DataFrame
        Index ``id``, columns ``parent``, ``level`` (1 for dimensions), ``local`` (sums to
        1 among siblings), ``overall`` (product along the path; the indicators' sum to 1),
        ``method`` and ``consistency_ratio`` of the siblings' judgement matrix.

    Raises
    ------
    InputError
        Weights from data lack data, complete
        rows, scores in range or differences.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> table = weigh(spec)
    >>> leaves = [item.id for item in spec.indicator]
    >>> round(float(table.loc[leaves, "overall"].sum()), 12)
    1.0
    """
    rows: dict[str, dict[str, object]] = {}
    overall = {ROOT: 1.0}
    depth = {ROOT: 0}
    found = _locals(spec, normalised)
    for node in reversed(spec.bottom_up()):
        local, ratio = found[node]
        for child, value in local.items():
            name = str(child)
            overall[name] = overall[node] * float(value)
            depth[name] = depth[node] + 1
            rows[name] = {
                "parent": node,
                "level": depth[name],
                "local": float(value),
                "overall": overall[name],
                "method": spec.method.weight,
                "consistency_ratio": float("nan") if ratio is None else ratio,
            }
    order = [item.id for item in spec.items()]
    return pd.DataFrame.from_dict(rows, orient="index").reindex(order).rename_axis("id")


def _locals(spec: IndexSpec, normalised: pd.DataFrame | None) -> dict[str, Local]:
    """Weigh the children of every node, or report every node that cannot be."""
    measured = {*objective.METHODS, "optimised"}
    rests_on_data = not measured.isdisjoint(spec.method.weightings) and normalised is not None
    scores = dict(normalised.items()) if rests_on_data and normalised is not None else {}
    found: dict[str, Local] = {}
    problems: list[Problem] = []
    for node in spec.bottom_up():
        frame = None
        if rests_on_data:
            frame = pd.DataFrame({child: scores[child] for child in spec.children(node)})
        given = Weighing(spec=spec, node=node, frame=frame)
        try:
            found[node] = METHODS[spec.method.weight](given)
        except InputError as error:
            problems.extend(error.problems)
            found[node] = _equal(given)
        if frame is not None:
            scores[node] = combine(frame, found[node][0], spec, node=node)
    if problems:
        raise InputError(problems)
    return found

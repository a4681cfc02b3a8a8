"""Local weights of siblings: given, equal, from judgement matrices (AHP), or from the data."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation import objective
from suanli.evaluation.aggregate import combine
from suanli.profile import ROOT, IndexSpec

__all__ = ["CONSISTENCY_LIMIT", "METHODS", "Priorities", "Weighing", "ahp_priorities", "weigh"]

CONSISTENCY_LIMIT: Final = 0.1
"""Largest consistency ratio accepted (Saaty 1980)."""

# A stated ratio is written with three decimals.
_STATED: Final = 0.0006

# Saaty's random index: mean consistency index of random reciprocal matrices of size n.
_RANDOM_INDEX: Final = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priorities:
    """Weights out of one judgement matrix.

    Attributes
    ----------
    weights : pandas.Series
        Principal eigenvector, sums to 1, index in the order of the matrix.
    consistency_ratio : float
        ``(lambda_max - n) / (n - 1) / RI(n)``; 0 for two elements.
    """

    weights: pd.Series
    consistency_ratio: float


def ahp_priorities(matrix: pd.DataFrame) -> Priorities:
    """Return the principal eigenvector of a reciprocal judgement matrix.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Positive, square, ``matrix.loc[a, b]`` says how much more ``a`` matters than ``b``.
        At most ten elements, the range of Saaty's random index.

    Returns
    -------
    Priorities
        Weights and consistency ratio.

    Raises
    ------
    ValueError
        More than ten elements.

    Notes
    -----
    T. L. Saaty, The Analytic Hierarchy Process, McGraw-Hill, 1980.

    Examples
    --------
    >>> matrix = pd.DataFrame([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]],
    ...                       index=list("abc"), columns=list("abc"))
    >>> result = ahp_priorities(matrix)
    >>> result.weights.round(4).to_dict()
    {'a': 0.5714, 'b': 0.2857, 'c': 0.1429}
    >>> abs(result.consistency_ratio) < 1e-12
    True
    """
    size = len(matrix)
    if size >= len(_RANDOM_INDEX):
        raise ValueError(f"the random index is known up to 10 elements, got {size}")
    values, vectors = np.linalg.eig(matrix.loc[:, matrix.index].to_numpy(dtype=float))
    principal = int(np.argmax(values.real))
    vector = np.abs(vectors[:, principal].real)
    index = (values[principal].real - size) / (size - 1) if size > 1 else 0.0
    random = _RANDOM_INDEX[size]
    return Priorities(
        weights=pd.Series(vector / vector.sum(), index=matrix.index),
        consistency_ratio=float(index / random) if random else 0.0,
    )


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
    ratio = result.consistency_ratio
    if ratio > CONSISTENCY_LIMIT and not spec.method.force_inconsistent:
        params = {"node": node, "ratio": f"{ratio:.3f}", "limit": CONSISTENCY_LIMIT}
        raise InputError([Problem(code="evaluation.inconsistent", params=params)])
    stated = judgement.consistency_ratio
    if stated is not None and abs(stated - ratio) > _STATED:
        params = {"node": node, "stated": f"{stated:.3f}", "ratio": f"{ratio:.3f}"}
        raise InputError([Problem(code="evaluation.ratio_misstated", params=params)])
    return result.weights.reindex(children), ratio


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
        if given.frame is None:
            raise InputError(
                [Problem(code="evaluation.weights_need_data", params={"method": name})]
            )
        if len(given.children) == 1:
            return pd.Series(1.0, index=given.children), None
        complete = given.frame[given.children].dropna()
        params = {"method": name, "node": given.node}
        if len(complete) < objective.FEWEST_ROWS:
            params |= {"rows": str(len(complete))}
            raise InputError([Problem(code="evaluation.weights_rows", params=params)])
        if name in objective.NEEDS:
            need, test = objective.NEEDS[name]
            fit = test(complete)
            if not fit.all():
                params |= {"need": need, "columns": ", ".join(fit.index[~fit])}
                raise InputError([Problem(code="evaluation.weights_domain", params=params)])
        local = function(complete)
        if local.isna().any():
            raise InputError([Problem(code="evaluation.weights_degenerate", params=params)])
        return local, None

    return weighting


METHODS: Final[Mapping[str, Callable[[Weighing], Local]]] = MappingProxyType(
    {"ahp": _ahp, "given": _given, "equal": _equal}
    | {name: _from_data(name) for name in objective.METHODS}
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
        A judgement matrix is too inconsistent; or weights from data lack data, complete
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
    rests_on_data = spec.method.weight in objective.METHODS and normalised is not None
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

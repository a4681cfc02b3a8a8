"""The difference of two scores as an exact sum over indicators, for any weighted means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from suanli.diagnostics.tree import aggregation
from suanli.errors import InputError, Problem
from suanli.evaluation import Scores
from suanli.profile import ROOT, IndexSpec

__all__ = ["Split", "every_score", "is_splittable", "split"]

Array = NDArray[np.float64]
_CLOSE: Final = 1e-6
"""Relative difference below which a secant is taken as the tangent between: its error is of
second order, and the secant's own grows as the difference shrinks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mean:
    """A quasi-arithmetic mean ``phi^-1(sum w phi(x))``."""

    phi: Callable[[Array], Array]
    slope: Callable[[Array], Array]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Differences of scores, split among indicators. All frames have the same labels.

    Attributes
    ----------
    values : pandas.DataFrame
        Points that come from different scores of the indicator, rows as given, one column
        per indicator.
    availability : pandas.DataFrame
        Points that come from different effective weights: an indicator that only one side
        has, or the weight that siblings take over.
    weight_a, weight_b : pandas.DataFrame
        Effective weight of the indicator on either side; rows sum to 1.
    """

    values: pd.DataFrame
    availability: pd.DataFrame
    weight_a: pd.DataFrame
    weight_b: pd.DataFrame

    @property
    def contribution(self) -> pd.DataFrame:
        """Values and availability together.

        Returns
        -------
        pandas.DataFrame
            Rows sum to the difference of the two scores.
        """
        return self.values + self.availability


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What reaches a node from above, one figure per row."""

    factor: Array
    carry: Array
    weight_a: Array
    weight_b: Array


def every_score(scores: Scores) -> pd.DataFrame:
    """Return the scores of all nodes and indicators, none withheld.

    Parameters
    ----------
    scores : Scores
        An evaluation.

    Returns
    -------
    pandas.DataFrame
        Index ``code``, ``"index"`` first.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> every_score(scores).shape
    (31, 39)
    """
    return pd.concat([scores.stages["aggregated"], scores.indicators], axis=1)


def is_splittable(spec: IndexSpec) -> bool:
    """Tell whether every level of a profile is aggregated by a weighted mean.

    Parameters
    ----------
    spec : IndexSpec
        The profile.

    Returns
    -------
    bool
        False with methods such as ``copeland`` and ``topsis``.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> is_splittable(load_profile("caict2024-province"))
    True
    """
    return all(_mean(spec, node) is not None for node in spec.bottom_up())


def split(
    a: pd.DataFrame,
    b: pd.DataFrame,
    spec: IndexSpec,
    *,
    local_a: pd.Series,
    local_b: pd.Series | None = None,
) -> Split:
    """Split the differences of pairs of scores, a minus b, exactly among the indicators.

    Parameters
    ----------
    a, b : pandas.DataFrame
        Scores of all nodes and indicators (:func:`every_score`), one row per pair; both have
        the same labels.
    spec : IndexSpec
        The profile.
    local_a, local_b : pandas.Series
        Local weights by identifier, of either side; those of ``a`` for both by default.

    Returns
    -------
    Split
        Points of the index for each indicator.

    Raises
    ------
    InputError
        A level is aggregated by a method that is no mean of the siblings.
    ValueError
        The rows of ``a`` and ``b`` have different labels.

    Notes
    -----
    At a node with the mean ``M = phi^-1(sum_c e_c phi(x_c))``, e the effective weights,

    ``M_a - M_b = K sum_c (e_ac phi(x_ac) - e_bc phi(x_bc))``,
    ``K = (M_a - M_b) / (phi(M_a) - phi(M_b))``, or ``1 / phi'(M)`` where they are equal,

    and each term is ``(e_ac + e_bc) / 2 (phi(x_ac) - phi(x_bc))``, the values, plus
    ``(e_ac - e_bc) ((phi(x_ac) + phi(x_bc)) / 2 - r)``, the availability, where r is the
    mean of ``phi(M_a)`` and ``phi(M_b)``; any r leaves the sum as it is, since both sets of
    weights sum to 1, and this one makes the terms independent of where the zero of an
    arithmetic scale lies. Where one side lacks the child, the other's score stands for both,
    and all of it is availability. The values of an inner child are handed down to its own
    children in turn; its availability is divided among them by weight. For the geometric
    mean K is the logarithmic mean: the decomposition is then the additive LMDI of Ang,
    Energy Policy 32 (2004) 1131-1139; other means generalise it by their own secant.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> every = every_score(scores)
    >>> a, b = every.loc[["110000"]], every.loc[["120000"]].set_axis(["110000"])
    >>> parts = split(a, b, scores.spec, local_a=scores.weights["local"])
    >>> gap = a["index"] - b["index"]
    >>> bool((parts.contribution.sum(axis=1) - gap).abs().max() < 1e-10)
    True
    """
    if not a.index.equals(b.index):
        raise ValueError("both sides need the same rows in the same order")
    _require_means(spec)
    other = local_a if local_b is None else local_b
    one, zero = np.ones(len(a)), np.zeros(len(a))
    states = {ROOT: _State(factor=one, carry=zero, weight_a=one, weight_b=one)}
    for node in reversed(spec.bottom_up()):
        children = list(spec.children(node))
        given = _Pair(
            top=(_column(a, node), _column(b, node)),
            below=(a[children].to_numpy(dtype=float), b[children].to_numpy(dtype=float)),
            local=(local_a[children].to_numpy(dtype=float), other[children].to_numpy(dtype=float)),
        )
        mean = _mean(spec, node)
        if mean is not None:
            states |= dict(zip(children, _handed_down(given, states[node], mean), strict=True))
    names = [item.id for item in spec.indicator]
    gap = (a[names] - b[names]).fillna(0.0)
    values = {name: states[name].factor * gap[name].to_numpy() for name in names}
    return Split(
        values=pd.DataFrame(values, index=a.index),
        availability=pd.DataFrame({n: states[n].carry for n in names}, index=a.index),
        weight_a=pd.DataFrame({n: states[n].weight_a for n in names}, index=a.index),
        weight_b=pd.DataFrame({n: states[n].weight_b for n in names}, index=a.index),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Both sides of one node: its scores, those of its children, their local weights."""

    top: tuple[Array, Array]
    below: tuple[Array, Array]
    local: tuple[Array, Array]


def _handed_down(given: _Pair, above: _State, mean: _Mean) -> list[_State]:
    xa, xb = given.below
    ea, eb = (_effective(x, w) for x, w in zip(given.below, given.local, strict=True))
    both = (ea > 0) & (eb > 0)
    scale = above.factor * _inverse(_secant(mean, *given.top))
    middle = (ea + eb) / 2
    with np.errstate(all="ignore"):
        pa, pb = mean.phi(xa), mean.phi(xb)
        reference = (mean.phi(given.top[0]) + mean.phi(given.top[1])) / 2
        # What only one side has stands for both: its difference is availability alone.
        average = (np.where(ea > 0, pa, pb) + np.where(eb > 0, pb, pa)) / 2
        level = average - reference[:, None]
    tilt = np.where(ea != eb, (ea - eb) * level, 0.0)
    steep = np.where(both, middle * _secant(mean, xa, xb), 0.0)
    total = middle.sum(axis=1, keepdims=True)
    share = middle / np.where(total > 0, total, 1.0)
    return [
        _State(
            factor=scale * steep[:, j],
            carry=scale * np.nan_to_num(tilt[:, j]) + above.carry * share[:, j],
            weight_a=above.weight_a * ea[:, j],
            weight_b=above.weight_b * eb[:, j],
        )
        for j in range(xa.shape[1])
    ]


def _effective(scores: Array, local: Array) -> Array:
    """Share the weight of missing siblings among the present ones."""
    present = np.where(np.isnan(scores), 0.0, local)
    total = present.sum(axis=1, keepdims=True)
    return np.asarray(present / np.where(total > 0, total, 1.0), dtype=np.float64)


def _secant(mean: _Mean, x: Array, y: Array) -> Array:
    """Return the slope of phi between two scores; 0 where there is none or one is missing."""
    with np.errstate(all="ignore"):
        near = np.abs(x - y) <= _CLOSE * np.maximum(np.abs(x), np.abs(y))
        slope = np.where(near, mean.slope((x + y) / 2), (mean.phi(x) - mean.phi(y)) / (x - y))
    return np.asarray(np.where(np.isfinite(slope), slope, 0.0), dtype=np.float64)


def _inverse(slope: Array) -> Array:
    return np.where(slope != 0, 1.0 / np.where(slope != 0, slope, 1.0), 0.0)


def _column(frame: pd.DataFrame, name: str) -> Array:
    return frame[name].to_numpy(dtype=float)


def _mean(spec: IndexSpec, node: str) -> _Mean | None:
    method = aggregation(spec, node)
    powers = {"geometric": 0.0, "harmonic": -1.0, "power": spec.method.power}
    if method == "arithmetic":
        return _Mean(phi=lambda x: x, slope=np.ones_like)
    if method not in powers:
        return None
    p = powers[method]
    if p == 0:
        return _Mean(phi=np.log, slope=lambda x: 1.0 / x)
    return _Mean(phi=lambda x: x**p, slope=lambda x: p * x ** (p - 1.0))


def _require_means(spec: IndexSpec) -> None:
    other = [node for node in spec.bottom_up() if _mean(spec, node) is None]
    if other:
        methods = sorted({aggregation(spec, node) for node in other})
        params = {"nodes": ", ".join(other), "methods": ", ".join(methods), "profile": spec.id}
        raise InputError([Problem(code="diagnostics.no_mean", params=params)])

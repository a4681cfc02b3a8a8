"""Benefit of the doubt: each unit is scored by the weights that flatter it most."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from suanli.errors import InputError, Problem

__all__ = ["BenefitOfTheDoubt", "benefit_of_the_doubt", "bod"]

_Numbers = npt.NDArray[np.float64]
_DUST: Final = 1e-12
_ON_FRONTIER: Final = 1e-9
_SHOWN: Final = 5
# Peers a unit takes in at a time.
_MORE: Final = 6
# Most ratios of units to peers that are held at once.
_CHUNK: Final = 2**20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BenefitOfTheDoubt:
    """What each unit could be at best.

    Attributes
    ----------
    scores : pandas.Series
        Between 0 and 1, 1 on the frontier; missing where a unit has no value.
    shares : pandas.DataFrame
        What each sibling contributes to the unit's score, as a share of it; rows sum to 1.
        Missing where the sibling is, and where the score is 0. Where several sets of
        shares give the same score, one of them.
    weights : pandas.DataFrame
        The unit's own weights: the score is their sum of products with its values, and
        with any other unit's values it is at most 1.
    """

    scores: pd.Series
    shares: pd.DataFrame
    weights: pd.DataFrame


def benefit_of_the_doubt(
    frame: pd.DataFrame, weights: pd.Series, *, slack: float = 1.0
) -> BenefitOfTheDoubt:
    """Score each unit against the frontier by the most favourable admissible weights.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, not negative, shape (units, siblings); better is higher.
    weights : pandas.Series
        Nominal weight of each column, by label; re-scaled to the siblings a unit has.
    slack : float
        How far the share of a sibling in a unit's score may lie from its nominal weight w:
        within ``max(0, w - slack)`` and ``min(1, w + slack)``. 0 holds shares to the
        weights, 1 leaves them free.

    Returns
    -------
    BenefitOfTheDoubt
        Scores, shares and weights per unit, index and columns of ``frame``.

    Raises
    ------
    InputError
        Scores are negative; or a unit has 0 in a sibling that must make up part of its
        score, or nothing but 0 outside siblings that may not make up all of it.

    Notes
    -----
    ``max sum_j v_j x_cj`` over ``v >= 0`` with ``sum_j v_j x_ij <= 1`` for all units i and
    ``v_j x_cj / sum_k v_k x_ck`` within bounds. In the shares ``p_j`` of unit c this is
    ``1 / min_p max_i sum_j p_j x_ij / x_cj``, a linear programme with bounds as its only
    other constraints.

    Cherchye, Moesen, Rogge and Van Puyenbroeck (2007), Social Indicators Research 82, with
    their proportional share bounds. A unit is measured by the siblings it has; others
    count there with those they have.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [4.0, 1, 2], "b": [1.0, 4, 2]}, index=list("xyz"))
    >>> result = benefit_of_the_doubt(frame, pd.Series({"a": 0.5, "b": 0.5}))
    >>> result.scores.round(6).to_dict()
    {'x': 1.0, 'y': 1.0, 'z': 0.8}
    >>> held = benefit_of_the_doubt(frame, pd.Series({"a": 0.5, "b": 0.5}), slack=0.0)
    >>> held.shares.loc["x"].to_dict(), round(float(held.scores["x"]), 6)
    ({'a': 0.5, 'b': 0.5}, 0.470588)
    """
    values = frame.to_numpy(dtype=float)
    if (values < 0).any():
        columns = ", ".join(str(name) for name in frame.columns[(frame < 0).any()])
        raise InputError([Problem(code="scoring.bod_domain", params={"columns": columns})])
    low, high = _bounds(frame, weights, slack)
    _refuse_bounds(frame, low, high)
    peers = _frontier(np.nan_to_num(values))
    own = np.nan_to_num(values)
    some = (own > 0).any(axis=1)
    scores = np.where(np.isnan(values).all(axis=1), np.nan, 0.0)
    shares = np.full(values.shape, np.nan)
    size = max(1, _CHUNK // peers.size)
    for place in range(0, len(frame), size):
        rows = np.arange(place, min(place + size, len(frame)))[some[place : place + size]]
        if len(rows):
            ratios = _ratios(own[rows], peers)
            solved = _best_shares(ratios, low[rows], np.where(own[rows] > 0, high[rows], 0.0))
            if isinstance(solved, str):
                params = {"unit": _listed(frame.index[rows]), "detail": solved}
                raise InputError([Problem(code="scoring.bod_failed", params=params)])
            # The score of these very shares, without the tolerance of the solver.
            scores[rows] = 1.0 / _made(ratios, solved).max(axis=1)
            shares[rows] = np.where(np.isnan(values[rows]), np.nan, solved)
    # Units on the frontier are equal: rounding may not rank them.
    scores[scores > 1.0 - _ON_FRONTIER] = 1.0
    made = shares * scores[:, None]
    own_weights = np.divide(made, values, out=made.copy(), where=values > 0)
    return BenefitOfTheDoubt(
        scores=pd.Series(scores, index=frame.index),
        shares=pd.DataFrame(shares, index=frame.index, columns=frame.columns),
        # A value of 0 adds nothing whatever its weight: 0 keeps every other unit below 1.
        weights=pd.DataFrame(own_weights, index=frame.index, columns=frame.columns),
    )


def bod(frame: pd.DataFrame, weights: pd.Series, *, slack: float = 1.0) -> pd.Series:
    """Score each unit by the weights that suit it best, within bounds (benefit of the doubt).

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, not negative, shape (units, siblings).
    weights : pandas.Series
        Nominal weight of each column, by label.
    slack : float
        As :func:`benefit_of_the_doubt`.

    Returns
    -------
    pandas.Series
        Between 0 and 100, the frontier.

    Raises
    ------
    InputError
        As :func:`benefit_of_the_doubt`.

    Notes
    -----
    ``100 max_v sum_j v_j x_cj`` with ``sum_j v_j x_ij <= 1`` for all i, shares ``v_j x_cj`` of
    the score within ``w_j -+ bod_slack``

    Cherchye, Moesen, Rogge and Van Puyenbroeck (2007), Social Indicators Research 82

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [4.0, 1, 2], "b": [1.0, 4, 2]})
    >>> bod(frame, pd.Series({"a": 0.5, "b": 0.5})).round(6).to_list()
    [100.0, 100.0, 80.0]
    """
    return 100.0 * benefit_of_the_doubt(frame, weights, slack=slack).scores


def _bounds(frame: pd.DataFrame, weights: pd.Series, slack: float) -> tuple[_Numbers, _Numbers]:
    """Return the least and most each sibling may make up of each unit's score."""
    present = frame.notna().to_numpy() * weights.reindex(frame.columns).to_numpy(dtype=float)
    total = present.sum(axis=1, keepdims=True)
    nominal = np.asarray(present / np.where(total > 0, total, 1.0), dtype=float)
    low = np.maximum(nominal - slack, 0.0)
    low[low < _DUST] = 0.0
    return low, np.minimum(nominal + slack, 1.0)


def _refuse_bounds(frame: pd.DataFrame, low: _Numbers, high: _Numbers) -> None:
    """Name the bounds that values of 0 make unattainable."""
    values = frame.to_numpy(dtype=float)
    positive = (values > 0).any(axis=1)
    problems = []
    for place, name in enumerate(frame.columns):
        short = positive & (values[:, place] == 0) & (low[:, place] > 0)
        if short.any():
            least, units = low[short, place].max(), _listed(frame.index[short])
            params = {"column": name, "least": f"{least:.3g}", "units": units}
            problems.append(Problem(code="scoring.bod_lower", params=params))
    most = np.where(values > 0, high, 0.0).sum(axis=1)
    narrow = positive & (most < 1.0 - _DUST)
    if narrow.any() and not problems:
        params = {"most": f"{most[narrow].min():.3g}", "units": _listed(frame.index[narrow])}
        problems.append(Problem(code="scoring.bod_upper", params=params))
    if problems:
        raise InputError(problems)


def _listed(units: pd.Index) -> str:
    """Name the first few units, with their years where there are several."""
    if units.nlevels > 1 and len(set(units.get_level_values(0))) == 1:
        units = units.get_level_values(-1)
    names = [" ".join(map(str, unit)) if isinstance(unit, tuple) else str(unit) for unit in units]
    return ", ".join(names[:_SHOWN]) + (f" … ({len(names)})" if len(names) > _SHOWN else "")


def _frontier(values: _Numbers) -> _Numbers:
    """Keep the rows no other row is at least as good as in everything."""
    unique = np.unique(values, axis=0)
    return np.array([row for row in unique if (unique >= row).all(axis=1).sum() == 1])


def _ratios(own: _Numbers, peers: _Numbers) -> _Numbers:
    """Return what peers have by what units have, 0 where a unit has nothing.

    Shape (units, peers, siblings).
    """
    base = own[:, None, :]
    shape = (len(own), *peers.shape)
    return np.divide(peers[None], base, out=np.zeros(shape), where=base > 0)


def _made(ratios: _Numbers, shares: _Numbers) -> _Numbers:
    """Return what every peer would score with the shares of every unit, (units, peers)."""
    made: _Numbers = (ratios * shares[:, None, :]).sum(axis=2)
    return made


def _best_shares(ratios: _Numbers, low: _Numbers, high: _Numbers) -> _Numbers | str:
    """Minimise over shares the best that any peer makes of them, for many units at once.

    Few peers bind. Each unit begins with those that make most of even shares and takes in
    those that do better than these allow, until there are none: the same optimum, from small
    programmes.
    """
    units, peers = ratios.shape[:2]
    shares: _Numbers = np.clip(high / high.sum(axis=1, keepdims=True), low, high)
    used = np.zeros((units, peers), dtype=bool)
    rows = np.arange(units)
    while True:
        made = _made(ratios[rows], shares[rows])
        beyond = np.where(used[rows], -np.inf, made)
        bound = np.where(used[rows], made, -np.inf).max(axis=1)
        unmet = beyond.max(axis=1) > bound * (1.0 + _DUST)
        if not unmet.any():
            return shares
        rows, beyond = rows[unmet], beyond[unmet]
        count = min(_MORE, peers)
        more = np.argpartition(-beyond, count - 1, axis=1)[:, :count]
        used[rows[:, None], more] = True
        solved = _programme(ratios[rows], used[rows], low[rows], high[rows])
        if isinstance(solved, str):
            return solved
        shares[rows] = solved


def _programme(
    ratios: _Numbers, used: npt.NDArray[np.bool_], low: _Numbers, high: _Numbers
) -> _Numbers | str:
    """Solve the programmes of several units as one: the solver is called once."""
    units, size = low.shape
    at, peer = np.nonzero(used)
    count, width = len(at), size + 1
    # Each unit has its shares and its bound as columns, and nothing in common with others.
    cells = np.column_stack([ratios[at, peer], -np.ones(count)]).ravel()
    columns = (at[:, None] * width + np.arange(width)).ravel()
    below = sparse.csr_array(
        (cells, columns, np.arange(count + 1) * width), shape=(count, units * width)
    )
    own = (np.arange(units)[:, None] * width + np.arange(size)).ravel()
    whole = sparse.csr_array(
        (np.ones(units * size), own, np.arange(units + 1) * size), shape=(units, units * width)
    )
    found = milp(
        np.tile(np.append(np.zeros(size), 1.0), units),
        constraints=[LinearConstraint(below, ub=0.0), LinearConstraint(whole, 1.0, 1.0)],
        bounds=Bounds(
            np.column_stack([low, np.zeros(units)]).ravel(),
            np.column_stack([high, np.full(units, np.inf)]).ravel(),
        ),
    )
    if found.x is None:
        return str(found.message)
    shares = np.clip(found.x.reshape(units, width)[:, :size], low, high)
    normed: _Numbers = shares / shares.sum(axis=1, keepdims=True)
    return normed

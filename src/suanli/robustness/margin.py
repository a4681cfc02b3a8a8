"""The linear programme behind revealed weights."""

from typing import Final

import numpy as np
import pandas as pd
from scipy import optimize

from suanli.robustness.polytope import Floats, Polytope
from suanli.robustness.quiet import quiet_solver

__all__ = ["widest_margin"]

_AT: Final = 1e-6


def widest_margin(
    rows: Floats, polytope: Polytope, *, margin: float, penalty: float
) -> tuple[pd.Series, float]:
    """Find the weights under which the stated leads are widest.

    Parameters
    ----------
    rows : numpy.ndarray
        Lead of each stated pair per overall weight of each leaf, shape (pairs, leaves), in
        the order of ``polytope.leaves``.
    polytope : Polytope
        Admissible weights.
    margin : float
        Largest lead asked for.
    penalty : float
        What the mean shortfall costs against the lead.

    Returns
    -------
    overall : pandas.Series
        Overall weight of every node: of all solutions one closest to the profile's, by the
        sum of absolute differences.
    margin : float
        The lead attained, before shortfalls.

    Examples
    --------
    >>> tree = Polytope(root="r", parents=pd.Series({"a": "r", "b": "r"}),
    ...                 lower=pd.Series({"a": 0.2, "b": 0.2}),
    ...                 upper=pd.Series({"a": 0.8, "b": 0.8}),
    ...                 base=pd.Series({"a": 0.5, "b": 0.5}))
    >>> overall, lead = widest_margin(np.array([[1.0, -1.0]]), tree, margin=0.4, penalty=10.0)
    >>> overall.round(4).to_dict(), round(lead, 4)
    ({'a': 0.7, 'b': 0.3}, 0.4)
    """
    nodes, count, width = polytope.parents.index, len(rows), len(polytope.parents)
    places = nodes.get_indexer(pd.Index(polytope.leaves))
    lead = np.zeros((count, width))
    lead[:, places] = rows
    # Variables: overall weights, distances from the profile's, shortfalls, the lead.
    total = 2 * width + count + 1
    matrix, low, high = polytope.inequalities()
    held = np.hstack([matrix, np.zeros((len(matrix), total - width))])
    stated = np.hstack([lead, np.zeros((count, width)), np.eye(count), -np.ones((count, 1))])
    base = polytope.overall(polytope.base).to_numpy(dtype=float)
    one, rest = np.eye(width), np.zeros((width, count + 1))
    apart = np.vstack([np.hstack([one, one, rest]), np.hstack([-one, one, rest])])
    constraints = [
        optimize.LinearConstraint(held, low, high),
        optimize.LinearConstraint(stated, 0.0, np.inf),
        optimize.LinearConstraint(apart, np.r_[base, -base], np.inf),
    ]
    most = np.r_[np.ones(2 * width), np.full(count, np.inf), margin]
    cost = np.r_[np.zeros(2 * width), np.full(count, penalty / count), -1.0]
    near = np.r_[np.zeros(width), np.ones(width), np.zeros(count + 1)]
    open_ = optimize.Bounds(0.0, most)
    # Without shortfalls the lead may be negative; a positive one meets every order.
    strict = optimize.Bounds(
        np.r_[np.zeros(total - 1), -np.inf], np.r_[most[: 2 * width], np.zeros(count), most[-1]]
    )
    with quiet_solver():
        first = optimize.milp(cost, constraints=constraints, bounds=strict)
        met = first.x is not None and float(first.x[-1]) > _AT
        bounds, best = (strict, first) if met else (open_, None)
        best = best or optimize.milp(cost, constraints=constraints, bounds=open_)
        # The polytope is not empty and shortfalls are free: there is always a solution.
        found = np.asarray(best.x, dtype=np.float64)
        as_good = optimize.LinearConstraint(cost[None, :], -np.inf, float(cost @ found) + _AT)
        closest = optimize.milp(near, constraints=[*constraints, as_good], bounds=bounds)
    solution = found if closest.x is None else np.asarray(closest.x, dtype=np.float64)
    return pd.Series(solution[:width], index=nodes), float(solution[-1])

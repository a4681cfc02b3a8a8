"""Ranks under aggregations that are no weighted sum: outer bounds, and weights to try."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from suanli.evaluation import Scores
from suanli.profile import IndexSpec
from suanli.robustness.linear import share_ranges
from suanli.robustness.polytope import Floats, Polytope

__all__ = ["all_means", "outer_ranks", "sampled_weights"]


def sampled_weights(polytope: Polytope, count: int, rng: np.random.Generator) -> list[pd.Series]:
    """Draw admissible weights: the profile's (or nearest), vertices, mixtures of two vertices.

    Parameters
    ----------
    polytope : Polytope
        Admissible weights.
    count : int
        How many besides the profile's own.
    rng : numpy.random.Generator
        Draws them.

    Returns
    -------
    list[pandas.Series]
        Local weights.

    Examples
    --------
    >>> tree = Polytope(root="r", parents=pd.Series({"a": "r", "b": "r"}),
    ...                 lower=pd.Series({"a": 0.25, "b": 0.25}),
    ...                 upper=pd.Series({"a": 0.75, "b": 0.75}),
    ...                 base=pd.Series({"a": 0.5, "b": 0.5}))
    >>> drawn = sampled_weights(tree, 4, np.random.default_rng(0))
    >>> len(drawn), {float(local.sum()) for local in drawn}
    (5, {1.0})
    """
    wishes = pd.DataFrame(rng.normal(size=(count, len(polytope.leaves))), columns=polytope.leaves)
    vertices = polytope.extremes(wishes)[1]
    drawn = [polytope.nearest]
    for place in range(count):
        local = vertices.iloc[place]
        if place % 2:
            local = local + float(rng.random()) * (vertices.iloc[place - 1] - local)
        drawn.append(local)
    return drawn


def outer_ranks(scores: Scores, polytope: Polytope) -> pd.DataFrame:
    """Bound the ranks of all units by what their scores can be, each for itself.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    polytope : Polytope
        Admissible weights.

    Returns
    -------
    pandas.DataFrame
        Columns ``best`` and ``worst``, index ``code`` of units with a score: no admissible
        weights give ranks outside them.

    Notes
    -----
    A mean rises with every child, so its least value is a minimum over the weights of the
    least values of its children, in closed form after the mean's own transformation
    (logarithm, power). That forgets that units share their weights: the bounds are safe and
    wide. Other aggregations (Copeland, TOPSIS, benefit of the doubt, the penalised mean) have
    no such order and are taken as anything at all: ranks from 1 to the number of units.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> from suanli.robustness.polytope import weight_polytope
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> tree = weight_polytope(scores.spec, scores.weights, bounds=0.0)
    >>> outer_ranks(scores, tree).loc["440000"].to_dict()
    {'best': 1, 'worst': 1}
    """
    below = set(polytope.leaves)
    ends = {
        name: (column.to_numpy(dtype=float),) * 2
        for name, column in scores.indicators.items()
        if name in below
    }
    for node in reversed(polytope.inner()):
        ends[node] = _node_ends(polytope, node, ends, _mean(scores.spec, node))
    low, high = (pd.Series(end, index=scores.indicators.index) for end in ends[polytope.root])
    scored = scores.nodes[polytope.root].notna()
    low, high = low[scored], high[scored]
    # Dust of rounding must not turn equal scores into a proof.
    dust = 1e-9 * max(1.0, float(high.abs().replace(np.inf, 0.0).max()))
    least, most = low.to_numpy(dtype=float), high.to_numpy(dtype=float)
    ahead = (least[None, :] > most[:, None] + dust).sum(axis=1)
    behind = (most[None, :] + dust < least[:, None]).sum(axis=1)
    table = {"best": 1 + ahead, "worst": len(low) - behind}
    return pd.DataFrame(table, index=low.index)


def all_means(spec: IndexSpec, polytope: Polytope) -> bool:
    """Tell whether intervals say anything: every node must be aggregated by a mean.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    polytope : Polytope
        Admissible weights.

    Returns
    -------
    bool
        False where :func:`outer_ranks` knows no more than 1 to the number of units.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile, replace_spec
    >>> from suanli.robustness.polytope import weight_polytope
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> tree = weight_polytope(scores.spec, scores.weights)
    >>> copeland = replace_spec(scores.spec, method={"aggregate": "copeland"})
    >>> all_means(scores.spec, tree), all_means(copeland, tree)
    (True, False)
    """
    return all(_mean(spec, node) is not None for node in polytope.inner())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mean:
    """An increasing transformation that makes a mean a weighted sum, and its inverse."""

    there: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]


def _mean(spec: IndexSpec, node: str) -> _Mean | None:
    chosen = {item.id: item.aggregate for item in spec.dimension}
    method = chosen.get(node) or spec.method.aggregate
    powers = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0, "power": spec.method.power}
    if method not in powers:
        return None
    p = powers[method]
    if p == 0:
        return _Mean(there=np.log, back=np.exp)
    sign = 1.0 if p > 0 else -1.0
    return _Mean(there=lambda x: sign * x**p, back=lambda y: (sign * y) ** (1.0 / p))


Ends = tuple[Floats, Floats]


def _node_ends(polytope: Polytope, node: str, ends: dict[str, Ends], mean: _Mean | None) -> Ends:
    below = polytope.children(node)
    low, high = (np.column_stack([ends[child][side] for child in below]) for side in (0, 1))
    result = np.full(len(low), np.nan), np.full(len(low), np.nan)
    present = ~np.isnan(low)
    bounds = [s[below].to_numpy(dtype=float) for s in (polytope.lower, polytope.upper)]
    masks, which = np.unique(present, axis=0, return_inverse=True)
    for number, mask in enumerate(masks):
        rows = which.reshape(-1) == number
        if not mask.any():
            continue
        if mean is None or np.isinf(low[rows][:, mask]).any():
            result[0][rows], result[1][rows] = -np.inf, np.inf
            continue
        least, most = share_ranges(bounds[0], bounds[1], mask)
        names = [child for child, kept in zip(below, mask, strict=True) if kept]
        part = Polytope(
            root=node,
            parents=pd.Series(node, index=names),
            lower=pd.Series(least, index=names),
            upper=pd.Series(most, index=names),
            base=pd.Series(least, index=names),
        )
        for side, values in enumerate((low, high)):
            frame = pd.DataFrame(mean.there(values[rows][:, mask]), columns=names)
            extreme, _ = part.extremes(frame, largest=bool(side))
            result[side][rows] = mean.back(extreme.to_numpy(dtype=float))
    return result

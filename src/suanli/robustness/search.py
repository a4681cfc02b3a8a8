"""Best and worst rank of every unit at once, by search: attained for sure, perhaps not extreme."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from suanli.evaluation import Scores
from suanli.profile import ROOT
from suanli.robustness.attainable import AttainableRanks
from suanli.robustness.kernels import KERNELS, DomainError, Siblings
from suanli.robustness.linear import LinearScores, linear_scores
from suanli.robustness.outer import outer_ranks, sampled_weights
from suanli.robustness.polytope import Floats, Polytope, weight_polytope
from suanli.robustness.ranking import ranks_of

__all__ = ["DECIMALS", "searched_ranks"]

DECIMALS: Final = 4
"""Weights tried are rounded to so many decimals, so that they can be written down."""

_EQUAL: Final = 1e-9
_CHUNK: Final = 1 << 22
_NEAREST: Final = (1, 3, 8)


def searched_ranks(
    scores: Scores,
    *,
    bounds: float | None = None,
    samples: int = 500,
    rng: np.random.Generator,
) -> AttainableRanks | None:
    """Search admissible weights for the best and the worst rank of every unit.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    bounds : float, optional
        Half width of the admissible local weights as a share of each; the profile's when
        absent, see :func:`suanli.robustness.polytope.weight_polytope`.
    samples : int
        Weights drawn at random besides those aimed at each unit.
    rng : numpy.random.Generator
        Draws them.

    Returns
    -------
    AttainableRanks or None
        As :func:`suanli.robustness.attainable_ranks` returns it; ``exact`` is False. What is
        attained is attained with the weights given, which are rounded to :data:`DECIMALS`;
        between it and its bound nothing is known. None where scores cannot be computed for
        many weights at once, or leave the domain of an aggregation.

    Raises
    ------
    InputError
        The bounds are infeasible.

    Notes
    -----
    Tried are the profile's weights, random vertices of the polytope and mixtures of two, and
    for every unit the vertices that favour or harm it most against the mean of all others;
    then, thrice, against the rivals nearest to it under the best (worst) weights so far. All
    units are ranked under all of these weights. Bounds are closed-form: rivals that lead, or
    trail, under every admissible weight.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> found = searched_ranks(scores, samples=50, rng=np.random.default_rng(1))
    >>> found.table.loc["440000", ["rank", "best", "worst", "best_bound"]].to_list()
    [1, 1, 4, 1]
    """
    polytope = weight_polytope(scores.spec, scores.weights, bounds=bounds)
    model = linear_scores(scores, polytope)
    if not _methods(scores).issubset(KERNELS):
        return None
    search = _Pool(scores, polytope)
    try:
        search.add(_rounded(pd.DataFrame(sampled_weights(polytope, samples, rng)), polytope))
        if model is not None:
            for goals in _Goals(search, model).rounds():
                search.add(_rounded(polytope.extremes(goals)[1], polytope))
    except DomainError:
        return None
    return search.result(_proved(scores, polytope, model))


class _Pool:
    """Weights tried so far, and for each unit those that rank it best and worst."""

    def __init__(self, scores: Scores, polytope: Polytope) -> None:
        self.scores, self.polytope = scores, polytope
        held = scores.nodes[ROOT].notna()
        self.codes = list(scores.nodes.index[held])
        self.held = np.flatnonzero(held.to_numpy())
        self.base = scores.nodes[ROOT].rank(method="min", ascending=False).dropna().astype(int)
        count = len(self.codes)
        self.ranks = np.array([np.full(count, np.inf), np.full(count, -np.inf)])
        self.weights = np.zeros((2, count, len(polytope.parents)))
        self.values = np.zeros((2, count, count))

    def add(self, local: Floats) -> None:
        """Rank all units under more weights, one set per row."""
        step = max(1, _CHUNK // (len(self.codes) + 1) // 16)
        for start in range(0, len(local), step):
            part = local[start : start + step]
            found = _index(self.scores, self.polytope, part)[:, self.held]
            ranks = ranks_of(found, "min")
            for side, pick in enumerate((np.nanargmin, np.nanargmax)):
                rows = pick(ranks, axis=0)
                tried = ranks[rows, np.arange(len(self.codes))]
                better = tried < self.ranks[0] if side == 0 else tried > self.ranks[1]
                self.ranks[side][better] = tried[better]
                self.weights[side][better] = part[rows[better]]
                self.values[side][better] = found[rows[better]]

    def result(self, proved: pd.DataFrame) -> AttainableRanks:
        """Hold what was attained against what is proved."""
        table = pd.DataFrame(
            {
                "rank": self.base.reindex(self.codes),
                "best": self.ranks[0].astype(int),
                "worst": self.ranks[1].astype(int),
                "best_bound": proved["best"].reindex(self.codes),
                "worst_bound": proved["worst"].reindex(self.codes),
            },
            index=pd.Index(self.codes, name="code"),
        )
        # Ties within rounding may be seen by one side only.
        table["best_bound"] = table[["best", "best_bound"]].min(axis=1)
        table["worst_bound"] = table[["worst", "worst_bound"]].max(axis=1)
        same = (table["best"] == table["best_bound"]) & (table["worst"] == table["worst_bound"])
        table["status"] = np.where(same, "optimal", "bounds")
        names = list(self.polytope.parents.index)
        frames = [pd.DataFrame(x, index=self.codes, columns=names) for x in self.weights]
        return AttainableRanks(
            table=table.sort_values(["rank", "code"]),
            best_weights=frames[0],
            worst_weights=frames[1],
            polytope=self.polytope,
            exact=False,
        )


class _Goals:
    """Linear functions of the weights to maximise next, each aimed at one unit and side."""

    def __init__(self, search: _Pool, model: LinearScores) -> None:
        self.search, self.model = search, model
        self.leaves = model.leaves.reindex(search.codes)
        self.filled = self.leaves.fillna(self.leaves.mean())

    def rounds(self) -> Iterator[pd.DataFrame]:
        """Yield functions of the leaves' weights; each round looks at what was found before."""
        yield self._against(self.filled.mean().to_numpy()[None, :])
        for count in _NEAREST:
            yield self._against(*(self._nearest(side, count) for side in (0, 1)))

    def _against(self, best: Floats, worst: Floats | None = None) -> pd.DataFrame:
        own = self.filled.to_numpy()
        goals = np.vstack([own - best, (best if worst is None else worst) - own])
        gaps = np.vstack([self.leaves.isna().to_numpy()] * 2)
        return pd.DataFrame(np.where(gaps, 0.0, goals), columns=self.leaves.columns)

    def _nearest(self, side: int, count: int) -> Floats:
        """Average the rivals just ahead (behind) under the best (worst) weights so far."""
        values = self.search.values[side]
        own = np.diag(values)[:, None]
        gap = values - own if side == 0 else own - values
        gap = np.where(gap > _EQUAL, gap, np.inf)
        order = np.argsort(gap, axis=1)[:, :count]
        rivals = self.filled.to_numpy()[order]
        known = np.isfinite(np.take_along_axis(gap, order, axis=1))[:, :, None]
        total = np.maximum(known.sum(axis=1), 1)
        mean: Floats = (rivals * known).sum(axis=1) / total
        return mean


def _methods(scores: Scores) -> set[str]:
    chosen = {item.id: item.aggregate for item in scores.spec.dimension}
    return {chosen.get(n) or scores.spec.method.aggregate for n in scores.spec.bottom_up()}


def _rounded(local: pd.DataFrame, polytope: Polytope) -> Floats:
    """Write weights with few decimals; siblings sum to 1 again."""
    names = list(polytope.parents.index)
    values = local[names].to_numpy(dtype=float).round(DECIMALS)
    for node in polytope.inner():
        places = [names.index(child) for child in polytope.children(node)]
        rest = 1.0 - values[:, places].sum(axis=1)
        largest = np.argmax(values[:, places], axis=1)
        values[np.arange(len(values)), np.array(places)[largest]] += rest
    found: Floats = values.round(DECIMALS)
    return found


def _index(scores: Scores, polytope: Polytope, local: Floats) -> Floats:
    """Return the index of all units under many weights, shape (weights, units)."""
    spec, names = scores.spec, list(polytope.parents.index)
    chosen = {item.id: item.aggregate for item in spec.dimension}
    values = {str(k): v.to_numpy(dtype=float)[None, :] for k, v in scores.indicators.items()}
    for node in reversed(polytope.inner()):
        below = polytope.children(node)
        weights = local[:, [names.index(child) for child in below]]
        given = Siblings(
            values=[values[child] for child in below],
            weights=weights,
            kept=np.ones(weights.shape, dtype=np.bool_),
            power=spec.method.power,
            penalty=spec.method.penalty,
        )
        values[node] = KERNELS[chosen.get(node) or spec.method.aggregate](given)
    return values[ROOT]


def _proved(scores: Scores, polytope: Polytope, model: LinearScores | None) -> pd.DataFrame:
    """Bound ranks in closed form, pair by pair where scores are weighted sums."""
    if model is None:
        return outer_ranks(scores, polytope)
    ends = model.ends
    rows = {}
    for place, code in enumerate(model.units):
        least, most = model.differences(place, ends)
        rows[code] = 1 + int((least > _EQUAL).sum()), 1 + int((most > _EQUAL).sum())
    return pd.DataFrame.from_dict(rows, orient="index", columns=["best", "worst"])

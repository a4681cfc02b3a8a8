"""Best and worst attainable rank of each unit over the admissible weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from scipy import optimize

from suanli.errors import InputError, Problem
from suanli.evaluation import Scores
from suanli.evaluation.aggregate import aggregate
from suanli.profile import ROOT
from suanli.robustness.linear import LinearScores, linear_scores
from suanli.robustness.outer import outer_ranks, sampled_weights
from suanli.robustness.polytope import Floats, Polytope, weight_polytope
from suanli.robustness.quiet import quiet_solver

__all__ = ["NODE_LIMIT", "TOLERANCE", "AttainableRanks", "attainable_ranks", "rank_under"]

TOLERANCE: Final = 1e-4
"""A rank is held when every rival passed is behind by this share of a hundredth of the range
of the indicators' scores: with scores from 0 to 100, by 0.0001 points."""
NODE_LIMIT: Final = 20_000
"""Nodes of branch and bound per question."""

_EQUAL: Final = 1e-9
_WHOLE: Final = 1e-5

Side = Literal["best", "worst"]
_Found = tuple[int, int, pd.Series]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttainableRanks:
    """What ranks the admissible weights can give.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``code``, in the order of the rank: ``rank`` (by the profile's weights),
        ``best`` and ``worst`` (attained, see the weights), ``best_bound`` and
        ``worst_bound`` (no admissible weights go beyond them) and ``status``:
        ``"optimal"`` when what is attained is the bound on both sides, else ``"bounds"``.
    best_weights, worst_weights : pandas.DataFrame
        Local weights that attain ``best`` and ``worst``, index ``code``, one column per node
        below ``polytope.root``. Put into the aggregation they give the rank claimed.
    polytope : Polytope
        The admissible weights.
    exact : bool
        Whether the aggregation is a weighted sum, so that bounds come from integer
        programmes; else they come from intervals, and what is attained from samples.
    """

    table: pd.DataFrame
    best_weights: pd.DataFrame
    worst_weights: pd.DataFrame
    polytope: Polytope
    exact: bool


def attainable_ranks(
    scores: Scores,
    *,
    bounds: float | Mapping[str, tuple[float, float]] | None = None,
    node: str = ROOT,
    units: Sequence[str] | None = None,
    node_limit: int = NODE_LIMIT,
    samples: int = 200,
    rng: np.random.Generator | None = None,
) -> AttainableRanks:
    """Return the best and the worst rank of each unit over all admissible weights.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    bounds : float or Mapping[str, tuple[float, float]], optional
        Admissible local weights, see
        :func:`suanli.robustness.polytope.weight_polytope`.
    node : str, default "index"
        The inner node whose ranks are asked for.
    units : Sequence[str], optional
        Codes asked about; all with a score when absent.
    node_limit : int
        Nodes of branch and bound per question; where they do not suffice the status is
        ``"bounds"``. With 0 no programme is solved: bounds in closed form at once. No time
        limit: the answer does not depend on the machine.
    samples : int
        Weights tried where the aggregation is no weighted sum.
    rng : numpy.random.Generator, optional
        Draws those; seeded with 0 when absent.

    Returns
    -------
    AttainableRanks
        Ranks with their proof and the weights that attain them.

    Raises
    ------
    InputError
        The bounds are infeasible; a unit is not scored; the node is unknown.

    Notes
    -----
    With scores ``s(W)`` linear in overall weights W, the best rank of unit u is
    ``1 + min sum z_r`` with binaries ``z_r`` and ``s_r(W) - s_u(W) <= -t + (M_r + t) z_r``,
    M_r the largest lead of r over u in closed form and t a small lead asked of u
    (:data:`TOLERANCE`); the worst is ``1 + max sum z_r`` likewise. Rivals whose lead never
    changes sign need no binary. Equal scores share the better rank, as in ``ties = "min"``.
    The weights found are put through the aggregation itself: a rank it does not confirm is
    not claimed. Solved by HiGHS (Huangfu and Hall 2018).

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> ranks = attainable_ranks(scores, bounds=0.1, units=["440000", "540000"])
    >>> ranks.table[["rank", "best", "worst", "status"]].to_numpy().tolist()
    [[1, 1, 2, 'optimal'], [31, 31, 31, 'optimal']]
    """
    polytope = weight_polytope(scores.spec, scores.weights, bounds=bounds, node=node)
    ranked = scores.nodes[node].rank(method="min", ascending=False).dropna()
    asked = [str(code) for code in (ranked.index if units is None else units)]
    unknown = [code for code in asked if code not in ranked.index]
    if unknown:
        params = {"units": ", ".join(unknown)}
        raise InputError([Problem(code="levers.unit_not_scored", params=params)])
    model = linear_scores(scores, polytope)
    found: dict[str, dict[Side, _Found]] = {}
    if model is None:
        drawn = sampled_weights(polytope, samples, rng or np.random.default_rng(0))
        found = _sampled(scores, polytope, drawn, asked)
    else:
        ends = model.ends
        with quiet_solver():
            for code in asked:
                search = _Search(scores, model, code, ends, node_limit)
                found[code] = {"best": search.extreme("best"), "worst": search.extreme("worst")}
    return AttainableRanks(
        table=_table(found, ranked.astype(int)),
        best_weights=pd.DataFrame({c: f["best"][2] for c, f in found.items()}).T,
        worst_weights=pd.DataFrame({c: f["worst"][2] for c, f in found.items()}).T,
        polytope=polytope,
        exact=model is not None,
    )


def rank_under(scores: Scores, local: pd.Series, node: str = ROOT) -> pd.Series:
    """Rank the units as other weights would, by the aggregation itself.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    local : pandas.Series
        Local weights by node; those of the profile for nodes not named.
    node : str, default "index"
        The node ranked by.

    Returns
    -------
    pandas.Series
        Ranks by code, equal scores share the better one; units without a score are left out.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> ranks = rank_under(scores, scores.weights["local"])
    >>> bool((ranks == scores.ranks["index"]).all())
    True
    """
    every = scores.weights["local"].copy()
    every[local.index] = local
    again = aggregate(scores.indicators, every, scores.spec)[node]
    held = again[scores.nodes[node].notna()]
    return held.rank(method="min", ascending=False).dropna().astype(int)


class _Search:
    """The two integer programmes of one unit."""

    def __init__(
        self,
        scores: Scores,
        model: LinearScores,
        code: str,
        ends: tuple[Floats, Floats],
        limit: int,
    ) -> None:
        self.scores, self.model, self.code, self.limit = scores, model, code, limit
        self.place = model.units.index(code)
        self.least, self.most = model.differences(self.place, ends)
        self.tree = model.trees[0]

    def extreme(self, side: Side) -> _Found:
        """Return the rank attained, the bound on it and the weights that attain it."""
        ahead = self.least > _EQUAL
        sure = 1 + int(ahead.sum())
        rivals = np.flatnonzero(~ahead & (self.most > _EQUAL))
        base = self.tree.nearest
        farthest = sure if side == "best" else sure + len(rivals)
        tried = [base] if len(rivals) == 0 else [base, self._vertex(rivals, side)]
        ranks = [self._rank(local) for local in tried]
        if farthest not in ranks and self.limit > 0:
            result = self._milp(rivals, side=side)
            bound = float(result.get("mip_dual_bound") or 0.0)
            if side == "best" and np.isfinite(bound):
                farthest = max(farthest, sure + int(np.ceil(bound - _WHOLE)))
            elif np.isfinite(bound):
                farthest = min(farthest, sure + int(np.floor(_WHOLE - bound)))
            if result.x is not None:
                nodes = self.tree.parents.index
                tried.append(self.tree.local(pd.Series(result.x[: len(nodes)], index=nodes)))
                ranks.append(self._rank(tried[-1]))
        place = int(np.argmin(ranks) if side == "best" else np.argmax(ranks))
        # Within the tolerance the aggregation may see a tie that the programme does not.
        beyond = ranks[place] < farthest if side == "best" else ranks[place] > farthest
        return ranks[place], ranks[place] if beyond else farthest, tried[place]

    def _vertex(self, rivals: np.ndarray, side: Side) -> pd.Series:
        """Return weights that are best, or worst, for the unit against the mean rival."""
        leaves = self.model.leaves[self.tree.leaves]
        lead = leaves.iloc[self.place] - leaves.iloc[rivals].mean()
        objective = lead.fillna(0.0).to_frame().T
        return self.tree.extremes(objective, largest=side == "best")[1].iloc[0]

    def _milp(self, rivals: np.ndarray, *, side: Side) -> optimize.OptimizeResult:
        model, count = self.model, len(rivals)
        lead = model.coefficients[rivals] - model.coefficients[self.place]
        width = lead.shape[1]
        # Every row is divided by what its binary must bridge, or the solver's own tolerance
        # on a binary would be worth more than the lead asked for.
        if side == "best":
            # lead <= -t unless z, which allows the largest lead there is.
            reach = self.most[rivals] + TOLERANCE
            matrix = np.hstack([lead / reach[:, None], -np.eye(count)])
            rows = optimize.LinearConstraint(matrix, -np.inf, -TOLERANCE / reach)
        else:
            # lead >= t if z, and otherwise at least the least there is.
            reach = TOLERANCE - self.least[rivals]
            matrix = np.hstack([lead / reach[:, None], -np.eye(count)])
            rows = optimize.LinearConstraint(matrix, self.least[rivals] / reach, np.inf)
        held = np.hstack([model.matrix, np.zeros((len(model.matrix), count))])
        cost = np.concatenate([np.zeros(width), np.full(count, 1.0 if side == "best" else -1.0)])
        return optimize.milp(
            cost,
            constraints=[optimize.LinearConstraint(held, model.low, model.high), rows],
            integrality=np.concatenate([np.zeros(width), np.ones(count)]),
            bounds=optimize.Bounds(0.0, 1.0),
            options={"node_limit": self.limit, "mip_rel_gap": 0.0},
        )

    def _rank(self, local: pd.Series) -> int:
        return int(rank_under(self.scores, local, self.tree.root)[self.code])


def _sampled(
    scores: Scores, polytope: Polytope, drawn: Sequence[pd.Series], asked: Sequence[str]
) -> dict[str, dict[Side, _Found]]:
    """Hold the ranks of sampled weights against bounds from intervals."""
    tried = pd.DataFrame([rank_under(scores, local, polytope.root) for local in drawn])
    bounds = outer_ranks(scores, polytope)
    found: dict[str, dict[Side, _Found]] = {}
    for code in asked:
        first, last = int(tried[code].argmin()), int(tried[code].argmax())
        found[code] = {
            "best": (int(tried[code].iloc[first]), int(bounds["best"][code]), drawn[first]),
            "worst": (int(tried[code].iloc[last]), int(bounds["worst"][code]), drawn[last]),
        }
    return found


def _table(found: Mapping[str, Mapping[Side, _Found]], ranked: pd.Series) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "rank": ranked.reindex(list(found)),
            "best": {code: sides["best"][0] for code, sides in found.items()},
            "worst": {code: sides["worst"][0] for code, sides in found.items()},
            "best_bound": {code: sides["best"][1] for code, sides in found.items()},
            "worst_bound": {code: sides["worst"][1] for code, sides in found.items()},
        }
    )
    proved = (table["best"] == table["best_bound"]) & (table["worst"] == table["worst_bound"])
    table["status"] = np.where(proved, "optimal", "bounds")
    return table.rename_axis("code").sort_values(["rank", "code"])

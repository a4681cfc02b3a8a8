"""Weights that best reproduce published rankings, and what they say of lists not used."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from suanli.analysis.agreement import agreement
from suanli.analysis.lists import LIST_COLUMNS, PublishedList, published_lists
from suanli.errors import InputError, Problem
from suanli.evaluation import Scores, evaluate, settled
from suanli.intake.table import IndicatorTable
from suanli.profile import ROOT, IndexSpec, replace_spec
from suanli.robustness.gather import Gather
from suanli.robustness.linear import linearising
from suanli.robustness.margin import widest_margin
from suanli.robustness.polytope import Floats, Polytope, weight_polytope

__all__ = ["Fit", "RevealedWeights", "leave_one_list_out", "revealed_weights"]

_AT: Final = 1e-6
_KEYS: Final = [*LIST_COLUMNS, "kind"]
_BOTH: Final = ("overlap", "rbo", "kendall_tau")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How weights are fitted.

    Attributes
    ----------
    bounds : float or Mapping[str, tuple[float, float]], optional
        Admissible local weights, see
        :func:`suanli.robustness.polytope.weight_polytope`.
    margin : float
        Largest lead asked of the better of two units, in hundredths of the range of the
        indicators' scores.
    penalty : float
        What the mean shortfall costs against the lead.
    """

    bounds: float | Mapping[str, tuple[float, float]] | None = 0.5
    margin: float = 1.0
    penalty: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RevealedWeights:
    """Weights fitted to published lists. They are not the publisher's.

    Attributes
    ----------
    weights : pandas.DataFrame
        Index ``id``: ``parent``, ``profile`` and ``revealed`` local weight, ``lower`` and
        ``upper`` bound, ``at`` (``"lower"``, ``"upper"`` or empty), ``profile_overall`` and
        ``revealed_overall``.
    agreement : pandas.DataFrame
        One row per list and kind: ``list``, ``year``, ``edition``, ``dimension``,
        ``scores_year``, ``fitted``, ``kind``, ``length``, ``named``, ``n``,
        ``expected_overlap``, and ``overlap``, ``rbo``, ``kendall_tau`` by either weights
        (``profile_...``, ``revealed_...``).
    fitted : tuple[str, ...]
        Keys of the lists fitted.
    constraints : int
        Pairs of units whose order the lists state.
    violated, profile_violated : int
        Those that the weights, and the profile's, get wrong.
    free : int
        Weights that can be chosen: children less one, over all nodes.
    margin : float
        Lead attained.
    """

    weights: pd.DataFrame
    agreement: pd.DataFrame
    fitted: tuple[str, ...]
    constraints: int
    violated: int
    profile_violated: int
    free: int
    margin: float


def revealed_weights(
    table: IndicatorTable,
    spec: IndexSpec,
    published: pd.DataFrame,
    *,
    lists: Sequence[str],
    fit: Fit | None = None,
) -> RevealedWeights:
    """Find the admissible weights that best reproduce published lists.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile. A list is held against the evaluation of its own year, or of the
        profile's where that is earlier.
    published : pandas.DataFrame
        Published lists, as :func:`suanli.analysis.lists.published_lists` takes them.
    lists : Sequence[str]
        Keys of the lists to fit; all others are the test.
    fit : Fit, optional
        Bounds and the balance of lead and shortfall.

    Returns
    -------
    RevealedWeights
        Weights, and the agreement with every list under both sets of weights, each by a
        full evaluation.

    Raises
    ------
    InputError
        No such list, a list that says nothing of our nodes, infeasible bounds, or an
        aggregation that is no weighted sum.

    Notes
    -----
    ``max m - C mean(e)`` over the tree polytope, subject to ``s_a(W) - s_b(W) >= m - e_ab``
    for every stated order, ``0 <= m <= margin, e >= 0``, and e = 0 where all orders can be met
    at once: a linear programme in the manner of
    ordinal support vectors (Herbrich, Graepel and Obermayer 2000) and of UTA (Jacquet-Lagreze
    and Siskos 1982). Orders stated are: consecutive ranks; the last unbroken rank above all
    other units; and, where all k units of a Top-k are named, each of them above all others.
    Among equally good weights those closest to the profile's are taken. A missing indicator
    counts as the mean of its siblings at the profile's weights, in the programme only.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> catalogue = load_catalogue()
    >>> result = revealed_weights(catalogue.province, load_profile("caict2024-province"),
    ...                           catalogue.published, lists=["2022-index"])
    >>> result.constraints, bool((result.weights["at"] != "").any())
    (219, True)
    """
    case = _Case(table, spec, published, fit or Fit())
    gather, fitted = Gather(), list[PublishedList]()
    with gather.kept():
        fitted = case.chosen(lists)
    with gather.kept():
        _ = case.polytope
    gather.settle()
    return case.fitted(fitted)


def leave_one_list_out(
    table: IndicatorTable,
    spec: IndexSpec,
    published: pd.DataFrame,
    *,
    fit: Fit | None = None,
) -> pd.DataFrame:
    """Fit all lists but one, and test on that one; for each in turn.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile.
    published : pandas.DataFrame
        Published lists.
    fit : Fit, optional
        Bounds and the balance of lead and shortfall.

    Returns
    -------
    pandas.DataFrame
        The rows of :attr:`RevealedWeights.agreement` of each list left out. Lists of
        successive years share most of their order: this is no independent test.

    Raises
    ------
    InputError
        As :func:`revealed_weights`; or fewer than two lists can be fitted.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> catalogue = load_catalogue()
    >>> two = catalogue.published[catalogue.published["dimension"].eq("storage")]
    >>> rows = leave_one_list_out(catalogue.province, load_profile("caict2024-province"), two)
    >>> sorted(rows["list"].unique())
    ['2023-storage', '2024-storage', '2025-storage']
    """
    case = _Case(table, spec, published, fit or Fit())
    usable = [item for item in case.lists if case.pairs(item)]
    if len(usable) < 2:  # noqa: PLR2004 - one to fit, one to test
        params = {"known": ", ".join(item.key for item in case.lists) or "-"}
        raise InputError([Problem(code="levers.lists_too_few", params=params)])
    rows = []
    for left in usable:
        result = case.fitted([item for item in usable if item is not left])
        rows.append(result.agreement[result.agreement["list"] == left.key])
    return pd.concat(rows, ignore_index=True)


Pair = tuple[str, str]


class _Case:
    """Evaluations by year, and the lists held against them."""

    def __init__(
        self, table: IndicatorTable, spec: IndexSpec, published: pd.DataFrame, fit: Fit
    ) -> None:
        self.lists = published_lists(published, level=spec.level)
        years = {spec.year, *(min(item.year, spec.year) for item in self.lists)}
        # The same indicators in every year compared.
        spec = settled(table, spec, years=years)
        function = linearising(spec, ROOT)
        if function is None:
            params = {"profile": spec.id}
            raise InputError([Problem(code="levers.not_weighted_sum", params=params)])
        self.function = function
        self.table, self.spec, self.published, self.fit = table, spec, published, fit
        self.scores = self.evaluated(spec, years)

    @cached_property
    def polytope(self) -> Polytope:
        weights = self.scores[self.spec.year].weights
        return weight_polytope(self.spec, weights, bounds=self.fit.bounds)

    def year(self, item: PublishedList) -> int:
        return min(item.year, self.spec.year)

    def evaluated(self, spec: IndexSpec, years: set[int]) -> dict[int, Scores]:
        return {y: evaluate(self.table, replace_spec(spec, year=y)) for y in sorted(years)}

    def chosen(self, keys: Sequence[str]) -> list[PublishedList]:
        by_key = {item.key: item for item in self.lists}
        problems = []
        for key in keys:
            params: dict[str, Any] = {"name": key, "known": ", ".join(by_key) or "-"}
            if key not in by_key:
                close = difflib.get_close_matches(key, list(by_key), n=1)
                params["close"] = "".join(close) or next(iter(by_key), "-")
                problems.append(Problem(code="levers.list_unknown", params=params))
            elif not self.pairs(by_key[key]):
                problems.append(Problem(code="levers.list_says_nothing", params=params))
        if problems:
            raise InputError(problems)
        return [by_key[key] for key in dict.fromkeys(keys)]

    def pairs(self, item: PublishedList) -> list[Pair]:
        """Return whom the list puts above whom, among units we score."""
        scores = self.scores[self.year(item)]
        node = item.node(scores)
        if not node:
            return []
        scored = scores.nodes.index[scores.nodes[node].notna()]
        ranked = sorted(item.ranked, key=item.ranked.__getitem__)
        pairs = list(pairwise(ranked))
        # Where all of the Top-k are named each is above all others; otherwise only those of
        # the unbroken ranks are.
        above = item.named if len(item.named) == item.reach else item.head
        pairs.extend((a, str(b)) for a in above for b in scored if b not in above)
        return [(a, b) for a, b in dict.fromkeys(pairs) if {a, b} <= set(scored)]

    def fitted(self, lists: Sequence[PublishedList]) -> RevealedWeights:
        rows = np.vstack([self._rows(item) for item in lists])
        overall, margin = widest_margin(
            rows, self.polytope, margin=self.fit.margin, penalty=self.fit.penalty
        )
        local = self.polytope.local(overall)
        revealed = _given(self.spec, local)
        both = {"profile": self.scores, "revealed": self.evaluated(revealed, set(self.scores))}
        weights = _weights_table(self.polytope, local)
        leaves = weights.loc[self.polytope.leaves]
        wrong = {
            side: int((rows @ leaves[f"{side}_overall"].to_numpy(dtype=float) <= 0).sum())
            for side in both
        }
        return RevealedWeights(
            weights=weights,
            agreement=self._agreement(both, {item.key for item in lists}),
            fitted=tuple(item.key for item in lists),
            constraints=len(rows),
            violated=wrong["revealed"],
            profile_violated=wrong["profile"],
            free=sum(len(self.polytope.children(n)) - 1 for n in self.polytope.inner()),
            margin=margin,
        )

    def _rows(self, item: PublishedList) -> Floats:
        """Return the lead of every stated pair as a function of the leaves' weights."""
        scores = self.scores[self.year(item)]
        node, leaves = item.node(scores), self.polytope.leaves
        values = self.function(_filled(scores)[leaves])
        spread = float((values.max() - values.min()).max())
        below = _below(self.spec, node)
        values = values.mul([float(leaf in below) for leaf in leaves], axis=1) * 100 / spread
        first, second = zip(*self.pairs(item), strict=True)
        return np.asarray(
            values.loc[list(first)].to_numpy() - values.loc[list(second)].to_numpy(),
            dtype=np.float64,
        )

    def _agreement(
        self, both: Mapping[str, Mapping[int, Scores]], fitted: set[str]
    ) -> pd.DataFrame:
        frames = []
        for item in self.lists:
            one = self.published[self._own(item)]
            if not item.node(self.scores[self.year(item)]):
                continue
            tables = {
                name: agreement(evaluated[self.year(item)], one, level=self.spec.level)
                for name, evaluated in both.items()
            }
            base = tables["profile"].set_index(_KEYS)
            frame = base[["scores_year", "length", "named", "n", "expected_overlap"]].copy()
            for name, compared in tables.items():
                for column in _BOTH:
                    frame[f"{name}_{column}"] = compared.set_index(_KEYS)[column]
            frame = frame.reset_index()
            frame.insert(0, "fitted", item.key in fitted)
            frame.insert(0, "list", item.key)
            frames.append(frame.drop(columns=["family", "publisher", "level"]))
        return pd.concat(frames, ignore_index=True)

    def _own(self, item: PublishedList) -> pd.Series:
        same = pd.Series(data=True, index=self.published.index)
        for name in LIST_COLUMNS:
            same &= self.published[name].astype(str) == str(getattr(item, name))
        return same


def _weights_table(polytope: Polytope, local: pd.Series) -> pd.DataFrame:
    at_lower = (local - polytope.lower).abs() < _AT
    at_upper = (local - polytope.upper).abs() < _AT
    fixed = (polytope.upper - polytope.lower) < _AT
    sides = np.where(at_lower & ~fixed, "lower", np.where(at_upper & ~fixed, "upper", ""))
    return pd.DataFrame(
        {
            "parent": polytope.parents,
            "profile": polytope.base,
            "revealed": local,
            "lower": polytope.lower,
            "upper": polytope.upper,
            "at": sides,
            "profile_overall": polytope.overall(polytope.base),
            "revealed_overall": polytope.overall(local),
        }
    ).rename_axis("id")


def _given(spec: IndexSpec, local: pd.Series) -> IndexSpec:
    """Return the profile with these weights given."""
    nodes = [item.model_dump() | {"weight": float(local[item.id])} for item in spec.dimension]
    leaves = [item.model_dump() | {"weight": float(local[item.id])} for item in spec.indicator]
    return replace_spec(spec, method={"weight": "given"}, dimension=nodes, indicator=leaves)


def _filled(scores: Scores) -> pd.DataFrame:
    """Fill what a unit lacks with the score of the nearest node above that it has."""
    parents = scores.weights["parent"]
    every = pd.concat([scores.stages["aggregated"], scores.indicators], axis=1)
    filled = scores.indicators.copy()
    for leaf in filled.columns:
        node = str(leaf)
        while filled[leaf].isna().any() and node != ROOT:
            node = str(parents[node])
            filled[leaf] = filled[leaf].fillna(every[node])
    return filled


def _below(spec: IndexSpec, node: str) -> set[str]:
    found = {node}
    for name in reversed(spec.bottom_up()):
        if name in found:
            found.update(spec.children(name))
    return found

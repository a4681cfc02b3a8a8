"""The admissible weights as a polytope, and the extremes of a score over it in closed form."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.profile import ROOT, IndexSpec
from suanli.robustness.assumptions import negative_weights

__all__ = ["Floats", "Polytope", "weight_polytope"]

Floats = npt.NDArray[np.float64]

_DUST: Final = 1e-9


# A node, the rows of its children, their least and largest local weights.
_Family: TypeAlias = tuple[str, npt.NDArray[np.intp], Floats, Floats]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polytope:
    """All weights of the nodes below one node, each within bounds.

    The variables are overall weights W: 1 at the root, that of a node the sum of its
    children's, and ``lower * W_parent <= W <= upper * W_parent``. These are linear, and what
    holds for local weights, their quotients, need not be.

    Attributes
    ----------
    root : str
        The node whose score is looked at.
    parents : pandas.Series
        Parent of every node below the root; parents stand before their children.
    lower, upper : pandas.Series
        Least and largest local weight of every node, same index.
    base : pandas.Series
        The profile's local weights, same index.
    """

    root: str
    parents: pd.Series
    lower: pd.Series
    upper: pd.Series
    base: pd.Series
    _families: tuple[_Family, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Looked up by label once: programmes ask for them thousands of times.
        found: list[_Family] = []
        for node in self.inner():
            places = np.flatnonzero((self.parents == node).to_numpy())
            names = self.parents.index[places]
            least, most = (s[names].to_numpy(dtype=float) for s in (self.lower, self.upper))
            found.append((node, places, least, most))
        object.__setattr__(self, "_families", tuple(found))

    @property
    def leaves(self) -> list[str]:
        """Nodes without children.

        Returns
        -------
        list[str]
            In the order of the nodes.
        """
        inner = set(self.parents)
        return [str(node) for node in self.parents.index if node not in inner]

    def children(self, node: str) -> list[str]:
        """Return the nodes right below a node.

        Parameters
        ----------
        node : str
            The node.

        Returns
        -------
        list[str]
            None for a leaf.
        """
        return [str(child) for child in self.parents.index[self.parents == node]]

    def inner(self) -> list[str]:
        """Return the nodes with children.

        Returns
        -------
        list[str]
            The root first, parents before children.
        """
        above = set(self.parents)
        return [self.root, *(str(n) for n in self.parents.index if n in above)]

    @property
    def nearest(self) -> pd.Series:
        """Admissible local weights as close as may be to the profile's.

        Returns
        -------
        pandas.Series
            The profile's own where they are admissible, as they are unless bounds of single
            nodes leave them out.
        """
        inside = (self.base >= self.lower - _DUST) & (self.base <= self.upper + _DUST)
        return self.base if bool(inside.all()) else self.local(self.overall(self.base))

    def overall(self, local: pd.Series) -> pd.Series:
        """Multiply local weights along the path.

        Parameters
        ----------
        local : pandas.Series
            Local weight of every node.

        Returns
        -------
        pandas.Series
            Overall weights, 1 at the root (which is not listed).
        """
        found = {self.root: 1.0}
        for node, parent in self.parents.items():
            found[str(node)] = found[str(parent)] * float(local[str(node)])
        return pd.Series(found).reindex(self.parents.index)

    def local(self, overall: pd.Series) -> pd.Series:
        """Return admissible local weights as close as may be to given overall weights.

        Parameters
        ----------
        overall : pandas.Series
            Overall weights, from a solver and so only nearly admissible.

        Returns
        -------
        pandas.Series
            Quotients of neighbours, within the bounds and summing to 1 among siblings.
            Below a node without weight the profile's own.
        """
        base = self.base.to_numpy(dtype=float)
        every, found = overall.reindex(self.base.index).to_numpy(dtype=float), base.copy()
        for _, places, lower, upper in self._families:
            given = every[places].clip(min=0.0)
            share = given / given.sum() if given.sum() > _DUST else base[places]
            share = share.clip(lower, upper)
            gap = 1.0 - float(share.sum())
            room = (upper - share) if gap > 0 else (share - lower)
            if gap and room.sum() > 0:
                share = share + gap * room / room.sum()
            found[places] = share
        return pd.Series(found, index=self.base.index)

    def extremes(
        self, objectives: pd.DataFrame, *, largest: bool = True
    ) -> tuple[pd.Series, pd.DataFrame]:
        """Maximise or minimise linear functions of the leaves' overall weights.

        Parameters
        ----------
        objectives : pandas.DataFrame
            Coefficient of each leaf, shape (functions, leaves), by label; leaves not named
            count 0.
        largest : bool, default True
            Whether to maximise.

        Returns
        -------
        values : pandas.Series
            The extreme of each function.
        local : pandas.DataFrame
            Local weights that attain it, shape (functions, nodes).

        Notes
        -----
        Per unit of its own weight a leaf is worth its coefficient and a node
        ``max sum w_c v_c`` over ``lower <= w <= upper, sum w = 1``: every child gets its
        lower bound, and what is left goes to the best child up to its upper bound, then to
        the next (the continuous knapsack; Dantzig 1957, Discrete-variable extremum
        problems). Values of nodes do not depend on their weight, so going up once solves the
        whole linear programme.

        Examples
        --------
        >>> tree = Polytope(root="r", parents=pd.Series({"a": "r", "b": "r"}),
        ...                 lower=pd.Series({"a": 0.25, "b": 0.25}),
        ...                 upper=pd.Series({"a": 0.75, "b": 0.75}),
        ...                 base=pd.Series({"a": 0.5, "b": 0.5}))
        >>> values, local = tree.extremes(pd.DataFrame({"a": [1.0], "b": [0.0]}))
        >>> values[0], local.loc[0].to_dict()
        (np.float64(0.75), {'a': 0.75, 'b': 0.25})
        """
        sign = 1.0 if largest else -1.0
        count = len(objectives)
        worth: dict[str, Floats] = {
            leaf: sign * objectives[leaf].to_numpy(dtype=float)
            if leaf in objectives
            else np.zeros(count)
            for leaf in self.leaves
        }
        names = [str(name) for name in self.parents.index]
        local = np.empty((count, len(names)))
        for node, places, lower, upper in reversed(self._families):
            values = np.column_stack([worth[names[place]] for place in places])
            shares = _filled(values, lower, upper)
            worth[node] = (shares * values).sum(axis=1)
            local[:, places] = shares
        table = pd.DataFrame(local, index=objectives.index, columns=self.parents.index)
        return pd.Series(sign * worth[self.root], index=objectives.index), table

    def inequalities(self) -> tuple[Floats, Floats, Floats]:
        """Return the polytope as rows ``low <= A W <= high``.

        Returns
        -------
        matrix : numpy.ndarray
            Shape (rows, nodes): one row per inner node (children sum to it), two per node
            (its bounds).
        low, high : numpy.ndarray
            One number per row.
        """
        places = {str(node): place for place, node in enumerate(self.parents.index)}
        rows: list[Floats] = []
        low: list[float] = []
        high: list[float] = []
        for node, below, _, _ in self._families:
            row = np.zeros(len(places))
            row[below] = 1.0
            at_root = node == self.root
            if not at_root:
                row[places[node]] = -1.0
            rows.append(row)
            low.append(float(at_root))
            high.append(float(at_root))
        for name, parent in self.parents.items():
            child = str(name)
            for bound, sense in ((self.lower[child], 1.0), (self.upper[child], -1.0)):
                row = np.zeros(len(places))
                row[places[child]] = sense
                if parent != self.root:
                    row[places[str(parent)]] = -sense * bound
                rows.append(row)
                low.append(sense * bound if parent == self.root else 0.0)
                high.append(np.inf)
        return np.vstack(rows), np.array(low), np.array(high)


def weight_polytope(
    spec: IndexSpec,
    weights: pd.DataFrame,
    *,
    bounds: float | Mapping[str, tuple[float, float]] | None = None,
    node: str = ROOT,
) -> Polytope:
    """Return the admissible weights around those of an evaluation.

    Parameters
    ----------
    spec : IndexSpec
        The profile; its ``uncertainty.bounds`` hold where ``bounds`` says nothing, its
        ``uncertainty.limits`` for every node that ``bounds`` does not name.
    weights : pandas.DataFrame
        Weights of an evaluation, as :attr:`suanli.evaluation.Scores.weights`.
    bounds : float or Mapping[str, tuple[float, float]], optional
        Half width of the bounds as a share of each local weight, instead of
        ``uncertainty.bounds``; or least and largest local weight by node.
    node : str, default "index"
        The inner node whose score is looked at; only weights below it matter.

    Returns
    -------
    Polytope
        Not empty.

    Raises
    ------
    InputError
        The node is unknown or a leaf; a bound is out of order; the bounds of the children of
        a node cannot sum to 1: all that is wrong at once, every such node named.

    Examples
    --------
    >>> from suanli.evaluation.weight import weigh
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> tree = weight_polytope(spec, weigh(spec), bounds=0.3)
    >>> round(float(tree.lower["compute"]), 9), round(float(tree.upper["compute"]), 9)
    (0.28, 0.52)
    """
    inner = [ROOT, *(item.id for item in spec.dimension)]
    problems = [] if node in inner else [_unknown("levers.node_unknown", node, inner)]
    base = weights["local"].astype(float)
    negative = negative_weights(base)
    if negative is not None:
        raise InputError([*problems, negative])
    lower, upper, wrong = _bounded(spec, base, bounds)
    problems.extend(wrong)
    if problems:
        raise InputError(problems)
    order: list[str] = []
    queue = [node]
    while queue:
        below = spec.children(queue.pop(0))
        order.extend(below)
        queue.extend(child for child in below if child in inner)
    return Polytope(
        root=node,
        parents=weights["parent"].reindex(order),
        lower=lower.reindex(order),
        upper=upper.reindex(order),
        base=base.reindex(order),
    )


def _bounded(
    spec: IndexSpec, base: pd.Series, bounds: float | Mapping[str, tuple[float, float]] | None
) -> tuple[pd.Series, pd.Series, list[Problem]]:
    """Return least and largest local weights, and what is wrong with the bounds."""
    problems: list[Problem] = []
    share = bounds if isinstance(bounds, int | float) else spec.uncertainty.bounds
    if not 0 <= share <= 1:
        problems.append(Problem(code="levers.bounds_share", params={"value": f"{share:g}"}))
        share = 1.0
    given = dict(spec.uncertainty.limits) | (dict(bounds) if isinstance(bounds, Mapping) else {})
    lower, upper = base * (1 - share), (base * (1 + share)).clip(upper=1.0)
    for name, (low, high) in given.items():
        if name not in base.index:
            known = [str(item) for item in base.index]
            problems.append(_unknown("levers.bounds_unknown", name, known))
        elif not 0 <= low <= high <= 1:
            params = {"node": name, "low": f"{low:g}", "high": f"{high:g}"}
            problems.append(Problem(code="levers.bounds_order", params=params))
        else:
            lower[name], upper[name] = low, high
    problems.extend(_infeasible(spec, lower, upper))
    return lower, upper, problems


def _filled(values: Floats, lower: Floats, upper: Floats) -> Floats:
    """Give each row's best columns as much as their bounds allow."""
    order = np.argsort(-values, axis=1, kind="stable")
    room = (upper - lower)[order]
    before = np.cumsum(room, axis=1) - room
    taken = np.clip(1.0 - lower.sum() - before, 0.0, room)
    shares = np.empty_like(values)
    np.put_along_axis(shares, order, taken, axis=1)
    return shares + lower


def _infeasible(spec: IndexSpec, lower: pd.Series, upper: pd.Series) -> list[Problem]:
    problems = []
    for node in spec.bottom_up():
        below = list(spec.children(node))
        params = {"node": node, "children": ", ".join(below)}
        if (least := float(lower[below].sum())) > 1 + _DUST:
            shown = params | {"sum": f"{least:.6g}"}
            problems.append(Problem(code="levers.bounds_too_high", params=shown))
        if (most := float(upper[below].sum())) < 1 - _DUST:
            shown = params | {"sum": f"{most:.6g}"}
            problems.append(Problem(code="levers.bounds_too_low", params=shown))
    return problems


def _unknown(code: str, name: str, known: list[str]) -> Problem:
    close = difflib.get_close_matches(name, known, n=1)
    params = {"name": name, "close": "".join(close) or known[0], "known": ", ".join(known)}
    return Problem(code=code, params=params)

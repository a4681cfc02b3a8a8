"""Scores as linear functions of overall weights, also where siblings are missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from suanli.evaluation import Scores
from suanli.profile import IndexSpec
from suanli.robustness.polytope import Floats, Polytope

__all__ = ["LinearScores", "linear_scores", "linearising", "share_ranges"]

Masks = npt.NDArray[np.bool_]
_SCALE: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearScores:
    """Scores of units as ``coefficients @ x`` with ``low <= matrix @ x <= high``.

    The first variables are the overall weights W of the polytope. A unit with missing
    siblings has re-scaled weights U, quotients of W, which follow as further variables, one
    set for each pattern of missing values. They are held by linear bounds that every true
    quotient obeys: what is proved with them is proved, what is attained must be evaluated.

    Attributes
    ----------
    units : tuple[str, ...]
        Codes, in the order of the rows of ``coefficients``.
    coefficients : numpy.ndarray
        Shape (units, variables), in hundredths of the range of the indicators' scores.
    matrix, low, high : numpy.ndarray
        The constraints.
    patterns : numpy.ndarray
        Number of each unit's pattern; 0 is that of units with all values.
    trees : tuple[Polytope, ...]
        The polytope of W, then that of each U.
    leaves : pandas.DataFrame
        Scores of the leaves, index ``units``, scaled as ``coefficients``.
    """

    units: tuple[str, ...]
    coefficients: Floats
    matrix: Floats
    low: Floats
    high: Floats
    patterns: npt.NDArray[np.intp]
    trees: tuple[Polytope, ...]
    leaves: pd.DataFrame

    @property
    def ends(self) -> tuple[Floats, Floats]:
        """Least and largest score of each unit.

        Returns
        -------
        tuple[numpy.ndarray, numpy.ndarray]
            Over the polytope of the unit's own pattern, in closed form.
        """
        least, most = np.empty(len(self.units)), np.empty(len(self.units))
        for number, tree in enumerate(self.trees):
            rows = self.patterns == number
            own = self.leaves.loc[rows, tree.leaves]
            least[rows] = tree.extremes(own, largest=False)[0]
            most[rows] = tree.extremes(own)[0]
        return least, most

    def differences(self, place: int, ends: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        """Return the least and the largest lead of every unit over one of them.

        Parameters
        ----------
        place : int
            Row of the unit.
        ends : tuple[numpy.ndarray, numpy.ndarray]
            From :attr:`ends`.

        Returns
        -------
        tuple[numpy.ndarray, numpy.ndarray]
            In closed form: exact between units with all values, otherwise bounds.
        """
        least, most = ends[0] - ends[1][place], ends[1] - ends[0][place]
        number = self.patterns[place]
        same = self.patterns == number
        tree = self.trees[number]
        lead = self.leaves.loc[same, tree.leaves] - self.leaves.iloc[place][tree.leaves]
        least[same] = tree.extremes(lead, largest=False)[0]
        most[same] = tree.extremes(lead)[0]
        return least, most


def linearising(spec: IndexSpec, node: str) -> Callable[[pd.DataFrame], pd.DataFrame] | None:
    """Return what makes the aggregation below a node a weighted sum, if anything does.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    node : str
        The inner node.

    Returns
    -------
    Callable or None
        An increasing function of scores. One exists when all nodes from here down are
        aggregated by the same mean: the logarithm of a geometric mean of geometric means is
        the sum of overall weights times logarithms, and so for every power mean.

    Examples
    --------
    >>> from suanli.profile import load_profile, replace_spec
    >>> spec = load_profile("caict2024-province")
    >>> linearising(spec, "index")(pd.DataFrame({"a": [2.0]})).iloc[0, 0]
    np.float64(2.0)
    >>> linearising(replace_spec(spec, method={"aggregate": "topsis"}), "index") is None
    True
    """
    chosen = {item.id: item.aggregate for item in spec.dimension}
    below = [node]
    for name in below:
        below.extend(child for child in spec.children(name) if child in chosen)
    methods = {chosen.get(name) or spec.method.aggregate for name in below}
    if len(methods) != 1:
        return None
    (method,) = methods
    if method == "power":
        return _power(spec.method.power)
    return _MEANS.get(method)


def linear_scores(scores: Scores, polytope: Polytope) -> LinearScores | None:
    """Write the scores of one node as linear functions of the weights below it.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    polytope : Polytope
        Admissible weights below the node.

    Returns
    -------
    LinearScores or None
        Of all units that have a score; None when the aggregation is no weighted sum.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> from suanli.robustness.polytope import weight_polytope
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> model = linear_scores(scores, weight_polytope(scores.spec, scores.weights))
    >>> len(model.units), len(model.trees)
    (31, 2)
    """
    function = linearising(scores.spec, polytope.root)
    if function is None:
        return None
    scored = scores.nodes.index[scores.nodes[polytope.root].notna()].sort_values()
    leaves = function(scores.indicators.loc[scored, polytope.leaves])
    spread = float((leaves.max() - leaves.min()).max())
    leaves = leaves * (_SCALE / spread if spread > 0 else 1.0)
    trees, blocks, patterns = [polytope], [polytope.inequalities()], []
    known: dict[tuple[bool, ...], int] = {(True,) * leaves.shape[1]: 0}
    present = leaves.notna()
    for row in present.itertuples(index=False):
        key = tuple(bool(value) for value in row)
        if key not in known:
            known[key] = len(trees)
            trees.append(_reduced(polytope, dict(zip(leaves.columns, key, strict=True))))
            blocks.append(_joined(polytope, trees[-1]))
        patterns.append(known[key])
    starts = np.cumsum([0, *(len(tree.parents) for tree in trees)])
    coefficients = np.zeros((len(scored), int(starts[-1])))
    for place, number in enumerate(patterns):
        nodes = list(trees[number].parents.index)
        columns = [int(starts[number]) + nodes.index(leaf) for leaf in trees[number].leaves]
        coefficients[place, columns] = leaves.iloc[place][trees[number].leaves]
    return LinearScores(
        units=tuple(str(code) for code in scored),
        coefficients=coefficients,
        matrix=_stacked([block[0] for block in blocks], len(polytope.parents)),
        low=np.concatenate([block[1] for block in blocks]),
        high=np.concatenate([block[2] for block in blocks]),
        patterns=np.array(patterns, dtype=np.intp),
        trees=tuple(trees),
        leaves=leaves,
    )


def _reduced(polytope: Polytope, has: Mapping[str, bool]) -> Polytope:
    """Return the polytope of the re-scaled weights of units that lack some leaves."""
    alive = dict(has)
    lower: dict[str, float] = {}
    upper: dict[str, float] = {}
    for node in reversed(polytope.inner()):
        below = polytope.children(node)
        present = np.array([alive[child] for child in below])
        alive[node] = bool(present.any())
        if alive[node]:
            least = polytope.lower[below].to_numpy(dtype=float)
            most = polytope.upper[below].to_numpy(dtype=float)
            shares = share_ranges(least, most, present)
            kept = [child for child in below if alive[child]]
            lower |= dict(zip(kept, shares[0].tolist(), strict=True))
            upper |= dict(zip(kept, shares[1].tolist(), strict=True))
    nodes = [node for node in polytope.parents.index if alive[node] and node in lower]
    # A childless rest of the tree hangs in the air where its ancestor has no score.
    low, high = pd.Series(lower).reindex(nodes), pd.Series(upper).reindex(nodes)
    return Polytope(
        root=polytope.root, parents=polytope.parents[nodes], lower=low, upper=high, base=low
    )


def _joined(whole: Polytope, part: Polytope) -> tuple[Floats, Floats, Floats]:
    """Add to a reduced polytope what ties its variables U to W; columns: W, then U."""
    matrix, low, high = part.inequalities()
    width = len(whole.parents)
    rows = [np.hstack([np.zeros((len(matrix), width)), matrix])]
    lows, highs = [low], [high]
    columns = {str(node): place for place, node in enumerate(whole.parents.index)}
    own = {str(node): width + place for place, node in enumerate(part.parents.index)}
    equal = {whole.root}
    for node in part.inner():
        if node not in equal:
            continue
        below, kept = whole.children(node), part.children(node)
        missing = [child for child in below if child not in kept]
        if not missing:
            equal.update(kept)
        # U = W / (1 - m), m the weight of the missing siblings.
        least = 1.0 - min(1.0, float(whole.upper[missing].sum()))
        most = 1.0 - float(whole.lower[missing].sum())
        for child in kept:
            for factor, ends in ((most, (0.0, np.inf)), (least, (-np.inf, 0.0))):
                row = np.zeros(width + len(own))
                row[own[child]], row[columns[child]] = factor, -1.0
                rows.append(row[None, :])
                lows.append(np.array([ends[0]]))
                highs.append(np.array([ends[1]]))
    return np.vstack(rows), np.concatenate(lows), np.concatenate(highs)


def _stacked(blocks: list[Floats], width: int) -> Floats:
    """Stack blocks whose first ``width`` columns are common and whose others are their own."""
    total = width + sum(block.shape[1] - width for block in blocks)
    rows, start = [], width
    for block in blocks:
        row = np.zeros((len(block), total))
        row[:, :width] = block[:, :width]
        end = start + block.shape[1] - width
        row[:, start:end] = block[:, width:]
        start = end
        rows.append(row)
    return np.vstack(rows)


def _logarithm(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.log(frame), index=frame.index, columns=frame.columns)


def _power(exponent: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    if exponent == 0:
        return _logarithm
    sign = 1.0 if exponent > 0 else -1.0
    return lambda frame: sign * frame.pow(exponent)


_MEANS: Final[Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]]] = MappingProxyType(
    {"arithmetic": lambda frame: frame, "geometric": _logarithm, "harmonic": _power(-1.0)}
)


def share_ranges(lower: Floats, upper: Floats, present: npt.NDArray[np.bool_]) -> Floats:
    """Return how small and large each present sibling's re-scaled weight can be.

    Where siblings are missing the weights of the present ones are divided by their sum.

    Parameters
    ----------
    lower, upper : numpy.ndarray
        Bounds of the local weights of all siblings, which can sum to 1.
    present : numpy.ndarray
        Which siblings have a score; at least one.

    Returns
    -------
    numpy.ndarray
        Shape (2, present siblings): least and largest share.

    Notes
    -----
    ``w / (w + o)``, o the weight of the other present siblings, is largest where w is and o
    is as small as its own bounds and those of the missing ones leave it.

    Examples
    --------
    >>> low, high = np.full(3, 0.2), np.full(3, 0.5)
    >>> share_ranges(low, high, np.array([True, True, False])).round(4).tolist()
    [[0.2857, 0.2857], [0.7143, 0.7143]]
    """
    least, most = lower[present], upper[present]
    others_least, others_most = least.sum() - least, most.sum() - most
    missing_least, missing_most = lower[~present].sum(), upper[~present].sum()
    large = np.minimum(most, 1.0 - others_least - missing_least)
    small = np.maximum(least, 1.0 - others_most - missing_most)
    beside_large = np.maximum(others_least, 1.0 - large - missing_most)
    beside_small = np.minimum(others_most, 1.0 - small - missing_least)
    with np.errstate(invalid="ignore", divide="ignore"):
        high = np.where(large + beside_large > 0, large / (large + beside_large), 1.0)
        low = np.where(small + beside_small > 0, small / (small + beside_small), 0.0)
    return np.vstack([low, high])

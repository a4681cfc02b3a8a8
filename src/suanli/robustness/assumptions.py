"""What a replicate assumes: one combination of options, weights, and what it leaves out."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from suanli.errors import InputError, Problem
from suanli.evaluation import Derivation, Scores, evaluate_from
from suanli.profile import IndexSpec, replace_spec
from suanli.profile.assumptions import named, options_at
from suanli.robustness.tree import Tree, tree_of

__all__ = ["Assumptions", "Combination", "Draws", "combinations", "grouped", "negative_weights"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Fields that change nothing before aggregation, unless weights come from the scores.
_STATED = frozenset({"ahp", "given", "equal"})
_LATE = frozenset({"aggregate", "power", "penalty", "bod_slack"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Combination:
    """One option of every choice, evaluated.

    Attributes
    ----------
    spec : IndexSpec
        The profile with these options, nothing uncertain.
    name : str
        The options, as a profile would write them.
    values : numpy.ndarray
        Normalised indicators, shape (units, indicators); missing is NaN.
    local : numpy.ndarray
        Local weights, one per column of the tree.
    """

    spec: IndexSpec
    name: str
    values: Floats
    local: Floats


def combinations(
    start: Derivation, spec: IndexSpec, *, groups: pd.Series | None = None
) -> tuple[Combination, ...]:
    """Evaluate every combination of options once, by the plain path.

    Combinations that differ in aggregation alone share normalised indicators and weights,
    unless the weights come from the scores.

    Parameters
    ----------
    start : Derivation
        What evaluations start from.
    spec : IndexSpec
        The profile.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; only for imputation by group.

    Returns
    -------
    tuple[Combination, ...]
        The last choice varies fastest; one, the profile itself, where there is no choice.

    Raises
    ------
    InputError
        A combination cannot be evaluated; every such combination with its reason.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import derivation
    >>> from suanli.profile import load_profile
    >>> spec = replace_spec(load_profile("city-compute"), uncertainty={})
    >>> start = derivation(load_catalogue().city, spec)
    >>> combinations(start, spec)[0].values.shape
    (337, 10)
    """
    choices = spec.uncertainty.choice
    tree = tree_of(spec)
    found: list[Combination] = []
    unfit: list[tuple[str, Problem]] = []
    done: dict[str, Scores] = {}
    for places in itertools.product(*(range(len(choice.options)) for choice in choices)):
        fields = options_at(choices, places)
        name = named(fields)
        try:
            changed = replace_spec(spec, method=fields, uncertainty={})
            key = _upstream(changed)
            if key not in done:
                done[key] = evaluate_from(start, changed, groups=groups)
        except InputError as error:
            unfit += [(name, reason) for reason in error.problems]
            continue
        negative = negative_weights(done[key].weights["local"])
        if negative is not None:
            unfit.append((name, negative))
            continue
        found.append(_combination(changed, name, done[key], tree))
    if unfit:
        raise InputError(grouped(unfit))
    return tuple(found)


def negative_weights(local: pd.Series) -> Problem | None:
    """Say which weights are below zero: they can neither be drawn around nor bounded.

    Parameters
    ----------
    local : pandas.Series
        Local weights, index ``id``.

    Returns
    -------
    Problem or None
        None where there is none.

    Examples
    --------
    >>> negative_weights(pd.Series({"a": 1.2, "b": -0.2})).params
    {'nodes': 'b'}
    """
    nodes = ", ".join(str(node) for node in local.index[local < 0])
    return Problem(code="robustness.negative_weights", params={"nodes": nodes}) if nodes else None


def grouped(unfit: Sequence[tuple[str, Problem]]) -> list[Problem]:
    """Say each reason once, with the first combination it hits and how many there are.

    Parameters
    ----------
    unfit : Sequence[tuple[str, Problem]]
        Combinations by name, and why each cannot be evaluated.

    Returns
    -------
    list[Problem]
        One per reason.

    Examples
    --------
    >>> reason = Problem(code="evaluation.empty", params={"id": "x"})
    >>> grouped([("a", reason), ("b", reason)])[0].params["count"]
    2
    """
    reasons: dict[str, Problem] = {}
    names: dict[str, list[str]] = {}
    for name, reason in unfit:
        key = f"{reason.code} {sorted(reason.params.items(), key=str)}"
        reasons.setdefault(key, reason)
        names.setdefault(key, []).append(name)
    return [
        Problem(
            code="robustness.combination",
            params={"combination": names[key][0], "count": len(names[key]), "reason": reason},
        )
        for key, reason in reasons.items()
    ]


def _upstream(spec: IndexSpec) -> str:
    fields = spec.method.model_dump()
    if spec.method.weight in _STATED:
        fields = {key: value for key, value in fields.items() if key not in _LATE}
    return repr(fields)


def _combination(spec: IndexSpec, name: str, scores: Scores, tree: Tree) -> Combination:
    return Combination(
        spec=spec,
        name=name,
        values=scores.indicators[list(tree.leaves)].to_numpy(dtype=float),
        local=scores.weights["local"].reindex(list(tree.columns)).to_numpy(dtype=float),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """What each replicate of a batch assumes.

    Attributes
    ----------
    combination : numpy.ndarray
        Which combination of options, shape (replicates,).
    exclusion : numpy.ndarray
        What it leaves out, shape (replicates,): 0 is nothing.
    weights : numpy.ndarray
        Local weights before anything is left out, shape (replicates, columns).
    """

    combination: Ints
    exclusion: Ints
    weights: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assumptions:
    """What is drawn, and how.

    Attributes
    ----------
    spec : IndexSpec
        The profile.
    tree : Tree
        Its hierarchy.
    local : numpy.ndarray
        Local weights of each combination, shape (combinations, columns).
    """

    spec: IndexSpec
    tree: Tree
    local: Floats

    @property
    def drawn(self) -> Bools:
        """Columns whose weights are drawn.

        Returns
        -------
        numpy.ndarray
            Booleans, shape (columns,).
        """
        leaves = set(self.tree.leaves)
        indicator = np.array([name in leaves for name in self.tree.columns])
        weights = self.spec.uncertainty.weights
        if weights.distribution == "fixed":
            return np.zeros(len(indicator), dtype=bool)
        wanted = {"all": indicator | True, "indicators": indicator, "dimensions": ~indicator}
        return wanted[weights.of]

    @property
    def factors(self) -> Mapping[str, list[int]]:
        """Columns of the unit cube that each uncertain assumption is drawn from.

        Returns
        -------
        Mapping[str, list[int]]
            ``"weights"``, the name of each choice, ``"omission"``, those there are.
        """
        found: dict[str, list[int]] = {}
        column = int(self.drawn.sum())
        if column:
            found["weights"] = list(range(column))
        names = [choice.name for choice in self.spec.uncertainty.choice]
        for name in [*names, "omission"] if self.spec.uncertainty.omit > 0 else names:
            found[name] = [column]
            column += 1
        return found

    def draw(self, rng: np.random.Generator, size: int) -> Draws:
        """Draw replicates at random.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        size : int
            How many.

        Returns
        -------
        Draws
            Independent replicates.

        Examples
        --------
        >>> from suanli.profile import load_profile
        >>> spec = replace_spec(load_profile("city-compute"), uncertainty={})
        >>> tree = tree_of(spec)
        >>> local = tree.rescaled(np.ones((1, len(tree.columns))))
        >>> assumed = Assumptions(spec=spec, tree=tree, local=local)
        >>> draws = assumed.draw(np.random.default_rng(1), 3)
        >>> draws.weights.shape, float(draws.weights[0, tree.slices[-1]].sum().round(12))
        ((3, 14), 1.0)
        """
        weights = self.spec.uncertainty.weights
        cube = rng.random((size, sum(map(len, self.factors.values()))))
        if weights.distribution != "dirichlet":
            return self.at(cube)
        combination, exclusion = self._discrete(cube)
        drawn = self.drawn
        shape = weights.concentration * self.local[combination][:, drawn]
        return self._weighed(combination, exclusion, rng.standard_gamma(shape))

    def at(self, cube: Floats) -> Draws:
        """Return the replicates that points of the unit cube stand for.

        Parameters
        ----------
        cube : numpy.ndarray
            Between 0 and 1, shape (replicates, dimensions), columns as in ``factors``.

        Returns
        -------
        Draws
            One replicate per point; uniform points give the distribution assumed.

        Examples
        --------
        >>> from suanli.profile import load_profile
        >>> spec = replace_spec(load_profile("city-compute"), uncertainty={})
        >>> tree = tree_of(spec)
        >>> local = tree.rescaled(np.ones((1, len(tree.columns))))
        >>> draws = Assumptions(spec=spec, tree=tree, local=local).at(np.full((1, 14), 0.5))
        >>> bool(np.allclose(draws.weights, local))
        True
        """
        weights = self.spec.uncertainty.weights
        combination, exclusion = self._discrete(cube)
        points = cube[:, self.factors.get("weights", [])]
        if weights.distribution == "uniform":
            factor = 1.0 + weights.spread * (2.0 * points - 1.0)
            return self._weighed(combination, exclusion, factor)
        shape = weights.concentration * self.local[combination][:, self.drawn]
        return self._weighed(combination, exclusion, special.gammaincinv(shape, points))

    def _discrete(self, cube: Floats) -> tuple[Ints, Ints]:
        rows = len(cube)
        factors = self.factors
        combination = np.zeros(rows, dtype=np.int64)
        for choice in self.spec.uncertainty.choice:
            size = len(choice.options)
            place = (cube[:, factors[choice.name][0]] * size).astype(np.int64)
            combination = combination * size + np.minimum(place, size - 1)
        exclusion = np.zeros(rows, dtype=np.int64)
        omit = self.spec.uncertainty.omit
        if omit > 0:
            point = cube[:, factors["omission"][0]]
            leaves = len(self.tree.leaves)
            place = np.minimum((point / omit * leaves).astype(np.int64), leaves - 1)
            exclusion = np.where(point < omit, place + 1, 0)
        return combination, exclusion

    def _weighed(self, combination: Ints, exclusion: Ints, figures: Floats) -> Draws:
        """Make weights of what was drawn: factors of uniform, gammas of Dirichlet weights."""
        base = self.local[combination]
        drawn = self.drawn
        weights = base.copy()
        if self.spec.uncertainty.weights.distribution == "uniform":
            weights[:, drawn] *= figures
        elif self.spec.uncertainty.weights.distribution == "dirichlet":
            weights[:, drawn] = figures
            for part in self.tree.slices:
                own = np.flatnonzero(drawn[part]) + part.start
                total = weights[:, own].sum(axis=1, keepdims=True)
                share = base[:, own].sum(axis=1, keepdims=True)
                # All gammas of a very small concentration can be 0: then nothing was drawn.
                kept = np.where(total > 0, weights[:, own], base[:, own])
                whole = np.where(total > 0, total, np.where(share > 0, share, 1.0))
                weights[:, own] = kept * share / whole
        scaled = self.tree.rescaled(weights) if drawn.any() else weights
        return Draws(combination=combination, exclusion=exclusion, weights=scaled)

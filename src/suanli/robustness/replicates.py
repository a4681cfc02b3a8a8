"""Many evaluations at once, each under its own assumptions, equal to the plain path.

What does not depend on weights is evaluated once per combination of options; replicates
differ in weights, in the aggregation and in what they leave out, and go through the hierarchy
together.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation import Derivation, Scores, evaluate_from
from suanli.evaluation.aggregate import METHODS as AGGREGATIONS
from suanli.evaluation.aggregate import combine
from suanli.evaluation.screen import sufficient
from suanli.profile import ROOT, Dimension, IndexSpec, Indicator, replace_spec, without
from suanli.robustness.assumptions import Assumptions, Combination, Draws, combinations, grouped
from suanli.robustness.kernels import COMPARING, KERNELS, DomainError, Siblings
from suanli.robustness.ranking import Ties
from suanli.robustness.tree import Tree, tree_of

__all__ = ["Model", "model_of", "pinned", "replicate_spec"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Nodes that a refusal names.
_SHOWN: Final = 4
# Bytes that what is drawn and found for one chunk may take, about.
_BUDGET: Final = 16 * 2**20
_LEAST, _MOST = 16, 8192
# Bytes of one array of a block: what fits into the cache of a core is fast.
_BLOCK: Final = 2**18


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """A profile ready to be evaluated many times.

    Attributes
    ----------
    spec : IndexSpec
        The profile.
    nominal : Scores
        Its plain evaluation.
    assumptions : Assumptions
        What is drawn.
    combinations : tuple[Combination, ...]
        Every combination of options, evaluated.
    exclusions : tuple[frozenset[str], ...]
        Indicators that a replicate may leave out together; the first leaves out none.
    kept : numpy.ndarray
        Columns that remain under each exclusion, shape (exclusions, columns).
    enough : numpy.ndarray
        Whether units have enough data, shape (nodes, units): judged once, by all indicators
        of the profile, so that replicates rank the units that the profile ranks.
    """

    spec: IndexSpec
    nominal: Scores
    assumptions: Assumptions
    combinations: tuple[Combination, ...]
    exclusions: tuple[frozenset[str], ...]
    kept: Bools
    enough: Bools

    @property
    def tree(self) -> Tree:
        """The hierarchy.

        Returns
        -------
        Tree
            As arrays.
        """
        return self.assumptions.tree

    @property
    def codes(self) -> pd.Index:
        """Codes of the units.

        Returns
        -------
        pandas.Index
            In the order of the arrays.
        """
        return self.nominal.nodes.index

    @property
    def ties(self) -> Ties:
        """Tie rule of the ranks.

        Returns
        -------
        {"min", "average", "dense"}
            The profile's.
        """
        return self.spec.method.ties

    @property
    def chunk(self) -> int:
        """How many replicates are computed together: a power of 2 that memory allows.

        Returns
        -------
        int
            Depends on the profile and the number of units alone, never on the machine.
        """
        units, columns = len(self.codes), len(self.tree.columns)
        floats = units * (len(self.tree.nodes) + 4) + 4 * columns
        fitting = _BUDGET // (8 * floats)
        return max(_LEAST, min(_MOST, 1 << max(fitting, 1).bit_length() - 1))

    @property
    def _block_size(self) -> int:
        used = {_method(each.spec, node) for each in self.combinations for node in self.tree.nodes}
        units = len(self.codes)
        return max(1, _BLOCK // (8 * units * (units if "copeland" in used else 1)))

    def scores(self, draws: Draws, nodes: Sequence[str] = (ROOT,)) -> Floats:
        """Evaluate replicates.

        Parameters
        ----------
        draws : Draws
            What each assumes; as many as memory allows.
        nodes : Sequence[str]
            Inner nodes whose scores are wanted.

        Returns
        -------
        numpy.ndarray
            Shape (nodes, replicates, units); missing where a unit is not scored.

        Raises
        ------
        InputError
            Scores leave the domain of a mean under some weights.

        Examples
        --------
        >>> from suanli.robustness.sample import sample_model
        >>> model = sample_model()
        >>> draws = model.assumptions.draw(np.random.default_rng(1), 5)
        >>> model.scores(draws).shape
        (1, 5, 31)
        """
        found = np.empty((len(nodes), len(draws.combination), len(self.codes)))
        size = self._block_size
        # Together what has the same options: their indicators are shared.
        for place in np.unique(draws.combination):
            alike = np.flatnonzero(draws.combination == place)
            for rows in (alike[at : at + size] for at in range(0, len(alike), size)):
                block = self._block(self.combinations[place], draws, rows)
                for target, node in enumerate(nodes):
                    enough = self.enough[self.tree.nodes.index(node)]
                    found[target, rows] = np.where(enough, block[node], np.nan)
        return found

    def _block(self, given: Combination, draws: Draws, rows: Ints) -> dict[str, Floats]:
        weights, kept = draws.weights[rows], self.kept[draws.exclusion[rows]]
        # Only where something is left out: scaling twice would move the last bit.
        changed = draws.exclusion[rows] > 0
        weights[changed] = self.tree.rescaled(weights[changed] * kept[changed])
        values: dict[str, Floats] = {
            leaf: given.values[None, :, place] for place, leaf in enumerate(self.tree.leaves)
        }
        parts = zip(self.tree.nodes, self.tree.children, self.tree.slices, strict=True)
        for node, children, part in parts:
            siblings = Siblings(
                values=[values[child] for child in children],
                weights=weights[:, part],
                kept=kept[:, part],
                power=given.spec.method.power,
                penalty=given.spec.method.penalty,
            )
            values[node] = self._aggregated(given, node, children, siblings)
        return {node: values[node] for node in self.tree.nodes}

    def _aggregated(
        self, given: Combination, node: str, children: Sequence[str], siblings: Siblings
    ) -> Floats:
        method = _method(given.spec, node)
        if method not in KERNELS:
            return self._one_by_one(given, node, children, siblings)
        try:
            return KERNELS[method](siblings)
        except DomainError:
            params = {"node": node, "method": method, "combination": given.name}
            raise InputError([Problem(code="robustness.domain", params=params)]) from None

    def _one_by_one(
        self, given: Combination, node: str, children: Sequence[str], siblings: Siblings
    ) -> Floats:
        """Aggregate replicate by replicate, by a method that has no batch form."""
        found = np.full(siblings.shape, np.nan)
        everything = np.stack([np.broadcast_to(v, siblings.shape) for v in siblings.values])
        for row in range(siblings.shape[0]):
            kept = siblings.kept[row]
            if kept.any():
                names = [child for child, here in zip(children, kept, strict=True) if here]
                frame = pd.DataFrame(everything[kept, row].T, index=self.codes, columns=names)
                weights = pd.Series(siblings.weights[row, kept], index=names)
                found[row] = combine(frame, weights, given.spec, node=node).to_numpy()
        return found


def model_of(
    start: Derivation,
    spec: IndexSpec,
    *,
    groups: pd.Series | None = None,
    exclusions: Collection[frozenset[str]] | None = None,
) -> Model:
    """Evaluate everything that replicates share.

    Parameters
    ----------
    start : Derivation
        From :func:`suanli.evaluation.derivation`, by this profile.
    spec : IndexSpec
        The profile.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; only for imputation by group.
    exclusions : Collection[frozenset[str]], optional
        Sets of indicators to be left out together; each indicator by itself when absent.

    Returns
    -------
    Model
        Ready to be evaluated under drawn assumptions.

    Raises
    ------
    InputError
        The profile, or a combination of its options, cannot be evaluated. Every combination
        has been evaluated before this returns.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import derivation
    >>> from suanli.profile import load_profile
    >>> spec = replace_spec(load_profile("city-compute"), uncertainty={})
    >>> len(model_of(derivation(load_catalogue().city, spec), spec).exclusions)
    11
    """
    omits = spec.uncertainty.omit > 0 or exclusions is not None
    if omits and spec.method.screen == "drop":
        # What is left out would decide who sets the goalposts.
        raise InputError([Problem(code="robustness.drop", params={"profile": spec.id})])
    nominal = evaluate_from(start, spec, groups=groups)
    every = combinations(start, spec, groups=groups)
    tree = tree_of(spec)
    _refuse_relative(spec, every, tree)
    single = [frozenset({leaf}) for leaf in tree.leaves]
    sets = (frozenset[str](), *(single if exclusions is None else exclusions))
    enough = sufficient(nominal.stages["derived"], spec)[list(tree.nodes)]
    model = Model(
        spec=spec,
        nominal=nominal,
        assumptions=Assumptions(
            spec=spec, tree=tree, local=np.stack([each.local for each in every])
        ),
        combinations=every,
        exclusions=sets,
        kept=np.stack([tree.kept(removed) for removed in sets]),
        enough=enough.to_numpy().T,
    )
    _try(model, start, groups)
    return model


def _try(model: Model, start: Derivation, groups: pd.Series | None) -> None:
    """Aggregate every combination by its own weights: what fails, fails before the draws."""
    unfit: list[tuple[str, Problem]] = []
    none = np.zeros(1, dtype=np.int64)
    for place, each in enumerate(model.combinations):
        draws = Draws(combination=none + place, exclusion=none, weights=each.local[None])
        try:
            model.scores(draws)
        except InputError as error:
            reasons = error.problems
            try:
                evaluate_from(start, each.spec, groups=groups)
            except InputError as plain:
                # The plain path knows which columns are to blame.
                reasons = plain.problems
            unfit += [(each.name, reason) for reason in reasons]
    if unfit:
        raise InputError(grouped(unfit))


def _refuse_relative(spec: IndexSpec, every: Sequence[Combination], tree: Tree) -> None:
    """Refuse what would compare units with those of other years: replicates hold one."""
    if spec.method.scope != "panel":
        return
    for each in every:
        used = {node: _method(each.spec, node) for node in reversed(tree.nodes)}
        unfit = {node: method for node, method in used.items() if method in COMPARING}
        if unfit:
            params = {
                "profile": spec.id,
                "nodes": ", ".join([*unfit][:_SHOWN]) + (" …" if len(unfit) > _SHOWN else ""),
                "methods": ", ".join(sorted(set(unfit.values()))),
                "free": ", ".join(sorted(set(AGGREGATIONS) - COMPARING)),
            }
            if not spec.uncertainty.choice:
                raise InputError([Problem(code="robustness.relative", params=params)])
            params["combination"] = each.name
            raise InputError([Problem(code="robustness.relative_option", params=params)])


def _method(spec: IndexSpec, node: str) -> str:
    own = next((item.aggregate for item in spec.dimension if item.id == node), None)
    return own or spec.method.aggregate


def pinned(spec: IndexSpec, weights: pd.Series) -> IndexSpec:
    """Return a profile with local weights written into it.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    weights : pandas.Series
        Local weight of every node and indicator, index ``id``, summing to 1 among siblings.

    Returns
    -------
    IndexSpec
        With ``weight = "given"``.

    Examples
    --------
    >>> from suanli.evaluation.weight import weigh
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("city-compute")
    >>> pinned(spec, weigh(spec)["local"]).method.weight
    'given'
    """

    def weighed(item: Dimension | Indicator) -> dict[str, object]:
        return item.model_dump() | {"weight": float(weights[item.id])}

    return replace_spec(
        spec,
        method={"weight": "given"},
        dimension=[weighed(item) for item in spec.dimension],
        indicator=[weighed(item) for item in spec.indicator],
    )


def replicate_spec(model: Model, draws: Draws, place: int) -> IndexSpec:
    """Write one replicate as a profile, to be evaluated by the plain path or kept.

    Parameters
    ----------
    model : Model
        The model.
    draws : Draws
        A batch.
    place : int
        Which replicate of it.

    Returns
    -------
    IndexSpec
        A profile with these options and weights, without what the replicate leaves out. Where
        it leaves something out it withholds no score: whom the replicate ranks is judged by
        all indicators, see :class:`Model`.

    Examples
    --------
    >>> from suanli.robustness.sample import sample_model
    >>> model = sample_model()
    >>> draws = model.assumptions.draw(np.random.default_rng(1), 1)
    >>> replicate_spec(model, draws, 0).method.weight
    'given'
    """
    chosen = model.combinations[draws.combination[place]]
    weights = pd.Series(draws.weights[place], index=list(model.tree.columns))
    exclusion = model.exclusions[draws.exclusion[place]]
    method = {"screen": "none"} if exclusion else {}
    return without(replace_spec(pinned(chosen.spec, weights), method=method), exclusion)

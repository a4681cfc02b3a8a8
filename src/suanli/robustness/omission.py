"""What becomes of the ranks when an indicator, or a whole dimension, is left out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation import Derivation
from suanli.profile import ROOT, IndexSpec, replace_spec
from suanli.robustness.assumptions import Draws
from suanli.robustness.comparison import rank_shift
from suanli.robustness.ranking import ranks_of
from suanli.robustness.replicates import model_of

__all__ = ["Omissions", "leave_one_out"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Omissions:
    """Ranks of the index without one element of the hierarchy.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per element, dimensions, sub-dimensions, then indicators: ``id``, ``level``
        (1 right below the index), ``parent``, ``weight`` (in the index), ``indicators``
        (how many go), and the figures of :func:`suanli.robustness.comparison.rank_shift`.
    ranks : pandas.DataFrame
        Index ``code``, column ``nominal`` and one per element; missing where the unit is no
        longer scored.
    """

    table: pd.DataFrame
    ranks: pd.DataFrame


def leave_one_out(
    start: Derivation, spec: IndexSpec, *, groups: pd.Series | None = None
) -> Omissions:
    """Leave out each element of the hierarchy in turn.

    Weights of what is left out go to its siblings, in proportion to theirs; a dimension
    without indicators vanishes. An element without which nothing is left is passed over.

    Parameters
    ----------
    start : Derivation
        From :func:`suanli.evaluation.derivation`, by this profile.
    spec : IndexSpec
        The profile.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; only for imputation by group.

    Returns
    -------
    Omissions
        Table and ranks.

    Raises
    ------
    InputError
        The profile cannot be evaluated, or has one indicator only.

    Notes
    -----
    COINr (Becker et al. 2022), ``remove_elements``, there for one level at a time

    Examples
    --------
    >>> from suanli.robustness.sample import sample_start
    >>> found = leave_one_out(*sample_start())
    >>> found.table.loc[0, "id"], int(found.table.loc[0, "indicators"])
    ('compute', 7)
    """
    plain = replace_spec(spec, uncertainty={"top": spec.uncertainty.top})
    every = [item.id for item in plain.items()]
    below = {name: frozenset(_leaves(plain, name)) for name in every}
    elements = [name for name in every if len(below[name]) < len(plain.indicator)]
    if not elements:
        raise InputError([Problem(code="robustness.nothing_to_omit", params={"profile": spec.id})])
    model = model_of(start, plain, groups=groups, exclusions=[below[name] for name in elements])
    rows = len(elements)
    draws = Draws(
        combination=np.zeros(rows, dtype=np.int64),
        exclusion=np.arange(1, rows + 1),
        weights=np.tile(model.combinations[0].local, (rows, 1)),
    )
    found = ranks_of(model.scores(draws)[0], model.ties)
    nominal = model.nominal.ranks[ROOT]
    ranks = pd.DataFrame(found.T, index=model.codes, columns=elements)
    weights = model.nominal.weights
    table = pd.DataFrame(
        [
            {
                "id": name,
                "level": weights["level"][name],
                "parent": weights["parent"][name],
                "weight": weights["overall"][name],
                "indicators": len(below[name]),
                **rank_shift(nominal, ranks[name], top=plain.uncertainty.top),
            }
            for name in elements
        ]
    )
    ranks.insert(0, "nominal", nominal)
    return Omissions(table=table, ranks=ranks)


def _leaves(spec: IndexSpec, node: str) -> list[str]:
    children = spec.children(node)
    if not children:
        return [node]
    return [leaf for child in children for leaf in _leaves(spec, child)]

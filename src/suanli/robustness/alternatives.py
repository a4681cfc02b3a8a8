"""One choice at a time: whether another defensible method changes the ranking."""

from dataclasses import dataclass

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation import Derivation, evaluate_from
from suanli.profile import ROOT, IndexSpec, replace_spec
from suanli.profile.assumptions import named
from suanli.robustness.assumptions import grouped
from suanli.robustness.comparison import rank_shift

__all__ = ["Alternatives", "one_at_a_time"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alternatives:
    """Ranks of the index under each option of each choice by itself.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per option: ``choice``, ``option``, ``own`` (whether it is what the profile
        does), and the figures of :func:`suanli.robustness.comparison.rank_shift`.
    ranks : pandas.DataFrame
        Index ``code``, column ``nominal`` and one per row of ``table``, named
        ``choice: option``.
    """

    table: pd.DataFrame
    ranks: pd.DataFrame


def one_at_a_time(
    start: Derivation, spec: IndexSpec, *, groups: pd.Series | None = None
) -> Alternatives:
    """Evaluate the profile with each option of each choice, all else as it is.

    Parameters
    ----------
    start : Derivation
        From :func:`suanli.evaluation.derivation`, by this profile.
    spec : IndexSpec
        The profile; ``spec.uncertainty.choice`` lists the options.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; only for imputation by group.

    Returns
    -------
    Alternatives
        Table and ranks.

    Raises
    ------
    InputError
        The profile has no choices, or an option cannot be evaluated.

    Examples
    --------
    >>> from suanli.robustness.sample import sample_start
    >>> one_at_a_time(*sample_start()).table["option"].to_list()
    ['aggregate = arithmetic', 'aggregate = geometric']
    """
    if not spec.uncertainty.choice:
        raise InputError([Problem(code="robustness.no_choices", params={"id": spec.id})])
    nominal = evaluate_from(start, spec, groups=groups).ranks[ROOT]
    rows: list[dict[str, object]] = []
    ranks = {"nominal": nominal}
    unfit: list[tuple[str, Problem]] = []
    for choice in spec.uncertainty.choice:
        for option in choice.options:
            name = named(option)
            try:
                changed = replace_spec(spec, method=option, uncertainty={})
                other = evaluate_from(start, changed, groups=groups).ranks[ROOT]
            except InputError as error:
                unfit += [(name, reason) for reason in error.problems]
                continue
            rows.append(
                {
                    "choice": choice.name,
                    "option": name,
                    "own": changed.method == spec.method,
                    **rank_shift(nominal, other, top=spec.uncertainty.top),
                }
            )
            ranks[f"{choice.name}: {name}"] = other
    if unfit:
        raise InputError(grouped(unfit))
    return Alternatives(table=pd.DataFrame(rows), ranks=pd.DataFrame(ranks))

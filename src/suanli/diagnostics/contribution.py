"""Which indicators make the difference between two groups of units."""

from collections.abc import Hashable

import pandas as pd

from suanli.diagnostics.tree import aggregation, dimensions
from suanli.errors import InputError, Problem
from suanli.evaluation import Scores
from suanli.profile import ROOT, IndexSpec

__all__ = ["contributions", "is_additive", "unit_weights"]


def unit_weights(scores: Scores) -> pd.DataFrame:
    """Return the weight each indicator really has in the index of each unit.

    Where a unit lacks an indicator, its siblings share the weight; the effective weights
    are what that leaves, so that the index of a unit is exactly the sum of its effective
    weights times its normalised indicators.

    Parameters
    ----------
    scores : Scores
        An evaluation aggregated by arithmetic means at every level.

    Returns
    -------
    pandas.DataFrame
        Shape (units, indicators), rows sum to 1; 0 where the unit lacks the indicator.

    Raises
    ------
    InputError
        A level is not aggregated arithmetically: such an index is no weighted sum.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> bool(unit_weights(scores).sum(axis=1).round(12).eq(1).all())
    True
    """
    spec = scores.spec
    _require_arithmetic(spec)
    below = pd.concat([scores.stages["aggregated"], scores.indicators], axis=1)
    units = scores.indicators.index
    weights = {ROOT: pd.Series(1.0, index=units)}
    for node in reversed(spec.bottom_up()):
        children = list(spec.children(node))
        local = scores.weights["local"].reindex(children)
        present = below[children].notna().mul(local, axis=1)
        shares = present.div(present.sum(axis=1), axis=0).fillna(0.0)
        weights |= {child: weights[node] * shares[child] for child in children}
    return pd.DataFrame({item.id: weights[item.id] for item in spec.indicator}, index=units)


def contributions(
    scores: Scores, groups: pd.Series, east: Hashable, west: Hashable
) -> pd.DataFrame:
    """Split the difference of two groups' mean index among the indicators.

    Parameters
    ----------
    scores : Scores
        An evaluation aggregated by arithmetic means at every level.
    groups : pandas.Series
        Group of each unit, by code; units without one, or without an index, take no part.
    east, west : Hashable
        Groups compared; the difference is ``east`` minus ``west``.

    Returns
    -------
    pandas.DataFrame
        One row per indicator, largest absolute contribution first: ``indicator``,
        ``dimension`` (the node right below the index), ``weight`` (overall weight in the
        profile), ``mean_east`` and ``mean_west`` (of the normalised indicator, present
        values), ``contribution`` in index points and ``share`` of the difference. The
        contributions sum to the difference of the two means of the index.

    Raises
    ------
    InputError
        A level is not aggregated arithmetically.
    ValueError
        A group has no scored unit.

    Notes
    -----
    With effective weights w and normalised indicators x, indicator j contributes
    mean over the east of w_ij x_ij minus mean over the west of w_ij x_ij. When nothing is
    missing this is the overall weight times the difference of the group means. Where values
    are missing, the split (not its sum) depends on where the zero of the scores lies.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> catalogue = load_catalogue()
    >>> scores = evaluate(catalogue.province, load_profile("caict2024-province"))
    >>> region = catalogue.regions["region4"]
    >>> table = contributions(scores, region, "east", "west")
    >>> means = scores.index.groupby(region.reindex(scores.index.index)).mean()
    >>> abs(round(float(table["contribution"].sum() - (means["east"] - means["west"])), 9))
    0.0
    """
    scored = scores.index.dropna().index
    group = groups.reindex(scored)
    sides = {side: scored[group == side] for side in (east, west)}
    empty = [str(side) for side, units in sides.items() if len(units) == 0]
    if empty:
        raise ValueError(f"groups without a scored unit: {', '.join(empty)}")
    values = scores.indicators
    parts = unit_weights(scores) * values.fillna(0.0)
    difference = parts.loc[sides[east]].mean() - parts.loc[sides[west]].mean()
    table = pd.DataFrame(
        {
            "dimension": pd.Series(dimensions(scores.spec)),
            "weight": scores.weights["overall"].reindex(values.columns),
            "mean_east": values.loc[sides[east]].mean(),
            "mean_west": values.loc[sides[west]].mean(),
            "contribution": difference,
            "share": difference / difference.sum(),
        }
    ).reindex([item.id for item in scores.spec.indicator])
    order = table["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].rename_axis("indicator").reset_index()


def is_additive(spec: IndexSpec) -> bool:
    """Tell whether an index is a weighted sum at every level.

    Parameters
    ----------
    spec : IndexSpec
        A profile.

    Returns
    -------
    bool
        Whether :func:`contributions` can split it.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> is_additive(load_profile("caict2024-province"))
    True
    """
    return not _others(spec)


def _others(spec: IndexSpec) -> list[str]:
    return [node for node in spec.bottom_up() if aggregation(spec, node) != "arithmetic"]


def _require_arithmetic(spec: IndexSpec) -> None:
    other = _others(spec)
    if other:
        params = {"nodes": ", ".join(other), "profile": spec.id}
        raise InputError([Problem(code="analysis.not_arithmetic", params=params)])

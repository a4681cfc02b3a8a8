"""Normalisation: every indicator on one scale, better always higher."""

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation.scales import METHODS, Scaling, distance_outside
from suanli.profile import IndexSpec, Indicator

__all__ = ["normalise"]


def normalise(frame: pd.DataFrame, spec: IndexSpec) -> pd.DataFrame:
    """Normalise every indicator over all rows given: one year, or the pooled panel.

    An indicator with a target interval is first replaced by its distance outside it, of
    which less is better.

    Parameters
    ----------
    frame : pandas.DataFrame
        Treated indicators, any index.
    spec : IndexSpec
        The profile.

    Returns
    -------
    pandas.DataFrame
        Same labels, on the scale of ``method.normalise``, better is higher.

    Raises
    ------
    InputError
        An indicator has no values, or the same value everywhere; or fractions of the best
        are asked of values that are not positive.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> frame = pd.DataFrame({item.id: [1.0, 2.0] for item in spec.indicator})
    >>> sorted(set(normalise(frame, spec).to_numpy().ravel().tolist()))
    [0.0, 100.0]
    """
    method = spec.method
    problems: list[Problem] = []
    columns = {}
    for item in spec.indicator:
        column = frame[item.id]
        if item.target is not None:
            column = distance_outside(column, item.target)
        scaling = Scaling(
            direction="up" if item.direction == "up" else "down",
            lower=method.lower,
            upper=method.upper,
            centre=method.centre,
            spread=method.spread,
            ties=method.ties,
            goalposts=item.goalposts,
        )
        found = _unfit(column, item, method.normalise, scaling)
        if found is None:
            columns[item.id] = METHODS[method.normalise](column, scaling)
        else:
            problems.append(found)
    if problems:
        raise InputError(problems)
    return pd.DataFrame(columns, index=frame.index)


def _unfit(column: pd.Series, item: Indicator, method: str, scaling: Scaling) -> Problem | None:
    """Say why a column cannot be normalised, if so."""
    params: dict[str, object] = {"id": item.id, "name": item.name.zh}
    if column.isna().all():
        return Problem(code="evaluation.empty", params=params)
    if column.nunique() < 2:  # noqa: PLR2004 - two values span a scale
        params |= {"value": column.max()}
        return Problem(code="evaluation.constant", params=params)
    if method == "fracmax":
        least = float(column.min())
        # No best value but zero: there is nothing to be a fraction of.
        if least < 0 or (scaling.direction == "down" and least == 0):
            params |= {"value": least}
            return Problem(code="evaluation.fraction_domain", params=params)
    return None

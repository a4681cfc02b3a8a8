"""Normalisation: every indicator on one scale, better always higher."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation.scales import METHODS, Scaling, distance_outside
from suanli.profile import IndexSpec, Indicator

__all__ = ["NEEDS_LABELS", "normalise"]

NEEDS_LABELS: Final = frozenset({"ampi", "dist2ref"})
"""Scales that look for a year or a unit among the labels of the rows."""


def normalise(frame: pd.DataFrame, spec: IndexSpec) -> pd.DataFrame:
    """Normalise every indicator over all rows given: one year, or the pooled panel.

    An indicator with a target interval is first replaced by its distance outside it, of
    which less is better.

    Parameters
    ----------
    frame : pandas.DataFrame
        Treated indicators, index ``code`` or ``(year, code)``; any other where the scale
        has no reference.
    spec : IndexSpec
        The profile.

    Returns
    -------
    pandas.DataFrame
        Same labels, on the scale of ``method.normalise``, better is higher.

    Raises
    ------
    InputError
        An indicator has no values, or the same value everywhere; or values, goal or
        reference do not suit the scale. All problems at once.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> frame = pd.DataFrame({item.id: [1.0, 2.0] for item in spec.indicator})
    >>> sorted(set(normalise(frame, spec).to_numpy().ravel().tolist()))
    [0.0, 100.0]
    """
    method = spec.method
    kept = _reference_rows(frame.index, spec)
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
            goal=item.goal,
            reference=None if kept is None else float(column[kept].mean()),
            cap=method.cap,
        )
        found = _unfit(column, item, method.normalise, scaling)
        if found is None:
            columns[item.id] = METHODS[method.normalise](column, scaling)
        else:
            problems.append(found)
    if problems:
        raise InputError(problems)
    return pd.DataFrame(columns, index=frame.index)


def _reference_rows(index: pd.Index, spec: IndexSpec) -> pd.Series | None:
    """Find the rows a scale refers to: a year's, and of it those of a unit."""
    method = spec.method
    if method.normalise not in NEEDS_LABELS:
        return None
    kept = pd.Series(data=True, index=index)
    if "year" in index.names:
        years = index.get_level_values("year")
        first = int(years.min())
        year = first if method.reference_year not in years else method.reference_year
        kept &= years == year
    if method.normalise == "dist2ref":
        kept &= index.get_level_values("code" if "code" in index.names else -1) == method.reference
        if not kept.any():
            params = {"unit": method.reference}
            raise InputError([Problem(code="scoring.reference_unknown", params=params)])
    return kept


def _unfit(column: pd.Series, item: Indicator, method: str, scaling: Scaling) -> Problem | None:
    """Say why a column cannot be normalised, if so."""
    params: dict[str, object] = {"id": item.id, "name": item.name.model_dump()}
    if column.isna().all():
        return Problem(code="evaluation.empty", params=params)
    if column.min() == column.max():
        params |= {"value": column.max()}
        return Problem(code="evaluation.constant", params=params)
    if method in _FRACTIONS:
        least = float(column.min())
        # No best value but zero: there is nothing to be a fraction of.
        if least < 0 or (scaling.direction == "down" and least == 0):
            return Problem(code=_FRACTIONS[method], params={**params, "value": least})
    if method in _MARKS:
        name, mark = _MARKS[method], getattr(scaling, _MARKS[method])
        worst = float(column.max() if scaling.direction == "down" else column.min())
        ahead = worst - mark if scaling.direction == "down" else mark - worst
        params |= {"mark": mark, "worst": worst}
        if pd.isna(mark):
            return Problem(code="scoring.reference_gap", params=params)
        if method != "ampi" and ahead <= 0:
            return Problem(code=f"scoring.{name}_worst", params=params)
    return None


_FRACTIONS: Final[Mapping[str, str]] = {
    "fracmax": "evaluation.fraction_domain",
    "fracmax_coinr": "evaluation.fraction_domain",
    "sum": "scoring.sum_domain",
}
_MARKS: Final[Mapping[str, str]] = {
    "dist2target": "goal",
    "dist2ref": "reference",
    "ampi": "reference",
}

"""Where imputed values come from: the years that lent them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from suanli.evaluation import Derivation, Scores
from suanli.evaluation.impute import impute
from suanli.evaluation.screen import screen
from suanli.profile import replace_spec

__all__ = ["lending_years"]

Years = list[int]


def _nearest(known: Years, year: int) -> Years:
    return [min(known, key=lambda other: (abs(other - year), other))]


def _latest(known: Years, year: int) -> Years:
    return [max(other for other in known if other < year)]


def _around(known: Years, year: int) -> Years:
    return [*_latest(known, year), min(other for other in known if other > year)]


_LENDERS: Final[Mapping[str, Callable[[Years, int], Years]]] = MappingProxyType(
    {"nearest_year": _nearest, "latest": _latest, "linear": _around}
)


def lending_years(
    start: Derivation, scores: Scores, *, groups: pd.Series | None = None
) -> pd.DataFrame:
    """Tell from which years imputed values were taken.

    Parameters
    ----------
    start : Derivation
        What the scores were made from.
    scores : Scores
        An evaluation.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; only for imputation by group.

    Returns
    -------
    pandas.DataFrame
        Text, labels as ``scores.imputed``: the years, separated by a blank; empty for values
        that were not imputed, or from other units of the same year.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import derivation, evaluate_from
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> start = derivation(load_catalogue().province, spec)
    >>> lent = lending_years(start, evaluate_from(start, spec))
    >>> lent.loc["110000", "base_stations_5g_per_10k"]
    '2022'
    """
    spec, marks = scores.spec, scores.imputed
    found = np.full(marks.shape, "", dtype=object)
    wanted = range(min(start.observed), max(start.observed) + 1)
    kept = screen(start.frame[list(marks.columns)], spec, years=wanted)
    for place, method in enumerate(spec.method.impute):
        if method not in _LENDERS:
            continue
        # A later method may take what an earlier one filled.
        earlier = replace_spec(spec, method={"impute": spec.method.impute[:place]})
        before, _ = impute(kept, earlier, groups=groups, years=wanted)
        for row, column in np.argwhere((marks == method).to_numpy()):
            series = before[marks.columns[column]].xs(marks.index[row], level="code").dropna()
            known = [int(year) for year in series.index if int(year) != spec.year]
            years = _LENDERS[method](known, spec.year)
            found[row, column] = " ".join(map(str, years))
    return pd.DataFrame(found, index=marks.index, columns=marks.columns, dtype="str")

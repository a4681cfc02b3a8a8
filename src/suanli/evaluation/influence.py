"""Weights by their effect: each sibling gets the influence on its parent that is intended."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import least_squares

from suanli.evaluation.means import arithmetic_mean

__all__ = ["Optimised", "optimised_weights"]

_Numbers = npt.NDArray[np.float64]

_EXACT: Final = 1e-9
# Starting weights of 0 would stay there.
_LEAST: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Optimised:
    """Weights and the influences they bring about.

    Attributes
    ----------
    weights : pandas.Series
        By column, not negative, sums to 1; missing throughout if a column is constant.
    reached, wanted : pandas.Series
        Shares of influence, by column, each summing to 1; ``reached`` counts a correlation
        below 0 as negative.
    """

    weights: pd.Series
    reached: pd.Series
    wanted: pd.Series

    @property
    def miss(self) -> float:
        """The largest difference between what is reached and what is wanted.

        Returns
        -------
        float
            As a share of all influence; missing where the weights are.
        """
        return float((self.reached - self.wanted).abs().max(skipna=False))


def optimised_weights(
    frame: pd.DataFrame,
    target: pd.Series | None = None,
    *,
    squared: bool = True,
    score: Callable[[pd.DataFrame, pd.Series], pd.Series] = arithmetic_mean,
) -> Optimised:
    """Find weights under which the influence of each column on the score is as wanted.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores without gaps, shape (rows, columns).
    target : pandas.Series, optional
        Wanted influences, by column, not negative; only their ratios matter. Equal when
        absent.
    squared : bool
        Influence is the squared correlation with the score, else the correlation.
    score : Callable
        Makes the score of the frame and weights; the arithmetic mean unless told
        otherwise.

    Returns
    -------
    Optimised
        Exact where weights above 0 can be; else, with a ``miss``, the nearest they come.

    Notes
    -----
    For an arithmetic mean ``w_j ~ (R^-1 u)_j / s_j``, R the correlations of the columns, s
    their standard deviations, u the targets, or their roots for squared correlations
    (Paruolo, Saisana and Saltelli 2013, Journal of the Royal Statistical Society A 176).
    Where that is not the solution, least squares in the logarithms of the weights start
    from it (Becker, Paruolo, Saisana and Saltelli 2017, Ecological Indicators 80).

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [0.0, 10, 30, 20], "c": [3.0, 0, 1, 2]})
    >>> result = optimised_weights(frame, pd.Series({"a": 2.0, "b": 1.0, "c": 1.0}))
    >>> result.reached.round(6).to_dict(), result.miss < 1e-9
    ({'a': 0.5, 'b': 0.25, 'c': 0.25}, True)
    """
    even = pd.Series(1.0, index=frame.columns)
    wanted = even if target is None else target.reindex(frame.columns)
    wanted = wanted / wanted.sum()
    spread = frame.std(ddof=1)
    if not (spread > 0).all():
        nothing = even * np.nan
        return Optimised(weights=nothing, reached=nothing, wanted=wanted)

    def reached(weights: _Numbers) -> pd.Series:
        return _influence(frame, score(frame, pd.Series(weights, index=frame.columns)), squared)

    start = _linear(frame.corr(), wanted, squared) / spread.to_numpy(dtype=float)
    start = np.clip(start / np.abs(start).sum(), 0.0, None)
    found = start / start.sum()
    if float((reached(found) - wanted).abs().max()) > _EXACT:
        found = _searched(found, lambda weights: (reached(weights) - wanted).to_numpy(dtype=float))
    got = reached(found)
    weights = pd.Series(found, index=frame.columns)
    return Optimised(weights=weights, reached=got, wanted=wanted)


def _linear(correlations: pd.DataFrame, wanted: pd.Series, squared: bool) -> _Numbers:  # noqa: FBT001
    aims = np.sqrt(wanted) if squared else wanted
    # Columns that repeat each other leave a choice: the least squares of it are even.
    found = np.linalg.lstsq(correlations.to_numpy(dtype=float), aims.to_numpy(dtype=float))[0]
    return np.asarray(found, dtype=float)


def _influence(frame: pd.DataFrame, score: pd.Series, squared: bool) -> pd.Series:  # noqa: FBT001
    """Share out the correlations with the score, those below 0 as negative."""
    centred = frame - frame.mean()
    away = score - score.mean()
    length = np.sqrt((centred**2).sum() * float((away**2).sum()))
    found = centred.mul(away, axis=0).sum() / length.where(length > 0, 1.0)
    shared: pd.Series = found * found.abs() if squared else found
    total = float(shared.abs().sum())
    return shared / total if total > 0 else shared


def _searched(start: _Numbers, missed: Callable[[_Numbers], _Numbers]) -> _Numbers:
    """Search the weights above 0 whose influences miss least."""

    def weights(logarithms: _Numbers) -> _Numbers:
        raised = np.exp(logarithms - logarithms.max())
        return np.asarray(raised / raised.sum(), dtype=float)

    def residuals(logarithms: _Numbers) -> _Numbers:
        return missed(weights(logarithms))

    solved = least_squares(
        residuals,
        np.log(np.maximum(start, _LEAST)),
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
    )
    return weights(solved.x)

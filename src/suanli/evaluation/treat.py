"""Outlier treatment: declared logarithms; winsorising, logarithm or power by the JRC's rule."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, special, stats

from suanli.data import named_units
from suanli.errors import InputError, Problem
from suanli.profile import IndexSpec

__all__ = [
    "KURTOSIS",
    "METHODS",
    "SKEWNESS",
    "is_skewed",
    "treat",
    "winsorise",
    "winsorise_or_boxcox",
    "winsorise_or_log",
]

Values = NDArray[np.float64]

SKEWNESS: Final = 2.0
"""Largest absolute sample skewness that passes."""
KURTOSIS: Final = 3.5
"""Largest sample excess kurtosis that passes."""
_FEWEST: Final = 4
_ROUNDING: Final = 1e-15
_POWERS: Final = (-5.0, 5.0)
_TRANSFORMED: Final = {"coinr": "log", "boxcox": "boxcox"}


def treat(frame: pd.DataFrame, spec: IndexSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Apply each indicator's declared transformation, and treat the outliers of the rest.

    An indicator's own ``treat`` stands before the profile's, and is applied to its logarithms
    where it declares them; the profile's leaves those alone.

    Parameters
    ----------
    frame : pandas.DataFrame
        Indicators, index ``(year, code)``.
    spec : IndexSpec
        The profile.

    Returns
    -------
    treated : pandas.DataFrame
        Same labels; natural logarithms where ``transform = "log"``.
    points : pandas.DataFrame
        One row per value an outlier treatment changed, be it one point winsorised or a whole
        indicator transformed: ``year``, ``code``, ``indicator``, ``before``, ``after`` and
        ``treatment``: ``winsorise``, or ``log`` or ``boxcox`` where all values of the
        indicator went to another unit.

    Raises
    ------
    InputError
        A value to be logged is not positive; indicator and units are named.

    Notes
    -----
    The rule |skewness| > 2 and kurtosis > 3.5 is the one of the OECD/JRC Handbook on
    Constructing Composite Indicators (2008) as practised by the JRC.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> name = next(item.id for item in spec.indicator if item.transform == "log")
    >>> index = pd.MultiIndex.from_tuples([(2023, "a"), (2023, "b")], names=["year", "code"])
    >>> frame = pd.DataFrame(1.0, index=index, columns=[item.id for item in spec.indicator])
    >>> float(treat(frame, spec)[0][name].iloc[0])
    0.0
    """
    treated: dict[str, Values] = {}
    points: list[pd.DataFrame] = []
    problems: list[Problem] = []
    # Columns by position: a label of year and code at every step would cost more than the step.
    for item in spec.indicator:
        column = frame[item.id].to_numpy(dtype=float)
        if item.transform == "log":
            bad = frame.index[column <= 0]
            if len(bad):
                years, codes = zip(*bad, strict=True)
                params = {"id": item.id, "units": named_units(codes, years=years)}
                problems.append(Problem(code="evaluation.log_domain", params=params))
                continue
            column = np.log(column)
        treated[item.id] = column
        rule = item.treat or (spec.method.treat if item.transform == "none" else "none")
        if rule != "none":
            most = spec.method.winsorise_points
            after = METHODS[rule](pd.Series(column), most=most).to_numpy()
            treatment = _treatment(rule, column, after)
            changed = ~np.isnan(column) & ((after != column) | (treatment != "winsorise"))
            if changed.any():
                listed = _listed(item.id, frame.index[changed], column[changed], after[changed])
                points.append(listed.assign(treatment=treatment))
            treated[item.id] = after
    if problems:
        raise InputError(problems)
    return (
        pd.DataFrame(treated, index=frame.index)[list(frame.columns)],
        pd.concat(points, ignore_index=True) if points else _nothing(frame),
    )


def _treatment(rule: str, before: Values, after: Values) -> str:
    """Tell a column of which points were pulled in from one that was transformed.

    Winsorising gives points values of others. A transformation keeps the order and makes no
    ties: it cannot have its values among the old ones unless it changes nothing.
    """
    pulled_in = np.isin(after[~np.isnan(after)], before).all()
    return "winsorise" if pulled_in else _TRANSFORMED[rule]


def _nothing(frame: pd.DataFrame) -> pd.DataFrame:
    nothing = _listed("", frame.index[:0], np.empty(0), np.empty(0))
    return nothing.assign(treatment=pd.Series(dtype="str"))


def _listed(name: str, places: pd.Index, before: Values, after: Values) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "year": places.get_level_values("year").astype("int64"),
            "code": places.get_level_values("code"),
            "indicator": pd.Series(name, index=range(len(places)), dtype="str"),
            "before": before,
            "after": after,
        }
    )


def is_skewed(values: pd.Series) -> bool:
    """Tell whether the JRC rule calls for treatment.

    Parameters
    ----------
    values : pandas.Series
        One indicator; missing values are left out.

    Returns
    -------
    bool
        True when |skewness| > 2 and excess kurtosis > 3.5, both the bias-corrected sample
        forms. False for fewer than four or for constant values.

    Notes
    -----
    With central moments m, ``G1 = sqrt(n (n - 1)) / (n - 2) m3 / m2^1.5`` and
    ``G2 = (n - 1) / ((n - 2) (n - 3)) ((n + 1) m4 / m2^2 - 3 (n - 1))``; Joanes and Gill,
    Comparing measures of sample skewness and kurtosis (1998).

    Examples
    --------
    >>> is_skewed(pd.Series([1.0, 2, 3, 4, 5, 6, 7, 1000]))
    True
    """
    return _fails(_present(values))


def _present(values: pd.Series) -> Values:
    array: Values = values.to_numpy(dtype=float)
    return array[~np.isnan(array)]


def _fails(present: Values) -> bool:
    if len(present) < _FEWEST:
        return False
    skewness, kurtosis = _shape(present)
    return abs(skewness) > SKEWNESS and kurtosis > KURTOSIS


def _shape(present: Values) -> tuple[float, float]:
    """Return the bias-corrected sample skewness and excess kurtosis; 0 of a constant."""
    count, mean = len(present), float(present.mean())
    centred = present - mean
    reach = float(np.abs(centred).max())
    # Differences lost to rounding have no shape.
    if reach <= _ROUNDING * abs(mean):
        return 0.0, 0.0
    centred = centred / reach
    square = centred * centred
    second = float(square.mean())
    third, fourth = float((square * centred).mean()), float((square * square).mean())
    skewness = (count * (count - 1)) ** 0.5 / (count - 2) * third / second**1.5
    excess = (count + 1) * fourth / second**2 - 3 * (count - 1)
    return skewness, (count - 1) / ((count - 2) * (count - 3)) * excess


def _pulled_in(present: Values) -> tuple[Values, float]:
    """Give the extreme value on the side of the skew the value of its neighbour."""
    distinct = np.unique(present)
    up = _shape(present)[0] > 0
    extreme, neighbour = distinct[[-1, -2]] if up else distinct[[0, 1]]
    return np.where(present == extreme, neighbour, present), float(extreme)


def _filled_in(values: pd.Series, present: Values) -> pd.Series:
    array = values.to_numpy(dtype=float, copy=True)
    array[~np.isnan(array)] = present
    return pd.Series(array, index=values.index, name=values.name)


def winsorise(values: pd.Series, *, most: int) -> pd.Series:
    """Pull in the most extreme point, one after the other, until the rule is met.

    A point is given the value of its next neighbour, on the side of the skew; tied points
    move together and each counts. When ``most`` points do not suffice the series is returned
    as it was: half a treatment would only create ties, and a rare flag would vanish.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    most : int
        Most points to change.

    Returns
    -------
    pandas.Series
        Same labels.

    Notes
    -----
    while ``|skewness| > 2`` and ``kurtosis > 3.5``: the extreme value becomes its neighbour

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), as practised by the JRC

    Examples
    --------
    >>> float(winsorise(pd.Series([1.0, 2, 3, 4, 5, 6, 7, 1000]), most=5).max())
    7.0
    """
    present = _present(values)
    treated = present
    while _fails(treated):
        treated, _ = _pulled_in(treated)
        if int((treated != present).sum()) > most:
            return values.copy()
    return _filled_in(values, treated)


def winsorise_or_log(values: pd.Series, *, most: int) -> pd.Series:
    """Winsorise as COINr does, and take a logarithm when that does not suffice.

    Points are winsorised until the rule is met or ``most`` are; tied points move together,
    and the last step may exceed ``most``. If the rule is still not met, or nothing but one
    value is left, the untreated values are logged instead.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    most : int
        Points after which winsorising ends.

    Returns
    -------
    pandas.Series
        Same labels; logged values are in another unit.

    Notes
    -----
    winsorise; else ``ln(x - min + 0.01 (max - min))``

    COINr (Becker et al. 2022), ``Treat`` with ``winsorise`` and ``log_CT``

    Examples
    --------
    >>> flag = pd.Series([1.0] * 6 + [0.0] * 300)
    >>> winsorise_or_log(flag, most=5).round(3).unique().tolist()
    [0.01, -4.605]
    """
    present = _present(values)
    treated = present
    moved = {True: 0, False: 0}
    while sum(moved.values()) < most and _fails(treated):
        pulled, extreme = _pulled_in(treated)
        # Points moved before are among those that tie with the extreme now.
        moved[extreme == treated.max()] = int((treated == extreme).sum())
        treated = pulled
    flat = len(present) > 0 and bool(np.ptp(treated) == 0 < np.ptp(present))
    if not flat and not _fails(treated):
        return _filled_in(values, treated)
    return _filled_in(values, np.log(_positive(present)))


def winsorise_or_boxcox(values: pd.Series, *, most: int) -> pd.Series:
    """Winsorise, and take a Box-Cox transformation when that does not suffice.

    Where :func:`winsorise` gives up, the untreated values are transformed by the power that
    makes them most nearly normal. Order is kept; the unit is not.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    most : int
        Most points to winsorise.

    Returns
    -------
    pandas.Series
        Same labels; transformed values are in another unit.

    Notes
    -----
    winsorise; else ``(y^p - 1) / p``, ``ln y`` for p = 0, p of maximum likelihood within
    [-5, 5]; y = x where all x > 0, else ``y = x - min + 0.01 (max - min)``

    Box and Cox, An analysis of transformations, Journal of the Royal Statistical Society B 26
    (1964); OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5

    Examples
    --------
    >>> steep = pd.Series(2.0 ** np.arange(20))
    >>> winsorise_or_boxcox(steep, most=1).diff().round(3).dropna().unique().tolist()
    [0.693]
    """
    present = _present(values)
    treated = winsorise(values, most=most)
    if not _fails(_present(treated)):
        return treated
    shifted = present if present.min() > 0 else _positive(present)
    # The best power does not depend on the unit; at the geometric mean nothing overflows.
    scaled = shifted / np.exp(np.log(shifted).mean())
    best = optimize.minimize_scalar(
        lambda power: -stats.boxcox_llf(power, scaled), bounds=_POWERS, method="bounded"
    )
    return _filled_in(values, np.asarray(special.boxcox(shifted, float(best.x)), dtype=float))


def _positive(present: Values) -> Values:
    """Shift values so that the least is a hundredth of their range."""
    low, high = float(present.min()), float(present.max())
    return present - low + 0.01 * (high - low)


METHODS: Final[Mapping[str, Callable[..., pd.Series]]] = MappingProxyType(
    {"winsorise": winsorise, "coinr": winsorise_or_log, "boxcox": winsorise_or_boxcox}
)
"""Outlier treatments by name; each takes the series and ``most``."""

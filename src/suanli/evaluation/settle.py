"""Optional indicators: which of them have enough values to count."""

from collections.abc import Collection, Iterable

import pandas as pd

from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, without

__all__ = ["optional_coverage", "settled", "within"]


def optional_coverage(table: IndicatorTable, spec: IndexSpec, *, years: Iterable[int]) -> pd.Series:
    """Tell what share of the units has each optional indicator.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile.
    years : Iterable[int]
        The years scored together.

    Returns
    -------
    pandas.Series
        Between 0 and 1, index: optional indicators in the order of the profile; of several
        years the least. An indicator that one year lacks would make years incomparable.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province-physical")
    >>> float(optional_coverage(load_catalogue().province, spec, years=[2023])["pue"])
    0.0
    """
    known = set(table.indicators)
    wanted = sorted(set(years))
    shares = {}
    for item in spec.indicator:
        if not item.optional:
            continue
        names = list(spec.inputs(item))
        whole = (
            table.wide(year, names).notna().all(axis="columns").mean()
            for year in ([item.year] if item.year else wanted)
        )
        shares[item.id] = min(whole) if set(names) <= known else 0.0
    return pd.Series(shares, name="coverage", dtype="float64")


def settled(
    table: IndicatorTable, spec: IndexSpec, *, years: Iterable[int] | None = None
) -> IndexSpec:
    """Return the profile with those optional indicators alone that enough units have.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile.
    years : Iterable[int], optional
        The years scored together; the profile's year by default.

    Returns
    -------
    IndexSpec
        The profile; ``spec`` itself where nothing is left out. Siblings of what is left out
        keep the ratios of their weights.

    Raises
    ------
    InputError
        Nothing is left to score.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province-physical")
    >>> len(spec.indicator), len(settled(load_catalogue().province, spec).indicator)
    (38, 26)
    """
    share = optional_coverage(table, spec, years=[spec.year] if years is None else years)
    few = (share == 0) | (share < spec.method.coverage)
    return without(spec, set(share.index[few]))


def within(spec: IndexSpec, indicators: Collection[str]) -> IndexSpec:
    """Return the profile without optional indicators that were not derived.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    indicators : Collection[str]
        Indicators derived.

    Returns
    -------
    IndexSpec
        The profile; ``spec`` itself where nothing is left out.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("city-compute-physical")
    >>> "capacity" in within(spec, {"demand_reach"}).names()
    False
    """
    optional = {item.id for item in spec.indicator if item.optional}
    return without(spec, optional - set(indicators))

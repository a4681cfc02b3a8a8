"""Why one score is higher than another: between units, and between years."""

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from suanli.diagnostics.splitting import Split, every_score, split
from suanli.diagnostics.tree import dimensions
from suanli.errors import InputError, Problem
from suanli.evaluation import Scores
from suanli.intake.table import suggestion
from suanli.profile import ROOT

__all__ = ["compare_units", "compare_years", "growth", "rank_changes", "yearly_growth"]


def compare_units(scores: Scores, unit: str, other: str) -> pd.DataFrame:
    """Split the difference of two units' index, ``unit`` minus ``other``, among indicators.

    Parameters
    ----------
    scores : Scores
        An evaluation aggregated by weighted means: arithmetic, geometric, harmonic, power.
    unit, other : str
        Codes of two scored units.

    Returns
    -------
    pandas.DataFrame
        One row per indicator, largest absolute contribution first: ``indicator``,
        ``dimension`` (right below the index), ``weight`` (overall, in the profile),
        ``weight_a`` and ``weight_b`` (effective, after the weights of missing siblings are
        shared), ``score_a`` and ``score_b`` (normalised), ``raw_a`` and ``raw_b`` (before
        treatment, in ``unit``), ``imputed_a`` and ``imputed_b`` (the method, or empty),
        ``values`` and ``availability`` (index points that come from the scores, and from
        indicators one of the two lacks), ``contribution`` (their sum) and ``share`` of the
        difference. The contributions sum to the difference of the two scores.

    Raises
    ------
    InputError
        A unit is unknown or not scored; or a level is aggregated by a method that is no mean
        of the siblings.

    Notes
    -----
    The formula is that of :func:`suanli.diagnostics.splitting.split`. With arithmetic means
    and nothing missing the contribution is the weight times the difference of the scores.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> table = compare_units(scores, "440000", "110000")
    >>> gap = scores.index["440000"] - scores.index["110000"]
    >>> bool(abs(table["contribution"].sum() - gap) < 1e-10)
    True
    """
    return _compared((scores, unit), (scores, other))


def compare_years(panel: Mapping[int, Scores], unit: str, years: tuple[int, int]) -> pd.DataFrame:
    """Split the change of a unit's index between two years, later minus earlier.

    Parameters
    ----------
    panel : Mapping[int, Scores]
        From :func:`suanli.evaluation.evaluate_panel`, so that years share goalposts.
    unit : str
        Code of the unit.
    years : tuple[int, int]
        Two years of the panel, in any order.

    Returns
    -------
    pandas.DataFrame
        As :func:`compare_units`; ``a`` is the later year, ``b`` the earlier.

    Raises
    ------
    InputError
        A year is not in the panel, or as :func:`compare_units`.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate_panel
    >>> from suanli.profile import load_profile
    >>> panel = evaluate_panel(load_catalogue().province, load_profile("caict2024-province"))
    >>> table = compare_years(panel, "520000", (2019, 2023))
    >>> change = panel[2023].index["520000"] - panel[2019].index["520000"]
    >>> bool(abs(table["contribution"].sum() - change) < 1e-10)
    True
    """
    first, last = _two_years(panel, years)
    return _compared((panel[last], unit), (panel[first], unit))


def growth(panel: Mapping[int, Scores], years: tuple[int, int] | None = None) -> pd.DataFrame:
    """Split the change of every unit's index between two years among the indicators.

    Parameters
    ----------
    panel : Mapping[int, Scores]
        From :func:`suanli.evaluation.evaluate_panel`.
    years : tuple[int, int], optional
        Two years of the panel; the first and the last by default.

    Returns
    -------
    pandas.DataFrame
        One row per unit scored in both years and indicator: ``code``, ``indicator``,
        ``dimension``, ``first_year``, ``last_year``, ``score_first``, ``score_last``,
        ``values``, ``availability`` and ``contribution``. Contributions of a unit sum to
        the change of its index.

    Raises
    ------
    InputError
        A year is not in the panel, or a level is aggregated by a method that is no mean.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate_panel
    >>> from suanli.profile import load_profile
    >>> panel = evaluate_panel(load_catalogue().province, load_profile("caict2024-province"))
    >>> table = growth(panel, (2019, 2023))
    >>> change = panel[2023].index - panel[2019].index
    >>> bool((table.groupby("code")["contribution"].sum() - change).abs().max() < 1e-10)
    True
    """
    first, last = _two_years(panel, years or (min(panel), max(panel)))
    early, late = panel[first], panel[last]
    units = early.index.dropna().index.intersection(late.index.dropna().index)
    parts = _split_of(late, early, units, units)
    long = {
        "score_first": early.indicators.loc[units],
        "score_last": late.indicators.loc[units],
        "values": parts.values,
        "availability": parts.availability,
        "contribution": parts.contribution,
    }
    columns = {name: _stacked(frame) for name, frame in long.items()}
    table = pd.DataFrame(columns).rename_axis(["code", "indicator"]).reset_index()
    table.insert(2, "dimension", table["indicator"].map(dimensions(late.spec)))
    table.insert(3, "first_year", first)
    table.insert(4, "last_year", last)
    return table


def yearly_growth(panel: Mapping[int, Scores]) -> pd.DataFrame:
    """Split the change of every unit's index from each year to the next among the indicators.

    Parameters
    ----------
    panel : Mapping[int, Scores]
        From :func:`suanli.evaluation.evaluate_panel`, of at least two years.

    Returns
    -------
    pandas.DataFrame
        As :func:`growth`, one pair of successive years after the other. Summed over the pairs
        a unit's contributions are the change from the first year to the last, if it has an
        index in all of them.

    Raises
    ------
    InputError
        A level is aggregated by a method that is no mean.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate_panel
    >>> from suanli.profile import load_profile
    >>> panel = evaluate_panel(load_catalogue().province, load_profile("caict2024-province"))
    >>> sorted(yearly_growth(panel)["last_year"].unique().tolist())
    [2017, 2018, 2019, 2020, 2021, 2022, 2023]
    """
    pairs = itertools.pairwise(sorted(panel))
    return pd.concat([growth(panel, pair) for pair in pairs], ignore_index=True)


def rank_changes(panel: Mapping[int, Scores]) -> pd.DataFrame:
    """Follow score and rank of every unit from year to year.

    Parameters
    ----------
    panel : Mapping[int, Scores]
        From :func:`suanli.evaluation.evaluate_panel`.

    Returns
    -------
    pandas.DataFrame
        One row per unit and year: ``code``, ``year``, ``score``, ``rank``,
        ``score_change`` and ``rank_change`` since the year before (positive: better, that
        is places gained), ``best_rank`` and ``worst_rank`` over all years.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate_panel
    >>> from suanli.profile import load_profile
    >>> panel = evaluate_panel(load_catalogue().province, load_profile("caict2024-province"))
    >>> len(rank_changes(panel))
    248
    """
    years = sorted(panel)
    score = pd.DataFrame({year: panel[year].index for year in years})
    rank = pd.DataFrame({year: panel[year].ranks[ROOT] for year in years})
    long = {
        "score": score,
        "rank": rank,
        "score_change": score.diff(axis=1),
        "rank_change": -rank.diff(axis=1),
    }
    table = pd.DataFrame({name: _stacked(frame) for name, frame in long.items()})
    table = table.rename_axis(["code", "year"]).reset_index()
    table["best_rank"] = table["code"].map(rank.min(axis=1))
    table["worst_rank"] = table["code"].map(rank.max(axis=1))
    return table


def _stacked(frame: pd.DataFrame) -> pd.Series:
    """Make one row per cell, missing ones too."""
    labels = pd.MultiIndex.from_product([frame.index, frame.columns])
    return pd.Series(frame.to_numpy(dtype=float).ravel(), index=labels)


def _compared(a: tuple[Scores, str], b: tuple[Scores, str]) -> pd.DataFrame:
    problems = [found for side in (a, b) if (found := _unfit(*side)) is not None]
    if problems:
        raise InputError(problems)
    (left, unit), (right, other) = a, b
    parts = _split_of(left, right, pd.Index([unit]), pd.Index([other]))
    names = [item.id for item in left.spec.indicator]
    difference = float(left.index[unit] - right.index[other])
    contribution = parts.contribution.loc[unit]
    table = pd.DataFrame(
        {
            "dimension": pd.Series(dimensions(left.spec)).reindex(names),
            "weight": left.weights["overall"].reindex(names),
            "weight_a": parts.weight_a.loc[unit],
            "weight_b": parts.weight_b.loc[unit],
            "score_a": left.indicators.loc[unit],
            "score_b": right.indicators.loc[other],
            "raw_a": left.stages["imputed"].loc[unit],
            "raw_b": right.stages["imputed"].loc[other],
            "unit": pd.Series({item.id: item.unit for item in left.spec.indicator}),
            "imputed_a": left.imputed.loc[unit],
            "imputed_b": right.imputed.loc[other],
            "values": parts.values.loc[unit],
            "availability": parts.availability.loc[unit],
            "contribution": contribution,
            "share": contribution / (difference or np.nan),
        }
    ).reindex(names)
    order = table["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].rename_axis("indicator").reset_index()


def _split_of(left: Scores, right: Scores, units: pd.Index, others: pd.Index) -> Split:
    a, b = every_score(left).loc[units], every_score(right).loc[others]
    return split(
        a,
        b.set_axis(a.index),
        left.spec,
        local_a=left.weights["local"],
        local_b=right.weights["local"],
    )


def _unfit(scores: Scores, unit: str) -> Problem | None:
    if unit not in scores.index.index:
        params = {"unit": unit, **suggestion(unit, list(scores.index.index), kind="units")}
        return Problem(code="diagnostics.unit_unknown", params=params)
    if pd.isna(scores.index[unit]):
        params = {
            "unit": unit,
            "year": scores.spec.year,
            "share": f"{scores.coverage[unit]:.0%}",
            "least": f"{scores.spec.method.coverage:.0%}",
        }
        return Problem(code="diagnostics.not_scored", params=params)
    return None


def _two_years(panel: Mapping[int, Scores], years: tuple[int, int]) -> tuple[int, int]:
    absent = [year for year in years if year not in panel]
    if absent or years[0] == years[1]:
        params = {
            "years": ", ".join(str(year) for year in years),
            "first": min(panel),
            "last": max(panel),
        }
        raise InputError([Problem(code="diagnostics.years", params=params)])
    return min(years), max(years)

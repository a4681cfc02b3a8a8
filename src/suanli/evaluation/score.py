"""The evaluation itself: one stage after the other, each kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation.aggregate import aggregate
from suanli.evaluation.derive import derive, observed
from suanli.evaluation.impute import impute
from suanli.evaluation.normalise import NEEDS_LABELS, normalise
from suanli.evaluation.screen import gate, screen, screening
from suanli.evaluation.settle import settled, within
from suanli.evaluation.shown import scores_html
from suanli.evaluation.treat import treat
from suanli.evaluation.weight import weigh
from suanli.intake.table import IndicatorTable
from suanli.profile import ROOT, IndexSpec, replace_spec

__all__ = [
    "Derivation",
    "Scores",
    "derivation",
    "evaluate",
    "evaluate_from",
    "evaluate_panel",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """The result of an evaluation, with every stage it went through.

    Attributes
    ----------
    spec : IndexSpec
        The profile, with the year these scores are of.
    nodes : pandas.DataFrame
        Scores of ``"index"`` and every dimension and sub-dimension, index ``code``; missing
        for units or dimensions with too little data.
    indicators : pandas.DataFrame
        Normalised indicators, index ``code``.
    ranks : pandas.DataFrame
        Ranks of ``nodes``, 1 is best; missing where the score is.
    weights : pandas.DataFrame
        Weights as :func:`suanli.evaluation.weight.weigh` gives them.
    coverage : pandas.Series
        Share of the profile's indicators each unit has before imputation.
    imputed : pandas.DataFrame
        Method that filled a cell, ``""`` elsewhere; index ``code``, one column per
        indicator.
    winsorised : pandas.DataFrame
        Values changed by outlier treatment, and by which: winsorised points, or all values of
        an indicator that was transformed.
    stages : Mapping[str, pandas.DataFrame]
        ``observed``, ``derived``, ``screened``, ``imputed``, ``treated``, ``normalised``,
        ``aggregated``, each with index ``code``; ``screened`` has the units that take part
        alone.
    """

    spec: IndexSpec
    nodes: pd.DataFrame
    indicators: pd.DataFrame
    ranks: pd.DataFrame
    weights: pd.DataFrame
    coverage: pd.Series
    imputed: pd.DataFrame
    winsorised: pd.DataFrame
    stages: Mapping[str, pd.DataFrame]

    def _repr_html_(self) -> str:
        return scores_html(self)

    @property
    def index(self) -> pd.Series:
        """Scores of the index, by unit code.

        Returns
        -------
        pandas.Series
            Missing for units that are not scored.
        """
        return self.nodes[ROOT]

    @property
    def dimensions(self) -> pd.DataFrame:
        """Scores of the dimensions right below the index.

        Returns
        -------
        pandas.DataFrame
            Index ``code``, one column per dimension.
        """
        return self.nodes[[c for c in self.spec.children(ROOT) if c in self.nodes]]

    @property
    def indicator_coverage(self) -> pd.Series:
        """Share of the units that have each indicator, before imputation.

        Returns
        -------
        pandas.Series
            Between 0 and 1, by indicator.
        """
        return self.stages["derived"].notna().mean().rename("coverage")

    @property
    def screening(self) -> pd.DataFrame:
        """Units and indicators below the coverage asked for, and what followed.

        Returns
        -------
        pandas.DataFrame
            As :func:`suanli.evaluation.screen.screening` lists them.
        """
        return screening(self.stages["derived"], self.spec)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Derivation:
    """What an evaluation starts from.

    Attributes
    ----------
    frame : pandas.DataFrame
        Indicators in their units, index ``(year, code)``: the years scored and those
        imputation may look at.
    observed : Mapping[int, pandas.DataFrame]
        Values of the table that expressions use, index ``code``, by year scored.
    """

    frame: pd.DataFrame
    observed: Mapping[int, pd.DataFrame]


def evaluate(table: IndicatorTable, spec: IndexSpec, *, groups: pd.Series | None = None) -> Scores:
    """Score every unit of a table by a profile, for the profile's year.

    Parameters
    ----------
    table : IndicatorTable
        The data. Every unit in it is scored, if it has enough of them.
    spec : IndexSpec
        The profile.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; only for imputation by group.

    Returns
    -------
    Scores
        Scores, ranks, weights and all stages.

    Raises
    ------
    InputError
        Data and profile do not fit: a missing or constant indicator, a logarithm of a
        non-positive value, a division by zero.

    Notes
    -----
    The steps are those of the OECD/JRC Handbook on Constructing Composite Indicators
    (2008): derive, screen, impute, treat, normalise, weight, aggregate, rank.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> len(scores.index), bool(scores.index.between(0, 100).all())
    (31, True)
    """
    return evaluate_from(derivation(table, spec), spec, groups=groups)


def derivation(table: IndicatorTable, spec: IndexSpec) -> Derivation:
    """Compute what an evaluation starts from: the indicators of all years it may look at.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile.

    Returns
    -------
    Derivation
        To be scored, as it is or changed, by :func:`evaluate_from`.

    Raises
    ------
    InputError
        The table lacks an indicator, or an expression cannot be computed.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> derivation(load_catalogue().province, load_profile("caict2024-province")).frame.shape
    (124, 26)
    """
    years = _years(spec)
    spec = settled(table, spec, years=years)
    reach = spec.method.impute_reach
    near = range(years[0] - reach, years[-1] + reach + 1)
    frame = derive(table, spec, years=[y for y in near if y in years or y in table.years])
    return Derivation(
        frame=frame,
        observed={year: observed(table, spec, year=year) for year in years},
    )


def evaluate_from(start: Derivation, spec: IndexSpec, *, groups: pd.Series | None = None) -> Scores:
    """Score derived indicators by a profile, for the profile's year.

    The same derivation can be scored again and again by profiles that differ in their
    choices of method.

    Parameters
    ----------
    start : Derivation
        From :func:`derivation`, by this profile or one that reaches as far and has the same
        indicators or more.
    spec : IndexSpec
        The profile.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; only for imputation by group.

    Returns
    -------
    Scores
        As :func:`evaluate`.

    Raises
    ------
    InputError
        As :func:`evaluate`.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> start = derivation(load_catalogue().province, spec)
    >>> equal = evaluate_from(start, replace_spec(spec, method={"weight": "equal"}))
    >>> len(equal.index)
    31
    """
    if spec.year not in _years(spec):
        first, last = _panel(spec)
        params = {"year": spec.year, "first": first, "last": last}
        raise InputError([Problem(code="evaluation.year_outside_panel", params=params)])
    return _pipeline(start, spec, groups)[spec.year]


def evaluate_panel(
    table: IndicatorTable, spec: IndexSpec, *, groups: pd.Series | None = None
) -> dict[int, Scores]:
    """Score every year of the profile's panel with common goalposts.

    Parameters
    ----------
    table : IndicatorTable
        The data of all years.
    spec : IndexSpec
        The profile; ``method.panel`` gives the years.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; only for imputation by group.

    Returns
    -------
    dict[int, Scores]
        By year, ascending. Scores are comparable between years.

    Raises
    ------
    InputError
        The profile has no panel, or as :func:`evaluate`.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> panel = evaluate_panel(load_catalogue().province, load_profile("caict2024-province"))
    >>> (min(panel), max(panel))
    (2016, 2023)
    """
    if spec.method.panel is None:
        raise InputError([Problem(code="profile.panel_missing", params={"file": spec.id})])
    pooled = replace_spec(spec, method={"scope": "panel"})
    return _pipeline(derivation(table, pooled), pooled, groups)


def _panel(spec: IndexSpec) -> tuple[int, int]:
    return spec.method.panel or (spec.year, spec.year)


def _years(spec: IndexSpec) -> range:
    first, last = _panel(spec) if spec.method.scope == "panel" else (spec.year, spec.year)
    return range(first, last + 1)


def _pipeline(start: Derivation, spec: IndexSpec, groups: pd.Series | None) -> dict[int, Scores]:
    years = _years(spec)
    spec = within(spec, start.frame.columns)
    wide = start.frame[[item.id for item in spec.indicator]]
    inside = _rows(wide, years)
    derived = wide[inside]
    kept = screen(wide, spec, years=years)
    filled, marks = impute(kept, spec, groups=groups, years=years)
    if len(kept) < len(wide) or not inside.all():
        inside = _rows(filled, years)
        kept, filled, marks = kept[inside], filled[inside], marks[inside]
    treated, points = treat(filled, spec)
    # Rows by number, but for scales that look for a year or a unit: labels would cost more
    # than the arithmetic.
    labelled = spec.method.normalise in NEEDS_LABELS
    normalised = normalise(treated if labelled else treated.reset_index(drop=True), spec)
    weights = weigh(spec, normalised)
    aggregated = aggregate(normalised, weights["local"], spec).set_axis(treated.index)
    normalised = normalised.set_axis(treated.index)
    stages = {
        "derived": derived,
        "screened": kept,
        "imputed": filled,
        "treated": treated,
        "normalised": normalised,
        "aggregated": aggregated,
    }
    if len(kept) < len(derived):
        # Units taken out come back without values: everybody has a row.
        whole = [name for name in stages if name != "screened"]
        stages |= {name: stages[name].reindex(derived.index) for name in whole}
        marks = marks.reindex(derived.index, fill_value="")
    nodes = gate(stages["aggregated"], derived, spec)
    return {
        year: _scores(
            spec if year == spec.year else spec.model_copy(update={"year": year}),
            weights,
            points,
            gated=_of(nodes, year),
            stages={
                "observed": start.observed[year],
                **{name: _of(stage, year) for name, stage in stages.items()},
            },
            marks=_of(marks, year),
        )
        for year in years
    }


def _rows(stacked: pd.DataFrame, years: range) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return stacked.index.get_level_values("year").isin(years)


def _of(stacked: pd.DataFrame, year: int) -> pd.DataFrame:
    """Take one year's rows out of a frame indexed by year and code."""
    here = stacked.index.get_level_values("year") == year
    codes = stacked.index.get_level_values("code")
    if here.all():
        return stacked.set_axis(codes, axis="index")
    return stacked[here].set_axis(codes[here], axis="index")


def _scores(
    spec: IndexSpec,
    weights: pd.DataFrame,
    points: pd.DataFrame,
    *,
    gated: pd.DataFrame,
    stages: Mapping[str, pd.DataFrame],
    marks: pd.DataFrame,
) -> Scores:
    present = stages["derived"].notna()
    return Scores(
        spec=spec,
        nodes=gated,
        indicators=stages["normalised"],
        ranks=gated.rank(method=spec.method.ties, ascending=False),
        weights=weights,
        coverage=present.mean(axis="columns").rename("coverage"),
        imputed=marks,
        winsorised=points[points["year"] == spec.year].reset_index(drop=True),
        stages=MappingProxyType(dict(stages)),
    )

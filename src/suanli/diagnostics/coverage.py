"""What the scores rest on: values present, imputed, treated, and how good they are."""

from collections.abc import Callable
from typing import Final

import pandas as pd

from suanli.diagnostics.tree import dimensions
from suanli.evaluation import Scores
from suanli.intake.table import ANY_YEAR, IndicatorTable
from suanli.profile import Indicator

__all__ = ["cell_report", "indicator_coverage", "treatments", "unit_coverage"]

_MARKS: Final = ("A", "B", "C", "M")
_PLACES: Final = {mark: place for place, mark in enumerate(_MARKS)}


def indicator_coverage(scores: Scores, table: IndicatorTable) -> pd.DataFrame:
    """Tell how much of each indicator is there.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    table : IndicatorTable
        The data it was made from.

    Returns
    -------
    pandas.DataFrame
        ``indicator``, ``dimension``, ``units``, ``n`` (units with a value before
        imputation), ``share``, ``imputed`` (cells), ``methods`` (by which methods),
        ``missing`` (cells still empty), ``winsorised`` and ``transformed`` (cells that the
        outlier treatment pulled in, or put on another scale), ``first_year``, ``last_year``
        and ``years`` (of the table in which any unit has all inputs; 0 for facts that hold in
        every year), ``worst_quality`` and ``flag``: ``few`` where the
        share is below the profile's coverage, or empty.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> province = load_catalogue().province
    >>> scores = evaluate(province, load_profile("caict2024-province"))
    >>> report = indicator_coverage(scores, province).set_index("indicator")
    >>> report.loc["it_service_revenue", ["n", "missing"]].to_list()
    [30, 1]
    """
    spec = scores.spec
    derived, filled = scores.stages["derived"], scores.stages["imputed"]
    quality = _quality(scores, table)
    treated = _treated(scores)
    pulled, transformed = (each["indicator"].value_counts() for each in treated)
    rows = []
    for item in spec.indicator:
        present = derived[item.id].notna()
        marks = scores.imputed[item.id]
        years = _years(item, table)
        worst = quality[item.id].where(present).map(_PLACES).max()
        rows.append(
            {
                "indicator": item.id,
                "units": len(derived),
                "n": int(present.sum()),
                "share": float(present.mean()),
                "imputed": int((marks != "").sum()),
                "methods": " ".join(sorted(set(marks) - {""})),
                "missing": int(filled[item.id].isna().sum()),
                "winsorised": int(pulled.get(item.id, 0)),
                "transformed": int(transformed.get(item.id, 0)),
                "first_year": min(years, default=ANY_YEAR),
                "last_year": max(years, default=ANY_YEAR),
                "years": len(years),
                "worst_quality": "" if pd.isna(worst) else _MARKS[int(worst)],
                "flag": "few" if present.mean() < spec.method.coverage else "",
            }
        )
    report = pd.DataFrame(rows)
    report.insert(1, "dimension", report["indicator"].map(dimensions(spec)))
    return report


def unit_coverage(scores: Scores) -> pd.DataFrame:
    """Tell how much of each unit is there, by dimension.

    Parameters
    ----------
    scores : Scores
        An evaluation.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``n`` (indicators present before imputation), ``share``, ``imputed``,
        ``winsorised`` and ``transformed`` (cells), ``share_<dimension>`` for each node right
        below the index,
        ``withheld`` (index and dimensions not scored for lack of data, separated by
        blanks) and ``flag``: ``few`` where the share is below the profile's coverage,
        ``dimension`` where that of a dimension is, or empty.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> unit_coverage(scores)["flag"].eq("").all()
    np.True_
    """
    spec = scores.spec
    present = scores.stages["derived"].notna()
    top = pd.Series(dimensions(spec)).reindex(present.columns)
    shares = present.T.groupby(top, sort=False).mean().T
    least = spec.method.coverage
    pulled, transformed = (each["code"].value_counts() for each in _treated(scores))
    report = pd.DataFrame(
        {
            "n": present.sum(axis=1),
            "share": present.mean(axis=1),
            "imputed": (scores.imputed != "").sum(axis=1),
            "winsorised": pulled.reindex(present.index, fill_value=0),
            "transformed": transformed.reindex(present.index, fill_value=0),
        }
    )
    report = report.join(shares.add_prefix("share_"))
    gone = scores.nodes.isna()
    report["withheld"] = [" ".join(gone.columns[row]) for row in gone.to_numpy()]
    thin = (shares < least).any(axis=1)
    report["flag"] = thin.map({True: "dimension", False: ""})
    report.loc[report["share"] < least, "flag"] = "few"
    return report.rename_axis("code").reset_index()


def cell_report(scores: Scores, table: IndicatorTable) -> pd.DataFrame:
    """List every cell of the profile with its value, state, quality and source.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    table : IndicatorTable
        The data it was made from.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``indicator``, ``value`` (in the indicator's unit, after imputation),
        ``state`` (``observed``, ``imputed``, ``missing``), ``method`` of imputation,
        ``treatment`` (``winsorise``, ``log`` or ``boxcox`` where the outlier treatment
        changed the value, or empty), ``quality`` (the worst of the inputs: A official, B
        compiled, C secondary, M from memory) and ``source`` (of all inputs). Quality and
        source are empty for cells that are not observed.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> province = load_catalogue().province
    >>> scores = evaluate(province, load_profile("caict2024-province"))
    >>> cell_report(scores, province)["state"].value_counts().to_dict()
    {'observed': 804, 'imputed': 1, 'missing': 1}
    """
    derived = scores.stages["derived"]
    quality = _quality(scores, table)
    sources = _sources(scores, table)
    changed = treatments(scores)
    labels = pd.MultiIndex.from_product([derived.index, derived.columns])
    flat = pd.DataFrame(
        {
            name: pd.Series(frame.loc[derived.index, derived.columns].to_numpy().ravel(), labels)
            for name, frame in {
                "value": scores.stages["imputed"],
                "observed": derived.notna(),
                "method": scores.imputed,
                "quality": quality,
                "source": sources,
            }.items()
        }
    )
    report = flat.rename_axis(["code", "indicator"]).reset_index()
    report["state"] = "missing"
    report.loc[report["method"] != "", "state"] = "imputed"
    report.loc[report["observed"], "state"] = "observed"
    report.loc[~report["observed"], ["quality", "source"]] = ""
    report["treatment"] = [
        changed.get(key, "") for key in zip(report["code"], report["indicator"], strict=True)
    ]
    columns = ["code", "indicator", "value", "state", "method", "treatment", "quality", "source"]
    return report[columns]


def treatments(scores: Scores) -> dict[tuple[str, str], str]:
    """Return what the outlier treatment did to each value it changed.

    Parameters
    ----------
    scores : Scores
        An evaluation.

    Returns
    -------
    dict[tuple[str, str], str]
        By code and indicator: ``winsorise``, ``log`` or ``boxcox``.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> treatments(evaluate(load_catalogue().province, load_profile("caict2024-province")))
    {}
    """
    points = scores.winsorised
    keys = zip(points["code"], points["indicator"], strict=True)
    return dict(zip(keys, points["treatment"], strict=True))


def _treated(scores: Scores) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the winsorised points and the values of transformed indicators."""
    points = scores.winsorised
    pulled = points["treatment"] == "winsorise"
    return points[pulled], points[~pulled]


def _years(item: Indicator, table: IndicatorTable) -> list[int]:
    """Return the years in which a unit has all inputs that differ from year to year."""
    cells = table.cells[table.cells["indicator"].isin(item.expression.names)]
    always = set(cells.loc[cells["year"] == ANY_YEAR, "indicator"])
    dated = cells[cells["year"] != ANY_YEAR]
    needed = len(set(item.expression.names) - always)
    full = dated.groupby(["year", "code"])["indicator"].nunique() >= max(needed, 1)
    return sorted({int(year) for year in full.index[full].get_level_values("year")})


def _quality(scores: Scores, table: IndicatorTable) -> pd.DataFrame:
    """Return the worst mark among the inputs of each cell."""

    def worst(marks: pd.DataFrame) -> pd.Series:
        places = marks.apply(lambda column: column.map(_PLACES)).max(axis=1)
        return pd.Series(places.map(dict(enumerate(_MARKS))))

    return _of_inputs(scores, table, "quality", worst)


def _sources(scores: Scores, table: IndicatorTable) -> pd.DataFrame:
    def joined(marks: pd.DataFrame) -> pd.Series:
        rows = (sorted({str(mark) for mark in row if pd.notna(mark)}) for row in marks.to_numpy())
        return pd.Series([" ".join(row) for row in rows], index=marks.index)

    return _of_inputs(scores, table, "source", joined)


def _of_inputs(
    scores: Scores,
    table: IndicatorTable,
    column: str,
    summary: Callable[[pd.DataFrame], pd.Series],
) -> pd.DataFrame:
    """Sum up what the table says of the inputs of each cell."""
    spec = scores.spec
    names = sorted({name for item in spec.indicator for name in item.expression.names})
    cells = table.cells[table.cells["indicator"].isin(names)]
    wide = {
        year: cells[cells["year"] == year]
        .pivot_table(index="code", columns="indicator", values=column, aggfunc="first")
        .reindex(index=list(table.codes), columns=names)
        for year in {ANY_YEAR, *(item.year or spec.year for item in spec.indicator)}
    }
    found = {}
    for item in spec.indicator:
        exact = wide[item.year or spec.year][list(item.expression.names)]
        found[item.id] = summary(exact.where(exact.notna(), wide[ANY_YEAR]))
    return pd.DataFrame(found).reindex(scores.indicators.index)

"""Tables of an edition: everything the maps and figures rest on, as CSV."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from geo.export.table import write_csv
from suanli.boundaries import Level
from suanli.diagnostics.decomposition import rank_changes, yearly_growth
from suanli.diagnostics.lent import lending_years
from suanli.diagnostics.screening import screening_table
from suanli.diagnostics.splitting import is_splittable
from suanli.evaluation import Scores
from suanli.publish.answers import QUESTIONS, answers
from suanli.publish.edition import Edition
from suanli.robustness.uncertainty import RankIntervals
from suanli.text import Text

__all__ = [
    "all_tables",
    "contents",
    "hub_names",
    "question_tables",
    "score_columns",
    "score_table",
    "top_table",
    "write_tables",
]


def score_columns(scores: Scores, ranks: RankIntervals | None = None) -> pd.DataFrame:
    """Return scores and ranks of every node side by side.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    ranks : RankIntervals, optional
        How far its ranks can be trusted.

    Returns
    -------
    pandas.DataFrame
        Index ``code``; columns ``<node>`` and ``<node>_rank``, the index first, each with
        ``<node>_rank_low`` and ``<node>_rank_high`` where intervals are known, then
        ``coverage`` and ``imputed`` (number of filled cells).

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> list(score_columns(sample_edition().study.province))[:2]
    ['index', 'index_rank']
    """
    columns: dict[str, pd.Series] = {}
    for node in scores.nodes:
        columns[str(node)] = scores.nodes[node]
        columns[f"{node}_rank"] = _whole(scores.ranks[node])
        if ranks is not None and node in ranks.histogram:
            interval = ranks.of(str(node)).reindex(scores.nodes.index)
            columns |= {f"{node}_rank_{end}": _whole(interval[end]) for end in ("low", "high")}
    columns["coverage"] = scores.coverage
    columns["imputed"] = (scores.imputed != "").sum(axis=1)
    return pd.DataFrame(columns)


def _whole(ranks: pd.Series) -> pd.Series:
    """Write ranks without a point where all are whole."""
    return ranks.astype("Int64") if ranks.dropna().mod(1).eq(0).all() else ranks


def score_table(
    scores: Scores, names: pd.Series, *, ranks: RankIntervals | None = None
) -> pd.DataFrame:
    """Return one row per unit: code, name, every level's score and rank.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    names : pandas.Series
        Names by code.
    ranks : RankIntervals, optional
        How far its ranks can be trusted.

    Returns
    -------
    pandas.DataFrame
        Best unit first, unscored units last.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> edition = sample_edition()
    >>> table = score_table(edition.study.province, edition.unit_names("province"))
    >>> table.loc[0, "name"]
    'Guangdong'
    """
    table = score_columns(scores, ranks)
    table.insert(0, "name", names.reindex(table.index))
    ordered = table.sort_values(["index_rank", "name"], na_position="last", kind="stable")
    return ordered.rename_axis("code").reset_index()


def top_table(
    scores: Scores, names: pd.Series, node: str, *, ranks: RankIntervals, k: int = 10
) -> pd.DataFrame:
    """Return the best units of one node.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    names : pandas.Series
        Names by code.
    node : str
        Index or dimension.
    ranks : RankIntervals
        How far its ranks can be trusted: no Top10 goes without.
    k : int
        Number of units.

    Returns
    -------
    pandas.DataFrame
        Columns ``rank`` (whole, or half where equal scores share their mean rank), ``low``
        and ``high`` (its interval), ``code``, ``name``, ``score``.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> edition = sample_edition()
    >>> names = edition.unit_names("province")
    >>> ranks = edition.ranks("province")
    >>> top = top_table(edition.study.province, names, "environment", ranks=ranks, k=1)
    >>> top["name"].to_list()
    ['Ningxia']
    """
    best = scores.nodes[node].dropna().sort_values(ascending=False, kind="stable").head(k)
    interval = ranks.of(node).reindex(best.index)
    return pd.DataFrame(
        {
            "rank": _whole(scores.ranks[node].reindex(best.index)),
            "low": interval["low"],
            "high": interval["high"],
            "code": best.index,
            "name": names.reindex(best.index),
            "score": best,
        }
    ).reset_index(drop=True)


def all_tables(edition: Edition) -> Mapping[str, pd.DataFrame]:
    """Return every table of an edition by file name.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    Mapping[str, pandas.DataFrame]
        Tidy tables without a meaningful index.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> "gap_years" in all_tables(sample_edition())
    True
    """
    pieces = {year: score_columns(scores) for year, scores in edition.study.panel.items()}
    return {
        **_scores(edition, "province"),
        **_scores(edition, "city"),
        "province_panel": pd.concat(pieces, names=["year", "code"]).reset_index(),
        **_changes(edition),
        "agreement": edition.study.agreement,
    } | {key: table for name in QUESTIONS for key, table in question_tables(edition, name).items()}


def question_tables(edition: Edition, name: str) -> dict[str, pd.DataFrame]:
    """Return the tables that answer one question.

    Parameters
    ----------
    edition : Edition
        What is published.
    name : {"gap", "spatial", "hubs"}
        The question.

    Returns
    -------
    dict[str, pandas.DataFrame]
        Tidy tables by file name.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> list(question_tables(sample_edition(), "gap"))[:3]
    ['gap_years', 'gap_groups', 'gap_trend']
    """
    return {key: _named(edition, table) for key, table in answers(edition.study, name).items()}


def write_tables(edition: Edition, folder: Path) -> list[Path]:
    """Write every table.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        Where to write.

    Returns
    -------
    list[pathlib.Path]
        The files written.

    Raises
    ------
    OSError
        A file cannot be written.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> import tempfile
    >>> written = write_tables(sample_edition(), Path(tempfile.mkdtemp()))
    >>> "city_scores.csv" in {path.name for path in written}
    True
    """
    paths = []
    tables = all_tables(edition)
    for name, table in (*tables.items(), ("contents", contents(tables, edition.text))):
        path = folder / f"{name}.csv"
        write_csv(table, path, index=False)
        paths.append(path)
    return paths


def contents(tables: Iterable[str], text: Text) -> pd.DataFrame:
    """Say what every table holds.

    Parameters
    ----------
    tables : Iterable[str]
        File names without suffix.
    text : Text
        The language.

    Returns
    -------
    pandas.DataFrame
        Columns ``file`` and ``about``.

    Examples
    --------
    >>> contents(["hub_decay"], Text("en")).to_dict("records")
    [{'file': 'hub_decay.csv', 'about': 'Gradient outwards by rings, km and ms'}]
    """
    rows = []
    for name in tables:
        level, _, kind = name.partition("_")
        leveled = level in {"province", "city"}
        about = text(f"contents.{kind if leveled else name}")
        if leveled:
            about = text("front.at_level", level=text(f"common.{level}"), sentence=about)
        rows.append({"file": f"{name}.csv", "about": about})
    return pd.DataFrame(rows)


def _named(edition: Edition, table: pd.DataFrame) -> pd.DataFrame:
    """Call units and hubs what they are called in the language of the edition."""
    if edition.text.lang == "zh":
        return table
    told = table.copy()
    if {"code", "name"} <= set(table.columns):
        names = pd.concat([edition.unit_names(level) for level in ("province", "city")])
        told["name"] = table["code"].map(names[~names.index.duplicated()])
    if "hub" in table:
        told["hub"] = hub_names(edition, table["hub"])
    return told


def hub_names(edition: Edition, hubs: pd.Series) -> pd.Series:
    """Return what hubs are called in the language of the edition.

    Parameters
    ----------
    edition : Edition
        What is published.
    hubs : pandas.Series
        Hubs as the catalogue keys them, in Chinese.

    Returns
    -------
    pandas.Series
        Names, same index.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> hub_names(sample_edition(), pd.Series(["贵州"])).to_list()
    ['Guizhou']
    """
    if edition.text.lang == "zh":
        return hubs
    names = edition.catalogue.hubs.drop_duplicates("hub").set_index("hub")["hub_name_en"]
    return hubs.map(names)


def _scores(edition: Edition, level: Level) -> dict[str, pd.DataFrame]:
    scores = edition.scores(level)
    study = edition.study
    names = edition.unit_names(level)
    tested = study.province_tested if level == "province" else study.city_tested
    labels = {item.id: edition.text.of(item.name.model_dump()) for item in scores.spec.indicator}
    labels |= {item.id: edition.text.of(item.name.model_dump()) for item in scores.spec.dimension}
    weights = scores.weights.reset_index()
    weights.insert(1, "name", weights["id"].map(labels))
    stage = {
        f"{level}_{name}": scores.stages[name].rename_axis("code").reset_index()
        for name in ("derived", "normalised")
    }
    tables = {
        f"{level}_scores": score_table(scores, names, ranks=edition.ranks(level)),
        f"{level}_rank_intervals": _intervals(edition, level),
        f"{level}_tested_scores": score_table(tested, names),
        f"{level}_weights": weights,
        f"{level}_imputed": _imputed(edition, level),
        f"{level}_winsorised": scores.winsorised,
        f"{level}_screening": _with_names(screening_table(scores), names),
        **stage,
    }
    return {key: _named(edition, table) for key, table in tables.items()}


def _imputed(edition: Edition, level: Level) -> pd.DataFrame:
    """List filled cells: how, with what, and the years it was taken from."""
    scores = edition.scores(level)
    start = edition.study.starts[0 if level == "province" else 1]
    columns = {
        "method": scores.imputed,
        "value": scores.stages["imputed"],
        "years": lending_years(start, scores),
    }
    long = [
        frame.rename_axis("code").reset_index().melt("code", var_name="indicator", value_name=name)
        for name, frame in columns.items()
    ]
    table = long[0].merge(long[1], on=["code", "indicator"]).merge(long[2])
    units = {item.id: item.unit for item in scores.spec.indicator}
    table.insert(4, "unit", table["indicator"].map(units))
    return table[table["method"] != ""].reset_index(drop=True)


def _with_names(table: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    named = table.copy()
    named.insert(1, "name", table["code"].map(names))
    return named


def _changes(edition: Edition) -> dict[str, pd.DataFrame]:
    """Return ranks from year to year, and what of each change every indicator makes up."""
    panel, names = edition.study.panel, edition.unit_names("province")
    tables = {"province_rank_changes": _with_names(rank_changes(panel), names)}
    if len(panel) > 1 and is_splittable(panel[min(panel)].spec):
        tables["province_growth"] = _with_names(yearly_growth(panel), names)
    return tables


def _intervals(edition: Edition, level: Level) -> pd.DataFrame:
    table = edition.ranks(level).table
    names = edition.unit_names(level)
    named = table.assign(name=table["code"].map(names))
    first = ["node", "code", "name"]
    return named[[*first, *(column for column in named.columns if column not in first)]]

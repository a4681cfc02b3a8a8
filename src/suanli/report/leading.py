"""Who leads: ranks with their intervals, ties and all, as sentences and tables."""

from typing import Final

import pandas as pd

from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.report.blocks import see, table
from suanli.report.document import Block, Table
from suanli.report.numerals import number, percent, span
from suanli.report.phrases import counted, joined, listed, say

__all__ = ["TOP", "intervals_said", "leaders", "leaders_said", "leaders_table", "standing"]

TOP: Final = 10
"""How many a list of the best names; more where the last place is shared."""

_FIRST: Final = 3


def standing(edition: Edition, level: Level, node: str) -> pd.DataFrame:
    """Return the scored units of a node, best first.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    node : str
        Index, dimension or sub-dimension.

    Returns
    -------
    pandas.DataFrame
        Index ``code``; ``name``, ``short``, ``score``, ``rank`` (by the tie rule of the
        profile), ``place`` (equal scores share the better one), ``low``, ``high``, ``median``,
        ``top_share``, ``first_share`` of the ranks under other assumptions.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> standing(sample_edition(), "province", "index")["short"].iloc[0]
    'Guangdong'
    """
    scores = edition.scores(level)
    known = scores.nodes[node].dropna().sort_index()
    known = known.sort_values(ascending=False, kind="stable")
    columns = ["low", "high", "median", "top_share", "first_share"]
    intervals = edition.ranks(level).of(node)[columns].reindex(known.index)
    return intervals.assign(
        name=edition.unit_names(level).reindex(known.index),
        short=edition.unit_names(level, short=True).reindex(known.index),
        score=known,
        rank=scores.ranks[node].reindex(known.index),
        place=known.rank(ascending=False, method="min"),
    )


def leaders(edition: Edition, level: Level, node: str, *, k: int = TOP) -> pd.DataFrame:
    """Return the first ``k`` units, and those that share the last place with them.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    node : str
        Index, dimension or sub-dimension.
    k : int
        How many places.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`standing`. Where so many share the last place that the list would say
        nothing, it ends before them.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(leaders(sample_edition(), "province", "index"))
    10
    """
    units = standing(edition, level, node)
    first = units[units["place"] <= k]
    if len(first) > 2 * k:
        first = units[units["place"] < first["place"].max()]
    return first


def leaders_said(
    edition: Edition, level: Level, node: str, *, intervals: bool = True, pointing: str = ""
) -> str:
    """Name the first three, with everyone who shares a place.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    node : str
        Index, dimension or sub-dimension.
    intervals : bool
        Whether the interval of each rank is given.
    pointing : str
        References, put before the full stop.

    Returns
    -------
    str
        A sentence.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> leaders_said(sample_edition(), "province", "storage", intervals=False)[:40]
    'Storage: the first three are Guangdong ('
    """
    text = edition.text
    units = standing(edition, level, node)
    name = edition.node_name(level, node)
    if units.empty:
        return say(edition, "nobody_scored", name=name)
    best = leaders(edition, level, node, k=_FIRST)
    rest = units[units["place"].le(_FIRST) & ~units.index.isin(best.index)]
    names = [
        text(
            "home.leader",
            name=row["short"],
            score=number(row["score"]),
            interval=span(edition, row["low"], row["high"]),
        )
        if intervals
        else say(edition, "leader", name=row["short"], score=number(row["score"]))
        for row in best.to_dict("records")
    ]
    if len(rest):
        shared = say(edition, "leaders_shared", n=len(rest), rank=f"{rest['rank'].iloc[0]:g}")
        names = [*names, shared]
    # Who is first, second and third is plain only where three units have three places.
    key = "leaders" if list(best["place"]) == [1, 2, 3] and rest.empty else "leaders_tied"
    return say(edition, key, name=name, names=listed(edition, names), see=pointing)


def leaders_table(
    edition: Edition, level: Level, node: str, *, k: int = TOP
) -> tuple[Table | None, str]:
    """List the best of a node, and say where places are shared.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    node : str
        Index or dimension.
    k : int
        How many places.

    Returns
    -------
    table : Table or None
        Rank, unit, score, interval and median of the rank, how often among the first; None
        where nobody has a score.
    said : str
        On the places that are shared; empty where none is.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> made, said = leaders_table(sample_edition(), "province", "index")
    >>> made.rows[0][:2], said
    (('1', 'Guangdong'), '')
    """
    best = leaders(edition, level, node, k=k)
    top = edition.scores(level).spec.uncertainty.top
    low, high = edition.scores(level).spec.uncertainty.interval
    columns = [
        (say(edition, "rank_head"), "right"),
        (say(edition, f"unit_head_{level}"), "left"),
        (say(edition, "score_head"), "right"),
        (say(edition, "interval_head"), "right"),
        (say(edition, "median_head"), "right"),
        (say(edition, "share_head", top=top), "right"),
    ]
    rows = [
        (
            f"{row['rank']:g}",
            str(row["name"]),
            number(row["score"]),
            span(edition, row["low"], row["high"]),
            number(row["median"], 0 if row["median"] % 1 == 0 else 1),
            percent(row["top_share"]),
        )
        for row in best.to_dict("records")
    ]
    note = edition.text(
        "figures.ranks_note", replicates=edition.ranks(level).replicates, share=f"{high - low:.0%}"
    )
    made = table(
        f"{level}-{node}-top",
        say(edition, f"top_caption_{level}", name=edition.node_name(level, node), k=k),
        columns,
        rows,
        note=note,
    )
    return made, _ties_said(edition, level, node, best, k)


def _ties_said(edition: Edition, level: Level, node: str, best: pd.DataFrame, k: int) -> str:
    said = []
    for _, group in best.groupby("place"):
        if len(group) > 1:
            rank = f"{group['rank'].iloc[0]:g}"
            said.append(say(edition, "tied", names=listed(edition, group["short"]), rank=rank))
    if len(best) > k:
        said.append(say(edition, "tied_beyond", k=k, n=len(best)))
    units = standing(edition, level, node)
    rest = units[units["place"].le(k) & ~units.index.isin(best.index)]
    if len(rest):
        said.append(say(edition, "tied_cut", n=len(rest), rank=f"{rest['rank'].iloc[0]:g}", k=k))
    return joined(edition, said)


def intervals_said(edition: Edition, level: Level, node: str, *, shown: Block | None) -> str:
    """Say of how many of the first ten the whole interval lies among the first ten.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    node : str
        Index or dimension.
    shown : Picture or Table or None
        Where it can be seen.

    Returns
    -------
    str
        A sentence; empty where nobody has a score.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> intervals_said(sample_edition(), "province", "index", shown=None)[:11]
    'Of the best'
    """
    best = leaders(edition, level, node).dropna(subset=["high"])
    if best.empty:
        return ""
    within = int(best["high"].le(TOP).sum())
    return counted(
        edition, "intervals_within", within, all=len(best), k=TOP, see=see(edition, shown)
    )

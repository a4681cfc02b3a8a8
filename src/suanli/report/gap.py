"""The chapter on the gap between east and west."""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from suanli.analysis.gap import DEFINITIONS, region_groups
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.finding import convergence_sentences, gap_grid, gap_scale_said
from suanli.publish.wording import gap_notes
from suanli.report.blocks import (
    bullets,
    grid_table,
    note,
    paragraph,
    picture,
    section,
    see,
    table,
)
from suanli.report.document import Section, Table
from suanli.report.gap_change import change_section
from suanli.report.numerals import MISSING, number, p_cell, percent, signed
from suanli.report.phrases import counted, listed, say

__all__ = ["between_said", "gap", "gap_counts", "trend_counts"]

_LISTED: Final = 10
_NAMED: Final = 3


def gap(edition: Edition, pictures: Path) -> Section | None:
    """Report the gap by every definition, its trend, its parts and its causes.

    Parameters
    ----------
    edition : Edition
        What is published.
    pictures : pathlib.Path
        Folder of the run's figures.

    Returns
    -------
    Section or None
        The chapter.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [part.key for part in gap(sample_edition(), Path()).sections][:2]
    ['gap-index', 'gap-changes']
    """
    groups = _groups(edition)
    return section(
        "gap",
        say(edition, "gap.title"),
        paragraph(edition, say(edition, "gap.lead", n=len(DEFINITIONS), see=see(edition, groups))),
        groups,
        note(edition, gap_scale_said(edition), say(edition, "gap.intervals")),
        sections=[
            _index(edition, pictures),
            change_section(edition),
            _dimensions(edition),
            _inequality(edition),
            _contributions(edition),
            _convergence(edition),
        ],
    )


def gap_counts(edition: Edition, node: str = ROOT) -> dict[str, Any]:
    """Count by how many definitions a side leads in the last year.

    Parameters
    ----------
    edition : Edition
        What is published.
    node : str
        Index or dimension.

    Returns
    -------
    dict[str, Any]
        ``year``, ``count``, ``east`` and ``west`` (the interval excludes zero), ``none``,
        ``least`` and ``most`` of the difference.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> gap_counts(sample_edition())["count"]
    4
    """
    years, last = edition.study.gap.years, max(edition.study.panel)
    rows = years[years["node"].eq(node) & years["year"].eq(last)]
    east, west = (
        int(rows["difference_lower"].gt(0).sum()),
        int(rows["difference_upper"].lt(0).sum()),
    )
    return {
        "year": last,
        "count": len(rows),
        "east": east,
        "west": west,
        "none": len(rows) - east - west,
        "least": signed(rows["difference"].min()),
        "most": signed(rows["difference"].max()),
    }


def trend_counts(edition: Edition, node: str = ROOT) -> dict[str, Any] | None:
    """Count by how many definitions the gap widens or narrows.

    Parameters
    ----------
    edition : Edition
        What is published.
    node : str
        Index or dimension.

    Returns
    -------
    dict[str, Any] or None
        ``first``, ``last``, ``count``, ``widening``, ``narrowing``, ``none``; None where there
        are too few years for a trend.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> trend_counts(sample_edition())["count"]
    4
    """
    trend = edition.study.gap.trend
    if not len(trend):
        return None
    rows = trend[trend["node"].eq(node) & trend["measure"].eq("difference")]
    if rows.empty:
        return None
    counts = {key: int(rows["direction"].eq(key).sum()) for key in ("widening", "narrowing")}
    return {
        "first": int(rows["first_year"].min()),
        "last": int(rows["last_year"].max()),
        "count": len(rows),
        **counts,
        "none": len(rows) - sum(counts.values()),
    }


def between_said(edition: Edition) -> str:
    """Say by how many definitions more inequality lies between the groups than by chance.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    str
        A sentence on the last year; empty where inequality is not defined.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> "between groups" in between_said(sample_edition())
    True
    """
    found, alpha = _between(edition), edition.study.settings.alpha
    if found.empty:
        return ""
    clear = found[found["between_p"] <= alpha]
    names = [edition.text(f"analysis.definition_{name}") for name in clear["definition"]]
    params = {"count": len(found), "alpha": f"{alpha:g}"}
    if not names:
        return say(edition, "gap.inequality_unclear", **params)
    told = listed(edition, names)
    return say(edition, "gap.inequality_clear", n=len(clear), names=told, **params)


def _between(edition: Edition) -> pd.DataFrame:
    """Return the inequality of the index in the last year, where it is defined."""
    years, last = edition.study.gap.years, max(edition.study.panel)
    found = years[years["node"].eq(ROOT) & years["year"].eq(last)]
    return found[found["theil"].notna() & found["between_share"].notna()]


def _groups(edition: Edition) -> Table | None:
    """Count the provinces of every side."""
    scored = edition.study.province.index.dropna().index
    rows = []
    for one in DEFINITIONS:
        groups = region_groups(edition.catalogue.regions[one.column], scored)
        east, west = int(groups.eq(one.east).sum()), int(groups.eq(one.west).sum())
        name = edition.text(f"analysis.definition_{one.id}")
        rows.append((name, str(east), str(west), str(len(scored) - east - west)))
    heads = ("definition", "east", "west", "other")
    return table(
        "gap-definitions",
        say(edition, "gap.groups_caption"),
        [
            (say(edition, f"gap.head_{head}"), "right" if at else "left")
            for at, head in enumerate(heads)
        ],
        rows,
    )


def _index(edition: Edition, pictures: Path) -> Section | None:
    shown = picture(
        pictures, "gap", caption=edition.text("maps.title_gap"), shows="gap", edition=edition
    )
    counts, trend = gap_counts(edition), trend_counts(edition)
    caption = edition.text("front.group_gap", year=counts["year"])
    made = grid_table("gap-index", caption, gap_grid(edition), words=1)
    pointing = say(edition, "gap.counts", **counts, see=see(edition, made, shown))
    if trend is not None:
        moved = say(edition, "gap.trend_counts", **trend)
    else:
        moved = counted(edition, "gap.no_trend", len(edition.study.panel))
    return section(
        "gap-index",
        say(edition, "gap.index"),
        paragraph(edition, pointing, moved),
        made,
        shown,
        note(edition, *gap_notes(edition)),
    )


def _dimensions(edition: Edition) -> Section | None:
    """Give the gap of every dimension by every definition."""
    nodes = edition.nodes("province")[1:]
    if not nodes:
        return None
    years, last = edition.study.gap.years, max(edition.study.panel)
    found = years[years["year"].eq(last)].to_dict("records")
    cells = {(row["node"], row["definition"]): row for row in found}
    rows = []
    for node in nodes:
        row = [edition.node_name("province", node)]
        for one in DEFINITIONS:
            if (node, one.id) not in cells:
                row.append(MISSING)
                continue
            cell = cells[node, one.id]
            row.append(
                say(
                    edition,
                    "gap.cell",
                    difference=signed(cell["difference"]),
                    lower=number(cell["difference_lower"]),
                    upper=number(cell["difference_upper"]),
                )
            )
        rows.append(row)
    heads = [edition.text(f"analysis.definition_{one.id}") for one in DEFINITIONS]
    made = table(
        "gap-dimensions",
        say(edition, "gap.dimensions_caption", year=last),
        [(say(edition, "gap.head_dimension"), "left"), *((head, "right") for head in heads)],
        rows,
        note=say(edition, "gap.dimensions_note"),
    )
    said = []
    for node in nodes:
        name = edition.node_name("province", node)
        said.append(say(edition, "gap.dimension", name=name, **gap_counts(edition, node)))
        trend = trend_counts(edition, node)
        if trend is not None:
            said[-1] += (" " if edition.text.lang == "en" else "") + say(
                edition, "gap.dimension_trend", name=name, **trend
            )
    return section(
        "gap-dimensions",
        say(edition, "gap.dimensions"),
        paragraph(edition, say(edition, "gap.dimensions_see", see=see(edition, made))),
        bullets(said),
        made,
    )


def _inequality(edition: Edition) -> Section | None:
    """Say how much of all inequality lies between the groups."""
    found, last = _between(edition), max(edition.study.panel)
    if found.empty:
        return None
    rows = [
        (
            edition.text(f"analysis.definition_{row['definition']}"),
            str(int(row["n"])),
            number(row["gini"], 3),
            number(row["theil"], 4),
            percent(row["between_share"]),
            p_cell(row["between_p"]),
        )
        for row in found.to_dict("records")
    ]
    heads = ("definition", "n", "gini", "theil", "between", "p")
    made = table(
        "gap-inequality",
        say(edition, "gap.inequality_caption", year=last),
        [
            (say(edition, f"gap.head_{head}"), "right" if at else "left")
            for at, head in enumerate(heads)
        ],
        rows,
        note=say(edition, "gap.inequality_note"),
    )
    return section(
        "gap-inequality",
        say(edition, "gap.inequality"),
        paragraph(
            edition,
            say(edition, "gap.inequality_lead", see=see(edition, made)),
            between_said(edition),
        ),
        made,
    )


def _contributions(edition: Edition) -> Section | None:
    """Say which indicators make the gap, where the index is a weighted sum."""
    title = say(edition, "gap.contributions")
    found = edition.study.contributions
    if found.empty:
        # Not a weighted sum: other means cannot be split without further assumptions.
        said = paragraph(edition, say(edition, "gap.not_additive"))
        return section("gap-contributions", title, said)
    first, last = DEFINITIONS[0], max(edition.study.panel)
    found = found[found["definition"].eq(first.id) & found["year"].eq(last)]
    names = {
        item.id: edition.text.of(item.name.model_dump())
        for item in edition.study.province.spec.indicator
    }
    order = found["contribution"].abs().sort_values(ascending=False, kind="stable").index
    rows = [
        (
            names[row["indicator"]],
            edition.node_name("province", row["dimension"]),
            number(row["mean_east"]),
            number(row["mean_west"]),
            signed(row["contribution"]),
        )
        for row in found.loc[order].head(_LISTED).to_dict("records")
    ]
    heads = ("indicator", "dimension", "mean_east", "mean_west", "contribution")
    definition = edition.text(f"analysis.definition_{first.id}")
    made = table(
        "gap-contributions",
        say(edition, "gap.contributions_caption", definition=definition, year=last),
        [(say(edition, f"gap.head_{head}"), "left" if at < 2 else "right")  # noqa: PLR2004
         for at, head in enumerate(heads)],
        rows,
        note=say(edition, "gap.contributions_note", k=len(rows)),
    )  # fmt: skip
    largest = [
        _largest(edition, found[found["contribution"] > 0], "gap.adding", names),
        _largest(edition, found[found["contribution"] < 0], "gap.taking", names),
    ]
    lead = say(
        edition,
        "gap.contributions_lead",
        definition=definition,
        year=last,
        total=signed(found["contribution"].sum()),
        see=see(edition, made),
    )
    return section("gap-contributions", title, paragraph(edition, lead, *largest), made)


def _largest(edition: Edition, rows: pd.DataFrame, key: str, names: dict[str, str]) -> str:
    if rows.empty:
        return ""
    order = rows["contribution"].abs().sort_values(ascending=False, kind="stable").index
    told = [
        say(edition, "gap.part", name=names[row["indicator"]], points=signed(row["contribution"]))
        for row in rows.loc[order].head(_NAMED).to_dict("records")
    ]
    return say(edition, key, names=listed(edition, told))


def _convergence(edition: Edition) -> Section | None:
    said = convergence_sentences(edition)
    if not said or len(edition.study.panel) == 1:
        return None
    return section(
        "gap-convergence",
        say(edition, "gap.convergence"),
        paragraph(edition, say(edition, "gap.convergence_lead")),
        bullets(said),
    )

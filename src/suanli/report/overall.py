"""Second chapter: the index of provinces."""

from pathlib import Path
from typing import Final

import pandas as pd

from suanli.analysis.gap import DEFINITIONS, region_groups
from suanli.diagnostics.decomposition import rank_changes
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.wording import gap_notes
from suanli.report.blocks import note, paragraph, picture, section, see, table
from suanli.report.document import Block, Section
from suanli.report.leading import TOP, intervals_said, leaders, leaders_said, leaders_table
from suanli.report.numerals import number, percent, signed, span
from suanli.report.phrases import counted, listed, say

__all__ = ["overall", "spread_said"]

_REGIONS: Final = ("east", "central", "west", "northeast")
_MOVERS: Final = 10


def overall(edition: Edition, pictures: Path) -> Section | None:
    """Report the index of provinces: who leads, by which dimensions, what changed.

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
    >>> [part.key for part in overall(sample_edition(), Path()).sections]
    ['overall-dimensions', 'overall-years']
    """
    name = edition.node_name("province", ROOT)
    shown = picture(
        pictures, "province-index", caption=edition.text("maps.title_province", name=name),
        shows="map", edition=edition,
    )  # fmt: skip
    chart = picture(
        pictures, "province-top10", caption=edition.text("maps.title_top10", name=name),
        shows="top", edition=edition,
    )  # fmt: skip
    made, ties = leaders_table(edition, "province", ROOT)
    return section(
        "overall",
        say(edition, "overall.title"),
        paragraph(edition, spread_said(edition, "province", see(edition, shown))),
        shown,
        paragraph(
            edition,
            leaders_said(edition, "province", ROOT, pointing=see(edition, made, chart)),
            ties,
            intervals_said(edition, "province", ROOT, shown=None),
            _regions_said(edition),
        ),
        made,
        chart,
        sections=[_dimensions(edition, pictures), _years(edition, pictures)],
    )


def spread_said(edition: Edition, level: str, pointing: str) -> str:
    """Say how many units are scored and how their index is spread.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    pointing : str
        References, put before the full stop.

    Returns
    -------
    str
        Sentences.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> spread_said(sample_edition(), "province", "")[:32]
    'In 2023, of 31 provinces 31 have'
    """
    scores = edition.study.province if level == "province" else edition.study.city
    known = scores.index.dropna()
    names = edition.unit_names(scores.spec.level, short=True)
    if known.empty:
        return say(edition, "nobody_scored", name=edition.node_name(scores.spec.level, ROOT))
    return say(
        edition,
        f"overall.spread_{level}",
        year=scores.spec.year,
        n=len(known),
        all=int(edition.boundaries.layer(scores.spec.level)["evaluated"].sum()),
        mean=number(known.mean()),
        median=number(known.median()),
        sd=number(known.std()),
        best=names[str(known.idxmax())],
        highest=number(known.max()),
        last=names[str(known.idxmin())],
        lowest=number(known.min()),
        see=pointing,
    )


def _regions_said(edition: Edition) -> str:
    """Say from which of the four regions the best come."""
    best = leaders(edition, "province", ROOT)
    column = edition.catalogue.regions[DEFINITIONS[0].column]
    groups = region_groups(column, best.index)
    scored = edition.study.province.index.dropna().index
    counts, of = groups.value_counts(), region_groups(column, scored).value_counts()
    parts = [
        say(edition, f"overall.region_{one}", n=int(counts.get(one, 0)), of=int(of[one]))
        for one in _REGIONS
        if one in of
    ]
    if not parts:
        return ""
    return say(edition, "overall.regions", k=len(best), parts=listed(edition, parts))


def _dimensions(edition: Edition, pictures: Path) -> Section | None:
    """Set the dimensions beside each other."""
    scores = edition.study.province
    nodes = edition.nodes("province")[1:]
    if not nodes:
        return None
    rows = []
    for node in nodes:
        known = scores.nodes[node].dropna()
        weight = scores.weights["overall"].get(node, float("nan"))
        rho = (
            known.corr(scores.index, method="spearman")
            if known.max() > known.min()
            else float("nan")
        )
        rows.append(
            (
                edition.node_name("province", node),
                percent(weight),
                str(len(known)),
                *(number(value) for value in (known.mean(), known.median(), known.std())),
                number(rho),
            )
        )
    heads = ("dimension", "weight", "n", "mean", "median", "sd", "rho")
    made = table(
        "dimensions",
        say(edition, "overall.dimensions_caption"),
        [
            (say(edition, f"overall.head_{head}"), "right" if at else "left")
            for at, head in enumerate(heads)
        ],
        rows,
        note=say(edition, "overall.dimensions_note"),
    )
    blocks = _dimension_pictures(edition, pictures)
    first = [leaders_said(edition, "province", node, intervals=False) for node in nodes]
    return section(
        "overall-dimensions",
        say(edition, "overall.dimensions"),
        paragraph(
            edition,
            *first,
            say(edition, "overall.dimensions_see", see=see(edition, made, *blocks)),
        ),
        made,
        *blocks,
    )


def _dimension_pictures(edition: Edition, pictures: Path) -> list[Block | None]:
    text = edition.text
    nodes = edition.nodes("province")[1:]
    names = {
        "first": edition.node_name("province", nodes[0]),
        "second": edition.node_name("province", nodes[-1]),
    }
    wanted = {
        "province-leaders": (say(edition, "overall.leaders_caption", k=TOP), "top"),
        "province-dimensions": (text("figures.title_dimensions_province"), "map"),
        "province-bivariate": (text("figures.title_bivariate_province", **names), "bivariate"),
    }
    return [
        picture(pictures, stem, caption=caption, shows=kind, edition=edition)
        for stem, (caption, kind) in wanted.items()
    ]


def _years(edition: Edition, pictures: Path) -> Section | None:
    """Compare the last year with the one before, and with what the ranks can bear."""
    panel = edition.study.panel
    years = sorted(panel)
    title = say(edition, "overall.years")
    if len(years) == 1:
        one = say(edition, "overall.one_year", year=years[0])
        return section("overall-years", title, paragraph(edition, one))
    name = edition.node_name("province", ROOT)
    shown = picture(
        pictures, "province-years",
        caption=edition.text("figures.title_years", name=name, first=years[0], last=years[-1]),
        shows="map", edition=edition,
    )  # fmt: skip
    changes = _changes(edition)
    beyond = changes["beyond"]
    moved = changes[changes["change"] != 0]
    order = moved["change"].abs().sort_values(ascending=False, kind="stable").index
    rows = [
        (
            str(row["name"]),
            f"{row['before']:g}",
            f"{row['after']:g}",
            signed(row["change"], 0 if row["change"] % 1 == 0 else 1),
            span(edition, row["low"], row["high"]),
            say(edition, f"overall.beyond_{'yes' if row['beyond'] else 'no'}"),
        )
        for row in moved.reindex(order).head(_MOVERS).to_dict("records")
    ]
    params = {"first": years[-2], "last": years[-1]}
    heads = ("unit", "before", "after", "change", "interval", "beyond")
    made = table(
        "rank-changes",
        say(edition, "overall.changes_caption", **params),
        [
            (say(edition, f"overall.head_{head}", **params), "right" if 0 < at < 5 else "left")  # noqa: PLR2004
            for at, head in enumerate(heads)
        ],
        rows,
        note=say(edition, "overall.changes_note", k=_MOVERS),
    )
    names = listed(edition, changes.loc[beyond, "short"]) if beyond.any() else ""
    verdict = (
        counted(edition, "overall.changed_beyond", int(beyond.sum()), names=names)
        if names
        else say(edition, "overall.changed_within")
    )
    return section(
        "overall-years",
        title,
        paragraph(
            edition,
            say(
                edition,
                "overall.changed",
                **params,
                up=int((changes["change"] > 0).sum()),
                down=int((changes["change"] < 0).sum()),
                same=int((changes["change"] == 0).sum()),
                see=see(edition, made, shown),
            ),
            verdict if len(moved) else "",
        ),
        made,
        shown,
        note(edition, say(edition, "overall.years_note"), *gap_notes(edition)),
    )


def _changes(edition: Edition) -> pd.DataFrame:
    """Return ranks of the last two years and whether the change leaves the interval.

    Ranks of the panel, and intervals of the year itself, are on two scales: only where the
    interval holds the last rank can it judge the one before.
    """
    table_ = rank_changes(edition.study.panel).set_index("code")
    first, last = sorted(edition.study.panel)[-2:]
    before = table_.loc[table_["year"] == first, "rank"]
    after = table_.loc[table_["year"] == last, "rank"]
    both = pd.DataFrame({"before": before, "after": after}).dropna()
    bounds = edition.ranks("province").of(ROOT)[["low", "high"]].reindex(both.index)
    both = both.join(bounds)
    both["change"] = both["before"] - both["after"]
    outside = (both["before"] < both["low"]) | (both["before"] > both["high"])
    both["beyond"] = outside & both["after"].between(both["low"], both["high"])
    both["name"] = edition.unit_names("province").reindex(both.index)
    both["short"] = edition.unit_names("province", short=True).reindex(both.index)
    return both.sort_values("after", kind="stable")

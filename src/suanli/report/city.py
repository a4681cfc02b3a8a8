"""The chapter on cities."""

from pathlib import Path
from typing import Final

from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.unit_cards import parents
from suanli.report.blocks import note, paragraph, picture, section, see
from suanli.report.document import Section
from suanli.report.leading import intervals_said, leaders, leaders_said, leaders_table
from suanli.report.overall import spread_said
from suanli.report.phrases import counted, listed, say

__all__ = ["city"]

_SEVERAL: Final = 2
_NAMED: Final = 20


def city(edition: Edition, pictures: Path) -> Section | None:
    """Report the scores of cities: who leads, by which parts, who has none.

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
    >>> city(sample_edition(), Path()).key
    'city'
    """
    text = edition.text
    name = edition.node_name("city", ROOT)
    shown = picture(
        pictures, "city-index", caption=text("maps.title_city", name=name),
        shows="map", edition=edition,
    )  # fmt: skip
    chart = picture(
        pictures, "city-top10", caption=text("maps.title_top10", name=name),
        shows="top", edition=edition,
    )  # fmt: skip
    made, ties = leaders_table(edition, "city", ROOT)
    parts = [
        leaders_said(edition, "city", node, intervals=False) for node in edition.nodes("city")[1:]
    ]
    return section(
        "city",
        say(edition, "city.title"),
        note(edition, text.of(edition.study.city.spec.note.model_dump())),
        paragraph(
            edition, spread_said(edition, "city", see(edition, shown)), _unscored_said(edition)
        ),
        shown,
        paragraph(
            edition,
            leaders_said(edition, "city", ROOT, pointing=see(edition, made, chart)),
            ties,
            intervals_said(edition, "city", ROOT, shown=None),
            _provinces_said(edition),
        ),
        made,
        chart,
        paragraph(edition, say(edition, "city.parts") if parts else "", *parts),
    )


def _unscored_said(edition: Edition) -> str:
    layer = edition.boundaries.city
    scores = edition.study.city.index.reindex(layer.index[layer["evaluated"]])
    gone = scores.index[scores.isna()]
    if gone.empty:
        return ""
    names = edition.unit_names("city", short=True).reindex(gone)
    if len(gone) > _NAMED:
        return say(edition, "city.unscored_many", n=len(gone))
    return counted(edition, "city.unscored", len(gone), names=listed(edition, names))


def _provinces_said(edition: Edition) -> str:
    """Say which provinces have several of the best cities."""
    best = leaders(edition, "city", ROOT)
    of = parents(edition.boundaries.city).reindex(best.index)
    counts = of.value_counts()
    several = counts[counts >= _SEVERAL]
    names = edition.unit_names("province", short=True)
    told = [
        say(edition, "city.of_province", name=names[code], n=int(several[code]))
        for code in dict.fromkeys(of)
        if code in several.index and code in names.index
    ]
    if not told:
        return say(edition, "city.provinces_all", k=len(best))
    return say(edition, "city.provinces", k=len(best), names=listed(edition, told))

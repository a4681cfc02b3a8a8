"""The abstract: the main findings, each with how sure it is."""

from typing import Final

from suanli.analysis.conclusion import spatial_conclusions
from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.finding import gap_change_sentences, gap_scale_said
from suanli.report.agreement import closest_said
from suanli.report.background import is_doubted
from suanli.report.blocks import bullets, note
from suanli.report.document import Block
from suanli.report.gap import between_said, gap_counts, trend_counts
from suanli.report.hubs import neighbours_verdict
from suanli.report.leading import TOP, leaders_said, standing
from suanli.report.numerals import percent
from suanli.report.phrases import counted, inside, joined, listed, say
from suanli.report.robustness import width_said
from suanli.report.sources import unmeasured

__all__ = ["abstract"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")


def abstract(edition: Edition) -> tuple[Block, ...]:
    """Say the main findings in a few sentences, with what cannot be shown.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    tuple[Block, ...]
        A list of findings, then what the report is not.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [len(block.items) for block in abstract(sample_edition())[:1]]
    [7]
    """
    said = [
        _first(edition, "province"),
        _dimensions(edition),
        _first(edition, "city"),
        _gap(edition),
        _clusters(edition),
        _hubs(edition),
        _limits(edition),
    ]
    beware = note(
        edition, say(edition, "background.not_theirs"), edition.text("front.caveat_drawn")
    )
    return tuple(block for block in (bullets(said), beware) if block is not None)


def _first(edition: Edition, level: Level) -> str:
    """Say who leads a level and how far its ranks can be trusted."""
    units = standing(edition, level, ROOT)
    if units.empty:
        return leaders_said(edition, level, ROOT)
    if not is_doubted(edition, level):
        nothing = say(edition, "background.drawn_nothing")
        return joined(edition, [leaders_said(edition, level, ROOT), nothing])
    best = units.iloc[0]
    first = say(edition, "abstract.first", name=best["short"], share=percent(best["first_share"]))
    within = int(units.head(TOP)["high"].le(TOP).sum())
    return joined(
        edition,
        [
            leaders_said(edition, level, ROOT),
            first,
            width_said(edition, level),
            counted(edition, "abstract.within", within, k=TOP),
        ],
    )


def _dimensions(edition: Edition) -> str:
    """Name the first of every dimension."""
    parts = []
    for node in edition.nodes("province")[1:]:
        units = standing(edition, "province", node)
        best = units[units["place"] == 1]
        if best.empty:
            continue
        name = edition.node_name("province", node)
        parts.append(
            say(edition, "abstract.leads", node=name, names=listed(edition, best["short"]))
        )
    return say(edition, "abstract.dimensions", parts=listed(edition, parts)) if parts else ""


def _gap(edition: Edition) -> str:
    trend = trend_counts(edition)
    moved = (
        counted(edition, "gap.no_trend", len(edition.study.panel))
        if trend is None
        else say(edition, "gap.trend_counts", **trend)
    )
    counts = say(edition, "gap.counts", **gap_counts(edition), see="")
    since = gap_change_sentences(edition)
    said = [counts, moved, *since, between_said(edition), gap_scale_said(edition)]
    return joined(edition, [*said, say(edition, "abstract.gap")])


def _clusters(edition: Edition) -> str:
    study, text = edition.study, edition.text
    kept = {
        level: sum(x.inference == "kept" for x in edition.scores(level).spec.indicator)
        for level in _LEVELS
    }
    said = [say(edition, "abstract.clusters", **kept)]
    for level, pattern in (("province", study.province_pattern), ("city", study.city_pattern)):
        sentences = joined(edition, [text(x.key, **x.params) for x in spatial_conclusions(pattern)])
        said.append(text("front.at_level", level=text(f"home.level_{level}"), sentence=sentences))
    return joined(edition, said)


def _hubs(edition: Edition) -> str:
    return joined(edition, [say(edition, "abstract.hubs"), neighbours_verdict(edition)])


def _limits(edition: Edition) -> str:
    """Say how far published lists agree, and that no physical quantity is measured."""
    missing = unmeasured(edition, "province")
    said = (
        say(edition, "abstract.unmeasured", names=listed(edition, inside(edition, missing[:3])))
        if missing
        else ""
    )
    return joined(edition, [closest_said(edition), said])

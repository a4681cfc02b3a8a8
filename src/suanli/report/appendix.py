"""The appendix: every score, who counts as east and west, how the run was made."""

import math
from pathlib import Path
from typing import Final

from suanli import __version__
from suanli.analysis.gap import DEFINITIONS, region_groups
from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.report.blocks import paragraph, section, see, table
from suanli.report.document import Section, Table
from suanli.report.leading import standing
from suanli.report.numerals import MISSING, number, span
from suanli.report.phrases import listed, say

__all__ = ["appendix"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")


def appendix(edition: Edition, pictures: Path) -> Section | None:  # noqa: ARG001 - as all chapters
    """List every score, the groups of the gap, and the settings of the run.

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
    >>> made = appendix(sample_edition(), Path())
    >>> [len(part.blocks[1].rows) for part in made.sections[:2]]
    [31, 337]
    """
    return section(
        "appendix",
        say(edition, "appendix.title"),
        sections=[
            *(_scores(edition, level) for level in _LEVELS),
            _groups(edition),
            _record(edition),
        ],
    )


def _scores(edition: Edition, level: Level) -> Section | None:
    made = _score_table(edition, level)
    return section(
        f"scores-{level}",
        say(edition, f"appendix.scores_{level}"),
        paragraph(edition, say(edition, "appendix.scores_lead", see=see(edition, made))),
        made,
    )


def _score_table(edition: Edition, level: Level) -> Table | None:
    scores = edition.scores(level)
    nodes = edition.nodes(level)[1:]
    units = standing(edition, level, ROOT)
    layer = edition.boundaries.layer(level)
    codes = [*units.index, *layer.index[layer["evaluated"]].difference(units.index)]
    names = edition.unit_names(level)
    below, ranks = scores.nodes.reindex(codes), scores.ranks.reindex(codes)
    ends = units[["rank", "low", "high"]].reindex(codes).to_dict("index")
    rows = []
    for code in codes:
        rank, low, high = ends[code]["rank"], ends[code]["low"], ends[code]["high"]
        rows.append(
            (
                MISSING if math.isnan(rank) else f"{rank:g}",
                str(names[code]),
                number(below[ROOT][code]),
                span(edition, low, high),
                *(_with_rank(edition, below[node][code], ranks[node][code]) for node in nodes),
            )
        )
    columns = [
        (say(edition, "rank_head"), "right"),
        (say(edition, f"unit_head_{level}"), "left"),
        (say(edition, "appendix.index"), "right"),
        (say(edition, "interval_head"), "right"),
        *((edition.node_name(level, node), "right") for node in nodes),
    ]
    return table(
        f"scores-{level}",
        say(edition, f"appendix.scores_caption_{level}", year=scores.spec.year),
        columns,
        rows,
        note=say(edition, "appendix.scores_note", missing=MISSING),
    )


def _with_rank(edition: Edition, score: float, rank: float) -> str:
    if math.isnan(score):
        return MISSING
    return say(edition, "appendix.score_rank", score=number(score), rank=f"{rank:g}")


def _groups(edition: Edition) -> Section | None:
    """Name the provinces of every side of every definition."""
    scored = edition.study.province.index.dropna().index
    names = edition.unit_names("province", short=True)
    rows = []
    for one in DEFINITIONS:
        groups = region_groups(edition.catalogue.regions[one.column], scored)
        for side, group in (("east", one.east), ("west", one.west)):
            codes = groups.index[groups == group]
            if len(codes):
                rows.append(
                    (
                        edition.text(f"analysis.definition_{one.id}"),
                        say(edition, f"appendix.{side}"),
                        str(len(codes)),
                        listed(edition, names.reindex(codes)),
                    )
                )
    heads = (("definition", "left"), ("side", "left"), ("count", "right"), ("members", "left"))
    return section(
        "groups",
        say(edition, "appendix.groups"),
        table(
            "groups",
            say(edition, "appendix.groups_caption"),
            [(say(edition, f"appendix.head_{head}"), align) for head, align in heads],
            rows,
        ),
    )


def _record(edition: Edition) -> Section | None:
    """Give what is needed to make the same again."""
    settings, text = edition.study.settings, edition.text
    specs = [edition.scores(level).spec for level in _LEVELS]
    replicates = [str(edition.ranks(level).replicates) for level in _LEVELS]
    rows = [
        (text("home.record_version"), __version__),
        (text("home.record_profiles"), " · ".join(f"{spec.id} ({spec.year})" for spec in specs)),
        (text("home.record_seed"), str(settings.seed)),
        (text("home.record_permutations"), str(settings.permutations)),
        (text("home.record_redraws"), str(settings.redraws)),
        (text("home.record_replicates"), " · ".join(replicates)),
        (text("home.record_alpha"), f"{settings.alpha:g}"),
    ]
    return section(
        "record",
        say(edition, "appendix.record"),
        table(
            "record",
            text("home.record"),
            [
                (say(edition, "appendix.head_item"), "left"),
                (say(edition, "appendix.head_value"), "left"),
            ],
            rows,
        ),
    )

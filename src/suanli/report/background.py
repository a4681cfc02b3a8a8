"""First chapter: what is evaluated, by which system, how."""

from pathlib import Path
from typing import Final

import pandas as pd

from suanli.boundaries import Level
from suanli.profile import ROOT, Indicator
from suanli.publish.edition import Edition
from suanli.publish.front_parts import evaluated
from suanli.report.blocks import bullets, grid_table, note, paragraph, section, see, table
from suanli.report.document import Section
from suanli.report.numerals import MISSING, percent
from suanli.report.phrases import counted, inside, joined, listed, say

__all__ = ["background", "is_doubted"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")


def background(edition: Edition, pictures: Path) -> Section | None:  # noqa: ARG001 - as all chapters
    """Say what is evaluated, what it is not, by which indicators and how.

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
    >>> [part.key for part in background(sample_edition(), Path()).sections]
    ['system-province', 'system-city']
    """
    catalogue = edition.catalogue
    made = grid_table(
        "evaluated", say(edition, "background.evaluated"), evaluated(edition), words=6
    )
    theirs = catalogue.published[catalogue.published["family"] == "comprehensive"]
    context = say(
        edition,
        "background.context",
        hubs=catalogue.hubs["hub"].nunique(),
        clusters=len(catalogue.hubs),
        cities=len(catalogue.hub_cities),
    )
    first = say(edition, "background.institute", first=theirs["year"].min()) if len(theirs) else ""
    return section(
        "background",
        say(edition, "background.title"),
        paragraph(edition, context, first),
        paragraph(
            edition,
            *(_levels_said(edition, level) for level in _LEVELS),
            say(edition, "background.see", see=see(edition, made)),
        ),
        made,
        note(
            edition,
            say(edition, "background.not_theirs"),
            *(_noted(edition, level) for level in _LEVELS),
            edition.text("front.caveat_drawn"),
        ),
        sections=[_system(edition, level) for level in _LEVELS],
    )


def is_doubted(edition: Edition, level: Level) -> bool:
    """Tell whether the profile of a level calls any other choice as defensible as its own.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    bool
        False where intervals of ranks are the ranks themselves.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> is_doubted(sample_edition(), "province")
    True
    """
    said = edition.scores(level).spec.uncertainty
    return bool(said.choice or said.omit or said.weights.distribution != "fixed")


def _noted(edition: Edition, level: Level) -> str:
    """Say of which profile a note is: two in a row would pass for one."""
    said = edition.text.of(edition.scores(level).spec.note.model_dump())
    if not said:
        return ""
    head = edition.text(f"home.level_{level}")
    return edition.text("front.at_level", level=head, sentence=said)


def _levels_said(edition: Edition, level: Level) -> str:
    names = [edition.node_name(level, node) for node in edition.nodes(level)[1:]]
    if not names:
        return ""
    return counted(edition, f"background.parts_{level}", len(names), names=listed(edition, names))


def _system(edition: Edition, level: Level) -> Section | None:
    """Give the indicators of a level and the way from them to the index."""
    scores = edition.scores(level)
    spec = scores.spec
    names = {ROOT: edition.node_name(level, ROOT)}
    names |= {item.id: edition.text.of(item.name.model_dump()) for item in spec.dimension}
    tops = {item.id: _path(edition, level, item) for item in spec.indicator}
    weights = scores.weights["overall"]
    rows = [
        (
            names[tops[item.id][0]],
            names[item.parent] if item.parent != tops[item.id][0] else MISSING,
            edition.text.of(item.name.model_dump()),
            say(edition, f"background.direction_{item.direction}"),
            MISSING if pd.isna(weights[item.id]) else f"{weights[item.id]:.1%}",
        )
        for item in spec.indicator
    ]
    heads = ("dimension", "part", "indicator", "direction", "weight")
    made = table(
        f"system-{level}",
        say(edition, f"background.system_{level}"),
        [
            (say(edition, f"background.head_{head}"), "right" if head == "weight" else "left")
            for head in heads
        ],
        rows,
        note=say(edition, "background.system_note"),
    )
    said = say(edition, "background.system_said", n=len(rows), see=see(edition, made))
    return section(
        f"system-{level}",
        say(edition, f"background.level_{level}"),
        paragraph(edition, said, _excluded_said(edition, level), _shared_said(edition, level)),
        made,
        paragraph(edition, say(edition, "background.steps")),
        bullets(_steps(edition, level)),
    )


def _excluded_said(edition: Edition, level: Level) -> str:
    """Say how much weight lies on indicators that spatial tests leave out."""
    scores = edition.scores(level)
    out = [item.id for item in scores.spec.indicator if item.inference == "excluded"]
    weight = scores.weights["overall"].reindex(out)
    if not out or weight.isna().any():
        return ""
    return counted(edition, "background.excluded", len(out), weight=percent(weight.sum()))


def _shared_said(edition: Edition, level: Level) -> str:
    """Name indicators computed from the same figures: they weigh twice."""
    same: dict[tuple[str, str], list[str]] = {}
    for item in edition.scores(level).spec.indicator:
        formula = (item.value or item.id, item.denominator)
        same.setdefault(formula, []).append(edition.text.of(item.name.model_dump()))
    return joined(
        edition,
        [
            say(edition, "background.shared", names=listed(edition, inside(edition, names)))
            for names in same.values()
            if len(names) > 1
        ],
    )


def _path(edition: Edition, level: Level, item: Indicator) -> tuple[str, ...]:
    """Return the nodes above an indicator, the one right below the index first."""
    parents = {node.id: node.parent for node in edition.scores(level).spec.dimension}
    path = [item.parent]
    while path[0] in parents and parents[path[0]] != ROOT:
        path.insert(0, parents[path[0]])
    return tuple(path)


def _steps(edition: Edition, level: Level) -> list[str]:
    spec = edition.scores(level).spec
    method = spec.method
    logged = sum(item.transform == "log" for item in spec.indicator)
    text = edition.text
    filled = [text(f"methods.impute.{name}.title") for name in method.impute]
    ways = {
        stage: text(f"methods.{stage}.{getattr(method, stage)}.title")
        for stage in ("normalise", "weight", "aggregate", "treat")
        if text.has(f"methods.{stage}.{getattr(method, stage)}.title")
    }
    ways = dict(zip(ways, inside(edition, ways.values()), strict=True))
    return [
        say(edition, f"background.screen_{method.screen}", share=percent(method.coverage)),
        say(
            edition,
            "background.impute",
            names=listed(edition, inside(edition, filled)),
            reach=method.impute_reach,
        )
        if filled
        else say(edition, "background.impute_none"),
        counted(edition, "background.log", logged) if logged else "",
        *(
            say(edition, f"background.{stage}", name=ways[stage])
            for stage in ("treat", "normalise", "weight", "aggregate")
            if stage in ways
        ),
        say(edition, f"background.ties_{method.ties}"),
        _doubt(edition, level),
        say(edition, "background.tests", tests=edition.tests_note()),
    ]


def _doubt(edition: Edition, level: Level) -> str:
    """Say what is drawn for the intervals of ranks."""
    if not is_doubted(edition, level):
        return say(edition, "background.drawn_nothing")
    said, text = edition.scores(level).spec.uncertainty, edition.text
    drawn = []
    if said.weights.distribution != "fixed":
        drawn.append(
            say(
                edition,
                f"background.drawn_{said.weights.distribution}",
                share=percent(said.weights.spread),
                sum=f"{said.weights.concentration:g}",
            )
        )
    named = [f"shown.factor.{one.name}" for one in said.choice]
    drawn += inside(
        edition, [text(key) if text.has(key) else key.rpartition(".")[2] for key in named]
    )
    if said.omit:
        drawn.append(say(edition, "background.drawn_omit", share=percent(said.omit)))
    low, high = said.interval
    return say(
        edition,
        "background.drawn",
        names=listed(edition, drawn),
        replicates=edition.ranks(level).replicates,
        share=f"{high - low:.0%}",
    )

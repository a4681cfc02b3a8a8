"""The chapter on the data: where they come from, what is missing, what is not measured."""

from pathlib import Path
from typing import Final

import pandas as pd

from suanli.boundaries import Level
from suanli.diagnostics.screening import withheld_dimensions
from suanli.profile import Indicator, list_profiles, load_profile
from suanli.publish.edition import Edition
from suanli.publish.front_parts import sourced
from suanli.publish.measures import unit_text
from suanli.publish.wording import caveats
from suanli.report.blocks import bullets, note, paragraph, section, see, table
from suanli.report.document import Section, Table
from suanli.report.numerals import MISSING
from suanli.report.phrases import counted, inside, joined, listed, say

__all__ = ["data", "unmeasured"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_QUALITIES: Final = ("A", "B", "C")
_NAMED: Final = 30


def data(edition: Edition, pictures: Path) -> Section | None:  # noqa: ARG001 - as all chapters
    """Say what the numbers rest on and what they cannot say.

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
    >>> [part.key for part in data(sample_edition(), Path()).sections]
    ['data-indicators', 'data-missing', 'data-unmeasured', 'data-caveats']
    """
    return section(
        "data",
        say(edition, "data.title"),
        sections=[
            _indicators(edition),
            _missing(edition),
            _unmeasured(edition),
            section(
                "data-caveats",
                say(edition, "data.caveats"),
                bullets([*caveats(edition), *edition.notes()]),
            ),
        ],
    )


def _indicators(edition: Edition) -> Section | None:
    """List every indicator with unit, status, sources; then the sources."""
    made = [_status_table(edition, level) for level in _LEVELS]
    listed_sources = _sources(edition)
    return section(
        "data-indicators",
        say(edition, "data.indicators"),
        paragraph(
            edition, say(edition, "data.indicators_lead", see=see(edition, *made, listed_sources))
        ),
        *made,
        listed_sources,
    )


def _status_table(edition: Edition, level: Level) -> Table | None:
    spec = edition.scores(level).spec
    heads = ("indicator", "unit", "status", "quality", "source", "tested")
    rows = [
        (
            edition.text.of(item.name.model_dump()),
            MISSING if item.unit == "1" else unit_text(item.unit, edition.text),
            say(edition, f"data.status_{item.status}"),
            _quality(edition, level, item),
            item.source.replace(" ", ", "),
            say(edition, f"data.inference_{item.inference}"),
        )
        for item in spec.indicator
    ]
    return table(
        f"status-{level}",
        say(edition, f"data.status_caption_{level}"),
        [(say(edition, f"data.head_{head}"), "left") for head in heads],
        rows,
        note=say(edition, "data.status_note"),
    )


def _quality(edition: Edition, level: Level, item: Indicator) -> str:
    """Name the qualities of the values an indicator is computed from."""
    spec = edition.scores(level).spec
    values = edition.catalogue.province if level == "province" else edition.catalogue.city
    cells = values.cells
    year = item.year or spec.year
    used = cells[cells["indicator"].isin(spec.inputs(item)) & cells["year"].isin([year, 0])]
    found = set(used["quality"])
    kinds = [kind for kind in _QUALITIES if kind in found]
    other = [say(edition, "data.quality_user")] if found - set(_QUALITIES) else []
    return listed(edition, [*kinds, *other]) if kinds or other else MISSING


def _sources(edition: Edition) -> Table | None:
    """List the sources with the identifiers the indicators name."""
    heads = [(say(edition, "data.head_id"), "left")]
    heads += [
        (edition.text(f"home.head_{head}"), "right" if head == "values" else "left")
        for head in ("source", "values", "years", "licence")
    ]
    return table("sources", say(edition, "data.sources_caption"), heads, sourced(edition))


def _missing(edition: Edition) -> Section | None:
    return section(
        "data-missing",
        say(edition, "data.missing"),
        bullets(said for level in _LEVELS for said in _gaps(edition, level)),
    )


def _gaps(edition: Edition, level: Level) -> list[str]:
    """Say of one level what was missing, what was filled, and who is not scored."""
    scores = edition.scores(level)
    ids = [item.id for item in scores.spec.indicator]
    layer = edition.boundaries.layer(level)
    units = layer.index[layer["evaluated"]].intersection(scores.stages["derived"].index)
    known = scores.stages["derived"].loc[units, ids].notna()
    filled = scores.imputed.reindex(units)[ids].fillna("")
    methods = pd.Series(filled.to_numpy().ravel())
    counts = methods[methods != ""].value_counts()
    names = [
        say(edition, "data.filled_by", name=_method(edition, str(way)), n=int(n))
        for way, n in counts.items()
    ]
    empty = int((~known.to_numpy() & (filled.to_numpy() == "")).sum())
    said = [
        say(
            edition,
            "data.cells",
            cells=known.size,
            known=int(known.to_numpy().sum()),
        ),
        say(edition, "data.filled", names=listed(edition, names))
        if names
        else say(edition, "data.filled_none"),
        counted(edition, "data.empty", empty) if empty else "",
        _treated(edition, level),
        _withheld(edition, level),
    ]
    level_name = edition.text(f"home.level_{level}")
    return [edition.text("front.at_level", level=level_name, sentence=joined(edition, said))]


def _method(edition: Edition, way: str) -> str:
    (name,) = inside(edition, [edition.text(f"methods.impute.{way}.title")])
    return name


def _treated(edition: Edition, level: Level) -> str:
    changed = edition.scores(level).winsorised
    if changed.empty:
        return say(edition, "data.treated_none")
    return counted(edition, "data.treated", len(changed), of=changed["indicator"].nunique())


def _withheld(edition: Edition, level: Level) -> str:
    """Name who has no index, and who lacks the score of a dimension."""
    scores, names = edition.scores(level), edition.unit_names(level, short=True)
    layer = edition.boundaries.layer(level)
    index = scores.index.reindex(layer.index[layer["evaluated"]])
    gone = list(index.index[index.isna()])
    least = f"{scores.spec.method.coverage:.0%}"
    said = []
    if gone:
        told = listed(edition, names.reindex(gone[:_NAMED]))
        said.append(counted(edition, "data.withheld", len(gone), names=told, least=least))
    partly = withheld_dimensions(scores)
    for node, rows in partly.groupby("node", sort=False):
        codes = [code for code in rows["code"] if code not in gone]
        if codes:
            told = listed(edition, names.reindex(codes[:_NAMED]))
            name = edition.node_name(level, str(node))
            said.append(
                counted(edition, "data.partly", len(codes), node=name, names=told, least=least)
            )
    return joined(edition, said)


def unmeasured(edition: Edition, level: Level) -> list[str]:
    """Name the physical quantities no indicator of a level measures.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    list[str]
        Names of those that shipped profiles have room for and this evaluation is without.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> unmeasured(sample_edition(), "province")[0]
    'Standard racks in use'
    """
    used = {item.id for item in edition.scores(level).spec.indicator}
    specs = [load_profile(name) for name in list_profiles()]
    found = [
        edition.text.of(item.name.model_dump())
        for spec in specs
        if spec.level == level
        for item in spec.indicator
        if item.optional and item.id not in used
    ]
    return list(dict.fromkeys(found))


def _unmeasured(edition: Edition) -> Section | None:
    said = []
    for level in _LEVELS:
        names = unmeasured(edition, level)
        if names:
            told = listed(edition, inside(edition, names))
            sentence = say(edition, "data.unmeasured_names", names=told)
            head = edition.text(f"home.level_{level}")
            said.append(edition.text("front.at_level", level=head, sentence=sentence))
    if not said:
        return None
    return section(
        "data-unmeasured",
        say(edition, "data.unmeasured"),
        paragraph(edition, say(edition, "data.unmeasured_lead")),
        bullets(said),
        note(edition, say(edition, "data.unmeasured_note")),
    )

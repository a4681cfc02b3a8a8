"""The report of an edition, chapter by chapter."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from suanli import __version__
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.report.abstract import abstract
from suanli.report.agreement import agreement
from suanli.report.appendix import appendix
from suanli.report.background import background
from suanli.report.city import city
from suanli.report.clusters import clusters
from suanli.report.dimension import dimension
from suanli.report.document import Document, Section
from suanli.report.gap import gap
from suanli.report.hubs import hubs
from suanli.report.numerals import tidied
from suanli.report.overall import overall
from suanli.report.phrases import say
from suanli.report.robustness import robustness
from suanli.report.sources import data

__all__ = ["report_of"]

Chapter = Callable[[Edition, Path], Section | None]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_BEFORE: Final[tuple[Chapter, ...]] = (background, overall)
_AFTER: Final[tuple[Chapter, ...]] = (
    city,
    clusters,
    gap,
    hubs,
    robustness,
    agreement,
    data,
    appendix,
)


def report_of(edition: Edition, *, pictures: Path) -> Document:
    """Write the report of an edition.

    Parameters
    ----------
    edition : Edition
        What is reported.
    pictures : pathlib.Path
        Folder of the run's figures; one that is missing is left out with its references.

    Returns
    -------
    Document
        Abstract, chapters and appendix: every figure in it is computed from the edition.

    Raises
    ------
    InputError
        The data do not allow what the profiles ask for.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> report = report_of(sample_edition(), pictures=Path("nowhere"))
    >>> [chapter.key for chapter in report.sections][:3]
    ['background', 'overall', 'dimension-compute']
    """
    made = (chapter(edition, pictures) for chapter in _chapters(edition))
    document = Document(
        lang=edition.text("maps.lang_tag"),
        title=say(edition, "title"),
        subtitle=_subtitle(edition),
        facts=tuple(_facts(edition)),
        abstract=abstract(edition),
        sections=tuple(chapter for chapter in made if chapter is not None),
    )
    tidy: Document = tidied(document)
    return tidy


def _chapters(edition: Edition) -> Iterator[Chapter]:
    """Yield the chapters; one for each dimension the profile has."""
    yield from _BEFORE
    for node in edition.nodes("province")[1:]:
        yield partial(dimension, node=node)
    yield from _AFTER


def _subtitle(edition: Edition) -> str:
    years = {level: edition.scores(level).spec.year for level in _LEVELS}
    if len(set(years.values())) == 1:
        return say(edition, "subtitle", year=years["province"])
    return say(edition, "subtitle_years", **years)


def _facts(edition: Edition) -> Iterator[tuple[str, str]]:
    text = edition.text
    for level in _LEVELS:
        spec = edition.scores(level).spec
        said = say(edition, "fact.profile", title=text.of(spec.title.model_dump()), year=spec.year)
        yield say(edition, f"fact.{level}"), said
    yield say(edition, "fact.nature"), say(edition, "fact.ours")
    yield say(edition, "fact.version"), say(edition, "fact.made_by", version=__version__)
    if edition.approval_number:
        yield say(edition, "fact.approval"), edition.approval_number
    else:
        yield say(edition, "fact.approval"), say(edition, "fact.no_approval")

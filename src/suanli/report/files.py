"""The files of the report and of briefs."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.figures import write_figures
from suanli.report.brief import brief_of
from suanli.report.document import Document
from suanli.report.page import write_page
from suanli.report.pdf import write_pdf
from suanli.report.word import write_word
from suanli.text import Text

__all__ = ["EVERY_FORMAT", "FORMATS", "write_brief", "write_report"]

_WRITERS: Final[Mapping[str, Callable[[Document, Text, Path], None]]] = {
    "html": write_page,
    "docx": write_word,
    "pdf": write_pdf,
}
EVERY_FORMAT: Final = tuple(_WRITERS)
FORMATS: Final = ("html", "docx")
"""Formats a run writes; PDF takes an extra."""

_UNSAFE: Final = re.compile(r"[\W_]+")
_LONGEST: Final = 40


def write_report(
    edition: Edition, folder: Path, *, pictures: Path | None, formats: Sequence[str] = FORMATS
) -> list[Path]:
    """Write the report of an edition.

    Parameters
    ----------
    edition : Edition
        What is reported.
    folder : pathlib.Path
        Where to write.
    pictures : pathlib.Path, optional
        Folder of the figures; they are drawn for the report alone when absent.
    formats : Sequence[str]
        Of :data:`EVERY_FORMAT`.

    Returns
    -------
    list[pathlib.Path]
        The files written, such as ``report.docx``.

    Raises
    ------
    InputError
        PDF is asked for and typst is not installed.
    OSError
        The files cannot be written.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> folder = Path(tempfile.mkdtemp())
    >>> paths = write_report(sample_edition(), folder, pictures=folder, formats=["docx"])
    >>> [path.name for path in paths]
    ['report.docx']
    """
    # The chapters ask everything; briefs do not.
    from suanli.report.chapters import report_of  # noqa: PLC0415

    if pictures is not None:
        return _written(report_of(edition, pictures=pictures), edition, folder / "report", formats)
    with tempfile.TemporaryDirectory(prefix="suanli-") as drawn:
        write_figures(edition, Path(drawn))
        document = report_of(edition, pictures=Path(drawn))
        return _written(document, edition, folder / "report", formats)


def write_brief(
    edition: Edition,
    level: Level,
    code: str,
    folder: Path,
    *,
    formats: Sequence[str] = FORMATS,
    deep: bool = False,
) -> list[Path]:
    """Write the brief of a unit.

    Parameters
    ----------
    edition : Edition
        What is reported.
    level : {"province", "city"}
        The level of the unit.
    code : str
        An evaluated unit.
    folder : pathlib.Path
        Where to write.
    formats : Sequence[str]
        Of :data:`EVERY_FORMAT`.
    deep : bool, default False
        See :func:`suanli.report.brief.brief_of`.

    Returns
    -------
    list[pathlib.Path]
        The files written, such as ``520000_贵州省.docx``.

    Raises
    ------
    InputError
        PDF is asked for and typst is not installed.
    OSError
        The files cannot be written.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> out = Path(tempfile.mkdtemp())
    >>> [path.name for path in write_brief(sample_edition(), "province", "520000", out)]
    ['520000_Guizhou.html', '520000_Guizhou.docx']
    """
    document = brief_of(edition, level, code, deep=deep)
    # A layer of the user's own may call its units anything.
    name = _UNSAFE.sub("-", str(edition.unit_names(level)[code])).strip("-")[:_LONGEST]
    return _written(document, edition, folder / f"{code}_{name}".rstrip("_"), formats)


def _written(
    document: Document, edition: Edition, base: Path, formats: Sequence[str]
) -> list[Path]:
    paths = []
    for kind in formats:
        path = base.with_name(f"{base.name}.{kind}")
        _WRITERS[kind](document, edition.text, path)
        paths.append(path)
    return paths

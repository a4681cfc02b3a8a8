"""The files a front page offers, and with what they were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from geo.storage import file_sha256
from suanli.boundaries import Level
from suanli.publish.edition import Edition

__all__ = ["Download", "downloads", "record"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file beside the page.

    Attributes
    ----------
    path : str
        Relative address.
    about : str
        What it holds.
    size : str
        Kilobytes or megabytes; empty where the file is not there yet.
    digest : str
        First digits of its SHA-256; empty likewise.
    """

    path: str
    about: str
    size: str = ""
    digest: str = ""


def downloads(folder: Path, files: Sequence[tuple[str, str]]) -> list[Download]:
    """List files to download, with size and hash of those that are there.

    Parameters
    ----------
    folder : pathlib.Path
        The folder of the page.
    files : Sequence[tuple[str, str]]
        Relative paths, and what they hold.

    Returns
    -------
    list[Download]
        In the same order.

    Examples
    --------
    >>> downloads(Path(), [("../gis/none.gpkg", "nothing")])[0].size
    ''
    """
    found = []
    for path, about in files:
        target = folder / path
        there = target.is_file()
        found.append(
            Download(
                path=path,
                about=about,
                size=_size(target.stat().st_size) if there else "",
                digest=file_sha256(target)[:_DIGITS] if there else "",
            )
        )
    return found


def _size(count: int) -> str:
    # Thousands, as the programs of an office show them.
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"  # noqa: PLR2004


def record(edition: Edition) -> list[tuple[str, str]]:
    """Say with what the run was made, as far as it is known before its record is written.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    list[tuple[str, str]]
        Version, profiles, seed, numbers of draws, hashes of the boundaries.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> dict(record(sample_edition()))["Permutations of spatial tests"]
    '99'
    """
    text, study = edition.text, edition.study
    settings = study.settings
    said = {
        "version": _version(),
        "profiles": " · ".join(spec.id for spec in study.specs),
        "seed": str(settings.seed),
        "permutations": str(settings.permutations),
        "redraws": str(settings.redraws),
        "replicates": " · ".join(str(edition.ranks(level).replicates) for level in _LEVELS),
        "alpha": f"{settings.alpha:g}",
    }
    lines = [(text(f"home.record_{key}"), value) for key, value in said.items()]
    folder = edition.boundaries.folder
    used = [*sorted(folder.glob("*.geojson")), *sorted(folder.parent.glob("indicators/*.csv"))]
    hashes = [(f"{path.parent.name}/{path.name}", file_sha256(path)[:_DIGITS]) for path in used]
    return [*lines, *hashes]


def _version() -> str:
    try:
        return version("suanli-atlas")
    except PackageNotFoundError:
        return "–"

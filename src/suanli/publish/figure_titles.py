"""What the figures of a run are called, whoever drew them."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition

__all__ = ["figure_title"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_EVENTS: Final = "city-hub-events-"
_TITLE: Final = re.compile(r"<(?:\w+:)?title>([^<]+)</")
# Titles stand in the head of a drawing; the rest may be megabytes of paths.
_HEAD: Final = 65_536


def figure_title(edition: Edition, path: Path) -> str:
    """Return the title of a figure.

    Parameters
    ----------
    edition : Edition
        What is published.
    path : pathlib.Path
        The figure; its name says what it is.

    Returns
    -------
    str
        The words of the run's own figures; for others ``home.figure_<name>`` where there is
        such a sentence, else the title inside the SVG beside it, else the name itself.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> figure_title(sample_edition(), Path("province-compute.png"))
    'Computing power by province'
    >>> figure_title(sample_edition(), Path("some-chart.png"))
    'some chart'
    """
    known = dict(_known(edition))
    if path.stem in known:
        return known[path.stem]
    text, stem = edition.text, path.stem
    key = f"home.figure_{stem.replace('-', '_')}"
    if text.has(key):
        return text(key)
    outcome = f"hubs.outcome_{stem.removeprefix(_EVENTS).replace('-', '_')}"
    if stem.startswith(_EVENTS) and text.has(outcome):
        return text("maps.title_events", outcome=text(outcome))
    return _drawn_title(path.with_suffix(".svg")) or stem.replace("-", " ")


def _known(edition: Edition) -> Iterator[tuple[str, str]]:
    text = edition.text
    for level in _LEVELS:
        for node in edition.nodes(level):
            name = edition.node_name(level, node)
            yield f"{level}-{node}", text(f"maps.title_{level}", name=name)
            stem = f"{level}-top10" if node == ROOT else f"{level}-{node}-top10"
            yield stem, text("maps.title_top10", name=name)
        yield f"{level}-lisa", text(f"maps.title_lisa_{level}")
    yield "city-hot-spots", text("maps.title_gi_city")
    yield "city-hub-rings", text("maps.title_rings")
    yield "city-hub-bands", text("maps.title_bands")
    yield "gap", text("maps.title_gap")


def _drawn_title(path: Path) -> str:
    """Read the title a drawing carries, if it carries one."""
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as stream:
        found = _TITLE.search(stream.read(_HEAD))
    return html.unescape(found[1]).strip() if found else ""

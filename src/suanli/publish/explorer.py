"""The weight explorer: one page that scores, ranks, classes and tests anew as weights move."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jinja2

from geo.cartography.font import PAGE_STACK, page_font_face
from geo.cartography.offline import CSP_MARK, check_offline, csv_script, script_json, seal_page
from geo.cartography.palette import HOT_COLD, LISA, NO_DATA, NOT_EVALUATED, Category, sequential
from geo.storage import write_text
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.explorer_data import level_data
from suanli.text import Text

__all__ = ["PAGE", "render_explorer", "write_explorer"]

PAGE: Final = "explorer.html"
"""Name of the page."""

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_SCRIPTS: Final = (
    "dom", "numeric", "chance", "score", "classes", "moran", "model", "look", "map", "panel",
    "table", "charts", "card", "finder", "saving", "share", "paper", "main",
)  # fmt: skip
_CLASSES: Final = 5
# Sentences that the script never says: they are in the page already, or on no page at all.
_NOT_IN_SCRIPT: Final = frozenset(
    {
        "data_note", "draws", "draws_few", "draws_level", "explored_hint", "help", "map_label",
        "no_script", "nothing_to_test", "obstacle_differs", "obstacle_method", "obstacle_negative",
        "obstacle_panel", "parallel_label", "share_hint", "too_many", "weights_hint",
    }
)  # fmt: skip
_FIELD: Final = re.compile(r"\{(\w+)\}")
# Rules that the picture needs where the page's own style sheet is not at hand.
_DRAWING: Final = (
    ".units{stroke:#7d8891;stroke-width:.5;stroke-linejoin:round}"
    ".units>*{vector-effect:non-scaling-stroke}"
    ".lines{fill:none;stroke:#4a5560}.lines path,.marked,.pointed{vector-effect:non-scaling-stroke}"
    ".marked{fill:none;stroke:#111;stroke-width:2.2}.pointed{display:none}"
    ".places{text-anchor:middle;fill:#1f2a33}"
    ".names{text-anchor:middle;fill:#111;stroke:#fff;stroke-opacity:.85;paint-order:stroke}"
)


def write_explorer(edition: Edition, folder: Path) -> Path:
    """Write the explorer of an edition.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        Where to write.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    geo.errors.CartographyError
        The page would lack a unit or reach for the network; nothing is written.
    OSError
        The page cannot be written.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> import tempfile
    >>> write_explorer(sample_edition(), Path(tempfile.mkdtemp())).name
    'explorer.html'
    """
    page = folder / PAGE
    write_text(page, render_explorer(edition))
    return page


def render_explorer(edition: Edition, *, levels: Sequence[Level] = _LEVELS) -> str:
    """Render the page: data, shapes, program and style in one text.

    Parameters
    ----------
    edition : Edition
        What is published.
    levels : Sequence[{"province", "city"}]
        Levels on the page; the first one is shown.

    Returns
    -------
    str
        The page; equal input gives equal text.

    Raises
    ------
    geo.errors.CartographyError
        As :func:`write_explorer`.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> page = render_explorer(sample_edition(), levels=["province"])
    >>> "default-src 'none'" in page, len(page.encode()) < 600_000
    (True, True)
    """
    text = edition.text
    told = [level_data(edition, level) for level in levels]
    payload = {
        "words": _words(text),
        "colours": _colours(),
        "stack": PAGE_STACK,
        "drawing": _DRAWING,
        "map_notes": list(edition.notes()),
        "islands": text("maps.south_china_sea"),
        "levels": told,
    }
    html = _template().render(
        text=text,
        csp_mark=CSP_MARK,
        font_stack=PAGE_STACK,
        font_face=page_font_face(),
        css=_asset("explorer.css"),
        map_notes=edition.notes(),
        notes=_test_notes(told, text),
        payload=script_json(payload),
        script=_script(),
    )
    sealed = seal_page(html)
    check_offline(sealed)
    return sealed


def _test_notes(told: Sequence[dict[str, Any]], text: Text) -> list[tuple[str, str]]:
    """Say of each level what its tests are made with."""
    notes = []
    for level in told:
        test = level["test"]
        if "tree" not in test:
            continue
        said = text(
            "explorer.draws",
            draws=test["draws"],
            orders=test["orders"],
            alpha=f"{test['alpha']:g}",
            published=test["published"],
        )
        if not test["reachable"]:
            said += text("explorer.draws_few")
        notes.append((level["level"], text("explorer.draws_level", level=level["name"], said=said)))
    return notes


def _words(text: Text) -> dict[str, str]:
    """Return the sentences of the page, their fields left open."""
    words = {}
    for key, sentence in _sentences(text.lang).items():
        if key in _NOT_IN_SCRIPT:
            continue
        fields = {name: f"{{{name}}}" for name in _FIELD.findall(sentence)}
        words[key] = text(f"explorer.{key}", **fields)
    return words


@cache
def _sentences(lang: str) -> dict[str, str]:
    source = files("suanli") / "messages" / lang / "explorer.toml"
    return {key: str(said) for key, said in tomllib.loads(source.read_text("utf-8")).items()}


def _colours() -> dict[str, Any]:
    return {
        "sequential": [[], *(list(sequential(k=k)) for k in range(1, _CLASSES + 1))],
        "change": [
            HOT_COLD[key].colour for key in ("cold_strong", "cold", "ns", "hot", "hot_strong")
        ],
        "lisa": {kind: _look(category) for kind, category in LISA.items()},
        "no_data": _look(NO_DATA),
        "not_evaluated": _look(NOT_EVALUATED),
    }


def _look(category: Category) -> dict[str, Any]:
    return {
        "colour": category.colour,
        "mark": category.mark,
        "hatch": bool(category.hatch),
    }


@cache
def _script() -> str:
    """Join the program's parts, without the comments and indents that readers alone need."""
    parts = [csv_script(), *(_asset(f"{name}.js") for name in _SCRIPTS)]
    lines = "\n".join(parts).splitlines()
    kept = [line.strip() for line in lines]
    body = "\n".join(line for line in kept if line and not line.startswith("//"))
    return f'"use strict";\n(() => {{\n{body}\n}})();\n'


@cache
def _asset(name: str) -> str:
    folder = files("suanli.publish") / "templates" / "explorer"
    return (folder / name).read_text(encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("page.html"))

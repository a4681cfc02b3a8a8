"""A document as one HTML file that needs nothing from outside."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from geo.cartography.font import PAGE_STACK, page_font_face
from geo.storage import write_text
from suanli.publish.thumbnails import shrunk
from suanli.report.document import Block, Bullets, Document, Note, Paragraph, Picture, Table
from suanli.report.plan import Plan, fitted, plain, plan_of
from suanli.text import Text

__all__ = ["write_page"]

# Width of the text and size of type of tables, on the screen and on paper, as in the style sheet.
_WIDTH, _TYPE = 826.0, 14.4
_PAPER: Final = (493.0, 9.0)

_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-{style}'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def write_page(document: Document, text: Text, path: Path) -> None:
    """Write a document as a self-contained page: no script, no request, A4 when printed.

    Parameters
    ----------
    document : Document
        What is written.
    text : Text
        Words such as those for figure and table.
    path : pathlib.Path
        The file.

    Raises
    ------
    OSError
        A picture cannot be read or the file cannot be written.
    ValueError
        Two blocks share a key, or a table has a row of the wrong length.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "report.html"
    >>> write_page(Document(lang="en", title="A <b>", subtitle=""), Text("en"), path)
    >>> "<h1>A &lt;b&gt;</h1>" in path.read_text(encoding="utf-8")
    True
    """
    plan = plan_of(document, text)
    style = _style(plan)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    html = _template().render(
        document=document,
        plan=plan,
        words={key: text(f"document.{key}") for key in ("contents", "abstract", "note")},
        policy=_POLICY.format(style=digest),
        style=Markup(style),  # noqa: S704 - our own file and numbers
        plain=plain,
        kind=_kind,
        small=_address,
        share=_share,
        widths=_widths,
        dense=_dense,
    )
    write_text(path, html)


def _kind(block: Block) -> str:
    kinds = {Paragraph: "p", Note: "note", Bullets: "list", Table: "table", Picture: "figure"}
    return kinds[type(block)]


def _address(picture: Picture) -> dict[str, Any]:
    small = shrunk(picture.path)
    code = base64.b64encode(small.data).decode("ascii")
    return {
        "address": f"data:image/png;base64,{code}",
        "width": small.width,
        "height": small.height,
    }


def _share(picture: Picture) -> int:
    return max(1, min(100, round(100 * picture.share)))


def _widths(table: Table) -> list[int]:
    return [round(100 * share) for share in fitted(table, _WIDTH, _TYPE).shares]


def _dense(table: Table) -> bool:
    """Tell whether paper takes the table in small type only; screens scroll."""
    return fitted(table, *_PAPER).points < _PAPER[1]


def _style(plan: Plan) -> str:
    """Return the style sheet: attributes of style would need a policy that lets in any."""
    source = files("suanli.report") / "templates" / "report.css"
    blocks = [block for chapter in plan.chapters for block in chapter.blocks]
    shares = sorted({_share(block) for block in blocks if isinstance(block, Picture)} - {100})
    tables = [block for block in blocks if isinstance(block, Table)]
    widths = sorted({width for table in tables for width in _widths(table)})
    return "\n".join(
        [
            page_font_face(),
            f":root{{--stack:{PAGE_STACK}}}",
            source.read_text(encoding="utf-8"),
            *(f".share{share}{{width:{share}%}}" for share in shares),
            *(f".col{width}{{width:{width}%}}" for width in widths),
        ]
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("suanli.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")

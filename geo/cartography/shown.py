"""How the description of a map shows itself in a notebook: its words and its legend."""

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo.cartography.spec import LegendEntry, MapSpec

__all__ = ["spec_html"]

_CELL = "padding:1px 10px 1px 0;text-align:left"
_BOX = "display:inline-block;width:1.9em;height:.95em;border:1px solid #7d8891"
_HATCH = "repeating-linear-gradient(45deg,#98a2aa 0 1.5px,{colour} 1.5px 5px)"


def spec_html(spec: "MapSpec") -> str:
    """Return title, legend with counts and notes of a map as a fragment of HTML.

    Parameters
    ----------
    spec : MapSpec
        The map; its layer is not part of it, so nothing is drawn.

    Returns
    -------
    str
        Without scripts, addresses or classes; every string is escaped.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.cartography.spec import LegendEntry, MapSpec, MapText, Theme
    >>> entry = LegendEntry(label="1 < 2", colour="#2c7fb8", count=3)
    >>> theme = Theme(entries=(entry,), membership=pd.Series({"a": 0}))
    >>> text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    >>> "1 &lt; 2" in spec_html(MapSpec(theme=theme, title="A map", text=text))
    True
    """
    theme = spec.theme
    rows = "".join(_row(entry, spec.text.count) for entry in theme.entries)
    notes = "".join(f"<div>{escape(note)}</div>" for note in spec.notes)
    heads = [theme.legend_title, theme.scheme]
    head = " · ".join(escape(part) for part in heads if part)
    return (
        f"<div><strong>{escape(spec.title)}</strong><div>{escape(spec.subtitle)}</div>"
        f"<div>{head}</div><table><tbody>{rows}</tbody></table><small>{notes}</small></div>"
    )


def _row(entry: "LegendEntry", count: str) -> str:
    colour = escape(entry.colour)
    fill = _HATCH.format(colour=colour) if entry.hatch else colour
    cells = (
        f'<span style="{_BOX};background:{fill}"></span>',
        escape(" ".join(part for part in (entry.mark, entry.label) if part)),
        escape(count.format(count=entry.count)),
    )
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"

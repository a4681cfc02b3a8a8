"""How the workbook looks: what a colour means, how numbers are written."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

__all__ = ["BARS", "FORMATS", "LEGEND", "LOOKS", "TABS", "Formats", "number_format"]

_BLUE, _INK, _LINE, _GREY = "#1F4E79", "#1F3FA0", "#BFBFBF", "#F2F2F2"
_MANY: Final = 1e15


def _boxed(**more: Any) -> dict[str, Any]:
    return {"border": 1, "border_color": _LINE, "valign": "vcenter"} | more


def _given(**more: Any) -> dict[str, Any]:
    # As in financial models: what is typed is blue, what is computed black.
    return _boxed(font_color=_INK, **more)


LOOKS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "title": {"bold": True, "font_size": 16, "font_color": _BLUE, "valign": "vcenter"},
        "section": {"bold": True, "font_size": 12, "font_color": _BLUE, "bottom": 1},
        "note": {"text_wrap": True, "valign": "top", "font_color": "#404040"},
        "plain": {"text_wrap": True, "valign": "top"},
        "link": {"font_color": "#0563C1", "underline": 1, "valign": "top"},
        "head": _boxed(
            bold=True, font_color="white", bg_color=_BLUE, align="center", text_wrap=True
        ),
        "unit": _boxed(bg_color="#DDEBF7", align="center", text_wrap=True),
        "side": _boxed(bg_color=_GREY, align="right", font_color="#595959"),
        "label": _boxed(bg_color=_GREY, num_format="@", indent=1),
        "text": _boxed(indent=1),
        "centred": _boxed(align="center"),
        "wrapped": _boxed(text_wrap=True),
        "live": _boxed(),
        "A": _given(),
        "B": _given(bg_color="#E8F1F8"),
        "C": _given(bg_color="#FFF2CC"),
        "M": _given(bg_color="#F8CBAD"),
        "missing": _boxed(bg_color="#E3E3E3"),
        # Laid over raw values that do not fit: what is not said here stays.
        "wrong": {"bg_color": "#FF0000", "font_color": "white", "bold": True},
        "imputed": _boxed(bg_color="#FCE4D6", bold=True),
        "treated": _boxed(bg_color="#E4DFEC", bold=True),
        "fixed": _boxed(font_color="#595959", italic=True),
        "input": _given(bg_color="#FFFF99", bold=True),
        "figure": _boxed(bg_color="#F7FBFF", align="center"),
    }
)
"""Looks by what they are for."""

LEGEND: Final = (
    "A",
    "B",
    "C",
    "M",
    "missing",
    "wrong",
    "live",
    "imputed",
    "treated",
    "fixed",
    "input",
)
"""Looks that carry a meaning, as the readme explains them."""

FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text": "",
        "word": "",
        "whole": "#,##0",
        "amount": "#,##0.####",
        "year": "0",
        "rank": "0.##",
        "score": "0.00",
        "moved": "+0.##;-0.##;0",
        "signed": "+0.00;-0.00;0.00",
        "fine": "0.0000",
        "share": "0.0%",
        "weight": "0.00%",
        "p": '[<0.001]"<0.001";0.000',
    }
)
"""Number formats by kind of number."""

BARS: Final = {"rank": "#F4B183", "score": "#9DC3E6"}
"""Colours of data bars."""

TABS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "readme": "#7F7F7F",
        "province": _BLUE,
        "city": "#2E8B8B",
        "years": "#8064A2",
        "gap": "#C55A11",
        "hubs": "#548235",
        "space": "#BF9000",
        "lists": "#7F7F7F",
    }
)
"""Colours of tabs by group of sheets."""

_BANDS: Final = {
    "raw": "#1F4E79",
    "variable": "#2E6DA4",
    "indicator": "#2E75B6",
    "coverage": "#7F7F7F",
    "step": "#806000",
    "normalised": "#548235",
    "aggregated": "#7B5EA7",
    "score": "#C00000",
    "rank": "#C55A11",
}


class Formats:
    """Formats of one file, each made when first asked for.

    Parameters
    ----------
    book : xlsxwriter.workbook.Workbook
        The file.
    """

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, str], Format] = {}

    def __call__(self, look: str, number: str = "") -> Format:
        """Return a format.

        Parameters
        ----------
        look : str
            A key of :data:`LOOKS`, or ``band:`` and a block.
        number : str
            A number format; the look's own when empty.

        Returns
        -------
        xlsxwriter.format.Format
            The same one for the same arguments.

        Examples
        --------
        >>> import io
        >>> with Workbook(io.BytesIO(), {"in_memory": True}) as book:
        ...     formats = Formats(book)
        ...     sheet = book.add_worksheet()
        ...     formats("head") is formats("head")
        True
        """
        key = (look, number)
        if key not in self._made:
            name, _, band = look.partition(":")
            said = dict(LOOKS["head" if band else name])
            if band:
                said |= {"bg_color": _BANDS[band], "align": "left", "text_wrap": False}
            if number:
                said["num_format"] = number
            self._made[key] = self._book.add_format(said)
        return self._made[key]


def number_format(values: Iterable[float | None]) -> str:
    """Choose how many decimals a column shows.

    Parameters
    ----------
    values : Iterable[float | None]
        Its numbers.

    Returns
    -------
    str
        A number format: none for whole numbers, the more the smaller they are.

    Examples
    --------
    >>> number_format([1.0, 20000.0]), number_format([1234.5]), number_format([0.012])
    ('#,##0', '#,##0.0', '0.0000')
    """
    known = [abs(value) for value in values if value is not None]
    most = max(known, default=0.0)
    if all(value < _MANY and value == int(value) for value in known):
        return "#,##0"
    steps = ((1000, "#,##0.0"), (10, "0.00"), (1, "0.000"))
    return next((written for least, written in steps if most >= least), "0.0000")

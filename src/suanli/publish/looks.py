"""How a form looks: fonts, colours, borders."""

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["FONTS", "LOOKS"]

FONTS: Final = {"zh": "微软雅黑", "en": "Microsoft YaHei"}
"""The font of Windows that has Chinese, by the name each edition calls it."""

_BLUE, _YELLOW, _GREY, _LINE = "#1F4E79", "#FFF9E5", "#F2F2F2", "#BFBFBF"
_NUMBER: Final = "#,##0.######"


def _boxed(**more: Any) -> dict[str, Any]:
    return {"border": 1, "border_color": _LINE, "valign": "vcenter"} | more


LOOKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "plain": {"text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 16, "font_color": _BLUE},
    "section": {"bold": True, "font_size": 12, "font_color": _BLUE, "bottom": 1},
    "head": _boxed(bold=True, font_color="white", bg_color=_BLUE, align="center", text_wrap=True),
    "own_head": _boxed(
        bold=True, font_color="white", bg_color="#9C5700", align="center", text_wrap=True
    ),
    "unit": _boxed(bg_color="#DDEBF7", align="center", locked=False),
    "unit_fixed": _boxed(bg_color="#DDEBF7", align="center"),
    "label": _boxed(bg_color=_GREY, num_format="@", indent=1),
    "input": _boxed(bg_color=_YELLOW, locked=False, num_format=_NUMBER),
    "mark": _boxed(bg_color=_YELLOW, locked=False),
    "year": _boxed(bg_color=_YELLOW, locked=False, align="center", num_format="0"),
    "shipped": _boxed(bg_color=_GREY, font_color="#7F7F7F", italic=True, num_format=_NUMBER),
    "shipped_head": _boxed(
        bg_color="#D9D9D9", font_color="#595959", italic=True, align="center", text_wrap=True
    ),
    "cell": _boxed(text_wrap=True, valign="top"),
}
"""Formats by what they are for."""

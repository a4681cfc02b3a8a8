"""Notes below a table, and above it."""

import re
from typing import Final

__all__ = ["is_below", "is_further", "is_note"]

_NOTE: Final = re.compile(
    r"(?:注|附注|备注|说明|资料来源|数据来源|来源|填表|制表|审核|单位负责人|联系|note|source|remark)s?\s*\d*\s*[:：.、]|注释|[(（]?续表|^\*+\s*\S{4}|^[①-⑳]",
    re.IGNORECASE,
)
# The second and further lines of a note.
_NUMBERED: Final = re.compile(
    r"\s*[(（]?\d{1,2}[)）.、．]\s*\D\S{3}|\s*\d{1,2}[.、．](?:19|20)\d\d年"
)


def is_note(text: str) -> bool:
    """Tell whether a text is a note below a table, or a source.

    Parameters
    ----------
    text : str
        The first cell of a row.

    Returns
    -------
    bool
        Whether it is.

    Examples
    --------
    >>> is_note("注：初步核算"), is_note("北京市")
    (True, False)
    """
    return _NOTE.match(text.strip()) is not None


def is_further(text: str) -> bool:
    """Tell whether a text goes on with a note in a numbered line of its own.

    Parameters
    ----------
    text : str
        The only cell of the row below a note.

    Returns
    -------
    bool
        Whether it does.

    Examples
    --------
    >>> is_further("    2.2023年为初步核算数。"), is_further("3、部分数据"), is_further("2.5")
    (True, True, False)
    """
    return _NUMBERED.match(text) is not None


def is_below(text: str) -> bool:
    """Tell whether a text is what stands below the data of a table.

    Parameters
    ----------
    text : str
        The first cell of a row.

    Returns
    -------
    bool
        Whether it is a note, or gives the unit of measurement.

    Examples
    --------
    >>> is_below("单位：万元"), is_below("注：试算"), is_below("河北")
    (True, True, False)
    """
    return is_note(text) or re.match(r"\s*(?:计量)?单位\s*[:：]", text) is not None

"""Which sheets of one file belong together."""

from collections.abc import Sequence

from suanli.intake.layout import Layout

__all__ = ["apart"]


def apart(sheets: Sequence[Sequence[Layout]]) -> bool:
    """Tell whether each sheet names indicators of its own, and none that another names.

    Such sheets are parts of one table: a dimension each, as in our templates. Sheets that
    name the same indicators, or none, may be versions of each other, and only the user can
    tell which one is meant.

    Parameters
    ----------
    sheets : Sequence[Sequence[Layout]]
        The sheets that are tables, each with the tables it holds.

    Returns
    -------
    bool
        Whether all of them are to be read.

    Examples
    --------
    >>> apart([])
    False
    """
    told = [
        {
            name
            for one in sheet
            for name in (*(h.indicator for h in one.headings), one.titled.indicator)
        }
        - {""}
        for sheet in sheets
    ]
    return bool(told) and all(told) and sum(map(len, told)) == len(set[str]().union(*told))

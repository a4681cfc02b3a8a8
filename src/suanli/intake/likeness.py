"""Which names a text resembles: for suggestions, never for reading."""

import difflib
from collections.abc import Iterable
from typing import Final

__all__ = ["alike"]

_MOST: Final = 3
_CUTOFF: Final = 0.5


def alike(text: str, names: Iterable[str]) -> list[str]:
    """Return up to three names that a text resembles; of two characters one is half.

    Parameters
    ----------
    text : str
        What was written.
    names : Iterable[str]
        What it could have been.

    Returns
    -------
    list[str]
        The best first.

    Examples
    --------
    >>> alike("廓坊", ["廊坊", "唐山"])
    ['廊坊']
    """
    letters = set(text)
    # What shares too few characters is not alike: most names are ruled out so, at once.
    near = [
        name
        for name in names
        if 4 * len(letters.intersection(name)) >= len(set(name)) + len(letters)
    ]
    return difflib.get_close_matches(text, near, n=_MOST, cutoff=_CUTOFF)

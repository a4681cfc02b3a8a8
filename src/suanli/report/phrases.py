"""The words of the report, and how sentences and names are strung together."""

from collections.abc import Iterable
from typing import Any

from suanli.publish.edition import Edition

__all__ = [
    "counted",
    "inside",
    "joined",
    "listed",
    "say",
]


def say(edition: Edition, key: str, /, **params: Any) -> str:
    """Say a sentence of the report.

    Parameters
    ----------
    edition : Edition
        What is published.
    key : str
        Its key in ``report.toml``.
    **params : Any
        Values of its placeholders.

    Returns
    -------
    str
        The sentence.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> say(sample_edition(), "rank_head")
    'Rank'
    """
    return edition.text(f"report.{key}", **params)


def counted(edition: Edition, key: str, n: int, /, **params: Any) -> str:
    """Say a sentence about a number of things, in the singular where it is one.

    Parameters
    ----------
    edition : Edition
        What is published.
    key : str
        Its key; ``<key>_one`` is the sentence about one.
    n : int
        How many.
    **params : Any
        Other values.

    Returns
    -------
    str
        The sentence.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [counted(sample_edition(), "units", n) for n in (1, 2)]
    ['1 unit', '2 units']
    """
    return say(edition, f"{key}_one" if n == 1 else key, n=n, **params)


def inside(edition: Edition, names: Iterable[str]) -> list[str]:
    """Write names of indicators and methods as they stand inside a sentence.

    Parameters
    ----------
    edition : Edition
        What is published.
    names : Iterable[str]
        Names that begin with a capital in English.

    Returns
    -------
    list[str]
        Without that capital, unless it belongs to an abbreviation.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> inside(sample_edition(), ["Web pages", "IT service revenue", "R&D intensity"])
    ['web pages', 'IT service revenue', 'R&D intensity']
    """
    if edition.text.lang != "en":
        return list(names)
    return [name[:1].lower() + name[1:] if name[1:2].islower() else name for name in names]


def joined(edition: Edition, sentences: Iterable[str]) -> str:
    """Put sentences one after the other.

    Parameters
    ----------
    edition : Edition
        What is published.
    sentences : Iterable[str]
        The sentences; empty ones are left out.

    Returns
    -------
    str
        Running text: blanks stand between English sentences only.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> joined(sample_edition(), ["One.", "", "Two."])
    'One. Two.'
    """
    return (" " if edition.text.lang == "en" else "").join(filter(None, sentences))


def listed(edition: Edition, names: Iterable[str]) -> str:
    """List names as the language does.

    Parameters
    ----------
    edition : Edition
        What is published.
    names : Iterable[str]
        At least one.

    Returns
    -------
    str
        Such as ``a, b and c``.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> listed(sample_edition(), ["a", "b", "c"]), listed(sample_edition(), ["a"])
    ('a, b and c', 'a')
    """
    *most, last = names
    mark_ = edition.text("maps.list_mark")
    if not most:
        return last
    if edition.text.lang == "zh":
        return mark_.join((*most, last))
    return f"{mark_.join(most)} {say(edition, 'and')} {last}"

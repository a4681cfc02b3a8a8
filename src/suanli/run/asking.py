"""What a user asks about: a node, numbers by name."""

from collections.abc import Sequence

from suanli.errors import Problem
from suanli.profile import IndexSpec
from suanli.robustness.gather import Gather

__all__ = ["find_node", "read_pairs"]


def find_node(name: str, spec: IndexSpec) -> str:
    """Find a node by its identifier or name.

    Parameters
    ----------
    name : str
        What the user wrote.
    spec : IndexSpec
        The profile.

    Returns
    -------
    str
        The identifier; what is not found as it is, to be refused where it is used.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> find_node("存力", load_profile("caict2024-province"))
    'storage'
    """
    wanted = name.strip().casefold()
    for item in spec.dimension:
        if wanted in {item.name.zh.casefold(), item.name.en.casefold()}:
            return item.id
    return name.strip()


def read_pairs(given: Sequence[str], gather: Gather, *, option: str) -> dict[str, float]:
    """Read ``name=number``.

    Parameters
    ----------
    given : Sequence[str]
        What the user wrote; a number may be written as it is printed, ``1,234.5``.
    gather : Gather
        Takes what cannot be read, and names given twice.
    option : str
        The option it was written for.

    Returns
    -------
    dict[str, float]
        Numbers by name.

    Examples
    --------
    >>> read_pairs(["a=1,234.5"], Gather(), option="--most")
    {'a': 1234.5}
    """
    pairs: dict[str, float] = {}
    for text in given:
        name, mark, number = (part.strip() for part in text.partition("="))
        try:
            value = float(number.replace(",", ""))
        except ValueError:
            mark = ""
        if not (mark and name):
            params = {"text": text, "option": option}
            gather.problems.append(Problem(code="levers.pair_unreadable", params=params))
        elif name in pairs:
            params = {"name": name, "option": option}
            gather.problems.append(Problem(code="levers.pair_twice", params=params))
        else:
            pairs[name] = value
    return pairs

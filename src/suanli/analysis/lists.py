"""Rankings that others have published, list by list."""

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation import Scores
from suanli.profile import ROOT

__all__ = ["LIST_COLUMNS", "PublishedList", "published_lists"]

LIST_COLUMNS: Final = ("family", "year", "edition", "publisher", "level", "dimension")
"""What tells one list from another."""

# The sister list of the same publisher rates "development of computing power" as a whole.
_WHOLE = frozenset({ROOT, "development_index"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedList:
    """One published list: units with a stated rank, and units said to be in the Top-k.

    Attributes
    ----------
    key : str
        Short name, unique at its level: year and dimension, and a number where an edition
        repeats them.
    family, edition, publisher, level, dimension : str
        As the table has them.
    year : int
        Year of the list.
    ranked : dict[str, int]
        Stated rank by code.
    bounded : dict[str, int]
        The k of the Top-k by code.
    places : dict[str, str]
        Names as published, by code.
    """

    key: str
    family: str
    year: int
    edition: str
    publisher: str
    level: str
    dimension: str
    ranked: dict[str, int]
    bounded: dict[str, int]
    places: dict[str, str]

    @property
    def head(self) -> list[str]:
        """Units of the unbroken ranks 1, 2, 3 ... in order.

        Returns
        -------
        list[str]
            Codes.
        """
        by_rank = {rank: code for code, rank in self.ranked.items()}
        depth = 0
        while depth + 1 in by_rank:
            depth += 1
        return [by_rank[rank] for rank in range(1, depth + 1)]

    @property
    def named(self) -> list[str]:
        """All units the list names, best first.

        Returns
        -------
        list[str]
            Codes.
        """
        limits = self.ranked | {c: k for c, k in self.bounded.items() if c not in self.ranked}
        return sorted(limits, key=lambda code: (limits[code], code in self.bounded, code))

    @property
    def reach(self) -> int:
        """The k of the Top-k that all named units belong to.

        Returns
        -------
        int
            At least 1.
        """
        return max([*self.ranked.values(), *self.bounded.values()])

    def node(self, scores: Scores) -> str:
        """Name our counterpart of the list's dimension.

        Parameters
        ----------
        scores : Scores
            Our evaluation.

        Returns
        -------
        str
            Empty when there is none.
        """
        name = self.dimension.replace(".", "_")
        if name in scores.nodes.columns:
            return name
        # Cities are published on computing power alone, which is all our city index is about.
        city = scores.spec.level == "city" and self.dimension == "compute"
        return ROOT if self.dimension in _WHOLE or city else ""


def published_lists(
    published: pd.DataFrame, *, level: Literal["province", "city"]
) -> tuple[PublishedList, ...]:
    """Read the published lists of one level.

    Parameters
    ----------
    published : pandas.DataFrame
        One row per unit and list, as :func:`suanli.analysis.agreement.agreement` takes it.
    level : {"province", "city"}
        The level.

    Returns
    -------
    tuple[PublishedList, ...]
        In the order of the table.

    Raises
    ------
    InputError
        A rank is not readable, or a list states two ranks for a unit or two units for a
        rank.
    ValueError
        The table lacks a column.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> lists = published_lists(load_catalogue().published, level="province")
    >>> lists[0].key, len(lists[0].head)
    ('2022-index', 10)
    """
    missing = [n for n in (*LIST_COLUMNS, "rank", "code", "place") if n not in published]
    if missing:
        raise ValueError(f"the table of published lists lacks the columns {missing}")
    lists = []
    seen: Counter[str] = Counter()
    wanted = published[published["level"] == level]
    for names, part in wanted.groupby(list(LIST_COLUMNS), sort=False, dropna=False):
        family, year, edition, publisher, _, dimension = (str(name) for name in names)
        stem = f"{year}-{dimension}"
        seen[stem] += 1
        ranked, bounded = _read(part, " ".join(str(word) for word in names))
        lists.append(
            PublishedList(
                key=stem if seen[stem] == 1 else f"{stem}-{seen[stem]}",
                family=family,
                year=int(year),
                edition=edition,
                publisher=publisher,
                level=level,
                dimension=dimension,
                ranked=ranked,
                bounded=bounded,
                places=dict(zip(part["code"].astype(str), part["place"].astype(str), strict=True)),
            )
        )
    return tuple(lists)


def _read(part: pd.DataFrame, title: str) -> tuple[dict[str, int], dict[str, int]]:
    """Read one list; report everything in it that contradicts itself."""
    ranked: dict[str, int] = {}
    bounded: dict[str, int] = {}
    problems = []
    for code, rank in zip(part["code"].astype(str), part["rank"].astype(str), strict=True):
        text = rank.strip()
        target = bounded if text.startswith("<=") else ranked
        number = text.removeprefix("<=")
        params: dict[str, object] = {"list": title, "unit": code, "rank": rank}
        if not number.isdecimal() or int(number) < 1:
            problems.append(Problem(code="analysis.rank_unreadable", params=params))
        elif target.setdefault(code, int(number)) != int(number):
            params["other"] = target[code]
            problems.append(Problem(code="analysis.rank_contradicted", params=params))
    for rank_shared, count in Counter(ranked.values()).items():
        if count > 1:
            params = {"list": title, "rank": rank_shared, "count": count}
            problems.append(Problem(code="analysis.rank_shared", params=params))
    if problems:
        raise InputError(problems)
    return ranked, bounded

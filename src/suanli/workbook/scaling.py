"""Scales of indicators as spreadsheet formulas: each with the two figures it rests on.

Every scale of :mod:`suanli.evaluation.scales` can be written; those that look at all values
keep what they need of them in the head of the column, where a reader sees it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from suanli.workbook.grid import number, quoted

__all__ = ["FIXED", "SCALES", "Scale", "Scaled", "rank_formula"]

FIXED: Final = frozenset({"scaled", "scaled_coinr", "goalposts"})
"""Scales that look at no other value, and so need no other year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """What a scale is applied to.

    Attributes
    ----------
    values : str
        The range of all values of the column before.
    codes : str
        The range of the units' codes.
    first, second : str
        Cells of the head of the new column.
    up : bool
        Whether more is better.
    options : Mapping[str, str]
        Cells or numbers of the profile's options: ``lower``, ``upper``, ``centre``, ``spread``.
    ties : str
        Tie rule of ranks.
    cap : bool
        Whether scores are cut at 1.
    goalposts : tuple[float, float], optional
        Of the indicator.
    goal : float, optional
        Of the indicator.
    reference : str, optional
        Code of the unit measured against.
    """

    values: str
    codes: str
    first: str
    second: str
    up: bool
    options: Mapping[str, str]
    ties: str = "min"
    cap: bool = False
    goalposts: tuple[float, float] | None = None
    goal: float | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A scale as formulas.

    Attributes
    ----------
    score : Callable[[str], str]
        Gives the formula of a score for the cell of a value.
    first, second : str
        Formulas of the two figures in the head; empty where there is none.
    words : tuple[str, str]
        What they are, keys of ``workbook.figure``.
    """

    score: Callable[[str], str]
    first: str = ""
    second: str = ""
    words: tuple[str, str] = ("", "")


def rank_formula(cell: str, values: str, *, ties: str, ascending: bool = False) -> str:
    """Write a rank by a tie rule.

    Parameters
    ----------
    cell : str
        Whose rank.
    values : str
        The range of all values; texts in it do not count.
    ties : {"min", "average", "dense"}
        The rule.
    ascending : bool
        Whether 1 is the least.

    Returns
    -------
    str
        Without the equals sign.

    Notes
    -----
    ``RANK`` compares numbers as they are; ``COUNTIF`` would turn them into texts of 15 digits.

    Examples
    --------
    >>> rank_formula("C9", "C$9:C$11", ties="min")
    'RANK(C9,C$9:C$11,0)'
    """
    least = f"RANK({cell},{values},{int(ascending)})"
    if ties == "average":
        return f"({least}+(SUMPRODUCT(--({values}={cell}))-1)/2)"
    if ties == "dense":
        # How many different numbers are better: each counted where it stands first.
        sign = "<" if ascending else ">"
        top = values.partition(":")[0]
        first = f"MATCH({values},{values},0)=ROW({values})-ROW({top})+1"
        return f"(1+SUMPRODUCT(ISNUMBER({values})*({values}{sign}{cell})*({first})))"
    return least


def _stretched(given: Scaled, share: str) -> str:
    low, high = given.options["lower"], given.options["upper"]
    return f"{low}+({high}-{low})*{share}"


def _ends(given: Scaled, score: Callable[[str], str]) -> Scale:
    least, most = f"MIN({given.values})", f"MAX({given.values})"
    return Scale(score=score, first=least, second=most, words=("least", "most"))


def _share(given: Scaled, cell: str) -> str:
    share = f"({cell}-{given.first})/({given.second}-{given.first})"
    return share if given.up else f"(1-{share})"


def _min_max(given: Scaled) -> Scale:
    return _ends(given, lambda cell: _stretched(given, _share(given, cell)))


def _efficacy(given: Scaled) -> Scale:
    return _ends(given, lambda cell: f"60+40*{_share(given, cell)}")


def _dist2max(given: Scaled) -> Scale:
    return _ends(given, lambda cell: _share(given, cell))


def _fracmax(given: Scaled) -> Scale:
    up = lambda cell: f"{cell}/{given.second}"  # noqa: E731 - one of two ways
    return _ends(given, up if given.up else lambda cell: f"{given.first}/{cell}")


def _fracmax_coinr(given: Scaled) -> Scale:
    best = given.second if given.up else given.first
    return _ends(given, lambda cell: f"{cell}/{best}")


def _vector(given: Scaled) -> Scale:
    def score(cell: str) -> str:
        share = f"{cell}/{given.first}"
        return share if given.up else f"1-{share}"

    return Scale(score=score, first=f"SQRT(SUMSQ({given.values}))", words=("length", ""))


def _share_of_sum(given: Scaled) -> Scale:
    if given.up:
        total = f"SUM({given.values})"
        return Scale(score=lambda cell: f"{cell}/{given.first}", first=total, words=("sum", ""))
    # The sum of 1 / x, by the harmonic mean: texts in the range do not count.
    inverse = f"COUNT({given.values})/HARMEAN({given.values})"
    return Scale(
        score=lambda cell: f"1/{cell}/{given.first}", first=inverse, words=("inverse_sum", "")
    )


def _zscore(given: Scaled) -> Scale:
    centre, spread = given.options["centre"], given.options["spread"]

    def score(cell: str) -> str:
        away = f"({cell}-{given.first})" if given.up else f"({given.first}-{cell})"
        return f"{centre}+{spread}*{away}/{given.second}"

    mean, deviation = f"AVERAGE({given.values})", f"STDEV({given.values})"
    return Scale(score=score, first=mean, second=deviation, words=("mean", "deviation"))


def _rank(given: Scaled) -> Scale:
    return Scale(
        score=lambda cell: rank_formula(cell, given.values, ties=given.ties, ascending=given.up)
    )


def _borda(given: Scaled) -> Scale:
    return Scale(score=lambda cell: f"{_rank(given).score(cell)}-1")


def _percentile_rank(given: Scaled) -> Scale:
    def score(cell: str) -> str:
        return _stretched(given, f"({_rank(given).score(cell)}-1)/({given.first}-1)")

    return Scale(score=score, first=f"COUNT({given.values})", words=("count", ""))


def _posts(given: Scaled) -> Scale:
    low, high = given.goalposts or (0.0, 1.0)
    return Scale(
        score=lambda cell: _stretched(given, _share(given, cell)),
        first=number(low),
        second=number(high),
        words=("low_post", "high_post"),
    )


def _goalposts(given: Scaled) -> Scale:
    plain = _posts(given)
    low, high = given.options["lower"], given.options["upper"]

    def score(cell: str) -> str:
        return f"MIN(MAX({plain.score(cell)},{low}),{high})"

    return Scale(score=score, first=plain.first, second=plain.second, words=plain.words)


def _posts_coinr(given: Scaled) -> Scale:
    plain = _posts(given)

    def score(cell: str) -> str:
        turned = cell if given.up else f"(-{cell})"
        share = f"({turned}-{given.first})/({given.second}-{given.first})"
        return _stretched(given, share)

    return Scale(score=score, first=plain.first, second=plain.second, words=plain.words)


def _from_worst(given: Scaled, mark: str, word: str) -> Scale:
    worst = f"MIN({given.values})" if given.up else f"MAX({given.values})"

    def score(cell: str) -> str:
        share = f"({cell}-{given.first})/({given.second}-{given.first})"
        return f"MIN({share},1)" if given.cap else share

    return Scale(score=score, first=worst, second=mark, words=("worst", word))


def _dist2target(given: Scaled) -> Scale:
    return _from_worst(given, number(given.goal or 0.0), "goal")


def _dist2ref(given: Scaled) -> Scale:
    place = f"MATCH({quoted(given.reference or '')},{given.codes},0)"
    return _from_worst(given, f"INDEX({given.values},{place})", "reference")


def _ampi(given: Scaled) -> Scale:
    def score(cell: str) -> str:
        away = f"({cell}-{given.first})" if given.up else f"({given.first}-{cell})"
        return f"100+60*({away}/{given.second})"

    spread = f"MAX({given.values})-MIN({given.values})"
    return Scale(
        score=score, first=f"AVERAGE({given.values})", second=spread, words=("mean", "range")
    )


SCALES: Final[Mapping[str, Callable[[Scaled], Scale]]] = MappingProxyType(
    {
        "minmax": _min_max,
        "zscore": _zscore,
        "rank": _rank,
        "percentile_rank": _percentile_rank,
        "borda": _borda,
        "dist2max": _dist2max,
        "fracmax": _fracmax,
        "fracmax_coinr": _fracmax_coinr,
        "efficacy": _efficacy,
        "scaled": _posts,
        "scaled_coinr": _posts_coinr,
        "goalposts": _goalposts,
        "dist2target": _dist2target,
        "dist2ref": _dist2ref,
        "ampi": _ampi,
        "vector": _vector,
        "sum": _share_of_sum,
    }
)
"""Scales as formulas by the names of :data:`suanli.evaluation.scales.METHODS`."""

"""What the user allows to move, in the words of the user, and which data that means."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from suanli.errors import Problem
from suanli.profile import IndexSpec
from suanli.robustness.figures import sides_of

__all__ = ["PLAUSIBLE_TIMES", "Limits", "Meant", "understood"]

PLAUSIBLE_TIMES: Final = 3.0
"""A value more than so many times what it is now is called implausible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the user allows. Names are identifiers of data or of indicators, or their names.

    Attributes
    ----------
    move : tuple[str, ...]
        What to move; all that a unit can change when empty. An indicator stands for the data
        above its fraction bar. Data below it, such as a population, move only if named here.
    fix : tuple[str, ...]
        What to leave alone.
    cost : Mapping[str, float]
        Cost of moving over the whole observed range, 1 where not given.
    most : Mapping[str, float]
        The farthest value, in the unit of the data or indicator named; the best one observed
        where not given.
    times : float
        Largest multiple of the value now that is plausible, and its inverse for what shall
        fall.
    ranges : Mapping[str, tuple[float, float]]
        Smallest and largest value data can have at all; what is nowhere negative in the table
        does not become so either.
    names : Mapping[str, Mapping[str, str]]
        Names of data by identifier, ``zh`` and ``en``, to be found by; those of indicators
        are the profile's.
    """

    move: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    cost: Mapping[str, float] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)
    times: float = PLAUSIBLE_TIMES
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What limits mean for the data.

    Attributes
    ----------
    move : tuple[str, ...]
        Identifiers of the data that may move, in the order of the profile.
    divisors : tuple[str, ...]
        Data that movable indicators have below the bar only, and that do not move.
    cost : Mapping[str, float]
        By data.
    most : Mapping[str, tuple[str, float]]
        By data: the farthest value, and the indicator it is a value of, or ``""`` when it is
        one of the data.
    """

    move: tuple[str, ...]
    divisors: tuple[str, ...]
    cost: Mapping[str, float]
    most: Mapping[str, tuple[str, float]]


def understood(spec: IndexSpec, limits: Limits) -> tuple[Meant, list[Problem]]:
    """Find the data that limits speak of, and everything wrong with them.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    limits : Limits
        What the user allows.

    Returns
    -------
    tuple[Meant, list[Problem]]
        What could be understood, and what could not.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> understood(spec, Limits(move=("光缆密度", "rd_intensity")))[0].move
    ('fibre_length', 'rd_intensity')
    >>> understood(spec, Limits(move=("rd_intensit",)))[1][0].params["close"]
    'rd_intensity'
    """
    reading = _Reading(spec, limits)
    fixed = {data for name in limits.fix for data in reading.data(name, free=True)}
    named = {data: name for name in limits.move for data in reading.data(name)}
    for data in [data for data in named if data in fixed]:
        reading.refuse("move_and_fix", id=reading.label(data))
    reading.sure = not reading.problems
    moving = [d for d in reading.order if d not in fixed]
    moving = [d for d in moving if (d in named if limits.move else d in reading.usual)]
    cost: dict[str, float] = {}
    most: dict[str, tuple[str, float]] = {}
    for name, number in limits.cost.items():
        if not (np.isfinite(number) and number > 0):
            reading.refuse("cost_not_positive", id=name, value=f"{number:g}")
        for data in reading.moved(name, moving, option="--cost"):
            cost[data] = number
    for name, number in limits.most.items():
        data_meant = reading.moved(name, moving, option="--most")
        if not np.isfinite(number):
            reading.refuse("most_not_finite", id=name, value=f"{number:g}")
            continue
        if len(data_meant) > 1:
            reading.refuse("most_several", id=name, data=", ".join(data_meant))
        for data in data_meant:
            key = reading.known(name)
            most[data] = ("" if key == data else key, number)
    below = [d for d in reading.order if d in reading.divisors and d not in moving]
    meant = Meant(move=tuple(moving), divisors=tuple(below), cost=cost, most=most)
    return meant, reading.problems


class _Reading:
    """Names looked up, and what went wrong."""

    def __init__(self, spec: IndexSpec, limits: Limits) -> None:
        sides = sides_of(spec)
        self.items = {item.id: item for item in spec.indicator}
        self.above = {key: above for key, (above, _) in sides.items()}
        movable = [item.id for item in spec.indicator if item.movable]
        stuck = {d for key in sides if key not in movable for d in self.above[key]}
        over = {d for key in movable for d in self.above[key]} - stuck
        under = {d for key in movable for d in sides[key][1]} - stuck
        ordered = [d for key in movable for side in sides[key] for d in sorted(side)]
        self.order = [d for d in dict.fromkeys(ordered) if d in over | under]
        self.usual, self.divisors = over, under - over
        self.names = limits.names
        self.known_data = set(spec.inputs())
        self.words: dict[str, str] = {}
        own = {key: item.name.model_dump() for key, item in self.items.items()}
        for key in [*sorted(self.known_data), *self.items]:
            self.words.setdefault(key.casefold(), key)
        for key, names in [*own.items(), *limits.names.items()]:
            if key in self.items or key in self.known_data:
                for name in names.values():
                    self.words.setdefault(name.casefold(), key)
        self.problems: list[Problem] = []
        self.seen: set[str] = set()
        self.sure = True

    def refuse(self, code: str, **params: Any) -> None:
        self.problems.append(Problem(code=f"levers.{code}", params=params))

    def label(self, key: str) -> Mapping[str, str] | str:
        own = self.items[key].name.model_dump() if key in self.items else self.names.get(key)
        return {"zh": f"{own['zh']}（{key}）", "en": f"{own['en']} ({key})"} if own else key

    def known(self, name: str) -> str:
        return self.words.get(name.strip().casefold(), "")

    def data(self, name: str, *, free: bool = False) -> tuple[str, ...]:
        """Return the data meant; ``free`` also what cannot move. A problem is told once."""
        key = self.known(name)
        found: Iterable[str] = (key,) if key in self.known_data else self.above.get(key, ())
        able = key in self.known_data or (key in self.items and self.items[key].movable)
        found = [data for data in sorted(found) if free or (able and data in self.order)]
        if name not in self.seen and not key:
            near = difflib.get_close_matches(name.strip().casefold(), list(self.words), n=1)
            close = self.words[near[0]] if near else self.order[0] if self.order else "-"
            self.refuse(
                "indicator_unknown",
                name=name,
                close=close,
                known=", ".join(d for d in self.order if d in self.usual),
            )
        elif name not in self.seen and not found and not free:
            self.refuse("not_movable", id=self.label(key))
        self.seen.add(name)
        return tuple(found)

    def moved(self, name: str, moving: list[str], *, option: str) -> list[str]:
        """Return the data meant that do move; what else was meant to move may be misspelt."""
        found = self.data(name)
        kept = [data for data in found if data in moving]
        if found and not kept and self.sure:
            self.refuse("not_moved", id=self.label(self.known(name)), option=option)
        return kept

"""Which indicator a title names: its own name, a synonym, or a name with more around it."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import pandas as pd

from suanli.intake.brackets import (
    CLOSE,
    OPEN,
    as_written,
    bracketed,
    plain_title,
    title_key,
    unit_of,
)
from suanli.intake.measures import conversion, is_scale, measure, with_scale
from suanli.intake.named import Named
from suanli.intake.table import misspelt
from suanli.intake.wording import (
    GROUP,
    LIKE_UNIT,
    LIST,
    OTHER_ENGLISH,
    PART,
    PLAIN,
    PLANNED,
    WHOLE,
    two_languages,
)

__all__ = ["Named", "Titles"]

_BETWEEN: Final = " \t:,/_|-—·、;。.="
_SUGGESTED: Final = 3
_PAIR: Final = 2
_RATIO: Final = (("ratio", 1),)


@dataclass(frozen=True, kw_only=True, eq=False)
class Titles:
    """The names of indicators.

    Parameters
    ----------
    indicators : pandas.DataFrame
        Text columns ``indicator``, ``name_zh``, ``name_en``, ``unit``.
    aliases : pandas.DataFrame, optional
        Synonyms: text columns ``level``, ``alias``, ``indicator``, ``unit_needed`` ("1" where
        one is meant only with its unit).
    level : str
        The level of the indicators.

    Examples
    --------
    >>> known = Titles(indicators=pd.DataFrame({"indicator": ["gdp"], "unit": ["亿元"],
    ...     "name_zh": ["地区生产总值"], "name_en": ["GRP"]}))
    >>> known.find("GDP亿元").after, known.find("GDP增速").indicator
    ('地区生产总值（亿元）', '')
    """

    indicators: pd.DataFrame
    aliases: pd.DataFrame | None = None
    level: str = ""
    _found: dict[tuple[str, str], Named] = field(init=False, repr=False, default_factory=dict)

    def find(self, title: str, unit: str = "") -> Named:
        """Tell which indicator a title names, with everything that may stand around a name.

        Parameters
        ----------
        title : str
            The title.
        unit : str
            Its unit of measurement, where that is known already.

        Returns
        -------
        Named
            What it names.
        """
        if (title, unit) not in self._found:
            self._found[title, unit] = self._looked_for(title, unit)
        return self._found[title, unit]

    def exact(self, title: str) -> str:
        """Return the indicator whose very name, or identifier, this is.

        Parameters
        ----------
        title : str
            The title.

        Returns
        -------
        str
            Its identifier, or nothing.
        """
        return self._names.get(title_key(title), "")

    def unit(self, indicator: str) -> str:
        """Return the unit of measurement of an indicator.

        Parameters
        ----------
        indicator : str
            Its identifier.

        Returns
        -------
        str
            The unit, or nothing.
        """
        return self._units.get(indicator, "")

    def own(self, indicator: str) -> str:
        """Return the name of an indicator.

        Parameters
        ----------
        indicator : str
            Its identifier.

        Returns
        -------
        str
            The name.
        """
        return self._own[indicator]

    def joined(self, parts: Sequence[str], unit: str = "") -> Named:
        """Tell which indicator a heading of several rows names.

        Parameters
        ----------
        parts : Sequence[str]
            Its titles from top to bottom; one above that only heads a group is left out.
        unit : str
            Its unit of measurement.

        Returns
        -------
        Named
            What it names.
        """
        for start in range(len(parts)):
            if all(GROUP.fullmatch(title_key(part)) for part in parts[:start]):
                found = self.find("".join(parts[start:]), unit)
                if found.indicator:
                    return found
        # 标准机架数 over 在用, 地区生产总值 over 人均: what stands below goes before.
        found = self.find("".join(reversed(parts)), unit) if len(parts) == _PAIR else Named()
        own = self._own.get(found.indicator, "")
        return replace(found, after=found.after or own) if own else Named()

    def like(self, title: str) -> tuple[str, bool]:
        """Return what a title resembles, and whether it is a misspelling of it.

        Parameters
        ----------
        title : str
            A title that names no indicator.

        Returns
        -------
        str
            Up to three names, nothing where none is alike.
        bool
            Whether a slip of the pen is likely: a name with more around it is none.
        """
        bare = bracketed(plain_title(title))[0] or title
        known = self._written
        found = difflib.get_close_matches(bare, list(known), n=9) if title else []
        inside = self._inside(title)
        if not found:
            return ", ".join(inside), False
        named: dict[str, str] = {}
        for name in found:
            same = title_key(name) == title_key(bare)
            named.setdefault(known[name], self._own[known[name]] if same else name)
        first, key = title_key(found[0]), title_key(bare)
        if any(word not in first for word in PLANNED.findall(key)):
            return "", False
        other = any(word not in first for word in PART.findall(key))
        # Two characters more are another word; two fewer may be one left out.
        near = abs(len(key) - len(first)) <= 1 or key in first
        slip = key != first and near and not inside and not other
        return ", ".join(list(named.values())[:_SUGGESTED]), slip and misspelt(bare, list(known))

    def unread(self, title: str, unit: str = "") -> tuple[str, str]:
        """Return the indicator a title would name, but for a unit that is none, or not its own.

        Parameters
        ----------
        title : str
            A title that names no indicator as it stands.
        unit : str
            Its unit of measurement, where one was read.

        Returns
        -------
        str
            Its identifier, or nothing.
        str
            What should be a unit of measurement.
        """
        if unit:
            # 第三产业（%） is a share, another quantity; 在用机架数（万个） is a slip.
            found, share = self._alias(title, ""), measure(unit)
            return (found, unit) if found and share and share.kinds != _RATIO else ("", "")
        outside, groups = bracketed(plain_title(title))
        found = self.exact(outside) or self._alias(outside, "")
        if not found or len(groups) != 1 or PART.search(groups[0]):
            return "", ""
        return (found, groups[0]) if LIKE_UNIT.fullmatch(groups[0]) else ("", "")

    def _inside(self, title: str) -> list[str]:
        """Return the names a title holds whole, the longest first."""
        key = title_key(title)
        more = {name for name in self._names if name in key and len(key) > len(name) + 1}
        held = {self._own[self._names[name]] for name in more}
        return sorted(held, key=lambda name: (-len(name), name))[:_SUGGESTED]

    def _looked_for(self, title: str, unit: str) -> Named:
        plain = self.exact(title)
        if plain:
            said = self._per(plain, unit, title)
            after = f"{self._own[plain]}（{said}）" if is_scale(unit) and said != unit else ""
            return Named(indicator=plain, unit=said, after=after)
        for bare, own, mended in self._bared(plain_title(title), unit):
            found = self.exact(bare) or self._alias(bare, own)
            if found:
                alias = not self.exact(bare)
                said = self._per(found, own, bare)
                if mended and said and not self._fits(found, said):
                    continue
                after = self._own[found] + (f"（{said}）" if said and said != unit else "")
                english = two_languages(title)[1] if self._chinese(bare) == bare else ""
                foreign = bool(english) and not self._called(english)
                return Named(indicator=found, unit=said, after=after, alias=alias, foreign=foreign)
        return self._with_unit_behind(title) if not unit else Named()

    def _alias(self, title: str, unit: str) -> str:
        """Return the indicator a synonym means, if its unit of measurement agrees."""
        indicator, needs_unit = self._aliases.get(title_key(title), ("", False))
        if not indicator or (needs_unit and not unit):
            return ""
        per = self._per(indicator, unit, title)
        return indicator if not unit or self._fits(indicator, per, loose=True) else ""

    def _fits(self, indicator: str, unit: str, *, loose: bool = False) -> bool:
        """Tell whether a unit of measurement is one of an indicator's."""
        wanted = self._units[indicator]
        if not wanted:
            return False
        if conversion(unit, wanted) is not None:
            return True
        # A different precision is refused where the values are read, with its own sentence.
        old, new = measure(unit), measure(wanted)
        return loose and old is not None and new is not None and old.kinds == new.kinds

    def _per(self, indicator: str, unit: str, title: str) -> str:
        """Return 亿元 for the 亿 of money, and 元/人 for the 元 of what is per head by its name."""
        wanted = self._units.get(indicator, "")
        if is_scale(unit):
            return with_scale(unit, wanted)
        below = wanted.partition("/")[2]
        if not (unit and below and re.match("人均|每", title.strip())):
            return unit
        longer = f"{unit}/{below}"
        needed = conversion(unit, wanted) is None and conversion(longer, wanted) is not None
        return longer if needed else unit

    def _bared(self, title: str, unit: str) -> Iterator[tuple[str, str, bool]]:
        """Strip a title step by step: title, unit of measurement, whether one was found."""
        yield title, unit, False
        title = LIST.sub("", title)
        outside, groups = bracketed(title)
        units, others = [], []
        for group in groups:
            inner, more = unit_of(group)
            if not inner and is_scale(group.strip()):
                inner, more = group.strip(), []
            units += [inner] if inner else []
            others += [word for word in more if not self._says_nothing(word)]
        if len(units) > 1 or (units and unit):
            return
        own = units[0] if units else unit
        kept = outside + "".join(f"({word})" for word in others)
        for bare in dict.fromkeys((kept, self._trimmed(kept), self._chinese(kept))):
            yield bare, own, bool(units)

    def _chinese(self, title: str) -> str:
        """Return the Chinese half of a title that names the same in two languages."""
        chinese, english = two_languages(title)
        named = self._called(chinese)
        other = self._called(english)
        same = other == named or (not other and not OTHER_ENGLISH.search(english.casefold()))
        return chinese if named and same else title

    def _called(self, title: str) -> str:
        return self.exact(title) or self._alias(title, "")

    def _trimmed(self, title: str) -> str:
        """Take off what says nothing, in front and behind."""
        words = self._silent
        key = title_key(title).strip(_BETWEEN)
        return re.sub(rf"^(?:{words})(?=..)|(?<=..)(?:{words})$", "", key)

    def _says_nothing(self, word: str) -> bool:
        return re.fullmatch(self._silent, title_key(word)) is not None

    @property
    def _silent(self) -> str:
        whole = WHOLE.get(self.level)
        return f"{PLAIN}|{whole}" if whole else PLAIN

    def _with_unit_behind(self, title: str) -> Named:
        """Read a unit of measurement without brackets, or with broken ones, behind a name."""
        key = title_key(title)
        names = {**{name: one for name, (one, _) in self._aliases.items()}, **self._names}
        for name in sorted(names, key=len, reverse=True):
            rest = key.removeprefix(name).strip(_BETWEEN).removeprefix("单位").lstrip(":")
            if not bracketed(rest)[0]:  # brackets around all of it, or broken ones
                rest = rest.strip(OPEN + CLOSE)
            if not key.startswith(name) or rest.isdigit() or measure(rest) is None:
                continue
            found, rest = names[name], as_written(title, rest)
            said = self._per(found, rest, name)
            if self._fits(found, said, loose=True):
                after = f"{self._own[found]}（{said}）"
                return Named(indicator=found, unit=said, after=after, alias=name not in self._names)
        return Named()

    @cached_property
    def titles(self) -> dict[str, str]:
        """Identifiers of indicators by everything they are called."""
        columns = ("name_zh", "indicator", "name_en")
        known = self.indicators
        return {
            title: name
            for column in columns
            for title, name in zip(known[column], known["indicator"], strict=True)
            if title
        }

    @cached_property
    def _written(self) -> dict[str, str]:
        """Identifiers by every name and synonym as they are written."""
        found = dict(self.titles)
        if self.aliases is not None:
            part = self.aliases[self.aliases["level"] == self.level]
            part = part[part["indicator"].isin(list(self._own))]
            for alias, name in zip(part["alias"], part["indicator"], strict=True):
                found.setdefault(alias, name)
        return found

    @cached_property
    def _names(self) -> dict[str, str]:
        return {title_key(title): name for title, name in self.titles.items()}

    @cached_property
    def _own(self) -> dict[str, str]:
        columns = (self.indicators[name] for name in ("indicator", "name_zh"))
        return {name: title or name for name, title in zip(*columns, strict=True)}

    @cached_property
    def _units(self) -> dict[str, str]:
        return dict(zip(self.indicators["indicator"], self.indicators["unit"], strict=True))

    @cached_property
    def _aliases(self) -> dict[str, tuple[str, bool]]:
        """Synonyms of the indicators there are, unless they are names of others."""
        if self.aliases is None:
            return {}
        part = self.aliases[self.aliases["level"] == self.level]
        columns = (part[name] for name in ("alias", "indicator", "unit_needed"))
        return {
            title_key(alias): (indicator, needed == "1")
            for alias, indicator, needed in zip(*columns, strict=True)
            if indicator in self._own and title_key(alias) not in self._names
        }

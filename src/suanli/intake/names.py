"""Which unit a name means: by rules, never by likeness."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import pandas as pd

from suanli.intake.letters import LETTERS
from suanli.intake.likeness import alike
from suanli.intake.matches import Match, MatchKind
from suanli.intake.others import DISTRICTS, HARMLESS, INCLUDES, SHARES, TOTALS, ZONES
from suanli.intake.plain import plain_name

__all__ = ["Gazetteer", "Match", "MatchKind"]

_SUFFIXES: Final[Mapping[str, tuple[str, ...]]] = {
    "province": ("", "省"),
    "municipality": ("", "市"),
    "autonomous_region": ("", "自治区"),
    "special": ("", "特别行政区", "省", "地区"),
    "prefecture_city": ("", "市"),
    "autonomous_prefecture": ("", "州", "自治州"),
    "league": ("", "盟"),
    "prefecture": ("", "地区"),
    "county_direct": ("",),
}
_ALIASES: Final = {
    "内蒙": "150000",
    "neimongol": "150000",
    "tibet": "540000",
    "台湾": "710000",
}
_TWO_LANGUAGES: Final = re.compile(r"([\u4e00-\u9fff]+)[/|]?([A-Za-z'-]+)")
_JOINTS: Final = "-—–_/\\·•.、,>|:;"
_COUNTY_SUFFIXES: Final = ("", "市", "区", "县", "旗", "新区", "林区", "特区")
_MUNICIPALITIES: Final = ("110000", "120000", "310000", "500000")


@dataclass(frozen=True, kw_only=True, eq=False)
class Gazetteer:
    """The units known, by every way of writing them.

    Parameters
    ----------
    units : pandas.DataFrame
        Text columns ``level`` (``province`` or ``city``), ``code``, ``name``, ``short_name``,
        ``kind`` and, if at hand, ``name_en`` and ``pinyin``.
    renames : pandas.DataFrame, optional
        Columns ``code``, ``name``, ``last_year``, ``status``, ``successor_code``.
    counties : pandas.DataFrame, optional
        Columns ``code``, ``name``, ``parent``.
    traditional : Mapping[str, str], optional
        Simplified characters by traditional ones.

    Notes
    -----
    A suffix tells the kind of a unit: 恩施州 is an autonomous prefecture, 恩施市 a city of county
    rank within it. A name is therefore matched with its own suffix, with that of its kind, or
    with none, and never with another's. Likeness only suggests.

    Examples
    --------
    >>> units = pd.DataFrame({"level": ["province", "city", "city"],
    ...     "code": ["220000", "220200", "422800"],
    ...     "name": ["吉林省", "吉林市", "恩施土家族苗族自治州"],
    ...     "short_name": ["吉林", "吉林", "恩施"],
    ...     "kind": ["province", "prefecture_city", "autonomous_prefecture"]})
    >>> known = Gazetteer(units=units)
    >>> known.match("恩施州", level="city").code, known.match("恩施市", level="city").kind
    ('422800', 'unknown')
    >>> known.match("吉林", level="city").candidates
    ('220200 吉林市', '220000 吉林省')
    >>> known.match("吉林", level="city", certain=True).code
    '220200'
    """

    units: pd.DataFrame
    renames: pd.DataFrame | None = None
    counties: pd.DataFrame | None = None
    traditional: Mapping[str, str] = field(default_factory=dict)

    def match(
        self,
        text: str,
        *,
        level: str,
        province: str = "",
        certain: bool = False,
        suggest: bool = True,
    ) -> Match:
        """Tell what a name means.

        Parameters
        ----------
        text : str
            The name as written.
        level : {"province", "city"}
            The level wanted.
        province : str, optional
            Code of the province it lies in, where that is known.
        certain : bool, default False
            Whether the level is certain, from a column of levels for instance: a name that
            stands for a unit of either level (吉林, 海南) is then one of this level.
        suggest : bool, default True
            Whether to look for what an unknown name resembles.

        Returns
        -------
        Match
            What it means.
        """
        plain, note = plain_name(text)
        plain = self.simplified(plain)
        found = self._looked_up(plain, level, province, certain=certain)
        halves = _TWO_LANGUAGES.fullmatch(plain) if found.kind == "unknown" else None
        if halves is not None:
            both = [self._looked_up(h, level, province, certain=certain) for h in halves.groups()]
            if both[0].code and self._says(both[0].code, halves[2]):
                found = both[0]
        if found.kind == "unknown" and suggest:
            letter = self.by_letter(plain)
            if letter is not None:
                return replace(found, candidates=(self._shown(letter.code),))
            found = self._county(plain, province) or replace(
                found, candidates=self._alike(plain, level)
            )
        if found.kind in {"unit", "renamed"} and found.name != text:
            found = replace(found, mended=True)
        return self._bracketed(found, note)

    def _bracketed(self, found: Match, note: str) -> Match:
        """Judge what stands in brackets: it may make the name that of something else."""
        if note.startswith(INCLUDES):
            return replace(found, note=note)
        if not note or found.kind not in {"unit", "renamed"} or HARMLESS.fullmatch(note):
            return replace(found, note="")
        around = self._variants["province"].get(self.simplified(note).casefold(), ())
        if any(code[:2] == found.code[:2] for code in around):
            return replace(found, note="")
        return Match(kind="unknown", candidates=(self._shown(found.code),))

    def _says(self, code: str, latin: str) -> bool:
        """Tell whether a name in Latin letters is one of a unit's."""
        return any(code in spelt.get(latin.casefold(), ()) for spelt in self._variants.values())

    def by_letter(self, text: str) -> Match | None:
        """Tell which province a single letter stands for.

        Parameters
        ----------
        text : str
            A name. One alone may be anything: 新 is new, 云 a cloud.

        Returns
        -------
        Match or None
            The province; None where it is no such letter.
        """
        code = LETTERS.get(self.simplified(text.strip()), "")
        name = self._names.get(code, "")
        return Match(kind="unit", code=code, name=name, mended=True) if name else None

    def simplified(self, text: str) -> str:
        """Return text with traditional characters replaced.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        str
            As long as before.
        """
        return text.translate(self._table)

    def province_of(self, text: str) -> str:
        """Return the code of the province a name means.

        Parameters
        ----------
        text : str
            A name.

        Returns
        -------
        str
            The code, or nothing.
        """
        found = self.province(text)
        return found.code if found.kind == "unit" else ""

    def province(self, text: str) -> Match:
        """Tell what stands in a column of provinces, which may be written by their letters.

        Parameters
        ----------
        text : str
            A name.

        Returns
        -------
        Match
            What it means.
        """
        found = self.match(text, level="province", certain=True, suggest=False)
        return self.by_letter(text) or found if found.kind == "unknown" else found

    def _looked_up(self, plain: str, level: str, province: str, *, certain: bool) -> Match:
        if not plain:
            return Match(kind="blank")
        other = "city" if level == "province" else "province"
        here = self._of_province(self._variants[level].get(plain.casefold(), ()), province)
        there = self._variants[other].get(plain.casefold(), ())
        if here:
            # A municipality is one unit at both levels.
            rivals = () if certain or province else [c for c in there if c not in here]
            return self._one((*here, *rivals))
        if province in _MUNICIPALITIES and plain in DISTRICTS and level == "city":
            name = self._names[province]
            part = Match(kind="county", name=plain, candidates=(f"{plain} ({name})",))
            whole = Match(kind="unit", code=province, name=name)
            return part if (province, plain) in SHARES else whole
        if TOTALS.fullmatch(plain.casefold()):
            return Match(kind="total", name=plain)
        if there and level == "province":
            return self._elsewhere(there)
        return (
            self._former(plain, province)
            or self._within(plain, level, province)
            or self._below(plain, province)
            or self._elsewhere(there)
        )

    def _former(self, plain: str, province: str) -> Match | None:
        """Look among former names."""
        rows = [
            row
            for row in self._past.get(plain, ())
            if row["code"][:2] in ("", province[:2]) or not province
        ]
        if len({row["code"] for row in rows}) != 1:
            return None
        row = rows[-1]
        if row["status"] == "renamed":
            name = self._names.get(row["successor_code"], row["successor_name"])
            code = row["successor_code"]
            return Match(kind="renamed", code=code, name=name, until=row["last_year"])
        successor = row["successor_code"]
        after = f"{successor} {self._names.get(successor, '')}".strip() or row["successor_name"]
        candidates = (after,) if after else ()
        return Match(
            kind="abolished", name=row["name"], candidates=candidates, until=row["last_year"]
        )

    def _within(self, plain: str, level: str, province: str) -> Match | None:
        """Take a province off the front and look again for what is left."""
        if province or level != "city":
            return None
        for prefix, code in self._prefixes:
            rest = plain.removeprefix(prefix).lstrip(_JOINTS)
            if rest in {"", plain}:
                continue
            found = self._looked_up(rest, level, code, certain=True)
            if found.kind not in {"unknown", "total"}:
                return found
        return None

    def _below(self, plain: str, province: str) -> Match | None:
        """Look among the units below prefectures, with or without their prefecture in front."""
        for name in (plain, *self._without_city(plain)):
            found = self._county(name, province, suffixes=("",))
            if found is not None:
                return found
        return Match(kind="zone", name=plain) if ZONES.fullmatch(plain) else None

    def _county(
        self, plain: str, province: str, *, suffixes: Sequence[str] = _COUNTY_SUFFIXES
    ) -> Match | None:
        """Look for a county of a name, also without its suffix: only to tell what it is."""
        shown = [
            f"{code} {plain}{end} ({self._names.get(up, up)})"
            for end in suffixes
            for code, up in self._lower.get(plain + end, ())
            if code[:2] == province[:2] or not province
        ]
        return Match(kind="county", name=plain, candidates=tuple(shown)) if shown else None

    def _without_city(self, plain: str) -> Iterable[str]:
        for name in self._cities:
            if plain.startswith(name) and len(plain) > len(name):
                yield plain[len(name) :].lstrip(_JOINTS)

    def _elsewhere(self, there: tuple[str, ...]) -> Match:
        if there:
            return replace(self._one(there), kind="other_level")
        return Match(kind="unknown")

    def _one(self, codes: tuple[str, ...]) -> Match:
        if len(codes) == 1:
            return Match(kind="unit", code=codes[0], name=self._names[codes[0]])
        return Match(kind="ambiguous", candidates=tuple(self._shown(code) for code in codes))

    def _of_province(self, codes: tuple[str, ...], province: str) -> tuple[str, ...]:
        return tuple(code for code in codes if code[:2] == province[:2] or not province)

    def _alike(self, plain: str, level: str) -> tuple[str, ...]:
        """Return up to three units whose names resemble it, of the level wanted if there are."""
        other = "city" if level == "province" else "province"
        for spelt in (self._spellings[level], self._spellings[other]):
            codes = dict.fromkeys(spelt[name] for name in alike(plain, spelt))
            if codes:
                return tuple(self._shown(code) for code in codes)
        return ()

    def _shown(self, code: str) -> str:
        return f"{code} {self._names[code]}"

    @cached_property
    def _table(self) -> dict[int, str]:
        return {ord(old): new for old, new in self.traditional.items()}

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(zip(self.units["code"], self.units["name"], strict=True))

    @cached_property
    def called(self) -> dict[str, dict[str, str]]:
        """Names of units by code, in each language."""
        english = self.units["name_en"] if "name_en" in self.units else self.units["name"]
        columns = (self.units["code"], self.units["name"], english)
        return {
            code: {"zh": f"{name} {code}", "en": f"{other or name} {code}"}
            for code, name, other in zip(*columns, strict=True)
        }

    @cached_property
    def _spellings(self) -> dict[str, dict[str, str]]:
        """Return codes by full and short names, by level."""
        spelt: dict[str, dict[str, str]] = {"province": {}, "city": {}}
        for row in self.units.itertuples():
            known = spelt[str(row.level)]
            known[str(row.short_name)] = known[str(row.name)] = str(row.code)
        return spelt

    @cached_property
    def _variants(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return the codes for every admissible spelling, by level."""
        found: dict[str, dict[str, tuple[str, ...]]] = {"province": {}, "city": {}}
        for row in self.units.to_dict("records"):
            spelt = {row["name"], *(row["short_name"] + end for end in _SUFFIXES[row["kind"]])}
            latin = {str(row[column]) for column in ("name_en", "pinyin") if row.get(column)}
            spelt |= latin | {name.replace(" ", "") for name in latin}
            spelt |= {alias for alias, code in _ALIASES.items() if code == row["code"]}
            if row["kind"] == "special":
                spelt |= {"中国" + name for name in tuple(spelt)}
            known = found[row["level"]]
            for name in {str(name).casefold() for name in spelt}:
                known[name] = tuple(dict.fromkeys((*known.get(name, ()), row["code"])))
        return found

    @cached_property
    def _prefixes(self) -> list[tuple[str, str]]:
        """Return provinces as they stand before a city's name, the longest first."""
        pairs = [
            (name, code)
            for name, codes in self._variants["province"].items()
            for code in codes
            if not name.isascii()
        ]
        return sorted(pairs, key=lambda pair: (-len(pair[0]), pair))

    @cached_property
    def _cities(self) -> list[str]:
        cities = self.units[self.units["level"] == "city"]
        return sorted({*cities["name"], *cities["short_name"]})

    @cached_property
    def _past(self) -> dict[str, list[dict[str, str]]]:
        past: dict[str, list[dict[str, str]]] = {}
        if self.renames is None:
            return past
        for row in self.renames.sort_values("last_year", kind="stable").to_dict("records"):
            short = re.sub(r"(?:市|盟|(?<!县)地区)$", "", row["name"])
            for name in dict.fromkeys((row["name"], short)):
                past.setdefault(name, []).append({str(k): str(v) for k, v in row.items()})
        return past

    @cached_property
    def _lower(self) -> dict[str, list[tuple[str, str]]]:
        lower: dict[str, list[tuple[str, str]]] = {}
        if self.counties is not None:
            columns = (self.counties[name] for name in ("name", "code", "parent"))
            for name, code, parent in zip(*columns, strict=True):
                lower.setdefault(name, []).append((code, parent))
        return lower

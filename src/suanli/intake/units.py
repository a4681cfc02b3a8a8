"""Which spatial unit each row of a table is about."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

import pandas as pd

from suanli.errors import Problem
from suanli.intake.findings import Ledger, Place
from suanli.intake.headings import heading_key
from suanli.intake.names import Gazetteer, Match

__all__ = ["CodeReader", "Resolver", "clean_code"]

_WRAPPING: Final = " '\"`\u200b\ufeff\u3000\u00a0\t"
_FULL: Final = 6
_LONGEST: Final = 40
_PROVINCE, _PREFECTURE = 2, 4
_WHOLE: Final = frozenset({"全国", "合计", "总计", "全国合计", "全国总计", "total", "national"})
_LONG: Final = (9, 12)


def clean_code(text: str) -> str:
    """Mend how a code is written.

    Parameters
    ----------
    text : str
        Such as ``"130100.0"``, ``"'１１"``, ``"130100000000"``.

    Returns
    -------
    str
        Six digits; nothing where it is no code, or one of a unit below counties.

    Examples
    --------
    >>> [clean_code(text) for text in ("130100.0", "１１", "1301", "130100000000", "130102001000")]
    ['130100', '110000', '130100', '130100', '']
    """
    plain = unicodedata.normalize("NFKC", text).strip(_WRAPPING)
    plain = re.sub(r"\.0+$", "", re.sub(r"\s", "", plain))
    if not re.fullmatch(r"\d+", plain):
        return ""
    if len(plain) in {_PROVINCE, _PREFECTURE}:
        return plain.ljust(_FULL, "0")
    if len(plain) in _LONG and not plain[_FULL:].strip("0"):
        return plain[:_FULL]
    return plain if len(plain) == _FULL else ""


@dataclass(frozen=True, kw_only=True, eq=False)
class CodeReader:
    """Reads codes, knowing the units.

    Parameters
    ----------
    gazetteer : Gazetteer
        The units.
    """

    gazetteer: Gazetteer

    def match(self, text: str, level: str) -> Match:
        """Tell what a code means.

        Parameters
        ----------
        text : str
            The code as written.
        level : {"province", "city"}
            The level wanted.

        Returns
        -------
        Match
            Of kind ``unit``, ``abolished``, ``county``, ``other_level``, ``blank`` or
            ``unknown``.
        """
        if not text.strip(_WRAPPING):
            return Match(kind="blank")
        code = clean_code(text)
        if level == "city" and re.fullmatch(r"(?:11|12|31|50)0[12]00", code):
            # The districts, and the counties, of a municipality: together the municipality.
            code = code[:2] + "0000"
        mended = code != text
        if code in self._names[level]:
            return Match(kind="unit", code=code, name=self._names[level][code], mended=mended)
        other = "city" if level == "province" else "province"
        if code in self._names[other]:
            return Match(kind="other_level", code=code, name=self._names[other][code])
        if code in self._retired:
            row = self._retired[code]
            after = row["successor_code"]
            shown = (f"{after} {self._names['city'].get(after, '')}".strip(),) if after else ()
            return Match(
                kind="abolished",
                code=code,
                name=row["name"],
                until=row["last_year"],
                candidates=shown,
            )
        if code in self._counties:
            return Match(kind="county", code=code, name=self._counties[code])
        return Match(kind="unknown")

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        units = self.gazetteer.units
        return {
            level: dict(zip(part["code"], part["name"], strict=True))
            for level in ("province", "city")
            for part in [units[units["level"] == level]]
        }

    @cached_property
    def _retired(self) -> dict[str, dict[str, str]]:
        renames = self.gazetteer.renames
        if renames is None:
            return {}
        gone = renames[(renames["status"] == "abolished") & (renames["code"] != "")]
        return {
            row["code"]: {str(k): str(v) for k, v in row.items()} for row in gone.to_dict("records")
        }

    @cached_property
    def _counties(self) -> dict[str, str]:
        counties = self.gazetteer.counties
        return (
            {} if counties is None else dict(zip(counties["code"], counties["name"], strict=True))
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Resolver:
    """Finds the unit of every row of a table.

    Parameters
    ----------
    gazetteer : Gazetteer
        The units.
    level : {"province", "city"}
        The level wanted.
    """

    gazetteer: Gazetteer
    level: str

    def knows(self, text: str) -> bool:
        """Tell whether a text names a unit, of whatever level, or a total.

        Parameters
        ----------
        text : str
            A cell.

        Returns
        -------
        bool
            Whether a column of such cells is one of units.
        """
        if not text.strip() or len(text) > _LONGEST:
            return False
        if text.strip(_WRAPPING)[:1].isdigit():
            code = clean_code(text)
            return (
                len(code) == _FULL
                and self.codes.match(text, self.level).kind
                not in {
                    "unknown",
                    "blank",
                }
                and len(text.strip(_WRAPPING)) >= _FULL
            )
        kind = self._by_name(text, "", certain=True).kind
        return kind not in {"unknown", "blank"}

    def matched(self, text: str) -> bool:
        """Tell whether a text is a unit of this level, by code or by name.

        Parameters
        ----------
        text : str
            A cell.

        Returns
        -------
        bool
            Whether it is.
        """
        if text.strip(_WRAPPING)[:1].isdigit():
            return len(text.strip(_WRAPPING)) >= _FULL and (
                self.codes.match(text, self.level).kind == "unit"
            )
        return self._by_name(text, "", certain=True).kind in {"unit", "renamed"}

    def resolve(
        self, rows: pd.DataFrame, place: Callable[[int, str], Place], ledger: Ledger
    ) -> pd.DataFrame:
        """Find the unit of every row.

        Parameters
        ----------
        rows : pandas.DataFrame
            From :func:`suanli.intake.melt.melted`.
        place : Callable[[int, str], Place]
            The place of a row's column, ``"code"`` or ``"name"``.
        ledger : Ledger
            Takes what is found.

        Returns
        -------
        pandas.DataFrame
            Columns ``code`` (empty where the row is left out), ``total`` and ``whole`` (bool:
            a sum or mean over units, the sum over all), on the same index.
        """
        mine = rows["level"].isin(["", self.level])
        for i in rows.index[~mine]:
            ledger.add("other_level_rows", place(int(i), "level"), rows.loc[i, "level"])
        said = ["code", "name", "province", "level"]
        # Long tables repeat a unit in many rows: what differs is looked up once.
        group, found = pd.factorize(pd.MultiIndex.from_frame(rows[said]))
        combinations = [_Said(*combination) for combination in found]
        mixed = self._mixed(rows[mine])
        matches = [
            self._row(combination, certain=bool(combination.level) or not mixed)
            for combination in combinations
        ]
        codes = []
        for i, which, here in zip(rows.index, group, mine, strict=True):
            written = combinations[int(which)]
            codes.append(
                self._noted(matches[which], written, (place, int(i)), ledger) if here else ""
            )
        total = [
            here and matches[which].kind == "total" for which, here in zip(group, mine, strict=True)
        ]
        whole = [
            flag and heading_key(combinations[int(which)].name) in _WHOLE
            for flag, which in zip(total, group, strict=True)
        ]
        frame = pd.DataFrame({"code": codes, "total": total, "whole": whole}, index=rows.index)
        return frame.astype({"code": "str"})

    @cached_property
    def codes(self) -> CodeReader:
        """The reader of codes."""
        return _code_reader(self.gazetteer)

    def _by_name(self, text: str, province: str, *, certain: bool) -> Match:
        return _matched(self.gazetteer, text, (self.level, province), certain)

    def _mixed(self, rows: pd.DataFrame) -> bool:
        """Tell whether units of the other level stand among the rows, without a code."""
        names = rows.loc[rows["code"] == "", "name"].unique()
        return any(self._by_name(name, "", certain=True).kind == "other_level" for name in names)

    def _row(self, said: "_Said", *, certain: bool) -> Match:
        code, name, province = said.code, said.name, said.province
        if not code and _is_digits(name):
            code, name = name, ""
        elif not name and not _is_digits(code):
            code, name = "", code
        upper = self.gazetteer.province_of(province) if province else ""
        by_code = self.codes.match(code, self.level)
        if by_code.kind == "unit" and self.level == "city":
            upper = by_code.code[:2] + "0000"
        by_name = self._by_name(name, upper, certain=certain or by_code.kind == "unit")
        if by_code.kind == "blank" or by_name.kind == "total":
            return by_name
        if by_code.kind != "unit" or by_name.kind == "blank":
            return by_code
        return self._agreed(by_code, by_name, name)

    def _agreed(self, by_code: Match, by_name: Match, name: str) -> Match:
        """Hold a code against the name beside it."""
        if by_name.code == by_code.code or by_name.kind == "ambiguous":
            return Match(
                kind="unit",
                code=by_code.code,
                name=by_code.name,
                mended=by_code.mended,
                note=by_name.note,
            )
        if by_name.kind == "unknown" and by_code.name[:2] in name:
            return by_code
        return Match(kind="unknown", code=by_code.code, name=by_code.name)

    def _noted(
        self,
        found: Match,
        said: "_Said",
        at: tuple[Callable[[int, str], Place], int],
        ledger: Ledger,
    ) -> str:
        """Say what was found about a row; return its code, or nothing where it is left out."""
        if found.kind == "unit" and not found.mended and not found.note:
            return found.code
        named = bool(said.name.strip()) and (found.kind == "total" or not said.code.strip())
        place = at[0](at[1], "name" if named else "code")
        text = said.name if named else said.code
        if found.kind in {"unit", "renamed"}:
            self._mended(found, text, place, ledger)
            return found.code
        if found.kind == "unknown" and found.code:
            place = at[0](at[1], "name")
            ledger.add("code_name_differ", place, said.name, code=found.code, unit=found.name)
            return ""
        rules = _CODE_RULES if _is_digits(said.code) and not named else _NAME_RULES
        candidates = ", ".join(self._candidates(found, text))
        hint = "findings.hint." + ("merged" if found.kind == "abolished" else "likely")
        ledger.add(
            rules[found.kind],
            place,
            text,
            level=Problem(code=f"common.{self.level}"),
            candidates=candidates,
            hint=Problem(code=hint, params={"candidates": candidates}) if candidates else "",
            unit=found.name,
            until=found.until,
        )
        return ""

    def _candidates(self, found: Match, text: str) -> tuple[str, ...]:
        """Return what an unknown name resembles, looked for only where it is said."""
        if found.kind != "unknown" or _is_digits(text):
            return found.candidates
        return self.gazetteer.match(text, level=self.level).candidates

    def _mended(self, found: Match, text: str, place: Place, ledger: Ledger) -> None:
        """Note how a name or code was mended."""
        if found.kind == "renamed":
            ledger.add("name_renamed", place, text, found.name, until=found.until)
        elif found.mended:
            by_code = bool(clean_code(text))
            rule = "code_mended" if by_code else "name_mended"
            ledger.add(rule, place, text, found.code if by_code else found.name)
        if found.note:
            ledger.add("name_includes", place, text, note=found.note, unit=found.name)


def _is_digits(text: str) -> bool:
    """Tell whether a text is written as a code."""
    return text.strip(_WRAPPING)[:1].isdigit()


# The same names come again in column after column, and file after file.
@lru_cache(maxsize=2**15)
def _matched(gazetteer: Gazetteer, text: str, where: tuple[str, str], certain: bool) -> Match:  # noqa: FBT001 - all of a key
    level, province = where
    return gazetteer.match(text, level=level, province=province, certain=certain, suggest=False)


@lru_cache(maxsize=4)
def _code_reader(gazetteer: Gazetteer) -> CodeReader:
    return CodeReader(gazetteer=gazetteer)


class _Said(NamedTuple):
    """What a row says about its unit."""

    code: str
    name: str
    province: str
    level: str


_NAME_RULES: Final = {
    "total": "totals_left_out",
    "abolished": "name_abolished",
    "ambiguous": "name_ambiguous",
    "other_level": "other_level_left_out",
    "county": "name_county",
    "zone": "name_zone",
    "blank": "name_blank",
    "unknown": "name_unknown",
}
_CODE_RULES: Final = {
    "abolished": "code_retired",
    "other_level": "other_level_left_out",
    "total": "totals_left_out",
    "county": "code_level",
    "blank": "name_blank",
    "unknown": "code_unknown",
}

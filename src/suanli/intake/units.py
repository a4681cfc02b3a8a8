"""Which spatial unit each row of a table is about."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

import pandas as pd

from suanli.errors import Problem
from suanli.intake.codes import WRAPPING, CodeReader, clean_code, is_digits
from suanli.intake.findings import Ledger, Place
from suanli.intake.headings import heading_key
from suanli.intake.names import Gazetteer, Match
from suanli.intake.numbers import MISSING
from suanli.intake.pairs import of_pair, spelt_out

__all__ = ["CodeReader", "Resolver", "clean_code"]

_FULL: Final = 6
_LONGEST: Final = 40
_FEW_LETTERS: Final = 3
# What a name may say beside its unit that makes it another's.
_PART: Final = re.compile(
    r"市辖区|市区|城区|辖区|县域|开发区|高新区|新区|(?<!自治)(?<!地)区$|县$|旗$|本级"
)
_CODE_AND_NAME: Final = re.compile(r"\s*(\d{6})[\s_-]*([\u4e00-\u9fff].*)")
_WHOLE: Final = frozenset(
    {"全国", "合计", "总计", "全国合计", "全国总计", "total", "national"}
    | {
        chinese + english
        for chinese in ("全国", "合计", "总计")
        for english in ("total", "nationaltotal")
    }
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
        if is_digits(text):
            code = clean_code(text)
            return (
                len(code) == _FULL
                and self.codes.match(text, self.level).kind
                not in {
                    "unknown",
                    "blank",
                }
                and len(text.strip(WRAPPING)) >= _FULL
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
        both = _CODE_AND_NAME.fullmatch(text)
        text = both[1] if both is not None else text
        if is_digits(text):
            return len(text.strip(WRAPPING)) >= _FULL and (
                self.codes.match(text, self.level).kind == "unit"
            )
        return self._by_name(text, "", certain=True).kind in {"unit", "renamed"}

    def resolve(
        self,
        rows: pd.DataFrame,
        place: Callable[[int, str], Place],
        ledger: Ledger,
        *,
        lettered: bool = True,
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
        lettered : bool, default True
            Whether single letters may stand for provinces.

        Returns
        -------
        pandas.DataFrame
            Columns ``code`` (empty where the row is left out), ``total`` and ``whole`` (bool:
            a sum or mean over units, the sum over all), on the same index.
        """
        mine = rows["level"].isin(["", self.level])
        for i in rows.index[~mine]:
            ledger.add("other_level_rows", place(int(i), "level"), rows.loc[i, "level"])
        said = list(_Said._fields)
        # Long tables repeat a unit in many rows: what differs is looked up once.
        group, found = pd.factorize(pd.MultiIndex.from_frame(rows[said]))
        combinations = [_Said(*combination) for combination in found]
        mixed = self._mixed(rows[mine])
        pairs = ((said.name, said.province) for said in combinations if not said.code)
        whole = spelt_out(pairs, self.gazetteer)
        letters = self._letters(combinations) if lettered else {}
        matches = [
            letters.get(combination.name)
            or self._row(combination, certain=bool(combination.level) or not mixed, whole=whole)
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
        over_all = [
            flag and self._over_all(combinations[int(which)])
            for flag, which in zip(total, group, strict=True)
        ]
        frame = pd.DataFrame({"code": codes, "total": total, "whole": over_all}, index=rows.index)
        return frame.astype({"code": "str"})

    @cached_property
    def codes(self) -> CodeReader:
        """The reader of codes."""
        return _code_reader(self.gazetteer)

    def _letters(self, said: Sequence["_Said"]) -> dict[str, Match]:
        """Return provinces by their letters, where a column is written so."""
        found: dict[str, Match] = {}
        if self.level == "province":
            for one in said:
                match = None if one.code else self.gazetteer.by_letter(one.name)
                found |= {one.name: match} if match is not None else {}
        return found if len(found) >= _FEW_LETTERS else {}

    def _upper(self, text: str) -> str:
        """Return the code of the province a name means, or nothing."""
        return _province_of(self.gazetteer, text)

    def _by_name(self, text: str, province: str, *, certain: bool) -> Match:
        return _matched(self.gazetteer, text, (self.level, province), certain)

    def _over_all(self, said: "_Said") -> bool:
        """Tell whether a total is over all units: that of a province is not."""
        upper = said.province.strip()
        if upper and self._by_name(upper, "", certain=True).kind != "total":
            return False
        return heading_key(said.name or upper) in _WHOLE

    def _mixed(self, rows: pd.DataFrame) -> bool:
        """Tell whether units of the other level stand among the rows, without a code."""
        names = rows.loc[rows["code"] == "", "name"].unique()
        return any(self._by_name(name, "", certain=True).kind == "other_level" for name in names)

    def _row(self, said: "_Said", *, certain: bool, whole: bool) -> Match:
        code, province = said.code, said.province
        name = "" if said.name.strip() in MISSING else said.name
        both = _CODE_AND_NAME.fullmatch(name) if not code else None
        if both is not None:
            code, name = both.groups()
        elif not code and is_digits(name):
            code, name = name, ""
        elif not name and not is_digits(code):
            code, name = "", code
        upper = self._upper(province) if province else ""
        by_code = self.codes.match(code, self.level)
        if by_code.kind == "unit" and self.level == "city":
            if upper and upper[:2] != by_code.code[:2]:
                return replace(by_code, kind="elsewhere", note=province)
            upper = by_code.code[:2] + "0000"
        if by_code.kind == "blank" and province:
            told = of_pair(name, province, level=self.level, gazetteer=self.gazetteer, whole=whole)
            if told is not None:
                return told
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
        if by_name.kind == "unknown" and by_code.name[:2] in name and not _PART.search(name):
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
        if said.province and not self._upper(said.province):
            self._doubt_province(said, at, ledger)
        if found.kind == "unit" and not found.mended and not found.note:
            return found.code
        named = bool(said.name.strip()) and (found.kind == "total" or not said.code.strip())
        named = named or not said.code.strip()
        place = at[0](at[1], "name" if named else "code")
        text = (said.name or said.province) if named else said.code
        if found.kind in {"unit", "renamed"}:
            self._mended(found, text, place, ledger)
            return found.code
        if found.kind == "unknown" and found.code:
            place = at[0](at[1], "name")
            ledger.add("code_name_differ", place, said.name, code=found.code, unit=found.name)
            return ""
        by_code = is_digits(said.code) and not named
        if found.kind == "unknown" and not by_code and not is_digits(text):
            # What an unknown name is, or resembles, is looked for only where it is said.
            upper = self._upper(said.province) if said.province else ""
            found = self.gazetteer.match(text, level=self.level, province=upper)
        if found.kind in {"unit", "renamed"}:
            # A name in the column of codes, and beside it another text that is none.
            place = at[0](at[1], "name")
            ledger.add("code_name_differ", place, said.name, code=found.code, unit=found.name)
            return ""
        candidates = ", ".join(found.candidates)
        hint = "findings.hint." + ("merged" if found.kind == "abolished" else "likely")
        ledger.add(
            (_CODE_RULES if by_code else _NAME_RULES)[found.kind],
            place,
            text,
            level=Problem(code=f"common.{self.level}"),
            candidates=candidates,
            hint=Problem(code=hint, params={"candidates": candidates}) if candidates else "",
            unit=found.name,
            until=found.until,
            province=found.note,
        )
        return ""

    def _doubt_province(
        self, said: "_Said", at: tuple[Callable[[int, str], Place], int], ledger: Ledger
    ) -> None:
        """Say that a row is read without its province, which is none."""
        if self._by_name(said.province, "", certain=True).kind not in {"total", "blank"}:
            ledger.add("province_unknown", at[0](at[1], "province"), said.province)

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


# The same names come again in column after column, and file after file.
@lru_cache(maxsize=2**15)
def _matched(gazetteer: Gazetteer, text: str, where: tuple[str, str], certain: bool) -> Match:  # noqa: FBT001 - all of a key
    level, province = where
    return gazetteer.match(text, level=level, province=province, certain=certain, suggest=False)


@lru_cache(maxsize=2**12)
def _province_of(gazetteer: Gazetteer, text: str) -> str:
    return gazetteer.province_of(text)


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
    "province_row": "province_rows",
    "elsewhere": "province_differs",
    "blank": "name_blank",
    "unknown": "name_unknown",
}
_CODE_RULES: Final = {
    "abolished": "code_retired",
    "other_level": "other_level_left_out",
    "total": "totals_left_out",
    "county": "code_level",
    "elsewhere": "province_differs",
    "blank": "name_blank",
    "unknown": "code_unknown",
}

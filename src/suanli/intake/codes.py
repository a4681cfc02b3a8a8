"""Which unit a code means."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from suanli.intake.names import Gazetteer, Match

__all__ = ["WRAPPING", "CodeReader", "clean_code", "is_digits"]

WRAPPING: Final = " '\"`\u200b\ufeff\u3000\u00a0\t"
"""What may stand around a code."""

_FULL: Final = 6
_PROVINCE, _PREFECTURE = 2, 4
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
    plain = unicodedata.normalize("NFKC", text).strip(WRAPPING)
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
        if not text.strip(WRAPPING):
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


def is_digits(text: str) -> bool:
    """Tell whether a text is written as a code: it begins with a digit, and is no numbered name.

    Parameters
    ----------
    text : str
        A cell.

    Returns
    -------
    bool
        Whether it is.

    Examples
    --------
    >>> is_digits("'130100"), is_digits("1.石家庄市")
    (True, False)
    """
    plain = text.strip(WRAPPING)
    return plain[:1].isdigit() and not re.search(r"[\u4e00-\u9fff]", plain)

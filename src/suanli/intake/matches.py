"""What a name or code turned out to be."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Match", "MatchKind"]

MatchKind = Literal[
    "unit",
    "renamed",
    "abolished",
    "ambiguous",
    "other_level",
    "county",
    "zone",
    "total",
    "blank",
    "province_row",
    "elsewhere",
    "unknown",
]
"""What a name turned out to be.

``unit``: one unit of the level; ``renamed``: a former name of one; ``abolished``: a unit that is
no more; ``ambiguous``: several units, or one of either level; ``other_level``: a unit, but of
the other level; ``county``: a unit below prefectures; ``zone``: a new area, cluster or army
corps, which is no administrative unit; ``total``: a sum or mean over units; ``blank``: nothing;
``province_row``, ``elsewhere``: beside a province, all of it or a city of another one, see
:mod:`suanli.intake.pairs`; ``unknown``: none of these.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a name means.

    Attributes
    ----------
    kind : str
        See :data:`MatchKind`.
    code : str
        Code of the unit where there is exactly one.
    name : str
        Its name of today; of an abolished unit its own.
    candidates : tuple[str, ...]
        Units it could mean or resembles, ``"220200 吉林市"``.
    mended : bool
        Whether the name was written in another way than the official one.
    note : str
        What stood in brackets behind it, such as ``"含雄安"``.
    until : str
        The last year a former name was in use.
    """

    kind: MatchKind
    code: str = ""
    name: str = ""
    candidates: tuple[str, ...] = ()
    mended: bool = False
    note: str = ""
    until: str = ""

"""Which level a layer has, and in which columns its codes and names stand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd

from geo.layer import as_text, column_fits, named_column
from suanli.intake.findings import Ledger, Place
from suanli.intake.layer_model import LayerHow
from suanli.intake.layer_units import CHINESE_LEVELS, LayerLevel, LayerUnits
from suanli.intake.names import Gazetteer

__all__ = ["Columns", "find_columns"]

_CODE_NAMES: Final = ("code", "adcode", "id", "gid", "iso_3166_2", "nuts_id")
_NAME_NAMES: Final = ("name", "name_en", "name_zh", "shapename", "nuts_name")

Lookup = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """Which columns hold codes and names, and of which level.

    Attributes
    ----------
    level : {"province", "city", "county", "own"}
        The level.
    code, name : str
        The columns; empty where there is none.
    score : float
        How many different units they name, times the share of features that are one.
    rivals : tuple[str, ...]
        Columns that name as many units, but others.
    units : LayerUnits or None
        The units of the level; None at ``own``.
    """

    level: LayerLevel
    code: str
    name: str
    score: float
    rivals: tuple[str, ...]
    units: LayerUnits | None

    def called(self, code: str) -> str:
        """Return a unit as it is called in messages.

        Parameters
        ----------
        code : str
            Its code.

        Returns
        -------
        str
            Code and name.
        """
        name = self.units.name(code) if self.units is not None else ""
        return f"{code} {name}".strip()


def find_columns(
    frame: gpd.GeoDataFrame,
    level: LayerLevel | None,
    *,
    how: LayerHow,
    gazetteer: Gazetteer,
    at: Callable[..., Place],
    ledger: Ledger,
) -> Columns | None:
    """Find the level and the columns of codes and names by what their values mean.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Features as they stand in the file.
    level : {"province", "city", "county", "own"} or None
        The level, if it is known.
    how : LayerHow
        Columns the user names.
    gazetteer : Gazetteer
        The units known.
    at : Callable[..., Place]
        Makes the place of a column.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    Columns or None
        None where no column names units.

    Raises
    ------
    geo.errors.LayerError
        ``layer.no_column``: a column the user names is not there.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame({"id": ["a"], "geometry": [box(0, 0, 1, 1)]})
    >>> known = Gazetteer(units=None)
    >>> find_columns(layer, "own", how=LayerHow(), gazetteer=known, at=lambda: Place(file="a"),
    ...     ledger=Ledger()).code
    'id'
    """
    wanted = (("code", how.code_column), ("name", how.name_column))
    file = at().file
    given = {kind: named_column(frame, name, path=file) for kind, name in wanted if name}
    if level == "own":
        return _own_columns(frame, given, at(), ledger)
    levels = CHINESE_LEVELS if level is None else (level,)
    tried = [_fitting(frame, LayerUnits(gazetteer=gazetteer, level=one), given) for one in levels]
    best = max(tried, key=lambda found: found.score)
    if best.score == 0:
        ledger.add("layer.no_known_units", at(), columns=", ".join(_listed(frame)))
        return None
    if best.rivals:
        ledger.add("layer.column_chosen", at(column=best.code), rivals=", ".join(best.rivals))
    return best


def _fitting(frame: gpd.GeoDataFrame, units: LayerUnits, given: Mapping[str, str]) -> Columns:
    score = 0.0
    rivals: tuple[str, ...] = ()
    found = dict(given)
    lookups: dict[str, Lookup] = {"code": units.by_code, "name": units.by_name}
    for kind, lookup in lookups.items():
        if kind in given:
            fits = column_fits(frame[[given[kind], frame.geometry.name]], lookup, least=0.0)
        else:
            fits = column_fits(frame, lookup)
            rivals = _rivals(frame, [f.column for f in fits], lookup) if kind == "code" else rivals
        if fits:
            found[kind] = fits[0].column
            score = max(score, fits[0].distinct * fits[0].share)
    return Columns(
        level=units.level,
        code=found.get("code", ""),
        name=found.get("name", ""),
        score=score,
        rivals=rivals,
        units=units,
    )


def _own_columns(
    frame: gpd.GeoDataFrame, given: Mapping[str, str], place: Place, ledger: Ledger
) -> Columns | None:
    columns = {column.casefold(): column for column in reversed(_listed(frame))}
    codes = [columns[like] for like in _CODE_NAMES if like in columns]
    whole = [column for column in codes if as_text(frame[column]).is_unique]
    code = given.get("code") or next(iter(whole), "")
    if not code:
        ledger.add("layer.no_code_column", place, columns=", ".join(_listed(frame)))
        return None
    name = given.get("name") or next((columns[x] for x in _NAME_NAMES if x in columns), "")
    return Columns(level="own", code=code, name=name, score=1.0, rivals=(), units=None)


def _rivals(frame: gpd.GeoDataFrame, fits: list[str], lookup: Lookup) -> tuple[str, ...]:
    """Return further columns of as many known codes that say something else."""
    if not fits:
        return ()
    first = as_text(frame[fits[0]]).map(lookup)
    other = {column: as_text(frame[column]).map(lookup) for column in fits[1:]}
    count = first[first != ""].nunique()
    return tuple(
        column
        for column, codes in other.items()
        if codes[codes != ""].nunique() == count and not codes.equals(first)
    )


def _listed(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in frame.columns if name != frame.geometry.name]

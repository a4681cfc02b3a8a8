"""Reading a boundary layer as people keep it, for China's levels or any other units."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import ALBERS, GEOGRAPHIC
from geo.errors import LayerError
from geo.export import write_geopackage
from geo.layer import (
    RawLayer,
    ShiftReport,
    as_text,
    choose_source,
    dissolve_units,
    equal_area_crs,
    find_sources,
    merge_parts,
    near_misses,
    neighbour_pairs,
    read_source,
    repair_coverage,
    unpacked,
)
from suanli.boundaries import Boundaries, Level, load_boundaries
from suanli.errors import Problem
from suanli.intake.findings import Ledger, Place
from suanli.intake.layer_columns import Columns, find_columns
from suanli.intake.layer_model import LayerHow, OwnLayer
from suanli.intake.layer_place import Placing, datum_report, refuse_strangers, to_degrees
from suanli.intake.layer_units import LayerLevel, shipped_gazetteer
from suanli.intake.names import Gazetteer

__all__ = ["LayerHow", "OwnLayer", "read_layer", "write_layer"]

_POLYGONS: Final = ("Polygon", "MultiPolygon")
_MOST_UNKNOWN: Final = 0.1
_MOST_MOVED: Final = 0.01
_SHOWN: Final = 10
_SLIGHT_KM2: Final = 1e-6
"""Less than a square metre, as edges are matched, is no change worth a line."""


def read_layer(
    path: Path | str,
    *,
    level: LayerLevel | None = None,
    how: LayerHow | None = None,
    boundaries: Boundaries | None = None,
    gazetteer: Gazetteer | None = None,
) -> OwnLayer:
    """Take in a layer of units.

    Parameters
    ----------
    path : pathlib.Path or str
        A shapefile or the folder it lies in, a GeoPackage, GeoJSON or GeoParquet file, or one
        of these zipped or gzipped.
    level : {"province", "city", "county", "own"}, optional
        Level of the units, told from their codes and names by default; ``own`` for units of
        another country or kind.
    how : LayerHow, optional
        What the file does not tell.
    boundaries : Boundaries, optional
        What places are known by; the shipped layers by default.
    gazetteer : Gazetteer, optional
        The units known; the shipped ones by default.

    Returns
    -------
    OwnLayer
        Units and findings. Nothing is raised for what is wrong with the file: see
        ``OwnLayer.ledger.refused`` and :meth:`suanli.intake.findings.Ledger.raise_errors`.

    Examples
    --------
    >>> from suanli.locations import data_folder
    >>> own = read_layer(data_folder() / "boundaries" / "province.geojson")
    >>> own.level, len(own.frame), own.facts["isolates"], own.ledger.findings
    ('province', 34, ['460000', '710000'], [])
    """
    path, how = Path(path), how or LayerHow()
    known = boundaries or load_boundaries()
    names = gazetteer or shipped_gazetteer(known.folder.parent)
    ledger = Ledger(strict=how.strict)
    reading = _Reading(path=path, how=how, ledger=ledger, boundaries=known, gazetteer=names)
    try:
        return reading.take(level)
    except LayerError as error:
        detail = Problem(code=error.code, params=error.params)
        ledger.add(error.code, Place(file=path.name), detail=detail)
    return reading.refused(level or "own")


def write_layer(own: OwnLayer, path: Path) -> None:
    """Write a layer taken in as a GeoPackage: atomic, the same bytes for the same layer.

    Parameters
    ----------
    own : OwnLayer
        A layer that was not refused.
    path : pathlib.Path
        The file to write.

    Raises
    ------
    InputError
        The layer was refused.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from suanli.locations import data_folder
    >>> own = read_layer(data_folder() / "boundaries" / "province.geojson")
    >>> path = Path(tempfile.mkdtemp()) / "province.gpkg"
    >>> write_layer(own, path)
    >>> len(read_layer(path).frame)
    34
    """
    own.ledger.raise_errors()
    write_geopackage(path, {own.level: own.frame})


@dataclass(kw_only=True, eq=False)
class _Reading:
    """One layer on its way in."""

    path: Path
    how: LayerHow
    ledger: Ledger
    boundaries: Boundaries
    gazetteer: Gazetteer
    sheet: str = ""

    def take(self, level: LayerLevel | None) -> OwnLayer:
        raw = self._raw()
        columns = find_columns(
            raw.frame,
            level,
            how=self.how,
            gazetteer=self.gazetteer,
            at=self._at,
            ledger=self.ledger,
        )
        if columns is None:
            return self.refused(level or "own")
        facts = {
            "features": len(raw.frame),
            "encoding": raw.encoding,
            "code_column": columns.code,
            "name_column": columns.name,
        }
        codes = self._codes(raw.frame, columns, facts)
        frame = self._polygons(raw.frame, codes, columns)
        if self.ledger.refused or not len(frame):
            return self.refused(columns.level)
        codes = codes.loc[frame.index]
        placing = self._placing(columns, codes)
        at = Place(file=self.path.name, sheet=self.sheet)
        placed, where = to_degrees(raw, frame, placing, place=at, ledger=self.ledger)
        facts |= where
        if placed is None or self.ledger.refused:
            return self.refused(columns.level, facts)
        return self._finished(self._merged(placed, codes, columns), columns, placing, facts)

    def refused(self, level: LayerLevel, facts: Mapping[str, Any] | None = None) -> OwnLayer:
        empty = gpd.GeoDataFrame({"name": []}, geometry=[], crs=GEOGRAPHIC).rename_axis("code")
        return OwnLayer(
            frame=empty, level=level, planar_crs=ALBERS, ledger=self.ledger, facts=facts or {}
        )

    def _raw(self) -> RawLayer:
        with unpacked(self.path) as place:
            sources = find_sources(place)
            source = choose_source(sources, self.how.layer, name=self.path.name)
            self.sheet = source.name if len(sources) > 1 else ""
            raw = read_source(source, encoding=self.how.encoding)
        if raw.encoding_source == "contradicted":
            rule = "layer.encoding_contradicted"
            self.ledger.add(rule, self._at(), raw.encoding_stated, raw.encoding)
        elif raw.encoding_source == "tried" and raw.encoding == "GB18030":
            self.ledger.add("layer.encoding_found", self._at(), "", raw.encoding)
        return raw

    def _at(self, row: int = 0, column: str = "") -> Place:
        return Place(file=self.path.name, sheet=self.sheet, row=row, column=column)

    def _codes(self, frame: gpd.GeoDataFrame, columns: Columns, facts: dict[str, Any]) -> pd.Series:
        """Return the unit of each feature; features that are none are told and left out."""
        said = pd.DataFrame(
            {
                kind: as_text(frame[column]) if column else pd.Series("", index=frame.index)
                for kind, column in (("code", columns.code), ("name", columns.name))
            }
        )
        names = {"code": columns.code, "name": columns.name}

        def place(row: int, kind: str) -> Place:
            return self._at(row=row + 1, column=names.get(kind, ""))

        if columns.units is None:
            codes = said["code"]
            blank = np.flatnonzero((codes == "").to_numpy()).tolist()
            unknown = {int(row): Problem(code="layers.no_code") for row in blank}
        else:
            codes, unknown = columns.units.resolve(said, place, self.ledger)
        both = (said["code"] + " " + said["name"]).str.strip()
        left_out = {row: str(both.loc[row]) for row in unknown}
        facts["extra"] = list(left_out.values())
        if len(unknown) > _MOST_UNKNOWN * len(frame):
            self.ledger.add(
                "layer.many_unknown",
                self._at(),
                count=len(unknown),
                total=len(frame),
                level=Problem(code=f"layers.level.{columns.level}"),
                units=_shown(facts["extra"]),
            )
        else:
            for row, problem in unknown.items():
                at = self._at(row=row + 1)
                self.ledger.add("layer.unit_unknown", at, left_out[row], detail=problem)
        return codes[codes != ""]

    def _polygons(
        self, frame: gpd.GeoDataFrame, codes: pd.Series, columns: Columns
    ) -> gpd.GeoDataFrame:
        """Keep the features that are units and have an area."""
        shapes = frame.geometry.loc[codes.index]
        empty = shapes.isna() | shapes.is_empty
        kinds = shapes.geom_type
        collections = ~empty & (kinds == "GeometryCollection")
        whole = shapes.copy()
        whole[collections] = [_areas_of(shape) for shape in shapes[collections]]
        empty |= whole.is_empty & collections
        other = ~empty & ~whole.geom_type.isin(_POLYGONS)
        for rule, left in (("layer.no_geometry", empty), ("layer.not_polygon", other)):
            if left.any():
                units = [columns.called(code) for code in codes[left]]
                self.ledger.add(rule, self._at(), count=len(units), units=_shown(units))
        kept = ~(empty | other)
        flat = shapely.force_2d(whole[kept].to_numpy())
        finite = np.isfinite(shapely.bounds(flat)).all(axis=1) if len(flat) else np.ones(0, bool)
        if not finite.all():
            units = [columns.called(code) for code in codes[kept][~finite]]
            self.ledger.add("layer.not_finite", self._at(), units=_shown(units), count=len(units))
        if not len(flat):
            self.ledger.add("layer.no_polygons", self._at())
        rows = frame.loc[codes.index][kept]
        return rows.set_geometry(gpd.GeoSeries(flat, index=rows.index, crs=frame.crs))

    def _placing(self, columns: Columns, codes: pd.Series) -> Placing:
        reference = anchors = None
        parents: dict[str, str] = {}
        if columns.units is not None:
            level: Level = "province" if columns.level == "province" else "city"
            reference = self.boundaries.layer(level)[["geometry"]]
            parents = {str(code): columns.units.parent(str(code)) for code in codes}
            anchors = codes.map(parents)
        return Placing(
            crs=self.how.crs,
            swap_axes=self.how.swap_axes,
            datum=self.how.datum,
            reference=reference,
            anchors=codes if anchors is None else anchors,
            parents=parents,
        )

    def _merged(
        self, frame: gpd.GeoDataFrame, codes: pd.Series, columns: Columns
    ) -> gpd.GeoDataFrame:
        """Make one unit of the parts that bear one code."""
        counts = codes.value_counts()
        several = counts[counts > 1].sort_index()
        for code, count in several.items():
            rows = frame.loc[codes[codes == code].index]
            names = sorted(set(as_text(rows[columns.name]))) if columns.name else []
            at = self._at(row=int(rows.index[0]) + 1, column=columns.code)
            if columns.level == "own" and len(names) > 1:
                self.ledger.add("layer.different_names", at, code, names=_shown(names))
            else:
                unit = columns.called(str(code))
                self.ledger.add("layer.parts_merged", at, unit, count=int(count))
        return merge_parts(frame, codes)

    def _finished(
        self,
        frame: gpd.GeoDataFrame,
        columns: Columns,
        placing: Placing,
        facts: dict[str, Any],
    ) -> OwnLayer:
        """Repair the coverage, test the datum, and compare the units with those expected."""
        planar = ALBERS if columns.units is not None else equal_area_crs(frame)
        mended, report = repair_coverage(frame, planar=planar)
        self._repairs(report.invalid, report.moved_km2, report.share, columns)
        facts |= {"units": len(mended), "moved_km2": float(report.moved_km2.sum())}
        facts["shift"] = self._shift(mended, columns, placing)
        if columns.units is not None:
            refuse_strangers(mended, placing, columns.called, place=self._at(), ledger=self.ledger)
        facts |= self._against_expected(mended, columns)
        if self.ledger.refused:
            return self.refused(columns.level, facts)
        return OwnLayer(
            frame=self._described(mended, columns),
            level=columns.level,
            planar_crs=planar,
            ledger=self.ledger,
            facts=facts,
        )

    def _repairs(
        self, invalid: Mapping[str, str], moved: pd.Series, share: pd.Series, columns: Columns
    ) -> None:
        for code in moved.index:
            values = {"area": f"{moved[code]:.3g}", "share": f"{share[code]:.2%}"}
            unit = columns.called(str(code))
            if share[code] > _MOST_MOVED:
                limit = f"{_MOST_MOVED:.0%}"
                self.ledger.add("layer.moved_too_far", self._at(), unit, limit=limit, **values)
            elif code in invalid:
                reason = invalid[str(code)]
                self.ledger.add("layer.repaired", self._at(), unit, reason=reason, **values)
            elif moved[code] > _SLIGHT_KM2:
                self.ledger.add("layer.cleaned", self._at(), unit, **values)

    def _shift(
        self, frame: gpd.GeoDataFrame, columns: Columns, placing: Placing
    ) -> ShiftReport | None:
        whole = frame
        if columns.level == "county" and columns.units is not None:
            parents = [columns.units.parent(str(code)) for code in frame.index]
            whole = dissolve_units(frame, by=pd.Series(parents, index=frame.index))
        return datum_report(whole, placing, place=self._at(), ledger=self.ledger)

    def _against_expected(self, frame: gpd.GeoDataFrame, columns: Columns) -> dict[str, Any]:
        expected = columns.units.expected() if columns.units is not None else []
        missing = [code for code in expected if code not in frame.index]
        if missing:
            units = _shown([columns.called(code) for code in missing])
            self.ledger.add("layer.units_missing", self._at(), count=len(missing), units=units)
        isolates = _isolates(frame)
        # An island is no fault; a unit that has neighbours on our map and none here may be.
        islands = self._islands(columns, isolates)
        odd = [code for code in isolates if code not in islands]
        if odd:
            units = _shown([columns.called(code) for code in odd])
            self.ledger.add("layer.isolates", self._at(), count=len(odd), units=units)
        pairs = near_misses(frame)
        if pairs:
            shown = _shown([f"{a}-{b}" for a, b in pairs])
            self.ledger.add("layer.nearly_touching", self._at(), count=len(pairs), pairs=shown)
        return {"missing": missing, "isolates": isolates, "near_misses": pairs}

    def _islands(self, columns: Columns, isolates: list[str]) -> list[str]:
        if columns.level in {"province", "city"}:
            level: Level = "province" if columns.level == "province" else "city"
            return _isolates(self.boundaries.layer(level))
        return isolates

    def _described(self, frame: gpd.GeoDataFrame, columns: Columns) -> gpd.GeoDataFrame:
        """Give the units the columns that the product works with."""
        if columns.level in {"province", "city"}:
            level: Level = "province" if columns.level == "province" else "city"
            shipped = self.boundaries.layer(level)
            return shipped.loc[frame.index].set_geometry(frame.geometry)
        if columns.units is not None:
            named = {
                "level": columns.level,
                "name": [columns.units.name(str(code)) for code in frame.index],
                "parent": [columns.units.parent(str(code)) for code in frame.index],
            }
            return gpd.GeoDataFrame(
                named, index=frame.index, geometry=frame.geometry, crs=frame.crs
            )
        name = as_text(frame[columns.name]) if columns.name else frame.index.astype("str")
        return frame.assign(name=name)


def _areas_of(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.union_all([part for part in parts if part.geom_type in _POLYGONS])


def _isolates(frame: gpd.GeoDataFrame) -> list[str]:
    touched = {code for pair in neighbour_pairs(frame) for code in pair}
    return [str(code) for code in frame.index if str(code) not in touched]


def _shown(units: list[str]) -> str:
    return ", ".join(units[:_SHOWN]) + (", …" if len(units) > _SHOWN else "")

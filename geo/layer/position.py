"""In which reference system coordinates make sense, proved by units whose place is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Transformer

from geo.crs import ALBERS, GEOGRAPHIC

__all__ = ["Anchors", "CrsFinding", "Fit", "detect_crs", "usual_systems"]

FloatArray = npt.NDArray[np.float64]

_SAMPLES: Final = 60
_KM_PER_DEGREE: Final = 111.195
_NEAR_SHARE: Final = 0.05
"""Of the size of a unit: closer is taken for the right place."""
_FAR_TIMES: Final = 3.0
"""A rival must lie this many times farther off."""
_ALIKE_KM: Final = 0.25
"""Systems whose positions differ by less, such as those of two datums, count as one."""
_LEAST_UNITS: Final = 3
_FEW: Final = 16
_LIKELY: Final = 12
_WORLD: Final = (180.0, 90.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """How a reference system places the units.

    Attributes
    ----------
    crs : str
        The system.
    swapped : bool
        Whether the two axes were exchanged.
    offset_km : float
        Median distance of the units from their known places; infinite where the system
        cannot place them.
    share : float
        The same as a share of the size of a unit, the square root of its area.
    places : numpy.ndarray of float, shape (units, 2)
        Where it places them, degrees.
    """

    crs: str
    swapped: bool
    offset_km: float
    share: float
    places: FloatArray

    @property
    def near(self) -> bool:
        """Whether it places them where they are."""
        return self.share <= _NEAR_SHARE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrsFinding:
    """The reference system that the places of known units prove.

    Attributes
    ----------
    units : int
        Units compared.
    tried : int
        Systems tried.
    best : Fit or None
        The one that fits best.
    rival : Fit or None
        The next that places the units elsewhere.
    alike : tuple[str, ...]
        Systems that place them within 250 m of the best, so that the places cannot tell.
    proved : bool
        Whether the best places the units rightly and no rival comes near.
    """

    units: int
    tried: int
    best: Fit | None
    rival: Fit | None
    alike: tuple[str, ...]
    proved: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Anchors:
    """Units of a layer whose places are known from a reference.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Polygons in whatever coordinates.
    codes : pandas.Series
        The unit of the reference that each row is, or is part of; on the index of ``frame``.
    reference : geopandas.GeoDataFrame
        Polygons in EPSG:4326, indexed by code.

    Examples
    --------
    >>> from shapely import box
    >>> truth = gpd.GeoDataFrame(
    ...     geometry=[box(x, 30, x + 1, 31) for x in (110, 111, 112)], index=list("abc"), crs=4326)
    >>> plain = truth.to_crs("EPSG:3857").set_crs(None, allow_override=True)
    >>> anchors = Anchors(frame=plain, codes=pd.Series(list("abc"), list("abc")), reference=truth)
    >>> anchors.fit("EPSG:3857").near, anchors.fit("EPSG:4326").near
    (True, False)
    """

    frame: gpd.GeoDataFrame
    codes: pd.Series
    reference: gpd.GeoDataFrame

    @cached_property
    def units(self) -> pd.Index:
        """Codes of the units compared, sorted."""
        known = self.codes[self.codes.isin(self.reference.index)]
        shaped = ~(self.frame.geometry.isna() | self.frame.geometry.is_empty)
        polygons = self.frame.geom_type.isin(("Polygon", "MultiPolygon"))
        labels: pd.Index = pd.Index(sorted(set(known[shaped & polygons])))
        return labels

    def few(self) -> "Anchors":
        """Return some of the units, spread over all, to rule out most systems quickly.

        Returns
        -------
        Anchors
            At most 16 units.
        """
        step = max(len(self.units) // _FEW, 1)
        chosen = self.codes.isin(self.units[::step][:_FEW])
        return Anchors(
            frame=self.frame[chosen.to_numpy()], codes=self.codes[chosen], reference=self.reference
        )

    def fit(self, crs: str, *, swapped: bool = False) -> Fit:
        """Measure how a reference system places the units.

        Parameters
        ----------
        crs : str
            The system.
        swapped : bool
            Whether to exchange the two axes first.

        Returns
        -------
        Fit
            Distances from the known places.
        """
        rings, groups = self._rings
        points = rings[..., ::-1] if swapped else rings
        degrees = _degrees(points, crs)
        places = _centres(degrees, groups, len(self.units))[0]
        truth, size = self._truth
        gap = places - truth
        gap = gap * np.column_stack([np.cos(np.radians(truth[:, 1])), np.ones(len(gap))])
        far = np.hypot(gap[:, 0], gap[:, 1]) * _KM_PER_DEGREE
        far[~np.isfinite(far)] = np.inf
        offset = float(np.median(far)) if len(far) else np.inf
        share = float(np.median(far / size)) if len(far) else np.inf
        return Fit(crs=crs, swapped=swapped, offset_km=offset, share=share, places=places)

    @cached_property
    def _rings(self) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        mine = self.codes.isin(self.units).to_numpy()
        rows = self.frame.geometry[mine]
        groups = self.units.get_indexer(pd.Index(self.codes[mine]))
        kept = ~(rows.isna() | rows.is_empty).to_numpy()
        return _sampled(rows.to_numpy()[kept]), groups[kept]

    @cached_property
    def _truth(self) -> tuple[FloatArray, FloatArray]:
        rings = _sampled(self.reference.geometry.loc[self.units].to_numpy())
        centres, area = _centres(rings, np.arange(len(rings)), len(rings))
        return centres, np.sqrt(np.maximum(area, 1e-9)) * _KM_PER_DEGREE


def usual_systems(west: float, east: float) -> tuple[str, ...]:
    """List the systems that layers of China between two meridians usually come in.

    Parameters
    ----------
    west, east : float
        Degrees of longitude.

    Returns
    -------
    tuple[str, ...]
        Degrees, Web Mercator, national conics, CGCS2000 Gauss-Krueger zones with and without
        the zone in the easting, and UTM.

    Examples
    --------
    >>> systems = usual_systems(112, 114)
    >>> systems[0], "EPSG:4546" in systems, "EPSG:32649" in systems
    ('EPSG:4326', True, True)
    """
    conics = [
        ALBERS,
        "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=110 +datum=WGS84 +units=m",
        "+proj=lcc +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m",
        "+proj=lcc +lat_1=30 +lat_2=62 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m",
        "+proj=laea +lat_0=35 +lon_0=105 +datum=WGS84 +units=m",
        "ESRI:102025",
        "ESRI:102012",
    ]
    three = range(max(round(west / 3) - 1, 25), min(round(east / 3) + 1, 45) + 1)
    six = range(max(round((west - 3) / 6), 13), min(round((east + 9) / 6), 23) + 1)
    utm = range(max(int((west + 180) // 6), 43), min(int((east + 180) // 6) + 2, 53) + 1)
    zones = [f"EPSG:{4509 + n}" for n in three] + [f"EPSG:{4488 + n}" for n in three]
    zones += [f"EPSG:{4478 + n}" for n in six]
    plane = ["EPSG:3857", *conics, "EPSG:6933", *zones, *(f"EPSG:{32600 + n}" for n in utm)]
    return (GEOGRAPHIC, *plane)


def detect_crs(anchors: Anchors, systems: Iterable[str]) -> CrsFinding:
    """Find the reference system by elimination.

    Parameters
    ----------
    anchors : Anchors
        Units whose places are known.
    systems : Iterable[str]
        Systems to try, each as it is and with its axes exchanged.

    Returns
    -------
    CrsFinding
        Proved only if at least three units are placed within 5 percent of their size, and
        every system that places them elsewhere is at least three times farther off.

    Examples
    --------
    >>> from shapely import box
    >>> truth = gpd.GeoDataFrame(
    ...     geometry=[box(x, 30, x + 1, 31) for x in (110, 111, 112)], index=list("abc"), crs=4326)
    >>> plain = truth.to_crs(ALBERS).set_crs(None, allow_override=True)
    >>> anchors = Anchors(frame=plain, codes=pd.Series(list("abc"), list("abc")), reference=truth)
    >>> found = detect_crs(anchors, usual_systems(110, 113))
    >>> found.proved, found.best.crs == ALBERS
    (True, True)
    """
    fits = [anchors.fit(system, swapped=swapped) for system in systems for swapped in (False, True)]
    # Sorting is stable: of equals the first of the list, as it is, comes first.
    ranked = sorted(fits, key=lambda fit: fit.offset_km)
    if not ranked or not np.isfinite(ranked[0].offset_km):
        return CrsFinding(
            units=len(anchors.units), tried=len(fits), best=None, rival=None, alike=(), proved=False
        )
    best, *others = ranked
    alike = [fit for fit in others if _same_places(fit, best)]
    rival = next((fit for fit in others if fit not in alike), None)
    alone = rival is None or rival.offset_km >= _FAR_TIMES * best.offset_km
    return CrsFinding(
        units=len(anchors.units),
        tried=len(fits),
        best=best,
        rival=rival,
        alike=tuple(fit.crs for fit in alike if fit.swapped == best.swapped),
        proved=len(anchors.units) >= _LEAST_UNITS and best.near and alone,
    )


def _same_places(one: Fit, other: Fit) -> bool:
    gap = np.abs(one.places - other.places)
    return bool(np.isfinite(gap).all()) and float(gap.max()) * _KM_PER_DEGREE <= _ALIKE_KM


def _sampled(shapes: Any) -> FloatArray:
    """Return points around the largest part of each shape, shape (n, samples, 2)."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    first = np.searchsorted(owner[order], np.arange(len(shapes)))
    rings = shapely.get_exterior_ring(parts[order][first])
    along = np.linspace(0.0, 1.0, _SAMPLES, endpoint=False)
    every = np.repeat(rings, _SAMPLES)
    points = shapely.line_interpolate_point(every, np.tile(along, len(rings)), normalized=True)
    return np.asarray(shapely.get_coordinates(points).reshape(len(rings), _SAMPLES, 2))


@cache
def _transformer(crs: str) -> Transformer:
    return Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True)


def _degrees(points: FloatArray, crs: str) -> FloatArray:
    flat = points.reshape(-1, 2)
    if crs != GEOGRAPHIC:
        x, y = _transformer(crs).transform(flat[:, 0], flat[:, 1], errcheck=False)
        flat = np.column_stack([x, y])
    inside = np.isfinite(flat) & (np.abs(flat) <= np.array(_WORLD))
    whole = np.all(inside, axis=1, keepdims=True)
    return np.asarray(np.where(whole, flat, np.nan).reshape(points.shape), dtype=np.float64)


def _centres(
    rings: FloatArray, groups: npt.NDArray[np.int64], count: int
) -> tuple[FloatArray, FloatArray]:
    """Return centroids of groups of rings, degrees, and their areas in squared degrees."""
    x, y = rings[..., 0], rings[..., 1]
    middle = np.stack([x.mean(axis=1), y.mean(axis=1)], axis=-1)
    u, v = x - middle[:, :1], y - middle[:, 1:]
    cross = u * np.roll(v, -1, axis=1) - np.roll(u, -1, axis=1) * v
    area: FloatArray = np.asarray(cross.sum(axis=1) / 2.0, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.stack(
            [((w + np.roll(w, -1, axis=1)) * cross).sum(axis=1) / (6.0 * area) for w in (u, v)],
            axis=-1,
        )
    weight = np.abs(area) * np.cos(np.radians(middle[:, 1]))
    centre = middle + shift
    total = np.asarray(np.bincount(groups, weights=weight, minlength=count), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.column_stack(
            [
                np.bincount(groups, weights=weight * centre[:, i], minlength=count) / total
                for i in (0, 1)
            ]
        )
    return places, total

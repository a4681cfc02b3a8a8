"""How far, and which way, the outlines of one layer lie from those of another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.datum import DATUMS, Datum

__all__ = [
    "ShiftReport",
    "displacements",
    "shift_report",
]

FloatArray = npt.NDArray[np.float64]

_METRES_PER_DEGREE: Final = 111_195.0
"""Of latitude, on the mean sphere; good to half a percent."""
_SAMPLES: Final = 120
_ROUNDS: Final = 12
_CHORD_DEGREES: Final = 0.004
"""Half the chord a normal is taken from, some 400 m."""
_SETTLED_M: Final = 0.5
_LEAST_SCALE_M: Final = 20.0
"""Distances below this weigh alike: outlines are never drawn finer."""
_LEAST_UNITS: Final = 5
_AREA_RATIO: Final = (0.8, 1.25)
# What is called an offset: shifts of a web map's datum, on the scale of that datum.
_LEAST_SHIFT_M: Final = 60.0
_GAIN: Final = (0.6, 1.4)
_LEFT_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReport:
    """Whether a layer lies off its reference, and as which datum would put it.

    Attributes
    ----------
    units : int
        Units compared.
    shift_m : float
        Median length of their displacements, metres.
    east_m, north_m : float
        Median displacement to the east and to the north, metres.
    predicted_m, left_m, gain : Mapping of {"gcj02", "bd09"} to float
        By datum: the median offset it predicts at these units; the median length of what is
        left of the displacements once it is taken off; by how much it must be multiplied to
        fit best, 1 where the offset is that of the datum and 0 where there is none.
    suspected : {"gcj02", "bd09"} or None
        The datum that explains the displacements.
    """

    units: int
    shift_m: float
    east_m: float
    north_m: float
    predicted_m: Mapping[Datum, float]
    left_m: Mapping[Datum, float]
    gain: Mapping[Datum, float]
    suspected: Datum | None

    @property
    def enough(self) -> bool:
        """Whether there are units enough for a verdict."""
        return self.units >= _LEAST_UNITS


def displacements(layer: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> pd.DataFrame:
    """Estimate how far every unit lies from the unit of the same label.

    Parameters
    ----------
    layer, reference : geopandas.GeoDataFrame
        Polygons in EPSG:4326, indexed by code. Units whose areas differ by more than a
        quarter, or that stand in one of the two only, are left out.

    Returns
    -------
    pandas.DataFrame
        Index code, sorted; ``lon``, ``lat``: a point of the unit, degrees; ``east_m``,
        ``north_m``: layer minus reference, metres.

    Notes
    -----
    Iterated closest points by point-to-line distance (Chen and Medioni 1992, Image and Vision
    Computing 10, 145-155), translation only, with Cauchy weights: what is drawn otherwise on
    one side, such as a coast or a reservoir, weighs little.

    References
    ----------
    Chen, Y. and Medioni, G. (1992). Object modelling by registration of multiple range images.

    Examples
    --------
    >>> true = gpd.GeoDataFrame(
    ...     geometry=[shapely.Point(110, 30).buffer(1)], index=["a"], crs="EPSG:4326")
    >>> moved = true.set_geometry(true.translate(0, 0.001))
    >>> displacements(moved, true)["north_m"].round().tolist()
    [111.0]
    """
    labels = _comparable(layer, reference)
    if labels.empty:
        empty = {name: np.empty(0) for name in ("lon", "lat", "east_m", "north_m")}
        return pd.DataFrame(empty, index=labels)
    truth = reference.geometry.loc[labels].to_numpy()
    centre = shapely.get_coordinates(shapely.centroid(truth))
    # Degrees stretched to the same length both ways at the middle of the unit.
    squeeze = np.cos(np.radians(centre[:, 1]))
    given = [
        _squeezed(shape, s)
        for shape, s in zip(_outlines(layer.geometry.loc[labels]), squeeze, strict=True)
    ]
    lines = np.array(
        [_squeezed(line, s) for line, s in zip(shapely.boundary(truth), squeeze, strict=True)]
    )
    points, normals = _sampled(np.array(given))
    shift = _registered(points, normals, lines) * _METRES_PER_DEGREE
    return pd.DataFrame(
        {"lon": centre[:, 0], "lat": centre[:, 1], "east_m": shift[:, 0], "north_m": shift[:, 1]},
        index=labels,
    )


def shift_report(moved: pd.DataFrame) -> ShiftReport:
    """Compare displacements with the offsets that the shifted datums predict.

    Parameters
    ----------
    moved : pandas.DataFrame
        The result of :func:`displacements`.

    Returns
    -------
    ShiftReport
        A datum is suspected where taking it off leaves less than half of the displacements
        and its offset fits nearly as it is (times 0.6 to 1.4).

    Examples
    --------
    >>> moved = pd.DataFrame({"lon": [105.0, 110.0, 115.0, 112.0, 108.0],
    ...     "lat": [30.0, 32.0, 35.0, 28.0, 25.0], "east_m": 0.0, "north_m": 0.0})
    >>> report = shift_report(moved)
    >>> report.units, report.suspected, round(report.predicted_m["gcj02"])
    (5, None, 525)
    """
    at = moved[["lon", "lat"]].to_numpy(dtype=np.float64)
    seen = moved[["east_m", "north_m"]].to_numpy(dtype=np.float64)
    length = _median_length(seen)
    predicted: dict[Datum, float] = {}
    left: dict[Datum, float] = {}
    gain: dict[Datum, float] = {}
    for name, transform in DATUMS.items():
        offset = (transform(at) - at) * _METRES_PER_DEGREE if len(at) else seen
        offset = offset * np.column_stack([np.cos(np.radians(at[:, 1])), np.ones(len(at))])
        predicted[name] = _median_length(offset)
        left[name] = _median_length(seen - offset)
        along = (seen * offset).sum(axis=1) / np.maximum((offset**2).sum(axis=1), 1e-9)
        gain[name] = float(np.median(along)) if len(at) else 0.0
    best = min(DATUMS, key=lambda name: left[name])
    explains = left[best] < _LEFT_SHARE * length and _GAIN[0] <= gain[best] <= _GAIN[1]
    found = best if len(moved) >= _LEAST_UNITS and length >= _LEAST_SHIFT_M and explains else None
    east, north = np.median(seen, axis=0).tolist() if len(seen) else (0.0, 0.0)
    return ShiftReport(
        units=len(moved),
        shift_m=length,
        east_m=east,
        north_m=north,
        predicted_m=predicted,
        left_m=left,
        gain=gain,
        suspected=found,
    )


def _median_length(vectors: FloatArray) -> float:
    return float(np.median(np.hypot(vectors[:, 0], vectors[:, 1]))) if len(vectors) else 0.0


def _comparable(layer: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> pd.Index:
    common = reference.index.intersection(layer.index).sort_values()
    areas = shapely.area(layer.geometry.loc[common].to_numpy())
    truth = shapely.area(reference.geometry.loc[common].to_numpy())
    ratio = np.divide(areas, truth, out=np.zeros(len(common)), where=truth > 0)
    kept: pd.Index = common[(ratio >= _AREA_RATIO[0]) & (ratio <= _AREA_RATIO[1])]
    return kept


def _outlines(shapes: gpd.GeoSeries) -> Any:
    """Return the outline of the largest part of each unit: islets are drawn or left out at will."""
    parts, owner = shapely.get_parts(shapes.to_numpy(), return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    first = np.searchsorted(owner[order], np.arange(len(shapes)))
    return shapely.get_exterior_ring(parts[order][first])


def _squeezed(line: shapely.Geometry, factor: float) -> shapely.Geometry:
    return shapely.transform(line, lambda xy: xy * (factor, 1.0))


def _sampled(rings: Any) -> tuple[FloatArray, FloatArray]:
    """Return points along each ring and the normals there, shape (rings, samples, 2)."""
    along = (
        np.linspace(0.0, 1.0, _SAMPLES, endpoint=False)[None, :] * shapely.length(rings)[:, None]
    )
    every = np.repeat(rings, _SAMPLES).reshape(len(rings), _SAMPLES)

    def at(distance: FloatArray) -> FloatArray:
        round_trip = np.mod(distance, shapely.length(rings)[:, None])
        found = shapely.get_coordinates(shapely.line_interpolate_point(every, round_trip))
        return np.asarray(found.reshape(len(rings), _SAMPLES, 2), dtype=np.float64)

    chord = at(along + _CHORD_DEGREES) - at(along - _CHORD_DEGREES)
    length = np.maximum(np.hypot(chord[..., 0], chord[..., 1]), 1e-12)[..., None]
    return at(along), np.stack([-chord[..., 1], chord[..., 0]], axis=-1) / length


def _registered(points: FloatArray, normals: FloatArray, lines: Any) -> FloatArray:
    """Return the translation of each unit's points off its line, in squeezed degrees."""
    shapely.prepare(lines)
    every = np.repeat(lines, points.shape[1])
    shift = np.zeros((len(points), 2))
    for _ in range(_ROUNDS):
        here = points - shift[:, None, :]
        nearest = shapely.shortest_line(every, shapely.points(here.reshape(-1, 2)))
        on_line = shapely.get_coordinates(nearest)[0::2].reshape(here.shape)
        off = ((here - on_line) * normals).sum(axis=-1)
        size = np.hypot(*np.moveaxis(here - on_line, -1, 0))
        least = _LEAST_SCALE_M / _METRES_PER_DEGREE
        scale = np.maximum(1.5 * np.median(size, axis=1), least)[:, None]
        weight = 1.0 / (1.0 + (size / scale) ** 2)
        left = np.einsum("up,upi,upj->uij", weight, normals, normals)
        right = np.einsum("up,up,upi->ui", weight, off, normals)
        # A trace of the identity keeps a unit whose outline is all one way solvable.
        left += np.eye(2) * 1e-6 * np.trace(left, axis1=1, axis2=2)[:, None, None]
        step = np.linalg.solve(left, right[..., None])[..., 0]
        shift += step
        if np.abs(step).max() * _METRES_PER_DEGREE < _SETTLED_M:
            break
    return shift

"""Statistics of rasters over polygons, by the exact share of every cell."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import RasterError
from geo.raster.band import RasterBand
from geo.raster.passes import Counting, Tallied, pass_over
from geo.raster.tally import STATISTICS, Tally, needs_values, quantile_of
from geo.raster.zones import Zones, check_layer

__all__ = ["MEMORY_MB", "zonal_mean", "zonal_statistics", "zonal_tables"]

MEMORY_MB: Final = 256
"""Memory a pass may take beyond what the program and the layers do, MB."""

_LEAST_MB: Final = 64
_UNWEIGHTED: Final = ("sum", "integral")
_KEPT: Final = ("count", "area")


def zonal_statistics(
    raster: RasterBand | Path,
    layer: gpd.GeoDataFrame,
    *,
    statistics: Sequence[str] = ("mean",),
    weights: RasterBand | Path | None = None,
    resample_weights: bool = False,
    minimum_covered: float = 0.0,
    memory_mb: int = MEMORY_MB,
) -> pd.DataFrame:
    r"""Return statistics of a raster over each polygon.

    Every cell counts with the share of it inside the polygon, times its true area on the
    ellipsoid, times the weight. The polygons are brought to the reference system of the
    raster, long edges cut up before: a raster brought to theirs would be interpolated.

    Parameters
    ----------
    raster : RasterBand or pathlib.Path
        A north-up or south-up raster with a reference system; the first band of a path.
    layer : geopandas.GeoDataFrame
        Polygons with a reference system, index unique.
    statistics : Sequence[str], default ("mean",)
        Names of statistics, see the notes.
    weights : RasterBand or pathlib.Path, optional
        A raster of densities, per unit of area (people per km2, not people per cell).
    resample_weights : bool, default False
        Bring ``weights`` onto the cells of ``raster`` by area averages when its cells
        differ; otherwise differing cells are an error.
    minimum_covered : float, default 0.0
        Share of a polygon (0..1) that must have values for it to get a statistic.
    memory_mb : int, default 256
        Memory the pass may take, about; the raster is read in tiles that fit.

    Returns
    -------
    pandas.DataFrame
        Index of ``layer``. One column per statistic, NaN where no cell of the polygon has a
        value (or positive weight); ``covered``: share (0..1) of the polygon's area that has
        values, of both rasters when there are two.

    Raises
    ------
    RasterError
        A raster cannot be read or used (see :func:`geo.raster.open_band`), has no value under
        any polygon, or numbers that look like undeclared nodata; the layer has no reference
        system or a repeated index; weights are negative or on other cells; a statistic is
        unknown or has no meaning with weights; quantiles or the majority need too much
        memory.

    Notes
    -----
    With :math:`f_c` the share of cell c inside the polygon, planar in the raster's own
    coordinates and exact [1]_, :math:`A_c` the area of the cell, :math:`x_c` its value and
    :math:`w_c` its weight (1 without weights), over the cells with values:

    - ``mean`` :math:`\sum f A w x / \sum f A w`; ``stdev`` the root of the mean squared
      deviation from it. Counting degrees as plane (:math:`A_c` = 1) would give northern cells
      too much weight.
    - ``min``, ``max``: of all cells with :math:`f w > 0`.
    - ``sum`` :math:`\sum f x`, for counts per cell; ``integral`` :math:`\sum f A x`, for
      densities per km2. Neither takes weights.
    - ``count`` :math:`\sum f`, cells; ``area`` :math:`\sum f A`, km2.
    - ``majority``: the value with the largest :math:`\sum f A w`, of equals the smallest.
    - ``median`` and percentiles ``p5``, ``p90`` ...: the smallest value such that at least
      this share of :math:`\sum f A w` lies at or below it (the inverse of the distribution).

    Parts of zones from several tiles are merged without approximation, quantiles and the
    majority by keeping every distinct value; where these do not fit, they are refused.

    References
    ----------
    .. [1] Baston, D. exactextract. https://github.com/isciences/exactextract

    Examples
    --------
    >>> import tempfile, rasterio, shapely
    >>> from affine import Affine
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> with rasterio.open(path, "w", driver="GTiff", width=2, height=1, count=1,
    ...         dtype="float64", crs="EPSG:4326", transform=Affine(1, 0, 100, 0, -1, 31)) as out:
    ...     out.write(np.array([[10.0, 20.0]]), 1)
    >>> layer = gpd.GeoDataFrame(geometry=[shapely.box(100.5, 30, 102, 31)], index=["a"],
    ...                          crs="EPSG:4326")
    >>> zonal_statistics(path, layer, statistics=["mean", "count", "max"]).round(6)
            mean  count   max  covered
    a  16.666667    1.5  20.0      1.0
    """
    found = zonal_tables(
        {"": raster},
        {"": layer},
        statistics=statistics,
        weights=weights,
        resample_weights=resample_weights,
        minimum_covered=minimum_covered,
        memory_mb=memory_mb,
    )
    return found["", ""]


def zonal_tables(
    rasters: Mapping[str, RasterBand | Path],
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    statistics: Sequence[str] = ("mean",),
    weights: RasterBand | Path | None = None,
    resample_weights: bool = False,
    minimum_covered: float = 0.0,
    memory_mb: int = MEMORY_MB,
) -> dict[tuple[str, str], pd.DataFrame]:
    """Return statistics of several rasters over several layers.

    Rasters on the same cells are read together, and the shares of cells computed once for
    all of them and for all layers of a reference system.

    Parameters
    ----------
    rasters : Mapping[str, RasterBand or pathlib.Path]
        Rasters by name.
    layers : Mapping[str, geopandas.GeoDataFrame]
        Layers by name.
    statistics : Sequence[str], default ("mean",)
        As for :func:`zonal_statistics`; so are the others.
    weights : RasterBand or pathlib.Path, optional
        A raster of densities.
    resample_weights : bool, default False
        Average ``weights`` over the cells of the rasters.
    minimum_covered : float, default 0.0
        Share of a polygon that must have values.
    memory_mb : int, default 256
        Memory the pass may take, about.

    Returns
    -------
    dict[tuple[str, str], pandas.DataFrame]
        By name of raster and of layer, as :func:`zonal_statistics` returns them.

    Raises
    ------
    RasterError
        As for :func:`zonal_statistics`.

    Examples
    --------
    >>> zonal_tables({}, {})
    {}
    """
    wanted = _checked(statistics, weighted=weights is not None)
    _check_memory(memory_mb)
    for layer in layers.values():
        check_layer(layer)
    zones = Zones.of(layers)
    counting = Counting(
        weights=None if weights is None else _band(weights),
        resample_weights=resample_weights,
        values=needs_values(wanted),
        memory=memory_mb * 2**20,
    )
    bands = {name: _band(raster) for name, raster in rasters.items()}
    tallied = pass_over(bands, zones, counting)
    return {
        (name, of): _table(tallied[name], zones, of, wanted, minimum_covered)
        for name in rasters
        for of in layers
    }


def zonal_mean(
    raster: RasterBand | Path,
    layer: gpd.GeoDataFrame,
    *,
    weights: RasterBand | Path | None = None,
    resample_weights: bool = False,
    minimum_covered: float = 0.0,
) -> pd.DataFrame:
    """Return the mean of a raster over each polygon: :func:`zonal_statistics` with ``mean``.

    Parameters
    ----------
    raster : RasterBand or pathlib.Path
        As for :func:`zonal_statistics`; so are the others.
    layer : geopandas.GeoDataFrame
        Polygons.
    weights : RasterBand or pathlib.Path, optional
        A raster of densities.
    resample_weights : bool, default False
        Average ``weights`` over the cells of the raster.
    minimum_covered : float, default 0.0
        Share of a polygon that must have values.

    Returns
    -------
    pandas.DataFrame
        Index of ``layer``; columns ``mean`` and ``covered``.

    Raises
    ------
    RasterError
        As for :func:`zonal_statistics`.

    Examples
    --------
    >>> import tempfile, rasterio, shapely
    >>> from affine import Affine
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> with rasterio.open(path, "w", driver="GTiff", width=2, height=1, count=1,
    ...         dtype="float64", crs="EPSG:4326", transform=Affine(1, 0, 100, 0, -1, 31)) as out:
    ...     out.write(np.array([[10.0, 20.0]]), 1)
    >>> layer = gpd.GeoDataFrame(geometry=[shapely.box(100.5, 30, 102, 31)], index=["a"],
    ...                          crs="EPSG:4326")
    >>> float(zonal_mean(path, layer).loc["a", "mean"].round(6))  # (0.5*10 + 1*20) / 1.5
    16.666667
    """
    return zonal_statistics(
        raster,
        layer,
        weights=weights,
        resample_weights=resample_weights,
        minimum_covered=minimum_covered,
    )


def _band(raster: RasterBand | Path) -> RasterBand:
    return raster if isinstance(raster, RasterBand) else RasterBand(path=Path(raster))


def _checked(statistics: Sequence[str], *, weighted: bool) -> list[str]:
    wanted = list(dict.fromkeys(statistics))
    unknown = [name for name in wanted if name not in STATISTICS and quantile_of(name) is None]
    if unknown or not wanted:
        raise RasterError(
            f"there is no statistic {', '.join(unknown) or '(none named)'}; there are "
            f"{', '.join(STATISTICS)} and percentiles such as p5 or p90",
            code="raster.unknown_statistic",
            statistic=unknown or ["-"],
            known=", ".join(STATISTICS),
        )
    senseless = [name for name in wanted if name in _UNWEIGHTED]
    if weighted and senseless:
        raise RasterError(
            f"{', '.join(senseless)} has no meaning with weights, which are densities; ask for "
            "it without them, or for the mean",
            code="raster.statistic_weighted",
            statistic=senseless,
        )
    return wanted


def _check_memory(memory_mb: int) -> None:
    if memory_mb < _LEAST_MB:
        raise RasterError(
            f"{memory_mb} MB are not enough; allow at least {_LEAST_MB}",
            code="raster.memory",
            memory=memory_mb,
            least=_LEAST_MB,
        )


def _table(
    tallied: Tallied, zones: Zones, layer: str, wanted: Sequence[str], minimum: float
) -> pd.DataFrame:
    tally: Tally = tallied.tally
    index, places = zones.index[layer], zones.places[layer]
    filled = zones.filled[layer]
    frame = pd.DataFrame(np.nan, index=index, columns=[*wanted, "covered"])
    frame[[name for name in (*_KEPT, "covered") if name in frame]] = 0.0
    covered = tallied.covered()[places]
    for name in wanted:
        found = tally.result(name)[places]
        thin = (covered <= 0) | (covered < minimum)
        frame.loc[filled, name] = found if name in _KEPT else np.where(thin, np.nan, found)
    frame.loc[filled, "covered"] = covered
    if len(places) == 0 or not (covered > 0).any():
        raise tallied.refusal(zones, layer)
    return frame

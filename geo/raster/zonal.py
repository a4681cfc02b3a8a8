"""Means of a raster over polygons, by the exact share of every cell."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource

from geo.errors import RasterError
from geo.raster.grid import FloatArray, Grid, cell_areas, read_grid, resample

__all__ = ["zonal_mean"]


def zonal_mean(
    raster: Path,
    layer: gpd.GeoDataFrame,
    *,
    weights: Path | None = None,
    resample_weights: bool = False,
    minimum_covered: float = 0.0,
) -> pd.DataFrame:
    r"""Return the mean of a raster over each polygon.

    Every cell counts with the share of it inside the polygon, times its true area on the
    ellipsoid, times the weight. The polygons are brought to the reference system of the
    raster.

    Parameters
    ----------
    raster : pathlib.Path
        A north-up raster with a reference system; its first band is read.
    layer : geopandas.GeoDataFrame
        Polygons with a reference system, index unique.
    weights : pathlib.Path, optional
        A raster of densities, per unit of area (people per km2, not people per cell).
    resample_weights : bool, default False
        Bring ``weights`` onto the cells of ``raster`` by area averages when its cells
        differ; otherwise differing cells are an error.
    minimum_covered : float, default 0.0
        Share of a polygon (0..1) that must have values for it to get a mean.

    Returns
    -------
    pandas.DataFrame
        Index of ``layer``. ``mean``: in the unit of the raster, NaN where no cell of the
        polygon has a value (or positive weight). ``covered``: share (0..1) of the polygon's
        area that has values, of both rasters when there are two.

    Raises
    ------
    RasterError
        A raster cannot be read, has no reference system, position or north-up grid; the
        layer has no reference system or a repeated index; weights are negative or on other
        cells; no polygon meets a cell with a value.

    Notes
    -----
    :math:`\bar x = \sum_c f_c A_c w_c x_c / \sum_c f_c A_c w_c` over the cells with values,
    with :math:`f_c` the share of the cell inside the polygon, planar in the raster's own
    coordinates and exact [1]_, and :math:`A_c` the area of the cell. Counting degrees as
    plane (:math:`A_c` = 1) would give northern cells too much weight.

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
    >>> float(zonal_mean(path, layer).loc["a", "mean"].round(6))  # (0.5*10 + 1*20) / 1.5
    16.666667
    """
    _check_layer(layer)
    filled = layer.geometry[~(layer.geometry.is_empty | layer.geometry.isna())]
    result = pd.DataFrame({"mean": np.nan, "covered": 0.0}, index=layer.index)
    if len(filled):
        grid = read_grid(raster, crs_bounds=(tuple(filled.total_bounds), filled.crs))
        weight = _weight(weights, grid, allow_resample=resample_weights)
        zones = filled.to_crs(grid.crs)
        usable = np.isfinite(grid.values) & np.isfinite(weight)
        areas = cell_areas(grid)
        values = np.where(usable, grid.values, np.nan)
        factor = np.where(usable, areas * weight, 0.0)
        result.loc[filled.index, "mean"] = _mean(values, factor, grid, zones)
        result.loc[filled.index, "covered"] = _mean(usable.astype(float), areas, grid, zones)
    if not (result["covered"] > 0).any():
        raise RasterError(
            f"{raster} has no value under any of the {len(layer)} polygons; check that both "
            "cover the same region",
            code="raster.no_overlap",
            path=str(raster),
        )
    result.loc[(result["covered"] <= 0) | (result["covered"] < minimum_covered), "mean"] = np.nan
    return result


def _mean(values: FloatArray, factor: FloatArray, grid: Grid, zones: gpd.GeoSeries) -> FloatArray:
    west, south, east, north = grid.bounds
    wkt = grid.crs.to_wkt()
    sources = [
        NumPyRasterSource(
            np.ma.masked_invalid(array), west, south, east, north, name=name, srs_wkt=wkt
        )
        for name, array in (("value", values), ("factor", factor))
    ]
    frame = gpd.GeoDataFrame({"position": range(len(zones))}, geometry=zones.to_numpy(), crs=wkt)
    found = exact_extract(
        sources[0],
        frame,
        ["weighted_mean"],
        weights=sources[1],
        include_cols=["position"],
        output="pandas",
    )
    ordered = found.set_index("position")["weighted_mean"].reindex(range(len(zones)))
    return np.asarray(ordered, dtype=np.float64)


def _weight(path: Path | None, grid: Grid, *, allow_resample: bool) -> FloatArray:
    if path is None:
        return np.ones_like(grid.values)
    weight = read_grid(path, crs_bounds=(grid.bounds, grid.crs))
    if not _aligned(weight, grid):
        if not allow_resample:
            raise RasterError(
                f"{path} has other cells than the raster it weighs; bring both onto one grid, "
                "or pass resample_weights=True to average it onto the cells",
                code="raster.grids_differ",
                path=str(path),
            )
        values = resample(weight, grid).values
    else:
        values = _crop(weight, grid)
    if np.nanmin(values, initial=0.0) < 0:
        raise RasterError(
            f"{path} has negative weights, the smallest {np.nanmin(values)}; is its nodata "
            "value declared?",
            code="raster.negative_weight",
            path=str(path),
        )
    return values


def _aligned(weight: Grid, grid: Grid) -> bool:
    # The window of the weights is one cell wider all round.
    a, b = weight.transform, grid.transform
    same_size = np.allclose((a.a, a.e), (b.a, b.e), rtol=1e-6)
    shift = np.array([(a.c - b.c) / b.a, (a.f - b.f) / b.e])
    return bool(
        weight.crs == grid.crs and same_size and np.allclose(shift, shift.round(), atol=1e-3)
    )


def _crop(weight: Grid, grid: Grid) -> FloatArray:
    column = round((grid.transform.c - weight.transform.c) / grid.transform.a)
    row = round((grid.transform.f - weight.transform.f) / grid.transform.e)
    rows, columns = grid.values.shape
    return weight.values[row : row + rows, column : column + columns]


def _check_layer(layer: gpd.GeoDataFrame) -> None:
    if layer.crs is None:
        raise RasterError(
            "the layer has no coordinate reference system; set the right one first",
            code="raster.layer_no_crs",
        )
    repeated = sorted(map(str, layer.index[layer.index.duplicated()].unique()))
    if repeated:
        raise RasterError(
            f"the layer repeats the labels {repeated[:5]}",
            code="raster.repeated_label",
            labels=repeated,
        )

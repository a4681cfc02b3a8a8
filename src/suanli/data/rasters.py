"""Rasters a profile declares: measured over the shipped units, as a table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.errors import RasterError
from geo.raster import RasterBand, zonal_statistics
from suanli.boundaries import load_boundaries
from suanli.errors import InputError, Problem
from suanli.intake import ANY_YEAR, IndicatorTable
from suanli.profile import IndexSpec, Raster

__all__ = ["raster_table"]

_QUALITY = "B"


def raster_table(spec: IndexSpec) -> IndicatorTable | None:
    """Measure the rasters of a profile.

    Parameters
    ----------
    spec : IndexSpec
        The profile; see ``[[raster]]`` in docs/profile-reference.md.

    Returns
    -------
    IndicatorTable or None
        One value per raster and unit of the profile's level that is covered well enough, for
        every year; None where the profile declares none. The units are the shipped ones, as
        their areas are, whatever layer a run draws.

    Raises
    ------
    InputError
        Rasters that cannot be used, all of them.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> raster_table(load_profile("city-compute")) is None
    True
    """
    if not spec.raster:
        return None
    boundaries = load_boundaries()
    layer = boundaries.province if spec.level == "province" else boundaries.city
    units = layer[layer["evaluated"]]
    parts: list[pd.DataFrame] = []
    problems: list[Problem] = []
    for item in spec.raster:
        try:
            parts.append(_measured(item, units))
        except RasterError as error:
            problems.append(Problem(code=error.code, params=_plain(error.params)))
    if problems:
        raise InputError(problems)
    return IndicatorTable(cells=pd.concat(parts, ignore_index=True))


def _measured(item: Raster, units: gpd.GeoDataFrame) -> pd.DataFrame:
    found = zonal_statistics(
        RasterBand(path=Path(item.file), band=item.band, nodata=item.nodata),
        units,
        statistics=[item.statistic],
        weights=Path(item.weights) if item.weights else None,
        resample_weights=True,
        minimum_covered=item.minimum_covered,
    )
    values = found[item.statistic].dropna()
    return pd.DataFrame(
        {
            "code": values.index,
            "year": ANY_YEAR,
            "indicator": item.id,
            "value": values.to_numpy(),
            "unit": item.unit,
            "quality": _QUALITY,
            "source": Path(item.file).name,
        }
    )


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
        for key, value in params.items()
    }

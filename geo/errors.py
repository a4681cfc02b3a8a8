"""Errors that tell a user what is wrong, where, and what to do.

Every error carries a stable ``code`` and the values its sentence is made of, so that an
application can say the same thing in its own language.
"""

from collections.abc import Mapping
from typing import Any

__all__ = [
    "CartographyError",
    "ExportError",
    "GeoError",
    "JoinError",
    "LayerError",
    "RasterError",
    "StatisticsError",
    "WeightsError",
]


class GeoError(ValueError):
    """Base of all errors raised by :mod:`geo`.

    Parameters
    ----------
    message : str
        One English sentence: what, where, expected, got, remedy.
    code : str
        Stable identifier of the rule that was broken, for example ``"layer.no_crs"``.
    **params : Any
        The values the sentence was made of.

    Examples
    --------
    >>> error = LayerError("a.shp has no CRS", code="layer.no_crs", path="a.shp")
    >>> error.code, error.params["path"]
    ('layer.no_crs', 'a.shp')
    """

    def __init__(self, message: str, *, code: str, **params: Any) -> None:
        super().__init__(message)
        self.code = code
        self.params: Mapping[str, Any] = params


class LayerError(GeoError):
    """A layer cannot be read, is invalid, or lies outside the expected extent."""


class JoinError(GeoError):
    """A table and a layer do not meet."""


class WeightsError(GeoError):
    """Spatial weights cannot be built, or do not match the values."""


class StatisticsError(GeoError):
    """A statistic is not defined for the given values."""


class RasterError(GeoError):
    """A raster cannot be read or does not cover the layer."""


class CartographyError(GeoError):
    """A map cannot be drawn, or would break a rule of cartography."""


class ExportError(GeoError):
    """A file for other programs cannot be written."""

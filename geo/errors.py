"""Errors that tell a user what is wrong, where, and what to do.

Every error carries a stable ``code`` and the values its sentence is made of, so that an
application can say the same thing in its own language.
"""

from collections.abc import Mapping
from typing import Any

__all__ = [
    "CartographyError",
    "ExportError",
    "FewPermutationsWarning",
    "GeoError",
    "JoinError",
    "LayerError",
    "RasterError",
    "StatisticsError",
    "WeightsError",
    "WorkersError",
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

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors come back from other processes whole.
        return _rebuilt, (type(self), str(self), self.code, dict(self.params))


def _rebuilt(kind: type[GeoError], message: str, code: str, params: dict[str, Any]) -> GeoError:
    return kind(message, code=code, **params)


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


class WorkersError(GeoError):
    """Workers that should compute are missing, unlike this process, or gone."""


class FewPermutationsWarning(UserWarning):
    """With so few permutations no lone unit can pass the false discovery rate.

    Parameters
    ----------
    permutations : int
        Permutations of the test.
    needed : int
        Fewest permutations with which a unit could pass.
    n : int
        Number of tests.
    alpha : float
        False discovery rate.

    Examples
    --------
    >>> str(FewPermutationsWarning(permutations=999, needed=13_599, n=340, alpha=0.05))
    'with 999 permutations none of 340 units can pass a false discovery rate of 0.05 on its
    own; at least 13599 are needed'
    """

    def __init__(self, *, permutations: int, needed: int, n: int, alpha: float) -> None:
        super().__init__(
            f"with {permutations} permutations none of {n} units can pass a false discovery "
            f"rate of {alpha:g} on its own; at least {needed} are needed"
        )
        self.permutations = permutations
        self.needed = needed

"""One-way latency from distance: the one model behind indicators, bands, isolines and surface."""

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["LATENCY", "Latency"]

Kilometres = TypeVar("Kilometres", float, pd.Series, pd.DataFrame, npt.NDArray[np.float64])


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """One-way latency of a cable between two places.

    Attributes
    ----------
    route_factor : float
        Length of the cable over the geodesic distance.
    km_per_ms : float
        Speed of light in fibre, km per millisecond: that in vacuum over a refractive index of
        about 1.5.
    fixed_ms : float
        What does not depend on distance, such as equipment, ms.
    """

    route_factor: float = 1.5
    km_per_ms: float = 200.0
    fixed_ms: float = 0.0

    @property
    def ms_per_km(self) -> float:
        """Latency of a km of geodesic, without the fixed part."""
        return self.route_factor / self.km_per_ms

    def of(self, km: Kilometres) -> Kilometres:
        """Return the latency over a distance.

        Parameters
        ----------
        km : float or Series or DataFrame or numpy.ndarray
            Geodesic distance, km.

        Returns
        -------
        float or Series or DataFrame or numpy.ndarray
            ms.

        Examples
        --------
        >>> LATENCY.of(400.0), Latency(fixed_ms=0.5).of(400.0)
        (3.0, 3.5)
        """
        return km * self.route_factor / self.km_per_ms + self.fixed_ms

    def reach(self, ms: float) -> float:
        """Return how far one gets within a latency.

        Parameters
        ----------
        ms : float
            Latency.

        Returns
        -------
        float
            Geodesic distance, km; not positive where the fixed part alone takes longer.

        Examples
        --------
        >>> round(LATENCY.reach(1.0), 3)
        133.333
        """
        return (ms - self.fixed_ms) / self.ms_per_km


LATENCY: Final = Latency()
"""The model of everything that is computed without being told otherwise (data/README.md)."""

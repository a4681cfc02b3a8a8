"""The choices of method of a profile."""

from typing import Annotated, Literal

import pydantic
from pydantic import Field

__all__ = [
    "Aggregation",
    "Frozen",
    "Imputing",
    "Method",
    "Normalisation",
    "Screening",
    "Treatment",
    "Weighting",
    "Year",
]

Year = Annotated[int, Field(ge=1949, le=2100)]
Screening = Literal["withhold", "drop", "none"]
Imputing = Literal[
    "nearest_year", "latest", "linear", "group_median", "group_mean", "knn", "iterative"
]
Treatment = Literal["none", "winsorise", "coinr", "boxcox"]

Aggregation = Literal["arithmetic", "geometric", "harmonic", "power", "copeland", "topsis"]
Normalisation = Literal[
    "minmax",
    "zscore",
    "rank",
    "percentile_rank",
    "borda",
    "dist2max",
    "fracmax",
    "efficacy",
    "scaled",
]
Weighting = Literal["ahp", "given", "equal", "entropy", "critic", "cv", "merec", "pca"]


class Frozen(pydantic.BaseModel):
    """A part of a profile: immutable, without fields nobody knows."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Method(Frozen):
    """The choices of method.

    Attributes
    ----------
    coverage : float
        Least share of indicators a unit needs to be scored, and of units an indicator
        needs not to be flagged (65 % in the JRC's practice).
    screen : {"withhold", "drop", "none"}
        What happens to units below ``coverage``, see :mod:`suanli.evaluation.screen`.
    impute : tuple[str, ...]
        Imputations, tried in this order.
    impute_reach : int
        How many years imputation from other years may look away.
    neighbours : int
        How many most similar units ``impute = ["knn"]`` averages.
    treat : {"none", "winsorise", "coinr", "boxcox"}
        Outlier treatment of indicators without declared transformation and without a
        treatment of their own.
    winsorise_points : int
        Most points winsorised per indicator.
    normalise : str
        Normalisation, a name of :mod:`suanli.evaluation.scales`.
    scope : {"year", "panel"}
        Goalposts from the evaluated year or from all years of the panel.
    panel : tuple[int, int], optional
        First and last year of the panel.
    lower, upper : float
        Range of the normalised scores, on the scales that have one.
    weight : str
        Where local weights come from: ``ahp``, ``given``, ``equal``, or from the data by a
        name of :mod:`suanli.evaluation.objective`.
    force_inconsistent : bool
        Accept judgement matrices with a consistency ratio above 0.1.
    aggregate : str
        Aggregation at every level that names no other, a name of
        :mod:`suanli.evaluation.aggregate`.
    power : float
        Exponent of ``aggregate = "power"``: 1 is the arithmetic mean, 0 the geometric, -1
        the harmonic; the less, the less a strong score makes up for a weak one.
    ties : {"min", "average", "dense"}
        Tie rule of the ranks.
    """

    coverage: float = Field(default=0.65, ge=0, le=1)
    screen: Screening = "withhold"
    impute: tuple[Imputing, ...] = ("nearest_year",)
    impute_reach: int = Field(default=2, ge=1)
    neighbours: int = Field(default=5, ge=1)
    treat: Treatment = "winsorise"
    winsorise_points: int = Field(default=5, ge=1)
    normalise: Normalisation = "minmax"
    scope: Literal["year", "panel"] = "year"
    panel: tuple[Year, Year] | None = None
    lower: float = 0.0
    upper: float = 100.0
    weight: Weighting = "ahp"
    force_inconsistent: bool = False
    aggregate: Aggregation = "arithmetic"
    power: float = 0.5
    ties: Literal["min", "average", "dense"] = "min"

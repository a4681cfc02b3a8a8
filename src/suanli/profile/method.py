"""The choices of method of a profile."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import Field

from suanli.errors import refuse_steering

__all__ = [
    "Aggregation",
    "Combination",
    "Frozen",
    "Imputing",
    "Method",
    "Normalisation",
    "Screening",
    "Treatment",
    "UnreadableError",
    "Weighting",
    "Year",
]

Year = Annotated[int, Field(ge=1949, le=2100)]
Screening = Literal["withhold", "drop", "none"]
Imputing = Literal[
    "nearest_year", "latest", "linear", "group_median", "group_mean", "knn", "iterative"
]
Treatment = Literal["none", "winsorise", "coinr", "boxcox"]

Aggregation = Literal[
    "arithmetic", "geometric", "harmonic", "power", "copeland", "topsis", "ampi", "bod"
]
Normalisation = Literal[
    "minmax",
    "zscore",
    "rank",
    "percentile_rank",
    "borda",
    "dist2max",
    "fracmax",
    "fracmax_coinr",
    "efficacy",
    "scaled",
    "scaled_coinr",
    "goalposts",
    "dist2target",
    "dist2ref",
    "ampi",
    "vector",
    "sum",
]
Single = Literal[
    "ahp",
    "given",
    "equal",
    "entropy",
    "critic",
    "cv",
    "gini",
    "merec",
    "pca",
    "pca_coinr",
    "optimised",
]
Weighting = Literal[Single, "combined"]


class UnreadableError(Exception):
    """A rule asked for a field that a draft of a faulty profile does not have."""


class Frozen(pydantic.BaseModel):
    """A part of a profile: immutable, without fields nobody knows."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    _plain = pydantic.field_validator("*", mode="before")(refuse_steering)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Only asked where there is no such attribute: in a draft, see profile.draft.
            if name in type(self).model_fields:
                raise UnreadableError(name)
            return super().__getattr__(name)


class Combination(Frozen):
    """Two weightings made one, such as a judged and a measured one.

    Attributes
    ----------
    first, second : str
        The weightings: any but ``combined`` itself.
    rule : {"linear", "multiplicative"}
        ``a w1 + (1 - a) w2``, or ``w1^a w2^(1-a)`` re-scaled to sum to 1.
    share : float
        The a: how much of the first.
    """

    first: Single
    second: Single
    rule: Literal["linear", "multiplicative"] = "linear"
    share: float = Field(default=0.5, ge=0, le=1)


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
    centre, spread : float
        Mean and standard deviation of ``normalise = "zscore"``.
    cap : bool
        Cut scores above 1 where ``normalise`` is ``dist2target`` or ``dist2ref``.
    reference : str, optional
        Code of the unit ``normalise = "dist2ref"`` measures against.
    reference_year : int, optional
        Year whose mean ``normalise = "ampi"``, and whose value of the unit ``dist2ref``,
        refers to; the first year scored when absent.
    weight : str
        Where local weights come from: ``ahp``, ``given``, ``equal``, from the data by a
        name of :mod:`suanli.evaluation.objective`, ``optimised`` to an influence, or
        ``combined``.
    combination : Combination, optional
        What ``weight = "combined"`` combines.
    influence : {"squared", "correlation"}
        What ``weight = "optimised"`` shares out: the squared correlation of siblings with
        their parent, or the correlation itself.
    importance : {"equal", "given"}
        How it is shared out: evenly, or by the weights the profile states.
    influence_miss : float
        How far a share of influence may miss that: siblings that go together, or against
        each other, may not allow it with weights above 0.
    force_inconsistent : bool
        Accept judgement matrices with a consistency ratio above 0.1.
    aggregate : str
        Aggregation at every level that names no other, a name of
        :mod:`suanli.evaluation.aggregate`.
    power : float
        Exponent of ``aggregate = "power"``: 1 is the arithmetic mean, 0 the geometric, -1
        the harmonic; the less, the less a strong score makes up for a weak one.
    penalty : {"minus", "plus"}
        Whether ``aggregate = "ampi"`` takes unevenness off the mean or adds it (where a
        high score is bad).
    bod_slack : float
        How far, with ``aggregate = "bod"``, the share of a sibling in a unit's score may lie
        from its weight: 0 not at all, 1 anywhere.
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
    centre: float = 0.0
    spread: float = Field(default=1.0, gt=0)
    cap: bool = False
    reference: str | None = Field(default=None, min_length=1)
    reference_year: int | None = None
    weight: Weighting = "ahp"
    combination: Combination | None = None
    influence: Literal["squared", "correlation"] = "squared"
    importance: Literal["equal", "given"] = "equal"
    influence_miss: float = Field(default=1e-4, ge=0, le=1)
    force_inconsistent: bool = False
    aggregate: Aggregation = "arithmetic"
    power: float = 0.5
    penalty: Literal["minus", "plus"] = "minus"
    bod_slack: float = Field(default=0.25, ge=0, le=1)
    ties: Literal["min", "average", "dense"] = "min"

    @property
    def weightings(self) -> tuple[str, ...]:
        """The weightings in use, those of a combination one by one.

        Returns
        -------
        tuple[str, ...]
            One or two names.
        """
        if self.weight == "combined" and self.combination is not None:
            return (self.combination.first, self.combination.second)
        return (self.weight,)

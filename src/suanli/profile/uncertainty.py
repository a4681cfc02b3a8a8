"""Which other choices would have been as defensible as the profile's own."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from suanli.profile.method import Frozen

__all__ = ["FIXED", "MOST_COMBINATIONS", "Choice", "Uncertainty", "WeightDistribution"]

FIXED: Final = frozenset(
    {"coverage", "screen", "scope", "panel", "ties", "impute_reach", "force_inconsistent"}
)
"""Fields of ``[method]`` that no choice may set: they say which units and years are compared
and how equal scores are ranked, so that ranks of two replicates would not compare."""

MOST_COMBINATIONS: Final = 1024
"""Most combinations of options; each is evaluated once before the first draw."""


class WeightDistribution(Frozen):
    """How weights are drawn around those of the profile, among the children of each node.

    Attributes
    ----------
    distribution : {"uniform", "dirichlet", "fixed"}
        ``uniform``: each local weight within ``spread`` of its own, then re-scaled to sum to
        1; ``dirichlet``: with the profile's weights as mean; ``fixed``: not drawn.
    of : {"all", "dimensions", "indicators"}
        Whose weights are drawn; the others keep theirs, but for the re-scaling.
    spread : float
        Half width of ``uniform`` as a share of the weight.
    concentration : float
        Sum of the parameters of ``dirichlet``: the more, the closer to the profile's
        weights. A weight w has standard deviation ``sqrt(w (1 - w) / (concentration + 1))``.
    """

    distribution: Literal["uniform", "dirichlet", "fixed"] = "uniform"
    of: Literal["all", "dimensions", "indicators"] = "all"
    spread: float = Field(default=0.25, ge=0, le=1)
    concentration: float = Field(default=50.0, ge=1)


class Choice(Frozen):
    """One choice of method and what else could have been chosen.

    Attributes
    ----------
    name : str
        What to call it, unique in the profile.
    options : tuple[Mapping[str, Any], ...]
        Alternatives, drawn with equal chance: each the fields of the profile's ``[method]``
        it sets, such as ``{ aggregate = "geometric" }``; fields it does not set are the
        profile's. Two choices may not set the same field, none may set one of :data:`FIXED`.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    options: tuple[dict[str, Any], ...] = Field(min_length=2)


class Uncertainty(Frozen):
    """The assumptions a rank is tested against.

    Attributes
    ----------
    replicates : int
        Evaluations under drawn assumptions.
    interval : tuple[float, float]
        Quantiles of the rank interval.
    top : int
        The k of "how often among the first k".
    weights : WeightDistribution
        How weights are drawn.
    choice : tuple[Choice, ...]
        Choices of method that are drawn too.
    omit : float
        Chance that a replicate leaves out one indicator, each as likely as another.
    bounds : float
        Admissible weights for best and worst attainable rank: every local weight within
        this share of the profile's.
    limits : Mapping[str, tuple[float, float]]
        Least and largest local weight of single nodes, instead of ``bounds``, and of any
        other share that is asked for.
    """

    replicates: int = Field(default=10_000, ge=1, le=10_000_000)
    interval: tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]] = (
        0.05,
        0.95,
    )
    top: int = Field(default=10, ge=1)
    weights: WeightDistribution = WeightDistribution()
    choice: tuple[Choice, ...] = ()
    omit: float = Field(default=0.0, ge=0, le=1)
    bounds: float = Field(default=0.3, ge=0, le=1)
    limits: dict[str, tuple[float, float]] = Field(default_factory=dict)

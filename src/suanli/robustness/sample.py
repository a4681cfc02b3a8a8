"""A small model for the examples of this package."""

from functools import cache

from suanli.data import load_catalogue
from suanli.evaluation import Derivation, derivation
from suanli.profile import IndexSpec, load_profile, replace_spec
from suanli.robustness.replicates import Model, model_of

__all__ = ["sample_model", "sample_start"]


@cache
def sample_start() -> tuple[Derivation, IndexSpec]:
    """Return the provinces of the shipped data and a profile with one choice.

    Returns
    -------
    start : Derivation
        Derived indicators.
    spec : IndexSpec
        Weights within a quarter, an arithmetic or a geometric mean, one indicator left out
        in half of the replicates.

    Examples
    --------
    >>> sample_start()[1].uncertainty.choice[0].name
    'aggregation'
    """
    options = [{"aggregate": "arithmetic"}, {"aggregate": "geometric"}]
    spec = replace_spec(
        load_profile("caict2024-province"),
        method={"lower": 1.0},
        uncertainty={"choice": [{"name": "aggregation", "options": options}], "omit": 0.5},
    )
    return derivation(load_catalogue().province, spec), spec


@cache
def sample_model() -> Model:
    """Return the model of :func:`sample_start`.

    Returns
    -------
    Model
        Two combinations of options.

    Examples
    --------
    >>> len(sample_model().combinations)
    2
    """
    return model_of(*sample_start())

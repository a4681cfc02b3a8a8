"""Which assumption moves the ranks: Sobol indices of weights, choices and omission."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation import Derivation
from suanli.profile import ROOT, IndexSpec
from suanli.robustness.ranking import ranks_of
from suanli.robustness.replicates import Model, model_of
from suanli.robustness.sobol import SobolIndices, sobol_indices

__all__ = ["BASE_POINTS", "Sensitivity", "rank_sensitivity"]

Floats = npt.NDArray[np.float64]

BASE_POINTS: Final = 4096
"""Base points of the design unless told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sensitivity:
    """How much each assumption moves the ranks of the index.

    Attributes
    ----------
    table : pandas.DataFrame
        Of the mean absolute rank change against the profile's own ranks. Index ``factor``:
        ``weights``, the names of the choices, ``omission``; columns ``first``, ``first_low``,
        ``first_high``, ``first_beyond_chance`` (the interval does not include 0), the same for
        ``total``. Missing where nothing varies.
    units : pandas.DataFrame
        The same for the rank of each unit: columns ``code``, ``factor`` and those above.
        Missing for units whose rank never changes or that some replicate does not score.
    mean_change : float
        Mean of the mean absolute rank change, in ranks.
    variance : float
        Its variance over the replicates; 0 when no assumption changes any rank.
    interaction : float
        ``1 - sum of first order indices``: the share of the variance that no assumption
        explains by itself. A little below 0 by sampling; missing when nothing varies.
    runs : int
        Evaluations made.
    """

    table: pd.DataFrame
    units: pd.DataFrame
    mean_change: float
    variance: float
    interaction: float
    runs: int


def rank_sensitivity(
    start: Derivation,
    spec: IndexSpec,
    *,
    rng: np.random.Generator,
    n: int = BASE_POINTS,
    groups: pd.Series | None = None,
    model: Model | None = None,
) -> Sensitivity:
    """Attribute the uncertainty of the ranks to the assumptions behind it.

    Parameters
    ----------
    start : Derivation
        From :func:`suanli.evaluation.derivation`, by this profile.
    spec : IndexSpec
        The profile; ``spec.uncertainty`` says what is drawn.
    rng : numpy.random.Generator
        Source of randomness.
    n : int
        Base points, a power of 2; n (factors + 2) evaluations are made.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; only for imputation by group.
    model : Model, optional
        From :func:`suanli.robustness.replicates.model_of` with the same profile and groups,
        where it is at hand.

    Returns
    -------
    Sensitivity
        First and total order indices with 90 % bootstrap intervals.

    Raises
    ------
    InputError
        Nothing is uncertain, ``n`` is no power of 2, or a combination of options cannot be
        evaluated; said before anything is drawn.

    Notes
    -----
    The first order index of an assumption is the share of the variance that would go if it
    were settled; the total order index the share that would stay if all others were. Output
    of interest as in Saisana, Saltelli and Tarantola (2005) and COINr: the mean over the
    units scored in both of ``|rank - nominal rank|``. Estimators:
    :func:`suanli.robustness.sobol.sobol_indices`.

    Examples
    --------
    >>> from suanli.robustness.sample import sample_start
    >>> found = rank_sensitivity(*sample_start(), rng=np.random.default_rng(1), n=64)
    >>> found.table.index.to_list()
    ['weights', 'aggregation', 'omission']
    """
    if n < 2 or n & (n - 1):  # noqa: PLR2004 - two points have a variance
        raise InputError([Problem(code="robustness.base_points", params={"n": n})])
    model = model or model_of(start, spec, groups=groups)
    factors = model.assumptions.factors
    if not factors:
        raise InputError([Problem(code="robustness.nothing_uncertain", params={"id": spec.id})])
    nominal = model.nominal.ranks[ROOT].to_numpy()
    changes: list[Floats] = []

    def outputs(cube: Floats) -> Floats:
        ranks = _ranks(model, cube)
        changes.append(np.nanmean(np.abs(ranks - nominal), axis=1))
        return np.column_stack([changes[-1], ranks])

    found = sobol_indices(outputs, factors, n=n, rng=rng)
    table = _table(found, 0).rename_axis("factor")
    units = pd.concat(
        {code: _table(found, place + 1) for place, code in enumerate(model.codes)},
        names=["code", "factor"],
    )
    return Sensitivity(
        table=table,
        units=units.reset_index(),
        # The first two blocks are plain samples of the assumptions.
        mean_change=float(np.concatenate(changes[:2]).mean()),
        variance=float(found.variance[0]),
        interaction=float(1.0 - table["first"].sum(skipna=False)),
        runs=found.runs,
    )


def _ranks(model: Model, cube: Floats) -> Floats:
    ranks = [
        ranks_of(model.scores(model.assumptions.at(cube[at : at + model.chunk]))[0], model.ties)
        for at in range(0, len(cube), model.chunk)
    ]
    return np.concatenate(ranks)


def _table(found: SobolIndices, output: int) -> pd.DataFrame:
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for order, values, interval in (
        ("first", found.first, found.first_interval),
        ("total", found.total, found.total_interval),
    ):
        low, high = interval[0, :, output], interval[1, :, output]
        columns[order] = values[:, output]
        columns[f"{order}_low"], columns[f"{order}_high"] = low, high
        columns[f"{order}_beyond_chance"] = (low > 0) | (high < 0)
    return pd.DataFrame(columns, index=list(found.factors))

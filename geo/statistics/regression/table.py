"""Models side by side, and one against the other."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from geo.errors import StatisticsError
from geo.statistics.regression.result import RegressionResult
from geo.weights.construction import name_labels

__all__ = ["likelihood_ratio", "model_table"]

_SHOWN = ("coefficient", "standard_error", "p")


def model_table(
    results: Mapping[str, RegressionResult] | Sequence[RegressionResult],
) -> pd.DataFrame:
    """Put fitted models side by side.

    Parameters
    ----------
    results : mapping or sequence of RegressionResult
        Models by the name of their column; in a sequence the name is that of the model.

    Returns
    -------
    pandas.DataFrame
        One column per model. Rows (``term``, ``figure``): for every term ``coefficient``,
        ``standard_error`` and ``p``; for every test ``statistic`` and ``p``;
        (``residual_moran``, ``statistic`` or ``p``); and (``model``, ...) ``n``,
        ``r_squared``, ``sigma2``, ``log_likelihood``, ``aic``. NaN where a model has no such
        figure.

    Raises
    ------
    geo.errors.StatisticsError
        Names repeat, there is no model, or models are not of the same units.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics import fit_ols, fit_sar
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> x = pd.DataFrame({"x": [0.0, 2, 3, 1, 5, 4]}, index=list("abcdef"))
    >>> table = model_table([fit_ols(y, x, path), fit_sar(y, x, path)])
    >>> table.loc[("x", "coefficient")].round(4).to_dict()
    {'ols': 0.9429, 'sar': 0.847}
    """
    named = _named(results)
    columns = {name: _figures(one) for name, one in named.items()}
    order = list(dict.fromkeys(key for column in columns.values() for key in column))
    ranks = {key: (_rank(key), place) for place, key in enumerate(order)}
    rows = sorted(order, key=ranks.__getitem__)
    return pd.DataFrame(
        {name: [column.get(row, np.nan) for row in rows] for name, column in columns.items()},
        index=pd.MultiIndex.from_tuples(rows, names=["term", "figure"]),
    )


def likelihood_ratio(
    restricted: RegressionResult, full: RegressionResult
) -> tuple[float, int, float]:
    """Test a model against a wider one that holds it as a special case.

    Parameters
    ----------
    restricted : RegressionResult
        The narrower model.
    full : RegressionResult
        The wider one: ``sar`` or ``slx`` in ``sdm``; ``sem`` in ``sdm`` (common factor
        c = -rho b); ``ols`` in all.

    Returns
    -------
    tuple of float, int, float
        Statistic 2 (log L of the full - of the restricted), degrees of freedom, p
        (chi-squared).

    Raises
    ------
    geo.errors.StatisticsError
        A model has no likelihood, the first does not lie in the second, or units, outcome or
        weights differ.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics import fit_ols, fit_sar
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> x = pd.DataFrame({"x": [0.0, 2, 3, 1, 5, 4]}, index=list("abcdef"))
    >>> round(likelihood_ratio(fit_ols(y, x, path), fit_sar(y, x, path))[0], 3)
    2.882
    """
    within = {
        "ols": {"slx", "sar", "sem", "sdm", "sdem"},
        "slx": {"sdm", "sdem"},
        "sar": {"sdm"},
        "sem": {"sdm", "sdem"},
    }
    _same_data(restricted, full)
    nested = full.model in within.get(restricted.model, set())
    gap = len(full.coefficients) - len(restricted.coefficients)
    if not nested or gap < 1 or restricted.explanations != full.explanations:
        raise StatisticsError(
            f"{restricted.model} with {name_labels(restricted.explanations)} is no special case "
            f"of {full.model} with {name_labels(full.explanations)}",
            code="statistics.not_nested",
            restricted=restricted.model,
            full=full.model,
        )
    if not (np.isfinite(restricted.log_likelihood) and np.isfinite(full.log_likelihood)):
        raise StatisticsError(
            'generalised moments have no likelihood; fit both models by method="ml"',
            code="statistics.no_likelihood",
        )
    statistic = max(0.0, 2.0 * (full.log_likelihood - restricted.log_likelihood))
    return statistic, gap, float(stats.chi2.sf(statistic, gap))


def _named(
    results: Mapping[str, RegressionResult] | Sequence[RegressionResult],
) -> dict[str, RegressionResult]:
    pairs = (
        list(results.items())
        if isinstance(results, Mapping)
        else [(one.model, one) for one in results]
    )
    names = [name for name, _ in pairs]
    if not names or len(set(names)) < len(names):
        raise StatisticsError(
            f"every model needs a name of its own, got {name_labels(names) or 'none'}; give a "
            "mapping from name to result",
            code="statistics.model_names",
            names=name_labels(names) or "-",
        )
    _same_units([one for _, one in pairs])
    return dict(pairs)


def _same_units(results: list[RegressionResult]) -> None:
    first = results[0].space.labels
    if not all(one.space.labels.equals(first) for one in results):
        raise StatisticsError(
            "the models are not of the same units; likelihoods of different data do not compare",
            code="statistics.models_differ",
        )


def _same_data(restricted: RegressionResult, full: RegressionResult) -> None:
    _same_units([restricted, full])
    one, other = restricted.space.matrix, full.space.matrix
    outcome = restricted.outcome.reindex(full.outcome.index)
    different = one.shape != other.shape or abs(one - other).nnz > 0
    if different or not outcome.equals(full.outcome):
        raise StatisticsError(
            "the models have not the same outcome and weights; fit both to the same",
            code="statistics.other_data",
        )


def _figures(result: RegressionResult) -> dict[tuple[str, str], float]:
    figures: dict[tuple[str, str], float] = {}
    for frame, shown in ((result.coefficients, _SHOWN), (result.tests, ("statistic", "p"))):
        for name, row in zip(frame.index, frame[list(shown)].to_numpy(), strict=True):
            figures |= {
                (str(name), figure): float(one) for figure, one in zip(shown, row, strict=True)
            }
    moran = result.residual_moran
    figures["residual_moran", "statistic"] = moran.statistic
    figures["residual_moran", "p"] = moran.p
    for name in ("n", "r_squared", "sigma2", "log_likelihood", "aic"):
        figures["model", name] = float(getattr(result, name))
    return figures


def _rank(key: tuple[str, str]) -> int:
    """Explanations, then rho and lambda, tests, the residuals, the model."""
    term, figure = key
    if term == "model":
        return 4
    if term == "residual_moran":
        return 3
    if term in {"lr", "sarma"} or term.startswith(("lm_", "robust_lm_")):
        return 2
    return 1 if term in {"rho", "lambda"} and figure else 0

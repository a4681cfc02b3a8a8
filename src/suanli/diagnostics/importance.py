"""What weights are worth: the part of the index's variance each indicator really carries."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from suanli.diagnostics.splitting import every_score, is_splittable, split
from suanli.diagnostics.tree import leaves
from suanli.evaluation import Scores
from suanli.profile import ROOT, IndexSpec

__all__ = ["carried_weights", "main_effect", "overall_weights"]

Array = NDArray[np.float64]
_PAIRS: Final = 50_000
_BANDWIDTHS: Final = (0.2, 0.3, 0.45, 0.7, 1.0, 1.5, 2.5, 5.0)
_FEWEST: Final = 8


def overall_weights(scores: Scores) -> pd.DataFrame:
    """Return the nominal weight of every node in the index.

    Parameters
    ----------
    scores : Scores
        An evaluation.

    Returns
    -------
    pandas.DataFrame
        Index ``id``, the index first; ``parent``, ``depth`` (0 is the index), ``local``
        weight among siblings and ``overall`` weight, the product along the path.

    Notes
    -----
    COINr's effective weights (``get_eff_weights``, Becker et al. 2022): what the weights of
    a hierarchy come to, before any data is looked at.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> table = overall_weights(scores)
    >>> round(float(table.loc[table["depth"].eq(1), "overall"].sum()), 12)
    1.0
    """
    top = pd.DataFrame({"parent": "", "depth": 0, "local": 1.0, "overall": 1.0}, index=[ROOT])
    below = scores.weights.rename(columns={"level": "depth"})[list(top.columns)]
    return pd.concat([top, below]).rename_axis("id")


def carried_weights(scores: Scores, *, low: float = 0.5, high: float = 2.0) -> pd.DataFrame:
    """Set beside each nominal weight the share of the index's variance it really carries.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    low, high : float
        Ratios of carried to nominal weight beyond which a row is flagged.

    Returns
    -------
    pandas.DataFrame
        One row per dimension, sub-dimension and indicator: ``id``, ``parent``, ``depth``,
        ``nominal`` (overall weight), ``carried`` (share of the variance; the indicators'
        sum to 1; missing where a level is aggregated by a method that is no mean),
        ``ratio``, ``r`` and ``r_squared`` (Pearson, with the index), ``main_effect``
        (:func:`main_effect`), ``n`` and ``flag``: ``negative``, ``low``, ``high`` or empty.

    Notes
    -----
    ``carried_j = sum_ik c_j(i,k) (I_i - I_k) / sum_ik (I_i - I_k)^2`` over pairs of scored
    units, c_j(i,k) the contribution of j to the difference of i and k
    (:func:`suanli.diagnostics.splitting.split`). For arithmetic means with nothing missing
    this is ``w_j cov(x_j, I) / var(I)``; it stays exact for other means and with gaps.

    Paruolo, Saisana and Saltelli, Journal of the Royal Statistical Society A 176 (2013)
    609-634; Becker, Saisana, Paruolo and Vandecasteele, Ecological Indicators 80 (2017)
    12-22

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> table = carried_weights(scores).set_index("id")
    >>> leaves = [item.id for item in scores.spec.indicator]
    >>> round(float(table.loc[leaves, "carried"].sum()), 10)
    1.0
    """
    spec = scores.spec
    index = scores.index.dropna()
    every = every_score(scores).loc[index.index]
    weights = overall_weights(scores).drop(index=ROOT)
    table = weights[["parent", "depth"]].assign(nominal=weights["overall"])
    table["carried"] = _carried(scores, every, index)
    table["ratio"] = table["carried"] / table["nominal"].where(table["nominal"] > 0)
    related = [_related(every[name], index) for name in table.index]
    table = table.join(pd.DataFrame(related, index=table.index))
    table["flag"] = [_flag(ratio, low, high) for ratio in table["ratio"]]
    return table.loc[[item.id for item in spec.items()]].rename_axis("id").reset_index()


def main_effect(x: pd.Series, y: pd.Series) -> float:
    """Return the share of the variance of ``y`` that ``x`` explains along a smooth curve.

    Parameters
    ----------
    x, y : pandas.Series
        Values by unit; units that lack one are left out.

    Returns
    -------
    float
        ``var(E(y | x)) / var(y)``, between 0 and 1; missing for fewer than eight units or
        where one side does not vary.

    Notes
    -----
    ``S_j = var(E(I | x_j)) / var(I)``, the correlation ratio, with E estimated by local
    linear regression (Gaussian kernel, bandwidth by leaving one out)

    Paruolo, Saisana and Saltelli (2013), section 3

    Examples
    --------
    >>> x = pd.Series(np.linspace(-1, 1, 41))
    >>> bool(main_effect(x, x**2) > 0.95), bool(main_effect(x, 2 - 3 * x) > 0.99)
    (True, True)
    """
    pair = pd.concat([x, y], axis=1, keys=["x", "y"]).dropna()
    if len(pair) < _FEWEST or not (pair.max() > pair.min()).all():
        return float("nan")
    a, b = (pair[name].to_numpy(dtype=float) for name in ("x", "y"))
    best, fitted = np.inf, b
    for width in _BANDWIDTHS:
        hat = _smoother((a - a.mean()) / a.std(), width)
        leverage = np.clip(np.diag(hat), 0.0, 1.0 - 1e-9)
        smooth = hat @ b
        error = float((((b - smooth) / (1.0 - leverage)) ** 2).mean())
        if error < best:
            best, fitted = error, smooth
    return float(min(1.0, fitted.var() / b.var()))


def _smoother(x: Array, width: float) -> Array:
    """Return the matrix that turns y into its local linear fit at every x."""
    apart = x[None, :] - x[:, None]
    kernel = np.exp(-0.5 * (apart / width) ** 2)
    s0, s1, s2 = ((kernel * apart**k).sum(axis=1, keepdims=True) for k in range(3))
    determinant = s0 * s2 - s1**2
    # Where all weight lies on one value there is no slope: the local mean then.
    flat = determinant <= 1e-9 * s0**2
    line = kernel * (s2 - s1 * apart) / np.where(flat, 1.0, determinant)
    return np.asarray(np.where(flat, kernel / s0, line), dtype=np.float64)


def _carried(scores: Scores, every: pd.DataFrame, index: pd.Series) -> pd.Series:
    spec = scores.spec
    names = [item.id for item in spec.indicator]
    if not is_splittable(spec) or not index.max() > index.min():
        return pd.Series(float("nan"), index=[item.id for item in spec.items()])
    total: pd.Series = pd.Series(0.0, index=names)
    first, second = np.triu_indices(len(every), k=1)
    gaps = index.to_numpy(dtype=float)
    for start in range(0, len(first), _PAIRS):
        i, k = first[start : start + _PAIRS], second[start : start + _PAIRS]
        a, b = (every.iloc[rows].reset_index(drop=True) for rows in (i, k))
        parts = split(a, b, spec, local_a=scores.weights["local"])
        total += parts.contribution.mul(gaps[i] - gaps[k], axis=0).sum()
    squares = float(((gaps[first] - gaps[second]) ** 2).sum())
    return _rolled_up(total / squares, spec)


def _rolled_up(shares: pd.Series, spec: IndexSpec) -> pd.Series:
    whole = {item.id: float(shares[list(leaves(spec, item.id))].sum()) for item in spec.dimension}
    whole |= {item.id: float(shares[item.id]) for item in spec.indicator}
    return pd.Series(whole)


def _related(x: pd.Series, index: pd.Series) -> dict[str, float]:
    pair = pd.concat([x, index], axis=1, keys=["x", "y"]).dropna()
    varied = bool((pair.max() > pair.min()).all())
    r = float(pair["x"].corr(pair["y"])) if varied else float("nan")
    effect = main_effect(pair["x"], pair["y"])
    return {"r": r, "r_squared": r**2, "main_effect": effect, "n": len(pair)}


def _flag(ratio: float, low: float, high: float) -> str:
    if ratio < 0:
        return "negative"
    if ratio < low:
        return "low"
    return "high" if ratio > high else ""

"""What the further tests of hubs and of convergence allow one to say.

The sentences lie in ``messages/*/hubs.toml`` and ``messages/*/convergence.toml``. Values of
``outcome``, ``ring``, ``within``, ``design`` are identifiers that :data:`NAMED_BY` turns into
keys of words; ``series`` is a node or an indicator.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from suanli.analysis.conclusion import Conclusion, p_text
from suanli.analysis.convergence import ConvergenceResult
from suanli.analysis.event import DESIGNS, EventResult
from suanli.analysis.spillover import SpilloverResult

__all__ = ["NAMED_BY", "convergence_conclusions", "event_conclusions", "spillover_conclusions"]

# Share of a slope that one unit may make before it is named.
_PULLED: Final = 0.2

NAMED_BY: Final[Mapping[str, str]] = {
    "outcome": "hubs.outcome_{}",
    "ring": "hubs.ring_{}",
    "within": "hubs.within_{}",
}
"""Parameter of a sentence to the key of the words for its identifier."""


def spillover_conclusions(
    result: SpilloverResult, *, alpha: float = 0.05
) -> tuple[Conclusion, ...]:
    """Say what bands, joins, Moran and other weights show, one way of redrawing at a time.

    Parameters
    ----------
    result : SpilloverResult
        The tests.
    alpha : float, default 0.05
        False discovery rate of the bands, level of single tests.

    Returns
    -------
    tuple[Conclusion, ...]
        Per way of redrawing: on the bands, the joins, Moran's I, the rules of weights.

    Examples
    --------
    >>> bands = pd.DataFrame({"redrawn_within": ["anywhere"], "membership": "km", "ring": 1,
    ...                       "p": 0.4, "p_fdr": 0.4})
    >>> neighbours = pd.DataFrame({"redrawn_within": ["anywhere"] * 2, "statistic":
    ...     ["joins", "moran"], "value": 1.0, "expected": 1.0, "detectable": 2.0, "p": 0.6})
    >>> weights = pd.DataFrame({"redrawn_within": ["anywhere"], "p": 0.4, "slope_p": 0.3,
    ...                         "moran_p": 0.01, "joins_p": 0.2})
    >>> found = SpilloverResult(bands=bands, decay=bands, neighbours=neighbours, weights=weights)
    >>> [said.key for said in spillover_conclusions(found)]
    ['hubs.bands_none', 'hubs.joins_none', 'hubs.moran_none', 'hubs.weights']
    """
    said = []
    for way, bands in result.bands.groupby("redrawn_within", sort=False):
        tested = bands[bands["p_fdr"].notna()]
        found = tested[tested["p_fdr"] <= alpha]
        head = {"within": way, "alpha": alpha}
        figures = {"tests": len(tested), "found": len(found), "p": p_text(tested["p"].min())}
        key = "hubs.bands_some" if len(found) else "hubs.bands_none"
        said.append(Conclusion(key=key, params=head | figures))
        for row in _of(result.neighbours, way).to_dict("records"):
            kind = _kind(row["p"], alpha, row["value"] - row["expected"])
            numbers = {name: row[name] for name in ("value", "expected", "detectable")}
            params = head | numbers | {"p": p_text(row["p"])}
            said.append(Conclusion(key=f"hubs.{row['statistic']}_{kind}", params=params))
        rules = _of(result.weights, way)
        names = {"p": "rings", "slope_p": "slopes", "moran_p": "morans", "joins_p": "joins"}
        counts = {name: int((rules[column] <= alpha).sum()) for column, name in names.items()}
        said.append(Conclusion(key="hubs.weights", params=head | {"rules": len(rules)} | counts))
    return tuple(said)


def event_conclusions(result: EventResult, *, alpha: float = 0.05) -> tuple[Conclusion, ...]:
    """Say what approval changed, and what change could have been seen.

    Parameters
    ----------
    result : EventResult
        The event study.
    alpha : float, default 0.05
        False discovery rate over the rings and series of the main design; level of the test
        of the years before.

    Returns
    -------
    tuple[Conclusion, ...]
        One sentence on all; then one per series and ring of the main design, with a further
        one where the years before already went apart; one per other design.

    Examples
    --------
    >>> row = {"design": "main", "outcome": "gdp_per_head", "ring": 1, "estimate": 0.01,
    ...        "lower": -0.01, "upper": 0.03, "expected": 0.0, "detectable": 0.03,
    ...        "p_redraw": 0.4, "p_fdr": 0.4, "before_p_redraw": 0.6, "treated": 49,
    ...        "years_after": 2}
    >>> result = EventResult(effects=pd.DataFrame(), summary=pd.DataFrame([row]),
    ...                      permutations=99)
    >>> [said.key for said in event_conclusions(result)]
    ['hubs.event_all_none', 'hubs.event_none']
    """
    said = []
    for design, rows in result.summary.groupby("design", sort=False):
        found = int((rows["p_fdr"] <= alpha).sum())
        figures = {"tests": len(rows), "found": found, "alpha": alpha, "design": design}
        figures |= {"p": p_text(rows["p_redraw"].min()), "p_fdr": p_text(rows["p_fdr"].min())}
        figures |= {"permutations": result.permutations}
        name = "all" if design == DESIGNS[0].id else str(design)
        kind = "some" if found else "none"
        said.append(Conclusion(key=f"hubs.event_{name}_{kind}", params=figures))
        if design == DESIGNS[0].id:
            for row in rows.to_dict("records"):
                said += _event(row, alpha)
    return tuple(said)


def convergence_conclusions(
    result: ConvergenceResult, *, alpha: float = 0.05
) -> tuple[Conclusion, ...]:
    """Say of every series whether the spread shrinks and whether those behind catch up.

    Parameters
    ----------
    result : ConvergenceResult
        Sigma, beta, transitions.
    alpha : float, default 0.05
        False discovery rate over the series.

    Returns
    -------
    tuple[Conclusion, ...]
        Per series one on the coefficient of variation and one on every model of beta; one
        for everything that could not be computed.

    Examples
    --------
    >>> trend = pd.DataFrame({"series": ["index"], "measure": "cv", "slope": -0.01,
    ...     "lower": -0.02, "upper": -0.005, "direction": "converging", "first_year": 2016,
    ...     "last_year": 2023})
    >>> beta = pd.DataFrame({"series": ["index"], "model": "absolute", "slope": -0.04,
    ...                      "half_life": 13.0, "p": 0.2, "p_fdr": 0.2})
    >>> nothing = pd.DataFrame()
    >>> result = ConvergenceResult(sigma=nothing, sigma_trend=trend, beta=beta, skipped=nothing,
    ...     coefficients=nothing, transitions=nothing, classes=nothing, homogeneity=nothing)
    >>> [said.key for said in convergence_conclusions(result)]
    ['convergence.sigma_converging', 'convergence.beta_absolute_none']
    """
    said = []
    trend = result.sigma_trend
    for row in trend[trend["measure"] == "cv"].to_dict("records"):
        names = ("series", "slope", "lower", "upper", "first_year", "last_year")
        params = {name: row[name] for name in names}
        said.append(Conclusion(key=f"convergence.sigma_{row['direction']}", params=params))
        for model in result.beta[result.beta["series"] == row["series"]].to_dict("records"):
            kind = _kind(model["p_fdr"], alpha, model["slope"])
            figures = {"series": row["series"], "slope": model["slope"], "alpha": alpha}
            figures |= {"p": p_text(model["p"]), "p_fdr": p_text(model["p_fdr"])}
            figures |= {"half_life": model["half_life"]}
            key = f"convergence.beta_{model['model']}_{kind}"
            said.append(Conclusion(key=key, params=figures))
            if kind != "none":
                said += _pulled(row["series"], model)
    for row in result.skipped.to_dict("records"):
        params = {"series": row["series"], "what": row["what"], "units": row["units"]}
        said.append(Conclusion(key="convergence.skipped", params=params))
    return tuple(said)


def _pulled(series: str, model: Mapping[Any, Any]) -> list[Conclusion]:
    """Name the unit without which the slope would differ by more than a fifth."""
    if pd.isna(model.get("pulled_by", np.nan)):
        return []
    slope, without = model["slope"], model["slope_without"]
    if not abs(without - slope) > _PULLED * abs(slope):
        return []
    params = {
        "series": series,
        "unit": model["pulled_by"],
        "slope": slope,
        "without": without,
        "half_life": model["half_life_without"],
    }
    kind = "half_life" if without < 0.0 and pd.notna(model["half_life_without"]) else "slope"
    return [Conclusion(key=f"convergence.pulled_{kind}", params=params)]


def _event(row: Mapping[Any, Any], alpha: float) -> list[Conclusion]:
    kind = _kind(row["p_fdr"], alpha, row["estimate"] - row["expected"])
    params = {
        "outcome": row["outcome"],
        "ring": int(row["ring"]),
        "treated": int(row["treated"]),
        "years": int(row["years_after"]),
        "p": p_text(row["p_redraw"]),
        "p_fdr": p_text(row["p_fdr"]),
        "alpha": alpha,
        **{
            name: 100.0 * float(np.expm1(row[name]))
            for name in ("estimate", "lower", "upper", "expected", "detectable")
        },
    }
    said = [Conclusion(key=f"hubs.event_{kind}", params=params)]
    if row["before_p_redraw"] <= alpha:
        before = {name: params[name] for name in ("outcome", "ring", "alpha")}
        before["p"] = p_text(row["before_p_redraw"])
        said.append(Conclusion(key="hubs.event_before", params=before))
    return said


def _of(table: pd.DataFrame, way: object) -> pd.DataFrame:
    return table[table["redrawn_within"] == way]


def _kind(p: float, alpha: float, excess: float) -> str:
    """Tell more from less where significant; an undefined p is not."""
    if not p <= alpha:
        return "none"
    return "more" if excess > 0 else "less"

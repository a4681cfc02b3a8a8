"""What a result allows one to say: the key of a sentence and the figures in it.

What is not significant is called that. The sentences lie in ``messages/*/analysis.toml``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from suanli.analysis.gap import GapResult
from suanli.analysis.hubs import HubResult
from suanli.analysis.spatial import SpatialResult

__all__ = [
    "Conclusion",
    "gap_conclusions",
    "hub_conclusions",
    "p_text",
    "spatial_conclusions",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """One sentence about a result, in no language yet.

    Attributes
    ----------
    key : str
        Key for :class:`suanli.text.Text`, such as ``"analysis.hub_no_effect"``.
    params : Mapping[str, Any]
        Values of its placeholders.

    Examples
    --------
    >>> from suanli.text import Text
    >>> said = Conclusion(key="analysis.moran_random",
    ...                   params={"statistic": 0.012, "p": "0.4", "n": 31, "alpha": 0.05})
    >>> Text("en")(said.key, **said.params)
    "The scores show no significant spatial clustering (Moran's I = 0.012, p = 0.4, n = 31)."
    """

    key: str
    params: Mapping[str, Any]


def p_text(p: float, *, digits: int = 2) -> str:
    """Write a p-value without an exponent.

    Parameters
    ----------
    p : float
        The p-value.
    digits : int, default 2
        Significant digits.

    Returns
    -------
    str
        Decimal notation without trailing zeros; a dash where it is undefined.

    Examples
    --------
    >>> p_text(0.00002), p_text(0.04321), p_text(1.0)
    ('0.00002', '0.043', '1')
    """
    if np.isnan(p):
        return "–"
    return np.format_float_positional(p, precision=digits, fractional=False, trim="-")


def spatial_conclusions(result: SpatialResult) -> tuple[Conclusion, ...]:
    """Say whether scores cluster, and how many units stand in clusters.

    Parameters
    ----------
    result : SpatialResult
        A spatial pattern; its ``alpha`` decides.

    Returns
    -------
    tuple[Conclusion, ...]
        One sentence on the whole map, one on the local clusters.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import numpy as np
    >>> from shapely import box
    >>> from suanli.analysis.spatial import spatial_pattern
    >>> layer = gpd.GeoDataFrame({"name": list("abcdefgh")}, index=list("abcdefgh"), crs=4326,
    ...                          geometry=[box(i, 0, i + 1, 1) for i in range(8)])
    >>> values = pd.Series([5.0, 1.0, 4.0, 2.0, 5.0, 1.0, 4.0, 3.0], index=list("abcdefgh"))
    >>> result = spatial_pattern(values, layer, bridges=pd.DataFrame({"from": [], "to": []}),
    ...                          permutations=999, rng=np.random.default_rng(1))
    >>> [said.key for said in spatial_conclusions(result)]
    ['analysis.moran_dispersed', 'analysis.local_none']
    """
    moran, alpha = result.moran, result.alpha
    kind = _kind(
        moran.p_permutation,
        alpha,
        ("clustered", "dispersed", "random"),
        excess=moran.statistic - moran.expected,
    )
    figures = {"statistic": moran.statistic, "p": p_text(moran.p_permutation), "n": moran.n}
    counts = result.local["cluster"].value_counts()
    local = {name: int(counts.get(name, 0)) for name in ("HH", "LL", "HL", "LH")}
    found = sum(local.values())
    chance = {"permutations": moran.permutations, "needed": result.permutations_needed}
    missed = "analysis.local_none" if result.fdr_reachable else "analysis.local_too_few"
    return (
        Conclusion(key=f"analysis.moran_{kind}", params=figures | {"alpha": alpha}),
        Conclusion(
            key="analysis.local_some" if found else missed,
            params=local | chance | {"found": found, "n": moran.n, "alpha": alpha},
        ),
    )


def hub_conclusions(result: HubResult, *, alpha: float = 0.05) -> tuple[Conclusion, ...]:
    """Say what the hubs do to their neighbours, and what cannot be shown.

    Parameters
    ----------
    result : HubResult
        Rings around the hubs.
    alpha : float, default 0.05
        Level of the tests.

    Returns
    -------
    tuple[Conclusion, ...]
        On the neighbours (the spillover proper), the gradient, the hub cities themselves and
        the nearness of the best cities, in this order.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import numpy as np
    >>> from shapely import box
    >>> from suanli.analysis.hubs import hub_rings
    >>> codes = [f"c{i:02d}" for i in range(40)]
    >>> layer = gpd.GeoDataFrame({"name": codes}, index=codes, crs=4326,
    ...                          geometry=[box(i, 0, i + 1, 1) for i in range(40)])
    >>> values = pd.Series(np.random.default_rng(7).random(40), index=codes)
    >>> result = hub_rings(
    ...     values, layer, pd.DataFrame({"hub": "H", "name": "x"}, index=["c05", "c25"]),
    ...     strata=pd.Series("all", index=codes), bridges=pd.DataFrame({"from": [], "to": []}),
    ...     local=pd.DataFrame(columns=["code", "quadrant", "cluster", "p", "p_fdr"]),
    ...     rng=np.random.default_rng(1), permutations=999)
    >>> hub_conclusions(result)[0].key
    'analysis.hub_no_effect'
    """
    shared = {"alpha": alpha, "permutations": result.permutations}
    said = []
    for ring, name, words in (
        (1, "hub", ("effect", "siphon", "no_effect")),
        (0, "hub_own", ("higher", "lower", "no_difference")),
    ):
        row = result.rings[result.rings["ring"] == ring].to_dict("records")[0]
        kind = _kind(row["p"], alpha, words, excess=row["difference"] - row["expected"])
        figures = {k: row[k] for k in ("mean", "rest_mean", "difference", "expected", "n")}
        params = shared | figures | {"p": p_text(row["p"])}
        said.append(Conclusion(key=f"analysis.{name}_{kind}", params=params))
    decay = _kind(
        result.slope_p,
        alpha,
        ("decay", "rise", "no_gradient"),
        excess=result.slope_expected - result.slope,
    )
    slope = {"slope": result.slope, "expected": result.slope_expected, "p": p_text(result.slope_p)}
    top = result.top
    near = _kind(
        top.p, alpha, ("nearer", "farther", "no_effect"), excess=top.expected_km - top.mean_km
    )
    distance = {"k": top.k, "mean": top.mean_km, "expected": top.expected_km, "p": p_text(top.p)}
    return (
        said[0],
        Conclusion(key=f"analysis.hub_{decay}", params=shared | slope),
        said[1],
        Conclusion(key=f"analysis.top_{near}", params=shared | distance),
    )


def gap_conclusions(result: GapResult) -> tuple[Conclusion, ...]:
    """Say how large the gap is in the last year and where it is going.

    Parameters
    ----------
    result : GapResult
        A gap of one or all nodes and definitions.

    Returns
    -------
    tuple[Conclusion, ...]
        For every node and definition one sentence on the last year, and one on the trend of
        the difference if there is one. ``node`` and ``definition`` are identifiers, to be
        replaced by names before the sentence is filled; ``definition_<id>`` names the
        definitions.

    Examples
    --------
    >>> import numpy as np
    >>> from suanli.analysis.gap import DEFINITIONS, gap
    >>> values = pd.DataFrame({"a": [4.0, 5.0, 6.0], "b": [2.0, 2.0, 2.0]},
    ...                       index=[2021, 2022, 2023])
    >>> result = gap(values, pd.Series({"a": "east", "b": "west"}),
    ...              definition=DEFINITIONS[0], rng=np.random.default_rng(1))
    >>> [said.key for said in gap_conclusions(result)]
    ['analysis.gap_east', 'analysis.gap_widening']
    """
    years = _with_node(result.years)
    trend = _with_node(result.trend)
    said = []
    for (node, definition), part in years.groupby(["node", "definition"], sort=False):
        last = part.sort_values("year").to_dict("records")[-1]
        names = {"node": node, "definition": definition}
        lower, upper = last["difference_lower"], last["difference_upper"]
        figures = {k: last[k] for k in ("year", "n", "difference", "ratio")}
        params = names | figures | {"lower": lower, "upper": upper}
        side = "east" if lower > 0 else "west" if upper < 0 else "none"
        said.append(Conclusion(key=f"analysis.gap_{side}", params=params))
        rows = trend[(trend["node"] == node) & (trend["definition"] == definition)]
        for row in rows[rows["measure"] == "difference"].to_dict("records"):
            figures = {k: row[k] for k in ("slope", "lower", "upper", "first_year", "last_year")}
            key = f"analysis.gap_{row['direction']}"
            said.append(Conclusion(key=key, params=names | figures))
    return tuple(said)


def _kind(p: float, alpha: float, words: tuple[str, str, str], *, excess: float) -> str:
    """Choose among above, below and not significant; an undefined p is not significant."""
    above, below, nothing = words
    if not p <= alpha:
        return nothing
    return above if excess > 0 else below


def _with_node(table: pd.DataFrame) -> pd.DataFrame:
    return table if "node" in table else table.assign(node="index")

"""The tables that answer the questions put to a study."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from suanli.analysis.convergence import convergence_tables
from suanli.analysis.hub_study import hub_study_tables
from suanli.analysis.hubs import HubResult
from suanli.study import Study

__all__ = ["QUESTIONS", "answers"]

QUESTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "gap": ("panel", "gap", "convergence"),
    "spatial": ("province", "city"),
    "hubs": ("hubs", "hub_study"),
}
"""Questions to the stages of a study that answer them."""


def answers(study: Study, name: str) -> dict[str, pd.DataFrame]:
    """Return the tables that answer one question.

    Parameters
    ----------
    study : Study
        The study; what the question needs is computed if it is not yet.
    name : {"gap", "spatial", "hubs"}
        The question.

    Returns
    -------
    dict[str, pandas.DataFrame]
        Tidy tables by file name.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> list(answers(sample_edition().study, "gap"))[:3]
    ['gap_years', 'gap_groups', 'gap_trend']
    """
    return {"gap": _gap, "spatial": _spatial, "hubs": _hubs}[name](study)


def _gap(study: Study) -> dict[str, pd.DataFrame]:
    return {
        "gap_years": study.gap.years,
        "gap_groups": study.gap.groups,
        "gap_trend": study.gap.trend,
        **({"gap_contributions": study.contributions} if len(study.contributions) else {}),
        **convergence_tables(study.convergence),
    }


def _spatial(study: Study) -> dict[str, pd.DataFrame]:
    tables = {"spatial_global": _global(study), "spatial_sensitivity": study.sensitivity}
    for level, pattern, described in (
        ("province", study.province_pattern, study.province_described),
        ("city", study.city_pattern, study.city_described),
    ):
        tables |= {
            f"{level}_lisa": pattern.local,
            f"{level}_index_lisa": described.local,
            f"{level}_hot_spots": pattern.hotspots,
        }
    return tables


def _hubs(study: Study) -> dict[str, pd.DataFrame]:
    hubs = {"region": study.hubs, "region_and_size": study.hubs_by_size}
    tables = {
        f"hub_{name}": _stacked(
            {by: getattr(result, name) for by, result in hubs.items()}, "redrawn_within"
        )
        for name in ("rings", "strata")
    }
    tables |= {"hub_tests": _hub_tests(hubs), "hub_cities": study.hubs.hubs}
    return tables | dict(hub_study_tables(study.hub_study))


def _stacked(pieces: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    return pd.concat(pieces, names=[name]).reset_index(level=0).reset_index(drop=True)


def _hub_tests(hubs: Mapping[str, HubResult]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "redrawn_within": by,
                "slope": result.slope,
                "slope_expected": result.slope_expected,
                "slope_p": result.slope_p,
                "monotone": result.monotone,
                "top_k": result.top.k,
                "top_mean_km": result.top.mean_km,
                "top_expected_km": result.top.expected_km,
                "top_p": result.top.p,
                "n": result.n,
                "redrawn_sets": result.permutations,
            }
            for by, result in hubs.items()
        ]
    )


def _global(study: Study) -> pd.DataFrame:
    rows = []
    patterns = {
        ("province", "tested"): study.province_pattern,
        ("city", "tested"): study.city_pattern,
        ("province", "index"): study.province_described,
        ("city", "index"): study.city_described,
    }
    for (level, scores), pattern in patterns.items():
        moran, weights = pattern.moran, pattern.weights
        rows.append(
            {
                "level": level,
                "scores": scores,
                "statistic": moran.statistic,
                "expected": moran.expected,
                "variance": moran.variance,
                "z": moran.z,
                "p_analytic": moran.p_analytic,
                "p_permutation": moran.p_permutation,
                "permutations": moran.permutations,
                "alternative": moran.alternative,
                "rule": weights.rule,
                "n": weights.n,
                "n_tested": moran.n,
                "links": weights.links,
                "isolates": len(weights.isolates),
                "components": weights.components,
                "left_out": len(pattern.left_out),
            }
        )
    return pd.DataFrame(rows)

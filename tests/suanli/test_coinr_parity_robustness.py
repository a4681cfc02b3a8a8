"""The uncertainty and sensitivity analysis of COINr's vignette, through our profile format.

COINr 1.1.14 on its packaged data of 51 countries: winsorised points 1 to 5, min-max to 1-100
or z-scores of mean 10 and deviation 2, weights within a quarter at pillars and sub-indices,
arithmetic or geometric mean. Its runs are few (100 or 200 evaluations), so that agreement is
asked for within the error of its sampling. The reference files are not part of the repository
(see ``test_coinr_parity``).
"""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from suanli.evaluation import Derivation, derivation
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, replace_spec
from suanli.robustness import RankIntervals, rank_intervals, rank_sensitivity
from suanli.robustness.ranking import quantile

BESIDE = Path(__file__).parents[3] / "shared" / "reference"
FOLDER = Path(os.environ.get("SUANLI_REFERENCE", BESIDE)) / "coinr"

pytestmark = pytest.mark.skipif(
    not (FOLDER / "asem_iMeta.csv").is_file(), reason="the reference values are not here"
)

UNCERTAINTY = {
    "replicates": 50_000,
    "weights": {"distribution": "uniform", "spread": 0.25, "of": "dimensions"},
    "choice": [
        {"name": "winmax", "options": [{"winsorise_points": points} for points in range(1, 6)]},
        {
            "name": "normalisation",
            "options": [
                {"normalise": "minmax", "lower": 1.0},
                {"normalise": "zscore", "centre": 10.0, "spread": 2.0},
            ],
        },
        {
            "name": "aggregation",
            "options": [{"aggregate": "arithmetic"}, {"aggregate": "geometric"}],
        },
    ],
}
# COINr's runs, and how many evaluations their statistics rest on: with Sobol indices, those of
# the two independent samples. Weights come from one set of 100 drawn beforehand.
RUNS = {
    "sa_run_N100_seed42_rankstats": 200,
    "vignette_SA_results_rankstats": 200,
    "vignette_UA_results_rankstats": 100,
}
WEIGHT_SETS = 100
# Probability beyond this many standard errors: 5e-7, in some 600 comparisons.
ERRORS = 5.0


def parity() -> ModuleType:
    """Load the neighbour that writes COINr's metadata as a profile."""
    path = Path(__file__).with_name("test_coinr_parity.py")
    found = importlib.util.spec_from_file_location("coinr_profile", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def asem_problem() -> tuple[Derivation, IndexSpec, pd.Series]:
    """Return COINr's example with the vignette's assumptions; the benchmark runs it too."""
    module = parity()
    wide = module.reference("asem_iData")
    groups = wide["eurasia_group"]
    cells = wide.drop(columns=["uname", "time", *(c for c in wide if str(c).endswith("_group"))])
    cells = cells.rename_axis("code").reset_index().melt("code", var_name="indicator")
    cells = cells.dropna(subset="value").assign(
        year=module.YEAR, unit="1", quality="A", source="COINr"
    )
    spec = replace_spec(module.built({}), uncertainty=UNCERTAINTY)
    return derivation(IndicatorTable(cells=cells), spec), spec, groups


@pytest.fixture(scope="module")
def asem() -> tuple[Derivation, IndexSpec, pd.Series]:
    return asem_problem()


@pytest.fixture(scope="module")
def intervals(asem: tuple[Derivation, IndexSpec, pd.Series]) -> RankIntervals:
    start, spec, groups = asem
    rng = np.random.default_rng(11)
    return rank_intervals(start, spec, rng=rng, groups=groups, nodes=["index"])


def theirs(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv").set_index("uCode")


@pytest.mark.parametrize("name", RUNS)
def test_nominal_ranks_are_equal(intervals: RankIntervals, name: str) -> None:
    pd.testing.assert_series_equal(
        intervals.of()["rank"].sort_index(),
        theirs(name)["Nominal"].sort_index().astype(float),
        check_names=False,
    )


@pytest.mark.parametrize("name", RUNS)
def test_mean_ranks_agree_within_the_error_of_sampling(intervals: RankIntervals, name: str) -> None:
    counts = intervals.histogram["index"]
    ranks = counts.columns.to_numpy(dtype=float)
    shares = counts.div(counts.sum(axis=1), axis=0)
    mean = intervals.of()["mean"]
    variance = (shares * ranks**2).sum(axis=1) - (shares * ranks).sum(axis=1) ** 2
    # Evaluations are independent given the sets of weights; at worst weights are all that varies.
    error = np.sqrt(variance * (1 / RUNS[name] + 1 / WEIGHT_SETS))
    difference = (theirs(name)["Mean"] - mean).abs()
    assert (difference <= ERRORS * error.reindex(difference.index) + 1e-9).all()


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize(("column", "share"), [("Q5", 0.05), ("Median", 0.5), ("Q95", 0.95)])
def test_quantiles_agree_within_the_error_of_sampling(
    intervals: RankIntervals, name: str, column: str, share: float
) -> None:
    counts = intervals.histogram["index"]
    labels = counts.columns.to_numpy(dtype=float)
    # A sample quantile lies between the quantiles of shares one binomial error away.
    error = ERRORS * np.sqrt(share * (1 - share) * (1 / RUNS[name] + 1 / WEIGHT_SETS))
    low, high = (
        pd.Series(quantile(counts.to_numpy(), labels, float(np.clip(at, 0, 1))), counts.index)
        for at in (share - error, share + error)
    )
    got = theirs(name)[column]
    assert (got >= low.reindex(got.index)).all()
    assert (got <= high.reindex(got.index)).all()


def test_bands_are_narrow_enough_to_tell(intervals: RankIntervals) -> None:
    # Ranks shifted by one are not within the error of sampling of the mean.
    mean = intervals.of()["mean"]
    difference = (theirs("sa_run_N100_seed42_rankstats")["Mean"] - mean).abs()
    assert difference.median() < 0.25
    assert difference.max() < 2.0


def test_total_order_indices_have_coinrs_order(
    asem: tuple[Derivation, IndexSpec, pd.Series],
) -> None:
    start, spec, groups = asem
    found = rank_sensitivity(start, spec, rng=np.random.default_rng(3), n=1024, groups=groups)
    order = found.table["total"].sort_values(ascending=False).index.to_list()
    assert order == ["aggregation", "normalisation", "weights", "winmax"]
    for name in ("sa_run_N100_seed42_sensitivity", "vignette_SA_results_sensitivity"):
        table = pd.read_csv(FOLDER / f"{name}.csv").set_index("Variable").rename(str.lower)
        assert table["STi"].sort_values(ascending=False).index.to_list() == order
        # Both 90 % intervals cover some common value.
        ours = found.table.loc[table.index]
        assert (table["STi_q5"] <= ours["total_high"]).all()
        assert (table["STi_q95"] >= ours["total_low"]).all()

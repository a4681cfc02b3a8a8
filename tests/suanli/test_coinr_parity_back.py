"""Weights, outranking and scales against COINr 1.1.14 (R) on its packaged data.

The reference files are not part of the repository: the tests look for them in the folder the
variable ``SUANLI_REFERENCE`` names, or beside the repository, and are skipped without them.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suanli.evaluation import scales
from suanli.evaluation.aggregate import (
    arithmetic_mean,
    copeland,
    harmonic_mean,
    outranking_matrix,
)
from suanli.evaluation.influence import optimised_weights
from suanli.evaluation.objective import pca_loadings, signed_pca_weights
from suanli.evaluation.scales import Scaling

BESIDE = Path(__file__).parents[3] / "shared" / "reference"
FOLDER = Path(os.environ.get("SUANLI_REFERENCE", BESIDE)) / "coinr"
EXACT = 1e-8

pytestmark = pytest.mark.skipif(
    not (FOLDER / "asem_iMeta.csv").is_file(), reason="the reference values are not here"
)


def reference(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv").set_index("uCode").sort_index()


@pytest.fixture(scope="module")
def meta() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "asem_iMeta.csv").set_index("iCode")


def children(meta: pd.DataFrame, parent: str) -> list[str]:
    return list(meta.index[meta["Parent"] == parent])


def directions(meta: pd.DataFrame) -> dict[str, str]:
    leaves = meta[meta["Type"] == "Indicator"]
    return {code: "up" if sign > 0 else "down" for code, sign in leaves["Direction"].items()}


def test_z_scores_of_the_sensitivity_vignette(meta: pd.DataFrame) -> None:
    treated, expected = reference("step_treated"), reference("norm_n_zscore")
    for code, direction in directions(meta).items():
        scaling = Scaling(direction=direction, centre=10.0, spread=2.0)
        got = scales.zscore(treated[code], scaling)
        np.testing.assert_allclose(got, 10 + 2 * expected[code], atol=EXACT)


def test_the_best_unit_as_reference_is_the_distance_to_the_maximum(meta: pd.DataFrame) -> None:
    treated, expected = reference("step_treated"), reference("norm_n_dist2max")
    for code, direction in directions(meta).items():
        best = float(treated[code].max() if direction == "up" else treated[code].min())
        marks = Scaling(direction=direction, reference=best, goal=best)
        for scale in (scales.dist2ref, scales.dist2target):
            np.testing.assert_allclose(scale(treated[code], marks), expected[code], atol=EXACT)


def test_loadings_are_the_weights_of_get_pca() -> None:
    table = pd.read_csv(FOLDER / "pca_weights_level2.csv").set_index("iCode")
    expected = table.loc[table["Level"] == 2, "Weight"]
    pillars = reference("step_aggregated")[list(expected.index)]
    np.testing.assert_allclose(pca_loadings(pillars), expected, atol=EXACT)
    # Two pillars go against the others: theirs lowers the score of who does better in them.
    weights = signed_pca_weights(pillars)
    assert sorted(weights.index[weights < 0]) == ["Environ", "SusEcFin"]
    np.testing.assert_allclose(weights, expected / expected.sum(), atol=EXACT)


def test_the_outranking_matrix_is_equal(meta: pd.DataFrame) -> None:
    scores = 1 + 0.99 * reference("step_normalised")[list(directions(meta))]
    for level in (2, 3):
        for parent in meta.index[meta["Level"] == level]:
            below = children(meta, parent)
            scores[parent] = harmonic_mean(scores[below], meta.loc[below, "Weight"])
    pair = scores[["Conn", "Sust"]]
    expected = pd.read_csv(FOLDER / "outrank_hmean_conn_sust.csv").to_numpy()
    even = pd.Series(1.0, index=pair.columns)
    found = outranking_matrix(pair, even)
    np.testing.assert_allclose(found.matrix, expected, atol=EXACT)
    assert found.dominant == int((expected == 1).sum())
    # COINr's a_copeland: 1 above one half, -1 below, summed over the row.
    signs = np.sign(expected - 0.5)
    np.fill_diagonal(signs, 0)
    assert copeland(pair, even).to_list() == signs.sum(axis=1).tolist()


def test_optimised_weights_satisfy_the_criterion_of_get_opt_weights(meta: pd.DataFrame) -> None:
    scores = reference("step_aggregated")
    # Below other nodes siblings go together too closely for weights above 0.
    for parent in ("Index", "Sust", "Instit", "P2P", "Environ", "SusEcFin"):
        frame = scores[children(meta, parent)]
        found = optimised_weights(frame, squared=False)
        assert (found.weights > 0).all()
        # Theirs: correlations with the score, normalised to sum to 1, against the target.
        correlations = frame.corrwith(arithmetic_mean(frame, found.weights))
        shares = correlations / correlations.sum()
        np.testing.assert_allclose(shares, 1 / len(shares), atol=1e-4)

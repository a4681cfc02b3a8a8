"""Small maps, reference data, and the one proof that statistics look at labels only."""

import dataclasses
import math
from pathlib import Path

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from geo.weights.construction import graph_from_links


def _lattice(rows, columns, *, rule="queen", standardise=True):
    """Return row-standardised queen or rook weights of a lattice, labels u000, u001, ..."""

    def steps(n):
        return sparse.diags_array([np.ones(n - 1), np.ones(n - 1)], offsets=[-1, 1], shape=(n, n))

    down, right = steps(rows), steps(columns)
    if rule == "queen":
        links = sparse.kron(down + sparse.eye_array(rows), right + sparse.eye_array(columns))
        links = links - sparse.eye_array(rows * columns)
    else:
        links = sparse.kron(down, sparse.eye_array(columns))
        links = links + sparse.kron(sparse.eye_array(rows), right)
    found = sparse.csr_array(links)
    found.eliminate_zeros()
    found = found.tocoo()
    labels = pd.Index([f"u{number:03d}" for number in range(rows * columns)])
    graph = graph_from_links(labels, found.row, found.col)
    return graph.transform("R") if standardise else graph


@pytest.fixture(scope="session")
def lattice():
    return _lattice


@pytest.fixture(scope="session")
def columbus():
    """CRIME, INC and HOVAL of the 49 Columbus neighbourhoods on ``col.gal.nb`` of R's spData.

    The files come with libpysal; its list has three more borders than R's.
    """
    table = gpd.read_file(libpysal.examples.get_path("columbus.shp"))
    table = table.set_index(table["POLYID"].astype(int))[["CRIME", "INC", "HOVAL"]]
    gal = Path(libpysal.examples.get_path("columbus.gal")).read_text(encoding="ascii")
    lines = [line.split() for line in gal.splitlines()[1:]]
    links = np.array(
        [
            (int(head[0]), int(neighbor))
            for head, neighbors in zip(lines[::2], lines[1::2], strict=True)
            for neighbor in neighbors
        ]
    )
    extra = {(5, 16), (25, 30), (31, 39)}
    kept = [tuple(sorted(pair)) not in extra for pair in links.tolist()]
    focal, neighbor = (table.index.get_indexer(column) for column in links[kept].T)
    return table, graph_from_links(table.index, focal, neighbor)


@pytest.fixture(scope="session")
def reference():
    """Folder of what R's spdep and spatialreg print for Columbus and North Carolina."""
    return Path(__file__).parents[1] / "data" / "spatial"


@pytest.fixture(scope="session")
def counties():
    """The 100 counties of North Carolina, polygons by FIPS; the file comes with libpysal."""
    layer = gpd.read_file(libpysal.examples.get_path("sids2.shp")).set_index("FIPS")
    return layer[["geometry"]].set_crs(4267)


def _equal(one, other):
    if dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            _equal(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other.loc[one.index], check_exact=True)
        assert one.attrs == other.attrs
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other.loc[one.index], check_exact=True)
    elif isinstance(one, float) and math.isnan(one):
        assert math.isnan(other)
    else:
        assert one == other


@pytest.fixture(scope="session")
def assert_label_invariant():
    """Prove that shuffled rows, each input in its own order, change no bit of a result.

    Call with ``statistic(graph, **series)`` or, without a graph, ``statistic(**series)``; the
    statistic makes its own generator from a fixed seed.
    """

    def check(statistic, *, graph=None, **series):
        def run(the_graph, the_series):
            given = () if the_graph is None else (the_graph,)
            return statistic(*given, **the_series)

        expected = run(graph, series)
        for seed in (1, 2):
            rng = np.random.default_rng(seed)
            shuffled = {name: one.iloc[rng.permutation(len(one))] for name, one in series.items()}
            reordered = graph
            if graph is not None:
                reordered = graph.subgraph(rng.permutation(graph.unique_ids.to_numpy()))
                assert list(reordered.unique_ids) != list(graph.unique_ids)
            _equal(expected, run(reordered, shuffled))

    return check

"""Principal components of the children of each node."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from suanli.diagnostics.correlation import stage_scores
from suanli.diagnostics.tree import leaves
from suanli.evaluation import Scores
from suanli.profile import ROOT

__all__ = ["Components", "components", "node_components"]

_FEWEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Components:
    """Principal components of standardised items.

    Attributes
    ----------
    variance : pandas.DataFrame
        Index ``component`` (1 is the largest): ``eigenvalue``, ``explained`` (share of the
        variance) and ``cumulative``.
    loadings : pandas.DataFrame
        Correlation of each item (rows) with each component (columns).
    n : int
        Units that have all items.
    """

    variance: pd.DataFrame
    loadings: pd.DataFrame
    n: int


def components(frame: pd.DataFrame) -> Components:
    """Find the principal components of the columns, each standardised.

    Parameters
    ----------
    frame : pandas.DataFrame
        Items in columns; rows with a missing value are left out.

    Returns
    -------
    Components
        As many as there are items. The sign of a component is such that its loadings have
        a positive sum.

    Raises
    ------
    ValueError
        Fewer than three complete rows, or an item that does not vary over them.

    Notes
    -----
    ``R = V diag(lambda) V'``, loadings ``V sqrt(lambda)``, R the correlations

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 4

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 3, 5], "b": [2.0, 4, 6, 10], "c": [1.0, -1, 1, -1]})
    >>> found = components(frame)
    >>> round(float(found.variance["explained"].sum()), 12)
    1.0
    >>> float(found.variance["eigenvalue"].round(3)[1])
    2.374
    """
    complete = frame.dropna()
    if len(complete) < _FEWEST or not (complete.max() > complete.min()).all():
        raise ValueError("principal components need three complete rows and items that vary")
    values, vectors = np.linalg.eigh(complete.corr().to_numpy(dtype=float))
    order = np.argsort(values)[::-1]
    values, vectors = np.clip(values[order], 0.0, None), vectors[:, order]
    vectors = vectors * np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)
    number = pd.RangeIndex(1, len(values) + 1, name="component")
    explained = values / values.sum()
    table = {"eigenvalue": values, "explained": explained, "cumulative": np.cumsum(explained)}
    return Components(
        variance=pd.DataFrame(table, index=number),
        loadings=pd.DataFrame(vectors * np.sqrt(values), index=frame.columns, columns=number),
        n=len(complete),
    )


def node_components(scores: Scores, *, of: str = "indicators") -> pd.DataFrame:
    """Return the principal components of every node with at least two items.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    of : {"indicators", "children"}
        Whether the items are all indicators below a node, or its children.

    Returns
    -------
    pandas.DataFrame
        One row per node, component and item: ``node``, ``n``, ``component``,
        ``eigenvalue``, ``explained``, ``cumulative``, ``item``, ``loading``. Nodes with too
        few complete units are left out.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> table = node_components(scores, of="children")
    >>> int(table["node"].eq("index").sum())
    16
    """
    spec = scores.spec
    frame = stage_scores(scores, "aggregated")
    pieces = []
    for node in (ROOT, *(item.id for item in spec.dimension)):
        names = list(leaves(spec, node) if of == "indicators" else spec.children(node))
        complete = frame[names].dropna()
        varied = bool((complete.max() > complete.min()).all())
        if len(names) == 1 or len(complete) < _FEWEST or not varied:
            continue
        found = components(complete)
        loadings = found.loadings.rename_axis("item").reset_index()
        long = loadings.melt("item", var_name="component", value_name="loading")
        joined = long.merge(found.variance.reset_index(), on="component")
        pieces.append(joined.assign(node=node, n=found.n))
    columns = ["node", "n", "component", "eigenvalue", "explained", "cumulative", "item", "loading"]
    return (
        pd.concat(pieces, ignore_index=True)[columns] if pieces else pd.DataFrame(columns=columns)
    )

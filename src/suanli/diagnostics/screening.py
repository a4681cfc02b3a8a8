"""Whose scores are kept, whose are withheld, why, and what enters the index all the same."""

import pandas as pd

from suanli.diagnostics.tree import leaves
from suanli.evaluation import Scores
from suanli.profile import ROOT, IndexSpec

__all__ = ["screening_table", "withheld_dimensions"]


def screening_table(scores: Scores) -> pd.DataFrame:
    """Tell for every unit and node how much data it has and what became of its score.

    Parameters
    ----------
    scores : Scores
        An evaluation.

    Returns
    -------
    pandas.DataFrame
        One row per unit and node, the index first: ``code``, ``node``, ``indicators``
        (below the node), ``present`` (of them, before imputation), ``coverage`` (their
        share), ``required`` (least coverage, of the index and the dimensions right below;
        missing for others, which are not screened by themselves), ``used`` (indicators with
        a value after imputation, which go into the scores above whether the node's own is
        kept or not), ``status`` (``kept``, ``withheld``, or ``dropped`` where the unit took
        no part) and ``why``: ``unit`` (too few of all indicators), ``dimension`` (too few of
        the dimension's), ``no_values`` (nothing to aggregate), ``not_screened`` (too few,
        but the profile scores all units), or empty.

    Notes
    -----
    A dimension withheld has no score and rank of its own. What values it has go into the
    index nevertheless: screening takes scores away, never data.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().city, load_profile("city-compute"))
    >>> table = screening_table(scores)
    >>> table.loc[table["node"].eq("index"), "status"].value_counts().to_dict()
    {'kept': 336, 'withheld': 1}
    """
    spec = scores.spec
    present, used = scores.stages["derived"].notna(), scores.indicators.notna()
    took_part = present.index.isin(scores.stages["screened"].index)
    judged = [ROOT, *(child for child in spec.children(ROOT) if child in scores.nodes)]
    pieces = []
    for place, node in enumerate(scores.nodes.columns):
        below = list(leaves(spec, str(node)))
        piece = pd.DataFrame(
            {
                "code": present.index,
                "node": node,
                "indicators": len(below),
                "present": present[below].sum(axis=1).to_numpy(),
                "coverage": present[below].mean(axis=1).to_numpy(),
                "required": spec.method.coverage if node in judged else float("nan"),
                "used": used[below].sum(axis=1).to_numpy(),
                "place": place,
            }
        )
        gone = scores.nodes[node].isna().to_numpy()
        piece["status"] = "kept"
        piece.loc[gone, "status"] = "withheld"
        piece.loc[~took_part, "status"] = "dropped"
        pieces.append(piece)
    table = pd.concat(pieces, ignore_index=True)
    table["why"] = _reasons(table, spec)
    table["unit"] = table["code"].map({code: at for at, code in enumerate(present.index)})
    ordered = table.sort_values(["unit", "place"], kind="stable", ignore_index=True)
    return ordered.drop(columns=["unit", "place"])


def _reasons(table: pd.DataFrame, spec: IndexSpec) -> pd.Series:
    least = spec.method.coverage
    whole = table[table["node"] == ROOT].set_index("code")["coverage"]
    unit_thin = table["code"].map(whole) < least
    node_thin = table["coverage"] < table["required"]
    kept = table["status"] == "kept"
    why = pd.Series("", index=table.index)
    why[~kept] = "no_values"
    if spec.method.screen == "none":
        why[kept & node_thin] = "not_screened"
        return why
    why[~kept & node_thin] = "dimension"
    why[~kept & unit_thin] = "unit"
    return why


def withheld_dimensions(scores: Scores) -> pd.DataFrame:
    """List the dimensions without a score of units that have an index nevertheless.

    Parameters
    ----------
    scores : Scores
        An evaluation.

    Returns
    -------
    pandas.DataFrame
        The rows of :func:`screening_table` of dimensions right below the index that are
        withheld while the index of the unit is kept.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> len(withheld_dimensions(scores))
    0
    """
    table = screening_table(scores)
    scored = table["code"].map(scores.index.notna())
    top = table["node"].isin(scores.dimensions.columns)
    return table[top & scored & table["status"].ne("kept")].reset_index(drop=True)

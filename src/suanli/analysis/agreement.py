"""How far our ranking agrees with the rankings others have published."""

from collections.abc import Hashable, Sequence
from typing import Final, Literal

import pandas as pd
from scipy import stats

from suanli.analysis.lists import LIST_COLUMNS, PublishedList, published_lists
from suanli.evaluation import Scores
from suanli.profile import ROOT

__all__ = ["AGREEMENT_COLUMNS", "agreement", "overlap_at", "rank_biased_overlap"]

AGREEMENT_COLUMNS: Final = (
    "family",
    "year",
    "edition",
    "publisher",
    "level",
    "dimension",
    "node",
    "scores_year",
    "kind",
    "length",
    "named",
    "n",
    "overlap",
    "overlap_share",
    "expected_overlap",
    "p_chance",
    "rbo",
    "kendall_tau",
    "ranked",
    "codes",
    "places",
    "our_ranks",
)
"""Columns of :func:`agreement`, in order."""

_LEAST_RANKED = 3


def overlap_at(ours: Sequence[Hashable], theirs: Sequence[Hashable], depth: int) -> int:
    """Count the units that stand in the first ``depth`` places of both rankings.

    Parameters
    ----------
    ours, theirs : Sequence[Hashable]
        Labels, best first, none twice.
    depth : int
        Places looked at, at least 1.

    Returns
    -------
    int
        Units in common, 0 to ``depth``.

    Raises
    ------
    ValueError
        ``depth`` is smaller than 1, or a label repeats.

    Examples
    --------
    >>> overlap_at(["a", "b", "c", "d"], ["c", "a", "e", "b"], 3)
    2
    """
    if depth < 1:
        raise ValueError(f"depth must be at least 1, got {depth}")
    _refuse_repeats(ours, theirs)
    return len(set(ours[:depth]) & set(theirs[:depth]))


def rank_biased_overlap(
    ours: Sequence[Hashable], theirs: Sequence[Hashable], *, p: float = 0.9
) -> float:
    """Return the extrapolated rank-biased overlap of two rankings.

    Parameters
    ----------
    ours, theirs : Sequence[Hashable]
        Labels, best first, none twice; the lengths may differ.
    p : float, default 0.9
        Persistence of the reader, inside (0, 1): with 0.9 the first ten places carry 86 %
        of the weight.

    Returns
    -------
    float
        0 for disjoint rankings, 1 for identical ones.

    Raises
    ------
    ValueError
        A ranking is empty, a label repeats, or ``p`` lies outside (0, 1).

    Notes
    -----
    Equation 32 of W. Webber, A. Moffat, J. Zobel (2010), A similarity measure for
    indefinite rankings, ACM Transactions on Information Systems 28(4), article 20. With s
    and l the lengths of the shorter and the longer ranking and X_d the overlap at depth d:
    ``(1-p)/p (sum_{d=1..l} X_d/d p^d + sum_{d=s+1..l} X_s (d-s)/(s d) p^d)
    + ((X_l - X_s)/l + X_s/s) p^l``.

    Examples
    --------
    >>> round(rank_biased_overlap(["a", "b", "c"], ["a", "b", "c"]), 12)
    1.0
    >>> round(rank_biased_overlap(["a", "b", "c"], ["b", "a", "c"]), 12)
    0.9
    """
    if not 0 < p < 1:
        raise ValueError(f"p must lie inside (0, 1), got {p}")
    if not ours or not theirs:
        raise ValueError("a ranking is empty")
    _refuse_repeats(ours, theirs)
    short, long = sorted((len(ours), len(theirs)))
    overlap = [len(set(ours[:depth]) & set(theirs[:depth])) for depth in range(1, long + 1)]
    total = 0.0
    for depth, common in enumerate(overlap, start=1):
        # Beyond the shorter ranking its agreement is taken to go on as it was at its end.
        beyond = overlap[short - 1] * max(depth - short, 0) / short
        total += (common + beyond) / depth * p**depth
    at_short, at_long = overlap[short - 1], overlap[-1]
    tail = ((at_long - at_short) / long + at_short / short) * p**long
    return min(1.0, (1 - p) / p * total + tail)


def agreement(
    scores: Scores, published: pd.DataFrame, *, level: Literal["province", "city"]
) -> pd.DataFrame:
    """Compare a ranking with every published list of its level.

    Parameters
    ----------
    scores : Scores
        Our evaluation.
    published : pandas.DataFrame
        One row per unit and list: ``year``, ``edition``, ``publisher``, ``family``
        (``"comprehensive"`` or ``"sister"``), ``level``, ``dimension``, ``rank`` (``"3"``,
        or ``"<=10"`` for a unit known only to be among the first ten), ``code``, ``place``.
    level : {"province", "city"}
        Level of the lists to compare.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`AGREEMENT_COLUMNS`. A list yields a row of kind ``"ranking"`` for its
        unbroken ranks 1 to ``length``, and a row of kind ``"set"`` when it names units
        beyond them: all its named units against our first ``length``. ``overlap`` counts
        units, ``overlap_share`` divides by the units named, ``expected_overlap`` is what
        a random ranking reaches (``named * length / n``), ``p_chance`` how often one
        reaches as much or more. ``rbo`` is the rank-biased overlap of both rankings cut at
        ``length`` (p = 0.9); ``kendall_tau`` is tau-b between the ``ranked`` units that
        both rank, missing below three. A list without a counterpart among our nodes keeps
        an empty ``node`` and no figures. Comprehensive lists come first; lists of kind
        ``"ranking"`` before sets.

    Raises
    ------
    InputError
        A rank is not readable, or a list states two ranks for a unit or two units for a
        rank.
    ValueError
        The published table lacks a column.

    Notes
    -----
    The chance of an overlap is hypergeometric: of ``n`` units, ``named`` are listed and
    ``length`` drawn.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> catalogue = load_catalogue()
    >>> scores = evaluate(catalogue.province, load_profile("caict2024-province"))
    >>> table = agreement(scores, catalogue.published, level="province")
    >>> bool(table["overlap_share"].dropna().between(0, 1).all())
    True
    """
    rows = []
    for source in published_lists(published, level=level):
        names = {name: getattr(source, name) for name in LIST_COLUMNS}
        rows.extend(_compared(scores, source, source.node(scores), names))
    return _ordered(pd.DataFrame(rows, columns=list(AGREEMENT_COLUMNS)))


def _compared(
    scores: Scores, source: PublishedList, node: str, names: dict[str, object]
) -> list[dict[str, object]]:
    base = names | {"node": node, "scores_year": scores.spec.year}
    head, named = source.head, source.named
    if not node or scores.nodes[node].isna().all():
        return [base | {"kind": "set", "length": source.reach} | _words(named, source, None)]
    order = _order(scores.nodes[node])
    ranks = scores.ranks[node]
    rows = []
    if head:
        tau, pairs = _kendall(source.ranked, ranks)
        rows.append(
            base
            | {"kind": "ranking", "length": len(head)}
            | _hits(order, head, len(head))
            | {"rbo": rank_biased_overlap(order[: len(head)], head)}
            | {"kendall_tau": tau, "ranked": pairs}
            | _words(head, source, ranks)
        )
    if len(named) > len(head):
        rows.append(
            base
            | {"kind": "set", "length": source.reach}
            | _hits(order, named, source.reach)
            | _words(named, source, ranks)
        )
    return rows


def _hits(order: list[str], named: list[str], length: int) -> dict[str, object]:
    n, depth = len(order), min(length, len(order))
    found = len(set(order[:depth]) & set(named))
    # Units we could not score are misses; chance is judged by those we could have hit.
    reachable = len(set(order) & set(named))
    return {
        "named": len(named),
        "n": n,
        "overlap": found,
        "overlap_share": found / len(named),
        "expected_overlap": reachable * depth / n,
        "p_chance": float(stats.hypergeom.sf(found - 1, n, reachable, depth)),
    }


def _kendall(ranked: dict[str, int], ours: pd.Series) -> tuple[float, int]:
    both = pd.DataFrame({"theirs": pd.Series(ranked), "ours": ours.reindex(list(ranked))}).dropna()
    if len(both) < _LEAST_RANKED:
        return float("nan"), len(both)
    tau = stats.kendalltau(both["theirs"].to_numpy(), both["ours"].to_numpy(), variant="b")
    return float(tau.statistic), len(both)


def _order(scores: pd.Series) -> list[str]:
    """List the scored units, best first; of equals the smaller code first."""
    present = scores.dropna().sort_index()
    return [str(code) for code in present.sort_values(ascending=False, kind="stable").index]


def _words(codes: list[str], source: PublishedList, ranks: pd.Series | None) -> dict[str, object]:
    ours = pd.Series(index=codes, dtype=float) if ranks is None else ranks.reindex(codes)
    return {
        "named": len(codes),
        "codes": " ".join(codes),
        "places": " ".join(source.places[code] for code in codes),
        "our_ranks": " ".join("-" if pd.isna(rank) else f"{rank:g}" for rank in ours),
    }


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    dimensions = [ROOT, "compute", "storage", "network", "environment"]
    keys = pd.DataFrame(
        {
            "family": table["family"].ne("comprehensive"),
            "year": table["year"],
            "edition": table["edition"],
            "place": [dimensions.index(d) if d in dimensions else 9 for d in table["dimension"]],
            "kind": table["kind"],
        }
    )
    ordered = table.loc[keys.sort_values(list(keys.columns), kind="stable").index]
    whole = ["length", "named", "n", "overlap", "ranked"]
    # Counts stay whole numbers where a list could not be compared.
    return ordered.astype(dict.fromkeys(whole, "Int64")).reset_index(drop=True)


def _refuse_repeats(*rankings: Sequence[Hashable]) -> None:
    for ranking in rankings:
        if len(set(ranking)) != len(ranking):
            raise ValueError("a label stands twice in a ranking")

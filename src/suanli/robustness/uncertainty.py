"""Intervals of ranks: what the ranking would be under other assumptions as defensible."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from suanli.evaluation import Derivation
from suanli.profile import ROOT, IndexSpec
from suanli.robustness.ranking import quantile, rank_labels
from suanli.robustness.replicates import Model, model_of
from suanli.robustness.tally import tally

__all__ = ["RankIntervals", "rank_intervals"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankIntervals:
    """What drawn assumptions do to the ranks.

    Attributes
    ----------
    spec : IndexSpec
        The profile, with what was drawn.
    replicates : int
        Evaluations made.
    table : pandas.DataFrame
        One row per node and unit, the index first, best rank first: ``node``, ``code``;
        ``rank`` and ``score`` by the profile itself; ``median``, ``mean``, ``low``, ``high``
        of the ranks over the replicates, the last two the quantiles of
        ``uncertainty.interval`` (inverse of the empirical distribution: ranks that occurred);
        ``top_share``, ``first_share``, share of replicates in which the unit is among the
        first ``uncertainty.top`` or first; ``scored_share``, in which it is ranked at all.
    histogram : Mapping[str, pandas.DataFrame]
        By node: counts, index ``code``, one column per rank.
    dominance : pandas.DataFrame
        Share of replicates in which the unit of the row scores higher than that of the
        column at the index, among those in which both are scored; missing on the diagonal.
    compared : int
        Replicates that ``dominance`` rests on.
    """

    spec: IndexSpec
    replicates: int
    table: pd.DataFrame
    histogram: Mapping[str, pd.DataFrame]
    dominance: pd.DataFrame
    compared: int

    def of(self, node: str = ROOT) -> pd.DataFrame:
        """Return the intervals of one node.

        Parameters
        ----------
        node : str
            The index, a dimension or a sub-dimension.

        Returns
        -------
        pandas.DataFrame
            Index ``code``, columns of ``table`` from ``rank`` on.

        Raises
        ------
        KeyError
            The node was not asked for.

        Examples
        --------
        >>> from suanli.robustness.sample import sample_start
        >>> intervals = rank_intervals(*sample_start(), rng=np.random.default_rng(1),
        ...                            replicates=50, nodes=["index"])
        >>> frame = intervals.of("index")
        >>> bool((frame["low"] <= frame["high"]).all())
        True
        """
        if node not in self.histogram:
            raise KeyError(node)
        rows = self.table[self.table["node"] == node]
        return rows.drop(columns="node").set_index("code")


def rank_intervals(
    start: Derivation,
    spec: IndexSpec,
    *,
    rng: np.random.Generator,
    replicates: int | None = None,
    groups: pd.Series | None = None,
    nodes: Collection[str] | None = None,
    progress: Callable[[int], None] = lambda _: None,
    model: Model | None = None,
) -> RankIntervals:
    """Rank the units under many drawn assumptions.

    Parameters
    ----------
    start : Derivation
        From :func:`suanli.evaluation.derivation`, by this profile.
    spec : IndexSpec
        The profile; ``spec.uncertainty`` says what is drawn.
    rng : numpy.random.Generator
        Source of randomness.
    replicates : int, optional
        How many; the profile's when absent.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; only for imputation by group.
    nodes : Collection[str], optional
        Inner nodes wanted; all when absent. The index is always among them.
    progress : Callable[[int], None], optional
        Called with the replicates done.
    model : Model, optional
        From :func:`suanli.robustness.replicates.model_of` with the same profile and groups,
        where it is at hand.

    Returns
    -------
    RankIntervals
        Intervals, histograms, and who is ahead of whom.

    Raises
    ------
    InputError
        A combination of options cannot be evaluated; said before anything is drawn.

    Notes
    -----
    Each replicate draws one option of every choice, all local weights, and with probability
    ``omit`` an indicator to leave out, independently; all are evaluated as the profile is.

    Saisana, Saltelli and Tarantola (2005), Journal of the Royal Statistical Society A 168;
    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 7

    Examples
    --------
    >>> from suanli.robustness.sample import sample_start
    >>> intervals = rank_intervals(*sample_start(), rng=np.random.default_rng(1),
    ...                            replicates=50, nodes=["index"])
    >>> intervals.table.columns.tolist()[:4]
    ['node', 'code', 'rank', 'score']
    """
    model = model or model_of(start, spec, groups=groups)
    columns = [str(node) for node in model.nominal.nodes]
    wanted = [node for node in columns if nodes is None or node in {*nodes, ROOT}]
    size = spec.uncertainty.replicates if replicates is None else replicates
    counts = tally(model, wanted, replicates=size, rng=rng, progress=progress)
    labels = rank_labels(len(model.codes), model.ties)
    histogram = {
        node: pd.DataFrame(counts.ranks[place], index=model.codes, columns=labels)
        for place, node in enumerate(wanted)
    }
    with np.errstate(invalid="ignore"):
        ahead = np.where(counts.both > 0, counts.ahead / counts.both, np.nan)
    np.fill_diagonal(ahead, np.nan)
    return RankIntervals(
        spec=spec,
        replicates=size,
        table=pd.concat(
            [_summary(model, node, counts_of, size) for node, counts_of in histogram.items()],
            ignore_index=True,
        ),
        histogram=MappingProxyType(histogram),
        dominance=pd.DataFrame(ahead, index=model.codes, columns=model.codes),
        compared=counts.compared,
    )


def _summary(model: Model, node: str, histogram: pd.DataFrame, size: int) -> pd.DataFrame:
    uncertainty = model.spec.uncertainty
    counts = histogram.to_numpy()
    labels = histogram.columns.to_numpy(dtype=float)
    scored = counts.sum(axis=1)
    low, high = uncertainty.interval
    with np.errstate(invalid="ignore"):
        mean = np.where(scored > 0, counts @ labels / scored, np.nan)
    frame = pd.DataFrame(
        {
            "node": node,
            "code": histogram.index,
            "rank": model.nominal.ranks[node].to_numpy(),
            "score": model.nominal.nodes[node].to_numpy(),
            "median": quantile(counts, labels, 0.5),
            "mean": mean,
            "low": quantile(counts, labels, low),
            "high": quantile(counts, labels, high),
            "top_share": counts[:, labels <= uncertainty.top].sum(axis=1) / size,
            "first_share": counts[:, labels == 1].sum(axis=1) / size,
            "scored_share": scored / size,
        }
    )
    return frame.sort_values(["rank", "code"], na_position="last", kind="stable")

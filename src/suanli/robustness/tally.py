"""Counting ranks over many replicates in bounded memory, wherever parts are computed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.workers import Workers, current_workers
from suanli.robustness.ranking import rank_histogram, rank_labels
from suanli.robustness.replicates import Model

__all__ = ["Tally", "tally"]

Ints = npt.NDArray[np.int64]

# Comparisons of pairs of units that are made at most.
_PAIRS: Final = 2 * 10**8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """Counts over replicates.

    Attributes
    ----------
    ranks : numpy.ndarray
        How often each unit had each rank, shape (nodes, units, ranks).
    ahead : numpy.ndarray
        How often the unit of the row scored higher than that of the column, shape (units,
        units), at the first node.
    both : numpy.ndarray
        How often both were scored, same shape.
    compared : int
        Replicates whose pairs were compared.
    """

    ranks: Ints
    ahead: Ints
    both: Ints
    compared: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chunk:
    """Replicates computed together, with a generator of their own."""

    rng: np.random.Generator
    size: int
    compare: bool


def tally(
    model: Model,
    nodes: Sequence[str],
    *,
    replicates: int,
    rng: np.random.Generator,
    workers: Workers | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Draw replicates and count the ranks of every unit.

    Every chunk has a generator of its own and counts are whole numbers, so that neither the
    number of workers nor their order changes a byte.

    Parameters
    ----------
    model : Model
        The model.
    nodes : Sequence[str]
        Inner nodes; pairs are compared at the first.
    replicates : int
        How many.
    rng : numpy.random.Generator
        Source of randomness.
    workers : Workers, optional
        What computes chunks; the current ones when absent.
    progress : Callable[[int], None], optional
        Called with the replicates done.

    Returns
    -------
    Tally
        The counts. Pairs are compared in as many replicates as a bound on work allows.

    Raises
    ------
    ValueError
        Fewer than one replicate.
    InputError
        Scores leave the domain of a mean under some weights.

    Examples
    --------
    >>> from suanli.robustness.sample import sample_model
    >>> counts = tally(sample_model(), ["index"], replicates=50, rng=np.random.default_rng(1))
    >>> counts.ranks.shape, int(counts.ranks.sum())
    ((1, 31, 31), 1550)
    """
    if replicates < 1:
        raise ValueError(f"at least one replicate, got {replicates}")
    workers = workers or current_workers()
    chunks = list(_chunks(model, replicates, rng))
    # Counts of several chunks are added up where they are made: matrices of pairs are large.
    each = -(-len(chunks) // workers.shares)
    shares = [chunks[first : first + each] for first in range(0, len(chunks), each)]
    done, total = 0, _empty(model, len(nodes))
    found = workers.results(_counted, (model, tuple(nodes)), shares)
    for share, part in zip(shares, found, strict=True):
        total = _sum(total, part)
        done += sum(chunk.size for chunk in share)
        progress(done)
    return total


def _chunks(model: Model, replicates: int, rng: np.random.Generator) -> Iterator[_Chunk]:
    starts = range(0, replicates, model.chunk)
    pairs_until = _PAIRS // len(model.codes) ** 2
    for start, own in zip(starts, rng.spawn(len(starts)), strict=True):
        size = min(model.chunk, replicates - start)
        yield _Chunk(rng=own, size=size, compare=start < pairs_until)


def _counted(asked: tuple[Model, tuple[str, ...]], share: Sequence[_Chunk]) -> Tally:
    model, nodes = asked
    total = _empty(model, len(nodes))
    for chunk in share:
        draws = model.assumptions.draw(chunk.rng, chunk.size)
        total = _added(total, model, model.scores(draws, nodes), compare=chunk.compare)
    return total


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(
        ranks=one.ranks + other.ranks,
        ahead=one.ahead + other.ahead,
        both=one.both + other.both,
        compared=one.compared + other.compared,
    )


def _empty(model: Model, nodes: int) -> Tally:
    units = len(model.codes)
    return Tally(
        ranks=np.zeros((nodes, units, len(rank_labels(units, model.ties))), dtype=np.int64),
        ahead=np.zeros((units, units), dtype=np.int64),
        both=np.zeros((units, units), dtype=np.int64),
        compared=0,
    )


def _added(total: Tally, model: Model, scores: npt.NDArray[np.float64], *, compare: bool) -> Tally:
    for place, batch in enumerate(scores):
        total.ranks[place] += rank_histogram(batch, model.ties)
    if not compare:
        return total
    # One row per unit: the comparisons run along replicates.
    columns = np.ascontiguousarray(scores[0].T)
    for unit, own in enumerate(columns):
        total.ahead[unit] += np.count_nonzero(own > columns, axis=1)
    scored = ~np.isnan(columns)
    for unit, own in enumerate(scored):
        total.both[unit] += np.count_nonzero(own & scored, axis=1)
    return Tally(
        ranks=total.ranks,
        ahead=total.ahead,
        both=total.both,
        compared=total.compared + scores.shape[1],
    )

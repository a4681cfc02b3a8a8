"""Counting ranks over many replicates in bounded memory, on two threads."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from suanli.robustness.ranking import rank_histogram, rank_labels
from suanli.robustness.replicates import Model

__all__ = ["THREADS", "Tally", "tally"]

Ints = npt.NDArray[np.int64]

THREADS: Final = 2
"""Chunks computed at a time; numpy lets go of the interpreter in its loops."""

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


def tally(
    model: Model,
    nodes: Sequence[str],
    *,
    replicates: int,
    rng: np.random.Generator,
    threads: int = THREADS,
    progress: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Draw replicates and count the ranks of every unit.

    Every chunk has a generator of its own and counts are whole numbers, so that neither the
    number of threads nor their order changes a byte.

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
    threads : int
        Threads.
    progress : Callable[[int], None], optional
        Called with the replicates done, by one thread at a time.

    Returns
    -------
    Tally
        The counts. Pairs are compared in as many replicates as a bound on work allows.

    Raises
    ------
    ValueError
        Fewer than one replicate or thread.
    InputError
        Scores leave the domain of a mean under some weights.

    Examples
    --------
    >>> from suanli.robustness.sample import sample_model
    >>> counts = tally(sample_model(), ["index"], replicates=50, rng=np.random.default_rng(1))
    >>> counts.ranks.shape, int(counts.ranks.sum())
    ((1, 31, 31), 1550)
    """
    if replicates < 1 or threads < 1:
        raise ValueError(f"at least one replicate and thread, got {replicates} and {threads}")
    sizes = [model.chunk] * (replicates // model.chunk)
    if replicates % model.chunk:
        sizes.append(replicates % model.chunk)
    generators = rng.spawn(len(sizes))
    pairs_until = _PAIRS // len(model.codes) ** 2
    done, lock, stop = [0], threading.Lock(), threading.Event()

    def work(first: int) -> Tally:
        total = _empty(model, len(nodes))
        for place in range(first, len(sizes), threads):
            if stop.is_set():
                break
            compare = place * model.chunk < pairs_until
            draws = model.assumptions.draw(generators[place], sizes[place])
            total = _added(total, model, model.scores(draws, nodes), compare=compare)
            with lock:
                done[0] += sizes[place]
                progress(done[0])
        return total

    with ThreadPoolExecutor(max_workers=threads) as pool:
        futures = [pool.submit(work, first) for first in range(threads)]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            # After an error or an interruption nobody waits for the rest.
            stop.set()
        parts = [future.result() for future in futures]
    return Tally(
        ranks=sum((part.ranks for part in parts[1:]), parts[0].ranks),
        ahead=sum((part.ahead for part in parts[1:]), parts[0].ahead),
        both=sum((part.both for part in parts[1:]), parts[0].both),
        compared=sum(part.compared for part in parts),
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

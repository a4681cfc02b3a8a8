"""What it would take a unit to move up: weights, and data."""

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from suanli.boundaries import Level
from suanli.diagnostics.strengths import strengths
from suanli.errors import InputError
from suanli.evaluation import Scores
from suanli.intake import IndicatorTable
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.report.brief_words import BriefWords, cell, figure
from suanli.robustness.attainable import NODE_LIMIT, attainable_ranks
from suanli.robustness.limits import Limits
from suanli.robustness.target import TargetResult, reach_rank
from suanli.study import scored_table

__all__ = ["upward_sentences"]

_WEAKEST: Final = 3
_ALONE: Final = 3
_EXACT: Final = 9
_FIRST: Final = 1


def upward_sentences(edition: Edition, level: Level, code: str, *, deep: bool) -> list[str]:
    """Say how far a unit is from the next rank, and what leads there.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level of the unit.
    code : str
        A unit with a score.
    deep : bool
        Whether every figure it can change is searched, or those it is weakest in.

    Returns
    -------
    list[str]
        Distances, weights, data, and what that means.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> said = upward_sentences(sample_edition(), "province", "440000", deep=False)
    >>> said[-1]
    'It is first; there is no higher rank.'
    """
    return list(_Upwards(edition, level, code, deep=deep).said())


class _Upwards:
    """Questions about one unit."""

    def __init__(self, edition: Edition, level: Level, code: str, *, deep: bool) -> None:
        self.edition, self.level, self.code, self.deep = edition, level, code, deep
        self.words = BriefWords(edition, level)
        self.scores: Scores = edition.scores(level)
        self.rank = round(cell(self.scores.ranks[ROOT], code))

    def say(self, key: str, **params: Any) -> str:
        return self.edition.text(f"brief.{key}", **params)

    def said(self) -> Iterator[str]:
        yield from self.distances()
        yield self.weights()
        if self.rank == _FIRST:
            yield self.say("target_first")
            return
        yield from self.data()

    def distances(self) -> Iterator[str]:
        """Tell who is ahead and who is behind."""
        index = self.scores.index.dropna()
        ranks, own = self.scores.ranks[ROOT], cell(index, self.code)
        names = self.edition.unit_names(self.level, short=True)
        said = []
        for key, others in (("up", index[index > own].nsmallest(1)),
                            ("down", index[index < own].nlargest(1))):  # fmt: skip
            for code, score in others.items():
                apart = f"{abs(score - own):.2f}"
                said.append(
                    self.say(
                        f"distance_{key}",
                        name=names[str(code)],
                        rank=f"{cell(ranks, str(code)):g}",
                        points=apart,
                    )
                )
        if said:
            yield self.say("distances", both=self.say("and_mark").join(said))

    def weights(self) -> str:
        """Tell the best and the worst rank that admissible weights give."""
        # Hundreds of rivals take seconds: bounds in closed form come at once.
        limit = NODE_LIMIT if self.level == "province" or self.deep else 0
        found = attainable_ranks(self.scores, units=[self.code], node_limit=limit).table
        uncertainty = self.scores.spec.uncertainty
        proved = str(found["status"][self.code]) == "optimal"
        key = "weights_bounds" if not proved else "weights"
        if proved and uncertainty.limits:
            key = "weights_limits"
        ends = ("best", "worst", "best_bound", "worst_bound")
        ranks = {name: round(cell(found[name], self.code)) for name in ends}
        return self.say(key, share=f"{uncertainty.bounds:.0%}", **ranks)

    def data(self) -> Iterator[str]:
        """Tell the least changes of data that lift the unit by a rank."""
        table = scored_table(
            getattr(self.edition.catalogue, self.level), self.edition.boundaries.layer(self.level)
        )
        weakest = () if self.deep else self.weakest()
        if not self.deep and not weakest:
            yield self.say("target_none")
            return
        limits = Limits(move=weakest, ranges=self.ranges())
        wanted = self.rank - 1
        try:
            found = reach_rank(table, self.scores.spec, self.code, rank=wanted, limits=limits)
        except InputError:
            # All it could move is at its best already.
            yield self.say("target_none")
            return
        yield from self.told(found, table, weakest, wanted)
        yield self.say("means", times=f"{limits.times:g}")

    def told(
        self, found: TargetResult, table: IndicatorTable, weakest: tuple[str, ...], wanted: int
    ) -> Iterator[str]:
        of = "weak" if weakest else "all"
        names = self.words.indicators(weakest, most=_WEAKEST)
        if not found.reached:
            yield self.say(f"target_not_{of}", names=names, rank=wanted, after=found.after)
            return
        if not found.levers["plausible"].all():
            # A way beyond the range is none to be told as the least.
            yield self.say(f"target_out_{of}", names=names, rank=wanted, best=found.plausible_rank)
            return
        cells = table.cells.drop_duplicates("indicator").set_index("indicator")
        units = {str(key): str(unit) for key, unit in cells["unit"].items()}
        steps = self.steps(found.levers, units)
        yield self.say(f"target_{of}", names=names, steps=steps, rank=found.after)
        alone = found.single[found.single["end"].notna() & found.single["plausible"].astype(bool)]
        if alone.empty:
            yield self.say("alone_none")
        elif len(found.levers) > 1 or len(alone) > 1:
            yield self.say("alone", steps=self.steps(alone.head(_ALONE), units))

    def steps(self, levers: pd.DataFrame, units: dict[str, str]) -> str:
        said = []
        for row in levers.to_dict("records"):
            key, start, end = str(row["indicator"]), float(row["start"]), float(row["end"])
            change = f"{end / start - 1:+.0%}" if start > 0 else figure(end - start)
            said.append(
                self.say(
                    "step",
                    name=self.words.datum(key),
                    unit=self.words.unit(units.get(key, "")),
                    start=figure(start),
                    end=figure(end, digits=_EXACT),
                    change=change.replace("-", "−"),
                )
            )
        return self.say("clause_mark").join(said)

    def weakest(self) -> tuple[str, ...]:
        """Return the movable indicators that lower the index most."""
        items = {item.id: item for item in self.scores.spec.indicator}
        table = strengths(self.scores)
        own = table[(table["code"] == self.code) & table["score"].notna()]
        own = own[[items[key].movable for key in own["indicator"]]]
        by = own["effect"] if own["effect"].notna().any() else -own["rank"]
        ordered = own.assign(_by=by).sort_values("_by", kind="stable")
        return tuple(str(key) for key in ordered["indicator"].head(_WEAKEST))

    def ranges(self) -> dict[str, tuple[float, float]]:
        """Return what values the catalogue allows."""
        known = self.edition.catalogue.indicators
        known = known[known["level"] == self.level].set_index("indicator")
        ends = known[["minimum", "maximum"]].apply(pd.to_numeric, errors="coerce")
        low, high = ends["minimum"].fillna(float("-inf")), ends["maximum"].fillna(float("inf"))
        return {str(key): (float(low[key]), float(high[key])) for key in ends.index}

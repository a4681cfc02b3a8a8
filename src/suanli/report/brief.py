"""The brief of a unit: one page for whoever has to speak about it."""

import math
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from suanli import __version__
from suanli.analysis.conclusion import p_text
from suanli.boundaries import Level
from suanli.diagnostics.strengths import strengths, top_and_bottom
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.unit_cards import neighbours_of
from suanli.publish.wording import interval_text
from suanli.report.brief_words import BriefWords, cell, points, signed
from suanli.report.document import (
    Block,
    Bullets,
    Column,
    Document,
    Paragraph,
    Section,
    Table,
)
from suanli.report.upwards import upward_sentences

__all__ = ["brief_of"]

_MOST: Final = 3
_NAMED: Final = 10
_EXAMPLES: Final = 5


def brief_of(edition: Edition, level: Level, code: str, *, deep: bool = False) -> Document:
    """Write the brief of a unit.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level of the unit.
    code : str
        An evaluated unit.
    deep : bool, default False
        Whether every figure the unit can change is searched for the least that lifts it by a
        rank (seconds), instead of those it is weakest in.

    Returns
    -------
    Document
        Ranks with intervals, strengths and weaknesses, neighbours, change, what it would take
        to move up, data; made to fit on one A4 page.

    Raises
    ------
    KeyError
        The level has no such unit.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> brief = brief_of(sample_edition(), "province", "520000")
    >>> brief.title, len(brief.sections)
    ('Guizhou: computing power brief', 6)
    """
    return _Brief(edition, level, code, deep=deep).document()


class _Brief:
    """What is asked about one unit."""

    def __init__(self, edition: Edition, level: Level, code: str, *, deep: bool) -> None:
        self.edition, self.level, self.code, self.deep = edition, level, code, deep
        self.text, self.scores = edition.text, edition.scores(level)
        self.words = BriefWords(edition, level)
        self.names = edition.unit_names(level, short=True)
        self.score = cell(self.scores.index, code)
        low, high = self.scores.spec.uncertainty.interval
        self.share = f"{high - low:.0%}"

    def say(self, key: str, **params: object) -> str:
        return self.text(f"brief.{key}", **params)

    def document(self) -> Document:
        parts: dict[str, tuple[Block, ...]] = {
            "scores": (self.ranks(),),
            "strengths": tuple(self.strong_and_weak()),
            "around": (Bullets(items=(self.neighbours(), self.cluster())),),
            "years": tuple(self.years()),
            "upwards": tuple(self.upwards()),
            "data": (Paragraph(text=self.data()),),
        }
        spec = self.scores.spec
        replicates = self.edition.ranks(self.level).replicates
        interval = self.say("interval", share=self.share, replicates=f"{replicates:,}")
        return Document(
            lang=self.text("maps.lang_tag"),
            title=self.say("title", name=self.edition.unit_names(self.level)[self.code]),
            subtitle=self.subtitle(),
            facts=(
                (self.say("fact_profile"), self.text.of(spec.note.model_dump())),
                (self.say("fact_interval"), interval),
                (self.say("fact_made"), self.made()),
            ),
            sections=tuple(
                Section(key=key, title=self.say(key), blocks=blocks)
                for key, blocks in parts.items()
                if blocks
            ),
            brief=True,
        )

    def made(self) -> str:
        """Say with what it was made, so that it can be made again."""
        settings = self.edition.study.settings
        return self.say(
            "made",
            version=__version__,
            profile=self.scores.spec.id,
            seed=settings.seed,
            permutations=f"{settings.permutations:,}",
        )

    def subtitle(self) -> str:
        named = {
            "year": self.scores.spec.year,
            "index": self.edition.node_name(self.level, ROOT),
            "share": f"{self.scores.coverage[self.code]:.0%}",
        }
        if math.isnan(self.score):
            return self.say("subtitle_withheld", **named)
        return self.say(
            "subtitle",
            rank=f"{cell(self.scores.ranks[ROOT], self.code):g}",
            n=int(self.scores.index.notna().sum()),
            level=self.say(f"units_{self.level}"),
            score=points(self.score),
            **named,
        )

    def ranks(self) -> Table:
        """Return scores, medians, ranks, intervals, and the rank of the first year."""
        columns = ["node", "score", "median", "rank", "interval"]
        panel = self.edition.study.panel if self.level == "province" else {}
        first, last = min(panel, default=0), max(panel, default=0)
        rows = []
        for node in self.edition.nodes(self.level):
            found: Any = next(self.edition.ranks(self.level).of(node).loc[[self.code]].itertuples())
            known = not math.isnan(found.rank)
            row = [
                self.edition.node_name(self.level, node),
                points(cell(self.scores.nodes[node], self.code)),
                points(self.scores.nodes[node].median()),
                f"{found.rank:g}" if known else self.say("none"),
                interval_text(self.edition, found) if known else self.say("none"),
            ]
            rows.append((*row, self.then(node, first)) if first < last else tuple(row))
        if first < last:
            columns.append("then")
        note = ""
        if first < last and self.then(ROOT, last) != self.say("none"):
            told = [
                self.say(
                    "note_then_rank",
                    name=self.edition.node_name(self.level, node),
                    rank=self.then(node, last),
                )
                for node in self.edition.nodes(self.level)
            ]
            note = self.say("note_then", year=first, last=last, ranks=self.words.listed(told))
        return Table(
            key="ranks",
            caption="",
            columns=tuple(
                Column(
                    title=self.say(f"column_{key}", share=self.share, year=first),
                    align="left" if key == "node" else "right",
                )
                for key in columns
            ),
            rows=tuple(rows),
            note=note,
        )

    def then(self, node: str, year: int) -> str:
        ranks = self.edition.study.panel[year].ranks
        rank = ranks[node].get(self.code) if node in ranks else None
        return self.say("none") if rank is None or pd.isna(rank) else f"{rank:g}"

    def strong_and_weak(self) -> Iterator[Block]:
        """Return the indicators that lift and lower the index most."""
        picked = top_and_bottom(strengths(self.scores), self.code, k=_MOST)
        if picked.empty:
            return
        rows = []
        for row in picked.to_dict("records"):
            place = f"{row['rank']:g} / {int(row['n'])}"
            tied = int(row["tied"])
            rows.append(
                (
                    self.say(str(row["kind"])),
                    self.words.indicator(row["indicator"]),
                    self.words.measured(row["raw"], row["unit"]),
                    self.say("tied", rank=place, count=tied) if tied > 1 else place,
                    self.say("effect", points=signed(row["effect"]))
                    if pd.notna(row["effect"])
                    else self.say("none"),
                )
            )
        known = picked["effect"].notna().any()
        keys = ("kind", "indicator", "value", "rank", "effect")
        yield Table(
            key="strengths",
            caption="",
            columns=tuple(
                Column(
                    title=self.say(f"column_{key}"),
                    align="left" if key in {"kind", "indicator"} else "right",
                )
                for key in keys
            ),
            rows=tuple(rows),
            note=self.say("note_effect" if known else "no_effect"),
        )

    def neighbours(self) -> str:
        """Name the neighbours with their ranks, and compare their mean."""
        every = neighbours_of(self.edition, self.level).get(self.code, ())
        ranks = self.scores.ranks[ROOT].reindex(list(every))
        ranked = ranks.dropna().sort_values(kind="stable")
        if ranked.empty:
            return self.say("neighbours_none")
        mean = float(self.scores.index.reindex(ranked.index).mean())
        gap = self.score - mean
        side = "above" if gap > 0 else "below"
        said = [
            self.say("neighbour", name=self.names[str(code)], rank=f"{rank:g}")
            for code, rank in ranked.head(_NAMED).items()
        ]
        if len(ranked) > _NAMED:
            said.append(self.say("neighbour_more", count=len(ranked)))
        told = {"names": self.words.listed(said), "count": len(ranked), "mean": points(mean)}
        if math.isnan(gap):
            return self.say("neighbours_alone", **told)
        apart = points(abs(gap))
        return self.say(
            "neighbours",
            **told,
            side=self.say(side if apart != points(0.0) else "equal", points=apart),
        )

    def cluster(self) -> str:
        """Say what the local test found; what is not significant is called that."""
        study = self.edition.study
        pattern = study.province_pattern if self.level == "province" else study.city_pattern
        local = pattern.local.set_index("code")
        if self.code not in local.index:
            return self.say("lisa_none")
        kind = str(local["cluster"][self.code])
        if kind == "isolate":
            return self.say("lisa_isolate")
        said = {key: p_text(cell(local[key], self.code)) for key in ("p", "p_fdr")}
        return self.say(f"lisa_{kind}", **said)

    def years(self) -> Iterator[Block]:
        """Tell how scores and ranks changed; cities have one year."""
        panel = self.edition.study.panel
        first, last = min(panel), max(panel)
        if self.level != "province" or first == last:
            return
        start, end = (self.scored(ROOT, year) for year in (first, last))
        if math.isnan(start) or math.isnan(end):
            return
        parts = []
        for node in self.edition.nodes(self.level)[1:]:
            change = self.scored(node, last) - self.scored(node, first)
            if not math.isnan(change):
                name = self.edition.node_name(self.level, node)
                ranks = {"before": self.then(node, first), "after": self.then(node, last)}
                parts.append(self.say("part", name=name, change=signed(change), **ranks))
        yield Paragraph(
            text=self.say(
                "changed",
                first=first,
                last=last,
                start=points(start),
                end=points(end),
                before=self.then(ROOT, first),
                after=self.then(ROOT, last),
                parts=self.text("brief.clause_mark").join(parts),
            )
        )

    def scored(self, node: str, year: int) -> float:
        nodes = self.edition.study.panel[year].nodes
        known = node in nodes and self.code in nodes.index
        return cell(nodes[node], self.code) if known else float("nan")

    def upwards(self) -> Iterator[Block]:
        if not math.isnan(self.score):
            said = upward_sentences(self.edition, self.level, self.code, deep=self.deep)
            yield Bullets(items=tuple(said))

    def data(self) -> str:
        """Say what is missing, imputed, and stands for something else."""
        items = self.scores.spec.indicator
        cells = self.scores.indicators.loc[self.code]
        missing = [item.id for item in items if pd.isna(cells[item.id])]
        imputed = [item.id for item in items if self.scores.imputed.loc[self.code, item.id]]
        said = []
        if missing:
            names = self.words.indicators(missing, most=_EXAMPLES)
            said.append(self.say("missing", count=len(items), missing=len(missing), names=names))
        if imputed:
            names = self.words.indicators(imputed, most=_EXAMPLES)
            said.append(self.say("imputed", imputed=len(imputed), names=names))
        if not said:
            said.append(self.say("complete", count=len(items)))
        rough = [item.id for item in items if item.status in {"proxy", "assumed"}]
        names = self.words.indicators(rough[:_EXAMPLES], most=_EXAMPLES)
        key = "rough" if rough else "rough_none"
        said.append(self.say(key, count=len(items), rough=len(rough), names=names))
        return ("" if self.text.lang == "zh" else " ").join(said)

"""Diagnostics in words: tables with names and units, and what follows from them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from suanli.diagnostics.correlation import Limits
from suanli.evaluation import Scores
from suanli.profile import ROOT
from suanli.run.figuring import MISSING, figure, marked, signed
from suanli.run.naming import Naming
from suanli.run.noting import coverage_said, withheld_notes

__all__ = ["Teller"]

Told = tuple[dict[str, pd.DataFrame], list[str]]

_TREATED: Final = {"": "", "winsorise": "†", "log": "‡", "boxcox": "‡"}
_VISIBLE: Final = 0.005
"""Points that are still seen with two decimals."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Teller(Naming):
    """Puts the diagnostics of one evaluation into words."""

    def diagnosis(self, tables: Mapping[str, pd.DataFrame], limits: Limits) -> Told:
        """Put the diagnosis of an index into words.

        Parameters
        ----------
        tables : Mapping[str, pandas.DataFrame]
            As :func:`suanli.run.diagnosing.diagnose_index` makes them.
        limits : Limits
            The limits they were flagged by.

        Returns
        -------
        tuple[dict[str, pandas.DataFrame], list[str]]
            Tables by title, and sentences.
        """
        pairs = tables["correlations"]
        pairs = pairs[pairs["stage"].ne("derived") & pairs["method"].eq("pearson")]
        pairs = pairs[pairs["flag"] != ""]
        upwards = tables["correlations_upwards"]
        weak = upwards[upwards["method"].eq("pearson") & upwards["flag"].ne("")]
        alpha, weights = tables["consistency"], tables["weights"]
        flagged = weights[weights["flag"].ne("") | weights["depth"].eq(1)]
        thin = tables["coverage_indicators"]
        thin = thin[thin["flag"].ne("") | thin["imputed"].gt(0) | thin["missing"].gt(0)]
        units = tables["coverage_units"]
        units = units[units["flag"] != ""]
        counts: dict[str, dict[str, Any]] = {
            "pairs": {
                "negative": int(pairs["flag"].eq("negative").sum()),
                "collinear": int(pairs["flag"].eq("collinear").sum()),
                "below": f"{limits.negative:g}",
                "above": f"{limits.collinear:g}",
            },
            "weak": {"count": weak["id"].nunique(), "limit": f"{limits.weak:g}"},
            "alpha": {"count": int(alpha["flag"].ne("").sum()), "limit": f"{limits.alpha:g}"},
            "weights" if weights["carried"].notna().any() else "no_weights": {
                "low": int(weights["flag"].isin(["low", "negative"]).sum()),
                "high": int(weights["flag"].eq("high").sum()),
            },
        }
        shown = {
            "pairs": self._pairs(pairs),
            "weak": self._weak(weak),
            "alpha": self._alpha(alpha),
            "weights": self._weights(flagged),
            "coverage": self._thin(thin),
            "units": self._units(units),
        }
        sentences = [
            self.text(f"diagnostics.said.{key}", **params) for key, params in counts.items()
        ]
        least = self.scores.spec.method.coverage
        sentences += [*coverage_said(tables, self.text, least=least), *self._notes()]
        return self.titled({k: table for k, table in shown.items() if len(table)}), sentences

    def comparison(self, compared: pd.DataFrame, a: str, b: str) -> Told:
        """Put the difference of two units into words.

        Parameters
        ----------
        compared : pandas.DataFrame
            From :func:`suanli.diagnostics.decomposition.compare_units`.
        a, b : str
            The two codes.

        Returns
        -------
        tuple[dict[str, pandas.DataFrame], list[str]]
            Tables by title, and sentences.
        """
        one, two = self.unit_name(a), self.unit_name(b)
        nodes = self.scores.nodes.T
        shown = self._sides(compared, (one, two), (nodes[a], nodes[b]))
        score_a, score_b = float(nodes[a][ROOT]), float(nodes[b][ROOT])
        gap = score_a - score_b
        key = "ahead" if gap > 0 else "behind" if gap < 0 else "level"
        ranks = self.scores.ranks[ROOT]
        sentence = self.text(
            f"diagnostics.said.{key}",
            a=one, b=two, score_a=score_a, score_b=score_b, gap=abs(gap),
            rank_a=f"{ranks[a]:g}", rank_b=f"{ranks[b]:g}",
        )  # fmt: skip
        titles = {"a": one, "b": two, "year": self.scores.spec.year}
        said = [sentence, *self._sum(compared), *self._notes(a, b)]
        return self.titled(shown, **titles), said

    def change(
        self, compared: pd.DataFrame, unit: str, *, before: Scores, ranks: pd.DataFrame
    ) -> Told:
        """Put the change of a unit between two years into words.

        Parameters
        ----------
        compared : pandas.DataFrame
            From :func:`suanli.diagnostics.decomposition.compare_years`.
        unit : str
            The code.
        before : Scores
            The earlier year.
        ranks : pandas.DataFrame
            From :func:`suanli.diagnostics.decomposition.rank_changes`.

        Returns
        -------
        tuple[dict[str, pandas.DataFrame], list[str]]
            Tables by title, and sentences.
        """
        last, first = self.scores.spec.year, before.spec.year
        now, then = self.scores.nodes.T[unit], before.nodes.T[unit]
        shown = self._sides(compared, (str(last), str(first)), (now, then))
        own = ranks[(ranks["code"] == unit) & ranks["year"].between(first, last)]
        shown["years"] = self._by_year(own, first)
        change = float(now[ROOT] - then[ROOT])
        key = "rose" if change > 0 else "fell" if change < 0 else "stayed"
        sentence = self.text(
            f"diagnostics.said.{key}",
            unit=self.unit_name(unit), first=first, last=last, change=abs(change),
            score_first=float(then[ROOT]), score_last=float(now[ROOT]),
            rank_first=f"{before.ranks[ROOT][unit]:g}",
            rank_last=f"{self.scores.ranks[ROOT][unit]:g}",
        )  # fmt: skip
        titles = {"a": str(last), "b": str(first), "year": self.unit_name(unit)}
        scale = self.text("diagnostics.said.panel")
        notes = [
            self.text("diagnostics.note.in_year", year=each.spec.year, sentence=note)
            for each in (before, self.scores)
            for note in withheld_notes(each, self.unit_names, self.text, units=[unit])
        ]
        return self.titled(shown, **titles), [sentence, *self._sum(compared), scale, *notes]

    def _by_year(self, ranks: pd.DataFrame, first: int) -> pd.DataFrame:
        since = ranks["year"] > first
        places = ranks["rank_change"].where(since)
        return self.worded(
            {
                "year": ranks["year"].astype(str),
                "score": ranks["score"],
                "change": [signed(value) for value in ranks["score_change"].where(since)],
                "rank": [MISSING if pd.isna(rank) else f"{rank:g}" for rank in ranks["rank"]],
                "gained": [MISSING if pd.isna(p) else f"{p:+g}" if p else "0" for p in places],
            }
        )

    def unit(self, code: str, summary: pd.DataFrame, picked: pd.DataFrame) -> Told:
        """Put strengths and weaknesses of a unit into words.

        Parameters
        ----------
        code : str
            The unit.
        summary : pandas.DataFrame
            From :func:`suanli.diagnostics.strengths.unit_summary`.
        picked : pandas.DataFrame
            From :func:`suanli.diagnostics.strengths.top_and_bottom`.

        Returns
        -------
        tuple[dict[str, pandas.DataFrame], list[str]]
            Tables by title, and sentences.
        """
        columns = {
            "node": summary["node"].map(self.name),
            "score": summary["score"],
            "median": summary["median"],
            "rank": self.places(summary),
        }
        shown = {"summary": self.worded(columns)}
        for kind in ("strength", "weakness"):
            rows = picked[picked["kind"] == kind]
            if len(rows):
                shown[kind] = self._picked(rows)
        name, score = self.unit_name(code), float(self.scores.index[code])
        if math.isnan(score):
            share = f"{self.scores.coverage[code]:.0%}"
            sentences = [self.text("diagnostics.said.withheld", unit=name, share=share)]
        else:
            rank, n = int(self.scores.ranks[ROOT][code]), int(self.scores.index.notna().sum())
            params = {"unit": name, "score": score, "rank": rank, "n": n}
            sentences = [self.text("diagnostics.said.unit", **params)]
        key = "effect" if picked["effect"].notna().any() else "no_effect"
        sentences.append(self.text(f"diagnostics.said.{key}"))
        if (picked[["imputed", "treated"]] != "").any(axis=None):
            sentences.append(self.text("diagnostics.said.marks"))
        sentences += self._notes(code)
        return self.titled(shown, unit=name), sentences

    def _picked(self, rows: pd.DataFrame) -> pd.DataFrame:
        shared = [f" ({tied})" if tied > 1 else "" for tied in rows["tied"].astype(int)]
        marks = [
            ("*" if imputed else "") + _TREATED[treated]
            for imputed, treated in zip(rows["imputed"], rows["treated"], strict=True)
        ]
        raw = zip(rows["raw"], marks, strict=True)
        return self.worded(
            {
                "indicator": self.indicators(rows["indicator"]),
                "raw": [figure(value) + mark for value, mark in raw],
                "score": rows["score"],
                "rank": [a + b for a, b in zip(self.places(rows), shared, strict=True)],
                "effect": [signed(value) for value in rows["effect"]],
            }
        )

    def _sides(
        self, compared: pd.DataFrame, names: tuple[str, str], nodes: tuple[pd.Series, pd.Series]
    ) -> dict[str, pd.DataFrame]:
        one, two = names
        top = compared.groupby("dimension")["contribution"].sum()
        top = top[top.abs().sort_values(ascending=False, kind="stable").index]
        inner = [str(name) for name in top.index]
        direct = compared.set_index("indicator")
        sides = [
            [float(node[d]) if d in node else float(direct[f"score_{s}"][d]) for d in inner]
            for node, s in zip(nodes, "ab", strict=True)
        ]
        score, raw, points = (self.word(key) for key in ("score", "raw", "points"))
        dimensions = {
            self.word("dimension"): [self.name(name) for name in inner],
            f"{score} {one}": sides[0],
            f"{score} {two}": sides[1],
            points: [signed(value) for value in top],
        }
        indicators = {
            self.word("indicator"): self.indicators(compared["indicator"]),
            f"{raw} {one}": marked(compared["raw_a"], compared["imputed_a"]),
            f"{raw} {two}": marked(compared["raw_b"], compared["imputed_b"]),
            f"{score} {one}": compared["score_a"].to_list(),
            f"{score} {two}": compared["score_b"].to_list(),
            points: [signed(value) for value in compared["contribution"]],
        }
        return {
            "dimensions": pd.DataFrame(dimensions),
            "indicators": pd.DataFrame(indicators),
        }

    def _sum(self, compared: pd.DataFrame) -> list[str]:
        total, moved = compared["contribution"].sum(), compared["availability"].sum()
        sentences = [self.text("diagnostics.said.sum", count=len(compared), total=signed(total))]
        if compared["availability"].abs().max() > _VISIBLE:
            sentences.append(self.text("diagnostics.said.availability", points=signed(moved)))
        if (compared[["imputed_a", "imputed_b"]] != "").any(axis=None):
            sentences.append(self.text("diagnostics.said.imputed"))
        return sentences

    def _pairs(self, pairs: pd.DataFrame) -> pd.DataFrame:
        return self.worded(
            {
                "first": pairs["first"].map(self.name),
                "second": pairs["second"].map(self.name),
                "relation": pairs["relation"].map(self.word),
                "r": pairs["r"],
                "finding": pairs["flag"].map(self.word),
            }
        )

    def _weak(self, weak: pd.DataFrame) -> pd.DataFrame:
        return self.worded(
            {
                "item": weak["id"].map(self.name),
                "with": weak["ancestor"].map(self.name),
                "r": weak["r"],
                "n": weak["n"],
            }
        )

    def _alpha(self, alpha: pd.DataFrame) -> pd.DataFrame:
        return self.worded(
            {
                "node": alpha["node"].map(self.name),
                "over": alpha["items"].map(self.word),
                "k": alpha["k"],
                "alpha": alpha["alpha"],
                "standardised": alpha["alpha_standardised"],
                "mean_r": alpha["mean_r"],
                "finding": [self.word(flag) if flag else "" for flag in alpha["flag"]],
            }
        )

    def _weights(self, rows: pd.DataFrame) -> pd.DataFrame:
        return self.worded(
            {
                "item": rows["id"].map(self.name),
                "nominal": [f"{value:.1%}" for value in rows["nominal"]],
                "carried": [
                    f"{value:.1%}" if known else MISSING
                    for value, known in zip(rows["carried"], rows["carried"].notna(), strict=True)
                ],
                "ratio": rows["ratio"],
                "r_squared": rows["r_squared"],
                "main_effect": rows["main_effect"],
                "finding": [self.word(f"weight_{flag}") if flag else "" for flag in rows["flag"]],
            }
        )

    def _thin(self, rows: pd.DataFrame) -> pd.DataFrame:
        return self.worded(
            {
                "indicator": rows["indicator"].map(self.name),
                "present": [f"{n}/{of}" for n, of in zip(rows["n"], rows["units"], strict=True)],
                "imputed": rows["imputed"],
                "missing": rows["missing"],
                "finding": [self.word(flag) if flag else "" for flag in rows["flag"]],
            }
        )

    def _units(self, rows: pd.DataFrame) -> pd.DataFrame:
        return self.worded(
            {
                "unit": rows["code"].map(self.unit_name),
                "share": [f"{value:.0%}" for value in rows["share"]],
                "short": [self._short(row) for row in rows.to_dict("records")],
                "imputed": rows["imputed"],
                "withheld": [
                    self.word("and").join(self.name(node) for node in names.split())
                    for names in rows["withheld"]
                ],
            }
        )

    def _short(self, row: Mapping[Any, Any]) -> str:
        """Name the dimensions a unit has too little of, each with its own coverage."""
        least, spec = self.scores.spec.method.coverage, self.scores.spec
        shares = {node: row.get(f"share_{node}", least) for node in spec.children(ROOT)}
        said = [
            self.text("diagnostics.note.unit", unit=self.name(node), share=f"{share:.0%}")
            for node, share in shares.items()
            if share < least
        ]
        return self.word("and").join(said)

    def _notes(self, *units: str) -> list[str]:
        return withheld_notes(self.scores, self.unit_names, self.text, units=units or None)

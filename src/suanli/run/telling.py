"""Diagnostics in words: tables with names and units, and what follows from them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from suanli.diagnostics.correlation import Limits
from suanli.evaluation import Scores
from suanli.profile import ROOT
from suanli.run.sheets import unit_words
from suanli.text import Text

__all__ = ["Teller"]

Told = tuple[dict[str, pd.DataFrame], list[str]]

_THOUSAND: Final = 1000
_VISIBLE: Final = 0.005
"""Points that are still seen with two decimals."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Teller:
    """Puts the diagnostics of one evaluation into words.

    Attributes
    ----------
    scores : Scores
        The evaluation; the later one where years are compared.
    layer : pandas.DataFrame
        Names of units, index ``code``.
    text : Text
        The language.
    """

    scores: Scores
    layer: pd.DataFrame
    text: Text

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
            "coverage": self._coverage(tables),
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
        return self._titled({k: table for k, table in shown.items() if len(table)}), sentences

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
        one, two = self._unit(a), self._unit(b)
        nodes = self.scores.nodes.T
        shown = self._sides(compared, (one, two), (nodes[a], nodes[b]))
        score_a, score_b = float(nodes[a][ROOT]), float(nodes[b][ROOT])
        gap = score_a - score_b
        key = "ahead" if gap > 0 else "behind" if gap < 0 else "level"
        ranks = self.scores.ranks[ROOT]
        sentence = self.text(
            f"diagnostics.said.{key}",
            a=one, b=two, score_a=score_a, score_b=score_b, gap=abs(gap),
            rank_a=int(ranks[a]), rank_b=int(ranks[b]),
        )  # fmt: skip
        titles = {"a": one, "b": two, "year": self.scores.spec.year}
        return self._titled(shown, **titles), [sentence, *self._sum(compared)]

    def change(self, compared: pd.DataFrame, unit: str, *, before: Scores) -> Told:
        """Put the change of a unit between two years into words.

        Parameters
        ----------
        compared : pandas.DataFrame
            From :func:`suanli.diagnostics.decomposition.compare_years`.
        unit : str
            The code.
        before : Scores
            The earlier year.

        Returns
        -------
        tuple[dict[str, pandas.DataFrame], list[str]]
            Tables by title, and sentences.
        """
        last, first = self.scores.spec.year, before.spec.year
        now, then = self.scores.nodes.T[unit], before.nodes.T[unit]
        shown = self._sides(compared, (str(last), str(first)), (now, then))
        change = float(now[ROOT] - then[ROOT])
        key = "rose" if change > 0 else "fell" if change < 0 else "stayed"
        sentence = self.text(
            f"diagnostics.said.{key}",
            unit=self._unit(unit), first=first, last=last, change=abs(change),
            score_first=float(then[ROOT]), score_last=float(now[ROOT]),
            rank_first=int(before.ranks[ROOT][unit]),
            rank_last=int(self.scores.ranks[ROOT][unit]),
        )  # fmt: skip
        titles = {"a": str(last), "b": str(first), "year": self._unit(unit)}
        scale = self.text("diagnostics.said.panel")
        return self._titled(shown, **titles), [sentence, *self._sum(compared), scale]

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
            "node": summary["node"].map(self._name),
            "score": summary["score"],
            "median": summary["median"],
            "rank": self._places(summary),
        }
        shown = {"summary": self._worded(columns)}
        for kind in ("strength", "weakness"):
            rows = picked[picked["kind"] == kind]
            if len(rows):
                shown[kind] = self._picked(rows)
        name, score = self._unit(code), float(self.scores.index[code])
        if math.isnan(score):
            share = f"{self.scores.coverage[code]:.0%}"
            sentences = [self.text("diagnostics.said.withheld", unit=name, share=share)]
        else:
            rank, n = int(self.scores.ranks[ROOT][code]), int(self.scores.index.notna().sum())
            params = {"unit": name, "score": score, "rank": rank, "n": n}
            sentences = [self.text("diagnostics.said.unit", **params)]
        key = "effect" if picked["effect"].notna().any() else "no_effect"
        sentences.append(self.text(f"diagnostics.said.{key}"))
        if picked["imputed"].ne("").any() or picked["treated"].any():
            sentences.append(self.text("diagnostics.said.marks"))
        return self._titled(shown, unit=name), sentences

    def _picked(self, rows: pd.DataFrame) -> pd.DataFrame:
        shared = [f" ({tied})" if tied > 1 else "" for tied in rows["tied"].astype(int)]
        marks = [
            ("*" if imputed else "") + ("†" if treated else "")
            for imputed, treated in zip(rows["imputed"], rows["treated"], strict=True)
        ]
        raw = zip(rows["raw"], marks, strict=True)
        return self._worded(
            {
                "indicator": self._indicators(rows["indicator"]),
                "raw": [_figure(value) + mark for value, mark in raw],
                "score": rows["score"],
                "rank": [a + b for a, b in zip(self._places(rows), shared, strict=True)],
                "effect": [
                    f"{value:+.2f}" if known else "-"
                    for value, known in zip(rows["effect"], rows["effect"].notna(), strict=True)
                ],
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
        score, raw, points = (self._word(key) for key in ("score", "raw", "points"))
        dimensions = {
            self._word("dimension"): [self._name(name) for name in inner],
            f"{score} {one}": sides[0],
            f"{score} {two}": sides[1],
            points: [f"{value:+.2f}" for value in top],
        }
        indicators = {
            self._word("indicator"): self._indicators(compared["indicator"]),
            f"{raw} {one}": _marked(compared["raw_a"], compared["imputed_a"]),
            f"{raw} {two}": _marked(compared["raw_b"], compared["imputed_b"]),
            f"{score} {one}": compared["score_a"].to_list(),
            f"{score} {two}": compared["score_b"].to_list(),
            points: [f"{value:+.2f}" for value in compared["contribution"]],
        }
        return {
            "dimensions": pd.DataFrame(dimensions),
            "indicators": pd.DataFrame(indicators),
        }

    def _sum(self, compared: pd.DataFrame) -> list[str]:
        total, moved = compared["contribution"].sum(), compared["availability"].sum()
        sentences = [self.text("diagnostics.said.sum", count=len(compared), total=float(total))]
        if compared["availability"].abs().max() > _VISIBLE:
            sentences.append(self.text("diagnostics.said.availability", points=float(moved)))
        if (compared[["imputed_a", "imputed_b"]] != "").any(axis=None):
            sentences.append(self.text("diagnostics.said.imputed"))
        return sentences

    def _pairs(self, pairs: pd.DataFrame) -> pd.DataFrame:
        return self._worded(
            {
                "first": pairs["first"].map(self._name),
                "second": pairs["second"].map(self._name),
                "relation": pairs["relation"].map(self._word),
                "r": pairs["r"],
                "finding": pairs["flag"].map(self._word),
            }
        )

    def _weak(self, weak: pd.DataFrame) -> pd.DataFrame:
        return self._worded(
            {
                "item": weak["id"].map(self._name),
                "with": weak["ancestor"].map(self._name),
                "r": weak["r"],
                "n": weak["n"],
            }
        )

    def _alpha(self, alpha: pd.DataFrame) -> pd.DataFrame:
        return self._worded(
            {
                "node": alpha["node"].map(self._name),
                "over": alpha["items"].map(self._word),
                "k": alpha["k"],
                "alpha": alpha["alpha"],
                "standardised": alpha["alpha_standardised"],
                "mean_r": alpha["mean_r"],
                "finding": [self._word(flag) if flag else "" for flag in alpha["flag"]],
            }
        )

    def _weights(self, rows: pd.DataFrame) -> pd.DataFrame:
        return self._worded(
            {
                "item": rows["id"].map(self._name),
                "nominal": [f"{value:.1%}" for value in rows["nominal"]],
                "carried": [
                    f"{value:.1%}" if known else "-"
                    for value, known in zip(rows["carried"], rows["carried"].notna(), strict=True)
                ],
                "ratio": rows["ratio"],
                "r_squared": rows["r_squared"],
                "main_effect": rows["main_effect"],
                "finding": [self._word(f"weight_{flag}") if flag else "" for flag in rows["flag"]],
            }
        )

    def _thin(self, rows: pd.DataFrame) -> pd.DataFrame:
        return self._worded(
            {
                "indicator": rows["indicator"].map(self._name),
                "present": [f"{n}/{of}" for n, of in zip(rows["n"], rows["units"], strict=True)],
                "imputed": rows["imputed"],
                "missing": rows["missing"],
                "finding": [self._word(flag) if flag else "" for flag in rows["flag"]],
            }
        )

    def _units(self, rows: pd.DataFrame) -> pd.DataFrame:
        return self._worded(
            {
                "unit": rows["code"].map(self._unit),
                "share": [f"{value:.0%}" for value in rows["share"]],
                "imputed": rows["imputed"],
                "withheld": [
                    self._word("and").join(self._name(node) for node in names.split())
                    for names in rows["withheld"]
                ],
            }
        )

    def _coverage(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
        cells, indicators = tables["coverage_cells"], tables["coverage_indicators"]
        return {
            "cells": len(cells),
            "imputed": int(cells["state"].eq("imputed").sum()),
            "missing": int(cells["state"].eq("missing").sum()),
            "winsorised": int(cells["winsorised"].sum()),
            "indicators": int(indicators["flag"].ne("").sum()),
            "units": int(tables["coverage_units"]["flag"].ne("").sum()),
            "least": f"{self.scores.spec.method.coverage:.0%}",
        }

    def _titled(self, shown: Mapping[str, pd.DataFrame], **params: Any) -> dict[str, pd.DataFrame]:
        return {self.text(f"diagnostics.title.{k}", **params): table for k, table in shown.items()}

    def _worded(self, columns: Mapping[str, Any]) -> pd.DataFrame:
        return pd.DataFrame({self._word(key): list(cells) for key, cells in columns.items()})

    def _word(self, key: str) -> str:
        return self.text(f"diagnostics.word.{key}")

    def _name(self, node: str) -> str:
        if node == ROOT:
            return self.text(f"maps.index_{self.scores.spec.level}")
        return self.text.of(self.scores.spec.names()[node].model_dump())

    def _indicators(self, names: pd.Series) -> list[str]:
        units = {item.id: item.unit for item in self.scores.spec.indicator}
        return [
            # A ratio has the unit 1, which says nothing.
            self._name(name)
            if units[name] == "1"
            else self.text(
                "diagnostics.word.in_unit",
                name=self._name(name),
                unit=unit_words(units[name], self.text),
            )
            for name in names
        ]

    def _unit(self, code: str) -> str:
        return str(self.layer.loc[code, "name_en" if self.text.lang == "en" else "short_name"])

    def _places(self, table: pd.DataFrame) -> list[str]:
        pairs = zip(table["rank"], table["n"], strict=True)
        return ["-" if pd.isna(rank) else f"{rank:.0f}/{n:.0f}" for rank, n in pairs]


def _figure(value: float) -> str:
    """Write a raw value with about four digits."""
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= _THOUSAND else f"{value:.4g}"


def _marked(values: pd.Series, methods: pd.Series) -> list[str]:
    pairs = zip(values, methods, strict=True)
    return [_figure(value) + ("*" if method else "") for value, method in pairs]

"""How far the ranks can be trusted: intervals, and which assumption moves them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from suanli.profile import ROOT
from suanli.robustness import rank_intervals, rank_sensitivity
from suanli.robustness.sensitivity import BASE_POINTS, Sensitivity
from suanli.robustness.uncertainty import RankIntervals
from suanli.run.grounds import Ground, Question, answer_of, factor_words, first_rows, ground_of
from suanli.run.parts import Answer
from suanli.run.sheets import between, worded
from suanli.run.units import find_units
from suanli.study import generator
from suanli.text import Text

__all__ = [
    "Question",
    "interval_tables",
    "sensitivity_tables",
]

_SURE, _OPEN = 0.95, 0.05


def interval_tables(
    question: Question,
    *,
    replicates: int | None = None,
    units: Sequence[str] = (),
    top: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Answer:
    """Give every rank its interval.

    Parameters
    ----------
    question : Question
        The profile and its data.
    replicates : int, optional
        How many; the profile's when absent.
    units : Sequence[str]
        Codes or names of those to show; the first when empty.
    top : int, optional
        How many to show; the profile's when absent, all when 0.
    progress : Callable[[int], None], optional
        Called with the replicates done.

    Returns
    -------
    Answer
        ``rank_intervals``, ``rank_histogram``, ``dominance``; the first units to show.

    Raises
    ------
    InputError
        Profile or data cannot be used, or a unit is unknown.

    Examples
    --------
    >>> question = Question(profile="caict2024-province", text=Text("en"))
    >>> sorted(interval_tables(question, replicates=100).tables)
    ['dominance', 'rank_histogram', 'rank_intervals']
    """
    ground = ground_of(question)
    chosen = find_units(ground.layer, units)
    found = rank_intervals(
        ground.start,
        ground.spec,
        rng=generator(question.seed, "rank_intervals"),
        replicates=replicates,
        groups=ground.groups,
        progress=progress,
    )
    table = found.table.copy()
    table.insert(1, "node_name", table["node"].map(ground.nodes))
    table.insert(3, "name", table["code"].map(ground.names))
    tables = {
        "rank_intervals": table,
        "rank_histogram": _long(found.histogram),
        "dominance": found.dominance.rename_axis("code").reset_index(),
    }
    text, uncertainty = question.text, ground.spec.uncertainty
    of_index = table[table["node"] == ROOT]
    count = uncertainty.top if top is None else top
    rows = of_index[of_index["code"].isin(chosen)] if chosen else first_rows(of_index, count)
    kinds = {"rank": "whole", "name": "text", "score": "points", "median": "points"}
    kinds |= {"interval": "span", "top_share": "share"}
    told = rows.assign(name=rows["code"].map(ground.short))
    # Half a rank is between two that occurred.
    if (told["median"].dropna() % 1 == 0).all():
        kinds["median"] = "whole"
    sheet = worded(told, kinds, text, top=uncertainty.top)
    low, high = (f"{share:.0%}" for share in uncertainty.interval)
    note = {"replicates": f"{found.replicates:,}", "low": low, "high": high}
    said = _said_of_ranks(found, ground, text)
    if len(rows) < len(of_index) or question.out is None:
        more = {"shown": len(rows), "total": len(of_index)}
        said.append(text("shown.said.ranks_more", **more))
    return answer_of(question, ground, tables, sheet, said, **note, top=uncertainty.top)


def _long(histogram: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """List the ranks that occurred."""
    parts = []
    for node, counts in histogram.items():
        wide = counts.rename_axis(index="code").reset_index()
        cells = wide.melt("code", var_name="rank", value_name="count").assign(node=node)
        parts.append(cells[cells["count"] > 0].sort_values(["code", "rank"], kind="stable"))
    return pd.concat(parts, ignore_index=True)[["node", "code", "rank", "count"]]


def _said_of_ranks(found: RankIntervals, ground: Ground, text: Text) -> list[str]:
    frame = found.of(ROOT)
    uncertainty = ground.spec.uncertainty
    share = frame["top_share"]

    def units(chosen: pd.Series) -> str:
        listed = [ground.short[str(code)] for code in share.index[chosen]]
        return text("robustness.said.join").join(listed) or text("robustness.said.nobody")

    sure = share >= _SURE
    first, second = (str(code) for code in frame.index[:2])
    names = {"first": ground.short[first], "second": ground.short[second]}
    ahead = float(np.asarray(found.dominance.loc[first, second]))
    return [
        text(
            "robustness.said.first",
            unit=names["first"],
            share=f"{frame['first_share'].iloc[0]:.0%}",
        ),
        text("robustness.said.pair", **names, share=f"{ahead:.0%}"),
        text("robustness.said.top_sure", top=uncertainty.top, units=units(sure)),
        text(
            "robustness.said.top_open",
            top=uncertainty.top,
            units=units((share >= _OPEN) & ~sure),
        ),
    ]


def sensitivity_tables(question: Question, *, base_points: int = BASE_POINTS) -> Answer:
    """Say which assumption moves the ranks.

    Parameters
    ----------
    question : Question
        The profile and its data.
    base_points : int
        A power of 2; the more, the narrower the intervals.

    Returns
    -------
    Answer
        ``sensitivity`` and ``sensitivity_units``.

    Raises
    ------
    InputError
        Profile or data cannot be used, or nothing is uncertain.

    Examples
    --------
    >>> question = Question(profile="caict2024-province", text=Text("en"))
    >>> answer = sensitivity_tables(question, base_points=64)
    >>> answer.tables["sensitivity"]["factor"].to_list()[0]
    'weights'
    """
    ground = ground_of(question)
    found = rank_sensitivity(
        ground.start,
        ground.spec,
        rng=generator(question.seed, "rank_sensitivity"),
        n=base_points,
        groups=ground.groups,
    )
    units = found.units.copy()
    units.insert(1, "name", units["code"].map(ground.names))
    tables = {"sensitivity": found.table.reset_index(), "sensitivity_units": units}
    order = tables["sensitivity"].sort_values("total", ascending=False, kind="stable")
    text = question.text
    told = order.assign(factor=[factor_words(name, text) for name in order["factor"]])
    sheet = worded(told, {"factor": "text", "first": "points"}, text)
    for column in ("first", "total"):
        if column == "total":
            sheet = sheet.join(worded(told, {"total": "points"}, text).set_index(sheet.index))
        ends = zip(told[f"{column}_low"], told[f"{column}_high"], strict=True)
        heading = text(f"shown.column.{column}_interval")
        sheet[heading] = [between(*pair, 2) for pair in ends]
    said = _said_of_sensitivity(found, text)
    if question.out is None:
        said.append(text("shown.said.units_more"))
    return answer_of(question, ground, tables, sheet, said)


def _said_of_sensitivity(found: Sensitivity, text: Text) -> list[str]:
    change = f"{found.mean_change:.2f}"
    said = [text("robustness.said.sensitivity", runs=f"{found.runs:,}", change=change)]
    if found.variance == 0:
        return [*said, text("robustness.said.constant")]
    table = found.table
    largest = str(table["total"].idxmax())
    figures = {key: f"{table[key][largest]:.2f}" for key in ("total", "total_low", "total_high")}
    chance = table.index[~table["first_beyond_chance"].astype(bool)].map(str)
    return [
        *said,
        text(
            "robustness.said.largest",
            factor=factor_words(largest, text),
            total=figures["total"],
            low=figures["total_low"],
            high=figures["total_high"],
        ),
        text(
            "robustness.said.chance",
            factors=text("robustness.said.join").join(factor_words(name, text) for name in chance)
            or text("robustness.said.nobody"),
        ),
        text("robustness.said.interaction", share=f"{max(found.interaction, 0.0):.0%}"),
    ]

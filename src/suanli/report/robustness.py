"""The chapter on how far ranks can be trusted, and what moves them."""

from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from suanli.boundaries import Level
from suanli.errors import InputError
from suanli.evaluation import Derivation, derivation
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.report.blocks import note, paragraph, picture, section, see, table
from suanli.report.document import Section, Table
from suanli.report.leading import TOP, leaders, standing
from suanli.report.numerals import number, percent, span
from suanli.report.phrases import counted, inside, joined, listed, say
from suanli.robustness import leave_one_out, rank_sensitivity
from suanli.study import generator, scored_table

__all__ = ["robustness", "width_said"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_SURE, _OPEN = 0.95, 0.05
_POINTS: Final = 1024
_NAMED: Final = 20
_OMITTED: Final = 5
_FAR: Final = 3


def robustness(edition: Edition, pictures: Path) -> Section | None:
    """Report the intervals of ranks and what moves the ranks.

    Parameters
    ----------
    edition : Edition
        What is published.
    pictures : pathlib.Path
        Folder of the run's figures.

    Returns
    -------
    Section or None
        The chapter.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [part.key for part in robustness(sample_edition(), Path()).sections]
    ['robustness-province', 'robustness-city']
    """
    return section(
        "robustness",
        say(edition, "robustness.title"),
        note(edition, say(edition, "robustness.lead")),
        sections=[_level(edition, pictures, level) for level in _LEVELS],
    )


def _level(edition: Edition, pictures: Path, level: Level) -> Section | None:
    units = standing(edition, level, ROOT)
    if units.empty:
        return None
    name = edition.node_name(level, ROOT)
    shown = picture(
        pictures, f"{level}-ranks", caption=edition.text("figures.title_ranks", name=name),
        shows="ranks", edition=edition,
    )  # fmt: skip
    table_ = scored_table(
        edition.catalogue.province if level == "province" else edition.catalogue.city,
        edition.boundaries.layer(level),
    )
    start = derivation(table_, edition.scores(level).spec)
    moved, moved_said = _sensitivity(edition, level, start)
    left, left_said = _omissions(edition, level, start)
    return section(
        f"robustness-{level}",
        say(edition, f"robustness.title_{level}"),
        paragraph(
            edition,
            width_said(edition, level),
            _top_said(edition, level, units),
            _off_said(edition, level),
            _pairs_said(edition, level, units),
            say(edition, "robustness.see", see=see(edition, shown)) if shown else "",
        ),
        shown,
        paragraph(edition, moved_said),
        moved,
        paragraph(edition, left_said),
        left,
    )


def width_said(edition: Edition, level: Level) -> str:
    """Say how wide the intervals of ranks are.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    str
        Mean and largest width, with the unit; empty where nobody is ranked.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> "places wide on average" in width_said(sample_edition(), "province")
    True
    """
    units = standing(edition, level, ROOT).dropna(subset=["low", "high"])
    if units.empty:
        return ""
    width = units["high"] - units["low"] + 1
    widest = units.loc[[width.idxmax()]].to_dict("records")[0]
    return say(
        edition,
        f"robustness.width_{level}",
        n=len(units),
        mean=number(width.mean(), 1),
        share=percent(width.mean() / len(units)),
        median=number(width.median(), 1),
        unit=widest["short"],
        interval=span(edition, widest["low"], widest["high"]),
    )


def _top_said(edition: Edition, level: Level, units: pd.DataFrame) -> str:
    """Say who is among the first in nearly all replicates, and who in some."""
    top = edition.scores(level).spec.uncertainty.top
    share = units["top_share"]
    said = []
    for key, chosen in (
        ("sure", share >= _SURE),
        ("open", (share >= _OPEN) & (share < _SURE)),
    ):
        names = units.loc[chosen, "short"]
        if names.empty:
            said.append(say(edition, f"robustness.{key}_none", top=top))
        elif len(names) > _NAMED:
            said.append(say(edition, f"robustness.{key}_many", top=top, n=len(names)))
        else:
            told = listed(edition, names)
            said.append(counted(edition, f"robustness.{key}", len(names), top=top, names=told))
    return joined(edition, said)


def _off_said(edition: Edition, level: Level) -> str:
    """Name the leaders whose own rank lies far from the median under other assumptions."""
    best = leaders(edition, level, ROOT).dropna(subset=["median"])
    far = best[(best["rank"] - best["median"]).abs() >= _FAR]
    if far.empty:
        return ""
    told = [
        say(
            edition,
            "robustness.off_unit",
            name=row["short"],
            rank=f"{row['rank']:g}",
            median=f"{row['median']:g}",
        )
        for row in far.to_dict("records")
    ]
    return say(edition, "robustness.off", far=_FAR, names=listed(edition, told))


def _pairs_said(edition: Edition, level: Level, units: pd.DataFrame) -> str:
    """Say how many neighbours in the ranking can be told apart."""
    ahead = edition.ranks(level).dominance
    first = units.index[:TOP]
    shares = [float(np.asarray(ahead.loc[a, b])) for a, b in pairwise(first)]
    known = [share for share in shares if not np.isnan(share)]
    if not known:
        return ""
    clear = sum(share >= _SURE for share in known)
    return counted(edition, "robustness.pairs", clear, all=len(known), k=len(first))


def _sensitivity(edition: Edition, level: Level, start: Derivation) -> tuple[Table | None, str]:
    """Attribute the movement of ranks to the assumptions behind it."""
    spec = edition.scores(level).spec
    seed = edition.study.settings.seed
    try:
        found = rank_sensitivity(
            start,
            spec,
            rng=generator(seed, f"{level}.rank_sensitivity"),
            n=_POINTS,
            model=getattr(edition.study, f"{level}_model"),
        )
    except InputError:
        return None, say(edition, "robustness.nothing_uncertain")
    params = {"runs": found.runs, "change": number(found.mean_change)}
    if found.variance == 0:
        return None, joined(
            edition,
            [
                say(edition, "robustness.moved", **params, see=""),
                edition.text("robustness.said.constant"),
            ],
        )
    order = found.table.sort_values("total", ascending=False, kind="stable")
    rows = [
        (
            _factor(edition, str(factor)),
            number(row["first"]),
            say(edition, "interval", low=number(row["first_low"]), high=number(row["first_high"])),
            number(row["total"]),
            say(edition, "interval", low=number(row["total_low"]), high=number(row["total_high"])),
        )
        for factor, row in order.iterrows()
    ]
    heads = ("factor", "first", "interval", "total", "interval")
    made = table(
        f"sensitivity-{level}",
        say(edition, f"robustness.sensitivity_caption_{level}"),
        [
            (say(edition, f"robustness.head_{head}"), "right" if at else "left")
            for at, head in enumerate(heads)
        ],
        rows,
        note=say(edition, "robustness.sensitivity_note"),
    )
    moved = say(edition, "robustness.moved", **params, see=see(edition, made))
    return made, joined(edition, [moved, _largest_said(edition, order)])


def _largest_said(edition: Edition, order: pd.DataFrame) -> str:
    """Name the assumption that moves ranks most, and those it cannot be told from."""
    best = order.iloc[0]
    figures = {key: number(best[key]) for key in ("total", "total_low", "total_high")}
    others = order.index[1:][order["total_high"].iloc[1:] >= best["total_low"]]
    said = edition.text(
        "robustness.said.largest",
        factor=_factor(edition, str(order.index[0])),
        total=figures["total"], low=figures["total_low"], high=figures["total_high"],
    )  # fmt: skip
    if others.empty:
        return said
    names = listed(edition, inside(edition, [_factor(edition, str(one)) for one in others]))
    return joined(edition, [said, say(edition, "robustness.not_apart", names=names)])


def _factor(edition: Edition, name: str) -> str:
    key = f"shown.factor.{name}"
    return edition.text(key) if edition.text.has(key) else name


def _omissions(edition: Edition, level: Level, start: Derivation) -> tuple[Table | None, str]:
    """Say without which indicators the ranks would differ most."""
    scores = edition.scores(level)
    try:
        found = leave_one_out(start, scores.spec).table
    except InputError:
        return None, ""
    names = {item.id: edition.text.of(item.name.model_dump()) for item in scores.spec.indicator}
    found = found[found["id"].isin(names)].sort_values(
        "mean_change", ascending=False, kind="stable"
    )
    if found.empty:
        return None, ""
    short = edition.unit_names(level, short=True)
    top = scores.spec.uncertainty.top

    def units(codes: tuple[str, ...]) -> str:
        return listed(edition, [str(short[code]) for code in codes]) if len(codes) else ""

    rows = [
        (
            names[row["id"]],
            number(row["mean_change"]),
            number(row["largest_change"], 0),
            number(row["tau"]),
            units(row["entering"]),
            units(row["leaving"]),
        )
        for row in found.head(_OMITTED).to_dict("records")
    ]
    heads = ("omitted", "mean", "largest", "tau", "entering", "leaving")
    made = table(
        f"omissions-{level}",
        say(edition, f"robustness.omissions_caption_{level}"),
        [
            (say(edition, f"robustness.head_{head}", top=top), "right" if 0 < at < 4 else "left")  # noqa: PLR2004
            for at, head in enumerate(heads)
        ],
        rows,
        note=say(edition, "robustness.omissions_note", k=len(rows)),
    )
    worst = found.iloc[0]
    changed = int(found["entering"].map(len).gt(0).sum())
    said = say(
        edition,
        "robustness.omitted",
        name=names[worst["id"]],
        change=number(worst["mean_change"]),
        all=len(found),
        n=changed,
        top=top,
        see=see(edition, made),
    )
    return made, said

"""The chapter on the hub nodes and the cities around them."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from suanli.analysis.conclusion import p_text
from suanli.analysis.event import DESIGNS
from suanli.analysis.hub_conclusion import event_conclusions, spillover_conclusions
from suanli.analysis.hubs import HubResult
from suanli.publish.edition import Edition
from suanli.publish.finding import hub_grid, hub_sentences
from suanli.publish.sentences import worded
from suanli.publish.tables import hub_names
from suanli.report.blocks import (
    bullets,
    grid_table,
    note,
    paragraph,
    picture,
    section,
    see,
    table,
)
from suanli.report.document import Section, Table
from suanli.report.numerals import MISSING, number, p_cell, signed
from suanli.report.phrases import counted, listed, say

__all__ = ["hubs", "neighbours_verdict"]

_STRICT: Final = "region_and_size"
_NEAR: Final = 1


def hubs(edition: Edition, pictures: Path) -> Section | None:
    """Report the hub cities, their neighbours, and what approval changed.

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
    >>> [part.key for part in hubs(sample_edition(), Path()).sections]
    ['hubs-around', 'hubs-weights', 'hubs-approval']
    """
    shown = picture(
        pictures, "city-hub-rings", caption=edition.text("maps.title_rings"),
        shows="rings", edition=edition,
    )  # fmt: skip
    made = _cities(edition)
    catalogue = edition.catalogue
    return section(
        "hubs",
        say(edition, "hubs.title"),
        paragraph(
            edition,
            say(
                edition,
                "hubs.lead",
                hubs=catalogue.hubs["hub"].nunique(),
                cities=len(catalogue.hub_cities),
                see=see(edition, made, shown),
            ),
        ),
        made,
        shown,
        note(edition, edition.tested_note("city"), edition.hub_tests_note()),
        sections=[_around(edition, pictures), _weights(edition), _approval(edition, pictures)],
    )


def neighbours_verdict(edition: Edition) -> str:
    """Say what both ways of redrawing the hubs together allow one to conclude.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    str
        A sentence: an effect on neighbours is claimed only where it stands against cities
        of the same region and size.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> neighbours_verdict(sample_edition()).startswith("Against")
    True
    """
    study, alpha = edition.study, edition.study.settings.alpha
    strict, loose = _ring(study.hubs_by_size, _NEAR), _ring(study.hubs, _NEAR)
    if strict["p"] <= alpha:
        kind = "higher" if strict["difference"] > strict["expected"] else "lower"
    elif loose["p"] <= alpha:
        kind = "size"
    else:
        kind = "none"
    return say(
        edition,
        f"hubs.verdict_{kind}",
        difference=signed(strict["difference"]),
        expected=signed(strict["expected"]),
        detectable=number(strict["detectable"]),
        p=p_text(strict["p"]),
        loose=p_text(loose["p"]),
        alpha=f"{alpha:g}",
    )


def _ring(result: HubResult, ring: int) -> dict[Any, Any]:
    rows = {int(row["ring"]): row for row in result.rings.to_dict("records")}
    return rows[ring]


def _own_said(edition: Edition) -> str:
    """Warn that hub cities were chosen, where they score higher than others."""
    study = edition.study
    for result in (study.hubs_by_size, study.hubs):
        own = _ring(result, 0)
        if own["p"] <= study.settings.alpha and own["difference"] > own["expected"]:
            return say(edition, "hubs.chosen")
    return ""


def _cities(edition: Edition) -> Table | None:
    """List the hub cities with their neighbours."""
    found = edition.study.hubs.hubs
    names = edition.unit_names("city")
    index = edition.study.city.ranks["index"]
    rows = []
    for row, hub in zip(found.to_dict("records"), hub_names(edition, found["hub"]), strict=True):
        rank = index.get(row["code"], float("nan"))
        kind = row["cluster"] if isinstance(row["cluster"], str) else "ns"
        rows.append(
            (
                str(hub),
                str(names.get(row["code"], row["name"])),
                MISSING if pd.isna(rank) else f"{rank:g}",
                number(row["score"]),
                str(int(row["neighbours"])),
                number(row["neighbours_mean"]),
                MISSING if pd.isna(row["p"]) else edition.text(f"maps.lisa_{kind}"),
                p_cell(row["p_fdr"]),
            )
        )
    heads = ("hub", "city", "rank", "score", "neighbours", "mean", "kind", "p_fdr")
    return table(
        "hub-cities",
        say(edition, "hubs.cities_caption"),
        [
            (
                say(edition, f"hubs.head_{head}"),
                "left" if head in {"hub", "city", "kind"} else "right",
            )
            for head in heads
        ],
        rows,
        note=say(edition, "hubs.cities_note"),
    )


def _around(edition: Edition, pictures: Path) -> Section | None:
    shown = picture(
        pictures, "city-hub-bands", caption=edition.text("maps.title_bands"),
        shows="bands", edition=edition,
    )  # fmt: skip
    made = grid_table("hub-tests", say(edition, "hubs.tests_caption"), hub_grid(edition), words=1)
    return section(
        "hubs-around",
        say(edition, "hubs.around"),
        paragraph(
            edition,
            neighbours_verdict(edition),
            _own_said(edition),
            say(edition, "hubs.around_see", see=see(edition, made, shown)),
        ),
        made,
        bullets(hub_sentences(edition)),
        shown,
    )


def _weights(edition: Edition) -> Section | None:
    """Ask the same of bands, joins and other weights, the strict way of redrawing."""
    study = edition.study
    found = spillover_conclusions(study.hub_study.spillover, alpha=study.settings.alpha)
    said = [worded(one, edition.text, {}) for one in found if one.params["within"] == _STRICT]
    return section(
        "hubs-weights",
        say(edition, "hubs.weights"),
        paragraph(edition, say(edition, "hubs.weights_lead")),
        bullets(said),
    )


def _approval(edition: Edition, pictures: Path) -> Section | None:
    study, text = edition.study, edition.text
    events = study.hub_study.events
    if events.summary.empty:
        return None
    found = event_conclusions(events, alpha=study.settings.alpha)
    rows = []
    main = events.summary[events.summary["design"] == DESIGNS[0].id]
    for row in main.to_dict("records"):
        change = {
            name: signed(100.0 * float(np.expm1(row[name])), 1)
            for name in ("estimate", "lower", "upper", "detectable")
        }
        rows.append(
            (
                text(f"hubs.outcome_{row['outcome']}"),
                text(f"hubs.ring_{int(row['ring'])}"),
                str(int(row["treated"])),
                say(edition, "hubs.change", **change),
                p_cell(row["p_redraw"]),
                p_cell(row["p_fdr"]),
                p_cell(row["before_p_redraw"]),
                change["detectable"].lstrip("+"),
            )
        )
    heads = ("outcome", "ring", "treated", "change", "p", "p_fdr", "before", "detectable")
    made = table(
        "hub-events",
        say(edition, "hubs.events_caption"),
        [
            (say(edition, f"hubs.head_{head}"), "right" if at > 1 else "left")
            for at, head in enumerate(heads)
        ],
        rows,
        note=say(edition, "hubs.events_note"),
    )
    outcomes = list(dict.fromkeys(main["outcome"]))
    shown = [
        picture(
            pictures,
            f"city-hub-events-{outcome.replace('_', '-')}",
            caption=text("maps.title_events", outcome=text(f"hubs.outcome_{outcome}")),
            shows="events",
            edition=edition,
        )
        for outcome in outcomes
    ]
    names = listed(edition, [text(f"hubs.outcome_{outcome}") for outcome in outcomes])
    lead = counted(
        edition, "hubs.approval_lead", len(outcomes), names=names, see=see(edition, made, *shown)
    )
    before = [worded(one, text, {}) for one in found if one.key == "hubs.event_before"]
    designs = [worded(one, text, {}) for one in found if "design" in one.params]
    return section(
        "hubs-approval",
        say(edition, "hubs.approval"),
        paragraph(edition, lead),
        bullets([*designs, *before]),
        made,
        *shown,
    )

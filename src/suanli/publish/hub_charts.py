"""Charts of the hub study: rings and bands around hubs, series before and after approval."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.cartography.charts import ChartText, draw_bars, draw_lines
from suanli.analysis.event import DESIGNS
from suanli.text import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["band_label", "bands_chart", "events_chart"]


def band_label(row: Mapping[Any, Any], text: Text) -> str:
    """Name a ring or band.

    Parameters
    ----------
    row : Mapping
        A row of :attr:`suanli.analysis.spillover.SpilloverResult.bands`.
    text : Text
        The language.

    Returns
    -------
    str
        Such as "ring 1" or "100-200 km".

    Examples
    --------
    >>> row = {"ring": 2, "membership": "km", "above": 100.0, "up_to": 200.0}
    >>> band_label(row, Text("en"))
    '100–200 km'
    """
    if row["ring"] == 0:
        return text("maps.ring_0")
    if row["membership"] == "queen":
        return text(f"maps.ring_{row['ring']}")
    return f"{row['above']:g}–{row['up_to']:g} {row['membership']}"


def bands_chart(bands: pd.DataFrame, text: Text) -> "Figure":
    """Draw the mean score of the cities in each ring and band around the hubs.

    Parameters
    ----------
    bands : pandas.DataFrame
        The table of :class:`suanli.analysis.spillover.SpilloverResult`.
    text : Text
        The language.

    Returns
    -------
    matplotlib.figure.Figure
        Bars with bootstrap intervals.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> bands = sample_edition().study.hub_study.spillover.bands
    >>> bands_chart(bands, Text("en")).axes[0].get_xlabel()
    'points'
    """
    # Means and intervals are the same however hubs are redrawn; units at the hubs stand once.
    rows = bands[bands["redrawn_within"] == bands["redrawn_within"].iloc[-1]]
    rows = rows[((rows["ring"] > 0) | (rows["membership"] == "queen")) & rows["mean"].notna()]
    labels = [band_label(row, text) for row in rows.to_dict("records")]
    rows = rows.set_axis(labels)
    return draw_bars(
        rows["mean"],
        interval=rows[["lower", "upper"]].set_axis(["low", "high"], axis=1),
        marked=labels[:1],
        text=ChartText(
            title=text("maps.title_bands"),
            subtitle=text("maps.subtitle_bands"),
            x=text("maps.axis_gap"),
            notes=(text("maps.note_bands"),),
        ),
    )


def events_chart(effects: pd.DataFrame, outcome: str, text: Text) -> "Figure":
    """Draw what a yearly series did around the hubs before and after approval.

    Parameters
    ----------
    effects : pandas.DataFrame
        The table of :class:`suanli.analysis.event.EventResult`.
    outcome : str
        One of its outcomes.
    text : Text
        The language.

    Returns
    -------
    matplotlib.figure.Figure
        A line for hub cities and each ring, per cent relative to the last year before.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> effects = sample_edition().study.hub_study.events.effects
    >>> len(events_chart(effects, "telecom_revenue", Text("en")).axes[0].get_lines()) >= 3
    True
    """
    rows = effects[(effects["design"] == DESIGNS[0].id) & (effects["outcome"] == outcome)]
    series, bands = {}, {}
    for ring, part in rows.groupby("ring"):
        logs = part.set_index("event")[["estimate", "lower", "upper"]]
        table = logs.transform(np.expm1) * 100.0
        table.loc[part["base"].iloc[0]] = 0.0
        table = table.sort_index()
        table.index = table.index.astype(int)
        name = text(f"hubs.ring_{ring}")
        series[name] = table["estimate"]
        bands[name] = table[["lower", "upper"]].set_axis(["low", "high"], axis=1)
    first = text("hubs.ring_0")
    return draw_lines(
        series,
        bands={first: bands[first]} if first in bands else {},
        text=ChartText(
            title=text("maps.title_events", outcome=text(f"hubs.outcome_{outcome}")),
            subtitle=text("maps.subtitle_events"),
            x=text("maps.axis_events"),
            y="%",
            notes=(text("maps.note_events"),),
        ),
    )

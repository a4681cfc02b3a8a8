"""Fill docs/hub-study.md with the figures of the shipped data, and draw its charts.

    python scripts/hub_study.py

Every number of the page stands between two markers and is written by this script; equal input
and seed give equal bytes. With --permutations fewer hub sets are redrawn, for trying out.
"""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from geo.cartography.figure_file import write_figure
from geo.statistics import fdr_adjust
from geo.storage import write_text
from suanli.analysis.event import DESIGNS
from suanli.analysis.hub_conclusion import event_conclusions, spillover_conclusions
from suanli.analysis.hub_study import HubStudy, hub_study
from suanli.boundaries import load_boundaries, load_bridges
from suanli.data import load_catalogue
from suanli.evaluation import evaluate
from suanli.profile import inference_spec, load_profile
from suanli.publish.hub_charts import band_label, bands_chart, events_chart
from suanli.run.config import DEFAULT_SEED
from suanli.run.further import worded
from suanli.study import generator, scored_table
from suanli.text import Text

PAGE = Path(__file__).resolve().parents[1] / "docs" / "hub-study.md"
BLOCK = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
MAIN = DESIGNS[0].id
STRICT = "region_and_size"


def conducted(permutations: int) -> HubStudy:
    """Conduct the study on the shipped data, as `suanli hubs` does."""
    catalogue, layer = load_catalogue(), load_boundaries().city
    spec = inference_spec(load_profile("city-compute"))
    scores = evaluate(scored_table(catalogue.city, layer), spec)
    return hub_study(
        scores,
        layer,
        catalogue,
        bridges=load_bridges("city"),
        permutations=permutations,
        rng=generator(DEFAULT_SEED, "hubs"),
    )


def blocks(study: HubStudy) -> dict[str, str]:
    """Return the generated parts of the page by name."""
    text = Text("en")
    spillover, events = study.spillover, study.events
    said = [*spillover_conclusions(spillover), *event_conclusions(events)]
    sentences = [worded(one, text, {}) for one in said]
    half = len(spillover_conclusions(spillover))
    return {
        "design": f"{events.permutations} redrawn hub sets, seed {DEFAULT_SEED}.",
        "bands": _bands(spillover.bands, text),
        "decay": _markdown(
            spillover.decay,
            {
                "redrawn_within": "redrawn within",
                "membership": "rings by",
                "slope": "slope",
                "expected": "expected",
                "p": "p",
            },
        ),
        "neighbours": _markdown(
            spillover.neighbours,
            {
                "redrawn_within": "redrawn within",
                "statistic": "statistic",
                "value": "value",
                "expected": "expected",
                "detectable": "detectable",
                "p": "p",
            },
            digits=0,
        ),
        "weights": _weights(spillover.weights),
        "spillover_sentences": _bullets(sentences[:half]),
        "events": _events(events.summary[events.summary["design"] == MAIN], text),
        "single_years": _single_years(events.effects, text),
        "designs": _designs(events.summary),
        "event_sentences": _bullets(sentences[half:]),
    }


def filled(page: str, parts: Mapping[str, str]) -> str:
    """Put the generated parts between their markers."""
    return BLOCK.sub(lambda found: f"{found[1]}{parts[found[2]]}\n{found[3]}", page)


def figures(study: HubStudy) -> dict[str, Figure]:
    """Draw the charts of the page by file name without suffix."""
    text = Text("en")
    drawn = {"hub-bands": bands_chart(study.spillover.bands, text)}
    for outcome in ("telecom_revenue", "gdp_per_head"):
        name = f"hub-events-{outcome.replace('_', '-')}"
        drawn[name] = events_chart(study.events.effects, outcome, text)
    return drawn


def main() -> None:
    """Fill the page and write its charts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--permutations", type=int, default=9_999)
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    study = conducted(options.permutations)
    page = filled(options.page.read_text(encoding="utf-8"), blocks(study))
    write_text(options.page, page)
    for name, figure in figures(study).items():
        base = options.page.parent / "figures" / name
        for path in write_figure(figure, base, formats=("png",)):
            print(path.name)


def _bands(bands: pd.DataFrame, text: Text) -> str:
    strict = bands[bands["redrawn_within"] == STRICT]
    anywhere = bands[bands["redrawn_within"] == "anywhere"]
    rows = strict.assign(band=[band_label(row, text) for row in strict.to_dict("records")])
    rows["p_anywhere"] = anywhere["p"].to_numpy()
    rows = rows[(rows["ring"] > 0) | (rows["membership"] == "queen")]
    columns = {
        "band": "band",
        "n": "cities",
        "mean": "mean",
        "lower": "lower",
        "upper": "upper",
        "difference": "against farther",
        "expected": "expected",
        "detectable": "detectable",
        "p": "p",
        "p_fdr": "p adjusted",
        "p_anywhere": "p, redrawn anywhere",
    }
    return _markdown(rows, columns, digits=1)


def _weights(weights: pd.DataFrame) -> str:
    rows = weights[weights["redrawn_within"] == STRICT]
    columns = {
        "rule": "weights",
        "n": "cities in ring 1",
        "difference": "ring 1",
        "expected": "expected",
        "p": "p",
        "slope": "slope",
        "slope_p": "p (slope)",
        "moran": "Moran",
        "moran_p": "p (Moran)",
        "joins": "joins",
        "joins_p": "p (joins)",
        "isolates": "isolates",
    }
    return _markdown(rows, columns)


def _events(summary: pd.DataFrame, text: Text) -> str:
    rows = summary.assign(
        series=[text(f"hubs.outcome_{name}") for name in summary["outcome"]],
        cities=summary["treated"].astype(int),
    )
    for name in ("estimate", "lower", "upper", "expected", "detectable"):
        rows[name] = 100.0 * np.expm1(rows[name])
    columns = {
        "series": "series",
        "ring": "ring",
        "cities": "cities",
        "estimate": "change, %",
        "lower": "lower",
        "upper": "upper",
        "expected": "expected",
        "detectable": "detectable",
        "p_redraw": "p",
        "p_fdr": "p adjusted",
        "before_p_redraw": "p, years before",
    }
    return _markdown(rows, columns, digits=1)


def _single_years(effects: pd.DataFrame, text: Text) -> str:
    rows = effects[(effects["design"] == MAIN) & (effects["event"] >= 0)]
    adjusted = fdr_adjust(rows["p_redraw"])
    first = rows.loc[rows["p_redraw"].idxmin()]
    series, ring = text(f"hubs.outcome_{first['outcome']}"), text(f"hubs.ring_{first['ring']}")
    return (
        f"Year by year there are {len(rows)} tests. The smallest p is {first['p_redraw']:.3f} "
        f"({series.lower()}, {ring}, {2022 + int(first['event'])}, "
        f"{100.0 * np.expm1(first['estimate']):+.1f} %), adjusted {adjusted.min():.3f}."
    )


def _designs(summary: pd.DataFrame) -> str:
    rows = summary.groupby("design", sort=False).agg(
        tests=("p_redraw", "size"), smallest=("p_redraw", "min"), adjusted=("p_fdr", "min")
    )
    columns = {
        "design": "design",
        "tests": "tests",
        "smallest": "smallest p",
        "adjusted": "smallest p adjusted",
    }
    return _markdown(rows.reset_index(), columns)


def _markdown(table: pd.DataFrame, columns: Mapping[str, str], *, digits: int = 2) -> str:
    lines = ["| " + " | ".join(columns.values()) + " |", "| --- " * len(columns) + "|"]
    for row in table.to_dict("records"):
        cells = [_cell(name, row[name], digits) for name in columns]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(name: str, value: object, digits: int) -> str:
    if not isinstance(value, float):
        return str(value).replace("region_and_size", "region and size")
    if np.isnan(value):
        return "-"
    if name == "p" or "p_" in name or name.endswith("_p") or name in {"smallest", "adjusted"}:
        return f"{value:.3f}"
    # Joins and Moran's I share columns: three digits that count suit both.
    return f"{value:.3g}" if name in {"moran", "joins"} or not digits else f"{value:.{digits}f}"


def _bullets(sentences: list[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


if __name__ == "__main__":
    main()

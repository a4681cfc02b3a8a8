"""Charts of the hub study say what its tables hold."""

import numpy as np
import pytest

from suanli.analysis.event import DESIGNS, OUTCOMES
from suanli.publish.hub_charts import bands_chart, events_chart
from suanli.run.sample import sample_edition
from suanli.text import LANGUAGES, Text


@pytest.fixture(scope="module")
def study():
    return sample_edition().study.hub_study


def lines_of(figure):
    """Return the points of the lines that have markers."""
    lines = [line for line in figure.axes[0].get_lines() if line.get_marker() == "o"]
    return [dict(zip(*line.get_data(), strict=True)) for line in lines]


@pytest.mark.parametrize("outcome", [outcome.id for outcome in OUTCOMES])
def test_lines_start_from_the_last_year_with_data(study, outcome):
    effects = study.events.effects
    rows = effects[(effects["design"] == DESIGNS[0].id) & (effects["outcome"] == outcome)]
    lines = lines_of(events_chart(effects, outcome, Text("en")))
    assert len(lines) == rows["ring"].nunique() == 3
    for line, (_, part) in zip(lines, rows.groupby("ring"), strict=True):
        found = part.set_index("event")["estimate"]
        (base,) = part["base"].unique()
        assert line.pop(base) == 0.0
        assert sorted(line) == sorted(found.index)
        for event, value in line.items():
            assert value == pytest.approx(100.0 * np.expm1(found[event]))


def test_base_years_are_those_of_the_data(study):
    # Industrial electricity has no values between 2019 and the first treated year, 2022.
    rows = study.events.effects.query("design == 'main'")
    bases = rows.groupby("outcome")["base"].unique().map(list).to_dict()
    assert bases == {
        "telecom_revenue": [-1.0],
        "industrial_electricity": [-3.0],
        "gdp_per_head": [-1.0],
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_band_with_cities_has_a_bar(study, lang):
    bands = study.spillover.bands
    first = bands[bands["redrawn_within"] == bands["redrawn_within"].iloc[0]]
    axes = bands_chart(bands, Text(lang)).axes[0]
    means = [bar.get_width() for bar in axes.patches]
    kept = first[((first["ring"] > 0) | (first["membership"] == "queen")) & first["n"].gt(0)]
    assert means == pytest.approx(kept["mean"].to_list())
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert len(set(names)) == len(names) == len(means)

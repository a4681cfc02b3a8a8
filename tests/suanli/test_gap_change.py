"""How the gap changed before and within the last years: computed by hand, said as found."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from suanli.analysis.gap import DEFINITIONS
from suanli.analysis.gap_change import gap_changes
from suanli.publish.finding import findings, gap_change_sentences
from suanli.publish.front_parts import points
from suanli.report.gap_change import change_section
from suanli.run.sample import sample_edition

CODES = ("110000", "310000", "510000", "540000")
REGIONS = pd.DataFrame(
    {one.column: ["east", "east", "west", "west"] for one in DEFINITIONS}, index=list(CODES)
)


def panel(east, west):
    """Scores of two units a side, by year: those of a side differ by 2 in every year."""
    return {
        2016 + at: SimpleNamespace(
            nodes=pd.DataFrame({"index": [e - 1.0, e + 1.0, w - 1.0, w + 1.0]}, index=list(CODES)),
            indicators=pd.DataFrame(index=list(CODES)),
            spec=None,
        )
        for at, (e, w) in enumerate(zip(east, west, strict=True))
    }


def found(east, west, **options):
    return gap_changes(
        panel(east, west), REGIONS, rng=np.random.default_rng(1), replicates=199, **options
    )


def test_spans_and_changes_are_those_of_the_means():
    table = found([20, 19, 18, 17, 17, 17], [10] * 6)
    first, second = table[table["definition"].eq("region4")].to_dict("records")
    assert (first["first_year"], first["last_year"]) == (2016, 2018)
    assert (second["first_year"], second["last_year"]) == (2018, 2021)
    assert (first["from"], first["to"], first["change"]) == (10, 8, -2)
    assert second["change"] == -1
    # Units that keep their distances leave nothing to chance.
    assert first["lower"] == pytest.approx(-2)
    assert first["direction"] == second["direction"] == "narrowing"
    assert (table["n"] == 4).all()


def test_nearer_to_zero_is_narrower_whoever_leads():
    behind = found([5] * 6, [15, 14, 13, 13, 14, 15])
    assert behind["direction"].unique().tolist() == ["narrowing", "widening"]
    assert found([9] * 6, [5] * 6)["direction"].eq("insignificant").all()


def test_few_years_say_nothing():
    assert found([20, 19, 18, 17, 16], [10] * 5).empty


def test_equal_seeds_give_equal_intervals():
    pd.testing.assert_frame_equal(found([3, 9, 4, 8, 1, 7], [2] * 6),
                                  found([3, 9, 4, 8, 1, 7], [2] * 6))  # fmt: skip


def test_sentences_count_the_table_and_stand_everywhere():
    edition = sample_edition()
    table = edition.study.gap_changes
    said = gap_change_sentences(edition)
    for sentence, (first, rows) in zip(said, table.groupby("first_year"), strict=True):
        assert sentence.startswith(f"From {first} to {rows['last_year'].iloc[0]}")
        narrowing = int(rows["direction"].eq("narrowing").sum())
        if rows["direction"].eq("insignificant").all():
            assert f"significantly under none of {len(rows)} definitions" in sentence
        else:
            assert f"significantly under {narrowing}," in sentence
    assert all(sentence in findings(edition) for sentence in said)
    assert all(sentence in dict(points(edition))["East and west"] for sentence in said)
    written = change_section(edition)
    assert len(written.blocks[1].rows) == len(table)
    verdicts = [row[-1] for row in written.blocks[1].rows]
    assert verdicts == [
        edition.text(f"front.verdict_{direction}") for direction in table["direction"]
    ]

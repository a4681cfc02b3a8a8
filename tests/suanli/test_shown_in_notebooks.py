"""What shows itself in a notebook: short, escaped, without anything that acts or asks."""

from html.parser import HTMLParser

import pandas as pd
import pytest

from geo.cartography.spec import LegendEntry, MapSpec, MapText, Theme
from suanli.data import load_catalogue
from suanli.evaluation import evaluate
from suanli.profile import load_profile

EVIL = "</table><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{count}"
TAGS = {"table", "caption", "thead", "tbody", "tr", "th", "td", "div", "strong", "small", "span"}


class Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.attributes, self.text = set(), [], set(), ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def scores():
    return evaluate(load_catalogue().city, load_profile("city-compute"))


def test_scores_show_their_leaders(scores):
    html = scores._repr_html_()
    page = Reader(html)
    assert page.open == []
    assert page.tags <= TAGS
    assert page.attributes == set()
    assert len(html) < 6_000
    best = scores.index.idxmax()
    assert f"<td>1</td><td>{best}</td><td>{scores.index[best]:.2f}</td>" in html
    assert "city-compute · 2023" in page.text


def test_scores_escape_what_they_are_told(scores):
    from dataclasses import replace

    nodes = scores.nodes.rename(columns={"demand": EVIL}, index={scores.index.idxmax(): EVIL})
    ranks = scores.ranks.rename(columns={"demand": EVIL}, index={scores.index.idxmax(): EVIL})
    page = Reader(replace(scores, nodes=nodes, ranks=ranks)._repr_html_())
    assert page.open == []
    assert page.tags <= TAGS
    assert page.text.count(EVIL) == 2


def test_units_without_a_score_are_blank(scores):
    from dataclasses import replace

    few = scores.index.index[:3]
    nodes = scores.nodes.loc[few].assign(index=float("nan"))
    ranks = scores.ranks.loc[few].assign(index=float("nan"))
    html = replace(scores, nodes=nodes, ranks=ranks)._repr_html_()
    assert "nan" not in html
    assert "0/3" in html


def test_maps_show_their_legend():
    entries = (
        LegendEntry(label=EVIL, colour='"><script>', count=3, mark="HH"),
        LegendEntry(label="none", colour="#f2f2f2", count=1, hatch="/"),
    )
    theme = Theme(entries=entries, membership=pd.Series({"a": 0}), legend_title=EVIL, scheme="s")
    text = MapText(lang="en", no_data="", not_evaluated="", count="({count})")
    spec = MapSpec(theme=theme, title=EVIL, subtitle="b", text=text, notes=(EVIL,))
    page = Reader(spec._repr_html_())
    assert page.open == []
    assert page.tags <= TAGS
    assert page.attributes <= {"style"}
    assert page.text.count(EVIL) == 4
    assert "(3)" in page.text

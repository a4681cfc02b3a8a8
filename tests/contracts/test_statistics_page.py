"""The page on spatial statistics names every function there is, and none that is not."""

import inspect
import re
from pathlib import Path

import pytest

from geo import statistics, weights

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
FUNCTIONS = sorted(
    name for name in statistics.__all__ if inspect.isfunction(getattr(statistics, name))
)
# Columns, options and R functions that look like a function of ours.
WORDS = {"p_fdr", "p_bonferroni", "p_redraw", "localmoran_perm"}


def named() -> set[str]:
    return set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", PAGE))


def test_there_is_something_to_check() -> None:
    assert len(FUNCTIONS) > 40


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_on_the_page(function: str) -> None:
    assert function in named()


def test_every_function_on_the_page_exists() -> None:
    wanted = {name for name in named() if "_" in name} - WORDS
    there = {*statistics.__all__, *weights.__all__}
    assert sorted(wanted - there) == []


def test_every_source_cited_is_listed() -> None:
    text, _, sources = PAGE.partition("## Sources")
    cited = set(re.findall(r"[A-Z][\w']+(?: and [A-Z][\w']+)? \(?(?:19|20)\d\d", text))
    assert len(cited) >= 20
    lacking = []
    for one in cited:
        author, year = re.fullmatch(r"([\w']+).*?(\d{4})", one).groups()
        lines = [line for line in sources.splitlines() if author in line and year in line]
        if not lines:
            lacking.append(one)
    assert lacking == []

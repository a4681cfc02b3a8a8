"""Pictures go where pages have room, in their order and in their chapter."""

from pathlib import Path

import pytest

from suanli.report.document import Column, Paragraph, Picture, Table
from suanli.report.flow import Sheet, flowed, used
from suanli.report.plan import Chapter

STYLES = ("body", "caption", "table", "note", "h1", "h2", "h3")
SIZES = dict.fromkeys(STYLES, 10.0)
SHEET = Sheet(width=400, height=600, points=SIZES, leads=SIZES, after=5, shape=lambda _: 0.7)


def shown(key):
    return Picture(key=key, caption=key, path=Path("x.png"), alt="")


def said(lines):
    return Paragraph(text="字" * (40 * lines - 2))


def chapter(*blocks, level=1):
    return Chapter(number="1", anchor="s1", level=level, title="One", blocks=blocks)


def keys(blocks):
    return [block.key if isinstance(block, Picture) else "text" for block in blocks]


def test_a_picture_with_room_stays_where_it_is():
    blocks = (said(5), shown("a"), said(5))
    assert flowed([chapter(*blocks)], SHEET) == [blocks]


def test_a_picture_without_room_lets_the_text_go_first():
    (blocks,) = flowed([chapter(said(40), shown("a"), said(20), said(3))], SHEET)
    assert keys(blocks) == ["text", "text", "a", "text"]


def test_pictures_keep_their_order():
    (blocks,) = flowed([chapter(said(40), shown("a"), shown("b"), said(30), said(30))], SHEET)
    assert [key for key in keys(blocks) if key != "text"] == ["a", "b"]


def test_a_picture_may_enter_the_next_section_but_no_other_chapter():
    late = chapter(said(40), shown("a"))
    same = flowed([late, chapter(said(20), level=2)], SHEET)
    assert [keys(blocks) for blocks in same] == [["text"], ["text", "a"]]
    other = flowed([late, chapter(said(20))], SHEET)
    assert [keys(blocks) for blocks in other] == [["text", "a"], ["text"]]


@pytest.mark.parametrize(("lines", "share"), [(23, 1.0), (26, 0.95), (29, None)])
def test_a_picture_becomes_a_little_smaller_before_it_waits(lines, share):
    (blocks,) = flowed([chapter(said(lines), shown("a"), said(3))], SHEET)
    if share is None:
        assert keys(blocks) == ["text", "text", "a"]
    else:
        assert keys(blocks) == ["text", "a", "text"]
        assert 0.9 <= blocks[1].share <= 1
        assert (blocks[1].share == 1) == (share == 1)


def test_nothing_is_lost():
    table = Table(key="t", caption="t", columns=(Column(title="A"),), rows=(("1",),) * 9)
    blocks = (said(9), shown("a"), table, shown("b"), said(30), shown("c"), table, shown("d"))
    (found,) = flowed([chapter(*blocks)], SHEET)
    assert sorted(map(str, keys(found))) == sorted(map(str, keys(blocks)))
    assert len(found) == len(blocks)


def test_what_is_used_of_a_page():
    assert used([said(3)], SHEET, before=100.0) == 135.0
    assert used([said(58)], SHEET, before=100.0) == pytest.approx(85.0)

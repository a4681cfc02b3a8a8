"""The shipped font: its name, its licence, and a glyph for every name on the map."""

import csv
import warnings
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from geo.cartography import font

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "data" / "boundaries" / "units.csv"


def test_family_is_our_own_and_registration_is_idempotent():
    from matplotlib.font_manager import fontManager

    assert font.register_font() == font.register_font() == "Atlas Sans SC"
    assert [entry.name for entry in fontManager.ttflist].count("Atlas Sans SC") == 1


def test_licence_travels_with_the_font():
    licence = (font.font_path().parent / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Adobe" in licence


def test_size_is_fit_for_a_wheel():
    assert font.font_path().stat().st_size <= 1_800_000


@pytest.mark.parametrize(
    "text",
    [
        "埇沚浉瀍猇硚鄠",  # in names of units, outside GB 2312
        "①②③④⑤⑥⑦⑧⑨⑩",
        "−≤≥×–—…·°²³±%‰√≈≠",
        "，。、；：？！（）《》“”‘’【】",
        "算力存力运力环境综合评价枢纽节点聚类显著",
        "ABCxyz0123456789 àéîõü",
    ],
)
def test_signs_have_glyphs(text):
    assert font.missing_glyphs(text) == ()


def test_every_unit_name_has_glyphs():
    with UNITS.open(encoding="utf-8") as stream:
        names = "".join(row["name"] + row["short_name"] for row in csv.DictReader(stream))
    assert len(names) > 1000
    assert font.covers(names)


def page_codes() -> set[int]:
    ttlib = pytest.importorskip("fontTools.ttLib")
    pytest.importorskip("brotli", reason="the WOFF2 of the pages needs brotli to be read")
    path = font.font_path().with_name("AtlasSansSC-Regular-page.woff2")
    return set(ttlib.TTFont(path).getBestCmap())


def test_page_font_has_every_unit_name():
    with UNITS.open(encoding="utf-8") as stream:
        names = {char for row in csv.DictReader(stream) for char in row["name"]}
    assert {char for char in names if ord(char) not in page_codes()} == set()


def test_what_has_no_glyph_shows_as_a_geta():
    assert font.printable("a😀b") == "a〓b"
    assert font.printable("China’s 省’") == "China's 省’"


def test_drawing_names_warns_of_nothing():
    figure = Figure(figsize=(2, 1))
    figure.text(
        0, 0, font.printable("宿州市埇桥区 −1.5 😀"), fontproperties=font.font_properties(8)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.canvas.draw()

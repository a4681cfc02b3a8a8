"""Styles for GIS programs: they draw every unit as the map does, and are sound XML."""

import sqlite3
import zipfile
from contextlib import closing
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cartography.classify import classify
from geo.cartography.palette import Category
from geo.cartography.spec import MapText
from geo.cartography.theme import categorical, graduated
from geo.errors import ExportError
from geo.export import write_geopackage
from geo.export.project import ProjectGroup, ProjectLayer, write_project
from geo.export.qml import expression, qml
from geo.export.sld import sld
from geo.export.style import Above, Among, LayerStyle, Missing, PlainStyle, StyleRule, style_of

TEXT = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
HOSTILE = "\"'><script>alert(1)</script>&\x01]]>"


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.partition("\n")[2])  # noqa: S314 - whether it is sound is the question


def layer(count: int = 40) -> gpd.GeoDataFrame:
    shapes = [shapely.box(100 + i % 8, 20 + i // 8, 101 + i % 8, 21 + i // 8) for i in range(count)]
    flags = [i < count - 3 for i in range(count)]
    return gpd.GeoDataFrame(
        {"evaluated": flags}, geometry=shapes, index=[f"u{i}" for i in range(count)], crs=4326
    )


def scored(scheme: str = "fisher_jenks") -> tuple[LayerStyle, pd.Series, pd.Series]:
    """A style, its theme's membership and the column: 30 scores, 7 gaps, 3 not evaluated."""
    frame = layer()
    values = pd.Series(np.random.default_rng(3).gamma(2, 20, 30), index=frame.index[:30])
    theme = graduated(
        frame,
        values,
        classify(values, scheme=scheme, k=5),
        text=TEXT,
        not_evaluated=tuple(frame.index[~frame["evaluated"]]),
        legend_title="score",
    )
    column = values.round(6).reindex(frame.index).rename("index")
    style = style_of(theme, column, name="index", flag=frame["evaluated"])
    return style, theme.membership, column


def holds(rule: StyleRule, value: object, *, flag: bool) -> bool:
    """An interpreter of conditions of its own."""
    condition = rule.condition
    if isinstance(condition, Missing):
        return bool(pd.isna(value)) and (not condition.flag or flag == condition.holds)
    if pd.isna(value):
        return False
    if isinstance(condition, Among):
        return value in condition.values
    low = -np.inf if condition.low is None else condition.low
    high = np.inf if condition.high is None else condition.high
    return low < value <= high


@pytest.mark.parametrize("scheme", ["fisher_jenks", "quantiles", "equal_interval"])
def test_every_unit_has_one_rule_and_it_is_that_of_the_map(scheme: str) -> None:
    style, membership, column = scored(scheme)
    flags = layer()["evaluated"]
    for code, value in column.items():
        fitting = [
            place
            for place, rule in enumerate(style.rules)
            if holds(rule, value, flag=bool(flags[code]))
        ]
        assert fitting == [membership[code]], code


def test_categories_keep_their_colours_and_unused_ones_are_left_out() -> None:
    frame = layer(6)
    kinds = pd.Series(["HH", "HH", "ns"], index=frame.index[:3])
    looks = {
        "HH": ("high", Category(colour="#ff0000")),
        "LL": ("low", Category(colour="#0000ff")),
        "ns": ("not significant", Category(colour="#eeeeee")),
    }
    theme = categorical(frame, kinds, looks, text=TEXT)
    style = style_of(theme, kinds.rename("lisa"), name="lisa")
    assert [(rule.colour, rule.condition) for rule in style.rules] == [
        ("#ff0000", Among(values=("HH",))),
        ("#eeeeee", Among(values=("ns",))),
        ("#f2f2f2", Missing()),
    ]


def test_a_column_that_does_not_tell_the_classes_apart_is_refused() -> None:
    frame = layer()
    values = pd.Series(np.arange(40.0), index=frame.index)
    theme = graduated(frame, values, classify(values, k=4), text=TEXT)
    with pytest.raises(ExportError) as refused:
        style_of(theme, (values * 0 + 1).rename("index"), name="index")
    assert refused.value.code == "export.style"


def test_expressions_quote_what_could_break_them() -> None:
    assert expression('a"b', Among(values=("it's", 2))) == "\"a\"\"b\" IN ('it''s', 2)"
    assert expression("x", Missing(flag="ok", holds=False)) == '"x" IS NULL AND NOT "ok"'
    assert expression("x", Above(low=0.1)) == '"x" > 0.1'


def test_words_cannot_leave_their_place_in_the_files() -> None:
    rule = StyleRule(label=HOSTILE, colour="#ff0000", condition=Among(values=(HOSTILE,)))
    style = LayerStyle(name="s", title=HOSTILE, column="c", rules=(rule,))
    shown = HOSTILE.replace("\x01", "\ufffd")
    root = parsed(qml(style))
    assert root.find(".//rule").get("label") == shown
    assert root.find(".//script") is None
    described = parsed(sld(style))
    names = {"sld": "http://www.opengis.net/sld"}
    assert described.find(".//sld:Rule/sld:Title", names).text == shown
    assert not [node for node in described.iter() if node.tag.endswith("script")]


@pytest.mark.parametrize(
    ("look", "geometry", "symbolizer"),
    [("Point", "0", "Point"), ("Line", "1", "Line"), ("Ring", "2", "Polygon"),
     ("Polygon", "2", "Polygon")],
)  # fmt: skip
def test_one_look_for_all_is_written_for_both(look: str, geometry: str, symbolizer: str) -> None:
    style = PlainStyle(name="s", title=HOSTILE, look=look, label="name" if look == "Point" else "")
    root = parsed(qml(style))
    assert root.find("renderer-v2").get("type") == "singleSymbol"
    assert root.find("layerGeometryType").text == geometry
    labelled = [node.get("fieldName") for node in root.iter("text-style")]
    assert labelled == (["name"] if look == "Point" else [])
    assert ("Labeling" in root.get("styleCategories")) == (look == "Point")
    names = {"sld": "http://www.opengis.net/sld"}
    (rule,) = parsed(sld(style)).iterfind(".//sld:Rule", names)
    assert rule.find(f"sld:{symbolizer}Symbolizer", names) is not None
    # Areas stay open; nothing but outlines is drawn of them.
    assert (rule.find("sld:PolygonSymbolizer/sld:Fill", names)) is None
    dashes = [node for node in rule.iter() if node.get("name") == "stroke-dasharray"]
    assert bool(dashes) == (look == "Ring")


def test_styles_stand_in_the_package_first_as_default(tmp_path) -> None:
    style, _, column = scored()
    other = LayerStyle(name="other", title="Other", column="index", rules=style.rules)
    frame = layer().assign(index=column)
    for name in ("a", "b"):
        write_geopackage(
            tmp_path / f"{name}.gpkg", {"city": frame}, styles={"city": [style, other]}
        )
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as base:
        rows = base.execute(
            "SELECT f_table_name, f_geometry_column, styleName, useAsDefault FROM layer_styles"
        ).fetchall()
        geometry = base.execute("SELECT column_name FROM gpkg_geometry_columns").fetchone()[0]
    assert rows == [("city", geometry, "score", 1), ("city", geometry, "Other", 0)]


def test_a_project_is_one_sound_file_with_the_same_bytes(tmp_path) -> None:
    style, _, _ = scored()
    groups = [
        ProjectGroup(title="", layers=(ProjectLayer(table="hubs", title="h", geometry="Point"),)),
        ProjectGroup(
            title=HOSTILE,
            layers=(ProjectLayer(table="city", title=HOSTILE, style=style, visible=True),),
        ),
    ]
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_project(
            tmp_path / name / "p.qgz",
            groups,
            package="p.gpkg",
            title=HOSTILE,
            crs="+proj=aea +lat_1=25 +lat_2=47 +lon_0=105",
            extent=(-1.0, -2.0, 3.0, 4.0),
        )
    first = (tmp_path / "a" / "p.qgz").read_bytes()
    assert first == (tmp_path / "b" / "p.qgz").read_bytes()
    with zipfile.ZipFile(tmp_path / "a" / "p.qgz") as archive:
        root = parsed(archive.read("p.qgs").decode("utf-8"))
    ids = [node.text for node in root.findall("projectlayers/maplayer/id")]
    assert ids == [node.get("id") for node in root.iter("layer-tree-layer")]
    # QGIS replaces shorter ones, and the list of layers then points nowhere.
    assert min(map(len, ids)) > 10
    assert {node.text for node in root.findall("projectlayers/maplayer/datasource")} == {
        "./p.gpkg|layername=hubs",
        "./p.gpkg|layername=city",
    }

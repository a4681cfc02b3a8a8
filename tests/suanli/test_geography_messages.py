"""Every error of layers, reference systems, joins and boundaries has a sentence."""

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import geo.crs
import suanli.boundaries
from geo.crs import check_extent
from geo.errors import GeoError
from geo.join import join_table
from geo.layer import dissolve_units, merge_units, read_layer, simplify_coverage, write_layer
from suanli.text import LANGUAGES, Text

CODE = re.compile(r'"((?:layer|crs|join|boundaries)\.[a-z_]+)"')


def codes():
    house, application = Path(geo.crs.__file__).parent, Path(suanli.boundaries.__file__).parent
    sources = [house / "crs.py", house / "join.py", *(house / "layer").glob("*.py")]
    sources += application.glob("*.py")
    found = {code for path in sources for code in CODE.findall(path.read_text(encoding="utf-8"))}
    return sorted(found)


def units(*bounds, index="ab"):
    shapes = [shapely.box(*b) for b in bounds]
    frame = gpd.GeoDataFrame(geometry=shapes, index=list(index)[: len(shapes)], crs=4326)
    return frame.rename_axis("code")


def two():
    return units((110, 30, 111, 31), (111, 30, 112, 31))


def table(index):
    return pd.DataFrame({"score": 1.0}, index=index)


def read(tmp_path, frame, *, name="a.geojson", **options):
    path = tmp_path / name
    path.write_text(frame.to_json(), encoding="utf-8")
    read_layer(path, **options)


FAULTS = {
    "crs.swapped": lambda _: check_extent(units((30, 110, 31, 111))),
    "crs.projected": lambda _: check_extent(units((3e5, 4e6, 4e5, 5e6))),
    "crs.outside": lambda _: check_extent(units((10, 45, 11, 46))),
    "join.table_not_text": lambda _: join_table(two(), table([1, 2])),
    "join.table_duplicates": lambda _: join_table(two(), table(["a", "a"])),
    "join.columns": lambda _: join_table(two().assign(score=1), table(["a"])),
    "join.nothing": lambda _: join_table(two(), table(["x"])),
    "layer.merge": lambda _: merge_units(two(), {"a": "x"}),
    "layer.ungrouped": lambda _: dissolve_units(two(), by=pd.Series({"a": "x"})),
    "layer.simplified_invalid": lambda _: simplify_coverage(
        units((110, 30, 110.004, 30.004), (111, 30, 112, 31)), 100, decimals=1
    ),
    "layer.not_geographic": lambda path: write_layer(two().to_crs(3857), path / "x.geojson"),
    "layer.missing_file": lambda path: read_layer(path / "none.gpkg"),
    "layer.format": lambda path: read(path, two(), name="a.txt"),
    "layer.no_code_column": lambda path: read(path, two(), code="x"),
    "layer.no_code": lambda path: read(path, two().assign(code=["", "b"])),
    "layer.duplicate_code": lambda path: read(path, two().assign(code="a")),
    "layer.several_problems": lambda path: read(
        path,
        gpd.GeoDataFrame({"code": ["a", "a"]}, geometry=[None, shapely.Point(0, 0)], crs=4326),
    ),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", codes())
def test_every_code_has_a_sentence(code, lang):
    assert Text(lang).has(code)


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_sentences_take_the_values_of_the_error(tmp_path, code):
    with pytest.raises(GeoError) as caught:
        FAULTS[code](tmp_path)
    assert caught.value.code == code
    for lang in LANGUAGES:
        sentence = Text(lang)(code, **caught.value.params)
        assert "{" not in sentence
        assert len(sentence) > 10


@pytest.mark.parametrize("area", ["boundaries", "layer", "crs", "join"])
def test_both_languages_have_the_same_placeholders(area):
    def placeholders(lang):
        source = Path(suanli.boundaries.__file__).parents[1] / "messages" / lang / f"{area}.toml"
        lines = source.read_text(encoding="utf-8").splitlines()
        pairs = [line.split(" = ", 1) for line in lines if " = " in line]
        return [(key, sorted(re.findall(r"\{(\w+)", text))) for key, text in pairs]

    assert placeholders("zh") == placeholders("en")

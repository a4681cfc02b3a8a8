"""Rasters declared in a profile: measured, named, replaced by tables, refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from geo.raster import STATISTICS, zonal_statistics
from geo.raster.tally import quantile_of
from suanli import evaluate, load_profile, shipped_data
from suanli.boundaries import load_boundaries
from suanli.cli import main
from suanli.data.rasters import raster_table
from suanli.errors import InputError
from suanli.profile import parse_profile, replace_spec, rules
from suanli.run import RunConfig
from suanli.run.inputs import load_inputs
from suanli.text import LANGUAGES

PROFILE = """
id = "warm"
level = "province"
year = 2023
title = { zh = "气温", en = "Warmth" }
note = { zh = "试用", en = "A trial" }
[method]
weight = "equal"
[[dimension]]
id = "climate"
name = { zh = "气候", en = "Climate" }
[[raster]]
id = "heat"
file = "rasters/heat.tif"
statistic = "p90"
band = 2
unit = "℃"
[[raster]]
id = "people"
file = "rasters/heat.tif"
statistic = "integral"
unit = "人"
[[indicator]]
id = "heat"
parent = "climate"
name = { zh = "气温", en = "Heat" }
unit = "℃"
direction = "down"
status = "derived"
source = "own"
reason = "Cooling."
[[indicator]]
id = "gdp_per_head"
parent = "climate"
name = { zh = "人均", en = "Per head" }
unit = "亿元/人"
direction = "up"
value = "gdp / people"
status = "derived"
source = "own"
reason = "Demand."
"""


@pytest.fixture
def profile(tmp_path):
    folder = tmp_path / "rasters"
    folder.mkdir()
    slope = np.add.outer(np.arange(52.0), np.arange(64.0))
    with rasterio.open(
        folder / "heat.tif", "w", driver="GTiff", width=64, height=52, count=2, dtype="float64",
        crs="EPSG:4326", transform=Affine(1, 0, 73, 0, -1, 54),
    ) as target:  # fmt: skip
        target.write(np.stack([np.full((52, 64), 100.0), slope]))
    (tmp_path / "warm.toml").write_text(PROFILE, encoding="utf-8")
    return tmp_path / "warm.toml"


def run(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code


def test_values_are_those_of_the_engine(profile):
    spec = load_profile(profile)
    assert {Path(item.file).parent for item in spec.raster} == {profile.parent / "rasters"}
    table = raster_table(spec)
    wide = table.wide(2023, ["heat", "people"])
    units = load_boundaries().province
    units = units[units["evaluated"]]
    expected = zonal_statistics(
        profile.parent / "rasters" / "heat.tif", units, statistics=["integral"]
    )
    assert wide["people"].to_dict() == pytest.approx(expected["integral"].to_dict())
    assert len(wide) == 31
    assert set(table.cells["unit"]) == {"℃", "人"}
    assert set(table.cells["source"]) == {"heat.tif"}
    scores = evaluate(shipped_data("province") | table, spec)
    assert scores.index.notna().all()


def test_commands_measure_them(profile, capsys):
    assert run("score", "--profile", profile, "--json", "--lang", "en") == 0
    measured = json.loads(capsys.readouterr().out)
    assert run("explain", "110000", "--profile", profile, "--lang", "en") == 0
    assert "Heat" in capsys.readouterr().out
    # A table of one's own goes before the raster.
    own = profile.parent / "own.csv"
    own.write_text("code,year,indicator,value,unit\n110000,0,heat,-50,℃\n", encoding="utf-8")
    assert run("score", "--profile", profile, "--data", own, "--json") == 0
    assert json.loads(capsys.readouterr().out) != measured


def test_a_run_records_the_files(profile):
    config = RunConfig(province={"profile": str(profile)})
    inputs = load_inputs(config)
    assert profile.parent / "rasters" / "heat.tif" in inputs.files
    assert "heat" in inputs.catalogue.province.indicators


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_raster_that_cannot_be_used_is_named(profile, lang):
    text = PROFILE.replace('"rasters/heat.tif"', '"rasters/none.tif"', 1)
    profile.write_text(text.replace("band = 2", "band = 9"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        raster_table(load_profile(profile))
    assert [problem.code for problem in caught.value.problems] == ["raster.missing"]
    profile.write_text(PROFILE.replace("band = 2", "band = 9"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        raster_table(load_profile(profile))
    assert "heat.tif" in caught.value.describe(lang)
    assert "9" in caught.value.describe(lang)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"p90"', '"p900"', "profile.raster_statistic"),
        ('"integral"', '"integral"\nweights = "w.tif"', "profile.raster_weighted"),
        ('id = "people"', 'id = "heat"', "profile.duplicate"),
        ("band = 2", "band = 0", "profile.value"),
        ("band = 2", "bnd = 2", "profile.unknown_key_close"),
        ('file = "rasters/heat.tif"\n', "", "profile.missing"),
    ],
)
def test_faults_of_the_declaration(old, new, code):
    text = PROFILE.replace(old, new, 1)
    with pytest.raises(InputError) as caught:
        parse_profile(text.encode(), file="warm.toml")
    assert code in [problem.code for problem in caught.value.problems]


def test_profiles_know_the_statistics_there_are():
    assert rules._STATISTICS == STATISTICS
    for name in ("p5", "p99", "p2.5", "p0.1", "p0", "p100", "p", "p1.", "p０5", "p0.0", "p01"):
        known = quantile_of(name) is not None
        # A profile writes one percentile in one way.
        assert bool(rules._PERCENTILE.fullmatch(name)) == (known and name not in {"p1.", "p01"})


def test_a_changed_profile_keeps_its_rasters(profile):
    spec = load_profile(profile)
    assert replace_spec(spec, year=2022).raster == spec.raster

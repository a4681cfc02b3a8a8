"""One figure as it is asked for: what is drawn, and everything wrong with a request at once."""

import json
import typing

import pytest
from matplotlib.image import imread

from geo.cartography.classify import SCHEMES
from geo.cartography.figure_file import FORMATS
from geo.cartography.palette import DIVERGING, SEQUENTIAL
from suanli.cli import main
from suanli.commands import mapping as command
from suanli.errors import InputError
from suanli.run import mapping
from suanli.run.config import RunConfig
from suanli.run.mapping import KINDS, MapRequest, draw_figure


@pytest.fixture
def ask(atlas, monkeypatch, tmp_path):
    """Draw from the study that is there already instead of one's own."""
    monkeypatch.setattr(mapping, "load_inputs", lambda _: None)
    monkeypatch.setattr(mapping, "study_of", lambda *_, **__: None)
    monkeypatch.setattr(mapping, "edition_of", lambda *_: atlas.result.edition)

    def draw(**request):
        return draw_figure(RunConfig(), MapRequest(out=tmp_path, **request))

    return draw


def faults(ask, **request):
    with pytest.raises(InputError) as caught:
        ask(**request)
    for problem in caught.value.problems:
        for lang in ("zh", "en"):
            assert problem.code not in problem.describe(lang), problem.code
    return [problem.code.removeprefix("figures.refused.") for problem in caught.value.problems]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn(ask, kind):
    (path,) = ask(kind=kind)
    assert path.name.endswith(f"{kind}.png")
    assert imread(path).shape[1] >= 1800


@pytest.mark.parametrize("kind", ["score", "dimensions", "hotspots", "leaders"])
def test_levels(ask, kind):
    (path,) = ask(kind=kind, level="city", formats=("svg",))
    assert path.name == f"city-{kind}.svg"


def test_requests_that_differ_do_not_overwrite_each_other(ask, tmp_path):
    requests = (
        {},
        {"node": ("compute",)},
        {"classes": 4},
        {"scheme": "quantiles"},
        {"breaks": "20,40, 60"},
        {"breaks": "20,50"},
        {"year": (2016,)},
        {"palette": "PuRd"},
    )
    written = [ask(formats=("svg",), **request)[0] for request in requests]
    assert len(set(written)) == len(requests)
    assert all(path.parent == tmp_path for path in written)
    assert "province-score-20_40_60.svg" in {path.name for path in written}


def test_formats_and_width(ask):
    found = ask(width=16.0, formats=("pdf", "png", "svg"))
    assert [path.suffix for path in found] == [".pdf", ".png", ".svg"]
    assert imread(found[1]).shape[1] == pytest.approx(16 / 2.54 * 300, abs=1)
    assert found[0].read_bytes().startswith(b"%PDF")


def test_the_command_and_the_library_know_the_same(ask):
    assert typing.get_args(command._Kind) == KINDS
    assert typing.get_args(command._Scheme) == SCHEMES
    assert set(typing.get_args(command._Palette)) == {*SEQUENTIAL, *DIVERGING}
    assert FORMATS == ("png", "svg", "pdf")


def test_everything_wrong_is_said_at_once(ask, tmp_path):
    wrong = faults(
        ask,
        kind="moran",
        node=("compute",),
        year=(2016,),
        breaks="3,1",
        scheme="quantiles",
        palette="BuRd",
        date="2024-13",
        formats=("bmp",),
    )
    assert wrong.count("option") == 6
    assert {"breaks", "breaks_scheme", "palette_middle", "date", "format"} < set(wrong)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("request_", "codes"),
    [
        ({"node": ("computee",)}, ["node_close"]),
        ({"node": ("zzzzzz",)}, ["node"]),
        ({"node": ("compute", "storage")}, ["one_node"]),
        ({"kind": "bivariate", "node": ("compute",)}, ["two_nodes"]),
        ({"kind": "bivariate", "node": ("compute", "compute")}, ["two_nodes"]),
        ({"kind": "bivariate", "node": ("compute", "oops_what")}, ["node"]),
        ({"kind": "rings", "level": "province"}, ["level"]),
        ({"kind": "gap", "level": "city"}, ["level"]),
        ({"kind": "years", "year": (2015, 2024)}, ["year", "year"]),
        ({"kind": "years", "year": (2016, 2016)}, ["same_year"]),
        ({"kind": "score", "year": (2016, 2017)}, ["one_year"]),
        ({"kind": "score", "level": "city", "year": (2020,)}, ["no_panel"]),
        ({"breaks": "a,b"}, ["breaks"]),
        ({"breaks": "1,inf"}, ["breaks"]),
        ({"breaks": "5,5"}, ["breaks"]),
        ({"breaks": ",".join(map(str, range(1, 9)))}, ["too_many"]),
        ({"breaks": "20,40", "classes": 3}, ["classes_fixed"]),
        ({"scheme": "user"}, ["breaks_missing"]),
        ({"scheme": "box_map", "classes": 4}, ["classes_fixed"]),
        ({"scheme": "fisher_jenks", "palette": "PuOr"}, ["palette_middle"]),
        ({"date": "2024-1-3"}, ["date"]),
        ({"date": "gestern"}, ["date"]),
        ({"kind": "ranks", "node": ("gdp_per_capita",)}, ["node"]),
        ({"formats": ("png", "jpg")}, ["format"]),
    ],
)
def test_nonsense_is_refused(ask, request_, codes):
    assert faults(ask, **request_) == codes


@pytest.mark.parametrize("date", ["2024", "2024-10", "2024-10-18"])
def test_a_date_is_written_only_where_it_is_given(ask, date, monkeypatch):
    seen = []
    draw = mapping.write_figure

    def spy(figure, *rest, **more):
        seen.append([text.get_text() for text in figure.texts])
        return draw(figure, *rest, **more)

    monkeypatch.setattr(mapping, "write_figure", spy)
    ask(date=date, formats=("svg",))
    ask(formats=("svg",))
    assert f"制图日期：{date}" in seen[0]
    assert not any("制图日期" in line for line in seen[1])


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "own").write_text("x", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        draw_figure(RunConfig(out=tmp_path), MapRequest())
    assert caught.value.problems[0].code == "shown.out_is_file"


def leave(arguments):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code


def test_the_command_refuses_in_the_language_asked_for(capsys, tmp_path):
    asked = ["map", "--kind", "moran", "--year", "2016", "--palette", "BuRd", "--out"]
    assert leave([*asked, str(tmp_path), "--lang", "en"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("The option --year is not for a moran figure")
    assert any("box map" in line for line in said)
    assert list(tmp_path.iterdir()) == []


def test_the_command_draws_one_figure(capsys, tmp_path):
    options = [
        "--node",
        "environment",
        "--scheme",
        "quantiles",
        "--classes",
        "4",
        "--format",
        "svg",
    ]
    assert leave(["map", *options, "--out", str(tmp_path), "--json"]) == 0
    (path,) = json.loads(capsys.readouterr().out)["written"]
    assert path == str(tmp_path / "province-score-environment-quantiles-4.svg")
    assert [item.name for item in tmp_path.iterdir()] == [
        "province-score-environment-quantiles-4.svg"
    ]

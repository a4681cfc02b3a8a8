"""The command line: exit codes, one sentence per problem, both languages, JSON, pipes."""

import ast
import json
import os
import re
import string
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import geo.errors
import suanli.run
import suanli.run.inputs
import suanli.run.parts
import suanli.run.whole
import suanli.text
from geo.errors import LayerError
from suanli.cli import DONE, FAULT, REJECTED, USAGE, main
from suanli.text import LANGUAGES, Text

SOURCES = sorted(Path(suanli.text.__file__).parent.rglob("*.py"))
HOUSE = sorted(Path(geo.errors.__file__).parent.rglob("*.py"))
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
COMMANDS = (
    (), ("run",), ("init",), ("template",), ("check",), ("score",), ("gap",), ("spatial",),
    ("spatial", "pattern"), ("spatial", "model"), ("spatial", "weights"), ("hubs",), ("map",),
    ("diagnose",), ("compare",), ("unit",), ("export",), ("boundaries",),
    ("boundaries", "info"), ("boundaries", "verify"),
    ("boundaries", "build"), ("list",), ("list", "profiles"), ("list", "indicators"),
    ("list", "methods"), ("list", "statistics"), ("doctor",),
)  # fmt: skip


CONVERGENCE = {"convergence_beta", "convergence_sigma", "convergence_skipped"}
SPILLOVER = {"hub_bands", "hub_weights", "hub_events", "hub_event_summary"}


@pytest.fixture
def call(capsys, monkeypatch):
    """Run the command line in this process; give exit code, output, errors."""
    monkeypatch.delenv("SUANLI_LANG", raising=False)
    monkeypatch.delenv("SUANLI_DEBUG", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert "\x1b" not in said.out + said.err
        return left.value.code, said.out, said.err

    return run


@pytest.fixture
def ready(atlas, monkeypatch):
    """Commands that would conduct the study find it done."""
    study = atlas.result.edition.study
    monkeypatch.setattr(suanli.run.parts, "study_of", lambda *_, **__: study)
    monkeypatch.setattr(suanli.run.whole, "study_of", lambda *_, **__: study)
    of_node = suanli.run.parts.gap_of_node
    few = {"update": {"redraws": 99}}
    monkeypatch.setattr(
        suanli.run.parts,
        "gap_of_node",
        lambda config, node: of_node(config.model_copy(**few), node),
    )
    return study


@pytest.fixture
def swift(atlas, monkeypatch):
    """Layers and shipped tables are read once, not anew for every command."""
    edition = atlas.result.edition
    for module in (suanli.run.inputs, suanli.run.parts):
        monkeypatch.setattr(module, "load_boundaries", lambda: edition.boundaries)
        monkeypatch.setattr(module, "load_catalogue", lambda: edition.catalogue)


# Help


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(call, command, lang):
    code, out, err = call(*command, "--help", "--lang", lang)
    assert (code, err) == (DONE, "")
    key = "cli." + ".".join(command)
    known = next(k for k in (f"{key}.help".replace("..", "."), key) if Text(lang).has(k))
    flat = re.sub(r"\s+", "", out)
    assert re.sub(r"\s+", "", Text(lang)(known)) in flat
    assert "suanli" in out
    assert call("--lang", lang, *command, "--help") == (code, out, err)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("group", [(), ("list",), ("boundaries",)], ids=" ".join)
def test_no_command_shows_help(call, group, lang):
    said = call(*group, "--lang", lang)
    assert said == call(*group, "--help", "--lang", lang)
    assert said[0] == DONE
    assert Text(lang)("cli.option.help") in said[1]
    assert ("Show this message" in said[1]) == (lang == "en")


def test_version(call):
    assert call("--version") == (DONE, f"suanli-atlas {version('suanli-atlas')}\n", "")


def test_help_is_light():
    """Half a second matters on an office machine: help loads none of the heavy libraries."""
    script = (
        "import sys\nfrom suanli.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'geopandas', 'pandas', 'libpysal', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# Exit codes


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--no-such-option"),
        ("no-such-command",),
        ("run", "--seed", "x"),
        ("run", "--lang", "fr"),
        ("score", "--year"),
        ("init",),
        ("boundaries", "build"),
        ("list", "planets"),
    ],
    ids=" ".join,
)
def test_wrong_usage(call, arguments, lang):
    language = () if "--lang" in arguments else (f"--lang={lang}",)
    code, out, err = call(*arguments, *language)
    assert (code, out) == (USAGE, "")
    assert err.count("\n") == 1
    assert "--help" in err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--sead", "1"), ["--sead", "--seed"]),
        (("run", "--zzzzz"), ["--zzzzz"]),
        (("rum",), ["rum", "run"]),
        (("list", "profile"), ["profile", "profiles"]),
        (("run", "--seed", "-1"), ["--seed", "0"]),
        (("run", "--seed", "x"), ["--seed"]),
        (("score", "--year", "23"), ["--year", "1949"]),
        (("run", "--lang", "fr"), ["--lang", "'zh', 'en'"]),
        (("score", "--year"), ["--year"]),
        (("run", "--strict=1"), ["--strict"]),
        (("init",), ["FOLDER"]),
        (("boundaries", "build"), ["--out"]),
        (("init", "a", "b"), ["b"]),
    ],
    ids=str,
)
def test_wrong_usage_is_said_in_one_language(call, arguments, words, lang):
    language = () if "--lang" in arguments else (f"--lang={lang}",)
    code, out, err = call(*arguments, *language)
    assert (code, out, err.count("\n")) == (USAGE, "", 1)
    assert all(word in err for word in words), err
    assert not re.search(r"[.?？。：:][。.]", err), err
    if language:
        assert bool(CHINESE.search(err)) == (lang == "zh")
        own = re.sub("|".join(map(re.escape, sorted([*words, "--help"], key=len)[::-1])), "", err)
        assert lang == "en" or not re.search("[A-Za-z]{3,}", own), err


def test_our_fault(call, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("nobody expected this")

    monkeypatch.setattr(suanli.run, "listing", broken)
    code, out, err = call("list", "profiles", "--lang", "en")
    assert (code, out) == (FAULT, "")
    assert err.count("\n") == 1
    assert "ZeroDivisionError: nobody expected this" in err
    assert "SUANLI_DEBUG" in err
    monkeypatch.setenv("SUANLI_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["list", "profiles"])


def test_an_error_of_geo_is_said_in_the_language_of_the_user(call, monkeypatch):
    def raising(code, **params):
        def listing(*_):
            raise LayerError("an English sentence", code=code, **params)

        return listing

    monkeypatch.setattr(
        suanli.run,
        "listing",
        raising("cartography.covered", what="legend", units=list("abcdefghij")),
    )
    code, _, err = call("list", "profiles")
    assert code == REJECTED
    assert "a, b, c, d, e, f, g, h, …" in err
    assert CHINESE.search(err)
    monkeypatch.setattr(suanli.run, "listing", raising("nowhere.known"))
    assert call("list", "profiles") == (REJECTED, "", "an English sentence\n")


# Inputs that are rejected


TABLES = {
    "missing column": ("code,year,value\n110000,2023,1\n", ["indicator"]),
    "duplicate": (
        "code,year,indicator,value\n110000,2023,gdp,1\n110000,2023,gdp,2\n",
        ["3", "110000", "gdp"],
    ),
    "unknown code": ("code,year,indicator,value\n119999,2023,gdp,1\n", ["2", "code", "119999"]),
    "unknown indicator": ("code,year,indicator,value\n110000,2023,gpd,1\n", ["2", "gpd", "gdp"]),
    "out of range": ("code,year,indicator,value\n110000,2023,gdp,-5\n", ["2", "value", "-5"]),
    "not a number": ("code,year,indicator,value\n110000,2023,gdp,abc\n", ["2", "value", "abc"]),
    "bad year": ("code,year,indicator,value\n110000,soon,gdp,1\n", ["2", "year", "soon"]),
    "empty": ("", []),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("fault", sorted(TABLES))
def test_a_faulty_table_is_told_cell_by_cell(call, swift, tmp_path, fault, lang):
    content, words = TABLES[fault]
    path = tmp_path / "mine.csv"
    path.write_text(content, encoding="utf-8")
    config = tmp_path / "suanli.toml"
    config.write_text(
        'out = "out"\n[province]\nprofile = "caict2024-province"\ndata = ["mine.csv"]\n',
        encoding="utf-8",
    )
    for arguments in (
        ("run", config),
        ("check", config),
        ("score", "--data", path, "--out", tmp_path / "out"),
    ):
        code, out, err = call(*arguments, "--lang", lang)
        assert (code, out) == (REJECTED, "")
        assert err.count("\n") == 1, err
        assert all(word in err for word in ["mine.csv", *words]), err
        # Units of measurement are told as they are written, in either language.
        said = err.replace("(亿元)", "")
        assert bool(CHINESE.search(said)) == (lang == "zh")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.csv", "suanli.toml"]


def test_all_problems_of_all_files_are_told_at_once(call, swift, tmp_path):
    (tmp_path / "a.csv").write_text(
        "code,year,indicator,value\n119999,2023,gdp,1\n110000,2023,gdp,abc\n", encoding="utf-8"
    )
    (tmp_path / "b.csv").write_text("code,year,gdp\n999999,2023,1\n", encoding="utf-8")
    config = tmp_path / "suanli.toml"
    config.write_text(
        '[province]\nprofile = "caict2024-province"\ndata = ["a.csv", "b.csv"]\n'
        '[city]\nprofile = "caict2024-province"\n',
        encoding="utf-8",
    )
    code, _, err = call("check", config, "--lang", "en")
    assert code == REJECTED
    lines = err.splitlines()
    assert len(lines) == 4
    assert [line for line in lines if "a.csv" in line] == lines[:2]
    assert "b.csv" in lines[2]
    assert "caict2024-province" in lines[3]
    assert "city" in lines[3]


def test_the_same_value_in_two_files(call, swift, tmp_path):
    for name, value in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / f"{name}.csv").write_text(
            f"code,year,gdp(亿元)\n110000,2023,{value}\n", encoding="utf-8"
        )

    def score(*names):
        files = [part for name in names for part in ("--data", tmp_path / f"{name}.csv")]
        return call("score", *files, "--lang", "en")

    code, out, err = score("a", "c")
    assert (code, out, err.count("\n")) == (REJECTED, "", 1)
    assert all(word in err for word in ("110000", "2023", "gdp", "a.csv", "c.csv"))
    code, out, err = score("a", "b")
    assert code == DONE
    assert "gdp of Beijing 110000 in 2023 is in a.csv, row 2" in err
    assert "already with the same value" in err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("lang = ", ["suanli.toml"]),
        ("permutatoins = 9", ["suanli.toml", "permutatoins", "permutations"]),
        ("permutations = 9", ["suanli.toml", "permutations", "9"]),
        ("alpha = 2", ["alpha", "2"]),
        ('seed = "x"', ["seed", "x"]),
        ('[province]\nprofil = "x"\nprofile = "caict2024-province"', ["province.profil"]),
        ('[province]\nprofile = "caict2024-provinces"', ["caict2024-province"]),
        ('[city]\nprofile = "caict2024-province"', ["caict2024-province", "city"]),
        ('[city]\nprofile = "none.toml"', ["none.toml"]),
        ('[city]\nprofile = "city-compute"\ndata = ["none.csv"]', ["none.csv"]),
    ],
)
def test_a_faulty_configuration_is_told(call, swift, tmp_path, content, words, lang):
    config = tmp_path / "suanli.toml"
    config.write_text(content, encoding="utf-8")
    code, out, err = call("run", config, "--lang", lang)
    assert (code, out) == (REJECTED, "")
    assert err.count("\n") == 1, err
    assert all(word in err for word in words), err
    assert [path.name for path in tmp_path.iterdir()] == ["suanli.toml"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_files_that_cannot_be_read(call, swift, tmp_path, lang):
    binary = tmp_path / "mine.csv"
    binary.write_bytes(b"PK\x03\x04" + bytes(60))
    for arguments, word in (
        (("run", tmp_path / "none.toml"), "none.toml"),
        (("score", "--profile", tmp_path / "none.toml"), "none.toml"),
        (("score", "--profile", "city-computer"), "city-compute"),
        (("score", "--data", binary), "mine.csv"),
        (("score", "--data", tmp_path / "none.csv"), "none.csv"),
    ):
        code, out, err = call(*arguments, "--lang", lang)
        assert (code, out) == (REJECTED, ""), arguments
        assert err.count("\n") == 1, err
        assert word in err
    absent = tmp_path / "none.xlsx"
    code, out, err = call("check", absent, "--json", "--lang", lang)
    assert (code, err) == (REJECTED, "")
    assert [found["rule"] for found in json.loads(out)["files"][0]["findings"]] == ["unreadable"]
    code, out, err = call("check", tmp_path, "--lang", lang)
    assert (code, out) == (REJECTED, "")
    assert err.count("\n") == 1, err
    assert "manifest.json" in err


@pytest.mark.parametrize("command", ["gap", "map", "export", "score", "init"])
def test_a_folder_that_cannot_be_written(call, swift, ready, tmp_path, command):
    blocker = tmp_path / "file"
    blocker.write_text("a file", encoding="utf-8")
    target = (blocker / "x",) if command == "init" else ("--out", blocker / "x")
    code, out, err = call(command, *target, "--lang", "en")
    assert (code, out) == (REJECTED, "")
    assert err.count("\n") == 1
    assert str(blocker) in err
    assert blocker.read_text(encoding="utf-8") == "a file"


def test_a_named_data_folder_must_be_whole(call, tmp_path, monkeypatch):
    monkeypatch.setenv("SUANLI_DATA", str(tmp_path))
    (tmp_path / "boundaries").mkdir()
    code, out, err = call("score", "--lang", "en")
    assert (code, out, err.count("\n")) == (REJECTED, "", 1)
    assert all(word in err for word in (str(tmp_path), "indicators", "reference"))


# Output


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("check",), {"warnings", "levels"}),
        (("score",), {"scores"}),
        (("gap",), {"gap_years", "gap_groups", "gap_trend", "gap_contributions"} | CONVERGENCE),
        (("gap", "--node", "environment"), {"gap_years", "gap_groups", "gap_trend"}),
        (("hubs",), {"hub_rings", "hub_tests", "hub_cities", "hub_strata"} | SPILLOVER),
        (("spatial",), {"spatial_global", "spatial_sensitivity", "city_lisa"}),
        (("boundaries", "info"), {"units", "source"}),
        (("boundaries", "verify"), {"passed", "checks"}),
        (("list", "profiles"), {"profiles"}),
        (("list", "indicators"), {"indicators"}),
        (("list", "methods"), {"methods"}),
        (("list", "statistics"), {"statistics"}),
        (("doctor",), {"versions", "data", "font"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_json_is_json(call, swift, ready, arguments, keys):
    def no_constant(name):
        pytest.fail(f"{name} is not JSON")

    code, out, err = call(*arguments, "--json")
    assert (code, err) == (DONE, "")
    found = json.loads(out, parse_constant=no_constant)
    assert keys <= set(found)


def test_json_of_a_run(call, atlas, monkeypatch):
    monkeypatch.setattr(suanli.run, "run_all", lambda *_, **__: atlas.result)
    code, out, err = call("run", "--json")
    assert (code, err) == (DONE, "")
    record = json.loads(out, parse_constant=pytest.fail)
    assert [len(rows) for rows in record["top10"]["province"].values()] == [10] * 5
    assert {"findings", "agreement", "warnings", "times", "out"} <= set(record)


@pytest.mark.parametrize(
    "arguments",
    [("check",), ("score",), ("gap",), ("hubs",), ("spatial",), ("list", "methods"),
     ("boundaries", "verify"), ("doctor",)],
    ids=" ".join,
)  # fmt: skip
def test_english_output_is_english(call, swift, ready, arguments):
    code, out, err = call(*arguments, "--lang", "en")
    assert (code, err) == (DONE, "")
    assert out.strip()
    assert not CHINESE.search(out), CHINESE.findall(out)[:20]


def test_configuration_and_environment_choose_the_language(call, swift, tmp_path, monkeypatch):
    config = tmp_path / "suanli.toml"
    config.write_text('lang = "en"\n', encoding="utf-8")
    assert not CHINESE.search(call("check", config)[1])
    assert CHINESE.search(call("check", config, "--lang", "zh")[1])
    monkeypatch.setenv("SUANLI_LANG", "en")
    assert not CHINESE.search(call("check")[1])
    config.write_text('lang = "zh"\n', encoding="utf-8")
    assert CHINESE.search(call("check", config)[1])


def test_a_pipe_gets_a_plain_table(call, swift):
    code, out, err = call("score", "--lang", "en")
    assert (code, err) == (DONE, "")
    rows = [line.split() for line in out.splitlines() if re.match(r" *\d+  [A-Z]", line)]
    assert len(rows) == 31
    assert rows[0][:3] == ["1", "Guangdong", "75.96"]
    assert "\t" not in out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_score_tells_which_rows_it_leaves_out(call, swift, tmp_path, lang):
    path = tmp_path / "mine.csv"
    path.write_text("code,year,gdp\n710000,2023,5\n", encoding="utf-8")
    code, out, err = call("score", "--data", path, "--lang", lang)
    said = Text(lang)("findings.never_scored", where="mine.csv", units="台湾省 710000")
    assert code == DONE
    assert said in err.splitlines()
    assert "710000" not in out
    assert json.loads(call("score", "--data", path, "--json")[1])


def test_score_writes_its_table(call, swift, tmp_path):
    code, _, _ = call("score", "--profile", "city-compute", "--out", tmp_path, "--lang", "en")
    assert code == DONE
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["cells.csv", "normalised.csv", "scores.csv", "weights.csv"]
    assert len((tmp_path / "scores.csv").read_text(encoding="utf-8-sig").splitlines()) == 338


# A project of one's own


@pytest.mark.parametrize("lang", LANGUAGES)
def test_init_then_check(call, swift, tmp_path, lang):
    folder = tmp_path / "mine"
    code, out, err = call("init", folder, "--lang", lang)
    assert (code, err) == (DONE, "")
    assert all(str(folder) in line for line in out.splitlines())
    written = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert written == [
        "data/cities.xlsx",
        "data/provinces.csv",
        "data/provinces.xlsx",
        "profiles/caict2024-province-physical.toml",
        "profiles/caict2024-province.toml",
        "profiles/city-compute-physical.toml",
        "profiles/city-compute.toml",
        "suanli.toml",
    ]
    own, shipped = call("check", folder / "suanli.toml", "--json"), call("check", "--json")
    assert own[0] == shipped[0] == DONE
    reports = [json.loads(out) for _, out, _ in (own, shipped)]
    (table,), nothing = (report.pop("files") for report in reports)
    # A project asks for physical indicators too, and says that nobody has filled them in.
    assert {one["code"] for one in reports[0].pop("warnings")} == {"template.absent"}
    assert reports[1].pop("warnings") == []
    assert reports[0] == reports[1]
    assert nothing == []
    # What ships is not judged again where a user keeps it.
    assert (table["file"], table["warnings"], table["errors"]) == ("provinces.csv", 0, 0)
    code, out, err = call("init", folder, "--lang", lang)
    assert (code, out) == (REJECTED, "")
    assert err.count("\n") == len(written)


@pytest.fixture
def project(call, swift, tmp_path):
    """A project of one's own whose provincial profile a test may change."""
    call("init", tmp_path / "mine")
    profile = tmp_path / "mine" / "profiles" / "caict2024-province-physical.toml"

    def change(edit):
        profile.write_text(edit(profile.read_text(encoding="utf-8")), encoding="utf-8")
        return tmp_path / "mine" / "suanli.toml"

    return change


@pytest.mark.parametrize("lang", LANGUAGES)
def test_check_refuses_a_profile_that_leaves_the_tests_nothing(call, project, lang):
    def edit(text):
        text = re.sub(r"(?m)^inference *=.*\n", "", text)
        return text.replace("[[indicator]]\n", '[[indicator]]\ninference = "excluded"\n')

    config = project(edit)
    code, out, err = call("check", config, "--lang", lang)
    said = Text(lang)("profile.nothing_to_test", profile="caict2024-province-physical")
    assert (code, out, err) == (REJECTED, "", said + "\n")
    assert call("spatial", config, "--lang", lang) == (code, out, err)


def test_check_evaluates_every_year_of_the_panel(call, project):
    config = project(lambda text: re.sub(r"(?m)^panel *=.*$", "panel = [1990, 1991]", text))
    code, out, err = call("check", config, "--lang", "en")
    assert (code, out) == (REJECTED, "")
    assert call("gap", config, "--lang", "en") == (code, out, err)


# Sentences


def constants(sources, function, *, keyword=None):
    """Constant keys given to a call of ``function``, or to its ``keyword``."""
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if keyword:
                chosen = [item.value for item in node.keywords if item.arg == keyword]
            else:
                chosen = node.args[:1]
            if not re.fullmatch(function, name):
                continue
            for value in chosen:
                for leaf in ast.walk(value):
                    if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                        yield leaf.value, path


KEY = re.compile(r"[a-z]+\.[a-zA-Z0-9_.]+")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_the_code_asks_for_exists(lang):
    asked = {
        key
        for key, _ in [
            *constants(SOURCES, "text|words|Text"),
            *constants(SOURCES, "Problem", keyword="code"),
            *constants(SOURCES, "Conclusion", keyword="key"),
        ]
        if KEY.fullmatch(key) and not key.endswith((".", "_"))
    }
    assert len(asked) > 80
    text = Text(lang)
    assert sorted(key for key in asked if not text.has(key)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_error_of_geo_has_a_sentence(lang):
    codes = {code for code, _ in constants(HOUSE, ".*Error|_fault|_problem", keyword="code")}
    codes = {code for code in codes if KEY.fullmatch(code)}
    assert len(codes) > 60
    assert sorted(code for code in codes if not Text(lang).has(code)) == []


def raises(path):
    """Each error raised with constant code: the code and the names of its values."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error")):
            continue
        given = {item.arg: item.value for item in node.keywords}
        code = given.pop("code", None)
        if isinstance(code, ast.Constant) and None not in given:
            yield code.value, frozenset(given)


@pytest.mark.parametrize("path", HOUSE, ids=lambda path: path.name)
def test_values_of_errors_fill_their_sentences(path):
    for code, names in raises(path):
        area, _, key = code.partition(".")
        source = Path(suanli.text.__file__).parent / "messages" / "en" / f"{area}.toml"
        sentence = tomllib.loads(source.read_text(encoding="utf-8"))[key]
        wanted = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        assert wanted <= names, code


def test_an_unknown_area_has_no_sentence():
    assert not Text("en").has("nowhere.key")
    assert not Text("en").has("problems.no_such_key")
    with pytest.raises(KeyError):
        Text("en")("nowhere.key")


def test_module_runs_as_a_program(tmp_path):
    command = [sys.executable, "-m", "suanli", "list", "profiles", "--lang", "en"]
    clean = {key: value for key, value in os.environ.items() if key != "SUANLI_LANG"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env=clean
    )
    assert (done.returncode, done.stderr) == (DONE, "")
    assert "caict2024-province" in done.stdout
    assert list(tmp_path.iterdir()) == []

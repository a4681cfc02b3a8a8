"""Documents tell the truth: commands, options, links, names, files, figures."""

import dataclasses
import importlib
import itertools
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from suanli.cli import main
from suanli.commands import build
from suanli.publish.package import refuse_selection
from suanli.run.exporting import selection
from suanli.run.sample import sample_edition
from suanli.text import Text

ROOT = Path(__file__).parents[2]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("data/**/*.md")])
TWO_COMMANDS = (
    "python -m pip install -e . && suanli run",
    "python -m pip install -e '.[test]' && python -m pytest",
)
FOLDERS = ("geo", "src", "data", "docs", "scripts", "tests", "benchmarks")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(text: str) -> list[tuple[str, str]]:
    """Fenced blocks: language and content."""
    return re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def spans(text: str) -> list[str]:
    """Inline code outside fenced blocks."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", prose)


def calls(text: str) -> set[tuple[str, ...]]:
    """Every call of the command line, without the placeholders of a command's name."""
    lines = [
        line for language, block in blocks(text) if language == "sh" for line in block.splitlines()
    ]
    lines += re.findall(r"^    (suanli .*)$", text, flags=re.MULTILINE)
    lines += spans(text)
    pieces = [piece.strip() for line in lines for piece in line.split("&&")]
    words = (shlex.split(piece, comments=True) for piece in pieces if piece.startswith("suanli "))
    return {tuple(w for w in one[1:] if w not in {"COMMAND", "[OPTIONS]"}) for one in words}


def commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path
        return
    for key, child in children.items():
        yield from commands(child, (*path, key))


EVERY_COMMAND = sorted(commands(typer.main.get_command(build(Text("en")))))
EVERY_CALL = sorted({call for document in DOCUMENTS for call in calls(read(document))})


def test_there_is_something_to_check() -> None:
    assert len(DOCUMENTS) >= 8
    assert len(EVERY_COMMAND) >= 15
    assert len(EVERY_CALL) >= 20


@pytest.mark.parametrize("readme", READMES, ids=name)
@pytest.mark.parametrize("command", EVERY_COMMAND, ids=" ".join)
def test_every_command_is_documented(command: tuple[str, ...], readme: Path) -> None:
    documented = calls(read(readme))
    assert any(call[: len(command)] == command for call in documented)


@pytest.mark.parametrize("call", EVERY_CALL, ids=" ".join)
def test_every_call_is_accepted(call: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*call, "--help"])
    shown = capsys.readouterr()
    assert left.value.code == 0, shown.err
    assert shown.out


EXPORTS = [call for call in EVERY_CALL if call[0] == "export"]


@pytest.mark.parametrize("call", EXPORTS, ids=" ".join)
def test_every_export_asks_for_columns_there_are(call: tuple[str, ...]) -> None:
    """Accepted options are not enough: a column may be of another layer."""
    given: dict[str, list[str]] = {"--format": [], "--level": [], "--columns": []}
    for option, value in itertools.pairwise(call):
        if option in given:
            given[option].append(value)
    chosen = selection(*given.values())
    if chosen is not None:
        kept = dataclasses.replace(chosen, formats=("geojson",))
        refuse_selection(sample_edition(), kept)


def test_there_are_exports_to_check() -> None:
    assert sum("--columns" in call for call in EXPORTS) >= 2


def test_a_wrong_option_would_be_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["run", "--no-such-option", "--help"])
    assert left.value.code != 0
    assert "--no-such-option" in capsys.readouterr().err


@pytest.mark.parametrize("readme", READMES, ids=name)
def test_the_two_commands_stand_there_word_for_word(readme: Path) -> None:
    content = [line for _, block in blocks(read(readme)) for line in block.splitlines()]
    assert [line for line in content if line in TWO_COMMANDS] == list(TWO_COMMANDS)


def test_both_languages_call_the_same() -> None:
    english, chinese = (calls(read(readme)) for readme in READMES)
    assert english == chinese


def test_both_languages_show_the_same_tree() -> None:
    english, chinese = (tree(read(readme)) for readme in READMES)
    assert english == chinese


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", read(document)):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        place = (document.parent / file) if file else document
        if not place.exists() or (anchor and anchor not in anchors(read(place))):
            broken.append(target)
    assert broken == []


def anchors(text: str) -> set[str]:
    """Anchors of headings as the forges make them."""
    heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_named_files_and_modules_exist(document: Path) -> None:
    wrong = []
    for span in spans(read(document)):
        if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./-]+", span) and not (
            (ROOT / span).exists() or (document.parent / span).exists()
        ):
            wrong.append(span)
        if re.fullmatch(r"(geo|suanli)(\.\w+)+", span) and not resolves(span):
            wrong.append(span)
    assert wrong == []


def resolves(dotted: str) -> bool:
    if dotted in {"suanli.toml", "suanli.xlsx"}:  # files, not modules
        return True
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return (ROOT / dotted).exists()


def tree(text: str) -> list[str]:
    """Patterns of the files that a README says a run writes."""
    (block,) = (content for language, content in blocks(text) if language == "text")
    return [line.split()[0] for line in block.splitlines()]


def test_the_tree_is_what_a_run_writes(atlas) -> None:
    patterns = tree(read(READMES[0]))
    unwritten = [pattern for pattern in patterns if not list(atlas.path.glob(pattern))]
    assert unwritten == []
    written = {path for path in atlas.path.rglob("*") if path.is_file()}
    told = {path for pattern in patterns for path in atlas.path.glob(pattern)}
    assert sorted(str(p.relative_to(atlas.path)) for p in written - told) == []


# The lists of the README's table: year, level, dimension, length.
LISTS = (
    (2022, "province", "index", 10),
    (2025, "province", "index", 10),
    (2023, "province", "storage", 10),
    (2024, "province", "index", 5),
    (2024, "province", "compute", 3),
    (2024, "city", "compute", 3),
)


@pytest.mark.parametrize(
    ("readme", "form"),
    list(zip(READMES, ("{hit} of {length}", "{length} 个中 {hit} 个"), strict=True)),
    ids=("en", "zh"),
)
def test_agreement_is_as_measured(atlas, readme: Path, form: str) -> None:
    table = atlas.result.edition.study.agreement
    table = table[(table["family"] == "comprehensive") & (table["kind"] == "ranking")]
    rows = [line for line in read(readme).splitlines() if re.match(r"\| 20\d\d ", line)]
    said = [[cell.strip(" *") for cell in row.strip("|").split("|")] for row in rows]
    measured = []
    for year, level, dimension, length in LISTS:
        keys = {"year": year, "level": level, "dimension": dimension, "length": length}
        (row,) = [
            row
            for row in table.to_dict("records")
            if all(row[key] == value for key, value in keys.items())
        ]
        hits = form.format(hit=row["overlap"], length=length)
        measured.append([str(year), hits, f"{row['expected_overlap']:.1f}"])
    assert [[cells[0][:4], *cells[1:]] for cells in said] == measured


@pytest.mark.parametrize("readme", READMES, ids=name)
def test_figures_in_the_text_are_as_measured(atlas, readme: Path) -> None:
    study = atlas.result.edition.study
    ranks = {"130000": 6, "140000": 17}
    assert study.province.ranks["index"].reindex(list(ranks)).to_dict() == ranks
    rings = study.hubs.rings.set_index("ring")
    cities = study.city.ranks["index"].reindex(["131000", "130700", "140200"])
    figures = [
        f"{study.city_pattern.moran.statistic:.2f}",
        f"{study.province_pattern.moran.statistic:.2f}",
        f"{rings['difference'][1]:.1f}",
        str(int(study.city.index.notna().sum())),
        str(int(study.city_tested.index.notna().sum())),
        str(len(study.city_tested.spec.indicator)),
        str(len(study.city.spec.indicator)),
        *(str(int(rank)) for rank in cities),
    ]
    assert [
        figure for figure in figures if not re.search(rf"(?<![\d.]){figure}", read(readme))
    ] == []
    assert not study.province_pattern.local["cluster"].isin(["HH", "LL", "HL", "LH"]).any()


def test_the_command_line_reference_is_current() -> None:
    script = ROOT / "scripts" / "build_cli_reference.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_versions_agree() -> None:
    version = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["version"]
    assert f"\nversion: {version}\n" in read(ROOT / "CITATION.cff")
    assert f"## {version} " in read(ROOT / "CHANGELOG.md")


COMPARISON = ROOT / "docs" / "comparison.md"
OURS = re.compile(r"^\| .*? \| (yes|no|\[yes\]\((?P<file>[^)]+)\) `(?P<test>\w+)`) \|")


def claims() -> list[tuple[str, str]]:
    """File and test of every feature claimed in the comparison with other tools."""
    table = read(COMPARISON).split("\nWhere COINr does")[0]
    rows = [line for line in table.splitlines() if re.match(r"\| [^*f-]", line)]
    found = []
    for row in rows:
        match = OURS.match(row)
        assert match, row
        assert match[1] != "yes", f"claimed without a test: {row}"
        if match["file"]:
            found.append((match["file"], match["test"]))
    return found


@pytest.mark.parametrize(("file", "test"), claims())
def test_every_feature_claimed_has_its_test(file: str, test: str) -> None:
    path = (COMPARISON.parent / file).resolve()
    assert re.search(rf"^def {test}\(", read(path), flags=re.MULTILINE), f"{file}::{test}"


def test_the_comparison_admits_what_is_missing() -> None:
    assert len(claims()) > 40
    assert " | no | " in read(COMPARISON)

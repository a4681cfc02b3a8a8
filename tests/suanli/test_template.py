"""Excel templates: what they ask, how they look to a program, and that they read back."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from suanli import evaluate, load_profile, shipped_data
from suanli.cli import DONE, REJECTED, USAGE, main
from suanli.errors import InputError
from suanli.intake.files import How, Intake, read_file
from suanli.intake.headings import Headings
from suanli.intake.measures import conversion
from suanli.intake.names import Gazetteer
from suanli.locations import data_folder
from suanli.publish.form_book import HEADER_ROWS, write_form
from suanli.run.template import form_of, write_template
from suanli.text import LANGUAGES, Text

PHYSICAL = {"province": "caict2024-province-physical", "city": "city-compute-physical"}
SOFFICE = shutil.which("soffice")


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(data_folder() / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def known():
    gazetteer = Gazetteer(
        units=table("boundaries/units.csv"),
        renames=table("reference/renames.csv"),
        counties=table("reference/counties.csv"),
        traditional=dict(table("reference/traditional.csv").to_numpy().tolist()),
    )
    return {"gazetteer": gazetteer, "indicators": table("indicators/indicators.csv")}


@pytest.fixture(scope="module")
def templates(tmp_path_factory) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("templates")
    made = {}
    for level, profile in PHYSICAL.items():
        for lang in LANGUAGES:
            path = folder / f"{level}.{lang}.xlsx"
            write_template(profile, path, text=Text(lang))
            made[level, lang] = path
    return made


def columns_of(sheet) -> dict[str, int]:
    """Give the columns to fill in by heading: those whose unit row has no fixed grey beside."""
    return {
        str(cell.value): cell.column
        for cell in sheet[1]
        if cell.value and not sheet.cell(HEADER_ROWS + 1, cell.column).protection.locked
    }


def grids(book):
    """Give the sheets to fill in."""
    return [sheet for sheet in book if sheet.freeze_panes and sheet.freeze_panes != "A2"]


def filled(path: Path, target: Path, lang: str, *, rows: int | None = None) -> dict:
    """Fill every indicator of every unit with a number of its own, as Excel would store it."""
    text = Text(lang)
    aside = {text(f"template.{key}") for key in ("year", "quality", "source")}
    book = openpyxl.load_workbook(path)
    wanted = {}
    for number, sheet in enumerate(grids(book)):
        for heading, column in columns_of(sheet).items():
            if heading in aside:
                continue
            last = sheet.max_row if rows is None else HEADER_ROWS + rows
            for row in range(HEADER_ROWS + 1, last + 1):
                value = 1 + (number + column * 7 + row * 3) % 400 / 100
                sheet.cell(row, column, value)
                wanted[sheet.cell(row, 1).value, heading] = value
    book.save(target)
    return wanted


def arrived(taken: Intake, lang: str, level: str) -> dict:
    names = table("indicators/indicators.csv")
    names = names[names["level"] == level].set_index("indicator")[f"name_{lang}"]
    cells = taken.table.cells
    return {
        (code, names[indicator]): value
        for code, indicator, value in zip(
            cells["code"], cells["indicator"], cells["value"], strict=True
        )
    }


def test_equal_forms_give_equal_bytes_without_a_clock(tmp_path, templates):
    again = tmp_path / "again.xlsx"
    write_template(PHYSICAL["province"], again, text=Text("zh"))
    assert again.read_bytes() == templates["province", "zh"].read_bytes()
    with zipfile.ZipFile(again) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("2000-01-01T00:00:00Z") == 2


@pytest.mark.parametrize("level", PHYSICAL)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_blank_template_holds_nothing_and_nothing_is_wrong_with_it(known, templates, level, lang):
    taken = read_file(templates[level, lang], **known, how=How(strict=True))
    assert taken.level == level
    assert taken.table.cells.empty
    # The rows of names and units are known for ours and not told.
    assert {finding.rule for finding in taken.ledger.findings} == {"no_values"}
    assert [finding.rule for finding in taken.ledger.of("error")] == ["no_values"]
    form = form_of(PHYSICAL[level], text=Text(lang))
    assert taken.rows == len(form.units) * len(form.pages)


@pytest.mark.parametrize("level", PHYSICAL)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_filled_template_arrives_whole(known, templates, tmp_path, level, lang):
    path = tmp_path / "filled.xlsx"
    wanted = filled(templates[level, lang], path, lang)
    taken = read_file(path, **known, how=How(strict=True))
    assert taken.ledger.findings == []
    assert arrived(taken, lang, level) == pytest.approx(wanted)
    assert set(taken.table.cells["year"]) == {2023}
    assert set(taken.table.cells["source"]) == {"filled.xlsx"}
    assert set(taken.table.cells["quality"]) == {"user"}
    declared = known["indicators"].query("level == @level").set_index("indicator")["unit"]
    assert taken.table.units().to_dict() == declared[list(taken.table.indicators)].to_dict()
    scores = evaluate(shipped_data(level) | taken.table, load_profile(PHYSICAL[level]))
    optional = {item.id for item in scores.spec.indicator if item.optional}
    assert len(optional) == {"province": 12, "city": 9}[level]
    assert scores.index.notna().sum() >= {"province": 31, "city": 330}[level]


@pytest.mark.skipif(SOFFICE is None, reason="needs LibreOffice")
def test_a_template_saved_by_libreoffice_arrives_whole(known, templates, tmp_path):
    path = tmp_path / "filled.xlsx"
    wanted = filled(templates["province", "zh"], path, "zh", rows=5)
    (tmp_path / "saved").mkdir()
    profile = f"-env:UserInstallation=file://{tmp_path}/office"
    command = [SOFFICE, "--headless", profile, "--convert-to", "xlsx", "--outdir"]
    subprocess.run([*command, str(tmp_path / "saved"), str(path)], check=True, capture_output=True)
    taken = read_file(tmp_path / "saved" / "filled.xlsx", **known, how=How(strict=True))
    assert taken.ledger.findings == []
    assert arrived(taken, "zh", "province") == pytest.approx(wanted)


def test_only_an_excel_file_is_written(tmp_path):
    with pytest.raises(InputError) as caught:
        write_template("caict2024-province-physical", tmp_path / "zz.csv", text=Text("zh"))
    assert "zz.xlsx" in caught.value.describe("zh")
    assert not (tmp_path / "zz.csv").exists()


@pytest.fixture
def edited(known, templates, tmp_path):
    """Change one sheet of the Chinese provincial template and read it."""

    def read(changes: dict[str, object], sheet: str = "算力") -> Intake:
        book = openpyxl.load_workbook(templates["province", "zh"])
        for address, value in changes.items():
            book[sheet][address] = value
        path = tmp_path / "edited.xlsx"
        book.save(path)
        return read_file(path, **known)

    return read


def address(templates, heading: str, row: int, sheet: str = "算力") -> str:
    found = columns_of(openpyxl.load_workbook(templates["province", "zh"])[sheet])[heading]
    return f"{openpyxl.utils.get_column_letter(found)}{row}"


def test_another_unit_is_converted(edited, templates):
    at = {row: address(templates, "在用标准机架数", row) for row in (2, 3)}
    taken = edited({at[2]: "架", at[3]: 123456})
    assert taken.table.cells[["code", "indicator", "value", "unit"]].to_numpy().tolist() == [
        ["110000", "racks_in_use", 12.3456, "万架"]
    ]
    assert "unit_converted" in {finding.rule for finding in taken.ledger.findings}


def test_precisions_are_never_mixed(edited, templates):
    at = {row: address(templates, "在用通用算力规模", row) for row in (2, 3)}
    taken = edited({at[2]: "EFLOPS (FP16)", at[3]: 5})
    assert taken.ledger.refused
    assert "unit_precision" in {finding.rule for finding in taken.ledger.findings}


def test_year_quality_and_source_of_a_row_arrive(edited, templates):
    at = {key: address(templates, key, 4) for key in ("年份", "质量", "来源", "平均PUE")}
    taken = edited({at["年份"]: 2022, at["质量"]: "A", at["来源"]: "省局", at["平均PUE"]: 1.25})
    (row,) = taken.table.cells.to_dict("records")
    assert (row["code"], row["year"], row["value"]) == ("120000", 2022, 1.25)
    assert (row["quality"], row["source"]) == ("A", "省局")


def test_what_is_impossible_is_refused_also_where_excel_was_not_asked(edited, templates):
    taken = edited({address(templates, "平均PUE", 3): 0.7})
    assert [f.rule for f in taken.ledger.findings if f.action == "error"] == ["out_of_range"]


def test_a_name_moved_to_another_code_is_refused(edited):
    assert edited({"B3": "天津市", "H3": 5}).ledger.refused


def test_sheets_that_name_the_same_indicator_are_not_guessed_at(known, templates, tmp_path):
    book = openpyxl.load_workbook(templates["province", "zh"])
    book.copy_worksheet(book["算力"])
    path = tmp_path / "twice.xlsx"
    book.save(path)
    taken = read_file(path, **known)
    assert [f.rule for f in taken.ledger.findings if f.action == "error"] == ["several_sheets"]


@pytest.mark.parametrize("level", PHYSICAL)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_to_fill_in_is_known_ranged_and_convertible(known, level, lang):
    spec = load_profile(PHYSICAL[level])
    form = form_of(PHYSICAL[level], text=Text(lang))
    described = known["indicators"].query("level == @level")
    headings = Headings(indicators=described)
    columns = [column for page in form.pages for column in page.columns]
    asked = [column.indicator for column in columns]
    assert len(asked) == len(set(asked))
    assert {item.id for item in spec.indicator if item.optional} <= set(asked) <= set(spec.inputs())
    units = described.set_index("indicator")["unit"]
    for column in columns:
        read = headings.read([column.title, next(iter(column.units))])
        assert read.indicator == column.indicator
        for unit, factor in column.units.items():
            back = conversion(unit, units[column.indicator])
            assert back is not None
            assert back * factor == pytest.approx(1.0)
        # Without shipped values the hint is all a planner has.
        assert column.known or column.hint
        if column.shipped is not None:
            assert column.source.split(": ")[0]
    unasked = set(spec.inputs()) - set(asked)
    dated = shipped_data(level).cells.query("year != 0")
    standing = {name for item in spec.indicator if item.year for name in spec.inputs(item)}
    left = unasked & set(dated["indicator"]) - standing
    assert all(name.startswith("province_") for name in left)


def test_the_grid_protects_guides_and_prints(templates):
    book = openpyxl.load_workbook(templates["province", "zh"])
    assert book.sheetnames == ["填报说明", "算力", "存力", "运力", "环境", "指标表"]
    assert all(sheet.protection.sheet for sheet in book)
    for sheet in grids(book):
        assert sheet.freeze_panes == "C3"
        assert sheet.print_title_rows == "$1:$2"
        assert sheet.page_setup.paperSize == 9
        assert sheet["A3"].protection.locked
        assert sheet["B3"].protection.locked
        assert sheet["A3"].font.name == "微软雅黑"
        columns = columns_of(sheet)
        rules = [(str(rule.sqref), rule.type) for rule in sheet.data_validations.dataValidation]
        for heading, column in columns.items():
            letter = openpyxl.utils.get_column_letter(column)
            kind = {"年份": "whole", "质量": "list", "来源": "textLength"}.get(heading, "decimal")
            assert (f"{letter}3:{letter}33", kind) in rules
            assert sheet.cell(1, column).comment is not None
    racks = address(templates, "在用标准机架数", 2)
    (unit,) = [
        rule for rule in book["算力"].data_validations.dataValidation if str(rule.sqref) == racks
    ]
    assert unit.formula1 == '"万架,架"'


def test_shipped_values_stand_beside_and_can_be_left_out(templates, tmp_path):
    shipped = shipped_data("province").wide(2023, ["fibre_length"])["fibre_length"]
    sheet = openpyxl.load_workbook(templates["province", "zh"])["运力"]
    column = columns_of(sheet)["光缆线路长度"] + 1
    assert sheet.cell(1, column).value == "随附数值"
    assert sheet.cell(HEADER_ROWS + 1, column).protection.locked
    seen = {sheet.cell(r, 1).value: sheet.cell(r, column).value for r in range(3, 34)}
    assert seen == pytest.approx(shipped.to_dict())
    assert "S03" in sheet.cell(1, column).comment.text
    path = tmp_path / "empty.xlsx"
    write_template(PHYSICAL["province"], path, text=Text("zh"), empty=True)
    cells = [cell.value for sheet in grids(openpyxl.load_workbook(path)) for cell in sheet[1]]
    assert "随附数值" not in cells


def test_a_profile_of_ones_own_has_a_template_and_its_words_run_nothing(tmp_path, known):
    text = (
        'id = "mine"\nlevel = "province"\nyear = 2022\n'
        'title = { zh = "=1+1", en = "=1+1" }\nnote = { zh = "x", en = "x" }\n'
        '[method]\nweight = "equal"\n[[dimension]]\nid = "one"\n'
        'name = { zh = "=HYPERLINK(1)/[a]:*?", en = "@cmd" }\n'
        '[[indicator]]\nid = "halls"\nparent = "one"\nname = { zh = "机房", en = "Halls" }\n'
        'unit = "座"\ndirection = "up"\nstatus = "reported"\nsource = "user"\nreason = "x"\n'
    )
    profile = tmp_path / "mine.toml"
    profile.write_text(text, encoding="utf-8")
    buffer = tmp_path / "mine.xlsx"
    write_form(form_of(str(profile), text=Text("zh")), buffer, Text("zh"))
    book = openpyxl.load_workbook(io.BytesIO(buffer.read_bytes()))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    (sheet,) = grids(book)
    assert set(sheet.title).isdisjoint(r"[]:*?/\'")
    assert sheet["D1"].value == "halls"
    assert sheet["C3"].value == 2022


def test_the_year_is_preset_and_must_be_one(tmp_path):
    form = form_of(PHYSICAL["province"], text=Text("en"), year=2024)
    assert form.year == 2024
    shipped = [column.shipped for page in form.pages for column in page.columns]
    assert any(values is not None for values in shipped)
    with pytest.raises(InputError) as caught:
        form_of(PHYSICAL["province"], text=Text("en"), year=23)
    assert caught.value.problems[0].code == "template.year_range"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_writes_once(tmp_path, capsys, lang):
    path = tmp_path / "sub" / "mine.xlsx"
    for expected in (DONE, REJECTED):
        with pytest.raises(SystemExit) as left:
            main(["template", str(path), "--profile", "city-compute", "--lang", lang, "--empty"])
        assert left.value.code == expected
        said = capsys.readouterr()
        assert str(path) in (said.out if expected == DONE else said.err)
    with pytest.raises(SystemExit) as left:
        main(["template", "--lang", lang])
    assert left.value.code == USAGE


def test_a_profile_of_fixed_facts_has_nothing_to_fill_in(tmp_path):
    profile = tmp_path / "fixed.toml"
    profile.write_text(
        'id = "fixed"\nlevel = "city"\nyear = 2023\n'
        'title = { zh = "x", en = "x" }\nnote = { zh = "x", en = "x" }\n'
        '[method]\nweight = "equal"\n[[dimension]]\nid = "one"\nname = { zh = "甲", en = "a" }\n'
        '[[indicator]]\nid = "latency_to_hub"\nparent = "one"\nname = { zh = "乙", en = "b" }\n'
        'unit = "ms"\ndirection = "down"\nstatus = "derived"\nsource = "G05"\nreason = "x"\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        form_of(str(profile), text=Text("zh"))
    assert caught.value.problems[0].code == "template.nothing_to_fill"

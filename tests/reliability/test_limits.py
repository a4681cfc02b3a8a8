"""What is built to exhaust memory, time or the stack is refused in a sentence."""

import io
import os
import subprocess
import sys
import zipfile

import pandas as pd
import pytest

from suanli.cli import REJECTED, main
from suanli.errors import InputError
from suanli.intake.files import read_file
from suanli.intake.names import Gazetteer
from suanli.locations import data_folder
from suanli.profile import load_profile
from suanli.run import load_config

DEEP = {
    "arrays": "a = " + "[" * 100_000 + "]" * 100_000,
    "tables": "a = " + "{b = " * 50_000 + "1" + "}" * 50_000,
    "dotted": ".".join(["a"] * 100_000) + " = 1",
    "headed": "[" + ".".join(["a"] * 100_000) + "]",
    "arrays a person could not read": "a = " + "[" * 900 + "]" * 900,
    "large": "a = '" + "x" * 2_000_000 + "'",
}
# Address space for the imports and little more.
_ROOM = 3 * 1024**3


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(data_folder() / name, dtype=str, keep_default_na=False)


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("load", [load_profile, load_config])
def test_nested_and_large_toml_is_refused(tmp_path, text, load):
    path = tmp_path / "bomb.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(path)
    for lang in ("zh", "en"):
        assert len(caught.value.problems[0].describe(lang)) < 3000


def test_a_configuration_built_to_exhaust_is_refused_by_the_command(tmp_path, capsys):
    path = tmp_path / "bomb.toml"
    path.write_text(DEEP["arrays"], encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["check", str(path), "--lang", "en"])
    said = capsys.readouterr()
    assert (left.value.code, said.out) == (REJECTED, "")
    assert "nested deeper" in said.err


@pytest.fixture(scope="module")
def known():
    return {
        "gazetteer": Gazetteer(units=table("boundaries/units.csv")),
        "indicators": table("indicators/indicators.csv"),
    }


def book(sheet: str, **more: str) -> bytes:
    """Give an xlsx file with one sheet of the XML given."""
    main_ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main_ns}" xmlns:r="{office}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main_ns}"><sheetData>{sheet}'
        "</sheetData></worksheet>",
        **more,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>code</t></is></c></row>'
BOMBS = {
    # 30 MB of blanks in 30 KB.
    "a member that unpacks to a thousand times its size": book(CELL, pad="0" * 30_000_000),
    "more members than an office file has": book(CELL, **{f"p{i}": "x" for i in range(1100)}),
    "a cell in the far corner": book(
        CELL + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    ),
    "names that leave the folder": book(CELL, **{"../../etc/passwd": "x", "/root/x": "x"}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_workbooks_built_to_exhaust_are_refused(tmp_path, known, name):
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(BOMBS[name])
    before = sorted(tmp_path.rglob("*"))
    taken = read_file(path, **known)
    assert taken.ledger.refused
    assert taken.table.cells.empty
    assert sorted(tmp_path.rglob("*")) == before


def test_entities_are_not_expanded(tmp_path, known):
    lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    main_ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    sheet = f'<worksheet xmlns="{main_ns}"><sheetData>{cell}</sheetData></worksheet>'
    bomb = f'<!DOCTYPE a [<!ENTITY l0 "lol">{lol}]>{sheet}'
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(book(CELL, **{"xl/worksheets/sheet1.xml": bomb}))
    taken = read_file(path, **known)
    assert taken.ledger.refused
    assert taken.table.cells.empty


@pytest.mark.skipif(sys.platform == "win32", reason="no address space limit there")
def test_a_text_of_many_rows_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("code,year,indicator,value,unit\n")
        stream.seek(70 * 1024**2)
        stream.write("\n")
    code = (
        "import resource, sys; from pathlib import Path; import pandas as pd\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({_ROOM}, {_ROOM}))\n"
        "from suanli.intake.files import read_file; from suanli.intake.names import Gazetteer\n"
        "names = 'level code name short_name kind'.split()\n"
        "units = pd.DataFrame({k: ['x'] for k in names})\n"
        "known = pd.DataFrame({k: ['x'] for k in ('indicator', 'level', 'name_zh', 'name_en',"
        " 'unit', 'minimum', 'maximum')})\n"
        "taken = read_file(Path(sys.argv[1]), gazetteer=Gazetteer(units=units), indicators=known)\n"
        "print([finding.rule for finding in taken.ledger.findings])"
    )
    quiet = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True, text=True, check=False, env=quiet,
    )  # fmt: skip
    assert done.stdout.strip() == "['too_large']", done.stderr

"""One real run of the whole product, shared by every test that looks at its outputs."""

import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption("--runslow", action="store_true", help="run the long versions of tests too")


@dataclass(frozen=True)
class Atlas:
    """Where the run wrote, what it returned, and the steps it reported."""

    path: Path
    result: object
    steps: tuple[str, ...]


@pytest.fixture(scope="session")
def atlas(tmp_path_factory):
    """The shipped data by the shipped profiles, with few permutations. Read, do not change."""
    from suanli.run import RunConfig, run_all

    steps = []
    config = RunConfig(out=tmp_path_factory.mktemp("atlas"), permutations=999, redraws=199)
    result = run_all(config, progress=steps.append)
    yield Atlas(path=config.out, result=result, steps=tuple(steps))
    # Pages and figures are large; sessions follow each other quickly.
    shutil.rmtree(config.out, ignore_errors=True)


@pytest.fixture(scope="session")
def to_pdf(tmp_path_factory):
    """Convert Word files to PDF with LibreOffice."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    profile = tmp_path_factory.mktemp("office").as_uri()

    def convert(paths, folder):
        command = [program, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
        subprocess.run(
            [*command, "--outdir", str(folder), *map(str, paths)],
            check=False, capture_output=True, timeout=300,
        )  # fmt: skip
        made = [folder / path.with_suffix(".pdf").name for path in paths]
        if not any(path.is_file() for path in made):
            pytest.skip("LibreOffice is installed without its Writer")
        return made

    return convert


@pytest.fixture(scope="session")
def recalculated(tmp_path_factory):
    """Compute every formula of an xlsx file again, in LibreOffice.

    Cached values are set to 0 before, and the option to recalculate on load is set: what comes
    back was computed there.
    """
    if shutil.which("soffice") is None:
        pytest.skip("needs LibreOffice")
    folder = tmp_path_factory.mktemp("office")
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
        '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>'
        "</oor:items>",
        encoding="utf-8",
    )

    def computed(path):
        zeroed = folder / path.name
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(zeroed, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                if name.startswith("xl/worksheets/sheet"):
                    text = re.sub(r"(</f>)<v>[^<]*</v>", r"\1<v>0</v>", data.decode())
                    data = text.replace(' t="str"><f>', "><f>").encode()
                new.writestr(name, data)
        command = [
            "soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
            "--convert-to", "xlsx", "--outdir", str(folder / "out"), str(zeroed),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return zeroed, folder / "out" / path.name

    return computed

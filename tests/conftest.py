"""One real run of the whole product, shared by every test that looks at its outputs."""

import shutil
import subprocess
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

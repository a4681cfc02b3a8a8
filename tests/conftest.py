"""One real run of the whole product, shared by every test that looks at its outputs."""

import shutil
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

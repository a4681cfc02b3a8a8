"""The notebooks: stored without outputs, and every cell runs in order."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
BOOKS = sorted(FOLDER.glob("*.ipynb"))


def cells(path, kind):
    book = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == kind]


def displayed(source):
    """The cell, with its last expression shown as a notebook would show it."""
    tree = ast.parse(source)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        show = ast.Name(id="display", ctx=ast.Load())
        last.value = ast.Call(func=show, args=[last.value], keywords=[])
    return ast.unparse(ast.fix_missing_locations(tree))


SHOW = """
def display(value):
    html = getattr(value, "_repr_html_", None)
    print(html() if html is not None else repr(value))
"""


def test_there_are_three():
    assert [path.stem for path in BOOKS] == ["evaluate", "gap_and_hubs", "own_data"]


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_without_outputs(path):
    book = json.loads(path.read_text(encoding="utf-8"))
    assert book["nbformat"] == 4
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
    assert cells(path, "markdown")[0].startswith("# ")


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_notebooks_run(path, tmp_path):
    code = cells(path, "code")
    assert len(code) >= 5
    script = tmp_path / f"{path.stem}.py"
    script.write_text("\n".join([SHOW, *map(displayed, code)]), encoding="utf-8")
    root = FOLDER.parent
    paths = os.pathsep.join([str(root), str(root / "src")])
    done = subprocess.run(
        [sys.executable, "-W", "ignore::UserWarning", str(script)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8", "MPLBACKEND": "agg"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "<table" in done.stdout
    assert "<script" not in done.stdout

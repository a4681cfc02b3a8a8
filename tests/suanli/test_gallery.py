"""The gallery shows what its script draws, and stays small."""

import importlib.util
import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from suanli.publish.mapping import Mapper

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "gallery.md"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "scripts" / "build_gallery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_script_and_folder_name_the_same_pictures(script):
    shown = re.findall(r"!\[[^\]]+\]\(gallery/([\w-]+)\.png\)", PAGE.read_text(encoding="utf-8"))
    kept = sorted(script.GALLERY.iterdir())
    assert shown == list(script.PICTURES)
    assert sorted(shown) == [path.stem for path in kept]
    assert sum(path.stat().st_size for path in kept) < 2_500_000


@pytest.mark.parametrize("name", ["box-map", "rings"])
def test_the_script_draws_them(script, atlas, name):
    _, draw = script.PICTURES[name]
    assert isinstance(draw(Mapper(atlas.result.edition)), Figure)


def test_every_picture_has_a_command():
    page = PAGE.read_text(encoding="utf-8")
    for part in page.split("![")[1:]:
        assert re.search(r"\n    suanli map --", part), part.splitlines()[0]

"""The page of profile keys is current, its examples are valid, its profiles load and score."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pydantic
import pytest

from suanli import evaluate, load_profile, shipped_data
from suanli.evaluation import derivation
from suanli.profile import list_profiles
from suanli.profile.draft import _alone, _model
from suanli.robustness import rank_intervals, weight_polytope
from suanli.text import LANGUAGES

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "build_profile_reference.py"
PROFILES = sorted((ROOT / "docs" / "profiles").glob("*.toml"))


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("build_profile_reference", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_profile_reference_is_current():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_of_every_table_is_there(script, lang):
    page = script.reference(lang)
    for model in script.MODELS.values():
        assert [key for key in model.model_fields if f"| `{key}` | " not in page] == []


def test_no_model_of_a_profile_is_forgotten(script):
    seen, queue = set(), [script.MODELS["index"]]
    while queue:
        model = queue.pop()
        seen.add(model)
        inner = filter(None, (_model(info.annotation) for info in model.model_fields.values()))
        queue += [m for m in inner if m not in seen]
    assert seen == set(script.MODELS.values())


def test_every_example_is_one(script):
    for place, example in script.EXAMPLES.items():
        name, key = place.split(".")
        fields = tomllib.loads(f"{key} = {example}")
        assert _alone(script.MODELS[name], key).model_validate(fields)
    with pytest.raises(pydantic.ValidationError):
        _alone(script.MODELS["index"], "year").model_validate({"year": "soon"})


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_the_profiles_of_the_page_score_every_province(path):
    scores = evaluate(shipped_data("province"), load_profile(path))
    assert len(scores.index) == 31
    assert scores.index.notna().all()
    assert scores.coverage.min() == 1


def test_the_larger_profile_can_be_doubted():
    spec, table = load_profile(ROOT / "docs" / "profiles" / "larger.en.toml"), shipped_data()
    drawn = rank_intervals(
        derivation(table, spec), spec, rng=np.random.default_rng(1), replicates=8
    )
    assert len(drawn.table) > 0
    bounds = weight_polytope(spec, evaluate(table, spec).weights)
    assert bounds.upper["network"] == 0.7


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "README.zh-CN.md",
        "docs/profile-reference.md",
        "docs/profile-reference.zh-CN.md",
    ],
)
def test_python_in_documents_runs(document, tmp_path):
    text = (ROOT / document).read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    for name in ("mine.toml", "profile.toml"):
        shutil.copy(ROOT / "docs" / "profiles" / "minimal.toml", tmp_path / name)
    rows = "code,year,indicator,value,unit\n520000,2023,broadband_ports,99999,万个\n"
    (tmp_path / "values.csv").write_text(rows, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", block],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "520000" in done.stdout


def test_both_languages_show_the_same_larger_profile():
    english, chinese = (load_profile(ROOT / "docs" / "profiles" / f"larger.{lang}.toml")
                        for lang in ("en", "zh"))  # fmt: skip
    assert english == chinese


def test_names_are_unique_within_a_profile():
    for name in (*list_profiles(), *PROFILES):
        names = load_profile(name).names().values()
        for lang in LANGUAGES:
            said = [getattr(one, lang) for one in names]
            assert len(said) == len(set(said)), name

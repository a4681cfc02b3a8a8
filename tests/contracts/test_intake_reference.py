"""The page on how tables are read is current and leaves no rule and no case out."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from suanli.intake.rules import RULES
from suanli.text import LANGUAGES, Text

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "build_intake_reference.py"
# What is wrong with a layer may be told by the house that opens it.
SOURCES = [
    *(ROOT / "src" / "suanli" / "intake").glob("*.py"),
    *(ROOT / "geo" / "layer").glob("*.py"),
]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("build_intake_reference", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_case_is_settled(script) -> None:
    assert list(script.CASES) == list(range(1, 71))
    settled = {number for rule in RULES.values() for number in rule.cases}
    assert settled <= set(script.CASES)
    assert set(script.CASES) == settled | set(script.ELSEWHERE)


def test_every_rule_is_emitted_and_has_its_sentence() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES if path.stem != "rules")
    emitted = ('"{}"', "{}=")
    names = {rule: {rule, rule.removeprefix("layer.")} for rule in RULES}
    quiet = [
        rule
        for rule, called in names.items()
        if not any(form.format(name) in code for form in emitted for name in called)
    ]
    assert quiet == []
    assert [r for r in RULES for lang in LANGUAGES if not Text(lang).has(f"findings.{r}")] == []

"""House limits: small modules, small functions, documented public names, spoken languages."""

import ast
import importlib
import inspect
import pkgutil
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpydoc.validate
import pytest

import geo
import suanli
from suanli.text import LANGUAGES

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "geo").rglob("*.py"), *(ROOT / "src").rglob("*.py")])
MODULE_LINES = 400
FUNCTION_STATEMENTS = 40

# What numpydoc may not complain about, and why.
EXEMPT = {
    "ES01",  # not every function needs an extended summary
    "SA01",  # nor a "See Also"
    "GL01",  # the summary stands on the opening line
    "GL02",
    "GL03",
    "YD01",
    "EX01",  # examples are asked for by the test below, where a name can be called
    "PR01",  # dataclass fields are documented as attributes
    "PR02",
    "RT03",
    "RT05",
    "SS06",
    "PR05",
    "PR06",
    "PR08",
    "PR09",
    "RT02",
    "RT04",
    "SA04",
}


def modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def public_names() -> list[tuple[str, object]]:
    found: dict[str, object] = {}
    for package in (geo, suanli):
        for module in modules(package):
            for name in getattr(module, "__all__", ()):
                thing = getattr(module, name)
                if inspect.isfunction(thing) or inspect.isclass(thing):
                    found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return sorted(found.items())


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            statements = sum(isinstance(item, ast.stmt) for item in ast.walk(node)) - 1
            assert statements <= FUNCTION_STATEMENTS, node.name


@pytest.mark.parametrize(
    ("name", "thing"), public_names(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_public_names_are_documented(name: str, thing: object) -> None:
    report = numpydoc.validate.validate(name)
    faults = [(code, text) for code, text in report["errors"] if code not in EXEMPT]
    assert not faults
    document = inspect.getdoc(thing) or ""
    if inspect.isfunction(thing):
        if inspect.signature(thing).parameters:
            assert "Parameters\n---" in document
        assert "Examples\n---" in document, "show a call that runs"


def catalogue(lang: str, area: str) -> dict[str, set[str]]:
    path = ROOT / "src" / "suanli" / "messages" / lang / area
    flat: dict[str, str] = {}

    def walk(node: dict[str, object], prefix: str) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                walk(value, f"{prefix}{key}.")
            else:
                flat[f"{prefix}{key}"] = str(value)

    walk(tomllib.loads(path.read_text(encoding="utf-8")), "")
    fields = string.Formatter()
    return {
        key: {name.split(".")[0].split("[")[0] for _, name, _, _ in fields.parse(text) if name}
        for key, text in flat.items()
    }


def areas(lang: str) -> list[str]:
    return sorted(p.name for p in (ROOT / "src" / "suanli" / "messages" / lang).glob("*.toml"))


def test_languages_have_the_same_areas() -> None:
    assert areas(LANGUAGES[0]) == areas(LANGUAGES[1]) != []


@pytest.mark.parametrize("area", areas("zh"))
def test_languages_have_the_same_sentences(area: str) -> None:
    chinese, english = catalogue("zh", area), catalogue("en", area)
    assert chinese.keys() == english.keys()
    differing = {key for key in chinese if chinese[key] != english[key]}
    assert not differing


def test_texts_speak_of_the_project_alone() -> None:
    banned = ("/" + "work/", "/" + "tmp/dev", "file:///" + "opt")
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert not [word for word in banned if word in text], path

"""Write docs/profile-reference.md, in both languages, from the models of profiles.

python scripts/build_profile_reference.py            # write
python scripts/build_profile_reference.py --check    # exit code 1 if a file is not current
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pydantic

from geo.storage import write_text
from suanli.expression import FUNCTIONS
from suanli.profile import (
    Choice,
    Dimension,
    IndexSpec,
    Indicator,
    Judgement,
    Method,
    Names,
    Raster,
    Uncertainty,
    Variable,
    WeightDistribution,
)
from suanli.profile.method import Combination
from suanli.profile.uncertainty import FIXED
from suanli.text import LANGUAGES, Language, Text

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
TARGETS: Final[Mapping[Language, Path]] = {
    "en": DOCS / "profile-reference.md",
    "zh": DOCS / "profile-reference.zh-CN.md",
}
MODELS: Final[Mapping[str, type[pydantic.BaseModel]]] = {
    "index": IndexSpec,
    "names": Names,
    "dimension": Dimension,
    "indicator": Indicator,
    "variable": Variable,
    "raster": Raster,
    "judgement": Judgement,
    "method": Method,
    "combination": Combination,
    "uncertainty": Uncertainty,
    "weights": WeightDistribution,
    "choice": Choice,
}
# As a profile would write them; keys that choose show the first value but the default.
EXAMPLES: Final[Mapping[str, str]] = {
    "index.id": '"mine"',
    "index.year": "2023",
    "index.title": '{ zh = "算力", en = "Computing power" }',
    "index.note": '{ zh = "试用", en = "A trial" }',
    "names.zh": '"算力"',
    "names.en": '"Computing power"',
    "dimension.id": '"network"',
    "dimension.parent": '"index"',
    "dimension.name": '{ zh = "网络", en = "Network" }',
    "dimension.weight": "0.4",
    "indicator.id": '"fibre_density"',
    "indicator.parent": '"network"',
    "indicator.name": '{ zh = "光缆密度", en = "Density of cable" }',
    "indicator.unit": '"公里/km²"',
    "indicator.target": "[8, 14]",
    "indicator.goalposts": "[0, 100]",
    "indicator.goal": "100",
    "indicator.value": '"fibre_length / land_area"',
    "indicator.denominator": '"population"',
    "indicator.year": "2022",
    "indicator.source": '"S03 G06"',
    "indicator.reason": '"Routes per area."',
    "indicator.weight": "0.5",
    "indicator.movable": "false",
    "indicator.optional": "true",
    "variable.id": '"surplus"',
    "variable.value": '"power_generation - electricity_consumption"',
    "variable.unit": '"亿千瓦时"',
    "variable.name": '{ zh = "盈余", en = "Surplus" }',
    "raster.id": '"summer_heat"',
    "raster.file": '"summer.tif"',
    "raster.statistic": '"p90"',
    "raster.weights": '"people.tif"',
    "raster.band": "7",
    "raster.nodata": "-9999",
    "raster.minimum_covered": "0.8",
    "raster.unit": '"℃"',
    "judgement.parent": '"index"',
    "judgement.order": '["network", "energy"]',
    "judgement.matrix": "[[1, 2], [0.5, 1]]",
    "judgement.consistency_ratio": "0.0",
    "judgement.reason": '"Network is the subject."',
    "method.coverage": "0.5",
    "method.impute": '["nearest_year", "knn"]',
    "method.impute_reach": "3",
    "method.neighbours": "3",
    "method.winsorise_points": "3",
    "method.panel": "[2016, 2023]",
    "method.lower": "1",
    "method.upper": "10",
    "method.centre": "100",
    "method.spread": "10",
    "method.cap": "true",
    "method.reference": '"110000"',
    "method.reference_year": "2016",
    "method.influence_miss": "0.05",
    "method.force_inconsistent": "true",
    "method.power": "0.3",
    "method.bod_slack": "0.1",
    "combination.share": "0.7",
    "uncertainty.replicates": "2000",
    "uncertainty.interval": "[0.025, 0.975]",
    "uncertainty.top": "5",
    "uncertainty.omit": "0.5",
    "uncertainty.bounds": "0.2",
    "uncertainty.limits": "{ network = [0.2, 0.5] }",
    "weights.spread": "0.5",
    "weights.concentration": "100",
    "choice.name": '"aggregation"',
    "choice.options": '[{ aggregate = "arithmetic" }, { aggregate = "geometric", lower = 1 }]',
}
# Keys whose type says less than their meaning needs.
_SPECIAL: Final[Mapping[str, str]] = {
    "judgement.matrix": "matrix",
    "uncertainty.limits": "limits",
    "choice.options": "options",
}
_SHELL: Final = """suanli score --profile mine.toml
suanli score --profile mine.toml --data values.csv
"""
_PYTHON: Final = """from suanli import evaluate, load_profile, read_table, shipped_data

table = shipped_data("province") | read_table("values.csv")
print(evaluate(table, load_profile("mine.toml")).ranks)
"""


def reference(lang: Language) -> str:
    """Compose the reference.

    Parameters
    ----------
    lang : {"en", "zh"}
        Its language.

    Returns
    -------
    str
        Markdown.
    """
    text = Text(lang)
    title = [f"# {text('keys.title')}", text("keys.other"), text("keys.generated")]
    minimal = [
        text("keys.minimal_text"),
        _block("toml", "minimal.toml"),
        f"```sh\n{_SHELL}```",
        text("keys.minimal_more"),
        f"```python\n{_PYTHON}```",
    ]
    larger = [text("keys.larger_text"), _block("toml", f"larger.{lang}.toml")]
    parts = [
        *title,
        text("keys.intro"),
        f"## {text('keys.minimal')}",
        *minimal,
        f"## {text('keys.larger')}",
        *larger,
        f"## {text('keys.keys')}",
        text("keys.keys_text"),
        *(piece for name in MODELS for piece in _table(name, text)),
        f"## {text('keys.formulas')}",
        text("keys.formulas_text"),
        _functions(text),
    ]
    return "\n\n".join(parts) + "\n"


def _block(language: str, name: str) -> str:
    content = (DOCS / "profiles" / name).read_text(encoding="utf-8")
    return f"```{language}\n{content}```"


def _table(name: str, text: Text) -> Iterator[str]:
    model = MODELS[name]
    schema = model.model_json_schema()["properties"]
    yield f"### {text(f'keys.table.{name}.title')}"
    yield text(f"keys.table.{name}.about", fixed="`, `".join(sorted(FIXED)))
    rows = [text("keys.head"), "| --- | --- | --- | --- | --- |"]
    chosen: dict[str, list[str]] = {}
    for key, shape in schema.items():
        values = _values(shape)
        if values:
            chosen.setdefault(", ".join(values), []).append(key)
        other = [value for value in values if value != model.model_fields[key].default]
        example = EXAMPLES.get(f"{name}.{key}", f'"{other[0]}"' if other else "")
        cells = (
            f"`{key}`",
            _kind(f"{name}.{key}", shape, text),
            _default(model, key, text),
            text(f"keys.meaning.{name}.{key}"),
            f"`{key} = {example}`" if example else "",
        )
        rows.append(f"| {' | '.join(map(_cell, cells))} |")
    yield "\n".join(rows)
    for values, keys in chosen.items():
        yield _choices(keys, values.split(", "), text)


def _choices(keys: list[str], values: list[str], text: Text) -> str:
    # Both weightings of a combination are chosen among those of the method.
    about = {"first": "weight"}.get(keys[0], keys[0])
    rows = [text("keys.choices", key="`, `".join(keys)), "", text("keys.head_choices")]
    rows.append("| --- | --- |")
    rows += [f"| `{one}` | {_cell(text(f'keys.choice.{about}.{one}'))} |" for one in values]
    return "\n".join(rows)


def _values(shape: Mapping[str, Any]) -> list[str]:
    """Return the values a key may have, also as entries of a list."""
    for one in (shape, *shape.get("anyOf", ()), shape.get("items", {})):
        if "enum" in one:
            return list(one["enum"])
    return []


def _kind(place: str, shape: Mapping[str, Any], text: Text) -> str:
    if place in _SPECIAL:
        return text(f"keys.type.{_SPECIAL[place]}")
    options = [one for one in shape.get("anyOf", ()) if one.get("type") != "null"]
    if options:
        return _kind(place, options[0], text)
    if "$ref" in shape:
        return _linked(shape["$ref"], "table", text)
    return _plain(place, shape, text)


def _plain(place: str, shape: Mapping[str, Any], text: Text) -> str:
    if "enum" in shape:
        return text("keys.type.choice")
    if "prefixItems" in shape:
        return text("keys.type.pair", of=_kind(place, shape["prefixItems"][0], text))
    inner = shape.get("items")
    if inner is None:
        kind = text(f"keys.type.{_WORDS[shape['type']]}")
    elif "$ref" in inner:
        kind = _linked(inner["$ref"], "tables", text)
    else:
        kind = text("keys.type.list", of=_kind(place, inner, text))
    return _bounded(kind, shape, text)


_WORDS: Final = {"string": "text", "number": "number", "integer": "integer", "boolean": "boolean"}


def _bounded(kind: str, shape: Mapping[str, Any], text: Text) -> str:
    low, high = shape.get("minimum"), shape.get("maximum")
    if low is not None and high is not None:
        return text("keys.type.range", type=kind, low=low, high=high)
    limits = {"least": low, "above": shape.get("exclusiveMinimum")}
    limits |= {"fewest": shape.get("minItems"), "most": shape.get("maxItems")}
    for name, limit in limits.items():
        if limit is not None:
            return text(f"keys.type.{name}", type=kind, limit=limit)
    return kind


def _linked(target: str, kind: str, text: Text) -> str:
    model = target.rsplit("/", 1)[-1]
    name = next(key for key, one in MODELS.items() if one.__name__ == model)
    if name == "names":
        return text("keys.type.names")
    title = re.sub(r"[^\w\- ]", "", text(f"keys.table.{name}.title"))
    return text(f"keys.type.{kind}", anchor=title.lower().replace(" ", "-"))


def _default(model: type[pydantic.BaseModel], key: str, text: Text) -> str:
    info = model.model_fields[key]
    if info.is_required():
        return text("keys.required")
    value = info.get_default(call_default_factory=True)
    if isinstance(value, pydantic.BaseModel):
        return text("keys.inner")
    if value is None or value in ("", (), {}):
        return text("keys.none")
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    return f"`{json.dumps(value)}`"


def _functions(text: Text) -> str:
    rows = [text("keys.head_choices"), "| --- | --- |"]
    rows += [f"| `{how}` | {text(f'keys.function.{name}')} |" for name, how in FUNCTIONS.items()]
    return "\n".join(rows)


def _cell(content: str) -> str:
    return content.replace("|", "\\|")


def main() -> None:
    """Write the reference, or check it."""
    parser = argparse.ArgumentParser(description="Write the profile reference from the models.")
    parser.add_argument("--check", action="store_true", help="compare only")
    check = parser.parse_args().check
    for lang in LANGUAGES:
        target, content = TARGETS[lang], reference(lang)
        if not check:
            write_text(target, content)
        elif not target.is_file() or target.read_text(encoding="utf-8") != content:
            sys.exit(f"{target} is not current; run scripts/build_profile_reference.py")


if __name__ == "__main__":
    main()

"""Sheets that describe: indicators, sources, and every column of every sheet."""

import pandas as pd

from suanli.boundaries import Level
from suanli.evaluation import Scores
from suanli.profile import IndexSpec, Indicator
from suanli.workbook.making import Field, Making
from suanli.workbook.tree import leaf_order

__all__ = ["write_dictionary", "write_indicators", "write_sources"]

_LEVELS: tuple[Level, Level] = ("province", "city")


def write_indicators(making: Making) -> None:
    """Write what every indicator is, and why it is there.

    Parameters
    ----------
    making : Making
        The workbook.

    Examples
    --------
    >>> write_indicators.__name__  # see suanli.workbook.book.write_workbook
    'write_indicators'
    """
    rows = []
    for level in _LEVELS:
        scores = making.edition.scores(level)
        items = {item.id: item for item in scores.spec.indicator}
        rows += [_indicator(making, scores, items[name]) for name in leaf_order(scores.spec)]
    frame = pd.DataFrame(rows)
    kinds = {"weight_overall": "weight", "available": "share"}
    fields = [
        Field(
            key=str(name),
            kind=kinds.get(str(name), "text"),
            look="wrapped" if name == "reason" else "text",
        )
        for name in frame.columns
    ]
    making.table("indicators", frame, fields)


def _indicator(making: Making, scores: Scores, item: Indicator) -> dict[str, object]:
    text, spec = making.text, scores.spec
    return {
        "level": text(f"common.{spec.level}"),
        "indicator_id": item.id,
        "name": text.of(item.name.model_dump()),
        "dimension": _top(making, spec, item.id),
        "unit": item.unit,
        "direction": text(f"template.direction.{item.direction}"),
        "expression": item.expression.text,
        "transform": text(f"workbook.transform.{item.transform}"),
        "taken_year": str(item.year or spec.year),
        "weight_overall": float(scores.weights["overall"].astype("float64")[item.id]),
        "available": float(scores.indicator_coverage[item.id]),
        "status": text(f"template.status_word.{item.status}"),
        "inference": text(f"workbook.inference.{item.inference}"),
        "source": item.source,
        "reason": item.reason,
    }


def _top(making: Making, spec: IndexSpec, node: str) -> str:
    """Return the names from the dimension down to the parent of an indicator."""
    items = {item.id: item for item in spec.items()}
    path: list[str] = []
    parent = items[node].parent
    while parent in items:
        path.append(making.text.of(items[parent].name.model_dump()))
        parent = items[parent].parent
    return " / ".join(reversed(path))


def write_sources(making: Making) -> None:
    """Write what the marks and sources of values stand for.

    Parameters
    ----------
    making : Making
        The workbook.

    Examples
    --------
    >>> write_sources.__name__  # see suanli.workbook.book.write_workbook
    'write_sources'
    """
    catalogue = making.edition.catalogue
    used = set(catalogue.province.cells["source"]) | set(catalogue.city.cells["source"])
    listed = catalogue.sources.rename_axis("source").reset_index().astype("str")
    extra = sorted(used - set(listed["source"]))
    own = pd.DataFrame({"source": extra, "title": making.text("workbook.own_source")})
    frame = pd.concat([listed, own], ignore_index=True)
    frame = frame[["source", "title", "licence", "url"]]
    fields = [Field(key="source")]
    fields += [
        Field(key=name, title=making.text(f"workbook.column.source_{name}"),
              about=making.text(f"workbook.meaning.source_{name}"), look="wrapped")
        for name in ("title", "licence", "url")
    ]  # fmt: skip
    making.table("sources", frame, fields)


def write_dictionary(making: Making) -> None:
    """Write what every column of every sheet means.

    Parameters
    ----------
    making : Making
        The workbook, all other sheets written.

    Examples
    --------
    >>> write_dictionary.__name__  # see suanli.workbook.book.write_workbook
    'write_dictionary'
    """
    order = {key: place for place, key in enumerate(making.names)}
    entries = sorted(making.entries, key=lambda entry: order[entry[0]])
    rows = [(making.names[sheet], column, meaning) for sheet, column, meaning in entries]
    columns = ["sheet", "column", "meaning"]
    frame = pd.DataFrame(rows, columns=columns)
    fields = [Field(key="sheet"), Field(key="column"), Field(key="meaning", look="wrapped")]
    making.table("dictionary", frame, fields)

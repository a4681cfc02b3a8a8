"""The page of findings: one file, offline, readable without scripts, quick with thousands."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jinja2

from geo.cartography.font import PAGE_STACK, page_font_face
from geo.cartography.offline import CSP_MARK, check_offline, script_json, seal_page
from suanli.errors import Problem
from suanli.intake.files import Intake
from suanli.intake.findings import Finding
from suanli.publish.marks import Marked, marked, plain
from suanli.text import Text

__all__ = ["render_findings"]

_ACTIONS: Final = ("error", "warn", "fix")
_MOST: Final = 20_000
"""Findings on the page; with more a browser on an office computer becomes slow to open it."""
_STATIC: Final = 100
_PRINTED: Final = 1000
_NAME: Final = 80
_SENTENCE: Final = 600
_FEW: Final = 3
_WORDS: Final = (
    "no_column", "shown", "none", "page", "row", "sheet", "printed", *_ACTIONS,
)  # fmt: skip
_ROOM: Final = {
    key: f"{{{key}}}" for key in ("from", "to", "count", "page", "pages", "row", "sheet", "csv")
} | {"shown": "{shown}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One finding as the page shows it."""

    action: int
    rule: str
    file: int
    sheet: str
    row: int
    column: str
    before: Marked
    after: Marked
    message: Marked


def render_findings(
    intakes: Sequence[Intake],
    *,
    text: Text,
    names: Sequence[str] = (),
    csv: str = "findings.csv",
    summary: str = "findings_summary.csv",
) -> str:
    """Render the page.

    Parameters
    ----------
    intakes : Sequence[Intake]
        The files taken in.
    text : Text
        The words.
    names : Sequence[str]
        What the files are called, in the order of ``intakes``; told from the findings by
        default.
    csv, summary : str
        Names of the tables beside the page.

    Returns
    -------
    str
        A self-contained page; equal findings give equal text.

    Examples
    --------
    >>> page = render_findings([], text=Text("en"))
    >>> "default-src 'none'" in page
    True
    """
    names = names or [_name(taken, at, text) for at, taken in enumerate(intakes, 1)]
    rows, total = _rows(intakes, text)
    listed = sum(len(taken.ledger.findings) for taken in intakes)
    counted = sum(taken.ledger.counts.total() for taken in intakes)
    html = _template().render(
        text=text,
        csp_mark=CSP_MARK,
        font_stack=PAGE_STACK,
        font_face=page_font_face(),
        files=[_file(taken, name, text) for taken, name in zip(intakes, names, strict=True)],
        title=_title(names, text),
        lead=_lead(intakes, text),
        refused=any(taken.ledger.refused for taken in intakes),
        rules=_rules(intakes, text),
        actions=_ACTIONS,
        counts=[sum(t.ledger.counts[action] for t in intakes) for action in _ACTIONS],
        static=[_cells(row, names, text) for row in rows[:_STATIC]],
        notes=_notes(text, shown=len(rows), listed=total, unlisted=counted - listed, csv=csv),
        whole=text("checked.whole_static", shown=min(_STATIC, total), count=total, csv=csv)
        if total > _STATIC
        else "",
        data_files=text("checked.data_files", csv=csv, summary=summary),
        payload=script_json(_payload(rows, names, text, csv)),
        css=_asset("findings.css"),
        script=_asset("findings.js"),
    )
    sealed = seal_page(html)
    check_offline(sealed)
    return sealed


def _name(taken: Intake, number: int, text: Text) -> str:
    told = str(getattr(taken, "file", ""))
    found = told or next((item.place.file for item in taken.ledger.findings), "")
    if found:
        return found
    # A table without any finding tells its name only as the source of its values.
    sources = set(taken.table.cells["source"].unique())
    return str(sources.pop()) if len(sources) == 1 else text("checked.unnamed", number=number)


def _title(names: Sequence[str], text: Text) -> str:
    title = text("checked.title")
    return f"{title} · {plain(_short(names[0], _NAME))}" if len(names) == 1 else title


def _lead(intakes: Sequence[Intake], text: Text) -> str:
    refused = sum(taken.ledger.refused for taken in intakes)
    if not intakes:
        return text("checked.lead_none")
    key = "checked.lead_refused" if refused else "checked.lead_accepted"
    one = "_one" if len(intakes) == 1 else ""
    return text(key + one, files=len(intakes), refused=refused)


def _file(taken: Intake, name: str, text: Text) -> dict[str, Any]:
    counts, ledger = taken.ledger.counts, taken.ledger
    said = text(
        "checked.summary",
        rows=taken.rows,
        fixed=counts["fix"],
        warned=counts["warn"],
        refused=counts["error"],
    )
    return {
        "name": _shown(name),
        "level": text("checked.level", level=text(f"common.{taken.level}")),
        "said": said,
        "clean": not counts.total(),
        "refused": ledger.refused,
    }


def _rules(intakes: Sequence[Intake], text: Text) -> list[dict[str, Any]]:
    """Count by rule, errors first, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    columns: dict[tuple[str, str], dict[str, None]] = {}
    for taken in intakes:
        for row in taken.ledger.summary().to_dict("records"):
            key = (row["action"], row["rule"])
            counts[key] += row["count"]
            columns.setdefault(key, {})[row["column"]] = None
    order = sorted(counts, key=lambda key: (_ACTIONS.index(key[0]), -counts[key]))
    return [
        {
            "action": action,
            "rule": rule,
            "title": text(f"checked.rule.{rule}"),
            "count": counts[action, rule],
            "columns": [_shown(name) for name in list(columns[action, rule])[:_FEW] if name],
            "all": len(columns[action, rule]) if len(columns[action, rule]) > _FEW else 0,
        }
        for action, rule in order
    ]


def _rows(intakes: Sequence[Intake], text: Text) -> tuple[list[_Row], int]:
    """Return what the page lists, errors first, and how many findings there are to list."""
    found = [
        (at, finding) for at, taken in enumerate(intakes) for finding in taken.ledger.in_place()
    ]
    ordered = sorted(found, key=lambda pair: _ACTIONS.index(pair[1].action))
    return [_row(at, finding, text) for at, finding in ordered[:_MOST]], len(found)


def _row(at: int, found: Finding, text: Text) -> _Row:
    return _Row(
        action=_ACTIONS.index(found.action),
        rule=found.rule,
        file=at,
        sheet=found.place.sheet,
        row=found.place.row,
        column=found.place.column,
        before=marked(found.before, found.after),
        after=marked(found.after, found.before),
        message=_sentence(found.problem(), text),
    )


def _sentence(problem: Problem, text: Text) -> Marked:
    """Say what was found without its place, which has a column of its own."""
    place = problem.params["where"].describe(text.lang)
    said = problem.describe(text.lang)
    for end in ("：", ": "):
        if said.startswith(place + end):
            said = said.removeprefix(place + end)
            said = said[:1].upper() + said[1:]
            break
    return marked(_short(said, _SENTENCE), value=False)


def _cells(row: _Row, names: Sequence[str], text: Text) -> dict[str, Any]:
    """Return a row as it stands in the page before any script runs."""
    place = [_shown(names[row.file])] if len(names) > 1 else []
    place += [_shown(text("checked.sheet", sheet=row.sheet))] if row.sheet else []
    place += [text("checked.row", row=row.row)] if row.row else []
    place += [_shown(row.column)] if row.column else []
    return {
        "action": _ACTIONS[row.action],
        "rule": text(f"checked.rule.{row.rule}"),
        "place": place or [text("checked.no_column")],
        "before": row.before,
        "after": row.after,
        "message": row.message,
    }


def _notes(text: Text, *, shown: int, listed: int, unlisted: int, csv: str) -> list[str]:
    notes = []
    if shown < listed:
        notes.append(text("checked.cut", shown=shown, count=listed, csv=csv))
    if unlisted:
        notes.append(text("checked.unlisted", count=unlisted))
    return notes


def _payload(rows: Sequence[_Row], names: Sequence[str], text: Text, csv: str) -> dict[str, Any]:
    """Write rows short: what repeats stands in lists, and rows name it by its position."""
    rules, columns = (
        list(dict.fromkeys(getattr(row, key) for row in rows)) for key in ("rule", "column")
    )
    # The page orders sheets by their positions, as the table does by their names.
    sheets = sorted({row.sheet for row in rows})
    at = [{name: place for place, name in enumerate(kind)} for kind in (rules, sheets, columns)]
    return {
        "words": {key: text(f"checked.{key}", **_ROOM) for key in _WORDS},
        "csv": csv,
        "printed": _PRINTED,
        "actions": list(_ACTIONS),
        "rules": [[rule, text(f"checked.rule.{rule}")] for rule in rules],
        "files": [_shown(name) for name in names],
        "sheets": [_shown(name) for name in sheets],
        "columns": [_shown(name) for name in columns],
        "rows": [
            [
                row.action,
                at[0][row.rule],
                row.file,
                at[1][row.sheet],
                row.row,
                at[2][row.column],
                row.before,
                row.after,
                row.message,
            ]
            for row in rows
        ],
    }


def _shown(name: str) -> Marked:
    return marked(_short(name, _NAME), value=False)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


@cache
def _asset(name: str) -> str:
    return (files("suanli.publish") / "templates" / name).read_text(encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("findings.html"))

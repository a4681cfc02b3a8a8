"""What a run prints at its end: Top10s as the published report does, findings, cost."""

from typing import Any

from suanli.profile import ROOT
from suanli.publish.finding import findings
from suanli.publish.tables import top_table
from suanli.publish.wording import agreement_note, interval_text, intervals_note
from suanli.run.taking import counted
from suanli.run.whole import RunResult
from suanli.text import Text

__all__ = ["summary_lines", "summary_record"]


def summary_lines(result: RunResult) -> list[str]:
    """Return the summary of a run, line by line.

    Parameters
    ----------
    result : RunResult
        A finished run.

    Returns
    -------
    list[str]
        Top10s with rank, score and rank interval, findings, agreement with published lists,
        files, time and memory.

    Examples
    --------
    >>> from suanli.run.sample import sample_run
    >>> any("Top10" in line for line in summary_lines(sample_run()))
    True
    """
    edition, text = result.edition, result.edition.text
    lines = [text("run.headline", title=text.of(edition.study.province.spec.title.model_dump()))]
    lines.append(text.of(edition.study.province.spec.note.model_dump()))
    for level in ("province", "city"):
        nodes = edition.nodes(level) if level == "province" else (ROOT,)
        for node in nodes:
            names = edition.unit_names(level, short=True)
            table = top_table(edition.scores(level), names, node, ranks=edition.ranks(level))
            cells = [
                f"{row.rank:g} {row.name} {row.score:.1f} ({interval_text(edition, row)})"
                for row in table.itertuples()
            ]
            head = text("run.top10", name=edition.node_name(level, node))
            lines.append(f"{head} {' · '.join(cells)}")
    lines.append(intervals_note(edition, "province"))
    lines += findings(edition)
    lines += _agreement(result, text)
    lines += list(result.manifest.warnings)
    # Tables with warnings are counted among those.
    clean = [taken for taken in result.intakes if not taken.ledger.counts["warn"]]
    lines += [text(said.code, **said.params) for said in map(counted, clean)]
    times = result.manifest.times
    lines.append(
        text(
            "run.done",
            folder=result.config.out,
            files=len(result.manifest.outputs),
            seconds=times["seconds"],
            memory=times["peak_memory_mb"],
        )
    )
    return lines


def _agreement(result: RunResult, text: Text) -> list[str]:
    table = result.edition.study.agreement
    lines = [text("run.agreement", note=agreement_note(result.edition))]
    for row in table[table["node"].ne("")].to_dict("records"):
        names = {"node": result.edition.node_name(row["level"], row["node"])}
        figures = ("year", "edition", "overlap", "named", "length", "expected_overlap", "rbo")
        params = names | {key: row[key] for key in figures}
        lines.append(text(f"run.agreement_{row['kind']}", **params))
    return lines


def summary_record(result: RunResult) -> dict[str, Any]:
    """Return the summary of a run for machines.

    Parameters
    ----------
    result : RunResult
        A finished run.

    Returns
    -------
    dict[str, Any]
        Top10s, findings, agreement, warnings, counts of the user's tables, times and the
        folder.

    Examples
    --------
    >>> from suanli.run.sample import sample_run
    >>> sorted(summary_record(sample_run()))[:3]
    ['agreement', 'findings', 'out']
    """
    edition = result.edition
    tops = {}
    for level in ("province", "city"):
        names = edition.unit_names(level)
        tops[level] = {
            node: top_table(edition.scores(level), names, node, ranks=edition.ranks(level)).to_dict(
                orient="records"
            )
            for node in edition.nodes(level)
        }
    agreement = edition.study.agreement
    return {
        "top10": tops,
        "findings": findings(edition),
        "agreement": agreement.astype(object).where(agreement.notna(), None).to_dict("records"),
        "warnings": list(result.manifest.warnings),
        "tables": [dict(counted(taken).params) for taken in result.intakes],
        "times": dict(result.manifest.times),
        "out": str(result.config.out),
    }

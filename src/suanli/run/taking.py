"""What was found in users' tables: said, for people and for machines, and written."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from suanli.boundaries import Level
from suanli.data import load_catalogue
from suanli.errors import InputError, Problem
from suanli.intake import Intake
from suanli.intake.findings import Finding
from suanli.intake.rules import RULES, Action
from suanli.profile import IndexSpec, load_profile
from suanli.publish.findings import write_findings
from suanli.run.config import DataFile, LevelConfig, RunConfig
from suanli.run.overlay import take_in_all
from suanli.text import Text

__all__ = ["TablesReport", "check_tables", "configured_tables", "counted", "doubts", "write_report"]

_ACTIONS: Final[tuple[Action, ...]] = ("error", "warn", "fix")
_FEW: Final = 3
"""Findings of one rule that are said one by one on a screen."""
_DOUBTS: Final = 5
_OF_COVERAGE: Final = frozenset({"thin", "units_absent"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TablesReport:
    """What was found in tables.

    Attributes
    ----------
    intakes : tuple[Intake, ...]
        The tables, in the order asked for.
    """

    intakes: tuple[Intake, ...]

    @property
    def refused(self) -> bool:
        """Whether one of the tables is refused."""
        return any(taken.ledger.refused for taken in self.intakes)

    def lines(self, text: Text) -> list[tuple[int, str]]:
        """Say what was found, file by file, what matters most first.

        Parameters
        ----------
        text : Text
            The words.

        Returns
        -------
        list[tuple[int, str]]
            Sentences with the depth to set them at: 0 for a file, 1 for a kind of finding, 2
            for findings.
        """
        return [line for taken in self.intakes for line in _lines(taken, text)]

    def record(self, text: Text) -> dict[str, Any]:
        """Return what was found for machines.

        Parameters
        ----------
        text : Text
            The words of the sentences.

        Returns
        -------
        dict[str, Any]
            Whether a table is refused, and for each its level, counts and findings.
        """
        return {"refused": self.refused, "files": [_record(taken, text) for taken in self.intakes]}


def check_tables(
    files: Sequence[DataFile],
    *,
    config: RunConfig,
    profile: str | None = None,
    level: Level | None = None,
) -> TablesReport:
    """Take in tables as a run would, and gather what is found.

    Parameters
    ----------
    files : Sequence[DataFile]
        The tables.
    config : RunConfig
        What a run would be told: its profiles name the indicators of one's own.
    profile : str, optional
        A profile in place of those; tables are taken to be of its level.
    level : {"province", "city"}, optional
        Level of the tables; told from the profile, or each table, by default.

    Returns
    -------
    TablesReport
        Nothing is raised for what is wrong with a table.

    Raises
    ------
    InputError
        The profile named cannot be used.

    Examples
    --------
    >>> report = check_tables([DataFile(file=Path("nowhere.csv"))], config=RunConfig())
    >>> report.refused, report.lines(Text("en"))[0]
    (True, (0, 'nowhere.csv: 0 rows read: 0 repairs, 0 warnings, 1 errors.'))
    """
    if profile is not None:
        spec = load_profile(profile)
        specs: dict[Level, IndexSpec] = {spec.level: spec}
        level = level or spec.level
    else:
        specs = _profiles(config)
    intakes, _ = take_in_all(
        files, load_catalogue(), level=level, specs=specs, strict=config.strict
    )
    return TablesReport(intakes=intakes)


def configured_tables(config: RunConfig) -> TablesReport:
    """Take in the tables a configuration names, and gather what is found.

    Parameters
    ----------
    config : RunConfig
        What a run would be told.

    Returns
    -------
    TablesReport
        Nothing is raised for what is wrong with a table or a profile.

    Examples
    --------
    >>> configured_tables(RunConfig()).intakes
    ()
    """
    specs, catalogue = _profiles(config), load_catalogue()
    intakes: list[Intake] = []
    levels: tuple[tuple[Level, LevelConfig], ...] = (
        ("province", config.province),
        ("city", config.city),
    )
    for level, one in levels:
        found, _ = take_in_all(one.data, catalogue, level=level, specs=specs, strict=config.strict)
        intakes += found
    return TablesReport(intakes=tuple(intakes))


def _profiles(config: RunConfig) -> dict[Level, IndexSpec]:
    """Load the configured profiles; what is wrong with one is said where it is used."""
    found: dict[Level, IndexSpec] = {}
    for one in (config.province, config.city):
        try:
            spec = load_profile(one.profile)
        except InputError:
            continue
        found[spec.level] = spec
    return found


def counted(taken: Intake) -> Problem:
    """Return how many rows were read of a table, and what was found in them.

    Parameters
    ----------
    taken : Intake
        The table.

    Returns
    -------
    Problem
        A sentence.

    Examples
    --------
    >>> from suanli.data import take_in
    >>> counted(take_in("nowhere.csv")).describe()
    'nowhere.csv: 0 rows read: 0 repairs, 0 warnings, 1 errors.'
    """
    counts = taken.ledger.counts
    params = {"fixed": counts["fix"], "warned": counts["warn"], "refused": counts["error"]}
    return Problem(
        code="findings.of_file", params={"file": taken.file, "rows": taken.rows, **params}
    )


def doubts(intakes: Sequence[Intake], *, quality: bool = True) -> list[Problem]:
    """Return the warnings about tables, in short.

    Parameters
    ----------
    intakes : Sequence[Intake]
        The tables.
    quality : bool, default True
        Whether missing units and thin data count; who evaluates one profile hears of what it
        lacks by itself.

    Returns
    -------
    list[Problem]
        For each table with warnings its counts, the first warning of a few rules, and where
        to see the others; nothing for tables without.

    Examples
    --------
    >>> doubts([])
    []
    """
    said: list[Problem] = []
    for taken in intakes:
        by_rule = [
            (count, findings)
            for rule, count, findings in _by_rule(taken, "warn")
            if quality or rule not in _OF_COVERAGE
        ]
        if by_rule:
            first = [findings[0].problem() for _, findings in by_rule[:_DOUBTS]]
            more = Problem(code="findings.told_more", params={"file": taken.file})
            rest = sum(count for count, _ in by_rule) > len(first)
            said += [counted(taken), *first, *([more] if rest else [])]
    return said


def write_report(report: TablesReport, folder: Path, *, text: Text) -> list[Path]:
    """Write everything that was found.

    Parameters
    ----------
    report : TablesReport
        What was found.
    folder : pathlib.Path
        Where to write.
    text : Text
        The words.

    Returns
    -------
    list[pathlib.Path]
        The files.

    Raises
    ------
    OSError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> report = check_tables([DataFile(file=Path("nowhere.csv"))], config=RunConfig())
    >>> [path.name for path in write_report(report, Path(tempfile.mkdtemp()), text=Text("en"))]
    ['findings.csv', 'findings_summary.csv', 'findings.html']
    """
    return write_findings(report.intakes, folder, text=text)


def _by_rule(taken: Intake, action: Action) -> list[tuple[str, int, list[Finding]]]:
    """Return rules with their counts and findings, in the order of :data:`RULES`."""
    table = taken.ledger.summary()
    counts = table[table["action"] == action].groupby("rule")["count"].sum()
    found: dict[str, list[Finding]] = {}
    for finding in taken.ledger.of(action):
        found.setdefault(finding.rule, []).append(finding)
    return [(rule, int(counts[rule]), found[rule]) for rule in RULES if rule in found]


def _lines(taken: Intake, text: Text) -> Iterator[tuple[int, str]]:
    said = counted(taken)
    yield 0, text(said.code, **said.params)
    for action in _ACTIONS:
        rules = _by_rule(taken, action)
        if rules:
            count = taken.ledger.counts[action]
            yield 1, text(f"findings.actions.{action}", count=count)
        for rule, count, findings in rules:
            sentences = Counter(f.problem().describe(text.lang) for f in findings)
            shown = list(sentences)[:_FEW]
            for sentence in shown:
                yield 2, sentence
            rest = count - sum(sentences[sentence] for sentence in shown)
            if rest:
                yield 2, text("findings.listed", rule=text(f"checked.rule.{rule}"), count=rest)


def _record(taken: Intake, text: Text) -> dict[str, Any]:
    counts = taken.ledger.counts
    found = [
        {
            "action": finding.action,
            "rule": finding.rule,
            "file": finding.place.file,
            "sheet": finding.place.sheet,
            "row": finding.place.row or None,
            "column": finding.place.column,
            "before": finding.before,
            "after": finding.after,
            "message": finding.problem().describe(text.lang),
        }
        for action in _ACTIONS
        for finding in taken.ledger.of(action)
    ]
    return {
        "file": taken.file,
        "level": taken.level,
        "rows": taken.rows,
        "values": len(taken.table.cells),
        "fixes": counts["fix"],
        "warnings": counts["warn"],
        "errors": counts["error"],
        "unlisted": taken.ledger.unlisted,
        "findings": found,
    }

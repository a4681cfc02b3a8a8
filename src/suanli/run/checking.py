"""``suanli check``: read and evaluate everything, write nothing."""

from dataclasses import dataclass
from typing import Any, Final

from suanli.boundaries import verify
from suanli.errors import InputError, Problem
from suanli.evaluation import Scores, evaluate, evaluate_panel
from suanli.intake.table import IndicatorTable
from suanli.profile import ROOT, IndexSpec, inference_spec
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs
from suanli.run.taking import TablesReport
from suanli.study import scored_table
from suanli.text import Text

__all__ = ["CheckReport", "check_inputs", "screened"]

_MOST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a check found; an input that must be rejected raises instead.

    Attributes
    ----------
    warnings : tuple[Problem, ...]
        What is worth knowing.
    tables : TablesReport
        What was found in the users' tables.
    counts : tuple[tuple[str, int, int, int], ...]
        For each level: level, units evaluated, units scored, cells imputed.
    """

    warnings: tuple[Problem, ...]
    tables: TablesReport
    counts: tuple[tuple[str, int, int, int], ...]

    def lines(self, text: Text) -> list[str]:
        """Say what was found.

        Parameters
        ----------
        text : Text
            The words.

        Returns
        -------
        list[str]
            Warnings first, then one line per level.
        """
        said = [text(item.code, **item.params) for item in self.warnings]
        for level, units, scored, imputed in self.counts:
            name = text(f"common.{level}")
            said.append(
                text("run.check_level", level=name, units=units, scored=scored, imputed=imputed)
            )
        return said

    def record(self) -> dict[str, Any]:
        """Return what was found for machines.

        Returns
        -------
        dict[str, Any]
            Warnings by code and the counts by level.
        """
        keys = ("evaluated", "scored", "imputed")
        return {
            "warnings": [{"code": w.code, **dict(w.params)} for w in self.warnings],
            "levels": {level: dict(zip(keys, rest, strict=True)) for level, *rest in self.counts},
        }


def check_inputs(config: RunConfig) -> CheckReport:
    """Read layers, tables and profiles, and evaluate all that a run would evaluate.

    Parameters
    ----------
    config : RunConfig
        What a run would be told.

    Returns
    -------
    CheckReport
        Warnings and counts.

    Raises
    ------
    InputError
        What a run would reject, all at once; with ``strict`` warnings too.

    Examples
    --------
    >>> [row[:3] for row in check_inputs(RunConfig()).counts][0]
    ('province', 31, 31)
    """
    inputs = load_inputs(config)
    report = verify(inputs.boundaries.folder)
    if not report.passed:
        failed = [
            Problem(code=f"boundaries.check.{c.id}", params={"expected": c.expected, "got": c.got})
            for c in report.failed
        ]
        raise InputError(failed)
    counts, warnings = [], list(inputs.warnings)
    problems: list[Problem] = []
    tables = (inputs.catalogue.province, inputs.catalogue.city)
    for spec, table in zip(inputs.specs, tables, strict=True):
        layer = inputs.boundaries.layer(spec.level)
        try:
            scores = _evaluated(scored_table(table, layer), spec)
        except InputError as error:
            problems.extend(error.problems)
            continue
        counts.append(_count(spec.level, scores, int(layer["evaluated"].sum())))
        warnings += _thin(scores)
    problems += warnings if config.strict else []
    if problems:
        raise InputError(problems)
    found = TablesReport(intakes=inputs.intakes)
    return CheckReport(warnings=tuple(warnings), tables=found, counts=tuple(counts))


def _evaluated(table: IndicatorTable, spec: IndexSpec) -> Scores:
    """Evaluate as a study does: whole, for the tests, and year by year for provinces."""
    scores = evaluate(table, spec)
    tested = inference_spec(spec)
    if tested is not spec:
        evaluate(table, tested)
    if spec.level == "province" and spec.method.panel is not None:
        evaluate_panel(table, spec)
    return scores


def _count(level: str, scores: Scores, evaluated: int) -> tuple[str, int, int, int]:
    imputed = int((scores.imputed != "").to_numpy().sum())
    return (level, evaluated, int(scores.index.notna().sum()), imputed)


def screened(scores: Scores) -> list[Problem]:
    """Say which units screening left without an index, and which indicators too few units have.

    Parameters
    ----------
    scores : Scores
        An evaluation.

    Returns
    -------
    list[Problem]
        One for all units with the same consequence, one per indicator.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().city, load_profile("city-compute"))
    >>> [problem.code for problem in screened(scores)]
    ['run.screened_withheld']
    """
    listed = scores.screening
    below = listed[(listed["kind"] == "unit") & (listed["node"] == ROOT)]
    share = f"{scores.spec.method.coverage:.0%}"
    units = [
        Problem(
            code=f"run.screened_{consequence}",
            params={
                "count": len(codes),
                "coverage": share,
                "units": ", ".join(codes[:_MOST]) + (" …" if len(codes) > _MOST else ""),
            },
        )
        for consequence, codes in below.groupby("consequence")["id"].agg(list).items()
    ]
    return units + _thin(scores)


def _thin(scores: Scores) -> list[Problem]:
    """Name indicators that too few units have."""
    share = scores.indicator_coverage
    thin = share[share < scores.spec.method.coverage]
    return [
        Problem(
            code="run.thin_indicator",
            params={"indicator": name, "share": f"{value:.0%}", "profile": scores.spec.id},
        )
        for name, value in thin.items()
    ]

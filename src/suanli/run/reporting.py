"""``suanli report``: the report of an edition, or the brief of a unit."""

from collections.abc import Callable, Sequence
from pathlib import Path

from suanli.boundaries import Level
from suanli.errors import InputError, Problem
from suanli.report.files import EVERY_FORMAT, FORMATS, write_brief
from suanli.report.pdf import refuse_without_typst
from suanli.run.config import RunConfig
from suanli.run.holding import find_level
from suanli.run.inputs import load_inputs, study_of
from suanli.run.whole import edition_of, publish_part

__all__ = ["report_files"]


def report_files(
    config: RunConfig,
    *,
    unit: str = "",
    level: Level | None = None,
    formats: Sequence[str] = (),
    deep: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write the report, or the brief of one unit.

    Parameters
    ----------
    config : RunConfig
        What the run is told.
    unit : str
        Code or name of a unit; the whole report when empty.
    level : {"province", "city"}, optional
        Level of the unit; that on which its name is found when absent.
    formats : Sequence[str]
        ``html``, ``docx``, ``pdf``; the first two when empty. The whole report is always
        written in these two.
    deep : bool, default False
        Whether all data the unit can change are searched for the least that lifts it.
    progress : Callable[[str], None], optional
        Called with the name of each step.

    Returns
    -------
    list[pathlib.Path]
        ``report/report.html`` and so on in ``config.out``; briefs in ``report/units``.

    Raises
    ------
    InputError
        The input is rejected, the unit is unknown or several are called so, the format is
        none, or PDF is asked for and typst is not installed.
    OSError
        The files cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> config = RunConfig(out=Path(tempfile.mkdtemp()), permutations=99, replicates=99, lang="en")
    >>> [path.name for path in report_files(config, unit="贵州", formats=["html"])]
    ['520000_Guizhou.html']
    """
    wanted = tuple(dict.fromkeys(formats)) or FORMATS
    _check(wanted)
    if not unit:
        both = tuple(dict.fromkeys((*FORMATS, *wanted)))
        written = publish_part(config, "report", formats=both, progress=progress)
        return [config.out / path for path in written]
    progress("inputs")
    inputs = load_inputs(config)
    found, code = find_level(inputs.boundaries.layer, unit, level)
    study = study_of(inputs, config, stages=(), progress=progress)
    edition = edition_of(inputs, study, config)
    progress("report")
    folder = config.out / "report" / "units"
    return write_brief(edition, found, code, folder, formats=wanted, deep=deep)


def _check(formats: Sequence[str]) -> None:
    wrong = [name for name in formats if name not in EVERY_FORMAT]
    if wrong:
        params = {"got": ", ".join(wrong), "expected": ", ".join(EVERY_FORMAT)}
        raise InputError([Problem(code="document.format", params=params)])
    if "pdf" in formats:
        refuse_without_typst()

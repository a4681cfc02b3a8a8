"""The whole run: study, publish into a staging folder, put it in place, record it last."""

import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from suanli.intake import Intake
from suanli.manifest import MANIFEST, Manifest, file_record, read_outputs, timestamp
from suanli.publish.dictionary import write_dictionary
from suanli.publish.edition import Edition
from suanli.publish.explorer import write_explorer
from suanli.publish.figures import write_figures
from suanli.publish.front import write_front
from suanli.publish.identity import run_id
from suanli.publish.package import Selection, refuse_selection, write_package, write_selection
from suanli.publish.pages import write_pages
from suanli.publish.tables import write_tables
from suanli.report.files import FORMATS, write_report
from suanli.run.config import RunConfig
from suanli.run.inputs import Inputs, load_inputs, study_of
from suanli.run.orders import FILES, FOLDERS, NAMED, Order, stages_of
from suanli.run.placing import place, refuse_obstacles, staging_folder
from suanli.run.taking import doubts
from suanli.study import STAGES, Study
from suanli.text import Text
from suanli.workbook import write_workbook

__all__ = [
    "STEPS",
    "RunResult",
    "edition_of",
    "publish_part",
    "publish_selection",
    "run_all",
]

PARTS: Final = ("tables", "gis", "figures", "report", "workbook", "pages")
STEPS: Final = ("inputs", *STAGES, *PARTS, "manifest")
"""Steps of a run, as reported to ``progress``."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunResult:
    """What a run did.

    Attributes
    ----------
    edition : Edition
        Study, layers, words.
    config : RunConfig
        What it was told.
    manifest : Manifest
        Its record.
    intakes : tuple[Intake, ...]
        The users' tables with everything found in them.
    """

    edition: Edition
    config: RunConfig
    manifest: Manifest
    intakes: tuple[Intake, ...] = ()


def run_all(config: RunConfig, *, progress: Progress = lambda _: None) -> RunResult:
    """Do everything, and put it in place only when it is whole.

    Parameters
    ----------
    config : RunConfig
        What the run is told.
    progress : Callable[[str], None], optional
        Called with the name of each step, see :data:`STEPS`.

    Returns
    -------
    RunResult
        Study and record; the files lie in ``config.out``.

    Raises
    ------
    InputError
        The input is rejected; earlier outputs are untouched.
    OSError
        The folder of outputs cannot be written; earlier outputs are untouched.

    Examples
    --------
    >>> from suanli.run.sample import sample_run  # run_all with few permutations
    >>> result = sample_run()
    >>> result.manifest.seed == result.config.seed
    True
    """
    return _publish(config, Order(parts=PARTS), progress)


def publish_part(
    config: RunConfig,
    name: str,
    *,
    formats: Sequence[str] = FORMATS,
    progress: Progress = lambda _: None,
) -> list[str]:
    """Write the maps alone, the GIS files alone, or the report alone.

    Parameters
    ----------
    config : RunConfig
        What the run is told.
    name : {"map", "export", "report"}
        Which part.
    formats : Sequence[str], optional
        Of the report.
    progress : Callable[[str], None], optional
        Called with the name of each step.

    Returns
    -------
    list[str]
        Paths written, relative to ``config.out``.

    Raises
    ------
    InputError
        The input is rejected.
    OSError
        The folder of outputs cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> config = RunConfig(out=Path(tempfile.mkdtemp()), permutations=99, redraws=99)
    >>> "gis/city.geojson" in publish_part(config, "export")
    True
    """
    return _publish_folders(config, Order(parts=NAMED[name], formats=formats), progress)


def publish_selection(
    config: RunConfig, selection: Selection, *, progress: Progress = lambda _: None
) -> list[str]:
    """Write some layers, with some of their columns, in some formats.

    Parameters
    ----------
    config : RunConfig
        What the run is told.
    selection : Selection
        What to write.
    progress : Callable[[str], None], optional
        Called with the name of each step.

    Returns
    -------
    list[str]
        Paths written, relative to ``config.out``, all in the folder ``export``. What an
        earlier selection wrote there goes.

    Raises
    ------
    InputError
        The input is rejected, or a column is in none of the layers.
    geo.errors.ExportError
        A format needs a package that is missing, or cannot hold a value.
    OSError
        The folder of outputs cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> config = RunConfig(out=Path(tempfile.mkdtemp()))
    >>> publish_selection(config, Selection(formats=("kml",), levels=("hubs",)))
    ['export/fields.csv', 'export/hubs.kml']
    """
    order = Order(parts=("selection",), selection=selection)
    return _publish_folders(config, order, progress)


def _publish_folders(config: RunConfig, order: Order, progress: Progress) -> list[str]:
    result = _publish(config, order, progress)
    folders = tuple(f"{FOLDERS[part]}/" for part in order.parts)
    return [item.path for item in result.manifest.outputs if item.path.startswith(folders)]


def edition_of(inputs: Inputs, study: Study, config: RunConfig) -> Edition:
    """Bind a study to its layers and language.

    Parameters
    ----------
    inputs : Inputs
        What the run works on.
    study : Study
        Its results.
    config : RunConfig
        What it was told.

    Returns
    -------
    Edition
        Ready to publish.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition  # edition_of a quick study
    >>> sample_edition().text.lang
    'en'
    """
    return Edition(
        study=study,
        boundaries=inputs.boundaries,
        catalogue=inputs.catalogue,
        text=Text(config.lang),
        approval_number=config.approval_number,
    )


def _publish(config: RunConfig, order: Order, progress: Progress) -> RunResult:
    parts, selection = order.parts, order.selection
    started, clock = timestamp(), time.perf_counter()
    progress("inputs")
    inputs = load_inputs(config)
    folders = sorted({FOLDERS[part] for part in parts if part in FOLDERS})
    files = [FILES[part] for part in parts if part in FILES]
    refuse_obstacles(config.out, folders=folders, files=[*files, MANIFEST])
    with staging_folder(config.out) as staging:
        stages = stages_of(order)
        if selection is not None:
            refuse_selection(
                edition_of(inputs, study_of(inputs, config, stages=()), config), selection
            )
        study = study_of(inputs, config, stages=stages, progress=progress)
        edition = edition_of(inputs, study, config)
        if order.selection is not None:
            progress("gis")
            write_selection(edition, staging / FOLDERS["selection"], order.selection)
        else:
            _write(edition, order, staging, progress)
        progress("manifest")
        written = _carry_over(staging, config.out, folders, files)
        manifest = _record(inputs, config, edition, written, started=started, clock=clock)
        manifest.write(staging / MANIFEST)
        place(staging, config.out, [*folders, *files, MANIFEST])
    return RunResult(edition=edition, config=config, manifest=manifest, intakes=inputs.intakes)


def _write(edition: Edition, order: Order, staging: Path, progress: Progress) -> None:
    figures: list[Path] = []
    parts = order.parts
    for part in parts:
        progress(part)
        folder = staging / FOLDERS.get(part, "")
        if part == "tables":
            write_tables(edition, folder)
        elif part == "gis":
            write_package(edition, folder)
        elif part == "figures":
            figures = write_figures(edition, folder)
        elif part == "report":
            drawn = staging / FOLDERS["figures"] if "figures" in parts else None
            write_report(edition, folder, pictures=drawn, formats=order.formats)
        elif part == "workbook":
            write_workbook(edition, staging / FILES[part])
        else:
            # Pages and the front page link to the explorer where there is one.
            write_explorer(edition, folder)
            write_pages(edition, folder)
            write_front(edition, folder, [path for path in figures if path.suffix == ".png"])
    if "tables" in parts:
        write_dictionary(edition, staging)


def _carry_over(
    staging: Path, out: Path, folders: Sequence[str], files: Sequence[str]
) -> dict[str, Path]:
    """Copy files that no run wrote; return what runs wrote, each with the folder it lies in."""
    ours = {name for name in read_outputs(out / MANIFEST) if _inside(name, out)}
    written = {
        p.relative_to(staging).as_posix(): staging for p in staging.rglob("*") if p.is_file()
    }
    replaced = {*folders, *files}
    others = {name: out for name in ours if PurePosixPath(name).parts[0] not in replaced}
    for name in folders:
        old, new = out / name, staging / name
        for path in sorted(old.rglob("*")) if old.is_dir() else ():
            relative = path.relative_to(old)
            kept = new / relative
            if path.is_file() and f"{name}/{relative.as_posix()}" not in ours and not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, kept)
    return written | others


def _inside(name: str, out: Path) -> bool:
    """Trust an earlier record only where it names a file of ours, or one in a folder of ours."""
    parts = PurePosixPath(name).parts
    known = parts[:1] in {(x,) for x in FOLDERS.values()} and ".." not in parts
    return (known or name in FILES.values()) and (out / name).is_file()


def _record(
    inputs: Inputs,
    config: RunConfig,
    edition: Edition,
    written: Mapping[str, Path],
    *,
    started: str,
    clock: float,
) -> Manifest:
    data = inputs.boundaries.folder.parent
    shipped = [path for path in sorted(data.rglob("*")) if path.is_file()]
    return Manifest(
        run=run_id(edition),
        seed=config.seed,
        settings=config.model_dump(mode="json", exclude={"out", "seed", "province", "city"}),
        profiles=[spec.model_dump(mode="json") for spec in edition.study.specs],
        inputs=[file_record(path, base=data) for path in (*shipped, *inputs.files)],
        outputs=[file_record(written[x] / x, base=written[x]) for x in sorted(written)],
        join=_join(inputs, edition.study),
        warnings=[
            Text(config.lang)(item.code, **item.params)
            for item in (*inputs.warnings, *doubts(inputs.intakes))
        ],
        times={
            "started": started,
            "seconds": round(time.perf_counter() - clock, 2),
            "peak_memory_mb": _peak_memory_mb(),
        },
    )


def _join(inputs: Inputs, study: Study) -> dict[str, Any]:
    report = {}
    for level, scores in (("province", study.province), ("city", study.city)):
        layer = inputs.boundaries.layer("province" if level == "province" else "city")
        evaluated = layer.index[layer["evaluated"]]
        scored = scores.index.dropna().index
        report[level] = {
            "units": len(layer),
            "evaluated": len(evaluated),
            "scored": len(scored),
            "not_scored": {code: layer["name"][code] for code in evaluated.difference(scored)},
            "codes_without_unit": sorted(set(scores.index.index) - set(layer.index)),
        }
    return report


def _peak_memory_mb() -> int | None:
    try:
        import resource  # noqa: PLC0415 - absent on Windows
    except ImportError:
        return None
    # Kilobytes on Linux, bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024**2 if sys.platform == "darwin" else 1024))

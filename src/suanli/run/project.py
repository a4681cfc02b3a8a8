"""``suanli init``: a folder with a configuration, both profiles and a table to fill in."""

from importlib.resources import files
from pathlib import Path

from geo.export.table import write_csv
from geo.storage import write_text
from suanli.data import load_catalogue
from suanli.errors import InputError, Problem
from suanli.profile import list_profiles, load_profile
from suanli.run.config import DEFAULT_SEED
from suanli.text import Language, Text

__all__ = ["start_project"]


def start_project(folder: Path, *, lang: Language) -> list[Path]:
    """Write a project a user can run at once and change bit by bit.

    Parameters
    ----------
    folder : pathlib.Path
        Where to write; files that exist are never overwritten.
    lang : {"zh", "en"}
        Language of comments and outputs.

    Returns
    -------
    list[pathlib.Path]
        The files written: ``suanli.toml``, the profiles, ``data/provinces.csv`` with the
        shipped provincial values of the profile's year.

    Raises
    ------
    InputError
        A file is already there.
    OSError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> written = start_project(Path(tempfile.mkdtemp()) / "mine", lang="en")
    >>> written[0].name
    'suanli.toml'
    """
    names = list_profiles()
    targets = [
        folder / "suanli.toml",
        *(folder / "profiles" / f"{name}.toml" for name in names),
        folder / "data" / "provinces.csv",
    ]
    present = [path for path in targets if path.exists()]
    if present:
        problems = [Problem(code="run.file_exists", params={"file": str(p)}) for p in present]
        raise InputError(problems)
    text = Text(lang)
    province, city = (next(n for n in names if n.endswith(end)) for end in ("province", "compute"))
    config = text("run.template", lang=lang, seed=DEFAULT_SEED, province=province, city=city)
    write_text(targets[0], config)
    for name, target in zip(names, targets[1:-1], strict=True):
        source = files("suanli") / "profiles" / f"{name}.toml"
        write_text(target, source.read_text(encoding="utf-8"))
    spec = load_profile(province)
    cells = load_catalogue().province.cells
    table = cells[cells["indicator"].isin(spec.inputs()) & cells["year"].isin((0, spec.year))]
    write_csv(table, targets[-1], index=False)
    return targets

"""The folder of outputs: one run at a time, and what a killed run left is mended first."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from geo.storage import replace_together, undo_replacement
from suanli.errors import InputError, Problem

__all__ = ["place", "refuse_file", "refuse_obstacles", "staging_folder"]

_LOCK: Final = ".run.lock"
_STAGING: Final = ".run."
_ASIDE: Final = ".run.old."


def refuse_file(out: Path) -> None:
    """Refuse a folder of outputs where a file stands, or above which one does.

    Parameters
    ----------
    out : pathlib.Path
        The folder.

    Raises
    ------
    InputError
        A file is in the way.

    Examples
    --------
    >>> refuse_file(Path(tempfile.mkdtemp()) / "new" / "folder")
    """
    for place in (out, *out.parents):
        if place.exists() and not place.is_dir():
            raise InputError([Problem(code="shown.out_is_file", params={"path": str(place)})])


def refuse_obstacles(out: Path, *, folders: Iterable[str], files: Iterable[str]) -> None:
    """Refuse to replace a file by a folder of ours, or a folder by a file.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the outputs.
    folders, files : Iterable[str]
        What a run will put there.

    Raises
    ------
    InputError
        Something else stands in their place.

    Examples
    --------
    >>> refuse_obstacles(Path(tempfile.mkdtemp()), folders=["maps"], files=["manifest.json"])
    """
    refuse_file(out)
    wanted = [(name, True) for name in sorted(folders)] + [(name, False) for name in sorted(files)]
    problems = []
    for name, is_folder in wanted:
        path = out / name
        if os.path.lexists(path) and path.is_dir() != is_folder:
            code = "run.not_a_folder" if is_folder else "run.not_a_file"
            problems.append(Problem(code=code, params={"path": str(path)}))
    if problems:
        raise InputError(problems)


@contextlib.contextmanager
def staging_folder(out: Path) -> Iterator[Path]:
    """Hold the folder of outputs for one run and give a hidden folder in it to write to.

    Staged beside the outputs: on the same file system, and refused before hours of work. What
    a run that was killed left behind is taken back or removed first.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the outputs; made if it does not exist.

    Yields
    ------
    pathlib.Path
        An empty folder that goes when the block ends.

    Raises
    ------
    InputError
        Another run is writing there.
    OSError
        The folder cannot be written.

    Examples
    --------
    >>> out = Path(tempfile.mkdtemp())
    >>> with staging_folder(out) as staging:
    ...     staging.parent == out
    True
    >>> list(out.iterdir())
    []
    """
    out.mkdir(parents=True, exist_ok=True)
    with _held(out):
        _mend(out)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=out))
        try:
            yield staging
        except OSError as error:
            # A full disk does not say which file it had no room for.
            error.filename = error.filename or str(out)
            raise
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def place(staging: Path, out: Path, names: Iterable[str]) -> None:
    """Put what was staged in place, all or nothing.

    Parameters
    ----------
    staging : pathlib.Path
        The folder given by :func:`staging_folder`.
    out : pathlib.Path
        Folder of the outputs.
    names : Iterable[str]
        What to move.

    Raises
    ------
    OSError
        Something cannot be moved; the outputs are as they were.

    Examples
    --------
    >>> out = Path(tempfile.mkdtemp())
    >>> with staging_folder(out) as staging:
    ...     (staging / "maps").mkdir()
    ...     place(staging, out, ["maps"])
    >>> [path.name for path in out.iterdir()]
    ['maps']
    """
    aside = out / f"{_ASIDE}{staging.name.removeprefix(_STAGING)}"
    replace_together(staging, out, names=names, aside=aside)


def _mend(out: Path) -> None:
    # We hold the lock: whoever made these folders is gone.
    for aside in sorted(out.glob(f"{_ASIDE}*")):
        undo_replacement(aside, out)
    for stale in out.glob(f"{_STAGING}*"):
        if stale.is_dir():
            shutil.rmtree(stale, ignore_errors=True)


@contextlib.contextmanager
def _held(out: Path) -> Iterator[None]:
    """Hold a lock that the system itself lets go when the process dies."""
    path = out / _LOCK
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _locked(descriptor):
            problem = Problem(code="run.busy", params={"folder": str(out)})
            raise InputError([problem])
        try:
            yield
        finally:
            # Windows removes no open file: there it stays, empty, until the next run.
            with contextlib.suppress(OSError):
                path.unlink()
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - exists on Windows only

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - does not exist on Windows

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        # A file system without locks, such as some network drives: better a run than none.
        return True
    return True

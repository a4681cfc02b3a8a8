"""Atomic writes: a reader sees the old file or the new one, never half of either."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = [
    "atomic_path",
    "file_sha256",
    "replace_folder",
    "replace_together",
    "undo_replacement",
    "write_bytes",
    "write_text",
]


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces ``path`` when the block ends without error.

    Parameters
    ----------
    path : pathlib.Path
        The file to write. Its folder is created.

    Yields
    ------
    pathlib.Path
        A path in a private folder beside ``path``, with the same name, so that writers
        that look at the suffix or write companion files behave as usual.

    Raises
    ------
    OSError
        The folder cannot be written; ``path`` is untouched.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic_path(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("whole", encoding="utf-8")
    >>> (folder / "a.txt").read_text(encoding="utf-8")
    'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        temporary = staging / path.name
        yield temporary
        _sync(temporary)
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        # A full disk does not say which file it had no room for.
        error.filename = error.filename or str(path)
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` atomically.

    Parameters
    ----------
    path : pathlib.Path
        The file to write.
    data : bytes
        Its content.

    Raises
    ------
    OSError
        The folder cannot be written; ``path`` is untouched.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "b.bin"
    >>> write_bytes(target, b"data")
    >>> target.read_bytes()
    b'data'
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` atomically as UTF-8, line ends unchanged.

    Parameters
    ----------
    path : pathlib.Path
        The file to write.
    text : str
        Its content.

    Raises
    ------
    OSError
        The folder cannot be written; ``path`` is untouched.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "c.txt"
    >>> write_text(target, "算力")
    >>> target.read_text(encoding="utf-8")
    '算力'
    """
    write_bytes(path, text.encode("utf-8"))


def replace_folder(staged: Path, final: Path) -> None:
    """Put the folder ``staged`` in the place of ``final``.

    The old folder is moved aside first and removed last, so a failure leaves either the
    old folder or the new one in place.

    Parameters
    ----------
    staged : pathlib.Path
        A finished folder on the same file system as ``final``.
    final : pathlib.Path
        Where it must stand. May exist.

    Raises
    ------
    OSError
        A folder cannot be moved; ``final`` is restored.

    Examples
    --------
    >>> import tempfile
    >>> base = Path(tempfile.mkdtemp())
    >>> (base / "new").mkdir()
    >>> replace_folder(base / "new", base / "final")
    >>> (base / "final").is_dir()
    True
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    aside: Path | None = None
    if final.exists():
        aside = Path(tempfile.mkdtemp(prefix=f".{final.name}.old.", dir=final.parent))
        final.replace(aside / final.name)
    try:
        staged.replace(final)
    except OSError:
        if aside is not None:
            (aside / final.name).replace(final)
        raise
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
    _sync_folder(final.parent)


def replace_together(staged: Path, final: Path, *, names: Iterable[str], aside: Path) -> None:
    """Move files and folders from ``staged`` into ``final``, all of them or none.

    What stood in their place is first moved into ``aside``, and goes to
    ``staged / "replaced"`` in one last rename, which is the moment the new ones count. As long
    as ``aside`` exists the replacement is half done, and :func:`undo_replacement` takes it
    back: here after an error, and by the next caller after the power went.

    Parameters
    ----------
    staged : pathlib.Path
        Folder that holds the new ones, on the same file system as ``final``.
    final : pathlib.Path
        Folder in which they must stand.
    names : Iterable[str]
        Their names, in the order they are moved.
    aside : pathlib.Path
        Where the old ones wait. Must not exist; on the same file system.

    Raises
    ------
    OSError
        Something cannot be moved; ``final`` is as it was.

    Examples
    --------
    >>> import tempfile
    >>> base = Path(tempfile.mkdtemp())
    >>> write_text(base / "new" / "maps" / "a.txt", "new")
    >>> write_text(base / "out" / "maps" / "a.txt", "old")
    >>> replace_together(base / "new", base / "out", names=["maps"], aside=base / "aside")
    >>> (base / "out" / "maps" / "a.txt").read_text(encoding="utf-8")
    'new'
    >>> (base / "aside").exists()
    False
    """
    moving = list(names)
    aside.mkdir()
    try:
        old, absent = aside / "old", aside / "absent"
        old.mkdir()
        absent.mkdir()
        present = [name for name in moving if os.path.lexists(final / name)]
        for name in moving:
            if name not in present:
                (absent / name).touch()
        _sync_folder(absent)
        _sync_folder(aside)
        for name in present:
            (final / name).replace(old / name)
        for name in moving:
            (staged / name).replace(final / name)
        _sync_folder(final)
        aside.replace(staged / "replaced")
    except BaseException:
        undo_replacement(aside, final)
        raise
    _sync_folder(final)


def undo_replacement(aside: Path, final: Path) -> None:
    """Put back what a half-done :func:`replace_together` had moved aside.

    Parameters
    ----------
    aside : pathlib.Path
        Its folder of old things; nothing happens when there is none. Removed at the end.
    final : pathlib.Path
        Folder in which they must stand again.

    Raises
    ------
    OSError
        Something cannot be moved; ``aside`` remains, so that this can be tried again.

    Examples
    --------
    >>> import tempfile
    >>> base = Path(tempfile.mkdtemp())
    >>> write_text(base / "aside" / "old" / "a.txt", "old")
    >>> undo_replacement(base / "aside", base)
    >>> [path.name for path in base.iterdir()]
    ['a.txt']
    """
    if not aside.is_dir():
        return
    refused = aside / "new"
    refused.mkdir(exist_ok=True)
    for part in ("absent", "old"):
        for item in sorted((aside / part).iterdir()) if (aside / part).is_dir() else ():
            place = final / item.name
            if os.path.lexists(place):
                place.replace(Path(tempfile.mkdtemp(dir=refused)) / item.name)
            if part == "old":
                item.replace(place)
    _sync_folder(final)
    shutil.rmtree(aside, ignore_errors=True)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as lowercase hexadecimal.

    Parameters
    ----------
    path : pathlib.Path
        The file to read.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "empty"
    >>> _ = target.write_bytes(b"")
    >>> file_sha256(target)[:8]
    'e3b0c442'
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(path: Path) -> None:
    # Windows cannot open a folder; there the rename itself is all one can ask for.
    with contextlib.suppress(OSError):
        _sync(path)

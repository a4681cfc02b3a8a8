"""Open what a layer comes packed in, trusting nothing an archive says of itself."""

import errno
import gzip
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final, Protocol

from geo.errors import LayerError

__all__ = ["LIMITS", "Limits", "unpacked"]

_CHUNK: Final = 1 << 20
_UTF8_FLAG: Final = 0x800
_ENCRYPTED_FLAG: Final = 0x1
_NESTED: Final = (".zip", ".gz", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a file may ask of the machine.

    Attributes
    ----------
    unpacked : int
        Bytes an archive may unpack to, and any file may hold.
    ratio : int
        How many times its packed size a member may unpack to, once it exceeds ``small``.
    small : int
        Bytes below which the ratio does not matter.
    members : int
        Files in an archive.
    text : int
        Bytes of a GeoJSON file, which is read as a whole.
    nesting : int
        Depth of brackets in GeoJSON; a MultiPolygon in a FeatureCollection has 8.
    """

    unpacked: int = 512 * 1024**2
    ratio: int = 200
    small: int = 10 * 1024**2
    members: int = 1000
    text: int = 200 * 1024**2
    nesting: int = 40


LIMITS: Final = Limits()


@contextmanager
def unpacked(path: Path, *, limits: Limits = LIMITS) -> Iterator[Path]:
    """Yield where the content of a file lies: itself, or a folder it was unpacked into.

    Parameters
    ----------
    path : pathlib.Path
        A folder, a plain file, a zip archive or a gzipped file.
    limits : Limits
        What it may ask for.

    Yields
    ------
    pathlib.Path
        The folder or file itself; for a packed one, a folder removed afterwards.

    Raises
    ------
    LayerError
        ``layer.missing_file``, ``layer.too_large``, ``layer.archive_damaged``,
        ``layer.archive_path`` (a member that would leave the folder),
        ``layer.archive_password``, ``layer.archive_nested``, ``layer.archive_repeated``.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> with zipfile.ZipFile(folder / "a.zip", "w") as archive:
    ...     archive.writestr("a.geojson", "{}")
    >>> with unpacked(folder / "a.zip") as inside:
    ...     print([item.name for item in inside.iterdir()])
    ['a.geojson']
    """
    if not path.exists():
        raise LayerError(
            f"{path} does not exist. Check the path.", code="layer.missing_file", path=str(path)
        )
    kind = path.suffix.lower()
    if path.is_file() and kind not in {".zip", ".gz"}:
        _check_size(path, path.stat().st_size, limits)
    if path.is_dir() or kind not in {".zip", ".gz"}:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="layer.") as room:
        folder = Path(room)
        try:
            if kind == ".zip":
                _unzip(path, folder, limits)
            else:
                _gunzip(path, folder, limits)
        except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
            if isinstance(error, LayerError):
                raise
            raise _damaged(path, error) from error
        except (NotImplementedError, RuntimeError) as error:
            raise _damaged(path, error) from error
        except OSError as error:
            # A damaged directory sends the reader to places before the file begins.
            if error.errno != errno.EINVAL:
                raise
            raise _damaged(path, error) from error
        yield folder


def _unzip(path: Path, folder: Path, limits: Limits) -> None:
    with zipfile.ZipFile(path) as archive:
        members = [item for item in archive.infolist() if not item.is_dir()]
        if len(members) > limits.members:
            raise _too_large(path, f"{len(members)} files", f"{limits.members} files")
        names = [_member_name(item) for item in members]
        kept = [
            (item, PurePosixPath(name))
            for item, name in zip(members, names, strict=True)
            if not _is_clutter(name)
        ]
        _check_members(path, kept, limits)
        total = 0
        for item, name in kept:
            target = folder.joinpath(*name.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(item) as source, target.open("wb") as sink:
                # What the archive declares may be a lie: the bytes that come are counted.
                total += _copied(source, sink, path, limits.unpacked - total)


def _check_members(
    path: Path, members: list[tuple[zipfile.ZipInfo, PurePosixPath]], limits: Limits
) -> None:
    seen: set[str] = set()
    declared = 0
    for item, name in members:
        text = str(name)
        linked = stat.S_ISLNK(item.external_attr >> 16)
        if name.is_absolute() or ".." in name.parts or ":" in text or "\0" in text or linked:
            raise LayerError(
                f"{path.name} holds {text}, which points outside the archive; nothing was "
                "unpacked. Pack the layer again, and ask where this archive comes from.",
                code="layer.archive_path",
                path=path.name,
                member=text,
            )
        if item.flag_bits & _ENCRYPTED_FLAG:
            raise LayerError(
                f"{path.name} is protected by a password. Unpack it first.",
                code="layer.archive_password",
                path=path.name,
            )
        if name.suffix.lower() in _NESTED:
            raise LayerError(
                f"{path.name} holds another archive, {text}. Unpack it first.",
                code="layer.archive_nested",
                path=path.name,
                member=text,
            )
        if text.casefold() in seen:
            raise LayerError(
                f"{path.name} holds {text} twice. Pack the layer again.",
                code="layer.archive_repeated",
                path=path.name,
                member=text,
            )
        seen.add(text.casefold())
        declared += item.file_size
        _check_ratio(path, item.file_size, item.compress_size, limits)
    _check_size(path, declared, limits)


def _gunzip(path: Path, folder: Path, limits: Limits) -> None:
    target = folder / path.stem
    with gzip.open(path) as source, target.open("wb") as sink:
        size = _copied(source, sink, path, limits.unpacked)
    _check_ratio(path, size, path.stat().st_size, limits)


class _Bytes(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def _copied(source: _Bytes, sink: IO[bytes], path: Path, room: int) -> int:
    total = 0
    while chunk := source.read(_CHUNK):
        total += len(chunk)
        if total > room:
            raise _too_large(path, "more", f"{LIMITS.unpacked // 1024**2} MB")
        sink.write(chunk)
    return total


def _member_name(item: zipfile.ZipInfo) -> str:
    # Without the flag names are in the code page of the machine that packed them.
    name = item.orig_filename.replace("\\", "/")
    if item.flag_bits & _UTF8_FLAG:
        return name
    raw = name.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _is_clutter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or not parts or parts[-1].startswith("._")


def _check_ratio(path: Path, size: int, packed: int, limits: Limits) -> None:
    if size > limits.small and size > limits.ratio * max(packed, 1):
        raise LayerError(
            f"{path.name} unpacks to {size / max(packed, 1):.0f} times its size (limit "
            f"{limits.ratio}), as no map does; it was not unpacked. Ask where it comes from.",
            code="layer.archive_bomb",
            path=path.name,
            ratio=round(size / max(packed, 1)),
            limit=limits.ratio,
        )


def _check_size(path: Path, size: int, limits: Limits) -> None:
    if size > limits.unpacked:
        got, most = (f"{round(x / 1024**2)} MB" for x in (size, limits.unpacked))
        raise _too_large(path, got, most)


def _too_large(path: Path, got: str, limit: str) -> LayerError:
    return LayerError(
        f"{path.name} is too large: {got} (limit {limit}). Simplify or split the layer.",
        code="layer.too_large",
        path=path.name,
        got=got,
        limit=limit,
    )


def _damaged(path: Path, error: Exception) -> LayerError:
    return LayerError(
        f"{path.name} is damaged or no archive: {error}. Pack it again.",
        code="layer.archive_damaged",
        path=path.name,
        reason=str(error),
    )

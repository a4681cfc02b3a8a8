"""The record of a run: what went in, what came out, with what, and when."""

import hashlib
import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import pyogrio
import pyproj
import shapely

from geo.storage import file_sha256, write_bytes

__all__ = [
    "MANIFEST",
    "FileRecord",
    "Manifest",
    "file_record",
    "read_outputs",
    "record_digest",
    "timestamp",
    "versions",
]

MANIFEST: Final = "manifest.json"
"""Name of the record inside the folder of outputs; written last."""

_PACKAGES: Final = (
    "suanli-atlas", "numpy", "pandas", "scipy", "geopandas", "shapely", "pyproj", "pyogrio",
    "libpysal", "matplotlib", "folium", "pydantic",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One file.

    Attributes
    ----------
    path : str
        Relative to the folder of outputs, or to the data folder for shipped inputs.
    sha256 : str
        Hash of its content.
    bytes : int
        Its size.
    """

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything needed to tell whether two runs are the same.

    Attributes
    ----------
    run : str
        What tells this run from others: :func:`suanli.publish.identity.run_id`.
    seed : int
        Seed of the run.
    settings : Mapping[str, Any]
        Permutations, redraws, level, language, approval number.
    profiles : Sequence[Mapping[str, Any]]
        The resolved profiles.
    inputs, outputs : Sequence[FileRecord]
        Files read and written.
    join : Mapping[str, Any]
        For each level which units have no data, and which codes no unit.
    warnings : Sequence[str]
        What the reader should know.
    times : Mapping[str, Any]
        Start, duration and peak memory: the only part that differs between equal runs.
    """

    run: str = ""
    seed: int
    settings: Mapping[str, Any]
    profiles: Sequence[Mapping[str, Any]]
    inputs: Sequence[FileRecord]
    outputs: Sequence[FileRecord]
    join: Mapping[str, Any]
    warnings: Sequence[str]
    times: Mapping[str, Any]

    def write(self, path: Path) -> None:
        """Write the record as JSON, with its own digest.

        Parameters
        ----------
        path : pathlib.Path
            The file.

        Raises
        ------
        OSError
            It cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> record = Manifest(seed=1, settings={}, profiles=[], inputs=[], outputs=[],
        ...                   join={}, warnings=[], times={})
        >>> target = Path(tempfile.mkdtemp()) / MANIFEST
        >>> record.write(target)
        >>> json.loads(target.read_text(encoding="utf-8"))["seed"]
        1
        """
        content = {"versions": versions(), **asdict(self)}
        content = {"digest": record_digest(content), **content}
        text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
        # Names of files may hold bytes that are no text: JSON writes these as escapes.
        write_bytes(path, f"{text}\n".encode(errors="backslashreplace"))


def record_digest(content: Mapping[str, Any]) -> str:
    """Return the digest of a record, which tells whether somebody changed it.

    Parameters
    ----------
    content : Mapping[str, Any]
        The record as it is written; ``times`` and ``digest`` are left out.

    Returns
    -------
    str
        SHA-256 of its canonical JSON: sorted keys, no blanks, ASCII. It guards against slips,
        not against who computes it anew.

    Examples
    --------
    >>> record_digest({"seed": 1, "times": 2}) == record_digest({"seed": 1, "digest": ""})
    True
    >>> record_digest({"seed": 1}) == record_digest({"seed": 2})
    False
    """
    kept = {key: value for key, value in content.items() if key not in {"times", "digest"}}
    # Once to JSON and back: sorted must be the keys as they are written.
    plain = json.loads(json.dumps(kept, default=str))
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def file_record(path: Path, *, base: Path) -> FileRecord:
    """Describe a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    base : pathlib.Path
        What its path is told from; a file elsewhere is told by its name alone, so that
        records do not carry a user's folders.

    Returns
    -------
    FileRecord
        Path, hash and size.

    Raises
    ------
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.txt").write_bytes(b"a")
    >>> file_record(folder / "a.txt", base=folder).path
    'a.txt'
    """
    name = path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name
    return FileRecord(path=name, sha256=file_sha256(path), bytes=path.stat().st_size)


def read_outputs(path: Path) -> frozenset[str]:
    """Return the outputs an earlier record lists.

    Parameters
    ----------
    path : pathlib.Path
        A record; it may be absent or damaged.

    Returns
    -------
    frozenset[str]
        Paths relative to the folder of outputs.

    Examples
    --------
    >>> read_outputs(Path("no such file"))
    frozenset()
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return frozenset(str(item["path"]) for item in content["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def versions() -> dict[str, str]:
    """Return the versions of everything that shapes the results.

    Returns
    -------
    dict[str, str]
        By package or library name.

    Examples
    --------
    >>> "numpy" in versions() and "GEOS" in versions()
    True
    """
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "-"
    found["GEOS"] = shapely.geos_version_string
    found["GDAL"] = pyogrio.__gdal_version_string__
    found["PROJ"] = pyproj.proj_version_str
    found["platform"] = sys.platform
    return found


def timestamp() -> str:
    """Return the present moment in UTC, to the second.

    Returns
    -------
    str
        ISO 8601.

    Examples
    --------
    >>> timestamp().endswith("+00:00")
    True
    """
    return datetime.now(tz=UTC).isoformat(timespec="seconds")

"""``suanli check FOLDER``: whether outputs are still what their run wrote."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from geo.storage import file_sha256
from suanli.errors import InputError, Problem, os_reason
from suanli.manifest import MANIFEST, FileRecord, record_digest
from suanli.text import Text, escaped, writable

__all__ = ["FolderReport", "verify_folder"]

_MOST: Final = 20
_MOST_BYTES: Final = 256 * 1024**2
_KINDS: Final = ("missing", "changed", "unreadable", "requested", "unknown")
# What single commands write into the outputs when asked: of no run, and nobody's own.
_REQUESTED: Final = re.compile(
    r"report/units/\d{6}_[^/]+\.(html|docx|pdf)|check/findings(_summary)?\.(csv|html)", re.ASCII
)
_State = Literal["whole", "changed", "unsigned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReport:
    """How a folder of outputs differs from its record.

    Attributes
    ----------
    folder : pathlib.Path
        The folder.
    record : Mapping[str, Any]
        What the record says of the run: ``run``, ``version``, ``profiles``, ``seed``,
        ``started``.
    whole : tuple[str, ...]
        Files that are as they were written.
    missing, changed, unreadable : tuple[str, ...]
        Recorded files that are gone, differ in size or hash, or cannot be read.
    requested : tuple[str, ...]
        Briefs of units and findings in tables, which single commands wrote: of no run.
    unknown : tuple[str, ...]
        Files that no run recorded: somebody's own, which runs leave alone.
    state : {"whole", "changed", "unsigned"}
        Whether the record itself is as it was written, or has no digest to tell by.
    """

    folder: Path
    record: Mapping[str, Any]
    whole: tuple[str, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    unreadable: tuple[str, ...]
    unknown: tuple[str, ...]
    requested: tuple[str, ...] = ()
    state: _State = "whole"

    def differs(self, *, strict: bool = False) -> bool:
        """Tell whether something differs.

        Parameters
        ----------
        strict : bool, default False
            Whether files that no run recorded, and a record without a digest, count, too.

        Returns
        -------
        bool
            True if a recorded file, or the record itself, is not as it was written.
        """
        files = self.missing or self.changed or self.unreadable
        loose = self.unknown or self.state == "unsigned"
        return bool(files or self.state == "changed" or (strict and loose))

    def lines(self, text: Text) -> list[str]:
        """Say what was found.

        Parameters
        ----------
        text : Text
            The words.

        Returns
        -------
        list[str]
            What run it is of, then every kind of difference with its files, then the count.
        """
        said = [text("verify.run", folder=self.folder, **self._words())]
        if self.state != "whole":
            said.append(text(f"verify.record_{self.state}", name=MANIFEST))
        for kind in _KINDS:
            names = getattr(self, kind)
            if names:
                said.append(text(f"verify.{kind}", count=len(names)))
                said += [f"  {escaped(name)}" for name in names[:_MOST]]
            if len(names) > _MOST:
                said.append(text("verify.more", count=len(names) - _MOST))
        total = len(self.whole) + len(self.missing) + len(self.changed) + len(self.unreadable)
        said.append(text("verify.total", whole=len(self.whole), total=total))
        return said

    def machine(self) -> dict[str, Any]:
        """Return what was found for machines.

        Returns
        -------
        dict[str, Any]
            All names, without limit.
        """
        found = {kind: list(getattr(self, kind)) for kind in _KINDS}
        record = {**self.record, "profiles": list(self.record["profiles"])}
        counted = {"record": self.state, "whole": len(self.whole)}
        return {**record, **counted, **found, "differs": self.differs()}

    def _words(self) -> dict[str, Any]:
        profiles = ", ".join(self.record["profiles"])
        return {key: self.record[key] for key in ("run", "version", "seed", "started")} | {
            "profiles": profiles
        }


def verify_folder(folder: Path) -> FolderReport:
    """Compare a folder of outputs with the record of its run.

    Parameters
    ----------
    folder : pathlib.Path
        A folder with a ``manifest.json``.

    Returns
    -------
    FolderReport
        What is as it was, and what is not. Nothing is changed.

    Raises
    ------
    InputError
        There is no record, or it is damaged.

    Examples
    --------
    >>> from suanli.run.sample import sample_run
    >>> verify_folder(sample_run().config.out).differs()
    False
    """
    content = _read(folder)
    try:
        records = {str(x["path"]): _record(x) for x in content["outputs"]}
        about = _about(content)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError([_damaged(folder)]) from None
    found: dict[str, list[str]] = {kind: [] for kind in ("whole", *_KINDS)}
    for name, record in sorted(records.items()):
        found[_state(folder, record)].append(name)
    for name in sorted(set(_files(folder)) - set(records)):
        found["requested" if _REQUESTED.fullmatch(name) else "unknown"].append(name)
    lists = {kind: tuple(map(writable, names)) for kind, names in found.items()}
    return FolderReport(folder=folder, record=about, state=_signed(content), **lists)


def _signed(content: Mapping[str, Any]) -> _State:
    if "digest" not in content:
        return "unsigned"
    return "whole" if content["digest"] == record_digest(content) else "changed"


def _read(folder: Path) -> Any:
    path = folder / MANIFEST
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError([_damaged(folder)])
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        params = {"folder": str(folder), "name": MANIFEST}
        raise InputError([Problem(code="verify.no_record", params=params)]) from None
    except OSError as error:
        told: dict[str, Any] = {"file": str(path), "detail": os_reason(error)}
        raise InputError([Problem(code="problems.os_error", params=told)]) from None
    except (ValueError, RecursionError):
        raise InputError([_damaged(folder)]) from None


def _damaged(folder: Path) -> Problem:
    return Problem(code="verify.damaged", params={"folder": str(folder), "name": MANIFEST})


def _record(item: Mapping[str, Any]) -> FileRecord:
    path = PurePosixPath(item["path"])
    # A record may have been made up to make us read other places.
    if path.is_absolute() or ".." in path.parts or "\\" in str(path) or ":" in str(path):
        raise ValueError(str(path))
    return FileRecord(path=str(path), sha256=str(item["sha256"]), bytes=int(item["bytes"]))


def _about(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "run": str(content.get("run", "")) or "-",
        "version": str(content["versions"]["suanli-atlas"]),
        "profiles": tuple(str(each["id"]) for each in content["profiles"]),
        "seed": content["seed"],
        "started": str(content["times"].get("started", "-")),
    }


def _state(folder: Path, record: FileRecord) -> str:
    path = folder / record.path
    try:
        if not path.is_file():
            return "missing"
        if path.stat().st_size != record.bytes:
            return "changed"
        return "whole" if file_sha256(path) == record.sha256 else "changed"
    except OSError:
        return "unreadable"


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        # Hidden ones are locks and staging folders of a run under way.
        if not path.is_file() or name.as_posix() == MANIFEST or name.parts[0].startswith("."):
            continue
        # Empty ones keep a folder in a repository: .gitkeep.
        if not name.name.startswith(".") or path.stat().st_size:
            yield name.as_posix()

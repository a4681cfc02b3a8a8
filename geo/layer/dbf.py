"""The text encoding of a shapefile's attribute table, told from its bytes."""

import codecs
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from geo.errors import LayerError

__all__ = ["DbfEncoding", "dbf_encoding"]

_FIELD_BYTES: Final = 32
_NAME_BYTES: Final = 11
_HEADER_END: Final = 0x0D
_TRIED: Final = ("UTF-8", "GB18030")
_CUT: Final = 3
"""Bytes of a character that the width of a field may have cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DbfEncoding:
    """The encoding of an attribute table and how it is known.

    Attributes
    ----------
    encoding : str
        Name of the encoding.
    source : {"stated", "ascii", "tried", "contradicted"}
        ``stated`` by the .cpg file; ``ascii``: nothing but ASCII, any encoding does; ``tried``:
        no .cpg, the first of UTF-8 and GB18030 that all bytes fit; ``contradicted``: they do
        not fit what the .cpg states, and one was found by trial.
    stated : str
        What the .cpg file says; empty without one.
    """

    encoding: str
    source: Literal["stated", "ascii", "tried", "contradicted"]
    stated: str = ""


def dbf_encoding(path: Path, *, encoding: str | None = None) -> DbfEncoding:
    """Tell the encoding of a .dbf file.

    Parameters
    ----------
    path : pathlib.Path
        The .dbf file.
    encoding : str, optional
        The one the user says it is in.

    Returns
    -------
    DbfEncoding
        The encoding, which decodes every text of the table.

    Raises
    ------
    LayerError
        ``layer.dbf_damaged``: no readable header. ``layer.dbf_encoding``: the texts do not fit
        the encoding asked for, or any tried.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> path = Path(tempfile.mkdtemp()) / "a.shp"
    >>> layer = gpd.GeoDataFrame({"name": ["廊坊市"], "geometry": [box(0, 0, 1, 1)]}, crs=4326)
    >>> layer.to_file(path, encoding="GB18030")
    >>> path.with_suffix(".cpg").unlink()
    >>> dbf_encoding(path.with_suffix(".dbf")).encoding
    'GB18030'
    """
    texts = _texts(path)
    if encoding is not None:
        if not _fits(texts, encoding):
            raise _does_not_fit(path, encoding)
        return DbfEncoding(encoding=encoding, source="stated")
    stated = _stated(path)
    if stated and _fits(texts, stated):
        return DbfEncoding(encoding=stated, source="stated", stated=stated)
    if not stated and all(text.isascii() for text in texts):
        return DbfEncoding(encoding="UTF-8", source="ascii")
    for tried in _TRIED:
        if _fits(texts, tried):
            found: Literal["tried", "contradicted"] = "contradicted" if stated else "tried"
            return DbfEncoding(encoding=tried, source=found, stated=stated)
    raise _does_not_fit(path, " / ".join(_TRIED))


def _texts(path: Path) -> list[bytes]:
    """Return every field name and text value that occurs."""
    data = path.read_bytes()
    try:
        rows, start, width = struct.unpack_from("<IHH", data, 4)
        fields = []
        place = 1
        for at in range(_FIELD_BYTES, start - 1, _FIELD_BYTES):
            if data[at] == _HEADER_END:
                break
            size = data[at + 16]
            fields.append((data[at : at + _NAME_BYTES].split(b"\0")[0], data[at + 11], place, size))
            place += size
        body = np.frombuffer(data, dtype=np.uint8, offset=start)[: rows * width]
        table = body.reshape(rows, width)
    except (struct.error, IndexError, ValueError) as error:
        raise LayerError(
            f"{path.name} is no readable attribute table: {error}. Copy or export it again.",
            code="layer.dbf_damaged",
            path=path.name,
            reason=str(error),
        ) from error
    found = {name for name, *_ in fields}
    for _, kind, at, size in fields:
        if chr(kind) in "CM" and size:
            column = np.ascontiguousarray(table[:, at : at + size])
            found |= {value.strip(b" \0") for value in column.view(f"S{size}").ravel().tolist()}
    return sorted(found)


def _fits(texts: list[bytes], encoding: str) -> bool:
    if not _known(encoding):
        return False
    return all(_decodes(text, encoding) for text in texts)


def _decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError as error:
        # Writers cut at the width of the field, in the middle of a character too.
        return error.start >= len(text) - _CUT and error.reason in _CUT_REASONS
    return True


_CUT_REASONS: Final = ("unexpected end of data", "incomplete multibyte sequence")


def _stated(path: Path) -> str:
    beside = path.with_suffix(".cpg")
    if not beside.is_file():
        return ""
    text = beside.read_bytes()[:40].decode("ascii", errors="replace").strip()
    number = text.upper().removeprefix("CP").removeprefix("ANSI").strip(" -_")
    name = f"cp{number}" if number.isdigit() else text
    # Code page 936 is what Windows calls GBK; GB18030 contains it.
    return "GB18030" if number in {"936", "GBK", "GB2312", "54936"} else _known(name)


def _known(name: str) -> str:
    try:
        # Some codecs are no encodings of text; decoding tells, but not decoding nothing.
        b"aa".decode(name, errors="replace")
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""


def _does_not_fit(path: Path, encoding: str) -> LayerError:
    return LayerError(
        f"the texts of {path.name} are not in {encoding}. Name their encoding.",
        code="layer.dbf_encoding",
        path=path.name,
        encoding=encoding,
    )

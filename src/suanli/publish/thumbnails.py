"""Figures made small enough to stand inside a page or a document."""

import base64
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image

__all__ = ["Small", "Thumbnail", "shrunk", "thumbnail"]

_COLOURS: Final = 64
_WIDTH: Final = 1300
_KEPT: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """A picture of moderate size.

    Attributes
    ----------
    data : bytes
        A PNG.
    width, height : int
        Its size in pixels.
    """

    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A small picture.

    Attributes
    ----------
    address : str
        The picture as a data URI.
    width, height : int
        Its size in pixels.
    """

    address: str
    width: int
    height: int


def thumbnail(path: Path, *, width: int = 420) -> Thumbnail | None:
    """Make a figure small.

    Parameters
    ----------
    path : pathlib.Path
        A PNG.
    width : int
        Width in pixels.

    Returns
    -------
    Thumbnail or None
        Equal pictures give equal bytes; None where there is no picture.

    Examples
    --------
    >>> thumbnail(Path("no such figure.png")) is None
    True
    """
    if not path.is_file():
        return None
    with Image.open(io.BytesIO(shrunk(path).data)) as picture:
        high = max(1, round(picture.height * width / picture.width))
        small = picture.convert("RGB").resize(
            (width, high), Image.Resampling.LANCZOS, reducing_gap=2
        )
    code = base64.b64encode(_packed(small, optimize=True)).decode("ascii")
    return Thumbnail(address=f"data:image/png;base64,{code}", width=width, height=high)


def shrunk(path: Path) -> Small:
    """Make a figure of print quality small enough for a document: 1000 to 2000 pixels wide.

    Parameters
    ----------
    path : pathlib.Path
        A PNG.

    Returns
    -------
    Small
        Equal pictures give equal bytes.

    Raises
    ------
    OSError
        There is no picture.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "wide.png"
    >>> Image.new("RGB", (2600, 100), "white").save(path)
    >>> shrunk(path).width
    1300
    """
    known = path.stat()
    return _shrunk(path, known.st_mtime_ns, known.st_size)


# Unpacking a figure takes longest by far, and report and front page take the same ones.
@lru_cache(maxsize=_KEPT)
def _shrunk(path: Path, changed: int, size: int) -> Small:
    del changed, size
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    small = whole.reduce(max(1, round(whole.width / _WIDTH)))
    return Small(data=_packed(small), width=small.width, height=small.height)


def _packed(picture: Image.Image, *, optimize: bool = False) -> bytes:
    buffer = io.BytesIO()
    few = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(buffer, format="png", optimize=optimize, compress_level=6)
    return buffer.getvalue()

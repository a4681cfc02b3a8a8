"""Figures made small enough for a document."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image

__all__ = ["Small", "shrunk"]

_COLOURS: Final = 128
_WIDTH: Final = 1300
_KEPT: Final = 64


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


def shrunk(path: Path) -> Small:
    """Make a figure small: some 1000 to 2000 pixels wide, 128 colours.

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


# Page and Word file take the same pictures one after the other.
@lru_cache(maxsize=_KEPT)
def _shrunk(path: Path, changed: int, size: int) -> Small:
    del changed, size
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    small = whole.reduce(max(1, round(whole.width / _WIDTH)))
    buffer = io.BytesIO()
    few = small.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(buffer, format="png", compress_level=6)
    return Small(data=buffer.getvalue(), width=small.width, height=small.height)

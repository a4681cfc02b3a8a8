"""Figures made small enough to stand inside a page."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

__all__ = ["Thumbnail", "thumbnail"]

_COLOURS: Final = 64


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
    with Image.open(path) as picture:
        high = max(1, round(picture.height * width / picture.width))
        small = picture.convert("RGB").resize(
            (width, high), Image.Resampling.LANCZOS, reducing_gap=2
        )
    buffer = io.BytesIO()
    few = small.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(buffer, format="png", optimize=True)
    code = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Thumbnail(address=f"data:image/png;base64,{code}", width=width, height=high)

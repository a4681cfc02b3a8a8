"""Figures to files: whole or not at all, and the same bytes every time."""

import io
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from geo.cartography.page import DPI
from geo.errors import CartographyError
from geo.storage import write_bytes

__all__ = ["FORMATS", "write_figure"]

#: What figures are written as.
FORMATS = ("png", "svg", "pdf")
# In SVG paths of text, not text: the figure looks the same where no Chinese font is installed.
# PDF embeds the glyphs used as a font of type 3: text can be searched, and no viewer objects to
# it, as some do to OpenType outlines under type 42.
_STABLE: dict[Any, Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "geo.cartography",
    "pdf.fonttype": 3,
}
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}
# A hundredth of a point is far below what print resolves; the rest is bulk.
_LONG = re.compile(rb"(?<=\.\d\d)\d+")
_PATH = re.compile(rb'(?<= d=")[^"]*(?=")')


def write_figure(
    figure: Figure, path_base: Path, *, formats: Sequence[str] = ("png", "svg"), dpi: float = DPI
) -> tuple[Path, ...]:
    """Write a figure in several formats.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    path_base : pathlib.Path
        Path without suffix; its folder is created.
    formats : Sequence[str]
        Any of ``"png"``, ``"svg"`` and ``"pdf"``.
    dpi : float
        Dots per inch of the PNG.

    Returns
    -------
    tuple[pathlib.Path, ...]
        The files, in the order of ``formats``.

    Raises
    ------
    CartographyError
        ``cartography.format``: the format is not known.
    OSError
        A file cannot be written; what stood there is untouched.

    Examples
    --------
    >>> import tempfile
    >>> base = Path(tempfile.mkdtemp()) / "map.v1"
    >>> [path.name for path in write_figure(Figure(figsize=(1, 1)), base)]
    ['map.v1.png', 'map.v1.svg']
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise CartographyError(
            f"figures are written as {', '.join(FORMATS)}, not {', '.join(unknown)}",
            code="cartography.format",
            got=unknown,
            expected=list(FORMATS),
        )
    paths = []
    for name in formats:
        path = path_base.with_name(f"{path_base.name}.{name}")
        write_bytes(path, _render(figure, name, dpi=dpi))
        paths.append(path)
    return tuple(paths)


def _render(figure: Figure, name: str, *, dpi: float = DPI) -> bytes:
    if name == "png":
        return _png(figure, dpi)
    buffer = io.BytesIO()
    with mpl.rc_context(_STABLE):
        figure.savefig(buffer, format=name, dpi=dpi, metadata=_METADATA[name])
    data = buffer.getvalue()
    if name == "svg":
        return _PATH.sub(lambda match: _LONG.sub(b"", match.group()), data)
    return data


def _png(figure: Figure, dpi: float) -> bytes:
    """Write the opaque picture; runs of one colour, as maps have, pack fastest as runs."""
    canvas = figure.canvas
    agg: Any = canvas if isinstance(canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
    before = figure.dpi
    figure.set_dpi(dpi)
    agg.draw()
    picture = Image.fromarray(np.asarray(agg.buffer_rgba())).convert("RGB")
    figure.set_dpi(before)
    buffer = io.BytesIO()
    picture.save(buffer, format="png", dpi=(dpi, dpi), compress_type=zlib.Z_RLE)
    return buffer.getvalue()

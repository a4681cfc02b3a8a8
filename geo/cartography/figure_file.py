"""Figures to files: whole or not at all, and the same bytes every time."""

import io
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeAlias

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from geo.cartography.page import DPI
from geo.errors import CartographyError
from geo.storage import write_bytes

__all__ = ["FORMATS", "FigureWriter", "write_figure"]

_Drawn: TypeAlias = Mapping[Path, bytes | Image.Image]

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
    figure: Figure,
    path_base: Path,
    *,
    formats: Sequence[str] = ("png", "svg"),
    dpi: float = DPI,
    store: Callable[[_Drawn, float], None] | None = None,
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
    store : Callable, optional
        Writes what was drawn, later perhaps; by default it is written before the return.

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
    drawn = {
        path_base.with_name(f"{path_base.name}.{name}"): _drawn(figure, name, dpi=dpi)
        for name in formats
    }
    if store is None:
        _store(drawn, dpi)
    else:
        store(drawn, dpi)
    return tuple(drawn)


class FigureWriter:
    """Writes figures while the next is being drawn; a context manager.

    Packing a picture takes about as long as drawing it and needs neither matplotlib nor the
    interpreter's lock. At most one figure waits, so that memory holds two pictures and no more.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with FigureWriter() as writer:
    ...     paths = writer.write(Figure(figsize=(1, 1)), folder / "map")
    >>> [path.is_file() for path in paths]
    [True, True]
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._wait()
        finally:
            self._pool.shutdown()

    def write(self, figure: Figure, path_base: Path) -> tuple[Path, ...]:
        """Draw a figure and leave its files to be written.

        Parameters
        ----------
        figure : matplotlib.figure.Figure
            The figure; it may go afterwards.
        path_base : pathlib.Path
            Path without suffix.

        Returns
        -------
        tuple[pathlib.Path, ...]
            The files, which are there when the context is left.

        Raises
        ------
        OSError
            A file of an earlier figure cannot be written.
        """
        return write_figure(figure, path_base, store=self._submit)

    def _submit(self, drawn: _Drawn, dpi: float) -> None:
        self._wait()
        self._last = self._pool.submit(_store, drawn, dpi)

    def _wait(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()


def _store(drawn: _Drawn, dpi: float) -> None:
    for path, content in drawn.items():
        write_bytes(path, content if isinstance(content, bytes) else _packed(content, dpi))


def _drawn(figure: Figure, name: str, *, dpi: float) -> bytes | Image.Image:
    if name == "png":
        return _picture(figure, dpi)
    buffer = io.BytesIO()
    with mpl.rc_context(_STABLE):
        figure.savefig(buffer, format=name, dpi=dpi, metadata=_METADATA[name])
    data = buffer.getvalue()
    if name == "svg":
        return _PATH.sub(lambda match: _LONG.sub(b"", match.group()), data)
    return data


def _picture(figure: Figure, dpi: float) -> Image.Image:
    canvas = figure.canvas
    agg: Any = canvas if isinstance(canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
    before = figure.dpi
    figure.set_dpi(dpi)
    agg.draw()
    picture = Image.fromarray(np.asarray(agg.buffer_rgba())).convert("RGB")
    figure.set_dpi(before)
    return picture


def _packed(picture: Image.Image, dpi: float) -> bytes:
    """Pack an opaque picture; runs of one colour, as maps have, pack fastest as runs."""
    buffer = io.BytesIO()
    picture.save(buffer, format="png", dpi=(dpi, dpi), compress_type=zlib.Z_RLE)
    return buffer.getvalue()

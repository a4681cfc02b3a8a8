"""Figures to files: whole or not at all, and the same bytes every time."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from geo.errors import CartographyError
from geo.storage import write_bytes

__all__ = ["write_figure"]

_DPI = 300
# Paths of text, not text: the figure looks the same where no Chinese font is installed.
_STABLE: dict[Any, Any] = {"svg.fonttype": "path", "svg.hashsalt": "geo.cartography"}
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}
# A hundredth of a point is far below what print resolves; the rest is bulk.
_LONG = re.compile(rb"(\d\.\d\d)\d+")
_PATH = re.compile(rb'(?<= d=")[^"]*(?=")')


def write_figure(
    figure: Figure, path_base: Path, *, formats: Sequence[str] = ("png", "svg")
) -> tuple[Path, ...]:
    """Write a figure in several formats.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    path_base : pathlib.Path
        Path without suffix; its folder is created.
    formats : Sequence[str]
        Any of ``"png"`` (300 dpi), ``"svg"`` and ``"pdf"``.

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
    unknown = [name for name in formats if name not in _METADATA]
    if unknown:
        raise CartographyError(
            f"figures are written as {', '.join(_METADATA)}, not {', '.join(unknown)}",
            code="cartography.format",
            got=unknown,
            expected=list(_METADATA),
        )
    paths = []
    for name in formats:
        path = path_base.with_name(f"{path_base.name}.{name}")
        write_bytes(path, _render(figure, name))
        paths.append(path)
    return tuple(paths)


def _render(figure: Figure, name: str) -> bytes:
    buffer = io.BytesIO()
    with mpl.rc_context(_STABLE):
        figure.savefig(buffer, format=name, dpi=_DPI, metadata=_METADATA[name])
    data = buffer.getvalue()
    if name == "svg":
        return _PATH.sub(lambda match: _LONG.sub(rb"\1", match.group()), data)
    return data

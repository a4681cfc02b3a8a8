"""Standard output belongs to results, not to solvers."""

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator

__all__ = ["quiet_solver"]


@contextlib.contextmanager
def quiet_solver() -> Iterator[None]:
    """Keep what a solver prints from C away from standard output.

    HiGHS 1.12 prints a line when it mends a rounded solution, whatever it is told. It would
    stand in the middle of a table or of a JSON document.

    Yields
    ------
    None
        For as long as file descriptor 1 leads nowhere.

    Examples
    --------
    >>> with quiet_solver():
    ...     _ = os.write(1, b"seen by nobody")
    """
    sys.stdout.flush()
    try:
        saved = os.dup(1)
    except OSError:
        # A program without standard output, such as one under pythonw.
        yield
        return
    _flush()
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    try:
        yield
    finally:
        # What C holds back would come out after the descriptor is ours again.
        _flush()
        os.dup2(saved, 1)
        os.close(saved)


def _flush() -> None:
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL("ucrtbase" if os.name == "nt" else None)
        library.fflush(None)

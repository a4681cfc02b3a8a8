"""The weight explorer alone, without the rest of a run."""

from collections.abc import Callable
from pathlib import Path

from suanli.publish.explorer import write_explorer
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs, study_of
from suanli.run.whole import edition_of

__all__ = ["explorer_page"]


def explorer_page(config: RunConfig, *, progress: Callable[[str], None] = lambda _: None) -> Path:
    """Write the explorer into the folder of outputs, beside what runs wrote.

    Parameters
    ----------
    config : RunConfig
        What the run is told.
    progress : Callable[[str], None], optional
        Called with the name of each step.

    Returns
    -------
    pathlib.Path
        ``explorer.html`` in ``config.out``.

    Raises
    ------
    InputError
        The input is rejected.
    OSError
        The page cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> out = Path(tempfile.mkdtemp())
    >>> explorer_page(RunConfig(out=out, replicates=99)).name
    'explorer.html'
    """
    progress("inputs")
    inputs = load_inputs(config)
    study = study_of(inputs, config, stages=("scores", "robustness"), progress=progress)
    progress("pages")
    return write_explorer(edition_of(inputs, study, config), config.out)

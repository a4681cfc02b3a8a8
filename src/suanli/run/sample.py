"""A quick run over the shipped data, for examples and for trying things out."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from suanli.publish.edition import Edition
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs, study_of
from suanli.run.whole import RunResult, edition_of, run_all
from suanli.text import Language

__all__ = ["sample_edition", "sample_run"]


@cache
def sample_edition(lang: Language = "en") -> Edition:
    """Return an edition with very few permutations, made once per process.

    Its p-values are far too coarse for findings.

    Parameters
    ----------
    lang : {"zh", "en"}
        Its language.

    Returns
    -------
    Edition
        The shipped data by the shipped profiles.

    Examples
    --------
    >>> sample_edition().study.settings.permutations
    99
    """
    config = RunConfig(permutations=99, redraws=99, replicates=99, lang=lang)
    inputs = load_inputs(config)
    return edition_of(inputs, study_of(inputs, config), config)


@cache
def sample_run(lang: Language = "en") -> RunResult:
    """Return a whole run with very few permutations, made once per process.

    Parameters
    ----------
    lang : {"zh", "en"}
        Its language.

    Returns
    -------
    RunResult
        Written to a temporary folder that goes when the process ends.

    Examples
    --------
    >>> (sample_run().config.out / "maps" / "index.html").is_file()
    True
    """
    out = Path(tempfile.mkdtemp(prefix="suanli-"))
    atexit.register(shutil.rmtree, out, ignore_errors=True)
    return run_all(RunConfig(out=out, permutations=99, redraws=99, replicates=99, lang=lang))

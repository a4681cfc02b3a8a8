"""A quick edition of the shipped data, for examples and for trying things out."""

from functools import cache

from suanli.publish.edition import Edition
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs, study_of
from suanli.run.whole import edition_of
from suanli.text import Language

__all__ = ["sample_edition"]


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
    config = RunConfig(permutations=99, redraws=99, lang=lang)
    inputs = load_inputs(config)
    return edition_of(inputs, study_of(inputs, config), config)

"""A drawing of the explorer for the front page: weights on the left, ranks on the right."""

from functools import cache
from importlib.resources import files
from typing import Final

import jinja2
import pandas as pd

from suanli.profile import ROOT
from suanli.publish.edition import Edition

__all__ = ["explorer_picture"]

_SHOWN: Final = 8
_MOST_WEIGHTS: Final = 6
# Room for names, in Latin letters; a Chinese one takes two.
_SLIDER: Final = 24
_ROW: Final = 12
_WIDE: Final = "\u2e80"


def explorer_picture(edition: Edition) -> str:
    """Draw what the explorer does: sliders of the dimensions, and the ranks they give.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    str
        An SVG element, to stand inside a page: letters take the font of the page. Weights,
        scores and ranges of ranks are those of the provinces.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> drawing = explorer_picture(sample_edition())
    >>> drawing[:4], "Guangdong" in drawing
    ('<svg', True)
    """
    scores = edition.scores("province")
    weights = scores.weights["local"]
    nodes = scores.spec.children(ROOT)[:_MOST_WEIGHTS]
    ranked = scores.index.dropna().sort_values(ascending=False, kind="stable")[:_SHOWN]
    names = edition.unit_names("province", short=True)
    ranges = edition.ranks("province").of(ROOT).reindex(ranked.index)
    rows = [
        (str(code), score, row)
        for (code, score), (_, row) in zip(ranked.items(), ranges.iterrows(), strict=True)
    ]
    total = max(2, int(scores.index.notna().sum()))
    drawing: str = _template().render(
        sliders=[
            {"name": _short(_named(edition, str(node)), _SLIDER), "share": float(weights[node])}
            for node in nodes
        ],
        rows=[
            {
                "name": _short(str(names[code]), _ROW),
                "score": f"{score:.1f}",
                "low": _place(row["low"], total),
                "high": _place(row["high"], total),
                "at": _place(scores.ranks[ROOT][code], total),
            }
            for code, score, row in rows
        ],
    )
    return drawing


def _named(edition: Edition, node: str) -> str:
    return edition.text.of(edition.scores("province").spec.names()[node].model_dump())


def _short(name: str, room: int) -> str:
    kept = ""
    for letter in name:
        room -= 2 if letter >= _WIDE else 1
        if room < 0:
            return f"{kept[:-1]}…"
        kept += letter
    return kept


def _place(rank: float, total: int) -> float | None:
    """Return where a rank stands between the first and the last."""
    return None if pd.isna(rank) else round((float(rank) - 1) / (total - 1), 4)


@cache
def _template() -> jinja2.Template:
    source = files("suanli.publish") / "templates" / "explorer_picture.svg"
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source.read_text(encoding="utf-8"))

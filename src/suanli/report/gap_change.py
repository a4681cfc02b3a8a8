"""The section on how the gap changed before and within the last years."""

from suanli.analysis.gap_change import RECENT_YEARS
from suanli.publish.edition import Edition
from suanli.publish.finding import gap_change_sentences
from suanli.report.blocks import paragraph, section, see, table
from suanli.report.document import Section
from suanli.report.numerals import number, signed
from suanli.report.phrases import say

__all__ = ["change_section"]

_HEADS = ("definition", "span", "from", "to", "change", "interval", "verdict")
_WORDS = frozenset({"definition", "verdict"})


def change_section(edition: Edition) -> Section | None:
    """Report the change of the gap span by span.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    Section or None
        None where the panel is short.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(change_section(sample_edition()).blocks[1].rows)
    8
    """
    text = edition.text
    rows = [
        (
            text(f"analysis.definition_{row['definition']}"),
            text("gap.changes.span", first=row["first_year"], last=row["last_year"]),
            number(row["from"]),
            number(row["to"]),
            signed(row["change"]),
            say(edition, "interval", low=signed(row["lower"]), high=signed(row["upper"])),
            text(f"front.verdict_{row['direction']}"),
        )
        for row in edition.study.gap_changes.to_dict("records")
    ]
    made = table(
        "gap-changes",
        text("gap.changes.caption"),
        [
            (text(f"gap.changes.head_{head}"), "left" if head in _WORDS else "right")
            for head in _HEADS
        ],
        rows,
        note=text("gap.changes.note", years=RECENT_YEARS),
    )
    said = gap_change_sentences(edition, see=see(edition, made))
    return section("gap-changes", text("gap.changes.title"), paragraph(edition, *said), made)

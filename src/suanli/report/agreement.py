"""The chapter on how far the scores agree with lists others have published."""

from pathlib import Path

import pandas as pd

from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.wording import agreement_note
from suanli.report.blocks import note, paragraph, section, see, table
from suanli.report.document import Section
from suanli.report.numerals import MISSING, number
from suanli.report.phrases import counted, joined, say

__all__ = ["agreement", "closest_said"]


def agreement(edition: Edition, pictures: Path) -> Section | None:  # noqa: ARG001 - as all chapters
    """Set the ranks beside published lists.

    Parameters
    ----------
    edition : Edition
        What is published.
    pictures : pathlib.Path
        Folder of the run's figures.

    Returns
    -------
    Section or None
        The chapter; None where no list has a counterpart.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> agreement(sample_edition(), Path()).key
    'agreement'
    """
    found = _compared(edition)
    if found.empty:
        return None
    rows = [
        (
            str(row["year"]),
            str(row["edition"]),
            edition.text(f"home.level_{row['level']}"),
            edition.node_name(row["level"], row["node"]),
            edition.text("front.overlap", overlap=row["overlap"], length=row["length"]),
            number(row["expected_overlap"], 2),
            number(row["rbo"]),
            MISSING
            if pd.isna(row["kendall_tau"])
            else say(edition, "agreement.tau", tau=number(row["kendall_tau"]), n=row["ranked"]),
        )
        for row in found.to_dict("records")
    ]
    heads = ("year", "list", "level", "node", "overlap", "chance", "rbo", "tau")
    made = table(
        "agreement",
        say(edition, "agreement.caption"),
        [
            (say(edition, f"agreement.head_{head}"), "left" if 0 < at < 4 else "right")  # noqa: PLR2004
            for at, head in enumerate(heads)
        ],
        rows,
        note=say(edition, "agreement.table_note", year=edition.study.province.spec.year),
    )
    sister = int(found["family"].ne("comprehensive").sum())
    return section(
        "agreement",
        say(edition, "agreement.title"),
        note(edition, agreement_note(edition)),
        paragraph(
            edition,
            counted(edition, "agreement.lead", len(found), see=see(edition, made)),
            counted(edition, "agreement.sister", sister) if sister else "",
            closest_said(edition),
        ),
        made,
    )


def closest_said(edition: Edition) -> str:
    """Say how many places of the longest lists of each level are met, the latest of them.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    str
        One sentence per level; empty where there is no list.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> closest_said(sample_edition()).startswith("The list of 2025")
    True
    """
    found = _compared(edition)
    lists = found[found["family"].eq("comprehensive") & found["node"].eq(ROOT)]
    said = []
    for level in ("province", "city"):
        mine = lists[lists["level"] == level]
        if mine.empty:
            continue
        longest = mine[mine["length"].eq(mine["length"].max())]
        last = longest.sort_values("year", kind="stable").iloc[-1]
        said.append(
            say(
                edition,
                f"agreement.closest_{level}",
                year=last["year"],
                list=last["edition"],
                length=last["length"],
                overlap=last["overlap"],
                expected=number(last["expected_overlap"], 2),
            )
        )
    return joined(edition, [*said, say(edition, "agreement.means") if said else ""])


def _compared(edition: Edition) -> pd.DataFrame:
    found = edition.study.agreement
    return found[found["node"].ne("") & found["kind"].eq("ranking") & found["overlap"].notna()]

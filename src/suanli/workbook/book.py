"""The workbook of an edition: every number, and formulas from raw value to rank."""

from pathlib import Path
from typing import Final

import pandas as pd

from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.spreadsheets import opened_book
from suanli.study import scored_table
from suanli.workbook.analysis_sheets import write_analysis
from suanli.workbook.cell_sheets import qualities_of, write_cells, write_changes
from suanli.workbook.chain import plan_chain
from suanli.workbook.chain_sheet import write_chain
from suanli.workbook.layout import Chain
from suanli.workbook.limits import limits_of
from suanli.workbook.list_sheets import write_dictionary, write_indicators, write_sources
from suanli.workbook.making import Making
from suanli.workbook.readme import write_readme
from suanli.workbook.score_sheets import write_ranks, write_scores
from suanli.workbook.weights_sheet import links_of, write_weights

__all__ = ["write_workbook"]

_LEVELS: Final[tuple[Level, Level]] = ("province", "city")


def write_workbook(edition: Edition, path: Path) -> None:
    """Write everything an analyst keeps of an edition as one xlsx file.

    Parameters
    ----------
    edition : Edition
        What is published.
    path : pathlib.Path
        The file.

    Raises
    ------
    OSError
        The file cannot be written.

    Notes
    -----
    Cells of formulas also hold our value, so that viewers that compute nothing show it.
    Equal editions give equal bytes.

    Examples
    --------
    >>> import tempfile
    >>> from suanli.run.sample import sample_edition
    >>> path = Path(tempfile.mkdtemp()) / "suanli.xlsx"
    >>> write_workbook(sample_edition(), path)
    >>> path.stat().st_size < 3_000_000
    True
    """
    with opened_book(path, edition.text("workbook.title"), edition.text) as book:
        making = Making.begun(edition, book)
        chains = {level: _level(making, level) for level in _LEVELS}
        write_changes(making)
        write_analysis(making)
        write_indicators(making)
        write_sources(making)
        write_dictionary(making)
        write_readme(making, chains)


def _level(making: Making, level: Level) -> Chain:
    """Write the sheets of one level."""
    edition = making.edition
    scores = edition.scores(level)
    # Best first, as on the page; units without a score last.
    order = scores.ranks[ROOT].sort_values(kind="stable", na_position="last")
    data = edition.catalogue.province if level == "province" else edition.catalogue.city
    table = scored_table(data, edition.boundaries.layer(level))
    chain = plan_chain(
        scores,
        table,
        codes=[str(code) for code in order.index],
        links=links_of(scores.spec, making.names[f"{level}_weights"]),
        names=_names(edition, level),
        limits=limits_of(scores.spec, _known(edition, level)),
    )
    write_scores(making, level, chain)
    write_ranks(making, level, chain)
    write_chain(
        making,
        f"{level}_chain",
        chain,
        names=making.unit_names(level),
        qualities=qualities_of(table, chain),
    )
    write_weights(making, level)
    write_cells(making, level, table, chain)
    return chain


def _known(edition: Edition, level: Level) -> pd.DataFrame:
    known = edition.catalogue.indicators
    return known[known["level"] == level].set_index("indicator")


def _names(edition: Edition, level: Level) -> dict[str, str]:
    """Return what raw data, nodes and indicators are called, by identifier."""
    text = edition.text
    titles = _known(edition, level)[f"name_{text.lang}"]
    names = {f"raw:{name}": str(title) for name, title in titles.items() if pd.notna(title)}
    spec = edition.scores(level).spec
    names |= {item.id: text.of(item.name.model_dump()) for item in spec.variable if item.name}
    names |= {item.id: text.of(item.name.model_dump()) for item in spec.items()}
    return names | {ROOT: edition.node_name(level, ROOT)}

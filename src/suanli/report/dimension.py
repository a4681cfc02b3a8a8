"""One chapter for each dimension of provinces."""

from pathlib import Path

import pandas as pd

from suanli.diagnostics.tree import leaves
from suanli.publish.edition import Edition
from suanli.report.blocks import paragraph, picture, section, see
from suanli.report.document import Section
from suanli.report.leading import intervals_said, leaders_said, leaders_table
from suanli.report.numerals import percent
from suanli.report.phrases import counted, inside, joined, listed, say

__all__ = ["composition_said", "dimension", "withheld_said"]

_STATUS = ("reported", "derived", "proxy", "assumed")


def dimension(edition: Edition, pictures: Path, *, node: str) -> Section | None:
    """Report one dimension: what it is made of, who leads, how sure that is.

    Parameters
    ----------
    edition : Edition
        What is published.
    pictures : pathlib.Path
        Folder of the run's figures.
    node : str
        The dimension.

    Returns
    -------
    Section or None
        The chapter; it says so where nobody has a score.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> dimension(sample_edition(), Path(), node="storage").title
    'Storage'
    """
    name = edition.node_name("province", node)
    key = f"dimension-{node.replace('_', '-')}"
    composed = paragraph(edition, composition_said(edition, node))
    if edition.study.province.nodes[node].isna().all():
        missing = say(edition, "nobody_scored", name=name)
        return section(key, name, composed, paragraph(edition, missing))
    text = edition.text
    shown = picture(
        pictures, f"province-{node}", caption=text("maps.title_province", name=name),
        shows="map", edition=edition,
    )  # fmt: skip
    chart = picture(
        pictures, f"province-{node}-top10", caption=text("maps.title_top10", name=name),
        shows="top", edition=edition,
    )  # fmt: skip
    made, ties = leaders_table(edition, "province", node)
    spec = edition.study.province.spec
    inner = {item.id for item in spec.dimension}
    below = [
        leaders_said(edition, "province", child, intervals=False)
        for child in spec.children(node)
        if child in inner and child in edition.study.province.nodes
    ]
    return section(
        key,
        name,
        composed,
        paragraph(
            edition,
            leaders_said(edition, "province", node, pointing=see(edition, shown, made, chart)),
            ties,
            intervals_said(edition, "province", node, shown=None),
            withheld_said(edition, node),
        ),
        shown,
        made,
        chart,
        paragraph(edition, say(edition, "dimension.parts") if below else "", *below),
    )


def composition_said(edition: Edition, node: str) -> str:
    """Say what a dimension is made of, and what its indicators are to what they stand for.

    Parameters
    ----------
    edition : Edition
        What is published.
    node : str
        The dimension.

    Returns
    -------
    str
        Sentences.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> composition_said(sample_edition(), "storage")[:35]
    'Storage weighs 20% in the index and'
    """
    scores = edition.study.province
    below = set(leaves(scores.spec, node))
    items = [item for item in scores.spec.indicator if item.id in below]
    counts = pd.Series([item.status for item in items]).value_counts()
    kinds = [
        counted(edition, f"dimension.{status}", int(counts[status]))
        for status in _STATUS
        if status in counts
    ]
    name = edition.node_name("province", node)
    weight = scores.weights["overall"].get(node, float("nan"))
    params = {"name": name, "kinds": listed(edition, kinds)}
    if pd.isna(weight):
        composed = counted(edition, "dimension.composed_unweighted", len(items), **params)
    else:
        composed = counted(
            edition, "dimension.composed", len(items), weight=percent(weight), **params
        )
    rough = [
        edition.text.of(item.name.model_dump())
        for item in items
        if item.status in {"proxy", "assumed"}
    ]
    said = (
        say(edition, "dimension.rough", names=listed(edition, inside(edition, rough)))
        if rough
        else ""
    )
    return joined(edition, [composed, said])


def withheld_said(edition: Edition, node: str) -> str:
    """Name the provinces without a score in a dimension.

    Parameters
    ----------
    edition : Edition
        What is published.
    node : str
        The dimension.

    Returns
    -------
    str
        A sentence; empty where all have one.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> withheld_said(sample_edition(), "storage")
    ''
    """
    values = edition.study.province.nodes[node]
    gone = values.index[values.isna()]
    if gone.empty:
        return ""
    names = edition.unit_names("province", short=True).reindex(gone)
    return say(edition, "dimension.withheld", names=listed(edition, names))

"""What an edition may say of its profiles: nothing that does not follow from them."""

from typing import Any

from suanli.boundaries import Level
from suanli.profile import ROOT, IndexSpec, list_profiles, load_profile, without
from suanli.publish.edition import Edition
from suanli.text import Text

__all__ = [
    "abouts",
    "agreement_note",
    "caveats",
    "gap_notes",
    "interval_text",
    "intervals_note",
    "signed_points",
]

_LEVELS: tuple[Level, Level] = ("province", "city")


def abouts(edition: Edition) -> dict[str, str]:
    """Say what each map page shows.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    dict[str, str]
        By page: ``province``, ``city``, ``clusters``, ``hubs``.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> abouts(sample_edition())["hubs"]
    'The 14 prefecture units with a hub start area, and the rings around them.'
    """
    text = edition.text
    said: dict[str, str] = {}
    for level in _LEVELS:
        names = [edition.node_name(level, node) for node in edition.nodes(level) if node != ROOT]
        said[level] = text(
            f"front.about_{level}",
            names=text("maps.list_mark").join(names),
            count=int(edition.boundaries.layer(level)["evaluated"].sum()),
        )
    said["clusters"] = text("front.about_clusters")
    said["hubs"] = text("front.about_hubs", count=len(edition.catalogue.hub_cities))
    return said


def interval_text(edition: Edition, row: Any) -> str:
    """Write the interval of one rank.

    Parameters
    ----------
    edition : Edition
        What is published.
    row : Any
        With the attributes ``low`` and ``high``.

    Returns
    -------
    str
        Such as ``2-5``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from suanli.run.sample import sample_edition
    >>> interval_text(sample_edition(), SimpleNamespace(low=2, high=5))
    '2–5'
    """
    return edition.text("maps.interval", low=f"{row.low:g}", high=f"{row.high:g}")


def intervals_note(edition: Edition, level: Level) -> str:
    """Say what the intervals of ranks are.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    str
        Share of replicates inside, their number, and what was drawn.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> intervals_note(sample_edition(), "province").startswith("In brackets")
    True
    """
    said = edition.scores(level).spec.uncertainty
    low, high = said.interval
    return edition.text(
        "maps.intervals_note",
        share=f"{high - low:.0%}",
        replicates=edition.ranks(level).replicates,
    )


def agreement_note(edition: Edition) -> str:
    """Say what the comparison with published lists is worth.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    str
        That the profiles were made with the lists known, where they are the shipped ones.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> agreement_note(sample_edition())[:38]
    'The profiles were designed with these '
    """
    shipped = all(_is_shipped(edition.scores(level).spec) for level in _LEVELS)
    return edition.text("front.agreement_note" if shipped else "front.agreement_note_own")


def caveats(edition: Edition) -> tuple[str, ...]:
    """Say what to beware of, as far as it concerns these profiles.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    tuple[str, ...]
        Sentences on indicators, weights, latencies, data and units never scored.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(caveats(sample_edition()))
    5
    """
    text = edition.text
    specs = [edition.scores(level).spec for level in _LEVELS]
    items = [item for spec in specs for item in spec.indicator]
    rough = sum(item.status in {"proxy", "assumed"} for item in items)
    said = [text("front.caveat_indicators", all=len(items), rough=rough)]
    ways = [_weight_caveat(text, spec) for spec in specs]
    if ways[0] == ways[1]:
        said.append(ways[0])
    else:
        said += [
            text("front.at_level", level=text(f"common.{level}"), sentence=way)
            for level, way in zip(_LEVELS, ways, strict=True)
        ]
    if any("latency" in name for spec in specs for name in spec.inputs()):
        said.append(text("front.caveat_latency"))
    return (*said, text("front.caveat_city"), text("front.caveat_drawn"))


def _weight_caveat(text: Text, spec: IndexSpec) -> str:
    """Say where weights come from."""
    way = spec.method.weight
    for key in (f"front.caveat_weight_{way}", f"scoring.caveat_weight_{way}"):
        if text.has(key):
            return text(key, name=" + ".join(spec.method.weightings))
    return text("scoring.caveat_weight_data", name=way)


def gap_notes(edition: Edition) -> tuple[str, ...]:
    """Say what is uneven in the years of the gap.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    tuple[str, ...]
        Each indicator whose data begin after the first year, then the year of the hub list.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(gap_notes(sample_edition()))
    2
    """
    text, panel = edition.text, edition.study.panel
    first = min(panel)
    said = []
    for item in panel[first].spec.indicator:
        known = _first_year(edition, item.id, "derived")
        used = _first_year(edition, item.id, "normalised")
        if known is None or known == first:
            continue
        name = text.of(item.name.model_dump())
        if used is None or used >= known:
            said.append(text("maps.gap_starts", name=name, known=known))
        elif used > first:
            said.append(text("maps.gap_starts_filled", name=name, known=known, used=used))
        else:
            said.append(text("maps.gap_starts_all_filled", name=name, known=known))
    return (*said, text("maps.gap_hubs"))


def _first_year(edition: Edition, indicator: str, stage: str) -> int | None:
    panel = edition.study.panel
    years = (year for year in sorted(panel) if _known(edition, year, indicator, stage))
    return next(years, None)


def _known(edition: Edition, year: int, indicator: str, stage: str) -> bool:
    table = edition.study.panel[year].stages[stage]
    return indicator in table and bool(table[indicator].notna().any())


def _is_shipped(spec: IndexSpec) -> bool:
    if spec.id not in list_profiles():
        return False
    shipped = load_profile(spec.id)
    kept = {item.id for item in spec.indicator}
    return spec == without(shipped, {i.id for i in shipped.indicator if i.optional} - kept)


def signed_points(points: float, digits: int = 1) -> str:
    """Write points with their sign; what rounds to nothing is no minus.

    Parameters
    ----------
    points : float
        Points of a score.
    digits : int
        Decimals.

    Returns
    -------
    str
        With a true minus.

    Examples
    --------
    >>> signed_points(-1.26), signed_points(-0.04)
    ('−1.3', '+0.0')
    """
    return f"{round(points, digits) + 0.0:+.{digits}f}".replace("-", "−")

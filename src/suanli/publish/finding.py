"""What the tests found: as sentences, and as the small tables of the front page."""

from dataclasses import dataclass
from typing import Final

from suanli.analysis.conclusion import (
    gap_conclusions,
    hub_conclusions,
    p_text,
    spatial_conclusions,
)
from suanli.analysis.gap import DEFINITIONS, region_groups
from suanli.analysis.hub_conclusion import (
    convergence_conclusions,
    event_conclusions,
    spillover_conclusions,
)
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.sentences import node_names, worded
from suanli.publish.wording import signed_points

__all__ = [
    "Grid",
    "convergence_sentences",
    "findings",
    "gap_change_sentences",
    "gap_grid",
    "gap_scale_said",
    "hub_grid",
    "hub_sentences",
    "hub_study_sentences",
    "pattern_sentences",
]

# Hubs against cities like them: the way of redrawing to read.
_STRICT: Final = "region_and_size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A small table of words.

    Attributes
    ----------
    head : tuple[str, ...]
        Headings.
    rows : tuple[tuple[str, ...], ...]
        Cells, as many in each row as headings.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def findings(edition: Edition) -> list[str]:
    """Say what the tests found, in sentences; what is insignificant is called so.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    list[str]
        Sentences on the gap of the latest year, its trend, clusters and hubs.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> any("Moran" in sentence for sentence in findings(sample_edition()))
    True
    """
    text = edition.text
    last = max(edition.study.panel)
    said = []
    for item in gap_conclusions(edition.study.gap):
        if item.params["node"] != ROOT or item.params.get("year", last) != last:
            continue
        params = dict(item.params)
        params["definition"] = text(f"analysis.definition_{params['definition']}")
        params["node"] = edition.node_name("province", ROOT)
        said.append(text(item.key, **params))
    scale = gap_scale_said(edition)
    return [
        *said,
        *([scale] if scale else []),
        *gap_change_sentences(edition),
        *pattern_sentences(edition),
        *hub_sentences(edition),
        *hub_study_sentences(edition),
        *convergence_sentences(edition),
    ]


def gap_scale_said(edition: Edition) -> str:
    """Say that the gap is measured on a scale that years share, and what it is on the other.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    str
        A sentence with the gap of the index by the first definition on both scales; empty
        where they agree.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> "another scale" in gap_scale_said(sample_edition())
    True
    """
    study, definition = edition.study, DEFINITIONS[0]
    years, last = study.gap.years, max(study.panel)
    chosen = years["node"].eq(ROOT) & years["definition"].eq(definition.id) & years["year"].eq(last)
    index = study.province.index.dropna()
    sides = region_groups(edition.catalogue.regions[definition.column], index.index)
    means = index.groupby(sides.reindex(index.index)).mean()
    if not chosen.any() or not {definition.east, definition.west} <= set(means.index):
        return ""
    shared = float(years.loc[chosen, "difference"].iloc[0])
    alone = float(means[definition.east] - means[definition.west])
    if signed_points(shared) == signed_points(alone):
        return ""
    return edition.text(
        "front.gap_scale",
        definition=edition.text(f"analysis.definition_{definition.id}"),
        year=last,
        shared=signed_points(shared),
        alone=signed_points(alone),
    )


def gap_change_sentences(edition: Edition, *, see: str = "") -> list[str]:
    """Say how the gap changed until some years ago, and whether it has since.

    Parameters
    ----------
    edition : Edition
        What is published.
    see : str
        Where the figures stand, in brackets.

    Returns
    -------
    list[str]
        One sentence for each span; none where the panel is short.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> gap_change_sentences(sample_edition())[1][-63:]
    'none of 4 definitions: it cannot be said to narrow or to widen.'
    """
    found = edition.study.gap_changes
    said = []
    for place, (_, rows) in enumerate(found.groupby("first_year", sort=True)):
        counts = {key: int(rows["direction"].eq(key).sum()) for key in ("widening", "narrowing")}
        none = len(rows) - sum(counts.values())
        key = "before" if not place else "since" if none < len(rows) else "since_none"
        said.append(
            edition.text(
                f"gap.changes.{key}",
                first=int(rows["first_year"].iloc[0]),
                last=int(rows["last_year"].iloc[0]),
                count=len(rows),
                least=signed_points(rows["change"].min(), 2),
                most=signed_points(rows["change"].max(), 2),
                none=none,
                see=see,
                **counts,
            )
        )
    return said


def hub_sentences(edition: Edition) -> list[str]:
    """Say what rings around the hubs show, one way of redrawing the hubs at a time.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    list[str]
        On neighbours, gradient, the hub cities themselves and the best cities, twice.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(hub_sentences(sample_edition()))
    8
    """
    text, study = edition.text, edition.study
    said = []
    for by, result in (("region", study.hubs), ("size", study.hubs_by_size)):
        head = text(f"front.redrawn_{by}")
        said += [
            text("front.at_level", level=head, sentence=text(item.key, **item.params))
            for item in hub_conclusions(result, alpha=study.settings.alpha)
        ]
    return said


def hub_study_sentences(edition: Edition) -> list[str]:
    """Say what other weights and the years around approval show.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    list[str]
        One sentence on the rules of weights, hubs redrawn among cities like them; one on
        all yearly series.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(hub_study_sentences(sample_edition()))
    2
    """
    study = edition.study
    alpha = study.settings.alpha
    strict = [
        said
        for said in spillover_conclusions(study.hub_study.spillover, alpha=alpha)
        if said.key == "hubs.weights" and said.params["within"] == _STRICT
    ]
    events = event_conclusions(study.hub_study.events, alpha=alpha)[:1]
    return [worded(said, edition.text, {}) for said in (*strict, *events)]


def convergence_sentences(edition: Edition) -> list[str]:
    """Say whether the provinces' index grows more alike.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    list[str]
        On the spread and on every model of growth; what could not be computed is named.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(convergence_sentences(sample_edition()))
    5
    """
    study = edition.study
    names = node_names(edition.catalogue, study.province.spec, edition.text)
    units = edition.unit_names("province", short=True)
    names |= {str(code): str(name) for code, name in units.items()}
    found = convergence_conclusions(study.convergence, alpha=study.settings.alpha)
    return [worded(said, edition.text, names) for said in found if said.params["series"] == ROOT]


def pattern_sentences(edition: Edition) -> list[str]:
    """Say whether the scores of each level cluster.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    list[str]
        Two sentences per level.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(pattern_sentences(sample_edition()))
    4
    """
    text, study = edition.text, edition.study
    patterns = {"province": study.province_pattern, "city": study.city_pattern}
    return [
        text(
            "front.at_level",
            level=text(f"common.{level}"),
            sentence=text(item.key, **item.params),
        )
        for level, pattern in patterns.items()
        for item in spatial_conclusions(pattern)
    ]


def gap_grid(edition: Edition) -> Grid:
    """Lay out the gap of the latest year and its trend, one row per definition.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    Grid
        Without slopes where there are too few years for a trend.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(gap_grid(sample_edition()).rows)
    4
    """
    text, gap = edition.text, edition.study.gap
    years = gap.years[gap.years["node"].eq(ROOT) & gap.years["year"].eq(max(edition.study.panel))]
    trend = gap.trend
    if len(trend):
        trend = trend[trend["node"].eq(ROOT) & trend["measure"].eq("difference")]
    slopes = {row["definition"]: row for row in trend.to_dict("records")}
    names = [
        "definition",
        "difference",
        "interval",
        *(["slope", "interval", "verdict"] * bool(slopes)),
    ]
    rows = []
    for row in years.to_dict("records"):
        cells = [
            text(f"analysis.definition_{row['definition']}"),
            f"{row['difference']:.2f}",
            text("front.interval", lower=row["difference_lower"], upper=row["difference_upper"]),
        ]
        slope = slopes.get(row["definition"])
        if slope:
            cells += [
                f"{slope['slope']:+.2f}",
                text("front.interval", lower=slope["lower"], upper=slope["upper"]),
                text(f"front.verdict_{slope['direction']}"),
            ]
        rows.append((*cells, *[""] * (len(names) - len(cells))))
    return Grid(head=tuple(text(f"front.head_{name}") for name in names), rows=tuple(rows))


def hub_grid(edition: Edition) -> Grid:
    """Lay out the tests of the hubs, one row per way of redrawing them.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    Grid
        Neighbours, hub cities themselves, gradient and best cities; the verdict is on the
        neighbours.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(hub_grid(sample_edition()).rows)
    2
    """
    text, study = edition.text, edition.study
    names = (
        "redrawn",
        "neighbours",
        "expected",
        "p",
        "own",
        "p",
        "slope_p",
        "top_p",
        "verdict_hub",
    )
    rows = []
    for by, result in (("region", study.hubs), ("size", study.hubs_by_size)):
        rings = {row["ring"]: row for row in result.rings.to_dict("records")}
        near = hub_conclusions(result, alpha=study.settings.alpha)[0]
        rows.append(
            (
                text(f"front.within_{by}"),
                f"{rings[1]['difference']:+.2f}",
                f"{rings[1]['expected']:+.2f}",
                p_text(rings[1]["p"]),
                f"{rings[0]['difference']:+.2f}",
                p_text(rings[0]["p"]),
                p_text(result.slope_p),
                p_text(result.top.p),
                text(f"front.verdict_{near.key.removeprefix('analysis.')}"),
            )
        )
    head = tuple(text(f"front.head_{name}", k=study.hubs.top.k) for name in names)
    return Grid(head=head, rows=tuple(rows))

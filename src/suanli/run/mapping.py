"""One figure, as a planner asks for it on the command line."""

import datetime as dt
import difflib
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from geo.cartography.figure_file import FORMATS, write_figure
from geo.cartography.palette import DIVERGING, SEQUENTIAL
from suanli.boundaries import Level
from suanli.errors import InputError, Problem
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.mapping import Mapper
from suanli.publish.plates import bivariate_plate, dimension_plate, score_plate, year_plate
from suanli.publish.score_charts import (
    gap_chart,
    leaders_chart,
    moran_chart,
    ranks_chart,
    top_chart,
)
from suanli.publish.spatial_plates import evidence_plate, hot_spot_plate, lisa_plate, ring_plate
from suanli.publish.themes import Classing
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs, study_of
from suanli.run.placing import refuse_file
from suanli.run.whole import edition_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["KINDS", "Kind", "MapRequest", "draw_figure"]

Kind = Literal[
    "score", "dimensions", "bivariate", "years", "lisa", "evidence", "hotspots", "rings",
    "moran", "top", "leaders", "ranks", "gap",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_CLASSED: Final = ("score", "dimensions", "years")
_MAPS: Final = (*_CLASSED, "bivariate", "lisa", "evidence", "hotspots", "rings")
# Which kinds an option is for; all where it is not named.
_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "node": ("score", "bivariate", "years", "ranks"),
    "year": ("score", "years"),
    "scheme": _CLASSED,
    "classes": _CLASSED,
    "breaks": _CLASSED,
    "palette": _CLASSED,
    "width": _MAPS,
    "date": _MAPS,
    "labels": ("score", "dimensions"),
}
_LEVELS: Final[Mapping[str, Level]] = {"rings": "city", "years": "province", "gap": "province"}
_FIXED: Final = ("std_mean", "box_map", "user")
_COLOURS: Final = max(max(sizes) for sizes in SEQUENTIAL.values())
_PAIR, _MOST_YEARS, _INCH = 2, 12, 2.54
_DATES: Final = ("%Y", "%Y-%m", "%Y-%m-%d")


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRequest:
    """What is to be drawn; ``None`` and empty leave it to the kind of figure.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    level : {"province", "city"}, optional
        The level.
    node : tuple[str, ...]
        Identifiers of the index, dimensions or indicators.
    year : tuple[int, ...]
        Years of the panel.
    scheme : str, optional
        How classes are cut.
    classes : int, optional
        How many.
    breaks : str
        Upper limits of classes, with commas.
    palette : str, optional
        Colours.
    width : float, optional
        Centimetres.
    date : str
        Date written on the map.
    labels : int, optional
        Leaders named.
    formats : tuple[str, ...]
        Of the files.
    out : pathlib.Path, optional
        Folder of the files; ``own`` in the folder of outputs by default.
    """

    kind: Kind = "score"
    level: Level | None = None
    node: tuple[str, ...] = ()
    year: tuple[int, ...] = ()
    scheme: str | None = None
    classes: int | None = None
    breaks: str = ""
    palette: str | None = None
    width: float | None = None
    date: str = ""
    labels: int | None = None
    formats: tuple[str, ...] = ("png",)
    out: Path | None = None

    def asks(self) -> bool:
        """Tell whether anything but the kind, level, formats and folder is asked for.

        Returns
        -------
        bool
            True where an option of :data:`KINDS` was given.
        """
        return any(getattr(self, name) not in (None, "", ()) for name in _FOR)


def draw_figure(
    config: RunConfig, request: MapRequest, *, progress: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Draw one figure and write it.

    Parameters
    ----------
    config : RunConfig
        Profiles, data, language, seed.
    request : MapRequest
        What to draw.
    progress : Callable[[str], None], optional
        Called with the name of each step.

    Returns
    -------
    list[pathlib.Path]
        The files written, one per format.

    Raises
    ------
    InputError
        Everything wrong with the request, or with the input.
    geo.errors.CartographyError
        The figure would break a rule of maps.
    OSError
        A file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> request = MapRequest(node=("compute",), classes=4, out=Path(tempfile.mkdtemp()))
    >>> [path.name for path in draw_figure(RunConfig(lang="en"), request)]
    ['province-score-compute-4.png']
    """
    out = request.out or config.out / "own"
    refuse_file(out)
    level = request.level or _LEVELS.get(request.kind, "province")
    problems = [*_options(request), *_classes(request), *_written(request)]
    if request.level and level != _LEVELS.get(request.kind, level):
        expected = _LEVELS[request.kind]
        problems.append(_problem("level", kind=request.kind, expected=expected))
    progress("inputs")
    inputs = load_inputs(config)
    edition = edition_of(inputs, study_of(inputs, config, stages=()), config)
    problems += [*_nodes(request, edition, level), *_years(request, edition, level)]
    if problems:
        raise InputError(problems)
    progress("figures")
    width = (request.width or 10.0 * _INCH) / _INCH
    mapper = Mapper(edition, dated=request.date, width=width)
    figure = _draw(mapper, request, level)
    return list(write_figure(figure, out / _stem(request, level), formats=request.formats))


def _draw(mapper: Mapper, request: MapRequest, level: Level) -> "Figure":
    edition, node = mapper.edition, (*request.node, ROOT)[0]
    ways: dict[str, Any] = {"classing": _classing(request)}
    if request.labels is not None:
        ways["labelled"] = request.labels
    year = request.year[0] if request.year else None
    draw: Mapping[str, Callable[[], Figure]] = {
        "score": lambda: score_plate(mapper, level, node, year=year, **ways),
        "dimensions": lambda: dimension_plate(mapper, level, **ways),
        "bivariate": lambda: bivariate_plate(mapper, level, *_pair(request, edition, level)),
        "years": lambda: year_plate(mapper, node, sorted(request.year), **ways),
        "lisa": lambda: lisa_plate(mapper, level),
        "evidence": lambda: evidence_plate(mapper, level),
        "hotspots": lambda: hot_spot_plate(mapper, level),
        "rings": lambda: ring_plate(mapper),
        "moran": lambda: moran_chart(edition, level),
        "top": lambda: top_chart(edition, level),
        "leaders": lambda: leaders_chart(edition, level),
        "ranks": lambda: ranks_chart(edition, level, node=node),
        "gap": lambda: gap_chart(edition),
    }
    return draw[request.kind]()


def _stem(request: MapRequest, level: Level) -> str:
    """Name the file by what was asked, so that two requests do not overwrite each other."""
    asked = (*request.node, *request.year, request.scheme, request.classes, request.palette)
    limits = request.breaks.replace(",", "_").replace(" ", "")
    parts = (level, request.kind, *(str(part) for part in asked if part), limits)
    return "-".join(part for part in parts if part)


def _pair(request: MapRequest, edition: Edition, level: Level) -> tuple[str, str]:
    nodes = request.node or (edition.nodes(level)[1], edition.nodes(level)[-1])
    return nodes[0], nodes[1]


def _classing(request: MapRequest) -> Classing:
    breaks = _limits(request.breaks)
    scheme: Any = request.scheme or ("user" if breaks else "fisher_jenks")
    default = "BuRd" if scheme == "box_map" else "YlGnBu"
    return Classing(
        scheme=scheme,
        k=request.classes or 5,
        breaks=breaks,
        palette=request.palette or default,
    )


def _limits(text: str) -> tuple[float, ...] | None:
    """Read limits; None where there are none or they are no limits."""
    try:
        limits = tuple(float(part) for part in text.replace("，", ",").split(","))
    except ValueError:
        return None
    rising = all(low < high for low, high in itertools.pairwise(limits))
    return limits if rising and all(map(math.isfinite, limits)) else None


def _problem(key: str, **params: Any) -> Problem:
    return Problem(code=f"figures.refused.{key}", params=params)


def _options(request: MapRequest) -> list[Problem]:
    kind = request.kind
    return [
        _problem("option", option=f"--{name}", kind=kind, kinds=", ".join(kinds))
        for name, kinds in _FOR.items()
        if getattr(request, name) not in (None, "", ()) and kind not in kinds
    ]


def _classes(request: MapRequest) -> list[Problem]:
    found, scheme, limits = [], request.scheme, _limits(request.breaks)
    if request.breaks and limits is None:
        found.append(_problem("breaks", got=request.breaks))
    if request.breaks and scheme not in (None, "user"):
        found.append(_problem("breaks_scheme", scheme=scheme))
    if limits and len(limits) >= _COLOURS:
        # One class more holds what exceeds the last limit.
        found.append(_problem("too_many", got=len(limits) + 1, expected=_COLOURS))
    if scheme == "user" and not request.breaks:
        found.append(_problem("breaks_missing"))
    fixed = "user" if request.breaks else scheme
    if request.classes is not None and fixed in _FIXED:
        found.append(_problem("classes_fixed", scheme=fixed))
    if request.palette in DIVERGING and scheme != "box_map":
        found.append(_problem("palette_middle", palette=request.palette))
    return found


def _written(request: MapRequest) -> list[Problem]:
    expected = ", ".join(FORMATS)
    strange = [name for name in request.formats if name not in FORMATS]
    return [*_date(request), *(_problem("format", got=x, expected=expected) for x in strange)]


def _date(request: MapRequest) -> list[Problem]:
    for pattern in _DATES if request.date else ():
        try:
            # strptime takes 2024-1, too; what is printed should be as ISO 8601 has it.
            if dt.datetime.strptime(request.date, pattern).strftime(pattern) == request.date:  # noqa: DTZ007
                return []
        except ValueError:
            continue
    return [_problem("date", got=request.date)] if request.date else []


def _nodes(request: MapRequest, edition: Edition, level: Level) -> list[Problem]:
    if request.kind not in _FOR["node"]:
        needs = 1 if request.kind in ("dimensions", "leaders") else 0
        return _dimensions(request, edition, level, needs)
    known = _known(request, edition, level)
    found = [_unknown(node, known) for node in dict.fromkeys(request.node) if node not in known]
    got = len(set(request.node))
    if request.kind == "bivariate":
        if request.node and (got != _PAIR or len(request.node) != _PAIR):
            found.append(_problem("two_nodes", kind=request.kind, got=got))
        if not request.node:
            found += _dimensions(request, edition, level, _PAIR)
    elif len(request.node) > 1:
        found.append(_problem("one_node", kind=request.kind, got=len(request.node)))
    return found


def _known(request: MapRequest, edition: Edition, level: Level) -> Sequence[str]:
    if request.kind == "ranks":
        # Intervals are made of the index and its dimensions alone.
        return edition.nodes(level)
    return [str(node) for node in edition.scores(level).nodes]


def _unknown(node: str, known: Sequence[str]) -> Problem:
    close = difflib.get_close_matches(node, known, n=1)
    if close:
        return _problem("node_close", node=node, close=close[0])
    return _problem("node", node=node, expected=", ".join(known))


def _dimensions(request: MapRequest, edition: Edition, level: Level, needs: int) -> list[Problem]:
    if len(edition.nodes(level)) - 1 >= needs:
        return []
    profile = edition.scores(level).spec.id
    return [_problem("no_dimensions", profile=profile, expected=needs, kind=request.kind)]


def _years(request: MapRequest, edition: Edition, level: Level) -> list[Problem]:
    wanted = request.year
    if request.kind not in _FOR["year"] or (not wanted and request.kind != "years"):
        return []
    spec = edition.scores(level).spec
    if level != "province" or spec.method.panel is None:
        return [_problem("no_panel", profile=spec.id)]
    first, last = spec.method.panel
    panel = range(first, last + 1)
    expected = f"{first}–{last}"
    found = [
        _problem("year", year=year, expected=expected)
        for year in dict.fromkeys(wanted)
        if year not in panel
    ]
    found += [_problem("same_year", year=y) for y in sorted(set(wanted)) if wanted.count(y) > 1]
    if request.kind == "score" and len(wanted) > 1:
        found.append(_problem("one_year", kind=request.kind, got=len(wanted)))
    if len(wanted) > _MOST_YEARS:
        found.append(_problem("many_years", expected=_MOST_YEARS, got=len(wanted)))
    return found

"""Print figures: maps in an equal-area projection with the South China Sea inset, charts."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo.cartography.figure_file import FigureWriter
from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.hub_charts import bands_chart, events_chart
from suanli.publish.mapping import Mapper, hub_markers, national_lines
from suanli.publish.plates import bivariate_plate, dimension_plate, score_plate, year_plate
from suanli.publish.score_charts import (
    gap_chart,
    leaders_chart,
    moran_chart,
    ranks_chart,
    top_chart,
)
from suanli.publish.spatial_plates import evidence_plate, hot_spot_plate, lisa_plate, ring_plate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["hub_markers", "national_lines", "write_figures"]

_LEVELS: Final[tuple[Level, Level]] = ("province", "city")


def write_figures(edition: Edition, folder: Path) -> list[Path]:
    """Draw every figure of an edition.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        Where to write, PNG at 300 dpi and SVG.

    Returns
    -------
    list[pathlib.Path]
        The files written.

    Raises
    ------
    geo.errors.CartographyError
        A map would lack a part of the country.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> from pathlib import Path
    >>> import tempfile
    >>> written = write_figures(sample_edition(), Path(tempfile.mkdtemp()))
    >>> "province-index.png" in {path.name for path in written}
    True
    """
    written: list[Path] = []
    # A drawn figure is full of cycles; left to chance, a dozen of them pile up. What was there
    # before the first need not be searched again after each.
    gc.freeze()
    try:
        with FigureWriter() as writer:
            for name, figure in _figures(edition):
                written += writer.write(figure, folder / name)
                del figure
                gc.collect()
    finally:
        gc.unfreeze()
    return written


def _figures(edition: Edition) -> Iterator[tuple[str, "Figure"]]:
    mapper = Mapper(edition)
    for level in _LEVELS:
        nodes = edition.nodes(level) if level == "province" else (ROOT,)
        for node in nodes:
            yield f"{level}-{node}", score_plate(mapper, level, node)
        yield f"{level}-lisa", lisa_plate(mapper, level)
    yield from _sheets(mapper)
    yield "city-hot-spots", hot_spot_plate(mapper, "city")
    yield "city-hub-rings", ring_plate(mapper)
    for level in _LEVELS:
        yield f"{level}-top10", top_chart(edition, level)
        yield f"{level}-ranks", ranks_chart(edition, level)
        yield f"{level}-moran", moran_chart(edition, level)
    dimensions = edition.nodes("province")[1:]
    if dimensions:
        yield "province-leaders", leaders_chart(edition, "province")
    for node in dimensions:
        yield f"province-{node}-top10", top_chart(edition, "province", node=node)
    yield "gap", gap_chart(edition)
    yield from _hub_charts(edition)


def _sheets(mapper: Mapper) -> Iterator[tuple[str, "Figure"]]:
    edition = mapper.edition
    dimensions = edition.nodes("province")[1:]
    if dimensions:
        yield "province-dimensions", dimension_plate(mapper, "province")
    if len(dimensions) > 1:
        pair = dimensions[0], dimensions[-1]
        yield "province-bivariate", bivariate_plate(mapper, "province", *pair)
    if len(edition.study.panel) > 1:
        yield "province-years", year_plate(mapper, ROOT)
    yield "city-evidence", evidence_plate(mapper, "city")


def _hub_charts(edition: Edition) -> Iterator[tuple[str, "Figure"]]:
    study = edition.study.hub_study
    yield "city-hub-bands", bands_chart(study.spillover.bands, edition.text)
    effects = study.events.effects
    for outcome in effects["outcome"].unique():
        name = f"city-hub-events-{outcome.replace('_', '-')}"
        yield name, events_chart(effects, outcome, edition.text)

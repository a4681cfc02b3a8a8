"""What is asked of a run: its parts, where they lie, and what they rest on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from suanli.publish.package import Selection
from suanli.report.files import FORMATS
from suanli.study import STAGES

__all__ = ["FILES", "FOLDERS", "NAMED", "Order", "layer_stages", "stages_of"]

_GIS_STAGES: Final = ("scores", "robustness", "province", "city", "hubs")
_LAYER_STAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "province": ("scores", "robustness", "province"),
    "city": ("scores", "robustness", "city", "hubs"),
}
# Where each part stands in the folder of outputs: a folder, or a file beside folders.
FOLDERS: Final[Mapping[str, str]] = {
    "tables": "tables",
    "gis": "gis",
    "selection": "export",
    "figures": "maps",
    "report": "report",
    "pages": "maps",
}
FILES: Final[Mapping[str, str]] = {"workbook": "suanli.xlsx"}

NAMED: Final = {"map": ("figures", "pages"), "export": ("gis",), "report": ("report",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be published.

    Attributes
    ----------
    parts : Sequence[str]
        Keys of :data:`FOLDERS` and :data:`FILES`, in the order in which they are written.
    formats : Sequence[str]
        Formats of the report.
    selection : Selection or None
        Layers, columns and formats, where some are chosen.
    """

    parts: Sequence[str]
    formats: Sequence[str] = FORMATS
    selection: Selection | None = None


def layer_stages(layers: Collection[str]) -> tuple[str, ...]:
    """Return the stages of a study that exported layers rest on.

    Parameters
    ----------
    layers : Collection[str]
        Names of layers.

    Returns
    -------
    tuple[str, ...]
        In their order.

    Examples
    --------
    >>> layer_stages(["city", "hubs"])
    ('scores', 'robustness', 'city', 'hubs')
    """
    wanted = {stage for name in layers for stage in _LAYER_STAGES.get(name, ())}
    return tuple(stage for stage in _GIS_STAGES if stage in wanted)


def stages_of(order: Order) -> tuple[str, ...]:
    """Return what is to be computed: what no part asks for is not.

    Parameters
    ----------
    order : Order
        What is to be published.

    Returns
    -------
    tuple[str, ...]
        Stages of a study.

    Examples
    --------
    >>> "gap" in stages_of(Order(parts=("gis",)))
    False
    """
    if order.selection is not None:
        return layer_stages(order.selection.levels)
    return STAGES if set(order.parts) - {"gis"} else _GIS_STAGES

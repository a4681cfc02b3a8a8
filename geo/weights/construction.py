"""What every builder needs: links to ``Graph``, the record of its making, named labels."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import WeightsError

if TYPE_CHECKING:
    from libpysal.graph import Graph

_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """How a graph was made; builders attach it to the graph as ``graph.origin``."""

    rule: str = "unknown"
    order: int = 1
    bridges: tuple[tuple[Any, Any], ...] = ()


def mark(graph: "Graph", origin: Origin) -> "Graph":
    """Attach ``origin`` to ``graph`` and return the graph."""
    graph.origin = origin
    return graph


def origin_of(graph: "Graph") -> Origin:
    """Return the record attached by :func:`mark`, or an empty one for a foreign graph."""
    origin = getattr(graph, "origin", None)
    return origin if isinstance(origin, Origin) else Origin()


def name_labels(labels: Iterable[Any]) -> str:
    """Write the first labels of a list, and how many more there are."""
    listed = [str(label) for label in labels]
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return ", ".join(listed[:_NAMED]) + more


def named(labels: Iterable[Any]) -> dict[str, Any]:
    """Return labels as error parameters: the list, its text, its length."""
    listed = list(labels)
    return {"labels": listed, "units": name_labels(listed), "count": len(listed)}


def check_labels(index: pd.Index) -> None:
    """Refuse labels that repeat, are missing or compound, and a layer without units."""
    if len(index) == 0:
        raise WeightsError("the layer has no units; give at least one", code="weights.empty")
    if index.nlevels > 1:
        raise WeightsError(
            f"labels have {index.nlevels} levels; give each unit one label, such as its code",
            code="weights.label_levels",
            levels=index.nlevels,
        )
    if index.hasnans:
        raise WeightsError("a unit has no label; label every unit", code="weights.label_missing")
    repeated = list(index[index.duplicated()].unique())
    if repeated:
        raise WeightsError(
            f"labels occur more than once: {name_labels(repeated)}; give each unit one label",
            code="weights.labels_duplicate",
            **named(repeated),
        )


def check_series(values: object) -> None:
    """Refuse values that have no labels to meet by."""
    if not isinstance(values, pd.Series):
        raise WeightsError(
            f"values must be a pandas Series indexed by unit, got {type(values).__name__}; wrap "
            "them as pandas.Series(values, index=labels)",
            code="weights.values_kind",
            got=type(values).__name__,
        )


def check_graph(graph: object) -> None:
    """Refuse what is no Graph, such as the older W, without importing libpysal for it."""
    if not hasattr(graph, "unique_ids"):
        raise WeightsError(
            f"weights must be a libpysal.graph.Graph, got {type(graph).__name__}; turn a W into "
            "one with Graph.from_W(w)",
            code="weights.graph_kind",
            got=type(graph).__name__,
        )


def graph_from_links(
    labels: pd.Index,
    focal: NDArray[np.integer[Any]],
    neighbor: NDArray[np.integer[Any]],
    weight: NDArray[np.float64] | None = None,
) -> "Graph":
    """Build a graph over ``labels`` from positions of linked units, islands kept."""
    if weight is None:
        weight = np.ones(len(focal), dtype=np.float64)
    n = len(labels)
    # libpysal writes an island as a self-loop of weight zero.
    lonely = np.flatnonzero(np.bincount(focal, minlength=n) == 0)
    focal, neighbor = np.concatenate([focal, lonely]), np.concatenate([neighbor, lonely])
    weight = np.concatenate([weight, np.zeros(len(lonely))])
    order = np.argsort(focal.astype(np.int64) * n + neighbor, kind="stable")
    # Codes in the order of the labels are libpysal's own order: it need not sort again.
    levels: Any = [labels, labels]
    codes: Any = [focal[order], neighbor[order]]
    index = pd.MultiIndex(
        levels=levels,
        codes=codes,
        names=["focal", "neighbor"],
        verify_integrity=False,
    )
    return graph_class()(pd.Series(weight[order], index=index, name="weight"), is_sorted=True)


def graph_class() -> Any:
    """Return ``libpysal.graph.Graph``, imported on first use."""
    # libpysal takes two to three seconds to import; only who builds weights pays them.
    from libpysal.graph import Graph  # noqa: PLC0415

    return Graph

"""Who stands below whom in a profile, as far as its faults let that be known."""

import difflib
from collections.abc import Iterator
from typing import Any, Final

from suanli.profile.draft import given
from suanli.profile.finding import Fault, Found, Place
from suanli.profile.model import ROOT, Dimension, IndexSpec, Indicator

__all__ = ["Family", "nearest", "placed", "tree_rules"]

Item = Dimension | Indicator

# As like a known name as this is taken for it, even where some names are not known.
_MISSPELT: Final = 0.8


def placed(spec: IndexSpec, *tables: str) -> Iterator[tuple[Place, Any]]:
    """Go through the entries of tables such as ``[[indicator]]``.

    Parameters
    ----------
    spec : IndexSpec
        A profile or a draft.
    *tables : str
        Their names.

    Yields
    ------
    tuple[Place, Any]
        Place and entry; nothing of a table that cannot be read.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> [place for place, _ in placed(load_profile("city-compute"), "dimension")][-1]
    ('dimension', 3)
    """
    for table in tables:
        for number, entry in enumerate(given(spec, table) or ()):
            yield (table, number), entry


def nearest(name: str, known: Any, *, cutoff: float = 0.6) -> str:
    """Return the known name most like a given one.

    Parameters
    ----------
    name : str
        What was written.
    known : Iterable[str]
        What could have been meant.
    cutoff : float
        Least likeness, from 0 to 1.

    Returns
    -------
    str
        Empty where none is like it.

    Examples
    --------
    >>> nearest("netwrok", ["storage", "network"])
    'network'
    """
    return "".join(difflib.get_close_matches(name, sorted(known), n=1, cutoff=cutoff))


class Family:
    """The hierarchy of a profile or draft.

    Parameters
    ----------
    spec : IndexSpec
        The profile or draft.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> family = Family(load_profile("city-compute"))
    >>> [item.id for _, item in family.below("index")]
    ['demand', 'location', 'supply', 'layout']
    """

    def __init__(self, spec: IndexSpec) -> None:
        self.whole = all(given(spec, table) is not None for table in ("dimension", "indicator"))
        self.items: list[tuple[Place, Item]] = list(placed(spec, "dimension", "indicator"))
        inner = [(place, item) for place, item in self.items if isinstance(item, Dimension)]
        self.named = self.whole and all(given(item, "id") for _, item in inner)
        self.nodes: dict[str, Place] = {ROOT: ()}
        for place, item in inner:
            if given(item, "id"):
                self.nodes.setdefault(item.id, place)
        # What each item without a known parent may have been meant to stand below.
        self._loose = [
            nearest(given(item, "parent") or "", self.nodes)
            for _, item in self.items
            if given(item, "parent") not in self.nodes
        ]

    def unknown(self, name: str) -> bool:
        """Tell whether a name is surely that of no node.

        Parameters
        ----------
        name : str
            What was written.

        Returns
        -------
        bool
            False where it may be the name of a node whose own cannot be read.
        """
        if name in self.nodes:
            return False
        return self.named or bool(nearest(name, self.nodes, cutoff=_MISSPELT))

    def below(self, node: str) -> list[tuple[Place, Item]]:
        """Return the items known to stand right below a node.

        Parameters
        ----------
        node : str
            Its identifier.

        Returns
        -------
        list[tuple[Place, Dimension | Indicator]]
            Places and items, dimensions first.
        """
        return [(place, item) for place, item in self.items if given(item, "parent") == node]

    def sure(self, node: str) -> bool:
        """Tell whether :meth:`below` is all there is.

        Parameters
        ----------
        node : str
            Its identifier.

        Returns
        -------
        bool
            False where an item without a known parent may belong there.
        """
        return self.whole and not any(meant in {"", node} for meant in self._loose)


def tree_rules(spec: IndexSpec) -> Found:
    """Find parents that do not exist, circles, and nodes with nothing below them.

    Parameters
    ----------
    spec : IndexSpec
        A profile or draft.

    Yields
    ------
    Fault
        What is wrong.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> list(tree_rules(load_profile("city-compute")))
    []
    """
    family = Family(spec)
    for place, item in family.items:
        parent = given(item, "parent")
        if parent is not None and family.unknown(parent):
            params = {"id": given(item, "id") or place[-1], "parent": parent}
            close = nearest(parent, family.nodes) or ROOT
            yield Fault((*place, "parent"), "parent", params | {"close": close})
    yield from _circles(family)
    for node, place in family.nodes.items():
        if node != ROOT and not family.below(node) and family.sure(node):
            yield Fault(place, "childless", {"id": node})


def _circles(family: Family) -> Found:
    parents = {
        item.id: given(item, "parent")
        for _, item in family.items
        if isinstance(item, Dimension) and given(item, "id")
    }
    done: set[str] = set()
    for name in parents:
        path: list[str] = []
        node: str | None = name
        while node in parents and node not in done and node not in path:
            path.append(node)
            node = parents[node]
        if node in path:
            circle = " -> ".join([*path[path.index(node) :], node])
            yield Fault((*family.nodes[node], "parent"), "cycle", {"path": circle})
        done.update(path)

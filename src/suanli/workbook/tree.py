"""The order of nodes and indicators on a sheet: siblings side by side."""

from suanli.profile import ROOT, IndexSpec

__all__ = ["leaf_order", "node_order", "runs_of"]


def leaf_order(spec: IndexSpec, node: str = ROOT) -> list[str]:
    """Return the indicators below a node, those of every node below it together.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    node : str
        Identifier of an inner node; the index by default.

    Returns
    -------
    list[str]
        Identifiers, depth first.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> leaf_order(load_profile("caict2024-province"), "compute_quality")
    ['latency_to_demand', 'ecommerce_sales', 'cooling_climate']
    """
    inner = {item.id for item in spec.dimension}
    found: list[str] = []
    for child in spec.children(node):
        found.extend(leaf_order(spec, child) if child in inner else [child])
    return found


def node_order(spec: IndexSpec) -> list[str]:
    """Return the inner nodes, those of each level together.

    Parameters
    ----------
    spec : IndexSpec
        The profile.

    Returns
    -------
    list[str]
        ``"index"`` first, breadth first.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> node_order(load_profile("caict2024-province"))[:3]
    ['index', 'compute', 'storage']
    """
    return list(reversed(spec.bottom_up()))


def runs_of(spec: IndexSpec, node: str) -> list[list[str]]:
    """Return the children of a node, nodes and indicators apart: each stand side by side.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    node : str
        Identifier of an inner node.

    Returns
    -------
    list[list[str]]
        One or two lists.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> runs_of(load_profile("caict2024-province"), "compute")
    [['compute_scale', 'compute_quality']]
    """
    inner = {item.id for item in spec.dimension}
    children = spec.children(node)
    nodes = [child for child in children if child in inner]
    leaves = [child for child in children if child not in inner]
    return [run for run in (nodes, leaves) if run]

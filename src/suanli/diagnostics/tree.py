"""The hierarchy of a profile, read from the leaves up."""

from suanli.profile import ROOT, IndexSpec

__all__ = ["aggregation", "ancestors", "dimensions", "leaves"]


def ancestors(spec: IndexSpec, node: str) -> tuple[str, ...]:
    """Return the nodes above one, its parent first and the index last.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    node : str
        Identifier of a dimension, sub-dimension or indicator.

    Returns
    -------
    tuple[str, ...]
        At least ``("index",)``.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> ancestors(load_profile("caict2024-province"), "web_pages")
    ('storage_scale', 'storage', 'index')
    """
    parents = {item.id: item.parent for item in spec.items()}
    path = [parents[node]]
    while path[-1] != ROOT:
        path.append(parents[path[-1]])
    return tuple(path)


def dimensions(spec: IndexSpec) -> dict[str, str]:
    """Return the node right below the index for every node; itself where it is that node.

    Parameters
    ----------
    spec : IndexSpec
        The profile.

    Returns
    -------
    dict[str, str]
        By identifier of dimension, sub-dimension and indicator.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> dimensions(load_profile("caict2024-province"))["web_pages"]
    'storage'
    """
    return {item.id: (item.id, *ancestors(spec, item.id))[-2] for item in spec.items()}


def leaves(spec: IndexSpec, node: str) -> tuple[str, ...]:
    """Return the indicators below a node, in the order of the profile.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    node : str
        Identifier of an inner node, or ``"index"``.

    Returns
    -------
    tuple[str, ...]
        At least one.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> leaves(load_profile("caict2024-province"), "storage_performance")
    ('web_pages_per_capita', 'latency_to_hub')
    """
    return tuple(item.id for item in spec.indicator if node in ancestors(spec, item.id))


def aggregation(spec: IndexSpec, node: str) -> str:
    """Return the method that aggregates the children of a node.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    node : str
        Identifier of an inner node, or ``"index"``.

    Returns
    -------
    str
        Its own, else the profile's.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> aggregation(load_profile("caict2024-province"), "index")
    'arithmetic'
    """
    own = {item.id: item.aggregate for item in spec.dimension}
    return own.get(node) or spec.method.aggregate

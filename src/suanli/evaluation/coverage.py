"""Coverage: which units, and which of their dimensions, have enough data to be scored."""

from collections.abc import Mapping

import pandas as pd

from suanli.profile import ROOT, IndexSpec

__all__ = ["sufficient"]


def sufficient(derived: pd.DataFrame, spec: IndexSpec) -> pd.DataFrame:
    """Tell for every inner node which units have enough data behind them.

    A unit needs the profile's share of all indicators; a dimension right below the index also
    needs that share of its own.

    Parameters
    ----------
    derived : pandas.DataFrame
        Indicators before imputation, any index, one column per indicator; indicators of the
        profile that it lacks do not count.
    spec : IndexSpec
        The profile.

    Returns
    -------
    pandas.DataFrame
        Booleans, same index, one column per inner node, ``"index"`` first.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> frame = pd.DataFrame(1.0, index=["a"], columns=[item.id for item in spec.indicator])
    >>> bool(sufficient(frame, spec).to_numpy().all())
    True
    """
    parents = {item.id: item.parent for item in spec.items()}
    present = derived.notna()
    enough_of_all = present.mean(axis=1) >= spec.method.coverage
    columns = {}
    for node in (ROOT, *(item.id for item in spec.dimension)):
        enough = enough_of_all
        if node in spec.children(ROOT):
            below = [leaf for leaf in derived.columns if node in _path(leaf, parents)]
            enough = enough & (present[below].mean(axis=1) >= spec.method.coverage)
        columns[node] = enough
    return pd.DataFrame(columns, index=derived.index)


def _path(node: str, parents: Mapping[str, str]) -> set[str]:
    path = set()
    while node in parents:
        node = parents[node]
        path.add(node)
    return path

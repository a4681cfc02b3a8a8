"""Screening: which units and indicators have too little data, and what follows."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.profile import ROOT, IndexSpec

__all__ = ["COLUMNS", "METHODS", "gate", "screen", "screening", "sufficient"]

Verdict = tuple["pd.Series[bool]", "pd.Series[bool]"]

COLUMNS: Final = ("kind", "id", "node", "coverage", "consequence")
"""Columns of :func:`screening`."""


def _withhold(share: pd.Series, least: float) -> Verdict:
    """Let every unit take part, and withhold the scores of units and dimensions below.

    Notes
    -----
    scored where ``share of indicators present >= coverage``; all units set goalposts

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3; 65 % as
    practised by the JRC
    """
    return share.notna(), share >= least


def _drop(share: pd.Series, least: float) -> Verdict:
    """Take units below out before imputation; dimensions below are withheld.

    Notes
    -----
    ``share of indicators present >= coverage`` to take part; the rest set no goalposts, lend
    no values and have no scores

    COINr (Becker et al. 2022), ``Screen`` with ``unit_screen = "byNA"``
    """
    return share >= least, share >= least


def _none(share: pd.Series, least: float) -> Verdict:  # noqa: ARG001 - one signature for all
    """Score every unit, and only flag those below.

    Notes
    -----
    scored whatever the share of indicators present

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3
    """
    return share.notna(), share.notna()


METHODS: Final[Mapping[str, Callable[[pd.Series, float], Verdict]]] = MappingProxyType(
    {"withhold": _withhold, "drop": _drop, "none": _none}
)
"""Screenings by name: of each share, whether the unit takes part, and whether it is scored."""


def screen(frame: pd.DataFrame, spec: IndexSpec, *, years: range) -> pd.DataFrame:
    """Return the rows that take part.

    Parameters
    ----------
    frame : pandas.DataFrame
        Derived indicators, index ``(year, code)``.
    spec : IndexSpec
        The profile; ``method.screen`` names the screening.
    years : range
        The years scored; rows of other years only lend values and stay.

    Returns
    -------
    pandas.DataFrame
        The rows left, as they were.

    Raises
    ------
    InputError
        No unit is left.

    Examples
    --------
    >>> from suanli.profile import load_profile, replace_spec
    >>> spec = replace_spec(load_profile("caict2024-province"), method={"screen": "drop"})
    >>> index = pd.MultiIndex.from_product([[2023], ["a", "b"]], names=["year", "code"])
    >>> frame = pd.DataFrame({"x": [1.0, 2.0], "y": [None, 3.0]}, index=index)
    >>> screen(frame, spec, years=range(2023, 2024)).index.to_list()
    [(2023, 'b')]
    """
    part, _ = METHODS[spec.method.screen](frame.notna().mean(axis="columns"), spec.method.coverage)
    if bool(part.all()):
        return frame
    scored = frame.index.get_level_values("year").isin(years)
    if not (part & scored).any():
        params = {"coverage": f"{spec.method.coverage:.0%}"}
        raise InputError([Problem(code="evaluation.nobody_left", params=params)])
    return frame[part | ~scored]


def gate(aggregated: pd.DataFrame, derived: pd.DataFrame, spec: IndexSpec) -> pd.DataFrame:
    """Withhold the scores of units, and of dimensions, with too little data behind them.

    Parameters
    ----------
    aggregated : pandas.DataFrame
        Scores, one column per node.
    derived : pandas.DataFrame
        Indicators before imputation, same rows.
    spec : IndexSpec
        The profile.

    Returns
    -------
    pandas.DataFrame
        The scores, missing where they are withheld.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> derived = pd.DataFrame(None, index=["a"], columns=[item.id for item in spec.indicator])
    >>> scores = pd.DataFrame({"index": [50.0]}, index=["a"])
    >>> bool(gate(scores, derived, spec)["index"].isna().all())
    True
    """
    return aggregated.where(sufficient(derived, spec)[list(aggregated.columns)])


def sufficient(derived: pd.DataFrame, spec: IndexSpec) -> pd.DataFrame:
    """Tell for every inner node which units have enough data behind them to be scored.

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
    shares = _shares(derived, spec)
    judge, least = METHODS[spec.method.screen], spec.method.coverage
    enough = judge(shares[ROOT], least)[1]
    nodes = (ROOT, *(item.id for item in spec.dimension))
    scored = {
        node: enough & judge(shares[node], least)[1] if node in shares else enough for node in nodes
    }
    return pd.DataFrame(scored, index=derived.index)


def screening(derived: pd.DataFrame, spec: IndexSpec) -> pd.DataFrame:
    """List what lies below the coverage asked for, and what follows from it.

    Parameters
    ----------
    derived : pandas.DataFrame
        Indicators before imputation, index ``code``.
    spec : IndexSpec
        The profile.

    Returns
    -------
    pandas.DataFrame
        One row per unit or indicator below: ``kind`` (``unit``, ``indicator``), ``id``,
        ``node`` (of a unit: ``index``, or a dimension it has too little of), ``coverage``
        (share of indicators, or of units, present) and ``consequence`` (``withheld``,
        ``dropped``, ``flagged``).

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> derived = pd.DataFrame(1.0, index=["a", "b"], columns=[i.id for i in spec.indicator])
    >>> derived.loc["b", spec.indicator[0].id] = None
    >>> screening(derived, spec)[["kind", "coverage", "consequence"]].to_numpy().tolist()
    [['indicator', 0.5, 'flagged']]
    """
    shares = _shares(derived, spec)
    part, _ = METHODS[spec.method.screen](shares[ROOT], spec.method.coverage)
    kept = "flagged" if spec.method.screen == "none" else "withheld"
    rows: list[tuple[object, ...]] = []
    for node in shares.columns:
        below = shares.loc[shares[node] < spec.method.coverage, node]
        rows += [
            ("unit", code, node, share, kept if takes_part else "dropped")
            for (code, share), takes_part in zip(below.items(), part[below.index], strict=True)
        ]
    thin = derived.notna().mean()
    rows += [
        ("indicator", name, "", share, "flagged")
        for name, share in thin[thin < spec.method.coverage].items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _shares(derived: pd.DataFrame, spec: IndexSpec) -> pd.DataFrame:
    """Return the share of indicators present, of the index and of each dimension below it."""
    present = derived.notna().to_numpy()
    parents = {item.id: item.parent for item in spec.items()}
    tops = np.array([_top(str(leaf), parents) for leaf in derived.columns])
    # A profile may consist of one indicator, and that be left out.
    shares = {ROOT: present.mean(axis=1) if present.shape[1] else np.zeros(len(present))}
    for node in (item.id for item in spec.dimension if item.parent == ROOT):
        below = tops == node
        shares[node] = present[:, below].mean(axis=1) if below.any() else np.nan
    return pd.DataFrame(shares, index=derived.index)


def _top(node: str, parents: Mapping[str, str]) -> str:
    while parents[node] != ROOT:
        node = parents[node]
    return node

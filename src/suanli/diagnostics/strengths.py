"""Strengths and weaknesses: where each unit stands, and what each indicator does for its index."""

import pandas as pd

from suanli.diagnostics.coverage import treatments
from suanli.diagnostics.splitting import every_score, is_splittable, split
from suanli.diagnostics.tree import dimensions
from suanli.errors import InputError, Problem
from suanli.evaluation import Scores
from suanli.evaluation.aggregate import aggregate
from suanli.intake.table import suggestion
from suanli.profile import ROOT

__all__ = ["strengths", "top_and_bottom", "unit_summary"]


def strengths(scores: Scores) -> pd.DataFrame:
    """Return score, rank and effect on the index of every indicator of every unit.

    Parameters
    ----------
    scores : Scores
        An evaluation.

    Returns
    -------
    pandas.DataFrame
        One row per unit and indicator, missing ones too: ``code``, ``indicator``,
        ``dimension``, ``raw`` (before treatment, in ``unit``), ``score`` (normalised),
        ``median`` (of the units), ``rank`` (1 is best) among ``n`` units, ``tied`` (units
        with the same score, itself included), ``effect`` (index points against a unit that
        has every indicator at the median), ``imputed`` (the method, or empty) and
        ``treated`` (``winsorise``, ``log`` or ``boxcox`` where the outlier treatment changed
        the value, or empty).

    Notes
    -----
    The effect is the values part of the exact decomposition against the median unit
    (:func:`suanli.diagnostics.splitting.split`): with arithmetic means and nothing missing
    ``w_j (x_ij - median_j)``. It is missing where the unit is not scored or lacks the
    indicator, or where a level is aggregated by a method that is no mean.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> table = strengths(scores)
    >>> own = table[table["code"].eq("440000")]
    >>> int(own["rank"].eq(1).sum()) > 5
    True
    """
    spec, x = scores.spec, scores.indicators
    long = pd.DataFrame(
        {
            "raw": _cells(scores.stages["imputed"], x),
            "score": _cells(x, x),
            "rank": _cells(x.rank(method=spec.method.ties, ascending=False), x),
            "effect": _cells(_effects(scores), x),
            "imputed": _cells(scores.imputed, x),
        }
    )
    table = long.rename_axis(["code", "indicator"]).reset_index()
    indicator = table["indicator"]
    table["tied"] = table.groupby(["indicator", "score"])["code"].transform("size")
    changed = treatments(scores)
    table["treated"] = [changed.get(key, "") for key in zip(table["code"], indicator, strict=True)]
    table["dimension"] = indicator.map(dimensions(spec))
    table["unit"] = indicator.map({item.id: item.unit for item in spec.indicator})
    table["median"] = indicator.map(x.median())
    table["n"] = indicator.map(x.notna().sum())
    columns = ["code", "indicator", "dimension", "raw", "unit", "score", "median", "rank", "n"]
    return table[[*columns, "tied", "effect", "imputed", "treated"]]


def top_and_bottom(
    table: pd.DataFrame, unit: str, *, k: int = 5, by: str = "effect"
) -> pd.DataFrame:
    """Pick the greatest strengths and weaknesses of a unit.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`strengths`.
    unit : str
        Code of the unit.
    k : int
        Most rows of either kind.
    by : {"effect", "rank"}
        Whether index points count, or the rank in the indicator. Ranks stand in where there
        are no effects.

    Returns
    -------
    pandas.DataFrame
        Rows of ``table`` with the column ``kind`` (``strength`` or ``weakness``) in front,
        the greatest first. A strength lies above the median and a weakness below: a score
        that half of the units share is neither.

    Raises
    ------
    InputError
        The table has no such unit.

    Notes
    -----
    By rank this is COINr's ``get_str_weak`` (Becker et al. 2022), which leaves out what most
    units share by its ``min_discard``.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> top_and_bottom(strengths(scores), "520000", k=2)["kind"].to_list()
    ['strength', 'strength', 'weakness', 'weakness']
    """
    own = table[table["code"] == unit]
    if own.empty:
        raise _unknown(unit, table["code"])
    measure = own["effect"] if by == "effect" and own["effect"].notna().any() else -own["rank"]
    # Ties of rank are told apart by effect, and the other way round.
    ordered = own.assign(_by=measure, _then=own["score"] - own["median"])
    keys = ["_by", "_then"]
    above = ordered[ordered["_then"] > 0].sort_values(keys, ascending=False, kind="stable")
    below = ordered[ordered["_then"] < 0].sort_values(keys, kind="stable")
    both = {"strength": above.head(k), "weakness": below.head(k)}
    picked = pd.concat(both, names=["kind"]).reset_index("kind").drop(columns=keys)
    return picked.reset_index(drop=True)


def unit_summary(scores: Scores, unit: str) -> pd.DataFrame:
    """Return the scores and ranks of one unit at every level.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    unit : str
        Code of the unit.

    Returns
    -------
    pandas.DataFrame
        ``node`` (the index first, then as the profile orders them), ``parent``, ``score``,
        ``rank``, ``n`` (units ranked) and ``median`` (of the units); missing where the
        score is withheld.

    Raises
    ------
    InputError
        The evaluation has no such unit.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> int(unit_summary(scores, "440000").loc[0, "rank"])
    1
    """
    if unit not in scores.nodes.index:
        raise _unknown(unit, pd.Series(scores.nodes.index))
    parents = {item.id: item.parent for item in scores.spec.dimension}
    table = pd.DataFrame(
        {
            "parent": pd.Series({ROOT: "", **parents}),
            "score": scores.nodes.loc[unit],
            "rank": scores.ranks.loc[unit],
            "n": scores.nodes.notna().sum(),
            "median": scores.nodes.median(),
        }
    )
    return table.loc[list(scores.nodes.columns)].rename_axis("node").reset_index()


def _effects(scores: Scores) -> pd.DataFrame:
    """Split the distance of every scored unit to the unit with all indicators at the median."""
    spec, x = scores.spec, scores.indicators
    if not is_splittable(spec):
        return pd.DataFrame(float("nan"), index=x.index, columns=x.columns)
    local = scores.weights["local"]
    middle = x.median().to_frame("median").T
    standard = pd.concat([aggregate(middle, local, spec), middle], axis=1)
    repeated = standard.loc[["median"] * len(x)].set_axis(x.index)
    effects = split(every_score(scores), repeated, spec, local_a=local).values
    return effects.where(x.notna()).where(scores.index.notna(), axis=0)


def _cells(frame: pd.DataFrame, like: pd.DataFrame) -> pd.Series:
    """Make one row per unit and indicator, missing ones too."""
    labels = pd.MultiIndex.from_product([like.index, like.columns])
    aligned = frame.reindex(index=like.index, columns=like.columns)
    return pd.Series(aligned.to_numpy().ravel(), index=labels)


def _unknown(unit: str, codes: pd.Series) -> InputError:
    params = {"unit": unit, **suggestion(unit, sorted(set(codes)), kind="units")}
    return InputError([Problem(code="diagnostics.unit_unknown", params=params)])

"""The sentences of attainable ranks, targets and revealed weights."""

from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd

from suanli.profile import ROOT, IndexSpec
from suanli.robustness.attainable import AttainableRanks
from suanli.robustness.revealed import RevealedWeights
from suanli.robustness.target import TargetResult
from suanli.text import Text

__all__ = ["attainable_said", "revealed_said", "target_said"]

_TOP: Final = 10


def attainable_said(
    result: AttainableRanks, spec: IndexSpec, names: pd.Series, text: Text
) -> list[str]:
    """Say what attainable ranks amount to.

    Parameters
    ----------
    result : AttainableRanks
        The answer.
    spec : IndexSpec
        The profile.
    names : pandas.Series
        Names of the units by code.
    text : Text
        The words.

    Returns
    -------
    list[str]
        Sentences; what concerns the Top10 only where more than ten units were asked about.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> from suanli.robustness.attainable import attainable_ranks
    >>> spec = load_profile("caict2024-province")
    >>> scores = evaluate(load_catalogue().province, spec)
    >>> ranks = attainable_ranks(scores, bounds=0.0, units=["440000"])
    >>> attainable_said(ranks, spec, pd.Series({"440000": "Guangdong"}), Text("en"))
    ['Computing power index: the best and worst ranks of all 1 units are proved.']
    """
    table = result.table
    node = result.polytope.root
    own = {key: text.of(words.model_dump()) for key, words in spec.names().items()}
    name = text(f"maps.index_{spec.level}") if node == ROOT else own[node]
    proved = int((table["status"] == "optimal").sum())
    key = "said_all" if proved == len(table) else "said_some"
    said = [text(f"levers.attainable.{key}", node=name, count=len(table), proved=proved)]
    if not result.exact:
        said.append(text("levers.attainable.said_sampled"))
    if len(table) <= _TOP:
        return said
    always = table.index[table["worst_bound"] <= _TOP]
    params = {
        "k": _TOP,
        "always": len(always),
        "ever": int((table["best"] <= _TOP).sum()),
        "names": _listed(names, text, always),
    }
    said.append(text("levers.attainable.said_top", **params))
    widest = str((table["worst"] - table["best"]).idxmax())
    row = table.loc[widest]
    params = {"name": names[widest], **{k: row[k] for k in ("rank", "best", "worst")}}
    return [*said, text("levers.attainable.said_widest", **params)]


def target_said(result: TargetResult, spec: IndexSpec, names: pd.Series, text: Text) -> list[str]:
    """Say what a rank takes.

    Parameters
    ----------
    result : TargetResult
        The answer.
    spec : IndexSpec
        The profile.
    names : pandas.Series
        Names of the units by code.
    text : Text
        The words.

    Returns
    -------
    list[str]
        Sentences.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import derivation
    >>> from suanli.profile import load_profile
    >>> from suanli.robustness.target import reach_rank
    >>> spec = load_profile("caict2024-province")
    >>> start = derivation(load_catalogue().province, spec)
    >>> result = reach_rank(start, spec, "440000", rank=3)
    >>> target_said(result, spec, pd.Series({"440000": "Guangdong"}), Text("en"))
    ['Guangdong is at rank 1 already; rank 3 takes no improvement.']
    """
    params = {
        "name": names[result.unit],
        "rank": result.wanted,
        "before": result.before,
        "after": result.after,
        "score_before": result.score_before,
        "score_after": result.score_after,
        "names": _listed(names, text, result.overtaken),
    }
    if result.held:
        return [text("levers.target.said_held", **params)]
    words = {key: text.of(names.model_dump()) for key, names in spec.names().items()}
    mark = text("levers.list_mark")
    moved = result.levers
    spent = mark.join(words[str(i)] for i in moved.loc[moved["exhausted"], "indicator"])
    key = "said_reached" if result.reached else "said_not_reached"
    said = [text(f"levers.target.{key}", **params, exhausted=spent)]
    alone = result.single.loc[result.single["end"].notna(), "indicator"]
    if len(alone):
        said.append(text("levers.target.said_alone", names=mark.join(words[i] for i in alone)))
    elif result.reached:
        said.append(text("levers.target.said_none_alone"))
    said.extend(
        text("levers.target.said_linked", first=words[a], second=words[b])
        for a, b in _linked(spec, [str(i) for i in moved["indicator"]])
    )
    return [*said, text("levers.target.said_means")]


def _linked(spec: IndexSpec, moved: Sequence[str]) -> list[tuple[str, str]]:
    """Return pairs of moved indicators that are computed from the same data."""
    inputs = {item.id: set(item.expression.names) for item in spec.indicator}
    order = [item.id for item in spec.indicator if item.id in moved]
    return [
        (a, b) for place, a in enumerate(order) for b in order[place + 1 :] if inputs[a] & inputs[b]
    ]


def revealed_said(result: RevealedWeights, text: Text, *, named: int, bounds: float) -> list[str]:
    """Say what revealed weights are worth.

    Parameters
    ----------
    result : RevealedWeights
        The answer.
    text : Text
        The words.
    named : int
        Units that the fitted lists name.
    bounds : float
        Half width of the bounds.

    Returns
    -------
    list[str]
        Sentences; the first says that these are not the publisher's weights.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> from suanli.robustness.revealed import revealed_weights
    >>> catalogue = load_catalogue()
    >>> result = revealed_weights(catalogue.province, load_profile("caict2024-province"),
    ...                           catalogue.published, lists=["2023-storage"])
    >>> revealed_said(result, Text("en"), named=10, bounds=0.5)[3]
    "Lists fitted: overlap 7 of 10 (profile's weights 7, by chance 3.2)."
    """
    params = {
        "named": named,
        "constraints": result.constraints,
        "free": result.free,
        "violated": result.violated,
        "before": result.profile_violated,
        "bounds": bounds,
    }
    over = "said_overfit" if named <= result.free else "said_enough"
    said = [text("levers.revealed.said_not_theirs"), text("levers.revealed.said_fit", **params)]
    said.append(text(f"levers.revealed.{over}", **params))
    table = result.agreement
    sides: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "said_in": lambda t: t[t["fitted"]],
        "said_out": lambda t: t[~t["fitted"]],
    }
    for key, side in sides.items():
        part = side(table)
        if part.empty:
            continue
        said.append(
            text(
                f"levers.revealed.{key}",
                count=len(part),
                length=int(part["named"].sum()),
                revealed=int(part["revealed_overlap"].sum()),
                profile=int(part["profile_overlap"].sum()),
                expected=float(part["expected_overlap"].sum()),
            )
        )
    return [*said, text("levers.revealed.said_related")]


def _listed(names: pd.Series, text: Text, codes: Sequence[str] | pd.Index) -> str:
    mark = text("levers.list_mark")
    return mark.join(str(names[code]) for code in codes) or text("levers.attainable.none")

"""The sentences of attainable ranks, targets and revealed weights."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from suanli.profile import ROOT, IndexSpec
from suanli.robustness.attainable import AttainableRanks
from suanli.robustness.limits import PLAUSIBLE_TIMES
from suanli.robustness.outer import all_means
from suanli.robustness.revealed import RevealedWeights
from suanli.robustness.target import TargetResult
from suanli.run.figuring import figure
from suanli.text import Text

__all__ = ["Words", "attainable_said", "revealed_said", "target_said"]

_TOP: Final = 10
_INSIDE: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Words:
    """Names of everything an answer speaks of, in one language.

    Attributes
    ----------
    spec : IndexSpec
        The profile.
    text : Text
        The language.
    units : pandas.Series
        Names of units by code.
    data : Mapping[str, Mapping[str, str]]
        Names of the data of the table, ``zh`` and ``en``, by identifier.
    measures : Mapping[str, str]
        Units of the data by identifier.
    """

    spec: IndexSpec
    text: Text
    units: pd.Series
    data: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, str]

    def node(self, key: str) -> str:
        """Return the name of a node of the profile.

        Parameters
        ----------
        key : str
            Its identifier.

        Returns
        -------
        str
            In the language of the answer; the identifier of what the profile does not have.
        """
        if key == ROOT:
            return self.text(f"maps.index_{self.spec.level}")
        names = self.spec.names()
        return self.text.of(names[key].model_dump()) if key in names else key

    def datum(self, key: str) -> str:
        """Return the name of one of the table's data.

        Parameters
        ----------
        key : str
            Its identifier.

        Returns
        -------
        str
            In the language of the answer.
        """
        return self.text.of(self.data[key]) if key in self.data else key

    def table(self, columns: Mapping[str, Any]) -> pd.DataFrame:
        """Put columns under headings.

        Parameters
        ----------
        columns : Mapping[str, Any]
            Cells by the key of the heading.

        Returns
        -------
        pandas.DataFrame
            To be printed.
        """
        return pd.DataFrame(
            {self.text(f"levers.word.{key}"): list(cells) for key, cells in columns.items()}
        )

    def listed(self, names: Iterable[str]) -> str:
        """Put names in a row.

        Parameters
        ----------
        names : Iterable[str]
            The names.

        Returns
        -------
        str
            With the marks of the language; the word for none where there is none.
        """
        return self.text("levers.list_mark").join(names) or self.text("levers.attainable.none")


def attainable_said(
    result: AttainableRanks, words: Words, *, bounds: float | None = None
) -> list[str]:
    """Say what attainable ranks amount to.

    Parameters
    ----------
    result : AttainableRanks
        The answer.
    words : Words
        Names.
    bounds : float, optional
        The share asked for; the profile's when absent.

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
    >>> words = Words(spec=spec, text=Text("en"), units=pd.Series({"440000": "Guangdong"}),
    ...               data={}, measures={})
    >>> attainable_said(ranks, words, bounds=0.0)[0]
    'Computing power index: best and worst rank are proved.'
    """
    table, text = result.table, words.text
    proved = int((table["status"] == "optimal").sum())
    every = "said_one" if len(table) == 1 else "said_all"
    key = every if proved == len(table) else "said_some"
    if not result.exact:
        key = "said_intervals" if all_means(words.spec, result.polytope) else "said_no_bounds"
    params: dict[str, Any] = {"node": words.node(result.polytope.root), "count": len(table)}
    params |= {"proved": proved, "method": words.spec.method.aggregate}
    said = [text(f"levers.attainable.{key}", **params)]
    said.extend(_bounds_said(result, words, bounds))
    if len(table) <= _TOP:
        return said
    always = table.index[table["worst_bound"] <= _TOP]
    ever, most = (int((table[side] <= _TOP).sum()) for side in ("best", "best_bound"))
    sure = len(always) == int((table["worst"] <= _TOP).sum()) and ever == most
    params = {"k": _TOP, "always": len(always), "ever": ever, "most": most}
    params["names"] = words.listed(str(words.units[code]) for code in always)
    said.append(text(f"levers.attainable.{'said_top' if sure else 'said_top_least'}", **params))
    widest = str((table["worst"] - table["best"]).idxmax())
    row = table.loc[widest]
    params = {"name": words.units[widest], **{k: row[k] for k in ("rank", "best", "worst")}}
    ends = row["best"] == row["best_bound"] and row["worst"] == row["worst_bound"]
    key = "said_widest" if ends and proved == len(table) else "said_widest_least"
    return [*said, text(f"levers.attainable.{key}", **params)]


def _bounds_said(result: AttainableRanks, words: Words, bounds: float | None) -> list[str]:
    """Say which bounds are in force, and whether the profile's own weights are outside."""
    text, tree = words.text, result.polytope
    uncertainty = words.spec.uncertainty
    params: dict[str, Any] = {"share": uncertainty.bounds if bounds is None else bounds}
    limits = {key: ends for key, ends in uncertainty.limits.items() if key in tree.base.index}
    if not limits:
        said = [text("levers.attainable.said_bounds", **params)]
    else:
        params["limits"] = words.listed(
            text("levers.attainable.limit", name=words.node(key), low=low, high=high)
            for key, (low, high) in limits.items()
        )
        said = [text("levers.attainable.said_bounds_limits", **params)]
    outside = (tree.base < tree.lower - _INSIDE) | (tree.base > tree.upper + _INSIDE)
    if outside.any():
        names = words.listed(words.node(str(key)) for key in outside.index[outside])
        said.append(text("levers.attainable.said_outside", names=names))
    return said


def target_said(result: TargetResult, words: Words, *, out: bool = False) -> list[str]:
    """Say what a rank takes.

    Parameters
    ----------
    result : TargetResult
        The answer.
    words : Words
        Names.
    out : bool
        Whether tables are written.

    Returns
    -------
    list[str]
        Sentences.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> from suanli.robustness.target import reach_rank
    >>> spec = load_profile("caict2024-province")
    >>> result = reach_rank(load_catalogue().province, spec, "440000", rank=3)
    >>> words = Words(spec=spec, text=Text("en"), units=pd.Series({"440000": "Guangdong"}),
    ...               data={}, measures={})
    >>> target_said(result, words)
    ['Guangdong is at rank 1 already; rank 3 takes no improvement.']
    """
    text = words.text
    params = {
        "name": words.units[result.unit],
        "rank": result.wanted,
        "before": result.before,
        "after": result.after,
        "plausible": result.plausible_rank,
        "score_before": result.score_before,
        "score_after": result.score_after,
        "names": words.listed(str(words.units[code]) for code in result.overtaken),
    }
    if result.held:
        return [text("levers.target.said_held", **params)]
    said = [text(f"levers.target.{_outcome(result)}", **params)]
    if result.reached and result.plausible_rank > result.wanted:
        said.append(text("levers.target.said_implausible", **params))
    if len(result.follow):
        pairs = [
            text(
                "levers.target.follower",
                name=words.node(str(name)),
                start=figure(start),
                end=figure(end),
            )
            for name, start, end in zip(
                *(result.follow[key].tolist() for key in ("indicator", "start", "end")), strict=True
            )
        ]
        said.append(text("levers.target.said_follow", names=words.listed(pairs)))
    said.extend(_alone_said(result, words))
    said.extend(_hints_said(result, words))
    for key in ("moved", "held"):
        names = getattr(result, f"divisors_{key}")
        if names:
            listed = words.listed(map(words.datum, names))
            said.append(text(f"levers.target.said_divisors_{key}", names=listed))
    alone = "" if result.single["end"].notna().any() else "_none"
    columns = text(f"levers.target.said_columns{alone}") if result.reached else ""
    said.extend(filter(None, [columns, text("levers.target.said_means")]))
    return [*said, text(f"levers.target.said_{'written' if out else 'out'}")]


def _outcome(result: TargetResult) -> str:
    if result.reached:
        return "said_reached"
    return "said_not_reached" if result.after < result.before else "said_no_better"


def _alone_said(result: TargetResult, words: Words) -> list[str]:
    if not result.reached:
        return []
    alone = result.single[result.single["end"].notna()]
    names = {
        fit: [words.datum(str(key)) for key in part["indicator"]]
        for fit, part in alone.groupby("plausible")
    }
    if True in names:
        return [words.text("levers.target.said_alone", names=words.listed(names[True]))]
    return [words.text("levers.target.said_none_alone")]


def _hints_said(result: TargetResult, words: Words) -> list[str]:
    """Explain the hints that stand in the tables."""
    both = pd.concat([result.levers, result.single]) if len(result.levers) else result.single
    both = both[both["end"].notna()]
    said = []
    if both["excessive"].astype(bool).any():
        params = {"times": f"{PLAUSIBLE_TIMES:g}"}
        said.append(words.text("levers.target.said_excessive", **params))
    passed = dict.fromkeys(" ".join(both["passed"]).split())
    if passed:
        names = words.listed(map(words.node, passed))
        said.append(words.text("levers.target.said_passed", names=names))
    return said


def revealed_said(result: RevealedWeights, words: Words, *, named: int, bounds: float) -> list[str]:
    """Say what revealed weights are worth.

    Parameters
    ----------
    result : RevealedWeights
        The answer.
    words : Words
        Names.
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
    >>> catalogue, spec = load_catalogue(), load_profile("caict2024-province")
    >>> result = revealed_weights(catalogue.province, spec, catalogue.published,
    ...                           lists=["2023-storage"])
    >>> words = Words(spec=spec, text=Text("en"), units=pd.Series(), data={}, measures={})
    >>> revealed_said(result, words, named=10, bounds=0.5)[3]
    "Lists fitted: overlap 7 of 10 (profile's weights 7, by chance 3.2)."
    """
    text = words.text
    limits = [key for key in words.spec.uncertainty.limits if key in result.weights.index]
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
    if limits:
        listed = words.listed(map(words.node, limits))
        said.append(text("levers.revealed.said_limits", names=listed))
    return [*said, *(text(f"levers.revealed.{key}") for key in ("said_related", "said_columns"))]

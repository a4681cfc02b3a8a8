"""Attainable ranks, what a rank would take, revealed weights: three answers for one profile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geo.export.table import write_csv
from suanli.analysis.lists import published_lists
from suanli.boundaries import load_boundaries
from suanli.data import Catalogue, load_catalogue
from suanli.evaluation import evaluate, settled
from suanli.intake import IndicatorTable
from suanli.profile import ROOT, IndexSpec, load_profile, replace_spec
from suanli.robustness.attainable import NODE_LIMIT, attainable_ranks
from suanli.robustness.gather import Gather
from suanli.robustness.limits import Limits
from suanli.robustness.polytope import weight_polytope
from suanli.robustness.revealed import Fit, leave_one_list_out, revealed_weights
from suanli.robustness.target import How, reach_rank
from suanli.run.asking import find_node, read_pairs
from suanli.run.config import DataFile
from suanli.run.lever_tables import (
    attainable_shown,
    attainable_tables,
    target_shown,
    target_tables,
)
from suanli.run.overlay import overlaid
from suanli.run.parts import Answer
from suanli.run.revealed_tables import revealed_shown
from suanli.run.saying import Words, attainable_said, revealed_said, target_said
from suanli.run.taking import doubts
from suanli.run.units import find_unit
from suanli.study import scored_table
from suanli.text import LANGUAGES, Text

__all__ = [
    "Ask",
    "Wishes",
    "attainable_answer",
    "revealed_answer",
    "target_answer",
]

_MANY: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What every question is about.

    Attributes
    ----------
    profile : str
        Name of a shipped profile or path of a TOML file.
    data : tuple[DataFile or pathlib.Path, ...]
        Tables laid over the shipped data.
    year : int, optional
        The year to evaluate; the profile's when absent.
    out : pathlib.Path, optional
        Folder for the tables.
    text : Text
        Language of names and sentences.
    warn : Callable[[str], None]
        Called with each sentence on what is doubtful in the tables.
    """

    profile: str
    data: tuple[DataFile | Path, ...] = ()
    year: int | None = None
    out: Path | None = None
    text: Text
    warn: Callable[[str], None] = lambda _: None

    def profile_title(self, spec: IndexSpec) -> str:
        """Return what to call the profile in headings.

        Parameters
        ----------
        spec : IndexSpec
            The profile.

        Returns
        -------
        str
            Its title, never its path.
        """
        return self.text.of(spec.title.model_dump())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What may move, as the user wrote it.

    Attributes
    ----------
    move, fix : tuple[str, ...]
        Data or indicators, by identifier or name.
    cost, most : tuple[str, ...]
        Such a name and a number, ``"rd_intensity=2.5"``.
    """

    move: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    most: tuple[str, ...] = ()


def attainable_answer(
    ask: Ask,
    *,
    bounds: float | None = None,
    node: str = ROOT,
    units: Sequence[str] = (),
    exact: bool = False,
) -> Answer:
    """Say what ranks admissible weights can give.

    Parameters
    ----------
    ask : Ask
        Profile, data, words.
    bounds : float, optional
        Half width as a share of each local weight; the profile's when absent. Its limits of
        single weights hold all the same.
    node : str, default "index"
        The node ranked by: identifier or name of a dimension.
    units : Sequence[str]
        Codes or names; all units when empty.
    exact : bool, default False
        Whether to solve integer programmes for more than 60 units too.

    Returns
    -------
    Answer
        Tables ``attainable``, ``attainable_weights`` and ``attainable_bounds``, and sentences.

    Raises
    ------
    InputError
        Profile or data cannot be used; or everything wrong with bounds, node and units.

    Examples
    --------
    >>> ask = Ask(profile="caict2024-province", text=Text("en"))
    >>> answer = attainable_answer(ask, bounds=0.1, units=["Guangdong"])
    >>> answer.tables["attainable"][["name", "best", "worst"]].to_numpy().tolist()
    [['Guangdong', 1, 2]]
    """
    case = _case(ask)
    gather, codes = Gather(), []
    for name in units:
        with gather.kept():
            codes.append(find_unit(case.units, name))
    scores = evaluate(case.table, case.spec)
    node = find_node(node, case.spec)
    with gather.kept():
        weight_polytope(case.spec, scores.weights, bounds=bounds, node=node)
    gather.settle()
    asked = len(codes) or int(scores.index.notna().sum())
    quick = asked > _MANY and not exact
    result = attainable_ranks(
        scores,
        bounds=bounds,
        node=node,
        units=list(dict.fromkeys(codes)) or None,
        node_limit=0 if quick else NODE_LIMIT,
    )
    words = case.words(ask)
    sentences = attainable_said(result, words, bounds=bounds)
    if quick and result.exact:
        sentences.append(ask.text("levers.attainable.said_quick"))
    shown, more = attainable_shown(result, words, ask.profile_title(case.spec), asked=bool(codes))
    return _answer(ask, attainable_tables(result, words), shown, [*sentences, *more])


def target_answer(
    ask: Ask, *, unit: str, rank: int, wishes: Wishes | None = None, how: How = "sparse"
) -> Answer:
    """Say what it would take to lift a unit to a rank.

    Parameters
    ----------
    ask : Ask
        Profile, data, words.
    unit : str
        Code or name.
    rank : int
        The rank wanted.
    wishes : Wishes, optional
        What may move, how far, at what cost.
    how : {"sparse", "spread"}
        Few far or many a little.

    Returns
    -------
    Answer
        Tables ``target``, ``target_follow`` and ``target_data`` (the changed values as a table
        of one's own), and sentences.

    Raises
    ------
    InputError
        Profile or data cannot be used; or everything wrong with unit, rank and wishes.

    Examples
    --------
    >>> ask = Ask(profile="caict2024-province", text=Text("en"))
    >>> target_answer(ask, unit="广东", rank=3).sentences[0]
    'Guangdong is at rank 1 already; rank 3 takes no improvement.'
    """
    case, wishes = _case(ask), wishes or Wishes()
    gather, code = Gather(), ""
    with gather.kept():
        code = find_unit(case.units, unit)
    words = case.words(ask)
    limits = Limits(
        ranges=_ranges(case),
        move=wishes.move,
        fix=wishes.fix,
        cost=read_pairs(wishes.cost, gather, option="--cost"),
        most=read_pairs(wishes.most, gather, option="--most"),
        names=words.data,
    )
    with gather.kept():
        # Without a unit the question still has a rank and names to be looked at.
        result = reach_rank(case.table, case.spec, code, rank=rank, limits=limits, how=how)
    gather.problems = [p for p in gather.problems if p.params.get("units") != ""]
    gather.settle()
    tables = target_tables(result, words)
    sentences = target_said(result, words, out=ask.out is not None)
    return _answer(ask, tables, target_shown(result, words), sentences)


def revealed_answer(
    ask: Ask, *, fit: Sequence[str] = (), bounds: float = 0.5, leave_out: bool = False
) -> Answer:
    """Say which weights best reproduce published lists.

    Parameters
    ----------
    ask : Ask
        Profile, data, words.
    fit : Sequence[str]
        Keys of the lists to fit; the earliest composite list when empty.
    bounds : float, default 0.5
        Half width as a share of each local weight.
    leave_out : bool, default False
        Whether to leave out each list in turn too.

    Returns
    -------
    Answer
        Tables ``revealed_weights``, ``revealed_agreement`` and, if asked,
        ``revealed_left_out``, and sentences.

    Raises
    ------
    InputError
        Profile or data cannot be used; or everything wrong with bounds and lists.

    Examples
    --------
    >>> ask = Ask(profile="caict2024-province", text=Text("en"))
    >>> answer = revealed_answer(ask, fit=["2022-index"])
    >>> answer.sentences[0][:45]
    "The revealed weights are not the institute's:"
    """
    case = _case(ask)
    published = case.catalogue.published
    every = published_lists(published, level=case.spec.level)
    earliest = sorted(
        (item for item in every if item.family == "comprehensive" and len(item.head) > 1),
        key=lambda item: item.year,
    )
    keys = list(fit) or [item.key for item in earliest[:1]]
    how = Fit(bounds=bounds)
    result = revealed_weights(case.table, case.spec, published, lists=keys, fit=how)
    words = case.words(ask)
    weights = result.weights.reset_index()
    weights.insert(1, "name", [words.node(str(key)) for key in weights["id"]])
    tables = {"revealed_weights": weights, "revealed_agreement": result.agreement}
    if leave_out:
        tables["revealed_left_out"] = leave_one_list_out(case.table, case.spec, published, fit=how)
    named = len({code for item in every if item.key in result.fitted for code in item.named})
    said = revealed_said(result, words, named=named, bounds=bounds)
    return _answer(ask, tables, revealed_shown(tables, words, ask.profile_title(case.spec)), said)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    spec: IndexSpec
    table: IndicatorTable
    catalogue: Catalogue
    units: pd.DataFrame

    def words(self, ask: Ask) -> Words:
        known = self.catalogue.indicators
        known = known[known["level"].eq(self.spec.level)].set_index("indicator")
        data: dict[str, Mapping[str, str]] = {
            str(key): {lang: str(known.loc[key, f"name_{lang}"]) for lang in LANGUAGES}
            for key in self.spec.inputs()
            if key in known.index
        }
        own = [item for item in self.spec.indicator if item.expression.text.strip() == item.id]
        data |= {item.id: item.name.model_dump() for item in own}
        cells = self.table.cells.drop_duplicates("indicator").set_index("indicator")
        return Words(
            spec=self.spec,
            text=ask.text,
            units=self.units["name_en" if ask.text.lang == "en" else "name"],
            data=data,
            measures={str(key): str(unit) for key, unit in cells["unit"].items()},
        )


def _case(ask: Ask) -> _Case:
    spec = load_profile(ask.profile)
    if ask.year is not None:
        spec = replace_spec(spec, year=ask.year)
    boundaries, catalogue = load_boundaries(), load_catalogue()
    found = overlaid(catalogue, spec.level, ask.data, spec)
    for doubt in doubts(found.intakes, quality=False):
        ask.warn(ask.text(doubt.code, **doubt.params))
    table = scored_table(found.table, boundaries.layer(spec.level))
    return _Case(
        spec=settled(table, spec),
        table=table,
        catalogue=catalogue,
        units=pd.DataFrame(boundaries.units.loc[spec.level]),
    )


def _ranges(case: _Case) -> dict[str, tuple[float, float]]:
    """Return what values the catalogue allows, by indicator of the table."""
    known = case.catalogue.indicators
    known = known[known["level"] == case.spec.level].set_index("indicator")
    ends = known[["minimum", "maximum"]].apply(pd.to_numeric, errors="coerce")
    low, high = ends["minimum"].fillna(float("-inf")), ends["maximum"].fillna(float("inf"))
    return {str(name): (float(low[name]), float(high[name])) for name in ends.index}


def _answer(
    ask: Ask,
    tables: Mapping[str, pd.DataFrame],
    shown: Mapping[str, pd.DataFrame],
    sentences: Sequence[str],
) -> Answer:
    if ask.out is not None:
        for key, table in tables.items():
            # An empty table of data would be refused by whoever reads it.
            if len(table) or key != "target_data":
                write_csv(table, ask.out / f"{key}.csv", index=False)
    return Answer(tables=tables, shown=shown, sentences=tuple(sentences))

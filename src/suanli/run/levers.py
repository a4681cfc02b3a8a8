"""Attainable ranks, what a rank would take, revealed weights: three answers for one profile."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geo.export.table import write_csv
from suanli.analysis.lists import published_lists
from suanli.boundaries import Level, load_boundaries
from suanli.data import Catalogue, load_catalogue
from suanli.errors import InputError, Problem
from suanli.evaluation import derivation, evaluate
from suanli.intake import IndicatorTable
from suanli.profile import ROOT, IndexSpec, load_profile, replace_spec
from suanli.robustness.attainable import NODE_LIMIT, AttainableRanks, attainable_ranks
from suanli.robustness.levers import Limits
from suanli.robustness.revealed import Fit, leave_one_list_out, revealed_weights
from suanli.robustness.target import How, reach_rank
from suanli.run.inputs import overlaid
from suanli.run.parts import Answer
from suanli.run.saying import attainable_said, revealed_said, target_said
from suanli.study import scored_table
from suanli.text import Text

__all__ = ["Ask", "attainable_answer", "find_unit", "revealed_answer", "target_answer"]

_MANY: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What every question is about.

    Attributes
    ----------
    profile : str
        Name of a shipped profile or path of a TOML file.
    data : tuple[pathlib.Path, ...]
        CSV tables laid over the shipped data.
    year : int, optional
        The year to evaluate; the profile's when absent.
    out : pathlib.Path, optional
        Folder for the tables.
    text : Text
        Language of names and sentences.
    """

    profile: str
    data: tuple[Path, ...] = ()
    year: int | None = None
    out: Path | None = None
    text: Text


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
        Half width as a share of each local weight; the profile's when absent.
    node : str, default "index"
        The node ranked by.
    units : Sequence[str]
        Codes or names; all units when empty.
    exact : bool, default False
        Whether to solve integer programmes for more than 60 units too.

    Returns
    -------
    Answer
        Tables ``attainable`` and ``attainable_weights``, and sentences.

    Raises
    ------
    InputError
        Profile, data, bounds, node or units cannot be used.

    Examples
    --------
    >>> ask = Ask(profile="caict2024-province", text=Text("en"))
    >>> answer = attainable_answer(ask, bounds=0.1, units=["Guangdong"])
    >>> answer.tables["attainable"][["name", "best", "worst"]].to_numpy().tolist()
    [['Guangdong', 1, 2]]
    """
    case = _case(ask)
    codes = [find_unit(name, case.units, level=case.spec.level) for name in units]
    scores = evaluate(case.table, case.spec)
    asked = len(codes) or int(scores.index.notna().sum())
    quick = asked > _MANY and not exact
    limit = 0 if quick else NODE_LIMIT
    result = attainable_ranks(
        scores, bounds=bounds, node=node, units=codes or None, node_limit=limit
    )
    table = result.table.reset_index()
    table.insert(1, "name", case.names.reindex(table["code"]).to_numpy())
    tables = {"attainable": table, "attainable_weights": _certificates(result)}
    sentences = [*attainable_said(result, case.spec, case.names, ask.text)]
    if quick and result.exact:
        sentences.append(ask.text("levers.attainable.said_quick"))
    return _answer(ask, tables, ("attainable",), sentences)


def target_answer(
    ask: Ask, *, unit: str, rank: int, limits: Limits | None = None, how: How = "sparse"
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
    limits : Limits, optional
        What may move, how far, at what cost.
    how : {"sparse", "spread"}
        Few far or many a little.

    Returns
    -------
    Answer
        Table ``target``, with ``target_together`` and ``target_single`` shown, and sentences.

    Raises
    ------
    InputError
        Profile, data, unit, rank or limits cannot be used.

    Examples
    --------
    >>> ask = Ask(profile="caict2024-province", text=Text("en"))
    >>> target_answer(ask, unit="广东", rank=3).sentences[0]
    'Guangdong is at rank 1 already; rank 3 takes no improvement.'
    """
    case = _case(ask)
    code = find_unit(unit, case.units, level=case.spec.level)
    start = derivation(case.table, case.spec)
    result = reach_rank(start, case.spec, code, rank=rank, limits=limits, how=how)
    together, single = (_worded(t, case.spec, ask.text) for t in (result.levers, result.single))
    both = [together.assign(kind="together"), single.assign(kind="single")]
    table = pd.concat([part for part in both if len(part)] or both[:1], ignore_index=True)
    front = ["kind", *(name for name in table if name != "kind")]
    tables = {"target": table[front], "target_together": together, "target_single": single}
    shown = ("target_together", "target_single") if not result.held else ()
    return _answer(
        ask,
        tables,
        shown,
        target_said(result, case.spec, case.names, ask.text),
        written=("target",),
    )


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
        Profile, data, bounds or lists cannot be used.

    Examples
    --------
    >>> ask = Ask(profile="caict2024-province", text=Text("en"))
    >>> answer = revealed_answer(ask, fit=["2022-index"])
    >>> answer.sentences[0][:45]
    "The revealed weights are not the publisher's:"
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
    weights = result.weights.reset_index()
    names = {key: ask.text.of(words.model_dump()) for key, words in case.spec.names().items()}
    weights.insert(1, "name", weights["id"].map(names))
    tables = {"revealed_weights": weights, "revealed_agreement": result.agreement}
    if leave_out:
        tables["revealed_left_out"] = leave_one_list_out(case.table, case.spec, published, fit=how)
    named = len({code for item in every if item.key in result.fitted for code in item.named})
    return _answer(
        ask, tables, tuple(tables), revealed_said(result, ask.text, named=named, bounds=bounds)
    )


def find_unit(name: str, units: pd.DataFrame, *, level: Level) -> str:
    """Find a unit that is scored by its code or one of its names.

    Parameters
    ----------
    name : str
        Code, full or short Chinese name, English name or pinyin.
    units : pandas.DataFrame
        Units of the level, index ``code``, as :attr:`suanli.boundaries.Boundaries.units`.
    level : {"province", "city"}
        The level, for the message.

    Returns
    -------
    str
        The code.

    Raises
    ------
    InputError
        No such unit, several of that name, or one that is drawn but never scored.

    Examples
    --------
    >>> units = load_boundaries().units.loc["province"]
    >>> find_unit("山西", units, level="province"), find_unit("hebei", units, level="province")
    ('140000', '130000')
    """
    wanted = name.strip().casefold()
    columns = ["name", "short_name", "name_en", "pinyin"]
    words = units[columns].astype(str).apply(lambda column: column.str.casefold())
    fits = words.eq(wanted).any(axis=1) | (units.index.astype(str) == wanted)
    found = units[fits]
    if len(found) > 1:
        listed = ", ".join(f"{row.name} {row['name']}" for _, row in found.iterrows())
        raise InputError(
            [Problem(code="levers.unit_ambiguous", params={"name": name, "units": listed})]
        )
    if found.empty:
        every = {word: code for column in columns for code, word in words[column].items()}
        near = difflib.get_close_matches(wanted, list(every), n=3, cutoff=0.3)
        close = ", ".join(dict.fromkeys(str(units["name"][str(every[word])]) for word in near))
        params = {"name": name, "level": Problem(code=f"common.{level}"), "close": close or "-"}
        raise InputError([Problem(code="levers.unit_unknown", params=params)])
    code, row = str(found.index[0]), found.iloc[0]
    if not bool(row["evaluated"]):
        reason = "unit_special" if row["kind"] == "special" else "unit_not_evaluated"
        params = {"name": row["name"], "code": code} if reason != "unit_special" else {}
        raise InputError([Problem(code=f"levers.{reason}", params=params or {"name": row["name"]})])
    return code


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    spec: IndexSpec
    table: IndicatorTable
    catalogue: Catalogue
    units: pd.DataFrame
    names: pd.Series


def _case(ask: Ask) -> _Case:
    spec = load_profile(ask.profile)
    if ask.year is not None:
        spec = replace_spec(spec, year=ask.year)
    boundaries, catalogue = load_boundaries(), load_catalogue()
    table = overlaid(catalogue, spec.level, ask.data, spec)
    units = pd.DataFrame(boundaries.units.loc[spec.level])
    return _Case(
        spec=spec,
        table=scored_table(table, boundaries.layer(spec.level)),
        catalogue=catalogue,
        units=units,
        names=units["name_en" if ask.text.lang == "en" else "name"],
    )


def _answer(
    ask: Ask,
    tables: Mapping[str, pd.DataFrame],
    shown: Sequence[str],
    sentences: Sequence[str],
    *,
    written: Sequence[str] = (),
) -> Answer:
    if ask.out is not None:
        for key in written or tables:
            write_csv(tables[key], ask.out / f"{key}.csv", index=False)
    return Answer(
        tables=tables, shown={key: tables[key] for key in shown}, sentences=tuple(sentences)
    )


def _certificates(result: AttainableRanks) -> pd.DataFrame:
    sides = {"best": result.best_weights, "worst": result.worst_weights}
    blocks = []
    for side, weights in sides.items():
        long = weights.rename_axis("code").reset_index()
        long = long.melt(id_vars="code", var_name="id", value_name="weight")
        blocks.append(long.assign(side=side))
    return pd.concat(blocks, ignore_index=True)[["code", "side", "id", "weight"]]


def _worded(table: pd.DataFrame, spec: IndexSpec, text: Text) -> pd.DataFrame:
    items = {item.id: item for item in spec.indicator}
    named = table.copy()
    named.insert(1, "name", [text.of(items[i].name.model_dump()) for i in table["indicator"]])
    named.insert(2, "unit", [items[i].unit for i in table["indicator"]])
    return named

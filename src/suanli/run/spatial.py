"""``suanli spatial weights``, and the spatial pattern under other weights."""

from pathlib import Path
from typing import get_args

import pandas as pd

from geo.export.table import write_csv
from geo.weights.contiguity import Islands
from suanli.analysis.chance import generator
from suanli.analysis.conclusion import spatial_conclusions
from suanli.analysis.spatial import SpatialResult, spatial_pattern
from suanli.boundaries import Level, load_boundaries, load_bridges
from suanli.errors import InputError, Problem
from suanli.run.config import RunConfig
from suanli.run.diagnosing import Explanation
from suanli.run.inputs import load_inputs, study_of
from suanli.run.model_words import tell_weights
from suanli.run.sheets import listed, p_value, rounded, value_words
from suanli.run.weighing import diagnostics, evaluated_layer, weigh, write_weights
from suanli.text import Text

__all__ = ["describe_weights", "pattern_under"]


def describe_weights(
    rule: str, level: Level, *, islands: str = "keep", out: Path | None = None, text: Text
) -> Explanation:
    """Build or read the weights of a level, describe them and write them.

    Parameters
    ----------
    rule : str
        Name of a rule, or path of a file.
    level : {"province", "city"}
        The level; its evaluated units.
    islands : {"keep", "drop", "knn1", "error"}
        What happens to units without neighbours.
    out : pathlib.Path, optional
        Folder for the weights, not row-standardised, and the tables.
    text : Text
        The language.

    Returns
    -------
    Explanation
        Diagnostics.

    Raises
    ------
    InputError
        No such rule or option, or a file that cannot be used.
    geo.errors.WeightsError
        Numbers out of range, labels that do not fit, islands refused.
    OSError
        A file cannot be written.

    Examples
    --------
    >>> told = describe_weights("queen+bridges", "province", text=Text("en"))
    >>> told.tables["isolates"].empty
    True
    """
    kind = _islands(islands)
    layer = evaluated_layer(load_boundaries(), level)
    names = layer["name_en" if text.lang == "en" else "name"]
    weighing = weigh(rule, layer, level, islands=kind, raw=True)
    lonely = pd.Index(weighing.islands, dtype=object)
    tables = diagnostics(weighing.graph)
    # The rule as it was asked for; bridges are named apart.
    figures = tables["weights"]
    tables["weights"] = figures.assign(
        value=figures["value"].mask(figures["figure"] == "rule", weighing.rule)
    )
    tables["isolates"] = pd.DataFrame(
        {"code": lonely, "name": names.reindex(lonely).to_numpy(dtype=object)}
    )
    said = tell_weights(weighing, names, text)
    if len(lonely):
        units = listed(tables["isolates"]["name"], text)
        said.append(text(f"model.isolates.{kind}", count=len(lonely), units=units))
    if not weighing.report.links:
        said.append(text("model.said.no_links"))
    if out is not None:
        for name, table in tables.items():
            # The name of the links themselves is weights.csv.
            file = "diagnostics" if name == "weights" else name
            write_csv(table, out / f"{file}.csv", index=False)
        written = write_weights(weighing.graph, out)
        files = text("model.said.mark").join(path.name for path in written)
        said.append(text("model.said.written", files=files))
        if count := len(weighing.report.isolates):
            whole = next(path.name for path in written[::-1] if path.suffix in (".gal", ".csv"))
            said.append(text("model.said.gwt_isolates", count=count, instead=whole))
    return Explanation(tables=tables, shown=_shown(tables, rule, text), sentences=tuple(said))


def pattern_under(
    config: RunConfig, level: Level, rule: str, *, out: Path | None = None
) -> Explanation:
    """Test the scores of one level for spatial pattern under weights of one's choice.

    Parameters
    ----------
    config : RunConfig
        What the study is told.
    level : {"province", "city"}
        The level.
    rule : str
        Name of a rule, or path of a file.
    out : pathlib.Path, optional
        Folder for the tables as CSV.

    Returns
    -------
    Explanation
        Global test, local tests, weights.

    Raises
    ------
    InputError
        The input or the weights cannot be used.
    geo.errors.GeoError
        A statistic is not defined.
    OSError
        A table cannot be written.

    Examples
    --------
    >>> told = pattern_under(RunConfig(permutations=99, lang="en"), "province", "knn-4")
    >>> told.tables["spatial_global"]["rule"].to_list()
    ['knn-4']
    """
    text, inputs = Text(config.lang), load_inputs(config)
    study = study_of(inputs, config, stages=())
    scores = study.province_tested if level == "province" else study.city_tested
    layer = evaluated_layer(inputs.boundaries, level)
    names = layer["name_en" if text.lang == "en" else "name"]
    known = scores.index.dropna().sort_index()
    weighing = weigh(rule, layer, level, codes=known.index)
    found = spatial_pattern(
        known,
        layer,
        bridges=load_bridges(level),
        weights=weighing.graph,
        permutations=config.permutations,
        alpha=config.alpha,
        rng=generator(config.seed, f"{level}.pattern"),
    )
    tables = {
        "spatial_global": _global(found, weighing.rule),
        "lisa": _named(found.local, names),
        "hot_spots": _named(found.hotspots, names),
        **diagnostics(weighing.graph),
    }
    for name, table in tables.items() if out is not None else ():
        write_csv(table, (out or Path()) / f"{name}.csv", index=False)
    where = text(f"common.{level}")
    shown = {
        text("model.title.pattern", level=where): _figures(tables["spatial_global"], text),
    }
    local = tables["lisa"]
    local = local[local["cluster"].isin(["HH", "LL", "HL", "LH"])].sort_values("p", kind="stable")
    if len(local):
        title = text("model.title.clusters", alpha=config.alpha)
        shown[title] = _clusters(local, text)
    said = [text(item.key, **item.params) for item in spatial_conclusions(found)]
    return Explanation(
        tables=tables,
        shown=shown,
        sentences=(*said, *tell_weights(weighing, names, text)),
    )


def _islands(value: str) -> Islands:
    for known in get_args(Islands):
        if value == known:
            return known  # type: ignore[no-any-return]  # one of the literals
    allowed = ", ".join(get_args(Islands))
    params = {"option": "--islands", "got": value, "allowed": allowed}
    raise InputError([Problem(code="model.option_value", params=params)])


def _shown(tables: dict[str, pd.DataFrame], rule: str, text: Text) -> dict[str, pd.DataFrame]:
    figures = tables["weights"]
    about = pd.DataFrame(
        {
            text("model.word.figure"): [text(f"model.word.{key}") for key in figures["figure"]],
            text("model.word.value"): [_cell(value, text) for value in figures["value"]],
        }
    )
    shown = {
        text("model.title.weights", rule=rule): about,
        text("model.title.cardinalities"): _worded(tables["cardinalities"], text),
    }
    if len(tables["components"]) > 1:
        parts = tables["components"].assign(codes=tables["components"]["codes"].str[:60])
        shown[text("model.title.components")] = _worded(parts.head(10), text)
    return shown


def _cell(value: object, text: Text) -> str:
    if isinstance(value, bool):
        return text(f"model.word.{'yes' if value else 'no'}")
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _worded(table: pd.DataFrame, text: Text) -> pd.DataFrame:
    return table.rename(columns={name: text(f"model.word.{name}") for name in table.columns})


def _global(found: SpatialResult, rule: str) -> pd.DataFrame:
    moran, weights = found.moran, found.weights
    row = {
        "rule": rule,
        "statistic": moran.statistic,
        "expected": moran.expected,
        "z": moran.z,
        "p": moran.p_permutation,
        "n": weights.n,
        "links": weights.links,
        "isolates": len(weights.isolates),
        "components": weights.components,
    }
    return pd.DataFrame([row])


def _figures(table: pd.DataFrame, text: Text) -> pd.DataFrame:
    cells = {name: table[name].map(lambda x: rounded(x, 3)) for name in ("statistic", "expected")}
    return _worded(table.assign(**cells, p=table["p"].map(p_value)), text)


def _clusters(local: pd.DataFrame, text: Text) -> pd.DataFrame:
    clusters = [value_words(kind, text) for kind in local["cluster"]]
    columns = {"unit": local["name"].to_list(), "cluster": clusters}
    columns |= {name: local[name].map(p_value).to_list() for name in ("p", "p_fdr")}
    return _worded(pd.DataFrame(columns), text).reset_index(drop=True)


def _named(table: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    return table.assign(name=names.reindex(table["code"]).to_numpy())

"""The scores by hand: a profile evaluated with pandas, and the east-west gap by year."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
INHERITED = [
    "power_generation",
    "electricity_consumption",
    "nonthermal_generation_share",
    "installed_capacity_per_10k",
]
CODE = {"code": str}


def read_values(level):
    """Read the long table of a level: code, year, indicator, value."""
    name = {"province": "provinces.csv", "city": "cities.csv"}[level]
    own = pd.read_csv(DATA / "indicators" / name, dtype=CODE)
    geography = pd.read_csv(DATA / "indicators" / "geography.csv", dtype=CODE)
    geography = geography[geography["level"] == level]
    hubs = pd.read_csv(DATA / "reference" / "hub_cities.csv", dtype=CODE)
    units = pd.read_csv(
        DATA / "boundaries" / "units.csv", dtype={"code": str, "parent": str}
    ).query("level == @level and evaluated == 1")
    digits = {"province": 2, "city": 6}[level]
    counts = hubs["code"].str[:digits].value_counts()
    areas = units[["code"]].assign(
        year=0,
        indicator="hub_start_areas",
        value=units["code"].str[:digits].map(counts).fillna(0.0),
    )
    pieces = [own, geography, areas]
    if level == "city":
        province = read_values("province")
        carried = province[province["indicator"].isin(INHERITED)]
        carried = units[["code", "parent"]].merge(
            carried, left_on="parent", right_on="code", suffixes=("", "_province")
        )
        pieces.append(carried.assign(indicator="province_" + carried["indicator"]))
    values = pd.concat(pieces)[["code", "year", "indicator", "value"]]
    return values[values["code"].isin(units["code"])]


def evaluate(spec, years):
    """Score every year with common goalposts; a frame of nodes per year."""
    method = spec["method"]
    derived = _derived(spec, read_values(spec["level"]), years)
    filled = {}
    for year in years:
        filled[year] = derived[year]
        for distance in range(1, method["impute_reach"] + 1):
            for other in (year - distance, year + distance):
                if other in derived:
                    filled[year] = filled[year].fillna(derived[other])
    rows = pd.concat({year: filled[year] for year in years}, names=["year", "code"])
    observed = pd.concat({year: derived[year] for year in years}, names=["year", "code"])
    for item in spec["indicator"]:
        column = rows[item["id"]]
        if item.get("transform") == "log":
            column = np.log(column)
        else:
            column = winsorise(column, method["winsorise_points"])
        share = (column - column.min()) / (column.max() - column.min())
        rows[item["id"]] = 100 * (1 - share if item["direction"] == "down" else share)
    nodes = _aggregated(spec, rows, observed.notna())
    return {year: nodes.loc[year] for year in years}


def _derived(spec, values, years):
    table = values.pivot_table(index=["year", "code"], columns="indicator", values="value")
    codes = sorted(values["code"].unique())
    always = table.loc[0].reindex(codes) if 0 in table.index else pd.DataFrame(index=codes)

    def wide(year):
        if year not in table.index.get_level_values("year"):
            return always.reindex(columns=table.columns)
        return table.loc[year].reindex(codes).combine_first(always)

    known = set(table.index.get_level_values("year"))
    reach = spec["method"]["impute_reach"]
    wanted = [y for y in range(min(years) - reach, max(years) + reach + 1) if y in known]
    fixed = {item["year"] for item in spec["indicator"] if "year" in item}
    frames = {year: wide(year) for year in {*wanted, *fixed}}
    return {
        year: pd.DataFrame(
            {
                item["id"]: frames[item.get("year", year)].eval(item.get("value", item["id"]))
                for item in spec["indicator"]
            }
        )
        for year in wanted
    }


def winsorise(values, most):
    """Pull in extremes while |skewness| > 2 and kurtosis > 3.5; nothing if more than most."""
    treated = values.copy()
    for _ in range(most + 1):
        present = treated.dropna()
        skewness = stats.skew(present, bias=False)
        if abs(skewness) <= 2 or stats.kurtosis(present, bias=False) <= 3.5:
            return treated
        distinct = np.sort(present.unique())
        extreme, near = distinct[[-1, -2]] if skewness > 0 else distinct[[0, 1]]
        treated = treated.mask(treated == extreme, near)
        if (treated[present.index] != values[present.index]).sum() > most:
            break
    return values


def children(spec, node):
    """Name the dimensions and indicators below a node that lead to an indicator."""
    below = [item["id"] for item in spec["indicator"] if item["parent"] == node]
    inner = [i["id"] for i in spec["dimension"] if i.get("parent", "index") == node]
    return [name for name in inner if children(spec, name)] + below


def priorities(spec, node):
    """Return the weights of a node's children: principal eigenvector of the judgements."""
    names = children(spec, node)
    if len(names) == 1:
        return pd.Series(1.0, index=names)
    judgement = next(item for item in spec["judgement"] if item["parent"] == node)
    upper = np.triu(np.array(judgement["matrix"], dtype=float), 1)
    full = upper + np.eye(len(upper)) + np.tril(1 / np.where(upper > 0, upper, 1).T, -1)
    kept = [judgement["order"].index(name) for name in names]
    values, vectors = np.linalg.eig(full[np.ix_(kept, kept)])
    vector = np.abs(vectors[:, np.argmax(values.real)].real)
    return pd.Series(vector / vector.sum(), index=names)


def leaves(spec, node):
    names = {item["id"] for item in spec["indicator"]}
    found = []
    for child in children(spec, node):
        found += [child] if child in names else leaves(spec, child)
    return found


def _aggregated(spec, rows, present):
    scores = dict(rows.items())

    def score(node):
        weights = priorities(spec, node)
        for child in weights.index:
            if child not in scores:
                score(child)
        siblings = pd.DataFrame({child: scores[child] for child in weights.index})
        total = siblings.notna().astype(float) @ weights
        scores[node] = (siblings.fillna(0) @ weights) / total.where(total > 0)

    score("index")
    enough = present.mean(axis=1) >= spec["method"]["coverage"]
    result = {"index": scores["index"].where(enough)}
    for node in children(spec, "index"):
        share = present[leaves(spec, node)].mean(axis=1)
        result[node] = scores[node].where(enough & (share >= spec["method"]["coverage"]))
    return pd.DataFrame(result)


def inference_profile(spec):
    """Leave out the indicators that spatial tests must not use."""
    kept = [item for item in spec["indicator"] if item.get("inference", "kept") == "kept"]
    return {**spec, "indicator": kept}


def gini(x):
    x = np.sort(x)
    n = len(x)
    return float(2 * (np.arange(1, n + 1) @ x) / (n * x.sum()) - (n + 1) / n)


def theil(x, groups):
    """Return Theil's T and its part between groups."""
    share = x / x.sum()
    logs = np.log(np.where(x > 0, x / x.mean(), 1))
    between = 0.0
    for group in np.unique(groups):
        inside = groups == group
        part = share[inside].sum()
        between += part * np.log(part / inside.mean()) if part > 0 else 0.0
    return float(share @ logs), float(between)


def gap_tables(panel, seed, replicates=9_999):
    """Measure the gap by node, definition and year; intervals of the index by bootstrap."""
    regions = pd.read_csv(DATA / "reference" / "regions.csv", dtype=CODE).set_index("code")
    rng = np.random.default_rng(seed)
    rows = []
    for node in next(iter(panel.values())).columns:
        for definition in ("region4", "belt3", "position", "position_by_demand"):
            for year, scores in panel.items():
                values = scores[node].dropna()
                group = regions[definition].reindex(values.index).dropna()
                values = values[group.index]
                east, west = (values[group == side].to_numpy() for side in ("east", "west"))
                total, between = theil(values.to_numpy(), group.to_numpy())
                row = {"node": node, "definition": definition, "year": year}
                row |= {"difference": east.mean() - west.mean(), "ratio": east.mean() / west.mean()}
                row |= {"gini": gini(values), "theil": total, "theil_between": between}
                if node == "index":
                    drawn = [
                        side[rng.integers(0, len(side), (replicates, len(side)))].mean(axis=1)
                        for side in (east, west)
                    ]
                    row["lower"], row["upper"] = np.quantile(drawn[0] - drawn[1], [0.025, 0.975])
                rows.append(row)
    return pd.DataFrame(rows)

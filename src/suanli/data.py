"""The shipped tables: indicators, hubs, regions, published lists, network nodes."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from suanli import intake
from suanli.errors import InputError, Problem
from suanli.intake import IndicatorTable
from suanli.intake.table import ANY_YEAR
from suanli.locations import data_folder
from suanli.text import LANGUAGES

__all__ = [
    "INHERITED",
    "Catalogue",
    "load_catalogue",
    "named_units",
    "read_table",
    "shipped_data",
    "with_own",
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

# Names as like a shipped one as this are taken for misspellings of it.
_MISSPELT: Final = 0.85


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
    units = _read(base / "boundaries" / "units.csv")
    indicators = _read(base / "indicators" / "indicators.csv")
    reference = base / "reference"
    province = _values(base, "province", units, indicators)
    city = _values(base, "city", units, indicators)
    hub_cities = _read(reference / "hub_cities.csv").set_index("code")
    scored = units[(units["level"] == "city") & (units["evaluated"] == "1")]
    parents = scored.set_index("code")["parent"]
    return Catalogue(
        province=province.concat(_start_areas(hub_cities, pd.Index(province.codes), digits=2)),
        city=city.concat(_inherited(province, parents)).concat(
            _start_areas(hub_cities, parents.index, digits=6)
        ),
        indicators=indicators,
        sources=_read(base / "indicators" / "sources.csv").set_index("source"),
        regions=_read(reference / "regions.csv").set_index("code"),
        hubs=_read(reference / "hubs.csv"),
        hub_cities=hub_cities,
        published=_read(reference / "published_results.csv"),
        network_nodes=_read(reference / "network_nodes.csv"),
        renames=_read(reference / "renames.csv"),
        land_area=_read(reference / "land_area.csv").set_index("code"),
        evaluation_system=_read(reference / "evaluation_system.csv").set_index("id"),
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
    units = _read(folder / "boundaries" / "units.csv")
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


def read_table(
    path: Path | str,
    *,
    level: Literal["province", "city"] | None = None,
    units: pd.DataFrame | None = None,
    indicators: pd.DataFrame | Iterable[str] | None = None,
) -> IndicatorTable:
    r"""Read a table of one's own: :func:`suanli.intake.read_table` with what ships filled in.

    Parameters
    ----------
    path : pathlib.Path or str
        A delimited text file, tidy or wide.
    level : {"province", "city"}, optional
        Level of the units; told from the column of levels or from the codes by default.
    units : pandas.DataFrame, optional
        Units known, the shipped ones by default.
    indicators : pandas.DataFrame or Iterable[str], optional
        Indicators known: a frame in place of the shipped one, or names besides the shipped
        ones, such as those a profile needs (``spec.inputs()``). By default the shipped ones
        and whatever a tidy table brings, but for names so like a shipped one that they are
        taken for misspellings.

    Returns
    -------
    IndicatorTable
        The values, for :func:`suanli.evaluate`.

    Raises
    ------
    InputError
        The file cannot be used, with all its problems at once; or it holds both levels.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "mine.csv"
    >>> rows = "130000,2023,racks,9,个\n110000,2023,racks,5,个\n"
    >>> _ = path.write_text("code,year,indicator,value,unit\n" + rows, encoding="utf-8")
    >>> read_table(path).wide(2023)["racks"].to_list()
    [5.0, 9.0]
    """
    path, base = Path(path), data_folder()
    known_units = _read(base / "boundaries" / "units.csv") if units is None else units
    seen = intake.survey(path)
    level = level or seen.level(known_units)
    if isinstance(indicators, pd.DataFrame):
        known = indicators
    else:
        known = _read(base / "indicators" / "indicators.csv")
        names = _own(seen.indicators, known) if indicators is None else indicators
        known = with_own(known, level, names)
    return intake.read_table(
        path,
        level=level,
        units=known_units,
        indicators=known,
        renames=_read(base / "reference" / "renames.csv"),
    )


def with_own(indicators: pd.DataFrame, level: str, names: Iterable[str]) -> pd.DataFrame:
    """Add indicators nobody has described, without unit or range.

    Parameters
    ----------
    indicators : pandas.DataFrame
        Indicators known.
    level : {"province", "city"}
        Level of the added ones.
    names : Iterable[str]
        What to add; what is known at this level already is left as it is.

    Returns
    -------
    pandas.DataFrame
        The frame with more rows.

    Examples
    --------
    >>> known = load_catalogue().indicators
    >>> len(with_own(known, "city", ["gdp", "racks"])) - len(known)
    1
    """
    known = set(indicators.loc[indicators["level"] == level, "indicator"])
    own = pd.DataFrame({"indicator": sorted(set(names) - known)}, dtype="str")
    rows = own.assign(level=level, name_zh=own["indicator"], name_en=own["indicator"])
    return pd.concat([indicators, rows], ignore_index=True).fillna("")


def _own(names: Iterable[str], indicators: pd.DataFrame) -> list[str]:
    known = sorted(set(indicators["indicator"]))
    return [
        name
        for name in names
        if name in known or not difflib.get_close_matches(name, known, n=1, cutoff=_MISSPELT)
    ]


def _values(
    base: Path, level: Literal["province", "city"], units: pd.DataFrame, indicators: pd.DataFrame
) -> IndicatorTable:
    stem = {"province": "provinces", "city": "cities"}[level]
    own, geography = (
        intake.read_table(
            base / "indicators" / name, level=level, units=units, indicators=indicators
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


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        problem = Problem(code="data.unreadable", params={"file": str(path), "reason": str(error)})
        raise InputError([problem]) from error

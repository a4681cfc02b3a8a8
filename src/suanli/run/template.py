"""The Excel template of a profile: what it asks, of whom, and what is there already."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from suanli.boundaries import load_boundaries
from suanli.data import INHERITED, Catalogue, load_catalogue
from suanli.errors import InputError, Problem
from suanli.intake.measures import conversion
from suanli.intake.table import ANY_YEAR, IndicatorTable
from suanli.profile import ROOT, IndexSpec, Indicator, load_profile
from suanli.publish.form import Column, Form, Page
from suanli.publish.form_book import write_form
from suanli.text import Text

__all__ = ["form_of", "write_template"]

_YEARS: Final = range(1949, 2101)
_SHEET: Final = 31
# Other units of measurement people have these in.
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "EB": ("PB", "TB"),
    "EFLOPS (FP16)": ("PFLOPS (FP16)",),
    "EFLOPS (FP32)": ("PFLOPS (FP32)",),
    "PFLOPS (FP64)": ("EFLOPS (FP64)",),
    "Tbps": ("Gbps",),
    "万GB": ("TB", "PB"),
    "万个": ("个",),
    "万人": ("人",),
    "万元": ("亿元",),
    "万公里": ("公里",),
    "万架": ("架",),
    "个": ("万个",),
    "亿元": ("万元",),
    "亿千瓦时": ("万千瓦时",),
    "公里": ("万公里",),
    "台": ("万台",),
}


def write_template(
    profile: str, path: Path, *, text: Text, year: int | None = None, empty: bool = False
) -> None:
    """Write the Excel template of a profile.

    Parameters
    ----------
    profile : str
        Name of a shipped profile or path of a TOML file.
    path : pathlib.Path
        The xlsx file; never overwritten.
    text : Text
        Its language.
    year : int, optional
        The year preset; the profile's by default.
    empty : bool, default False
        Whether to leave out the shipped values beside the cells to fill in.

    Raises
    ------
    InputError
        The profile cannot be used or has nothing to fill in; or the file exists, or is not
        named as one of Excel.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "provinces.xlsx"
    >>> write_template("caict2024-province", path, text=Text("zh"))
    >>> path.stat().st_size < 100_000
    True
    """
    if path.suffix.casefold() != ".xlsx":
        params = {"file": str(path), "better": str(path.with_suffix(".xlsx"))}
        raise InputError([Problem(code="template.not_xlsx", params=params)])
    if path.exists():
        raise InputError([Problem(code="run.file_exists", params={"file": str(path)})])
    write_form(form_of(profile, text=text, year=year, empty=empty), path, text)


def form_of(profile: str, *, text: Text, year: int | None = None, empty: bool = False) -> Form:
    """Compose what a template asks.

    It asks for what the formulas of the profile need, dimension by dimension, each indicator
    once. It does not ask for what a planner has no better figure of: facts without a year
    (climate, distances, areas), facts of a fixed year (the list of hubs), and values a city
    carries of its province.

    Parameters
    ----------
    profile : str
        Name of a shipped profile or path of a TOML file.
    text : Text
        The language.
    year : int, optional
        The year preset; the profile's by default.
    empty : bool, default False
        Whether to leave out shipped values.

    Returns
    -------
    Form
        To be written by :func:`suanli.publish.form_book.write_form`.

    Raises
    ------
    InputError
        The profile cannot be used or has nothing to fill in; or there is no such year.

    Examples
    --------
    >>> form = form_of("city-compute-physical", text=Text("en"))
    >>> [(page.name, len(page.columns)) for page in form.pages]
    [('Demand', 3), ('Energy and climate', 1), ('Computing facilities', 8)]
    """
    spec = load_profile(profile)
    year = spec.year if year is None else year
    if year not in _YEARS:
        raise InputError([Problem(code="template.year_range", params={"year": year})])
    catalogue = load_catalogue()
    asked = _Asked(spec, catalogue, text, year=year, empty=empty)
    pages = tuple(asked.pages())
    if not pages:
        params = {"profile": spec.id}
        raise InputError([Problem(code="template.nothing_to_fill", params=params)])
    return Form(
        title=text.of(spec.title.model_dump()),
        profile=spec.id,
        level=spec.level,
        year=year,
        units=_units(spec, text),
        pages=pages,
    )


class _Asked:
    """Chooses what a form asks."""

    def __init__(
        self, spec: IndexSpec, catalogue: Catalogue, text: Text, *, year: int, empty: bool
    ) -> None:
        self.spec, self.catalogue, self.text = spec, catalogue, text
        self.year, self.empty = year, empty
        table = catalogue.province if spec.level == "province" else catalogue.city
        self.table: IndicatorTable = table
        known = catalogue.indicators
        known = known[known["level"] == spec.level].set_index("indicator")
        self.known: pd.DataFrame = known
        dated = table.cells.loc[table.cells["year"] != ANY_YEAR, "indicator"]
        self.fixed = set(table.indicators) - set(dated)
        self.users: dict[str, list[Indicator]] = {}
        for item in spec.indicator:
            for name in spec.inputs(item):
                self.users.setdefault(name, []).append(item)

    def pages(self) -> Iterator[Page]:
        parents = {item.id: item.parent for item in self.spec.items()}
        seen: set[str] = set()
        for top in self.spec.children(ROOT):
            columns = []
            for item in self.spec.indicator:
                node = item.id
                while parents[node] != ROOT:
                    node = parents[node]
                names = self._inputs(item) if node == top else ()
                columns += [self._column(name) for name in names if name not in seen]
                seen |= set(names)
            if columns:
                name = self.text.of(self.spec.names()[top].model_dump())
                yield Page(name=_sheet_name(name), columns=columns)

    def _inputs(self, item: Indicator) -> tuple[str, ...]:
        inherited = {f"province_{name}" for name in INHERITED}
        return tuple(
            name
            for name in self.spec.inputs(item)
            if name not in self.fixed | inherited
            and not all(user.year is not None for user in self.users[name])
        )

    def _column(self, name: str) -> Column:
        known = self.known.loc[name] if name in self.known.index else None
        users = self.users[name]
        item = next((user for user in users if user.expression.text == name), None)
        unit = str(known["unit"]) if known is not None else (item.unit if item else "")
        hint = f"template.definition.{name}"
        shipped, source = self._shipped(name)
        return Column(
            indicator=name,
            title=name if known is None else str(known[f"name_{self.text.lang}"]),
            units=self._measures(unit),
            low=None if known is None else _number(known["minimum"]),
            high=None if known is None else _number(known["maximum"]),
            hint=self.text(hint) if self.text.has(hint) else "",
            about=self._about(name, item),
            known=name in self.table.indicators,
            shipped=shipped,
            source=source,
        )

    def _about(self, name: str, item: Indicator | None) -> tuple[str, str]:
        """Return direction and status; of what only formulas use, that it is for computing."""
        users = self.users[name]
        direction = item.direction if item else "none"
        words = {user.status for user in users}
        status = item.status if item else words.pop() if len(words) == 1 else "mixed"
        return (
            self.text(f"template.direction.{direction}"),
            self.text(f"template.status_word.{status}"),
        )

    def _measures(self, unit: str) -> dict[str, float]:
        plain = self.text("template.plain_unit") if unit in {"", "1", "0/1"} else unit
        found = {plain: 1.0}
        for other in _ALSO.get(unit, ()):
            factor = conversion(unit, other)
            if factor is not None:
                found[other] = factor
        return found

    def _shipped(self, name: str) -> tuple[pd.Series | None, str]:
        """Return the shipped values of the year, and where they come from."""
        cells = self.table.cells
        cells = cells[(cells["indicator"] == name) & (cells["year"] == self.year)]
        if self.empty or cells.empty:
            return None, ""
        titles = self.catalogue.sources["title"]
        said = [f"{s}: {titles.get(s, s)}" for s in sorted(cells["source"].unique())]
        source = self.text("template.from_source", year=self.year, titles="; ".join(said))
        return cells.set_index("code")["value"], source


def _units(spec: IndexSpec, text: Text) -> pd.DataFrame:
    """Return the units evaluated, as the reader of tables knows them."""
    boundaries = load_boundaries()
    layer = boundaries.layer(spec.level)
    layer = layer[layer["evaluated"]].sort_index()
    # Names are matched in Chinese, whatever the language of the reader.
    columns = {"codes": layer.index, "names": layer["name"]}
    if text.lang == "en":
        columns["english"] = layer["name_en"]
    elif spec.level == "city":
        provinces = boundaries.layer("province")["short_name"]
        columns["provinces"] = layer.index.str[:2].map(
            {str(code)[:2]: name for code, name in provinces.items()}
        )
    return pd.DataFrame(
        {text(f"template.{key}"): list(values) for key, values in columns.items()}, dtype="str"
    )


def _sheet_name(name: str) -> str:
    plain = "".join(" " if letter in r"[]:*?/\'" else letter for letter in name)
    return plain[:_SHEET].strip()


def _number(text: object) -> float | None:
    return float(str(text)) if str(text) else None

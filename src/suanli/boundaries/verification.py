"""Check the boundary files against facts that are known without them."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from geo.cartography.font import missing_glyphs
from geo.crs import ALBERS
from geo.layer import neighbour_pairs, validate_layer
from geo.storage import file_sha256
from suanli.boundaries.loading import LAYERS, read_layers, read_lines, read_units
from suanli.boundaries.naming import EVALUATED_KINDS
from suanli.errors import InputError
from suanli.locations import data_folder

__all__ = ["CHECKS", "Check", "VerifyReport", "verify"]

_KINDS: Mapping[str, Mapping[str, int]] = {
    "province": {"autonomous_region": 5, "municipality": 4, "province": 22, "special": 3},
    "city": {
        "autonomous_prefecture": 30,
        "county_direct": 32,
        "league": 3,
        "municipality": 4,
        "prefecture": 7,
        "prefecture_city": 293,
        "special": 3,
    },
}
_EVALUATED = {"province": 31, "city": 337}
_DASHES = 9
# The South China Sea: every dash lies in it, and together they span it.
_DASH_BOUNDS = (107.0, 3.0, 123.0, 23.0)
_DASH_SPAN_DEGREES = 15.0
_ISLAND_DEGREES = 0.03
_POINT_DEGREES = 0.05
_DISSOLVE_KM2 = 0.01
_TOTAL_AREA_SHARE = 0.001
_P95_AREA_SHARE = {"city": 0.01, "city_web": 0.03}
# Macao, 25 km2, is a triangle at these scales.
_WORST_AREA_SHARE = 0.6
_M2_PER_KM2 = 1e6
_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Outcome of one check.

    Attributes
    ----------
    id : str
        Stable name; the sentence is ``boundaries.check.<id>`` in the message catalogues.
    passed : bool
        Whether the files are as they must be.
    expected, got : str
        Numbers, codes or file names.
    """

    id: str
    passed: bool
    expected: str
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """Outcome of all checks.

    Attributes
    ----------
    checks : tuple of Check
        In the order they ran. When a file cannot be read, those that need it are absent.
    """

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    layers: Mapping[str, gpd.GeoDataFrame]
    lines: gpd.GeoDataFrame
    units: pd.DataFrame
    pairs: Mapping[str, frozenset[tuple[str, str]]]
    true_pairs: frozenset[tuple[str, str]]
    islands: pd.DataFrame


Outcome = tuple[bool, str, str]


def verify(folder: Path | None = None) -> VerifyReport:
    """Check every boundary file.

    Parameters
    ----------
    folder : pathlib.Path, optional
        The folder of the boundary files; the shipped one when missing.

    Returns
    -------
    VerifyReport
        One outcome per check; nothing is raised for bad files.

    Examples
    --------
    >>> report = verify()
    >>> report.passed, len(report.checks) == 2 + len(CHECKS)
    (True, True)
    """
    place = folder or data_folder() / "boundaries"
    checks = [_named("files_unchanged", _files_unchanged(place))]
    try:
        subject = _read(place)
    except InputError as error:
        return VerifyReport(checks=(*checks, _named("readable", (False, "0", str(error)))))
    checks.append(_named("readable", (True, "0", "0")))
    checks.extend(_named(name, check(subject)) for name, check in CHECKS.items())
    return VerifyReport(checks=tuple(checks))


def _named(name: str, outcome: Outcome) -> Check:
    passed, expected, got = outcome
    return Check(id=name, passed=passed, expected=expected, got=got)


def _read(place: Path) -> _Subject:
    reference = data_folder() / "reference"
    layers = read_layers(place)
    true = pd.read_csv(reference / "province_neighbours.csv", dtype="str")
    return _Subject(
        layers=layers,
        lines=read_lines(place),
        units=read_units(place),
        pairs={name: neighbour_pairs(layer) for name, layer in layers.items()},
        true_pairs=frozenset(zip(true["first"], true["second"], strict=True)),
        islands=pd.read_csv(reference / "islands.csv", dtype={"city": "str", "province": "str"}),
    )


def _files_unchanged(place: Path) -> Outcome:
    try:
        recorded = json.loads((place / "SOURCE.json").read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return False, "SOURCE.json", "0"
    changed = [
        name
        for name, digest in recorded.items()
        if not (place / name).is_file() or file_sha256(place / name) != digest
    ]
    return _none(changed)


def _unit_counts(subject: _Subject, level: str) -> Outcome:
    expected = sum(_KINDS[level].values())
    counts = [len(subject.layers[name]) for name, of in LAYERS.items() if of == level]
    counts.append(len(_of(subject, level)))
    return set(counts) == {expected}, str(expected), ", ".join(map(str, counts))


def _units_match(subject: _Subject) -> Outcome:
    return _none(
        f"{name} {code}"
        for name, level in LAYERS.items()
        for code in _of(subject, level).index.symmetric_difference(subject.layers[name].index)
    )


def _kinds(subject: _Subject) -> Outcome:
    got = {
        level: {str(kind): int(n) for kind, n in _of(subject, level)["kind"].value_counts().items()}
        for level in _KINDS
    }
    return got == _KINDS, _listed(_KINDS), _listed(got)


def _evaluated(subject: _Subject) -> Outcome:
    got = {level: int(_of(subject, level)["evaluated"].sum()) for level in _EVALUATED}
    by_kind = subject.units["kind"].isin(EVALUATED_KINDS) == subject.units["evaluated"]
    return got == _EVALUATED and bool(by_kind.all()), _counted(_EVALUATED), _counted(got)


def _parents(subject: _Subject) -> Outcome:
    city = _of(subject, "city")
    provinces = _of(subject, "province").index
    right = city["parent"].isin(provinces) & (city["parent"].str[:2] == city.index.str[:2])
    return _none(city.index[~right])


def _polygons_valid(subject: _Subject) -> Outcome:
    return _none(
        f"{name} {code}"
        for name, layer in subject.layers.items()
        for code in layer.index[~layer.geometry.is_valid]
    )


def _coverage_valid(subject: _Subject) -> Outcome:
    return _none(
        f"{name} {code}"
        for name, layer in subject.layers.items()
        for code in validate_layer(layer).unmatched
    )


def _cities_dissolve(subject: _Subject) -> Outcome:
    found = []
    parent = _of(subject, "city")["parent"]
    for city, province in (("city", "province"), ("city_web", "province_web")):
        parts, whole = _repaired(subject.layers[city]), _repaired(subject.layers[province])
        groups = parent.reindex(parts.index).fillna("")
        merged = parts.groupby(groups).agg(_union).reindex(whole.index)
        left = merged.symmetric_difference(whole, align=True).to_crs(ALBERS).area
        # A province without cities gives no area to compare, and that is not equal either.
        close = left <= _DISSOLVE_KM2 * _M2_PER_KM2
        found += [f"{province} {code}" for code in close.index[~close]]
    return _none(found)


def _province_neighbours(subject: _Subject) -> Outcome:
    wrong = [
        f"{name} {first}-{second}"
        for name in ("province", "province_web")
        for first, second in sorted(subject.pairs[name] ^ subject.true_pairs)
    ]
    return _none(wrong)


def _city_neighbours(subject: _Subject) -> Outcome:
    differ = subject.pairs["city"] ^ subject.pairs["city_web"]
    return _none(f"{first}-{second}" for first, second in sorted(differ))


def _islands(subject: _Subject) -> Outcome:
    lost = []
    for name, level in LAYERS.items():
        shapes = subject.layers[name].geometry.reindex(subject.islands[level])
        points = shapely.points(subject.islands["lon"], subject.islands["lat"])
        distance = shapely.distance(shapes.to_numpy(), points)
        # A missing unit gives NaN, which is not near either.
        near = distance <= _ISLAND_DEGREES
        lost += [f"{name} {island}" for island in subject.islands["name"][~near]]
    return _none(lost)


def _dashes(subject: _Subject) -> Outcome:
    dashes = subject.lines.geometry[subject.lines["kind"] == "dash_line"]
    parts = shapely.get_parts(dashes.to_numpy())
    inside = shapely.covered_by(parts, shapely.box(*_DASH_BOUNDS))
    _, south, _, north = shapely.total_bounds(parts) if len(parts) else (0.0,) * 4
    spans = north - south >= _DASH_SPAN_DEGREES
    got = int(inside.sum())
    return got == _DASHES == len(parts) and bool(spans), str(_DASHES), f"{got} / {len(parts)}"


def _points_inside(subject: _Subject) -> Outcome:
    far = []
    for level in ("province", "city"):
        units = _of(subject, level)
        shapes = subject.layers[level].geometry.reindex(units.index).to_numpy()
        distance = shapely.distance(shapes, shapely.points(units["lon"], units["lat"]))
        far += [f"{level} {code}" for code in units.index[~(distance <= _POINT_DEGREES)]]
    return _none(far)


def _areas(subject: _Subject) -> Outcome:
    full = _of(subject, "city")["area_km2"]
    expected, got, passed = [], [], True
    for name, limit in _P95_AREA_SHARE.items():
        area = subject.layers[name].geometry.to_crs(ALBERS).area / _M2_PER_KM2
        off = (area.reindex(full.index) / full - 1).abs()
        seen = (
            abs(float(area.sum() / full.sum()) - 1),
            float(off.quantile(0.95)),
            float(off.max()),
        )
        limits = (_TOTAL_AREA_SHARE, limit, _WORST_AREA_SHARE)
        passed = passed and all(a <= b for a, b in zip(seen, limits, strict=True))
        expected.append("{} <= {:.2%}, {:.1%}, {:.0%}".format(name, *limits))
        got.append("{} {:.3%}, {:.2%}, {:.0%}".format(name, *seen))
    return passed, "; ".join(expected), "; ".join(got)


def _glyphs(subject: _Subject) -> Outcome:
    text = "".join(sorted(set("".join([*subject.units["name"], *subject.units["name_en"]]))))
    return _none(missing_glyphs(text))


CHECKS: Mapping[str, Callable[[_Subject], Outcome]] = {
    "province_count": lambda subject: _unit_counts(subject, "province"),
    "city_count": lambda subject: _unit_counts(subject, "city"),
    "units_match": _units_match,
    "kinds": _kinds,
    "evaluated": _evaluated,
    "parents": _parents,
    "polygons_valid": _polygons_valid,
    "coverage_valid": _coverage_valid,
    "cities_dissolve": _cities_dissolve,
    "province_neighbours": _province_neighbours,
    "city_neighbours": _city_neighbours,
    "islands": _islands,
    "dashes": _dashes,
    "points_inside": _points_inside,
    "areas": _areas,
    "glyphs": _glyphs,
}


def _of(subject: _Subject, level: str) -> pd.DataFrame:
    at = subject.units.index.get_level_values("level") == level
    return subject.units[at].droplevel("level")


def _repaired(layer: gpd.GeoDataFrame) -> gpd.GeoSeries:
    shapes = shapely.make_valid(layer.geometry.to_numpy())
    return gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs)


def _union(shapes: gpd.GeoSeries) -> shapely.Geometry:
    # Many times faster where it is allowed: on a valid coverage.
    if shapely.coverage_is_valid(shapes.to_numpy()):
        return shapely.coverage_union_all(shapes.to_numpy())
    return shapely.union_all(shapes.to_numpy())


def _none(found: Iterable[str]) -> Outcome:
    items = list(found)
    shown = ", ".join(items[:_SHOWN]) + (" ..." if len(items) > _SHOWN else "")
    return not items, "0", f"{len(items)}: {shown}" if items else "0"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))


def _listed(counts: Mapping[str, Mapping[str, int]]) -> str:
    return "; ".join(f"{level}: {_counted(part)}" for level, part in counts.items())

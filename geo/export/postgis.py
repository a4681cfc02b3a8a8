"""Layers as tables of a PostGIS database: all of them in one transaction, or none."""

import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import GEOGRAPHIC
from geo.errors import ExportError
from geo.export.field import Field, check_fields
from geo.export.server import Server, failures, server_of

if TYPE_CHECKING:
    from psycopg import Cursor
    from psycopg.sql import Composable, Identifier

__all__ = ["PostgisTable", "check_postgis", "write_postgis"]

_SRID: Final = 4326
_GEOMETRY: Final = "geom"
_LONGEST: Final = 63
"""Bytes of an identifier: PostgreSQL cuts longer ones."""
_LOCK_SECONDS: Final = 20
"""How long to wait for others who use a table that is to be replaced."""
_RAISED: Final[Mapping[str, Callable[..., BaseGeometry]]] = {
    "Polygon": shapely.multipolygons,
    "LineString": shapely.multilinestrings,
}
_KINDS: Final = {"b": "boolean", "i": "bigint", "u": "bigint", "f": "double precision"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PostgisTable:
    """A layer and what its table says of itself.

    Attributes
    ----------
    name : str
        Name of the table.
    frame : geopandas.GeoDataFrame
        Geometries with a reference system, indexed by label; or a plain table without
        geometries, whose index is its key as well.
    key : Field
        The column the index goes into: the primary key.
    fields : tuple[Field, ...]
        The columns to write, in this order.
    comment : str
        Comment on the table.
    comments : Mapping[str, str]
        Comments on columns, by key; that on geometries by ``geom``.
    parts : tuple[str, ...]
        For a table that several layers share: the layers whose rows these are, each key
        beginning with one of them and a point. The table is kept with the rows of others, the
        rows of these are replaced. Empty for a table of its own.
    """

    name: str
    frame: gpd.GeoDataFrame | pd.DataFrame
    key: Field
    fields: tuple[Field, ...]
    comment: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()


def write_postgis(
    url: str, tables: Sequence[PostgisTable], *, schema: str, replace: bool = False
) -> dict[str, int]:
    """Write tables into a PostGIS database, in one transaction.

    Parameters
    ----------
    url : str
        ``postgresql://user@host:port/database``. A password may stand there; it is better left
        to ``PGPASSWORD`` or ``~/.pgpass``, which libpq reads.
    tables : Sequence[PostgisTable]
        What to write.
    schema : str
        The schema to write into; made if there is none.
    replace : bool, default False
        Replace tables of these names; otherwise they are refused. Shared tables are never
        replaced, see :class:`PostgisTable`.

    Returns
    -------
    dict[str, int]
        Rows of every table.

    Raises
    ------
    ExportError
        ``export.no_postgis_driver``, ``export.postgis_url``, ``export.postgis_connect``,
        ``export.postgis_extension``, ``export.postgis_rights``, ``export.postgis_exists``,
        ``export.postgis_other``, ``export.postgis_foreign``, ``export.postgis_used``,
        ``export.postgis_busy``, ``export.postgis_name`` or ``export.postgis_failed``: the
        database is as it was. No password is ever told.

    Notes
    -----
    Numbers, truth values and texts keep their types; the index becomes the primary key;
    geometries get EPSG:4326 and a GiST index. Rows go in by COPY, geometries as EWKB.
    The extension may live in any schema.

    Examples
    --------
    >>> write_postgis("mysql://localhost/atlas", [], schema="suanli")
    Traceback (most recent call last):
    geo.errors.ExportError: the address of the database cannot be read...
    """
    server = server_of(url)
    _check(tables, schema)
    _require_driver()
    import psycopg  # noqa: PLC0415 - an optional extra

    with (
        failures(server, schema),
        psycopg.connect(**server.options) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(f"set local lock_timeout = '{_LOCK_SECONDS}s'")
        kind = _geometry_type(cursor, server)
        _make_schema(cursor, schema)
        shared = {table.name: _keys(table) for table in tables if table.parts}
        there = _refuse_foreign(cursor, schema, shared)
        own = [table.name for table in tables if not table.parts]
        _make_room(cursor, schema, own, replace=replace)
        return {
            table.name: _write(cursor, schema, table, kind, keep=table.name in there)
            for table in tables
        }


def check_postgis(
    url: str,
    names: Sequence[str],
    *,
    schema: str,
    replace: bool = False,
    shared: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Find out before a long computation whether :func:`write_postgis` could write.

    Parameters
    ----------
    url : str
        As there.
    names : Sequence[str]
        Names of the tables that are not shared.
    schema : str
        As there.
    replace : bool, default False
        As there.
    shared : Mapping[str, Sequence[str]], optional
        Columns of the shared tables, by name.

    Raises
    ------
    ExportError
        As there, but for what only writing can tell.

    Examples
    --------
    >>> check_postgis("postgresql://localhost/atlas#1", [], schema="suanli")
    Traceback (most recent call last):
    geo.errors.ExportError: the address of the database cannot be read...
    """
    server = server_of(url)
    _check_names((schema, *names, *(shared or {})))
    _require_driver()
    import psycopg  # noqa: PLC0415 - an optional extra

    with (
        failures(server, schema),
        psycopg.connect(**server.options) as connection,
        connection.cursor() as cursor,
    ):
        _geometry_type(cursor, server)
        _refuse_foreign(cursor, schema, shared or {})
        _refuse_present(cursor, schema, names, replace=replace)


def _require_driver() -> None:
    if importlib.util.find_spec("psycopg") is None:
        raise ExportError(
            "writing into a database needs the package psycopg; install the extra: "
            "pip install suanli-atlas[postgis]",
            code="export.no_postgis_driver",
        )


def _check(tables: Sequence[PostgisTable], schema: str) -> None:
    for table in tables:
        check_fields([table.key, *table.fields])
        if isinstance(table.frame, gpd.GeoDataFrame) and table.frame.crs is None:
            raise ExportError(
                "the layer has no coordinate reference system; set the right one first",
                code="export.no_crs",
            )
    _check_names((schema, *(table.name for table in tables)))


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        wrong = "\0" in name or not 0 < len(name.encode("utf-8", "replace")) <= _LONGEST
        if wrong or name.startswith("pg_"):
            raise ExportError(
                f"{name[:_LONGEST]!r} cannot be a name in PostgreSQL: 1 to {_LONGEST} bytes, not "
                "beginning with pg_",
                code="export.postgis_name",
                name=name.replace("\0", "\ufffd")[:_LONGEST],
                limit=_LONGEST,
            )


def _geometry_type(cursor: "Cursor[Any]", server: Server) -> "Composable":
    """Return the name of the type of geometries, in whatever schema the extension lives."""
    from psycopg import sql  # noqa: PLC0415

    cursor.execute(
        "select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace "
        "where e.extname = 'postgis'"
    )
    found = cursor.fetchone()
    if found is None:
        raise ExportError(
            f"the database {server.shown} lacks the extension PostGIS; have an administrator run: "
            "CREATE EXTENSION postgis",
            code="export.postgis_extension",
            where=server.shown,
        )
    return sql.Identifier(found[0], "geometry")


def _make_schema(cursor: "Cursor[Any]", schema: str) -> None:
    from psycopg import sql  # noqa: PLC0415

    # Asked first: who may not make schemas may still use one that is there.
    cursor.execute("select 1 from pg_namespace where nspname = %s", (schema,))
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))


def _refuse_present(
    cursor: "Cursor[Any]", schema: str, names: Sequence[str], *, replace: bool
) -> list[str]:
    """Return the tables that are to be replaced."""
    cursor.execute(
        "select c.relname, c.relkind::text from pg_class c join pg_namespace n "
        "on n.oid = c.relnamespace where n.nspname = %s and c.relname = any(%s) order by 1",
        (schema, list(names)),
    )
    found = dict(cursor.fetchall())
    if found and not replace:
        raise ExportError(
            f"the schema {schema} holds {', '.join(found)} already; nothing was written",
            code="export.postgis_exists",
            schema=schema,
            tables=list(found),
        )
    others = [name for name, kind in found.items() if kind != "r"]
    if others:
        raise ExportError(
            f"{', '.join(others)} in the schema {schema} are no plain tables; not replaced",
            code="export.postgis_other",
            schema=schema,
            tables=others,
        )
    return list(found)


def _make_room(cursor: "Cursor[Any]", schema: str, names: Sequence[str], *, replace: bool) -> None:
    from psycopg import sql  # noqa: PLC0415

    for name in _refuse_present(cursor, schema, names, replace=replace):
        # No cascade: what others built on a table is not ours to drop.
        cursor.execute(sql.SQL("drop table {}").format(sql.Identifier(schema, name)))


def _refuse_foreign(
    cursor: "Cursor[Any]", schema: str, shared: Mapping[str, Sequence[str]]
) -> set[str]:
    """Return the shared tables that are there; one with other columns is somebody else's."""
    cursor.execute(
        "select c.relname, c.relkind::text, array(select a.attname::text from pg_attribute a "
        "where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = %s and c.relname = any(%s) order by 1",
        (schema, list(shared)),
    )
    found = {name: (kind, columns) for name, kind, columns in cursor.fetchall()}
    foreign = [name for name, each in found.items() if each != ("r", list(shared[name]))]
    if foreign:
        raise ExportError(
            f"{', '.join(foreign)} in the schema {schema} have other columns than ours; left alone",
            code="export.postgis_foreign",
            schema=schema,
            tables=foreign,
        )
    return set(found)


def _keys(table: PostgisTable) -> list[str]:
    return [table.key.key, *(each.key for each in table.fields)]


def _write(
    cursor: "Cursor[Any]", schema: str, table: PostgisTable, kind: "Composable", *, keep: bool
) -> int:
    """Make a table, or clear the rows of these parts from one that is kept, and fill it."""
    from psycopg import sql  # noqa: PLC0415

    target = sql.Identifier(schema, table.name)
    frame = table.frame.sort_index()
    keys = _keys(table)
    values = [_plain(pd.Series(frame.index.astype(str)))]
    types: list[Composable] = [sql.SQL("text primary key")]
    for each in table.fields:
        types.append(sql.SQL(_type(frame[each.key])))
        values.append(_plain(frame[each.key]))
    spatial = isinstance(frame, gpd.GeoDataFrame)
    if spatial:
        shapes, shape = _shapes(frame)
        keys.append(_GEOMETRY)
        values.append(shapes)
        types.append(
            sql.SQL("{}({}, {}) not null").format(kind, sql.SQL(shape), sql.Literal(_SRID))
        )
    named = [sql.Identifier(key) for key in keys]
    if keep:
        gone = sql.SQL("delete from {} where split_part({}, '.', 1) = any({})")
        parts = sql.Literal(list(table.parts))
        cursor.execute(gone.format(target, sql.Identifier(table.key.key), parts))
    else:
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(*pair) for pair in zip(named, types, strict=True)
        )
        cursor.execute(sql.SQL("create table {} ({})").format(target, columns))
    copy = sql.SQL("copy {} ({}) from stdin").format(target, sql.SQL(", ").join(named))
    with cursor.copy(copy) as stream:
        for row in zip(*values, strict=True):
            stream.write_row(row)
    if spatial:
        index = sql.SQL("create index on {} using gist ({})")
        cursor.execute(index.format(target, sql.Identifier(_GEOMETRY)))
    # Only who owns a table may comment on it, and one that is kept has its comments.
    for text, place, word in () if keep else _comments(table, schema):
        cursor.execute(
            sql.SQL("comment on {} {} is {}").format(sql.SQL(word), place, sql.Literal(text))
        )
    # The planner knows nothing of a new table before.
    cursor.execute(sql.SQL("analyze {}").format(target))
    return len(frame)


def _comments(table: PostgisTable, schema: str) -> "Iterator[tuple[str, Identifier, str]]":
    from psycopg import sql  # noqa: PLC0415

    if table.comment:
        yield _text(table.comment), sql.Identifier(schema, table.name), "table"
    for key, text in table.comments.items():
        yield _text(text), sql.Identifier(schema, table.name, key), "column"


def _type(column: pd.Series) -> str:
    kind = getattr(column.dtype, "kind", "O")
    return _KINDS.get(kind, "text")


def _plain(column: pd.Series) -> list[Any]:
    """Return values as Python knows them, None for what is missing."""
    values = column.astype(object)
    kept = values.where(column.notna(), None)
    return [_text(v) if isinstance(v, str) else _number(v) for v in kept]


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _text(value: str) -> str:
    # PostgreSQL knows no NUL, UTF-8 no halves of characters.
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _shapes(frame: gpd.GeoDataFrame) -> tuple[list[str], str]:
    """Return geometries as EWKB, single kinds raised to multiple ones where both occur."""
    shapes = shapely.force_2d(frame.to_crs(GEOGRAPHIC).geometry.to_numpy())
    kinds = {kind.removeprefix("Multi") for kind in frame.geom_type}
    kind = kinds.pop() if len(kinds) == 1 else "Geometry"
    if kind in _RAISED:
        raised = [_RAISED[kind](shapely.get_parts(shape)) for shape in shapes]
        shapes, kind = np.array(raised, dtype=object), f"Multi{kind}"
    return list(shapely.to_wkb(shapely.set_srid(shapes, _SRID), hex=True, include_srid=True)), kind

"""Addresses of databases: read, shown without secrets, refused without an echo."""

import sys

import geopandas as gpd
import pytest
import shapely

from geo.errors import ExportError
from geo.export import Field
from geo.export.postgis import PostgisTable, write_postgis
from geo.export.server import server_of

SECRET = "s3cret"  # noqa: S105 - a made one


@pytest.mark.parametrize(
    ("url", "shown", "options"),
    [
        ("postgresql://db/atlas", "db/atlas", {"host": "db", "dbname": "atlas"}),
        ("postgres:///atlas", "localhost/atlas", {"dbname": "atlas"}),
        (
            "postgresql://ann:s3cret@db.example.org:5433/at%20las?sslmode=require",
            "ann@db.example.org:5433/at las",
            {"user": "ann", "port": 5433, "password": SECRET, "sslmode": "require"},
        ),
        ("postgresql://ann:s3c@ret@db/a", "ann@db/a", {"password": "s3c@ret"}),
        ("postgresql://ann@[::1]:5432/a", "ann@[::1]:5432/a", {"host": "::1", "port": 5432}),
        ("postgresql://%2Fvar%2FRun/a", "/var/Run/a", {"host": "/var/Run"}),
        ("postgresql://u@/a?host=/srv/S&port=6000", "u@/srv/S:6000/a", {"host": "/srv/S"}),
        ("postgresql://db/a?password=s3cret", "db/a", {"password": SECRET}),
        ("postgresql://u@db/a?connect_timeout=3", "u@db/a", {"connect_timeout": "3"}),
    ],
)
def test_addresses_are_read(url: str, shown: str, options: dict) -> None:
    server = server_of(url)
    assert server.shown == shown
    assert options.items() <= server.options.items()
    assert server.options["client_encoding"] == "UTF8"
    assert int(server.options["connect_timeout"]) > 0
    assert SECRET not in repr(server)
    assert SECRET not in server.shown


@pytest.mark.parametrize(
    "url",
    [
        "",
        "atlas",
        "mysql://u:s3cret@db/a",
        "postgresql+psycopg://u:s3cret@db/a",
        "postgresql://u:s3cret/x@db/a",
        "postgresql://u:1/s3cret@db/a",
        "postgresql://u:s3cret#x@db/a",
        "postgresql://u:1#s3cret@db/a",
        "postgresql://u:1?s3cret@db/a",
        "postgresql://u:1?s3cret=x@db/a",
        "postgresql://u:s3cret@db:port/a",
        "postgresql://u:s3cret@db:99999/a",
        "postgresql://u:s3cret@[db/a",
        "postgresql://db/a?s3cret",
        "postgresql://db/a?client_encoding=s3cret",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ExportError) as refused:
        server_of(url)
    assert refused.value.code == "export.postgis_url"
    assert SECRET not in f"{refused.value} {refused.value.params} {refused.value.__context__!r}"


def test_what_a_server_says_is_told_without_secrets() -> None:
    server = server_of("postgresql://u:s3cret@db/a?sslpassword=other")
    assert server.told("no\n s3cret,\tother") == "no ***, ***"


def test_the_driver_is_asked_for_by_name(monkeypatch) -> None:
    monkeypatch.setattr("geo.export.postgis.importlib.util.find_spec", lambda _: None)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ExportError) as refused:
        write_postgis("postgresql://db/a", [], schema="suanli")
    assert refused.value.code == "export.no_postgis_driver"


@pytest.mark.parametrize(
    ("name", "schema"), [("t" * 64, "s"), ("市" * 22, "s"), ("", "s"), ("t", "pg_x"), ("t\0", "s")]
)
def test_names_that_would_be_cut_are_refused(name: str, schema: str) -> None:
    field = Field(key="code", title_zh="c", title_en="c")
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(1, 2)], index=["a"], crs=4326)
    table = PostgisTable(name=name, frame=frame, key=field, fields=())
    with pytest.raises(ExportError) as refused:
        write_postgis("postgresql://127.0.0.1:1/a", [table], schema=schema)
    assert refused.value.code == "export.postgis_name"

"""Layers in a real PostGIS database: whole, typed, explained; refused without a trace."""

import dataclasses
import json
import subprocess
import threading
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import ExportError
from geo.export import Field
from geo.export.postgis import PostgisTable, check_postgis, write_postgis
from suanli.cli import main
from suanli.publish.database import SHARED, database_tables, table_names
from suanli.publish.gis_layers import LAYERS, export_layer
from suanli.publish.package import Selection
from suanli.run.sample import sample_edition

pytestmark = pytest.mark.postgis
PASSWORD = "p@ss/w:o#r?d"
QUOTED = "p%40ss%2Fw%3Ao%23r%3Fd"
HOSTILE = "a'); drop table x; -- \"\t\n\\N 石家庄\0"
COUNTS = {"province": 34, "city": 372, "hubs": 14, "rings": 84, "lines": 4}


def field(key: str) -> Field:
    return Field(key=key, title_zh=key, title_en=key)


def small(name: str = "t", **changes) -> PostgisTable:
    frame = gpd.GeoDataFrame(
        {
            "name": [HOSTILE, None],
            "score": [np.nan, 61.25],
            "rank": pd.array([None, 1], dtype="Int64"),
            "evaluated": [False, True],
        },
        geometry=[shapely.box(110, 20, 111, 21), shapely.box(100, 30, 104, 33)],
        index=["420500", "110000"],
        crs="EPSG:4326",
    )
    keys = ("name", "score", "rank", "evaluated")
    given = {"name": name, "frame": frame, "key": field("code"), "fields": tuple(map(field, keys))}
    return PostgisTable(**{**given, "comment": "it's", "comments": {"score": "100%"}, **changes})


@pytest.fixture
def schema(server, request):
    name = f"s_{abs(hash(request.node.name)) % 10**9}"
    yield name
    server.run(f"drop schema if exists {name} cascade")


@pytest.fixture
def call(capsys):
    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def tables(server, schema: str) -> list[str]:
    found = server.run(
        f"select relname from pg_class c join pg_namespace n on n.oid = relnamespace "
        f"where nspname = '{schema}' and relkind = 'r' order by 1"
    )
    return [name for (name,) in found]


def refused(server, schema: str, *what: PostgisTable, url: str = "", **options) -> ExportError:
    before = tables(server, schema)
    with pytest.raises(ExportError) as caught:
        write_postgis(url or server.url(), what or [small()], schema=schema, **options)
    assert tables(server, schema) == before
    said = f"{caught.value} {caught.value.params}"
    assert PASSWORD not in said
    assert QUOTED not in said
    return caught.value


def test_every_layer_arrives_whole(server, schema) -> None:
    edition = sample_edition("zh")
    rows = write_postgis(server.url(), database_tables(edition, Selection()), schema=schema)
    assert tuple(rows) == table_names(Selection())
    assert tables(server, schema) == sorted(rows)
    for name in LAYERS:
        expected = export_layer(edition, name)
        assert rows[name] == COUNTS[name]
        found = server.run(
            f"select code, extensions.st_srid(geom), extensions.st_asbinary(geom), "
            f'extensions.st_isvalid(geom) from {schema}.{name} order by code collate "C"'
        )
        frame = expected.frame.set_axis(expected.frame.index.astype(str)).sort_index()
        assert [code for code, *_ in found] == frame.index.to_list()
        assert {srid for _, srid, *_ in found} == {4326}
        shapes = shapely.from_wkb([bytes(shape) for _, _, shape, _ in found])
        # The very same coordinates; rings may begin elsewhere nowhere.
        assert (shapely.hausdorff_distance(shapes, frame.geometry.to_numpy()) == 0).all()
        assert all(valid for *_, valid in found)
        keys = [each.key for each in expected.fields]
        columns = ", ".join(f'"{key}"' for key in keys)
        got = server.run(f'select {columns} from {schema}.{name} order by code collate "C"')
        for key, values in zip(keys, zip(*got, strict=True), strict=True):
            wanted = [None if pd.isna(value) else value for value in frame[key]]
            assert list(values) == wanted, (name, key)


def test_tables_are_typed_keyed_indexed_and_explained(server, schema) -> None:
    edition = sample_edition("zh")
    chosen = Selection(levels=("city", "hubs", "lines"))
    write_postgis(server.url(), database_tables(edition, chosen), schema=schema)
    types = dict(server.run(
        f"select attname, format_type(atttypid, atttypmod) from pg_attribute "
        f"where attrelid = '{schema}.city'::regclass and attnum > 0"
    ))  # fmt: skip
    assert types["code"] == "text"
    assert types["index"] == "double precision"
    assert types["index_rank"] == types["hub_ring"] == "bigint"
    assert types["evaluated"] == "boolean"
    assert types["geom"] == "extensions.geometry(MultiPolygon,4326)"
    kinds = server.run(
        f"select f_table_name, type, srid from extensions.geometry_columns "
        f"where f_table_schema = '{schema}' order by 1"
    )
    assert kinds == [
        ("city", "MULTIPOLYGON", 4326), ("hubs", "POINT", 4326), ("lines", "MULTILINESTRING", 4326),
    ]  # fmt: skip
    indexes = server.run(
        f"select indexdef from pg_indexes where schemaname = '{schema}' and tablename = 'city'"
    )
    assert len(indexes) == 2
    assert any("USING gist (geom)" in text for (text,) in indexes)
    assert any("UNIQUE INDEX" in text and "(code)" in text for (text,) in indexes)
    ((told,),) = server.run(f"select obj_description('{schema}.city'::regclass)")
    assert told.startswith("地级单元 / Prefecture units。")
    assert "天地图" in told
    assert "审图号：无" in told
    described = dict(server.run(
        f"select attname, col_description(attrelid, attnum) from pg_attribute "
        f"where attrelid = '{schema}.city'::regclass and attnum > 0"
    ))  # fmt: skip
    assert "EPSG:4326" in described.pop("geom")
    fields = export_layer(edition, "city").fields
    assert set(described) == {"code", *(each.key for each in fields)}
    assert all(described.values())
    assert described["area_km2"].startswith("面积 / Area（km²）：")
    for name, columns in SHARED.items():
        spoken = server.run(
            f"select attname, col_description(attrelid, attnum) from pg_attribute "
            f"where attrelid = '{schema}.{name}'::regclass and attnum > 0 order by attnum"
        )
        assert tuple(key for key, _ in spoken) == columns
        assert all(text for _, text in spoken)
    # Somebody's question: which cities lie within 100 km of a hub city? By the index.
    ((count,),) = server.run(
        f"select count(distinct c.code) from {schema}.city c join {schema}.hubs h on "
        f"extensions.st_dwithin(c.geom::extensions.geography, h.geom::extensions.geography, 100000)"
    )
    assert 14 < count < 372
    said = dict(server.run(f"select id, value from {schema}.metadata"))
    assert said["city.profile"] == "city-compute"
    assert (
        server.run(f"select title_zh from {schema}.field_dictionary where id = 'lines.kind'")
        == [("线类",)]
    )  # fmt: skip


def test_values_and_names_are_never_taken_for_statements(server, schema) -> None:
    odd = 'T"; drop schema x; --'
    what = small(odd, comment=HOSTILE, comments={"score": HOSTILE})
    assert write_postgis(server.url(), [what], schema=schema) == {odd: 2}
    quoted = f'{schema}."{odd.replace(chr(34), chr(34) * 2)}"'
    rows = server.run(f"select code, name, score, rank, evaluated from {quoted} order by 1")
    clean = HOSTILE.replace("\0", "\ufffd")
    assert rows == [("110000", None, 61.25, 1, True), ("420500", clean, None, None, False)]
    assert tables(server, schema) == [odd]
    ((told,),) = server.run(
        f"select obj_description('{quoted.replace(chr(39), chr(39) * 2)}'::regclass)"
    )
    assert told == clean


def test_other_reference_systems_are_brought_home(server, schema) -> None:
    frame = small().frame
    write_postgis(server.url(), [small(frame=frame.to_crs("EPSG:3857"))], schema=schema)
    ((west, north),) = server.run(
        f"select extensions.st_xmin(geom), extensions.st_ymax(geom) from {schema}.t "
        f"where code = '110000'"
    )
    assert (west, north) == (pytest.approx(100), pytest.approx(33))


def test_tables_that_are_there_are_refused_unless_told(server, schema) -> None:
    write_postgis(server.url(), [small()], schema=schema)
    again = [small("t", frame=small().frame.iloc[:1]), small("u")]
    error = refused(server, schema, *again)
    assert (error.code, error.params["tables"]) == ("export.postgis_exists", ["t"])
    with pytest.raises(ExportError) as early:
        check_postgis(server.url(), ["t", "u"], schema=schema)
    assert early.value.code == "export.postgis_exists"
    check_postgis(server.url(), ["t", "u"], schema=schema, replace=True)
    assert write_postgis(server.url(), again, schema=schema, replace=True) == {"t": 1, "u": 2}
    assert server.run(f"select count(*) from {schema}.t") == [(1,)]


def said_of(server, schema: str) -> dict[str, dict[str, tuple]]:
    """What the shared tables hold, by layer and by their own key."""
    found: dict[str, dict[str, tuple]] = {}
    for name, columns in SHARED.items():
        for row in server.run(f"select {', '.join(columns)} from {schema}.{name}"):
            found.setdefault(row[0].split(".")[0], {})[f"{name} {row[0]}"] = row
    return found


def test_layers_are_added_and_replaced_beside_each_other(server, schema) -> None:
    edition = sample_edition("zh")

    def write(*levels: str, columns: tuple[str, ...] = (), replace: bool = False):
        chosen = Selection(levels=levels, columns=columns)
        check_postgis(server.url(), levels, schema=schema, replace=replace, shared=SHARED)
        what = database_tables(edition, chosen)
        return write_postgis(server.url(), what, schema=schema, replace=replace)

    write("hubs", "lines")
    first = said_of(server, schema)
    assert set(first) == {"hubs", "lines"}
    # A layer that is not there needs no --replace.
    write("rings")
    second = said_of(server, schema)
    assert set(second) == {"hubs", "lines", "rings"}
    assert {name: second[name] for name in first} == first
    server.run(f"update {schema}.metadata set value = 'kept' where id = 'lines.run'")
    kept = said_of(server, schema)
    # Replacing one layer leaves what is said of the others, and nothing of the old one.
    write("hubs", columns=("hub",), replace=True)
    third = said_of(server, schema)
    assert {name: third[name] for name in ("lines", "rings")} == {
        name: kept[name] for name in ("lines", "rings")
    }
    assert {key.rpartition(".")[2] for key in third["hubs"] if key.startswith("field_")} == {
        "code", "name", "hub",
    }  # fmt: skip
    assert tables(server, schema) == ["field_dictionary", "hubs", "lines", "metadata", "rings"]
    with pytest.raises(ExportError) as caught:
        write("lines", "province")
    assert caught.value.params["tables"] == ["lines"]
    assert said_of(server, schema) == third


def test_a_shared_table_is_cleared_in_the_same_transaction(server, schema) -> None:
    edition = sample_edition("zh")
    what = database_tables(edition, Selection(levels=("hubs",)))
    write_postgis(server.url(), what, schema=schema)
    before = said_of(server, schema)
    *_, last = database_tables(edition, Selection(levels=("hubs",)))
    twice = dataclasses.replace(last, frame=pd.concat([last.frame] * 2))
    assert refused(server, schema, *what[:-1], twice, replace=True).code == "export.postgis_failed"
    assert said_of(server, schema) == before


def test_a_table_of_somebody_else_is_never_taken_for_ours(server, schema) -> None:
    what = database_tables(sample_edition("zh"), Selection(levels=("hubs",)))
    server.run(f"create schema {schema}")
    server.run(f"create table {schema}.metadata (id text, mine text)")
    server.run(f"insert into {schema}.metadata values ('hubs.run', 'precious')")
    for replace in (False, True):
        error = refused(server, schema, *what, replace=replace)
        assert (error.code, error.params["tables"]) == ("export.postgis_foreign", ["metadata"])
        with pytest.raises(ExportError) as early:
            check_postgis(server.url(), ["hubs"], schema=schema, replace=replace, shared=SHARED)
        assert early.value.code == "export.postgis_foreign"
    assert server.run(f"select mine from {schema}.metadata") == [("precious",)]


def test_what_others_built_is_not_dropped(server, schema) -> None:
    write_postgis(server.url(), [small()], schema=schema)
    server.run(f"create view {schema}.v as select * from {schema}.t")
    assert refused(server, schema, replace=True).code == "export.postgis_used"
    error = refused(server, schema, small("v"), replace=True)
    assert error.code == "export.postgis_other"
    assert server.run(f"select count(*) from {schema}.v") == [(2,)]


def test_a_failure_in_the_middle_leaves_nothing(server, schema) -> None:
    write_postgis(server.url(), [small()], schema=schema)
    twice = pd.concat([small().frame.iloc[:1]] * 2)
    error = refused(server, schema, small(), small("u", frame=twice), replace=True)
    assert error.code == "export.postgis_failed"
    assert "t_pkey" in error.params["detail"] or "u_pkey" in error.params["detail"]
    # The table that was to be replaced is the old one.
    assert server.run(f"select count(*) from {schema}.t") == [(2,)]
    refused(server, f"{schema}_new", small("u", frame=twice))
    assert server.run(f"select 1 from pg_namespace where nspname = '{schema}_new'") == []


def test_tables_in_use_are_waited_for_and_then_left(server, schema, monkeypatch) -> None:
    import psycopg

    monkeypatch.setattr("geo.export.postgis._LOCK_SECONDS", 1)
    write_postgis(server.url(), [small()], schema=schema)
    with psycopg.connect(server.url()) as other:
        other.execute(f"select * from {schema}.t")
        assert refused(server, schema, replace=True).code == "export.postgis_busy"
        timer = threading.Timer(0.3, other.rollback)
        timer.start()
        assert write_postgis(server.url(), [small()], schema=schema, replace=True) == {"t": 2}
        timer.join()


def test_a_database_without_the_extension_is_refused(server) -> None:
    with pytest.raises(ExportError) as caught:
        write_postgis(server.url("bare"), [small()], schema="suanli")
    assert caught.value.code == "export.postgis_extension"
    assert "bare" in caught.value.params["where"]
    found = server.run("select 1 from pg_namespace where nspname = 'suanli'", database="bare")
    assert found == []


def test_missing_rights_are_told(server, schema) -> None:
    assert refused(server, schema, url=server.url(who="ben")).code == "export.postgis_rights"
    server.run(f"create schema {schema}")
    assert refused(server, schema, url=server.url(who="ben")).code == "export.postgis_rights"
    # Who may make tables needs no right to make schemas.
    server.run(f"grant usage, create on schema {schema} to ben")
    assert write_postgis(server.url(who="ben"), [small()], schema=schema) == {"t": 2}


def test_passwords_are_read_and_never_told(server, schema, monkeypatch, tmp_path) -> None:
    good = server.by_port(access=f"ann:{QUOTED}")
    assert write_postgis(good, [small()], schema=schema) == {"t": 2}
    for access in ("ann:wrong-secret", "ann", f"nobody:{QUOTED}"):
        error = refused(server, schema, small("u"), url=server.by_port(access=access))
        assert error.code == "export.postgis_connect"
        assert "wrong-secret" not in str(error)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert write_postgis(server.by_port(), [small("u")], schema=schema) == {"u": 2}
    monkeypatch.delenv("PGPASSWORD")
    kept = tmp_path / "pgpass"
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    kept.write_text(f"127.0.0.1:{server.port}:atlas:ann:{escaped}\n")
    kept.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(kept))
    assert write_postgis(server.by_port(), [small("w")], schema=schema) == {"w": 2}


def test_nobody_there_and_no_such_database_are_told(server, schema) -> None:
    gone = f"postgresql://ann:{QUOTED}@127.0.0.1:1/atlas"
    error = refused(server, schema, url=gone)
    assert error.code == "export.postgis_connect"
    assert error.params["where"] == "ann@127.0.0.1:1/atlas"
    error = refused(server, schema, url=server.url("nowhere"))
    assert error.code == "export.postgis_connect"
    assert "nowhere" in error.params["detail"]


def test_the_command_writes_says_and_records_nothing(server, schema, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = server.by_port(access=f"ann:{QUOTED}")
    chosen = ("--level", "hubs", "--level", "rings", "--columns", "hub,ring", "--lang", "en")
    code, out, err = call("export", "--to", url, "--schema", schema, *chosen)
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == [f"{schema}.hubs: 14 rows", f"{schema}.rings: 84 rows"]
    assert list(tmp_path.iterdir()) == []
    code, out, err = call("export", "--to", url, "--schema", schema, *chosen)
    assert (code, out) == (1, "")
    assert "--replace" in err
    assert "holds hubs, rings already" in err
    code, out, _ = call("export", "--to", url, "--schema", schema, *chosen, "--replace", "--json")
    rows = json.loads(out)["tables"]
    assert (code, rows["rings"]) == (0, 84)
    columns = server.run(
        f"select column_name from information_schema.columns "
        f"where table_schema = '{schema}' and table_name = 'rings' order by ordinal_position"
    )
    assert [name for (name,) in columns] == ["code", "name", "hub", "ring", "geom"]
    code, out, err = call("export", "--to", url, "--schema", "pg_mine", "--lang", "en")
    assert (code, out) == (1, "")
    assert "not beginning with pg_" in err
    assert PASSWORD not in err
    assert QUOTED not in err


@pytest.mark.skipif(not Path("/usr/bin/ogrinfo").exists(), reason="needs GDAL (gdal-bin)")
def test_other_programs_open_the_tables(server, schema) -> None:
    write_postgis(
        server.url(),
        database_tables(sample_edition("zh"), Selection(levels=("hubs",))),
        schema=schema,
    )
    source = (
        f"PG:host={server.folder} port={server.port} dbname=atlas user=postgres schemas={schema}"
    )
    done = subprocess.run(
        ["/usr/bin/ogrinfo", "-so", source, "hubs"], capture_output=True, text=True, check=False
    )
    if "Unable to find driver" in done.stderr:
        pytest.skip("this GDAL cannot read PostgreSQL")
    assert "Geometry: Point" in done.stdout
    assert "Feature Count: 14" in done.stdout
    assert 'EPSG",4326' in done.stdout

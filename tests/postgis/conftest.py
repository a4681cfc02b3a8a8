"""A PostgreSQL server with PostGIS that the tests start themselves and stop in the end."""

import errno
import os
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "p@ss/w:o#r?d"


def programs() -> Path | None:
    """The newest server of Debian's packages that has PostGIS beside it."""
    for found in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        version = found.parent.name
        control = Path(f"/usr/share/postgresql/{version}/extension/postgis.control")
        if (found / "initdb").is_file() and control.is_file():
            return found
    return None


def user() -> list[str]:
    """How to run as somebody else: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


@dataclass(frozen=True)
class Server:
    """Where it listens; its folder of sockets lets everybody in, its port asks for a password."""

    folder: Path
    port: int

    def url(self, database: str = "atlas", *, who: str = "postgres") -> str:
        return f"postgresql://{who}@/{database}?host={self.folder}&port={self.port}"

    def by_port(self, database: str = "atlas", *, access: str = "ann") -> str:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == errno.ENETUNREACH:
                pytest.skip("this machine has no loopback")
        return f"postgresql://{access}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, *, database: str = "atlas") -> list[tuple]:
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server():
    pytest.importorskip("psycopg")
    found = programs()
    if found is None:
        pytest.skip("needs PostgreSQL with PostGIS (Debian: postgresql, postgresql-15-postgis-3)")
    # Not below pytest's folder, which nobody else may enter; short, as names of sockets must be.
    folder = Path(tempfile.mkdtemp(prefix="pgis-"))
    data = folder / "data"
    started = False
    try:
        if user():
            shutil.chown(folder, "nobody", "nogroup")
        do = [*user(), "env", "LC_ALL=C.UTF-8"]
        quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "timeout": 120}
        make = ["--no-sync", "--encoding=UTF8", "--username=postgres"]
        make += ["--auth-local=trust", "--auth-host=scram-sha-256"]
        subprocess.run([*do, found / "initdb", "-D", data, *make], check=True, **quiet)
        port = free_port()
        options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off"
        control = [*do, found / "pg_ctl", "-D", data, "-w"]
        log = ["-l", folder / "log", "-o", options]
        subprocess.run([*control, *log, "start"], check=True, **quiet)
        started = True
        made = Server(folder=folder, port=port)
        for statement in (
            "create database atlas",
            "create database bare",
            f"create role ann login password '{PASSWORD}'",
            "create role ben login",
        ):
            made.run(statement, database="postgres")
        made.run("create schema extensions")
        made.run("create extension postgis schema extensions")
        made.run("grant usage on schema extensions to ann, ben")
        made.run("grant create on database atlas to ann")
        yield made
    finally:
        if started:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, **quiet)
        shutil.rmtree(folder, ignore_errors=True)

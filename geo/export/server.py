"""The address of a database and what went wrong there, told without its password."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from geo.errors import ExportError

__all__ = ["Server", "failures", "server_of"]

_SCHEMES: Final = ("postgresql", "postgres")
_SECRETS: Final = ("password", "sslpassword")
_OPTIONS: Final = frozenset((
    "application_name", "channel_binding", "connect_timeout", "dbname", "gssencmode", "host",
    "hostaddr", "keepalives", "krbsrvname", "options", "passfile", "password", "port",
    "require_auth", "service", "sslcert", "sslcrl", "sslkey", "sslmode", "sslnegotiation",
    "sslpassword", "sslrootcert", "target_session_attrs", "tcp_user_timeout", "user",
))  # fmt: skip
"""Options of libpq that an address may name."""
_WAIT: Final = 10
"""Seconds to wait for a server that does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Server:
    """A database to write into.

    Attributes
    ----------
    options : Mapping[str, Any]
        What libpq is told; holds the password if one was given.
    shown : str
        The address without it.
    secrets : tuple[str, ...]
        What must never be told.
    """

    options: Mapping[str, Any]
    shown: str
    secrets: tuple[str, ...] = ()

    def told(self, text: str) -> str:
        """Return what a server said, in one line and without any secret.

        Parameters
        ----------
        text : str
            A message.

        Returns
        -------
        str
            Safe to show.
        """
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return " ".join(text.split())


def server_of(url: str) -> Server:
    """Read the address of a database.

    Parameters
    ----------
    url : str
        ``postgresql://user:password@host:port/database?option=value``, all but the scheme
        optional: libpq asks ``PGHOST`` and the like, ``PGPASSWORD`` and ``~/.pgpass``.

    Returns
    -------
    Server
        What to connect with, and what may be shown.

    Raises
    ------
    ExportError
        ``export.postgis_url``: no such address. What was given is not repeated: a mistyped
        one may have its password anywhere.

    Examples
    --------
    >>> server = server_of("postgresql://ann:s%40crt@db.example:5433/atlas")
    >>> server.shown, server.options["password"]
    ('ann@db.example:5433/atlas', 's@crt')
    >>> server.told("no password s@crt")
    'no password ***'
    """
    options = _options(url)
    secrets = tuple(str(options[key]) for key in _SECRETS if options.get(key))
    host = str(options.get("host", ""))
    shown = "".join(
        (
            f"{options['user']}@" if "user" in options else "",
            f"[{host}]" if ":" in host else host or "localhost",
            f":{options['port']}" if "port" in options else "",
            f"/{options.get('dbname', '')}",
        )
    )
    settled = {"connect_timeout": _WAIT, **options, "client_encoding": "UTF8"}
    return Server(options=settled, shown=shown, secrets=secrets)


def _options(url: str) -> dict[str, Any]:
    """Take the address apart ourselves: what libpq says of a wrong one repeats pieces of it."""
    found = _split(url)
    if found is None:
        # Not inside the handler: its error repeats pieces, too.
        raise _unreadable()
    parts, port, asked = found
    # A password with unquoted marks ends up in the fragment, the path or an unknown option.
    odd = bool(parts.fragment) or parts.path.count("/") > 1 or "@" in parts.path
    if parts.scheme not in _SCHEMES or odd or not {key for key, _ in asked} <= _OPTIONS:
        raise _unreadable()
    access, _, place = parts.netloc.rpartition("@")
    user, _, password = access.partition(":")
    # Not parts.hostname, which is in lower case: it may be the folder of a socket.
    host = place.removesuffix(f":{port}").removesuffix(":").strip("[]")
    named = {
        "host": unquote(host),
        "port": port,
        "user": unquote(user),
        "password": unquote(password),
        "dbname": unquote(parts.path.removeprefix("/")),
    }
    return {k: value for k, value in {**named, **dict(asked)}.items() if value not in ("", None)}


def _split(url: str) -> tuple[SplitResult, int | None, list[tuple[str, str]]] | None:
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        port = parts.port
    except ValueError:
        return None
    return parts, port, query


def _unreadable() -> ExportError:
    return ExportError(
        "the address of the database cannot be read; write postgresql://user@host:port/database, "
        "with @ : / # ? in names as %40 %3A %2F %23 %3F, and leave the password to PGPASSWORD "
        "or ~/.pgpass",
        code="export.postgis_url",
    )


@contextmanager
def failures(server: Server, schema: str) -> Iterator[None]:
    """Put what the driver raises into errors of ours.

    Parameters
    ----------
    server : Server
        The database.
    schema : str
        The schema written into.

    Yields
    ------
    None
        For the block that talks to the database.

    Raises
    ------
    ExportError
        ``export.postgis_connect``, ``export.postgis_rights``, ``export.postgis_busy``,
        ``export.postgis_used`` or ``export.postgis_failed``.

    Examples
    --------
    >>> with failures(server_of("postgresql:///atlas"), "suanli"):
    ...     pass
    """
    import psycopg  # noqa: PLC0415 - an optional extra

    known = (
        (psycopg.errors.InsufficientPrivilege, "export.postgis_rights", "the rights are missing"),
        (psycopg.errors.LockNotAvailable, "export.postgis_busy", "the tables are in use"),
        (psycopg.errors.DependentObjectsStillExist, "export.postgis_used", "others depend on it"),
        (psycopg.Error, "export.postgis_failed", "the database refused"),
    )
    try:
        yield
    except psycopg.Error as error:
        detail = server.told(error.diag.message_primary or str(error))
        # What fails before a session has begun carries no code of the server.
        lost = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
        code, said = next((c, s) for kind, c, s in known if isinstance(error, kind))
        if lost:
            code, said = "export.postgis_connect", "it cannot be reached"
        # Without the cause: its text and that of its frames may hold the password.
        raise ExportError(
            f"{server.shown}, schema {schema}: {said} ({detail}); nothing was written",
            code=code,
            where=server.shown,
            schema=schema,
            detail=detail,
        ) from None

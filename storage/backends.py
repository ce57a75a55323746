"""How each SQL server is opened, so that what it confirmed is kept and writers take turns.

SQLite runs in WAL with synchronous=FULL (a commit is on the disk before it returns) and begins
write transactions IMMEDIATE. On Postgres a write transaction first takes the ledger's advisory lock
and reads only then, so that each sees all that was committed before it, as on SQLite: plans and
numbers need no reasoning about interleaved writers. Readers see one state and wait for nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from storage.errors import LedgerError, StoreUrlError
from storage.files import make_folder

BUSY_TIMEOUT_S = 60  # how long a writer waits for another one
STALLED_TIMEOUT_S = 300  # a transaction whose machine vanished is ended by the server
CONNECT_TIMEOUT_S = 15
SQLITE, POSTGRES = "sqlite", "postgresql"
BACKENDS = (SQLITE, POSTGRES)
WRITE = "ledger_write"  # the execution option that tells `_begin` who may write

READ_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    SQLITE: {},
    POSTGRES: {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
WRITE_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    SQLITE: {WRITE: True},
    POSTGRES: {WRITE: True, "isolation_level": "READ COMMITTED"},
}
_TAKE_TURNS = (
    "SELECT pg_advisory_xact_lock(hashtextextended('song-masher ' || current_schema(), 0))"
)


def parse_url(url: str) -> sa.URL:
    """Return a ledger's URL; one of Postgres gets the driver that is installed.

    Raises
    ------
    StoreUrlError
        It is no URL of a database that is supported; the message holds no password.
    """
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        # Without its cause: that one quotes the part that could not be read, maybe a password.
        raise _bad_url(url.partition(":")[0], "it is no database URL") from None
    if parsed.get_backend_name() not in BACKENDS:
        raise _bad_url(shown(parsed), f"supported: {', '.join(BACKENDS)}")
    if parsed.get_backend_name() == POSTGRES:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.database in (None, "", ":memory:"):
        raise _bad_url(shown(parsed), "a ledger outlives its process, name a file")
    return parsed


def shown(url: sa.URL) -> str:
    """Return a URL for people: its password is hidden, and its query may hold secrets too."""
    return url.set(query={}).render_as_string()


def is_shared(url: str) -> bool:
    """Tell whether several machines may work on this ledger."""
    return parse_url(url).get_backend_name() == POSTGRES


def open_engine(url: sa.URL) -> sa.Engine:
    """Return the engine of a parsed URL; it connects when it is first used.

    Raises
    ------
    LedgerError
        The driver is not installed.
    """
    sqlite = url.get_backend_name() == SQLITE
    options = _sqlite_options(url) if sqlite else _postgres_options(url)
    try:
        # Parameters stay out of errors: among them are upload sessions, which need no password.
        engine = sa.create_engine(
            url, pool_size=5, max_overflow=-1, hide_parameters=True, **options
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise LedgerError(f"cannot open ledger {shown(url)}: {error}. Install it.") from error
    if sqlite:
        sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _sqlite_options(url: sa.URL) -> dict[str, Any]:
    if url.database:
        make_folder(Path(url.database).resolve().parent)
    return {"connect_args": {"timeout": BUSY_TIMEOUT_S}}


def _postgres_options(url: sa.URL) -> dict[str, Any]:
    settings = {
        "lock_timeout": f"{BUSY_TIMEOUT_S}s",
        "idle_in_transaction_session_timeout": f"{STALLED_TIMEOUT_S}s",
        "synchronous_commit": "on",
    }
    wanted = " ".join(f"-c {name}={value}" for name, value in settings.items())
    named = " ".join([str(url.query.get("options", "")), wanted]).strip()
    arguments = {
        "options": named,
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": "song-masher",
    }
    return {"connect_args": arguments, "pool_pre_ping": True}


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not before DML
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(WRITE, False)
    if connection.dialect.name == SQLITE:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes:
        connection.exec_driver_sql(_TAKE_TURNS)


def _bad_url(display: str, reason: str) -> StoreUrlError:
    """Explain a URL that cannot be used; `display` holds no password."""
    return StoreUrlError(
        f"cannot open ledger {display!r}: {reason}. Set MASHUP_LEDGER_URL to a URL such as "
        "sqlite:///./work/ledger.db or postgresql+psycopg://user:password@host/database."
    )

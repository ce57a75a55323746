"""One SQL database, opened so that a killed process loses nothing: engine, transactions, upserts.

SQLite runs in WAL with synchronous=FULL (a commit is on the disk before it returns) and waits for
other writers. Write transactions begin IMMEDIATE, so that two never deadlock half-way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from storage.errors import LedgerError, StoreUrlError
from storage.files import make_folder
from storage.tables import LEDGER_VERSION, META, METADATA

BUSY_TIMEOUT_S = 60  # how long a writer waits for another one
BACKENDS = ("sqlite",)
_READ_ONLY = "ledger_read_only"

Record = TypeVar("Record")


class Database:
    """The engine behind a ledger, safe to share between threads.

    Raises
    ------
    StoreUrlError
        The URL names no database that is supported.
    LedgerError
        The database cannot be opened, or a newer Song Masher made it.
    """

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.engine = _open_engine(self.url)
        with self.write() as connection:
            METADATA.create_all(connection)
            _check_version(connection, self.url)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Run one transaction that alone may write; it commits at the end, or not at all."""
        with _explain(self.url), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Run one transaction that sees a single state and never waits for writers."""
        with _explain(self.url), self.engine.connect() as connection:
            yield connection.execution_options(**{_READ_ONLY: True})

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self.engine.dispose()


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    values: Mapping[str, Any],
    *,
    update: Sequence[str] = (),
    where: sa.ColumnElement[bool] | None = None,
) -> bool:
    """Insert a row; where its primary key exists, set the columns `update` if `where` holds.

    Returns whether a row was inserted or changed.
    """
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert
    statement = insert(table).values(dict(values))
    if update:
        changes = {name: statement.excluded[name] for name in update}
        statement = statement.on_conflict_do_update(
            index_elements=list(table.primary_key), set_=changes, where=where
        )
    else:
        statement = statement.on_conflict_do_nothing()
    return connection.execute(statement).rowcount > 0


def values_of(record: Any) -> dict[str, Any]:
    """Return a record's fields as column values."""
    return {item.name: getattr(record, item.name) for item in fields(record)}


def records(
    connection: sa.Connection, kind: type[Record], query: sa.Select[Any]
) -> tuple[Record, ...]:
    """Run a query whose columns are fields of `kind`, and return its records."""
    return tuple(kind(**row) for row in connection.execute(query).mappings())


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        raise _bad_url(url.partition(":")[0], "it is no database URL") from error
    if parsed.get_backend_name() not in BACKENDS:
        raise _bad_url(parsed.render_as_string(), f"supported: {', '.join(BACKENDS)}")
    if parsed.database in (None, "", ":memory:"):
        raise _bad_url(parsed.render_as_string(), "a ledger outlives its process, name a file")
    return parsed


def _open_engine(url: sa.URL) -> sa.Engine:
    if url.database:
        make_folder(Path(url.database).resolve().parent)
    try:
        engine = sa.create_engine(
            url, connect_args={"timeout": BUSY_TIMEOUT_S}, pool_size=5, max_overflow=-1
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise LedgerError(f"cannot open ledger {url!r}: {error}. Install its driver.") from error
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not before DML
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: sa.Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _check_version(connection: sa.Connection, url: sa.URL) -> None:
    upsert(connection, META, {"key": "version", "value": str(LEDGER_VERSION)})
    query = sa.select(META.c.value).where(META.c.key == "version")
    version = int(connection.execute(query).scalar_one())
    if version > LEDGER_VERSION:
        raise LedgerError(
            f"the ledger {url.render_as_string()} has version {version}; this program knows "
            f"{LEDGER_VERSION}. Update Song Masher, or name another ledger in MASHUP_LEDGER_URL."
        )


@contextmanager
def _explain(url: sa.URL) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise LedgerError(
            f"the ledger {url.render_as_string()} could not be used: {error.orig}. Nothing of this "
            "step was written. Check that the disk has room and the file can be written, then run "
            "again."
        ) from error


def _bad_url(shown: str, reason: str) -> StoreUrlError:
    """Explain a URL that cannot be used; `shown` holds no password."""
    return StoreUrlError(
        f"cannot open ledger {shown!r}: {reason}. "
        "Set MASHUP_LEDGER_URL to a URL such as sqlite:///./work/ledger.db."
    )

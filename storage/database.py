"""One SQL database behind a ledger: transactions, upserts, records.

How each kind of server is opened stands in `storage/backends.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from storage.backends import (
    POSTGRES,
    READ_OPTIONS,
    WRITE_OPTIONS,
    open_engine,
    parse_url,
    shown,
)
from storage.errors import LedgerError
from storage.tables import LEDGER_VERSION, META, METADATA

BATCH_KEYS = 500  # SQLite takes 32,766 parameters in a statement, Postgres 65,535

Record = TypeVar("Record")
Insert = postgresql.Insert | sqlite.Insert


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
        self.url = parse_url(url)
        self.engine = open_engine(self.url)
        try:
            if not self._is_ready():
                with self.write() as connection:
                    METADATA.create_all(connection)
                    _check_version(connection, self.url)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Run one transaction that alone may write; it commits at the end, or not at all."""
        options = WRITE_OPTIONS[self.url.get_backend_name()]
        with (
            _explain(self.url),
            self.engine.connect() as connection,
            connection.execution_options(**options).begin(),
        ):
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Run one transaction that sees a single state and never waits for writers."""
        options = READ_OPTIONS[self.url.get_backend_name()]
        with _explain(self.url), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self.engine.dispose()

    def _is_ready(self) -> bool:
        """Tell by one question, instead of one a table, that this program made all tables."""
        query = sa.select(META.c.value).where(META.c.key == "layout")
        with self.read() as connection:
            known = sa.inspect(connection).has_table(META.name)
            return known and connection.execute(query).scalar_one_or_none() == _layout()


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
    statement = _upsert_statement(connection, table, update, where).values(dict(values))
    counted = statement.execution_options(preserve_rowcount=True)  # inserts have none by default
    return connection.execute(counted).rowcount > 0


def upsert_many(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    update: Sequence[str] = (),
) -> None:
    """Upsert rows that have the same columns; see `upsert`."""
    if rows:
        connection.execute(_upsert_statement(connection, table, update), list(rows))


def batched(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut keys into lists that one statement may hold."""
    for start in range(0, len(keys), BATCH_KEYS):
        yield keys[start : start + BATCH_KEYS]


def values_of(record: Any) -> dict[str, Any]:
    """Return a record's fields as column values."""
    return {item.name: getattr(record, item.name) for item in fields(record)}


def records(
    connection: sa.Connection, kind: type[Record], query: sa.Select[Any]
) -> tuple[Record, ...]:
    """Run a query whose columns are fields of `kind`, and return its records."""
    return tuple(kind(**row) for row in connection.execute(query).mappings())


def _upsert_statement(
    connection: sa.Connection,
    table: sa.Table,
    update: Sequence[str],
    where: sa.ColumnElement[bool] | None = None,
) -> Insert:
    statement: Insert
    if connection.dialect.name == POSTGRES:
        statement = postgresql.insert(table)
    else:
        statement = sqlite.insert(table)
    if not update:
        return statement.on_conflict_do_nothing()
    changes = {name: statement.excluded[name] for name in update}
    keys = list(table.primary_key)
    return statement.on_conflict_do_update(index_elements=keys, set_=changes, where=where)


def _check_version(connection: sa.Connection, url: sa.URL) -> None:
    """Refuse a newer ledger; an older one has by now the tables that were added since."""
    upsert(connection, META, {"key": "version", "value": str(LEDGER_VERSION)})
    found = sa.select(META.c.value).where(META.c.key == "version")
    version = int(connection.execute(found).scalar_one())
    if version > LEDGER_VERSION:
        raise LedgerError(
            f"the ledger {shown(url)} has version {version}; this program knows "
            f"{LEDGER_VERSION}. Update Song Masher, or name another ledger in MASHUP_LEDGER_URL."
        )
    for key, value in (("version", str(LEDGER_VERSION)), ("layout", _layout())):
        upsert(connection, META, {"key": key, "value": value}, update=["value"])


def _layout() -> str:
    """Return a name of this program's tables: their version and what they are called."""
    return f"{LEDGER_VERSION}:{','.join(sorted(METADATA.tables))}"


@contextmanager
def _explain(url: sa.URL) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        advice = (
            "Check that the server runs and lets this user in"
            if url.get_backend_name() == POSTGRES
            else "Check that the disk has room and the file can be written"
        )
        raise LedgerError(
            f"the ledger {shown(url)} could not be used: {_reason(error)}. Nothing of "
            f"this step was written. {advice}, then run again."
        ) from _cause(error)


def _reason(error: DBAPIError) -> str:
    """Return what the server says in one line, without the rows that Postgres quotes."""
    diagnosis = getattr(error.orig, "diag", None)
    primary = diagnosis.message_primary if diagnosis else None
    return " ".join((primary or str(error.orig)).split()).rstrip(".?")


def _cause(error: DBAPIError) -> DBAPIError | None:
    """Return the error as a cause, unless it quotes a row: that could hold an upload session."""
    diagnosis = getattr(error.orig, "diag", None)
    return None if diagnosis and diagnosis.message_detail else error

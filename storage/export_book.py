"""The part of the ledger about its own copies in the store: which were written, and their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Database, records, upsert, upsert_many, values_of
from storage.tables import (
    CHAMPIONS,
    CLAIMS,
    EXPORTS,
    LISTED,
    LISTINGS,
    MASHUPS_MADE,
    MERGES,
    META,
    PAIRS,
    PINS,
    REVIEWS,
    SHARDS,
    SKIPS,
    SNAPSHOTS,
    SOURCE_FILES,
    TRACKS,
    TRASH,
    UNITS,
    WORKPLACES,
    UtcTime,
)

# What nothing else tells: these tables are copied, in an order in which they can be filled again.
EXPORTED = (
    TRACKS,
    SOURCE_FILES,
    LISTINGS,
    LISTED,
    PAIRS,
    REVIEWS,
    SKIPS,
    MASHUPS_MADE,
    CHAMPIONS,
)
# What the shards and snapshots in the store tell, and what only matters while work is under way.
DERIVED = (META, SHARDS, UNITS, SNAPSHOTS, EXPORTS, CLAIMS, WORKPLACES, MERGES, PINS, TRASH)

BATCH_ROWS = 1000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One copy of the ledger in the store; `name` holds the hash of its content."""

    number: int
    name: str
    file_id: str | None
    md5: str
    stored: bool


@dataclass(frozen=True, slots=True)
class ExportState:
    """One state of the ledger: its newest copy, and all rows that belong into the next."""

    newest: ExportRecord | None
    rows: Iterator[tuple[str, Row]]


class ExportBook:
    """Copies of the ledger, and reading and filling the tables that they hold."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def state(self) -> Iterator[ExportState]:
        """Give one state of the ledger; its rows are read as the block asks for them."""
        with self._database.read() as connection:
            yield ExportState(_newest(connection), _all_rows(connection))

    def add(self, export: ExportRecord, *, after: ExportRecord | None) -> bool:
        """Note a copy before it is written; False if another was noted since `after`."""
        with self._database.write() as connection:
            newest = _newest(connection)
            if (newest.number if newest else 0) != (after.number if after else 0):
                return False
            return upsert(connection, EXPORTS, values_of(export))

    def set_stored(self, number: int) -> None:
        """Note that the store has a copy."""
        statement = sa.update(EXPORTS).where(EXPORTS.c.number == number).values(stored=True)
        with self._database.write() as connection:
            connection.execute(statement)

    def fill(self, table_name: str, rows: Sequence[Mapping[str, Any]]) -> int:
        """Add rows that are not there; what is there stays. Return how many were added."""
        table = next(table for table in EXPORTED if table.name == table_name)
        moments = [column.name for column in table.columns if isinstance(column.type, UtcTime)]
        count = sa.select(sa.func.count()).select_from(table)
        with self._database.write() as connection:
            before = connection.execute(count).scalar_one()
            upsert_many(connection, table, [_revive(row, moments) for row in rows])
            return int(connection.execute(count).scalar_one() - before)

    def is_empty(self) -> bool:
        """Tell whether the ledger knows nothing at all."""
        tables = (*EXPORTED, UNITS, SNAPSHOTS)
        with self._database.read() as connection:
            return not any(connection.execute(sa.select(t).limit(1)).first() for t in tables)


def _newest(connection: sa.Connection) -> ExportRecord | None:
    query = sa.select(EXPORTS).order_by(EXPORTS.c.number.desc()).limit(1)
    found = records(connection, ExportRecord, query)
    return found[0] if found else None


def _all_rows(connection: sa.Connection) -> Iterator[tuple[str, Row]]:
    """Yield (table, row) in an order that depends on nothing but the rows."""
    for table in EXPORTED:
        query = sa.select(table).order_by(*table.primary_key)
        streamed = connection.execution_options(yield_per=BATCH_ROWS)
        for row in streamed.execute(query).mappings():
            yield table.name, {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def _revive(row: Mapping[str, Any], moments: Sequence[str]) -> Row:
    times = {name: datetime.fromisoformat(row[name]) for name in moments if row.get(name)}
    return {**row, **times}

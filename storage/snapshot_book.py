"""The part of the ledger about snapshots: numbered here first, then written to the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import sqlalchemy as sa

from storage.database import Database, records, upsert, values_of
from storage.records import ShardRecord, ShardState, SnapshotRecord
from storage.tables import SHARDS, SNAPSHOTS
from storage.unit_book import Scope

_COLUMNS = [SNAPSHOTS.c[item.name] for item in fields(SnapshotRecord)]
_SHARD_COLUMNS = [SHARDS.c[item.name] for item in fields(ShardRecord)]


class SnapshotBook:
    """Snapshots in the order of their numbers."""

    def __init__(self, database: Database, scope: Scope) -> None:
        self._database, self._scope = database, scope

    def draft(
        self,
        compose: Callable[[tuple[ShardRecord, ...]], str],
        name: Callable[[int, str], str],
    ) -> bool:
        """Number a snapshot of all stored shards, unless the newest one says the same.

        `compose` makes its body, `name` its key from number and body. Shards are read and the
        number is taken in one transaction, so that a higher number never knows less.
        """
        with self._database.write() as connection:
            shards = self._stored_shards(connection)
            newest = self._newest(connection)
            body = compose(shards)
            if not shards or (newest and newest.name == name(newest.number, body)):
                return False
            highest = connection.execute(sa.select(sa.func.max(SNAPSHOTS.c.number))).scalar() or 0
            number = highest + 1
            self._insert(connection, SnapshotRecord(number, name(number, body), None, body))
        return True

    def unpublished(self) -> tuple[SnapshotRecord, ...]:
        """Return snapshots that the store does not have yet, lowest number first."""
        query = sa.select(*_COLUMNS).where(SNAPSHOTS.c.body.is_not(None))
        with self._database.read() as connection:
            return records(connection, SnapshotRecord, query.order_by(SNAPSHOTS.c.number))

    def settle_file_id(self, number: int, file_id: str | None) -> str | None:
        """Keep the id that was reserved for a snapshot, unless it has one; return which counts.

        Two workers that write one snapshot so write one file, and a repeat cannot make a second.
        """
        this = SNAPSHOTS.c.number == number
        free = sa.and_(this, SNAPSHOTS.c.file_id.is_(None))
        with self._database.write() as connection:
            connection.execute(sa.update(SNAPSHOTS).where(free).values(file_id=file_id))
            found = connection.execute(sa.select(SNAPSHOTS.c.file_id).where(this))
            settled: str | None = found.scalar_one()
        return settled

    def set_published(self, number: int) -> None:
        """Note that the store has this snapshot; its body is not kept any longer."""
        self._update(number, body=None)

    def adopt(self, number: int, name: str) -> None:
        """Take over a snapshot that the store has and this ledger did not know."""
        with self._database.write() as connection:
            self._insert(connection, SnapshotRecord(number, name, None, None))

    def knows(self, name: str) -> bool:
        """Tell whether this ledger wrote or adopted a snapshot."""
        query = sa.select(SNAPSHOTS.c.number).where(SNAPSHOTS.c.name == name)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def newest(self) -> SnapshotRecord | None:
        """Return the snapshot with the highest number, or None before the first one."""
        with self._database.read() as connection:
            return self._newest(connection)

    def _update(self, number: int, **values: str | None) -> None:
        statement = sa.update(SNAPSHOTS).where(SNAPSHOTS.c.number == number)
        with self._database.write() as connection:
            connection.execute(statement.values(**values))

    def _insert(self, connection: sa.Connection, snapshot: SnapshotRecord) -> None:
        values = {**values_of(snapshot), "data_format": self._scope.data_format}
        upsert(connection, SNAPSHOTS, values)

    def _newest(self, connection: sa.Connection) -> SnapshotRecord | None:
        query = sa.select(*_COLUMNS).where(self._scope.format_of(SNAPSHOTS))
        query = query.order_by(SNAPSHOTS.c.number.desc()).limit(1)
        found = records(connection, SnapshotRecord, query)
        return found[0] if found else None

    def _stored_shards(self, connection: sa.Connection) -> tuple[ShardRecord, ...]:
        stored = SHARDS.c.state == ShardState.STORED
        query = sa.select(*_SHARD_COLUMNS).where(self._scope.format_of(SHARDS), stored)
        return records(connection, ShardRecord, query.order_by(SHARDS.c.shard_id))

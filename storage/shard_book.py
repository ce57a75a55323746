"""The part of the ledger about shards: which units go into which, and how far each came.

A unit is in at most one shard: it has one `shard_id`, set in the transaction that plans the shard.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields

import sqlalchemy as sa

from storage.database import Database, records, upsert, values_of
from storage.records import ShardRecord, ShardState, UnitRecord, UnitState
from storage.tables import SHARDS, UNITS
from storage.unit_book import SHARD_ORDER, Scope

_COLUMNS = [SHARDS.c[item.name] for item in fields(ShardRecord)]
_NAMES = [column.name for column in _COLUMNS]


class ShardBook:
    """Shards from plan to store."""

    def __init__(self, database: Database, scope: Scope) -> None:
        self._database, self._scope = database, scope

    def plan(self, *, target_bytes: int, final: bool) -> tuple[str, ...]:
        """Put prepared units into shards of about `target_bytes` of pieces; return their ids.

        What is left over waits for more, unless `final`.
        """
        prepared = UNITS.c.state == UnitState.PREPARED
        query = sa.select(UNITS.c.unit_key, UNITS.c.size_bytes)
        query = query.where(self._scope.of(UNITS), prepared).order_by(*SHARD_ORDER)
        with self._database.write() as connection:
            sizes = dict(connection.execute(query).tuples().all())
            batches = batch_units(sizes, target_bytes=target_bytes, final=final)
            return tuple(self._insert(connection, unit_keys) for unit_keys in batches)

    def unstored(self) -> tuple[ShardRecord, ...]:
        """Return this workplace's shards that are not in the store yet."""
        return self._select(self._scope.of(SHARDS), SHARDS.c.state != ShardState.STORED)

    def stored(self) -> tuple[ShardRecord, ...]:
        """Return all shards that are in the store, whoever put them there."""
        return self._select(self._scope.format_of(SHARDS), SHARDS.c.state == ShardState.STORED)

    def set_built(self, shard: ShardRecord) -> None:
        """Note the file of a planned shard: key, reserved id, hashes, size, rows, groups."""
        self._update(shard.shard_id, {**values_of(shard), "state": ShardState.BUILT})

    def save_session(self, shard_id: str, session: str) -> None:
        """Keep the session of an upload under way, so that another process can resume it."""
        self._update(shard_id, {"session": session})

    def set_planned(self, shard_id: str) -> None:
        """Go back to the plan: the shard must be built again."""
        self._update(shard_id, values_of(ShardRecord(shard_id, ShardState.PLANNED)))

    def set_stored(self, shard_id: str, *, file_id: str) -> None:
        """Note that the store has the shard, and with it all its units."""
        done = {"state": ShardState.STORED, "file_id": file_id, "session": None}
        members = UNITS.c.shard_id == shard_id
        with self._database.write() as connection:
            connection.execute(sa.update(SHARDS).where(SHARDS.c.shard_id == shard_id).values(done))
            connection.execute(sa.update(UNITS).where(members).values(state=UnitState.STORED))

    def dissolve(self, shard_id: str, *, lost: Iterable[str]) -> None:
        """Give up a shard that cannot be built: `lost` units are missing, the others prepared."""
        with self._database.write() as connection:
            members = UNITS.c.shard_id == shard_id
            gone = sa.and_(members, UNITS.c.unit_key == sa.bindparam("this_unit"))
            missing = sa.update(UNITS).where(gone)
            missing = missing.values(state=UnitState.MISSING, piece=None, shard_id=None)
            for unit_key in lost:
                connection.execute(missing, {"this_unit": unit_key})
            _release(connection, [shard_id])

    def adopt(self, shard: ShardRecord, units: Sequence[UnitRecord]) -> None:
        """Take over a stored shard that this ledger did not know, with its units.

        Plans of this ledger that hold one of these units are given up: the store's rows count.
        """
        stored = {**values_of(shard), **self._scope.columns, "state": ShardState.STORED}
        with self._database.write() as connection:
            _release(connection, self._rivals(connection, shard, units))
            upsert(connection, SHARDS, stored, update=_NAMES)
            for unit in units:
                values = {**values_of(unit), **self._scope.columns}
                values |= {"state": UnitState.STORED, "shard_id": shard.shard_id}
                unstored = UNITS.c.state != UnitState.STORED
                upsert(connection, UNITS, values, update=["state", "shard_id"], where=unstored)

    def shard_id_of(self, unit_keys: Iterable[str]) -> str:
        """Return the id of the shard that holds exactly these units in this order."""
        text = "\n".join([self._scope.data_format, *unit_keys])
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def _insert(self, connection: sa.Connection, unit_keys: Sequence[str]) -> str:
        shard = ShardRecord(self.shard_id_of(unit_keys), ShardState.PLANNED)
        connection.execute(sa.insert(SHARDS).values(**values_of(shard), **self._scope.columns))
        this_unit = UNITS.c.unit_key == sa.bindparam("this_unit")
        free = sa.and_(self._scope.of(UNITS), this_unit, UNITS.c.state == UnitState.PREPARED)
        taken = sa.update(UNITS).where(free)
        taken = taken.values(state=UnitState.PLANNED, shard_id=shard.shard_id)
        connection.execute(taken, [{"this_unit": unit_key} for unit_key in unit_keys])
        return shard.shard_id

    def _rivals(
        self, connection: sa.Connection, shard: ShardRecord, units: Sequence[UnitRecord]
    ) -> list[str]:
        """Find other unstored shards that hold one of `units`."""
        query = sa.select(UNITS.c.shard_id).where(
            self._scope.format_of(UNITS),
            UNITS.c.unit_key == sa.bindparam("this_unit"),
            UNITS.c.state == UnitState.PLANNED,
            UNITS.c.shard_id != shard.shard_id,
        )
        found = (connection.execute(query, {"this_unit": unit.unit_key}).scalar() for unit in units)
        return [shard_id for shard_id in dict.fromkeys(found) if shard_id]

    def _update(self, shard_id: str, values: Mapping[str, object]) -> None:
        statement = sa.update(SHARDS).where(SHARDS.c.shard_id == shard_id).values(values)
        with self._database.write() as connection:
            connection.execute(statement)

    def _select(self, *conditions: sa.ColumnElement[bool]) -> tuple[ShardRecord, ...]:
        query = sa.select(*_COLUMNS).where(*conditions).order_by(SHARDS.c.shard_id)
        with self._database.read() as connection:
            return records(connection, ShardRecord, query)


def batch_units(
    sizes: Mapping[str, int], *, target_bytes: int, final: bool
) -> Iterator[tuple[str, ...]]:
    """Cut units, in their order, into batches of at most `target_bytes`, or of one unit.

    The last batch is only given if it is full, or `final`.
    """
    batch: list[str] = []
    filled = 0
    for unit_key, size in sizes.items():
        if batch and filled + size > target_bytes:
            yield tuple(batch)
            batch, filled = [], 0
        batch.append(unit_key)
        filled += size
    if batch and (final or filled >= target_bytes):
        yield tuple(batch)


def _release(connection: sa.Connection, shard_ids: Iterable[str]) -> None:
    """Delete planned shards and set their units free."""
    for shard_id in shard_ids:
        members = sa.update(UNITS).where(UNITS.c.shard_id == shard_id)
        connection.execute(members.values(state=UnitState.PREPARED, shard_id=None))
        connection.execute(sa.delete(SHARDS).where(SHARDS.c.shard_id == shard_id))

"""The part of the ledger about shards: which units go into which, and how far each came.

A unit is in at most one shard: it has one `shard_id`, set in the transaction that plans the shard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields

import sqlalchemy as sa

from storage.database import Database, batched, records, upsert, upsert_many, values_of
from storage.errors import GivenUpError
from storage.records import ShardRecord, ShardState, UnitRecord, UnitState
from storage.tables import MERGES, SHARDS, UNITS
from storage.unit_book import SHARD_ORDER, Scope
from storage.workplaces import UNFINISHED_SHARDS

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
        """Return this workplace's shards of pieces that are not in the store yet."""
        merges = sa.select(MERGES.c.merged_id)
        unfinished = SHARDS.c.state.in_(UNFINISHED_SHARDS)
        return self._select(self._scope.of(SHARDS), unfinished, SHARDS.c.shard_id.not_in(merges))

    def stored(self) -> tuple[ShardRecord, ...]:
        """Return all shards that are in the store, whoever put them there."""
        return self._select(self._scope.format_of(SHARDS), SHARDS.c.state == ShardState.STORED)

    def with_files(self) -> tuple[ShardRecord, ...]:
        """Return every shard, of any format and workplace, that has a key in the store."""
        return self._select(SHARDS.c.key.is_not(None))

    def forget_merged(self, keys: Iterable[str]) -> None:
        """Forget shards that were merged into others, once their files are gone."""
        gone = sa.and_(
            SHARDS.c.key == sa.bindparam("this_key"), SHARDS.c.state == ShardState.MERGED
        )
        with self._database.write() as connection:
            for key in keys:
                connection.execute(sa.delete(SHARDS).where(gone), {"this_key": key})

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
        """Note that the store has the shard, and with it all its units.

        Raises
        ------
        GivenUpError
            Another workplace took it over.
        """
        done = {"state": ShardState.STORED, "file_id": file_id, "session": None}
        members = UNITS.c.shard_id == shard_id
        with self._database.write() as connection:
            self._change(connection, shard_id, done)
            connection.execute(sa.update(UNITS).where(members).values(state=UnitState.STORED))

    def dissolve(self, shard_id: str, *, lost: Iterable[str]) -> None:
        """Give up a shard that cannot be built: `lost` units are missing, the others prepared.

        Raises
        ------
        GivenUpError
            Another workplace took it over.
        """
        with self._database.write() as connection:
            self._change(connection, shard_id, {"state": ShardState.PLANNED})
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
        Stored shards that lose all their units to it were merged into it.
        """
        stored = {**values_of(shard), **self._scope.columns, "state": ShardState.STORED}
        with self._database.write() as connection:
            _release(connection, self._holders(connection, shard, units, UnitState.PLANNED))
            replaced = self._holders(connection, shard, units, UnitState.STORED)
            upsert(connection, SHARDS, stored, update=_NAMES)
            here = {**self._scope.columns, "state": UnitState.STORED, "shard_id": shard.shard_id}
            rows = [values_of(unit) | here for unit in units]
            upsert_many(connection, UNITS, rows, update=["state", "shard_id"])
            _retire_empty(connection, replaced)

    def shard_id_of(self, unit_keys: Iterable[str]) -> str:
        """Return the id of the shard that holds exactly these units in this order."""
        return self._scope.shard_id(unit_keys)

    def _insert(self, connection: sa.Connection, unit_keys: Sequence[str]) -> str:
        shard = ShardRecord(self.shard_id_of(unit_keys), ShardState.PLANNED)
        connection.execute(sa.insert(SHARDS).values(**values_of(shard), **self._scope.columns))
        this_unit = UNITS.c.unit_key == sa.bindparam("this_unit")
        free = sa.and_(self._scope.of(UNITS), this_unit, UNITS.c.state == UnitState.PREPARED)
        taken = sa.update(UNITS).where(free)
        taken = taken.values(state=UnitState.PLANNED, shard_id=shard.shard_id)
        connection.execute(taken, [{"this_unit": unit_key} for unit_key in unit_keys])
        return shard.shard_id

    def _holders(
        self,
        connection: sa.Connection,
        shard: ShardRecord,
        units: Sequence[UnitRecord],
        state: UnitState,
    ) -> list[str]:
        """Find other shards that hold one of `units` in `state`."""
        found: dict[str, None] = {}
        for some in batched([unit.unit_key for unit in units]):
            query = sa.select(UNITS.c.shard_id).where(
                self._scope.format_of(UNITS),
                UNITS.c.unit_key.in_(some),
                UNITS.c.state == state,
                UNITS.c.shard_id != shard.shard_id,
            )
            found |= dict.fromkeys(connection.execute(query.distinct()).scalars())
        return list(found)

    def _update(self, shard_id: str, values: Mapping[str, object]) -> None:
        with self._database.write() as connection:
            self._change(connection, shard_id, values)

    def _change(
        self, connection: sa.Connection, shard_id: str, values: Mapping[str, object]
    ) -> None:
        mine = sa.and_(self._scope.of(SHARDS), SHARDS.c.shard_id == shard_id)
        if not connection.execute(sa.update(SHARDS).where(mine).values(values)).rowcount:
            raise GivenUpError(shard_id)

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


def _retire_empty(connection: sa.Connection, shard_ids: Iterable[str]) -> None:
    """Let stored shards without units count no longer: another shard holds them."""
    for shard_id in shard_ids:
        left = sa.select(UNITS.c.unit_key).where(UNITS.c.shard_id == shard_id).limit(1)
        if connection.execute(left).first() is None:
            retired = sa.update(SHARDS).where(SHARDS.c.shard_id == shard_id)
            connection.execute(retired.values(state=ShardState.MERGED))
            part = MERGES.c.shard_id == shard_id
            connection.execute(sa.delete(MERGES).where(part))

"""The part of the ledger about merges: small shards that one larger shard is to replace.

Until the larger one is in the store, the small ones count; then one transaction changes over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import sqlalchemy as sa

from storage.database import Database, records, upsert, values_of
from storage.errors import GivenUpError
from storage.records import ShardRecord, ShardState, UnitRecord
from storage.tables import MERGES, SHARDS, UNITS
from storage.unit_book import SHARD_ORDER, Scope

_SHARD_COLUMNS = [SHARDS.c[item.name] for item in fields(ShardRecord)]
_UNIT_COLUMNS = [UNITS.c[item.name] for item in fields(UnitRecord)]
_OF_THIS_MERGE = UNITS.c.shard_id.in_(
    sa.select(MERGES.c.shard_id).where(MERGES.c.merged_id == sa.bindparam("this_merge"))
)


class MergeBook:
    """Merges from plan to change-over; in between they are shards like others."""

    def __init__(self, database: Database, scope: Scope) -> None:
        self._database, self._scope = database, scope

    def propose(self, *, full_bytes: int, at_once: int) -> tuple[tuple[str, ...], ...]:
        """Return which shards could be merged: each batch has two to `at_once` of them.

        Shards that fill less than half of `full_bytes` are joined to about that size.
        """
        with self._database.read() as connection:
            return self._batches(connection, full_bytes, at_once)

    def plan(self, *, full_bytes: int, at_once: int) -> tuple[str, ...]:
        """Plan the merges that `propose` names; return their ids."""
        with self._database.write() as connection:
            batches = self._batches(connection, full_bytes, at_once)
            return tuple(self._insert(connection, shard_ids) for shard_ids in batches)

    def open(self) -> tuple[ShardRecord, ...]:
        """Return this workplace's merges that are not in the store yet."""
        query = sa.select(*_SHARD_COLUMNS).where(
            self._scope.of(SHARDS),
            SHARDS.c.state != ShardState.STORED,
            SHARDS.c.shard_id.in_(sa.select(MERGES.c.merged_id)),
        )
        with self._database.read() as connection:
            return records(connection, ShardRecord, query.order_by(SHARDS.c.shard_id))

    def parts(self, merged_id: str) -> tuple[ShardRecord, ...]:
        """Return the shards that a merge joins."""
        query = sa.select(*_SHARD_COLUMNS).join(MERGES, MERGES.c.shard_id == SHARDS.c.shard_id)
        query = query.where(MERGES.c.merged_id == merged_id).order_by(SHARDS.c.shard_id)
        with self._database.read() as connection:
            return records(connection, ShardRecord, query)

    def units(self, merged_id: str) -> tuple[UnitRecord, ...]:
        """Return the units of a merge, in the order in which the new shard holds them."""
        query = sa.select(*_UNIT_COLUMNS).where(_OF_THIS_MERGE).order_by(*SHARD_ORDER)
        with self._database.read() as connection:
            rows = connection.execute(query, {"this_merge": merged_id}).mappings()
            return tuple(UnitRecord(**row) for row in rows)

    def change_over(self, merged_id: str, *, file_id: str) -> None:
        """Note that the store has the merged shard: from now on it counts, its parts do not.

        Raises
        ------
        GivenUpError
            Another workplace took this merge over.
        """
        parts = sa.select(MERGES.c.shard_id).where(MERGES.c.merged_id == merged_id)
        mine = sa.and_(self._scope.of(SHARDS), SHARDS.c.shard_id == merged_id)
        done = {"state": ShardState.STORED, "file_id": file_id, "session": None}
        with self._database.write() as connection:
            if not connection.execute(sa.update(SHARDS).where(mine).values(done)).rowcount:
                raise GivenUpError(merged_id)
            members = sa.update(UNITS).where(UNITS.c.shard_id.in_(parts))
            connection.execute(members.values(shard_id=merged_id))
            spent = sa.update(SHARDS).where(SHARDS.c.shard_id.in_(parts))
            connection.execute(spent.values(state=ShardState.MERGED))
            connection.execute(sa.delete(MERGES).where(MERGES.c.merged_id == merged_id))

    def give_up(self, merged_id: str) -> None:
        """Forget a merge that is not in the store; its parts stay what they are."""
        unfinished = sa.and_(SHARDS.c.shard_id == merged_id, SHARDS.c.state != ShardState.STORED)
        with self._database.write() as connection:
            connection.execute(sa.delete(MERGES).where(MERGES.c.merged_id == merged_id))
            connection.execute(sa.delete(SHARDS).where(unfinished))

    def _batches(
        self, connection: sa.Connection, full_bytes: int, at_once: int
    ) -> tuple[tuple[str, ...], ...]:
        sizes = dict(connection.execute(self._small(full_bytes)).tuples().all())
        return batch_shards(sizes, full_bytes=full_bytes, at_once=at_once)

    def _small(self, full_bytes: int) -> sa.Select[tuple[str, int]]:
        busy = sa.union(sa.select(MERGES.c.shard_id), sa.select(MERGES.c.merged_id))
        return (
            sa.select(SHARDS.c.shard_id, SHARDS.c.size)
            .where(
                self._scope.format_of(SHARDS),
                SHARDS.c.state == ShardState.STORED,
                SHARDS.c.size * 2 < full_bytes,
                SHARDS.c.shard_id.not_in(busy),
            )
            .order_by(SHARDS.c.size, SHARDS.c.shard_id)
        )

    def _insert(self, connection: sa.Connection, shard_ids: Sequence[str]) -> str:
        query = sa.select(UNITS.c.unit_key).where(UNITS.c.shard_id.in_(shard_ids))
        unit_keys = connection.execute(query.order_by(*SHARD_ORDER)).scalars().all()
        merge = ShardRecord(self._scope.shard_id(unit_keys), ShardState.PLANNED)
        upsert(connection, SHARDS, {**values_of(merge), **self._scope.columns})
        for shard_id in shard_ids:
            upsert(connection, MERGES, {"shard_id": shard_id, "merged_id": merge.shard_id})
        return merge.shard_id


def batch_shards(
    sizes: Mapping[str, int], *, full_bytes: int, at_once: int
) -> tuple[tuple[str, ...], ...]:
    """Cut shards, in their order, into batches of 2 to `at_once` of about `full_bytes`."""
    batches: list[list[str]] = [[]]
    filled = 0
    for shard_id, size in sizes.items():
        if batches[-1] and (filled + size > full_bytes or len(batches[-1]) == at_once):
            batches.append([])
            filled = 0
        batches[-1].append(shard_id)
        filled += size
    return tuple(tuple(batch) for batch in batches if len(batch) > 1)

"""Bring a ledger that was lost, or is older than its store, up to what the store holds."""

from __future__ import annotations

import logging

from storage.errors import SchemaMismatchError
from storage.ledger import Ledger
from storage.ranges import open_stored
from storage.records import ShardRecord, ShardState, UnitRecord, UnitState
from storage.shards import units_in
from storage.snapshots import ShardEntry, newest_snapshot, number_of, snapshot_names
from storage.stores import Store

logger = logging.getLogger(__name__)


def adopt_unknown_shards(ledger: Ledger, store: Store) -> int:
    """Tell the ledger of shards in the newest snapshot that it does not know; return how many.

    Their footers list their units, so nothing that is stored is prepared again. Where the ledger
    wrote the newest snapshot itself, this costs one listing.
    """
    names = snapshot_names(store)
    known = ledger.snapshots.newest()
    if not names or (known and known.name == names[0]):
        return 0
    adopted = _adopt_shards(ledger, store)
    ledger.snapshots.adopt(number_of(names[0]), names[0])
    return adopted


def _adopt_shards(ledger: Ledger, store: Store) -> int:
    try:
        snapshot = newest_snapshot(store)
    except SchemaMismatchError as error:
        logger.info("a new dataset begins beside an older one: %s", error)
        return 0
    known = {shard.key for shard in ledger.shards.stored()}
    unknown = [entry for entry in snapshot.shards if entry.key not in known] if snapshot else []
    for entry in unknown:
        _adopt(ledger, store, entry)
    if unknown:
        logger.warning("the ledger did not know %d stored shards; adopted them", len(unknown))
    return len(unknown)


def _adopt(ledger: Ledger, store: Store, entry: ShardEntry) -> None:
    with open_stored(store, entry) as file:
        listed = units_in(file.metadata, where=entry.key)
    shard_id = ledger.shards.shard_id_of(unit.unit_key for unit in listed)
    shard = ShardRecord(
        shard_id,
        ShardState.STORED,
        key=entry.key,
        file_id=entry.file_id,
        md5=entry.md5,
        size=entry.size,
        rows=entry.rows,
        groups=tuple((run.kind, run.split, run.rows) for run in entry.groups),
    )
    units = [
        UnitRecord(
            unit.unit_key, unit.kind, unit.split, None, unit.rows, 0, UnitState.STORED, shard_id
        )
        for unit in listed
    ]
    ledger.shards.adopt(shard, units)

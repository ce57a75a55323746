"""Bring a ledger that was lost, or is older than its store, up to what the store holds.

Shards and snapshots tell what is stored; the ledger's own copies in `records/` tell the rest.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from storage.errors import DamagedFileError, LostLedgerError, SchemaMismatchError
from storage.exports import export_names, fetch_records, read_records
from storage.files import make_folder
from storage.ledger import Ledger
from storage.ranges import open_stored
from storage.records import ShardRecord, ShardState, UnitRecord, UnitState
from storage.shards import units_in
from storage.snapshots import ShardEntry, newest_snapshot, number_of, snapshot_names
from storage.stores import Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecoverReport:
    """What a ledger was told by its store; what it knew already is not counted."""

    records: str | None  # the copy of the ledger that was read
    added: Mapping[str, int]  # rows by table
    shards: int  # adopted
    snapshot: str | None  # the newest in the store

    def rows(self) -> list[dict[str, str | int]]:
        """Return the table of what was added."""
        return [{"what": name, "added": count} for name, count in self.added.items() if count]

    def headline(self) -> str:
        """Say in one line what was found and added."""
        source = self.records or "no copy of a ledger (the next ingest lists its sources anew)"
        rows = sum(self.added.values())
        return f"{self.shards} shards adopted and {rows} rows added from {source}"


def recover(ledger: Ledger, store: Store, work_dir: Path) -> RecoverReport:
    """Add to a ledger what its store tells and it does not know; nothing is changed or deleted.

    A lost ledger comes back as it was when its copy was written: after the last run that published,
    trained or made mashups. What was under way then is done again.

    Raises
    ------
    SchemaMismatchError
        A newer Song Masher wrote the copy.
    """
    make_folder(work_dir)
    path = work_dir / "recovered.jsonl.zst"
    name = _fetch_newest(store, path)
    added: Counter[str] = Counter()
    if name:
        for table, rows in read_records(path, where=name):
            added[table] += ledger.exports.fill(table, rows)
        path.unlink()
    shards = adopt_unknown_shards(ledger, store)
    return RecoverReport(name, dict(added), shards, next(iter(snapshot_names(store)), None))


def refuse_lost_ledger(ledger: Ledger, store: Store) -> None:
    """Refuse to begin anew with an empty ledger on a store that another one filled.

    Raises
    ------
    LostLedgerError
        The ledger knows nothing, but the store holds copies of one.
    """
    if not ledger.exports.is_empty():
        return
    names = export_names(store)
    if names:
        raise LostLedgerError(
            f"the ledger is empty, but {store.url} was filled by one and holds its copy "
            f"{names[0]}. Run `python -m flows recover` first, so that nothing is fetched, "
            "prepared or trained twice; or name the right ledger in MASHUP_LEDGER_URL."
        )


def _fetch_newest(store: Store, target: Path) -> str | None:
    """Fetch the newest copy of a ledger that is whole; return its name."""
    for name in export_names(store):
        try:
            fetch_records(store, name, target)
            return name
        except DamagedFileError as error:
            logger.warning("%s The one before it is used.", error)
    return None


def adopt_unknown_shards(ledger: Ledger, store: Store) -> int:
    """Tell the ledger of shards in the newest snapshot that it does not know; return how many.

    Their footers list their units, so nothing that is stored is prepared again. Where the ledger
    wrote the newest snapshot itself, this costs one listing.
    """
    names = snapshot_names(store)
    if not names or ledger.snapshots.knows(names[0]):
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
    known = {
        shard.key
        for shard in ledger.shards.with_files()
        if shard.state in (ShardState.STORED, ShardState.MERGED)
    }
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

"""What nothing names any more leaves the store, after a delay and never while somebody may read it.

A file stays if the ledger counts on it, if it is one of the newest snapshots or copies of the
ledger, or if a snapshot that stays names it. All else is noticed first, and deleted when it was
still unneeded days later: superseded snapshots, shards that were merged, and orphans of whatever
went wrong. Files of other formats are not touched.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from storage.delivery import SHARD_PREFIX
from storage.errors import SchemaMismatchError
from storage.exports import RECORDS_PREFIX, export_names, is_export_name
from storage.ledger import Ledger
from storage.records import ShardState, utc_now
from storage.snapshots import (
    SNAPSHOT_PREFIX,
    Snapshot,
    is_snapshot_name,
    load_snapshot,
    snapshot_names,
)
from storage.stores import Store, StoredFile

logger = logging.getLogger(__name__)

KEEP_DAYS = 7.0
KEEP_SNAPSHOTS = 3
KEEP_RECORDS = 3
_PREFIXES = (SNAPSHOT_PREFIX, SHARD_PREFIX, RECORDS_PREFIX)


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What one pass deleted, and what waits to be."""

    deleted: tuple[str, ...]
    deleted_bytes: int
    waiting: tuple[str, ...]
    waiting_bytes: int


def retain(
    ledger: Ledger,
    store: Store,
    *,
    pinned: Collection[str] = (),
    keep_days: float = KEEP_DAYS,
    keep_snapshots: int = KEEP_SNAPSHOTS,
    dry_run: bool = False,
) -> RetentionReport:
    """Delete what has been unneeded for `keep_days`, and notice what became unneeded.

    Parameters
    ----------
    pinned
        Snapshots that stay although there are newer ones; those that the ledger pins stay too.
    dry_run
        Change nothing; report what would be deleted now, and what waits.

    Raises
    ------
    DamagedFileError, MissingFileError
        A snapshot that stays cannot be read: nobody knows what it needs, nothing is deleted.
    """
    unneeded = find_unneeded(ledger, store, pinned=pinned, keep_snapshots=keep_snapshots)
    if not dry_run:
        ledger.trash.notice({file.key: file.size for file in unneeded})
    limit = utc_now() - timedelta(days=keep_days)
    ripe = {record.key for record in ledger.trash.list() if record.noticed_at <= limit}
    due = [file for file in unneeded if file.key in ripe]
    # Snapshots go first: none may ever name a shard that is gone.
    due.sort(key=lambda file: (not file.key.startswith(SNAPSHOT_PREFIX), file.key))
    if not dry_run:
        _delete(ledger, store, due)
        _forget_gone(ledger, store)
    left = [file for file in unneeded if file.key not in ripe]
    return RetentionReport(
        tuple(file.key for file in due),
        sum(file.size for file in due),
        tuple(file.key for file in left),
        sum(file.size for file in left),
    )


def find_unneeded(
    ledger: Ledger, store: Store, *, pinned: Collection[str], keep_snapshots: int
) -> tuple[StoredFile, ...]:
    """Return the files of shards, snapshots and records that nothing needs.

    The store is listed before the ledger is read: what appears between the two is not listed, and
    what is listed was in the ledger before it was uploaded.
    """
    files = [file for prefix in _PREFIXES for file in store.list(prefix) if is_ours(file.key)]
    staying = _staying_snapshots(ledger, store, pinned, keep_snapshots)
    needed = {snapshot.name for snapshot in staying}
    needed |= {entry.key for snapshot in staying for entry in snapshot.shards}
    needed |= {
        shard.key or "" for shard in ledger.shards.with_files() if shard.state != ShardState.MERGED
    }
    needed.update(export_names(store)[:KEEP_RECORDS])
    return tuple(file for file in files if file.key not in needed)


def is_ours(key: str) -> bool:
    """Tell whether a key is one that this program gives to shards, snapshots or records."""
    return key.startswith(SHARD_PREFIX) or is_snapshot_name(key) or is_export_name(key)


def _staying_snapshots(
    ledger: Ledger, store: Store, pinned: Collection[str], keep: int
) -> tuple[Snapshot, ...]:
    names = snapshot_names(store)
    unpublished = {snapshot.name for snapshot in ledger.snapshots.unpublished()}
    wanted = {*names[:keep], *pinned, *ledger.pins.snapshots(), *unpublished}
    found = (_load(store, name) for name in names if name in wanted)
    return tuple(snapshot for snapshot in found if snapshot)


def _load(store: Store, name: str) -> Snapshot:
    try:
        return load_snapshot(store, name)
    except SchemaMismatchError as error:
        logger.info("%s It stays, and so do its shards.", error)
        return Snapshot(name, ())  # its shards lie under another prefix


def _delete(ledger: Ledger, store: Store, due: Sequence[StoredFile]) -> None:
    for file in due:
        store.delete(file.key, file_id=file.file_id)
        logger.info("deleted %s, unneeded for days", file.key)
    ledger.trash.forget(file.key for file in due)


def _forget_gone(ledger: Ledger, store: Store) -> None:
    """Let the ledger forget merged shards whose files are gone."""
    left = {file.key for file in store.list(SHARD_PREFIX)}
    merged = [s.key for s in ledger.shards.with_files() if s.state == ShardState.MERGED and s.key]
    ledger.shards.forget_merged(key for key in merged if key not in left)

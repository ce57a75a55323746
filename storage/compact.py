"""Small shards become large ones, as crash-safe as everything else that reaches the store.

Nightly runs leave many small shards, and each costs requests and open files at every reading. A
merge is planned in the ledger, built from its parts, uploaded, compared by md5, and only then one
transaction lets it count instead of its parts; the next snapshot lists it. The parts stay in the
store as long as a snapshot that somebody may read names them (`storage/retention.py`).
"""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock

from storage.commit import LOCK, SPOOL, take_over_silent
from storage.delivery import Delivery
from storage.errors import DamagedFileError, GivenUpError, MissingFileError
from storage.files import make_folder, md5_file
from storage.ledger import Ledger
from storage.merge import merge_shards
from storage.records import ShardRecord
from storage.recover import adopt_unknown_shards
from storage.shards import GroupRun
from storage.snapshots import publish
from storage.stores import Store

logger = logging.getLogger(__name__)

FULL_BYTES = 256_000_000  # of a shard in the store
PARTS_AT_ONCE = 16  # each needs about 25 MB of memory while it is merged


@dataclass(frozen=True, slots=True)
class CompactReport:
    """What one compaction did, or would do."""

    merged: int  # small shards that went into larger ones
    shards: int  # larger ones
    rows: int
    size_bytes: int  # of the larger ones; of the parts in a dry run
    snapshot: str | None  # the newest one


def compact(
    ledger: Ledger,
    store: Store,
    work_dir: Path,
    *,
    full_bytes: int = FULL_BYTES,
    dry_run: bool = False,
) -> CompactReport:
    """Merge shards that fill less than half of `full_bytes`, and publish a snapshot.

    Raises
    ------
    DiskFullError, ChecksumError, LedgerError
        Nothing is lost or doubled; run again and it carries on.
    """
    if dry_run:
        return _propose(ledger, full_bytes)
    make_folder(work_dir)
    with FileLock(work_dir / LOCK):
        ledger.workplaces.sign()
        adopt_unknown_shards(ledger, store)
        take_over_silent(ledger)
        run = _Compaction(ledger, store, work_dir / SPOOL)
        run.merge_all(full_bytes)
        return run.report(publish(ledger, store))


class _Compaction:
    """One compaction under way."""

    def __init__(self, ledger: Ledger, store: Store, spool: Path) -> None:
        self.ledger, self.store, self.spool = ledger, store, spool
        self.delivery = Delivery(ledger, store, spool)
        self.done: list[ShardRecord] = []
        self.merged = 0

    def merge_all(self, full_bytes: int) -> None:
        """Finish what an earlier run began, then merge what is small."""
        self.ledger.merges.plan(full_bytes=full_bytes, at_once=PARTS_AT_ONCE)
        for merge in self.ledger.merges.open():
            try:
                self._merge(merge)
            except GivenUpError as error:
                logger.warning("%s", error)
            except (DamagedFileError, MissingFileError) as error:
                logger.error("shard %s is not made: %s", merge.shard_id, error)
                self.ledger.merges.give_up(merge.shard_id)
        self.delivery.tidy([*self.ledger.shards.unstored(), *self.ledger.merges.open()])

    def report(self, snapshot: str | None) -> CompactReport:
        rows = sum(shard.rows or 0 for shard in self.done)
        size = sum(shard.size or 0 for shard in self.done)
        return CompactReport(self.merged, len(self.done), rows, size, snapshot)

    def _merge(self, merge: ShardRecord) -> None:
        self.ledger.workplaces.sign()
        parts = self.ledger.merges.parts(merge.shard_id)
        built = self.delivery.built(merge, partial(self._build, merge.shard_id, parts))
        file_id = self.delivery.upload(built)
        self.ledger.merges.change_over(merge.shard_id, file_id=file_id)
        logger.info("merged %d shards into %s", len(parts), built.key)
        self.merged += len(parts)
        self.done.append(built)

    def _build(
        self, merged_id: str, parts: tuple[ShardRecord, ...], path: Path
    ) -> tuple[GroupRun, ...]:
        units = [unit.unit_key for unit in self.ledger.merges.units(merged_id)]
        folder = self.spool / merged_id
        try:
            return merge_shards(path, [self._fetch(part, folder) for part in parts], units)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _fetch(self, part: ShardRecord, folder: Path) -> Path:
        """Return a local file with a part, compared with its md5."""
        key = part.key or ""
        local = self.store.local_path(key)
        path = local or self.store.fetch(key, folder / part.shard_id, file_id=part.file_id)
        found = md5_file(path)
        if found != part.md5:
            raise DamagedFileError(
                f"shard {key} is damaged: expected md5 {part.md5}, got {found}. Run "
                "`python -m flows verify`, and restore it from a backup."
            )
        return path


def _propose(ledger: Ledger, full_bytes: int) -> CompactReport:
    batches = ledger.merges.propose(full_bytes=full_bytes, at_once=PARTS_AT_ONCE)
    small = {shard_id for batch in batches for shard_id in batch}
    parts = [shard for shard in ledger.shards.stored() if shard.shard_id in small]
    newest = ledger.snapshots.newest()
    return CompactReport(
        merged=len(parts),
        shards=len(batches),
        rows=sum(part.rows or 0 for part in parts),
        size_bytes=sum(part.size or 0 for part in parts),
        snapshot=newest.name if newest else None,
    )

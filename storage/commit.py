"""From pieces to shards in the store, so that a kill at any moment loses and doubles nothing.

Every step is noted in the ledger before the next begins, and every step may be repeated: plan (one
transaction), build (spool file by rename), upload (reserved id, md5 compared), stored, snapshot.
What is on the local disk may vanish too: then the units concerned are prepared again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock

from audio.params import PARAMS
from storage.errors import ChecksumError
from storage.files import digest_file, make_folder, sweep_temps
from storage.ledger import Ledger
from storage.records import ShardRecord, ShardState, UnitRecord, UnitState
from storage.recover import adopt_unknown_shards
from storage.schema import Example
from storage.shards import DamagedPieceError, build_shard, piece_name, write_piece
from storage.snapshots import SNAPSHOT_PREFIX, publish
from storage.stores import Store, Upload
from storage.unit_book import has_piece

logger = logging.getLogger(__name__)

SHARD_BYTES = 390_000_000  # of uncompressed pieces: about 256 MB in the store
SHARD_PREFIX = f"shards/{PARAMS.digest}/"
PIECES, SPOOL = "pieces", "spool"  # folders in the work folder


@dataclass(frozen=True, slots=True)
class CommitReport:
    """What one commit did."""

    snapshot: str | None  # the newest one, whether this commit made it or not
    shards: int  # stored by this commit
    rows: int
    size_bytes: int
    lost_units: tuple[str, ...]  # their pieces are gone: prepare them again


def prepare_unit(
    ledger: Ledger, work_dir: Path, unit_key: str, examples: Iterable[Example]
) -> UnitRecord:
    """Write the examples of one pair or track as a piece, and note it in the ledger.

    `examples` may be a generator: a few rows are in memory at a time. A unit that is in a shard
    already stays as it is.

    Raises
    ------
    ExampleError
        There are no examples, or they do not belong together.
    DiskFullError
        The disk is full; nothing was left behind and the ledger knows nothing of the unit.
    """
    known = ledger.units.get(unit_key)
    if known and known.state in (UnitState.PLANNED, UnitState.STORED):
        return known
    name = piece_name(unit_key)
    piece = write_piece(work_dir / PIECES / name, examples)
    unit = UnitRecord(unit_key, piece.kind, piece.split, name, piece.rows, piece.size_bytes)
    ledger.units.record(unit)
    return unit


def commit(
    ledger: Ledger,
    store: Store,
    work_dir: Path,
    *,
    shard_bytes: int = SHARD_BYTES,
    final: bool = True,
) -> CommitReport:
    """Bring all prepared units into the store and publish a snapshot.

    One commit at a time runs in a work folder; a second one waits. With `final` false, units that
    do not fill a shard wait for more.

    Raises
    ------
    DiskFullError, ChecksumError, LedgerError
        Nothing is lost or doubled; run again and it carries on.
    """
    make_folder(work_dir)
    with FileLock(work_dir / "commit.lock"):
        adopt_unknown_shards(ledger, store)
        run = _Commit(ledger, store, work_dir)
        run.store_all(shard_bytes=shard_bytes, final=final)
        snapshot = publish(ledger, store)
        run.tidy()
    rows, size = sum(shard.rows or 0 for shard in run.done), sum(s.size or 0 for s in run.done)
    return CommitReport(snapshot, len(run.done), rows, size, tuple(run.lost))


class _Commit:
    """One commit under way."""

    def __init__(self, ledger: Ledger, store: Store, work_dir: Path) -> None:
        self.ledger, self.store = ledger, store
        self.pieces, self.spool = work_dir / PIECES, work_dir / SPOOL
        self.done: list[ShardRecord] = []
        self.lost: list[str] = []

    def store_all(self, *, shard_bytes: int, final: bool) -> None:
        """Plan and store shards until no prepared unit is left that a shard may take."""
        while True:
            self._give_up(unit.unit_key for unit in self.ledger.units.lost(self.pieces))
            planned = self.ledger.shards.plan(target_bytes=shard_bytes, final=final)
            open_shards = self.ledger.shards.unstored()
            if not planned and not open_shards:
                return
            for shard in open_shards:
                self._store_or_dissolve(shard)

    def tidy(self) -> None:
        """Remove pieces and spool files that the store has, and what killed writers left."""
        spent = self.ledger.units.with_spent_pieces()
        for unit in spent:
            (self.pieces / str(unit.piece)).unlink(missing_ok=True)
        self.ledger.units.forget_pieces(unit.unit_key for unit in spent)
        waiting = {self._spool_path(shard.shard_id) for shard in self.ledger.shards.unstored()}
        for path in self.spool.glob("*.parquet"):
            if path not in waiting:
                path.unlink(missing_ok=True)
        sweep_temps(self.spool, older_than_s=0)  # the lock says that nobody else writes here
        sweep_temps(self.pieces)
        self.store.sweep(SHARD_PREFIX)
        self.store.sweep(SNAPSHOT_PREFIX)

    def _store_or_dissolve(self, shard: ShardRecord) -> None:
        try:
            stored = self._upload(self._built(shard))
        except DamagedPieceError as error:
            units = self.ledger.units.of_shard(shard.shard_id)
            gone = [unit.unit_key for unit in units if not has_piece(unit, self.pieces)]
            lost = list(dict.fromkeys([error.unit_key, *gone]))
            logger.warning("%s; %d units must be prepared again", error, len(lost))
            self.ledger.shards.dissolve(shard.shard_id, lost=lost)
            self.lost += lost
        else:
            self.done.append(stored)

    def _built(self, shard: ShardRecord) -> ShardRecord:
        """Return the shard with its file in the spool or already in the store."""
        if shard.state == ShardState.BUILT and self._is_at_hand(shard):
            return shard
        path = self._spool_path(shard.shard_id)
        units = self.ledger.units.of_shard(shard.shard_id)
        pieces = [(unit.unit_key, self.pieces / str(unit.piece)) for unit in units]
        runs = build_shard(path, pieces)
        digest = digest_file(path)
        built = ShardRecord(
            shard.shard_id,
            ShardState.BUILT,
            key=f"{SHARD_PREFIX}{digest.sha256[:20]}.parquet",
            file_id=self.store.reserve_id(),
            md5=digest.md5,
            sha256=digest.sha256,
            size=digest.size,
            rows=sum(sum(run.rows) for run in runs),
            groups=tuple((run.kind, run.split, run.rows) for run in runs),
        )
        self.ledger.shards.set_built(built)
        return built

    def _is_at_hand(self, shard: ShardRecord) -> bool:
        if self._spool_path(shard.shard_id).is_file():
            return True
        found = self.store.stat(shard.key or "", file_id=shard.file_id)
        return found is not None and found.md5 == shard.md5

    def _upload(self, shard: ShardRecord) -> ShardRecord:
        """Bring a built shard into the store, unless an earlier upload arrived unnoticed."""
        path, key = self._spool_path(shard.shard_id), shard.key or ""
        file_id = shard.file_id
        if path.is_file():
            save = partial(self.ledger.shards.save_session, shard.shard_id)
            stored = self.store.put(path, key, upload=Upload(file_id, shard.session, save))
            if stored.md5 != shard.md5:
                self._refuse(shard, found=stored.md5)
            file_id = stored.file_id
        self.ledger.shards.set_stored(shard.shard_id, file_id=file_id or key)
        logger.info("stored %s: %s rows, %.1f MB", key, shard.rows, (shard.size or 0) / 1e6)
        return shard

    def _refuse(self, shard: ShardRecord, *, found: str | None) -> None:
        """Undo an upload whose bytes are wrong, so that the next run builds the shard again."""
        self.store.delete(shard.key or "", file_id=shard.file_id)
        self._spool_path(shard.shard_id).unlink(missing_ok=True)
        self.ledger.shards.set_planned(shard.shard_id)
        raise ChecksumError(
            f"{shard.key} arrived in {self.store.url} with md5 {found}, expected {shard.md5}. "
            "It was removed. Check disk and network, then run again: it is built anew."
        )

    def _give_up(self, unit_keys: Iterable[str]) -> None:
        """Note prepared units whose pieces are gone."""
        lost = tuple(unit_keys)
        if lost:
            logger.warning("%d pieces are gone; their units must be prepared again", len(lost))
            self.ledger.units.mark_missing(lost)
            self.lost += lost

    def _spool_path(self, shard_id: str) -> Path:
        return self.spool / f"{shard_id}.parquet"

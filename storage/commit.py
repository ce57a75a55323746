"""From pieces to shards in the store, so that a kill at any moment loses and doubles nothing.

Every step is noted in the ledger before the next begins, and every step may be repeated: plan (one
transaction), build (spool file by rename), upload (reserved id, md5 compared), stored, snapshot.
What is on the local disk may vanish too: then the units concerned are prepared again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock

from storage.delivery import SHARD_PREFIX, Delivery
from storage.errors import GivenUpError
from storage.files import make_folder, sweep_temps
from storage.ledger import Ledger
from storage.records import ShardRecord, UnitRecord, UnitState
from storage.recover import adopt_unknown_shards
from storage.schema import Example
from storage.shards import DamagedPieceError, GroupRun, build_shard, piece_name, write_piece
from storage.snapshots import SNAPSHOT_PREFIX, publish
from storage.stores import Store
from storage.unit_book import has_piece

logger = logging.getLogger(__name__)

SHARD_BYTES = 390_000_000  # of uncompressed pieces: about 256 MB in the store
PIECES, SPOOL = "pieces", "spool"  # folders in the work folder
LOCK = "commit.lock"
STRAY_AGE_S = 24 * 3600.0  # a piece that the ledger does not name for so long is nobody's


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
    ledger.workplaces.sign()
    if not ledger.units.record(unit) and not ledger.units.owns_piece(unit_key):
        (work_dir / PIECES / name).unlink(missing_ok=True)  # another worker was first
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

    One commit at a time runs in a work folder; a second one waits. Workers in other folders commit
    at the same time: each ledger step is one transaction, and what they share is named by content.
    What a workplace left unfinished that gave no sign of life for days is taken over. With `final`
    false, units that do not fill a shard wait for more.

    Raises
    ------
    DiskFullError, ChecksumError, LedgerError
        Nothing is lost or doubled; run again and it carries on.
    """
    make_folder(work_dir)
    with FileLock(work_dir / LOCK):
        ledger.workplaces.sign()
        adopt_unknown_shards(ledger, store)
        take_over_silent(ledger)
        run = _Commit(ledger, store, work_dir)
        run.store_all(shard_bytes=shard_bytes, final=final)
        snapshot = publish(ledger, store)
        run.tidy()
    rows, size = sum(shard.rows or 0 for shard in run.done), sum(s.size or 0 for s in run.done)
    return CommitReport(snapshot, len(run.done), rows, size, tuple(run.lost))


def take_over_silent(ledger: Ledger) -> tuple[str, ...]:
    """Take over what workplaces left that gave no sign of life for days; return their names."""
    silent = ledger.workplaces.silent(ledger.workplaces.others())
    for name in silent:
        logger.warning("workplace %s gave no sign of life for days; taking over its work", name)
        ledger.workplaces.take_over(name)
    return silent


class _Commit:
    """One commit under way."""

    def __init__(self, ledger: Ledger, store: Store, work_dir: Path) -> None:
        self.ledger, self.store, self.pieces = ledger, store, work_dir / PIECES
        self.delivery = Delivery(ledger, store, work_dir / SPOOL)
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
                try:
                    self._store_or_dissolve(shard)
                except GivenUpError as error:
                    logger.warning("%s", error)

    def tidy(self) -> None:
        """Remove pieces and spool files that the store has, and what killed writers left."""
        spent = self.ledger.units.with_spent_pieces()
        for unit in spent:
            (self.pieces / str(unit.piece)).unlink(missing_ok=True)
        self.ledger.units.forget_pieces(unit.unit_key for unit in spent)
        self._remove_strays()
        self.delivery.tidy([*self.ledger.shards.unstored(), *self.ledger.merges.open()])
        sweep_temps(self.delivery.spool, older_than_s=0)  # the lock: nobody else writes here
        sweep_temps(self.pieces)
        self.store.sweep(SHARD_PREFIX)
        self.store.sweep(SNAPSHOT_PREFIX)

    def _remove_strays(self) -> None:
        """Remove pieces whose units another workplace prepared meanwhile."""
        strays = {path.name for path in self.pieces.glob("*.parquet")} - self.ledger.units.pieces()
        for path in (self.pieces / name for name in strays):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - STRAY_AGE_S:
                    path.unlink()

    def _store_or_dissolve(self, shard: ShardRecord) -> None:
        self.ledger.workplaces.sign()
        try:
            built = self.delivery.built(shard, partial(self._build, shard.shard_id))
        except DamagedPieceError as error:
            units = self.ledger.units.of_shard(shard.shard_id)
            gone = [unit.unit_key for unit in units if not has_piece(unit, self.pieces)]
            lost = list(dict.fromkeys([error.unit_key, *gone]))
            logger.warning("%s; %d units must be prepared again", error, len(lost))
            self.ledger.shards.dissolve(shard.shard_id, lost=lost)
            self.lost += lost
        else:
            file_id = self.delivery.upload(built)
            self.ledger.shards.set_stored(built.shard_id, file_id=file_id)
            self.done.append(built)

    def _build(self, shard_id: str, path: Path) -> tuple[GroupRun, ...]:
        units = self.ledger.units.of_shard(shard_id)
        return build_shard(path, [(u.unit_key, self.pieces / str(u.piece)) for u in units])

    def _give_up(self, unit_keys: Iterable[str]) -> None:
        """Note prepared units whose pieces are gone."""
        lost = tuple(unit_keys)
        if lost:
            logger.warning("%d pieces are gone; their units must be prepared again", len(lost))
            self.ledger.units.mark_missing(lost)
            self.lost += lost

"""One shard's file from the spool into the store, each step noted before the next begins."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from audio.params import PARAMS
from storage.errors import ChecksumError
from storage.files import TEMP_PREFIX, digest_file
from storage.ledger import Ledger
from storage.records import ShardRecord, ShardState
from storage.shards import GroupRun
from storage.stores import Store, Upload

logger = logging.getLogger(__name__)

SHARD_PREFIX = f"shards/{PARAMS.digest}/"

Build = Callable[[Path], tuple[GroupRun, ...]]


class Delivery:
    """Builds and uploads shards of one workplace; every step may be repeated."""

    def __init__(self, ledger: Ledger, store: Store, spool: Path) -> None:
        self.ledger, self.store, self.spool = ledger, store, spool

    def built(self, shard: ShardRecord, build: Build) -> ShardRecord:
        """Return the shard with its file in the spool, built if need be, or already in the store.

        Raises
        ------
        GivenUpError
            Another workplace took the shard over.
        """
        if shard.state == ShardState.BUILT and self._is_at_hand(shard):
            return shard
        path = self.path(shard.shard_id)
        runs = build(path)
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

    def upload(self, shard: ShardRecord) -> str:
        """Bring a built shard into the store, unless it arrived unnoticed; return its file id.

        Raises
        ------
        ChecksumError
            Other bytes arrived; they were removed, and the shard is to be built anew.
        """
        path, key = self.path(shard.shard_id), shard.key or ""
        file_id = shard.file_id
        if path.is_file():
            save = partial(self.ledger.shards.save_session, shard.shard_id)
            upload = Upload(file_id, shard.session, save, md5=shard.md5)
            stored = self.store.put(path, key, upload=upload)
            if stored.md5 != shard.md5:
                self._refuse(shard, found=stored.md5)
            file_id = stored.file_id
        logger.info("stored %s: %s rows, %.1f MB", key, shard.rows, (shard.size or 0) / 1e6)
        return file_id or key

    def tidy(self, waiting: Iterable[ShardRecord]) -> None:
        """Remove spool files of shards that wait no longer, and the parts of killed merges."""
        kept = {self.path(shard.shard_id) for shard in waiting}
        for path in self.spool.glob("*"):
            if path.is_dir():
                shutil.rmtree(path)
            elif path not in kept and not path.name.startswith(TEMP_PREFIX):
                path.unlink(missing_ok=True)

    def path(self, shard_id: str) -> Path:
        return self.spool / f"{shard_id}.parquet"

    def _is_at_hand(self, shard: ShardRecord) -> bool:
        if self.path(shard.shard_id).is_file():
            return True
        found = self.store.stat(shard.key or "", file_id=shard.file_id)
        return found is not None and found.md5 == shard.md5

    def _refuse(self, shard: ShardRecord, *, found: str | None) -> None:
        """Undo an upload whose bytes are wrong, so that the next run builds the shard again."""
        self.store.delete(shard.key or "", file_id=shard.file_id)
        self.path(shard.shard_id).unlink(missing_ok=True)
        self.ledger.shards.set_planned(shard.shard_id)
        raise ChecksumError(
            f"{shard.key} arrived in {self.store.url} with md5 {found}, expected {shard.md5}. "
            "It was removed. Check disk and network, then run again: it is built anew."
        )

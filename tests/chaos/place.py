"""Where one chaos run lives: its store, ledger and folders; small enough to hand to a child."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from storage.cache import ShardCache
from storage.ledger import Ledger
from storage.options import Backoff, DriveOptions, StoreOptions
from storage.reader import ShardReader
from storage.schema import KINDS
from storage.snapshots import newest_snapshot
from storage.stores import Store, open_store

HURRY = Backoff(first_s=0.001, cap_s=0.02, tries=40)


@dataclass(frozen=True)
class Place:
    """One world of nightly runs."""

    root: Path
    store_url: str
    ledger_url: str
    api_root: str = ""  # of a loopback Drive

    @property
    def work(self) -> Path:
        return self.root / "work"

    def open_store(self, *, state: str = "work") -> Store:
        """Open the store; `state` keeps what ingest and reader remember of it apart."""
        drive = DriveOptions(
            api_root=self.api_root,
            state_dir=self.root / state / "gdrive",
            chunk_bytes=256 * 1024,
            backoff=HURRY,
            timeout_s=10.0,
        )
        return open_store(self.store_url, StoreOptions(drive=drive))

    def open_ledger(self) -> Ledger:
        return Ledger(self.ledger_url)

    def read_all(self) -> list[str]:
        """Read the newest snapshot as training does, levels and all; nothing if there is none."""
        store = self.open_store(state="reader")
        snapshot = newest_snapshot(store)
        if snapshot is None:
            return []
        cache = ShardCache(store, self.root / "cache")
        reader = ShardReader(cache, snapshot, batch_size=4, kinds=KINDS)
        return [name for batch in reader.batches() for name in batch.example_id]

"""Writes or reads a set in a process of its own and prints the most memory that took, in MB."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from benchmarks.read import peak_mb
from benchmarks.read_sets import LinkedStore, newest_in, repeated
from storage import shards
from storage.cache import ShardCache
from storage.reader import ShardReader
from storage.schema import SLICE_BYTES
from storage.shards import build_shard, write_piece
from tests.storage.examples import ingest, open_ledger, unit_examples

GROUP_ROWS = 3


def write(root: Path, units: int) -> None:
    """Write one piece of ten rows per unit that do not compress, and one shard of all."""
    pieces = [(f"u{n}", root / f"u{n}") for n in range(units)]
    for unit, path in pieces:
        write_piece(path, unit_examples(unit, 10, noisy=True))
    build_shard(root / "shard", pieces)


def read(root: Path, times: int) -> None:
    """Read four small shards so many times over, through a cache that holds two."""
    store = LinkedStore(root / "store")
    with open_ledger(root) as ledger:
        for unit in range(4):
            ingest(ledger, store, root / "work", {f"u{unit}": 2 * GROUP_ROWS})
    snapshot = newest_in(store)
    one = sum(shard.size for shard in snapshot.shards)
    cache = ShardCache(store, root / "cache", limit_bytes=one // 2)
    everything = repeated(snapshot, size_bytes=times * one)
    for _ in ShardReader(cache, everything, batch_size=2, window_groups=2).batches():
        pass


def main() -> None:
    name, root, amount = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    pa.set_memory_pool(pa.system_memory_pool())  # the default one keeps what was freed a while
    shards.GROUP_RAW_BYTES = GROUP_ROWS * 3 * SLICE_BYTES
    works: dict[str, Callable[[Path, int], None]] = {"write": write, "read": read}
    works[name](root, amount)
    print(peak_mb())


if __name__ == "__main__":
    main()

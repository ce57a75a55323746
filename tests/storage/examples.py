"""Small deterministic examples for the tests of this room; a slice is one level everywhere."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from storage.commit import CommitReport, commit, prepare_unit
from storage.ledger import Ledger
from storage.schema import LEVELS_OF_KIND, SLICE_SHAPE, Example, Levels
from storage.stores import Store


def level_of(example_id: str, column: str) -> int:
    """Return the level that `example_id` has everywhere in `column`."""
    return zlib.crc32(f"{example_id} {column}".encode()) % 255 + 1


def flat(level: int) -> Levels:
    """Return a slice that has one level everywhere: it compresses to nothing."""
    return np.full(SLICE_SHAPE, level, np.uint8)


def noise(seed: int) -> Levels:
    """Return a slice that cannot be compressed."""
    return np.random.default_rng(seed).integers(0, 256, SLICE_SHAPE, np.uint8)


def example(
    example_id: str = "u/0", *, kind: str = "human", split: str = "train", noisy: bool = False
) -> Example:
    """Return one valid example whose levels follow from its id."""
    unit, _, position = example_id.rpartition("/")
    fields: dict[str, Any] = {
        name: noise(level_of(example_id, name)) if noisy else flat(level_of(example_id, name))
        for name in LEVELS_OF_KIND[kind]
    }
    if kind != "song":
        fields |= {"pair_id": unit, "mashup_id": "m:1", "bed_id": "b:1"}
    return Example(
        example_id=example_id,
        kind=kind,
        split=split,
        voice_id=f"v:{unit}",
        slice=int(position),
        start_s=5.0 * int(position),
        valid_frames=200,
        bpm=120.0,
        beats=(0.25, 0.75),
        confidence=0.5,
        gain_db=-3.0,
        **fields,
    )


def unit_examples(
    unit: str, rows: int, *, kind: str = "human", split: str = "train", noisy: bool = False
) -> Iterator[Example]:
    """Yield the examples of one unit, ids `unit/0`, `unit/1`, and so on."""
    for position in range(rows):
        yield example(f"{unit}/{position}", kind=kind, split=split, noisy=noisy)


def open_ledger(root: Path) -> Ledger:
    """Open the ledger of a test's folder."""
    return Ledger(f"sqlite:///{root / 'ledger.db'}")


def ingest(
    ledger: Ledger,
    store: Store,
    work_dir: Path,
    units: dict[str, int],
    *,
    kind: str = "human",
    split: str = "train",
    shard_bytes: int = 10_000_000,
) -> CommitReport:
    """Prepare units, given as rows by key, and commit them."""
    for unit, rows in units.items():
        prepare_unit(ledger, work_dir, unit, unit_examples(unit, rows, kind=kind, split=split))
    return commit(ledger, store, work_dir, shard_bytes=shard_bytes)


@contextmanager
def watched_memory() -> Iterator[pa.MemoryPool]:
    """Let Arrow allocate from a pool of its own, whose `max_memory()` is the block's peak."""
    usual = pa.default_memory_pool()
    watched = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(watched)
    try:
        yield watched
    finally:
        pa.set_memory_pool(usual)

"""The training reader: shuffled batches of a snapshot's examples, shared by ranks, resumable.

Plain iterators of numpy arrays; `model/data.py` makes tensors of them. The order is in
`storage/order.py`, decoding in `storage/windows.py`, local files in `storage/cache.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.cache import ShardCache
from storage.errors import ReaderStateError, StorageError
from storage.order import Share, all_groups, shuffle_groups, shuffle_rows, take_share
from storage.schema import LEVEL_COLUMNS, LEVELS_OF_KIND, SMALL_COLUMNS, Levels
from storage.snapshots import Snapshot
from storage.windows import Window, in_batches, stream_windows


@dataclass(frozen=True, slots=True)
class Position:
    """Where to read on: three values that JSON can hold, the same for all ranks."""

    epoch: int
    rows: int  # read so far by each rank in this epoch
    order: str  # digest of snapshot, filter, seed and world: another order cannot be resumed

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Position:
        return cls(epoch=int(saved["epoch"]), rows=int(saved["rows"]), order=str(saved["order"]))


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Examples as arrays; `(B, 256, 1025)` uint8 levels, zeros where a row has none.

    A level array is None where the reader's kinds never have that column or it was not asked for.
    Level arrays are views of the window that was decoded: a batch that is kept keeps its window.
    """

    example_id: tuple[str, ...]
    kind: tuple[str, ...]
    pair_id: tuple[str | None, ...]
    mashup_id: tuple[str | None, ...]
    voice_id: tuple[str, ...]
    bed_id: tuple[str | None, ...]
    slice: NDArray[np.int32]  # (B,)
    start_s: NDArray[np.float64]  # (B,)
    valid_frames: NDArray[np.int32]  # (B,)
    bpm: NDArray[np.float32]  # (B,), NaN where unknown
    beats: tuple[NDArray[np.float32], ...]  # seconds within each slice
    confidence: NDArray[np.float32]  # (B,)
    gain_db: NDArray[np.float32]  # (B,)
    voice: Levels
    mashup: Levels | None
    bed: Levels | None
    voice_part: Levels | None
    bed_part: Levels | None
    next: Position  # where reading goes on after this batch

    def __len__(self) -> int:
        return len(self.example_id)


class ShardReader:
    """Batches of the examples of chosen kinds and splits, in an order that is a pure function.

    Parameters
    ----------
    cache
        Where the shards' local files come from.
    snapshot
        Pinned: later snapshots do not change what this reader reads.
    batch_size
        Examples in a batch; the last one of an epoch may be smaller, equally on all ranks.
    kinds, splits
        Which examples to read.
    levels
        Which level columns to read beside `voice`; by default all that the kinds have.
    rank, world
        This reader's share: each rank reads the same number of examples.
    shuffle
        False reads in stored order, for evaluation.
    window_groups
        Row groups whose rows are shuffled together; memory holds three such windows.
    shards_mixed
        Shards whose row groups are shuffled together.

    Raises
    ------
    StorageError
        The snapshot has fewer such examples than there are ranks, or an argument makes no sense.
    """

    def __init__(
        self,
        cache: ShardCache,
        snapshot: Snapshot,
        *,
        batch_size: int,
        kinds: Collection[str] = ("human", "made"),
        splits: Collection[str] = ("train",),
        levels: Collection[str] | None = None,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
        shuffle: bool = True,
        window_groups: int = 8,
        shards_mixed: int = 4,
    ) -> None:
        if min(batch_size, window_groups, shards_mixed) < 1 or not 0 <= rank < world:
            raise StorageError(
                "expected batch_size, window_groups and shards_mixed >= 1 and 0 <= rank < world; "
                f"got {batch_size}, {window_groups}, {shards_mixed}, rank {rank}, world {world}"
            )
        self.snapshot, self.batch_size = snapshot, batch_size
        self._cache, self._seed, self._rank, self._world = cache, seed, rank, world
        self._shuffle, self._window_groups, self._mixed = shuffle, window_groups, shards_mixed
        self._levels = _levels_to_read(kinds, levels)
        self._verified: dict[int, int] = {}
        self._groups = all_groups(snapshot, kinds=kinds, splits=splits)
        self.rows_per_epoch = self._groups.rows // world
        if not self.rows_per_epoch:
            raise StorageError(
                f"{self._groups.rows} examples of kind {sorted(kinds)} and split {sorted(splits)} "
                f"are too few for {world} readers; {snapshot.name} has {snapshot.count()}. "
                "Ingest more, or choose other kinds and splits."
            )
        parts = [snapshot.name, sorted(kinds), sorted(splits), seed, world, shuffle]
        self._order = _digest([*parts, window_groups, shards_mixed])

    @property
    def batches_per_epoch(self) -> int:
        return -(-self.rows_per_epoch // self.batch_size)

    def start(self, epoch: int = 0) -> Position:
        """Return the first position of an epoch."""
        return Position(epoch, 0, self._order)

    def batches(self, position: Position | None = None) -> Iterator[Batch]:
        """Yield the batches of one epoch, from `position` on.

        Raises
        ------
        ReaderStateError
            The position was saved by a reader with another order.
        ChecksumError, MissingFileError
            The store does not hold what the snapshot says.
        """
        position = position or self.start()
        if position.order != self._order or not 0 <= position.rows <= self.rows_per_epoch:
            raise ReaderStateError(
                f"cannot read on from {position}: it belongs to another snapshot, filter, seed or "
                f"number of ranks than this reader's {self._order}. Restore those, or begin the "
                "next epoch with start(epoch)."
            )
        return self._batches(position)

    def endless(self, position: Position | None = None) -> Iterator[Batch]:
        """Yield batches from `position` on, epoch after epoch, each in its own order."""
        position = position or self.start()
        while True:
            yield from self.batches(position)
            position = self.start(position.epoch + 1)

    def _batches(self, position: Position) -> Iterator[Batch]:
        with closing(self._windows(position)) as windows:
            for rows in in_batches(windows, self.batch_size):
                position = replace(position, rows=position.rows + len(rows))
                yield _batch(rows, position)

    def _windows(self, position: Position) -> Generator[Window, None, None]:
        """Yield the rows from `position` on, one shuffled window at a time."""
        share = self._share(position.epoch)
        ends = np.cumsum(share.last - share.first)[self._window_groups - 1 :: self._window_groups]
        first = int(np.searchsorted(ends, position.rows, side="right"))
        skip = position.rows - (int(ends[first - 1]) if first else 0)
        decoded = stream_windows(
            self._cache,
            self.snapshot.shards,
            share,
            starts=range(first * self._window_groups, len(share), self._window_groups),
            order=partial(self._order_of, position.epoch),
            levels=self._levels,
            verified=self._verified,
            ahead=self._mixed,
        )
        with closing(decoded) as windows:
            for window in windows:
                yield window.part(skip, len(window))
                skip = 0

    def _share(self, epoch: int) -> Share:
        groups = self._groups
        if self._shuffle:
            groups = shuffle_groups(groups, seed=self._seed, epoch=epoch, shards_mixed=self._mixed)
        return take_share(groups, rank=self._rank, world=self._world)

    def _order_of(self, epoch: int, rows: int, window: int) -> NDArray[np.int64]:
        """Return the order of the rows of one window."""
        if not self._shuffle:
            return np.arange(rows)
        return shuffle_rows(rows, seed=self._seed, epoch=epoch, rank=self._rank, window=window)


def _levels_to_read(kinds: Collection[str], levels: Collection[str] | None) -> tuple[str, ...]:
    """Return the level columns to read, in the order of the schema."""
    unknown = sorted(set(kinds) - set(LEVELS_OF_KIND)) + sorted(
        set(levels or ()) - {*LEVEL_COLUMNS}
    )
    if unknown:
        raise StorageError(
            f"unknown {unknown}: kinds are {sorted(LEVELS_OF_KIND)}, levels {LEVEL_COLUMNS}"
        )
    present = {name for kind in kinds for name in LEVELS_OF_KIND[kind]}
    wanted = present if levels is None else present & {*levels, "voice"}
    return tuple(name for name in LEVEL_COLUMNS if name in wanted)


def _batch(rows: Window, position: Position) -> Batch:
    """Turn small columns into arrays; levels are views of the window."""
    small = {name: [row[name] for row in rows.small] for name in SMALL_COLUMNS}
    return Batch(
        example_id=tuple(small["example_id"]),
        kind=tuple(small["kind"]),
        pair_id=tuple(small["pair_id"]),
        mashup_id=tuple(small["mashup_id"]),
        voice_id=tuple(small["voice_id"]),
        bed_id=tuple(small["bed_id"]),
        slice=np.array(small["slice"], np.int32),
        start_s=np.array(small["start_s"], np.float64),
        valid_frames=np.array(small["valid_frames"], np.int32),
        bpm=np.array([np.nan if bpm is None else bpm for bpm in small["bpm"]], np.float32),
        beats=tuple(np.array(beats, np.float32) for beats in small["beats"]),
        confidence=np.array(small["confidence"], np.float32),
        gain_db=np.array(small["gain_db"], np.float32),
        voice=rows.levels["voice"],
        mashup=rows.levels.get("mashup"),
        bed=rows.levels.get("bed"),
        voice_part=rows.levels.get("voice_part"),
        bed_part=rows.levels.get("bed_part"),
        next=position,
    )


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

"""The order in which examples are read: a pure function of seed, epoch, rank and world.

Shards are shuffled, then the row groups of a few shards at a time, so that reading stays local; the
ranks take equal, consecutive shares of that order, cut inside row groups where needed; a few row
groups at a time make a window, whose rows are shuffled. All of it is arithmetic on the counts in a
snapshot, so a position in an epoch is one number and resuming is exact.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.snapshots import Snapshot

_ORDER, _ROWS = 0, 1  # streams of random numbers: one for row groups, one for rows in windows


@dataclass(frozen=True, slots=True)
class Share:
    """Which rows one rank reads in one epoch: row groups in order, each from `first` to `last`."""

    shard: NDArray[np.int64]  # position in the snapshot
    group: NDArray[np.int64]  # row group in the shard
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.shard)

    def window(self, start: int, stop: int) -> Share:
        """Return the row groups from `start` to `stop` of this share."""
        part = slice(start, stop)
        return Share(self.shard[part], self.group[part], self.first[part], self.last[part])

    @property
    def rows(self) -> int:
        return int((self.last - self.first).sum())


def all_groups(snapshot: Snapshot, *, kinds: Collection[str], splits: Collection[str]) -> Share:
    """Return the row groups of a snapshot that hold these kinds and splits, in stored order."""
    found: list[tuple[int, int, int]] = []
    for shard, entry in enumerate(snapshot.shards):
        group = 0
        for run in entry.groups:
            if run.kind in kinds and run.split in splits:
                found += [(shard, group + n, rows) for n, rows in enumerate(run.rows)]
            group += len(run.rows)
    table = np.array(found, dtype=np.int64).reshape(-1, 3)
    return Share(table[:, 0], table[:, 1], np.zeros(len(table), np.int64), table[:, 2])


def shuffle_groups(groups: Share, *, seed: int, epoch: int, shards_mixed: int) -> Share:
    """Shuffle shards, and the row groups of each `shards_mixed` consecutive ones together."""
    random = np.random.default_rng([_ORDER, seed, epoch])
    n_shards = int(groups.shard.max(initial=-1)) + 1
    block = random.permutation(n_shards) // shards_mixed
    order = np.lexsort((random.random(len(groups)), block[groups.shard]))
    return Share(groups.shard[order], groups.group[order], groups.first[order], groups.last[order])


def take_share(groups: Share, *, rank: int, world: int) -> Share:
    """Return the rows of one rank: the same number for each, at most `world - 1` left unread."""
    ends = np.cumsum(groups.last)
    starts = ends - groups.last
    per_rank = groups.rows // world
    low, high = rank * per_rank, (rank + 1) * per_rank
    inside = (ends > low) & (starts < high)
    return Share(
        groups.shard[inside],
        groups.group[inside],
        np.maximum(low - starts[inside], 0),
        np.minimum(high, ends[inside]) - starts[inside],
    )


def shuffle_rows(
    n_rows: int, *, seed: int, epoch: int, rank: int, window: int
) -> NDArray[np.int64]:
    """Return the order of the rows of one window."""
    return np.random.default_rng([_ROWS, seed, epoch, rank, window]).permutation(n_rows)

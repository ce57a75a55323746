"""Row groups decoded into windows, one ahead of their use, shards fetched further ahead.

A row is copied once, from what Arrow decodes to the place in its window that the shuffled order
gives it; batches are views of windows. The memory of windows is used again: fresh memory costs a
page fault each 4 KiB, which took a quarter of the reader's time.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from storage.cache import ShardCache
from storage.errors import DamagedFileError, StorageError
from storage.order import Share
from storage.schema import SLICE_BYTES, SLICE_SHAPE, SMALL_COLUMNS, Levels
from storage.shards import levels_of, open_parquet, read_group
from storage.snapshots import ShardEntry


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Decoded rows: their small columns, and the levels of each column `(rows, 256, 1025)`."""

    small: Sequence[Mapping[str, Any]]
    levels: Mapping[str, Levels]

    def __len__(self) -> int:
        return len(self.small)

    def part(self, start: int, stop: int) -> Window:
        """Return some rows as views."""
        levels = {name: array[start:stop] for name, array in self.levels.items()}
        return Window(self.small[start:stop], levels)


def join(parts: Sequence[Window]) -> Window:
    """Return the rows of several windows; of one alone without a copy."""
    if len(parts) == 1:
        return parts[0]
    small = [row for part in parts for row in part.small]
    names = parts[0].levels
    return Window(small, {name: np.concatenate([p.levels[name] for p in parts]) for name in names})


class LevelMemory:
    """Memory for arrays of levels that comes back by itself when nobody looks at them any more."""

    def __init__(self) -> None:
        self._free: deque[bytearray] = deque()

    def empty(self, rows: int) -> Levels:
        """Return an array `(rows, 256, 1025)` whose content is undefined."""
        size = rows * SLICE_BYTES
        try:
            memory = self._free.pop()
        except IndexError:
            memory = bytearray(size)
        if len(memory) < size:
            memory = bytearray(size)
        # Its base is no array, so views of it, and tensors, keep this array alive, not `memory`.
        levels: Levels = np.ndarray((rows, *SLICE_SHAPE), np.uint8, buffer=memory)
        weakref.finalize(levels, self._free.append, memory).atexit = False
        return levels


class ShardFiles:
    """Open shards, the least recently used closed first; used by one thread at a time.

    Pages are compared with their checksums, a seventh of the reading time, unless the file was
    compared when it was fetched or each of its row groups was verified before. `verified` holds the
    groups of each shard as bits; whoever reads again hands it over again.
    """

    def __init__(
        self,
        cache: ShardCache,
        shards: Sequence[ShardEntry],
        *,
        levels: Sequence[str],
        verified: dict[int, int],
        keep: int,
    ) -> None:
        self._cache, self._shards = cache, shards
        self._levels, self._keep = levels, keep
        self._memory = LevelMemory()
        self._open: OrderedDict[int, pq.ParquetFile] = OrderedDict()
        self._verified = verified

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for shard in tuple(self._open):
            self._close(shard)

    def decode(self, share: Share, order: NDArray[np.int64]) -> Window:
        """Return the rows of `share` in the given order."""
        places = np.argsort(order)  # of the first stored row, of the second, and so on
        levels = {name: self._memory.empty(len(order)) for name in self._levels}
        small: list[dict[str, Any]] = []
        for shard, group, first, last in zip(
            share.shard.tolist(),
            share.group.tolist(),
            share.first.tolist(),
            share.last.tolist(),
            strict=True,
        ):
            table = self._read(shard, group).slice(first, last - first)
            _place(table, places[len(small) : len(small) + len(table)], levels)
            small += table.select(SMALL_COLUMNS).to_pylist()
        return Window([small[row] for row in order.tolist()], levels)

    def _read(self, shard: int, group: int) -> pa.Table:
        """Read one row group; a damaged or vanished file is fetched once more."""
        columns = [*SMALL_COLUMNS, *self._levels]
        try:
            table = read_group(self._file(shard), group, columns)
        except (DamagedFileError, FileNotFoundError):
            self._close(shard)
            self._cache.drop(self._shards[shard])
            self._verified.pop(shard, None)
            table = read_group(self._file(shard), group, columns)
        self._verified[shard] = self._verified.get(shard, 0) | 1 << group
        return table

    def _file(self, shard: int) -> pq.ParquetFile:
        if shard not in self._open:
            while len(self._open) >= self._keep:
                self._close(next(iter(self._open)))
            entry = self._shards[shard]
            path = self._cache.path(entry)
            self._open[shard] = open_parquet(path, verify_pages=not self._is_known_whole(shard))
        self._open.move_to_end(shard)
        return self._open[shard]

    def _is_known_whole(self, shard: int) -> bool:
        """Tell whether this process has compared all that it reads of a shard."""
        entry = self._shards[shard]
        every_group = (1 << sum(len(run.rows) for run in entry.groups)) - 1
        return self._cache.was_compared(entry) or self._verified.get(shard) == every_group

    def _close(self, shard: int) -> None:
        file = self._open.pop(shard, None)
        if file is not None:
            file.close()


def _place(table: pa.Table, places: NDArray[np.int64], levels: Mapping[str, Levels]) -> None:
    """Copy each row's levels to its place in the window; where there are none, silence."""
    for name, window in levels.items():
        column = levels_of(table, name)
        window[places] = 0 if column is None else column


def stream_windows(
    cache: ShardCache,
    shards: Sequence[ShardEntry],
    share: Share,
    *,
    starts: range,
    order: Callable[[int, int], NDArray[np.int64]],
    levels: Sequence[str],
    verified: dict[int, int],
    ahead: int,
) -> Generator[Window, None, None]:
    """Yield each window of `share`; the next is decoded meanwhile on another thread.

    A third thread fetches up to `ahead` shards that later windows need, as far as the cache has
    room. Memory holds three windows: the one that is read, the one that is decoded, and one that
    the reader may still look at; more only where the reader keeps batches.

    Parameters
    ----------
    starts : the windows' first row groups; its step is the length of a window
    order : the order of a window's rows, from their number and the window's
    verified : see `ShardFiles`
    """
    largest = max((shards[shard].size for shard in np.unique(share.shard)), default=1)
    upcoming = _Upcoming(share, ahead=ahead, room=cache.limit_bytes // largest)
    with ExitStack() as stack:
        files = stack.enter_context(
            ShardFiles(cache, shards, levels=levels, verified=verified, keep=2 * ahead)
        )
        fetcher = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="fetch-shard"))
        decoder = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="decode-shard"))
        stack.callback(fetcher.shutdown, wait=False, cancel_futures=True)

        def decode(start: int) -> Future[Window]:
            part = share.window(start, start + starts.step)
            return decoder.submit(files.decode, part, order(part.rows, start // starts.step))

        following = decode(starts.start)
        for start in starts:
            for shard in upcoming.after(range(start, start + starts.step)):
                fetcher.submit(_fetch, cache, shards[shard])
            window = following.result()
            following = decode(start + starts.step)
            yield window
            del window


def in_batches(windows: Iterable[Window], size: int) -> Iterator[Window]:
    """Cut windows into batches of `size` rows, as views; only those across two are copied."""
    held: list[Window] = []
    missing = size
    for window in windows:
        start = 0
        while len(window) - start >= missing:
            held.append(window.part(start, start + missing))
            start += missing
            yield join(held)
            held, missing = [], size
        if start < len(window):
            held.append(window.part(start, len(window)))
            missing -= len(held[-1])
    if held:
        yield join(held)


class _Upcoming:
    """Which shards a share will need next, in the order of their first use.

    `ahead` is how many at most, `room` how many the cache may hold: to fetch more would push out
    what was fetched and not yet read.
    """

    def __init__(self, share: Share, *, ahead: int, room: int) -> None:
        shards, first_use = np.unique(share.shard, return_index=True)
        _, last_use = np.unique(share.shard[::-1], return_index=True)
        order = np.argsort(first_use)
        self._shards, self._first_use = shards[order], first_use[order]
        self._last_use = len(share) - 1 - last_use[order]
        self._ahead, self._room, self._told = ahead, room, 0

    def after(self, window: range) -> list[int]:
        """Return the shards, each once, to fetch while these row groups are read."""
        used = int(np.searchsorted(self._first_use, window.stop))
        in_use = int(np.count_nonzero(self._last_use[:used] >= window.start))
        ahead = max(0, min(self._ahead, self._room - in_use))
        low, self._told = max(used, self._told), max(used + ahead, self._told)
        return [int(shard) for shard in self._shards[low : self._told]]


def _fetch(cache: ShardCache, shard: ShardEntry) -> None:
    """Fetch ahead of use; what fails here is met again, and reported, when it is needed."""
    with suppress(StorageError, OSError):
        cache.path(shard)

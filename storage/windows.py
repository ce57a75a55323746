"""Row groups decoded into rows, one window ahead of their use, shards fetched further ahead."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from storage.cache import ShardCache
from storage.errors import DamagedFileError, StorageError
from storage.order import Share
from storage.schema import SLICE_SHAPE, SMALL_COLUMNS, Levels
from storage.shards import levels_of, open_parquet, read_group
from storage.snapshots import ShardEntry


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One decoded row: its small columns, and its levels, None where they are null."""

    small: dict[str, Any]
    levels: dict[str, Levels | None]


class SlicePool:
    """Arrays of one slice that are used again and again.

    Fresh memory for every window costs a page fault each 4 KiB, which took up to a third of the
    reader's time; a copy into memory that is there already is cheaper.
    """

    def __init__(self) -> None:
        self._free: deque[Levels] = deque()

    def copy(self, levels: Levels) -> Levels:
        """Return a copy of one slice, to be given back."""
        try:
            target = self._free.pop()
        except IndexError:
            target = np.empty(SLICE_SHAPE, np.uint8)
        np.copyto(target, levels)
        return target

    def give_back(self, rows: Iterable[Row]) -> None:
        """Take the slices of rows that nobody will look at again."""
        for row in rows:
            self._free.extend(levels for levels in row.levels.values() if levels is not None)


class ShardFiles:
    """Open shards, the least recently used closed first; used by one thread at a time."""

    def __init__(
        self,
        cache: ShardCache,
        shards: Sequence[ShardEntry],
        pool: SlicePool,
        *,
        levels: Sequence[str],
        keep: int,
    ) -> None:
        self._cache, self._shards, self._pool = cache, shards, pool
        self._levels, self._keep = levels, keep
        self._open: OrderedDict[int, pq.ParquetFile] = OrderedDict()

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

    def decode(self, share: Share) -> list[Row]:
        """Return the rows of `share` in its order."""
        rows: list[Row] = []
        for shard, group, first, last in zip(
            share.shard.tolist(),
            share.group.tolist(),
            share.first.tolist(),
            share.last.tolist(),
            strict=True,
        ):
            rows += self._rows(self._read(shard, group).slice(first, last - first))
        return rows

    def _rows(self, table: pa.Table) -> list[Row]:
        levels = {name: levels_of(table, name) for name in self._levels}
        small = table.select(SMALL_COLUMNS).to_pylist()
        return [Row(values, self._slices(levels, n)) for n, values in enumerate(small)]

    def _slices(self, levels: Mapping[str, Levels | None], row: int) -> dict[str, Levels | None]:
        return {
            name: None if slices is None else self._pool.copy(slices[row])
            for name, slices in levels.items()
        }

    def _read(self, shard: int, group: int) -> pa.Table:
        """Read one row group; a damaged or vanished file is fetched once more."""
        columns = [*SMALL_COLUMNS, *self._levels]
        try:
            return read_group(self._file(shard), group, columns)
        except (DamagedFileError, FileNotFoundError):
            self._close(shard)
            self._cache.drop(self._shards[shard])
            return read_group(self._file(shard), group, columns)

    def _file(self, shard: int) -> pq.ParquetFile:
        if shard not in self._open:
            while len(self._open) >= self._keep:
                self._close(next(iter(self._open)))
            self._open[shard] = open_parquet(self._cache.path(self._shards[shard]))
        self._open.move_to_end(shard)
        return self._open[shard]

    def _close(self, shard: int) -> None:
        file = self._open.pop(shard, None)
        if file is not None:
            file.close()


def stream_windows(
    cache: ShardCache,
    shards: Sequence[ShardEntry],
    share: Share,
    pool: SlicePool,
    *,
    starts: range,
    levels: Sequence[str],
    ahead: int,
) -> Generator[list[Row], None, None]:
    """Yield the rows of each window of `share`; the next is decoded meanwhile on another thread.

    `starts` are the windows' first row groups; its step is the length of a window. A third thread
    fetches up to `ahead` shards that later windows need. Memory holds two windows, whose slices
    come from `pool`.
    """
    upcoming = _Upcoming(share, ahead=ahead)
    with ExitStack() as stack:
        files = stack.enter_context(ShardFiles(cache, shards, pool, levels=levels, keep=2 * ahead))
        fetcher = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="fetch-shard"))
        decoder = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="decode-shard"))
        stack.callback(fetcher.shutdown, wait=False, cancel_futures=True)
        decoded: Future[list[Row]] | None = None
        for start in starts:
            stop = start + starts.step
            decoded = decoded or decoder.submit(files.decode, share.window(start, stop))
            for shard in upcoming.after(stop):
                fetcher.submit(_fetch, cache, shards[shard])
            rows = decoded.result()
            following = share.window(stop, stop + starts.step)
            decoded = decoder.submit(files.decode, following)
            yield rows


class _Upcoming:
    """Which shards a share will need next, in the order of their first use."""

    def __init__(self, share: Share, *, ahead: int) -> None:
        shards, first_use = np.unique(share.shard, return_index=True)
        order = np.argsort(first_use)
        self._shards, self._first_use = shards[order], first_use[order]
        self._ahead, self._told = ahead, 0

    def after(self, group: int) -> list[int]:
        """Return up to `ahead` shards first used from row group `group` on, each once."""
        used = int(np.searchsorted(self._first_use, group))
        low, self._told = max(used, self._told), max(used + self._ahead, self._told)
        return [int(shard) for shard in self._shards[low : self._told]]


def _fetch(cache: ShardCache, shard: ShardEntry) -> None:
    """Fetch ahead of use; what fails here is met again, and reported, when it is needed."""
    with suppress(StorageError, OSError):
        cache.path(shard)

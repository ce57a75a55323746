from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from storage.order import Share
from storage.schema import Levels
from storage.windows import LevelMemory, Window, _Upcoming, in_batches


def _window(first: int, rows: int) -> Window:
    """Return rows that are numbered from `first` on, in a column and in a small one."""
    numbers = np.arange(first, first + rows)
    levels = np.broadcast_to(numbers.astype(np.uint8)[:, None, None], (rows, 2, 3)).copy()
    return Window([{"slice": number} for number in numbers.tolist()], {"voice": levels})


def _address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


@pytest.mark.parametrize("sizes", [[8], [3, 3, 3], [1, 9, 2], [0, 5, 0], []])
@pytest.mark.parametrize("size", [1, 4, 20])
def test_batches_hold_all_rows_in_order_and_are_full_but_for_the_last(
    sizes: list[int], size: int
) -> None:
    starts = np.cumsum([0, *sizes])[:-1].tolist()
    batches = list(in_batches([_window(*each) for each in zip(starts, sizes, strict=True)], size))
    rows = [row["slice"] for batch in batches for row in batch.small]
    assert rows == list(range(sum(sizes)))
    assert [x for batch in batches for x in batch.levels["voice"][:, 0, 0].tolist()] == rows
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(0 < len(batch) <= size for batch in batches[-1:])


def test_batches_within_a_window_are_views_of_it() -> None:
    window = _window(0, 6)
    first, second = in_batches([window], 3)
    assert np.shares_memory(first.levels["voice"], window.levels["voice"])
    assert _address(second.levels["voice"]) == _address(window.levels["voice"][3:])


def test_memory_is_used_again_once_nobody_looks_at_it() -> None:
    memory = LevelMemory()
    first = memory.empty(3)
    address = _address(first)
    del first
    gc.collect()
    assert _address(memory.empty(2)) == address


@pytest.mark.parametrize("look", [lambda levels: levels[1:], torch.from_numpy, memoryview])
def test_memory_stays_while_a_view_or_tensor_looks_at_it(
    look: Callable[[Levels], Any],
) -> None:
    memory = LevelMemory()
    levels = memory.empty(2)
    levels[...] = 7
    seen = look(levels)
    del levels
    gc.collect()
    memory.empty(2)[...] = 9
    assert np.unique(np.asarray(seen)).tolist() == [7]


def _one_group_each(shards: list[int]) -> Share:
    zeros = np.zeros(len(shards), np.int64)
    return Share(np.array(shards, np.int64), zeros, zeros, zeros + 1)


def test_the_next_shards_are_named_once_in_the_order_of_their_use() -> None:
    upcoming = _Upcoming(_one_group_each([4, 4, 2, 2, 3, 3, 0, 0]), ahead=2, room=9)
    assert [upcoming.after(range(start, start + 2)) for start in (0, 2, 4, 6)] == [
        [2, 3],
        [0],
        [],
        [],
    ]


@pytest.mark.parametrize(("room", "told"), [(1, [[], [], []]), (3, [[1], [2], [3]])])
def test_no_more_is_fetched_ahead_than_the_cache_has_room_for(
    room: int, told: list[list[int]]
) -> None:
    mixed = _one_group_each([0, 9, 0, 9, 1, 9, 2, 9, 3, 9])  # shard 9 is in use all the time
    upcoming = _Upcoming(mixed, ahead=4, room=room)
    assert [upcoming.after(range(n, n + 2)) for n in (2, 4, 6)] == told

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest

from storage.order import Share, all_groups, shuffle_groups, shuffle_rows, take_share
from storage.shards import GroupRun
from storage.snapshots import ShardEntry, Snapshot


def _snapshot(*shards: tuple[GroupRun, ...]) -> Snapshot:
    entries = [
        ShardEntry(f"shards/{n}", "", "", 0, sum(sum(run.rows) for run in runs), runs)
        for n, runs in enumerate(shards)
    ]
    return Snapshot("snapshots/1", tuple(entries))


def _even(shards: int, groups: int, rows: int) -> Share:
    run = GroupRun("made", "train", (rows,) * groups)
    return all_groups(_snapshot(*[(run,)] * shards), kinds=["made"], splits=["train"])


def _rows(share: Share) -> list[tuple[int, int, int]]:
    """Return every row of a share as (shard, group, row)."""
    parts = zip(share.shard, share.group, share.first, share.last, strict=True)
    return [(int(s), int(g), row) for s, g, low, high in parts for row in range(low, high)]


def test_row_groups_are_chosen_by_kind_and_split() -> None:
    snapshot = _snapshot(
        (GroupRun("human", "test", (1,)), GroupRun("human", "train", (2, 3))),
        (GroupRun("human", "train", (4,)), GroupRun("song", "train", (5, 6))),
    )
    chosen = all_groups(snapshot, kinds=["human"], splits=["train", "valid"])
    assert [chosen.shard.tolist(), chosen.group.tolist(), chosen.last.tolist()] == [
        [0, 0, 1],
        [1, 2, 0],
        [2, 3, 4],
    ]
    assert all_groups(snapshot, kinds=["made"], splits=["train"]).rows == 0


def test_shuffling_keeps_every_row_once_and_depends_on_seed_and_epoch_only() -> None:
    groups = _even(5, 7, 2)
    first = _rows(shuffle_groups(groups, seed=1, epoch=0, shards_mixed=2))
    assert sorted(first) == _rows(groups)
    assert first == _rows(shuffle_groups(groups, seed=1, epoch=0, shards_mixed=2))
    assert first != _rows(shuffle_groups(groups, seed=1, epoch=1, shards_mixed=2))
    assert first != _rows(shuffle_groups(groups, seed=2, epoch=0, shards_mixed=2))


def test_only_a_few_shards_are_mixed_at_a_time() -> None:
    order = shuffle_groups(_even(6, 10, 1), seed=0, epoch=0, shards_mixed=2).shard
    blocks = [set(order[start : start + 20].tolist()) for start in (0, 20, 40)]
    assert [len(block) for block in blocks] == [2, 2, 2]
    assert set.union(*blocks) == set(range(6))
    assert len(set(order[:10].tolist())) == 2


@pytest.mark.parametrize("world", [1, 2, 3, 7, 20])
def test_ranks_share_all_rows_equally(world: int) -> None:
    groups = shuffle_groups(_even(3, 4, 5), seed=0, epoch=0, shards_mixed=1)
    shares = [_rows(take_share(groups, rank=rank, world=world)) for rank in range(world)]
    assert {len(share) for share in shares} == {60 // world}
    assert list(chain(*shares)) == _rows(groups)[: 60 // world * world]


def test_a_rank_may_get_a_part_of_a_single_row_group() -> None:
    share = take_share(_even(1, 1, 10), rank=1, world=4)
    assert _rows(share) == [(0, 0, 2), (0, 0, 3)]


def test_a_window_is_a_stretch_of_a_share() -> None:
    share = _even(1, 5, 3)
    assert _rows(share.window(1, 3)) == [(0, g, r) for g in (1, 2) for r in range(3)]
    assert share.window(4, 9).rows == 3


def test_rows_are_shuffled_differently_in_each_window_and_rank() -> None:
    orders = {
        tuple(shuffle_rows(50, seed=0, epoch=0, rank=rank, window=window))
        for rank in range(3)
        for window in range(3)
    }
    assert len(orders) == 9
    assert all(np.array_equal(np.sort(order), np.arange(50)) for order in orders)

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterable, Iterator
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from storage import shards, windows
from storage.cache import ShardCache
from storage.errors import ChecksumError, ReaderStateError, StorageError
from storage.folder import FolderStore
from storage.reader import Batch, Position, ShardReader
from storage.schema import KINDS, SLICE_BYTES, SPLITS
from storage.snapshots import Snapshot, newest_snapshot
from tests.storage.examples import ingest, level_of, open_ledger, watched_memory
from tests.storage.stores_elsewhere import RemoteFolder

MADE = [f"made{n}/{row}" for n in range(8) for row in range(5)]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Hold 40 made, 6 human and 4 song examples for training, and 5 made ones for testing."""
    root = tmp_path_factory.mktemp("reader")
    store = RemoteFolder(root / "store")
    with pytest.MonkeyPatch.context() as patch, open_ledger(root) as ledger:
        patch.setattr(shards, "GROUP_RAW_BYTES", 3 * 5 * SLICE_BYTES)  # three made rows
        for start in range(0, 8, 2):
            units = {f"made{n}": 5 for n in range(start, start + 2)}
            ingest(ledger, store, root / "work", units, kind="made", shard_bytes=20_000_000)
        ingest(ledger, store, root / "work", {"human": 6})
        ingest(ledger, store, root / "work", {"song": 4}, kind="song")
        ingest(ledger, store, root / "work", {"test": 5}, kind="made", split="test")
    yield root


@pytest.fixture
def store(root: Path) -> RemoteFolder:
    return RemoteFolder(root / "store")


@pytest.fixture
def snapshot(store: RemoteFolder) -> Snapshot:
    found = newest_snapshot(store)
    assert found is not None
    return found


@pytest.fixture
def cache(store: RemoteFolder, tmp_path: Path) -> ShardCache:
    return ShardCache(store, tmp_path / "cache")


def _ids(batches: Iterable[Batch]) -> list[str]:
    return [name for batch in batches for name in batch.example_id]


def _made(cache: ShardCache, snapshot: Snapshot, **options: Any) -> ShardReader:
    return ShardReader(
        cache, snapshot, kinds=["made"], **{"batch_size": 4, "window_groups": 3, **options}
    )


def test_an_epoch_gives_every_example_once_in_full_batches(
    cache: ShardCache, snapshot: Snapshot
) -> None:
    reader = _made(cache, snapshot, batch_size=7)
    batches = list(reader.batches())
    assert sorted(_ids(batches)) == sorted(MADE)
    assert [len(batch) for batch in batches] == [7, 7, 7, 7, 7, 5]
    assert (reader.rows_per_epoch, reader.batches_per_epoch) == (40, 6)


def test_each_row_keeps_its_own_levels_and_numbers(cache: ShardCache, snapshot: Snapshot) -> None:
    for batch in _made(cache, snapshot).batches():
        for name in ("voice", "bed", "mashup", "voice_part", "bed_part"):
            levels = getattr(batch, name)
            assert levels.shape == (len(batch), 256, 1025)
            expected = [level_of(example_id, name) for example_id in batch.example_id]
            assert levels[:, 0, 0].tolist() == levels[:, -1, -1].tolist() == expected
        assert batch.slice.tolist() == [int(name[-1]) for name in batch.example_id]
        assert batch.start_s.tolist() == (5.0 * batch.slice).tolist()
        assert batch.voice_id == tuple(f"v:{pair}" for pair in batch.pair_id)


def test_small_columns_become_arrays(cache: ShardCache, snapshot: Snapshot) -> None:
    (batch,) = ShardReader(cache, snapshot, batch_size=6, kinds=["human"]).batches()
    assert (batch.kind, batch.mashup_id, batch.bed_id) == (
        ("human",) * 6,
        ("m:1",) * 6,
        ("b:1",) * 6,
    )
    assert batch.confidence.tolist() == [0.5] * 6
    assert batch.valid_frames.tolist() == [200] * 6
    assert batch.bpm.tolist() == [120.0] * 6
    assert batch.gain_db.tolist() == [-3.0] * 6
    assert [beats.tolist() for beats in batch.beats] == [[0.25, 0.75]] * 6


def test_columns_that_a_kind_lacks_are_none_or_silent(
    cache: ShardCache, snapshot: Snapshot
) -> None:
    (songs,) = ShardReader(cache, snapshot, batch_size=9, kinds=["song"]).batches()
    assert (songs.bed, songs.mashup, songs.voice_part) == (None, None, None)
    for batch in ShardReader(cache, snapshot, batch_size=46, kinds=["human", "made"]).batches():
        assert batch.voice_part is not None
        has_part = batch.voice_part.any(axis=(1, 2))
        assert has_part.tolist() == [kind == "made" for kind in batch.kind]


def test_only_the_levels_that_were_asked_for_are_read(
    cache: ShardCache, snapshot: Snapshot
) -> None:
    batch = next(_iterate(ShardReader(cache, snapshot, batch_size=4, levels=["mashup"])))
    assert batch.mashup is not None
    assert (batch.bed, batch.voice_part) == (None, None)


def _iterate(reader: ShardReader) -> Iterator[Batch]:
    return iter(list(reader.batches()))


def test_the_test_split_is_read_alone_and_in_order(cache: ShardCache, snapshot: Snapshot) -> None:
    reader = ShardReader(cache, snapshot, batch_size=2, splits=["test"], shuffle=False)
    assert _ids(reader.batches()) == [f"test/{n}" for n in range(5)]


def test_the_order_is_a_function_of_seed_and_epoch(cache: ShardCache, snapshot: Snapshot) -> None:
    reader = _made(cache, snapshot)
    first = _ids(reader.batches())
    assert first == _ids(_made(cache, snapshot).batches(reader.start(0)))
    assert first != _ids(reader.batches(reader.start(1)))
    assert first != _ids(_made(cache, snapshot, seed=1).batches())


def test_rows_of_a_row_group_do_not_stay_together(cache: ShardCache, snapshot: Snapshot) -> None:
    order = _ids(_made(cache, snapshot, window_groups=8, shards_mixed=4).batches())
    neighbours = sum(a[:5] == b[:5] for a, b in pairwise(order))
    assert neighbours <= 10  # stored order has 32, chance has 4 of 39


@pytest.mark.parametrize("world", [2, 3])
def test_ranks_read_equal_and_different_shares(
    cache: ShardCache, snapshot: Snapshot, world: int
) -> None:
    shares = [
        _ids(_made(cache, snapshot, rank=rank, world=world).batches()) for rank in range(world)
    ]
    assert {len(share) for share in shares} == {40 // world}
    together = list(chain(*shares))
    assert len(set(together)) == len(together)
    assert set(together) <= set(MADE)


@pytest.mark.parametrize("read", range(0, 11, 2))
def test_reading_resumes_exactly_from_what_json_kept(
    cache: ShardCache, snapshot: Snapshot, read: int
) -> None:
    whole = _ids(_made(cache, snapshot).batches())
    reader = _made(cache, snapshot)
    head = list(islice(reader.batches(), read))
    position = head[-1].next if head else reader.start()
    saved = json.loads(json.dumps(position.as_json()))
    tail = _ids(_made(cache, snapshot).batches(Position.from_json(saved)))
    assert _ids(head) + tail == whole


def test_reading_may_resume_with_another_batch_size(cache: ShardCache, snapshot: Snapshot) -> None:
    whole = _ids(_made(cache, snapshot).batches())
    head = list(islice(_made(cache, snapshot, batch_size=7).batches(), 2))
    assert _ids(head) + _ids(_made(cache, snapshot).batches(head[-1].next)) == whole


def test_endless_reading_goes_from_epoch_to_epoch(cache: ShardCache, snapshot: Snapshot) -> None:
    reader = _made(cache, snapshot, batch_size=10)
    batches = list(islice(reader.endless(), 6))
    assert [(b.next.epoch, b.next.rows) for b in batches] == [
        (0, 10), (0, 20), (0, 30), (0, 40), (1, 10), (1, 20),
    ]  # fmt: skip
    again = list(islice(reader.endless(batches[3].next), 2))
    assert _ids(again) == _ids(batches[4:])


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"world": 2}, {"window_groups": 2}, {"shards_mixed": 1}]
)
def test_a_position_in_another_order_is_refused(
    cache: ShardCache, snapshot: Snapshot, other: dict[str, int]
) -> None:
    position = _made(cache, snapshot, **other).start()
    with pytest.raises(ReaderStateError, match="another snapshot, filter, seed or number of ranks"):
        _made(cache, snapshot).batches(position)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"splits": ["valid"]}, r"0 examples .*\['valid'\] are too few for 1 readers"),
        ({"kinds": ["song"], "world": 5}, "4 examples .* too few for 5 readers"),
        ({"kinds": ["dance"]}, r"unknown \['dance'\]"),
        ({"levels": ["drums"]}, r"unknown \['drums'\]"),
        ({"batch_size": 0}, "expected batch_size"),
        ({"rank": 1}, "rank 1, world 1"),
    ],
)
def test_a_reader_that_makes_no_sense_is_explained(
    cache: ShardCache, snapshot: Snapshot, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(StorageError, match=message):
        ShardReader(cache, snapshot, **{"batch_size": 1, **options})


def test_only_needed_shards_are_fetched_and_each_once(
    cache: ShardCache, snapshot: Snapshot, store: RemoteFolder
) -> None:
    cache.store = store
    list(ShardReader(cache, snapshot, batch_size=3, kinds=["human"]).batches())
    assert len(store.fetched) == 1
    list(_made(cache, snapshot).batches())
    assert len(store.fetched) == len(set(store.fetched)) == 5


def test_the_next_shard_is_fetched_while_the_first_is_read(
    cache: ShardCache, snapshot: Snapshot, store: RemoteFolder
) -> None:
    cache.store = store
    batches = _made(cache, snapshot, batch_size=1, window_groups=1, shards_mixed=1).batches()
    next(batches)  # of the first of four row groups
    assert store.second_fetch.wait(timeout=20)
    del batches


def test_a_cache_smaller_than_the_set_still_reads_everything(
    store: RemoteFolder, snapshot: Snapshot, tmp_path: Path
) -> None:
    largest = max(shard.size for shard in snapshot.shards)
    cache = ShardCache(store, tmp_path / "cache", limit_bytes=largest)
    assert sorted(_ids(_made(cache, snapshot).batches())) == sorted(MADE)
    assert sum(path.stat().st_size for path in cache.folder.iterdir()) <= largest


@pytest.mark.parametrize("shards", [1, 2, 3, 5])
@pytest.mark.parametrize("mixed", [1, 2, 4])
def test_a_small_cache_does_not_have_shards_fetched_in_vain(
    store: RemoteFolder, snapshot: Snapshot, tmp_path: Path, shards: int, mixed: int
) -> None:
    largest = max(shard.size for shard in snapshot.shards)
    cache = ShardCache(store, tmp_path / "cache", limit_bytes=shards * largest)
    reader = _made(cache, snapshot, window_groups=1, shards_mixed=mixed)
    assert sorted(_ids(reader.batches())) == sorted(MADE)
    assert len(store.fetched) <= 5  # four shards; one may be pushed out once


def test_memory_holds_a_few_windows_however_long_the_epoch(
    cache: ShardCache, snapshot: Snapshot
) -> None:
    with watched_memory() as pool:
        for _ in _made(cache, snapshot, window_groups=1).batches():
            pass
        assert pool.max_memory() < 5 * 3 * 5 * SLICE_BYTES  # five row groups of three rows, of 14


def _flip_a_bit(path: Path) -> None:
    """Change one bit of the stored levels, so that only a checksum can tell."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_bit_that_flipped_in_the_cache_has_the_shard_fetched_again(
    cache: ShardCache, snapshot: Snapshot, store: RemoteFolder
) -> None:
    earlier = ShardCache(store, cache.folder)
    for shard in snapshot.shards:
        _flip_a_bit(earlier.path(shard))
    batches = list(_made(cache, snapshot).batches())
    assert sorted(_ids(batches)) == sorted(MADE)
    found = [batch.voice[n, 0, 0] for batch in batches for n in range(len(batch))]
    assert found == [level_of(name, "voice") for name in _ids(batches)]


def test_a_bit_that_flipped_in_the_store_ends_the_reading(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "store", tmp_path / "store")
    store = FolderStore(tmp_path / "store")
    snapshot = newest_snapshot(store)
    assert snapshot is not None
    _flip_a_bit(store.root / snapshot.shards[0].key)
    reader = ShardReader(
        ShardCache(store, tmp_path / "cache"), snapshot, batch_size=3, kinds=KINDS, splits=SPLITS
    )
    with pytest.raises(ChecksumError, match=f"Restore {snapshot.shards[0].key} in the store"):
        list(reader.batches())


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Tell of each shard that is opened whether its pages are verified."""
    found: list[bool] = []

    def watched(path: Path, *, verify_pages: bool) -> pq.ParquetFile:
        found.append(verify_pages)
        return shards.open_parquet(path, verify_pages=verify_pages)

    monkeypatch.setattr(windows, "open_parquet", watched)
    return found


def test_pages_are_verified_until_every_row_group_was(
    root: Path, tmp_path: Path, opened: list[bool]
) -> None:
    store = FolderStore(root / "store")  # in place: nothing was compared by a fetch
    snapshot = newest_snapshot(store)
    assert snapshot is not None
    reader = _made(ShardCache(store, tmp_path / "cache"), snapshot)
    list(islice(reader.batches(), 3))
    assert opened == [True] * len(opened)
    list(reader.batches())
    opened.clear()
    list(reader.batches(reader.start(1)))
    assert opened == [False] * 4


def test_what_was_compared_when_it_was_fetched_is_not_verified_again(
    cache: ShardCache, snapshot: Snapshot, opened: list[bool]
) -> None:
    list(_made(cache, snapshot).batches())
    assert opened == [False] * 4


def test_a_reader_that_is_left_half_way_ends_its_threads(
    cache: ShardCache, snapshot: Snapshot
) -> None:
    before = threading.active_count()
    batches = _made(cache, snapshot).batches()
    next(batches)
    del batches
    assert threading.active_count() == before

from __future__ import annotations

import hashlib
import os
import pickle
import threading
from pathlib import Path

import pytest

from storage.cache import ShardCache
from storage.errors import ChecksumError, MissingFileError, StorageError
from storage.folder import FolderStore
from storage.snapshots import ShardEntry
from tests.storage.stores_elsewhere import RemoteFolder


@pytest.fixture
def store(tmp_path: Path) -> RemoteFolder:
    return RemoteFolder(tmp_path / "store")


def _shard(store: FolderStore, name: str, size: int = 100) -> ShardEntry:
    data = name.encode() * size
    store.write_bytes(f"shards/{name}", data)
    return ShardEntry(f"shards/{name}", name, hashlib.md5(data).hexdigest(), len(data), 0, ())


def test_a_shard_is_fetched_once(store: RemoteFolder, tmp_path: Path) -> None:
    cache, shard = ShardCache(store, tmp_path / "cache"), _shard(store, "a")
    path = cache.path(shard)
    assert path.read_bytes() == b"a" * 100
    assert cache.path(shard) == path
    assert ShardCache(store, tmp_path / "cache").path(shard) == path
    assert store.fetched == ["shards/a"]


def test_a_store_on_this_machine_is_read_in_place(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    shard = _shard(store, "a")
    assert ShardCache(store, tmp_path / "cache").path(shard) == store.root / "shards" / "a"
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_shard_in_place_of_another_size_is_refused(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    shard = _shard(store, "a")
    store.write_bytes(shard.key, b"a" * 99)
    with pytest.raises(ChecksumError, match=f"expected md5 {shard.md5} and 100 bytes, got .* 99"):
        ShardCache(store, tmp_path / "cache").path(shard)


def test_a_shard_in_place_that_was_found_broken_is_checked(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    cache, whole, broken = (
        ShardCache(store, tmp_path / "cache"),
        _shard(store, "a"),
        _shard(store, "b"),
    )
    store.write_bytes(broken.key, b"?" * 100)
    cache.drop(whole)
    cache.drop(broken)
    assert cache.path(whole).read_bytes() == b"a" * 100
    with pytest.raises(ChecksumError, match="Restore shards/b in the store"):
        cache.path(broken)


@pytest.mark.parametrize("damage", [b"a" * 99, b""])
def test_a_shard_of_another_size_in_the_cache_is_fetched_again(
    store: RemoteFolder, tmp_path: Path, damage: bytes
) -> None:
    cache, shard = ShardCache(store, tmp_path / "cache"), _shard(store, "a")
    cache.path(shard).write_bytes(damage)
    assert cache.path(shard).read_bytes() == b"a" * 100
    assert len(store.fetched) == 2


def test_a_shard_that_the_store_itself_damaged_is_refused_and_not_kept(
    store: RemoteFolder, tmp_path: Path
) -> None:
    cache, shard = ShardCache(store, tmp_path / "cache"), _shard(store, "a")
    store.write_bytes(shard.key, b"b" * 100)
    for _ in range(2):
        with pytest.raises(ChecksumError, match="Restore shards/a in the store"):
            cache.path(shard)
    assert list(cache.folder.iterdir()) == []


def test_only_what_this_process_fetched_counts_as_compared(
    store: RemoteFolder, tmp_path: Path
) -> None:
    first, later = (ShardCache(store, tmp_path / "cache") for _ in range(2))
    shard = _shard(store, "a")
    first.path(shard)
    later.path(shard)
    assert (first.was_compared(shard), later.was_compared(shard)) == (True, False)
    first.drop(shard)
    assert not first.was_compared(shard)


class _Slow(RemoteFolder):
    """A store whose fetches end together, and that tells what the cache held by then."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.together = threading.Barrier(2)

    def fetch(self, key: str, target: Path, *, file_id: str | None = None) -> Path:
        self.together.wait(timeout=20)
        return super().fetch(key, target, file_id=file_id)


def test_shards_that_arrive_at_once_share_the_room(tmp_path: Path) -> None:
    store = _Slow(tmp_path / "store")
    cache = ShardCache(store, tmp_path / "cache", limit_bytes=250)
    old = tmp_path / "cache" / "shards-old"
    old.write_bytes(b"o" * 100)
    threads = [threading.Thread(target=cache.path, args=(_shard(store, n),)) for n in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.name for path in cache.folder.iterdir()) == ["shards-a", "shards-b"]


def test_a_shard_that_is_gone_from_the_store_is_named(store: RemoteFolder, tmp_path: Path) -> None:
    shard = _shard(store, "a")
    store.delete(shard.key)
    with pytest.raises(MissingFileError, match="no file 'shards/a'"):
        ShardCache(store, tmp_path / "cache").path(shard)


def test_the_shard_unused_for_longest_makes_room(store: RemoteFolder, tmp_path: Path) -> None:
    cache = ShardCache(store, tmp_path / "cache", limit_bytes=250)
    a, b, c = (_shard(store, name) for name in "abc")
    for age, shard in ((300, a), (200, b)):
        path = cache.path(shard)
        written_ns = path.stat().st_mtime_ns
        os.utime(path, ns=(written_ns - age * 10**9, written_ns))
    cache.path(a)  # now b is the one unused for longest
    cache.path(c)
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["shards-a", "shards-c"]
    cache.path(b)
    assert store.fetched == ["shards/a", "shards/b", "shards/c", "shards/b"]


def test_a_shard_larger_than_the_cache_is_explained(store: RemoteFolder, tmp_path: Path) -> None:
    cache = ShardCache(store, tmp_path / "cache", limit_bytes=99)
    with pytest.raises(StorageError, match="Raise its limit"):
        cache.path(_shard(store, "a"))


def test_threads_that_want_one_shard_fetch_it_once(store: RemoteFolder, tmp_path: Path) -> None:
    cache, shard = ShardCache(store, tmp_path / "cache"), _shard(store, "a", size=1_000_000)
    threads = [threading.Thread(target=cache.path, args=(shard,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.fetched == ["shards/a"]


def test_a_dropped_shard_is_fetched_again(store: RemoteFolder, tmp_path: Path) -> None:
    cache, shard = ShardCache(store, tmp_path / "cache"), _shard(store, "a")
    cache.path(shard)
    cache.drop(shard)
    cache.path(shard)
    assert len(store.fetched) == 2


def test_a_cache_travels_to_another_process(tmp_path: Path) -> None:
    cache = ShardCache(FolderStore(tmp_path / "store"), tmp_path / "cache", limit_bytes=7)
    copy = pickle.loads(pickle.dumps(cache))
    assert (copy.store.url, copy.folder, copy.limit_bytes) == (
        cache.store.url,
        cache.folder,
        7,
    )

"""What every store must do; a backend's test class inherits this and provides `store`."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest

from storage.errors import MissingFileError, StoreKeyError
from storage.options import StoreOptions
from storage.stores import Store, StoredFile, Upload, open_store


def _md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


class StoreContract:
    """Inherit, and provide a fixture `store` with an empty store."""

    @pytest.fixture
    def options(self) -> StoreOptions:
        """What `open_store` needs to open the store again; backends say more."""
        return StoreOptions()

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        path = tmp_path / "source.bin"
        path.write_bytes(b"0123456789")
        return path

    def test_what_is_put_is_fetched_with_its_size_and_md5(
        self, store: Store, source: Path, tmp_path: Path
    ) -> None:
        stored = store.put(source, "shards/ab/cd.parquet")
        assert stored == StoredFile("shards/ab/cd.parquet", stored.file_id, 10, _md5(b"0123456789"))
        target = tmp_path / "new folder" / "target.bin"
        assert store.fetch(stored.key, target, file_id=stored.file_id) == target
        assert target.read_bytes() == b"0123456789"

    def test_a_repeated_put_makes_one_file(self, store: Store, source: Path) -> None:
        upload = Upload(file_id=store.reserve_id())
        first = store.put(source, "a/b.bin", upload=upload)
        assert store.put(source, "a/b.bin", upload=upload) == first
        assert [file.key for file in store.list()] == ["a/b.bin"]

    def test_a_second_put_replaces_the_content(self, store: Store, source: Path) -> None:
        store.put(source, "a/b.bin")
        source.write_bytes(b"9876543210")  # of the same length
        assert store.put(source, "a/b.bin").md5 == _md5(b"9876543210")
        assert store.read_bytes("a/b.bin") == b"9876543210"
        assert len(store.list()) == 1

    def test_bytes_are_written_and_read_whole_or_in_part(self, store: Store) -> None:
        stored = store.write_bytes("champion.json", b"0123456789")
        assert (stored.size, stored.md5) == (10, _md5(b"0123456789"))
        assert store.read_bytes("champion.json") == b"0123456789"
        assert store.read_bytes("champion.json", start=3, length=4) == b"3456"
        assert store.read_bytes("champion.json", start=8) == b"89"

    def test_an_empty_file_is_a_file(self, store: Store) -> None:
        assert store.write_bytes("empty", b"").size == 0
        assert store.read_bytes("empty") == b""

    def test_a_listing_is_sorted_and_keeps_to_its_prefix(self, store: Store) -> None:
        for key in ("b/2", "b/1", "b1", "c/1", "b/sub/3"):
            store.write_bytes(key, key.encode())
        assert [file.key for file in store.list("b/")] == ["b/1", "b/2", "b/sub/3"]
        assert [file.key for file in store.list("b")] == ["b/1", "b/2", "b/sub/3", "b1"]
        assert [file.size for file in store.list("c")] == [3]
        assert store.list("nothing/") == ()

    def test_stat_tells_size_and_md5_or_that_there_is_nothing(self, store: Store) -> None:
        written = store.write_bytes("a/b", b"abc")
        assert store.stat("a/b", file_id=written.file_id) == written
        assert store.stat("a/c") is None

    def test_a_deleted_file_is_gone_and_deleting_again_is_no_error(self, store: Store) -> None:
        written = store.write_bytes("a/b", b"abc")
        store.delete("a/b", file_id=written.file_id)
        store.delete("a/b")
        assert store.list() == ()

    @pytest.mark.parametrize("verb", ["read_bytes", "link"])
    def test_a_missing_file_is_named_in_the_error(self, store: Store, verb: str) -> None:
        with pytest.raises(MissingFileError, match=r"no file 'a/b' in .*verify"):
            getattr(store, verb)("a/b")

    def test_fetching_a_missing_file_leaves_no_target(self, store: Store, tmp_path: Path) -> None:
        with pytest.raises(MissingFileError, match="a/b"):
            store.fetch("a/b", tmp_path / "target")
        assert not (tmp_path / "target").exists()

    def test_keys_with_the_letters_of_the_world_survive(self, store: Store) -> None:
        key = "audio/Björk × 방탄소년단 - “Hyper” #1 100% [yt_-a].mp3"
        store.write_bytes(key, b"x")
        assert [file.key for file in store.list("audio/")] == [key]
        assert store.read_bytes(key) == b"x"

    @pytest.mark.parametrize("key", ["../out", "/etc/x", "a/../../b", "a\\b", "a//b", "", "a\nb"])
    def test_keys_that_could_leave_the_store_are_refused(
        self, store: Store, source: Path, key: str
    ) -> None:
        with pytest.raises(StoreKeyError, match="bad store key"):
            store.put(source, key)
        with pytest.raises(StoreKeyError, match="bad store key"):
            store.read_bytes(key)

    def test_its_url_opens_it_again(self, store: Store, options: StoreOptions) -> None:
        store.write_bytes("a/b", b"abc")
        assert open_store(store.url, options).read_bytes("a/b") == b"abc"

    def test_a_worker_process_can_be_handed_the_store(self, store: Store) -> None:
        store.write_bytes("a/b", b"abc")
        handed: Store = pickle.loads(pickle.dumps(store))
        assert handed.read_bytes("a/b") == b"abc"

    def test_a_link_is_a_url(self, store: Store) -> None:
        store.write_bytes("a/b c.mp3", b"abc")
        assert "://" in store.link("a/b c.mp3")

    def test_a_file_on_this_machine_can_be_read_in_place(self, store: Store) -> None:
        store.write_bytes("a/b", b"abc")
        path = store.local_path("a/b")
        assert path is None or path.read_bytes() == b"abc"

    def test_sweeping_keeps_complete_files(self, store: Store) -> None:
        store.write_bytes("a/b", b"abc")
        assert store.sweep() == 0
        assert [file.key for file in store.list()] == ["a/b"]

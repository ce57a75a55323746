from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from storage.errors import DamagedFileError, MissingFileError
from storage.folder import FolderStore
from storage.ranges import StoredStream, open_stored
from storage.shards import build_shard, write_piece
from storage.snapshots import ShardEntry
from tests.storage.examples import unit_examples


class _Counting(FolderStore):
    """A folder that counts the bytes it gives."""

    given = 0

    def read_bytes(
        self, key: str, *, file_id: str | None = None, start: int = 0, length: int | None = None
    ) -> bytes:
        data = super().read_bytes(key, start=start, length=length)
        self.given += len(data)
        return data


@pytest.fixture
def store(tmp_path: Path) -> _Counting:
    return _Counting(tmp_path / "store")


@pytest.fixture
def shard(store: _Counting, tmp_path: Path) -> ShardEntry:
    write_piece(tmp_path / "p", unit_examples("u", 4, noisy=True))
    runs = build_shard(tmp_path / "s", [("u", tmp_path / "p")])
    stored = store.put(tmp_path / "s", "shards/s")
    return ShardEntry("shards/s", stored.file_id, str(stored.md5), stored.size, 4, runs)


def test_one_small_column_costs_few_bytes(store: _Counting, shard: ShardEntry) -> None:
    with open_stored(store, shard) as file:
        ids = file.read(columns=["example_id"]).column(0).to_pylist()
    assert ids == ["u/0", "u/1", "u/2", "u/3"]
    assert store.given < shard.size / 10


def test_a_stream_seeks_and_reads_like_a_file(store: _Counting) -> None:
    store.write_bytes("a", b"0123456789")
    with StoredStream(store, "a", size=10) as stream:
        assert (stream.read(2), stream.tell()) == (b"01", 2)
        assert (stream.seek(3, os.SEEK_CUR), stream.read(2)) == (5, b"56")
        assert (stream.seek(-1, os.SEEK_END), stream.read()) == (9, b"9")
        assert (stream.seek(20), stream.read(1)) == (20, b"")
        assert (stream.readable(), stream.seekable()) == (True, True)


def test_a_missing_shard_is_named(store: _Counting, shard: ShardEntry) -> None:
    with (
        pytest.raises(MissingFileError, match="shards/gone"),
        open_stored(store, replace(shard, key="shards/gone")),
    ):
        pass


def test_a_shard_whose_footer_is_broken_is_damage(store: _Counting, shard: ShardEntry) -> None:
    store.write_bytes(shard.key, b"?" * shard.size)
    with (
        pytest.raises(DamagedFileError, match="shards/s is no readable Parquet file"),
        open_stored(store, shard),
    ):
        pass

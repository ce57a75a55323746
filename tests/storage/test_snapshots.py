from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from storage.errors import ChecksumError, DamagedFileError, MissingFileError, SchemaMismatchError
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.records import ShardRecord, ShardState
from storage.shards import GroupRun
from storage.snapshots import (
    ShardEntry,
    Snapshot,
    compose,
    load_snapshot,
    name_snapshot,
    newest_snapshot,
    number_of,
    publish,
    snapshot_names,
)
from storage.stores import NEW_UPLOAD, StoredFile, Upload

RUNS = (("human", "test", (2,)), ("human", "train", (3, 1)), ("song", "train", (5,)))
SHARD = ShardRecord("1", ShardState.STORED, "shards/a", "id-a", None, "m", "s", 100, 11, RUNS)
ENTRY = ShardEntry("shards/a", "id-a", "m", 100, 11, tuple(GroupRun(*run) for run in RUNS))


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def _write(store: FolderStore, number: int, body: str) -> str:
    name = name_snapshot(number, body)
    store.write_bytes(name, body.encode())
    return name


def _add_shard(ledger: Ledger, key: str) -> None:
    ledger.shards.adopt(
        ShardRecord(key, ShardState.STORED, f"shards/{key}", key, None, "m", "s", 9, 11, RUNS), []
    )


def test_a_snapshot_comes_back_with_its_row_groups(store: FolderStore) -> None:
    name = _write(store, 1, compose([SHARD]))
    assert load_snapshot(store, name) == Snapshot(name, (ENTRY,))


def test_a_snapshot_counts_examples_by_kind_and_split() -> None:
    snapshot = Snapshot("", (ENTRY, ENTRY))
    assert snapshot.rows == 22
    assert snapshot.count() == {
        ("human", "test"): 4,
        ("human", "train"): 8,
        ("song", "train"): 10,
    }


def test_the_newest_snapshot_has_the_highest_number(store: FolderStore) -> None:
    assert newest_snapshot(store) is None
    for number in (2, 1_000_000, 10):
        _write(store, number, compose([SHARD]))
    store.write_bytes("snapshots/notes.txt", b"not ours")
    assert [number_of(name) for name in snapshot_names(store)] == [1_000_000, 10, 2]
    newest = newest_snapshot(store)
    assert newest is not None
    assert number_of(newest.name) == 1_000_000


def test_a_changed_snapshot_is_refused(store: FolderStore) -> None:
    name = _write(store, 1, compose([SHARD]))
    store.write_bytes(name, store.read_bytes(name).replace(b"100", b"101"))
    with pytest.raises(DamagedFileError, match=r"was changed or is incomplete.*its name says"):
        load_snapshot(store, name)


def test_the_one_before_a_damaged_snapshot_is_used_and_said_so(
    store: FolderStore, caplog: pytest.LogCaptureFixture
) -> None:
    whole = _write(store, 1, compose([SHARD]))
    store.write_bytes(_write(store, 2, compose([])), b"half")
    with caplog.at_level(logging.WARNING):
        assert newest_snapshot(store) == Snapshot(whole, (ENTRY,))
    assert "The one before it is used" in caplog.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 99}, "schema version 99; this program reads 1"),
        ({"params_digest": "99"}, "audio parameters 99"),
    ],
)
def test_a_snapshot_of_another_format_is_refused(
    store: FolderStore, change: dict[str, object], message: str
) -> None:
    name = _write(store, 1, json.dumps({**json.loads(compose([SHARD])), **change}))
    with pytest.raises(SchemaMismatchError, match=message):
        load_snapshot(store, name)


@pytest.mark.parametrize("name", ["newest", "snapshots/1-ab.json", "../snapshots/000001.json"])
def test_a_name_that_is_no_snapshot_is_explained(store: FolderStore, name: str) -> None:
    with pytest.raises(MissingFileError, match="is no snapshot name; expected one like"):
        load_snapshot(store, name)


def test_nothing_is_published_while_nothing_is_stored(store: FolderStore, ledger: Ledger) -> None:
    assert publish(ledger, store) is None
    assert store.list() == ()


def test_a_snapshot_is_published_only_when_it_says_something_new(
    store: FolderStore, ledger: Ledger
) -> None:
    _add_shard(ledger, "a")
    first = publish(ledger, store)
    assert first == publish(ledger, store)
    _add_shard(ledger, "b")
    second = publish(ledger, store)
    assert snapshot_names(store) == (second, first)
    newest = newest_snapshot(store)
    assert newest is not None
    assert [shard.key for shard in newest.shards] == ["shards/a", "shards/b"]


class _Unreliable(FolderStore):
    """A store that fails, or stores other bytes, as often as `faults` says."""

    faults: list[str]

    def write_bytes(self, key: str, data: bytes, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        fault = self.faults.pop() if self.faults else "none"
        if fault == "fail":
            raise ConnectionError("the network is gone")
        return super().write_bytes(key, b"?" if fault == "garble" else data, upload=upload)


def test_a_snapshot_that_could_not_be_written_goes_first_next_time(
    tmp_path: Path, ledger: Ledger
) -> None:
    store = _Unreliable(tmp_path / "store")
    store.faults = ["fail"]
    _add_shard(ledger, "a")
    with pytest.raises(ConnectionError):
        publish(ledger, store)
    _add_shard(ledger, "b")
    publish(ledger, store)
    assert [number_of(name) for name in snapshot_names(store)] == [2, 1]


def test_a_snapshot_that_arrives_wrong_is_written_again(tmp_path: Path, ledger: Ledger) -> None:
    store = _Unreliable(tmp_path / "store")
    store.faults = ["garble"]
    _add_shard(ledger, "a")
    with pytest.raises(ChecksumError, match="wrongly; run again"):
        publish(ledger, store)
    assert newest_snapshot(store) is None
    name = publish(ledger, store)
    assert load_snapshot(store, name or "").rows == 11

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.exports import keep_records
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.records import ShardRecord, ShardState, UnitRecord, UnitState
from storage.snapshots import compose, name_snapshot, newest_snapshot, publish
from storage.verify import VerifyReport, verify
from tests.storage.examples import ingest
from tests.storage.ledgers import OpenLedger


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def ledger(tmp_path: Path, store: FolderStore, open_ledger: OpenLedger) -> Iterator[Ledger]:
    with open_ledger() as opened:
        ingest(opened, store, tmp_path / "work", {"a": 2, "b": 1})
        ingest(opened, store, tmp_path / "work", {"c": 4})
        yield opened


def _first_shard(store: FolderStore) -> str:
    snapshot = newest_snapshot(store)
    assert snapshot is not None
    return snapshot.shards[0].key


def _problems(store: FolderStore, ledger: Ledger) -> list[tuple[str, str]]:
    return [(problem.kind, problem.key) for problem in verify(store, ledger).problems]


def test_a_whole_store_is_counted_and_clean(store: FolderStore, ledger: Ledger) -> None:
    assert verify(store, ledger) == VerifyReport(2, 2, 7, 3, ())


def test_a_report_reads_as_a_line_and_a_table(store: FolderStore, ledger: Ledger) -> None:
    clean = verify(store, ledger)
    headline = "2 snapshots, 2 shards, 3 units and 7 examples compared: no problems"
    assert (clean.ok, clean.rows(), clean.headline()) == (True, [], headline)
    store.write_bytes("shards/x", b"x")
    found = verify(store, ledger)
    assert (found.ok, found.headline()[-10:]) == (False, "1 problems")
    assert [(row["kind"], row["key"]) for row in found.rows()] == [("orphan", "shards/x")]


def test_an_empty_store_is_clean(tmp_path: Path, open_ledger: OpenLedger) -> None:
    with open_ledger() as ledger:
        assert verify(FolderStore(tmp_path / "s"), ledger) == VerifyReport(0, 0, 0, 0, ())


def test_a_missing_shard_is_found(store: FolderStore, ledger: Ledger) -> None:
    key = _first_shard(store)
    store.delete(key)
    assert _problems(store, ledger) == [("missing", key)]


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: b"x" + data[1:]])
def test_a_changed_shard_is_found_and_not_repaired(
    store: FolderStore, ledger: Ledger, change: Callable[[bytes], bytes]
) -> None:
    key = _first_shard(store)
    damaged = change(store.read_bytes(key))
    store.write_bytes(key, damaged)
    assert _problems(store, ledger) == [("damaged", key)]
    assert store.read_bytes(key) == damaged


def test_a_changed_snapshot_is_found(store: FolderStore, ledger: Ledger) -> None:
    snapshot = newest_snapshot(store)
    assert snapshot is not None
    store.write_bytes(snapshot.name, b"{}")
    assert ("damaged", snapshot.name) in _problems(store, ledger)


def test_files_that_nobody_lists_are_orphans(store: FolderStore, ledger: Ledger) -> None:
    store.write_bytes("shards/old/forgotten.parquet", b"x")
    store.write_bytes("snapshots/notes.txt", b"x")
    store.write_bytes("audio/song.mp3", b"x")
    assert _problems(store, ledger) == [
        ("orphan", "shards/old/forgotten.parquet"),
        ("orphan", "snapshots/notes.txt"),
    ]


def test_a_unit_and_its_examples_in_two_shards_are_found(
    tmp_path: Path, store: FolderStore, ledger: Ledger, open_ledger: OpenLedger
) -> None:
    with open_ledger("second") as second:
        ingest(second, FolderStore(tmp_path / "other"), tmp_path / "second", {"a": 3})
        (shard,) = second.shards.stored()
    store.put(tmp_path / "other" / str(shard.key), str(shard.key))
    ledger.shards.adopt(shard, [])
    publish(ledger, store)
    found = _problems(store, ledger)
    assert [key for kind, key in found if kind == "doubled" and not key.startswith("shards/")] == [
        "a"
    ]
    assert len([key for kind, key in found if key.startswith("shards/")]) == 2


def test_a_shard_that_the_ledger_does_not_know_is_said(
    store: FolderStore, ledger: Ledger, open_ledger: OpenLedger
) -> None:
    with open_ledger("second") as second:
        kinds = {kind for kind, _ in _problems(store, second)}
    assert kinds == {"unknown"}


def test_a_stored_shard_that_is_in_no_snapshot_is_said(store: FolderStore, ledger: Ledger) -> None:
    store.write_bytes("shards/x", b"x")
    ledger.shards.adopt(
        ShardRecord("x", ShardState.STORED, "shards/x", "x", None, "m", None, 1, 1), []
    )
    assert _problems(store, ledger) == [("unpublished", "shards/x")]


def test_an_older_snapshot_that_lists_a_missing_shard_is_found(
    store: FolderStore, ledger: Ledger
) -> None:
    gone = ShardRecord("g", ShardState.STORED, "shards/gone", "g", None, "m", None, 1, 1)
    body = compose([gone])
    store.write_bytes(name_snapshot(1, body), body.encode())
    assert _problems(store, ledger) == [("missing", "shards/gone")]


def test_a_unit_that_its_shard_does_not_hold_is_found(store: FolderStore, ledger: Ledger) -> None:
    shard = ledger.shards.stored()[0]
    stray = UnitRecord("stray", "human", "train", None, 1, 0, UnitState.STORED, shard.shard_id)
    ledger.shards.adopt(shard, [stray])
    assert _problems(store, ledger) == [("missing", "stray")]


def test_row_groups_that_are_not_those_of_the_snapshot_are_found(
    store: FolderStore, ledger: Ledger
) -> None:
    shard = ledger.shards.stored()[0]
    total = shard.rows or 0
    ledger.shards.adopt(replace(shard, groups=(("human", "train", (total + 1,)),)), [])
    publish(ledger, store)
    (problem,) = verify(store, ledger).problems
    assert (problem.kind, problem.key) == ("damaged", shard.key)
    assert f"says the row groups [{total + 1}]" in problem.text


def test_a_copy_of_the_ledger_that_could_not_be_recovered_is_found(
    tmp_path: Path, store: FolderStore, ledger: Ledger
) -> None:
    ledger.skips.record("a", "decode", "no audio")
    name = keep_records(ledger, store, tmp_path / "work")
    assert _problems(store, ledger) == []
    store.write_bytes(name, b"half")
    assert _problems(store, ledger) == [("damaged", name)]

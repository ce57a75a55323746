from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from storage.compact import compact
from storage.errors import DamagedFileError
from storage.exports import export_names, keep_records
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.retention import RetentionReport, retain
from storage.snapshots import load_snapshot, newest_snapshot, number_of, snapshot_names
from storage.stores import StoredFile
from storage.verify import verify
from tests.storage.examples import ingest


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def compacted(ledger: Ledger, store: FolderStore, work: Path) -> Ledger:
    """A ledger after four nights and a compaction: shards 1 to 4 and their merge, snapshots 1-5."""
    for night in range(4):
        ingest(ledger, store, work, {f"u{night}": 1})
    compact(ledger, store, work)
    return ledger


def _numbers(store: FolderStore) -> list[int]:
    return [number_of(name) for name in snapshot_names(store)]


def test_nothing_goes_before_its_time(compacted: Ledger, store: FolderStore) -> None:
    before = store.list()
    report = retain(compacted, store, keep_days=7)
    assert (report.deleted, store.list()) == ((), before)
    assert [key.split("-")[0] for key in report.waiting] == ["snapshots/000001", "snapshots/000002"]
    assert verify(store, compacted).waiting == 2


def test_what_was_noticed_long_enough_goes_snapshots_first(
    compacted: Ledger, store: FolderStore
) -> None:
    for number in range(4):
        _supersede(compacted, store, number)
    retain(compacted, store)
    assert len(compacted.trash.list()) == 5 + 4 + 1
    report = retain(compacted, store, keep_days=0)
    kinds = [key.partition("/")[0] for key in report.deleted]
    assert kinds == ["snapshots"] * 6 + ["shards"] * 4
    assert _numbers(store) == [9, 8, 7]
    checked = verify(store, compacted)
    assert (checked.examples, checked.problems, checked.waiting) == (8, (), 0)
    assert [str(s.state) for s in compacted.shards.with_files()] == ["stored"] * 5


def _supersede(ledger: Ledger, store: FolderStore, number: int) -> None:
    ingest(ledger, store, store.root.parent / "work", {f"later{number}": 1})


def test_shards_of_the_newest_snapshots_stay_although_they_were_merged(
    compacted: Ledger, store: FolderStore
) -> None:
    retain(compacted, store, keep_days=0)
    report = retain(compacted, store, keep_days=0)
    assert (report.deleted, _numbers(store)) == ((), [5, 4, 3])
    for name in snapshot_names(store):
        for shard in load_snapshot(store, name).shards:
            assert store.stat(shard.key) is not None


def test_a_pinned_snapshot_stays_with_its_shards_until_it_is_released(
    compacted: Ledger, store: FolderStore
) -> None:
    first, second = snapshot_names(store)[::-1][:2]
    compacted.pins.pin("training a", first)
    for number in range(4):
        _supersede(compacted, store, number)
    retain(compacted, store, pinned=[second], keep_days=0)
    retain(compacted, store, pinned=[second], keep_days=0)
    assert _numbers(store) == [9, 8, 7, 2, 1]
    assert all(store.stat(shard.key) for shard in load_snapshot(store, second).shards)
    compacted.pins.release("training a")
    retain(compacted, store, keep_days=0)
    assert _numbers(store) == [9, 8, 7]


def test_a_pin_that_was_not_renewed_for_a_month_ends(
    compacted: Ledger, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    compacted.pins.pin("training a", snapshot_names(store)[-1])
    assert len(compacted.pins.snapshots()) == 1
    monkeypatch.setattr("storage.upkeep_books.PIN_TIME", timedelta(0))
    assert compacted.pins.snapshots() == frozenset()


def test_orphans_go_after_the_delay_and_what_is_needed_again_does_not(
    compacted: Ledger, store: FolderStore
) -> None:
    entry = compacted.shards.stored()[0]
    orphan = str(entry.key).replace(".parquet", "x.parquet")
    store.write_bytes(orphan, b"what a dead worker left")
    retain(compacted, store, pinned=snapshot_names(store))
    assert [record.key for record in compacted.trash.list()] == [orphan]
    compacted.trash.notice({str(entry.key): 1, orphan: 1})
    report = retain(compacted, store, pinned=snapshot_names(store), keep_days=0)
    assert report == RetentionReport((orphan,), 23, (), 0)
    assert store.stat(str(entry.key)) is not None


def test_a_dry_run_changes_nothing(compacted: Ledger, store: FolderStore) -> None:
    before = store.list()
    first = retain(compacted, store, keep_days=0, dry_run=True)
    assert (first.deleted, len(first.waiting), compacted.trash.list()) == ((), 2, ())
    retain(compacted, store)
    again = retain(compacted, store, keep_days=0, dry_run=True)
    assert (len(again.deleted), again.waiting, store.list()) == (2, (), before)


def test_three_copies_of_the_ledger_stay(ledger: Ledger, store: FolderStore, work: Path) -> None:
    for number in range(5):
        ledger.skips.record(f"s{number}", "decode", "no audio")
        keep_records(ledger, store, work)
    retain(ledger, store)
    retain(ledger, store, keep_days=0)
    assert [name[8:14] for name in export_names(store)] == ["000005", "000004", "000003"]


def test_nothing_is_deleted_while_a_snapshot_that_stays_is_damaged(
    compacted: Ledger, store: FolderStore
) -> None:
    retain(compacted, store)
    newest = newest_snapshot(store)
    assert newest is not None
    store.write_bytes(newest.name, b"half")
    before = store.list()
    with pytest.raises(DamagedFileError, match="was changed or is incomplete"):
        retain(compacted, store, keep_days=0)
    assert store.list() == before


def test_other_formats_and_folders_are_not_touched(compacted: Ledger, store: FolderStore) -> None:
    keys = ["shards/other/a.parquet", "audio/a.mp3", "snapshots/notes.txt", "records/1.jsonl"]
    for key in keys:
        store.write_bytes(key, b"x")
    retain(compacted, store)
    retain(compacted, store, keep_days=0)
    assert all(store.stat(key) for key in keys)


class _Twins(FolderStore):
    """A store that lists a second file of the same name, as Drive may have."""

    twin: StoredFile | None = None

    def list(self, prefix: str = "") -> tuple[StoredFile, ...]:
        files = super().list(prefix)
        return (*files, self.twin) if self.twin and self.twin.key.startswith(prefix) else files


@pytest.mark.parametrize("kind", ["shard", "snapshot"])
def test_the_second_file_of_a_name_is_said_and_never_deleted(
    ledger: Ledger, tmp_path: Path, work: Path, kind: str
) -> None:
    store = _Twins(tmp_path / "store")
    ingest(ledger, store, work, {"a": 1})
    key = str(ledger.shards.stored()[0].key) if kind == "shard" else snapshot_names(store)[0]
    store.twin = StoredFile(key, "zz-second", 5, None)
    (problem,) = verify(store, ledger).problems
    assert (problem.kind, problem.key) == ("doubled", key)
    retain(ledger, store)
    assert retain(ledger, store, keep_days=0).deleted == ()
    assert store.stat(key) is not None

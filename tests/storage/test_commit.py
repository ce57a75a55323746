from __future__ import annotations

import threading
from pathlib import Path

import pytest

from storage.commit import CommitReport, commit, prepare_unit
from storage.errors import ChecksumError, ExampleError
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.records import ShardState, UnitState
from storage.snapshots import newest_snapshot
from storage.stores import NEW_UPLOAD, StoredFile, Upload
from storage.verify import verify
from tests.storage.examples import ingest, unit_examples


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def _prepare(ledger: Ledger, work: Path, **rows: int) -> None:
    for unit, count in rows.items():
        prepare_unit(ledger, work, unit, unit_examples(unit, count))


def _published(store: FolderStore) -> int:
    snapshot = newest_snapshot(store)
    return snapshot.rows if snapshot else 0


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_prepared_units_become_a_shard_and_a_snapshot(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    report = ingest(ledger, store, work, {"a": 3, "b": 2})
    snapshot = newest_snapshot(store)
    assert snapshot is not None
    (shard,) = snapshot.shards
    assert report == CommitReport(snapshot.name, 1, 5, shard.size, ())
    assert verify(store, ledger).problems == ()


def test_nothing_of_a_stored_shard_stays_in_the_work_folder(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    ingest(ledger, store, work, {"a": 3, "b": 2})
    assert _files(work) == ["commit.lock"]
    assert [unit.piece for unit in ledger.units.list()] == [None, None]


def test_a_second_run_finds_nothing_to_do(ledger: Ledger, store: FolderStore, work: Path) -> None:
    first = ingest(ledger, store, work, {"a": 3})
    before = store.list()
    assert ingest(ledger, store, work, {"a": 3}) == CommitReport(first.snapshot, 0, 0, 0, ())
    assert store.list() == before
    assert _files(work) == ["commit.lock"]


def test_shards_are_cut_at_their_size_and_the_rest_may_wait(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _prepare(ledger, work, a=1, b=1, c=1)
    size = ledger.units.list()[0].size_bytes
    report = commit(ledger, store, work, shard_bytes=2 * size + 100, final=False)
    assert (report.shards, _published(store)) == (1, 2)
    assert ledger.units.list(state=UnitState.PREPARED)[0].unit_key == "c"
    assert commit(ledger, store, work).shards == 1
    assert _published(store) == 3


def test_a_lost_work_folder_sets_its_units_to_be_prepared_again(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _prepare(ledger, work, a=1, b=1)
    for path in (work / "pieces").iterdir():
        path.unlink()
    assert commit(ledger, store, work).lost_units == ("a", "b")
    assert not ledger.units.is_done("a")
    ingest(ledger, store, work, {"a": 1, "b": 1})
    assert _published(store) == 2


def test_a_damaged_piece_costs_its_unit_and_no_other(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _prepare(ledger, work, a=1, b=1, c=1)
    damaged = work / "pieces" / str(ledger.units.list()[1].piece)
    damaged.write_bytes(bytes(damaged.stat().st_size))
    assert commit(ledger, store, work).lost_units == ("b",)
    assert _published(store) == 2
    ingest(ledger, store, work, {"b": 1})
    assert _published(store) == 3
    assert verify(store, ledger).problems == ()


class _Faulty(FolderStore):
    """A store whose next uploads fail, arrive garbled, or arrive without being confirmed."""

    faults: list[str]

    def put(self, source: Path, key: str, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        fault = self.faults.pop() if self.faults else "none"
        if fault == "fail":
            raise ConnectionError("the network is gone")
        if fault == "garble":
            return self.write_bytes(key, b"?" * source.stat().st_size)
        stored = super().put(source, key, upload=upload)
        if fault == "unconfirmed":
            raise ConnectionError("the answer was lost")
        return stored


@pytest.fixture
def faulty(tmp_path: Path) -> _Faulty:
    return _Faulty(tmp_path / "store")


@pytest.mark.parametrize("fault", ["fail", "unconfirmed"])
def test_an_upload_that_failed_is_repeated_without_building_again(
    ledger: Ledger, faulty: _Faulty, work: Path, fault: str
) -> None:
    faulty.faults = [fault]
    with pytest.raises(ConnectionError):
        ingest(ledger, faulty, work, {"a": 2})
    assert newest_snapshot(faulty) is None
    for path in (work / "pieces").iterdir():
        path.unlink()
    assert commit(ledger, faulty, work).rows == 2
    assert verify(faulty, ledger).problems == ()


def test_an_upload_that_arrived_wrong_is_removed_and_built_anew(
    ledger: Ledger, faulty: _Faulty, work: Path
) -> None:
    faulty.faults = ["garble"]
    with pytest.raises(ChecksumError, match=r"It was removed.*run again: it is built anew"):
        ingest(ledger, faulty, work, {"a": 2})
    assert faulty.list() == ()
    assert ledger.shards.unstored()[0].state == ShardState.PLANNED
    assert commit(ledger, faulty, work).rows == 2
    assert verify(faulty, ledger).problems == ()


def test_a_shard_that_arrived_unnoticed_is_recognised_without_spool_and_pieces(
    ledger: Ledger, faulty: _Faulty, work: Path
) -> None:
    faulty.faults = ["unconfirmed"]
    with pytest.raises(ConnectionError):
        ingest(ledger, faulty, work, {"a": 2})
    for path in (*(work / "pieces").iterdir(), *(work / "spool").iterdir()):
        path.unlink()
    assert commit(ledger, faulty, work).lost_units == ()
    assert _published(faulty) == 2


def test_a_shard_whose_spool_and_pieces_are_lost_is_given_up(
    ledger: Ledger, faulty: _Faulty, work: Path
) -> None:
    faulty.faults = ["fail"]
    with pytest.raises(ConnectionError):
        ingest(ledger, faulty, work, {"a": 2, "b": 1})
    for path in (*(work / "pieces").iterdir(), *(work / "spool").iterdir()):
        path.unlink()
    assert commit(ledger, faulty, work).lost_units == ("a", "b")
    assert ledger.shards.unstored() == ()
    ingest(ledger, faulty, work, {"a": 2, "b": 1})
    assert (_published(faulty), verify(faulty, ledger).problems) == (3, ())


def test_what_killed_commits_left_in_the_spool_goes(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    (work / "spool").mkdir(parents=True)
    for name in (".tmp-1", "0123.parquet"):
        (work / "spool" / name).write_bytes(b"half")
    ingest(ledger, store, work, {"a": 1})
    assert list((work / "spool").iterdir()) == []


def test_commits_at_the_same_time_take_turns(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _prepare(ledger, work, **{f"u{n}": 1 for n in range(6)})
    reports: list[CommitReport] = []

    def run() -> None:
        reports.append(commit(ledger, store, work, shard_bytes=1))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.shards for report in reports) == [0, 0, 6]
    assert verify(store, ledger).problems == ()


def test_a_unit_that_fails_leaves_no_trace(ledger: Ledger, work: Path) -> None:
    with pytest.raises(ExampleError, match="at least one slice"):
        prepare_unit(ledger, work, "a", iter(()))
    assert (ledger.units.list(), _files(work)) == ((), [])


def test_preparing_again_replaces_a_piece_but_not_a_stored_unit(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _prepare(ledger, work, a=1)
    _prepare(ledger, work, a=2)
    ingest(ledger, store, work, {})
    assert _published(store) == 2
    _prepare(ledger, work, a=3)
    ingest(ledger, store, work, {})
    assert (_published(store), _files(work)) == (2, ["commit.lock"])

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.cache import ShardCache
from storage.commit import commit
from storage.compact import CompactReport, compact
from storage.errors import DamagedFileError
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.merge import merge_shards
from storage.merge_book import batch_shards
from storage.reader import ShardReader
from storage.records import ShardState
from storage.recover import adopt_unknown_shards
from storage.snapshots import Snapshot, newest_snapshot, snapshot_names
from storage.stores import NEW_UPLOAD, Store, StoredFile, Upload
from storage.verify import verify
from tests.storage.examples import ingest
from tests.storage.ledgers import Ledgers, OpenLedger
from tests.storage.stores_elsewhere import RemoteFolder

NIGHTS = (
    {"a": ("human", "train", 3), "z": ("song", "train", 2)},
    {"m": ("human", "test", 2), "b": ("human", "train", 9)},
    {"c": ("made", "train", 7)},
)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def _nights(ledger: Ledger, store: Store, work: Path) -> None:
    """Commit one small shard a night."""
    for night in NIGHTS:
        for unit, (kind, split, rows) in night.items():
            ingest(ledger, store, work, {unit: rows}, kind=kind, split=split)


def _snapshot(store: Store) -> Snapshot:
    snapshot = newest_snapshot(store)
    assert snapshot is not None
    return snapshot


def _table(store: FolderStore, snapshot: Snapshot) -> pa.Table:
    """Return every row of a snapshot with all its columns, in the order of their ids."""
    paths = [store.local_path(shard.key) for shard in snapshot.shards]
    tables = [pq.ParquetFile(path).read() for path in paths]
    return pa.concat_tables(tables).combine_chunks().sort_by("example_id")


def test_small_shards_become_one_with_the_same_rows(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _nights(ledger, store, work)
    before = _table(store, _snapshot(store))
    report = compact(ledger, store, work)
    snapshot = _snapshot(store)
    (shard,) = snapshot.shards
    assert report == CompactReport(5, 1, 23, shard.size, snapshot.name)
    assert _table(store, snapshot).equals(before)
    assert verify(store, ledger).problems == ()
    assert [path.name for path in work.rglob("*") if path.is_file()] == ["commit.lock"]


def test_rows_of_a_unit_stay_in_their_order_and_units_lie_as_in_a_new_shard(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _nights(ledger, store, work)
    compact(ledger, store, work)
    (shard,) = _snapshot(store).shards
    ids = pq.read_table(store.local_path(shard.key), columns=["example_id"])["example_id"]
    expected = [("m", 2), ("a", 3), ("b", 9), ("c", 7), ("z", 2)]
    assert ids.to_pylist() == [f"{unit}/{row}" for unit, rows in expected for row in range(rows)]
    assert [(run.kind, run.split) for run in shard.groups] == [
        ("human", "test"),
        ("human", "train"),
        ("made", "train"),
        ("song", "train"),
    ]


def test_a_second_compaction_finds_nothing_to_do(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _nights(ledger, store, work)
    first = compact(ledger, store, work)
    before = store.list()
    assert compact(ledger, store, work) == CompactReport(0, 0, 0, 0, first.snapshot)
    assert store.list() == before


def test_what_comes_after_a_compaction_is_added_to_it(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _nights(ledger, store, work)
    compact(ledger, store, work)
    assert ingest(ledger, store, work, {"a": 3, "new": 1}).rows == 1
    assert (_snapshot(store).rows, len(_snapshot(store).shards)) == (24, 2)
    compact(ledger, store, work)
    assert (_snapshot(store).rows, len(_snapshot(store).shards)) == (24, 1)
    assert verify(store, ledger).problems == ()


def test_a_reader_of_the_old_snapshot_reads_on(
    ledger: Ledger, store: FolderStore, work: Path, tmp_path: Path
) -> None:
    _nights(ledger, store, work)
    old = _snapshot(store)
    reader = ShardReader(ShardCache(store, tmp_path / "cache"), old, batch_size=4)
    expected = sorted(name for batch in reader.batches() for name in batch.example_id)
    compact(ledger, store, work)
    found = [name for batch in reader.batches() for name in batch.example_id]
    assert sorted(found) == expected != []


def test_a_dry_run_tells_and_changes_nothing(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _nights(ledger, store, work)
    before = store.list()
    size = sum(shard.size for shard in _snapshot(store).shards)
    report = compact(ledger, store, work, dry_run=True)
    assert report == CompactReport(5, 1, 23, size, _snapshot(store).name)
    assert (store.list(), ledger.merges.open()) == (before, ())


@pytest.mark.parametrize(
    ("sizes", "at_once", "batches"),
    [
        ((1, 1, 1), 9, ["abc"]),
        ((4, 4, 4), 9, ["ab"]),
        ((1, 1, 1, 1, 1), 2, ["ab", "cd"]),
        ((1,), 9, []),
        ((), 9, []),
    ],
)
def test_shards_are_joined_by_two_at_least(
    sizes: Sequence[int], at_once: int, batches: list[str]
) -> None:
    named = dict(zip("abcde", sizes, strict=False))
    found = batch_shards(named, full_bytes=10, at_once=at_once)
    assert ["".join(batch) for batch in found] == batches


def test_full_shards_are_left_alone(ledger: Ledger, store: FolderStore, work: Path) -> None:
    _nights(ledger, store, work)
    small = min(shard.size for shard in _snapshot(store).shards)
    assert compact(ledger, store, work, full_bytes=2 * small).merged == 0


def test_a_store_that_is_elsewhere_is_compacted_too(
    ledger: Ledger, tmp_path: Path, work: Path
) -> None:
    store = RemoteFolder(tmp_path / "store")
    _nights(ledger, store, work)
    assert compact(ledger, store, work).merged == 5
    assert verify(store, ledger).problems == ()
    assert [path.name for path in work.rglob("*") if path.is_file()] == ["commit.lock"]


class _Faulty(FolderStore):
    """A store that fails before or after the next upload, as often as `faults` says."""

    faults: list[str]

    def put(self, source: Path, key: str, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        fault = self.faults.pop() if self.faults else "none"
        if fault == "before":
            raise ConnectionError("the network is gone")
        stored = super().put(source, key, upload=upload)
        if fault == "after":
            raise ConnectionError("the answer was lost")
        return stored


@pytest.mark.parametrize("fault", ["before", "after"])
@pytest.mark.parametrize("between", ["compact", "commit"])
def test_a_merge_that_was_cut_off_is_carried_on(
    ledger: Ledger, tmp_path: Path, work: Path, fault: str, between: str
) -> None:
    store = _Faulty(tmp_path / "store")
    store.faults = []
    _nights(ledger, store, work)
    store.faults = [fault]
    with pytest.raises(ConnectionError):
        compact(ledger, store, work)
    assert (_snapshot(store).rows, len(ledger.merges.open())) == (23, 1)
    if between == "commit":
        commit(ledger, store, work)
    assert compact(ledger, store, work).merged == 5
    assert len(ledger.shards.stored()) == 1
    assert verify(store, ledger).problems == ()


def test_a_damaged_part_stays_and_so_do_the_others(
    ledger: Ledger, store: FolderStore, work: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _nights(ledger, store, work)
    key = _snapshot(store).shards[0].key
    store.write_bytes(key, b"x" + store.read_bytes(key)[1:])
    assert compact(ledger, store, work).merged == 0
    assert f"shard {key} is damaged" in caplog.text
    assert (ledger.merges.open(), len(ledger.shards.stored())) == ((), 5)


def test_parts_that_hold_other_units_are_refused(
    ledger: Ledger, store: FolderStore, work: Path, tmp_path: Path
) -> None:
    ingest(ledger, store, work, {"a": 1})
    path = store.local_path(_snapshot(store).shards[0].key)
    assert path is not None
    with pytest.raises(DamagedFileError, match="hold 1 units, the ledger expects 2"):
        merge_shards(tmp_path / "merged", [path], ["a", "b"])
    assert not (tmp_path / "merged").exists()


def test_a_ledger_from_before_a_compaction_learns_of_it(
    ledgers: Ledgers, open_ledger: OpenLedger, store: FolderStore, work: Path
) -> None:
    with open_ledger() as ledger:
        _nights(ledger, store, work)
    ledgers.copy("ledger", "backup")
    with open_ledger() as ledger:
        compact(ledger, store, work)
    with open_ledger("backup") as old:
        assert adopt_unknown_shards(old, store) == 1
        assert len(old.shards.stored()) == 1
        ingest(old, store, work, {"a": 3, "new": 1})
        assert verify(store, old).problems == ()
    assert _snapshot(store).rows == 24


def test_a_merge_that_another_workplace_gave_up_is_left_to_it(
    open_ledger: OpenLedger, store: FolderStore, work: Path
) -> None:
    with open_ledger(workplace="here") as here, open_ledger(workplace="there") as there:
        _nights(here, store, work)
        (merged_id,) = here.merges.plan(full_bytes=10**9, at_once=9)
        there.workplaces.sign()
        there.workplaces.take_over("here")
        assert here.merges.open() == ()
        assert [merge.shard_id for merge in there.merges.open()] == [merged_id]
        assert compact(here, store, work).merged == 0
        assert compact(there, store, work.parent / "other").merged == 5
        assert verify(store, there).problems == ()


def test_parts_are_no_longer_counted_but_known(
    ledger: Ledger, store: FolderStore, work: Path
) -> None:
    _nights(ledger, store, work)
    compact(ledger, store, work)
    states = sorted(str(shard.state) for shard in ledger.shards.with_files())
    assert states == [ShardState.MERGED] * 5 + [ShardState.STORED]
    assert len(snapshot_names(store)) == 6

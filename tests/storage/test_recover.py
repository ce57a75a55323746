from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage.folder import FolderStore
from storage.recover import adopt_unknown_shards
from storage.snapshots import number_of, snapshot_names
from storage.verify import verify
from tests.storage.examples import ingest, open_ledger


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def _first_night(tmp_path: Path, store: FolderStore) -> None:
    with open_ledger(tmp_path) as ledger:
        ingest(ledger, store, tmp_path / "work", {"a": 2, "b": 1})


def _lose_ledger(tmp_path: Path) -> None:
    for path in tmp_path.glob("ledger.db*"):
        path.unlink()


def test_after_a_lost_ledger_stored_units_are_done(tmp_path: Path, store: FolderStore) -> None:
    _first_night(tmp_path, store)
    _lose_ledger(tmp_path)
    with open_ledger(tmp_path) as ledger:
        assert adopt_unknown_shards(ledger, store) == 1
        assert ledger.units.is_done("a")
        assert verify(store, ledger).problems == ()
        assert adopt_unknown_shards(ledger, store) == 0


def test_what_was_prepared_again_after_a_lost_ledger_is_not_doubled(
    tmp_path: Path, store: FolderStore
) -> None:
    _first_night(tmp_path, store)
    _lose_ledger(tmp_path)
    shutil.rmtree(tmp_path / "work")
    with open_ledger(tmp_path) as ledger:
        report = ingest(ledger, store, tmp_path / "work", {"a": 2, "c": 4})
        checked = verify(store, ledger)
    assert (report.rows, checked.examples, checked.problems) == (4, 7, ())
    assert [number_of(name) for name in snapshot_names(store)] == [2, 1]


def test_a_ledger_from_a_backup_learns_what_came_after_it(
    tmp_path: Path, store: FolderStore
) -> None:
    _first_night(tmp_path, store)
    shutil.copy(tmp_path / "ledger.db", tmp_path / "backup.db")
    with open_ledger(tmp_path) as ledger:
        ingest(ledger, store, tmp_path / "work", {"c": 4})
    _lose_ledger(tmp_path)
    shutil.move(tmp_path / "backup.db", tmp_path / "ledger.db")
    with open_ledger(tmp_path) as ledger:
        ingest(ledger, store, tmp_path / "work", {"c": 4, "d": 1})
        assert (verify(store, ledger).examples, verify(store, ledger).problems) == (8, ())


def test_a_store_that_this_ledger_filled_costs_no_adoption(
    tmp_path: Path, store: FolderStore
) -> None:
    with open_ledger(tmp_path) as ledger:
        assert adopt_unknown_shards(ledger, store) == 0
        ingest(ledger, store, tmp_path / "work", {"a": 1})
        assert adopt_unknown_shards(ledger, store) == 0


def test_a_store_of_another_format_is_left_alone_and_numbered_on(
    tmp_path: Path, store: FolderStore
) -> None:
    body = b'{"params":{},"params_digest":"other","rows":0,"schema_version":1,"shards":[]}'
    from storage.snapshots import name_snapshot

    store.write_bytes(name_snapshot(41, body.decode()), body)
    with open_ledger(tmp_path) as ledger:
        report = ingest(ledger, store, tmp_path / "work", {"a": 1})
    assert number_of(report.snapshot or "") == 42

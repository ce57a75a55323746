from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage.folder import FolderStore
from storage.recover import adopt_unknown_shards
from storage.snapshots import number_of, snapshot_names
from storage.verify import verify
from tests.storage.examples import ingest
from tests.storage.ledgers import Ledgers, opener


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def _first_night(ledgers: Ledgers, tmp_path: Path, store: FolderStore) -> None:
    with opener(ledgers)() as ledger:
        ingest(ledger, store, tmp_path / "work", {"a": 2, "b": 1})


def test_after_a_lost_ledger_stored_units_are_done(
    ledgers: Ledgers, tmp_path: Path, store: FolderStore
) -> None:
    _first_night(ledgers, tmp_path, store)
    ledgers.lose()
    with opener(ledgers)() as ledger:
        assert adopt_unknown_shards(ledger, store) == 1
        assert ledger.units.is_done("a")
        assert verify(store, ledger).problems == ()
        assert adopt_unknown_shards(ledger, store) == 0


def test_what_was_prepared_again_after_a_lost_ledger_is_not_doubled(
    ledgers: Ledgers, tmp_path: Path, store: FolderStore
) -> None:
    _first_night(ledgers, tmp_path, store)
    ledgers.lose()
    shutil.rmtree(tmp_path / "work")
    with opener(ledgers)() as ledger:
        report = ingest(ledger, store, tmp_path / "work", {"a": 2, "c": 4})
        checked = verify(store, ledger)
    assert (report.rows, checked.examples, checked.problems) == (4, 7, ())
    assert [number_of(name) for name in snapshot_names(store)] == [2, 1]


def test_a_ledger_from_a_backup_learns_what_came_after_it(
    ledgers: Ledgers, tmp_path: Path, store: FolderStore
) -> None:
    _first_night(ledgers, tmp_path, store)
    ledgers.copy("ledger", "backup")
    with opener(ledgers)() as ledger:
        ingest(ledger, store, tmp_path / "work", {"c": 4})
    ledgers.lose()
    ledgers.copy("backup", "ledger")
    with opener(ledgers)() as ledger:
        ingest(ledger, store, tmp_path / "work", {"c": 4, "d": 1})
        assert (verify(store, ledger).examples, verify(store, ledger).problems) == (8, ())


def test_a_store_that_this_ledger_filled_costs_no_adoption(
    ledgers: Ledgers, tmp_path: Path, store: FolderStore
) -> None:
    with opener(ledgers)() as ledger:
        assert adopt_unknown_shards(ledger, store) == 0
        ingest(ledger, store, tmp_path / "work", {"a": 1})
        assert adopt_unknown_shards(ledger, store) == 0


def test_a_store_of_another_format_is_left_alone_and_numbered_on(
    ledgers: Ledgers, tmp_path: Path, store: FolderStore
) -> None:
    body = b'{"params":{},"params_digest":"other","rows":0,"schema_version":1,"shards":[]}'
    from storage.snapshots import name_snapshot

    store.write_bytes(name_snapshot(41, body.decode()), body)
    with opener(ledgers)() as ledger:
        report = ingest(ledger, store, tmp_path / "work", {"a": 1})
    assert number_of(report.snapshot or "") == 42

from __future__ import annotations

import json
import logging
from pathlib import Path

import pyarrow as pa
import pytest

from storage.errors import (
    ChecksumError,
    DamagedFileError,
    LedgerError,
    LostLedgerError,
    SchemaMismatchError,
)
from storage.export_book import DERIVED, EXPORTED
from storage.exports import export_names, fetch_records, keep_records, read_records
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.records import ChampionRecord, MashupRecord, PairRecord, TrackRecord
from storage.recover import recover, refuse_lost_ledger
from storage.stores import NEW_UPLOAD, StoredFile, Upload
from storage.tables import METADATA
from tests.storage.examples import ingest
from tests.storage.ledgers import Ledgers, OpenLedger

TRACK = TrackRecord(
    "sha256:1", "song", "Björk", "Joga", "bjork joga", "j.mp3", "/j.mp3", version=("live",)
)
PAIR = PairRecord("p:1", "m:1", "v:1", "b:1", "train", location={"voice": {"segments": [[0, 1]]}})
MADE = MashupRecord("x:1", "v:1", "b:1", "c:1", {"lufs": -14.0}, {"mp3": "mashups/x.mp3"})
CHAMPION = ChampionRecord("checkpoints/1", "snapshots/1", {"made": {"sdr": 8.3}}, "beats all")


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def _fill(ledger: Ledger) -> None:
    ledger.tracks.add([TRACK])
    ledger.tracks.remember_file("/j.mp3", size=10, mtime_ns=20, track_id="sha256:1")
    ledger.pairs.save(PAIR)
    ledger.skips.record("bad.mp3", "decode", "no audio")
    ledger.mashups.record(MADE)
    ledger.champions.promote(CHAMPION)
    ledger.listings.record("https://list", ["k:1"], title="A list", filters={"shorts": True})


def _everything(ledger: Ledger) -> list[object]:
    with ledger.exports.state() as state:
        return list(state.rows)


def test_a_lost_ledger_comes_back_as_it_was(
    ledgers: Ledgers, open_ledger: OpenLedger, store: FolderStore, work: Path
) -> None:
    with open_ledger() as ledger:
        _fill(ledger)
        ingest(ledger, store, work, {"a": 2, "b": 1})
        name = keep_records(ledger, store, work)
        before = _everything(ledger)
    ledgers.lose()
    with open_ledger() as ledger:
        report = recover(ledger, store, work)
        assert (report.records, report.shards, sum(report.added.values())) == (name, 1, 8)
        assert _everything(ledger) == before
        assert ledger.tracks.get("sha256:1") == TRACK
        assert ledger.champions.current() == CHAMPION
        assert (ledger.units.is_done("a"), ledger.units.is_done("c")) == (True, False)
        assert recover(ledger, store, work).headline().startswith("0 shards adopted and 0 rows")


def test_a_copy_is_written_only_when_something_changed(
    ledgers: Ledgers, open_ledger: OpenLedger, store: FolderStore, work: Path
) -> None:
    with open_ledger() as ledger:
        _fill(ledger)
        first = keep_records(ledger, store, work)
        assert keep_records(ledger, store, work) == first
        ledger.tracks.mark("sha256:1", "kept")
        second = keep_records(ledger, store, work)
    assert export_names(store) == (second, first)
    ledgers.lose()
    with open_ledger() as ledger:
        recover(ledger, store, work)
        assert keep_records(ledger, store, work) == second
    assert export_names(store) == (second, first)
    assert [path.name for path in work.iterdir()] == ["records.lock"]


def test_recovering_changes_nothing_that_the_ledger_knows(
    ledgers: Ledgers, open_ledger: OpenLedger, store: FolderStore, work: Path
) -> None:
    with open_ledger() as ledger:
        ledger.tracks.add([TRACK])
        keep_records(ledger, store, work)
        ledger.tracks.mark("sha256:1", "set_aside", reason="silent")
        assert recover(ledger, store, work).rows() == []
        assert ledger.tracks.require("sha256:1").reason == "silent"


def test_the_copy_before_a_damaged_one_is_used_and_said_so(
    open_ledger: OpenLedger, store: FolderStore, work: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_ledger() as ledger:
        ledger.tracks.add([TRACK])
        first = keep_records(ledger, store, work)
        ledger.skips.record("a", "decode", "no audio")
        store.write_bytes(keep_records(ledger, store, work), b"half")
    with open_ledger("another") as empty, caplog.at_level(logging.WARNING):
        report = recover(empty, store, work)
    assert (report.records, report.rows()) == (first, [{"what": "tracks", "added": 1}])
    assert "The one before it is used" in caplog.text


def test_a_store_without_copies_gives_its_shards(
    ledgers: Ledgers, open_ledger: OpenLedger, store: FolderStore, work: Path
) -> None:
    with open_ledger() as ledger:
        ingest(ledger, store, work, {"a": 2})
    ledgers.lose()
    with open_ledger() as ledger:
        report = recover(ledger, store, work)
    assert report.headline() == (
        "1 shards adopted and 0 rows added from no copy of a ledger "
        "(the next ingest lists its sources anew)"
    )


def test_a_ledger_that_took_no_part_numbers_its_copies_on(
    open_ledger: OpenLedger, store: FolderStore, work: Path
) -> None:
    for name, title in (("one", "a"), ("two", "b")):
        with open_ledger(name) as ledger:
            ledger.skips.record(title, "decode", "no audio")
            keep_records(ledger, store, work)
    assert [name[8:15] for name in export_names(store)] == ["000002-", "000001-"]


def test_an_empty_ledger_on_a_filled_store_is_refused(
    ledgers: Ledgers, open_ledger: OpenLedger, store: FolderStore, work: Path
) -> None:
    with open_ledger() as ledger:
        refuse_lost_ledger(ledger, store)
        ledger.tracks.add([TRACK])
        keep_records(ledger, store, work)
        refuse_lost_ledger(ledger, store)
    ledgers.lose()
    with open_ledger() as ledger:
        with pytest.raises(LostLedgerError, match=r"holds its copy records/0.*Run .* recover"):
            refuse_lost_ledger(ledger, store)
        recover(ledger, store, work)
        refuse_lost_ledger(ledger, store)


def test_a_copy_can_be_read_without_this_program(ledger: Ledger, tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    ledger.tracks.add([TRACK])
    path = store.local_path(keep_records(ledger, store, tmp_path))
    with pa.input_stream(str(path), compression="zstd") as stream:
        header, row = stream.read().decode().splitlines()
    assert json.loads(header)["tables"] == [table.name for table in EXPORTED]
    assert json.loads(row)[1]["artist"] == "Björk"


def test_a_newer_copy_is_refused(tmp_path: Path, ledger: Ledger) -> None:
    path = tmp_path / "copy"
    with pa.output_stream(str(path), compression="zstd") as stream:
        stream.write(b'{"ledger_version": 99}\n')
    with pytest.raises(SchemaMismatchError, match="version 99; this program knows"):
        list(read_records(path, where="records/1"))


@pytest.mark.parametrize(
    "content", [b"", b"no zstd at all", b"\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00"]
)
def test_a_file_that_is_no_copy_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "copy"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match="records/1 is no copy of a ledger"):
        list(read_records(path, where="records/1"))


def test_a_name_that_does_not_fit_the_content_is_refused(
    tmp_path: Path, store: FolderStore
) -> None:
    store.write_bytes(f"records/000001-{'0' * 20}.jsonl.zst", b"x")
    with pytest.raises(DamagedFileError, match="was changed or is incomplete"):
        fetch_records(store, f"records/000001-{'0' * 20}.jsonl.zst", tmp_path / "copy")


class _Garbling(FolderStore):
    """A store that stores other bytes."""

    def put(self, source: Path, key: str, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        return self.write_bytes(key, b"?")


def test_a_copy_that_arrives_wrong_is_removed_and_written_again(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.tracks.add([TRACK])
    with pytest.raises(ChecksumError, match="it was removed: run again"):
        keep_records(ledger, _Garbling(tmp_path / "store"), tmp_path)
    store = FolderStore(tmp_path / "store")
    assert export_names(store) == ()
    written = keep_records(ledger, store, tmp_path)
    assert export_names(store) == (written,)


class _Busy(FolderStore):
    """A store that lets another worker copy the same ledger just before we note our copy."""

    other: Ledger
    turns: int

    def reserve_id(self) -> str | None:
        if self.turns:
            self.turns -= 1
            keep_records(self.other, FolderStore(self.root), self.root.parent / "other")
            self.other.skips.record(f"s{self.turns}", "decode", "no audio")
        return None


@pytest.mark.parametrize(("turns", "copies"), [(1, 2), (9, None)])
def test_a_copy_written_meanwhile_by_another_worker_comes_before(
    open_ledger: OpenLedger, tmp_path: Path, turns: int, copies: int | None
) -> None:
    with open_ledger() as ledger, open_ledger() as other:
        ledger.tracks.add([TRACK])
        store = _Busy(tmp_path / "store")
        store.other, store.turns = other, turns
        if copies is None:
            with pytest.raises(LedgerError, match="another worker copied the ledger meanwhile"):
                keep_records(ledger, store, tmp_path / "work")
            return
        name = keep_records(ledger, store, tmp_path / "work")
        assert (export_names(store)[0], len(export_names(store))) == (name, copies)
        path = store.local_path(name)
        assert path is not None
        tables = [table for table, _ in read_records(path, where=name)]
    assert tables == ["tracks", "skips"]


def test_every_table_is_copied_or_derived() -> None:
    assert set(METADATA.sorted_tables) == {*EXPORTED, *DERIVED}
    order = {table: number for number, table in enumerate(METADATA.sorted_tables)}
    for table in EXPORTED:
        owners = [key.column.table for key in table.foreign_keys]
        assert all(EXPORTED.index(owner) < EXPORTED.index(table) for owner in owners), order

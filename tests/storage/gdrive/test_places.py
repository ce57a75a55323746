from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.errors import MissingFileError
from storage.gdrive.store import DriveStore
from storage.options import DriveOptions
from tests.loopback.drive import LoopbackDrive, serve_drive
from tests.loopback.drive_faults import Rule
from tests.loopback.drive_state import FOLDER, Meta, sums_of


@pytest.fixture
def slow_drive(tmp_path: Path) -> Iterator[LoopbackDrive]:
    """A Drive whose listings learn of new and deleted files only after a minute."""
    with serve_drive(tmp_path / "slow", list_lag_s=60) as running:
        yield running
        assert running.state.errors == []


def open_slow(drive: LoopbackDrive, options: DriveOptions) -> DriveStore:
    return DriveStore(drive.store_url, replace(options, api_root=drive.api_root))


def add(drive: LoopbackDrive, name: str, parent: str, data: bytes | None = None) -> Meta:
    """Add a file, or a folder without data, as another program would."""
    meta = {"name": name, "parents": [parent]}
    if data is None:
        return drive.state.create({**meta, "mimeType": FOLDER})
    temp = drive.state.folder / "new"
    temp.write_bytes(data)
    return drive.state.create(meta, temp, sums_of(temp))


def names(store: DriveStore, prefix: str = "") -> list[str]:
    return [file.key for file in store.list(prefix)]


def test_what_was_written_is_there_before_listings_show_it(
    slow_drive: LoopbackDrive, drive_options: DriveOptions
) -> None:
    store = open_slow(slow_drive, drive_options)
    store.write_bytes("a/b/c", b"1")
    for again in (store, open_slow(slow_drive, drive_options)):
        assert names(again) == names(again, "a/") == ["a/b/c"]
        assert again.read_bytes("a/b/c") == b"1"
    open_slow(slow_drive, drive_options).write_bytes("a/b/c", b"2")
    assert len(slow_drive.state.live_files()) == 1


def test_what_was_deleted_is_gone_while_listings_still_show_it(
    drive: LoopbackDrive, store: DriveStore, drive_options: DriveOptions
) -> None:
    store.write_bytes("a/b", b"1")
    drive.state.list_lag_s = 60
    store.delete("a/b")
    for again in (store, DriveStore(drive.store_url, drive_options)):
        assert names(again) == []
        assert again.stat("a/b") is None


def test_two_processes_at_once_make_one_folder_and_one_file(
    slow_drive: LoopbackDrive, drive_options: DriveOptions
) -> None:
    first, second = (open_slow(slow_drive, drive_options) for _ in range(2))
    first.write_bytes("a/b", b"1")
    second.write_bytes("a/c", b"2")
    second.write_bytes("a/b", b"3")
    assert [file["path"] for file in slow_drive.state.tree()] == ["a/b", "a/c"]
    folders = [f for f in slow_drive.state.files.values() if f["name"] == "a"]
    assert len(folders) == 1


def test_an_id_that_a_killed_process_claimed_is_used(
    drive: LoopbackDrive, drive_options: DriveOptions
) -> None:
    killed = DriveStore(drive.store_url, drive_options)
    claimed = killed._places.claim("a", str(killed.reserve_id()))
    assert DriveStore(drive.store_url, drive_options).write_bytes("a", b"1").file_id == claimed


def test_of_two_files_of_a_name_the_oldest_counts_and_the_other_is_said(
    drive: LoopbackDrive, store: DriveStore, caplog: pytest.LogCaptureFixture
) -> None:
    root = drive.state.root_id
    oldest, younger = (add(drive, "a", root, data) for data in (b"old", b"new"))
    with caplog.at_level(logging.WARNING):
        assert store.read_bytes("a") == b"old"
        assert [file.file_id for file in store.list()] == [oldest["id"]]
    assert f"2 files named 'a'; the oldest, {oldest['id']}, is used" in caplog.text
    assert younger["id"] in caplog.text


def test_deleting_a_key_leaves_no_file_of_its_name(drive: LoopbackDrive, store: DriveStore) -> None:
    for data in (b"old", b"new"):
        add(drive, "a", drive.state.root_id, data)
    store.delete("a")
    assert drive.state.live_files() == []


def test_where_only_managers_may_delete_a_file_goes_into_the_bin(
    drive: LoopbackDrive, store: DriveStore
) -> None:
    file_id = store.write_bytes("a", b"1").file_id
    drive.plan(Rule("403:insufficientFilePermissions", method="DELETE", times=None))
    store.delete("a")
    assert drive.state.files[file_id]["trashed"] is True
    assert store.stat("a") is None


def test_folders_of_the_same_name_count_as_one(drive: LoopbackDrive, store: DriveStore) -> None:
    for name in ("x", "y"):
        add(drive, name, add(drive, "shards", drive.state.root_id)["id"], name.encode())
    assert names(store, "shards/") == ["shards/x", "shards/y"]
    assert store.read_bytes("shards/y") == b"y"


def test_what_is_no_key_is_not_listed(drive: LoopbackDrive, store: DriveStore) -> None:
    root = drive.state.root_id
    add(drive, "with/slash", root, b"1")
    add(drive, ".tmp-left", root, b"1")
    drive.state.create({"name": "document", "parents": [root]})  # Google's own: no bytes
    add(drive, "it's \\ odd", root, b"1")
    add(drive, "it's fine", root, b"1")
    assert names(store) == ["it's fine"]
    assert store.read_bytes("it's fine") == b"1"


def test_what_lies_in_the_bin_is_not_there_and_is_made_anew(
    drive: LoopbackDrive, store: DriveStore
) -> None:
    first = store.write_bytes("a/b", b"1").file_id
    drive.state.update(first, {"trashed": True})
    assert names(store) == []
    with pytest.raises(MissingFileError, match="no file 'a/b'"):
        store.read_bytes("a/b")
    assert store.write_bytes("a/b", b"2").file_id != first


def test_a_folder_that_somebody_deleted_is_made_anew_by_the_next_run(
    drive: LoopbackDrive, store: DriveStore, drive_options: DriveOptions
) -> None:
    file = store.write_bytes("a/b", b"1").file_id
    folder = drive.state.files[file]["parents"][0]
    for gone in (file, folder):
        drive.state.delete(gone)
    with pytest.raises(MissingFileError, match="uploading 'c'"):
        store.write_bytes("a/c", b"2")
    DriveStore(drive.store_url, drive_options).write_bytes("a/c", b"2")
    assert [file["path"] for file in drive.state.tree()] == ["a/c"]


def test_names_that_differ_in_case_are_different_keys(store: DriveStore) -> None:
    store.write_bytes("Song", b"1")
    assert store.stat("song") is None


def test_many_folders_are_listed_in_several_queries(
    drive: LoopbackDrive, store: DriveStore
) -> None:
    for number in range(45):
        add(drive, "file", add(drive, f"f{number:02d}", drive.state.root_id)["id"], b"1")
    assert names(store) == [f"f{number:02d}/file" for number in range(45)]


def test_a_store_on_a_shared_drive_works(drive: LoopbackDrive, drive_options: DriveOptions) -> None:
    drive.state.files[drive.state.root_id]["driveId"] = "shared"
    store = DriveStore(drive.store_url, drive_options)
    store.write_bytes("a/b", b"1")
    assert names(store) == ["a/b"]
    store.delete("a/b")
    listings = drive.asked("GET", "/files?")
    assert all("corpora=drive&driveId=shared" in request["path"] for request in listings[1:])

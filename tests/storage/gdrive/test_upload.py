from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.errors import (
    ChecksumError,
    DiskFullError,
    MissingFileError,
    PausedError,
    StoreUnavailableError,
)
from storage.files import md5_bytes
from storage.gdrive.store import DriveStore
from storage.options import BLOCK_BYTES, Backoff, DriveOptions
from storage.stores import Upload
from tests.loopback.drive import LoopbackDrive
from tests.loopback.drive_faults import Rule

SIZE = 5 * 1024 * 1024 + 17  # several chunks, the last one odd
DATA = os.urandom(SIZE)
IMPATIENT = Backoff(first_s=0.001, tries=3)


@pytest.fixture
def drive_options(drive_options: DriveOptions) -> DriveOptions:
    return replace(drive_options, chunk_bytes=8 * BLOCK_BYTES)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "shard.parquet"
    path.write_bytes(DATA)
    return path


def stored_md5s(drive: LoopbackDrive) -> list[str]:
    return [file["md5Checksum"] for file in drive.state.live_files()]


def spans(drive: LoopbackDrive) -> list[str]:
    return [request["headers"]["Content-Range"] for request in drive.asked("PUT")]


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    "action",
    [
        "503",
        "500",
        "429",
        "403:userRateLimitExceeded",
        "drop",
        "drop:700000",
        "lost_ack",
        "404:notFound",
        "410",
    ],
)
def test_whatever_befalls_a_chunk_one_whole_file_arrives(
    drive: LoopbackDrive, store: DriveStore, source: Path, action: str, number: int
) -> None:
    drive.plan(Rule(action, method="PUT", first=number))
    assert store.put(source, "shards/a", upload=Upload(store.reserve_id())).size == SIZE
    assert stored_md5s(drive) == [md5_bytes(DATA)]


@pytest.mark.parametrize("data", [b"small", DATA], ids=["at once", "in chunks"])
@pytest.mark.parametrize("action", ["503", "drop", "lost_ack", "429"])
def test_whatever_befalls_the_first_request_one_file_arrives(
    drive: LoopbackDrive, store: DriveStore, data: bytes, action: str
) -> None:
    drive.plan(Rule(action, method="POST", path="/upload/", times=2))
    store.write_bytes("a", data)
    assert stored_md5s(drive) == [md5_bytes(data)]


def test_after_a_500_the_server_is_asked_and_the_rest_is_sent(
    drive: LoopbackDrive, store: DriveStore, source: Path
) -> None:
    drive.plan(Rule("500", method="PUT", first=2))
    store.put(source, "a")
    chunk = 8 * BLOCK_BYTES
    assert spans(drive) == [
        f"bytes 0-{chunk - 1}/{SIZE}",
        f"bytes {chunk}-{2 * chunk - 1}/{SIZE}",
        f"bytes */{SIZE}",
        f"bytes {chunk}-{2 * chunk - 1}/{SIZE}",
        f"bytes {2 * chunk}-{SIZE - 1}/{SIZE}",
    ]


def test_of_a_broken_chunk_only_what_the_server_has_not_is_sent_again(
    drive: LoopbackDrive, store: DriveStore, source: Path
) -> None:
    drive.plan(Rule(f"drop:{3 * BLOCK_BYTES + 5}", method="PUT"))
    store.put(source, "a")
    assert spans(drive)[2].startswith(f"bytes {3 * BLOCK_BYTES}-")


def test_another_process_carries_an_upload_on(
    drive: LoopbackDrive, drive_options: DriveOptions, source: Path
) -> None:
    first = DriveStore(drive.store_url, replace(drive_options, backoff=IMPATIENT))
    file_id, sessions = first.reserve_id(), list[str]()
    drive.plan(Rule("503", method="PUT", first=2, times=None))
    with pytest.raises(StoreUnavailableError, match=r"uploading 'a'.*503.*carries on"):
        first.put(source, "a", upload=Upload(file_id, None, sessions.append))
    drive.plan()
    before = len(spans(drive))
    second = DriveStore(drive.store_url, drive_options)
    second.put(source, "a", upload=Upload(file_id, sessions[0], sessions.append))
    assert len(sessions) == 1
    assert [span.partition("-")[0] for span in spans(drive)[before:]] == [
        f"bytes */{SIZE}",
        f"bytes {8 * BLOCK_BYTES}",
        f"bytes {16 * BLOCK_BYTES}",
    ]
    assert stored_md5s(drive) == [md5_bytes(DATA)]


def test_a_session_that_google_forgot_is_begun_anew(
    drive: LoopbackDrive, store: DriveStore, source: Path
) -> None:
    old, sessions = f"{drive.api_root}upload/drive/v3/files?upload_id=old", list[str]()
    store.put(source, "a", upload=Upload(store.reserve_id(), old, sessions.append))
    assert len(sessions) == 1
    assert stored_md5s(drive) == [md5_bytes(DATA)]


def test_an_upload_that_arrived_unnoticed_is_found_by_its_reserved_id(
    drive: LoopbackDrive, drive_options: DriveOptions, source: Path, tmp_path: Path
) -> None:
    first = DriveStore(drive.store_url, drive_options)
    upload = Upload(first.reserve_id())
    first.put(source, "a", upload=upload)
    forgetful = replace(drive_options, state_dir=tmp_path / "other")
    drive.state.list_lag_s = 60
    again = DriveStore(drive.store_url, forgetful).put(source, "a", upload=upload)
    assert again.file_id == upload.file_id
    assert len(drive.state.live_files()) == 1


def test_content_that_arrives_wrong_is_sent_again(drive: LoopbackDrive, store: DriveStore) -> None:
    drive.plan(Rule("corrupt", path="/upload/"))
    assert store.write_bytes("a", b"data").md5 == md5_bytes(b"data")
    assert stored_md5s(drive) == [md5_bytes(b"data")]


def test_content_that_keeps_arriving_wrong_is_an_error(
    drive: LoopbackDrive, store: DriveStore, source: Path
) -> None:
    drive.plan(Rule("corrupt", path="/upload/", times=None))
    with pytest.raises(ChecksumError, match=r"a does not arrive .* as it was sent: expected md5"):
        store.put(source, "a")


def test_of_a_file_that_is_not_what_the_caller_thinks_the_true_md5_is_told(
    drive: LoopbackDrive, store: DriveStore, source: Path
) -> None:
    assert store.put(source, "a", upload=Upload(md5="0" * 32)).md5 == md5_bytes(DATA)
    drive.plan(Rule("corrupt", path="/upload/"))
    assert store.put(source, "b", upload=Upload(md5=md5_bytes(DATA))).md5 == md5_bytes(DATA)
    assert stored_md5s(drive) == [md5_bytes(DATA)] * 2


def test_replacing_keeps_the_id_whatever_the_size(
    drive: LoopbackDrive, store: DriveStore, source: Path
) -> None:
    ids = {store.write_bytes("champion.json", b"{}").file_id}
    ids.add(store.put(source, "champion.json").file_id)
    ids.add(store.write_bytes("champion.json", b"[]").file_id)
    assert len(ids) == len(drive.state.live_files()) == 1
    assert store.read_bytes("champion.json") == b"[]"


def test_the_same_content_is_not_sent_again(drive: LoopbackDrive, store: DriveStore) -> None:
    store.write_bytes("a", b"data")
    before = len(drive.asked(path="/upload/"))
    store.write_bytes("a", b"data")
    assert len(drive.asked(path="/upload/")) == before


def test_a_full_drive_is_explained_at_once(drive: LoopbackDrive, store: DriveStore) -> None:
    drive.state.quota = 3
    with pytest.raises(DiskFullError, match=r"no room on Google Drive .*Free some space"):
        store.write_bytes("a", b"data")
    assert len(drive.asked("POST", "/upload/")) == 1


def test_the_daily_limit_stops_uploads_until_a_date(
    drive: LoopbackDrive, store: DriveStore
) -> None:
    limit = "403:userRateLimitExceeded:User rate limit exceeded."
    drive.plan(Rule(limit, path="/upload/", times=None))
    with pytest.raises(PausedError, match=r"750 GB of uploads a day.*run again after") as caught:
        store.write_bytes("a", b"data")
    assert timedelta(hours=23) < caught.value.until - datetime.now(UTC) < timedelta(hours=24)
    asked = len(drive.asked(path="/upload/"))
    assert asked == 5
    with pytest.raises(PausedError, match="run again after"):
        store.write_bytes("b", b"data")
    assert len(drive.asked(path="/upload/")) == asked


def test_a_store_folder_that_is_gone_is_explained(drive: LoopbackDrive, store: DriveStore) -> None:
    drive.state.update(drive.state.root_id, {"trashed": True})
    with pytest.raises(MissingFileError, match=r"store's folder https://.* MASHUP_STORE_URL"):
        store.write_bytes("a", b"data")


def test_a_limited_upload_goes_no_faster(
    drive: LoopbackDrive, drive_options: DriveOptions, source: Path
) -> None:
    store = DriveStore(drive.store_url, replace(drive_options, max_bytes_s=8e6))
    began = datetime.now(UTC)
    store.put(source, "a")
    assert datetime.now(UTC) - began > timedelta(seconds=0.4)

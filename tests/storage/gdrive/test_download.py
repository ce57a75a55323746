from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from storage.errors import ChecksumError, MissingFileError, StoreUnavailableError
from storage.gdrive.store import DriveStore
from storage.options import Backoff, DriveOptions
from tests.loopback.drive import LoopbackDrive
from tests.loopback.drive_faults import Rule

DATA = os.urandom(1_000_017)
MEDIA = "alt=media"


@pytest.fixture
def drive_options(drive_options: DriveOptions) -> DriveOptions:
    return replace(drive_options, chunk_bytes=400_000)


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    "action",
    ["503", "429", "403:rateLimitExceeded", "drop", "truncate:100", "ignore_range", "corrupt"],
)
def test_whatever_befalls_a_download_the_right_bytes_arrive(
    drive: LoopbackDrive, store: DriveStore, tmp_path: Path, action: str, number: int
) -> None:
    store.write_bytes("a", DATA)
    drive.plan(Rule(action, path=MEDIA, first=number))
    assert store.fetch("a", tmp_path / "target").read_bytes() == DATA
    assert store.read_bytes("a") == DATA


def test_after_a_cut_only_the_range_that_is_missing_is_asked_for(
    drive: LoopbackDrive, store: DriveStore, tmp_path: Path
) -> None:
    store.write_bytes("a", DATA)
    drive.plan(Rule("truncate:9", path=MEDIA, first=2))
    store.fetch("a", tmp_path / "target")
    asked = drive.asked(path=MEDIA)
    (cut,) = (request["headers"]["Range"] for request in asked if request["fault"])
    ranges = ["bytes=0-399999", "bytes=400000-799999", "bytes=800000-1000016"]
    assert sorted(r["headers"]["Range"] for r in asked) == sorted([*ranges, cut])


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_bytes_that_keep_coming_wrong_are_an_error_and_leave_no_file(
    drive: LoopbackDrive, store: DriveStore, tmp_path: Path, kind: str
) -> None:
    file_id = store.write_bytes("a", DATA).file_id
    if kind == "md5":  # as of a file that is so old that Drive knows nothing else
        del drive.state.files[file_id]["sha256Checksum"]
    assert store.fetch("a", tmp_path / "right").read_bytes() == store.read_bytes("a") == DATA
    drive.plan(Rule("corrupt", path=MEDIA, times=None))
    with pytest.raises(ChecksumError, match=f"'a' came 3 times with {kind}"):
        store.fetch("a", tmp_path / "target")
    with pytest.raises(ChecksumError, match="from a backup"):
        store.read_bytes("a")
    assert [path.name for path in tmp_path.glob("*t")] == ["right"]


def test_a_line_that_stays_dead_is_an_error_that_says_so(
    drive: LoopbackDrive, drive_options: DriveOptions, tmp_path: Path
) -> None:
    hasty = replace(drive_options, backoff=Backoff(first_s=0.001, tries=3))
    store = DriveStore(drive.store_url, hasty)
    store.write_bytes("a", DATA)
    drive.plan(Rule("drop", path=MEDIA, times=None))
    with pytest.raises(StoreUnavailableError, match=r"downloading file .* Check the network"):
        store.fetch("a", tmp_path / "target")
    assert len(drive.asked(path=MEDIA)) >= 3


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (5, 10, DATA[5:15]),
        (999_000, 5_000, DATA[999_000:]),
        (399_990, 20, DATA[399_990:400_010]),
        (100, None, DATA[100:]),
        (2_000_000, 10, b""),
        (0, 0, b""),
    ],
)
def test_a_part_is_read_as_that_part(
    store: DriveStore, start: int, length: int | None, expected: bytes
) -> None:
    file_id = store.write_bytes("a", DATA).file_id
    assert store.read_bytes("a", file_id=file_id, start=start, length=length) == expected


def test_with_an_id_a_part_costs_one_request(drive: LoopbackDrive, store: DriveStore) -> None:
    file_id = store.write_bytes("a", DATA).file_id
    before = len(drive.state.requests)
    store.read_bytes("a", file_id=file_id, start=7, length=100)
    assert len(drive.state.requests) == before + 1


def test_a_file_restored_under_another_id_is_found_by_its_key(store: DriveStore) -> None:
    store.write_bytes("shards/a", b"data")
    assert store.read_bytes("shards/a", file_id="gone") == b"data"
    assert store.read_bytes("shards/a", file_id="gone", start=1, length=2) == b"at"
    with pytest.raises(MissingFileError, match="no file 'b'"):
        store.read_bytes("b", file_id="gone", start=1)

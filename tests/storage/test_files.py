from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from storage.errors import DiskFullError
from storage.files import (
    Digest,
    atomic_path,
    copy_atomic,
    digest_file,
    md5_bytes,
    md5_file,
    sweep_temps,
    write_atomic,
)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_digest_has_size_md5_and_sha256(tmp_path: Path) -> None:
    data = bytes(range(256)) * 8192  # more than one block
    (tmp_path / "f").write_bytes(data)
    md5, sha256 = hashlib.md5(data).hexdigest(), hashlib.sha256(data).hexdigest()
    assert digest_file(tmp_path / "f") == Digest(len(data), md5, sha256)
    assert md5_file(tmp_path / "f") == md5_bytes(data) == md5


def test_a_file_appears_when_the_block_ends_and_not_before(tmp_path: Path) -> None:
    target = tmp_path / "new" / "deep" / "file"
    with atomic_path(target) as temp:
        temp.write_bytes(b"abc")
        assert not target.exists()
    assert target.read_bytes() == b"abc"
    assert _names(target.parent) == ["file"]


def test_an_error_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", b"old")
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "file") as temp:
        temp.write_bytes(b"half")
        raise RuntimeError
    assert _names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_full_disk_is_explained_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(DiskFullError, match=r"no room to write .*MB free.*run again"),
        atomic_path(tmp_path / "file") as temp,
    ):
        temp.symlink_to("/dev/full")
        temp.write_bytes(b"abc")
    assert _names(tmp_path) == []


def test_a_copy_returns_the_md5_of_what_it_copied(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert copy_atomic(tmp_path / "a", tmp_path / "b") == hashlib.md5(b"abc").hexdigest()
    assert (tmp_path / "b").read_bytes() == b"abc"


def test_sweeping_removes_old_temporary_files_in_all_folders(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("sub/.tmp-a", ".tmp-b", "kept"):
        (tmp_path / name).write_bytes(b"")
    assert sweep_temps(tmp_path, older_than_s=60) == 0
    assert sweep_temps(tmp_path, older_than_s=-1) == 2
    assert _names(tmp_path) == ["kept", "sub"]


def test_who_reads_the_old_file_is_not_disturbed_by_a_new_one(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", b"old content")
    with (tmp_path / "file").open("rb", buffering=0) as reader:
        assert reader.read(1) == b"o"
        write_atomic(tmp_path / "file", b"new content")
        assert reader.read() == b"ld content"
    assert (tmp_path / "file").read_bytes() == b"new content"

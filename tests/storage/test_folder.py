from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.errors import MissingFileError, StoreUrlError
from storage.files import TEMP_PREFIX
from storage.folder import FolderStore
from tests.storage.store_contract import StoreContract


class TestFolderStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> FolderStore:
        return FolderStore(tmp_path / "store")

    def test_what_a_killed_writer_left_is_invisible_and_swept_when_old(
        self, store: FolderStore
    ) -> None:
        store.write_bytes("shards/a", b"abc")
        old, young = (store.root / "shards" / f"{TEMP_PREFIX}{name}" for name in ("old", "young"))
        old.write_bytes(b"half")
        young.write_bytes(b"half")
        os.utime(old, (0, 0))
        assert [file.key for file in store.list()] == ["shards/a"]
        assert store.sweep("shards/") == 1
        assert not old.exists()
        assert young.exists()

    def test_the_same_content_is_not_written_again(self, store: FolderStore, source: Path) -> None:
        store.put(source, "a")
        before = (store.root / "a").stat()
        store.put(source, "a")
        assert (store.root / "a").stat().st_ino == before.st_ino

    def test_a_folder_is_no_file(self, store: FolderStore) -> None:
        store.write_bytes("a/b", b"abc")
        assert store.stat("a") is None
        with pytest.raises(MissingFileError, match="no file 'a'"):
            store.read_bytes("a")


def test_a_file_cannot_be_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUrlError, match="a folder was expected, this is a file"):
        FolderStore(tmp_path / "file")

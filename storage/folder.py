"""A store that is a folder on this machine, or on whatever is mounted there."""

# ruff: noqa: ARG002  (folders need neither reserved ids nor upload sessions)

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from storage.errors import MissingFileError, StoreUrlError
from storage.files import (
    TEMP_PREFIX,
    copy_atomic,
    md5_bytes,
    md5_file,
    sweep_temps,
    write_atomic,
)
from storage.stores import NEW_UPLOAD, StoredFile, Upload, check_key, check_prefix


class FolderStore:
    """Keys are paths below `root`; files appear by rename, so a reader never sees half of one."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        if self.root.exists() and not self.root.is_dir():
            raise StoreUrlError(
                f"cannot keep a store in {self.root}: a folder was expected, this is a file. "
                "Name another folder in MASHUP_STORE_URL."
            )

    @property
    def url(self) -> str:
        return self.root.as_uri()

    def reserve_id(self) -> str | None:
        return None

    def put(self, source: Path, key: str, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        target = self._path(key)
        same = target.is_file() and target.stat().st_size == source.stat().st_size
        md5 = md5_file(target) if same else None
        if md5 is None or md5 != md5_file(source):
            md5 = copy_atomic(source, target)
        return StoredFile(key, file_id=key, size=target.stat().st_size, md5=md5)

    def write_bytes(self, key: str, data: bytes, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        write_atomic(self._path(key), data)
        return StoredFile(key, file_id=key, size=len(data), md5=md5_bytes(data))

    def fetch(self, key: str, target: Path, *, file_id: str | None = None) -> Path:
        copy_atomic(self._existing(key), target)
        return target

    def read_bytes(
        self, key: str, *, file_id: str | None = None, start: int = 0, length: int | None = None
    ) -> bytes:
        with self._existing(key).open("rb") as source:
            source.seek(start)
            return source.read(-1 if length is None else length)

    def list(self, prefix: str = "") -> tuple[StoredFile, ...]:
        folder = self.root / check_prefix(prefix).rpartition("/")[0]
        found = []
        for path in folder.rglob("*"):
            key = path.relative_to(self.root).as_posix()
            if key.startswith(prefix) and not path.name.startswith(TEMP_PREFIX):
                with suppress(FileNotFoundError):  # deleted since the folder was read
                    found += _describe(key, path)
        return tuple(sorted(found, key=lambda file: file.key))

    def stat(self, key: str, *, file_id: str | None = None) -> StoredFile | None:
        path = self._path(key)
        if not path.is_file():
            return None
        return StoredFile(key, file_id=key, size=path.stat().st_size, md5=md5_file(path))

    def delete(self, key: str, *, file_id: str | None = None) -> None:
        self._path(key).unlink(missing_ok=True)

    def link(self, key: str) -> str:
        return self._existing(key).as_uri()

    def local_path(self, key: str) -> Path | None:
        return self._existing(key)

    def sweep(self, prefix: str = "") -> int:
        return sweep_temps(self.root / check_prefix(prefix))

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _existing(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            raise MissingFileError(
                f"no file {key!r} in {self.url}. Run `python -m flows verify` to see what is gone."
            )
        return path


def _describe(key: str, path: Path) -> list[StoredFile]:
    """List the file at `path` without reading it; nothing for a folder."""
    if path.is_dir():
        return []
    return [StoredFile(key, file_id=key, size=path.stat().st_size, md5=None)]

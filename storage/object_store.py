"""A store in a bucket of S3 or Google Cloud Storage, through pyarrow's own filesystems.

What a bucket calls an ETag is no md5 once an upload had parts, and pyarrow passes on no metadata
of one's own: the md5 stands as a parameter in the content type.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from pyarrow import fs

from storage.errors import ChecksumError, MissingFileError
from storage.files import (
    COPY_BYTES,
    TEMP_MAX_AGE_S,
    TEMP_PREFIX,
    atomic_path,
    md5_bytes,
    md5_file,
)
from storage.object_address import ObjectAddress, explained, open_filesystem, parse_url
from storage.options import ObjectOptions
from storage.stores import NEW_UPLOAD, StoredFile, Upload, check_key, check_prefix

AT_ONCE_BYTES = 4 << 20  # up to here a file is sent by one request
_MD5 = re.compile(r"; *md5=([0-9a-f]{32})$")


class ObjectStore:
    """Keys are objects below the prefix; each appears whole, by one request or by a copy."""

    def __init__(self, url: str, options: ObjectOptions) -> None:
        self.options = options
        self._address: ObjectAddress = parse_url(url)
        self._fs: Any = open_filesystem(self._address, options)

    def __reduce__(self) -> tuple[object, ...]:  # threads stay here: a worker opens its own
        return ObjectStore, (self.url, self.options)

    @property
    def url(self) -> str:
        return f"{self._address.scheme}://{quote(self._address.root)}"

    def reserve_id(self) -> str | None:
        return None

    def put(self, source: Path, key: str, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        del upload  # names are identity here
        md5, size = md5_file(source), source.stat().st_size
        file = StoredFile(check_key(key), file_id=key, size=size, md5=md5)
        if self.stat(key) == file:
            return file
        with explained(self.url, "storing", key):
            if size <= AT_ONCE_BYTES:
                self._send_at_once(key, source.read_bytes(), md5)
            else:
                self._send_and_copy(source, file)
        return file

    def write_bytes(self, key: str, data: bytes, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        del upload
        md5 = md5_bytes(data)
        with explained(self.url, "storing", check_key(key)):
            self._send_at_once(key, data, md5)
        return StoredFile(key, file_id=key, size=len(data), md5=md5)

    def fetch(self, key: str, target: Path, *, file_id: str | None = None) -> Path:
        del file_id
        md5 = hashlib.md5(usedforsecurity=False)
        with explained(self.url, "fetching", key), atomic_path(target) as temp:
            with self._open(key) as reader, temp.open("wb") as writer:
                expected = _md5_of(reader)
                while block := reader.read(COPY_BYTES):
                    md5.update(block)
                    writer.write(block)
            _compare(key, expected, md5.hexdigest())
        return target

    def read_bytes(
        self, key: str, *, file_id: str | None = None, start: int = 0, length: int | None = None
    ) -> bytes:
        del file_id
        with explained(self.url, "reading", key), self._open(key) as reader:
            rest = max(0, reader.size() - start)
            data = bytes(reader.read_at(rest if length is None else min(length, rest), start))
            if start == 0 and length is None:
                _compare(key, _md5_of(reader), md5_bytes(data))
            return data

    def list(self, prefix: str = "") -> tuple[StoredFile, ...]:
        files = ((self._key(info.path), info) for info in self._files_below(check_prefix(prefix)))
        found = [
            StoredFile(key, file_id=key, size=info.size, md5=None)
            for key, info in files
            if key.startswith(prefix) and TEMP_PREFIX not in info.base_name
        ]
        return tuple(sorted(found, key=lambda file: file.key))

    def stat(self, key: str, *, file_id: str | None = None) -> StoredFile | None:
        del file_id
        try:
            with explained(self.url, "asking for", key), self._open(key) as reader:
                md5 = _md5_of(reader) or md5_bytes(reader.read())
                return StoredFile(key, file_id=key, size=reader.size(), md5=md5)
        except MissingFileError:
            return None

    def delete(self, key: str, *, file_id: str | None = None) -> None:
        del file_id
        path = self._path(key)
        with explained(self.url, "deleting", key):
            if self._fs.get_file_info(path).type == fs.FileType.File:
                self._fs.delete_file(path)

    def link(self, key: str) -> str:
        with explained(self.url, "linking", key):
            self._open(key).close()
        return f"{self.url}/{quote(key)}"

    def local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    def sweep(self, prefix: str = "") -> int:
        oldest = time.time() - TEMP_MAX_AGE_S
        swept = 0
        for info in self._files_below(check_prefix(prefix)):
            if info.base_name.startswith(TEMP_PREFIX) and info.mtime.timestamp() < oldest:
                self._fs.delete_file(info.path)
                swept += 1
        return swept

    def _send_at_once(self, key: str, data: bytes, md5: str) -> None:
        with self._create(self._path(key), md5) as writer:
            writer.write(data)

    def _send_and_copy(self, source: Path, file: StoredFile) -> None:
        """Send a large file under another name first: pyarrow ends even a broken upload."""
        target = self._path(file.key)
        temp = f"{target.rpartition('/')[0]}/{TEMP_PREFIX}{uuid4().hex}"
        try:
            with source.open("rb") as reader, self._create(temp, file.md5 or "") as writer:
                while block := reader.read(COPY_BYTES):
                    writer.write(block)
            arrived = self._fs.get_file_info(temp).size
            if arrived != file.size:
                raise ChecksumError(
                    f"{file.key} arrived with {arrived} bytes, expected {file.size}; run again"
                )
            self._fs.copy_file(temp, target)
        finally:
            if self._fs.get_file_info(temp).type == fs.FileType.File:
                self._fs.delete_file(temp)

    def _create(self, path: str, md5: str) -> Any:
        kind = {"Content-Type": f"application/octet-stream; md5={md5}"}
        return self._fs.open_output_stream(path, metadata=kind)

    def _open(self, key: str) -> Any:
        return self._fs.open_input_file(self._path(key))

    def _files_below(self, prefix: str) -> Iterator[Any]:
        """Find every object in the folder part of `prefix`, temporary ones too."""
        folder = f"{self._address.root}/{prefix}".rpartition("/")[0]
        selector = fs.FileSelector(folder, recursive=True, allow_not_found=True)
        with explained(self.url, "listing", prefix):
            found = self._fs.get_file_info(selector)
        return (info for info in found if info.type == fs.FileType.File)

    def _path(self, key: str) -> str:
        return f"{self._address.root}/{check_key(key)}"

    def _key(self, path: str) -> str:
        return path.removeprefix(self._address.root + "/")


def _md5_of(reader: Any) -> str | None:
    """Return the md5 that stands with an object; None if another program put it there."""
    kind = reader.metadata().get("Content-Type", b"").decode("ascii", "replace")
    match = _MD5.search(kind)
    return match[1] if match else None


def _compare(key: str, expected: str | None, found: str) -> None:
    if expected not in (None, found):
        raise ChecksumError(
            f"{key} came with md5 {found}, expected {expected}. Check disk and network and run "
            "again; if it stays so, restore the file from a backup."
        )

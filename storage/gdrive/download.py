"""Downloads: range by range, two at once, each tried again, the checksum compared at the end.

The client's own loop cannot start at an offset and never looks at a checksum. Ours compares the
sha256, twice as fast as md5 on processors of this decade, and the md5 of files that have no other.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from googleapiclient.errors import HttpError

from storage.errors import ChecksumError
from storage.files import atomic_path
from storage.gdrive.client import DriveClient
from storage.gdrive.entry import DriveFile

TRIES = 3  # of a whole file, where its checksum is wrong
AT_ONCE = 2  # chunks of one file under way: hides the time until a server begins to answer
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


class _Check:
    """The checksum of bytes that come, and what Drive says it is."""

    def __init__(self, file: DriveFile) -> None:
        self._file = file
        self._name = "sha256" if file.sha256 else "md5"
        self._hash = hashlib.new(self._name, usedforsecurity=False)
        self.update = self._hash.update

    def is_right(self) -> bool:
        return self._hash.hexdigest() == (self._file.sha256 or self._file.md5)

    def error(self) -> ChecksumError:
        return ChecksumError(
            f"{self._file.name!r} came {TRIES} times with {self._name} {self._hash.hexdigest()}, "
            f"Google Drive says {self._file.sha256 or self._file.md5}. Check disk and network and "
            "run again; if it stays so, restore the file from a backup."
        )


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes of a file, and how many it has in all."""

    data: bytes
    total: int


class Downloader:
    """Reads files from Drive; safe to share by threads."""

    def __init__(self, client: DriveClient) -> None:
        self._client = client

    def fetch(self, file: DriveFile, target: Path) -> None:
        """Write a whole file to `target`, which appears only if its checksum is right.

        Raises
        ------
        ChecksumError
            Other bytes came than Drive says it has, time after time.
        """
        with atomic_path(target) as temp:
            for _ in range(TRIES):
                check = _Check(file)
                self._write(file, temp, check)
                if check.is_right():
                    return
            raise check.error()

    def read_whole(self, file: DriveFile) -> bytes:
        """Return a whole file; see `fetch`."""
        for _ in range(TRIES):
            check = _Check(file)
            data = self.read(file.file_id, 0, file.size or 0)
            check.update(data)
            if check.is_right():
                return data
        raise check.error()

    def read(self, file_id: str, start: int, length: int | None) -> bytes:
        """Return `length` bytes from `start` on, fewer at the end; there is no md5 of a part.

        Raises
        ------
        MissingFileError
            Drive has no file of that id.
        """
        return b"".join(self._pieces(file_id, start, length))

    def _write(self, file: DriveFile, path: Path, check: _Check) -> None:
        """Write a file; other threads receive, hash and flush meanwhile."""
        with path.open("wb") as writer, ThreadPoolExecutor(2, "download") as pool:
            hashing = pool.submit(check.update, b"")
            flushing = pool.submit(os.fsync, writer.fileno())
            for data in self._chunks(file):
                writer.write(data)
                hashing.result()
                hashing = pool.submit(check.update, data)
                if flushing.done():
                    flushing.result()
                    flushing = pool.submit(os.fsync, writer.fileno())
            hashing.result()
            flushing.result()

    def _chunks(self, file: DriveFile) -> Iterator[bytes]:
        """Yield a whole file in chunks; while one is used, the next ones are on their way."""
        size, step = file.size or 0, self._client.options.chunk_bytes
        if size <= step:  # in this thread, whose connection is open
            yield self.read(file.file_id, 0, size)
            return
        with ThreadPoolExecutor(AT_ONCE, "receive") as pool:
            todo = (
                pool.submit(self.read, file.file_id, start, min(step, size - start))
                for start in range(0, size, step)
            )
            coming = deque(islice(todo, AT_ONCE))
            while coming:
                data = coming.popleft().result()
                coming.extend(islice(todo, 1))
                yield data

    def _pieces(self, file_id: str, start: int, length: int | None) -> Iterator[bytes]:
        """Yield the bytes in chunks, as far as the file goes."""
        position, end = start, None if length is None else start + length
        while end is None or position < end:
            step = self._client.options.chunk_bytes
            wanted = step if end is None else min(step, end - position)
            piece = self._piece(file_id, position, wanted)
            end = piece.total if end is None else min(end, piece.total)
            if not piece.data:
                return
            yield piece.data
            position += len(piece.data)

    def _piece(self, file_id: str, start: int, length: int) -> _Piece:
        self._client.throttle.take(length)
        request = self._client.request(
            lambda files: files.get_media(fileId=file_id, supportsAllDrives=True)
        )
        headers = {
            **request.headers,
            "range": f"bytes={start}-{start + length - 1}",
            "accept-encoding": "identity",
        }

        def ask(http: Any) -> _Piece:
            answer, body = http.request(request.uri, method="GET", headers=headers)
            return _read_answer(answer, body, start, length)

        return self._client.run(f"downloading file {file_id}", ask)


def _read_answer(answer: Any, body: bytes, start: int, length: int) -> _Piece:
    """Return the bytes that were asked for, whether the server heeded the range or not."""
    if answer.status == 416:  # the file ends before `start`
        return _Piece(b"", 0)
    if answer.status == 200:
        return _Piece(body[start : start + length], len(body))
    match = _CONTENT_RANGE.fullmatch(answer.get("content-range", ""))
    if answer.status != 206 or not match:
        raise HttpError(answer, body)
    if int(match[1]) != start:
        raise ConnectionError(f"asked for bytes from {start} on, got {answer['content-range']}")
    return _Piece(body, int(match[2]))

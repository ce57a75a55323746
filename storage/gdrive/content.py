"""Bytes on their way up: a file or a few bytes, with their md5 computed on the side."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage.files import md5_bytes, md5_file


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be stored; used by one thread."""

    stream: BinaryIO
    size: int  # bytes
    md5_under_way: Future[str]

    @property
    def md5(self) -> str:
        """The md5 as hex digits; waits until it is known."""
        return self.md5_under_way.result()

    def read(self, start: int, length: int) -> bytes:
        """Return `length` bytes from `start` on, fewer at the end."""
        self.stream.seek(start)
        return self.stream.read(length)


@contextmanager
def open_content(source: Path) -> Iterator[Content]:
    """Open a file; its md5 is computed by another thread while it is sent."""
    with source.open("rb") as stream, ThreadPoolExecutor(1, "md5") as pool:
        yield Content(stream, source.stat().st_size, pool.submit(md5_file, source))


def content_of(data: bytes) -> Content:
    """Return bytes as content."""
    md5: Future[str] = Future()
    md5.set_result(md5_bytes(data))
    return Content(io.BytesIO(data), len(data), md5)

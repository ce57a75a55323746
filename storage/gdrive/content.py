"""Bytes on their way up: a file or a few bytes, and the md5 that must arrive."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from storage.files import md5_bytes, md5_file


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be stored; used by one thread."""

    stream: BinaryIO
    size: int  # bytes
    md5: Callable[[], str]  # of the bytes themselves; may have to wait or to read them
    expected_md5: str | None = None  # what the caller says it is

    def read(self, start: int, length: int) -> bytes:
        """Return `length` bytes from `start` on, fewer at the end."""
        self.stream.seek(start)
        return self.stream.read(length)

    def has_md5(self, md5: str) -> bool:
        """Tell whether that is the md5; the bytes are asked only if it is not as expected."""
        return md5 == self.expected_md5 or md5 == self.md5()


@contextmanager
def open_content(source: Path, expected_md5: str | None = None) -> Iterator[Content]:
    """Open a file; unless its md5 is known, another thread computes it while it is sent."""
    with source.open("rb") as stream, ThreadPoolExecutor(1, "md5") as pool:
        size = source.stat().st_size
        if expected_md5:
            yield Content(stream, size, partial(md5_file, source), expected_md5)
        else:
            yield Content(stream, size, pool.submit(md5_file, source).result)


def content_of(data: bytes) -> Content:
    """Return bytes as content."""
    return Content(io.BytesIO(data), len(data), partial(md5_bytes, data))

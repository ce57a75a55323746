"""A stored file as a seekable stream, so that Parquet reads only the bytes it needs of it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq

from storage.errors import DamagedFileError
from storage.schema import check_footer
from storage.snapshots import ShardEntry
from storage.stores import Store


class StoredStream(io.RawIOBase):
    """Bytes of one stored file, fetched range by range."""

    def __init__(self, store: Store, key: str, *, size: int, file_id: str | None = None) -> None:
        super().__init__()
        self._store, self._key, self._file_id = store, key, file_id
        self._size, self._position = size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        rest = max(0, self._size - self._position)
        length = rest if size is None or size < 0 else min(size, rest)
        if not length:
            return b""
        data = self._store.read_bytes(
            self._key, file_id=self._file_id, start=self._position, length=length
        )
        self._position += len(data)
        return data


@contextmanager
def open_stored(store: Store, entry: ShardEntry) -> Iterator[pq.ParquetFile]:
    """Open a shard in the store without fetching it whole.

    Raises
    ------
    MissingFileError
        The store does not have it.
    DamagedFileError
        Its footer is broken.
    SchemaMismatchError
        It was written with another schema version or other audio parameters.
    """
    stream = StoredStream(store, entry.key, size=entry.size, file_id=entry.file_id)
    try:
        file = pq.ParquetFile(pa.PythonFile(stream, mode="r"))
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise DamagedFileError(f"{entry.key} is no readable Parquet file: {error}") from error
    with file:
        check_footer(file.metadata.metadata, where=entry.key)
        yield file

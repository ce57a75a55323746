"""Whole shards on the local disk: fetched once, compared by md5, the least used removed first."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

from storage.errors import ChecksumError, StorageError
from storage.files import TEMP_PREFIX, make_folder, md5_file, sweep_temps
from storage.snapshots import ShardEntry
from storage.stores import Store

CACHE_BYTES = 20_000_000_000


class ShardCache:
    """Shards of one store in `folder`, at most `limit_bytes` of them; safe to share by threads.

    A store that lies on this machine is read in place. Several processes may share a folder. The
    md5 is compared before a fetched file appears. Of files that lay there before, the checksums of
    their pages tell whether they are whole; a reader that finds one broken lets it `drop`, and it
    is fetched again.
    """

    def __init__(self, store: Store, folder: Path, *, limit_bytes: int = CACHE_BYTES) -> None:
        self.store, self.folder, self.limit_bytes = store, folder, limit_bytes
        self._suspects: set[str] = set()
        self._compared: set[str] = set()
        self._arriving_bytes = 0
        self._locks: dict[str, threading.Lock] = {}
        self._space = threading.Lock()
        make_folder(folder)
        sweep_temps(folder)

    def __reduce__(self) -> tuple[object, ...]:  # locks stay here: a worker process makes its own
        return partial(ShardCache, limit_bytes=self.limit_bytes), (self.store, self.folder)

    def path(self, shard: ShardEntry) -> Path:
        """Return a local file that holds the shard, fetching it if need be.

        Raises
        ------
        ChecksumError
            The store itself holds other bytes than the snapshot says.
        MissingFileError
            The store does not have the shard.
        StorageError
            The shard is larger than the cache may be.
        """
        with self._locks.setdefault(shard.key, threading.Lock()):
            path = self.store.local_path(shard.key)
            if path is None:
                return self._cached(shard)
            if shard.key in self._suspects or path.stat().st_size != shard.size:
                _check_md5(shard, path)
            return path

    def drop(self, shard: ShardEntry) -> None:
        """Forget a shard whose bytes turned out to be broken; a store in place is checked next."""
        self._suspects.add(shard.key)
        self._compared.discard(shard.key)
        self._cache_path(shard).unlink(missing_ok=True)

    def was_compared(self, shard: ShardEntry) -> bool:
        """Tell whether this process compared the md5 of the file that it fetched."""
        return shard.key in self._compared

    def _cached(self, shard: ShardEntry) -> Path:
        path = self._cache_path(shard)
        if path.is_file() and path.stat().st_size == shard.size:
            _touch(path)
            return path
        with self._room_for(shard):
            temp = self.folder / f"{TEMP_PREFIX}{uuid4().hex}"
            try:
                self.store.fetch(shard.key, temp, file_id=shard.file_id)
                _check_md5(shard, temp)
                temp.replace(path)
            finally:
                temp.unlink(missing_ok=True)
        self._compared.add(shard.key)
        return path

    @contextmanager
    def _room_for(self, shard: ShardEntry) -> Iterator[None]:
        """Remove what was unused for longest, and keep the room until the shard is there."""
        if shard.size > self.limit_bytes:
            raise StorageError(
                f"shard {shard.key} has {shard.size / 1e6:.0f} MB, but the shard cache may hold "
                f"only {self.limit_bytes / 1e6:.0f} MB. Raise its limit."
            )
        with self._space:
            self._arriving_bytes += shard.size
            files = _by_last_use(self.folder)
            excess = sum(size for _, size in files) + self._arriving_bytes - self.limit_bytes
            for path, size in files:
                if excess <= 0:
                    break
                path.unlink(missing_ok=True)  # who has it open reads on
                excess -= size
        try:
            yield
        finally:
            with self._space:
                self._arriving_bytes -= shard.size

    def _cache_path(self, shard: ShardEntry) -> Path:
        return self.folder / shard.key.replace("/", "-")


def _check_md5(shard: ShardEntry, path: Path) -> None:
    found = md5_file(path)
    if found != shard.md5:
        raise ChecksumError(
            f"shard {path} is damaged: expected md5 {shard.md5} and {shard.size} bytes, "
            f"got {found} and {path.stat().st_size}. Restore {shard.key} in the store."
        )


def _touch(path: Path) -> None:
    """Note the use of a file in its access time; its time of writing stays."""
    os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def _by_last_use(folder: Path) -> list[tuple[Path, int]]:
    """List the shards in `folder` with their sizes, the one unused for longest first."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file() and not entry.name.startswith(TEMP_PREFIX):
                status = entry.stat()
                found.append((status.st_atime_ns, Path(entry.path), status.st_size))
    return [(path, size) for _, path, size in sorted(found)]

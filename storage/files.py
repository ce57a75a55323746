"""Files that appear whole or not at all: temporary name, fsync, rename, fsync of the folder."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from storage.errors import DiskFullError

TEMP_PREFIX = ".tmp-"  # every name that starts so is invisible to readers and may be swept
TEMP_MAX_AGE_S = 3600.0  # a temporary file that nobody wrote to for an hour has lost its writer
COPY_BYTES = 1 << 20

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Digest:
    """Size and hashes of one file: md5 is what stores report, sha256 is what names carry."""

    size: int
    md5: str
    sha256: str


def digest_file(path: Path) -> Digest:
    """Read `path` once and return its size, md5 and sha256."""
    md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    with path.open("rb") as source:
        while block := source.read(COPY_BYTES):
            md5.update(block)
            sha256.update(block)
            size += len(block)
    return Digest(size, md5.hexdigest(), sha256.hexdigest())


def md5_file(path: Path) -> str:
    """Return the md5 of a file as hex digits, the checksum that every store can report."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, _new_md5).hexdigest()


def md5_bytes(data: bytes) -> str:
    """Return the md5 of `data` as hex digits."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a temporary path beside `target`; on success it becomes `target`, durably.

    On any error the temporary file is removed and `target` stays as it was.

    Raises
    ------
    DiskFullError
        The disk, quota or file-size limit was reached.
    """
    make_folder(target.parent)
    temp = target.parent / f"{TEMP_PREFIX}{uuid4().hex}"
    try:
        yield temp
        fsync_file(temp)
        temp.replace(target)
        fsync_folder(target.parent)
    except OSError as error:
        if error.errno in _FULL:
            raise _disk_full(target, error) from error
        raise
    finally:
        temp.unlink(missing_ok=True)


def write_atomic(target: Path, data: bytes) -> None:
    """Write `data` as `target`, whole or not at all."""
    with atomic_path(target) as temp:
        temp.write_bytes(data)


def copy_atomic(source: Path, target: Path) -> str:
    """Copy `source` to `target`, whole or not at all, and return the md5 of what was copied."""
    md5 = hashlib.md5(usedforsecurity=False)
    with atomic_path(target) as temp, source.open("rb") as reader, temp.open("wb") as writer:
        while block := reader.read(COPY_BYTES):
            md5.update(block)
            writer.write(block)
    return md5.hexdigest()


def make_folder(folder: Path) -> None:
    """Create `folder` and its parents so that they survive a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    fsync_folder(folder.parent)


def sweep_temps(folder: Path, *, older_than_s: float = TEMP_MAX_AGE_S) -> int:
    """Remove what writers that were killed left below `folder`; return how many files went.

    Should a writer still be alive, it fails at its rename and is retried: nothing is corrupted.
    """
    limit, swept = time.time() - older_than_s, 0
    for path in folder.rglob(f"{TEMP_PREFIX}*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime <= limit:
                path.unlink()
                swept += 1
    return swept


def fsync_file(path: Path) -> None:
    """Force the content of `path` to the disk."""
    _fsync(path, os.O_RDWR)


def fsync_folder(folder: Path) -> None:
    """Force the names in `folder` to the disk; systems that cannot open folders need no more."""
    with suppress(PermissionError):
        _fsync(folder, os.O_RDONLY)


def _fsync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _new_md5() -> hashlib._Hash:
    return hashlib.md5(usedforsecurity=False)


def _disk_full(target: Path, error: OSError) -> DiskFullError:
    free_mb = shutil.disk_usage(target.parent).free / 1e6
    return DiskFullError(
        f"no room to write {target}: {error.strerror}; {free_mb:.0f} MB free on that disk. "
        "Nothing half-written was left. Free some space, or raise the quota or file-size limit, "
        "and run again: it carries on where it stopped."
    )

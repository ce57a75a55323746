"""What a store of files is, whatever stands behind it, and how a URL opens one.

A store holds whole files under keys such as `shards/ab12/34.parquet`. A file appears under its
key complete or not at all, and `put` may be repeated: that is all the commit protocol needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from storage.errors import StoreKeyError, StoreUrlError
from storage.files import TEMP_PREFIX
from storage.options import StoreOptions

SCHEMES = ("file", "gdrive", "s3", "gs")
MAX_KEY_BYTES = 1024  # the limit of object stores
MAX_NAME_BYTES = 255  # the limit of file systems, for each part between slashes


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One complete file of a store."""

    key: str
    file_id: str  # what the store itself calls it; the key, where names are identity
    size: int  # bytes
    md5: str | None  # hex; None in a listing where the store would have to read the file


@dataclass(frozen=True, slots=True)
class Upload:
    """What makes an upload repeatable on stores that name files by id.

    `file_id` was reserved before the upload, so that a repeat cannot make a second file;
    `session` resumes an upload that an earlier process began; `save_session` is called with
    each new session, so that the caller can keep it; `md5`, where the caller knows what the bytes
    should have, saves reading them once more. Folders need none of the four.
    """

    file_id: str | None = None
    session: str | None = field(default=None, repr=False)  # who has it may upload
    save_session: Callable[[str], None] | None = None
    md5: str | None = None


NEW_UPLOAD = Upload()
DEFAULT_OPTIONS = StoreOptions()


class Store(Protocol):
    """The verbs that every store has; `tests/storage/store_contract.py` says what they mean.

    `file_id` saves stores that name files by id the search for the key; it is never required.
    Every verb raises `StoreKeyError` for a key that `check_key` refuses, and those that need
    the file raise `MissingFileError` where there is none.
    """

    @property
    def url(self) -> str:
        """The URL that opens this store again."""

    def reserve_id(self) -> str | None:
        """Reserve the id of a file to come; None where keys are identity."""

    def put(self, source: Path, key: str, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        """Store the file `source` under `key`, replacing what was there; md5 is what arrived."""

    def write_bytes(self, key: str, data: bytes, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        """Store `data` under `key`, replacing what was there; md5 is what arrived."""

    def fetch(self, key: str, target: Path, *, file_id: str | None = None) -> Path:
        """Copy the file to `target`, which appears whole or not at all, and return `target`."""

    def read_bytes(
        self, key: str, *, file_id: str | None = None, start: int = 0, length: int | None = None
    ) -> bytes:
        """Return `length` bytes from `start` on, to the end if None."""

    def list(self, prefix: str = "") -> tuple[StoredFile, ...]:
        """Return all complete files whose key starts with `prefix`, sorted by key."""

    def stat(self, key: str, *, file_id: str | None = None) -> StoredFile | None:
        """Return what is stored under `key`, its md5 included; None if there is nothing."""

    def delete(self, key: str, *, file_id: str | None = None) -> None:
        """Remove the file; removing what is not there is no error."""

    def link(self, key: str) -> str:
        """Return a URL by which a person can open the file."""

    def local_path(self, key: str) -> Path | None:
        """Return where the file lies on this machine; None for stores that are elsewhere."""

    def sweep(self, prefix: str = "") -> int:
        """Remove what interrupted writes left in the folder `prefix`, never a complete file."""


def open_store(url: str, options: StoreOptions = DEFAULT_OPTIONS) -> Store:
    """Open the store that `url` names.

    `file:///absolute/path` or `file://./relative/path`, `gdrive://<folder id>`,
    `s3://bucket/prefix`, `gs://bucket/prefix`.

    Raises
    ------
    StoreUrlError
        The URL has no scheme that is supported, or names no place.
    StoreAccessError
        Nobody is logged in there.
    """
    # Backends load only when used: some are slow to import.
    scheme = urlsplit(url).scheme
    if scheme == "file":
        from storage.folder import FolderStore

        return FolderStore(_local_folder(url))
    if scheme == "gdrive":
        from storage.gdrive.store import DriveStore

        return DriveStore(url, options.drive)
    if scheme in ("s3", "gs"):
        from storage.object_store import ObjectStore

        return ObjectStore(url, options.objects)
    raise StoreUrlError(
        f"cannot open store {url!r}: supported are {_list_schemes()}; got "
        f"{scheme + '://' if scheme else 'no scheme'}. "
        "Set MASHUP_STORE_URL to a URL such as file:///home/me/mashups."
    )


def _local_folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", ".", "..", "~") or parts.path in ("", "/"):
        raise StoreUrlError(
            f"cannot open store {url!r}: expected file:///absolute/path or file://./relative/path; "
            f"got the host {parts.netloc!r} and the path {parts.path!r}. Mind the third slash."
        )
    if parts.query or parts.fragment:
        raise StoreUrlError(
            f"cannot open store {url!r}: a path without ? or # was expected. "
            "Write %3F for a question mark and %23 for a hash."
        )
    return Path(unquote(parts.netloc + parts.path))


def check_key(key: str) -> str:
    """Return `key` if it is safe under every store, else raise `StoreKeyError`.

    Parts are separated by single slashes; no part is `.` or `..`, holds a backslash or a control
    character, starts like a temporary file, or is longer than file systems allow.
    """
    reason = _key_fault(key)
    if reason:
        raise StoreKeyError(
            f"bad store key {key!r}: {reason}. Expected parts like 'audio/name.mp3', "
            "relative, separated by '/'."
        )
    return key


def check_prefix(prefix: str) -> str:
    """Return `prefix` if keys may start with it, else raise `StoreKeyError`."""
    if prefix:
        check_key(prefix.removesuffix("/") if prefix != "/" else prefix)
    return prefix


def _key_fault(key: str) -> str | None:
    parts = key.split("/")
    if "" in parts:
        return "it is empty, absolute, or has an empty part"
    if "." in parts or ".." in parts:
        return "'.' and '..' could leave the store"
    if "\\" in key or any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in key):
        return "a backslash or control character"
    if any(part.startswith(TEMP_PREFIX) for part in parts):
        return f"names that start with {TEMP_PREFIX!r} are temporary files"
    return _length_fault(key, parts)


def _length_fault(key: str, parts: list[str]) -> str | None:
    try:
        longest = max(len(part.encode()) for part in parts)
    except UnicodeEncodeError:
        return "it is not valid Unicode"
    if longest > MAX_NAME_BYTES or len(key.encode()) > MAX_KEY_BYTES:
        return f"at most {MAX_NAME_BYTES} bytes a part and {MAX_KEY_BYTES} in all"
    return None


def _list_schemes() -> str:
    return ", ".join(f"{scheme}://" for scheme in SCHEMES)

"""What can go wrong with stores, shards and the ledger; every message says what to do next."""

from __future__ import annotations

from datetime import datetime


class StorageError(Exception):
    """Base of all errors of this package."""


class StoreUrlError(StorageError, ValueError):
    """The URL names no store or ledger that this project can open."""


class StoreKeyError(StorageError, ValueError):
    """The key could leave its store, or cannot be a file name everywhere."""


class MissingFileError(StorageError, FileNotFoundError):
    """The store holds no file under that key."""


class DiskFullError(StorageError, OSError):
    """A disk, quota or file-size limit is reached; nothing half-written was left behind."""


class StoreAccessError(StorageError, PermissionError):
    """Nobody is logged in, the login has expired, or it does not allow what was asked."""


class StoreUnavailableError(StorageError, ConnectionError):
    """The store did not answer, however often it was tried."""


class PausedError(StorageError, RuntimeError):
    """The store takes nothing more before `until`; trying sooner only makes it worse."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message, until)
        self.until = until

    def __str__(self) -> str:
        return str(self.args[0])


class ChecksumError(StorageError, ValueError):
    """Bytes are not those that were recorded."""


class ExampleError(StorageError, ValueError):
    """An example breaks a rule of the schema."""


class SchemaMismatchError(StorageError, ValueError):
    """A file was written with another schema version or other audio parameters."""


class DamagedFileError(StorageError, ValueError):
    """A Parquet file or snapshot cannot be read as what its name says."""


class LedgerError(StorageError, RuntimeError):
    """The ledger cannot be opened, is too new, or cannot be written."""


class ReaderStateError(StorageError, ValueError):
    """A saved reading position belongs to another order of examples."""


class GivenUpError(LedgerError):
    """A shard of this workplace was taken over by another one meanwhile."""

    def __init__(self, shard_id: str) -> None:
        super().__init__(
            f"shard {shard_id} is no longer this workplace's: another one took it over, because "
            "this one gave no sign of life for days, or compaction gave it up. Nothing is lost; "
            "the next run carries on. If this machine is alive, compare its clock."
        )


class LostLedgerError(LedgerError):
    """The ledger is empty although its store was filled: it was lost, or another one is meant."""

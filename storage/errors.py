"""What can go wrong with stores, shards and the ledger; every message says what to do next."""

from __future__ import annotations


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

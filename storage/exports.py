"""The ledger's rows that nothing else tells, kept in the store: what a lost ledger is rebuilt from.

Tracks, pairs, what was set aside, mashups and champions, one JSON line a row, zstd, named by number
and content like a snapshot: `records/000012-<hash>.jsonl.zst`. Each copy holds everything. Any
whole file of that name counts, so that one whose arrival went unnoticed does no harm.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
from filelock import FileLock

from storage.errors import ChecksumError, DamagedFileError, LedgerError, SchemaMismatchError
from storage.export_book import BATCH_ROWS, EXPORTED, ExportRecord, ExportState
from storage.files import Digest, atomic_path, digest_file, make_folder
from storage.ledger import Ledger
from storage.stores import Store, Upload
from storage.tables import LEDGER_VERSION

logger = logging.getLogger(__name__)

RECORDS_PREFIX = "records/"
ATTEMPTS = 5  # another worker may write a copy meanwhile; then ours is read again
_NAME = re.compile(r"records/(\d{6,})-([0-9a-f]{20})\.jsonl\.zst")


@dataclass(frozen=True, slots=True)
class _Written:
    """A copy on the local disk, and the state of the ledger that it shows."""

    digest: Digest
    newest: ExportRecord | None


def export_names(store: Store) -> tuple[str, ...]:
    """Return the names of the ledger's copies in the store, newest first."""
    names = {file.key for file in store.list(RECORDS_PREFIX) if is_export_name(file.key)}
    return tuple(sorted(names, key=lambda name: (_number_of(name), name), reverse=True))


def is_export_name(key: str) -> bool:
    """Tell whether a key is that of a copy of a ledger."""
    return _NAME.fullmatch(key) is not None


def keep_records(ledger: Ledger, store: Store, work_dir: Path) -> str:
    """Write a copy of the ledger's rows to the store if they changed; return the newest's name.

    Raises
    ------
    ChecksumError
        The store has other bytes than those that were sent.
    LedgerError
        Others write copies all the time.
    """
    make_folder(work_dir)
    path = work_dir / "records.jsonl.zst"
    with FileLock(work_dir / "records.lock"):
        export = _settle(ledger, store, path)
        name = export.name if export.stored else _upload(ledger, store, path, export)
        path.unlink()
    return name


def read_records(path: Path, *, where: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield (table, some rows) of a copy on the local disk.

    Raises
    ------
    SchemaMismatchError
        A newer Song Masher wrote it.
    DamagedFileError
        It is no such file.
    """
    with pa.input_stream(str(path), compression="zstd") as stream:
        lines = io.TextIOWrapper(io.BufferedReader(stream), encoding="utf-8")
        try:
            _check_header(json.loads(lines.readline()), where=where)
            for table, rows in groupby(map(json.loads, lines), key=itemgetter(0)):
                while some := [row for _, row in islice(rows, BATCH_ROWS)]:
                    yield table, some
        except (ValueError, OSError, KeyError) as error:
            if isinstance(error, SchemaMismatchError):
                raise
            raise DamagedFileError(f"{where} is no copy of a ledger: {error}") from error


def fetch_records(store: Store, name: str, target: Path) -> Path:
    """Fetch a copy to `target`; `DamagedFileError` where its content is not what its name says."""
    store.fetch(name, target)
    found, match = digest_file(target).sha256[:20], _NAME.fullmatch(name)
    if match is None or match[2] != found:
        raise DamagedFileError(
            f"{name} was changed or is incomplete: its content has the hash {found}. "
            "Delete it, or restore it from a backup."
        )
    return target


def _settle(ledger: Ledger, store: Store, path: Path) -> ExportRecord:
    """Write a copy to `path` and number it; it shows all that lower numbers show."""
    names = export_names(store)
    for _ in range(ATTEMPTS):
        export = _note(ledger, store, _write(ledger, path), names)
        if export is not None:
            return export
    raise LedgerError(f"{ATTEMPTS} times another worker copied the ledger meanwhile; run again")


def _write(ledger: Ledger, path: Path) -> _Written:
    with ledger.exports.state() as state, atomic_path(path) as temp:
        _write_lines(temp, state)
    return _Written(digest_file(path), state.newest)


def _write_lines(path: Path, state: ExportState) -> None:
    with pa.output_stream(str(path), compression="zstd") as stream:
        header = {"ledger_version": LEDGER_VERSION, "tables": [t.name for t in EXPORTED]}
        stream.write(_line(header))
        for row in state.rows:
            stream.write(_line(row))


def _line(value: object) -> bytes:
    return (json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n").encode()


def _note(
    ledger: Ledger, store: Store, written: _Written, names: tuple[str, ...]
) -> ExportRecord | None:
    """Return the copy to be written, noted in the ledger; one that says the same counts."""
    short, newest = written.digest.sha256[:20], written.newest
    if newest and _hash_of(newest.name) == short:
        return newest
    listed = _number_of(names[0]) if names else 0
    known = newest.number if newest else 0
    same = listed > known and _hash_of(names[0]) == short
    number = listed if same else max(listed, known) + 1
    name = names[0] if same else f"{RECORDS_PREFIX}{number:06d}-{short}.jsonl.zst"
    file_id = None if same else store.reserve_id()
    export = ExportRecord(number, name, file_id, written.digest.md5, stored=same)
    return export if ledger.exports.add(export, after=newest) else None


def _upload(ledger: Ledger, store: Store, path: Path, export: ExportRecord) -> str:
    stored = store.put(path, export.name, upload=Upload(export.file_id))
    if stored.md5 != export.md5:
        store.delete(export.name, file_id=stored.file_id)
        raise ChecksumError(f"{store.url} stored {export.name} wrongly; it was removed: run again")
    ledger.exports.set_stored(export.number)
    logger.info("kept the ledger's records as %s, %.1f MB", export.name, stored.size / 1e6)
    return export.name


def _check_header(header: dict[str, Any], *, where: str) -> None:
    version = int(header["ledger_version"])
    if version > LEDGER_VERSION:
        raise SchemaMismatchError(
            f"{where} was written by a ledger of version {version}; this program knows "
            f"{LEDGER_VERSION}. Update Song Masher."
        )


def _number_of(name: str) -> int:
    return int(name.removeprefix(RECORDS_PREFIX).partition("-")[0])


def _hash_of(name: str) -> str:
    return name.partition("-")[2][:20]

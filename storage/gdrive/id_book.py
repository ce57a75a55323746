"""Which id every key has, kept on this machine: Drive finds by name late, and by id at once.

A key's id is written down before the file is made, so that a process which is killed between
the two, or two processes at once, end with one file. The book may be lost: ids are then looked
up by name again, and only files younger than Drive's delay could be missed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.files import make_folder

FORGET_DELETED_S = 86400.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS ids (
    key TEXT PRIMARY KEY, file_id TEXT NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deleted (file_id TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
"""
_LEARN = """
INSERT INTO ids VALUES (?, ?, 1) ON CONFLICT (key) DO UPDATE
SET file_id = excluded.file_id, made = 1 WHERE file_id != excluded.file_id OR made = 0
"""


@dataclass(frozen=True, slots=True)
class KnownId:
    """The id of one key; `made` once a file with that id was seen."""

    file_id: str
    made: bool


class IdBook:
    """Ids by key in one SQLite file; safe for threads and processes, also after a fork."""

    def __init__(self, path: Path) -> None:
        make_folder(path.parent)
        self._path = path
        with self._open() as book:
            book.executescript(_SCHEMA)

    def get(self, key: str) -> KnownId | None:
        """Return what is known of a key; folders end in a slash."""
        with self._open() as book:
            row = book.execute("SELECT file_id, made FROM ids WHERE key = ?", (key,)).fetchone()
        return KnownId(row[0], bool(row[1])) if row else None

    def claim(self, key: str, file_id: str) -> str:
        """Note a reserved id for a key, unless one is noted already; return the one that counts."""
        with self._open() as book:
            book.execute("INSERT OR IGNORE INTO ids VALUES (?, ?, 0)", (key, file_id))
            row = book.execute("SELECT file_id FROM ids WHERE key = ?", (key,)).fetchone()
        return str(row[0])

    def learn(self, ids: Mapping[str, str]) -> None:
        """Note the ids of files that were seen."""
        with self._open() as book:
            book.executemany(_LEARN, ids.items())

    def forget(self, key: str, file_id: str) -> None:
        """Drop a key whose file is gone, unless it has another id by now."""
        with self._open() as book:
            book.execute("DELETE FROM ids WHERE key = ? AND file_id = ?", (key, file_id))

    def mark_deleted(self, key: str, file_id: str) -> None:
        """Drop a key, and remember its id while listings may still show it."""
        now = time.time()
        with self._open() as book:
            book.execute("DELETE FROM ids WHERE key = ? AND file_id = ?", (key, file_id))
            book.execute("INSERT OR REPLACE INTO deleted VALUES (?, ?)", (file_id, now))
            book.execute("DELETE FROM deleted WHERE at < ?", (now - FORGET_DELETED_S,))

    def deleted(self) -> set[str]:
        """Return the ids that were deleted from this machine within a day."""
        with self._open() as book:
            return {row[0] for row in book.execute("SELECT file_id FROM deleted")}

    def below(self, prefix: str) -> dict[str, KnownId]:
        """Return every known file, no folders, whose key starts with `prefix`."""
        query = "SELECT key, file_id, made FROM ids WHERE key >= ? AND key < ?"
        with self._open() as book:
            rows = book.execute(query, (prefix, prefix + "\U0010ffff"))
            return {row[0]: KnownId(row[1], bool(row[2])) for row in rows if row[0][-1] != "/"}

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the book for one transaction: nothing is shared that a fork could break."""
        with closing(sqlite3.connect(self._path, timeout=60)) as book, book:
            yield book

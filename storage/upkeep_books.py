"""The part of the ledger about what may go: files that nothing names, and snapshots in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.database import Database, batched, records, upsert, upsert_many
from storage.records import utc_now
from storage.tables import PINS, TRASH

# A training that was not carried on for so long is taken for abandoned.
PIN_TIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class TrashRecord:
    """A file in the store that nothing names any more, and since when that is known."""

    key: str
    size: int
    noticed_at: datetime


class TrashBook:
    """Files that wait to be deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def notice(self, sizes: Mapping[str, int]) -> None:
        """Make these keys the list of what waits; what is on it keeps its time."""
        now = utc_now()
        rows = [{"key": key, "size": size, "noticed_at": now} for key, size in sizes.items()]
        with self._database.write() as connection:
            listed = connection.execute(sa.select(TRASH.c.key)).scalars().all()
            for some in batched([key for key in listed if key not in sizes]):
                connection.execute(sa.delete(TRASH).where(TRASH.c.key.in_(some)))
            upsert_many(connection, TRASH, rows)

    def list(self) -> tuple[TrashRecord, ...]:
        """Return what waits, the longest first."""
        query = sa.select(TRASH).order_by(TRASH.c.noticed_at, TRASH.c.key)
        with self._database.read() as connection:
            return records(connection, TrashRecord, query)

    def forget(self, keys: Iterable[str]) -> None:
        """Note that files were deleted."""
        with self._database.write() as connection:
            for some in batched(tuple(keys)):
                connection.execute(sa.delete(TRASH).where(TRASH.c.key.in_(some)))


class PinBook:
    """Snapshots that trainings under way read; each holder pins one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pin(self, holder: str, snapshot: str) -> None:
        """Keep a snapshot for `holder`, which pins it again whenever it carries on."""
        values = {"holder": holder, "snapshot": snapshot, "pinned_at": utc_now()}
        with self._database.write() as connection:
            upsert(connection, PINS, values, update=["snapshot", "pinned_at"])

    def release(self, holder: str) -> None:
        """Let the snapshot of `holder` go."""
        with self._database.write() as connection:
            connection.execute(sa.delete(PINS).where(PINS.c.holder == holder))

    def snapshots(self) -> frozenset[str]:
        """Return the snapshots that are pinned, abandoned trainings left out."""
        fresh = PINS.c.pinned_at >= utc_now() - PIN_TIME
        with self._database.read() as connection:
            return frozenset(connection.execute(sa.select(PINS.c.snapshot).where(fresh)).scalars())

"""The part of the ledger about playlists and channels: what each address has listed so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from storage.database import Database, upsert
from storage.records import Json, utc_now
from storage.tables import LISTED, LISTINGS


class ListingBook:
    """Addresses that are followed, with the filters they were last read with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, url: str, keys: Iterable[str], *, title: str, filters: Json) -> None:
        """Note what an address lists now; what it listed before stays known."""
        now = utc_now()
        listing = {"url": url, "title": title, "filters": dict(filters), "listed_at": now}
        with self._database.write() as connection:
            upsert(connection, LISTINGS, listing, update=["title", "filters", "listed_at"])
            for key in keys:
                row = {"url": url, "key": key, "first_at": now, "removed_at": None}
                upsert(connection, LISTED, row, update=["removed_at"])

    def mark_removed(self, url: str, keys: Collection[str]) -> None:
        """Note that an address no longer shows these; whatever was kept of them stays."""
        statement = (
            sa.update(LISTED)
            .where(LISTED.c.url == url, LISTED.c.key.in_(keys))
            .values(removed_at=utc_now())
        )
        with self._database.write() as connection:
            connection.execute(statement)

    def shown(self, url: str) -> frozenset[str]:
        """Return what an address showed when it was last read."""
        query = sa.select(LISTED.c.key).where(LISTED.c.url == url, LISTED.c.removed_at.is_(None))
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def removed(self, url: str) -> frozenset[str]:
        """Return what an address once showed and no longer does."""
        query = sa.select(LISTED.c.key).where(LISTED.c.url == url, LISTED.c.removed_at.is_not(None))
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def filters(self, url: str) -> Json | None:
        """Return the filters with which an address was last read; None if it never was."""
        query = sa.select(LISTINGS.c.filters).where(LISTINGS.c.url == url)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def filters_for(self, key: str) -> tuple[Json, ...]:
        """Return the filters of every address that lists `key`."""
        query = (
            sa.select(LISTINGS.c.filters)
            .join(LISTED, LISTED.c.url == LISTINGS.c.url)
            .where(LISTED.c.key == key)
            .order_by(LISTINGS.c.url)
        )
        with self._database.read() as connection:
            return tuple(connection.execute(query).scalars())

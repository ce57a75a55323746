"""The ledger: what the line has seen and done, in SQL, so that a second run does nothing twice.

One book per subject; each verb is one short transaction, safe from any thread and after any kill.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from storage.catalog_books import PairBook, SkipBook, TrackBook
from storage.claim_book import ClaimBook
from storage.database import Database
from storage.export_book import ExportBook
from storage.listing_book import ListingBook
from storage.made_books import ChampionBook, MashupBook
from storage.merge_book import MergeBook
from storage.review_book import ReviewBook
from storage.shard_book import ShardBook
from storage.snapshot_book import SnapshotBook
from storage.unit_book import Scope, UnitBook
from storage.upkeep_books import PinBook, TrashBook
from storage.workplaces import LOCAL, WorkplaceBook


class Ledger:
    """The books over one database.

    Parameters
    ----------
    url
        SQLAlchemy URL, such as `sqlite:///./work/ledger.db` (the file is made if it is missing)
        or `postgresql+psycopg://user:password@host/database`.
    workplace
        Name of the work folder, where several share a ledger (storage/workplaces.py).

    Raises
    ------
    StoreUrlError
        The URL names no database that is supported.
    LedgerError
        The database cannot be opened, or a newer Song Masher made it.
    """

    def __init__(self, url: str, *, workplace: str = LOCAL) -> None:
        self._database = Database(url)
        scope = Scope(workplace)
        self.workplaces = WorkplaceBook(self._database, workplace)
        self.tracks = TrackBook(self._database)
        self.listings = ListingBook(self._database)
        self.pairs = PairBook(self._database)
        self.reviews = ReviewBook(self._database)
        self.skips = SkipBook(self._database)
        self.units = UnitBook(self._database, scope)
        self.shards = ShardBook(self._database, scope)
        self.merges = MergeBook(self._database, scope)
        self.snapshots = SnapshotBook(self._database, scope)
        self.exports = ExportBook(self._database)
        self.claims = ClaimBook(self._database, workplace)
        self.trash = TrashBook(self._database)
        self.pins = PinBook(self._database)
        self.mashups = MashupBook(self._database)
        self.champions = ChampionBook(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self._database.close()

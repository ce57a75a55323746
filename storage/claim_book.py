"""The part of the ledger by which workers share out work: who has taken which item, until when."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage.database import Database, upsert
from storage.records import utc_now
from storage.tables import CLAIMS
from storage.workplaces import LOCAL

# The longest item takes minutes. A claim that outlives its worker costs others an hour's wait, one
# that ends too early only work done twice: the ledger keeps one result whoever comes first.
CLAIM_TIME = timedelta(hours=1)


class ClaimBook:
    """Claims of one workplace; where there is just one, each is granted without being noted."""

    def __init__(self, database: Database, workplace: str) -> None:
        self._database, self._workplace = database, workplace

    def take(self, key: str, *, time: timedelta = CLAIM_TIME) -> bool:
        """Claim an item; False while another workplace has it.

        A workplace gets again what it claimed before, so that a killed run carries on at once.
        """
        if self._workplace == LOCAL:
            return True
        now = utc_now()
        values = {"key": key, "workplace": self._workplace, "until": now + time}
        free = sa.or_(CLAIMS.c.workplace == self._workplace, CLAIMS.c.until <= now)
        with self._database.write() as connection:
            return upsert(connection, CLAIMS, values, update=["workplace", "until"], where=free)

    def release(self, key: str) -> None:
        """Give an item back, done or not."""
        if self._workplace == LOCAL:
            return
        mine = sa.and_(CLAIMS.c.key == key, CLAIMS.c.workplace == self._workplace)
        with self._database.write() as connection:
            connection.execute(sa.delete(CLAIMS).where(mine))

"""The part of the ledger about questions to a person: which songs a mashup is made of."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from storage.database import Database, records, upsert, values_of
from storage.errors import LedgerError
from storage.records import Json, ReviewRecord, ReviewState, utc_now
from storage.tables import REVIEWS


class ReviewBook:
    """Questions by mashup, and the answers that were given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, mashup_id: str, proposals: Sequence[Json], reason: str) -> bool:
        """Put a question into the queue, in place of the one before; return whether it is news.

        A mashup that a person set aside is not asked about again.
        """
        known = self.get(mashup_id)
        if known and (known.state == ReviewState.NONE or _says(known, proposals, reason)):
            return False
        question = ReviewRecord(mashup_id, list(proposals), reason)
        with self._database.write() as connection:
            changing = ["proposals", "reason", "state", "asked_at"]
            not_settled = REVIEWS.c.state != ReviewState.NONE
            return upsert(
                connection, REVIEWS, values_of(question), update=changing, where=not_settled
            )

    def answer(self, mashup_id: str, state: str, answer: Json) -> None:
        """Keep what a person said; `LedgerError` if nobody asked."""
        values = {"state": state, "answer": dict(answer), "answered_at": utc_now()}
        statement = sa.update(REVIEWS).where(REVIEWS.c.mashup_id == mashup_id).values(**values)
        with self._database.write() as connection:
            if not connection.execute(statement).rowcount:
                raise LedgerError(
                    f"no question about {mashup_id!r} in the ledger: `python -m flows review "
                    "--json` lists the mashups that wait"
                )

    def withdraw(self, mashup_id: str) -> None:
        """Take a question back that solved itself; what a person said before is kept."""
        known = self.get(mashup_id)
        if known is None or known.state != ReviewState.OPEN:
            return
        row = REVIEWS.c.mashup_id == mashup_id
        state = ReviewState.ACCEPTED if known.answer.get("songs") else ReviewState.REJECTED
        closed = sa.update(REVIEWS).where(row).values(state=state, proposals=[])
        with self._database.write() as connection:
            connection.execute(closed if known.answer else sa.delete(REVIEWS).where(row))

    def get(self, mashup_id: str) -> ReviewRecord | None:
        """Return the question about a mashup, or None if there never was one."""
        found = self._select(REVIEWS.c.mashup_id == mashup_id)
        return found[0] if found else None

    def list(self, *, state: str | None = None) -> tuple[ReviewRecord, ...]:
        """Return the questions of a state, those asked first first."""
        return self._select(REVIEWS.c.state == state if state else sa.true())

    def _select(self, *conditions: sa.ColumnElement[bool]) -> tuple[ReviewRecord, ...]:
        order = (REVIEWS.c.asked_at, REVIEWS.c.mashup_id)
        query = sa.select(REVIEWS).where(*conditions).order_by(*order)
        with self._database.read() as connection:
            return records(connection, ReviewRecord, query)


def _says(known: ReviewRecord, proposals: Sequence[Json], reason: str) -> bool:
    """Tell whether a question waits that says just this."""
    said = (known.state, [*known.proposals], known.reason)
    return said == (ReviewState.OPEN, [*proposals], reason)

"""The part of the ledger about what is made: mashups, and the champions that make them."""

from __future__ import annotations

import sqlalchemy as sa

from storage.database import Database, records, upsert, values_of
from storage.records import ChampionRecord, MashupRecord
from storage.tables import CHAMPIONS, MASHUPS_MADE


class MashupBook:
    """Mashups that were made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, mashup: MashupRecord) -> bool:
        """Remember a mashup; return False if this one is known already."""
        with self._database.write() as connection:
            return upsert(connection, MASHUPS_MADE, values_of(mashup))

    def is_made(self, *, voice_id: str, bed_id: str, champion: str) -> bool:
        """Tell whether this champion has made a mashup of these songs in these roles."""
        table = MASHUPS_MADE.c
        query = sa.select(table.made_id).where(
            table.voice_id == voice_id, table.bed_id == bed_id, table.champion == champion
        )
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def list(self) -> tuple[MashupRecord, ...]:
        """Return all mashups, newest first."""
        query = sa.select(MASHUPS_MADE).order_by(
            MASHUPS_MADE.c.made_at.desc(), MASHUPS_MADE.c.made_id
        )
        with self._database.read() as connection:
            return records(connection, MashupRecord, query)


class ChampionBook:
    """Checkpoints that were promoted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def promote(self, champion: ChampionRecord) -> None:
        """Make this checkpoint the champion; a promotion may be repeated."""
        values = values_of(champion)
        changing = [name for name in values if name != "checkpoint_key"]
        with self._database.write() as connection:
            upsert(connection, CHAMPIONS, values, update=changing)

    def current(self) -> ChampionRecord | None:
        """Return the champion, or None before the first one."""
        listed = self.list()
        return listed[0] if listed else None

    def list(self) -> tuple[ChampionRecord, ...]:
        """Return all champions, the present one first."""
        query = sa.select(CHAMPIONS).order_by(CHAMPIONS.c.promoted_at.desc())
        with self._database.read() as connection:
            return records(connection, ChampionRecord, query)

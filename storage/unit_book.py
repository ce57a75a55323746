"""The part of the ledger about units: the examples of one pair or track, from piece to shard."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import sqlalchemy as sa

from audio.params import PARAMS
from storage.database import Database, records, upsert, values_of
from storage.records import UnitRecord, UnitState
from storage.schema import SCHEMA_VERSION
from storage.tables import UNITS
from storage.workplaces import LOCAL

DATA_FORMAT = f"v{SCHEMA_VERSION}-{PARAMS.digest}"
OPEN_STATES = (UnitState.PREPARED, UnitState.MISSING)  # in no shard
SHARD_ORDER = (UNITS.c.kind, UNITS.c.split, UNITS.c.unit_key)

_COLUMNS = [UNITS.c[item.name] for item in fields(UnitRecord)]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows the books work on: one data format; pieces and spool of one workplace."""

    workplace: str = LOCAL
    data_format: str = DATA_FORMAT

    def of(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a row is of this format and lies at this workplace."""
        return sa.and_(self.format_of(table), table.c.workplace == self.workplace)

    def format_of(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a row is of this format."""
        return table.c.data_format == self.data_format

    @property
    def columns(self) -> dict[str, str]:
        return {"workplace": self.workplace, "data_format": self.data_format}

    def shard_id(self, unit_keys: Iterable[str]) -> str:
        """Return the id of the shard that holds exactly these units in this order."""
        text = "\n".join([self.data_format, *unit_keys])
        return hashlib.sha256(text.encode()).hexdigest()[:20]


class UnitBook:
    """Units by a key that the caller chooses; what is done is never done again."""

    def __init__(self, database: Database, scope: Scope) -> None:
        self._database, self._scope = database, scope

    def is_done(self, unit_key: str) -> bool:
        """Tell whether this unit needs no preparing: its piece or its shard exists."""
        unit = self.get(unit_key)
        return unit is not None and unit.state != UnitState.MISSING

    def get(self, unit_key: str) -> UnitRecord | None:
        """Return a unit, or None if it is unknown."""
        found = self._select(self._scope.format_of(UNITS), UNITS.c.unit_key == unit_key)
        return found[0] if found else None

    def record(self, unit: UnitRecord) -> bool:
        """Note a piece that was written; False if the unit is in a shard already."""
        values = {**values_of(unit), **self._scope.columns}
        changing = ["workplace", "kind", "split", "piece", "rows", "size_bytes", "state"]
        with self._database.write() as connection:
            return upsert(
                connection, UNITS, values, update=changing, where=UNITS.c.state.in_(OPEN_STATES)
            )

    def list(self, *, state: str | None = None) -> tuple[UnitRecord, ...]:
        """Return the units in `state`, in the order in which shards take them."""
        wanted = UNITS.c.state == state if state else sa.true()
        return self._select(self._scope.format_of(UNITS), wanted)

    def of_shard(self, shard_id: str) -> tuple[UnitRecord, ...]:
        """Return the units of one shard, in the order in which the shard holds them."""
        return self._select(UNITS.c.shard_id == shard_id)

    def lost(self, pieces: Path) -> tuple[UnitRecord, ...]:
        """Return prepared units whose piece does not lie whole in the folder `pieces`."""
        prepared = self._select(self._scope.of(UNITS), UNITS.c.state == UnitState.PREPARED)
        return tuple(unit for unit in prepared if not has_piece(unit, pieces))

    def mark_missing(self, unit_keys: Iterable[str]) -> None:
        """Set prepared units to be prepared again."""
        prepared = UNITS.c.state == UnitState.PREPARED
        self._update_each(unit_keys, prepared, state=UnitState.MISSING, piece=None)

    def owns_piece(self, unit_key: str) -> bool:
        """Tell whether the ledger counts on a piece of this unit in this workplace's folder."""
        named = UNITS.c.piece.is_not(None)
        return bool(self._select(self._scope.of(UNITS), UNITS.c.unit_key == unit_key, named))

    def pieces(self) -> frozenset[str]:
        """Return the file names of all pieces that the ledger counts on in this workplace."""
        query = sa.select(UNITS.c.piece).where(
            UNITS.c.workplace == self._scope.workplace, UNITS.c.piece.is_not(None)
        )
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def with_spent_pieces(self) -> tuple[UnitRecord, ...]:
        """Return units that the store has, and whose piece was not removed yet."""
        stored = UNITS.c.state == UnitState.STORED
        return self._select(self._scope.of(UNITS), stored, UNITS.c.piece.is_not(None))

    def forget_pieces(self, unit_keys: Iterable[str]) -> None:
        """Note that the pieces of stored units were removed."""
        self._update_each(unit_keys, UNITS.c.state == UnitState.STORED, piece=None)

    def _update_each(
        self, unit_keys: Iterable[str], condition: sa.ColumnElement[bool], **values: object
    ) -> None:
        this_unit = UNITS.c.unit_key == sa.bindparam("this_unit")
        statement = sa.update(UNITS).where(self._scope.of(UNITS), this_unit, condition)
        keys = [{"this_unit": unit_key} for unit_key in unit_keys]
        with self._database.write() as connection:
            if keys:
                connection.execute(statement.values(**values), keys)

    def _select(self, *conditions: sa.ColumnElement[bool]) -> tuple[UnitRecord, ...]:
        query = sa.select(*_COLUMNS).where(*conditions).order_by(*SHARD_ORDER)
        with self._database.read() as connection:
            return records(connection, UnitRecord, query)


def has_piece(unit: UnitRecord, pieces: Path) -> bool:
    """Tell whether the unit's piece lies in the folder `pieces` with the size that was noted."""
    if unit.piece is None:
        return False
    path = pieces / unit.piece
    return path.is_file() and path.stat().st_size == unit.size_bytes

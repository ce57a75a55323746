"""Ledgers of one test, on SQLite or on Postgres: opened, opened again, lost, restored."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from storage.ledger import Ledger
from storage.tables import METADATA
from storage.workplaces import LOCAL
from tests.postgres import Postgres


class Ledgers(Protocol):
    """Where a test's ledgers lie; `name` tells several apart."""

    def url(self, name: str = "ledger") -> str:
        """Return the URL of a ledger."""

    def lose(self, name: str = "ledger") -> None:
        """Lose a ledger with all it knows."""

    def copy(self, name: str, target: str) -> None:
        """Copy a closed ledger, as a backup does."""


@dataclass(frozen=True)
class SqliteLedgers:
    """Ledgers in files of a folder."""

    folder: Path

    def url(self, name: str = "ledger") -> str:
        return f"sqlite:///{self.folder / name}.db"

    def lose(self, name: str = "ledger") -> None:
        for path in self.folder.glob(f"{name}.db*"):
            path.unlink()

    def copy(self, name: str, target: str) -> None:
        paths = (self.folder / f"{each}.db" for each in (name, target))
        first, second = (closing(sqlite3.connect(path)) for path in paths)
        with first as source, second as copied:
            source.backup(copied)


@dataclass(frozen=True)
class PostgresLedgers:
    """Ledgers in schemas of a server."""

    server: Postgres
    prefix: str

    def url(self, name: str = "ledger") -> str:
        return self.server.url(self._schema(name))

    def lose(self, name: str = "ledger") -> None:
        self.server.drop(self._schema(name))

    def copy(self, name: str, target: str) -> None:
        self.lose(target)
        Ledger(self.url(target)).close()
        source, copied = self._schema(name), self._schema(target)
        engine = sa.create_engine(self.url(target))
        with engine.begin() as connection:
            for table in METADATA.sorted_tables:
                rows = f'INSERT INTO "{copied}"."{table.name}" SELECT * FROM "{source}"'
                connection.exec_driver_sql(f'{rows}."{table.name}" ON CONFLICT DO NOTHING')
        engine.dispose()

    def _schema(self, name: str) -> str:
        return f"{self.prefix}_{name}"


OpenLedger = Callable[..., Ledger]


def opener(ledgers: Ledgers) -> OpenLedger:
    """Return a function that opens a ledger by name."""

    def open_ledger(name: str = "ledger", *, workplace: str = LOCAL) -> Ledger:
        return Ledger(ledgers.url(name), workplace=workplace)

    return open_ledger

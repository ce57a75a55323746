"""Workplaces: whose disk pieces and unfinished shards lie on, and whether it still gives signs.

A workplace is one work folder on one machine. Under SQLite there is just one, `LOCAL`: the ledger
itself is a file of that machine, whose name may change with the network. Under Postgres it is
named after machine and folder, so that two folders never take each other's pieces for lost and a
wiped folder is noticed at once. Where machine names change (containers), name it yourself.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from storage.backends import is_shared
from storage.database import Database, upsert
from storage.records import ShardState, UnitState, utc_now
from storage.tables import SHARDS, UNITS, WORKPLACES

LOCAL = "local"  # the workplace where one machine does everything
# A nightly worker signs once a day: after two missed nights its machine counts as dead.
SILENCE = timedelta(hours=48)
UNFINISHED_UNITS = (UnitState.PREPARED, UnitState.PLANNED)
UNFINISHED_SHARDS = (ShardState.PLANNED, ShardState.BUILT)


def workplace_of(ledger_url: str, work_dir: Path) -> str:
    """Return the name of the workplace that `work_dir` is for this ledger."""
    if not is_shared(ledger_url):
        return LOCAL
    return f"{socket.gethostname()}:{work_dir.resolve()}"


class WorkplaceBook:
    """When each workplace last gave a sign of life."""

    def __init__(self, database: Database, workplace: str) -> None:
        self._database, self.name = database, workplace

    def sign(self) -> None:
        """Note that this workplace is alive; where there is just one, nobody asks."""
        if self.name == LOCAL:
            return
        values = {"workplace": self.name, "seen_at": utc_now()}
        with self._database.write() as connection:
            upsert(connection, WORKPLACES, values, update=["seen_at"])

    def others(self) -> frozenset[str]:
        """Return the other workplaces that have something unfinished."""
        unfinished = (
            sa.select(UNITS.c.workplace).where(UNITS.c.state.in_(UNFINISHED_UNITS)),
            sa.select(SHARDS.c.workplace).where(SHARDS.c.state.in_(UNFINISHED_SHARDS)),
        )
        with self._database.read() as connection:
            return frozenset(connection.execute(sa.union(*unfinished)).scalars()) - {self.name}

    def take_over(self, name: str) -> None:
        """Make what another workplace left unfinished this one's.

        Its pieces and spool are out of reach: the next commit finishes what did reach the store,
        and sets the rest to be prepared again.
        """
        mine = {"workplace": self.name}
        units = sa.update(UNITS).where(UNITS.c.workplace == name)
        shards = sa.update(SHARDS).where(SHARDS.c.workplace == name)
        with self._database.write() as connection:
            connection.execute(units.where(UNITS.c.state.in_(UNFINISHED_UNITS)).values(mine))
            connection.execute(shards.where(SHARDS.c.state.in_(UNFINISHED_SHARDS)).values(mine))

    def silent(self, names: Collection[str], *, silence: timedelta = SILENCE) -> tuple[str, ...]:
        """Return those of `names` that gave no sign for so long; never this one."""
        alive = sa.select(WORKPLACES.c.workplace).where(WORKPLACES.c.seen_at >= utc_now() - silence)
        with self._database.read() as connection:
            seen = {self.name, *connection.execute(alive).scalars()}
        return tuple(sorted(set(names) - seen))

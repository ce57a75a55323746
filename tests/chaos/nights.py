"""One night of a growing dataset, in a process of its own that may be killed at any moment."""

from __future__ import annotations

import os
import signal
import sys

import sqlalchemy as sa

from storage.commit import commit, prepare_unit
from storage.compact import compact
from storage.exports import keep_records
from storage.gdrive import upload
from storage.retention import retain
from tests.chaos.place import Place
from tests.storage.examples import unit_examples

UNITS = 3  # a night
ROWS = 2  # of the units that hold more than one
UPKEEP_EVERY = 3  # nights
FULL_BYTES = 4_000_000  # of a shard: a merge joins the shards of a few nights
_FILE_EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "http.client.send")


class _Clock:
    """Counts file events, requests and transactions; ends the process at one of them."""

    def __init__(self, kill_at: int) -> None:
        self.now, self.kill_at = 0, kill_at

    def tick(self, *_: object) -> None:
        self.now += 1
        if self.now == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _FILE_EVENTS and not (event == "open" and arguments[1] in ("r", "rb")):
            self.tick()


def unit_rows(unit: int) -> tuple[str, str, int]:
    """Return name, kind and rows of a unit; every third is noise, too large for one request."""
    if unit % UNITS == 0:
        return f"song{unit:04d}", "song", ROWS
    return f"pair{unit:04d}", "human" if unit % 2 else "made", 1 + unit % ROWS


def example_ids(nights: int) -> list[str]:
    """Return the ids of all examples that there are after so many nights."""
    named = [unit_rows(unit) for unit in range(nights * UNITS)]
    return sorted(f"{name}/{row}" for name, _, rows in named for row in range(rows))


def ingest_night(place: Place, night: int, kill_at: int = 0) -> None:
    """Prepare what is not done up to this night, and commit it, the first half on its own."""
    clock = _start(kill_at)
    with place.open_ledger() as ledger:
        store = place.open_store()
        for unit in range(night * UNITS):
            name, kind, rows = unit_rows(unit)
            if not ledger.units.is_done(name):
                noisy = kind == "song"
                examples = unit_examples(name, rows, kind=kind, noisy=noisy)
                prepare_unit(ledger, place.work, name, examples)
                ledger.skips.record(name, "chaos", "so that the ledger's copies differ")
            if unit == night * UNITS - 2:
                commit(ledger, store, place.work)
        commit(ledger, store, place.work)
        keep_records(ledger, store, place.work)
    (place.root / "events").write_text(str(clock.now))


def tidy_up(place: Place, night: int, kill_at: int = 0) -> None:
    """Merge small shards, and let go at once what nobody needs."""
    clock = _start(kill_at)
    with place.open_ledger() as ledger:
        store = place.open_store()
        compact(ledger, store, place.work, full_bytes=FULL_BYTES)
        retain(ledger, store, keep_days=0)
    (place.root / "events").write_text(str(clock.now))


def _start(kill_at: int) -> _Clock:
    clock = _Clock(kill_at)
    upload.SMALL_BYTES = 100_000  # so that small shards travel in several chunks
    sys.addaudithook(clock.audit)
    sa.event.listen(sa.Engine, "begin", clock.tick)
    sa.event.listen(sa.Engine, "commit", clock.tick)
    return clock

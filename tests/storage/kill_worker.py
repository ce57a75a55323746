"""An ingest that can be killed at a chosen moment; run in a process of its own."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

import sqlalchemy as sa

from storage.commit import commit, prepare_unit
from storage.compact import compact
from storage.errors import DiskFullError
from storage.folder import FolderStore
from storage.retention import retain
from tests.storage.examples import open_ledger, unit_examples

ROWS = 2
_WATCHED = ("open", "os.rename", "os.remove", "os.mkdir")


class _Clock:
    """Counts file events and transactions, and ends the process without warning at one of them."""

    def __init__(self, kill_at: int) -> None:
        self.now, self.kill_at = 0, kill_at

    def tick(self, *_: object) -> None:
        self.now += 1
        if self.now == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _WATCHED and not (event == "open" and arguments[1] in ("r", "rb")):
            self.tick()


def ingest_units(root: Path, units: int, kill_at: int = 0) -> None:
    """Prepare units in `root` that are not done, commit after every third, and note the events."""
    with open_ledger(root) as ledger:
        store = FolderStore(root / "store")
        clock = _start_clock(kill_at)
        for number in range(units):
            unit = f"u{number}"
            if not ledger.units.is_done(unit):
                prepare_unit(ledger, root / "work", unit, unit_examples(unit, ROWS))
            if number % 3 == 2:
                commit(ledger, store, root / "work")
        commit(ledger, store, root / "work")
    (root / "events").write_text(str(clock.now))


def tidy_up(root: Path, kill_at: int = 0) -> None:
    """Merge the shards in `root`, let go twice what nobody needs, and note the events."""
    with open_ledger(root) as ledger:
        store = FolderStore(root / "store")
        clock = _start_clock(kill_at)
        compact(ledger, store, root / "work")
        for _ in range(2):
            retain(ledger, store, keep_days=0, keep_snapshots=1)
    (root / "events").write_text(str(clock.now))


def _start_clock(kill_at: int) -> _Clock:
    clock = _Clock(kill_at)
    sys.addaudithook(clock.audit)
    sa.event.listen(sa.Engine, "begin", clock.tick)
    sa.event.listen(sa.Engine, "commit", clock.tick)
    return clock


def ingest_within(root: Path, units: int, file_limit: int) -> None:
    """Ingest noise while no file may grow beyond `file_limit` bytes; note the error's text."""
    with open_ledger(root) as ledger:
        for number in range(units):
            unit = f"u{number}"
            prepare_unit(ledger, root / "work", unit, unit_examples(unit, ROWS, noisy=True))
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
        try:
            commit(ledger, FolderStore(root / "store"), root / "work")
        except DiskFullError as error:
            (root / "error").write_text(str(error))

"""One of several ingest workers on one ledger; run in a process of its own."""

from __future__ import annotations

import random
from pathlib import Path

from storage.commit import commit, prepare_unit
from storage.compact import compact
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.workplaces import workplace_of
from tests.storage.examples import unit_examples

ROWS = 2


def share_work(ledger_url: str, root: Path, name: str, units: int) -> None:
    """Prepare units that nobody has, in an order of one's own; note them in `root/NAME.txt`."""
    order = [f"u{number}" for number in range(units)]
    random.Random(name).shuffle(order)
    work, store, prepared = root / name, FolderStore(root / "store"), []
    with Ledger(ledger_url, workplace=workplace_of(ledger_url, work)) as ledger:
        for done, unit in enumerate(order):
            if ledger.claims.take(unit):
                if not ledger.units.is_done(unit):
                    prepare_unit(ledger, work, unit, unit_examples(unit, ROWS))
                    prepared.append(unit)
                ledger.claims.release(unit)
            if done % 4 == 3:
                commit(ledger, store, work)
        commit(ledger, store, work)
        compact(ledger, store, work)
    (root / f"{name}.txt").write_text(" ".join(prepared))

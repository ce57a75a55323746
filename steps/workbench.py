"""The workbench of every step: a store, a ledger, and a local folder that may be wiped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from catalog.splits import TEST_SHARE
from storage.ledger import Ledger
from storage.stores import Store, open_store


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a step needs besides its item; safe to share between threads."""

    store: Store
    ledger: Ledger
    work_dir: Path
    test_share: float = TEST_SHARE  # of the songs, kept out of training to compare on
    made_mixes: int = 1  # of each pair of multitracks, each with another tempo, key and place


def open_workbench(
    *,
    store_url: str,
    ledger_url: str,
    work_dir: Path,
    test_share: float = TEST_SHARE,
    made_mixes: int = 1,
) -> Workbench:
    """Open the store and the ledger, and make the work folder.

    Raises
    ------
    StorageError
        A URL names nothing that can be opened, or the ledger is newer than this program.
    """
    work_dir.mkdir(parents=True, exist_ok=True)
    return Workbench(open_store(store_url), Ledger(ledger_url), work_dir, test_share, made_mixes)

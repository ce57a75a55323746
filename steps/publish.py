"""Publish: what was prepared becomes shards behind a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from steps.outcome import Item, Outcome
from steps.workbench import Workbench
from storage.commit import commit
from storage.errors import PausedError
from storage.exports import keep_records
from storage.snapshots import newest_snapshot

STEP = "publish"


@dataclass(frozen=True, slots=True)
class Published:
    """The newest snapshot, and what this run added to it."""

    snapshot: str  # empty before there is any
    new_examples: int
    total_examples: int
    lost_units: tuple[str, ...] = ()  # their pieces vanished: the next run prepares them again
    postponed: Outcome | None = None  # the store takes nothing more for a while


def publish(bench: Workbench) -> Published:
    """Bring everything that is prepared into the store, and name the snapshot that holds it.

    A store that takes nothing more today is no error: what is left waits for a later run.

    Raises
    ------
    StorageError
        The store cannot be written; nothing is lost, and the next run carries on.
    """
    try:
        report = commit(bench.ledger, bench.store, bench.work_dir)
        keep_records(bench.ledger, bench.store, bench.work_dir)
    except PausedError as error:
        waits = Outcome.postponed(STEP, Item(STEP, "shards"), str(error), until=error.until)
        return published(bench, postponed=waits)
    return published(bench, new_examples=report.rows, lost_units=report.lost_units)


def published(
    bench: Workbench,
    *,
    new_examples: int = 0,
    lost_units: tuple[str, ...] = (),
    postponed: Outcome | None = None,
) -> Published:
    """Return what readers see now, with what this run added."""
    newest = newest_snapshot(bench.store)
    return Published(
        snapshot=newest.name if newest else "",
        new_examples=new_examples,
        total_examples=newest.rows if newest else 0,
        lost_units=lost_units,
        postponed=postponed,
    )

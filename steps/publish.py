"""Publish: what was prepared becomes shards behind a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from steps.workbench import Workbench
from storage.commit import commit
from storage.exports import keep_records
from storage.snapshots import newest_snapshot


@dataclass(frozen=True, slots=True)
class Published:
    """The newest snapshot, and what this run added to it."""

    snapshot: str  # empty before there is any
    new_examples: int
    total_examples: int
    lost_units: tuple[str, ...]  # their pieces vanished: the next run prepares them again


def publish(bench: Workbench) -> Published:
    """Bring everything that is prepared into the store, and name the snapshot that holds it.

    Raises
    ------
    StorageError
        The store cannot be written; nothing is lost, and the next run carries on.
    """
    report = commit(bench.ledger, bench.store, bench.work_dir)
    keep_records(bench.ledger, bench.store, bench.work_dir)
    newest = newest_snapshot(bench.store)
    return Published(
        snapshot=newest.name if newest else "",
        new_examples=report.rows,
        total_examples=newest.rows if newest else 0,
        lost_units=report.lost_units,
    )

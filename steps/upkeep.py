"""Upkeep: small shards become large ones, what nobody needs goes, a lost ledger comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from steps.champion import CHAMPION
from steps.train import LAST
from steps.workbench import Workbench
from storage.compact import CompactReport, compact
from storage.errors import MissingFileError
from storage.exports import keep_records
from storage.recover import RecoverReport, recover
from storage.retention import RetentionReport, retain


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What one pass of upkeep did, or in a dry run would do."""

    compacted: CompactReport
    retained: RetentionReport
    dry_run: bool = False

    def headline(self) -> str:
        """Say in one line what was merged, deleted, and waits."""
        would = "would be " if self.dry_run else ""
        merged, kept = self.compacted, self.retained
        return (
            f"{merged.merged} small shards {would}merged into {merged.shards}; "
            f"{len(kept.deleted)} files of {kept.deleted_bytes / 1e6:.1f} MB {would}deleted, "
            f"{len(kept.waiting)} of {kept.waiting_bytes / 1e6:.1f} MB wait"
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the table of files that went or wait."""
        went = "would go" if self.dry_run else "gone"
        states = ((went, self.retained.deleted), ("waits", self.retained.waiting))
        return [{"file": key, "state": state} for state, keys in states for key in keys]


def look_after(bench: Workbench, *, keep_days: float, dry_run: bool = False) -> Upkeep:
    """Merge small shards, then let go what nobody needs; a dry run only says what it would do."""
    merged = merge_small(bench, dry_run=dry_run)
    let_go = let_go_unneeded(bench, keep_days=keep_days, dry_run=dry_run)
    return Upkeep(merged, let_go, dry_run)


def merge_small(bench: Workbench, *, dry_run: bool = False) -> CompactReport:
    """Merge small shards and publish; see `storage/compact.py`."""
    return compact(bench.ledger, bench.store, bench.work_dir, dry_run=dry_run)


def let_go_unneeded(
    bench: Workbench, *, keep_days: float, dry_run: bool = False
) -> RetentionReport:
    """Delete what nothing named for `keep_days`; what champion and trainings saw stays."""
    pinned = pinned_snapshots(bench)
    return retain(bench.ledger, bench.store, pinned=pinned, keep_days=keep_days, dry_run=dry_run)


def pinned_snapshots(bench: Workbench) -> frozenset[str]:
    """Return the snapshots of the champion and of the newest training, to be compared with."""
    found = set()
    for key in (CHAMPION, LAST):
        try:
            found.add(str(json.loads(bench.store.read_bytes(key))["snapshot"]))
        except MissingFileError:
            continue
    return frozenset(found)


def recover_ledger(bench: Workbench) -> RecoverReport:
    """Rebuild a lost ledger from the store, and keep a copy of it there."""
    report = recover(bench.ledger, bench.store, bench.work_dir)
    keep_records(bench.ledger, bench.store, bench.work_dir)
    return report

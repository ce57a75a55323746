"""Housekeeping: the work folder gives back what nobody needs, so that it does not grow for ever."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from steps import leftovers
from steps.leftovers import Leftover
from steps.workbench import Workbench

logger = logging.getLogger(__name__)

ORIGINALS_GB = 20.0
STORE_FOLDERS = ("audio/", "checkpoints/", "mashups/", "reports/")  # `publish` sweeps the others


@dataclass(frozen=True, slots=True)
class Removed:
    """What of one kind went, or in a dry run would go."""

    kind: str
    items: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What one clean-up did to the work folder."""

    dry_run: bool
    removed: tuple[Removed, ...]
    work_folder_bytes: int  # afterwards

    @property
    def size_bytes(self) -> int:
        return sum(each.size_bytes for each in self.removed)

    def headline(self) -> str:
        """Say in one line what went."""
        would = "would be " if self.dry_run else ""
        items = sum(each.items for each in self.removed)
        return (
            f"{items} leftovers of {self.size_bytes / 1e6:.1f} MB {would}removed; "
            f"the work folder holds {self.work_folder_bytes / 1e6:.1f} MB"
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the table of what went, one row per kind."""
        return [
            {"kind": each.kind, "items": each.items, "MB": each.size_bytes / 1e6}
            for each in self.removed
        ]


def clean(
    bench: Workbench,
    *,
    originals_gb: float = ORIGINALS_GB,
    dry_run: bool = False,
    now_s: float | None = None,
) -> Cleaned:
    """Remove what nobody needs from the work folder, and say what went.

    Parameters
    ----------
    originals_gb
        Songs' originals are kept up to this size; those unused for longest go first.
    now_s
        Seconds since 1970; the present by default.

    Raises
    ------
    StorageError
        The store cannot tell which checkpoints it holds; nothing was removed.
    """
    found = find(bench, originals_gb=originals_gb, now_s=time.time() if now_s is None else now_s)
    gone = found if dry_run else [each for each in found if remove(each)]
    if not dry_run:
        for folder in STORE_FOLDERS:
            bench.store.sweep(folder)
    left = leftovers.leftover("work folder", bench.work_dir).size_bytes
    return Cleaned(dry_run, count(gone), left)


def find(bench: Workbench, *, originals_gb: float, now_s: float) -> list[Leftover]:
    """List everything that may go."""
    work, originals = bench.work_dir, bench.youtube.folder
    return [
        *leftovers.surplus_originals(originals, limit_bytes=originals_gb * 1e9, now_s=now_s),
        *leftovers.forgotten_downloads(originals, now_s=now_s),
        *leftovers.spent_trainings(bench, now_s=now_s),
        *leftovers.spent_checkpoints(bench, now_s=now_s),
        *leftovers.stale_answers(work / "musicbrainz", now_s=now_s),
        *leftovers.temporary_files(work, now_s=now_s),
    ]


def remove(each: Leftover) -> bool:
    """Remove a leftover unless somebody used it meanwhile; tell whether it is gone."""
    if leftovers.used_at_s(each.paths[0]) > each.used_at_s:
        return False
    try:
        for path in each.paths:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("could not remove %s: %s", each.paths[0], error)
        return False
    return True


def count(gone: Iterable[Leftover]) -> tuple[Removed, ...]:
    """Count items and bytes of each kind, in the order they came."""
    totals: dict[str, tuple[int, int]] = {}
    for each in gone:
        items, size = totals.get(each.kind, (0, 0))
        totals[each.kind] = (items + 1, size + each.size_bytes)
    return tuple(Removed(kind, *total) for kind, total in totals.items())

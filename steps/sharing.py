"""Sharing: of several workers on one ledger, one does each item; the others leave it be."""

from __future__ import annotations

import functools
from collections.abc import Callable

from steps.originals import is_at_hand, is_video
from steps.outcome import Item, Outcome, State
from steps.workbench import Workbench
from storage.records import TrackRecord
from storage.workplaces import LOCAL

Step = Callable[[Workbench, Item], Outcome]
Left = Callable[[Workbench, Item], bool]

ELSEWHERE = "another worker has this, has done it, or is the one that can reach its files"


def shared(step: str, left: Left) -> Callable[[Step], Step]:
    """Let a step work only on items that it has claimed and that `left` says are still to do.

    Lists of items are made before the work begins, so that another worker may have finished an item
    meanwhile. Where there is just one workplace the step does what it is told.
    """

    def decorate(work: Step) -> Step:
        @functools.wraps(work)
        def once(bench: Workbench, item: Item) -> Outcome:
            if bench.ledger.workplaces.name == LOCAL:
                return work(bench, item)
            return claimed(bench, step, item, lambda: left(bench, item), work)

        return once

    return decorate


def claimed(
    bench: Workbench, step: str, item: Item, left: Callable[[], bool], work: Step
) -> Outcome:
    """Do an item under a claim, or say that another worker has it."""
    key = f"{step}:{item.key}"
    if not bench.ledger.claims.take(key):
        return Outcome(step, item, State.POSTPONED, ELSEWHERE)
    try:
        return work(bench, item) if left() else Outcome(step, item, State.POSTPONED, ELSEWHERE)
    finally:
        bench.ledger.claims.release(key)


def is_reachable(bench: Workbench, *tracks: TrackRecord) -> bool:
    """Tell whether this worker can get the originals: videos always, files if they lie here."""
    return all(is_video(track) or is_at_hand(bench, track) for track in tracks)

"""What became of one item at one step of the line: the record that every report is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How a step ended for one item."""

    DONE = "done"
    SKIPPED = "skipped"  # set aside on purpose, with a reason
    FAILED = "failed"  # a fault; the next run tries again
    POSTPONED = "postponed"  # not tried: the source wants a pause, the next run carries on


@dataclass(frozen=True, slots=True)
class Item:
    """A key into the ledger with the name a person knows it by; what tasks are given."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Download:
    """What a download cost."""

    size_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One item's end at one step."""

    step: str
    item: Item
    state: State
    reason: str = ""
    examples: int = 0
    fault: str = ""  # the class of what failed
    until: datetime | None = None  # the end of a pause
    download: Download | None = None

    @classmethod
    def done(
        cls, step: str, item: Item, *, examples: int = 0, download: Download | None = None
    ) -> Outcome:
        return cls(step, item, State.DONE, examples=examples, download=download)

    @classmethod
    def skipped(cls, step: str, item: Item, reason: str) -> Outcome:
        return cls(step, item, State.SKIPPED, reason)

    @classmethod
    def failed(cls, step: str, item: Item, reason: str, *, fault: str) -> Outcome:
        return cls(step, item, State.FAILED, reason, fault=fault)

    @classmethod
    def postponed(cls, step: str, item: Item, reason: str, *, until: datetime) -> Outcome:
        return cls(step, item, State.POSTPONED, reason, until=until)


def tally(outcomes: Iterable[Outcome]) -> dict[str, dict[str, int]]:
    """Count outcomes per step and state, steps in the order they came."""
    counts: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        counts.setdefault(outcome.step, Counter())[outcome.state.value] += 1
    return {step: dict(counter) for step, counter in counts.items()}

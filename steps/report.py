"""What a run tells people and programs: counts, reasons, and the snapshot it left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from steps.outcome import Outcome, State, tally
from steps.publish import Published
from steps.workbench import Workbench


@dataclass(frozen=True, slots=True)
class IngestReport:
    """One ingestion: what happened per step, why things were set aside, what was published."""

    counts: dict[str, dict[str, int]]
    set_aside: tuple[Outcome, ...]
    snapshot: str
    new_examples: int
    total_examples: int

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], published: Published) -> IngestReport:
        return cls(
            counts=tally(outcomes),
            set_aside=tuple(o for o in outcomes if o.state is not State.DONE),
            snapshot=published.snapshot,
            new_examples=published.new_examples,
            total_examples=published.total_examples,
        )

    @property
    def failed(self) -> int:
        return sum(outcome.state is State.FAILED for outcome in self.set_aside)

    def rows(self) -> list[dict[str, Any]]:
        """Return the table of counts: a row per step, a column per state."""
        return [
            {"step": step, **{state.value: counts.get(state.value, 0) for state in State}}
            for step, counts in self.counts.items()
        ]

    def headline(self) -> str:
        """Say in one line what the run did."""
        aside = f", {len(self.set_aside)} set aside" if self.set_aside else ""
        if not self.new_examples:
            return f"nothing new: {self.total_examples} examples stay{aside}"
        return f"{self.new_examples} new examples, {self.total_examples} in all{aside}"


def save_report(bench: Workbench, kind: str, record: Any) -> str:
    """Write a report as JSON to the store's `reports/` and return its key.

    Parameters
    ----------
    kind
        First part of the file's name, such as "ingest".
    record
        A dataclass of plain values.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    key = f"reports/{kind}-{stamp}.json"
    text = json.dumps(asdict(record), ensure_ascii=False, indent=2, default=str)
    bench.store.write_bytes(key, text.encode())
    return key

"""What a run tells people and programs: counts, reasons, and the snapshot it left."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from steps.outcome import Outcome, State, tally
from steps.publish import Published
from steps.sync import SourceReport
from steps.workbench import Workbench
from storage.errors import PausedError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Downloads:
    """What was fetched in one run."""

    files: int
    size_bytes: int
    seconds: float  # summed over downloads; several may run at once


@dataclass(frozen=True, slots=True)
class IngestReport:
    """One ingestion: what was found, what happened per step and why, what was published."""

    counts: dict[str, dict[str, int]]
    sources: tuple[SourceReport, ...]
    downloads: Downloads
    skipped_by_reason: dict[str, int]
    failed_by_class: dict[str, int]
    paused_until: datetime | None
    set_aside: tuple[Outcome, ...]
    snapshot: str
    new_examples: int
    total_examples: int

    @classmethod
    def of(
        cls,
        outcomes: Sequence[Outcome],
        published: Published,
        *,
        sources: tuple[SourceReport, ...] = (),
    ) -> IngestReport:
        waits = [published.postponed] if published.postponed else []
        set_aside = tuple(o for o in (*outcomes, *waits) if o.state is not State.DONE)
        return cls(
            counts=tally(outcomes),
            sources=sources,
            downloads=downloads_of(outcomes),
            skipped_by_reason=count(kind_of(o.reason) for o in set_aside if skipped(o)),
            failed_by_class=count(o.fault for o in set_aside if o.state is State.FAILED),
            paused_until=max((o.until for o in set_aside if o.until), default=None),
            set_aside=set_aside,
            snapshot=published.snapshot,
            new_examples=published.new_examples,
            total_examples=published.total_examples,
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the table of counts: a row per step, a column per state."""
        return [
            {"step": step, **{state.value: counts.get(state.value, 0) for state in State}}
            for step, counts in self.counts.items()
        ]

    def source_rows(self) -> list[dict[str, Any]]:
        """Return a row per address: what it lists, and what of it is new."""
        columns = ("listed", "known", "new", "skipped", "postponed", "removed", "client")
        return [
            {"source": source.title or source.url}
            | {name: getattr(source, name) for name in columns}
            for source in self.sources
        ]

    def set_aside_rows(self) -> list[dict[str, Any]]:
        """Return a row per item that did not come through, with its reason."""
        return [
            {"what": o.item.label, "step": o.step, "state": o.state.value, "reason": o.reason}
            for o in self.set_aside
        ]

    def headline(self) -> str:
        """Say in one line what the run did."""
        parts = [f"{self.new_examples} new examples, {self.total_examples} in all"]
        if not self.new_examples:
            parts = [f"nothing new: {self.total_examples} examples stay"]
        if self.downloads.files:
            parts.append(
                f"{self.downloads.files} downloads of {self.downloads.size_bytes / 1e6:.1f} MB"
            )
        if self.set_aside:
            parts.append(f"{len(self.set_aside)} set aside")
        if self.paused_until:
            parts.append(self.pause())
        return ", ".join(parts)

    def pause(self) -> str:
        """Say until when the source wants no more requests, and why."""
        return next(o.reason for o in self.set_aside if o.until == self.paused_until)

    def markdown(self) -> str:
        """Return the report for people: headline, notes of the sources, reasons."""
        lines = [f"**{plain(self.headline())}**", ""]
        for source in self.sources:
            lines += [f"- {plain(source.title or source.url)}: {plain(n)}" for n in source.notes]
        for title, counts in (
            ("Skipped", self.skipped_by_reason),
            ("Failed", self.failed_by_class),
        ):
            if counts:
                lines += ["", f"| {title} | how many |", "|---|---|"]
                lines += [f"| {plain(reason)} | {number} |" for reason, number in counts.items()]
        return "\n".join(lines)


def downloads_of(outcomes: Sequence[Outcome]) -> Downloads:
    """Add up what was fetched."""
    fetched = [outcome.download for outcome in outcomes if outcome.download]
    return Downloads(
        files=len(fetched),
        size_bytes=sum(each.size_bytes for each in fetched),
        seconds=sum(each.seconds for each in fetched),
    )


def skipped(outcome: Outcome) -> bool:
    return outcome.state is State.SKIPPED


def count(words: Iterable[str]) -> dict[str, int]:
    """Count words, the most frequent first."""
    return dict(Counter(words).most_common())


def kind_of(reason: str) -> str:
    """Return a reason without its particulars, so that equal reasons can be counted."""
    return re.split(r"[:;(]|, but|, got|, wanted", reason, maxsplit=1)[0].strip()[:80]


def plain(text: str) -> str:
    """Return text that Markdown shows as it is: titles and errors are data."""
    return re.sub(r"([\\`*_{}\[\]<>#|~!&$])", r"\\\1", " ".join(text.split()))


def save_report(bench: Workbench, kind: str, record: Any) -> str:
    """Write a report as JSON to the store's `reports/` and return its key.

    A store that takes nothing more today gets none: the key is empty then.

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
    try:
        bench.store.write_bytes(key, text.encode())
    except PausedError as error:
        logger.warning("the report is not kept in the store: %s", error)
        return ""
    return key

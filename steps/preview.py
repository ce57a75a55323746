"""Preview: what an ingestion would take, without taking anything."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.names import standardize
from catalog.records import Entry, Skipped
from catalog.youtube.sync import describe
from steps.collect import check_named, list_all
from steps.outcome import Outcome
from steps.sources import Sources
from steps.sync import SourceReport, sync
from steps.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Preview:
    """What is new in folders and lists, and behind each address."""

    files: tuple[str, ...]  # names of new files
    lines: tuple[str, ...]  # what would be done, for people
    sources: tuple[SourceReport, ...]
    set_aside: tuple[Outcome, ...]

    def headline(self) -> str:
        """Say in one line what an ingestion would take."""
        videos = sum(source.new for source in self.sources)
        return f"would take {len(self.files)} files and {videos} videos; nothing was changed"


def preview(bench: Workbench, sources: Sources, *, limit: int | None = None) -> Preview:
    """List all sources as `collect` would; only YouTube's listings are asked for.

    Raises
    ------
    CatalogError
        As `steps.collect.collect`.
    """
    check_named(sources)
    files, lines = [], []
    for entry in list_all(sources):
        if isinstance(entry, Skipped):
            lines.append(f"skip  {entry.source_key}  {entry.reason}")
        elif not is_known(bench, entry):
            files.append(standardize(entry.raw_title))
            lines.append(f"take  {entry.kind.value}  {files[-1]}")
    synced = sync(bench, sources.subscriptions, limit=limit, dry_run=True)
    lines += [line for plan in synced.plans for line in describe(plan).splitlines()]
    lines += [f"{outcome.item.label}: {outcome.reason}" for outcome in synced.outcomes]
    return Preview(tuple(files), tuple(lines), synced.reports, synced.outcomes)


def is_known(bench: Workbench, entry: Entry) -> bool:
    """Tell whether a file was taken before, by its path, size and time."""
    status = entry.path.stat()
    where = str(entry.path.resolve())
    known = bench.ledger.tracks.find_file(where, size=status.st_size, mtime_ns=status.st_mtime_ns)
    return known is not None

"""Collect: what folders, lists and addresses offer becomes tracks, each recording once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audio.decode import audio_sha256
from audio.errors import AudioError
from catalog.errors import SourceError
from catalog.folder_source import list_entries, list_multitracks
from catalog.names import standardize
from catalog.records import Entry, Skipped, TrackKind
from steps.naming import name_track
from steps.outcome import Item, Outcome
from steps.sources import Sources
from steps.sync import SourceReport, sync
from steps.workbench import Workbench
from storage.records import TrackRecord
from storage.recover import refuse_lost_ledger

STEP = "collect"


@dataclass(frozen=True, slots=True)
class Collected:
    """What is new or was set aside, and what each address offered."""

    outcomes: tuple[Outcome, ...]
    sources: tuple[SourceReport, ...]


def collect(bench: Workbench, sources: Sources, *, limit: int | None = None) -> Collected:
    """Add every recording that the ledger does not know.

    Parameters
    ----------
    limit
        New videos of this run at most.

    Raises
    ------
    CatalogError
        No source is named, or a folder or list is missing or holds nothing to use.
    LostLedgerError
        The ledger is empty, but another one filled the store.
    """
    check_named(sources)
    refuse_lost_ledger(bench.ledger, bench.store)
    added = (
        set_aside(bench, entry) if isinstance(entry, Skipped) else add(bench, entry)
        for entry in list_all(sources)
    )
    outcomes = [outcome for outcome in added if outcome]
    synced = sync(bench, sources.subscriptions, limit=limit)
    return Collected((*outcomes, *synced.outcomes), synced.reports)


def check_named(sources: Sources) -> None:
    """Raise `SourceError` where nothing is named to look at."""
    if sources == Sources():
        raise SourceError(
            "nothing to ingest: name mashups, songs, multitracks or YouTube addresses, on the "
            "command line or as MASHUP_MASHUPS, MASHUP_SONGS, MASHUP_MULTITRACKS or "
            "MASHUP_SUBSCRIPTIONS"
        )


def list_all(sources: Sources) -> Iterator[Entry | Skipped]:
    """List songs before mashups, so that a mashup's songs are known when it is matched."""
    for path, kind in ((sources.songs, TrackKind.SONG), (sources.mashups, TrackKind.MASHUP)):
        if path:
            entries, skipped = list_entries(path, kind)
            yield from entries
            yield from skipped
    if sources.multitracks:
        entries, skipped = list_multitracks(sources.multitracks)
        yield from entries
        yield from skipped


def add(bench: Workbench, entry: Entry) -> Outcome | None:
    """Add one entry; return None for a recording that is known."""
    item = Item(entry.source_key, standardize(entry.raw_title))
    try:
        track_id = identify(bench, entry)
    except (OSError, AudioError) as error:
        return set_aside(bench, Skipped(entry.source_key, str(error)))
    bench.ledger.skips.clear(entry.source_key, STEP)
    new = bench.ledger.tracks.add([track_of(entry, track_id)])
    return Outcome.done(STEP, Item(track_id, item.label)) if new else None


def set_aside(bench: Workbench, skipped: Skipped) -> Outcome | None:
    """Record why something was not collected; return None if that is known."""
    news = bench.ledger.skips.record(skipped.source_key, STEP, skipped.reason)
    item = Item(skipped.source_key, Path(skipped.source_key).name)
    return Outcome.skipped(STEP, item, skipped.reason) if news else None


def identify(bench: Workbench, entry: Entry) -> str:
    """Return the entry's track id; a file that was hashed before is not read again."""
    parts = [recording_id(bench, path) for path in (entry.path, entry.instrumental_path) if path]
    if len(parts) == 1:
        return parts[0]
    return "sha256:" + hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


def recording_id(bench: Workbench, path: Path) -> str:
    """Return `sha256:` and 16 digits for one file, by its encoded sound."""
    where, status = str(path.resolve()), path.stat()
    place = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
    known = bench.ledger.tracks.find_file(where, **place)
    if known:
        return known
    track_id = f"sha256:{audio_sha256(path)[:16]}"
    bench.ledger.tracks.remember_file(where, **place, track_id=track_id)
    return track_id


def track_of(entry: Entry, track_id: str) -> TrackRecord:
    """Return the track of an entry, named."""
    companion = entry.instrumental_path
    bare = TrackRecord(
        track_id=track_id,
        kind=entry.kind.value,
        artist=None,
        title=None,
        song_key="",
        source_key=entry.source_key,
        source=str(entry.path.resolve()),
        companion=str(companion.resolve()) if companion else None,
        raw_title=entry.raw_title,
        channel=entry.channel,
        description=entry.description,
        url=entry.url,
        licence=entry.licence,
    )
    return name_track(bare)

"""What the store holds against what is said of it: orphans, doubled files, missing files."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from storage.errors import DamagedFileError, MissingFileError
from storage.exports import RECORDS_PREFIX, export_names, fetch_records
from storage.ledger import Ledger
from storage.records import ShardState, TrackState, UnitState
from storage.snapshots import SNAPSHOT_PREFIX, ShardEntry
from storage.stores import Store, StoredFile

SHARDS_FOLDER = "shards/"
AUDIO_FOLDER = "audio/"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be, and what to do about it."""

    kind: str  # missing, damaged, doubled, format, orphan, unknown or unpublished
    key: str
    text: str


def check_files(
    ledger: Ledger, store: Store, snapshots: Iterable[str], shards: Mapping[str, ShardEntry]
) -> Iterator[Problem]:
    """Report files that nobody will ever read, and keys that several files share.

    `snapshots` are the names of all snapshots, `shards` what they list, by key.
    """
    waiting = {record.key for record in ledger.trash.list()}
    known = {shard.key for shard in ledger.shards.with_files()}
    expected = {*snapshots, *shards, *known, *export_names(store)}
    for prefix in (SHARDS_FOLDER, SNAPSHOT_PREFIX, RECORDS_PREFIX):
        files = store.list(prefix)
        yield from _find_orphans(files, expected | waiting)
        yield from _find_doubled(files, shards)


def check_ledger(ledger: Ledger, store: Store, published: set[str]) -> Iterator[Problem]:
    """Report what the ledger believes of the store and is not so; `published` are shard keys."""
    stored = {shard.key for shard in ledger.shards.stored() if shard.key}
    merged = {s.key for s in ledger.shards.with_files() if s.state == ShardState.MERGED}
    for key in sorted(published - stored - merged):
        yield Problem("unknown", key, "The ledger does not know it; the next ingest adopts it.")
    for key in sorted(stored - published):
        yield Problem("unpublished", key, "In no snapshot yet; the next ingest publishes it.")
    yield from _find_missing_audio(ledger, store)
    yield from _find_missing_works(ledger, store)


def check_units(ledger: Ledger, found: Collection[str], published: set[str]) -> Iterator[Problem]:
    """Report units that the ledger calls stored and no published shard holds."""
    shards = {shard.shard_id for shard in ledger.shards.stored() if shard.key in published}
    for unit in ledger.units.list(state=UnitState.STORED):
        if unit.shard_id in shards and unit.unit_key not in found:
            text = f"the ledger says that shard {unit.shard_id} holds this unit, it does not."
            yield Problem("missing", unit.unit_key, text)


def check_records(store: Store) -> Iterator[Problem]:
    """Report a newest copy of the ledger that could not be recovered from."""
    for name in export_names(store)[:1]:
        with tempfile.TemporaryDirectory() as folder:
            try:
                fetch_records(store, name, Path(folder) / "records")
            except (DamagedFileError, MissingFileError) as error:
                yield Problem("damaged", name, str(error))


def _find_orphans(files: Iterable[StoredFile], expected: set[str | None]) -> Iterator[Problem]:
    text = (
        "Neither a snapshot nor the ledger knows it. `python -m flows compact` deletes it when it "
        "was noticed so for days."
    )
    for file in files:
        if file.key not in expected:
            yield Problem("orphan", file.key, text)


def _find_doubled(
    files: Iterable[StoredFile], shards: Mapping[str, ShardEntry]
) -> Iterator[Problem]:
    """Report names that stand for several files, as Drive allows."""
    seen: dict[str, str] = {}
    for file in files:
        first = seen.setdefault(file.key, file.file_id)
        if first != file.file_id:
            ids = f"the ids {first} and {file.file_id}"
            right = f"; the snapshot means {shards[file.key].file_id}" if file.key in shards else ""
            yield Problem(
                "doubled", file.key, f"the store has several files of this name: {ids}{right}"
            )


def _find_missing_audio(ledger: Ledger, store: Store) -> Iterator[Problem]:
    there = {file.key for file in store.list(AUDIO_FOLDER)}
    for track in ledger.tracks.list(state=TrackState.KEPT):
        if track.audio_key and track.audio_key not in there:
            text = f"the two minutes of {track.track_id} are gone. Restore them from a backup."
            yield Problem("missing", track.audio_key, text)


def _find_missing_works(ledger: Ledger, store: Store) -> Iterator[Problem]:
    """Report made mashups and the champion where their files are gone."""
    made = ledger.mashups.list()
    there = {file.key for file in store.list("mashups/")} if made else set()
    for mashup in made:
        for kind in ("mp3", "png", "json"):
            key = mashup.keys.get(kind)
            if key and key not in there:
                yield Problem("missing", key, f"a part of the mashup {mashup.made_id} is gone.")
    champion = ledger.champions.current()
    if champion and store.stat(champion.checkpoint_key) is None:
        text = "the champion is gone. Restore it from a backup, or train again."
        yield Problem("missing", champion.checkpoint_key, text)

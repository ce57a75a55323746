"""Tracks in a ledger without sound: what matching by name and review need."""

from __future__ import annotations

from catalog.records import TrackKind
from steps.naming import name_track
from steps.workbench import Workbench
from storage.records import TrackRecord, TrackState


def add_song(bench: Workbench, name: str, *, track_id: str = "") -> str:
    """Add a song whose sound counts as kept; return its id."""
    return _add(bench, TrackKind.SONG, name, track_id or f"sha256:{name}")


def add_mashup(bench: Workbench, title: str, *, track_id: str = "sha256:mashup") -> str:
    """Add a mashup whose sound counts as kept; return its id."""
    return _add(bench, TrackKind.MASHUP, title, track_id)


def _add(bench: Workbench, kind: TrackKind, raw_title: str, track_id: str) -> str:
    bare = TrackRecord(
        track_id=track_id,
        kind=kind.value,
        artist=None,
        title=None,
        song_key="",
        source_key=track_id,
        source=f"/{raw_title}.mp3",
        raw_title=raw_title,
        state=TrackState.KEPT,
    )
    bench.ledger.tracks.save(name_track(bare))
    return track_id

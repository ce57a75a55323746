"""The records that travel through the line: tracks, and pairs of a mashup with its two songs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class TrackKind(StrEnum):
    """What a track is to the line."""

    MASHUP = "mashup"
    SONG = "song"
    MULTITRACK = "multitrack"


@dataclass(frozen=True, slots=True)
class StandardName:
    """A song's name in standard form; either part may be unknown, never both."""

    artist: str | None
    title: str | None
    version: tuple[str, ...] = ()  # "live", "remix", "cover" ..., lower case

    def __str__(self) -> str:
        words = [part for part in (self.artist, self.title) if part]
        return " - ".join(words) + "".join(f" ({word})" for word in self.version)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing a source offers: not yet fetched, its text untrusted."""

    source_key: str  # what the source calls it: a path, a video id
    kind: TrackKind
    raw_title: str
    path: Path  # audio file; the vocal track of a multitrack
    instrumental_path: Path | None = None  # of a multitrack
    channel: str | None = None
    description: str | None = None
    url: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """A known recording with its identity and standard name."""

    track_id: str  # "yt:<video id>" or "sha256:<16 hex>"
    kind: TrackKind
    name: StandardName
    entry: Entry


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something the line set aside, with a reason that a person can read."""

    source_key: str
    reason: str

"""What clients tell about videos: facts, listings, fetched files."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from pathlib import Path

MAX_TITLE_CHARS = 300
CREATIVE_COMMONS = "creative commons"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of one video; None where the source did not say."""

    video_id: str
    title: str = ""
    channel: str | None = None
    duration_s: float | None = None
    uploaded: dt.date | None = None
    licence: str | None = None
    is_live: bool | None = None
    is_short: bool | None = None
    is_private: bool = False
    description: str | None = None
    artist: str | None = None  # YouTube's own music metadata
    track: str | None = None
    chapters: tuple[str, ...] = ()
    thumbnail_url: str | None = None

    @property
    def url(self) -> str:
        return f"https://www.youtube.com/watch?v={self.video_id}"

    @property
    def creative_commons(self) -> bool | None:
        return None if self.licence is None else CREATIVE_COMMONS in self.licence.lower()


@dataclass(frozen=True, slots=True)
class Listing:
    """The videos behind one address, in its order, each once."""

    url: str
    title: str
    entries: tuple[VideoFacts, ...]
    stated_count: int | None  # what the page itself promises
    client: str
    cut: bool = False  # a limit ended the listing early
    notes: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """Number of videos that the page states and the client did not see."""
        if self.cut or self.stated_count is None:
            return 0
        return max(0, self.stated_count - len(self.entries))


@dataclass(frozen=True, slots=True)
class Fetched:
    """One audio file as a client left it, not yet checked."""

    path: Path
    container: str  # the file's extension: m4a, webm
    size_bytes: int
    expected_bytes: int | None
    facts: VideoFacts
    thumbnail: Path | None = None
    throttled: bool = False  # it worked, but a 429 was heard on the way: time for a pause


def clean_text(text: str) -> str:
    """Return `text` on one line without control and direction characters, at most 300 long."""
    kept = (" " if char.isspace() else char for char in text)
    shown = "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    return " ".join(unicodedata.normalize("NFC", shown).split())[:MAX_TITLE_CHARS]


def once(entries: list[VideoFacts]) -> tuple[VideoFacts, ...]:
    """Return `entries` with each video once, where it stood first."""
    return tuple({entry.video_id: entry for entry in reversed(entries)}.values())[::-1]

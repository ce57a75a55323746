"""The seam: what the project asks of a YouTube client, and the options that all of them take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from catalog.youtube.records import Fetched, Listing, VideoFacts

# Looks at a video's full facts before its audio is fetched; returns why it is not wanted, or None.
Objection = Callable[[VideoFacts], str | None]


def no_objection(facts: VideoFacts) -> str | None:
    """Want every video."""
    del facts
    return None


class Lister(Protocol):
    """Something that lists the videos of a playlist, a channel, or one video."""

    @property
    def name(self) -> str: ...

    def list_videos(self, url: str, *, limit: int | None = None) -> Listing:
        """Return the videos behind `url`; raises a YouTubeError."""
        ...


class Client(Lister, Protocol):
    """A lister that also fetches audio and searches."""

    def fetch_audio(
        self, video_id: str, target_dir: Path, *, objection: Objection = no_objection
    ) -> Fetched:
        """Write the best audio of a video into `target_dir`, carrying on what lies there.

        Raises
        ------
        FilteredError
            `objection` gave a reason once the video's facts were known.
        YouTubeError
            See `errors.py` for what each class asks the caller to do.
        """
        ...

    def close(self) -> None:
        """Let go of connections; the client may be used again."""
        ...

    def search(self, text: str, *, limit: int = 5) -> tuple[VideoFacts, ...]:
        """Return the first videos that YouTube offers for `text`."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may set; every client takes what it understands."""

    proxy: str | None = field(default=None, repr=False)  # may hold a password
    cookies_file: Path | None = None
    ytdlp_arguments: tuple[str, ...] = ()  # passed through, as on yt-dlp's command line
    cache_dir: Path | None = None
    timeout_s: float = 30.0
    api_key: str | None = field(default=None, repr=False)
    api_endpoint: str | None = None  # another address of the Data API, for tests
    js_runtime: str | None = None  # "deno", "node:/path"; None: what the machine has

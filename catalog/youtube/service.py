"""YouTube as the line uses it: one client behind one gate, and one folder of originals."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from catalog.youtube.auto_client import AutoClient
from catalog.youtube.client import Objection, Options, no_objection
from catalog.youtube.download import CheckAudio, download, find_download
from catalog.youtube.errors import ThrottledError
from catalog.youtube.records import Listing, VideoFacts
from catalog.youtube.sidecar import Downloaded
from catalog.youtube.throttle import Gate

Result = TypeVar("Result")

# Entered round every job that asks YouTube: where several machines share one limit, it waits here.
Turn = Callable[[], AbstractContextManager[None]]


class YouTube:
    """Lists, fetches and searches politely; safe to share between threads.

    Parameters
    ----------
    choice
        The client's name: auto, yt-dlp, pytubefix or pytube.
    folder
        Where originals lie; it may be wiped, what is needed again is fetched again.
    gate
        The pause between jobs and the circuit breaker.
    turn
        A limit that this process shares with others.
    """

    def __init__(
        self,
        choice: str,
        options: Options,
        *,
        folder: Path,
        gate: Gate,
        turn: Turn = nullcontext,
    ) -> None:
        self.choice = choice
        self.folder = folder
        self._options = options
        self._gate = gate
        self._turn = turn

    def list_videos(self, url: str, *, limit: int | None = None) -> Listing:
        """Return the videos behind an address; raises a YouTubeError."""
        return self._ask(lambda: self._client.list_videos(url, limit=limit))

    def search(self, text: str, *, limit: int = 5) -> tuple[VideoFacts, ...]:
        """Return the first videos that YouTube offers for `text`; raises a YouTubeError."""
        return self._ask(lambda: self._client.search(text, limit=limit))

    def find(self, video_id: str) -> Downloaded | None:
        """Return the original of a video if it lies in the folder; asks nobody."""
        return find_download(self.folder, video_id)

    def fetch(
        self, video_id: str, *, check_audio: CheckAudio, objection: Objection = no_objection
    ) -> Downloaded:
        """Return the checked original of a video, from the folder if it lies there already.

        Raises
        ------
        YouTubeError
            As `catalog.youtube.download.download`; `PausedError` while the breaker is open.
        """
        found = self.find(video_id)
        if found:
            return found
        fetched = download(
            self._client,
            video_id,
            self.folder,
            check_audio=check_audio,
            objection=objection,
            ask=self._ask,
        )
        if fetched.throttled:  # it worked, but the next one might not
            self._gate.breaker.open_after(
                ThrottledError("YouTube answered 429 in the middle of a download")
            )
        return fetched

    def forget(self, video_id: str) -> None:
        """Remove the original of a video from the folder, its picture and its record too."""
        for path in self.folder.glob(f"{video_id}.*"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of connections."""
        if "_client" in self.__dict__:
            self._client.close()

    def _ask(self, job: Callable[[], Result]) -> Result:
        self._gate.breaker.check()  # a closed road needs no queue
        with self._turn():
            return self._gate.run(job)

    @cached_property
    def _client(self) -> AutoClient:
        # Imported on first use: the clients take a second to load.
        from catalog.youtube.open_client import open_client

        return open_client(self.choice, self._options)

"""One yt-dlp session per thread, kept between jobs: it costs half a second of work to build.

A session keeps its connections, cookies and visitor id, as yt-dlp's command line does for all the
videos of one run.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yt_dlp


class YtdlpSessions:
    """Lends each thread its own `YoutubeDL` with the parameters of one job."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = dict(parameters)
        self._local = threading.local()
        self._opened: list[yt_dlp.YoutubeDL] = []
        weakref.finalize(self, _close_all, self._opened)

    @contextmanager
    def borrow(self, changes: Mapping[str, Any]) -> Iterator[yt_dlp.YoutubeDL]:
        """Yield this thread's session with `changes` to its parameters, taken back afterwards."""
        session = self._of_this_thread(changes["logger"])
        before = {key: session.params[key] for key in changes if key in session.params}
        session.params.update(changes)
        try:
            yield session
        finally:
            for key in changes:
                del session.params[key]
            session.params.update(before)

    def close(self) -> None:
        """Close the connections of all threads; a later job opens new sessions."""
        self._local = threading.local()
        _close_all(self._opened)

    def _of_this_thread(self, logger: Any) -> yt_dlp.YoutubeDL:
        if not hasattr(self._local, "session"):
            self._local.session = yt_dlp.YoutubeDL({**self._parameters, "logger": logger})
            self._opened.append(self._local.session)
        return self._local.session


def _close_all(opened: list[yt_dlp.YoutubeDL]) -> None:
    while opened:
        opened.pop().close()

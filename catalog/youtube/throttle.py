"""Politeness: a jittered pause between requests, and no request while the breaker is open."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from catalog.youtube.breaker import Breaker
from catalog.youtube.errors import BotWallError, ThrottledError

Result = TypeVar("Result")

# Guest sessions get about 300 videos an hour (yt-dlp's wiki); ytdl-sub sleeps 14-28 s a download.
SHORTEST_PAUSE_S = 6.0
LONGEST_PAUSE_S = 12.0


@dataclass(slots=True)
class Pace:
    """Keeps the starts of jobs of this process apart by a random pause; threads queue up."""

    shortest_s: float = SHORTEST_PAUSE_S
    longest_s: float = LONGEST_PAUSE_S
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    uniform: Callable[[float, float], float] = random.uniform
    _free_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> float:
        """Sleep until this job may start and return how long that was, in seconds."""
        with self._lock:
            now = self.clock()
            start = now if self._free_at is None else max(now, self._free_at)
            self._free_at = start + self.uniform(self.shortest_s, self.longest_s)
        if start > now:
            self.sleep(start - now)
        return start - now


@dataclass(frozen=True, slots=True)
class Gate:
    """Every job that asks YouTube goes through here."""

    breaker: Breaker
    pace: Pace

    def run(self, job: Callable[[], Result]) -> Result:
        """Return what `job` returns.

        Raises
        ------
        PausedError
            The breaker is open, or this job's answer (429, a bot wall) opened it: end the run
            gracefully, the next one carries on.
        """
        self.breaker.check()
        self.pace.wait()
        self.breaker.check()  # another process may have opened it while this one waited
        try:
            return job()
        except (ThrottledError, BotWallError) as error:
            raise self.breaker.open_after(error) from error

"""Politeness: a jittered pause between requests, and no request while the breaker is open."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from catalog.youtube.breaker import Breaker
from catalog.youtube.errors import (
    BotWallError,
    ClientBrokenError,
    FilteredError,
    ThrottledError,
    UnavailableError,
)

Result = TypeVar("Result")

# Guest sessions get about 300 videos an hour (yt-dlp's wiki); ytdl-sub sleeps 14-28 s a download.
PAUSE_S = 9.0
REFUSALS_IN_A_ROW = 5  # then it is not the videos: asking for the rest would only annoy


@dataclass(slots=True)
class Pace:
    """Keeps the starts of jobs of this process apart by a random pause; threads queue up."""

    shortest_s: float = PAUSE_S * 2 / 3
    longest_s: float = PAUSE_S * 4 / 3
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


@dataclass(slots=True)
class Gate:
    """Every job that asks YouTube goes through here."""

    breaker: Breaker
    pace: Pace
    _refusals: int = 0  # in a row, of jobs on which every client gave up

    def run(self, job: Callable[[], Result]) -> Result:
        """Return what `job` returns.

        Raises
        ------
        PausedError
            The breaker is open, or this job's answer opened it (429, a bot wall, or one more
            refusal after many): end the run gracefully, the next one carries on.
        """
        self.breaker.check()
        self.pace.wait()
        self.breaker.check()  # another process may have opened it while this one waited
        try:
            result = job()
        except (ThrottledError, BotWallError) as error:
            raise self.breaker.open_after(error) from error
        except ClientBrokenError as error:
            self._refusals += 1
            if self._refusals >= REFUSALS_IN_A_ROW:
                raise self.breaker.open_after(error) from error
            raise
        except (UnavailableError, FilteredError):  # about the video: the client is understood
            self._refusals = 0
            raise
        self._refusals = 0
        return result

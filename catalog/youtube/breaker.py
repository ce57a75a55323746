"""A circuit breaker for one host, shared by all processes through a small file.

After a 429, a bot wall or a row of refusals no process asks that host again before
`paused_until`. The pause doubles with every incident (15 min, 30 min, ... 24 h) and starts small
again after six quiet hours.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from catalog.youtube.errors import PausedError, YouTubeError

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 15 * 60.0
LONGEST_PAUSE_S = 24 * 3600.0
FORGET_AFTER_S = 6 * 3600.0


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Incident:
    """What the file holds: until when, why, and the how-manieth incident in a row it is."""

    paused_until: str  # ISO 8601, UTC
    reason: str
    strikes: int

    @property
    def until(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.paused_until)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Opens on incidents; while it is open, `check` raises."""

    path: Path
    now: Callable[[], dt.datetime] = _utc_now
    first_pause_s: float = FIRST_PAUSE_S
    longest_pause_s: float = LONGEST_PAUSE_S

    def check(self) -> None:
        """Raise `PausedError` while the breaker is open."""
        incident = self._read()
        if incident and self.now() < incident.until:
            raise PausedError(incident.until, incident.reason)

    def open_after(self, error: YouTubeError) -> PausedError:
        """Open, or leave open what another process opened; return the error to raise."""
        last = self._read()
        if last and self.now() < last.until:
            return PausedError(last.until, last.reason)
        strikes = self._strikes_after(last)
        pause_s = min(self.first_pause_s * 2 ** (strikes - 1), self.longest_pause_s)
        pause_s = max(pause_s, getattr(error, "retry_after_s", None) or 0.0)
        until = (self.now() + dt.timedelta(seconds=pause_s)).replace(microsecond=0)
        self._write(Incident(until.isoformat(), str(error), strikes))
        logger.warning("no more requests before %s: %s", until, error)
        return PausedError(until, str(error))

    def _strikes_after(self, last: Incident | None) -> int:
        if last is None:
            return 1
        quiet_s = (self.now() - last.until).total_seconds()
        return 1 if quiet_s > FORGET_AFTER_S else last.strikes + 1

    def _read(self) -> Incident | None:
        """Return the last incident; an unreadable file counts as none and is replaced later."""
        try:
            told = json.loads(self.path.read_text(encoding="utf-8"))
            incident = Incident(told["paused_until"], str(told["reason"]), int(told["strikes"]))
            return incident if incident.until.tzinfo else None
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            logger.warning("ignoring the unreadable breaker file %s: %s", self.path, error)
            return None

    def _write(self, incident: Incident) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(incident), file)
        Path(name).replace(self.path)

"""Tries a call again while its error says that this may help, waiting longer each time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from catalog.youtube.errors import TransientError

logger = logging.getLogger(__name__)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how patiently; `sleep` is injected so that tests do not wait."""

    attempts: int = 3
    first_wait_s: float = 2.0
    sleep: Callable[[float], None] = time.sleep

    def run(self, call: Callable[[], Result]) -> Result:
        """Return what `call` returns; waits w, 2w, 4w ... seconds after a `TransientError`."""
        for attempt in range(1, self.attempts):
            try:
                return call()
            except TransientError as error:
                wait_s = self.first_wait_s * 2 ** (attempt - 1)
                logger.info("try %d of %d: %s", attempt, self.attempts, error)
                self.sleep(wait_s)
        return call()

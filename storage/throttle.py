"""A limit on bytes per second that all threads of a process share."""

from __future__ import annotations

import threading
import time


class Throttle:
    """Lets `bytes_s` bytes a second through, on average; None lets everything through."""

    def __init__(self, bytes_s: float | None) -> None:
        self.bytes_s = bytes_s
        self._free_at, self._lock = 0.0, threading.Lock()

    def take(self, size: int) -> None:
        """Wait until `size` more bytes may move."""
        if self.bytes_s is None:
            return
        with self._lock:
            start = max(time.monotonic(), self._free_at)
            self._free_at = start + size / self.bytes_s
        time.sleep(max(0.0, start - time.monotonic()))

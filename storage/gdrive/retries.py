"""Trying again: exponential backoff with jitter, until an error's verdict says stop."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from storage.gdrive.faults import KNOWN, Verdict
from storage.options import Backoff

Result = TypeVar("Result")
logger = logging.getLogger(__name__)


def keep_trying(
    action: Callable[[], Result],
    judge: Callable[[Exception], Verdict],
    *,
    backoff: Backoff,
    on_fault: Callable[[], None],
) -> Result:
    """Return what `action` returns, after as many tries as it takes and its errors allow.

    `on_fault` is called after each failed try. Errors that Drive's client does not raise pass
    unchanged. What is raised does not carry the client's own error: its text has addresses that
    are themselves permissions.
    """
    attempt = 0
    while True:
        try:
            return action()
        except KNOWN as error:
            verdict = judge(error)
        on_fault()
        attempt += 1
        if attempt >= min(backoff.tries, verdict.tries or backoff.tries):
            raise verdict.error
        wait_s = random.uniform(0.5, 1.0) * backoff.wait_s(attempt - 1)
        wait_s = max(wait_s, verdict.wait_s)
        logger.info("try %d failed, next in %.1f s: %s", attempt, wait_s, verdict.error)
        time.sleep(wait_s)

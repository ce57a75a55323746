"""Limits that all machines share: how many videos are fetched at once, and how often one begins.

Prefect ignores a limit that does not exist unless it is asked to be strict, so both are made here
when they are missing. A limit that is there stays as it is: people tune them in the UI.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.sync import concurrency, rate_limit
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from settings import get_settings

AT_ONCE = "youtube-at-once"
RATE = "youtube-rate"


@contextmanager
def youtube_turn() -> Iterator[None]:
    """Wait until this process may ask YouTube, and hold its place until the block ends."""
    settings = get_settings()
    ensure_limits(settings.youtube_at_once, settings.youtube_pause_s)
    # A slot that could not be renewed for a moment is no reason to cut off a download.
    with concurrency(AT_ONCE, strict=True, raise_on_lease_renewal_failure=False):
        if settings.youtube_pause_s:
            rate_limit(RATE, strict=True)
        yield


@lru_cache(maxsize=1)
def ensure_limits(at_once: int, pause_s: float) -> None:
    """Make the limits that are missing on the Prefect server; once per process."""
    ensure_limit(GlobalConcurrencyLimitCreate(name=AT_ONCE, limit=at_once))
    if pause_s:
        every = GlobalConcurrencyLimitCreate(name=RATE, limit=1, slot_decay_per_second=1 / pause_s)
        ensure_limit(every)


def ensure_limit(limit: GlobalConcurrencyLimitCreate) -> None:
    """Make one limit unless there is one of that name."""
    with get_client(sync_client=True) as client:
        try:
            client.read_global_concurrency_limit_by_name(limit.name)
        except ObjectNotFound:
            try:
                client.create_global_concurrency_limit(limit)
            except ObjectAlreadyExists:  # another machine was a moment faster
                return

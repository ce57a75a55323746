from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.options import Backoff
from storage.throttle import Throttle


def test_all_threads_together_keep_to_the_limit() -> None:
    throttle = Throttle(10_000)
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(throttle.take, [1000] * 5))
    assert 0.4 <= time.monotonic() - began < 2.0


def test_without_a_limit_nothing_waits() -> None:
    began = time.monotonic()
    Throttle(None).take(10**15)
    assert time.monotonic() - began < 0.1


def test_waits_grow_and_are_capped() -> None:
    backoff = Backoff(first_s=0.5, factor=2.0, cap_s=3.0)
    assert [backoff.wait_s(attempt) for attempt in range(4)] == pytest.approx([0.5, 1.0, 2.0, 3.0])

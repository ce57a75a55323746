"""Breaker, pace and gate, with a clock that the tests turn."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.youtube.breaker import Breaker
from catalog.youtube.errors import BotWallError, PausedError, ThrottledError, TransientError
from catalog.youtube.retry import Retry
from catalog.youtube.throttle import Gate, Pace

START = dt.datetime(2026, 11, 23, 22, 0, tzinfo=dt.UTC)
SLOW_DOWN = ThrottledError("YouTube asks yt-dlp to slow down (HTTP 429)")


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> dt.datetime:
        return START + dt.timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return self.passed_s

    def sleep(self, duration_s: float) -> None:
        self.passed_s += duration_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def breaker_at(path: Path, clock: Clock) -> Breaker:
    return Breaker(path / "breakers" / "youtube.json", now=clock.now)


def test_a_fresh_breaker_lets_pass(tmp_path: Path, clock: Clock) -> None:
    breaker_at(tmp_path, clock).check()
    assert list(tmp_path.iterdir()) == []


def test_an_open_breaker_says_until_when_and_why(tmp_path: Path, clock: Clock) -> None:
    breaker_at(tmp_path, clock).open_after(SLOW_DOWN)
    another_process = breaker_at(tmp_path, clock)
    with pytest.raises(PausedError) as caught:
        another_process.check()
    assert caught.value.until == START + dt.timedelta(minutes=15)
    assert str(caught.value) == (
        "paused until 2026-11-23 22:15:00 UTC: YouTube asks yt-dlp to slow down (HTTP 429)"
    )


def test_the_breaker_closes_by_itself(tmp_path: Path, clock: Clock) -> None:
    breaker = breaker_at(tmp_path, clock)
    breaker.open_after(SLOW_DOWN)
    clock.sleep(15 * 60)
    breaker.check()


def test_each_incident_in_a_row_doubles_the_pause_up_to_a_day(tmp_path: Path, clock: Clock) -> None:
    breaker = breaker_at(tmp_path, clock)
    pauses_min = []
    for _ in range(9):
        until = breaker.open_after(SLOW_DOWN).until
        pauses_min.append((until - clock.now()).total_seconds() / 60)
        clock.sleep((until - clock.now()).total_seconds())
    assert pauses_min == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]


def test_quiet_hours_are_forgiven(tmp_path: Path, clock: Clock) -> None:
    breaker = breaker_at(tmp_path, clock)
    breaker.open_after(SLOW_DOWN)
    clock.sleep(7 * 3600)
    assert breaker.open_after(SLOW_DOWN).until == clock.now() + dt.timedelta(minutes=15)


def test_one_incident_of_two_processes_counts_once(tmp_path: Path, clock: Clock) -> None:
    first = breaker_at(tmp_path, clock).open_after(SLOW_DOWN)
    second = breaker_at(tmp_path, clock).open_after(BotWallError("prove it"))
    assert (second.until, second.reason) == (first.until, first.reason)


def test_a_longer_wish_of_youtube_is_heard(tmp_path: Path, clock: Clock) -> None:
    error = ThrottledError("slow down", retry_after_s=7200.0)
    until = breaker_at(tmp_path, clock).open_after(error).until
    assert until == START + dt.timedelta(hours=2)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"paused_until": "soon", "reason": "", "strikes": 1}', '{"strikes": 3}'],
)
def test_an_unreadable_breaker_file_stops_nobody(
    tmp_path: Path, clock: Clock, content: str
) -> None:
    breaker = breaker_at(tmp_path, clock)
    breaker.path.parent.mkdir()
    breaker.path.write_text(content, encoding="utf-8")
    breaker.check()
    breaker.open_after(SLOW_DOWN)
    assert json.loads(breaker.path.read_text(encoding="utf-8"))["strikes"] == 1


def test_the_breaker_leaves_no_temporary_file(tmp_path: Path, clock: Clock) -> None:
    breaker = breaker_at(tmp_path, clock)
    breaker.open_after(SLOW_DOWN)
    assert list(breaker.path.parent.iterdir()) == [breaker.path]


def gate_at(tmp_path: Path, clock: Clock, uniform: Callable[[float, float], float]) -> Gate:
    pace = Pace(6.0, 12.0, sleep=clock.sleep, clock=clock.monotonic, uniform=uniform)
    return Gate(breaker_at(tmp_path, clock), pace)


def test_jobs_start_apart_by_a_random_pause(tmp_path: Path, clock: Clock) -> None:
    pauses_s = iter([6.0, 12.0, 7.5])
    gate = gate_at(tmp_path, clock, lambda low, high: next(pauses_s))
    starts_s = [gate.run(clock.monotonic) for _ in range(3)]
    assert starts_s == [0.0, 6.0, 18.0]


def test_a_slow_job_needs_no_further_pause(tmp_path: Path, clock: Clock) -> None:
    gate = gate_at(tmp_path, clock, lambda low, high: low)
    gate.run(lambda: clock.sleep(100.0))
    assert gate.run(clock.monotonic) == 100.0


@pytest.mark.parametrize("error", [SLOW_DOWN, BotWallError("prove that you are no bot")])
def test_a_429_or_a_bot_wall_ends_the_run_for_everyone(
    tmp_path: Path, clock: Clock, error: Exception
) -> None:
    gate = gate_at(tmp_path, clock, lambda low, high: low)
    calls = []

    def job() -> None:
        calls.append(1)
        raise error

    for _ in range(3):
        with pytest.raises(PausedError, match="paused until 2026-11-23 22:15:00 UTC"):
            gate.run(job)
    assert len(calls) == 1


def test_other_errors_pass_through_the_gate(tmp_path: Path, clock: Clock) -> None:
    gate = gate_at(tmp_path, clock, lambda low, high: low)

    def job() -> None:
        raise TransientError("reset")

    with pytest.raises(TransientError, match="reset"):
        gate.run(job)
    gate.breaker.check()


def test_a_retry_waits_longer_each_time_and_then_gives_up(clock: Clock) -> None:
    starts_s = []

    def job() -> None:
        starts_s.append(clock.monotonic())
        raise TransientError(f"stumble {len(starts_s)}")

    with pytest.raises(TransientError, match="stumble 3"):
        Retry(attempts=3, first_wait_s=2.0, sleep=clock.sleep).run(job)
    assert starts_s == [0.0, 2.0, 6.0]


def test_only_stumbles_are_retried(clock: Clock) -> None:
    def job() -> None:
        raise SLOW_DOWN

    with pytest.raises(ThrottledError):
        Retry(sleep=clock.sleep).run(job)
    assert clock.passed_s == 0.0

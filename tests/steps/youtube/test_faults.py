"""What YouTube does wrong, client by client: nothing lost, nothing doubled, the rest is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from steps.collect import collect
from steps.outcome import State as Ended
from storage.records import TrackState
from tests.loopback.fixtures import FilesOf, Serve, clients_leave_sockets
from tests.loopback.youtube_media import make_tone
from tests.loopback.youtube_world import PLAYLIST_ID, Fault, World, make_world
from tests.steps.youtube.conftest import OpenBench
from tests.steps.youtube.nights import MASHUPS, end_pause, night, reasons, states

pytestmark = clients_leave_sockets

BAD = "loopvid0001"
CLIENTS = ("yt-dlp", "pytubefix", "pytube")


@dataclass(frozen=True)
class Case:
    """A fault of one place, and how the line takes it."""

    fault: Fault
    ends: frozenset[str]  # states in which the video may end on that night

    @property
    def name(self) -> str:
        return f"{self.fault.place}-{self.fault.kind}-{self.fault.times}"


PAUSED, FAILED, DONE = Ended.POSTPONED, Ended.FAILED, Ended.DONE
CASES = [
    Case(Fault("player", 429, 99, BAD), frozenset({PAUSED, DONE})),
    Case(Fault("media", 429, 99, BAD), frozenset({PAUSED})),
    Case(Fault("player", 403, 99, BAD), frozenset({FAILED, DONE})),
    Case(Fault("media", 403, 99, BAD), frozenset({FAILED})),
    Case(Fault("media", 503, 2, BAD), frozenset({DONE})),
    Case(Fault("media", "truncate", 1, BAD), frozenset({DONE})),
    Case(Fault("media", "truncate", 99, BAD), frozenset({FAILED, DONE})),
    Case(Fault("media", "reset", 1, BAD), frozenset({DONE})),
    Case(Fault("media", "reset", 99, BAD), frozenset({FAILED})),
    Case(Fault("media", "nothing", 99, BAD), frozenset({FAILED, DONE})),
    Case(Fault("player", "malformed", 99, BAD), frozenset({FAILED, DONE})),
    Case(Fault("player", "bot_wall", 99, BAD), frozenset({PAUSED, FAILED, DONE})),
]
# What differs most is tried every day, with the default client; the rest by `make test-all`.
EVERY_DAY = {"media-429-99", "media-403-99", "media-503-2", "media-reset-1", "media-nothing-99"}
MATRIX = [
    pytest.param(
        client,
        case,
        id=f"{client}-{case.name}",
        marks=() if client == "yt-dlp" and case.name in EVERY_DAY else pytest.mark.slow,
    )
    for client in CLIENTS
    for case in CASES
]


@pytest.mark.parametrize(("client", "case"), MATRIX)
def test_a_fault_of_one_video_costs_nothing_but_time(
    open_bench: OpenBench, world: World, client: str, case: Case
) -> None:
    world.faults = [Fault(case.fault.place, case.fault.kind, case.fault.times, BAD)]
    bench = open_bench(world, client=client)
    ended = {outcome.item.key: outcome for outcome in night(bench) if outcome.step == "listen"}
    bad = ended.pop(f"yt:{BAD}")
    assert bad.state in case.ends
    assert bad.state is DONE or bad.reason
    rest_waits = bad.state is PAUSED
    assert {o.state for o in ended.values()} <= ({DONE, PAUSED} if rest_waits else {DONE})
    world.faults = []
    end_pause(bench)
    night(bench)
    assert states(bench) == {f"loopvid000{n}": TrackState.KEPT for n in range(3)}
    assert len(bench.store.list("audio/")) == 3


@pytest.mark.parametrize(
    ("kind", "words"),
    [(429, "slow down"), (403, "HTTP 403"), ("malformed", "does not understand")],
)
def test_a_listing_that_fails_is_listed_on_the_next_night(
    open_bench: OpenBench, world: World, kind: object, words: str
) -> None:
    world.faults = [Fault("playlist", kind, 99), Fault("browse", kind, 99)]  # type: ignore[arg-type]
    bench = open_bench(world)
    (outcome,) = night(bench)
    assert words in outcome.reason
    world.faults = []
    end_pause(bench)
    night(bench)
    assert set(states(bench).values()) == {TrackState.KEPT}


def test_a_playlist_shorter_than_it_states_is_taken_and_said(
    open_bench: OpenBench, world: World
) -> None:
    world.stated_counts[PLAYLIST_ID] = 9
    (source,) = collect(open_bench(world), MASHUPS).sources
    assert source.new == 3
    assert source.notes[0].startswith("the page states 9 videos, yt-dlp saw 3")


def test_an_empty_playlist_is_no_fault(open_bench: OpenBench, world: World) -> None:
    world.playlists[PLAYLIST_ID] = []
    bench = open_bench(world)
    assert (night(bench), states(bench)) == ([], {})


def test_pytube_says_loudly_that_it_sees_too_few(open_bench: OpenBench, world: World) -> None:
    world.shape = "lockup"
    (outcome,) = night(open_bench(world, client="pytube"))
    assert outcome.fault == "ListingShortError"
    assert "the page states 3 videos, pytube saw 0" in outcome.reason


def test_a_corrupt_part_file_is_not_believed(open_bench: OpenBench, world: World) -> None:
    bench = open_bench(world)
    part = bench.work_dir / "originals" / ".part" / BAD / f"{BAD}.webm.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"\0" * 4000)
    night(bench)
    assert states(bench)[BAD] == TrackState.KEPT
    quarantined = bench.work_dir / "originals" / ".quarantine" / BAD / "reason.txt"
    assert quarantined.is_file()


def test_a_night_that_is_killed_in_a_download_is_carried_on(
    serve: Serve, open_bench: OpenBench, tmp_path: Path
) -> None:
    folder = tmp_path / "sounds"
    folder.mkdir()
    world = make_world(
        lambda index: make_tone(folder, index, duration_s=11.0), fillers=3, duration_s=11
    )
    world.faults = [Fault("media", "stall", 1, BAD)]
    loopback = serve(world)
    program = (
        "import sys; from pathlib import Path; from tests.steps.youtube.nights import *;"
        "from tests.loopback.youtube_clients import YTDLP_ARGUMENTS;"
        "night(open_youtube_bench(Path(sys.argv[1]), Options(proxy=sys.argv[2], timeout_s=60,"
        "ytdlp_arguments=YTDLP_ARGUMENTS)))"
    )
    env = {**os.environ, "SSL_CERT_FILE": str(loopback.ca_file)}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path), loopback.url], env=env
    ) as child:
        wait_for(tmp_path / "work" / "originals" / ".part" / BAD / f"{BAD}.webm.part", child)
        os.kill(child.pid, signal.SIGKILL)
    world.stalled.set()
    bench = open_bench(world)
    assert states(bench)["loopvid0000"] == TrackState.KEPT
    night(bench)
    assert set(states(bench).values()) == {TrackState.KEPT}
    assert len(bench.store.list("audio/")) == 3
    resumed = [r.range_header for r in world.requests if r.place == "media" and r.video_id == BAD]
    assert any(header and not header.startswith("bytes=0-") for header in resumed)


def wait_for(path: Path, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not (path.is_file() and path.stat().st_size > 1000):
        assert child.poll() is None, "the night ended before it was killed"
        assert time.monotonic() < deadline, "the download did not begin"
        time.sleep(0.02)


def test_one_client_after_the_other_is_asked_before_a_video_is_given_up(
    open_bench: OpenBench, sounds: FilesOf
) -> None:
    world = make_world(sounds, fillers=1, duration_s=11)
    world.faults = [Fault("player", 403, 2)]
    bench = open_bench(world, client="auto")
    assert [outcome.state for outcome in night(bench)] == [DONE, DONE]
    assert reasons(bench) == {}

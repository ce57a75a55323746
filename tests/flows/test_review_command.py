"""`python -m flows review`, in a terminal, in a pipe, and for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.__main__ import app
from settings import get_settings
from steps.match import match_mashups
from steps.workbench import Workbench
from storage.records import ReviewState
from tasks.bench import bench as this_bench
from tests.steps.tracks import add_mashup, add_song

ROOT = Path(__file__).parents[2]
FIRST, SECOND = "sha256:first", "sha256:second"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """A place with two mashups that wait, as the settings of this process name it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MASHUP_STORE_URL", f"file://{tmp_path / 'data'}")
    monkeypatch.setenv("MASHUP_LEDGER_URL", f"sqlite:///{tmp_path / 'work' / 'ledger.db'}")
    monkeypatch.setenv("MASHUP_WORK_DIR", str(tmp_path / "work"))
    for cached in (get_settings, this_bench):
        cached.cache_clear()
    bench = this_bench()
    for song in ("Toto - Africa", "Adele - Hello", "Lionel Richie - Hello", "Avicii - Levels"):
        add_song(bench, song)
    add_mashup(bench, "Hello x Africa [bold]\x1b[31m", track_id=FIRST)
    add_mashup(bench, "Levels x Hello", track_id=SECOND)
    match_mashups(bench)
    yield bench
    bench.ledger.close()
    for cached in (get_settings, this_bench):
        cached.cache_clear()


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["review", *arguments], input=typed)


def states(bench: Workbench) -> dict[str, str]:
    return {review.mashup_id: review.state for review in bench.ledger.reviews.list()}


def test_the_terminal_shows_all_that_helps_to_decide(bench: Workbench) -> None:
    shown = run(typed="q\n").output
    for words in (
        "1 of 2",
        "Hello x Africa [bold][31m",  # titles are data: no markup, no escape codes
        "Why it waits: two candidates",
        "The title may say: Hello × Africa",
        "[1] these two songs, score 0.88",
        'Adele - Hello   for "Hello"',
        "score 0.88, artist not named -0.12",
        "[2] these two songs",
        "a number accepts, r rejects all",
    ):
        assert words in shown
    assert "\x1b" not in shown
    assert set(states(bench).values()) == {ReviewState.OPEN}


@pytest.mark.parametrize(
    ("typed", "first", "second"),
    [
        ("2\nr\n", ReviewState.ACCEPTED, ReviewState.REJECTED),
        ("n\ns\n", ReviewState.NONE, ReviewState.OPEN),
        ("s\nq\n", ReviewState.OPEN, ReviewState.OPEN),
        ("", ReviewState.OPEN, ReviewState.OPEN),
        ("7\nx\n1\n", ReviewState.ACCEPTED, ReviewState.OPEN),
    ],
)
def test_keys_answer_one_mashup_after_the_other(
    bench: Workbench, typed: str, first: str, second: str
) -> None:
    result = run(typed=typed)
    assert (result.exit_code, states(bench)) == (0, {FIRST: first, SECOND: second})
    assert ("expected 1 to 2, r, n, s or q, got '7'" in result.output) == typed.startswith("7")


def test_options_answer_without_a_question(bench: Workbench) -> None:
    result = run("--accept", f"{FIRST}=2", "--reject", SECOND)
    assert "accepted Lionel Richie - Hello and Toto - Africa; the next run uses it" in (
        " ".join(result.output.split())
    )
    assert f"{SECOND}: 2 proposals rejected" in result.output
    assert states(bench) == {FIRST: ReviewState.ACCEPTED, SECOND: ReviewState.REJECTED}
    assert "Nothing waits for review." in run().output


def test_a_program_reads_and_answers_json(bench: Workbench) -> None:
    waiting = json.loads(run("--json", "--limit", "1").output)["waiting"]
    assert [each["mashup_id"] for each in waiting] == [FIRST]
    songs = waiting[0]["proposals"][0]["songs"]
    assert {song["name"] for song in songs} == {"Adele - Hello", "Toto - Africa"}
    assert songs[0]["penalties"] == {"artist not named": 0.125}
    told = json.loads(run("--json", "--none", FIRST).output)
    assert told["answered"] == [f"{FIRST}: set aside"]
    assert [each["mashup_id"] for each in told["waiting"]] == [SECOND]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--accept", "sha256:first"), 2, "expected MASHUP_ID=N"),
        (("--accept", "sha256:first=x"), 2, "expected MASHUP_ID=N"),
        (("--accept", f"{FIRST}=3"), 1, "from 1 to 2, got 3"),
        (("--reject", "sha256:nobody"), 1, "never asked about"),
        (("--limit", "0"), 2, "greater than or equal to 1"),
    ],
)
def test_a_bad_answer_is_refused_in_words(
    bench: Workbench, arguments: tuple[str, ...], status: int, words: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == status
    assert words in " ".join(result.output.replace("│", " ").split())


def test_answers_can_be_piped_into_the_command(bench: Workbench) -> None:
    command = [sys.executable, "-m", "flows", "review"]
    piped = {"input": "1\nn\n", "text": True, "capture_output": True, "timeout": 120}
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, **piped)
    assert (done.returncode, done.stderr) == (0, "")
    assert states(bench) == {FIRST: ReviewState.ACCEPTED, SECOND: ReviewState.NONE}

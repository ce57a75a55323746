"""The command line as a person meets it: a process, its output, its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from audio.band import play
from audio.decode import encode_mp3
from tests.flows.prefect_server import ROOT


def flows(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m flows ...` with a store and a ledger of its own."""
    settings = {
        "MASHUP_STORE_URL": f"file://{home / 'data'}",
        "MASHUP_LEDGER_URL": f"sqlite:///{home / 'work' / 'ledger.db'}",
        "MASHUP_WORK_DIR": str(home / "work"),
        "PREFECT_HOME": str(home / "prefect"),
    }
    command = [sys.executable, "-m", "flows", *arguments]
    env = os.environ | settings
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["https://www.example.com/playlist"], "expected a YouTube video, playlist or channel"),
        (["--songs", "nowhere"], "but nothing is there; check the path"),
        (["--subscriptions", "nowhere.yaml"], "cannot read the subscriptions file"),
        ([], "nothing to ingest: name mashups, songs, multitracks or YouTube addresses"),
    ],
)
def test_bad_use_is_explained_and_ends_with_2(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    run = flows(tmp_path, "ingest", "--dry-run", *arguments)
    assert run.returncode == 2
    assert words in " ".join(run.stderr.split())


def test_a_dry_run_of_a_folder_names_what_is_new_and_changes_nothing(tmp_path: Path) -> None:
    songs = tmp_path / "songs"
    songs.mkdir()
    encode_mp3(songs / "Band - Song.mp3", play(3, duration_s=2.0).mix, tags={})
    run = flows(tmp_path, "ingest", "--dry-run", "--songs", str(songs), "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["files"] == ["Band - Song"]
    assert not (tmp_path / "data").exists()

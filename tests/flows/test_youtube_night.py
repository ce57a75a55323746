"""Ingestion from YouTube under a real Prefect server: its limits, its pause, its report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.flows.prefect_server import ROOT, Server, run_server
from tests.loopback.fixtures import clients_leave_sockets
from tests.loopback.youtube import serve_youtube
from tests.loopback.youtube_folders import PLAYLISTS, settings_for, write_subscriptions
from tests.loopback.youtube_media import make_tone
from tests.loopback.youtube_world import Fault, World, make_world

pytestmark = [pytest.mark.server, pytest.mark.timeout(600), clients_leave_sockets]
KEY = "AIza-this-is-a-secret"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def world(home: Path) -> World:
    """Three mashups; from the third on YouTube throttles."""
    sounds = home / "sounds"
    sounds.mkdir()
    world = make_world(
        lambda index: make_tone(sounds, index, duration_s=11.0),
        fillers=3,
        duration_s=11,
        playlist_id=PLAYLISTS["mashup"],
    )
    world.playlists[PLAYLISTS["song"]] = []
    world.faults = [Fault("media", 429, 99, "loopvid0002")]
    return world


@pytest.fixture(scope="module")
def server(home: Path, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    subscriptions = home / "subscriptions.yaml"
    write_subscriptions(subscriptions)
    with serve_youtube(world, home / "authority") as loopback:
        settings = settings_for(loopback, subscriptions) | {
            "MASHUP_STORE_URL": f"file://{home / 'data'}",
            "MASHUP_LEDGER_URL": f"sqlite:///{home / 'work' / 'ledger.db'}",
            "MASHUP_WORK_DIR": str(home / "work"),
            "MASHUP_YOUTUBE_PAUSE_S": "0.2",
            "MASHUP_YOUTUBE_API_KEY": KEY,
            "PREFECT_LOGGING_LEVEL": "DEBUG",
        }
        with run_server(tmp_path_factory.mktemp("prefect"), extra_env=settings) as server:
            yield server


@pytest.fixture(scope="module")
def ingested(server: Server) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flows", "ingest", "--json"]
    env = {name: value for name, value in server.env.items() if name != "MASHUP_CORPUS"}
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False
    )


def ask(server: Server, path: str, body: Mapping[str, Any] | None = None) -> Any:
    data = json.dumps(body or {}).encode()
    request = urllib.request.Request(
        f"{server.api_url}{path}", data=data, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_throttled_night_ends_as_paused_with_its_reason(
    server: Server, ingested: subprocess.CompletedProcess[str]
) -> None:
    assert ingested.returncode == 0, ingested.stderr
    report = json.loads(ingested.stdout)
    assert report["counts"]["listen"] == {"done": 2, "postponed": 1}
    assert report["sources"][0]["client"] == "data-api"
    (run,) = ask(server, "/flow_runs/filter")
    assert (run["state"]["type"], run["state"]["name"]) == ("COMPLETED", "Paused")
    assert "paused until 20" in run["state"]["message"]


def test_the_limits_were_made_by_the_line_itself(
    server: Server, ingested: subprocess.CompletedProcess[str]
) -> None:
    limits = {each["name"]: each for each in ask(server, "/v2/concurrency_limits/filter")}
    assert limits["youtube-at-once"]["limit"] == 1
    assert limits["youtube-at-once"]["active_slots"] == 0
    assert limits["youtube-rate"]["slot_decay_per_second"] == pytest.approx(5.0)


def test_the_report_is_an_artifact_and_a_file_in_the_store(
    server: Server, ingested: subprocess.CompletedProcess[str], home: Path
) -> None:
    keys = {each["key"] for each in ask(server, "/artifacts/latest/filter")}
    assert {"ingest-report", "ingest-sources", "ingest-counts", "ingest-set-aside"} <= keys
    (kept,) = (home / "data" / "reports").glob("ingest-*.json")
    assert json.loads(kept.read_text())["downloads"]["files"] == 2


def test_no_log_holds_the_secret(
    server: Server, ingested: subprocess.CompletedProcess[str]
) -> None:
    logged = json.dumps(ask(server, "/logs/filter"))
    assert KEY not in logged + ingested.stdout + ingested.stderr
    assert os.environ.get("MASHUP_YOUTUBE_API_KEY") is None

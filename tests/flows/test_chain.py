"""The chain of events on a real server and worker: new shards train, a training makes mashups."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from audio.band import play
from audio.decode import encode_mp3
from steps.workbench import open_workbench
from storage.commit import commit, prepare_unit
from tasks.history import FLOWS
from tests.flows.prefect_server import ROOT, Server, run_server
from tests.storage.examples import example

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(600)]
POOL = "mashup-local"
PATIENCE_S = 240.0  # a hop takes 13-18 s on a quiet machine
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def snapshots(home: Path) -> tuple[str, str]:
    """Two snapshots in the home's store: the one that is announced, and a newer one."""
    bench = open_workbench(
        store_url=f"file://{home / 'data'}",
        ledger_url=f"sqlite:///{home / 'work' / 'ledger.db'}",
        work_dir=home / "work",
    )
    names = []
    for unit in ("made:a", "made:b"):
        examples = [example(f"{unit}/{number}", kind="made") for number in range(4)]
        prepare_unit(bench.ledger, bench.work_dir, unit, examples)
        names.append(str(commit(bench.ledger, bench.store, bench.work_dir).snapshot))
    bench.ledger.close()
    return names[0], names[1]


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with everything deployed and a worker that runs it."""
    settings = {"MASHUP_HOME": str(home), "MASHUP_MODEL_SIZE": "tiny", "MASHUP_TRAIN_STEPS": "2"}
    with run_server(tmp_path_factory.mktemp("prefect"), extra_env=settings) as server:
        assert server.prefect("work-pool", "create", POOL, "--type", "process").returncode == 0
        deployed = server.prefect("deploy", "--all")
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        with server.worker(pool=POOL):
            yield server


def python(server: Server, code: str, *, cwd: Path = ROOT) -> str:
    """Run code as a worker's process would, and return what it printed."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"]
    done = subprocess.run(command, cwd=cwd, env=dict(server.env), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def runs_of(server: Server, flow: str) -> list[dict[str, Any]]:
    wanted = {"flows": {"name": {"any_": [flow]}}}
    answer = httpx.post(f"{server.api_url}/flow_runs/filter", json=wanted, timeout=60)
    return list(answer.raise_for_status().json())


def finished(server: Server, flow: str) -> dict[str, Any]:
    """Wait for the one run of a flow to end."""
    deadline = time.monotonic() + PATIENCE_S
    runs: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        runs = runs_of(server, flow)
        if runs and all(run["state_type"] in FINAL for run in runs):
            (run,) = runs
            return run
        time.sleep(1)
    raise TimeoutError(f"{flow} did not end: {[run['state'] for run in runs]}")


def test_new_shards_train_from_their_snapshot_and_then_mashups_are_made(
    server: Server, snapshots: tuple[str, str]
) -> None:
    announced, newest = snapshots
    code = f"from flows.ingest import announce_snapshot; announce_snapshot({announced!r}, 4)"
    python(server, code)
    training = finished(server, "train-mashup")
    assert training["state_type"] == "COMPLETED", training["state"]
    assert (training["parameters"]["snapshot"], announced == newest) == (announced, False)
    generated = finished(server, "generate-batch")
    assert generated["state_type"] == "COMPLETED", generated["state"]
    assert generated["start_time"] >= training["end_time"]


def test_history_is_counted_by_a_dry_run_and_then_gone(server: Server, home: Path) -> None:
    (home / "songs").mkdir()
    encode_mp3(home / "songs" / "Band - Song.mp3", play(3, duration_s=2.0).mix, tags={})
    ingest = "from flows.ingest import ingest_mashups as ingest; ingest(songs=['songs'])"
    python(server, ingest, cwd=home)  # ends in a named state, whose result is a file
    stored = Path(server.env["PREFECT_HOME"]) / "storage"
    (result,) = stored.iterdir()
    month = (datetime.now(UTC) + timedelta(days=31)).isoformat()
    code = (
        "from datetime import datetime; from tasks.history import forget_history; "
        f"now = datetime.fromisoformat({month!r}); "
        "told = [forget_history(days=30, dry_run=dry, now=now) for dry in (True, False)]; "
        "print(*((past.runs, past.results, past.size_bytes) for past in told), sep=';')"
    )
    ended = [run for flow in FLOWS for run in runs_of(server, flow) if run["end_time"]]
    expected = str((len(ended), 1, result.stat().st_size))
    assert python(server, code, cwd=home).strip() == f"{expected};{expected}"
    assert [run for flow in FLOWS for run in runs_of(server, flow) if run["end_time"]] == []
    assert list(stored.iterdir()) == []


def test_serve_takes_over_what_was_deployed_and_ends_with_ctrl_c(server: Server) -> None:
    serve = subprocess.Popen(
        [sys.executable, "-u", "-m", "flows", "serve"],
        cwd=ROOT,
        env=dict(server.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert serve.stdout is not None
    told = ""
    while "served" not in told and (line := serve.stdout.readline()):
        told += line
    serve.send_signal(signal.SIGINT)
    told += serve.communicate(timeout=60)[0]
    assert "Your deployments are being served" in told, told
    listed = server.prefect("deployment", "schedule", "ls", "nightly/nightly").stdout
    assert listed.count("0 3 * * *") == 1

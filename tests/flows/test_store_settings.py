"""From the machine's settings to a store: options, a secret in a Prefect block, commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import Settings
from storage.options import DriveOptions, ObjectOptions, StoreOptions
from tasks.stores import store_options
from tests.flows.prefect_server import ROOT, Server, run_server
from tests.loopback.drive import LoopbackDrive, serve_drive
from tests.loopback.drive_state import sums_of

SAVE_BLOCK = """
import sys
from prefect.blocks.system import Secret
Secret(value=sys.argv[1]).save("drive-login")
"""
TOKEN = json.dumps(
    {
        "token": "good",
        "refresh_token": "hidden",
        "client_id": "id",
        "client_secret": "hidden",
        "token_uri": "https://oauth2.googleapis.com/token",
        "expiry": "2999-01-01T00:00:00",
    }
)


def test_settings_become_options(tmp_path: Path) -> None:
    settings = Settings(
        work_dir=tmp_path,
        gdrive_api_root="http://127.0.0.1:1/",
        gdrive_token_file=tmp_path / "token.json",
        gdrive_max_mb_s=2.5,
        object_endpoint="http://127.0.0.1:2",
    )
    drive = DriveOptions(
        api_root="http://127.0.0.1:1/",
        token_file=tmp_path / "token.json",
        state_dir=tmp_path / "gdrive",
        max_bytes_s=2.5e6,
    )
    assert store_options(settings) == StoreOptions(drive, ObjectOptions("http://127.0.0.1:2"))


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[LoopbackDrive]:
    with serve_drive(tmp_path / "drive", tokens={"good"}) as running:
        yield running


def test_login_without_a_client_says_how_to_make_one(tmp_path: Path) -> None:
    run = _flows({"MASHUP_WORK_DIR": str(tmp_path)}, "login", "--json")
    assert run.returncode == 1
    error = json.loads(run.stdout)
    assert error["error"] == "StoreAccessError"
    assert "Create OAuth client ID" in error["message"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("prefect"), extra_env={}) as running:
        yield running


@pytest.mark.server
@pytest.mark.parametrize(
    ("block", "status", "words"),
    [("drive-login", 0, "Listen: "), ("other", 1, "Prefect has no Secret block named 'other'")],
)
def test_a_login_may_lie_in_a_prefect_block(
    server: Server, drive: LoopbackDrive, tmp_path: Path, block: str, status: int, words: str
) -> None:
    save = [sys.executable, "-c", SAVE_BLOCK, TOKEN]
    if block == "drive-login":
        subprocess.run(save, cwd=ROOT, env=dict(server.env), check=True)
        _add_page(drive)
    settings = {
        "MASHUP_STORE_URL": drive.store_url,
        "MASHUP_GDRIVE_API_ROOT": drive.api_root,
        "MASHUP_GDRIVE_SECRET_BLOCK": block,
        "MASHUP_LEDGER_URL": f"sqlite:///{tmp_path / 'ledger.db'}",
        "MASHUP_WORK_DIR": str(tmp_path / "work"),
    }
    run = _flows({**server.env, **settings}, "listen", "--folder", str(tmp_path / "listen"))
    assert (run.returncode, words in run.stdout + run.stderr) == (status, True), run.stderr
    assert "hidden" not in run.stdout + run.stderr
    assert (tmp_path / "listen" / "mashups" / "index.html").is_file() == (status == 0)


def _add_page(drive: LoopbackDrive) -> None:
    """Put a listening page onto the Drive, as a night elsewhere would have."""
    folder = drive.state.create(
        {
            "name": "mashups",
            "mimeType": "application/vnd.google-apps.folder",
            "parents": [drive.state.root_id],
        }
    )
    page = drive.state.folder / "page"
    page.write_text("<p>Listen</p>")
    meta = {"name": "index.html", "parents": [folder["id"]]}
    drive.state.create(meta, page, sums_of(page))


def _flows(settings: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flows", *arguments]
    env = os.environ | {"COLUMNS": "300"} | settings
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

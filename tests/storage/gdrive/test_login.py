"""Logging in, really: our command, Google's client, a loopback consent page and Drive."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.errors import StoreAccessError
from storage.gdrive.login import log_in
from storage.gdrive.store import DriveStore
from storage.options import Backoff, DriveOptions
from tests.loopback.drive import LoopbackDrive, serve_drive
from tests.loopback.oauth import CLIENT_SECRET, LoopbackOAuth, serve_oauth

ROOT = Path(__file__).parents[3]


@pytest.fixture
def oauth() -> Iterator[LoopbackOAuth]:
    with serve_oauth() as running:
        yield running


@pytest.fixture
def locked_drive(tmp_path: Path, oauth: LoopbackOAuth) -> Iterator[LoopbackDrive]:
    """A Drive that lets in only whom the OAuth server gave a token."""
    with serve_drive(tmp_path / "drive", tokens=oauth.tokens) as running:
        yield running


def run_login(
    tmp_path: Path, drive: LoopbackDrive, client: Path, *options: str
) -> tuple[int, str, str]:
    """Run the command, open the address that it prints, and return status, output and errors."""
    environment = {
        **os.environ,
        "MASHUP_GDRIVE_API_ROOT": drive.api_root,
        "MASHUP_GDRIVE_CLIENT_FILE": str(client),
        "MASHUP_GDRIVE_TOKEN_FILE": str(tmp_path / "config" / "token.json"),
        "MASHUP_WORK_DIR": str(tmp_path / "work"),
        "OAUTHLIB_INSECURE_TRANSPORT": "1",  # the loopback token endpoint has no TLS
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "300",
    }
    command = [sys.executable, "-m", "flows", "login", "--no-browser", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True
    ) as login:
        assert login.stdout is not None
        shown = ""
        for line in login.stdout:
            shown += line
            if line.startswith("http"):
                with urllib.request.urlopen(line.strip(), timeout=20) as page:
                    page.read()
        errors = login.stderr.read() if login.stderr else ""
    return login.returncode, shown, errors


def test_the_command_asks_for_consent_keeps_the_token_and_makes_the_folder(
    tmp_path: Path, oauth: LoopbackOAuth, locked_drive: LoopbackDrive
) -> None:
    client = oauth.write_client(tmp_path / "client.json")
    status, shown, errors = run_login(tmp_path, locked_drive, client)
    assert (status, errors) == (0, "")
    assert "Logged in as someone@example.com" in shown
    assert oauth.scopes == ["https://www.googleapis.com/auth/drive.file"]
    token_file = tmp_path / "config" / "token.json"
    assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
    match = re.search(r"^MASHUP_STORE_URL=(gdrive://\S+)$", shown, re.M)
    assert match is not None
    store = DriveStore(match[1], _options(tmp_path, locked_drive))
    store.write_bytes("a", b"data")
    assert store.read_bytes("a") == b"data"
    assert not any(secret in shown for secret in [CLIENT_SECRET, *oauth.tokens])


def test_a_second_login_finds_the_same_folder(
    tmp_path: Path, oauth: LoopbackOAuth, locked_drive: LoopbackDrive
) -> None:
    client = oauth.write_client(tmp_path / "client.json")
    shown = [run_login(tmp_path, locked_drive, client)[1] for _ in range(2)]
    urls = [re.findall(r"gdrive://\S+", text) for text in shown]
    assert urls[0] == urls[1] != []


def test_a_refusal_is_one_clear_line(
    tmp_path: Path, oauth: LoopbackOAuth, locked_drive: LoopbackDrive
) -> None:
    oauth.agrees = False
    client = oauth.write_client(tmp_path / "client.json")
    status, _, errors = run_login(tmp_path, locked_drive, client)
    assert status == 1
    assert re.search(r"StoreAccessError: Google did not allow .*access_denied.*test user", errors)
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "there is no OAuth client in"), ("{}", "is no OAuth client"), ("[", "Desktop app")],
)
def test_a_client_that_is_none_is_explained(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "client.json").write_text(text)
    with pytest.raises(StoreAccessError, match=f"{message}.*MASHUP_GDRIVE_CLIENT_FILE"):
        log_in(tmp_path / "client.json", DriveOptions(), open_browser=False)


def test_an_old_token_is_refreshed(
    tmp_path: Path, oauth: LoopbackOAuth, locked_drive: LoopbackDrive
) -> None:
    oauth.refresh_tokens.add("good")
    _write_token(tmp_path, oauth, "good")
    store = DriveStore(locked_drive.store_url, _options(tmp_path, locked_drive))
    store.write_bytes("a", b"data")
    assert len(oauth.tokens) == 1


def test_a_login_that_expired_says_what_to_do(
    tmp_path: Path, oauth: LoopbackOAuth, locked_drive: LoopbackDrive
) -> None:
    _write_token(tmp_path, oauth, "dead")
    store = DriveStore(locked_drive.store_url, _options(tmp_path, locked_drive))
    with pytest.raises(StoreAccessError, match=r"invalid_grant.*flows login.*7 days") as caught:
        store.write_bytes("a", b"data")
    assert CLIENT_SECRET not in str(caught.value)
    assert locked_drive.asked() == []


def _options(tmp_path: Path, drive: LoopbackDrive) -> DriveOptions:
    return DriveOptions(
        api_root=drive.api_root,
        token_file=tmp_path / "config" / "token.json",
        state_dir=tmp_path / "state",
        backoff=Backoff(first_s=0.001),
    )


def _write_token(tmp_path: Path, oauth: LoopbackOAuth, refresh_token: str) -> None:
    token = {
        "token": "old",
        "refresh_token": refresh_token,
        "token_uri": f"{oauth.url}token",
        "client_id": "loopback-client",
        "client_secret": CLIENT_SECRET,
        "expiry": "2026-01-01T00:00:00Z",
    }
    path = tmp_path / "config" / "token.json"
    path.parent.mkdir()
    path.write_text(json.dumps(token))
    path.chmod(0o600)

"""The doctor's checks: each is well on a machine that is, and finds what it is there for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from audio.ffmpeg_cli import ffmpeg_path
from catalog.youtube.breaker import Breaker
from catalog.youtube.errors import ThrottledError
from steps import doctor, doctor_sources
from steps.doctor import Finding, Health, fail, ok, warn, worst
from storage.ledger import Ledger
from storage.options import DriveOptions, StoreOptions

PLAIN = StoreOptions()
COOKIES = "# Netscape HTTP Cookie File\n"
SECRET = "hunter2"


def text(path: Path, content: str, *, mode: int = 0o600) -> Path:
    path.write_text(content)
    path.chmod(mode)
    return path


def old(path: Path, days: float) -> Path:
    at = path.stat().st_mtime - days * 86400
    os.utime(path, (at, at))
    return path


class _Late(BaseHTTPRequestHandler):
    """Answers HEAD with a clock that goes wrong by the seconds in the path."""

    def do_HEAD(self) -> None:
        self.send_response_only(200)
        late = timedelta(seconds=float(self.path.strip("/")))
        self.send_header("Date", format_datetime(datetime.now(UTC) - late))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def clock() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Late) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_this_machine_has_what_the_line_needs() -> None:
    requirements = Path(__file__).parents[2] / "requirements.txt"
    findings = [doctor.check_python(), doctor.check_packages(requirements), doctor.check_ffmpeg()]
    assert [(each.check, each.health) for each in findings] == [
        ("python", Health.OK),
        ("packages", Health.OK),
        ("ffmpeg", Health.OK),
    ]


def test_a_python_that_is_too_old_is_told() -> None:
    assert doctor.check_python(oldest=(9, 0)).health is Health.FAIL


def test_packages_that_are_missing_or_of_another_version_are_named(tmp_path: Path) -> None:
    pins = 'numpy==0.1  # why\nno-such-thing==1 # why\nold==1; python_version < "3" # why\n'
    found = doctor.check_packages(text(tmp_path / "requirements.txt", pins))
    assert found.health is Health.FAIL
    assert found.found.endswith("; no-such-thing is missing")
    assert found.found.startswith("numpy is ")


def test_an_ffmpeg_that_does_not_run_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = text(tmp_path / "ffmpeg", "#!/bin/sh\necho broken library >&2\nexit 1\n", mode=0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(broken))
    ffmpeg_path.cache_clear()
    found = doctor.check_ffmpeg()
    ffmpeg_path.cache_clear()
    assert (found.health, "broken library" in found.found) == (Health.FAIL, True)


@pytest.mark.parametrize(
    ("warn_gb", "fail_gb", "health"),
    [(0, 0, Health.OK), (1e9, 0, Health.WARN), (1e9, 1e9, Health.FAIL)],
)
def test_a_disk_is_judged_by_what_is_free(
    tmp_path: Path, warn_gb: float, fail_gb: float, health: Health
) -> None:
    folder = tmp_path / "not" / "yet"
    found = doctor.check_disk("disk", folder, warn_gb=warn_gb, fail_gb=fail_gb)
    assert (found.health, str(tmp_path) in found.found) == (health, True)


def test_a_work_folder_that_takes_no_files_fails(tmp_path: Path) -> None:
    assert doctor.check_work_folder(tmp_path / "work").health is Health.OK
    assert list((tmp_path / "work").iterdir()) == []
    blocked = text(tmp_path / "file", "") / "work"
    assert doctor.check_work_folder(blocked).health is Health.FAIL


@pytest.mark.parametrize(
    ("away_s", "health"), [(0, Health.OK), (-90, Health.WARN), (4000, Health.FAIL)]
)
def test_the_clock_is_compared_with_the_servers(clock: str, away_s: float, health: Health) -> None:
    assert doctor.check_clock(f"{clock}/{away_s}").health is health


def test_a_clock_that_cannot_be_compared_is_said() -> None:
    assert doctor.check_clock("http://127.0.0.1:9/").health is Health.WARN
    assert "not compared" in doctor.check_clock("").found


def test_a_store_is_written_read_and_left_as_it_was(tmp_path: Path) -> None:
    found = doctor_sources.check_store(f"file://{tmp_path}/data", PLAIN)
    assert found.health is Health.OK
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("url", ["ftp://host/path", "file:///dev/null/data", "gdrive://", "s3://"])
def test_a_store_that_cannot_be_used_fails(url: str) -> None:
    found = doctor_sources.check_store(url, PLAIN)
    assert (found.check, found.health) == ("store", Health.FAIL)
    assert found.cure


def test_looking_at_a_ledger_does_not_make_one(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    assert doctor_sources.check_ledger(f"sqlite:///{path}").health is Health.OK
    assert not path.exists()
    Ledger(f"sqlite:///{path}").close()
    assert doctor_sources.check_ledger(f"sqlite:///{path}").found.endswith(": 0 tracks")


def test_a_ledger_that_cannot_be_opened_fails_without_its_password(tmp_path: Path) -> None:
    damaged = text(tmp_path / "ledger.db", "this is no database, whatever its name says")
    server = f"postgresql://me:{SECRET}@127.0.0.1:9/songs"
    for url in (f"sqlite:///{damaged}", server, f"mysql://me:{SECRET}@host/songs"):
        found = doctor_sources.check_ledger(url)
        assert (found.health, SECRET in str(found)) == (Health.FAIL, False)


def test_a_drive_login_must_be_there_and_private(tmp_path: Path) -> None:
    login = f'{{"client_id": "a", "client_secret": "{SECRET}", "refresh_token": "{SECRET}", '
    token = text(tmp_path / "token.json", login + '"token_uri": "https://example.com"}')
    options = replace(PLAIN, drive=DriveOptions(token_file=token))
    found = doctor_sources.check_drive_login(options)
    assert found == ok("drive login", f"{token}, 0 days old, mode 600")
    token.chmod(0o644)
    open_to_all = doctor_sources.check_drive_login(options)
    token.unlink()
    gone = doctor_sources.check_drive_login(options)
    assert (open_to_all.health, gone.health) == (Health.FAIL, Health.FAIL)
    assert SECRET not in f"{open_to_all}{gone}"


@pytest.mark.parametrize(
    ("content", "mode", "days", "health"),
    [
        (COOKIES, 0o600, 0, Health.OK),
        (COOKIES, 0o644, 0, Health.WARN),
        (COOKIES, 0o600, 400, Health.WARN),
        ("[]", 0o600, 0, Health.FAIL),
    ],
)
def test_cookies_are_in_their_form_private_and_young(
    tmp_path: Path, content: str, mode: int, days: float, health: Health
) -> None:
    file = old(text(tmp_path / "cookies.txt", content, mode=mode), days)
    assert doctor_sources.check_cookies(file).health is health


def test_cookies_that_are_set_but_not_there_fail(tmp_path: Path) -> None:
    assert doctor_sources.check_cookies(None).health is Health.OK
    assert doctor_sources.check_cookies(tmp_path / "nowhere.txt").health is Health.FAIL


@pytest.mark.parametrize(
    "line",
    [f"MASHUP_YOUTUBE_API_KEY={SECRET}", f"MASHUP_LEDGER_URL=postgresql://me:{SECRET}@host/songs"],
)
def test_an_env_file_with_a_secret_should_be_private(tmp_path: Path, line: str) -> None:
    file = text(tmp_path / ".env", f"MASHUP_WORK_DIR=work\n{line}\n", mode=0o644)
    found = doctor_sources.check_env_file(file)
    assert (found.health, SECRET in str(found)) == (Health.WARN, False)
    file.chmod(0o600)
    assert doctor_sources.check_env_file(file).health is Health.OK


def test_an_env_file_without_secrets_may_be_read_by_all(tmp_path: Path) -> None:
    file = text(tmp_path / ".env", "MASHUP_YOUTUBE_API_KEY=\n", mode=0o644)
    assert doctor_sources.check_env_file(file).health is Health.OK


def test_a_youtube_client_that_is_old_or_abandoned_is_told() -> None:
    look = doctor_sources.check_youtube_client
    years = [look("auto", today=date(year, 11, 23)).health for year in (2026, 2027)]
    assert years == [Health.OK, Health.WARN]
    assert (look("pytubefix").health, look("pytube").health) == (Health.OK, Health.WARN)


def test_a_missing_javascript_runtime_is_told() -> None:
    assert doctor_sources.check_js_runtime("").health is Health.WARN
    assert doctor_sources.check_js_runtime("deno") == ok("javascript", "deno")


def test_a_pause_says_until_when(tmp_path: Path) -> None:
    file = tmp_path / "breaker.json"
    assert doctor_sources.check_breaker(file).health is Health.OK
    paused = Breaker(file).open_after(ThrottledError("YouTube answered 429"))
    found = doctor_sources.check_breaker(file)
    assert (found.health, f"{paused.until:%H:%M}" in found.found) == (Health.WARN, True)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("gdrive://abc", "https://www.googleapis.com"),
        ("s3://bucket", "https://s3.amazonaws.com"),
        ("gs://bucket", "https://storage.googleapis.com"),
        ("file:///data", ""),
    ],
)
def test_the_clock_is_compared_with_the_stores_server(url: str, server: str) -> None:
    assert doctor_sources.clock_server(url, PLAIN) == server


@pytest.mark.parametrize(
    ("judges", "health"),
    [((), Health.OK), ((ok, ok), Health.OK), ((ok, fail, warn), Health.FAIL)],
)
def test_the_worst_finding_decides(
    judges: tuple[Callable[..., Finding], ...], health: Health
) -> None:
    findings = [each("x", "found") if each is ok else each("x", "f", "cure") for each in judges]
    assert worst(findings) is health

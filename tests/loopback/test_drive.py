"""The loopback Drive itself: its query language, its masks, its fault plans, its memory."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.loopback.drive import serve_drive
from tests.loopback.drive_faults import Faults, Rule, parse_rules
from tests.loopback.drive_query import QueryError, apply_mask, parse_query

FILE = {"name": "It's A", "mimeType": "text/plain", "parents": ["p1"], "trashed": False}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("'p1' in parents", True),
        ("'p2' in parents or 'p1' in parents and trashed = false", True),
        ("('p2' in parents or 'p1' in parents) and trashed = true", False),
        (r"name = 'it\'s a'", True),
        ("name != 'b' and not mimeType = 'text/plain'", False),
    ],
)
def test_a_query_chooses_files(query: str, expected: bool) -> None:
    assert parse_query(query)(FILE) is expected


@pytest.mark.parametrize(
    "query", ["name = ", "name > 'a'", "'p1' parents", "(trashed = false", "%"]
)
def test_what_is_no_query_is_refused(query: str) -> None:
    with pytest.raises(QueryError, match="Invalid Value"):
        parse_query(query)


def test_a_mask_shows_what_it_names() -> None:
    page = {"kind": "list", "files": [{"id": "1", "name": "a"}], "next": "2"}
    assert apply_mask(page, "next,files(id)") == {"next": "2", "files": [{"id": "1"}]}
    assert apply_mask(page, "files/name") == {"files": [{"name": "a"}]}


def test_faults_strike_the_requests_they_are_planned_for() -> None:
    faults = Faults([Rule("503", method="PUT", first=2, times=2), Rule("429", path="^/list")])
    assert [faults.strike("PUT", "/x") for _ in range(4)] == [None, "503", "503", None]
    assert [faults.strike("GET", "/list") for _ in range(2)] == ["429", None]


def test_the_same_seed_makes_the_same_chances() -> None:
    rules = [{"action": "500", "rate": 0.5, "times": None}]
    runs = []
    for _ in range(2):
        faults = Faults(parse_rules(rules), seed=7)
        runs.append([faults.strike("GET", "/") for _ in range(50)])
    assert runs[0] == runs[1]
    assert 10 < runs[0].count("500") < 40


def test_only_reserved_ids_may_be_used_and_only_once(tmp_path: Path) -> None:
    with serve_drive(tmp_path) as drive:
        (file_id,) = drive.state.reserve_ids(1)
        assert _create(drive.api_root, {"id": file_id}) == 200
        assert _create(drive.api_root, {"id": file_id}) == 409
        assert _create(drive.api_root, {"id": "invented"}) == 400
        assert _create(drive.api_root, {"parents": ["nowhere"]}) == 404


def test_only_known_tokens_are_let_in(tmp_path: Path) -> None:
    with serve_drive(tmp_path, tokens={"good"}) as drive:
        assert _create(drive.api_root, {}, token="bad") == 401
        assert _create(drive.api_root, {}, token="good") == 200


def test_it_runs_alone_takes_plans_and_remembers_after_a_kill(tmp_path: Path) -> None:
    for run in range(2):
        command = [sys.executable, "-m", "tests.loopback.drive", "--folder", str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            place = json.loads(server.stdout.readline())
            root = place["MASHUP_GDRIVE_API_ROOT"]
            folder = place["MASHUP_STORE_URL"].removeprefix("gdrive://")
            assert len(_ask(f"{root}__files")) == run
            _ask(f"{root}__faults", {"rules": [{"action": "503", "path": "v3/files"}]})
            meta = {"name": "a", "mimeType": "text/plain", "parents": [folder]}
            assert [_create(root, meta) for _ in range(2)] == [503, 200]
            assert _ask(f"{root}__requests")[0]["fault"] == "503"
            server.kill()


def _create(root: str, meta: dict[str, Any], *, token: str = "") -> int:
    request = urllib.request.Request(
        f"{root}drive/v3/files",
        json.dumps(meta).encode(),
        {"Authorization": f"Bearer {token}"} if token else {},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _ask(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=10) as answer:
        return json.load(answer)

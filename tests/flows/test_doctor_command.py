"""doctor as a person runs it, and its checks of Prefect."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from steps.doctor import Health
from tasks.doctor import check_pin, check_plugin, check_server
from tests.flows.test_cli import flows

CHECKS = [
    "python", "packages", "ffmpeg", "work folder", "work disk", "store", "store disk", "ledger",
    "clock", ".env", "youtube client", "javascript", "cookies", "youtube pause", "prefect server",
    "prefect", "short names", "gpu",
]  # fmt: skip


def test_doctor_tells_each_check_and_ends_with_0_on_a_well_machine(tmp_path: Path) -> None:
    run = flows(tmp_path, "doctor", "--json")
    told = json.loads(run.stdout)
    assert [each["check"] for each in told["findings"]] == CHECKS
    assert (run.returncode, told["health"] in ("ok", "warn")) == (0, True)


def test_doctor_ends_with_1_where_the_line_cannot_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASHUP_YOUTUBE_COOKIES", str(tmp_path / "nowhere.txt"))
    run = flows(tmp_path, "doctor", "--json")
    told = json.loads(run.stdout)
    failed = [each["check"] for each in told["findings"] if each["health"] == "fail"]
    assert (run.returncode, told["health"], failed) == (1, "fail", ["cookies"])


def test_a_server_that_does_not_answer_fails_without_its_password() -> None:
    found = check_server("http://me:hunter2@127.0.0.1:9/api")
    assert (found.health, "hunter2" in str(found)) == (Health.FAIL, False)
    assert check_server("").found.startswith("ephemeral")


def test_another_prefect_than_the_pinned_one_fails(tmp_path: Path) -> None:
    deployments = tmp_path / "prefect.yaml"
    deployments.write_text("prefect-version: 1.2.3\n")
    assert check_pin(deployments).health is Health.FAIL


def test_outside_the_project_the_short_names_are_off(tmp_path: Path) -> None:
    code = "from tasks.doctor import check_plugin as c; print(c().health)"
    here = check_plugin().health
    away = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (here, away.stdout.strip()) == (Health.OK, "warn")

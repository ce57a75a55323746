"""Where a worker's run takes place."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.home import PROJECT, enter_home


@pytest.fixture(autouse=True)
def stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # and back at the end, wherever the test went


def test_a_run_takes_place_in_mashup_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("MASHUP_HOME", str(home))
    assert enter_home() == {"directory": str(home)}
    assert Path.cwd() == home


def test_without_mashup_home_a_run_takes_place_in_the_project(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MASHUP_HOME", raising=False)
    enter_home()
    assert Path.cwd() == PROJECT


def test_a_home_that_is_no_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MASHUP_HOME", str(tmp_path / "gone"))
    with pytest.raises(NotADirectoryError, match="gone, which is no folder on this worker"):
        enter_home()

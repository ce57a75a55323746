"""verify, recover and compact as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage.commit import commit, prepare_unit
from storage.exports import keep_records
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.snapshots import newest_snapshot
from tests.flows.test_cli import flows
from tests.storage.examples import unit_examples


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home after two nights."""
    store = FolderStore(tmp_path / "data")
    (tmp_path / "work").mkdir()
    with Ledger(f"sqlite:///{tmp_path / 'work' / 'ledger.db'}") as ledger:
        for unit in ("made:a", "made:b"):
            prepare_unit(ledger, tmp_path / "work", unit, unit_examples(unit, 2, kind="made"))
            commit(ledger, store, tmp_path / "work")
        ledger.skips.record("x", "collect", "no audio")
        keep_records(ledger, store, tmp_path / "work")
    return tmp_path


def test_verify_exits_with_1_where_something_is_wrong(home: Path) -> None:
    whole = flows(home, "verify", "--json")
    assert (whole.returncode, json.loads(whole.stdout)["problems"]) == (0, [])
    store = FolderStore(home / "data")
    snapshot = newest_snapshot(store)
    assert snapshot is not None
    store.delete(snapshot.shards[0].key)
    broken = flows(home, "verify", "--json")
    (problem,) = json.loads(broken.stdout)["problems"]
    assert (broken.returncode, problem["kind"]) == (1, "missing")


def test_recover_says_what_came_back(home: Path) -> None:
    for path in (home / "work").glob("ledger.db*"):
        path.unlink()
    run = flows(home, "recover", "--json")
    report = json.loads(run.stdout)
    assert (run.returncode, report["shards"], report["added"]) == (0, 2, {"skips": 1})
    assert flows(home, "verify").returncode == 0


def test_a_dry_run_of_compact_tells_and_changes_nothing(home: Path) -> None:
    dry = json.loads(flows(home, "compact", "--dry-run", "--json").stdout)
    assert (dry["dry_run"], dry["compacted"]["merged"], _shards(home)) == (True, 2, 2)


@pytest.mark.slow
@pytest.mark.server
def test_compact_merges_under_prefect_and_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    run = flows(home, "compact", "--json")
    assert run.returncode == 0, run.stderr
    done = json.loads(run.stdout)["compacted"]
    assert (done["merged"], done["shards"], _shards(home)) == (2, 1, 1)


def _shards(home: Path) -> int:
    snapshot = newest_snapshot(FolderStore(home / "data"))
    assert snapshot is not None
    return len(snapshot.shards)

"""`prefect deployment run train-mashup`, literally, against a real server and a real worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.workbench import open_workbench
from storage.commit import commit, prepare_unit
from tests.flows.prefect_server import Server, run_server
from tests.storage.examples import example

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]
POOL = "mashup-local"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose store holds a few examples to train on."""
    home = tmp_path_factory.mktemp("home")
    bench = open_workbench(
        store_url=f"file://{home / 'data'}",
        ledger_url=f"sqlite:///{home / 'work' / 'ledger.db'}",
        work_dir=home / "work",
    )
    examples = [example(f"made:a/{number}", kind="made") for number in range(4)]
    prepare_unit(bench.ledger, bench.work_dir, "made:a", examples)
    commit(bench.ledger, bench.store, bench.work_dir)
    bench.ledger.close()
    return home


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which everything in prefect.yaml is deployed."""
    settings = {"MASHUP_HOME": str(home), "MASHUP_MODEL_SIZE": "tiny", "MASHUP_TRAIN_STEPS": "2"}
    with run_server(tmp_path_factory.mktemp("prefect"), extra_env=settings) as server:
        assert server.prefect("work-pool", "create", POOL, "--type", "process").returncode == 0
        deployed = server.prefect("deploy", "--all")
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        yield server


@pytest.mark.parametrize("name", ["train-mashup", "train-mashup/train-mashup"])
def test_train_mashup_runs_by_its_short_and_its_full_name(server: Server, name: str) -> None:
    with server.worker(pool=POOL):
        run = server.prefect("deployment", "run", name, "--watch", timeout_s=300)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "finished successfully" in run.stdout


def test_every_flow_is_deployed_under_its_own_name(server: Server) -> None:
    listed = server.prefect("deployment", "ls").stdout
    names = {"nightly", "ingest-mashups", "train-mashup", "generate-batch", "compact"}
    assert names <= set(re.findall(r"([\w-]+)/\1", listed))


def test_the_nightly_schedule_is_set(server: Server) -> None:
    assert "0 3 * * *" in server.prefect("deployment", "schedule", "ls", "nightly/nightly").stdout


def test_a_name_that_nothing_has_is_refused_by_prefect_itself(server: Server) -> None:
    run = server.prefect("deployment", "run", "train-nothing")
    assert run.returncode == 1
    assert "not found" in run.stdout + run.stderr

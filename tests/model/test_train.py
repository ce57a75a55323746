from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.checkpoint import tensors_equal
from model.config import preset
from model.data import PLAIN, Augmentation
from model.errors import CheckpointError, ConfigError
from model.masher import Masher
from model.train import Progress, Trained, TrainSettings, train
from storage.cache import ShardCache
from storage.commit import commit, prepare_unit
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.reader import ShardReader
from storage.schema import Example
from storage.snapshots import newest_snapshot
from tests.model.songs import ListSource, made_rows

TINY = preset("tiny")
SHORT = TrainSettings(
    steps=6, save_every=2, warmup_steps=2, augmentation=Augmentation(crop_frames=32)
)


class KilledError(Exception):
    """What stops a training in a test, where a kill would stop the test too."""


def run(rows: list[Example], state_path: Path, settings: TrainSettings = SHORT) -> Trained:
    return train(ListSource(rows), TINY, settings, state_path=state_path)


def test_a_training_that_was_killed_carries_on_exactly(rows: list[Example], tmp_path: Path) -> None:
    whole = run(rows, tmp_path / "whole.pt")

    def kill(progress: Progress) -> None:
        if progress.step == 5:  # saved at 4: one step is lost and must be repeated
            raise KilledError

    with pytest.raises(KilledError):
        train(ListSource(rows), TINY, SHORT, state_path=tmp_path / "cut.pt", on_progress=kill)
    resumed = run(rows, tmp_path / "cut.pt")
    assert resumed.losses == whole.losses
    assert tensors_equal(resumed.model.state_dict(), whole.model.state_dict())


def test_kill_9_leaves_a_state_to_carry_on_from(rows: list[Example], tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from tests.model.test_train import *\n"
        "train(ListSource(made_rows(2)), TINY, SHORT, state_path=pathlib.Path(sys.argv[1]),"
        " on_progress=lambda p: print(p.step, flush=True))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "cut.pt")],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    while child.stdout.readline().strip() != b"3":
        assert child.poll() is None
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    carried_on, whole = (run(rows[:2], tmp_path / name) for name in ("cut.pt", "whole.pt"))
    assert carried_on.losses == whole.losses


def test_a_finished_training_is_only_read(rows: list[Example], tmp_path: Path) -> None:
    first = run(rows, tmp_path / "state.pt")
    steps: list[int] = []
    again = train(
        ListSource(rows),
        TINY,
        SHORT,
        state_path=tmp_path / "state.pt",
        on_progress=lambda p: steps.append(p.step),
    )
    assert (again.losses, steps) == (first.losses, [])


def test_the_loss_falls_on_a_few_rows(rows: list[Example], tmp_path: Path) -> None:
    settings = TrainSettings(
        steps=24,
        learning_rate=5e-3,
        warmup_steps=4,
        augmentation=replace(PLAIN, crop_frames=48),
    )
    losses = run(rows[:2], tmp_path / "state.pt", settings).losses
    assert sum(losses[-5:]) / 5 < sum(losses[:5]) / 5 - 0.5


def test_accumulated_batches_count_as_one_step(rows: list[Example], tmp_path: Path) -> None:
    seen: list[Progress] = []
    settings = replace(SHORT, steps=1, accumulate=2)
    train(
        ListSource(rows),
        TINY,
        settings,
        state_path=tmp_path / "state.pt",
        on_progress=seen.append,
    )
    assert [(p.step, p.steps) for p in seen] == [(1, 1)]
    assert seen[0].rows_per_s > 0
    assert set(seen[0].terms) == {"error", "parts", "mixture"}


def test_training_may_start_from_a_model(rows: list[Example], tmp_path: Path) -> None:
    start = Masher(TINY)
    with torch.no_grad():
        start.residual_gate.fill_(2.0)
    settings = replace(SHORT, steps=1)
    done = train(ListSource(rows), TINY, settings, state_path=tmp_path / "s.pt", start_from=start)
    assert float(done.model.residual_gate) == pytest.approx(2.0, abs=0.01)


def test_a_state_of_other_settings_is_refused(rows: list[Example], tmp_path: Path) -> None:
    run(rows, tmp_path / "state.pt", replace(SHORT, steps=2))
    with pytest.raises(CheckpointError, match="belongs to a training with other settings"):
        run(rows, tmp_path / "state.pt", replace(SHORT, steps=2, seed=1))


def test_the_rate_rises_then_falls() -> None:
    settings = TrainSettings(steps=100, warmup_steps=10, learning_rate=1.0)
    rates = [settings.rate_at(step) for step in range(101)]
    assert rates[0] == pytest.approx(0.1, abs=0.01)
    assert max(rates) > 0.95
    assert rates[12:] == sorted(rates[12:], reverse=True)
    assert rates[100] == pytest.approx(0.02)


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ConfigError, match="must be 1 or more, got 0"):
        TrainSettings(steps=0)


def test_shards_train_a_model_and_are_read_on_after_a_kill(
    rows: list[Example], tmp_path: Path
) -> None:
    ledger, store = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}"), FolderStore(tmp_path / "store")
    for row in rows:
        assert row.pair_id is not None
        prepare_unit(ledger, tmp_path / "work", row.pair_id, [row])
    commit(ledger, store, tmp_path / "work")
    snapshot = newest_snapshot(store)
    assert snapshot is not None

    def read(steps: int, state: str) -> Trained:
        reader = ShardReader(ShardCache(store, tmp_path / "cache"), snapshot, batch_size=2)
        settings = replace(SHORT, save_every=1)
        state_path = tmp_path / state

        def stop(progress: Progress) -> None:
            if progress.step > steps:
                raise KilledError

        return train(reader, TINY, settings, state_path=state_path, on_progress=stop)

    with pytest.raises(KilledError):
        read(3, "cut.pt")
    assert read(6, "cut.pt").losses == read(6, "whole.pt").losses


def test_rows_of_the_child_are_rows_of_the_fixture(rows: list[Example]) -> None:
    assert (made_rows(1)[0].voice == rows[0].voice).all()

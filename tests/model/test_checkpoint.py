from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.checkpoint import (
    CheckpointInfo,
    load_checkpoint,
    load_state,
    read_info,
    save_checkpoint,
    save_state,
    tensors_equal,
)
from model.config import preset
from model.errors import CheckpointError
from model.masher import Masher

INFO = CheckpointInfo(
    config=preset("tiny"),
    snapshot="0001-abc",
    step=7,
    command="train",
    scores={"champion": {"si_sdr_db": 8.5}},
)


def test_a_checkpoint_gives_back_model_and_words(tmp_path: Path) -> None:
    model = Masher(INFO.config)
    save_checkpoint(tmp_path / "c.safetensors", model, INFO)
    loaded = load_checkpoint(tmp_path / "c.safetensors")
    assert loaded.info == INFO
    assert tensors_equal(loaded.model.state_dict(), model.state_dict())
    assert not loaded.model.training


def test_half_precision_halves_the_file(tmp_path: Path) -> None:
    model = Masher(INFO.config)
    for name, half in (("full", False), ("half", True)):
        save_checkpoint(tmp_path / name, model, INFO, half=half)
    full, half_size = ((tmp_path / name).stat().st_size for name in ("full", "half"))
    assert half_size < 0.65 * full
    weight = load_checkpoint(tmp_path / "half").model.voice_head.low.weight
    torch.testing.assert_close(weight, model.voice_head.low.weight, atol=1e-3, rtol=1e-3)


def test_only_whole_files_are_ever_seen(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "c.safetensors", Masher(INFO.config), INFO)
    save_state(tmp_path / "state.pt", {"step": 1})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.safetensors", "state.pt"]


def test_other_audio_numbers_are_refused_with_both_digests(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, Masher(INFO.config), replace(INFO, audio_digest="0123456789abcdef"))
    with pytest.raises(CheckpointError, match=f"0123456789abcdef.*{INFO.audio_digest}"):
        load_checkpoint(path)


@pytest.mark.parametrize("damage", ["missing", "text", "cut"])
def test_what_is_no_checkpoint_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "c.safetensors"
    if damage == "text":
        path.write_text("not a model")
    if damage == "cut":
        save_checkpoint(path, Masher(INFO.config), INFO)
        path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(CheckpointError, match=r"c\.safetensors"):
        read_info(path)


def test_weights_of_another_config_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, Masher(INFO.config), replace(INFO, config=preset("base")))
    with pytest.raises(CheckpointError, match="do not fit their config"):
        load_checkpoint(path)


class Trap:
    """Something that runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("trapped",)


def test_a_state_with_code_in_it_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"model": Trap()}, "state.pt")
    with pytest.raises(CheckpointError, match="not a training state that is safe to load"):
        load_state(Path("state.pt"))
    assert not Path("trapped").exists()

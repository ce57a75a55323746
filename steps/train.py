"""Train: a masher from a snapshot, compared with every rival, promoted only if it is better."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from model.baselines import baselines
from model.checkpoint import CheckpointInfo, load_checkpoint, read_info, save_checkpoint
from model.config import preset
from model.errors import NotEnoughDataError
from model.heldout import evaluate_rows
from model.masher import Masher
from model.masks import MasherMasks, MaskMaker
from model.scores import Scores
from model.train import Progress, TrainSettings, train
from steps.champion import CHAMPION, champion_key, local_champion
from steps.workbench import Workbench
from storage.cache import ShardCache
from storage.errors import MissingFileError
from storage.exports import keep_records
from storage.reader import ShardReader
from storage.records import ChampionRecord
from storage.snapshots import Snapshot, load_snapshot, newest_snapshot

BATCH_ROWS = 2  # a step on one core takes half a second with the base model
REPORT_EVERY = 10  # steps between two reports of progress
LAST = "checkpoints/last.json"  # names the newest finished training and what it was trained on
FROM_CHAMPION, FROM_SCRATCH = "champion", "scratch"
CANDIDATE, INCUMBENT, CEILING = "masher", "champion", "oracle_mask"
HIGHER_IS_BETTER = {"log_spectral_distance_db": False, "part_sdr_db": True}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a training's result becomes champion, and why."""

    promoted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Training:
    """A finished training: what it was made from, how it scored, what became of it."""

    snapshot: str
    size: str
    n_steps: int
    last_loss: float
    checkpoint: str
    scores: Mapping[str, Scores]  # by kind of held-out example
    verdict: Verdict

    def headline(self) -> str:
        """Say in one line what came of it."""
        became = "champion" if self.verdict.promoted else "not champion"
        return f"{self.size} after {self.n_steps} steps is {became}: {self.verdict.reason}"

    def rows(self) -> list[dict[str, Any]]:
        """Return the table of scores, one row per kind of example and maker."""
        return [
            {"examples": kind, "maker": maker, **{name: i.mean for name, i in metrics.items()}}
            for kind, scores in self.scores.items()
            for maker, metrics in scores.results.items()
        ]


def train_masher(
    bench: Workbench,
    *,
    snapshot: str,
    size: str,
    n_steps: int,
    start_from: str = FROM_CHAMPION,
    on_progress: Callable[[int, int], None] | None = None,
) -> Training:
    """Train on a snapshot, or carry on with that training, and compare the result.

    Parameters
    ----------
    snapshot
        Name of a snapshot; the newest where empty.
    start_from
        "champion" takes up its weights where it has this size; "scratch" begins with new ones;
        anything else is the key of a checkpoint in the store.
    on_progress
        Called now and then with steps done and steps in all.

    Raises
    ------
    ModelError
        There is nothing to train on, or the size is unknown.
    StorageError
        The snapshot cannot be read.
    """
    dataset = load_snapshot(bench.store, snapshot) if snapshot else newest_snapshot(bench.store)
    if dataset is None:
        raise NotEnoughDataError("there is no snapshot to train on yet: run ingest first")
    if not any(split == "train" and kind != "song" for kind, split in dataset.count()):
        raise NotEnoughDataError(
            f"{dataset.name} has no human or made examples to train on, only {dataset.count()}: "
            "ingest more mashups or multitracks"
        )
    start = find_start(bench, start_from, size)
    name = training_name(dataset.name, size, n_steps, start.name if start else "")
    bench.ledger.pins.pin(name, dataset.name)
    trained = train(
        read(bench, dataset, kinds=("human", "made"), split="train"),
        preset(size),
        TrainSettings(steps=n_steps),
        state_path=state_path(bench, name),
        device="cuda" if torch.cuda.is_available() else "cpu",
        start_from=load_checkpoint(start).model if start else None,
        on_progress=lambda progress: report(progress, on_progress),
    )
    scores = compare(bench, dataset, trained.model)
    key = f"checkpoints/{name}.safetensors"
    info = CheckpointInfo(
        config=preset(size),
        snapshot=dataset.name,
        step=n_steps,
        command=f"python -m flows train --snapshot {dataset.name} --size {size} "
        f"--steps {n_steps} --start-from {start.name if start else FROM_SCRATCH}",
        scores={kind: table.to_dict() for kind, table in scores.items()},
    )
    save_checkpoint(bench.work_dir / key, trained.model, info)
    bench.store.put(bench.work_dir / key, key)
    verdict = settle(bench, key, info, scores)
    last = {"checkpoint": key, "snapshot": dataset.name, "rows": dataset.rows}
    bench.store.write_bytes(LAST, json.dumps(last).encode())
    bench.ledger.pins.release(name)
    keep_records(bench.ledger, bench.store, bench.work_dir)
    return Training(dataset.name, size, n_steps, trained.losses[-1], key, scores, verdict)


def untrained_examples(bench: Workbench) -> int:
    """Return how many examples came since the last finished training, whenever that was."""
    dataset = newest_snapshot(bench.store)
    if dataset is None:
        return 0
    try:
        trained = json.loads(bench.store.read_bytes(LAST))["rows"]
    except MissingFileError:
        trained = 0
    return dataset.rows - int(trained)


def find_start(bench: Workbench, start_from: str, size: str) -> Path | None:
    """Return the checkpoint whose weights a training takes up; None for new weights."""
    if start_from == FROM_SCRATCH:
        return None
    if start_from == FROM_CHAMPION:
        champion = local_champion(bench)
        return champion if read_info(champion).config == preset(size) else None
    return bench.store.fetch(start_from, bench.work_dir / start_from)


def training_name(snapshot: str, size: str, n_steps: int, start_from: str) -> str:
    """Name a training by all it depends on, so that the same one carries on and another begins."""
    digest = hashlib.sha256(f"{snapshot} {size} {n_steps} {start_from}".encode()).hexdigest()[:8]
    return f"masher-{size}-{n_steps}-{digest}"


def state_path(bench: Workbench, name: str) -> Path:
    """Return where a training's state lies; its folder and that of checkpoints are made."""
    for folder in ("training", "checkpoints"):
        (bench.work_dir / folder).mkdir(parents=True, exist_ok=True)
    return bench.work_dir / "training" / f"{name}.pt"


def read(bench: Workbench, dataset: Snapshot, *, kinds: tuple[str, ...], split: str) -> ShardReader:
    """Return a reader of a snapshot's rows; held-out rows come in their stored order."""
    cache = ShardCache(bench.store, bench.work_dir / "cache")
    return ShardReader(
        cache,
        dataset,
        batch_size=BATCH_ROWS,
        kinds=kinds,
        splits=(split,),
        shuffle=split == "train",
    )


def report(progress: Progress, on_progress: Callable[[int, int], None] | None) -> None:
    """Pass progress on, but not at every step."""
    if on_progress and (progress.step % REPORT_EVERY == 0 or progress.step == progress.steps):
        on_progress(progress.step, progress.steps)


def compare(bench: Workbench, dataset: Snapshot, model: Masher) -> dict[str, Scores]:
    """Score the model, the present champion and every baseline on what was held out."""
    makers: list[MaskMaker] = [MasherMasks(model, name=CANDIDATE)]
    makers.append(MasherMasks(load_checkpoint(local_champion(bench)).model, name=INCUMBENT))
    held_out = [kind for kind in ("made", "human") if dataset.count().get((kind, "test"))]
    return {
        kind: evaluate_rows(
            read(bench, dataset, kinds=(kind,), split="test").batches(), [*makers, *baselines()]
        )
        for kind in held_out
    }


def judge(scores: Mapping[str, Scores]) -> Verdict:
    """Decide: better than every rival in every measure.

    Made examples decide, because their targets are exact; human ones where there are no others.
    """
    kind = next((kind for kind in ("made", "human") if kind in scores), None)
    if kind is None:
        return Verdict(False, "no examples were held out to compare it on; ingest more songs")
    table = scores[kind]
    for rival, metrics in table.results.items():
        if rival in (CANDIDATE, CEILING):
            continue
        for metric, held in metrics.items():
            mine = table.mean(CANDIDATE, metric)
            if (mine <= held.mean) if HIGHER_IS_BETTER[metric] else (mine >= held.mean):
                return Verdict(
                    False,
                    f"{metric} on {kind} examples is {mine:.2f}, {rival} has {held.mean:.2f}",
                )
    return Verdict(True, f"better than every rival on {table.items} held-out {kind} examples")


def settle(
    bench: Workbench, key: str, info: CheckpointInfo, scores: Mapping[str, Scores]
) -> Verdict:
    """Promote a checkpoint if it deserves it; one that was promoted before stays champion."""
    if champion_key(bench) == key:
        return Verdict(True, "it is the champion already")
    verdict = judge(scores)
    if verdict.promoted:
        promote(bench, key, info, verdict)
    return verdict


def promote(bench: Workbench, key: str, info: CheckpointInfo, verdict: Verdict) -> None:
    """Name a checkpoint the champion; the one before stays in the store."""
    named = {
        "checkpoint": key,
        "snapshot": info.snapshot,
        "reason": verdict.reason,
        "scores": info.scores,
        "before": champion_key(bench),
    }
    bench.store.write_bytes(CHAMPION, json.dumps(named, indent=2).encode())
    bench.ledger.champions.promote(
        ChampionRecord(key, info.snapshot, dict(info.scores), verdict.reason)
    )

"""The training loop: plain, and exact to carry on from wherever it was cut off.

The learning rate is a function of the step, the order of rows one of the reader's position, and
every random number comes from one generator. The state holds all of them, so that a training
that was killed loses no more than the steps since the last save, and repeats those exactly.
"""

from __future__ import annotations

import copy
import json
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from model.checkpoint import load_state, save_state
from model.config import MasherConfig
from model.data import Augmentation, Batch, Rows, augment, to_batch
from model.errors import CheckpointError, ConfigError
from model.losses import LossWeights, masher_loss
from model.masher import Masher
from storage.reader import Position

_log = logging.getLogger(__name__)


class PositionedRows(Rows, Protocol):
    """Rows that know where reading goes on behind them."""

    @property
    def next(self) -> Position: ...


class RowSource(Protocol):
    """Where rows come from; `storage.reader.ShardReader` is one."""

    def start(self, epoch: int = 0) -> Position: ...
    def endless(self, position: Position | None = None) -> Iterator[PositionedRows]: ...


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Everything that a training depends on besides its model and its rows."""

    steps: int
    seed: int = 0
    learning_rate: float = 1.2e-3
    warmup_steps: int = 80
    last_rate_share: float = 0.02  # of the learning rate, at the end of the cosine
    weight_decay: float = 0.02
    clip_norm: float = 1.0
    ema_decay: float = 0.995
    accumulate: int = 1  # batches per optimizer step
    save_every: int = 50
    augmentation: Augmentation = field(default_factory=Augmentation)
    weights: LossWeights = field(default_factory=LossWeights)

    def __post_init__(self) -> None:
        if self.steps < 1 or self.accumulate < 1 or self.save_every < 1:
            raise ConfigError(
                "steps, accumulate and save_every must be 1 or more, got "
                f"{self.steps}, {self.accumulate} and {self.save_every}"
            )

    def rate_at(self, step: int) -> float:
        """Return the learning rate of `step` (from 0): a rise, then half a cosine."""
        rise = min(1.0, (step + 1) / max(1, self.warmup_steps))
        turn = math.cos(math.pi * min(1.0, step / self.steps))
        fall = self.last_rate_share + (1 - self.last_rate_share) * (1 + turn) / 2
        return self.learning_rate * rise * fall


@dataclass(frozen=True, slots=True)
class Progress:
    """How a training is doing after a step."""

    step: int
    steps: int
    loss: float
    terms: Mapping[str, float]
    rows_per_s: float


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished training: the averaged model, and the loss of every step."""

    model: Masher
    losses: tuple[float, ...]


def train(
    source: RowSource,
    config: MasherConfig,
    settings: TrainSettings,
    *,
    state_path: Path,
    device: str | torch.device = "cpu",
    start_from: Masher | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Trained:
    """Train a masher, or carry on with the training that `state_path` holds.

    Parameters
    ----------
    source : rows of kinds "human" and "made"
    state_path : written every `settings.save_every` steps and at the end
    start_from : a model of the same config whose weights are taken up; new weights where None
    on_progress : called after every step

    Raises
    ------
    CheckpointError
        The state belongs to a training with other settings.
    """
    device = torch.device(device)
    run = _Run(config, settings, device, start_from)
    position = source.start()
    if state_path.is_file():
        position = run.restore(load_state(state_path), where=state_path)
    rows = source.endless(position)
    while run.step < settings.steps:
        began = time.perf_counter()
        position, terms, count = run.one_step(rows, position)
        if on_progress is not None:
            pace = count / max(time.perf_counter() - began, 1e-9)
            on_progress(Progress(run.step, settings.steps, run.losses[-1], terms, pace))
        if run.step % settings.save_every == 0 or run.step == settings.steps:
            save_state(state_path, run.state(position))
    return Trained(run.average.to("cpu").eval(), tuple(run.losses))


class _Run:
    """What changes while training: weights, their average, the optimizer, chance."""

    def __init__(
        self,
        config: MasherConfig,
        settings: TrainSettings,
        device: torch.device,
        start_from: Masher | None,
    ) -> None:
        self.settings = settings
        self.device = device
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.model = Masher(config)
        if start_from is not None:
            self.model.load_state_dict(start_from.state_dict())
        self.model.to(device).train()
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self.optimizer = _optimizer(self.model, settings)
        self.chance = torch.Generator().manual_seed(settings.seed)
        self.losses: list[float] = []
        said = {"config": config.to_dict(), "settings": asdict(settings)}
        self.fingerprint = json.dumps(said, sort_keys=True)

    @property
    def step(self) -> int:
        return len(self.losses)

    def one_step(
        self, rows: Iterator[PositionedRows], position: Position
    ) -> tuple[Position, dict[str, float], int]:
        """Read, learn, average; return where to read on, the loss terms and the rows used."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.rate_at(self.step)
        self.optimizer.zero_grad(set_to_none=True)
        total, count, terms = 0.0, 0, {"error": 0.0, "parts": 0.0, "mixture": 0.0}
        for _ in range(self.settings.accumulate):
            read = next(rows)
            position = read.next
            batch = augment(to_batch(read), self.settings.augmentation, self.chance)
            found = self._backward(batch.to(self.device))
            total += found.pop("total")
            terms = {name: terms[name] + value for name, value in found.items()}
            count += len(batch)
        nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip_norm)
        self.optimizer.step()
        self.losses.append(total)
        self._follow()
        return position, terms, count

    def _backward(self, batch: Batch) -> dict[str, float]:
        """Add the gradients of one batch; return the loss and its terms as shares of the step."""
        half = self.device.type == "cuda" and torch.cuda.is_bf16_supported()
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=half):
            output = self.model(batch.voice, batch.bed)
        loss = masher_loss(output, batch, self.settings.weights)
        (loss.total / self.settings.accumulate).backward()
        return {
            name: float(getattr(loss, name).detach()) / self.settings.accumulate
            for name in ("total", "error", "parts", "mixture")
        }

    def _follow(self) -> None:
        """Move the average towards the weights; faster while there is little to average."""
        keep = min(self.settings.ema_decay, self.step / (self.step + 20.0))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.model.parameters(), strict=True):
                slow.lerp_(fast, 1.0 - keep)

    def state(self, position: Position) -> dict[str, Any]:
        """Return all that is needed to carry on, as tensors and plain values."""
        return {
            "fingerprint": self.fingerprint,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "chance": self.chance.get_state(),
            "losses": list(self.losses),
            "position": position.as_json(),
        }

    def restore(self, state: Mapping[str, Any], *, where: Path) -> Position:
        """Take up a state; return where to read on."""
        if state.get("fingerprint") != self.fingerprint:
            raise CheckpointError(
                f"{where} belongs to a training with other settings:\n{state.get('fingerprint')}\n"
                f"instead of\n{self.fingerprint}\nDelete it, or train with its settings."
            )
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.chance.set_state(state["chance"])
        self.losses = [float(loss) for loss in state["losses"]]
        _log.info("carrying on at step %d of %d", self.step, self.settings.steps)
        return Position.from_json(state["position"])


def _optimizer(model: Masher, settings: TrainSettings) -> torch.optim.AdamW:
    """Return AdamW that decays matrices but neither biases nor norms."""
    groups: dict[bool, list[Tensor]] = {True: [], False: []}
    for parameter in model.parameters():
        groups[parameter.ndim >= 2].append(parameter)
    return torch.optim.AdamW(
        [
            {"params": groups[True], "weight_decay": settings.weight_decay},
            {"params": groups[False], "weight_decay": 0.0},
        ],
        lr=settings.learning_rate,
        betas=(0.9, 0.98),
    )

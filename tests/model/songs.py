"""Songs small enough for tests: a gliding voice of harmonics over noise bursts and a bass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from audio.params import RENDER_RATE_HZ
from audio.stems import Stems
from model.examples import PairLabel, made_examples
from storage.reader import Position
from storage.schema import Example

LABEL = PairLabel(pair_id="p", mashup_id="m", voice_id="v", bed_id="b", split="train")


def sung(seconds: float, *, seed: int) -> NDArray[np.float32]:
    """Return a voice `(2, samples)` with vibrato and five harmonics."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RENDER_RATE_HZ)) / RENDER_RATE_HZ
    f0 = rng.uniform(180, 320) * (1 + 0.02 * np.sin(2 * np.pi * 5 * t))
    phase = 2 * np.pi * np.cumsum(f0) / RENDER_RATE_HZ
    wave = sum(np.sin(k * phase) / k for k in range(1, 6))
    return np.tile(0.1 * wave, (2, 1)).astype(np.float32)


def played(seconds: float, *, seed: int) -> NDArray[np.float32]:
    """Return a bed `(2, samples)`: a bass note and four noise bursts a second."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RENDER_RATE_HZ)) / RENDER_RATE_HZ
    bursts = rng.standard_normal(len(t)) * np.exp(-20 * (t % 0.25))
    wave = 0.1 * np.sin(2 * np.pi * rng.uniform(50, 90) * t) + 0.05 * bursts
    return np.tile(wave, (2, 1)).astype(np.float32)


def stems(seconds: float, *, seed: int) -> Stems:
    return Stems(sung(seconds, seed=seed), played(seconds, seed=seed))


def made_rows(count: int, *, seed: int = 0) -> list[Example]:
    """Return `count` made rows of one slice each, every one of two other songs."""
    rows = []
    for index in range(count):
        voice, bed = (stems(5.94, seed=seed + 2 * index + k) for k in (0, 1))
        rows += made_examples(
            voice.vocals + bed.instrumental,
            voice.mix(),
            bed.mix(),
            voice_part=voice.vocals,
            bed_part=bed.instrumental,
            label=replace(LABEL, pair_id=f"p{index}"),
        )
    return rows


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Rows as arrays, with where to read on."""

    kind: tuple[str, ...]
    confidence: NDArray[np.float32]
    voice: NDArray[np.uint8]
    bed: NDArray[np.uint8] | None
    mashup: NDArray[np.uint8] | None
    voice_part: NDArray[np.uint8] | None
    bed_part: NDArray[np.uint8] | None
    next: Position

    @classmethod
    def of(cls, rows: list[Example], *, next_row: int = 0) -> RowBatch:
        def stacked(name: str) -> NDArray[np.uint8]:
            return np.stack([getattr(row, name) for row in rows])

        return cls(
            tuple(row.kind for row in rows),
            np.array([row.confidence for row in rows], np.float32),
            *(stacked(name) for name in ("voice", "bed", "mashup", "voice_part", "bed_part")),
            next=Position(0, next_row, "list"),
        )


@dataclass(frozen=True, slots=True)
class ListSource:
    """Batches of two from a list of rows, round and round."""

    rows: list[Example]

    def start(self, epoch: int = 0) -> Position:
        return Position(epoch, 0, "list")

    def endless(self, position: Position | None = None) -> Iterator[RowBatch]:
        at = (position or self.start()).rows
        while True:
            chosen = [self.rows[(at + k) % len(self.rows)] for k in range(2)]
            at += 2
            yield RowBatch.of(chosen, next_row=at)

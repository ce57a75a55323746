"""The parts of a song: where it changes, which parts are alike, and what to call them.

Changes are peaks of checkerboard novelty on a self-similarity matrix of bars (Foote, "Automatic
audio segmentation using a measure of audio novelty", ICME 2000). Names follow a plain rule: no
singing is intro, break or outro; the loudest kind of singing that comes back is the chorus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

KERNEL_BARS = 8  # novelty compares this many bars before with as many after
MIN_SECTION_BARS = 4
SUNG = 0.35  # mean activity of a section with singing: there are pauses between lines
ALIKE = 0.75  # correlation above which two sections are the same kind
_PEAK_SHARE = 0.25  # of the highest novelty: lower peaks are variations, not new sections


@dataclass(frozen=True, slots=True)
class Section:
    """Bars `first_bar` up to, not including, `last_bar`, of one kind ("a", "b", ...)."""

    first_bar: int
    last_bar: int
    kind: str
    label: str


def find_sections(
    features: NDArray[np.float64],
    *,
    singing: NDArray[np.float64],
    level_db: NDArray[np.float64],
) -> list[Section]:
    """Return the sections of a song, in order, without gaps.

    Parameters
    ----------
    features : `(bars, features)` that describe the sound of each bar
    singing : `(bars,)` how much each bar sings, 0 to 1
    level_db : `(bars,)`
    """
    edges = boundaries(novelty(features))
    spans = list(pairwise(edges))
    means = [features[first:last].mean(axis=0) for first, last in spans]
    kinds = _kinds(means)
    sung = [float(singing[first:last].mean()) >= SUNG for first, last in spans]
    loud = [float(level_db[first:last].mean()) for first, last in spans]
    labels = _labels(kinds, sung, loud)
    return [
        Section(first, last, kind, label)
        for (first, last), kind, label in zip(spans, kinds, labels, strict=True)
    ]


def novelty(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `(bars + 1,)`: how much the song changes at each bar line, 0 at its ends."""
    bars = len(features)
    norm = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.maximum(norm, 1e-9)
    likeness = np.pad(unit @ unit.T, KERNEL_BARS)
    kernel = _checkerboard()
    change = np.zeros(bars + 1)
    for line in range(1, bars):
        window = likeness[line : line + 2 * KERNEL_BARS, line : line + 2 * KERNEL_BARS]
        change[line] = max(float((window * kernel).sum()), 0.0)
    return change


def boundaries(change: NDArray[np.float64]) -> list[int]:
    """Return the bar lines at which sections start, and the end; never closer than four bars."""
    bars = len(change) - 1
    peaks = change == scipy.ndimage.maximum_filter1d(change, 2 * MIN_SECTION_BARS - 1)
    strong = np.flatnonzero(peaks & (change > _PEAK_SHARE * max(float(change.max()), 1e-9)))
    inside = [int(b) for b in strong if MIN_SECTION_BARS <= b <= bars - MIN_SECTION_BARS]
    return [0, *inside, bars]


def _checkerboard() -> NDArray[np.float64]:
    """Return Foote's kernel with a Gaussian taper: + within a side, - across the bar line."""
    position = np.arange(2 * KERNEL_BARS) - KERNEL_BARS + 0.5
    side = np.sign(position)
    taper = np.exp(-0.5 * (position / (KERNEL_BARS / 2)) ** 2)
    return np.asarray(np.outer(side * taper, side * taper))


def _kinds(means: Sequence[NDArray[np.float64]]) -> list[str]:
    """Give sections that sound alike the same letter."""
    known: list[NDArray[np.float64]] = []
    kinds: list[str] = []
    for mean in means:
        alike = [_correlation(mean, other) for other in known]
        if alike and max(alike) >= ALIKE:
            index = int(np.argmax(alike))
        else:
            known.append(mean)
            index = len(known) - 1
        kinds.append(chr(ord("a") + min(index, 25)))
    return kinds


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    norm = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / norm if norm > 0 else 1.0


def _labels(kinds: Sequence[str], sung: Sequence[bool], loud: Sequence[float]) -> list[str]:
    chorus = _chorus_kind(kinds, sung, loud)
    last = len(kinds) - 1
    labels: list[str] = []
    for index, kind in enumerate(kinds):
        if sung[index]:
            labels.append("chorus" if kind == chorus else "verse")
        elif index == 0:
            labels.append("intro")
        else:
            labels.append("outro" if index == last else "break")
    return labels


def _chorus_kind(kinds: Sequence[str], sung: Sequence[bool], loud: Sequence[float]) -> str | None:
    """Return the loudest kind that sings at least twice; None where no kind comes back."""
    sung_kinds = [kind for kind, sings in zip(kinds, sung, strict=True) if sings]
    repeated = {kind for kind in sung_kinds if sung_kinds.count(kind) > 1}
    if len(set(sung_kinds)) < 2 or not repeated:
        return None
    level = {
        kind: float(np.mean([x for k, x in zip(kinds, loud, strict=True) if k == kind]))
        for kind in repeated
    }
    return max(level, key=lambda kind: level[kind])

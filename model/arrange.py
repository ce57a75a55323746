"""Which phrase of one song sounds over which phrase of the other, and which of the two leads.

A mashup is a row of slots, one phrase long. Each slot earns points for harmony between the two
phrases, singing of the leading song, and weight of the other; it loses points where both sing.
Going on in a song is free, jumping costs. The best row of all is found by dynamic programming
over (phrase of A, phrase of B, leader), after the mashability of Davies et al., "AutoMashUpper",
TASLP 2014, with the order of phrases added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.phrases import Phrases
from model.plan import SongId

LEADERS: tuple[SongId, SongId] = ("A", "B")


@dataclass(frozen=True, slots=True)
class Weights:
    """What a slot earns and what a jump costs; harmony is a correlation, the rest 0 to 1."""

    harmony: float = 1.5
    singing: float = 2.0  # the leader should sing
    two_voices: float = 1.2  # what listeners complain of most
    bed_sings: float = 0.2
    bed_drive: float = 0.6  # the bed should carry
    voice_jump: float = 0.5
    bed_jump: float = 0.8  # a cut in the bed is heard more than one in the voice
    back: float = 0.6  # on top: to hear again what was heard
    mid_section: float = 0.4  # on top: to land inside a section
    swap: float = 2.0  # to change leaders
    opening: float = 0.4  # to begin where a section begins


@dataclass(frozen=True, slots=True)
class Slot:
    """One phrase of the mashup: a phrase of each song and who leads; None is not heard."""

    a: int | None
    b: int | None
    lead: SongId | None

    def phrase(self, song: SongId) -> int | None:
        return self.a if song == "A" else self.b


@dataclass(frozen=True, slots=True)
class Start:
    """A first sung slot, and the mean score per slot of the best row that starts with it."""

    a: int
    b: int
    lead: SongId
    score: float


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The best row of slots, with other starts it was compared with, best first."""

    slots: tuple[Slot, ...]
    score: float
    starts: tuple[Start, ...]


def harmony(a: Phrases, b: Phrases, *, shift: int) -> NDArray[np.float64]:
    """Return how well each phrase of A, `shift` semitones higher, fits each of B: `(A, B)`.

    The mean of two correlations of chroma: bar by bar (chords meet chords) and over the
    phrase (one key).
    """
    moved = np.roll(a.chroma, shift, axis=2)
    by_bar = np.einsum("ikc,jkc->ij", moved, b.chroma) / a.bars
    over_all = _unit(moved.mean(axis=1)) @ _unit(b.chroma.mean(axis=1)).T
    return np.asarray((by_bar + over_all) / 2)


def slot_scores(
    a: Phrases, b: Phrases, *, shift: int, trust: tuple[float, float], weights: Weights
) -> NDArray[np.float64]:
    """Return the points of every slot `(2 leaders, A, B)`.

    `trust` says how far what seems to sing in A and in B is singing, 0 to 1.
    """
    fit = weights.harmony * harmony(a, b, shift=shift)
    sing_a, sing_b = a.singing[:, None] * trust[0], b.singing[None, :] * trust[1]
    both = weights.two_voices * sing_a * sing_b
    lead_a = weights.singing * sing_a - weights.bed_sings * sing_b
    lead_b = weights.singing * sing_b - weights.bed_sings * sing_a
    drive_a, drive_b = weights.bed_drive * a.drive[:, None], weights.bed_drive * b.drive[None, :]
    return np.stack([fit - both + lead_a + drive_b, fit - both + lead_b + drive_a])


def arrange(
    a: Phrases,
    b: Phrases,
    points: NDArray[np.float64],
    *,
    sung_slots: int,
    intro: bool,
    leaders: Sequence[SongId] = LEADERS,
    bed_start: int | None = None,
    weights: Weights,
) -> Arrangement:
    """Return the best row of `sung_slots` slots, after one of the bed alone if `intro`.

    Parameters
    ----------
    points : from `slot_scores`
    leaders : the songs that may lead; with both, the lead may change on the way
    bed_start : the bed's phrase with which the mashup must begin
    """
    allowed = np.array([0.0 if leader in leaders else -np.inf for leader in LEADERS])
    points = points + allowed[:, None, None]
    costs = (_jump_costs(a, weights), _jump_costs(b, weights))
    values = _values(points, costs, sung_slots, weights)
    first = values[0] + _entry(a, b, intro=intro, bed_start=bed_start, weights=weights)
    slots = _roll_out(first, values, costs, weights)
    starts = _best_starts(first, sung_slots)
    opening = _intro_slot(slots[0]) if intro else []
    return Arrangement(tuple(opening + slots), starts[0].score, starts)


@dataclass(frozen=True, slots=True)
class _Costs:
    """What it costs a song to go from phrase (row) to phrase (column), as voice and as bed."""

    as_voice: NDArray[np.float64]
    as_bed: NDArray[np.float64]

    def role(self, *, voice: bool) -> NDArray[np.float64]:
        return self.as_voice if voice else self.as_bed


def _jump_costs(phrases: Phrases, weights: Weights) -> _Costs:
    count = len(phrases)
    from_, to = np.arange(count)[:, None], np.arange(count)[None, :]
    extra = weights.back * (to <= from_) + weights.mid_section * ~phrases.opens[None, :]
    jumps = to != from_ + 1
    return _Costs(
        np.where(jumps, weights.voice_jump + extra, 0.0),
        np.where(jumps, weights.bed_jump + extra, 0.0),
    )


def _values(
    points: NDArray[np.float64], costs: tuple[_Costs, _Costs], slots: int, weights: Weights
) -> list[NDArray[np.float64]]:
    """Return, per slot, the points from there to the end by state (2 leaders, A, B)."""
    values = [points]
    for _ in range(slots - 1):
        onward = np.stack([_onward(values[-1], costs, lead, weights) for lead in range(2)])
        values.append(points + onward)
    return values[::-1]


def _onward(
    after: NDArray[np.float64], costs: tuple[_Costs, _Costs], lead: int, weights: Weights
) -> NDArray[np.float64]:
    """Return the best value (A, B) that can follow a slot in which `lead` leads."""
    swap = weights.swap * (np.arange(2) != lead)
    best_lead = (after - swap[:, None, None]).max(axis=0)  # (A', B')
    cost_a, cost_b = costs[0].role(voice=lead == 0), costs[1].role(voice=lead == 1)
    over_b = (best_lead[:, None, :] - cost_b[None]).max(axis=2)  # (A', B)
    return np.asarray((over_b[None] - cost_a[:, :, None]).max(axis=1))  # (A, B)


def _entry(
    a: Phrases, b: Phrases, *, intro: bool, bed_start: int | None, weights: Weights
) -> NDArray[np.float64]:
    """Return what it earns to begin in a state (2 leaders, A, B)."""
    as_bed = [_bed_entry(song, intro=intro, start=bed_start, weights=weights) for song in (a, b)]
    as_voice = [weights.opening * song.opens for song in (a, b)]
    return np.stack(
        [
            as_voice[0][:, None] + as_bed[1][None, :],
            as_bed[0][:, None] + as_voice[1][None, :],
        ]
    )


def _bed_entry(
    bed: Phrases, *, intro: bool, start: int | None, weights: Weights
) -> NDArray[np.float64]:
    """Return what it earns if the first sung slot has this phrase of the bed: `(phrases,)`."""
    opening = np.arange(len(bed)) - int(intro)  # the phrase with which the mashup begins
    earned = weights.opening * bed.opens[opening] - weights.two_voices * bed.singing[opening]
    if intro:
        earned[0] = -weights.bed_jump - weights.back  # nothing before it: it must be heard twice
    if start is not None:
        earned[opening != start] -= 1e6  # a wish beats everything, also where it fits nothing
    return np.asarray(earned)


def _roll_out(
    first: NDArray[np.float64],
    values: list[NDArray[np.float64]],
    costs: tuple[_Costs, _Costs],
    weights: Weights,
) -> list[Slot]:
    """Follow the best values from the best start to the end."""
    lead, a, b = np.unravel_index(int(first.argmax()), first.shape)
    slots = [Slot(int(a), int(b), LEADERS[int(lead)])]
    for after in values[1:]:
        swap = weights.swap * (np.arange(2) != lead)
        cost_a = costs[0].role(voice=lead == 0)[a]
        cost_b = costs[1].role(voice=lead == 1)[b]
        worth = after - swap[:, None, None] - cost_a[None, :, None] - cost_b[None, None, :]
        lead, a, b = np.unravel_index(int(worth.argmax()), worth.shape)
        slots.append(Slot(int(a), int(b), LEADERS[int(lead)]))
    return slots


def _best_starts(first: NDArray[np.float64], slots: int, count: int = 5) -> tuple[Start, ...]:
    order = np.argsort(first, axis=None)[::-1][:count]
    found = []
    for index in order:
        lead, a, b = np.unravel_index(int(index), first.shape)
        score = float(first[lead, a, b]) / slots
        if np.isfinite(score):
            found.append(Start(int(a), int(b), LEADERS[int(lead)], score))
    return tuple(found)


def _intro_slot(first: Slot) -> list[Slot]:
    """Return the slot of the bed alone that leads to the first sung slot."""
    if first.lead == "A":
        return [Slot(None, max((first.b or 0) - 1, 0), None)]
    return [Slot(max((first.a or 0) - 1, 0), None, None)]


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))

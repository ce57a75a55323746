"""Arrangements: the leader sings, songs run on, nobody sings over somebody."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest

from model.arrange import Slot, Weights, arrange, harmony, slot_scores
from model.grid import Grid
from model.phrases import Phrases

WEIGHTS = Weights()


def _phrases(singing: list[float], *, chord: int = 0) -> Phrases:
    count = len(singing)
    scale = np.zeros(12)
    scale[[(chord + step) % 12 for step in (0, 4, 7)]] = 1.0
    scale -= scale.mean()
    return Phrases(
        grid=Grid(np.arange(count * 16 + 1) * 0.5, 0, 120.0),
        bars=4,
        first_beat=np.arange(count) * 16,
        chroma=np.tile(scale / np.linalg.norm(scale), (count, 4, 1)),
        singing=np.array(singing),
        drive=np.ones(count),
        opens=np.ones(count, bool),
        labels=("verse",) * count,
    )


def _arranged(a: Phrases, b: Phrases, **options: object) -> tuple[Slot, ...]:
    points = slot_scores(a, b, shift=0, trust=(1.0, 1.0), weights=WEIGHTS)
    options = {"sung_slots": 3, "intro": True, "weights": WEIGHTS} | options
    return arrange(a, b, points, **options).slots  # type: ignore[arg-type]


def test_harmony_is_perfect_at_the_shift_that_makes_chords_meet() -> None:
    a, b = _phrases([1.0]), _phrases([1.0], chord=2)
    assert harmony(a, b, shift=2)[0, 0] == pytest.approx(1.0)
    assert harmony(a, b, shift=0)[0, 0] < 0.5


def test_the_voice_enters_where_it_sings_over_a_bed_that_does_not() -> None:
    slots = _arranged(
        _phrases([0, 0, 1, 1, 1, 0]), _phrases([0, 1, 1, 0, 0, 0, 0, 1]), leaders=("A",)
    )
    assert slots == (
        Slot(None, 3, None), Slot(2, 4, "A"), Slot(3, 5, "A"), Slot(4, 6, "A"),
    )  # fmt: skip


def test_with_the_bed_as_voice_roles_are_swapped() -> None:
    slots = _arranged(_phrases([0] * 6), _phrases([0, 1, 1, 1, 0]), leaders=("B",))
    assert [slot.lead for slot in slots] == [None, "B", "B", "B"]
    assert [slot.b for slot in slots] == [None, 1, 2, 3]


def test_leaders_swap_where_each_sings_in_its_own_half() -> None:
    a, b = _phrases([1] * 5 + [0] * 5), _phrases([0] * 5 + [1] * 5)
    slots = _arranged(a, b, sung_slots=8, intro=False)
    assert [lead for lead, _ in groupby(slot.lead for slot in slots)] == ["A", "B"]
    assert all((slot.a if slot.lead == "A" else 9 - (slot.b or 0)) < 5 for slot in slots)


def test_a_wished_start_of_the_bed_is_kept() -> None:
    slots = _arranged(_phrases([1] * 5), _phrases([0] * 8), leaders=("A",), bed_start=2)
    assert slots[0] == Slot(None, 2, None)
    assert [slot.b for slot in slots[1:]] == [3, 4, 5]


def test_a_short_song_is_heard_again_rather_than_missed() -> None:
    slots = _arranged(_phrases([1, 1]), _phrases([0] * 8), leaders=("A",), sung_slots=6)
    assert all(slot.a is not None and slot.b is not None for slot in slots[1:])

"""The mixing desk: the voice on top, the bed out of its way, the bed whole where it is alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from audio.params import PARAMS
from model.balance import DUCK_DB, DUCK_SINGING_DB, VOICE_OVER_BED_LU, balance, duck_db
from model.masks import Masks
from model.plan import Part, Plan, SongPlan

FRAMES = round(30 / PARAMS.frame_s)
MID, LOW = 93, 5  # bins at 1 kHz and 54 Hz


def _plan(*, bed_sings: bool = False) -> Plan:
    singing = ((10.0, 30.0),)
    a = SongPlan("a", 120.0, 1.0, 0, (), singing)
    b = SongPlan("b", 120.0, 1.0, 0, (), singing if bed_sings else ())
    parts = (Part(0.0, 10.0, "intro", None, "B"), Part(10.0, 30.0, "verse", "A", "B"))
    return Plan(30.0, 120.0, a, b, parts, (), (), 0.02, 2.0, 0.0, (), ())


def _tone(level: float, *, from_s: float = 0.0) -> torch.Tensor:
    magnitude = torch.zeros(FRAMES, PARAMS.n_bins)
    magnitude[round(from_s / PARAMS.frame_s) :, MID] = level
    return magnitude


def _ones() -> Masks:
    return Masks(*(torch.ones(FRAMES, PARAMS.n_bins) for _ in range(2)))


@pytest.mark.parametrize("level", [0.05, 0.1, 0.2])
def test_any_voice_ends_at_the_same_distance_over_the_bed(level: float) -> None:
    desk = balance(_ones(), _tone(level, from_s=10), _tone(0.1), plan=_plan())
    expected_db = 20 * np.log10(0.1 / level) + VOICE_OVER_BED_LU
    assert desk.voice_gain_db == pytest.approx((0.0, expected_db), abs=0.3)
    heard = desk.masks.voice[FRAMES // 2 :, MID].median() * level
    assert 20 * np.log10(float(heard) / 0.1) == pytest.approx(VOICE_OVER_BED_LU, abs=0.3)


def test_a_wished_gain_comes_on_top() -> None:
    plan = _plan()
    louder = replace(plan, parts=(plan.parts[0], replace(plan.parts[1], voice_gain_db=3.0)))
    pair = _tone(0.1, from_s=10), _tone(0.1)
    plain_db = balance(_ones(), *pair, plan=plan).voice_gain_db[1]
    assert balance(_ones(), *pair, plan=louder).voice_gain_db[1] == pytest.approx(plain_db + 3)


def test_the_bed_is_whole_where_it_is_alone_whatever_the_mask_says() -> None:
    nothing = Masks(torch.ones(FRAMES, PARAMS.n_bins), torch.zeros(FRAMES, PARAMS.n_bins))
    desk = balance(nothing, _tone(0.1, from_s=10), _tone(0.1), plan=_plan())
    assert desk.masks.bed[FRAMES // 6, MID] == pytest.approx(1.0, abs=0.01)
    assert desk.masks.bed[-FRAMES // 3, MID] == 0.0


def test_two_basses_are_not_heard_at_once() -> None:
    desk = balance(_ones(), _tone(0.1, from_s=10), _tone(0.1), plan=_plan())
    middle = FRAMES // 2
    assert desk.masks.voice[middle, LOW] < 0.2 * desk.masks.voice[middle, MID]
    assert desk.masks.bed[middle, LOW] == pytest.approx(1.0)


@pytest.mark.parametrize(("bed_sings", "depth_db"), [(False, DUCK_DB), (True, DUCK_SINGING_DB)])
def test_the_bed_steps_back_further_where_it_sings_too(bed_sings: bool, depth_db: float) -> None:
    even = np.full(FRAMES, 0.01)
    found = duck_db(_plan(bed_sings=bed_sings), even, even)
    assert found[FRAMES * 2 // 3] == pytest.approx(-depth_db)


def test_nothing_steps_back_for_a_silent_voice() -> None:
    found = duck_db(_plan(bed_sings=True), np.zeros(FRAMES), np.full(FRAMES, 0.01))
    np.testing.assert_allclose(found, 0.0)

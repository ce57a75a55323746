from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from model.data import PLAIN, Augmentation, Batch, augment, to_batch
from model.errors import ShapeError
from storage.schema import Example
from tests.model.songs import RowBatch


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def batch(rows: list[Example]) -> Batch:
    return to_batch(RowBatch.of(rows))


def test_parts_of_made_rows_are_no_louder_than_their_songs(batch: Batch) -> None:
    assert batch.exact.tolist() == [1.0] * 4
    for part, song in ((batch.voice_part, batch.voice), (batch.bed_part, batch.bed)):
        audible = song > 1e-3
        assert float((part[audible] / song[audible]).quantile(0.9)) < 1.2
        assert float(part.square().sum() / song.square().sum()) > 0.05


def test_human_rows_have_a_mixture_but_no_parts(rows: list[Example]) -> None:
    made = RowBatch.of(rows[:2])
    human = replace(made, kind=("human", "made"), voice_part=None, bed_part=None)
    human.confidence[:] = 0.4
    batch = to_batch(human)
    assert batch.exact.tolist() == [0.0, 1.0]
    assert batch.weight.tolist() == [pytest.approx(0.4), 1.0]
    assert not batch.voice_part.any()


def test_rows_without_a_bed_are_refused(rows: list[Example]) -> None:
    with pytest.raises(ShapeError, match="read human and made rows"):
        to_batch(replace(RowBatch.of(rows[:1]), bed=None))


def test_without_augmentation_rows_stay_as_they_are(batch: Batch) -> None:
    assert augment(batch, PLAIN, chance()) is batch


def test_augmentation_is_a_function_of_its_generator(batch: Batch) -> None:
    first, second, third = (augment(batch, Augmentation(), chance(s)) for s in (1, 1, 2))
    assert torch.equal(first.voice, second.voice)
    assert not torch.equal(first.voice, third.voice)


def test_augmented_rows_are_cropped_and_still_consistent(batch: Batch) -> None:
    new = augment(batch, Augmentation(crop_frames=64), chance())
    assert new.voice.shape == (4, 64, 1025)
    power = new.voice_part.square() + new.bed_part.square()
    torch.testing.assert_close(new.mashup.square(), power)
    for name in Batch.__slots__:
        assert bool(getattr(new, name).isfinite().all())


def test_remixed_parts_have_the_statistics_of_random_phases(batch: Batch) -> None:
    settings = replace(Augmentation(), eq_db=0.0, shift_semitones=0.0, silent_share=0.0)
    new = augment(batch, settings, chance())
    rest = (new.bed - new.bed_part).square().sum()
    assert float(new.bed.square().sum()) >= float(new.bed_part.square().sum())
    assert float(rest) > 0


def test_silent_voices_are_asked_for_nothing(batch: Batch) -> None:
    new = augment(batch, replace(Augmentation(), silent_share=1.0), chance())
    assert float(new.voice_part.max()) == 0.0
    torch.testing.assert_close(new.bed_part, new.bed)


def test_human_rows_are_cropped_but_not_mixed(rows: list[Example]) -> None:
    human = replace(RowBatch.of(rows), kind=("human",) * 4)
    plain = to_batch(human)
    new = augment(plain, Augmentation(crop_frames=255), chance())
    matches = [torch.equal(new.voice[0], plain.voice[0, start : start + 255]) for start in (0, 1)]
    assert any(matches)

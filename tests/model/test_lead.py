"""Which of two songs a masker would let lead."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from model.lead import Lead, voice_share
from model.masks import Masks
from model.songs import analyse
from tests.audio.sounds import music


@dataclass(frozen=True)
class Keeps:
    """A masker that keeps one share of everything as a voice."""

    gain: float
    name: str = "keeps"

    def masks(self, voice_magnitude: Tensor, bed_magnitude: Tensor) -> Masks:
        return Masks(torch.full_like(voice_magnitude, self.gain), torch.ones_like(bed_magnitude))


@pytest.mark.parametrize("gain", [0.0, 0.5, 1.0])
def test_the_share_is_the_energy_that_is_kept(gain: float) -> None:
    song = analyse(music(12.0), name="song")
    assert voice_share(song, Keeps(gain)) == pytest.approx(gain**2, abs=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "voice"), [(0.3, 0.1, "A"), (0.01, 0.2, "B"), (0.3, 0.2, "auto"), (0.0, 0.0, "auto")]
)
def test_the_song_with_clearly_more_voice_leads(a: float, b: float, voice: str) -> None:
    assert Lead(a, b).voice == voice


def test_a_song_of_which_nothing_would_be_kept_has_no_voice() -> None:
    lead = Lead(0.2, 0.02)
    assert (lead.has_voice("A"), lead.has_voice("B")) == (True, False)

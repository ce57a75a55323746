"""Who can lead: how much of a song the masker would keep as a voice, heard before arranging.

Vocal activity alone takes any bright solo line for a singer; the masker was trained on voices.
What it keeps of a song is also what would be heard of it, so a song of which it keeps nothing
must not lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from audio.decode import to_analysis
from audio.params import PARAMS, RENDER_RATE_HZ
from audio.spectrogram import stft
from model.baselines import VOICE_BAND_HZ
from model.masks import MaskMaker
from model.songs import AnalysedSong

HEARD_S = 30.0  # from the middle of the song: enough to meet a chorus
HEARD_RMS = 0.2  # the level at which songs were mixed in training
CLEARLY_MORE = 2.0  # times the other's share decides who leads
NOTHING = 0.05  # below this share too little would be left to hear


@dataclass(frozen=True, slots=True)
class Lead:
    """Shares of both songs' voice bands that would be kept as a voice, and who leads by that."""

    a_share: float
    b_share: float

    @property
    def voice(self) -> Literal["A", "B", "auto"]:
        """The song that clearly has more of a voice; "auto" leaves it to the arrangement."""
        if self.a_share > CLEARLY_MORE * self.b_share:
            return "A"
        return "B" if self.b_share > CLEARLY_MORE * self.a_share else "auto"

    def has_voice(self, song: Literal["A", "B"]) -> bool:
        """Tell whether enough of a song would be heard if it led."""
        return (self.a_share if song == "A" else self.b_share) >= NOTHING


def hear_lead(a: AnalysedSong, b: AnalysedSong, mask_maker: MaskMaker) -> Lead:
    """Ask a masker how much voice it finds in each of two songs."""
    return Lead(voice_share(a, mask_maker), voice_share(b, mask_maker))


def voice_share(song: AnalysedSong, mask_maker: MaskMaker) -> float:
    """Return the share (0 to 1) of a song's energy in the voice band that is kept as a voice."""
    middle, half = song.audio.shape[1] // 2, round(HEARD_S / 2 * RENDER_RATE_HZ)
    part = song.audio[:, max(0, middle - half) : middle + half]
    rms = float(np.sqrt(np.square(part).mean()))
    magnitude = stft(to_analysis(part)).abs() * (HEARD_RMS / max(rms, 1e-9))
    low, high = (round(hz * PARAMS.n_fft / PARAMS.sample_rate_hz) for hz in VOICE_BAND_HZ)
    energy = magnitude[:, low:high].square()
    kept = mask_maker.masks(magnitude, magnitude).voice[:, low:high].square() * energy
    return float(kept.sum() / energy.sum().clamp_min(1e-12))

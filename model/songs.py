"""A song as the conductor knows it: its sound, its beat, and what is heard when."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.beats import track_beats
from audio.decode import to_analysis
from audio.errors import AudioError, NoBeatError, SilentAudioError, TooShortError
from audio.key import chroma
from audio.onsets import Framing, frame_count, magnitudes, mel_bank
from audio.params import MIN_TRACK_S, PARAMS, RENDER_RATE_HZ
from model.grid import Grid, heard_grid
from model.vocals import Singing, hear_singing

LEVEL_BANDS = 24
LEVEL_FRAME_S = 2048 / PARAMS.sample_rate_hz
MAX_SONG_S = 720.0  # the first twelve minutes are more than a mashup can use
SILENT_PEAK = 1e-4  # -80 dBFS
_FRAMING = Framing(n_fft=2048, hop_samples=2048)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnalysedSong:
    """One song and what was heard in it.

    Attributes
    ----------
    audio : `(2, samples)` at the render rate
    grid : None where no beat was found
    chroma : `(12, frames)` over the whole song
    levels : `(frames, LEVEL_BANDS)` mel levels in dB per LEVEL_FRAME_S
    """

    name: str
    audio: NDArray[np.float32]
    grid: Grid | None
    chroma: NDArray[np.float32]
    levels: NDArray[np.float32]
    singing: Singing
    sound_start_s: float

    @property
    def duration_s(self) -> float:
        return float(self.audio.shape[1] / RENDER_RATE_HZ)

    @property
    def bpm(self) -> float | None:
        return self.grid.bpm if self.grid else None


def analyse(audio: NDArray[np.float32], *, name: str) -> AnalysedSong:
    """Listen to a whole song.

    Parameters
    ----------
    audio : `(2, samples)` at 44.1 kHz; beyond twelve minutes it is cut
    name : how the song is called in reports and messages

    Raises
    ------
    AudioError: not stereo, or not finite.
    TooShortError: less than MIN_TRACK_S.
    SilentAudioError: nothing above -80 dBFS.
    """
    _check(audio, name)
    audio = audio[:, : round(MAX_SONG_S * RENDER_RATE_HZ)]
    mono = to_analysis(audio)
    return AnalysedSong(
        name=name,
        audio=audio,
        grid=_grid(mono, name),
        chroma=chroma(mono, sample_rate_hz=PARAMS.sample_rate_hz),
        levels=mel_levels_db(mono),
        singing=hear_singing(audio),
        sound_start_s=float(np.argmax(np.abs(mono) > SILENT_PEAK)) / PARAMS.sample_rate_hz,
    )


def mel_levels_db(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `(frames, LEVEL_BANDS)` dB of a mono signal at the analysis rate."""
    bank = mel_bank(PARAMS.sample_rate_hz, _FRAMING.n_fft, LEVEL_BANDS)
    frames = magnitudes(mono, _FRAMING, 0, frame_count(len(mono), _FRAMING.hop_samples))
    return np.asarray(20 * np.log10(frames @ bank + 1e-5), np.float32)


def _grid(mono: NDArray[np.float32], name: str) -> Grid | None:
    try:
        beats = track_beats(mono, sample_rate_hz=PARAMS.sample_rate_hz)
    except NoBeatError as error:
        _log.info("no beat in %s: %s", name, error)
        return None
    return heard_grid(beats, duration_s=len(mono) / PARAMS.sample_rate_hz)


def _check(audio: NDArray[np.float32], name: str) -> None:
    if audio.ndim != 2 or len(audio) != 2:
        raise AudioError(f"expected stereo (2, samples) of {name}, got {audio.shape}")
    duration_s = audio.shape[1] / RENDER_RATE_HZ
    if duration_s < MIN_TRACK_S:
        raise TooShortError(
            f"{name} lasts {duration_s:.1f} s; a mashup needs at least {MIN_TRACK_S:g} s of a song"
        )
    if not np.isfinite(audio).all():
        raise AudioError(f"expected finite samples of {name}, got NaN or infinity; decode it again")
    if np.abs(audio).max() < SILENT_PEAK:
        raise SilentAudioError(f"{name} is silent throughout; use another recording")

"""Loudness and true peak as broadcasters measure them, and the last step before an mp3.

ITU-R BS.1770-4: integrated loudness in LUFS (K-weighted, gated), true peak in dBTP.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy.signal import sosfilt, tf2sos

from audio.errors import AudioError, SilentAudioError, TooShortError
from audio.params import MAX_TRUE_PEAK_DBTP, TARGET_LUFS
from audio.peaks import BLOCK, block_peaks, gain_per_sample, limiter_edges

LUFS_TOLERANCE = 0.1  # where `master` stops; less than an ear can tell
MAX_LIMITING_DB = 12.0  # deeper limiting pumps and brings up noise
_GATING_BLOCK_S = 0.4  # nothing shorter has a loudness
_HEADROOM_DB = 0.05  # what a moving gain may add between samples
_MAX_ROUNDS = 20
_MAX_CORRECTIONS = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mastered:
    """Audio ready to be heard, with the gain it got and what it measures now."""

    audio: NDArray[np.float32]
    gain_db: float
    lufs: float
    true_peak_dbtp: float


def integrated_lufs(audio: NDArray[np.float32], sample_rate_hz: int) -> float:
    """Return the integrated loudness of `(channels, samples)`; `-inf` where all is gated.

    Raises
    ------
    AudioError: wrong shape or values that are not finite.
    TooShortError: less than 0.4 s, for which the measure is not defined.
    """
    _check(audio)
    _check_length(audio.shape[1] / sample_rate_hz)
    with np.errstate(divide="ignore"):  # silence is -inf, as the standard has it
        return float(pyloudnorm.Meter(sample_rate_hz).integrated_loudness(audio.T))


def true_peak_dbtp(audio: NDArray[np.float32], sample_rate_hz: int) -> float:
    """Return the highest level at and between the samples, in dB of full scale.

    `-inf` for silence. Reads as ffmpeg's ebur128 within 0.1 dB on music.

    Raises
    ------
    AudioError: wrong shape or values that are not finite.
    """
    _check(audio)
    highest = float(np.abs(audio).max())
    peaks = block_peaks(audio, sample_rate_hz=sample_rate_hz, floor=highest)
    return _to_db(float(peaks.max()))


def normalize(
    audio: NDArray[np.float32], sample_rate_hz: int, target_lufs: float = TARGET_LUFS
) -> NDArray[np.float32]:
    """Scale `audio` to a loudness by one gain; peaks may pass full scale.

    Raises
    ------
    SilentAudioError: nothing is above the gate. TooShortError, AudioError: see `integrated_lufs`.
    """
    lufs = integrated_lufs(audio, sample_rate_hz)
    _check_heard(lufs)
    return audio * np.float32(_from_db(target_lufs - lufs))


def master(
    audio: NDArray[np.float32],
    sample_rate_hz: int,
    *,
    target_lufs: float = TARGET_LUFS,
    max_true_peak_dbtp: float = MAX_TRUE_PEAK_DBTP,
) -> Mastered:
    """Bring `audio` to a loudness with no true peak above the ceiling and nothing clipped.

    One gain for the whole, and a look-ahead limiter where peaks would pass. Sound so peaky
    that both cannot hold, such as single clicks, keeps the ceiling; `lufs` says how loud it got.

    Parameters
    ----------
    audio : `(channels, samples)`

    Raises
    ------
    SilentAudioError: nothing is above the gate. TooShortError, AudioError: see `integrated_lufs`.
    """
    _check(audio)
    _check_length(audio.shape[1] / sample_rate_hz)
    limiter = _Limiter(audio, sample_rate_hz, max_true_peak_dbtp)
    aim_lufs = target_lufs
    for _ in range(_MAX_CORRECTIONS):
        gain_db = limiter.find_gain_db(aim_lufs)
        limited = limiter.apply(gain_db)
        lufs = integrated_lufs(limited, sample_rate_hz)
        if abs(target_lufs - lufs) <= LUFS_TOLERANCE or gain_db == limiter.most_gain_db:
            break
        aim_lufs += target_lufs - lufs
    if abs(target_lufs - lufs) > LUFS_TOLERANCE:
        _log.warning("mastered to %.1f LUFS, not %.1f: peaks stand too far out", lufs, target_lufs)
    peak_dbtp = true_peak_dbtp(limited, sample_rate_hz)
    # Hundredths of a dB that the limiter left between samples are taken off the whole.
    over_db = max(peak_dbtp - max_true_peak_dbtp, 0.0)
    quieter = limited * np.float32(_from_db(-over_db))
    return Mastered(quieter, gain_db - over_db, lufs - over_db, peak_dbtp - over_db)


class _Limiter:
    """What of `audio` decides how loud it can get, kept per block so that trying is cheap."""

    def __init__(
        self, audio: NDArray[np.float32], sample_rate_hz: int, max_true_peak_dbtp: float
    ) -> None:
        self._audio = audio
        self._sample_rate_hz = sample_rate_hz
        self._energies = _k_weighted_energies(audio, sample_rate_hz)
        self._unlimited_lufs = _gated_lufs(self._energies, sample_rate_hz)
        _check_heard(self._unlimited_lufs)
        self._ceiling_db = max_true_peak_dbtp - _HEADROOM_DB
        room_db = self._ceiling_db - true_peak_dbtp(audio, sample_rate_hz)
        self.most_gain_db = room_db + MAX_LIMITING_DB
        floor = _from_db(self._ceiling_db - self.most_gain_db)
        self._peaks = block_peaks(audio, sample_rate_hz=sample_rate_hz, floor=floor)

    def find_gain_db(self, target_lufs: float) -> float:
        """Return the gain that reaches `target_lufs` once limited, or the most that is allowed."""
        gain_db = min(target_lufs - self._unlimited_lufs, self.most_gain_db)
        for _ in range(_MAX_ROUNDS):
            edges = self._edges(gain_db)
            middle = (edges[:-1] + edges[1:]) / 2 * _from_db(gain_db)
            lufs = _gated_lufs(self._energies * middle**2, self._sample_rate_hz)
            if target_lufs - lufs < LUFS_TOLERANCE / 10 or gain_db == self.most_gain_db:
                break
            gain_db = min(gain_db + target_lufs - lufs, self.most_gain_db)
        return gain_db

    def apply(self, gain_db: float) -> NDArray[np.float32]:
        """Return the audio at `gain_db` with its peaks limited."""
        envelope = gain_per_sample(self._edges(gain_db), self._audio.shape[1])
        envelope *= np.float32(_from_db(gain_db))
        return self._audio * envelope

    def _edges(self, gain_db: float) -> NDArray[np.float64]:
        return limiter_edges(
            self._peaks,
            ceiling=_from_db(self._ceiling_db - gain_db),
            sample_rate_hz=self._sample_rate_hz,
        )


def _k_weighted_energies(audio: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float64]:
    """Return the K-weighted energy of each block of 32 samples, all channels: `(blocks,)`."""
    shelf = pyloudnorm.IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, sample_rate_hz, "high_shelf")
    high_pass = pyloudnorm.IIRfilter(0.0, 0.5, 38.0, sample_rate_hz, "high_pass")
    sections = np.vstack([tf2sos(stage.b, stage.a) for stage in (shelf, high_pass)])
    weighted = sosfilt(sections.astype(np.float32), audio)
    rest = -audio.shape[1] % BLOCK
    blocks = np.pad(weighted, ((0, 0), (0, rest))).reshape(len(audio), -1, BLOCK)
    energies: NDArray[np.float64] = np.einsum("cbs,cbs->b", blocks, blocks).astype(np.float64)
    return energies


def _gated_lufs(energies: NDArray[np.float64], sample_rate_hz: int) -> float:
    """Return the loudness of K-weighted block energies, gated as in BS.1770-4.

    Gating blocks begin every 0.1 s, here at the nearest 32 samples: within 0.01 LU.
    """
    per_block = sample_rate_hz / BLOCK
    sums = np.concatenate([[0.0], np.cumsum(energies)])
    count = max(int((len(energies) / per_block - _GATING_BLOCK_S) / 0.1) + 1, 1)
    starts = np.round(np.arange(count) * 0.1 * per_block).astype(int)
    ends = np.minimum(starts + round(_GATING_BLOCK_S * per_block), len(energies))
    power = (sums[ends] - sums[starts]) / (_GATING_BLOCK_S * sample_rate_hz)
    heard = power[power >= 10 ** ((-70 + 0.691) / 10)]
    if not heard.size:
        return -math.inf
    return -0.691 + 10 * math.log10(float(heard[heard > heard.mean() / 10].mean()))


def _check_heard(lufs: float) -> None:
    if not math.isfinite(lufs):
        raise SilentAudioError(
            "expected sound above -70 LUFS to set its loudness, got silence; check the source"
        )


def _check_length(duration_s: float) -> None:
    if duration_s < _GATING_BLOCK_S:
        raise TooShortError(
            f"expected at least {_GATING_BLOCK_S} s to measure loudness, got {duration_s:.3f} s"
        )


def _check(audio: NDArray[np.float32]) -> None:
    if audio.ndim != 2 or not 1 <= len(audio) <= 2 or audio.shape[1] == 0:
        raise AudioError(f"expected audio (1 or 2 channels, samples), got {audio.shape}")
    if not np.isfinite(audio).all():
        raise AudioError("expected finite samples, got NaN or infinity")


def _to_db(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def _from_db(level_db: float) -> float:
    return float(10 ** (level_db / 20))

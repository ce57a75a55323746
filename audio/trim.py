"""The two minutes of a track that are kept: after its leading silence, with clean ends.

pydub does the editing. It gets samples, never files: reading is `audio/decode.py`'s.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.errors import AudioError, SilentAudioError, TooShortError
from audio.params import EXCERPT_S, MIN_TRACK_S

with warnings.catch_warnings():
    # On import pydub warns of a missing system ffmpeg, which it never runs here, and of audioop.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence

SILENT_PEAK = 1e-3  # -60 dBFS: what a room or a tape leaves behind
SILENCE_DB = -50.0  # below the loudest moment; the RMS of a chunk under this is silence
FADE_IN_S = 0.010  # against a click
FADE_OUT_S = 0.050
_CHUNK_MS = 10
_FULL_SCALE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a track: `audio` is `(channels, samples)` from `start_s` of the track on."""

    audio: NDArray[np.float32]
    start_s: float
    duration_s: float


def excerpt_start_s(audio: NDArray[np.float32], *, sample_rate_hz: int) -> float:
    """Return when the leading silence of `(channels, samples)` ends, to 10 ms.

    Silence is relative to the track's own peak, so a quiet recording is not cut into.

    Raises
    ------
    SilentAudioError: no sample is above -60 dBFS. AudioError: wrong shape.
    """
    peak = _checked_peak(audio)
    if peak < SILENT_PEAK:
        raise SilentAudioError("expected sound, got silence from start to end; check the source")
    # Silence ends by the first half-height sample: its chunk's RMS is over SILENCE_DB.
    enough = _first_above(audio, peak / 2, step=sample_rate_hz) + sample_rate_hz * _CHUNK_MS // 1000
    heights = np.abs(audio[:, :enough]).max(axis=0, keepdims=True) / peak
    segment = _to_segment(heights, sample_rate_hz)
    return float(detect_leading_silence(segment, SILENCE_DB, _CHUNK_MS)) / 1000


def excerpt(
    audio: NDArray[np.float32], *, sample_rate_hz: int, duration_s: float = EXCERPT_S
) -> Excerpt:
    """Return the first `duration_s` after the leading silence, or what there is of it.

    Raises
    ------
    SilentAudioError: see `excerpt_start_s`.
    TooShortError: less than `MIN_TRACK_S` (10 s) is left after the silence.
    """
    start_s = excerpt_start_s(audio, sample_rate_hz=sample_rate_hz)
    first = round(start_s * sample_rate_hz)
    kept = audio[:, first : first + round(duration_s * sample_rate_hz)]
    length_s = kept.shape[1] / sample_rate_hz
    if length_s < min(MIN_TRACK_S, duration_s):
        raise TooShortError(
            f"expected at least {MIN_TRACK_S:g} s of sound, got {length_s:.1f} s "
            f"after {start_s:.1f} s of silence; use a longer file"
        )
    return Excerpt(kept.copy(), start_s, length_s)


def fade_ends(
    audio: NDArray[np.float32],
    *,
    sample_rate_hz: int,
    fade_in_s: float = FADE_IN_S,
    fade_out_s: float = FADE_OUT_S,
) -> NDArray[np.float32]:
    """Return `(channels, samples)` with its two ends faded, so that a cut does not click.

    Only the faded parts pass through pydub's 32-bit integers; the rest is untouched.

    Raises
    ------
    AudioError: wrong shape, or fades that do not fit.
    """
    peak = _checked_peak(audio)
    head_ms, tail_ms = round(fade_in_s * 1000), round(fade_out_s * 1000)
    head, tail = (int(fade_ms * (sample_rate_hz / 1000)) for fade_ms in (head_ms, tail_ms))
    if min(head, tail) < 0 or head + tail > audio.shape[1]:
        raise AudioError(
            f"expected fades that fit in {audio.shape[1] / sample_rate_hz:.3f} s, "
            f"got {fade_in_s:g} s and {fade_out_s:g} s"
        )
    faded = audio.astype(np.float32, copy=True)
    if head and peak > 0:
        start = _to_segment(audio[:, :head] / peak, sample_rate_hz)
        faded[:, :head] = _from_segment(start.fade_in(head_ms)) * peak
    if tail and peak > 0:
        end = _to_segment(audio[:, -tail:] / peak, sample_rate_hz)
        faded[:, -tail:] = _from_segment(end.fade_out(tail_ms)) * peak
    return faded


def _to_segment(audio: NDArray[np.float32], sample_rate_hz: int) -> AudioSegment:
    """Return `(channels, samples)` of at most 1 as 32-bit samples."""
    whole = np.round(audio.T.astype(np.float64) * _FULL_SCALE).astype("<i4")
    return AudioSegment(
        data=whole.tobytes(), sample_width=4, frame_rate=sample_rate_hz, channels=len(audio)
    )


def _from_segment(segment: AudioSegment) -> NDArray[np.float32]:
    whole = np.frombuffer(segment.raw_data, "<i4").reshape(-1, segment.channels)
    return (whole.T / _FULL_SCALE).astype(np.float32)


def _first_above(audio: NDArray[np.float32], height: float, *, step: int) -> int:
    """Return the first sample of that height, which there is, looking at `step` samples a time."""
    for start in range(0, audio.shape[1], step):
        found = (np.abs(audio[:, start : start + step]) >= height).any(axis=0)
        if found.any():
            return start + int(np.argmax(found))
    raise AssertionError(f"no sample reaches {height}")


def _checked_peak(audio: NDArray[np.float32]) -> float:
    if audio.ndim != 2 or 0 in audio.shape:
        raise AudioError(f"expected audio (channels, samples), got {audio.shape}")
    peak = float(max(audio.max(), -audio.min()))  # no copy, as `abs` would make
    if not np.isfinite(peak):
        raise AudioError("expected finite samples, got NaN or infinity; decode the file again")
    return peak

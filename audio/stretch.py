"""Tempo and pitch changes that keep time to the sample, and songs laid on a mashup's timeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import librosa
import numpy as np
from numpy.typing import NDArray
from python_stretch import Signalsmith

from audio.errors import AudioError
from audio.timemap import Segment

TEMPO_RATIO_RANGE = (0.25, 4.0)  # beyond this nothing recognisable is left
CROSSFADE_S = 0.020  # long enough not to click, short enough not to double a drum hit
_CONTEXT_S = 0.25  # two stretcher blocks: edge artefacts stay outside what is kept
_MEET_S = 0.001  # segments closer than this continue each other
_SEED = 0  # of the stretcher's random phases: equal input gives equal output


def stretch(
    audio: NDArray[np.float32], *, sample_rate_hz: int, tempo_ratio: float, semitones: float
) -> NDArray[np.float32]:
    """Change speed by `tempo_ratio` (above 1 is faster) and pitch by `semitones`.

    What is heard at `t` in `audio` is heard at `t / tempo_ratio` in the result. Signalsmith
    Stretch, a phase vocoder without lag, changes the tempo; resampling then moves the pitch.
    The engine's own transposition is up to 20 cents off at 110 Hz, this is not by 1.

    Parameters
    ----------
    audio : `(channels, samples)`

    Returns
    -------
    `(channels, round(samples / tempo_ratio))`; a copy of `audio` where nothing is to change

    Raises
    ------
    AudioError: wrong shape, a ratio outside 0.25 to 4, or more than 24 semitones.
    """
    _check(audio, tempo_ratio=tempo_ratio, semitones=semitones)
    pitch_ratio = 2 ** (semitones / 12)
    drawn = _change_tempo(audio, tempo_ratio / pitch_ratio, sample_rate_hz)
    length = round(audio.shape[1] / tempo_ratio)
    if semitones == 0:
        return drawn
    shifted = librosa.resample(drawn, orig_sr=pitch_ratio, target_sr=1, res_type="soxr_hq")
    return np.asarray(librosa.util.fix_length(shifted, size=length), np.float32)


def _change_tempo(
    audio: NDArray[np.float32], tempo_ratio: float, sample_rate_hz: int
) -> NDArray[np.float32]:
    """Return `(channels, round(samples / tempo_ratio))` at unchanged pitch."""
    length = round(audio.shape[1] / tempo_ratio)
    if math.isclose(tempo_ratio, 1, abs_tol=1e-9):
        return audio.astype(np.float32, copy=True)
    engine = Signalsmith.Stretch(_SEED)
    engine.preset(audio.shape[0], sample_rate_hz)
    engine.timeFactor = tempo_ratio
    # Silence behind the end lets the engine finish its last block, also on very short input.
    tail = engine.blockSamples() + engine.inputLatency() + engine.outputLatency()
    padded = np.pad(audio.astype(np.float32, copy=False), ((0, 0), (0, tail)))
    drawn = np.asarray(engine.process(np.ascontiguousarray(padded)), np.float32)
    return np.ascontiguousarray(drawn[:, :length])


def warp(
    audio: NDArray[np.float32],
    segments: Sequence[Segment],
    *,
    sample_rate_hz: int,
    semitones: float,
    duration_s: float,
) -> NDArray[np.float32]:
    """Lay a song on a mashup's timeline: each segment cut, stretched and put in its place.

    Where segments meet, one fades into the next over 20 ms without a dip or a bump in
    loudness; elsewhere the ends fade inside the segment. Without a segment it is silent.

    Parameters
    ----------
    audio : the whole song, `(channels, samples)`
    segments : in any order; they may touch but not overlap
    duration_s : length of the timeline

    Returns
    -------
    `(channels, round(duration_s * sample_rate_hz))`

    Raises
    ------
    AudioError: segments overlap, the duration is not positive, or see `stretch`.
    """
    if not (math.isfinite(duration_s) and duration_s > 0):
        raise AudioError(f"expected a timeline of some seconds, got {duration_s:g} s")
    timeline = np.zeros((audio.shape[0], round(duration_s * sample_rate_hz)), np.float32)
    for span in _spans(segments, sample_rate_hz=sample_rate_hz, length=timeline.shape[1]):
        piece = _render(audio, span, sample_rate_hz=sample_rate_hz, semitones=semitones)
        _place(timeline, piece, span)
    return timeline


@dataclass(frozen=True, slots=True)
class _Span:
    """A segment in samples of the timeline, with the fades at its two ends."""

    segment: Segment
    start: int
    end: int
    fade_in: int  # 0: the timeline starts here
    fade_out: int  # 0: the timeline ends here, or the next span fades this one out
    joins: bool  # its first `fade_in` samples overlap the span before


def _spans(segments: Sequence[Segment], *, sample_rate_hz: int, length: int) -> list[_Span]:
    """Return what of the segments lies on the timeline, in order, overlapping where they meet."""
    ordered = sorted(segments, key=lambda segment: segment.mashup_start_s)
    _check_disjoint(ordered)
    half = round(CROSSFADE_S * sample_rate_hz / 2)
    spans: list[_Span] = []
    for index, segment in enumerate(ordered):
        joins = index > 0 and _meet(ordered[index - 1], segment)
        goes_on = index + 1 < len(ordered) and _meet(segment, ordered[index + 1])
        first, last = (
            round(time_s * sample_rate_hz)
            for time_s in (segment.mashup_start_s, segment.mashup_end_s)
        )
        start = max(first - half * joins, 0)
        end = min(last + half * goes_on, length)
        if end > start:
            fade = min(2 * half, (end - start) // 2)
            fade_in = fade if start > 0 else 0
            fade_out = fade if end < length and not goes_on else 0
            spans.append(_Span(segment, start, end, fade_in, fade_out, joins and start > 0))
    return spans


def _render(
    audio: NDArray[np.float32], span: _Span, *, sample_rate_hz: int, semitones: float
) -> NDArray[np.float32]:
    """Return the samples of one span, stretched with context so that its edges are clean."""
    ratio = span.segment.tempo_ratio
    context = round(_CONTEXT_S * sample_rate_hz)
    wanted = span.end - span.start + 2 * context
    first_s = span.segment.song_time((span.start - context) / sample_rate_hz)
    first = round(first_s * sample_rate_hz)
    cut = _cut(audio, first, math.ceil(wanted * ratio) + 1)
    stretched = stretch(cut, sample_rate_hz=sample_rate_hz, tempo_ratio=ratio, semitones=semitones)
    return stretched[:, context : context + span.end - span.start]


def _cut(audio: NDArray[np.float32], first: int, length: int) -> NDArray[np.float32]:
    """Return `length` samples from `first` on; silence before and behind the audio."""
    total = audio.shape[1]
    start, stop = (min(max(edge, 0), total) for edge in (first, first + length))
    before = min(max(-first, 0), length)
    after = length - before - (stop - start)
    return np.pad(audio[:, start:stop], ((0, 0), (before, after)))


def _place(timeline: NDArray[np.float32], piece: NDArray[np.float32], span: _Span) -> None:
    """Write `piece` on the timeline; where it joins, mix it with what is there."""
    angle = (np.arange(span.fade_in) + 0.5) / max(span.fade_in, 1) * (np.pi / 2)
    rise = np.sin(angle).astype(np.float32)
    head = piece[:, : span.fade_in]
    if span.joins:
        before = timeline[:, span.start : span.start + span.fade_in]
        # cos² + sin² + 2 r cos sin: the power of a crossfade of signals with correlation r
        power = 1 + _correlation(before, head) * np.sin(2 * angle)
        mixed = (before * np.cos(angle) + head * rise) / np.sqrt(power)
    else:
        mixed = head * rise
    timeline[:, span.start : span.end] = piece
    timeline[:, span.start : span.start + span.fade_in] = mixed
    if span.fade_out:
        fall = np.cos((np.arange(span.fade_out) + 0.5) / span.fade_out * (np.pi / 2))
        timeline[:, span.end - span.fade_out : span.end] *= fall.astype(np.float32)


def _correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return the correlation of two pieces, 0 to 1; opposite phases count as unrelated."""
    energy = float(np.sqrt(np.sum(first**2) * np.sum(second**2)))
    return max(float(np.sum(first * second)) / energy, 0.0) if energy > 0 else 0.0


def _meet(before: Segment, after: Segment) -> bool:
    return after.mashup_start_s - before.mashup_end_s <= _MEET_S


def _check_disjoint(ordered: Sequence[Segment]) -> None:
    for before, after in pairwise(ordered):
        if after.mashup_start_s < before.mashup_end_s - _MEET_S:
            raise AudioError(
                f"segments overlap: one ends at {before.mashup_end_s:g} s, "
                f"the next starts at {after.mashup_start_s:g} s; shorten the first"
            )


def _check(audio: NDArray[np.float32], *, tempo_ratio: float, semitones: float) -> None:
    low, high = TEMPO_RATIO_RANGE
    if audio.ndim != 2 or 0 in audio.shape:
        raise AudioError(f"expected audio (channels, samples), got {audio.shape}")
    if not low <= tempo_ratio <= high:
        raise AudioError(f"expected a tempo ratio from {low:g} to {high:g}, got {tempo_ratio:g}")
    if not abs(semitones) <= 24:
        raise AudioError(f"expected a shift of at most 24 semitones, got {semitones:g}")

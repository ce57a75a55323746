"""From pairs of beats to a time map: the fewest straight segments that keep every beat in time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from audio.timemap import Segment

BEAT_TOLERANCE_S = 0.004  # nobody hears a beat this much off; trackers are no better
SAME_RATIO = (
    2e-4  # closer to 1 than this is 1: over 20 s the beat moves by 4 ms, and copying is lossless
)


def segments_through(
    mashup_s: NDArray[np.float64],
    song_s: NDArray[np.float64],
    *,
    tolerance_s: float = BEAT_TOLERANCE_S,
) -> list[Segment]:
    """Return joined segments that lead each beat of a song to its beat of the mashup.

    Beats that a straight line serves within `tolerance_s` share a segment (Ramer 1972), so a
    song played by a machine gets one ratio and a song played by people as few as it needs;
    error never accumulates because segments start and end on beats.

    Parameters
    ----------
    mashup_s, song_s : equally long, both rising; at least two beats
    """
    knots = _knots(mashup_s, song_s, tolerance_s)
    return [_segment(mashup_s, song_s, first, last) for first, last in pairwise(knots)]


def extended(segment: Segment, *, before_s: float = 0.0, after_s: float = 0.0) -> Segment:
    """Return `segment` made longer on the mashup's timeline, at the same speed."""
    start_s = segment.mashup_start_s - before_s
    return Segment(
        start_s, segment.mashup_end_s + after_s, segment.song_time(start_s), segment.tempo_ratio
    )


def song_time(segments: Sequence[Segment], mashup_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the moment of the song at each of `mashup_s`; NaN where the song is not heard."""
    found = np.full(len(mashup_s), np.nan)
    for segment in segments:
        inside = (mashup_s >= segment.mashup_start_s) & (mashup_s < segment.mashup_end_s)
        found[inside] = segment.song_time(mashup_s[inside])
    return found


def _knots(
    mashup_s: NDArray[np.float64], song_s: NDArray[np.float64], tolerance_s: float
) -> list[int]:
    """Return the indices of the beats at which the ratio may change, first and last included."""
    knots = [0, len(mashup_s) - 1]
    open_spans = [(0, len(mashup_s) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        line = _segment(mashup_s, song_s, first, last)
        off_s = np.abs(line.song_time(mashup_s[first : last + 1]) - song_s[first : last + 1])
        worst = first + int(off_s.argmax())
        if off_s.max() > tolerance_s and first < worst < last:
            knots.append(worst)
            open_spans += [(first, worst), (worst, last)]
    return sorted(knots)


def _segment(
    mashup_s: NDArray[np.float64], song_s: NDArray[np.float64], first: int, last: int
) -> Segment:
    start_s, end_s = float(mashup_s[first]), float(mashup_s[last])
    ratio = float(song_s[last] - song_s[first]) / (end_s - start_s)
    if abs(ratio - 1) < SAME_RATIO:
        ratio = 1.0
    return Segment(start_s, end_s, float(song_s[first]), ratio)

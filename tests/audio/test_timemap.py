from __future__ import annotations

import math

import numpy as np
import pytest

from audio.errors import AudioError
from audio.timemap import Segment

SEGMENT = Segment(mashup_start_s=10.0, mashup_end_s=30.0, song_start_s=60.0, tempo_ratio=1.25)


def test_a_faster_song_uses_more_of_itself_than_the_mashup_lasts() -> None:
    assert SEGMENT.duration_s == 20.0
    assert SEGMENT.song_end_s == 85.0
    assert SEGMENT.song_time(14.0) == 65.0


def test_mashup_time_undoes_song_time() -> None:
    times_s = np.array([0.0, 10.0, 17.3, 30.0])
    np.testing.assert_allclose(SEGMENT.mashup_time(SEGMENT.song_time(times_s)), times_s)
    assert SEGMENT.mashup_time(65.0) == 14.0


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((10.0, 10.0, 0.0, 1.0), "must end after it starts"),
        ((0.0, 1.0, 0.0, 0.0), "ratio must be positive"),
        ((0.0, math.inf, 0.0, 1.0), "finite times"),
        ((0.0, 1.0, math.nan, 1.0), "finite times"),
    ],
)
def test_an_impossible_segment_is_refused(
    numbers: tuple[float, float, float, float], message: str
) -> None:
    with pytest.raises(AudioError, match=message):
        Segment(*numbers)

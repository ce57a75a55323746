from __future__ import annotations

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from audio.params import RENDER_RATE_HZ
from audio.timemap import Segment
from model.location_picture import DPI, SIZE_INCHES, draw_location
from tests.model.songs import stems


@pytest.mark.parametrize("segments", [(), (Segment(1.0, 3.0, 0.5, 1.0),)])
def test_a_location_is_drawn_whether_it_was_found_or_not(
    tmp_path: Path, segments: tuple[Segment, ...]
) -> None:
    song = stems(4.0, seed=1).mix()
    warped = np.zeros_like(song)
    if segments:
        warped[:, RENDER_RATE_HZ : 3 * RENDER_RATE_HZ] = song[:, : 2 * RENDER_RATE_HZ]
    path = tmp_path / "where.png"
    draw_location(
        path, mashup=song, warped=warped, song=song, segments=segments, caption="$x$ <b> in y"
    )
    height, width = matplotlib.image.imread(path).shape[:2]
    assert (width, height) == tuple(round(DPI * side) for side in SIZE_INCHES)

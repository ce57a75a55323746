"""Pictures: a whole PNG or none, whatever the title."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from model.picture import MEL_BANDS, draw, mel_picture
from tests.model.duo import mashup, plan


@pytest.mark.parametrize("title", ["Voice × Bed", "$\\frac{1}{$ <b> 椎名林檎 \n two lines" * 6])
def test_a_picture_is_drawn_whatever_the_title(title: str, tmp_path: Path) -> None:
    draw(mashup(), plan(), tmp_path / "mashup.png", title=title)
    pixels = imread(tmp_path / "mashup.png")
    assert pixels.shape[0] > 600
    assert pixels.shape[1] > 1200
    assert pixels[..., :3].std() > 0.1
    assert [file.name for file in tmp_path.iterdir()] == ["mashup.png"]


def test_a_picture_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        draw(mashup(), plan(), tmp_path / "taken", title="x")
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]


def test_a_tone_is_seen_at_its_height() -> None:
    times_s = np.arange(2 * 44_100) / 44_100
    low, high = (
        mel_picture(np.tile(np.sin(2 * np.pi * hz * times_s), (2, 1)).astype(np.float32))
        for hz in (200, 4000)
    )
    assert low.shape[1] == MEL_BANDS
    assert np.median(low.argmax(axis=1)) < 12 < 55 < np.median(high.argmax(axis=1))

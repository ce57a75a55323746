"""Sections: boundaries at changes, names by singing and level."""

from __future__ import annotations

import numpy as np
import pytest

from model.sections import boundaries, find_sections, novelty

FORM = (
    ["intro"] * 8 + ["verse"] * 8 + ["chorus"] * 8 + ["verse"] * 8 + ["chorus"] * 8 + ["outro"] * 8
)


def _features() -> np.ndarray:
    rng = np.random.default_rng(3)
    kinds = {kind: rng.normal(size=20) for kind in ("intro", "verse", "chorus", "outro")}
    return np.array([kinds[kind] + rng.normal(0, 0.2, 20) for kind in FORM])


def test_novelty_peaks_where_the_song_changes() -> None:
    assert boundaries(novelty(_features())) == [0, 8, 16, 24, 32, 40, 48]


def test_parts_get_the_names_people_would_give_them() -> None:
    sung = np.array([float(kind in ("verse", "chorus")) for kind in FORM])
    level_db = np.array([-8.0 if kind == "chorus" else -14.0 for kind in FORM])
    found = find_sections(_features(), singing=sung, level_db=level_db)
    assert [section.label for section in found] == [
        "intro", "verse", "chorus", "verse", "chorus", "outro",
    ]  # fmt: skip
    assert found[1].kind == found[3].kind != found[2].kind == found[4].kind


@pytest.mark.parametrize("bars", [1, 3, 20])
def test_a_song_that_never_changes_is_one_section(bars: int) -> None:
    same = np.ones((bars, 5))
    found = find_sections(same, singing=np.ones(bars), level_db=np.zeros(bars))
    assert [(section.first_bar, section.last_bar) for section in found] == [(0, bars)]

"""Songs of the band that several tests listen to, played once."""

from __future__ import annotations

import pytest

from audio.band import BandSong, play


@pytest.fixture(scope="session")
def folk_song() -> BandSong:
    """24 seconds at 44.1 kHz, F minor, 112 BPM."""
    return play(6, duration_s=24)


@pytest.fixture(scope="session")
def rock_song() -> BandSong:
    """24 seconds at 44.1 kHz, D major, 138 BPM."""
    return play(8, duration_s=24)

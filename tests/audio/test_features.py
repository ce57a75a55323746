from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audio.errors import AudioError, SilentAudioError, TooShortError
from audio.features import EAR_VERSION, FeatureFileError, extract, load, save
from tests.audio.ear_signals import RATE_HZ, tune


def test_features_survive_the_file_exactly(tmp_path: Path) -> None:
    features = extract(tune(1, duration_s=12, bpm=120))
    save(features, tmp_path / "song.npz")
    again = load(tmp_path / "song.npz")
    assert (again.duration_s, again.tempi) == (12.0, features.tempi)
    np.testing.assert_array_equal(again.flux, features.flux)
    np.testing.assert_array_equal(again.pitch, features.pitch)


def test_four_minutes_take_less_than_three_megabytes() -> None:
    features = extract(tune(1, duration_s=24, bpm=120))
    assert 10 * (features.flux.nbytes + features.pitch.nbytes) < 3e6


def test_level_does_not_change_what_is_heard() -> None:
    audio = tune(1, duration_s=12, bpm=120)
    quiet, loud = extract(0.05 * audio), extract(audio)
    assert np.abs(quiet.pitch.astype(int) - loud.pitch).max() <= 1


def test_another_ear_version_is_refused_with_both_versions(tmp_path: Path) -> None:
    path = tmp_path / "song.npz"
    save(extract(tune(1, duration_s=12, bpm=120)), path)
    with np.load(path) as stored:
        values = dict(stored)
    values["ear_version"] = np.int64(EAR_VERSION + 1)
    np.savez(path, **values)
    wanted = f"version {EAR_VERSION + 1}, these ears are version {EAR_VERSION}; extract"
    with pytest.raises(FeatureFileError, match=wanted):
        load(path)


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "song.npz"
    path.write_bytes(content)
    with pytest.raises(FeatureFileError, match=r"song\.npz is no feature file or is damaged"):
        load(path)


@pytest.mark.parametrize(
    ("audio", "error", "message"),
    [
        (np.zeros(12 * RATE_HZ, np.float32), SilentAudioError, "got silence"),
        (tune(1, duration_s=3, bpm=120), TooShortError, r"at least 10 s of sound, got 3\.0 s"),
        (np.full(12 * RATE_HZ, np.nan, np.float32), AudioError, "got NaN"),
        (np.zeros((2, 12 * RATE_HZ), np.float32), AudioError, "expected mono"),
    ],
    ids=["silent", "short", "not finite", "stereo"],
)
def test_unfit_audio_is_refused(audio: np.ndarray, error: type[AudioError], message: str) -> None:
    with pytest.raises(error, match=message):
        extract(audio)

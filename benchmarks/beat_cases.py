"""Songs whose beats, tempo and key are known, for `benchmarks.beats`, as they meet a listener.

Songs of the band in five states: plain, through mp3, stretched by up to 15 %, drifting (the speed
goes evenly through 2 to 4 %, up or down), and played live (each beat up to 10 ms early or late).
And the corpus' multitracks, whose tempo and key their makers state; they were made on a clock that
starts with the file. All are mono at 22,050 Hz, where 64 kbit/s are to the encoder what 128 are
at full rate.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.band import BandSong, play
from audio.decode import decode, encode_mp3
from audio.params import PARAMS
from audio.stretch import stretch, warp
from audio.timemap import Segment

RATE_HZ = PARAMS.sample_rate_hz
SONG_S = 120.0
BITRATE_KBPS = 64
STRETCH = (0.85, 1.15)
DRIFT = (0.01, 0.02)  # of the speed, at both ends of the song, in opposite directions
DRIFT_PIECES = 24
JITTER_S = 0.010
STATES = ("plain", "mp3", "stretched", "drifting", "live")
STATED: dict[str, tuple[float, str]] = {
    "hydrogen": (132.0, "D major"),
    "lithium": (124.0, "G minor"),
    "potassium": (90.0, "C major"),
    "sodium": (140.0, "G minor"),
}
PITCHES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True, slots=True)
class BeatCase:
    """A recording (samples,) and what is true of it; `key` as mir_eval writes keys."""

    name: str
    state: str
    audio: NDArray[np.float32]
    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64]
    key: str

    @property
    def bpm(self) -> float:
        """The mean tempo."""
        return float(60 * (len(self.beats_s) - 1) / (self.beats_s[-1] - self.beats_s[0]))


def band_cases(seed: int) -> Iterator[BeatCase]:
    """The song of a seed in each of STATES."""
    rng = np.random.default_rng(seed)
    song = play(seed, duration_s=SONG_S, sample_rate_hz=RATE_HZ)
    for state in STATES:
        yield _case(song, seed, state, rng)


def corpus_cases(folder: Path) -> Iterator[BeatCase]:
    """The multitracks of STATED that are in a corpus."""
    for name, (bpm, key) in STATED.items():
        paths = sorted((folder / "multitracks").glob(f"{name}_*"))
        if not paths:
            continue
        mix = np.sum(
            [decode(path, sample_rate_hz=RATE_HZ, channels=1)[0] for path in paths], axis=0
        )
        beats_s = np.arange(0.0, len(mix) / RATE_HZ, 60 / bpm)
        yield BeatCase(name, "corpus", np.asarray(mix, np.float32), beats_s, beats_s[::4], key)


def _case(song: BandSong, seed: int, state: str, rng: np.random.Generator) -> BeatCase:
    mono = np.asarray(song.mix.mean(axis=0), np.float32)
    key = f"{PITCHES[song.tonic]} {song.mode}"
    edges_s = _edges(song, state, rng)
    if state == "mp3":
        mono = _through_mp3(mono)
    elif state == "stretched":
        ratio = SONG_S / float(edges_s[1, -1])
        mono = stretch(mono[None], sample_rate_hz=RATE_HZ, tempo_ratio=ratio, semitones=0)[0]
    elif state in ("drifting", "live"):
        mono = _laid(mono, edges_s)
    beats_s, downbeats_s = (
        np.interp(moments_s, *edges_s) for moments_s in (song.beats_s, song.downbeats_s)
    )
    return BeatCase(f"band {seed}", state, mono, beats_s, downbeats_s, key)


def _edges(song: BandSong, state: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """(2, edges): moments of the song, and when they sound in the case."""
    if state == "stretched":
        return np.array([[0.0, SONG_S], [0.0, SONG_S / float(rng.uniform(*STRETCH))]])
    if state == "drifting":
        edges_s = np.linspace(0, SONG_S, DRIFT_PIECES + 1)
        bend = float(rng.choice((-1, 1)) * rng.uniform(*DRIFT))
        speed = 1 + bend * np.linspace(-1, 1, DRIFT_PIECES)
        return np.stack([edges_s, np.concatenate([[0], np.cumsum(np.diff(edges_s) / speed)])])
    if state == "live":
        beats_s = song.beats_s[(song.beats_s > 0.2) & (song.beats_s < SONG_S - 0.2)]
        strays_s = np.clip(rng.normal(0, JITTER_S / 2, len(beats_s)), -JITTER_S, JITTER_S)
        return np.stack([[0, *beats_s, SONG_S], [0, *(beats_s + strays_s), SONG_S]])
    return np.array([[0.0, SONG_S], [0.0, SONG_S]])


def _laid(mono: NDArray[np.float32], edges_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """The song warped so that each edge sounds when it should."""
    pieces = np.concatenate([edges_s[:, :-1], edges_s[:, 1:]])  # (old, new) starts, then ends
    segments = [
        Segment(new_s, new_end_s, old_s, (old_end_s - old_s) / (new_end_s - new_s))
        for old_s, new_s, old_end_s, new_end_s in pieces.T.tolist()
    ]
    return warp(
        mono[None], segments, sample_rate_hz=RATE_HZ, semitones=0, duration_s=float(edges_s[1, -1])
    )[0]


def _through_mp3(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "song.mp3"
        encode_mp3(path, mono[None], sample_rate_hz=RATE_HZ, tags={}, bitrate_kbps=BITRATE_KBPS)
        return np.asarray(decode(path, sample_rate_hz=RATE_HZ, channels=1)[0])

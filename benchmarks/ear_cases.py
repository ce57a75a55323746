"""Mashups of real songs whose truth is known, for `benchmarks.ears`: one per seed, always the same.

A case lays one multitrack's vocals over another's instruments (or a whole song), each stretched,
transposed, cut and looped, and sends the sum through equalisers, a limiter and an mp3 encoder. All
at 22,050 Hz mono, where 48 to 96 kbit/s are to the encoder what 96 to 192 are at full rate.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from audio.beats import Beats, track_beats
from audio.decode import decode, encode_mp3
from audio.errors import NoBeatError
from audio.params import PARAMS
from audio.stretch import stretch
from audio.timemap import Segment

RATE_HZ = PARAMS.sample_rate_hz
DURATION_S = (60.0, 120.0)
VOICE_RATIO, BED_RATIO = (0.75, 1.25), (0.88, 1.12)
VOICE_SEMITONES, BED_SEMITONES = 4, 2
GAIN_DB = (-9.0, 6.0)  # of the voice where it sings, over the bed
BITRATES_KBPS = (48, 64, 96)
PHRASE_BEATS = 16
MIN_SUNG_S = 10  # a voice heard for less is no voice of a mashup
FADE_SAMPLES = 220


@dataclass(frozen=True, slots=True)
class Song:
    """A source as the ears meet it (`mix`), what a mashup takes of it, and its beat if any."""

    name: str
    mix: NDArray[np.float32]
    vocals: NDArray[np.float32] | None
    bed: NDArray[np.float32]
    beats: Beats | None


@dataclass(frozen=True, slots=True)
class Part:
    """What truly became of a song in a mashup; `sounding` (half seconds,): heard or not."""

    song: str
    tempo_ratio: float
    semitones: int
    segments: tuple[Segment, ...]
    sounding: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """A mashup (samples,) and its two parts."""

    audio: NDArray[np.float32]
    voice: Part
    bed: Part
    gain_db: float
    is_cut: bool


@dataclass(frozen=True, slots=True)
class _Rendered:
    audio: NDArray[np.float32]
    part: Part


def corpus_folder() -> Path:
    """Where real music lies: MASHUP_CORPUS, by default `../shared/corpus`."""
    return Path(os.environ.get("MASHUP_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))


def load_songs(folder: Path) -> list[Song]:
    """Multitracks first, then whole songs, each group by name."""
    songs = []
    for path in sorted((folder / "multitracks").glob("*_vocals.*")):
        name = path.stem.removesuffix("_vocals")
        vocals, bed = _read(path), _read(path.with_name(f"{name}_instrumental{path.suffix}"))
        songs.append(Song(name, vocals + bed, vocals, bed, _beats(vocals + bed)))
    for path in sorted((folder / "songs").iterdir()):
        mix = _read(path)
        songs.append(Song(path.stem, mix, None, mix, _beats(mix)))
    return songs


def make_case(seed: int, songs: list[Song]) -> Case:
    """The mashup of this seed; draws again until the voice is heard."""
    rng = np.random.default_rng(seed)
    while True:
        case = _draw(rng, songs)
        if case.voice.sounding.sum() >= 2 * MIN_SUNG_S:
            return case


def _draw(rng: np.random.Generator, songs: list[Song]) -> Case:
    singers = [song for song in songs if song.vocals is not None]
    voice = singers[rng.integers(len(singers))]
    pool = songs if rng.random() < 0.4 else singers
    beds = [song for song in pool if song.name != voice.name]
    bed = beds[rng.integers(len(beds))]
    duration_s, is_cut = float(rng.uniform(*DURATION_S)), bool(rng.random() < 0.5)
    bed_ratio = float(rng.uniform(*BED_RATIO))
    voice_ratio = _voice_ratio(rng, voice, bed, bed_ratio)
    played = _render(rng, bed, bed.bed, bed_ratio, BED_SEMITONES, duration_s, is_cut)
    sung = voice.vocals if voice.vocals is not None else voice.mix
    sang = _render(rng, voice, sung, voice_ratio, VOICE_SEMITONES, duration_s, is_cut)
    gain_db = float(rng.uniform(*GAIN_DB))
    return Case(_mixed(rng, sang, played, gain_db), sang.part, played.part, gain_db, is_cut)


def _voice_ratio(rng: np.random.Generator, voice: Song, bed: Song, bed_ratio: float) -> float:
    """On the bed's beat where one of half, same and double speed is in reach; else anything."""
    if voice.beats and bed.beats:
        common = bed.beats.bpm * bed_ratio / voice.beats.bpm
        for ratio in (common, common / 2, common * 2):
            if VOICE_RATIO[0] <= ratio <= VOICE_RATIO[1]:
                return float(ratio)
    return float(rng.uniform(*VOICE_RATIO))


def _render(
    rng: np.random.Generator,
    song: Song,
    sound: NDArray[np.float32],
    ratio: float,
    max_semitones: int,
    duration_s: float,
    is_cut: bool,
) -> _Rendered:
    """Stretch, transpose and lay out one part on the mashup's timeline."""
    semitones = int(rng.integers(-max_semitones, max_semitones + 1))
    stretched = stretch(sound[None], sample_rate_hz=RATE_HZ, tempo_ratio=ratio, semitones=semitones)
    audio = np.zeros(round(duration_s * RATE_HZ), np.float32)
    bar_s = 4 * 60 / song.beats.bpm if song.beats else 2.0
    plan = _plan(rng, duration_s, stretched.shape[1] / RATE_HZ, bar_s / ratio, is_cut)
    segments = tuple(Segment(start, end, at * ratio, ratio) for start, end, at in plan)
    for start_s, end_s, at_s in plan:
        _lay(audio, stretched[0], start_s, end_s, at_s)
    return _Rendered(audio, Part(song.name, ratio, semitones, segments, _sounding(audio)))


def _plan(
    rng: np.random.Generator, duration_s: float, song_s: float, bar_s: float, is_cut: bool
) -> list[tuple[float, float, float]]:
    """(start, end, place in the stretched song) of each piece, in seconds of the mashup."""
    if not is_cut or song_s < duration_s:
        start_s = float(rng.uniform(0, max(0.1, duration_s - song_s)))
        at_s = float(rng.uniform(0, max(0.0, song_s - duration_s)))
        return [(start_s if song_s < duration_s else 0.0, min(duration_s, start_s + song_s), at_s)]
    phrases = max(2, int(duration_s / (4 * bar_s)))
    cuts = rng.choice(np.arange(1, phrases), size=min(3, phrases - 1), replace=False)
    marks = [0.0, *sorted(float(cut) * 4 * bar_s for cut in cuts), duration_s]
    phase_s = float(rng.uniform(0, bar_s))
    plan: list[tuple[float, float, float]] = []
    for start_s, end_s in itertools.pairwise(marks):
        bars = max(1, int((song_s - (end_s - start_s) - phase_s) / bar_s))
        is_loop = bool(plan) and rng.random() < 0.3
        at_s = plan[-1][2] if is_loop else phase_s + bar_s * float(rng.integers(bars))
        plan.append((start_s, min(end_s, start_s + song_s - at_s), at_s))
    return plan


def _lay(
    audio: NDArray[np.float32],
    sound: NDArray[np.float32],
    start_s: float,
    end_s: float,
    at_s: float,
) -> None:
    """Add a piece, faded over a hundredth of a second at both ends."""
    first, source = round(start_s * RATE_HZ), round(at_s * RATE_HZ)
    piece = sound[source : source + round((end_s - start_s) * RATE_HZ)][: len(audio) - first].copy()
    ramp = np.linspace(0, 1, FADE_SAMPLES, dtype=np.float32)
    piece[:FADE_SAMPLES] *= ramp
    piece[-FADE_SAMPLES:] *= ramp[::-1]
    audio[first : first + len(piece)] += piece


def _mixed(
    rng: np.random.Generator, sang: _Rendered, played: _Rendered, gain_db: float
) -> NDArray[np.float32]:
    """Equalise, sum, limit and encode as makers and sites do."""
    voice, bed = _unit(sang.audio), _unit(played.audio)
    if rng.random() < 0.5:
        voice = _filtered(voice, float(rng.uniform(100, 250)), "highpass", 2)
    if rng.random() < 0.3:
        bed = _filtered(bed, float(rng.uniform(3000, 8000)), "lowpass", 1)
    total = voice * 10 ** (gain_db / 20) + bed
    total = total / np.abs(total).max()
    if rng.random() < 0.5:
        total = np.tanh(total * rng.uniform(1, 3))
    kbps = BITRATES_KBPS[rng.integers(len(BITRATES_KBPS))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mashup.mp3"
        audio = np.asarray(0.9 * total / np.abs(total).max(), np.float32)[None]
        encode_mp3(path, audio, sample_rate_hz=RATE_HZ, tags={}, bitrate_kbps=kbps)
        return _read(path)


def _unit(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Equally loud where it sounds; silence stays silence."""
    power = _tenths(audio)
    loud = power > 0.01 * power.max()
    level = np.sqrt(power[loud].mean()) if loud.any() else 0.0
    return np.asarray(audio / max(float(level), 1e-6), np.float32)


def _sounding(audio: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Half seconds in which a part is heard: within 20 dB of its usual level."""
    power = _tenths(_unit(audio))
    halves = power[: len(power) // 5 * 5].reshape(-1, 5).mean(axis=1)
    return np.asarray(halves > 0.01)


def _tenths(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean power of each tenth of a second."""
    step = RATE_HZ // 10
    return np.asarray((audio[: len(audio) // step * step].reshape(-1, step) ** 2).mean(axis=1))


def _filtered(
    audio: NDArray[np.float32], cutoff_hz: float, kind: str, order: int
) -> NDArray[np.float32]:
    sections = scipy.signal.butter(order, cutoff_hz, kind, fs=RATE_HZ, output="sos")
    return np.asarray(scipy.signal.sosfilt(sections, audio), np.float32)


def _read(path: Path) -> NDArray[np.float32]:
    return np.asarray(decode(path, sample_rate_hz=RATE_HZ, channels=1)[0])


def _beats(mix: NDArray[np.float32]) -> Beats | None:
    try:
        return track_beats(mix)
    except NoBeatError:
        return None

"""How a mashup could be made of two songs: tempo, shift, places and cuts, drawn at random."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.band import BandSong
from audio.errors import AudioError
from audio.made import Recipe, Stereo, Treatment
from audio.params import MAX_SHIFT_SEMITONES
from audio.players.tune import SUNG_SECTIONS
from audio.timemap import Segment

Span = tuple[float, float]  # seconds, or decibels from lowest to highest

MIN_MASHUP_S = 2.0
_SHORTEST_S = 1.0  # what is left of a song must fill this to be a segment
_BEATS_PER_BAR = 4


@dataclass(frozen=True, slots=True)
class SongFacts:
    """What a recipe needs to know of a song; what is unknown is left empty."""

    duration_s: float
    bpm: float
    downbeats_s: tuple[float, ...] = ()
    key: tuple[int, str] | None = None  # tonic 0-11, "major" | "minor"
    sung_s: tuple[Span, ...] = ()  # when somebody sings


def band_facts(song: BandSong) -> SongFacts:
    """Return what is true about a song of the band."""
    return SongFacts(
        duration_s=song.vocals.shape[1] / song.sample_rate_hz,
        bpm=song.bpm,
        downbeats_s=tuple(float(t) for t in song.downbeats_s),
        key=(song.tonic, song.mode),
        sung_s=tuple((s.start_s, s.end_s) for s in song.sections if s.name in SUNG_SECTIONS),
    )


@dataclass(frozen=True, slots=True)
class Taste:
    """How far a drawn mashup may go; the defaults are what listeners accept."""

    cuts: bool = False  # rearrange: jumps and loops of whole bars
    max_voice_stretch: float = 0.25
    max_bed_stretch: float = 0.12
    max_voice_shift: int = MAX_SHIFT_SEMITONES
    max_bed_shift: int = 1
    voice_gain_db: Span = (-3.0, 4.0)
    bed_gain_db: Span = (-3.0, 0.0)
    max_shelf_db: float = 0.0
    max_squash: float = 0.0


def random_recipe(
    rng: np.random.Generator,
    voice: SongFacts,
    bed: SongFacts,
    *,
    duration_s: float,
    taste: Taste | None = None,
) -> Recipe:
    """Draw a mashup: the voice at the bed's tempo, in its key, bar on bar, where somebody sings.

    The tempo lies near the bed's; the voice's ratio is folded by powers of two. Where both keys
    are known the shifts make them equal or relative, or a fifth apart where that is out of
    reach; otherwise the voice's shift is random. Where downbeats are known, downbeats meet.

    Parameters
    ----------
    duration_s
        Length of the mashup. A song that ends earlier leaves silence.

    Raises
    ------
    AudioError
        Where a duration or tempo is not positive, or a song has under a second to give.
    """
    taste = taste or Taste()
    _check_facts(voice, bed, duration_s)
    tempo = _draw_tempo(rng, voice, bed, taste)
    shifts = _draw_shifts(rng, voice.key, bed.key, taste)
    bar_s = _BEATS_PER_BAR * 60.0 / (bed.bpm * tempo.bed_ratio)
    first_s = float(rng.uniform(0.0, min(0.5 * bar_s, 0.25 * duration_s)))
    grid = first_s + bar_s * np.arange(math.ceil((duration_s - first_s) / bar_s))
    timeline = _Timeline(duration_s, grid, taste)
    return Recipe(
        duration_s,
        bed.bpm * tempo.bed_ratio,
        tuple(float(t) for t in grid),
        voice=_draw_treatment(rng, voice, tempo.voice_ratio, shifts.voice, timeline, "voice"),
        bed=_draw_treatment(rng, bed, tempo.bed_ratio, shifts.bed, timeline, "bed"),
    )


@dataclass(frozen=True, slots=True)
class _Timeline:
    """The mashup that is being drawn: its length, its downbeats, how wild it may be."""

    duration_s: float
    grid: NDArray[np.floating]
    taste: Taste


def _draw_treatment(
    rng: np.random.Generator,
    song: SongFacts,
    ratio: float,
    semitones: float,
    timeline: _Timeline,
    role: Literal["voice", "bed"],
) -> Treatment:
    taste = timeline.taste
    pieces = _draw_pieces(rng, len(timeline.grid), cuts=taste.cuts)
    gain_db = taste.voice_gain_db if role == "voice" else taste.bed_gain_db
    bass_db, treble_db = rng.uniform(-taste.max_shelf_db, taste.max_shelf_db, 2)
    return Treatment(
        _lay_out(rng, song, ratio, timeline, pieces),
        semitones,
        gain_db=float(rng.uniform(*gain_db)),
        bass_db=float(bass_db),
        treble_db=float(treble_db),
        squash=float(rng.uniform(0, taste.max_squash)),
    )


def _check_facts(voice: SongFacts, bed: SongFacts, duration_s: float) -> None:
    if not (math.isfinite(duration_s) and duration_s >= MIN_MASHUP_S):
        raise AudioError(
            f"a mashup must last at least {MIN_MASHUP_S:g} s, got duration_s={duration_s}"
        )
    for role, song in (("voice", voice), ("bed", bed)):
        if not (song.bpm > 0 and math.isfinite(song.bpm)):
            raise AudioError(f"the {role} song needs its tempo in BPM, got {song.bpm}")
        if not song.duration_s >= MIN_MASHUP_S:
            raise AudioError(
                f"the {role} song must last at least {MIN_MASHUP_S:g} s, got {song.duration_s} s"
            )


@dataclass(frozen=True, slots=True)
class _Tempo:
    voice_ratio: float
    bed_ratio: float


def _draw_tempo(rng: np.random.Generator, voice: SongFacts, bed: SongFacts, taste: Taste) -> _Tempo:
    """Draw the bed's ratio so that the voice's stays within taste, as far as both can."""
    base = fold_ratio(bed.bpm / voice.bpm)
    low = max(1 - taste.max_bed_stretch, (1 - taste.max_voice_stretch) / base)
    high = min(1 + taste.max_bed_stretch, (1 + taste.max_voice_stretch) / base)
    if low > high:  # out of reach: the bed goes as far as it may towards the voice
        low = high = 1 + taste.max_bed_stretch * (1 if base < 1 else -1)
    as_it_is = low <= 1 <= high and rng.random() < 0.4
    bed_ratio = 1.0 if as_it_is else float(rng.uniform(low, high))
    return _Tempo(base * bed_ratio, bed_ratio)


def fold_ratio(ratio: float) -> float:
    """Return the ratio times the power of two that brings it nearest to 1."""
    return float(ratio * 2.0 ** -round(math.log2(ratio)))


@dataclass(frozen=True, slots=True)
class _Shifts:
    voice: float
    bed: float


def _draw_shifts(
    rng: np.random.Generator,
    voice_key: tuple[int, str] | None,
    bed_key: tuple[int, str] | None,
    taste: Taste,
) -> _Shifts:
    """Draw shifts in semitones; with both keys known, the least that makes them fit."""
    bed_shift = int(rng.integers(-taste.max_bed_shift, taste.max_bed_shift + 1))
    bed_shift *= int(rng.random() < 0.4)
    if voice_key is None or bed_key is None:
        limit = taste.max_voice_shift
        return _Shifts(int(rng.integers(-limit, limit + 1)), bed_shift)
    apart = (_relative_major(bed_key) - _relative_major(voice_key)) % 12
    choices = [
        (abs(fifths), abs(voice) + abs(bed), voice, bed)
        for voice in range(-taste.max_voice_shift, taste.max_voice_shift + 1)
        for bed in {bed_shift, *range(-taste.max_bed_shift, taste.max_bed_shift + 1)}
        for fifths in (-1, 0, 1)
        if (voice - bed - apart - 7 * fifths) % 12 == 0
    ]
    fits = [choice for choice in choices if choice[3] == bed_shift and choice[0] == 0]
    best = min(fits or choices or [(0, 0, 0, 0)])
    return _Shifts(best[2], best[3])


def _relative_major(key: tuple[int, str]) -> int:
    tonic, mode = key
    return (tonic + 3) % 12 if mode == "minor" else tonic


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some bars of the mashup in which a song runs on; a loop repeats the piece before."""

    first_bar: int
    is_loop: bool


def _draw_pieces(rng: np.random.Generator, n_bars: int, *, cuts: bool) -> list[_Piece]:
    """Draw where a song jumps: nowhere, or every four, eight or sixteen bars."""
    pieces = [_Piece(0, is_loop=False)]
    lengths = (4, 8, 16) if n_bars >= 24 else (2, 4)
    bar = int(rng.choice(lengths))
    while cuts and bar < n_bars - 1:
        pieces.append(_Piece(bar, is_loop=bool(rng.random() < 0.35)))
        bar += int(rng.choice(lengths))
    return pieces


def _lay_out(
    rng: np.random.Generator,
    song: SongFacts,
    ratio: float,
    timeline: _Timeline,
    pieces: Sequence[_Piece],
) -> tuple[Segment, ...]:
    """Place a song's pieces on the bars of the mashup; the first reaches back to its start."""
    edges = [float(timeline.grid[piece.first_bar]) for piece in pieces] + [timeline.duration_s]
    segments: list[Segment] = []
    anchor_s = 0.0
    for piece, start_s, end_s in zip(pieces, edges[:-1], edges[1:], strict=True):
        lead_s = start_s if piece.first_bar == 0 else 0.0
        if not piece.is_loop:
            anchor_s = _draw_anchor(rng, song, lead_s * ratio, (end_s - start_s) * ratio)
        reach_s = min(end_s, start_s + (song.duration_s - anchor_s) / ratio)
        back_s = min(lead_s, anchor_s / ratio)
        if reach_s - start_s >= _SHORTEST_S:
            segments.append(Segment(start_s - back_s, reach_s, anchor_s - back_s * ratio, ratio))
    if not segments:
        raise AudioError(f"nothing of a song of {song.duration_s:g} s fits; give a longer song")
    return tuple(segments)


def _draw_anchor(
    rng: np.random.Generator, song: SongFacts, before_s: float, after_s: float
) -> float:
    """Draw the second of the song that a piece begins on: a downbeat with song on both sides.

    Where it is known who sings when, only places that are nearly as full of singing as the
    fullest are drawn from; where nothing fits, the place that leaves most of the song.
    """
    places = np.asarray(song.downbeats_s or np.linspace(0, song.duration_s, 200, endpoint=False))
    fitting = places[(places >= before_s) & (places + after_s <= song.duration_s)]
    if len(fitting) == 0:
        return float(places[np.argmin(np.abs(places - before_s))])
    sung = np.array([_overlap_s(song.sung_s, start, start + after_s) for start in fitting])
    return float(rng.choice(fitting[sung >= 0.8 * sung.max()]))


def _overlap_s(spans: Sequence[Span], start_s: float, end_s: float) -> float:
    return sum(max(0.0, min(end, end_s) - max(start, start_s)) for start, end in spans)


def sung_spans(vocals: Stereo, *, sample_rate_hz: int) -> tuple[Span, ...]:
    """Return when somebody sings, by whole seconds within 30 dB of the loudest."""
    n_seconds = vocals.shape[1] // sample_rate_hz
    seconds = vocals[:, : n_seconds * sample_rate_hz].reshape(2, n_seconds, sample_rate_hz)
    power = np.mean(seconds.astype(np.float64) ** 2, axis=(0, 2))
    if n_seconds == 0 or power.max() == 0:
        return ()
    edges = np.flatnonzero(np.diff(np.r_[0, power > 1e-3 * power.max(), 0].astype(int)))
    return tuple((float(a), float(b)) for a, b in edges.reshape(-1, 2))

"""A band in code: songs of any length whose tempo, key, beats, sections and tracks are known.

`play` composes (arrange, tune over the tables of styles), lets instruments and
a singer sound (patches, drums, singer), and mixes (mixer). It serves the demo,
the tests and the shipped model's training; the names are invented.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.errors import AudioError
from audio.params import RENDER_RATE_HZ
from audio.players import arrange, mixer, styles
from audio.players.arrange import Band
from audio.players.drums import draw_kit, render_hit, tune_kick
from audio.players.mixer import Stereo
from audio.players.patches import Patch, draw_patch, render_note
from audio.players.score import (
    BEATS_PER_BAR,
    Bar,
    Chord,
    Clock,
    Hit,
    Mode,
    Note,
    Section,
    beat_times,
    lay_bars,
    parse_chord,
    plan_form,
    spans,
)
from audio.players.singer import draw_singer, sing_line
from audio.players.tune import sing

MIN_SONG_S = 1.0
BPM_RANGE = (40.0, 240.0)
RATE_RANGE_HZ = (8_000, 192_000)


@dataclass(frozen=True, slots=True)
class BandSong:
    """A song and everything that is true about it; `vocals + instrumental` is the mix."""

    artist: str
    title: str
    bpm: float
    tonic: int  # pitch class 0-11, 0 is C
    mode: Mode
    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64]
    sections: tuple[Section, ...]
    vocals: Stereo
    instrumental: Stereo
    sample_rate_hz: int

    @property
    def mix(self) -> Stereo:
        return self.vocals + self.instrumental


def play(
    seed: int,
    *,
    duration_s: float,
    sample_rate_hz: int = RENDER_RATE_HZ,
    bpm: float | None = None,
    key: tuple[int, Mode] | None = None,
) -> BandSong:
    """Play the song with number `seed`; the same arguments give the same bytes.

    Parameters
    ----------
    seed
        Which song: 0 or more. Songs of neighbouring seeds have nothing in common.
    duration_s
        Exact length; the arrangement fits itself to it and ends in a fade.
    bpm, key
        Tempo and (tonic 0-11, "major" | "minor") where they must be known beforehand;
        by default the seed draws 80-150 BPM and any of the 24 keys.

    Returns
    -------
    song : tracks of shape (2, round(duration_s * sample_rate_hz)), their sum below 1.0, without
        DC, at about -18 to -12 LUFS

    Raises
    ------
    AudioError
        (a ValueError) for a negative seed, less than a second, or a tempo, key or rate that
        does not exist.
    """
    _check(seed, duration_s, sample_rate_hz, bpm, key)
    n_samples = round(duration_s * sample_rate_hz)
    band = _form_band(seed, bpm, key)
    rng = _stream(seed, "form")
    n_bars = max(1, math.ceil((duration_s - band.clock.first_s) / band.clock.bar_s))
    form = plan_form(n_bars, rng)
    bars = lay_bars(form, _draw_progressions(band, rng))
    instrumental = _play_instruments(seed, band, bars, n_samples, sample_rate_hz)
    vocals = _sing(seed, band, bars, n_samples, sample_rate_hz)
    stems = _master(seed, instrumental, vocals, sample_rate_hz)
    beats_s = beat_times(band.clock, duration_s)
    return BandSong(
        artist=artist_name(seed),
        title=song_title(seed),
        bpm=band.clock.bpm,
        tonic=band.tonic,
        mode=band.mode,
        beats_s=beats_s,
        downbeats_s=beats_s[::BEATS_PER_BAR],
        sections=spans(form, band.clock, duration_s),
        vocals=stems.vocals,
        instrumental=stems.instrumental,
        sample_rate_hz=sample_rate_hz,
    )


def artist_name(seed: int) -> str:
    """Return the invented band that plays song `seed`; seeds 0 to 1762 all differ."""
    first = styles.ARTIST_FIRST[(5 * seed) % len(styles.ARTIST_FIRST)]
    second = styles.ARTIST_SECOND[(8 * seed + 3) % len(styles.ARTIST_SECOND)]
    shapes = styles.ARTIST_SHAPES
    return shapes[seed % len(shapes)].format(first, second)


def song_title(seed: int) -> str:
    """Return the invented title of song `seed`; seeds 0 to 1738 all differ."""
    first = styles.TITLE_FIRST[(7 * seed + 2) % len(styles.TITLE_FIRST)]
    second = styles.TITLE_SECOND[(11 * seed + 5) % len(styles.TITLE_SECOND)]
    shapes = styles.TITLE_SHAPES
    return shapes[seed % len(shapes)].format(first, second)


def _check(
    seed: int,
    duration_s: float,
    sample_rate_hz: int,
    bpm: float | None,
    key: tuple[int, str] | None,
) -> None:
    if seed < 0:
        raise AudioError(f"seed must be 0 or more, got {seed}")
    if not (math.isfinite(duration_s) and duration_s >= MIN_SONG_S):
        raise AudioError(f"duration_s must be at least {MIN_SONG_S:g} seconds, got {duration_s}")
    low_hz, high_hz = RATE_RANGE_HZ
    if not low_hz <= sample_rate_hz <= high_hz:
        raise AudioError(f"sample_rate_hz must be {low_hz} to {high_hz}, got {sample_rate_hz}")
    slow, fast = BPM_RANGE
    if bpm is not None and not slow <= bpm <= fast:
        raise AudioError(f"bpm must be {slow:g} to {fast:g}, got {bpm}")
    if key is not None and (key[0] not in range(12) or key[1] not in ("major", "minor")):
        raise AudioError(f"key must be (0 to 11, 'major' or 'minor'), got {key!r}")


def _stream(seed: int, purpose: str) -> np.random.Generator:
    """Return random numbers of a purpose's own, so that parts do not shift each other."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def _form_band(seed: int, bpm: float | None, key: tuple[int, Mode] | None) -> Band:
    rng = _stream(seed, "band")
    style = styles.STYLES[int(rng.integers(len(styles.STYLES)))]
    drawn_bpm = float(rng.uniform(*style.bpm))
    drawn_bpm = round(drawn_bpm, 2) if rng.random() < 0.35 else float(round(drawn_bpm))
    drawn_mode: Mode = "minor" if rng.random() < style.minor_share else "major"
    tonic, mode = key or (int(rng.integers(12)), drawn_mode)
    clock = Clock(
        bpm=float(bpm or drawn_bpm),
        first_s=float(rng.uniform(0.02, 0.6)),
        swing=float(rng.uniform(*style.swing)),
        swing_steps=style.swing_steps,
    )
    return Band(style, clock, tonic, mode, arrange.draw_layers(rng))


def _brightness(seed: int) -> float:
    """Return how bright the whole song is, as some records are dull and some shine."""
    return float(2 ** np.clip(_stream(seed, "brightness").normal(0, 0.45), -1, 1))


def _draw_progressions(band: Band, rng: np.random.Generator) -> dict[str, tuple[Chord, ...]]:
    """Draw the chords of each section; intro and outro borrow the verse's or the chorus's."""
    table = styles.PROGRESSIONS[band.mode]
    verse, chorus, bridge = (
        tuple(parse_chord(n, band.tonic, size=band.style.chord_size) for n in table[i].split())
        for i in rng.choice(len(table), size=3, replace=False)
    )
    chorus = verse if rng.random() < 0.25 else chorus
    ends = verse if rng.random() < 0.5 else chorus
    return {"intro": ends, "verse": verse, "chorus": chorus, "break": bridge, "outro": ends}


@dataclass(frozen=True, slots=True)
class _Part:
    """One player: the sound, the notes, and the place in the mix."""

    patch: Patch
    notes: tuple[Note, ...]
    level_db: float  # RMS of its notes
    pan: float = 0.0


def _play_instruments(
    seed: int, band: Band, bars: tuple[Bar, ...], n_samples: int, sample_rate_hz: int
) -> Stereo:
    """Render drums, bass and all pitched parts, and mix them to the instrumental."""
    rng = _stream(seed, "mix")
    hits = arrange.drum_hits(band, bars, _stream(seed, "drums"))
    drums = _play_drums(seed, band, hits, n_samples, sample_rate_hz)
    low = np.zeros((2, n_samples), np.float32)
    _play_part(low, _bass_part(seed, band, bars), sample_rate_hz, _stream(seed, "bass sound"))
    music = np.zeros((2, n_samples), np.float32)
    for number, part in enumerate(_pitched_parts(seed, band, bars)):
        _play_part(music, part, sample_rate_hz, _stream(seed, f"sound {number}"))
    room = mixer.Room(
        decay_s=float(rng.uniform(0.5, 2.5)),
        predelay_s=float(rng.uniform(0.005, 0.04)),
        dark=float(rng.uniform(0.5, 3.0)),
    )
    music = mixer.reverberate(music, room, float(rng.uniform(0.1, 0.5)), sample_rate_hz, rng)
    music += low
    depth = band.style.ducking * float(rng.uniform(0.5, 1.2))
    if depth > 0:
        kicks_s = [hit.start_s for hit in hits if hit.piece == "kick"]
        music *= mixer.duck_curve(kicks_s, depth, n_samples, sample_rate_hz)
    music += drums
    music = mixer.saturate(music, float(rng.uniform(0.0, 1.6)))
    if rng.random() < 0.4:
        mixer.add_hiss(music, float(rng.uniform(-75, -50)), sample_rate_hz, rng)
    return music


def _play_drums(
    seed: int, band: Band, hits: tuple[Hit, ...], n_samples: int, sample_rate_hz: int
) -> Stereo:
    """Place the strokes; each piece has three recordings of a stroke that take turns."""
    rng = _stream(seed, "kit")
    kit = draw_kit(str(rng.choice(band.style.kits)), _brightness(seed), rng)
    if rng.random() < 0.7:
        kit = tune_kick(kit, (band.tonic, (band.tonic + 7) % 12))
    level_db = float(rng.uniform(-4, 2))
    track = np.zeros((2, n_samples), np.float32)
    strokes: dict[tuple[str, int], Stereo] = {}
    for number, hit in enumerate(hits):
        turn = (hit.piece, number % 3)
        if turn not in strokes:
            strokes[turn] = render_hit(kit, hit.piece, sample_rate_hz, rng)
        start = round(hit.start_s * sample_rate_hz)
        mixer.place(track, strokes[turn], start, hit.velocity * _gain(level_db))
    return track


def _bass_part(seed: int, band: Band, bars: tuple[Bar, ...]) -> _Part:
    rng = _stream(seed, "bass")
    patch = draw_patch(str(rng.choice(band.style.bass_sounds)), _brightness(seed), rng)
    notes = arrange.bass_notes(band, bars, rng)
    return _Part(patch, notes, float(rng.uniform(-19, -13)))


def _pitched_parts(seed: int, band: Band, bars: tuple[Bar, ...]) -> list[_Part]:
    """Return chords, pad, arpeggio and lead, each with its own sound, level and place."""
    rng = _stream(seed, "parts")
    sounds = [str(rng.choice(band.style.chord_sounds)), str(rng.choice(_PAD_SOUNDS)),
              str(rng.choice(_ARP_SOUNDS)), str(rng.choice(band.style.lead_sounds))]  # fmt: skip
    patches = [draw_patch(sound, _brightness(seed), rng) for sound in sounds]
    centre = int(rng.integers(45, 50)) if band.style.chord_size == 2 else int(rng.integers(55, 66))
    notes = [
        arrange.chord_notes(band, bars, rng, centre=centre, layer="chords"),
        arrange.chord_notes(band, bars, rng, centre=centre + 7, layer="pad"),
        arrange.arpeggio_notes(band, bars, rng),
        arrange.lead_notes(band, bars, rng),
    ]
    levels = (rng.uniform(-22, -16), rng.uniform(-29, -22), rng.uniform(-28, -21),
              rng.uniform(-22, -17))  # fmt: skip
    pans = (rng.uniform(-0.4, 0.4), 0.0, rng.uniform(-0.7, 0.7), rng.uniform(-0.3, 0.3))
    return [
        _Part(patch, played, float(level), float(pan))
        for patch, played, level, pan in zip(patches, notes, levels, pans, strict=True)
    ]


_PAD_SOUNDS = ("soft pad", "string section", "supersaw", "organ")
_ARP_SOUNDS = ("glass", "bell", "bright synth", "marimba", "square lead", "nylon guitar")


def _play_part(track: Stereo, part: _Part, sample_rate_hz: int, rng: np.random.Generator) -> None:
    """Place a part's notes; notes of the same pitches and length are rendered once."""
    sounds: dict[tuple[tuple[int, ...], float], Stereo] = {}
    for note in part.notes:
        strike = (note.pitches, round(note.duration_s, 4))
        if strike not in sounds:
            sounds[strike] = render_note(part.patch, *strike, sample_rate_hz, rng)
    pan = np.array([[np.sqrt(1 - part.pan)], [np.sqrt(1 + part.pan)]], np.float32)
    power = np.mean([np.mean(sound**2) for sound in sounds.values()]) if sounds else 1.0
    pan *= np.float32(_gain(part.level_db) / np.sqrt(power + 1e-12))
    sounds = {strike: sound * pan for strike, sound in sounds.items()}
    for note in part.notes:
        sound = sounds[note.pitches, round(note.duration_s, 4)]
        mixer.place(track, sound, round(note.start_s * sample_rate_hz), note.velocity)


def _sing(
    seed: int, band: Band, bars: tuple[Bar, ...], n_samples: int, sample_rate_hz: int
) -> Stereo:
    """Render all sung lines in the voice's own space, with echoes in some songs."""
    rng = _stream(seed, "voice")
    singer = draw_singer(rng)
    track = np.zeros((2, n_samples), np.float32)
    for line in sing(band, bars, singer.register, rng):
        take = sing_line(singer, line.syllables, sample_rate_hz, rng)
        sides = np.sqrt(np.array([[1 - line.pan], [1 + line.pan]], np.float32)) * take.sound
        start = round(take.start_s * sample_rate_hz)
        mixer.place(track, sides, start, _gain(line.level_db))
    track = mixer.saturate(track, float(rng.uniform(0.0, 1.5)))
    if rng.random() < 0.4:
        delay_s = float(rng.choice((0.5, 0.75, 1.0))) * 60 / band.clock.bpm
        mixer.echo(track, delay_s, float(rng.uniform(0.08, 0.22)), sample_rate_hz)
    room = mixer.Room(
        decay_s=float(rng.uniform(0.4, 2.5)),
        predelay_s=float(rng.uniform(0.01, 0.06)),
        dark=float(rng.uniform(0.5, 2.5)),
    )
    level = float(rng.uniform(0.06, 0.4))
    return mixer.reverberate(track, room, level, sample_rate_hz, rng)


@dataclass(frozen=True, slots=True)
class _Stems:
    instrumental: Stereo
    vocals: Stereo


def _master(seed: int, instrumental: Stereo, vocals: Stereo, sample_rate_hz: int) -> _Stems:
    """Balance the voice against the band, then one gain curve for both: loudness, limiter, fade."""
    rng = _stream(seed, "master")
    below = float(rng.uniform(1.0, 7.0))
    band_lufs = mixer.quick_lufs(instrumental, sample_rate_hz)
    voice_gain = _gain(band_lufs - below - mixer.quick_lufs(vocals, sample_rate_hz))
    vocals *= np.float32(voice_gain)
    mix_lufs = band_lufs + 10 * math.log10(1 + 10 ** (-below / 10))  # uncorrelated: powers add
    gain = np.float32(_gain(float(rng.uniform(-17.5, -12.5)) - mix_lufs))
    mix = vocals + instrumental
    mix *= gain
    end_s = float(rng.choice((0.4, 1.5, 4.0)))
    both = mixer.limiter_gain(mix, sample_rate_hz)
    both *= mixer.fade(mix.shape[1], end_s, sample_rate_hz) * gain
    return _Stems(instrumental * both, vocals * both)


def _gain(db: float) -> float:
    return float(10 ** (db / 20))

"""A singer in code: glottal pulses and breath through the formants of a moving vocal tract.

The source-filter model of Fant (1960): a line's pitch curve (portamento, vibrato, jitter) drives
a band-limited pulse train; frames of it, and of noise for breath and consonants, are multiplied
by the vocal tract's response and overlap-added. Formants of the vowels are the averages
of Peterson and Barney (1952), scaled by the length of the singer's vocal tract.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import gaussian_filter1d

from audio.players.score import Syllable
from audio.players.tune import Register

Curve = NDArray[np.floating]  # one value per frame

FRAME_S = 256 / 44_100  # so that at 44.1 kHz two hops and their echo fill 1024 bins
_LEAD_IN_S = 0.25  # room for the first consonant and breath
_TAIL_S = 0.2
_N_FORMANTS = 5

# First five resonances in Hz of an adult male; lower-case and capital vowels as in tune.
FORMANTS_HZ: dict[str, tuple[float, ...]] = {
    "a": (730, 1090, 2440, 3400, 4300),
    "A": (660, 1720, 2410, 3400, 4300),
    "E": (530, 1840, 2480, 3450, 4300),
    "e": (400, 2050, 2560, 3500, 4350),
    "i": (270, 2290, 3010, 3600, 4400),
    "o": (480, 840, 2410, 3300, 4200),
    "u": (300, 870, 2240, 3200, 4200),
    "nasal": (260, 1150, 2300, 3300, 4200),
    "lips": (320, 780, 2100, 3200, 4200),  # where p, b, m and w start from
    "ridge": (330, 1750, 2600, 3400, 4300),  # t, d, n, l, s
    "palate": (300, 2100, 2400, 3400, 4300),  # k, g, S
}
_BANDWIDTHS_HZ = (70.0, 90.0, 130.0, 180.0, 260.0)


@dataclass(frozen=True, slots=True)
class Consonant:
    """How a consonant sounds: where in the mouth, how long, and how much voice and noise."""

    locus: str
    length_s: float
    voice: float = 0.0
    noise: float = 0.0
    noise_hz: float = 4000.0
    burst: float = 0.0  # noise at the release


CONSONANTS: dict[str, Consonant] = {
    "p": Consonant("lips", 0.07, burst=0.5, noise_hz=1200),
    "t": Consonant("ridge", 0.07, burst=0.9, noise_hz=4500),
    "k": Consonant("palate", 0.08, burst=0.8, noise_hz=2200),
    "b": Consonant("lips", 0.06, voice=0.12, burst=0.2, noise_hz=1000),
    "d": Consonant("ridge", 0.06, voice=0.12, burst=0.3, noise_hz=4000),
    "g": Consonant("palate", 0.06, voice=0.12, burst=0.3, noise_hz=2000),
    "s": Consonant("ridge", 0.12, noise=0.9, noise_hz=7500),
    "S": Consonant("palate", 0.12, noise=0.8, noise_hz=3400),
    "f": Consonant("lips", 0.1, noise=0.35, noise_hz=6000),
    "h": Consonant("ridge", 0.08, noise=0.12, noise_hz=1800),
    "m": Consonant("nasal", 0.09, voice=0.4),
    "n": Consonant("nasal", 0.08, voice=0.4),
    "l": Consonant("ridge", 0.07, voice=0.5),
    "w": Consonant("lips", 0.08, voice=0.5),
}


@dataclass(frozen=True, slots=True)
class Singer:
    """The numbers behind one voice."""

    register: Register
    tract: float  # formants against an adult male's; larger is a shorter tract
    tilt: float = 0.8  # source partials fall as 1 / h^tilt
    breath: float = 0.05
    vibrato_hz: float = 5.5
    vibrato_cents: float = 35.0
    glide_s: float = 0.05
    jitter_cents: float = 8.0
    scoop_cents: float = 80.0  # how far below the note a line's notes are attacked
    warmth_db: float = 0.0  # what the desk adds below 200 Hz
    presence_db: float = 0.0  # and above 3 kHz


SINGERS: dict[str, Singer] = {
    "bass": Singer(Register(40, 57), 0.92),
    "baritone": Singer(Register(45, 62), 0.97),
    "tenor": Singer(Register(50, 67), 1.02, tilt=0.7),
    "alto": Singer(Register(53, 69), 1.12),
    "mezzo": Singer(Register(55, 72), 1.16, tilt=0.7),
    "soprano": Singer(Register(58, 76), 1.2),
}


def draw_singer(rng: np.random.Generator) -> Singer:
    """Draw a voice: one of six types, each number its own; a few sing as through a tuner."""
    singer = SINGERS[str(rng.choice(list(SINGERS)))]
    is_tuned = rng.random() < 0.2
    return replace(
        singer,
        tract=singer.tract * float(rng.uniform(0.96, 1.05)),
        tilt=singer.tilt + float(rng.uniform(-0.25, 0.25)),
        breath=float(np.exp(rng.uniform(np.log(0.05), np.log(0.3)))),
        vibrato_hz=float(rng.uniform(4.8, 6.4)),
        vibrato_cents=5.0 if is_tuned else float(rng.uniform(10, 60)),
        glide_s=0.004 if is_tuned else float(rng.uniform(0.025, 0.08)),
        jitter_cents=1.0 if is_tuned else float(rng.uniform(4, 14)),
        scoop_cents=0.0 if is_tuned else float(rng.uniform(0, 150)),
        warmth_db=float(rng.uniform(-3, 3)),
        presence_db=float(rng.uniform(4, 16)),
    )


@dataclass(frozen=True, slots=True)
class Take:
    """One sung line and where it begins in the song."""

    start_s: float
    sound: NDArray[np.float32]  # (samples,)


@dataclass(frozen=True, slots=True)
class _Gestures:
    """Everything the singer does, frame by frame."""

    cents: Curve  # pitch above 1 Hz in cents
    voice: Curve  # level of the pulses
    breath: Curve  # level of noise through the formants
    noise: Curve  # level of a consonant's noise
    noise_hz: Curve
    formants_hz: NDArray[np.floating]  # (frames, 5)


def sing_line(
    singer: Singer,
    syllables: tuple[Syllable, ...],
    sample_rate_hz: int,
    rng: np.random.Generator,
) -> Take:
    """Sing one line; each call is a new take with its own jitter.

    Returns
    -------
    take : mono, of about unit RMS while voiced
    """
    start_s = syllables[0].start_s - _LEAD_IN_S
    end_s = max(s.start_s + s.duration_s for s in syllables) + _TAIL_S
    hop = round(FRAME_S * sample_rate_hz)
    n_frames = int((end_s - start_s) * sample_rate_hz / hop)
    frame_s = hop / sample_rate_hz
    gestures = _gestures(singer, syllables, start_s, n_frames, frame_s, rng)
    pulses = _pulse_train(singer, gestures.cents, hop, sample_rate_hz, rng)
    noise = rng.standard_normal(n_frames * hop, dtype=np.float32)
    sound = _through_tract(singer, gestures, pulses, noise, hop, sample_rate_hz)
    voiced = gestures.voice > 0.2
    power = np.mean(sound.reshape(n_frames, hop)[voiced] ** 2) if voiced.any() else 1.0
    return Take(start_s, sound / np.float32(np.sqrt(power + 1e-9)))


def _gestures(
    singer: Singer,
    syllables: tuple[Syllable, ...],
    start_s: float,
    n_frames: int,
    frame_s: float,
    rng: np.random.Generator,
) -> _Gestures:
    times = start_s + frame_s * np.arange(n_frames)
    voice, breath, noise = np.zeros(n_frames), np.zeros(n_frames), np.zeros(n_frames)
    noise_hz = np.full(n_frames, 4000.0)
    for syllable in syllables:
        onset = syllable.start_s
        body = _swell(times, onset, onset + syllable.duration_s) * syllable.stress
        voice = np.maximum(voice, body)
        breath = np.maximum(breath, body * singer.breath)
    for syllable in syllables:
        if syllable.consonant:
            _articulate(syllable, times, voice, noise, noise_hz)
    _inhale(times, syllables[0].start_s, breath, rng)
    shimmer = 1 + 0.05 * gaussian_filter1d(rng.standard_normal(n_frames), 3) * np.sqrt(6)
    return _Gestures(
        _pitch_curve(singer, syllables, times, rng),
        gaussian_filter1d(voice, 0.012 / frame_s) * shimmer,
        gaussian_filter1d(breath, 0.01 / frame_s),
        gaussian_filter1d(noise, 0.004 / frame_s),
        noise_hz,
        _formant_path(singer, syllables, times),
    )


def _swell(times: Curve, start_s: float, end_s: float) -> Curve:
    """A vowel's loudness: on, a slow fall, and off over its last hundredths."""
    on = np.clip((times - start_s) / 0.03 + 1, 0, 1)
    off = np.clip((end_s - times) / 0.06, 0, 1)
    return on * off * (1 - 0.25 * np.clip((times - start_s) / 1.5, 0, 1))


def _articulate(
    syllable: Syllable, times: Curve, voice: Curve, noise: Curve, noise_hz: Curve
) -> None:
    """Write a consonant into the curves, just before its vowel."""
    consonant = CONSONANTS[syllable.consonant]
    onset = syllable.start_s
    closed = (times >= onset - consonant.length_s) & (times < onset)
    burst = (times >= onset - 0.012) & (times < onset + 0.006)
    voice[closed] = consonant.voice * syllable.stress
    noise[closed] = np.maximum(noise[closed], consonant.noise)
    noise[burst] = np.maximum(noise[burst], consonant.burst)
    noise_hz[closed | burst] = consonant.noise_hz


def _inhale(times: Curve, onset_s: float, breath: Curve, rng: np.random.Generator) -> None:
    """A breath before the line, louder in some lines than in others."""
    depth = float(rng.uniform(0, 0.03))
    breath += depth * np.exp(-0.5 * ((times - onset_s + 0.17) / 0.03) ** 2)


def _pitch_curve(
    singer: Singer, syllables: tuple[Syllable, ...], times: Curve, rng: np.random.Generator
) -> Curve:
    """Return cents above 1 Hz: glides between notes, scoops, late vibrato, jitter and drift."""
    onsets = np.array([s.start_s for s in syllables]) - 0.02
    targets = 1200 * np.log2(440) + 100 * (np.array([s.pitch for s in syllables]) - 69)
    number = np.clip(np.searchsorted(onsets, times, side="right") - 1, 0, len(syllables) - 1)
    since = np.maximum(times - onsets[number], 0)
    frame_s = float(times[1] - times[0])
    scoops = singer.scoop_cents * rng.random(len(syllables)) ** 2
    cents = targets[number] - scoops[number] * np.exp(-since / 0.05)
    cents = gaussian_filter1d(cents, max(singer.glide_s / frame_s / 2, 0.3))
    depth = singer.vibrato_cents * np.clip((since - 0.25) / 0.3, 0, 1)
    rate = singer.vibrato_hz * (1 + 0.05 * gaussian_filter1d(rng.standard_normal(len(times)), 40))
    vibrato = depth * np.sin(2 * np.pi * np.cumsum(rate) * frame_s)
    jitter = gaussian_filter1d(rng.standard_normal(len(times)), 2) * 2.7 * singer.jitter_cents
    drift = gaussian_filter1d(rng.standard_normal(len(times)), 60) * 12 * singer.jitter_cents
    return np.asarray(cents + vibrato + 0.5 * jitter + 0.5 * drift, dtype=np.float64)


def _formant_path(
    singer: Singer, syllables: tuple[Syllable, ...], times: Curve
) -> NDArray[np.float64]:
    """Return the formants, (frames, 5): from each consonant's place to its vowel, as a path."""
    knots: list[tuple[float, str]] = []
    for syllable in syllables:
        start, end = syllable.start_s, syllable.start_s + syllable.duration_s
        if syllable.consonant:
            place = CONSONANTS[syllable.consonant]
            knots += [(start - place.length_s, place.locus), (start - 0.005, place.locus)]
        knots += [(start + min(0.05, 0.4 * syllable.duration_s), syllable.vowel)]
        knots += [(end - 0.03, syllable.vowel)]
    knots.sort(key=lambda knot: knot[0])
    at = np.array([time for time, _ in knots])
    path = np.stack(
        [
            np.interp(times, at, [FORMANTS_HZ[shape][k] for _, shape in knots])
            for k in range(_N_FORMANTS)
        ],
        axis=1,
    )
    return path * singer.tract


def _pulse_train(
    singer: Singer, cents: Curve, hop: int, sample_rate_hz: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return glottal pulses that follow the pitch curve, free of aliases.

    One period is a table of as many partials as fit below the Nyquist frequency at the line's
    highest pitch; its phases are those of a pulse that closes sharply.
    """
    top_hz = 2 ** (float(cents.max()) / 1200)
    n_partials = max(1, min(160, int(0.45 * sample_rate_hz / top_hz)))
    partial = np.arange(1, n_partials + 1)
    levels = partial**-singer.tilt * (1 + 0.1 * rng.standard_normal(n_partials))
    size = 4096
    spectrum = np.zeros(size // 2 + 1, np.complex128)
    spectrum[1 : n_partials + 1] = levels * np.exp(1j * np.pi * (0.5 + 0.15 / partial))
    table = np.fft.irfft(spectrum, size)
    table = (table / np.sqrt(np.mean(table**2))).astype(np.float32)
    turns = 2 ** (cents / 1200) / sample_rate_hz  # per sample, straight from frame to frame
    rise = np.diff(turns, append=turns[-1])[:, None] * (np.arange(hop) / hop)
    phase = np.cumsum(turns[:, None] + rise)
    pulses: NDArray[np.float32] = table[(phase * size).astype(np.int64) & (size - 1)]
    return pulses


def _through_tract(
    singer: Singer,
    gestures: _Gestures,
    pulses: NDArray[np.float32],
    noise: NDArray[np.float32],
    hop: int,
    sample_rate_hz: int,
) -> NDArray[np.float32]:
    """Filter frame by frame: Hann windows two hops long, padded so that little wraps."""
    size = 2 * hop
    n_fft = 1 << int(np.ceil(np.log2(2 * size)))
    hz = np.fft.rfftfreq(n_fft, 1 / sample_rate_hz)
    rows, of_frame = _shapes(gestures)
    tract = (_responses(singer, rows[:, :_N_FORMANTS], hz) * _desk(singer, hz))[of_frame]
    hiss = _noise_bands(rows[:, _N_FORMANTS], hz)[of_frame]
    voiced = _spectra(pulses, size, hop, n_fft) * (tract * _column(gestures.voice))
    airy = _spectra(noise, size, hop, n_fft)
    airy *= tract * _column(gestures.breath) + hiss * _column(gestures.noise)
    frames = fft.irfft(voiced + airy, n_fft, axis=1)
    return _overlap_add(frames, hop)[size // 2 :][: len(pulses)]


def _desk(singer: Singer, hz: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the recording's tone control over the bins: no rumble, less or more warmth and air."""
    low, high = 1 / (1 + (hz / 200) ** 2), 1 / (1 + (3000 / np.maximum(hz, 1)) ** 2)
    tone_db = singer.warmth_db * low + singer.presence_db * high
    no_rumble = hz**2 / (hz**2 + 80.0**2)
    return np.asarray(10 ** (tone_db / 20) * no_rumble, dtype=np.float32)


def _column(curve: Curve) -> NDArray[np.float32]:
    return curve.astype(np.float32)[:, None]


def _shapes(gestures: _Gestures) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distinct tract shapes (formants, then noise centre) and each frame's shape.

    Shapes are rounded to 2 %, below what is heard, so that held vowels share one response.
    """
    lowest_hz = 2 ** (gestures.cents / 1200)
    formants = gestures.formants_hz.copy()
    formants[:, 0] = np.maximum(formants[:, 0], lowest_hz)  # singers open up for high notes
    shapes = np.concatenate([formants, gestures.noise_hz[:, None]], axis=1)
    steps = np.round(np.log(shapes) / 0.02).astype(np.int64)
    rows, of_frame = np.unique(steps, axis=0, return_inverse=True)
    return np.exp(rows * 0.02), of_frame.ravel()


def _responses(
    singer: Singer, formants_hz: NDArray[np.floating], hz: NDArray[np.floating]
) -> NDArray[np.complex64]:
    """Return the tract's responses (shapes, bins): a cascade of resonances, nearly equally loud.

    H_k(f) = F_k^2 / (F_k^2 - f^2 + i f B_k); the tract's many poles above the fifth are felt
    as a lift that takes back the fall of the five.
    """
    top_hz = 0.92 * FORMANTS_HZ["a"][-1] * singer.tract
    lift = np.maximum(1, hz / top_hz) ** (2 * _N_FORMANTS)
    response = np.tile(lift.astype(np.complex64), (len(formants_hz), 1))
    hz32 = hz.astype(np.float32)
    for number, bandwidth_hz in enumerate(_BANDWIDTHS_HZ):
        centre = formants_hz[:, number : number + 1].astype(np.float32)
        widths = np.float32(bandwidth_hz) * np.maximum(centre / 1500, 1) ** 0.5
        response *= 1 / (1 - (hz32 / centre) ** 2 + 1j * hz32 * (widths / centre**2))
    pulses = 1 / np.maximum(hz32, 120) ** 2  # about the power of the source
    loudness = np.sqrt((np.abs(response) ** 2 * pulses).sum(axis=1) / pulses.sum())
    return np.asarray(response / loudness[:, None] ** np.float32(0.8), dtype=np.complex64)


def _noise_bands(centres_hz: NDArray[np.floating], hz: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the spectra of consonant noise, (shapes, bins): a bump a third of its centre wide."""
    away = (hz - centres_hz[:, None]) / (0.35 * centres_hz[:, None])
    return np.asarray(1.2 * np.exp(-0.5 * away**2), dtype=np.float32)


def _spectra(sound: NDArray[np.float32], size: int, hop: int, n_fft: int) -> NDArray[np.complex64]:
    """Return the padded spectra of windowed frames centred on each hop, (frames, bins)."""
    padded = np.pad(sound, (size // 2, size // 2))
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    frames = sliding_window_view(padded, size)[: len(sound) : hop] * window
    return np.asarray(fft.rfft(frames, n_fft, axis=1), dtype=np.complex64)


def _overlap_add(frames: NDArray[np.float32], hop: int) -> NDArray[np.float32]:
    """Sum frames that begin a hop apart."""
    n_frames, length = frames.shape
    parts = -(-length // hop)
    padded = np.pad(frames, ((0, 0), (0, parts * hop - length)))
    total = np.zeros((n_frames + parts, hop), np.float32)
    for part in range(parts):
        total[part : part + n_frames] += padded[:, part * hop : (part + 1) * hop]
    return total.ravel()

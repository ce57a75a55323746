"""Pitched instruments: every note is a sum of damped sine waves (modal synthesis).

A patch is a row of numbers that says which partials a string, tine, reed or oscillator has, how
loud each is, and how fast it dies away; detuned copies spread over the stereo field make
ensembles. A decaying partial is a geometric series of complex numbers, so a note of thousands of
samples is one small matrix product (Mathews and Smith, "Methods for synthesizing very high Q
parametrically well behaved two pole filters", 2003, for the phasor form).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import signal

_BLOCK = 256  # samples per row of the matrix product
_MAX_PARTIALS = 48


@dataclass(frozen=True, slots=True)
class Patch:
    """The sound of one instrument. Decays are times to fall by 60 dB."""

    tilt_db: float = -6.0  # loudness of partials per octave above the fundamental
    cutoff_hz: float = 6000.0  # a two-pole low-pass over the partials
    ratios: tuple[float, ...] = ()  # partials that are no harmonics; empty: 1, 2, 3 ...
    is_hollow: bool = False  # odd harmonics only, as squares and clarinets have
    comb: float = 0.0  # where the string is struck, as a share of its length
    stiffness: float = 0.0  # stretches the upper partials, f_h = h f sqrt(1 + B h^2)
    decay_s: float = 0.0  # of the low partials; 0: held until released
    damping: float = 0.0  # how much faster upper partials die, per kHz
    attack_s: float = 0.004
    bloom_s: float = 0.0  # upper partials come in this much later, as in brass
    release_s: float = 0.08
    voices: int = 1
    detune_cents: float = 0.0
    width: float = 0.0  # spread of the voices, 0 centre to 1 hard left and right
    drive: float = 0.0  # into tanh; 0 none
    strum_s: float = 0.0  # time between the strings of a chord
    tremolo_hz: float = 0.0
    tremolo_depth: float = 0.0
    knock: float = 0.0  # share of noise at the attack: pick, hammer, breath


PATCHES: dict[str, Patch] = {
    "piano": Patch(-7.0, 5000, comb=0.12, stiffness=3e-4, decay_s=4.5, damping=0.9, release_s=0.15,
                   voices=2, detune_cents=1.5, width=0.3, knock=0.05),
    "electric piano": Patch(-9.0, 7000, ratios=(1, 2, 3, 4, 7.1, 14.2), decay_s=3.2, damping=1.4,
                            release_s=0.2, voices=2, detune_cents=2, width=0.5, tremolo_hz=4.5,
                            tremolo_depth=0.2, knock=0.02),
    "organ": Patch(-3.5, 4500, ratios=(0.5, 1, 1.5, 2, 3, 4, 6, 8), attack_s=0.008, release_s=0.05,
                   voices=2, detune_cents=3, width=0.5, tremolo_hz=6.2, tremolo_depth=0.15),
    "soft pad": Patch(-6.5, 1500, attack_s=0.35, bloom_s=0.4, release_s=0.6, voices=5,
                      detune_cents=11, width=0.9),
    "string section": Patch(-5.5, 2600, attack_s=0.12, bloom_s=0.15, release_s=0.3, voices=5,
                            detune_cents=9, width=0.8, tremolo_hz=5.3, tremolo_depth=0.06),
    "bright synth": Patch(-5.5, 4200, decay_s=1.4, damping=0.5, attack_s=0.003, release_s=0.12,
                          voices=3, detune_cents=9, width=0.7),
    "supersaw": Patch(-6.0, 7000, attack_s=0.008, release_s=0.2, voices=7, detune_cents=16,
                      width=1.0),
    "glass": Patch(-5.0, 9000, ratios=(1, 2.01, 3.98, 5.4, 8.9), decay_s=1.8, damping=0.25,
                   release_s=0.4, voices=2, detune_cents=4, width=0.6),
    "bell": Patch(-3.5, 8000, ratios=(0.5, 1, 1.2, 2, 2.76, 4.07, 5.43), decay_s=2.6, damping=0.5,
                  release_s=0.6, voices=2, detune_cents=2, width=0.5),
    "marimba": Patch(-8.0, 7000, ratios=(1, 3.93, 9.2), decay_s=0.7, damping=1.2, release_s=0.3,
                     knock=0.06),
    "flute": Patch(-13.0, 4000, attack_s=0.05, release_s=0.1, voices=2, detune_cents=5, width=0.2,
                   tremolo_hz=5.0, tremolo_depth=0.15, knock=0.08),
    "brass": Patch(-4.5, 3000, attack_s=0.025, bloom_s=0.06, release_s=0.08, voices=3,
                   detune_cents=7, width=0.6, knock=0.02),
    "square lead": Patch(-6.0, 3500, is_hollow=True, attack_s=0.006, release_s=0.1, voices=2,
                         detune_cents=7, width=0.4, tremolo_hz=5.5, tremolo_depth=0.1),
    "nylon guitar": Patch(-8.0, 3500, comb=0.27, stiffness=5e-5, decay_s=2.2, damping=1.8,
                          release_s=0.1, strum_s=0.012, knock=0.03),
    "steel guitar": Patch(-6.0, 6500, comb=0.15, stiffness=1e-4, decay_s=3.2, damping=0.8,
                          release_s=0.12, voices=2, detune_cents=3, width=0.6, strum_s=0.014,
                          knock=0.04),
    "clean guitar": Patch(-6.5, 4500, comb=0.22, stiffness=8e-5, decay_s=1.6, damping=1.0,
                          release_s=0.06, strum_s=0.007, knock=0.03, drive=0.6),
    "crunch guitar": Patch(-6.0, 3600, comb=0.2, stiffness=8e-5, decay_s=4.0, damping=0.5,
                           release_s=0.08, voices=2, detune_cents=6, width=0.9, drive=4.0,
                           strum_s=0.008),
    "power guitar": Patch(-5.5, 3200, comb=0.18, stiffness=8e-5, decay_s=6.0, damping=0.4,
                          release_s=0.08, voices=2, detune_cents=9, width=1.0, drive=10.0,
                          strum_s=0.004),
    "picked bass": Patch(-7.0, 1600, comb=0.2, stiffness=6e-5, decay_s=2.4, damping=2.2,
                         release_s=0.06, knock=0.02, drive=0.4),
    "upright bass": Patch(-10.0, 900, comb=0.3, stiffness=4e-5, decay_s=1.3, damping=3.5,
                          attack_s=0.01, release_s=0.12, knock=0.04),
    "slap bass": Patch(-5.5, 3200, comb=0.08, stiffness=1e-4, decay_s=1.6, damping=1.2,
                       release_s=0.05, knock=0.08, drive=0.8),
    "driven bass": Patch(-6.5, 2200, comb=0.15, decay_s=3.0, damping=0.8, release_s=0.06,
                         drive=3.0),
    "sub bass": Patch(-18.0, 400, attack_s=0.008, release_s=0.06, drive=0.5),
    "saw bass": Patch(-6.0, 700, decay_s=1.6, damping=2.0, attack_s=0.004, release_s=0.05, voices=2,
                      detune_cents=5),
    "square bass": Patch(-6.0, 600, is_hollow=True, attack_s=0.004, release_s=0.04, decay_s=3.0,
                         damping=1.0),
}  # fmt: skip

_JITTERED = ("cutoff_hz", "decay_s", "damping", "attack_s", "release_s", "detune_cents", "drive",
             "tremolo_hz", "tremolo_depth", "strum_s", "knock", "comb")  # fmt: skip


def draw_patch(name: str, brightness: float, rng: np.random.Generator) -> Patch:
    """Return a patch by name with its numbers moved a little, as no two instruments are alike.

    `brightness` moves the cut-off of every patch of a song: 1 leaves it, 2 is an octave up.
    """
    patch = replace(PATCHES[name], cutoff_hz=PATCHES[name].cutoff_hz * brightness)
    moved = {name: getattr(patch, name) * float(np.exp(rng.normal(0, 0.22))) for name in _JITTERED}
    return replace(patch, **moved, tilt_db=patch.tilt_db + float(rng.uniform(-1.5, 1.5)))


def render_note(
    patch: Patch,
    pitches: tuple[int, ...],
    duration_s: float,
    sample_rate_hz: int,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Play one strike of a patch.

    Parameters
    ----------
    pitches
        MIDI numbers sounded together.
    duration_s
        Until the key is released; the release follows.

    Returns
    -------
    sound : (2, samples), of about unit level whatever the number of pitches
    """
    n_samples = int((duration_s + patch.release_s) * sample_rate_hz)
    sound = np.zeros((2, n_samples), np.float32)
    for number, pitch in enumerate(pitches):
        late = min(int(number * patch.strum_s * sample_rate_hz), n_samples - 1)
        sound[:, late:] += _string(patch, pitch, n_samples - late, sample_rate_hz, rng)
    sound *= np.float32(1.0 / np.sqrt(len(pitches)))
    if patch.knock > 0:
        sound[:, : n_samples // 2] += _knock(patch, n_samples // 2, sample_rate_hz, rng)
    if patch.drive > 0:
        sound = _amplify(patch, sound, sample_rate_hz)
    return without_dc(sound * _envelope(patch, duration_s, n_samples, sample_rate_hz))


def _amplify(patch: Patch, sound: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float32]:
    """Drive a valve, then a loudspeaker that keeps its highest overtones to itself."""
    driven = np.tanh(sound * np.float32(1 + patch.drive)) / np.float32(np.tanh(1 + patch.drive))
    corner = min(0.9, 3.0 * patch.cutoff_hz / sample_rate_hz)
    return np.asarray(signal.lfilter(*signal.butter(2, corner), driven, axis=1), dtype=np.float32)


def without_dc(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Subtract a bell as long as the sound, so that it sums to zero and still ends in silence."""
    bell = np.hanning(sound.shape[-1]).astype(np.float32)
    bell /= np.float32(bell.mean() + 1e-9)
    centred: NDArray[np.float32] = sound - sound.mean(axis=-1, keepdims=True) * bell
    return centred


def _string(
    patch: Patch, pitch: int, n_samples: int, sample_rate_hz: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Sum the partials of all voices of one pitch, (2, samples)."""
    frequency_hz = 440.0 * 2 ** ((pitch - 69) / 12)
    ratios, levels = _partials(patch, frequency_hz, sample_rate_hz)
    spread = np.linspace(-1, 1, patch.voices) if patch.voices > 1 else np.zeros(1)
    cents = patch.detune_cents * (spread + rng.normal(0, 0.15, patch.voices))
    hz = frequency_hz * 2 ** (cents[:, None] / 1200) * ratios
    phases = rng.uniform(0, 2 * np.pi, hz.shape) * (patch.voices > 1)
    fall, gains = _falls(patch, frequency_hz * ratios), levels / np.sqrt(patch.voices)
    if patch.bloom_s > 0:  # a late partial is the partial minus one that dies at once
        hz, phases = np.tile(hz, 2), np.tile(phases, 2)
        gains = np.concatenate([gains, -gains * (ratios > 1.5)])
        fall = np.concatenate([fall, fall + np.log(1000) / (4 * patch.bloom_s)])
    voices = damped_sines(hz, fall, phases, gains, n_samples, sample_rate_hz)
    pan = spread * patch.width * np.where(np.arange(patch.voices) % 2, -1, 1)
    sides = np.sqrt(0.5 * np.stack([1 - pan, 1 + pan])).astype(np.float32)
    sound: NDArray[np.float32] = np.einsum("cv,vn->cn", sides, voices)
    return sound


def _partials(
    patch: Patch, frequency_hz: float, sample_rate_hz: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ratios and levels of the audible partials; levels have unit power."""
    if patch.ratios:
        number = np.asarray(patch.ratios)
    else:
        number = np.arange(1, _MAX_PARTIALS + 1, 2 if patch.is_hollow else 1, dtype=np.float64)
    ratios = number * np.sqrt(1 + patch.stiffness * number**2)
    hz = frequency_hz * ratios
    levels = np.maximum(number, 1e-3) ** (patch.tilt_db / 6.02)
    levels = np.where(number < 1, 0.5, levels) / np.sqrt(1 + (hz / patch.cutoff_hz) ** 4)
    if patch.comb > 0:
        levels = levels * (0.15 + np.abs(np.sin(np.pi * number * patch.comb)))
    audible = (hz < 0.45 * sample_rate_hz) & (levels > 1e-3 * levels.max())
    audible[np.argmin(hz)] = True
    levels = levels[audible]
    return ratios[audible], 0.35 * levels / np.sqrt(np.sum(levels**2))


def _falls(patch: Patch, hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return decay rates per second, higher for higher partials; 0 for held sounds."""
    if patch.decay_s == 0:
        return np.zeros(hz.shape)
    base = np.log(1000) / patch.decay_s
    falls: NDArray[np.float64] = np.sqrt(0.6 + 0.4 * hz / 220) * (1 + patch.damping * hz / 1000)
    falls *= base
    return falls


def damped_sines(
    hz: NDArray[np.float64],
    fall: NDArray[np.float64],
    phases: NDArray[np.float64],
    gains: NDArray[np.float64],
    n_samples: int,
    sample_rate_hz: int,
) -> NDArray[np.float32]:
    """Return ``sum_p gains[p] exp(-fall[p] t) sin(2 pi hz[v, p] t + phases[v, p])`` per voice v.

    With t = (row * 256 + column) / rate each term is a product of a row and a column factor, so
    the sum over partials is a matrix product of (rows, 2 partials) and (2 partials, 256).

    Parameters
    ----------
    hz, phases
        (voices, partials): frequencies, and phases in radians.
    fall, gains
        (partials,): decay rates per second, and levels.

    Returns
    -------
    sound : (voices, n_samples)
    """
    rows = -(-n_samples // _BLOCK)
    rates = (2j * np.pi * hz - fall) / sample_rate_hz
    row = gains * np.exp(np.arange(rows)[:, None, None] * (_BLOCK * rates) + 1j * phases)
    column = np.exp(np.arange(_BLOCK)[:, None, None] * rates)
    left = np.concatenate([row.real, row.imag], axis=-1).astype(np.float32)
    right = np.concatenate([column.imag, column.real], axis=-1).astype(np.float32)
    # einsum, not @: BLAS rounds differently with another number of threads
    right = np.ascontiguousarray(right.transpose(1, 2, 0))
    sound = np.einsum("rvp,vpk->vrk", left, right)
    return np.ascontiguousarray(sound.reshape(len(hz), -1)[:, :n_samples])


def _knock(
    patch: Patch, n_samples: int, sample_rate_hz: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The noise of pick, hammer or breath, gone within hundredths of a second."""
    fall = np.exp(-np.arange(n_samples) / (0.012 * sample_rate_hz)).astype(np.float32)
    noise = rng.standard_normal(n_samples, dtype=np.float32)
    return np.float32(patch.knock) * noise * fall


def _envelope(
    patch: Patch, duration_s: float, n_samples: int, sample_rate_hz: int
) -> NDArray[np.float32]:
    """Attack, release and tremolo, (2, samples); tremolo swings between left and right."""
    t_s = np.arange(n_samples, dtype=np.float32) / np.float32(sample_rate_hz)
    rise = np.minimum(t_s / max(patch.attack_s, 1e-3), 1)
    left_s = np.clip((duration_s + patch.release_s - t_s) / patch.release_s, 0, 1)
    swing = patch.tremolo_depth * np.sin(2 * np.pi * patch.tremolo_hz * t_s)
    shape: NDArray[np.float32] = np.stack([1 - swing, 1 + swing]) * (rise * left_s**2)
    return shape.astype(np.float32, copy=False)

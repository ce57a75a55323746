"""The drum kit: single strokes from decaying modes, swept sines and shaped noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from audio.players.patches import damped_sines, without_dc
from audio.players.score import nearest_tone

Mono = NDArray[np.float32]

SWELL_S = 0.9  # how long before its goal a swell begins


@dataclass(frozen=True, slots=True)
class Kit:
    """The numbers behind one drum kit; times are to fall by 60 dB."""

    kick_hz: float = 52.0
    kick_sweep: float = 4.0  # how many times higher the stroke starts
    kick_s: float = 0.35
    kick_click: float = 0.25
    kick_drive: float = 1.0
    snare_hz: float = 190.0
    snare_s: float = 0.22
    snare_wires: float = 0.8  # noise against skin
    snare_cut_hz: float = 7000.0
    hat_hz: float = 8200.0
    hat_s: float = 0.07
    metal: float = 0.5  # tone against noise in hats and cymbals
    clap_s: float = 0.2
    tom_hz: float = 110.0
    room_s: float = 0.25
    room: float = 0.15
    top_db: float = 0.0  # level of hats, cymbals and shakers


KITS: dict[str, Kit] = {
    "studio": Kit(),
    "garage": Kit(kick_hz=62, kick_click=0.5, snare_hz=215, snare_s=0.3, room_s=0.5, room=0.35,
                  top_db=1.5),
    "machine": Kit(kick_hz=48, kick_sweep=6, kick_s=0.3, kick_click=0.4, kick_drive=2.5,
                   snare_hz=200, snare_s=0.18, hat_s=0.05, metal=0.3, room=0.03),
    "deep": Kit(kick_hz=44, kick_sweep=3.5, kick_s=0.9, kick_click=0.25, kick_drive=1.5,
                snare_s=0.16, hat_hz=9500, hat_s=0.05, metal=0.25, room=0.06),
    "gated": Kit(kick_hz=55, kick_click=0.4, snare_hz=175, snare_s=0.35, snare_wires=1.0,
                 room_s=0.3, room=0.6, clap_s=0.3),
    "dusty": Kit(kick_hz=60, kick_s=0.22, kick_click=0.15, kick_drive=3, snare_hz=180, snare_s=0.16,
                 snare_cut_hz=3800, hat_hz=5200, hat_s=0.06, room=0.2, top_db=-3),
    "brush": Kit(kick_hz=58, kick_sweep=2, kick_s=0.25, kick_click=0.08, kick_drive=0.3,
                 snare_s=0.25, snare_cut_hz=5000, hat_s=0.05, room=0.25, top_db=-3),
}  # fmt: skip


def draw_kit(name: str, brightness: float, rng: np.random.Generator) -> Kit:
    """Return a kit by name, each number moved by about a sixth; bright songs have louder tops."""
    kit = KITS[name]
    moved = {
        field.name: getattr(kit, field.name) * float(np.exp(rng.normal(0, 0.15)))
        for field in fields(Kit)
        if field.name != "top_db"
    }
    return replace(
        kit,
        **moved,
        top_db=kit.top_db + 4 * float(np.log2(brightness)) + float(rng.uniform(-2.5, 1.5)),
    )


def tune_kick(kit: Kit, pitch_classes: tuple[int, ...]) -> Kit:
    """Return the kit with its kick on the nearest of some pitch classes, as producers tune it."""
    pitch = nearest_tone(69 + 12 * float(np.log2(kit.kick_hz / 440)), pitch_classes)
    return replace(kit, kick_hz=440.0 * 2 ** ((pitch - 69) / 12))


def render_hit(
    kit: Kit, piece: str, sample_rate_hz: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Strike one piece of the kit once, in its room.

    Returns
    -------
    sound : (2, samples), panned as the kit stands
    """
    dry = _PIECES[piece](kit, sample_rate_hz, rng)
    n_tail = int(kit.room_s * sample_rate_hz)
    tail = _fall(n_tail, kit.room_s, sample_rate_hz)
    pan, room_share, level_db = _PLACES[piece]
    level_db += kit.top_db if piece in _TOPS else 0.0
    level = np.float32(kit.room * room_share * 4 / np.sqrt(sample_rate_hz * kit.room_s))
    sides = []
    for side in (-1, 1):
        room = rng.standard_normal(n_tail, dtype=np.float32) * tail * level
        room[0] = np.sqrt(0.5 * (1 + side * pan)) * np.sqrt(2)
        sides.append(signal.oaconvolve(dry, room))
    sound = without_dc(np.stack(sides).astype(np.float32))
    return sound * np.float32(10 ** (level_db / 20))


# Pan, share of the kit's room, level in dB.
_PLACES: dict[str, tuple[float, float, float]] = {
    "kick": (0.0, 0.25, 0.0),
    "snare": (0.0, 1.0, -2.0),
    "clap": (0.0, 1.0, -4.0),
    "rim": (0.15, 1.0, -7.0),
    "hat": (0.25, 0.4, -13.0),
    "open": (0.25, 0.4, -16.0),
    "ride": (-0.35, 0.5, -16.0),
    "crash": (-0.2, 1.0, -12.0),
    "swell": (0.2, 1.0, -16.0),
    "shaker": (-0.4, 0.4, -17.0),
    "tom": (0.2, 1.0, -3.0),
    "low tom": (-0.25, 1.0, -2.0),
}
_TOPS = frozenset(("hat", "open", "ride", "crash", "swell", "shaker"))


def _fall(n_samples: int, time_s: float, sample_rate_hz: int) -> Mono:
    """Return an exponential that reaches -60 dB after `time_s`."""
    t_s = np.arange(n_samples, dtype=np.float32) / np.float32(sample_rate_hz)
    fall: Mono = np.exp(-t_s * np.float32(np.log(1000) / time_s))
    return fall


def _noise(
    n_samples: int,
    band_hz: tuple[float, float],
    sample_rate_hz: int,
    rng: np.random.Generator,
) -> Mono:
    """Return noise within a band, of unit power whatever the band's width."""
    top = min(band_hz[1] / (0.5 * sample_rate_hz), 0.95)
    edges = np.array([min(band_hz[0] / (0.5 * sample_rate_hz), 0.6 * top), top])
    sections = signal.butter(2, edges, "bandpass", output="sos").astype(np.float32)
    noise = signal.sosfilt(sections, rng.standard_normal(n_samples, dtype=np.float32))
    return np.asarray(noise / np.sqrt(edges[1] - edges[0]), dtype=np.float32)


def _modes(
    hz: tuple[float, ...], times_s: tuple[float, ...], levels: tuple[float, ...], rate_hz: int
) -> Mono:
    """Return ringing modes at the given frequencies."""
    kept = np.asarray(hz) < 0.45 * rate_hz
    falls = np.log(1000) / np.asarray(times_s)[kept]
    gains = np.asarray(levels)[kept]
    n_samples = int(max(times_s) * rate_hz)
    rung = damped_sines(np.asarray(hz)[None, kept], falls, np.zeros(1), gains, n_samples, rate_hz)
    return rung.ravel()


def _kick(kit: Kit, rate_hz: int, rng: np.random.Generator) -> Mono:
    """A sine that falls from the click to the drum's own pitch, driven into saturation."""
    n_samples = int(kit.kick_s * rate_hz)
    t_s = np.arange(n_samples) / rate_hz
    hz = kit.kick_hz * (1 + kit.kick_sweep * np.exp(-t_s / 0.018))
    body = np.sin(2 * np.pi * np.cumsum(hz) / rate_hz).astype(np.float32)
    body = np.tanh(body * _fall(n_samples, kit.kick_s, rate_hz) * np.float32(1 + kit.kick_drive))
    click = _noise(n_samples, (1500, 6000), rate_hz, rng) * _fall(n_samples, 0.012, rate_hz)
    return np.asarray(0.9 * body + 0.5 * kit.kick_click * click, dtype=np.float32)


def _snare(kit: Kit, rate_hz: int, rng: np.random.Generator) -> Mono:
    n_samples = int(1.2 * kit.snare_s * rate_hz)
    f = kit.snare_hz
    skin = _modes((f, 1.6 * f, 2.3 * f), (0.6 * kit.snare_s, 0.4 * kit.snare_s, 0.2), (1, 0.5, 0.2),
                  rate_hz)  # fmt: skip
    wires = _noise(n_samples, (0.25 * kit.snare_cut_hz, kit.snare_cut_hz), rate_hz, rng)
    wires *= _fall(n_samples, kit.snare_s, rate_hz)
    return _sum(0.55 * skin, 0.45 * kit.snare_wires * wires)


def _rim(_: Kit, rate_hz: int, rng: np.random.Generator) -> Mono:
    tone = _modes((830.0, 1730.0, 2480.0), (0.05, 0.03, 0.03), (0.6, 0.5, 0.3), rate_hz)
    n_samples = int(0.03 * rate_hz)
    tick = _noise(n_samples, (2000, 7000), rate_hz, rng) * _fall(n_samples, 0.02, rate_hz)
    return _sum(tone, 0.3 * tick)


def _clap(kit: Kit, rate_hz: int, rng: np.random.Generator) -> Mono:
    """Four hands a hundredth of a second apart, then the room's answer."""
    n_samples = int(1.2 * kit.clap_s * rate_hz)
    noise = _noise(n_samples, (900, 4200), rate_hz, rng)
    shape = 0.5 * _fall(n_samples, kit.clap_s, rate_hz)
    for late_s in (0.0, 0.009, 0.021, 0.03):
        late = int((late_s + rng.uniform(0, 0.003)) * rate_hz)
        shape[late:] += _fall(n_samples - late, 0.025, rate_hz)
    return np.asarray(0.5 * noise * shape, dtype=np.float32)


def _cymbal(time_s: float, low_hz: float, tone: float) -> Callable[..., Mono]:
    """Return a renderer: inharmonic metal under bright noise, scaled to the kit's hats."""

    def render(kit: Kit, rate_hz: int, rng: np.random.Generator) -> Mono:
        length_s = time_s * kit.hat_s / 0.07
        n_samples = int(length_s * rate_hz)
        floor_hz = kit.hat_hz * low_hz
        noise = _noise(n_samples, (floor_hz, 2.2 * floor_hz), rate_hz, rng)
        hz = tuple(float(f) for f in floor_hz * rng.uniform(0.5, 1.6, 14))
        times = tuple(float(s) for s in length_s * rng.uniform(0.4, 1.0, 14))
        metal = _modes(hz, times, (0.35,) * 14, rate_hz)
        return _sum(noise * _fall(n_samples, length_s, rate_hz), kit.metal * tone * metal)

    return render


def _shaker(_: Kit, rate_hz: int, rng: np.random.Generator) -> Mono:
    n_samples = int(0.09 * rate_hz)
    noise = _noise(n_samples, (5000, 9500), rate_hz, rng)
    return noise * np.hanning(n_samples).astype(np.float32)


def _swell(kit: Kit, rate_hz: int, rng: np.random.Generator) -> Mono:
    """A cymbal played backwards, into the section that follows."""
    return np.ascontiguousarray(
        _PIECES["crash"](kit, rate_hz, rng)[::-1][-int(SWELL_S * rate_hz) :]
    )


def _tom(ratio: float) -> Callable[..., Mono]:
    """Return a renderer of a tom at a share of the kit's tom pitch."""

    def render(kit: Kit, rate_hz: int, rng: np.random.Generator) -> Mono:
        low = replace(kit, kick_hz=kit.tom_hz * ratio, kick_sweep=0.6, kick_s=0.5, kick_click=0.15)
        return 0.8 * _kick(low, rate_hz, rng)

    return render


def _sum(first: Mono, second: Mono) -> Mono:
    """Add two sounds of different lengths."""
    total = np.zeros(max(len(first), len(second)), np.float32)
    total[: len(first)] += first
    total[: len(second)] += second
    return total


_PIECES: dict[str, Callable[[Kit, int, np.random.Generator], Mono]] = {
    "kick": _kick,
    "snare": _snare,
    "rim": _rim,
    "clap": _clap,
    "hat": _cymbal(0.07, 1.0, 0.5),
    "open": _cymbal(0.35, 0.9, 0.6),
    "ride": _cymbal(0.8, 0.6, 0.9),
    "crash": _cymbal(1.6, 0.55, 0.7),
    "swell": _swell,
    "shaker": _shaker,
    "tom": _tom(1.0),
    "low tom": _tom(0.7),
}

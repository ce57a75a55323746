"""What a finished mashup measures: time between the songs, presence, two voices, key, loudness."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from audio.decode import to_analysis
from audio.key import CHROMA_RATE_HZ, chroma
from audio.params import PARAMS, RENDER_RATE_HZ
from audio.presence import presence
from model.offsets import onset_offsets
from model.plan import Plan
from model.render import Mashup

SCORES_VERSION = 1
NEAR_S = 0.020  # offsets below this are heard as one hit
HIDDEN_DB = -10.0  # a bed's mids this far down no longer read as a second voice
_VOICE_HZ = (300.0, 3400.0)
_STEP_S = 0.1
_KEY_SPAN_S = 4.0


@dataclass(frozen=True, slots=True)
class MashupScores:
    """Measures of one mashup; shares are 0 to 1, JSON-able by `to_dict`.

    Attributes
    ----------
    offset_ms, near_share : median distance between onsets of both songs, and the share of
        two-bar windows within 20 ms; None where too little sounds together to tell
    two_voices : share of time in which both songs seem to sing and both are heard
    key_agreement : correlation of chroma of what is heard of each, -1 to 1
    """

    lufs: float
    true_peak_dbtp: float
    clipped_samples: int
    a_presence: float
    b_presence: float
    unexplained: float
    offset_ms: float | None
    near_share: float | None
    two_voices: float
    key_agreement: float
    masker: str
    version: int = SCORES_VERSION

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(mashup: Mashup, plan: Plan) -> MashupScores:
    """Measure a finished mashup."""
    heard = presence(mashup.audio, mashup.a_audio, mashup.b_audio, sample_rate_hz=RENDER_RATE_HZ)
    a, b = (to_analysis(audio) for audio in (mashup.a_audio, mashup.b_audio))
    offsets_s = onset_offsets(a, b, beats_s=np.array(plan.beats_s))
    return MashupScores(
        lufs=round(mashup.lufs, 2),
        true_peak_dbtp=round(mashup.true_peak_dbtp, 2),
        clipped_samples=mashup.clipped_samples,
        a_presence=round(heard.voice_share, 4),
        b_presence=round(heard.bed_share, 4),
        unexplained=round(heard.unexplained, 4),
        offset_ms=_rounded(1000 * np.abs(offsets_s), np.median, 1),
        near_share=_rounded(np.abs(offsets_s) <= NEAR_S, np.mean, 4),
        two_voices=round(two_voices(mashup, plan), 4),
        key_agreement=round(key_agreement(mashup.voice_audio, mashup.bed_audio), 4),
        masker=mashup.masker,
    )


def two_voices(mashup: Mashup, plan: Plan) -> float:
    """Return the share of time in which both songs seem to sing and the bed's mids are heard."""
    times_s = np.arange(0, plan.duration_s, _STEP_S, dtype=np.float64)
    both = _within(times_s, plan.a.singing) & _within(times_s, plan.b.singing)
    led = np.zeros(len(times_s), bool)
    for part in plan.parts:
        if part.voice is not None:
            led |= (times_s >= part.start_s) & (times_s < part.end_s)
    hidden = _mids_hidden(mashup, plan, len(times_s))
    return float(np.mean(both & led & ~hidden))


def key_agreement(voice: NDArray[np.float32], bed: NDArray[np.float32]) -> float:
    """Return the mean correlation of the chroma of two parts over spans of four seconds."""
    first, second = (
        chroma(to_analysis(audio), sample_rate_hz=PARAMS.sample_rate_hz) for audio in (voice, bed)
    )
    spans = max(round(first.shape[1] / CHROMA_RATE_HZ / _KEY_SPAN_S), 1)
    scores = []
    for x, y in zip(np.array_split(first, spans, 1), np.array_split(second, spans, 1), strict=True):
        mean_x, mean_y = x.mean(axis=1), y.mean(axis=1)
        if mean_x.std() > 0 and mean_y.std() > 0:
            scores.append(np.corrcoef(mean_x, mean_y)[0, 1])
    return float(np.mean(scores)) if scores else 0.0


def _within(
    times_s: NDArray[np.float64], spans: tuple[tuple[float, float], ...]
) -> NDArray[np.bool_]:
    inside = np.zeros(len(times_s), bool)
    for start_s, end_s in spans:
        inside |= (times_s >= start_s) & (times_s < end_s)
    return inside


def _mids_hidden(mashup: Mashup, plan: Plan, steps: int) -> NDArray[np.bool_]:
    """Say for each step whether the bed's mids are HIDDEN_DB or more under what its song has."""
    sos = scipy.signal.butter(
        2, _VOICE_HZ, btype="bandpass", fs=PARAMS.sample_rate_hz, output="sos"
    )
    size = round(_STEP_S * PARAMS.sample_rate_hz)
    power = {}
    for name, audio in (("bed", mashup.bed_audio), ("A", mashup.a_audio), ("B", mashup.b_audio)):
        mids = scipy.signal.sosfilt(sos, to_analysis(audio))
        whole = np.zeros(steps * size)
        whole[: min(len(mids), len(whole))] = mids[: len(whole)]
        power[name] = (whole.reshape(steps, size) ** 2).mean(axis=1) + 1e-12
    original = power["B"].copy()
    times_s = np.arange(steps) * _STEP_S
    for part in plan.parts:
        inside = (times_s >= part.start_s) & (times_s < part.end_s)
        original[inside] = power[part.bed][inside]
    return np.asarray(10 * np.log10(power["bed"] / original) <= HIDDEN_DB)


def _rounded(values: NDArray[np.floating | np.bool_], sum_up: Any, digits: int) -> float | None:
    return round(float(sum_up(values)), digits) if len(values) else None

"""From a plan to sound: both songs laid on the timeline, masked, balanced, joined and mastered."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.decode import to_analysis
from audio.loudness import master
from audio.params import RENDER_RATE_HZ
from audio.spectrogram import params_at, stft
from audio.stretch import warp
from model.balance import balance
from model.masks import MaskMaker, Masks, apply_masks
from model.offsets import WINDOW_BEATS, common_offset_s, onset_offsets
from model.plan import Plan, SongId
from model.songs import AnalysedSong

SWAP_S = 0.08  # leaders change places within this time, around the downbeat
_PIECE_FRAMES = 512  # of 46 ms frames: what is synthesised at once, to bound memory
_MARGIN_FRAMES = 4  # a window of 4 hops reaches no further


@dataclass(frozen=True, slots=True)
class Mashup:
    """A finished mashup; every array is `(2, samples)` at 44.1 kHz on its timeline.

    Attributes
    ----------
    audio : mastered
    voice_audio, bed_audio : what is heard of voice and bed, before mastering's gain
    a_audio, b_audio : the whole songs, stretched and transposed, not masked
    settled_ms : how much later the voice was moved because onsets, not counted beats, said so
    masker : who decided what is heard of each song
    voice_gain_db : what was done to the voice in each part of the plan
    """

    audio: NDArray[np.float32]
    voice_audio: NDArray[np.float32]
    bed_audio: NDArray[np.float32]
    a_audio: NDArray[np.float32]
    b_audio: NDArray[np.float32]
    settled_ms: float
    masker: str
    gain_db: float
    lufs: float
    true_peak_dbtp: float
    clipped_samples: int
    voice_gain_db: tuple[float, ...]


def render(
    plan: Plan,
    a: AnalysedSong,
    b: AnalysedSong,
    *,
    mask_maker: MaskMaker,
    progress: Callable[[str], None] = lambda _: None,
) -> Mashup:
    """Make the mashup of a plan.

    Parameters
    ----------
    a, b : the songs that the plan was made of
    mask_maker : the champion, or a rule where there is none; its name is kept
    progress : is told each step as it begins: "stretch", "mask", "mix", "master"

    Raises
    ------
    SilentAudioError: nothing of either song is left to hear.
    """
    progress("stretch")
    laid = dict(zip(("A", "B"), _warp_both(plan, a, b), strict=True))
    late_s = voice_lag_s(plan, laid["A"], laid["B"])
    laid[plan.voice] = delayed(laid[plan.voice], later_s=-late_s)
    a_audio, b_audio = laid["A"], laid["B"]
    voice, bed = cast_roles(plan, a_audio, b_audio)
    progress("mask")
    magnitudes = [stft(to_analysis(song)).abs() for song in (voice, bed)]
    masks = mask_maker.masks(magnitudes[0], magnitudes[1])
    desk = balance(masks, magnitudes[0], magnitudes[1], plan=plan)
    del magnitudes, masks
    progress("mix")
    voice_audio, bed_audio = synthesise(desk.masks, voice, bed)
    envelope = fades(plan, voice.shape[1])
    voice_audio *= envelope
    bed_audio *= envelope
    progress("master")
    mastered = master(voice_audio + bed_audio, RENDER_RATE_HZ)
    return Mashup(
        audio=mastered.audio,
        voice_audio=voice_audio,
        bed_audio=bed_audio,
        a_audio=a_audio,
        b_audio=b_audio,
        settled_ms=round(0.0 - 1000 * late_s, 2),
        masker=mask_maker.name,
        gain_db=mastered.gain_db,
        lufs=mastered.lufs,
        true_peak_dbtp=mastered.true_peak_dbtp,
        clipped_samples=int(np.sum(np.abs(mastered.audio) >= 1.0)),
        voice_gain_db=desk.voice_gain_db,
    )


def voice_lag_s(plan: Plan, a_audio: NDArray[np.float32], b_audio: NDArray[np.float32]) -> float:
    """Return how much later than the bed's the voice's onsets come, beyond the wished nudge."""
    beats_s = np.array(plan.beats_s)
    offsets_s = onset_offsets(to_analysis(a_audio), to_analysis(b_audio), beats_s=beats_s)
    lag_s = common_offset_s(offsets_s, windows=len(beats_s) // WINDOW_BEATS)
    if lag_s == 0.0:
        return 0.0
    return (lag_s if plan.voice == "B" else -lag_s) - plan.nudge_ms / 1000


def delayed(audio: NDArray[np.float32], *, later_s: float) -> NDArray[np.float32]:
    """Return `(channels, samples)` heard `later_s` later, to the sample, at the same length."""
    shift = round(later_s * RENDER_RATE_HZ)
    moved = np.zeros_like(audio)
    if shift >= 0:
        moved[:, shift:] = audio[:, : audio.shape[1] - shift]
    else:
        moved[:, :shift] = audio[:, -shift:]
    return moved


def cast_roles(
    plan: Plan, a_audio: NDArray[np.float32], b_audio: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return voice and bed `(2, samples)`: who leads when, with a crossfade where that changes."""
    leads_a = np.array([_leads_a(plan, index) for index in range(len(plan.parts))], np.float32)
    if (leads_a == leads_a[0]).all():
        return (a_audio, b_audio) if leads_a[0] else (b_audio, a_audio)
    times_s = np.arange(a_audio.shape[1]) / RENDER_RATE_HZ
    knots, values = [], []
    for part, lead in zip(plan.parts, leads_a, strict=True):
        knots += [part.start_s + SWAP_S / 2, part.end_s - SWAP_S / 2]
        values += [lead, lead]
    share = np.interp(times_s, knots, values)
    to_a, to_b = (np.sqrt(x).astype(np.float32) for x in (share, 1 - share))
    return a_audio * to_a + b_audio * to_b, a_audio * to_b + b_audio * to_a


def synthesise(
    masks: Masks, voice: NDArray[np.float32], bed: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Apply masks as `apply_masks` does, piece by piece: equal sound, bounded memory."""
    hop = params_at(RENDER_RATE_HZ).hop_samples
    length = voice.shape[1]
    heard = np.zeros((2, *voice.shape), np.float32)  # (voice and bed, channels, samples)
    for first in range(0, -(-length // hop), _PIECE_FRAMES):
        start = max(first - _MARGIN_FRAMES, 0)
        stop = first + _PIECE_FRAMES + _MARGIN_FRAMES
        span = slice(start * hop, min(stop * hop, length))
        parts = apply_masks(_cut(masks, start, stop), voice[:, span], bed[:, span])
        kept = slice(first * hop, min((first + _PIECE_FRAMES) * hop, length))
        offset = (first - start) * hop
        for target, part in zip(heard, parts, strict=True):
            target[:, kept] = part[:, offset : offset + kept.stop - kept.start]
    return heard[0], heard[1]


def fades(plan: Plan, length: int) -> NDArray[np.float32]:
    """Return the gain `(samples,)` of the whole mashup: in at once, out over its last bar."""
    times_s = np.arange(length) / RENDER_RATE_HZ
    rise = np.clip(times_s / plan.fade_in_s, 0, 1)
    fall = np.clip((plan.duration_s - times_s) / plan.fade_out_s, 0, 1)
    return np.asarray(np.sin(rise * np.pi / 2) * np.sin(fall * np.pi / 2) ** 2, np.float32)


def _warp_both(
    plan: Plan, a: AnalysedSong, b: AnalysedSong
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    def lay(song: AnalysedSong, which: SongId) -> NDArray[np.float32]:
        planned = plan.song(which)
        return warp(
            song.audio,
            planned.segments,
            sample_rate_hz=RENDER_RATE_HZ,
            semitones=planned.semitones,
            duration_s=plan.duration_s,
        )

    with ThreadPoolExecutor(2) as pool:
        both = pool.submit(lay, a, "A"), pool.submit(lay, b, "B")
        return both[0].result(), both[1].result()


def _leads_a(plan: Plan, index: int) -> bool:
    """Say whether A is the voice of a part; in an intro, whether the part after it has it so."""
    part = plan.parts[index]
    return part.voice == "A" if part.voice is not None else part.bed == "B"


def _cut(masks: Masks, start: int, stop: int) -> Masks:
    residual = None if masks.residual is None else masks.residual[start : stop + 1]
    return Masks(masks.voice[start : stop + 1], masks.bed[start : stop + 1], residual)

"""Mashups whose truth is known, made from multitracks, and how close each mask maker comes.

The voice song is stretched and transposed stem by stem, so that the sum of its stems is the
song that the maker is given and the vocals are the truth to the sample.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from audio.decode import to_analysis
from audio.loudness import integrated_lufs
from audio.params import RENDER_RATE_HZ, TARGET_LUFS
from audio.spectrogram import stft
from audio.stems import Stems
from audio.stretch import stretch
from model.baselines import OracleMask
from model.errors import ConfigError, NotEnoughDataError
from model.masks import MaskMaker, apply_masks, phase_sensitive_part, songs_to_masks
from model.metrics import log_spectral_distance_db, si_sdr_db, source_levels
from model.scores import Scores, summarize

_log = logging.getLogger(__name__)

_CONTEXT_S = 0.5  # stretched around a section, then cut away with its edge artefacts
_BLOCK_S = 0.1  # resolution at which sections are searched
_SUNG_SHARE = 0.6  # of a section's blocks, that must hold voice
_TRIES = 64


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """Which mashups are made: every pair once for each stretch with its shift."""

    seed: int = 0
    section_s: float = 12.0
    stretches: tuple[float, ...] = (1.0, 0.93, 1.08)
    shifts: tuple[float, ...] = (0.0, 2.0, -2.0)  # semitones, taken along with the stretches

    def __post_init__(self) -> None:
        if len(self.stretches) != len(self.shifts) or not self.stretches:
            raise ConfigError(
                f"expected as many shifts as stretches, got {self.shifts} and {self.stretches}"
            )
        if self.section_s < 2.0:
            raise ConfigError(f"expected sections of 2 s or more, got {self.section_s:g} s")


@dataclass(frozen=True, slots=True)
class KnownMashup:
    """Two sections on one timeline; the truth is the voice's vocals plus the bed's instruments."""

    name: str
    voice: Stems
    bed: Stems

    def truth(self) -> NDArray[np.float32]:
        return self.voice.vocals + self.bed.instrumental

    def oracle(self) -> OracleMask:
        """Return the best real mask, found as the model finds its own: on analysis audio."""
        voice, bed = (stft(to_analysis(song.mix())) for song in (self.voice, self.bed))
        vocals, instrumental = (
            stft(to_analysis(part)) for part in (self.voice.vocals, self.bed.instrumental)
        )
        return OracleMask(
            phase_sensitive_part(vocals, voice), phase_sensitive_part(instrumental, bed)
        )


def evaluate_multitracks(
    songs: Mapping[str, Stems],
    makers: Sequence[MaskMaker],
    plan: EvaluationPlan,
    *,
    voices: Collection[str] = (),
    beds: Collection[str] = (),
    involving: Collection[str] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> Scores:
    """Score `makers` and the oracle mask on mashups of all ordered pairs of `songs`.

    Parameters
    ----------
    songs : multitracks by name
    voices, beds : only these songs in that role; all where empty
    involving : only pairs with at least one of these songs, such as those held out of training
    on_progress : called with mashups done and mashups in all

    Returns
    -------
    SI-SDR, log-spectral distance, presence of both songs and bleed of the unwanted voice

    Raises
    ------
    NotEnoughDataError
        No pair is left.
    """
    pairs = ordered_pairs(songs, voices=voices, beds=beds, involving=involving)
    total = len(pairs) * len(plan.stretches)
    rows = []
    for mashup in known_mashups(songs, pairs, plan):
        rows.append({maker.name: score(mashup, maker) for maker in (*makers, mashup.oracle())})
        _log.info("%s: %s", mashup.name, {k: round(v["si_sdr_db"], 2) for k, v in rows[-1].items()})
        if on_progress is not None:
            on_progress(len(rows), total)
    return summarize(rows, seed=plan.seed)


def ordered_pairs(
    names: Collection[str],
    *,
    voices: Collection[str] = (),
    beds: Collection[str] = (),
    involving: Collection[str] = (),
) -> list[tuple[str, str]]:
    """Return the (voice, bed) pairs that are asked for, in a fixed order."""
    if unknown := {*voices, *beds, *involving} - set(names):
        raise NotEnoughDataError(
            f"no multitrack named {sorted(unknown)}; there are {sorted(names)}"
        )
    pairs = [
        (voice, bed)
        for voice, bed in permutations(sorted(names), 2)
        if (not voices or voice in voices)
        and (not beds or bed in beds)
        and (not involving or {voice, bed} & set(involving))
    ]
    if not pairs:
        raise NotEnoughDataError(
            f"expected two multitracks or more to pair, got {sorted(names)} with these restrictions"
        )
    return pairs


def known_mashups(
    songs: Mapping[str, Stems], pairs: Sequence[tuple[str, str]], plan: EvaluationPlan
) -> Iterator[KnownMashup]:
    """Make the mashups of a plan; each depends on the seed, its pair and its place alone."""
    gains = {name: _gain(songs[name]) for pair in pairs for name in pair}
    for voice, bed in pairs:
        for place, (ratio, semitones) in enumerate(zip(plan.stretches, plan.shifts, strict=True)):
            rng = np.random.default_rng([plan.seed, place, *f"{voice}/{bed}".encode()])
            yield KnownMashup(
                f"{voice} over {bed}, x{ratio:g}, {semitones:+g} st",
                _voice_section(songs[voice].scaled(gains[voice]), plan, ratio, semitones, rng),
                _bed_section(songs[bed].scaled(gains[bed]), plan, rng),
            )


def score(mashup: KnownMashup, maker: MaskMaker) -> dict[str, float]:
    """Return the metrics of one maker on one mashup."""
    voice, bed = mashup.voice.mix(), mashup.bed.mix()
    parts = apply_masks(songs_to_masks(maker, voice, bed), voice, bed)
    made, truth = parts[0] + parts[1], mashup.truth()
    levels = source_levels(
        made,
        voice=mashup.voice.vocals,
        bed=mashup.bed.instrumental,
        unwanted_voice=mashup.bed.vocals,
        unwanted_bed=mashup.voice.instrumental,
    )
    return {
        "si_sdr_db": si_sdr_db(made, truth),
        "log_spectral_distance_db": log_spectral_distance_db(made, truth),
        **asdict(levels),
    }


def _gain(song: Stems) -> float:
    """Return the gain that brings the whole song to the loudness of all tracks."""
    return float(10 ** ((TARGET_LUFS - integrated_lufs(song.mix(), RENDER_RATE_HZ)) / 20))


def _voice_section(
    song: Stems, plan: EvaluationPlan, ratio: float, semitones: float, rng: np.random.Generator
) -> Stems:
    """Cut a section in which the song sings, and change it stem by stem."""
    samples = round(plan.section_s * RENDER_RATE_HZ)
    context = round(_CONTEXT_S * RENDER_RATE_HZ)
    needed = round((samples + 2 * context) * ratio) + 1
    start = _start(song.vocals, needed, rng)
    changed = [
        stretch(
            stem[:, start : start + needed],
            sample_rate_hz=RENDER_RATE_HZ,
            tempo_ratio=ratio,
            semitones=semitones,
        )[:, context : context + samples]
        for stem in (song.vocals, song.instrumental)
    ]
    return Stems(*changed)


def _bed_section(song: Stems, plan: EvaluationPlan, rng: np.random.Generator) -> Stems:
    samples = round(plan.section_s * RENDER_RATE_HZ)
    start = _start(song.instrumental, samples, rng)
    span = slice(start, start + samples)
    return Stems(song.vocals[:, span], song.instrumental[:, span])


def _start(stem: NDArray[np.float32], samples: int, rng: np.random.Generator) -> int:
    """Return a random start from which the stem sounds most of the time.

    Of many tries the first that sounds enough is taken, else the one that sounds most.
    """
    room = stem.shape[1] - samples
    if room < 0:
        raise NotEnoughDataError(
            f"expected multitracks of {samples / RENDER_RATE_HZ:.1f} s or more for sections of "
            f"this length, got {stem.shape[1] / RENDER_RATE_HZ:.1f} s; ask for shorter sections"
        )
    block = round(_BLOCK_S * RENDER_RATE_HZ)
    whole = stem[:, : stem.shape[1] // block * block]
    power = np.square(whole).reshape(len(stem), -1, block).mean(axis=(0, 2))
    sounds = np.cumsum(np.insert(power > 1e-3 * power.max(), 0, values=False))
    starts = rng.integers(room + 1, size=_TRIES)
    first = starts // block
    last = np.minimum((starts + samples) // block, len(power))
    shares = (sounds[last] - sounds[first]) / np.maximum(last - first, 1)
    enough = shares >= _SUNG_SHARE
    return int(starts[np.argmax(enough) if enough.any() else np.argmax(shares)])

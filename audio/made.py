"""Mashups made of stems, whose truth is known: which part of which song sounds when, and how.

A `Recipe` says it all: where each song stands on the mashup's timeline (cuts and loops are several
segments), how far it is transposed, and what is done to its sound. `make_mashup` carries it out;
`audio/recipe.py` draws one as a maker of mashups would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.errors import AudioError
from audio.stretch import warp
from audio.timemap import Segment
from audio.tone import shelves, squash

Stereo = NDArray[np.float32]  # (2, samples)


class Stemmed(Protocol):
    """A song as its singing and everything else, (2, samples) each, sample-aligned."""

    @property
    def vocals(self) -> Stereo: ...
    @property
    def instrumental(self) -> Stereo: ...


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a mashup does to the part it takes from one song."""

    segments: tuple[Segment, ...]
    semitones: float = 0.0
    gain_db: float = 0.0
    bass_db: float = 0.0
    treble_db: float = 0.0
    squash: float = 0.0  # share of loudness differences evened out


@dataclass(frozen=True, slots=True)
class Recipe:
    """A mashup in full: the singing of one song over the instruments of another."""

    duration_s: float
    bpm: float
    downbeats_s: tuple[float, ...]  # of the mashup
    voice: Treatment
    bed: Treatment


@dataclass(frozen=True, slots=True)
class Parts:
    """The two parts of a mashup as they sound in it, (2, samples); their sum is the mashup."""

    voice: Stereo
    bed: Stereo

    @property
    def mashup(self) -> Stereo:
        return self.voice + self.bed


@dataclass(frozen=True, slots=True)
class MadeMashup:
    """A mashup with its parts and both whole songs, all (2, samples) on the mashup's timeline.

    `voice_part + bed_part` is exactly `mashup`; nothing is scaled, so its peaks may exceed 1.
    The songs are warped as their parts are, and otherwise untouched.
    """

    mashup: Stereo
    voice_song: Stereo
    bed_song: Stereo
    voice_part: Stereo
    bed_part: Stereo


def mix_parts(
    vocals: Stereo, instrumental: Stereo, recipe: Recipe, *, sample_rate_hz: int
) -> Parts:
    """Make only the mashup and its parts, from the vocals of one song and the rest of another."""
    return Parts(
        _treat(_lay(vocals, recipe.voice, recipe, sample_rate_hz), recipe.voice, sample_rate_hz),
        _treat(_lay(instrumental, recipe.bed, recipe, sample_rate_hz), recipe.bed, sample_rate_hz),
    )


def make_mashup(voice: Stemmed, bed: Stemmed, recipe: Recipe, *, sample_rate_hz: int) -> MadeMashup:
    """Make a mashup and everything a model could learn from it.

    A stretched mix is not the sum of stretched stems (a phase vocoder is not linear), so a
    warped song is *defined* as the sum of its warped stems: what the mashup takes from a song
    is then exactly contained in it.

    Parameters
    ----------
    voice, bed
        The song that sings and the song that plays; they may be the same.

    Raises
    ------
    AudioError
        For stems of another shape than (2, samples), or of two lengths.
    """
    for stems in (voice, bed):
        _check_stems(stems)
    sung = _lay(voice.vocals, recipe.voice, recipe, sample_rate_hz)
    played = _lay(bed.instrumental, recipe.bed, recipe, sample_rate_hz)
    voice_rest = _lay(voice.instrumental, recipe.voice, recipe, sample_rate_hz)
    bed_rest = _lay(bed.vocals, recipe.bed, recipe, sample_rate_hz)
    parts = Parts(
        _treat(sung, recipe.voice, sample_rate_hz), _treat(played, recipe.bed, sample_rate_hz)
    )
    return MadeMashup(
        mashup=parts.mashup,
        voice_song=sung + voice_rest,
        bed_song=played + bed_rest,
        voice_part=parts.voice,
        bed_part=parts.bed,
    )


def _lay(stem: Stereo, treatment: Treatment, recipe: Recipe, sample_rate_hz: int) -> Stereo:
    return warp(
        stem,
        treatment.segments,
        sample_rate_hz=sample_rate_hz,
        semitones=treatment.semitones,
        duration_s=recipe.duration_s,
    )


def _treat(part: Stereo, treatment: Treatment, sample_rate_hz: int) -> Stereo:
    """Even out, colour and level a part, in the order of a mixing desk."""
    part = squash(part, sample_rate_hz=sample_rate_hz, share=treatment.squash)
    part = shelves(
        part,
        sample_rate_hz=sample_rate_hz,
        bass_db=treatment.bass_db,
        treble_db=treatment.treble_db,
    )
    return part * np.float32(10 ** (treatment.gain_db / 20))


def _check_stems(stems: Stemmed) -> None:
    shapes = stems.vocals.shape, stems.instrumental.shape
    if shapes[0] != shapes[1] or len(shapes[0]) != 2 or shapes[0][0] != 2:
        raise AudioError(
            "expected vocals and instrumental of one shape (2, samples), got "
            f"{shapes[0]} and {shapes[1]}; cut them to one length"
        )

"""From aligned audio to rows of shards: levels of a mashup and its two songs, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.decode import to_analysis
from audio.params import PARAMS
from audio.spectrogram import audio_levels, slices, stft, to_levels
from model.errors import ShapeError
from model.masks import phase_sensitive_part
from storage.schema import Example

MIN_FRAMES = 43  # a second: shorter rests at the end of a track teach nothing

Audio = NDArray[np.float32]  # (2, samples) at 44.1 kHz, brought to equal loudness
Levels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLabel:
    """Which mashup a row comes from, and what is known of it; names as in `storage/schema.py`."""

    pair_id: str
    mashup_id: str
    voice_id: str
    bed_id: str
    split: str
    bpm: float | None = None
    beats_s: tuple[float, ...] = ()  # from the start of the excerpt
    confidence: float = 1.0
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SongLabel:
    """Which song a row comes from."""

    song_id: str
    split: str
    bpm: float | None = None
    beats_s: tuple[float, ...] = ()
    gain_db: float = 0.0


def human_examples(mashup: Audio, voice: Audio, bed: Audio, label: PairLabel) -> Iterator[Example]:
    """Yield rows of a mashup someone made, with its songs laid on its timeline.

    Slices in which neither song sounds, or the mashup does not, are left out.

    Raises
    ------
    ShapeError
        The three differ in length.
    """
    tracks = {"mashup": mashup, "voice": voice, "bed": bed}
    _check(tracks)
    levels = {name: audio_levels(to_analysis(audio)).numpy() for name, audio in tracks.items()}
    yield from _pair_rows("human", levels, label)


def made_examples(
    mashup: Audio,
    voice: Audio,
    bed: Audio,
    *,
    voice_part: Audio,
    bed_part: Audio,
    label: PairLabel,
) -> Iterator[Example]:
    """Yield rows of a mashup made from stems: what each song gives to it is known to the sample.

    Parameters
    ----------
    voice, bed : whole songs on the mashup's timeline, at the gain they have in it
    voice_part, bed_part : what of them is in the mashup: vocals, instruments

    Raises
    ------
    ShapeError
        The five differ in length.
    """
    tracks = {"mashup": mashup, "voice": voice, "bed": bed}
    parts = {"voice": voice_part, "bed": bed_part}
    _check(tracks | {f"{name}_part": part for name, part in parts.items()})
    levels = {"mashup": audio_levels(to_analysis(mashup)).numpy()}
    for name, part in parts.items():
        song = stft(to_analysis(tracks[name]))
        share = phase_sensitive_part(stft(to_analysis(part)), song)
        levels[name] = to_levels(song.abs()).numpy()
        levels[f"{name}_part"] = to_levels(share).numpy()
    yield from _pair_rows("made", levels, label)


def song_examples(mono: NDArray[np.float32], label: SongLabel) -> Iterator[Example]:
    """Yield rows of one song alone, for pretraining.

    Parameters
    ----------
    mono : `(samples,)` at 22,050 Hz as recorded; the label's gain is added to its levels

    Raises
    ------
    AudioError
        As `audio.spectrogram.audio_levels`.
    """
    for index, piece in _slices({"voice": audio_levels(mono, gain_db=label.gain_db).numpy()}):
        if piece.levels["voice"].any():
            yield Example(
                example_id=f"song:{label.song_id}:{index:04d}",
                kind="song",
                split=label.split,
                voice_id=label.song_id,
                gain_db=label.gain_db,
                bpm=label.bpm,
                **_placed(index, piece, label.beats_s),
            )


@dataclass(frozen=True, slots=True)
class _Piece:
    levels: Mapping[str, Levels]
    valid_frames: int


def _pair_rows(kind: str, levels: Mapping[str, Levels], label: PairLabel) -> Iterator[Example]:
    for index, piece in _slices(levels):
        songs_sound = piece.levels["voice"].any() or piece.levels["bed"].any()
        if songs_sound and piece.levels["mashup"].any():
            yield Example(
                example_id=f"{kind}:{label.pair_id}:{index:04d}",
                kind=kind,
                split=label.split,
                pair_id=label.pair_id,
                mashup_id=label.mashup_id,
                voice_id=label.voice_id,
                bed_id=label.bed_id,
                confidence=label.confidence,
                gain_db=label.gain_db,
                bpm=label.bpm,
                **_placed(index, piece, label.beats_s),
            )


def _slices(levels: Mapping[str, Levels]) -> Iterator[tuple[int, _Piece]]:
    """Cut all level arrays at the same places; a rest shorter than a second is dropped."""
    cut = zip(*(slices(array) for array in levels.values()), strict=True)
    for index, pieces in enumerate(cut):
        valid_frames = pieces[0][1]
        if valid_frames >= MIN_FRAMES:
            named = zip(levels, (piece for piece, _ in pieces), strict=True)
            yield index, _Piece(dict(named), valid_frames)


def _placed(index: int, piece: _Piece, beats_s: tuple[float, ...]) -> dict[str, Any]:
    start_s = index * PARAMS.slice_s
    end_s = start_s + piece.valid_frames * PARAMS.frame_s
    return {
        "slice": index,
        "start_s": start_s,
        "valid_frames": piece.valid_frames,
        "beats": tuple(t - start_s for t in beats_s if start_s <= t < end_s),
        **piece.levels,
    }


def _check(tracks: Mapping[str, Audio]) -> None:
    shapes = {name: audio.shape for name, audio in tracks.items()}
    if len(set(shapes.values())) != 1 or any(audio.ndim != 2 for audio in tracks.values()):
        raise ShapeError(
            f"expected audio (2, samples) of one length, got {shapes}; warp songs to the mashup"
        )

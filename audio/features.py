"""What the ears keep of a song: onsets, pitch picture and tempi, computed once and stored.

About 2 MB for four minutes. Files are `.npz` without pickled objects and carry `EAR_VERSION`;
files of another version are refused, because mixing versions would misplace songs silently.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.errors import AudioError, SilentAudioError, TooShortError
from audio.onsets import band_flux
from audio.params import MIN_TRACK_S, PARAMS
from audio.pitch import pitch_levels
from audio.tempo import Tempo, tempo_candidates

EAR_VERSION = 1  # raise whenever features or the search change: unverified pairs are heard again
FLUX_STEP = 1 / 64  # uint8 reaches a rise of 4 nepers between frames
LEVEL_STEP = 1 / 32  # uint8 reaches a level of 7.97, full scale is 6.9
SILENCE = 1e-4  # -80 dBFS
EAR_RMS = 0.1  # every recording is heard equally loud: log compression is not scale-free


class FeatureFileError(AudioError):
    """A stored feature file is damaged or of another ear version."""


@dataclass(frozen=True, slots=True)
class SongFeatures:
    """All that locating needs of one recording.

    Attributes
    ----------
    flux : (frames, 24) uint8, onset strength per mel band at 172 Hz, in steps of FLUX_STEP
    pitch : (frames, 120) uint8, quarter-tone levels at 43 Hz, in steps of LEVEL_STEP
    tempi : likeliest tempi, best first; empty where there is no pulse
    """

    duration_s: float
    flux: NDArray[np.uint8]
    pitch: NDArray[np.uint8]
    tempi: tuple[Tempo, ...]


def extract(
    audio: NDArray[np.float32], *, sample_rate_hz: int = PARAMS.sample_rate_hz
) -> SongFeatures:
    """Features of a mono recording (samples,) at the analysis rate.

    Raises
    ------
    AudioError
        Not mono, another rate, or not finite.
    TooShortError
        Under MIN_TRACK_S.
    SilentAudioError
        Nothing above SILENCE.
    """
    _check(audio, sample_rate_hz)
    audio = audio * np.float32(EAR_RMS / np.sqrt(np.mean(np.square(audio, dtype=np.float64))))
    flux = band_flux(audio, sample_rate_hz=sample_rate_hz)
    pitch = pitch_levels(audio, sample_rate_hz=sample_rate_hz)
    return SongFeatures(
        duration_s=len(audio) / sample_rate_hz,
        flux=_to_steps(flux, FLUX_STEP),
        pitch=_to_steps(pitch, LEVEL_STEP),
        tempi=tuple(tempo_candidates(flux)),
    )


def save(features: SongFeatures, path: Path) -> None:
    """Write features to `path` as .npz."""
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            ear_version=np.int64(EAR_VERSION),
            duration_s=np.float64(features.duration_s),
            flux=features.flux,
            pitch=features.pitch,
            tempi=np.array([(tempo.bpm, tempo.confidence) for tempo in features.tempi]).reshape(
                -1, 2
            ),
        )


def load(path: Path) -> SongFeatures:
    """Read what `save` wrote.

    Raises
    ------
    FeatureFileError
        Damaged, not a feature file, or of another EAR_VERSION.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            version = int(stored["ear_version"])
            if version != EAR_VERSION:
                raise FeatureFileError(
                    f"{path.name} holds features of ear version {version}, these ears are version"
                    f" {EAR_VERSION}; extract the features again"
                )
            return SongFeatures(
                duration_s=float(stored["duration_s"]),
                flux=stored["flux"],
                pitch=stored["pitch"],
                tempi=tuple(Tempo(float(bpm), float(sure)) for bpm, sure in stored["tempi"]),
            )
    except (KeyError, EOFError, zipfile.BadZipFile, OSError, ValueError) as error:
        if isinstance(error, (FeatureFileError, FileNotFoundError)):
            raise
        raise FeatureFileError(
            f"{path.name} is no feature file or is damaged ({error}); extract the features again"
        ) from error


def _check(audio: NDArray[np.float32], sample_rate_hz: int) -> None:
    if audio.ndim != 1 or sample_rate_hz != PARAMS.sample_rate_hz:
        raise AudioError(
            f"expected mono (samples,) at {PARAMS.sample_rate_hz} Hz, got shape {audio.shape} at"
            f" {sample_rate_hz} Hz; convert with decode.to_analysis"
        )
    if len(audio) < MIN_TRACK_S * sample_rate_hz:
        raise TooShortError(
            f"expected at least {MIN_TRACK_S:g} s of sound, got"
            f" {len(audio) / sample_rate_hz:.1f} s; use a longer recording"
        )
    if not np.isfinite(audio).all():
        raise AudioError("expected finite samples, got NaN or infinity; decode the file again")
    if np.abs(audio).max() < SILENCE:
        raise SilentAudioError("expected sound, got silence throughout; use another recording")


def _to_steps(values: NDArray[np.float32], step: float) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(values / step), 0, 255), np.uint8)

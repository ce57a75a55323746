"""Every audio number of the project, once: rates, frames, levels, lengths.

Nothing is computed here but the hash that shards and checkpoints carry, so that
spectrograms made with other numbers are refused instead of misread.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

RENDER_RATE_HZ = 44_100  # what people hear: decode, stretch, mix and mp3
EXCERPT_S = 120.0  # the two minutes of a track that are kept
MIN_TRACK_S = 10.0  # shorter files cannot hold one slice and be located
MAX_SHIFT_SEMITONES = 3  # further transposition is audible as an effect
TARGET_LUFS = -14.0  # integrated loudness of tracks and mashups, the streaming norm
MAX_TRUE_PEAK_DBTP = -1.0  # headroom for lossy codecs, EBU R 128


@dataclass(frozen=True, slots=True)
class SpectrogramParams:
    """What a stored spectrogram depends on; a change of any field changes `digest`.

    Magnitudes are scaled so that a full-scale sine reads 0 dB, and stored as uint8
    levels: 0 is `floor_db` or below, 255 is `top_db` or above, linear in dB between.
    """

    sample_rate_hz: int = 22_050
    n_fft: int = 2048
    hop_samples: int = 512
    slice_frames: int = 256
    floor_db: float = -114.0
    top_db: float = 6.0

    @property
    def n_bins(self) -> int:
        return self.n_fft // 2 + 1

    @property
    def frame_s(self) -> float:
        return self.hop_samples / self.sample_rate_hz

    @property
    def slice_s(self) -> float:
        return self.slice_frames * self.frame_s

    @property
    def db_per_level(self) -> float:
        return (self.top_db - self.floor_db) / 255

    @property
    def digest(self) -> str:
        """First 16 hex digits of the SHA-256 of the fields as canonical JSON."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


PARAMS = SpectrogramParams()

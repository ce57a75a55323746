"""The masher: two aligned songs in, one mask per song and a small residual out.

Each song's spectrogram takes two paths. The encoder turns learned bands into tokens and lets
them attend to each other; the decoder, over the mashup's tokens, attends to both songs. The
local path keeps the detail of bins and frames, takes the decoder's word in at its coarsest
level, and ends in the masks.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from audio.params import PARAMS
from model.config import TOKEN_FRAMES, MasherConfig
from model.errors import ShapeError
from model.layers import AttentionPool, BandSplit, Block, rope_angles, sinusoids
from model.local import LocalPath, MaskHead, bands_over_bins

VOICE, BED = 0, 1
RESIDUAL_UNIT = 1e-4  # -80 dB: the residual fills what is nearly silent, nothing louder


@dataclass(frozen=True, slots=True)
class MasherOutput:
    """What the masher says about a batch; masks are within 0..1."""

    voice_mask: Tensor  # (batch, frames, bins)
    bed_mask: Tensor  # (batch, frames, bins)
    residual: Tensor  # (batch, frames, bins) amplitude along both songs' sum; a full sine is 1
    voice_embedding: Tensor  # (batch, dim)
    bed_embedding: Tensor  # (batch, dim)


def features(magnitude: Tensor) -> Tensor:
    """Return what the model looks at, `(..., 2)`: level in dB and magnitude^0.25, both near -1..1.

    The first shows the quiet, the second tells loud things apart.
    """
    db = 20.0 * torch.log10(magnitude.clamp_min(10.0 ** (PARAMS.floor_db / 20.0)))
    level = (db - PARAMS.floor_db) / (PARAMS.top_db - PARAMS.floor_db)
    loud = magnitude.clamp_min(1e-8).sqrt().sqrt()  # three times as fast as a power
    return torch.stack([3.0 * level - 1.0, 3.0 * loud], dim=-1)


class SongEncoder(nn.Module):
    """Learned bands, then self-attention over a song's tokens; the same for both roles."""

    def __init__(self, config: MasherConfig) -> None:
        super().__init__()
        self.config = config
        self.bands = BandSplit(config.bands, config.band_dim, config.n_bins, inputs=2)
        self.norm = nn.LayerNorm(config.bands * config.band_dim)
        self.join = nn.Linear(TOKEN_FRAMES * config.bands * config.band_dim, config.dim)
        self.roles = nn.Embedding(2, config.dim)
        self.table = nn.Parameter(torch.randn(config.max_tokens, config.dim) * 0.02)
        self.blocks = nn.ModuleList(
            Block(config.dim, config.heads, cross=False) for _ in range(config.encoder_blocks)
        )
        self.out_norm = nn.LayerNorm(config.dim)
        self.pool = AttentionPool(config.dim)

    def positions(self, tokens: int) -> Tensor | None:
        """Return what is added to tokens, `(tokens, dim)`, where the config wants that."""
        if self.config.positions == "sinusoidal":
            return sinusoids(tokens, self.config.dim, device=self.table.device)
        if self.config.positions == "learned":
            return self.table.repeat(-(-tokens // len(self.table)), 1)[:tokens]
        return None

    def forward(self, x: Tensor, role: Tensor, angles: Tensor | None) -> Tensor:
        """Return tokens `(batch, frames / 4, dim)` from features `(batch, frames, bins, 2)`."""
        banded = self.norm(self.bands(x))
        tokens = self.join(rearrange(banded, "b (t k) e -> b t (k e)", k=TOKEN_FRAMES))
        tokens = tokens + self.roles(role)[:, None]
        places = self.positions(tokens.shape[1])
        if places is not None:
            tokens = tokens + places
        for block in self.blocks:
            tokens = block(tokens, angles=angles)
        return torch.as_tensor(self.out_norm(tokens))


class MashupDecoder(nn.Module):
    """Over the mashup's tokens: who is heard when, from both encoded songs."""

    def __init__(self, config: MasherConfig) -> None:
        super().__init__()
        self.join = nn.Linear(2 * config.dim, config.dim)
        self.memory_roles = nn.Parameter(torch.randn(2, 1, 1, config.dim) * 0.02)
        self.blocks = nn.ModuleList(
            Block(config.dim, config.heads, cross=True) for _ in range(config.decoder_blocks)
        )
        self.norm = nn.LayerNorm(config.dim)

    def forward(self, songs: Tensor, angles: Tensor | None) -> Tensor:
        """Return mashup tokens `(batch, tokens, dim)` from songs `(2, batch, tokens, dim)`."""
        memory = rearrange(songs + self.memory_roles, "s b t d -> b (s t) d")
        x = self.join(rearrange(songs, "s b t d -> b t (s d)"))
        for block in self.blocks:
            x = block(x, angles=angles, memory=memory)
        return torch.as_tensor(self.norm(x))


class Masher(nn.Module):
    """Sequence-to-sequence transformer from two songs to the masks of their mashup."""

    bands_over_bins: Tensor

    def __init__(self, config: MasherConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = SongEncoder(config)
        self.decoder = MashupDecoder(config)
        self.local = LocalPath(config)
        fine = config.channels[0]
        self.head_norm = nn.LayerNorm(fine)
        self.voice_head = MaskHead(fine)
        self.bed_head = MaskHead(fine)
        self.residual_bands = nn.Linear(config.dim, config.bands)
        self.residual_gate = nn.Parameter(torch.zeros(()))
        self.register_buffer("bands_over_bins", bands_over_bins(config), persistent=False)
        with torch.no_grad():  # what sings in one song is what must go in the other
            for name, weight in self.voice_head.named_parameters():
                self.bed_head.get_parameter(name).copy_(-weight)

    def forward(self, voice: Tensor, bed: Tensor) -> MasherOutput:
        """Return masks for magnitudes `(batch, frames, bins)` on the mashup's timeline.

        Raises
        ------
        ShapeError
            The songs differ in shape, or have another number of bins than the model.
        """
        self._check(voice, bed)
        frames = voice.shape[1]
        pad = -frames % TOKEN_FRAMES
        songs = features(F.pad(torch.cat([voice, bed]), (0, 0, 0, pad)))  # (2B, T, F, 2)
        angles = self._angles(songs.shape[1] // TOKEN_FRAMES)
        role = torch.arange(2, device=voice.device).repeat_interleave(len(voice))
        encoded = self.encoder(songs, role, angles)
        mashup = self.decoder(encoded.unflatten(0, (2, -1)), angles)
        tokens = torch.cat([mashup.repeat(2, 1, 1), encoded], dim=-1)
        local = self.head_norm(self.local(songs, tokens)).unflatten(0, (2, -1))
        pooled = self.encoder.pool(encoded).unflatten(0, (2, -1))
        return MasherOutput(
            voice_mask=self.voice_head(local[VOICE])[:, :frames],
            bed_mask=self.bed_head(local[BED])[:, :frames],
            residual=self._residual(mashup)[:, :frames],
            voice_embedding=pooled[VOICE],
            bed_embedding=pooled[BED],
        )

    def _check(self, voice: Tensor, bed: Tensor) -> None:
        if voice.shape != bed.shape or voice.ndim != 3 or voice.shape[-1] != self.config.n_bins:
            raise ShapeError(
                f"expected voice and bed as (batch, frames, {self.config.n_bins}), "
                f"got {tuple(voice.shape)} and {tuple(bed.shape)}; align both songs first"
            )

    def _angles(self, tokens: int) -> Tensor | None:
        if self.config.positions != "rope":
            return None
        width = self.config.dim // self.config.heads
        return rope_angles(tokens, width, device=self.residual_gate.device)

    def _residual(self, mashup: Tensor) -> Tensor:
        """Return generated amplitude `(batch, frames, bins)`, flat within a band; 0 at first."""
        levels = RESIDUAL_UNIT * self.residual_gate * F.softplus(self.residual_bands(mashup))
        return (levels @ self.bands_over_bins.T).repeat_interleave(TOKEN_FRAMES, dim=1)

"""The local path: a small U-shaped net at the resolution of bins, from features to masks.

Positions lie over the bins: one for every 4 bins up to 5.5 kHz, where harmonics must be told
apart, one for every 16 above. Tensors are channels-last `(batch, frames, positions, channels)`.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from einops import rearrange
from torch import Tensor, nn

from model.config import HIGH_PATCH, LOW_BINS, LOW_PATCH, MasherConfig
from model.layers import Double, Halve, LocalBlock, band_edges


class Patches(nn.Module):
    """Lay positions over bins: fine ones up to 5.5 kHz, wide ones above, none on the top bin."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.low = nn.Conv2d(2, channels, (3, 7), stride=(1, LOW_PATCH), padding=(1, 3))
        self.high = nn.Conv2d(2, channels, (3, HIGH_PATCH), stride=(1, HIGH_PATCH), padding=(1, 0))

    def forward(self, x: Tensor) -> Tensor:
        """Return `(batch, frames, positions, channels)` from features `(..., bins, 2)`."""
        planes = rearrange(x[:, :, :-1], "b t f i -> b i t f")
        laid = [self.low(planes[..., :LOW_BINS]), self.high(planes[..., LOW_BINS:])]
        return torch.cat([rearrange(y, "b c t f -> b t f c") for y in laid], dim=2)


class MaskHead(nn.Module):
    """Undo `Patches`: from positions to a mask over bins; the top bin follows its neighbour."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.low = nn.Linear(channels, LOW_PATCH)
        self.high = nn.Linear(channels, HIGH_PATCH)

    def forward(self, x: Tensor) -> Tensor:
        """Return `(batch, frames, bins)` within 0..1."""
        places = LOW_BINS // LOW_PATCH
        low, high = self.low(x[:, :, :places]), self.high(x[:, :, places:])
        logits = torch.cat([low.flatten(2), high.flatten(2), high[..., -1, -1:]], dim=-1)
        return torch.sigmoid(logits)


class LocalPath(nn.Module):
    """A small U-shaped net at the resolution of bins, told by tokens what to look for."""

    spread_bands: Tensor

    def __init__(self, config: MasherConfig) -> None:
        super().__init__()
        fine, middle, coarse = config.channels
        coarse_blocks, middle_blocks, fine_blocks = config.local_blocks
        laid = _patches_over_bands(config)
        grid = len(laid)
        self.patches = Patches(fine)
        self.places = nn.Parameter(torch.randn(grid, fine) * 0.02)
        self.to_middle = Halve(fine, middle)
        self.down_middle = self._blocks(middle_blocks, middle, grid // 2)
        self.to_coarse = Halve(middle, coarse)
        self.context = nn.Linear(2 * config.dim, config.bands * config.context_channels)
        self.take_in = nn.Linear(coarse + config.context_channels, coarse)
        self.deep = self._blocks(coarse_blocks, coarse, grid // 4)
        self.from_coarse = Double(coarse, middle)
        self.up_middle = self._blocks(middle_blocks, middle, grid // 2)
        self.from_middle = Double(middle, fine)
        self.fine = self._blocks(fine_blocks, fine, grid)
        coarse_laid = laid.reshape(grid // 4, 4, -1).mean(1)
        self.register_buffer("spread_bands", coarse_laid, persistent=False)

    @staticmethod
    def _blocks(count: int, channels: int, positions: int) -> nn.Sequential:
        return nn.Sequential(*(LocalBlock(channels, positions) for _ in range(count)))

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        """Return `(batch, frames, positions, fine)` from features and tokens `(..., 2 dim)`."""
        fine = self.patches(x) + self.places
        middle = self.down_middle(self.to_middle(fine))
        coarse = self.to_coarse(middle)
        bands = rearrange(self.context(tokens), "b t (n c) -> b t n c", n=len(self.spread_bands.T))
        context = self.spread_bands @ bands  # (B, T/4, grid/4, C)
        coarse = coarse + self.take_in(torch.cat([coarse, context], dim=-1))
        middle = self.up_middle(middle + self.from_coarse(self.deep(coarse)))
        return torch.as_tensor(self.fine(fine + self.from_middle(middle)))


def bands_over_bins(config: MasherConfig) -> Tensor:
    """Return `(bins, bands)`: 1 where the bin belongs to the band."""
    edges = band_edges(config.bands, config.n_bins)
    inside = torch.zeros(config.n_bins, config.bands)
    for i, (low, high) in enumerate(pairwise(edges)):
        inside[low:high, i] = 1.0
    return inside


def _patches_over_bands(config: MasherConfig) -> Tensor:
    """Return `(positions, bands)`: the share of each band in each patch."""
    inside = bands_over_bins(config)[:-1]
    low, high = inside[:LOW_BINS], inside[LOW_BINS:]
    means = [
        part.reshape(-1, patch, config.bands).mean(1)
        for part, patch in ((low, LOW_PATCH), (high, HIGH_PATCH))
    ]
    return torch.cat(means)

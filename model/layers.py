"""Building blocks of the masher: positions, attention, learned bands, local convolutions.

Token tensors are `(batch, tokens, dim)`; local tensors are channels-last
`(batch, frames, positions, channels)`, so that norms and widenings are plain matrix products.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn


def rope_angles(tokens: int, head_dim: int, *, device: torch.device) -> Tensor:
    """Return the rotation angles `(tokens, head_dim / 2)` of rotary positions.

    theta[t, i] = t * 10000^(-2i / head_dim); Su et al. 2021, RoFormer.
    """
    rates = 10_000.0 ** (-torch.arange(0, head_dim, 2, device=device) / head_dim)
    return torch.arange(tokens, device=device)[:, None] * rates


def rotate(x: Tensor, angles: Tensor) -> Tensor:
    """Rotate each pair of channels of `x` `(..., tokens, head_dim)` by its angle."""
    first, second = x.chunk(2, dim=-1)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


def sinusoids(tokens: int, dim: int, *, device: torch.device) -> Tensor:
    """Return the sinusoidal table `(tokens, dim)` of Vaswani et al. 2017."""
    angles = rope_angles(tokens, dim, device=device)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


class Attention(nn.Module):
    """Multi-head attention; `memory` of another length gives cross-attention.

    The angles rotate queries and keys; memory made of several aligned songs repeats the
    same angles for each.
    """

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(dim, dim, bias=False)
        self.key_value = nn.Linear(dim, 2 * dim, bias=False)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tensor, memory: Tensor, angles: Tensor | None) -> Tensor:
        """Return `(batch, tokens, dim)`: each token's mix of the memory `(batch, m, dim)`."""
        q = rearrange(self.query(x), "b t (h d) -> b h t d", h=self.heads)
        k, v = rearrange(self.key_value(memory), "b t (n h d) -> n b h t d", n=2, h=self.heads)
        if angles is not None:
            q = rotate(q, angles)
            k = rotate(k, angles.repeat(memory.shape[1] // x.shape[1], 1))
        mixed = F.scaled_dot_product_attention(q, k, v)  # (B, H, T, d)
        return torch.as_tensor(self.out(rearrange(mixed, "b h t d -> b t (h d)")))


class ConvFeedForward(nn.Module):
    """Feed-forward whose hidden layer also sees its neighbours in time."""

    def __init__(self, dim: int, kernel: int = 5) -> None:
        super().__init__()
        self.widen = nn.Linear(dim, 2 * dim)
        self.near = nn.Conv1d(2 * dim, 2 * dim, kernel, padding=kernel // 2, groups=2 * dim)
        self.narrow = nn.Linear(2 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        hidden = F.silu(self.widen(x))
        hidden = hidden + self.near(hidden.transpose(1, 2)).transpose(1, 2)
        return torch.as_tensor(self.narrow(F.silu(hidden)))


class Block(nn.Module):
    """Pre-norm transformer block: self-attention, optional cross-attention, feed-forward."""

    def __init__(self, dim: int, heads: int, *, cross: bool) -> None:
        super().__init__()
        self.self_norm, self.self_attention = nn.LayerNorm(dim), Attention(dim, heads)
        self.cross_norm = nn.LayerNorm(dim) if cross else None
        self.cross_attention = Attention(dim, heads) if cross else None
        self.feed_norm, self.feed = nn.LayerNorm(dim), ConvFeedForward(dim)

    def forward(
        self, x: Tensor, *, angles: Tensor | None = None, memory: Tensor | None = None
    ) -> Tensor:
        normed = self.self_norm(x)
        x = x + self.self_attention(normed, normed, angles)
        if self.cross_norm is not None and self.cross_attention is not None and memory is not None:
            x = x + self.cross_attention(self.cross_norm(x), memory, angles)
        return torch.as_tensor(x + self.feed(self.feed_norm(x)))


class AttentionPool(nn.Module):
    """One vector per song: a learned query weighs the song's tokens."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.score = nn.Linear(dim, 1)
        self.out = nn.Linear(dim, dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return `(batch, dim)` from `(batch, tokens, dim)`."""
        weights = self.score(tokens).softmax(dim=1)
        return torch.as_tensor(self.out((weights * tokens).sum(dim=1)))


def band_edges(bands: int, n_bins: int) -> list[int]:
    """Return `bands + 1` rising bin edges from 0 to `n_bins`, about mel-spaced, each >= 1 bin."""
    top = math.log1p(n_bins / 32)  # 32 bins = 345 Hz: linear below, logarithmic above
    edges = [round(32 * math.expm1(top * i / bands)) for i in range(bands + 1)]
    for i in range(1, bands + 1):
        edges[i] = max(edges[i], edges[i - 1] + 1)
    edges[-1] = n_bins
    return edges


class BandSplit(nn.Module):
    """Learned bands: one small linear map per band of neighbouring bins.

    Bands are gathered to one width, so that all maps are a single batched product.
    """

    bins: Tensor
    inside: Tensor

    def __init__(self, bands: int, band_dim: int, n_bins: int, inputs: int) -> None:
        super().__init__()
        edges = torch.tensor(band_edges(bands, n_bins))
        widths = edges.diff()
        offsets = torch.arange(int(widths.max()))
        inside = offsets < widths[:, None]  # (bands, width)
        bins = (edges[:-1, None] + offsets).clamp_max(n_bins - 1)
        self.register_buffer("bins", bins, persistent=False)
        self.register_buffer("inside", inside[..., None].float(), persistent=False)
        scale = (widths * inputs).rsqrt()[:, None, None]
        self.weight = nn.Parameter(torch.randn(bands, len(offsets) * inputs, band_dim) * scale)
        self.bias = nn.Parameter(torch.zeros(bands, band_dim))

    def forward(self, x: Tensor) -> Tensor:
        """Return `(batch, frames, bands * band_dim)` from `(batch, frames, bins, inputs)`."""
        gathered = rearrange(x[:, :, self.bins] * self.inside, "b t n w i -> n (b t) (w i)")
        banded = torch.baddbmm(self.bias[:, None], gathered, self.weight)  # (n, B T, e)
        return rearrange(banded, "n (b t) e -> b t (n e)", b=len(x))


class LocalBlock(nn.Module):
    """Residual block at the resolution of bins: near in time and frequency, then across all bands.

    A depth-wise convolution and a widening (Liu et al. 2022, ConvNeXt), then a bottleneck over
    the whole frequency axis (Choi et al. 2020, TFC-TDF), which is what follows harmonics.
    """

    def __init__(self, channels: int, positions: int) -> None:
        super().__init__()
        self.near = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, 2 * channels)
        self.narrow = nn.Linear(2 * channels, channels)
        self.across_norm = nn.LayerNorm(channels)
        hidden = max(positions // 8, 4)
        self.gather = nn.Parameter(torch.randn(hidden, positions) / math.sqrt(positions))
        self.spread = nn.Parameter(torch.randn(positions, hidden) / math.sqrt(hidden) / 4)

    def forward(self, x: Tensor) -> Tensor:
        """Return the same shape `(batch, frames, positions, channels)`."""
        near = self.near(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        x = x + self.narrow(F.relu(self.widen(self.norm(near))))
        hidden = F.relu(self.gather @ self.across_norm(x))  # (B, T, hidden, C)
        return x + self.spread @ hidden


class Halve(nn.Module):
    """Halve frames and positions, change channels."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.join = nn.Linear(4 * channels, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        joined = rearrange(self.norm(x), "b (t i) (f j) c -> b t f (i j c)", i=2, j=2)
        return torch.as_tensor(self.join(joined))


class Double(nn.Module):
    """Double frames and positions, change channels: what `Halve` undoes."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.split = nn.Linear(channels, 4 * out_channels)

    def forward(self, x: Tensor) -> Tensor:
        split = self.split(self.norm(x))
        return torch.as_tensor(rearrange(split, "b t f (i j c) -> b (t i) (f j) c", i=2, j=2))

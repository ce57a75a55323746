from __future__ import annotations

from itertools import pairwise

import torch

from model.layers import Attention, BandSplit, Block, Double, Halve, band_edges, rope_angles, rotate

CPU = torch.device("cpu")


def test_rotary_scores_depend_on_distance_alone() -> None:
    q, k = torch.randn(2, 16)
    angles = rope_angles(40, 16, device=CPU)
    near = rotate(q[None], angles[3:4]) @ rotate(k[None], angles[8:9]).T
    far = rotate(q[None], angles[30:31]) @ rotate(k[None], angles[35:36]).T
    torch.testing.assert_close(near, far, atol=1e-4, rtol=0)


def test_rotary_attention_does_not_notice_a_shift_of_the_whole_song() -> None:
    attention = Attention(16, 2)
    x = torch.randn(1, 10, 16)
    angles = rope_angles(50, 8, device=CPU)
    here, later = attention(x, x, angles[:10]), attention(x, x, angles[40:])
    torch.testing.assert_close(here, later, atol=1e-5, rtol=0)


def test_cross_attention_aligns_each_song_of_the_memory_in_time() -> None:
    attention = Attention(16, 2)
    x, song = torch.randn(1, 6, 16), torch.randn(1, 6, 16)
    angles = rope_angles(6, 8, device=CPU)
    once, twice = (attention(x, torch.cat([song] * n, dim=1), angles) for n in (1, 2))
    torch.testing.assert_close(once, twice, atol=1e-5, rtol=0)


def test_a_block_without_memory_changes_what_it_is_given() -> None:
    x = torch.randn(2, 6, 16)
    changed = Block(16, 2, cross=False)(x)
    assert changed.shape == x.shape
    assert not torch.allclose(changed, x)


def test_band_edges_rise_and_cover_all_bins() -> None:
    edges = band_edges(64, 1025)
    assert (edges[0], edges[-1], len(edges)) == (0, 1025, 65)
    assert all(low < high for low, high in pairwise(edges))


def test_a_learned_band_hears_its_own_bins_only() -> None:
    split = BandSplit(bands=8, band_dim=3, n_bins=65, inputs=2)
    quiet = torch.zeros(1, 1, 65, 2)
    loud = quiet.clone()
    loud[..., 0, :] = 1.0  # bin 0 is in band 0
    moved = (split(loud) - split(quiet)).reshape(8, 3).abs().sum(1)
    assert moved[0] > 0
    assert moved[1:].tolist() == [0.0] * 7


def test_doubling_undoes_the_shape_of_halving() -> None:
    x = torch.randn(1, 8, 16, 4)
    assert Halve(4, 6)(x).shape == (1, 4, 8, 6)
    assert Double(6, 4)(Halve(4, 6)(x)).shape == x.shape

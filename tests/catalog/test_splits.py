"""Splits: stable, in the asked proportions, and no test song in any training pair."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.splits import pair_split, split_of

keys = st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=30, unique=True)


@given(keys, st.floats(0, 0.5), st.floats(0, 0.4))
def test_no_song_of_a_test_pair_is_in_a_training_pair(
    songs: list[str], test_share: float, valid_share: float
) -> None:
    songs_of: dict[str, set[str]] = {"train": set(), "valid": set(), "test": set(), "mixed": set()}
    for a in songs:
        for b in songs:
            split = pair_split(a, b, test_share=test_share, valid_share=valid_share)
            songs_of[split] |= {a, b}
    assert not songs_of["test"] & songs_of["train"]
    assert not songs_of["valid"] & songs_of["train"]


def test_the_test_share_is_met() -> None:
    splits = [split_of(f"artist|song {number}", test_share=0.2) for number in range(5000)]
    assert splits.count("test") / len(splits) == pytest.approx(0.2, abs=0.02)


def test_a_song_keeps_its_split_for_ever() -> None:
    assert [split_of(f"artist|song {number}") for number in range(6)] == [
        *("train", "train", "train", "train", "train", "test"),
    ]


def test_validation_songs_come_out_of_training_songs_only() -> None:
    songs = [f"artist|song {number}" for number in range(500)]
    before = {song for song in songs if split_of(song) == "test"}
    assert {song for song in songs if split_of(song, valid_share=0.1) == "test"} == before


@pytest.mark.parametrize(("test_share", "valid_share"), [(-0.1, 0), (0.5, 0.5), (1.0, 0.0)])
def test_shares_that_leave_nothing_to_train_on_are_refused(
    test_share: float, valid_share: float
) -> None:
    with pytest.raises(ValueError, match="leave something to train on"):
        split_of("a|b", test_share=test_share, valid_share=valid_share)

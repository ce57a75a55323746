"""Which songs may be trained on: a pure function of the song, so that no run ever moves a song."""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "valid", "test"]
PairSplit = Literal["train", "valid", "test", "mixed"]

TEST_SHARE = 0.2
VALID_SHARE = 0.0


def split_of(
    song_key: str, *, test_share: float = TEST_SHARE, valid_share: float = VALID_SHARE
) -> Split:
    """The split of a song, by a hash of its key (`catalog.names.song_key`).

    Test songs stay test songs when `valid_share` changes, and the other way round: test takes the
    lowest hashes and validation the highest.

    Raises
    ------
    ValueError : where the shares are negative or leave nothing to train on
    """
    if test_share < 0 or valid_share < 0 or test_share + valid_share >= 1:
        raise ValueError(
            "expected shares of at least 0 that together leave something to train on, "
            f"got test_share={test_share}, valid_share={valid_share}"
        )
    place = int.from_bytes(hashlib.sha256(song_key.encode()).digest()[:8], "big") / 2**64
    if place < test_share:
        return "test"
    return "valid" if place >= 1 - valid_share else "train"


def pair_split(
    key_a: str,
    key_b: str,
    *,
    test_share: float = TEST_SHARE,
    valid_share: float = VALID_SHARE,
) -> PairSplit:
    """The split of a pair of songs: that of both, or `mixed` where they differ.

    A mixed pair is used by neither training nor test, so no song of a test pair is ever in a
    training pair.
    """
    a = split_of(key_a, test_share=test_share, valid_share=valid_share)
    b = split_of(key_b, test_share=test_share, valid_share=valid_share)
    return a if a == b else "mixed"

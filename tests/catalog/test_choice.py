"""Scores: how much of a title hides in a mashup's name, and what mismatches cost."""

from __future__ import annotations

import pytest

from catalog.choice import hidden_share, mismatch, unnamed_title


@pytest.mark.parametrize(
    ("title", "mashup_name", "share"),
    [
        ("kids", "chasing kids", 1.0),
        ("chasing cars", "chasing kids", 7 / 11),
        ("superstition", "sad but superstitious", 1.0),
        ("levels", "africa", 0.0),
        ("levels", "", 0.0),
    ],
)
def test_a_title_hides_in_a_mashups_name(title: str, mashup_name: str, share: float) -> None:
    assert hidden_share(title, mashup_name) == pytest.approx(share)


def test_a_mismatch_grows_as_likeness_falls() -> None:
    assert [mismatch(likeness) for likeness in (1.0, 0.9, 0.5, 0.0)] == pytest.approx(
        [0, 0.2, 1, 1]
    )


def test_a_hidden_title_costs_less_than_an_only_song_and_that_less_than_one_of_many() -> None:
    hidden = unnamed_title("kids", "chasing kids", is_alone=False)
    alone = unnamed_title("kids", "", is_alone=True)
    many = unnamed_title("kids", "", is_alone=False)
    costs = [sum(shares.values()) for shares in (hidden, alone, many)]
    assert costs == sorted(costs) and len(set(costs)) == 3

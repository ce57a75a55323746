"""Parts of a title without the mashup's name or its maker."""

from __future__ import annotations

import pytest

from catalog.title_cores import MAX_CORES, cores


@pytest.mark.parametrize(
    ("title", "core"),
    [
        ("Name (A - Song X vs. B - Song Y)", "A - Song X vs. B - Song Y"),
        ("Name | A - Song X vs. B - Song Y", "A - Song X vs. B - Song Y"),
        ("A: Song X + B: Song Y = Name", "A: Song X + B: Song Y"),
        ("Song X (A) + Song Y (B) [Name]", "Song X (A) + Song Y (B)"),
        ("Song X (A) + Song Y (B) by DJ Foo", "Song X (A) + Song Y (B)"),
        ('"Name" Artist A vs. Artist B', "Artist A vs. Artist B"),
    ],
)
def test_what_may_hold_all_the_songs_is_cut_out(title: str, core: str) -> None:
    assert core in cores(title)


def test_a_title_of_one_name_has_no_core() -> None:
    assert cores("Name") == []


def test_a_title_of_many_brackets_is_cut_a_few_times_only() -> None:
    assert len(cores(" ".join(f"(some names {number})" for number in range(50)))) == MAX_CORES

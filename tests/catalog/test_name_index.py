"""The name index: exact, misspelt, unknown."""

from __future__ import annotations

import numpy as np

from catalog.name_index import Found, NameIndex, group

INDEX = NameIndex(["avicii", "a ha", "daft punk", "beatles", "방탄", "daft punk"])


def test_an_exact_name_is_found_alone_spaces_ignored() -> None:
    assert INDEX.find("aha") == [Found(1, 1.0)]
    assert len(INDEX) == 5


def test_a_misspelt_name_is_found_by_likeness() -> None:
    (found,) = INDEX.find("avicci")
    assert found.name_id == 0
    assert 0.8 < found.similarity < 1


def test_an_unlike_name_is_not_found() -> None:
    assert INDEX.find("metallica") == []
    assert INDEX.find("zz") == []


def test_an_empty_index_finds_nothing() -> None:
    assert NameIndex([]).find("anything") == []


def test_a_name_is_found_among_many_that_share_its_letters() -> None:
    crowd = [f"the love song number {number}" for number in range(30_000)]
    (best, *_) = NameIndex([*crowd, "the love sonk lumber x"]).find("the love sonk lumber y")
    assert best.name_id == 30_000


def test_members_are_grouped_by_key() -> None:
    groups = group(np.array([2, 0, 2], np.int32), np.array([7, 8, 9], np.int32), n_groups=3)
    assert [groups.of(key).tolist() for key in range(3)] == [[8], [], [7, 9]]
    assert [groups.size(key) for key in range(3)] == [1, 0, 2]

"""The real titles: what was reached stays reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.titles import is_tuning, plain_split, read_corpus, resolve, score
from catalog.titles import hypothesize


@pytest.mark.corpus
def test_real_titles_are_read_well_on_the_half_that_was_not_tuned_on(corpus: Path) -> None:
    rows = [row for row in read_corpus(corpus / "titles.jsonl") if not is_tuning(row.title)]
    rules, baseline = score(rows, hypothesize), score(rows, plain_split)
    assert rules.artist_precision > 0.9
    assert rules.artist_recall > 0.8
    assert rules.artist_sets_right > baseline.artist_sets_right + 0.5


@pytest.mark.corpus
def test_real_mashups_resolve_among_thousands_of_songs(corpus: Path) -> None:
    rows = [row for row in read_corpus(corpus / "titles.jsonl") if not is_tuning(row.title)]
    found = resolve(rows, same_artists=0)
    assert found.exact > 0.85
    assert found.wrong <= 0.02

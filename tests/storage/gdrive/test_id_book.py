from __future__ import annotations

from pathlib import Path

from storage.gdrive.id_book import IdBook, KnownId


def test_the_first_claim_of_a_key_counts_for_everybody(tmp_path: Path) -> None:
    first, second = (IdBook(tmp_path / "new" / "ids.db") for _ in range(2))
    assert first.claim("a", "1") == "1"
    assert second.claim("a", "2") == "1"
    assert second.get("a") == KnownId("1", made=False)


def test_a_file_that_was_seen_replaces_a_claim(tmp_path: Path) -> None:
    book = IdBook(tmp_path / "ids.db")
    book.claim("a", "1")
    book.learn({"a": "2", "b": "3"})
    assert book.below("") == {"a": KnownId("2", made=True), "b": KnownId("3", made=True)}


def test_only_the_id_that_is_named_is_forgotten(tmp_path: Path) -> None:
    book = IdBook(tmp_path / "ids.db")
    book.learn({"a": "1"})
    book.forget("a", "2")
    assert book.get("a") == KnownId("1", made=True)
    book.forget("a", "1")
    assert book.get("a") is None


def test_deleted_ids_are_remembered(tmp_path: Path) -> None:
    book = IdBook(tmp_path / "ids.db")
    book.learn({"a": "1"})
    book.mark_deleted("a", "1")
    assert (book.get("a"), book.deleted()) == (None, {"1"})


def test_keys_below_a_prefix_are_files_that_start_with_it(tmp_path: Path) -> None:
    book = IdBook(tmp_path / "ids.db")
    book.learn({key: key for key in ("a/b", "a/방", "a/", "ab", "b", "a")})
    assert list(book.below("a/")) == ["a/b", "a/방"]
    assert list(book.below("a")) == ["a", "a/b", "a/방", "ab"]

"""The guards that stand before each commit."""

from __future__ import annotations

from pathlib import Path

from tests.commit_guard import MAX_BYTES, find_large, find_secrets


def test_a_file_above_the_limit_is_named_with_its_size(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"x" * MAX_BYTES)
    large.write_bytes(b"x" * (MAX_BYTES + 1))
    assert find_large([small, large]) == [
        f"{large}: 3,000,001 bytes, at most 3,000,000 may be committed"
    ]


def test_keys_and_tokens_are_found_and_ordinary_text_is_not(tmp_path: Path) -> None:
    texts = {
        "pem": "-----BEGIN " + "PRIVATE KEY-----",
        "google": "AIza" + "b" * 35,
        "oauth": '{"refresh' + '_token": "1//0abcdefghij"}',
        "plain": 'store_url = "gdrive://folder"',
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    found = find_secrets(tmp_path / name for name in texts)
    assert [Path(line.split(":")[0]).name for line in found] == ["pem", "google", "oauth"]

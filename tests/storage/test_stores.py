from __future__ import annotations

from pathlib import Path

import pytest

from storage.errors import StoreKeyError, StoreUrlError
from storage.stores import check_key, check_prefix, open_store


def test_a_relative_url_starts_at_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_store("file://./my%20data").url == (tmp_path / "my data").as_uri()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://host/x", r"supported are file://, gdrive://, s3://, gs://; got ftp://"),
        ("gdrive://", r"expected gdrive://<folder id>"),
        ("s3:///prefix", r"expected s3://bucket/prefix"),
        ("/plain/path", r"got no scheme.*MASHUP_STORE_URL"),
        ("file://home/me", r"the host 'home'.*third slash"),
        ("file://", r"expected file:///absolute/path"),
        ("file:///", r"expected file:///absolute/path"),
        ("file:///data?x=1", r"%3F for a question mark"),
    ],
)
def test_a_url_that_opens_no_store_is_explained(url: str, message: str) -> None:
    with pytest.raises(StoreUrlError, match=message):
        open_store(url)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("a/./b", "could leave the store"),
        ("a/\x7fb", "control character"),
        ("a/.tmp-1", "temporary files"),
        ("a/" + "ü" * 128, "at most 255 bytes"),
        ("/".join(["a" * 200] * 6), "1024 in all"),
        ("a/\ud800", "not valid Unicode"),
    ],
)
def test_a_bad_key_says_why(key: str, message: str) -> None:
    with pytest.raises(StoreKeyError, match=message):
        check_key(key)


@pytest.mark.parametrize("prefix", ["", "a", "a/", "a/b/"])
def test_a_prefix_may_end_in_a_slash_or_be_empty(prefix: str) -> None:
    assert check_prefix(prefix) == prefix


@pytest.mark.parametrize("prefix", ["/", "../", "a//"])
def test_a_prefix_stays_in_the_store(prefix: str) -> None:
    with pytest.raises(StoreKeyError, match="bad store key"):
        check_prefix(prefix)

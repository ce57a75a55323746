from __future__ import annotations

import pytest

from storage.errors import StoreUrlError
from storage.gdrive.address import GOOGLE, check_root, folder_id_of, url_of


def test_a_folder_id_becomes_a_url_and_comes_back() -> None:
    assert folder_id_of(url_of("1aB_-x")) == "1aB_-x"


@pytest.mark.parametrize("url", ["gdrive://", "gdrive://a/b", "gdrive://drive.google.com/x", "x"])
def test_a_url_without_one_folder_id_is_explained(url: str) -> None:
    with pytest.raises(StoreUrlError, match=r"expected gdrive://<folder id>.*flows login"):
        folder_id_of(url)


@pytest.mark.parametrize("root", ["https://proxy.example/x/", "http://127.0.0.1:8080/"])
def test_another_server_may_be_used(root: str) -> None:
    assert check_root(root.rstrip("/")) == root
    assert check_root("") == GOOGLE


@pytest.mark.parametrize(
    "root", ["http://example.com/", "ftp://127.0.0.1", "127.0.0.1:80", "https:"]
)
def test_a_login_never_crosses_an_open_line(root: str) -> None:
    with pytest.raises(StoreUrlError, match="MASHUP_GDRIVE_API_ROOT"):
        check_root(root)

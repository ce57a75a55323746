"""Addresses: of a store on Google Drive, and of the server that answers for it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from storage.errors import StoreUrlError

SCHEME = "gdrive"
GOOGLE = "https://www.googleapis.com/"
_URL = re.compile(rf"{SCHEME}://([A-Za-z0-9_-]+)/?")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def folder_id_of(url: str) -> str:
    """Return the id of the folder that `gdrive://<folder id>` names.

    Raises
    ------
    StoreUrlError
        It is no such URL.
    """
    match = _URL.fullmatch(url)
    if not match:
        raise StoreUrlError(
            f"cannot open store {url!r}: expected gdrive://<folder id>, the last part of the "
            "folder's address in the browser. `python -m flows login` makes a folder and says "
            "its id."
        )
    return match[1]


def url_of(folder_id: str) -> str:
    """Return the URL of the store in a folder."""
    return f"{SCHEME}://{folder_id}"


def link_of(file_id: str) -> str:
    """Return where a person opens a file in the browser."""
    return f"https://drive.google.com/file/d/{file_id}/view"


def folder_link_of(folder_id: str) -> str:
    """Return where a person opens a folder in the browser."""
    return f"https://drive.google.com/drive/folders/{folder_id}"


def check_root(api_root: str) -> str:
    """Return the server's address with one slash at its end; Google's own where empty.

    Raises
    ------
    StoreUrlError
        It would send logins over an open line.
    """
    if not api_root:
        return GOOGLE
    parts = urlsplit(api_root)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname:
        raise StoreUrlError(
            f"cannot use {api_root!r} in place of Google's servers: expected https://..., or "
            "http://127.0.0.1:<port> on this machine. Change MASHUP_GDRIVE_API_ROOT."
        )
    return api_root.rstrip("/") + "/"

"""Logins for Google Drive: a person's token, a service account, or the machine's own.

The first of these that is there is taken: a secret handed over as text, the service account's
file, the token that `python -m flows login` wrote, application default credentials.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import google.auth
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials as PersonCredentials

from storage.errors import StoreAccessError
from storage.files import atomic_path
from storage.options import DriveOptions

OWN_FILES_SCOPE = "https://www.googleapis.com/auth/drive.file"  # what this program made
ALL_FILES_SCOPE = "https://www.googleapis.com/auth/drive"  # a service account owns no files
PRIVATE = 0o600
_PERSON_FIELDS = ("client_id", "client_secret", "refresh_token", "token_uri")
_MACHINE_FIELDS = ("client_email", "private_key", "token_uri")


def default_token_file() -> Path:
    """Return where a person's token lies unless settings say otherwise."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "song-masher" / "gdrive-token.json"


def load_credentials(options: DriveOptions) -> Credentials | None:
    """Return the login to use; None for a server that is not Google's and needs none.

    Raises
    ------
    StoreAccessError
        There is no login, or what should be one cannot be read.
    """
    if options.secret:
        return _parse(options.secret, "the secret that was handed over")
    if options.service_account_file:
        return _read(options.service_account_file)
    token_file = options.token_file or default_token_file()
    if options.token_file or (token_file.is_file() and not options.api_root):
        return _read(token_file)
    return None if options.api_root else _machine_credentials()


def save_token(credentials: Any, path: Path) -> None:
    """Write a person's token so that only this user can read it; whole or not at all."""
    with atomic_path(path) as temp:
        os.close(os.open(temp, os.O_CREAT | os.O_WRONLY | os.O_EXCL, PRIVATE))
        temp.write_text(credentials.to_json(), encoding="utf-8")


def _read(path: Path) -> Credentials:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreAccessError(
            f"cannot read the login for Google Drive in {path}: {type(error).__name__}. "
            "Run `python -m flows login`, or correct MASHUP_GDRIVE_TOKEN_FILE or "
            "MASHUP_GDRIVE_SERVICE_ACCOUNT_FILE."
        ) from None
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StoreAccessError(
            f"other users of this machine can read the login in {path}. Run `chmod 600 {path}`."
        )
    return _parse(text, str(path))


def _parse(text: str, where: str) -> Credentials:
    """Return the login that JSON text holds; no error shows any of it."""
    try:
        info = json.loads(text)
        if info.get("type") == "service_account":
            _require(info, _MACHINE_FIELDS)
            machine: Credentials = service_account.Credentials.from_service_account_info(
                info, scopes=[ALL_FILES_SCOPE]
            )
            return machine
        _require(info, _PERSON_FIELDS)
        return _person(info)
    except (ValueError, AttributeError, TypeError) as error:
        reason = str(error) if isinstance(error, _MissingFieldError) else type(error).__name__
        raise StoreAccessError(
            f"{where} is no login for Google Drive ({reason}). Expected the JSON of a service "
            "account's key, or what `python -m flows login` writes; a client_secret.json of an "
            "OAuth client is what that command needs, not a login."
        ) from None


class _MissingFieldError(ValueError):
    """A field is not there; names no value."""


def _require(info: Mapping[str, Any], names: tuple[str, ...]) -> None:
    missing = [name for name in names if not info.get(name)]
    if missing:
        raise _MissingFieldError(f"it lacks {', '.join(missing)}")


def _person(info: Mapping[str, Any]) -> Credentials:
    expiry = info.get("expiry")
    return PersonCredentials(
        token=info.get("token"),
        refresh_token=info["refresh_token"],
        token_uri=info["token_uri"],
        client_id=info["client_id"],
        client_secret=info["client_secret"],
        scopes=info.get("scopes"),
        expiry=datetime.fromisoformat(expiry).replace(tzinfo=None) if expiry else None,
    )


def _machine_credentials() -> Credentials:
    try:
        return google.auth.default(scopes=[ALL_FILES_SCOPE])[0]
    except DefaultCredentialsError:
        raise StoreAccessError(
            "nobody is logged in to Google Drive on this machine. Run `python -m flows login`, "
            "or set MASHUP_GDRIVE_SERVICE_ACCOUNT_FILE to the key of a service account."
        ) from None

"""Logging a person in: the consent page in the browser, the token kept, a folder made.

The scope is `drive.file`: this program sees what it made itself, and nothing else of the account.
"""

from __future__ import annotations

import json
import webbrowser
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2 import OAuth2Error
from requests.exceptions import RequestException

from storage.errors import StoreAccessError, StoreUnavailableError
from storage.gdrive.address import folder_link_of, url_of
from storage.gdrive.client import DriveClient
from storage.gdrive.credentials import OWN_FILES_SCOPE, default_token_file, save_token
from storage.gdrive.entry import FOLDER_MIME, age
from storage.options import DriveOptions

WAIT_S = 600
FOLDER_NAME = "Song Masher"
HOW_TO = (
    "Make one: console.cloud.google.com, a project with the Google Drive API enabled, APIs & "
    "Services, Credentials, Create OAuth client ID, Desktop app, download the JSON; name that "
    "file in MASHUP_GDRIVE_CLIENT_FILE."
)
PROMPT = "Open this address in a browser of this machine and allow the access:\n{url}"
DONE = "Song Masher may now use its own folder in your Google Drive. You can close this page."


@dataclass(frozen=True, slots=True)
class Login:
    """Who logged in, and the store that is theirs now."""

    account: str
    token_file: Path
    store_url: str
    folder_link: str


def log_in(client_file: Path, options: DriveOptions, *, open_browser: bool = True) -> Login:
    """Ask a person for consent, keep the token with mode 600, and find or make the folder.

    Parameters
    ----------
    client_file
        JSON of an OAuth client of the kind "Desktop app".

    Raises
    ------
    StoreAccessError
        The file is no such JSON, or consent was not given.
    StoreUnavailableError
        Google could not be reached.
    """
    credentials = _ask(client_file, open_browser=open_browser)
    token_file = options.token_file or default_token_file()
    save_token(credentials, token_file)
    client = DriveClient(replace(options, token_file=token_file), credentials)
    about = client.about()
    folder_id = _find_or_make_folder(client)
    account = str(about["user"].get("emailAddress", "unknown"))
    return Login(account, token_file, url_of(folder_id), folder_link_of(folder_id))


def _ask(client_file: Path, *, open_browser: bool) -> Any:
    """Show the consent page and wait for its answer; errors carry no code and no secret."""
    flow = _flow(client_file)
    try:
        return flow.run_local_server(
            host="127.0.0.1",
            port=0,
            open_browser=open_browser and _has_browser(),
            authorization_prompt_message=PROMPT,
            success_message=DONE,
            timeout_seconds=WAIT_S,
            access_type="offline",
            prompt="consent",
        )
    except WSGITimeoutError:
        raise StoreAccessError(
            f"nobody answered the consent page within {WAIT_S // 60} minutes. Run "
            "`python -m flows login` again."
        ) from None
    except OAuth2Error as error:
        raise StoreAccessError(
            f"Google did not allow the access ({error.error}). Run `python -m flows login` again "
            "and allow it; while the app's consent screen is in 'Testing', add yourself there as "
            "a test user."
        ) from None
    except RequestException as error:
        raise StoreUnavailableError(
            f"Google could not be reached to finish the login ({type(error).__name__}). Check the "
            "network and run `python -m flows login` again."
        ) from None


def _flow(client_file: Path) -> Any:
    try:
        return InstalledAppFlow.from_client_secrets_file(str(client_file), [OWN_FILES_SCOPE])
    except FileNotFoundError:
        raise StoreAccessError(f"there is no OAuth client in {client_file}. {HOW_TO}") from None
    except (ValueError, KeyError, TypeError, json.JSONDecodeError):
        raise StoreAccessError(f"{client_file} is no OAuth client. {HOW_TO}") from None


def _has_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _find_or_make_folder(client: DriveClient) -> str:
    """Return the id of the oldest folder of our name that this app made; make it if need be."""
    ours = f"name = '{FOLDER_NAME}' and mimeType = '{FOLDER_MIME}' and trashed = false"
    found = sorted(client.search(ours), key=age)
    if found:
        return found[0].file_id
    folder_id = client.reserve_id()
    client.make_folder(folder_id, FOLDER_NAME, ["root"])
    return folder_id

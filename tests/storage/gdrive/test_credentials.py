from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials as PersonCredentials

from storage.errors import StoreAccessError
from storage.gdrive.credentials import ALL_FILES_SCOPE, load_credentials
from storage.options import DriveOptions

PERSON = {
    "client_id": "id",
    "client_secret": "hidden",
    "refresh_token": "hidden",
    "token_uri": "https://oauth2.googleapis.com/token",
}


@pytest.fixture(autouse=True)
def lonely_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No login of this machine is found by chance."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)


@pytest.fixture(scope="module")
def machine() -> str:
    """The key of a service account that Google does not know."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return json.dumps(
        {
            "type": "service_account",
            "client_email": "robot@example.iam.gserviceaccount.com",
            "private_key": pem.decode(),
            "token_uri": "https://oauth2.googleapis.com/token",
        }
    )


def _private(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_service_account_is_read_from_file_secret_or_environment(
    tmp_path: Path, machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _private(tmp_path / "key.json", machine)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    for options in (
        DriveOptions(service_account_file=file),
        DriveOptions(secret=machine),
        DriveOptions(),
    ):
        found = load_credentials(options)
        assert isinstance(found, service_account.Credentials)
        assert found.scopes == [ALL_FILES_SCOPE]


def test_a_persons_token_lies_in_the_configuration_folder(tmp_path: Path) -> None:
    _private(tmp_path / "config" / "song-masher" / "gdrive-token.json", json.dumps(PERSON))
    assert isinstance(load_credentials(DriveOptions()), PersonCredentials)


def test_another_server_is_never_sent_a_login_that_was_not_named(tmp_path: Path) -> None:
    _private(tmp_path / "config" / "song-masher" / "gdrive-token.json", json.dumps(PERSON))
    assert load_credentials(DriveOptions(api_root="http://127.0.0.1:1/")) is None


def test_without_any_login_it_says_how_to_log_in() -> None:
    with pytest.raises(StoreAccessError, match=r"flows login.*SERVICE_ACCOUNT_FILE"):
        load_credentials(DriveOptions())


def test_a_login_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = _private(tmp_path / "token.json", json.dumps(PERSON))
    file.chmod(0o644)
    with pytest.raises(StoreAccessError, match="chmod 600"):
        load_credentials(DriveOptions(token_file=file))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "JSONDecodeError"),
        ("[]", "AttributeError"),
        (json.dumps({**PERSON, "refresh_token": ""}), "it lacks refresh_token"),
        (json.dumps({"installed": PERSON}), "it lacks client_id.*client_secret.json"),
        (json.dumps({"type": "service_account", "private_key": "hidden"}), "it lacks client_email"),
        (
            json.dumps(
                {
                    "type": "service_account",
                    "private_key": "hidden",
                    "client_email": "a@b",
                    "token_uri": "https://x",
                }
            ),
            "is no login for Google Drive",
        ),
    ],
)
def test_what_is_no_login_is_explained_without_showing_it(text: str, message: str) -> None:
    with pytest.raises(StoreAccessError, match=message) as caught:
        load_credentials(DriveOptions(secret=text))
    assert "hidden" not in f"{caught.value!r}"


def test_a_login_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreAccessError, match=r"cannot read the login .*FileNotFoundError"):
        load_credentials(DriveOptions(token_file=tmp_path / "none.json"))


def test_options_show_no_secret() -> None:
    assert "hidden" not in repr(DriveOptions(secret=json.dumps(PERSON)))

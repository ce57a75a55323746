"""Machine settings, read from `MASHUP_*` variables and `.env`; only flows and tasks read them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where things are and how much to do; relative paths start from the working directory."""

    model_config = SettingsConfigDict(
        env_prefix="MASHUP_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    store_url: str = Field(
        default="file://./data", description="Where audio, shards, checkpoints and mashups live."
    )
    ledger_url: str = Field(
        default="sqlite:///./work/ledger.db", description="SQLAlchemy URL of the ledger."
    )
    work_dir: Path = Field(
        default=Path("work"), description="Local spool, features and training state; may be wiped."
    )
    workplace: str = Field(
        default="",
        description="Name of the work folder among the workers of a Postgres ledger; by default "
        "machine and path. Set it where machine names change, as in containers.",
    )
    keep_days: float = Field(
        default=7.0, ge=0, description="Days that superseded shards and snapshots stay."
    )
    originals_gb: float = Field(
        default=20.0, ge=0, description="Gigabytes of songs' downloads kept in the work folder."
    )
    history_days: float = Field(
        default=30.0, ge=1, description="Days that runs and their results stay in Prefect."
    )
    mashups: str | None = Field(
        default=None, description="Folder, .json or .txt list, or YouTube address of mashups."
    )
    songs: str | None = Field(
        default=None, description="Folder, .json or .txt list, or YouTube address of whole songs."
    )
    multitracks: Path | None = Field(
        default=None, description="Folder of NAME_vocals.* and NAME_instrumental.* pairs."
    )
    subscriptions: Path | None = Field(
        default=None, description="YAML file of playlists, channels and videos to follow."
    )
    creative_commons_only: bool = Field(
        default=False, description="Take only videos that state a Creative Commons licence."
    )
    youtube_client: Literal["auto", "yt-dlp", "pytubefix", "pytube"] = Field(
        default="auto", description="auto, yt-dlp, pytubefix or pytube."
    )
    youtube_proxy: str | None = Field(default=None, description="Proxy for all YouTube clients.")
    youtube_cookies: Path | None = Field(
        default=None, description="Netscape cookies file of an account, read by yt-dlp."
    )
    youtube_options: str = Field(
        default="", description="Passed through to yt-dlp, as on its command line."
    )
    youtube_api_key: SecretStr | None = Field(
        default=None, description="Key of the YouTube Data API; lists through it where set."
    )
    youtube_pause_s: float = Field(
        default=9.0, ge=0, description="Mean seconds between two videos; 300 an hour is allowed."
    )
    youtube_at_once: int = Field(
        default=1, ge=1, description="Downloads at the same time, on all machines together."
    )
    gdrive_client_file: Path | None = Field(
        default=None, description="JSON of your OAuth client (desktop app), for flows login."
    )
    gdrive_token_file: Path | None = Field(
        default=None, description="Where flows login keeps its token; by default in ~/.config."
    )
    gdrive_service_account_file: Path | None = Field(
        default=None, description="Key of a service account, for a folder on a Shared Drive."
    )
    gdrive_secret_block: str = Field(
        default="", description="Prefect Secret block that holds one of these two JSON texts."
    )
    gdrive_max_mb_s: float | None = Field(
        default=None, gt=0, description="Most megabytes a second to and from Drive, of a process."
    )
    gdrive_api_root: str = Field(
        default="", description="Another server in place of Google's, for tests."
    )
    object_endpoint: str = Field(
        default="", description="http(s)://host:port of an S3 or GCS server of your own."
    )
    search: bool | None = Field(
        default=None,
        description="Search YouTube for songs that mashups name and nobody here has: true, false, "
        "or unset: only for mashups from YouTube.",
    )
    searches: int = Field(default=20, ge=0, description="Such searches of one run at most.")
    musicbrainz: bool = Field(
        default=False, description="Let MusicBrainz confirm who made which song."
    )
    musicbrainz_contact: str = Field(
        default="", description="E-mail or page, which MusicBrainz asks its clients to state."
    )
    musicbrainz_root: str | None = Field(
        default=None, description="Another MusicBrainz server, for tests."
    )
    test_share: float = Field(
        default=0.2, ge=0, lt=1, description="Share of songs kept out of training; set it once."
    )
    made_mixes: int = Field(
        default=3, ge=0, description="Mashups made of each pair of multitracks, to train on."
    )
    model_size: str = Field(default="base", description="tiny, base or large (model/config.py).")
    train_steps: int = Field(default=600, ge=1, description="Optimizer steps of one training.")
    train_min_new: int = Field(
        default=1, ge=0, description="New examples needed before a night trains again."
    )
    batch_mashups: int = Field(default=4, ge=1, description="Mashups that generate-batch makes.")
    mashup_s: float = Field(default=120.0, ge=10, description="Length of a made mashup in seconds.")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()

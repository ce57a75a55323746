"""Machine settings, read from `MASHUP_*` variables and `.env`; only flows and tasks read them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field
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
    mashups: Path | None = Field(
        default=None, description="Folder, .json or .txt list of mashups to ingest."
    )
    songs: Path | None = Field(
        default=None, description="Folder, .json or .txt list of whole songs."
    )
    multitracks: Path | None = Field(
        default=None, description="Folder of NAME_vocals.* and NAME_instrumental.* pairs."
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

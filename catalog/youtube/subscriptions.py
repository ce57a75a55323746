"""The subscriptions file: which playlists, channels and videos to follow, and what of them.

```yaml
subscriptions:
  - url: https://www.youtube.com/playlist?list=PL...
    kind: mashup            # or song
    limit: 50               # new videos a run
    filters:
      title: "mashup|vs"
      after: 2015-01-01
      creative_commons_only: true
```
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from catalog.records import TrackKind
from catalog.youtube.address import parse_address
from catalog.youtube.errors import OptionsError
from catalog.youtube.filters import Filters


class SubscriptionsError(OptionsError):
    """The subscriptions file is missing, is no YAML, or holds something unexpected."""


class Subscription(BaseModel):
    """One address that is followed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    kind: Literal["mashup", "song"] = "mashup"
    limit: int | None = Field(default=None, ge=1, description="New videos of one run at most.")
    filters: Filters = Filters()

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        parse_address(url)
        return url

    @property
    def track_kind(self) -> TrackKind:
        return TrackKind(self.kind)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    subscriptions: tuple[Subscription, ...] = Field(min_length=1)


def load_subscriptions(path: Path) -> tuple[Subscription, ...]:
    """Read and check a subscriptions file.

    Raises
    ------
    SubscriptionsError
        The message names the place in the file, what was expected and what came.
    """
    try:
        told: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SubscriptionsError(f"cannot read the subscriptions file {path}: {error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SubscriptionsError(f"{path} is no YAML: {error}") from error
    try:
        return _File.model_validate(told).subscriptions
    except ValidationError as error:
        raise SubscriptionsError(f"{path}: {_explain(error)}") from error


def _explain(error: ValidationError) -> str:
    """Return pydantic's findings as `subscriptions.0.url: ... (got ...)`, one after the other."""
    return "; ".join(
        f"{'.'.join(str(part) for part in finding['loc']) or 'file'}: "
        f"{finding['msg']} (got {str(finding['input'])[:80]!r})"
        for finding in error.errors()
    )

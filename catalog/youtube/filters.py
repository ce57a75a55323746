"""Which videos a subscription wants; every refusal is a sentence for the report."""

from __future__ import annotations

import datetime as dt
import re

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from catalog.youtube.records import VideoFacts

MIN_DURATION_S = 60.0
MAX_DURATION_S = 900.0
LONGEST_VIDEO_S = 3600.0  # what can be decoded in one piece


class Filters(BaseModel):
    """Limits of one subscription, as its YAML gives them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = Field(default=None, description="Regular expression that a title matches.")
    not_title: str | None = Field(default=None, description="Regular expression it must not match.")
    min_duration_s: float = Field(default=MIN_DURATION_S, ge=0, description="Shortest length.")
    max_duration_s: float = Field(
        default=MAX_DURATION_S, gt=0, le=LONGEST_VIDEO_S, description="Greatest length."
    )
    after: dt.date | None = Field(default=None, description="Uploaded on this day or later.")
    before: dt.date | None = Field(default=None, description="Uploaded before this day.")
    creative_commons_only: bool = Field(default=False, description="Keep to that licence.")
    shorts: bool = Field(default=False, description="Take shorts too.")

    @field_validator("title", "not_title")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _ordered(self) -> Filters:
        if self.min_duration_s > self.max_duration_s:
            raise ValueError("min_duration_s is greater than max_duration_s: nothing would pass")
        if self.after and self.before and self.after >= self.before:
            raise ValueError("after is not before `before`: nothing would pass")
        return self


def reason_against(facts: VideoFacts, filters: Filters, *, complete: bool = False) -> str | None:
    """Return why `filters` refuse a video, or None.

    Parameters
    ----------
    complete
        The facts are all that can be known. A listing is not complete: what it leaves open (a
        date, a licence) is no reason yet.
    """
    rules = (_by_state, _by_title, _by_duration, _by_date, _by_licence)
    reasons = [rule(facts, filters) for rule in rules]
    if complete:
        reasons.append(_by_what_is_unknown(facts, filters))
    return next((reason for reason in reasons if reason), None)


def _by_state(facts: VideoFacts, filters: Filters) -> str | None:
    if facts.is_private:
        return "private or deleted on YouTube"
    if facts.is_live:
        return "a live stream, running or still to come"
    return "a short" if facts.is_short and not filters.shorts else None


def _by_title(facts: VideoFacts, filters: Filters) -> str | None:
    if not facts.title:
        return None
    if filters.title and not re.search(filters.title, facts.title, re.I):
        return f"the title does not match {filters.title!r}"
    if filters.not_title and re.search(filters.not_title, facts.title, re.I):
        return f"the title matches {filters.not_title!r}, which is not wanted"
    return None


def _by_duration(facts: VideoFacts, filters: Filters) -> str | None:
    length_s = facts.duration_s
    if length_s is None:
        return None
    if length_s < filters.min_duration_s:
        return f"too short: {length_s:.0f} s, wanted at least {filters.min_duration_s:.0f} s"
    if length_s > filters.max_duration_s:
        return f"too long: {length_s:.0f} s, wanted at most {filters.max_duration_s:.0f} s"
    return None


def _by_date(facts: VideoFacts, filters: Filters) -> str | None:
    day = facts.uploaded
    if day is None:
        return None
    if filters.after and day < filters.after:
        return f"uploaded {day}, wanted {filters.after} or later"
    if filters.before and day >= filters.before:
        return f"uploaded {day}, wanted before {filters.before}"
    return None


def _by_licence(facts: VideoFacts, filters: Filters) -> str | None:
    if filters.creative_commons_only and facts.creative_commons is False:
        return f"not under Creative Commons but under: {facts.licence}"
    return None


def _by_what_is_unknown(facts: VideoFacts, filters: Filters) -> str | None:
    if facts.uploaded is None and (filters.after or filters.before):
        return "its upload date is unknown"
    if facts.licence is None and filters.creative_commons_only:
        return "not under Creative Commons: it states no licence"
    return None

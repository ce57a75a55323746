"""The songs that a mashup's maker lists in the description or in chapters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from catalog import names
from catalog.records import StandardName
from catalog.title_parts import clean_item, split_dash

MAX_LINE_CHARS = 120
TRUST_HEADED = 0.95  # under `Songs used:`, or labelled `Vocals:`
TRUST_AGREED = 0.93  # the title names the same artists or songs
TRUST_BARE = 0.4  # lines that look like songs, nothing more

_HEADER = re.compile(
    r"^\W*(?:the )?(?:songs?|tracks?|sources?|samples?|music|track ?list(?:ing)?|contains"
    r"|originals?|original songs?|mashup of|features?|featuring|made (?:from|with|of)|includes?)"
    r"(?: (?:used|list|in this|sampled|info|credits))*(?: (?:video|mashup|mix))?\s*:?\s*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^\W*(?:lead )?(?:vocals?|a ?capp?ellas?|voice|instrumentals?|beat|music|backing(?: track)?"
    r"|bass|drums|song \d|track \d|source \d)\s*[:=-]\s*(?=\S)",
    re.IGNORECASE,
)
_BULLET = re.compile(
    r"^\s*(?:[-*•·►>♪♫~]+|\d{1,2}[.)]|#\d+)?\s*(?:\[?\(?\d{1,2}:\d\d(?::\d\d)?\)?\]?\s*[-:]?)?\s*"
)
_LINK = re.compile(r"https?://\S+|www\.\S+|\S+\.(?:com|net|org|ly|be)/\S*", re.IGNORECASE)
_BY = re.compile(r"^[\"']?(.+?)[\"']?\s+by\s+(.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListedSources:
    """What a text lists, and how far to trust that these are the mashup's songs."""

    sources: tuple[StandardName, ...]
    trust: float


@dataclass(frozen=True, slots=True)
class _Line:
    name: StandardName
    is_labelled: bool  # under a header, or with a label of its own


def listed_sources(text: str, *, title: str) -> ListedSources:
    """The songs that a text lists, trusted where a header, a label or the title supports it."""
    lines = list(_song_lines(text))
    labelled = [line for line in lines if line.is_labelled]
    if len(labelled) > 1:
        return ListedSources(_distinct(labelled), TRUST_HEADED)
    heard = names.fold(title)
    agreed = [line for line in lines if _is_named(line.name, heard)]
    if len(agreed) > 1:
        return ListedSources(_distinct(agreed), TRUST_AGREED)
    return ListedSources(_distinct(lines), TRUST_BARE)


def _song_lines(text: str) -> Iterable[_Line]:
    headed = False
    for raw in text.splitlines():
        line = names.standardize(_LINK.sub("", raw[: 4 * MAX_LINE_CHARS]))
        if not line:
            headed = False
            continue
        if _HEADER.match(line):
            headed = True
            continue
        label = _LABEL.match(line)
        name = _name_of(
            line[label.end() :] if label else line, allow_by=headed or label is not None
        )
        if name is not None:
            yield _Line(name, headed or label is not None)


def _name_of(line: str, *, allow_by: bool) -> StandardName | None:
    """The song that a line names, or None where it says something else."""
    text = _BULLET.sub("", line, count=1)
    if len(text) > MAX_LINE_CHARS:
        return None
    plain, version = names.split_version(text)
    fields = split_dash(plain)
    if len(fields) == 2:
        return StandardName(fields[0], fields[1], version)
    by = _BY.match(plain)
    if allow_by and by is not None and not fields[1:]:
        return StandardName(clean_item(by.group(2)), clean_item(by.group(1)), version)
    return None


def _is_named(name: StandardName, folded_title: str) -> bool:
    parts = (names.fold(part) for part in (name.artist, name.title) if part)
    return any(f" {part} " in f" {folded_title} " for part in parts)


def _distinct(lines: Iterable[_Line]) -> tuple[StandardName, ...]:
    return tuple({names.song_key(line.name): line.name for line in lines}.values())

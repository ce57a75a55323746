"""What is left of a title without the mashup's own name or its maker, wherever these stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog import names
from catalog.title_parts import bracket_contents

MIN_CORE_CHARS = 8
MAX_CORES = 6

_BREAK = re.compile(r"\s+[-=~|]+\s+|\s+//\s+|(?<=\w):\s+|(?<=\w)-\s+")
_BRACKETED = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\})\s*")
_LAST_BRACKET = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])$")
_TAIL = re.compile(
    r"\s+(?:(?:(?:mashed up|mixed|made|prod\.?|produced)\s+)?by\s+[^/,()&\"]+|\"[^\"]+\")$",
    re.IGNORECASE,
)
_HEAD = re.compile(r"^\"[^\"]+\"\s+")


def cores(title: str) -> list[str]:
    """Parts of a title that may be all that names its songs, the title itself left out."""
    text = names.standardize(title)
    found = dict.fromkeys(part.strip() for part in _parts(text))
    return [part for part in found if len(part) >= MIN_CORE_CHARS and part != text][:MAX_CORES]


def _parts(text: str) -> Iterator[str]:
    yield _LAST_BRACKET.sub("", text)
    yield from bracket_contents(text)
    outside = _BRACKETED.sub(" ", text)
    for whole in dict.fromkeys((text, outside)):
        yield _TAIL.sub("", whole)
        yield _HEAD.sub("", whole)
        breaks = list(_BREAK.finditer(whole))
        if breaks:
            yield whole[breaks[0].end() :]
            yield whole[: breaks[-1].start()]
    yield outside

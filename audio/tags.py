"""Tags as text: what goes into an ffmpeg command, and what comes back as ffmetadata.

A title was written by a stranger. It is data: whatever it holds, it stays one argument.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from audio.errors import AudioError

MAX_TAG_CHARS = 4000  # keeps one argument far below the system's limit of 128 KiB
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_LINE = re.compile(r"((?:[^\\=\n]|\\.)+)=((?:[^\\\n]|\\.)*)\n", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def metadata_options(tags: Mapping[str, str]) -> dict[str, str]:
    """Return ffmpeg options, one a tag; only the first `=` separates name and value.

    NUL and lone surrogates, which neither an argument nor ID3 can hold, are replaced.

    Raises
    ------
    AudioError: a name has other characters than letters, digits, `_` and `-`.
    """
    for name in tags:
        if not _NAME.fullmatch(name):
            raise AudioError(f"expected a tag name of letters, digits, _ and -, got {name!r}")
    # The index after `g` means nothing to ffmpeg; it makes the keys of this dict differ.
    return {
        f"metadata:g:{index}": f"{name}={_clean(value)}"
        for index, (name, value) in enumerate(tags.items())
    }


def parse_ffmetadata(text: str) -> dict[str, str]:
    r"""Return tags by lower-case name from `name=value` lines, in which `\` escapes.

    Ogg keeps its tags with the stream, so every section counts; the first mention wins.
    """
    return {
        _ESCAPED.sub(r"\1", name).lower(): _ESCAPED.sub(r"\1", value)
        for name, value in reversed(_LINE.findall(text))
    }


def _clean(value: str) -> str:
    text = value[:MAX_TAG_CHARS].replace("\0", " ")
    return text.encode("utf-8", "replace").decode("utf-8")

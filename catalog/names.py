"""Standard names: scraped text to artist, title and version, to a safe file name, to a song's key.

What a *mashup's* title says of its songs is read in `catalog.titles`; here a name names one song.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

import ftfy
from anyascii import anyascii
from pathvalidate import sanitize_filename

from catalog.name_words import FEATURING, NOISE_BRACKET, VERSION_WORDS
from catalog.records import StandardName

UNTITLED = "untitled"
MAX_NAME_BYTES = 120
MAX_ID_CHARS = 64
MAX_PASSES = 8  # of `standardize`: each pass can reveal one more layer of damage

_CHARACTERS = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02bc\uff07", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d\u300e\u300f\uff02", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\u2014\u2015\ufe58", " - ")
    | {"\u00d7": " x ", "\u2715": " x ", "\u2716": " x ", "\u24e7": " x "}
    | {"\uff08": "(", "\uff09": ")", "\u3010": "[", "\u3011": "]", "\uff3b": "[", "\uff3d": "]"}
    | {"\uff5c": "|", "\u2502": "|", "\uff06": "&"}
    | dict.fromkeys("\uff0f\u2044\u2215\u29f8", "/")
    # What downloaders write in file names for characters that files cannot have.
    | {"\u29f9": "\\", "\uff1a": ":", "\ua789": ":", "\uff1f": "?", "\uff0a": "*"}
    | {"\uff1c": "<", "\uff1e": ">"}
)
_SITE = re.compile(r"\s+[-|_]\s*YouTube\s*$", re.IGNORECASE)
_CLOCK = r"\d{1,2}:[0-5]\d(?::[0-5]\d)?"
_DURATION = re.compile(rf"\s*[-|]?\s*[\[(]\s*{_CLOCK}\s*[\])]|\s+[-|]\s*{_CLOCK}\s*$")
_DANGLING = re.compile(r"\s+[-|]\s*$")
_DASH = re.compile(r"\s+-+\s+|\s*\|\s*|(?<=\w)-\s+(?=\S)|(?<=\S)\s+-(?=\w)")
_BRACKET = re.compile(r"\s*[\[(]([^\[\]()]*)[\])]")
_NUMBER_PREFIX = re.compile(r"^\s*(?:0\d|\d{1,3}(?=\.\s|\)\s|\s*-\s.+\s-\s))\s*[.)-]?\s+(?=\S)")
_INITIAL_DOT = re.compile(r"(?<![a-z0-9]{2})\.(?=[a-z]\b)")  # of `m.i.a.`
_FILE_MARKS = str.maketrans(
    {"/": "-", "\\": "-", "|": "-", ":": "-", "<": "(", ">": ")", '"': "'", "?": "", "*": ""}
)


def standardize(text: str) -> str:
    """Clean scraped text: one form for every character, and nothing that only a web page adds.

    Repairs wrong decodings (ftfy), composes (NFC), drops control, zero-width and bidi characters,
    unifies quotes, dashes and U+00D7, removes `- YouTube` and durations, and collapses whitespace.
    Brackets of makers stay: in a mashup's title they may hold its sources.
    Standardizing twice changes nothing.
    """
    for _ in range(MAX_PASSES):
        cleaned = _standardize_once(text)
        if cleaned == text:
            break
        text = cleaned
    return text


def _standardize_once(text: str) -> str:
    text = unicodedata.normalize("NFC", ftfy.fix_text(text)).translate(_CHARACTERS)
    text = "".join(" " if ch.isspace() else ch for ch in text if ch.isspace() or _is_visible(ch))
    text = _DURATION.sub(" ", _SITE.sub("", " ".join(text.split())))
    return _DANGLING.sub("", " ".join(text.split()))


def _is_visible(character: str) -> bool:
    """Whether a character may stand in a name: no control, format, surrogate or private one."""
    return not unicodedata.category(character).startswith("C")


def parse_song(raw: str, *, channel: str | None = None) -> StandardName:
    """The standard name of one song, from a video's title or a file's stem.

    `channel` names the artist where the title does not: `Adele - Topic`, or `AdeleVEVO`.
    Text without any visible character gives the title `untitled`.
    """
    text = _NUMBER_PREFIX.sub("", standardize(_unscore(raw)))
    text, version = split_version(text)
    fields = [field.strip(" \"'") for field in _DASH.split(text)]
    fields = [field for field in fields if field]
    while len(fields) > 2 and (words := find_versions(fields[-1])):
        version = _merged(version, words)
        fields.pop()
    if len(fields) == 2 and channel is None and find_versions(fields[1], whole=True):
        return StandardName(None, fields[0], _merged(version, find_versions(fields[1])))
    if len(fields) < 2:
        return StandardName(channel_artist(channel), fields[0] if fields else UNTITLED, version)
    artist, title = fields[0], " - ".join(fields[1:])
    return StandardName(_plain_featuring(artist), _without_featuring(title) or title, version)


def _unscore(raw: str) -> str:
    """Spaces for underscores where a file name uses them in place of spaces."""
    return raw if " " in raw.strip() else raw.replace("_", " ")


def split_version(text: str) -> tuple[str, tuple[str, ...]]:
    """Split brackets that only describe the recording off a name: the name, and version words."""
    version: tuple[str, ...] = ()

    def keep(bracket: re.Match[str]) -> str:
        nonlocal version
        inner = bracket.group(1)
        words = find_versions(inner)
        version = _merged(version, words)
        described = words or NOISE_BRACKET.search(inner) or FEATURING.match(inner.strip() + " ")
        return " " if described or not inner.strip() else bracket.group(0)

    name = " ".join(_BRACKET.sub(keep, text).split())
    return (name or text, version)


def find_versions(text: str, *, whole: bool = False) -> tuple[str, ...]:
    """Version words such as `live`, `remix` or `sped up` that a description names, in table order.

    With `whole` only where the text is nothing but such a word (`Live`, `Remastered 2011`).
    """
    found = tuple(word for word, pattern in VERSION_WORDS.items() if pattern.search(text))
    if whole and found:
        rest = text
        for word in found:
            rest = VERSION_WORDS[word].sub("", rest)
        return found if not re.sub(r"[\W\d]+", "", rest) else ()
    return found


def _merged(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(first + second))


def channel_artist(channel: str | None) -> str | None:
    """The artist whom an automatic `NAME - Topic` or `NameVEVO` channel stands for, else None."""
    if channel is None:
        return None
    text = standardize(channel)
    if text.endswith(" - Topic"):
        return text.removesuffix(" - Topic") or None
    if text.endswith("VEVO"):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.removesuffix("VEVO")).strip() or None
    return None


def _plain_featuring(artist: str) -> str:
    return " ".join(FEATURING.sub(" feat. ", artist).split())


def _without_featuring(text: str) -> str:
    return FEATURING.split(text)[0].strip()


def fold(text: str) -> str:
    """A name's letters and digits for comparing: lower-case ASCII, single spaces, no leading `the`.

    Names made of marks alone (`!!!`) stay as they are, so that no name folds to nothing.
    """
    plain = text if text.isascii() else anyascii(unicodedata.normalize("NFKC", text))
    plain = plain.casefold().replace("&", " and ").replace("'", "").replace("$", "s")
    plain = _INITIAL_DOT.sub("", plain)
    words = re.findall(r"[a-z0-9]+", plain)
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words) or "".join(text.casefold().split())


def song_key(name: StandardName) -> str:
    """Identity of the *song*, not the recording: `artist|title`, folded, no guests, no version."""
    artist = fold(_without_featuring(name.artist) or name.artist) if name.artist else ""
    title = fold(_without_featuring(name.title) or name.title) if name.title else ""
    return f"{artist}|{title}"


def file_name(name: StandardName, track_id: str) -> str:
    """`Artist - Title [id]`: a file's stem, legal on Linux, macOS, Windows and Drive.

    At most 120 UTF-8 bytes stand before the id. The id in brackets makes it unique and keeps the
    stem from being a reserved name or from ending in a dot; the name itself is never the identity.
    """
    text = standardize(str(name)).translate(_FILE_MARKS)
    text = sanitize_filename(text, platform="universal", replacement_text="", max_len=10_000)
    text = " ".join(text.split()).lstrip(".-~ ")
    return f"{_cut(text, MAX_NAME_BYTES).rstrip('. ') or UNTITLED} [{_safe_id(track_id)}]"


def _cut(text: str, max_bytes: int) -> str:
    """The longest start of `text` within `max_bytes` that ends between two whole characters."""
    if len(text.encode()) <= max_bytes:
        return text
    end = len(text.encode()[:max_bytes].decode(errors="ignore"))
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    return text[:end]


def _safe_id(track_id: str) -> str:
    """`yt:abc` as `yt-abc`; any other change to the id adds a hash, so that two ids never meet."""
    plain = track_id.replace(":", "-", 1)
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", plain)[:MAX_ID_CHARS]
    if safe == plain:
        return safe
    return f"{safe[:40]}-{hashlib.sha256(track_id.encode()).hexdigest()[:8]}"

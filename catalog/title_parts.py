"""A mashup's title taken apart: fields between dashes, lists of names, brackets, makers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from catalog import names, title_words
from catalog.title_artists import is_known_artist, split_after_artist


class Join(IntEnum):
    """What separates the items of a list; up to `SLASH` it is what mashups use."""

    VERSUS = 0
    CROSS = 1
    SLASH = 2
    COMMA = 3
    AND = 4
    FEATURING = 5
    NONE = 6


@dataclass(frozen=True, slots=True)
class Listing:
    """Names that stand side by side, and what separates them."""

    items: tuple[str, ...]
    join: Join
    text: str

    @property
    def is_credible(self) -> bool:
        """Whether it is a strong list, or a weak one that names a known artist."""
        return len(self.items) > 1 and (self.is_strong or any(map(is_known_artist, self.items)))

    @property
    def is_strong(self) -> bool:
        """Whether it is a list whose separator is one that mashups use."""
        return self.join <= Join.SLASH and len(self.items) > 1


@dataclass(frozen=True, slots=True)
class TitleParts:
    """What a title consists of, once notes and makers are set aside."""

    text: str  # notes and makers removed, other brackets kept
    fields: tuple[str, ...]  # the text outside brackets, split at dashes
    brackets: tuple[str, ...]  # contents of the brackets that may name sources
    makers: tuple[str, ...]  # contents of the brackets that name makers or circumstances
    tag_before_dash: bool  # `SONGS (mashup) - ARTISTS`
    ends_in_mashup_of: bool  # `SONGS - mashup of ARTISTS`
    is_tagged: bool  # the word mashup occurs
    is_performed: bool  # a cover, a beatbox: who is named may only perform
    is_piped: bool  # the fields were separated by pipes alone


# Private-use characters stand in for separators inside names; `standardize` lets none through.
_SHIELDS = {"/": "\ue001", "&": "\ue002", ",": "\ue003", "+": "\ue004", "and": "\ue005"}
_UNSHIELD = str.maketrans({mark: plain for plain, mark in _SHIELDS.items()})
_SHIELDED = re.compile(r"[/&,+]|(?<=\s)and(?=\s)", re.IGNORECASE)

_VERSUS = (
    rf"\s+(?:(?:{title_words.MASHUP}|mixed|mashed|blended)\s+(?:w/|with|and|&)|vs?\.?|versus|w/|meets"
    r"|but (?:it's|its|with))\s+"
    r"|(?<=\w)\s+vs\.(?=\w)|(?<=[\"')\]])\s*vs\.?\s+"
)
_CROSS = r"(?<=\S)\s+(?:x|\+)\s+(?=\S)"
_SLASH = r"\s*/+\s*|(?<=\w)_(?=\w)"
_SEPARATORS: dict[Join, re.Pattern[str]] = {
    Join.VERSUS: re.compile(_VERSUS, re.IGNORECASE),
    Join.CROSS: re.compile(_CROSS, re.IGNORECASE),
    Join.SLASH: re.compile(_SLASH),
    Join.COMMA: re.compile(r"\s*[,;]\s+(?:(?:and|&)\s+)?"),
    Join.AND: re.compile(r"\s+(?:&|and)\s+", re.IGNORECASE),
    Join.FEATURING: re.compile(r"\s+(?:feat|ft|featuring)\.?\s+", re.IGNORECASE),
}
_VERSUS_OR_CROSS = re.compile(f"{_VERSUS}|{_CROSS}", re.IGNORECASE)
_STRONG = re.compile(f"{_VERSUS}|{_CROSS}|{_SLASH}", re.IGNORECASE)
_PIPE = re.compile(r"\s*\|\s*|\s+_\s+")
_DASH = re.compile(r"\s+-+\s+|(?<=[\w)\]\"'.!?])-\s+(?=\S)|(?<=\S)\s+-(?=[\w\"'(\[])")
_TIGHT_DASH = re.compile(r"(?<=[a-zA-Z]{4})-(?=[A-Z][a-z]{3})")
_BRACKET = re.compile(r"\s*\(([^()]*)\)|\s*\[([^\[\]]*)\]|\s*\{([^{}]*)\}")
_SINGLE_QUOTED = re.compile(r"(?<!\w)'([^']+(?:\w'\w[^']*)*)'(?!\w)")
_QUOTED_TAIL = re.compile(
    r"^([^\"-]*[^\s\"-])\s+(\"[^\"]+\"(?:\s*(?:x|/|vs\.?|&)\s*\"[^\"]+\")*)\s*$"
)
# Where a title has no dash, these part the artists from the name.
_OTHER_DASH = re.compile(r"\s+[=~]+\s+|\s*::\s*|:\s+")
_DOUBLE_SLASH = re.compile(r"\s+//\s+")
_MASHED_WITH = re.compile(
    r"^\W*i (?:just )?(?:mashed|mixed|combined|blended)(?: up| together)?\s+(.+?)"
    r"\s+(?:with|and|into|over)\s+(.+)$",
    re.IGNORECASE,
)
_SONG_BY = re.compile(r"\S\s+by\s+\S", re.IGNORECASE)
# Words before the list: `MAKER presents A vs. B`, `MAKER: A vs. B - NAME`, `a mashup of A and B`.
_PRESENTS = re.compile(r"^\S[^-:|]{0,40}?\s+presents?:?\s+(?=\S)", re.IGNORECASE)
_MAKER_HEAD = re.compile(r"^[^-:|/]{1,40}:\s+(?=[^:]*\s-\s[^:]*$)")
_YEAR_TAIL = re.compile(r"(?<=[^\s-])\s+(?:200[5-9]|20[12]\d)$")
_TALK = re.compile(
    r"^(?:(?:hey|i|we|just|here'?s|made|did|check|out|this|is|my|our|new|first|latest|quick|little"
    rf"|another|a|an|the)\s+)+(?:(?:{title_words.MASHUP}\s+)?(?:i made )?(?:of|between|with)\s+"
    rf"|(?=[^-]*\s{title_words.MASHUP}\W*$))",
    re.IGNORECASE,
)
# `"NAME" A vs. B` and `(NAME) A vs. B`: no dash stands between name and list.
_MARKED_HEAD = re.compile(
    r"^(\"[^\"]+\"|\([^()]+\)|\[[^\[\]]+\])\s+(?=\w)(?!(?:vs?|x|and|by|with|meets|versus)\b)(?=[^\"]*$)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:a|an|my|the|some)\s+(?=[A-Z])")  # of a sentence, in lower case
_EDGES = " \t\"'.,;:!-|_~*"


def take_apart(title: str) -> TitleParts:
    """Set notes and makers aside and split what is left at its dashes."""
    whole = _without_ends(shield(names.standardize(spaced(title))))
    whole = _MASHED_WITH.sub(r"\1 vs \2", whole)
    text, makers = _without_notes(_close_brackets(whole))
    text = _QUOTED_TAIL.sub(r"\1 - \2", _SINGLE_QUOTED.sub(r'"\1"', text))
    text = _with_dash(untag(text))
    outside = _outside_brackets(text)
    raw_segments = _PIPE.split(outside)
    segments = [part for part in map(untag, raw_segments) if part]
    structured = [
        part for part in segments if _DASH.search(part) or split_listing(part).is_credible
    ]
    is_piped = len(segments) > 1 and not structured
    fields = segments if is_piped else _split_dashes(" - ".join(structured or segments))
    return TitleParts(
        text=text,
        fields=tuple(field for field in map(untag, fields) if field),
        brackets=tuple(untag(inner) for inner in bracket_contents(text) if inner not in outside),
        makers=makers,
        tag_before_dash=bool(title_words.TAG_BEFORE_DASH.search(whole)),
        ends_in_mashup_of=bool(
            title_words.MASHUP_OF.match(_PIPE.split(_DASH.split(outside)[-1])[-1])
        ),
        is_tagged=bool(re.search(title_words.MASHUP, whole, re.IGNORECASE)),
        is_performed=bool(title_words.PERFORMED.search(whole)),
        is_piped=is_piped,
    )


def spaced(title: str) -> str:
    """A file's stem with its words parted: `A_vs_B_-_NAME`."""
    return title if " " in title.strip() else title.replace("_", " ")


def _without_ends(text: str) -> str:
    """The text without the words that introduce a list, or the year at its end."""
    text = _YEAR_TAIL.sub("", _TALK.sub("", _PRESENTS.sub("", text)))
    head = _MAKER_HEAD.match(text)
    return text if head is None or _STRONG.search(head.group(0)) else text[head.end() :]


def _outside_brackets(text: str) -> str:
    """The text without its brackets, but for those inside an item: `Snow (Hey Oh) vs. Clocks`."""

    def drop(bracket: re.Match[str]) -> str:
        after = text[bracket.end() :].lstrip()
        inner = bracket.group(0).strip(" ()[]{}")
        is_inside = bool(after) and after[0] not in "([{-|" and len(split_listing(inner).items) == 1
        return bracket.group(0) if is_inside else " "

    return _BRACKET.sub(drop, text)


def _with_dash(text: str) -> str:
    """Put a dash where a title without one parts its list from its name by `:`, `=` or `//`."""
    outside = _BRACKET.sub(" ", text)
    if _DASH.search(outside):
        return text
    if not _is_list(outside):
        sides = _OTHER_DASH.split(outside)
        is_weak_list = len(sides) == 2 and any(len(split_serial(side).items) > 1 for side in sides)
        return _OTHER_DASH.sub(" - ", text, count=1) if is_weak_list else text
    if _MARKED_HEAD.match(text) and _is_list(_MARKED_HEAD.sub("", text)):
        return _MARKED_HEAD.sub(lambda head: f"{head.group(1).strip('()[]')} - ", text)
    if _OTHER_DASH.search(outside):
        return _OTHER_DASH.sub(" - ", text, count=1)
    if _VERSUS_OR_CROSS.search(outside) and _DOUBLE_SLASH.search(text):
        return _DOUBLE_SLASH.sub(" - ", text, count=1)
    return _with_dash_at_artist(text)


def _is_list(text: str) -> bool:
    """Whether a text holds a mashup's separator, or a weak one beside a known artist."""
    if _STRONG.search(text):
        return True
    pieces = (part for field in _OTHER_DASH.split(text) for part in split_listing(field).items)
    return any(map(is_known_artist, pieces))


def _with_dash_at_artist(text: str) -> str:
    """Put a dash where known artists in a row border on other words: `A vs. B NAME`."""
    pieces = _STRONG.split(text)
    for index, piece in enumerate(pieces):
        split = split_after_artist(piece)
        before = pieces[:index]
        if split is not None and before and all(map(is_known_artist, before)):
            start = text.rindex(piece) + len(split[0]) if index == len(pieces) - 1 else -1
            return text if start < 0 else f"{text[:start]} - {text[start:].strip()}"
    return text


def shield(text: str) -> str:
    """Hide the separators inside names that hold one (`AC/DC`, `Earth, Wind & Fire`)."""
    for pattern in _UNSPLIT:
        text = pattern.sub(_hide, text)
    return title_words.BAND_TAIL.sub(_hide_in_band, text)


def _hide_in_band(match: re.Match[str]) -> str:
    """Hide the `and` of `X & the Ys`, but not where `the Ys` are known for themselves."""
    after = f"{match.string[match.end() :]} ..."
    return match.group(0) if split_after_artist(after) else _hide(match)


def _hide(match: re.Match[str]) -> str:
    return _SHIELDED.sub(lambda mark: _SHIELDS[mark.group(0).lower()], match.group(0))


def _pattern_of(name: str) -> re.Pattern[str]:
    words = (
        r"(?:&|and|n|'n'|\+)" if word in {"&", "+"} else re.escape(word) for word in name.split()
    )
    spaced = r"\s+".join(words)
    return re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE)


_UNSPLIT = [_pattern_of(name) for name in title_words.UNSPLIT_NAMES]


def unshield(text: str) -> str:
    """Give hidden separators back."""
    return text.translate(_UNSHIELD)


def clean_item(text: str) -> str:
    """A name without quotes, loose punctuation or hidden separators."""
    return unshield(text).strip(_EDGES)


def bracket_contents(text: str) -> list[str]:
    """What stands in each bracket, in order."""
    found = ("".join(part or "" for part in match.groups()) for match in _BRACKET.finditer(text))
    return [inner.strip() for inner in found if inner.strip()]


@lru_cache(maxsize=1024)  # the rules split the same fields again
def split_listing(text: str) -> Listing:
    """Split at the strongest kind of separator there is; `vs` and `x` count as one kind."""
    for join, pattern in _SEPARATORS.items():
        if len(_items(pattern, text)) > 1:
            pattern = _VERSUS_OR_CROSS if join <= Join.CROSS else pattern
            return Listing(_items(pattern, text), join, unshield(text))
    return Listing((clean_item(text),), Join.NONE, unshield(text))


def split_serial(text: str) -> Listing:
    """Like `split_listing`, but `A, B & C` has three items."""
    listing = split_listing(text)
    if listing.join is not Join.COMMA:
        return listing
    last = _items(_SEPARATORS[Join.AND], listing.items[-1])
    return Listing((*listing.items[:-1], *last), Join.COMMA, listing.text)


def _items(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    pieces = (clean_item(_ARTICLE.sub("", untag(piece))) for piece in pattern.split(text))
    return tuple(piece for piece in pieces if piece and not title_words.MORE_ITEM.match(piece))


def split_pieces(text: str) -> list[str]:
    """The title's pieces between its strongest separators, dashes and brackets kept."""
    for pattern in (_VERSUS_OR_CROSS, _SEPARATORS[Join.SLASH], _PIPE):
        pieces = [piece.strip() for piece in pattern.split(text) if piece.strip()]
        if len(pieces) > 1:
            return pieces
    return [text]


def split_everywhere(text: str) -> list[str]:
    """The title's pieces between strong separators of every kind: `A - X / B - Y vs. C - Z`."""
    return [
        piece for piece in re.split(f"{_STRONG.pattern}|{_PIPE.pattern}", text, flags=re.I) if piece
    ]


def split_dash(text: str, *, clean: bool = True) -> list[str]:
    """A piece split at its dashes; quotes and edges of the fields are kept unless `clean`."""
    fields = (_DASH if _DASH.search(text) else _TIGHT_DASH).split(text)
    parts = [clean_item(untag(part)) if clean else part.strip() for part in fields]
    return [part for part in parts if part]


def _split_dashes(text: str) -> list[str]:
    fields = [field for field in _DASH.split(text) if field.strip()]
    tight = _TIGHT_DASH.search(text)
    if len(fields) == 1 and tight and " " in text[: tight.start()].strip():
        return [text[: tight.start()], text[tight.end() :]]
    return fields


def _close_brackets(text: str) -> str:
    """Titles are cut off at a site's limit, often inside a bracket."""
    for opening, closing in ("()", "[]"):
        if text.count(opening) == text.count(closing) + 1:
            text += closing
    return text


def _without_notes(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without the brackets that hold notes or makers, and those makers."""
    makers: list[str] = []

    def keep(bracket: re.Match[str]) -> str:
        inner = "".join(part or "" for part in bracket.groups()).strip()
        is_note = title_words.POSTER_NOTE.match(inner) and not _VERSUS_OR_CROSS.search(inner)
        if not inner or is_note:
            return ""
        if title_words.MAKER_BRACKET.search(inner) and not _names_sources(inner):
            makers.append(inner)
            return ""
        return bracket.group(0)

    kept = _BRACKET.sub(keep, text)
    return " ".join(kept.split()), tuple(makers)


def _names_sources(inner: str) -> bool:
    """Whether a bracket with a maker's word lists sources all the same: `(A + B Mashup)`."""
    rest = untag(inner)
    listing = split_listing(rest)
    if len(listing.items) > 1 and all(_SONG_BY.search(item) for item in listing.items):
        return True
    if title_words.MAKER_BRACKET.search(rest):
        return False
    if title_words.MASHUP_OF.match(inner):
        return len(listing.items) > 1
    if rest != inner and (listing.is_strong or bool(_DASH.search(rest))):
        return True
    items = split_serial(rest).items
    return len(items) > 1 and any(map(is_known_artist, items))


def untag(field: str) -> str:
    """A field without the words that only say that this is a mashup."""
    shorter = title_words.TAG_SUFFIX.sub("", field)
    if shorter.count("(") + shorter.count("[") != shorter.count(")") + shorter.count("]"):
        shorter = field  # the word stood inside a bracket
    return title_words.TAG_PREFIX.sub("", shorter).strip(" \t.,;:-|_~*")

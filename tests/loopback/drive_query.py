"""The two small languages of Drive v3: search queries (`q=`) and field masks (`fields=`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

File = Mapping[str, Any]
Test = Callable[[File], bool]

_TOKEN = re.compile(r"\s*(?:([()]|!=|=)|'((?:[^'\\]|\\.)*)'|([A-Za-z]+))")
_PART = re.compile(r"(\w+|\*)(?:\((.*)\))?", re.S)


class QueryError(ValueError):
    """The query is not of the language that the real service speaks."""


def parse_query(query: str) -> Test:
    """Return a test of one file; knows and, or, not, =, !=, `in parents` and parentheses."""
    return _Parser(query).parse()


class _Parser:
    def __init__(self, query: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._at, position, end = 0, 0, len(query.rstrip())
        while position < end:
            match = _TOKEN.match(query, position)
            if not match:
                raise QueryError(f"Invalid Value near {query[position:]!r}")
            self._tokens.append(_token(match))
            position = match.end()

    def parse(self) -> Test:
        test = self._either()
        if self._at != len(self._tokens):
            raise QueryError(f"Invalid Value after token {self._at}")
        return test

    def _either(self) -> Test:
        tests = [self._all()]
        while self._skip("or"):
            tests.append(self._all())
        return lambda file: any(test(file) for test in tests)

    def _all(self) -> Test:
        tests = [self._term()]
        while self._skip("and"):
            tests.append(self._term())
        return lambda file: all(test(file) for test in tests)

    def _term(self) -> Test:
        if self._skip("not"):
            inner = self._term()
            return lambda file: not inner(file)
        if self._skip("("):
            inner = self._either()
            self._expect(")")
            return inner
        kind, word = self._next()
        return self._member(word) if kind == "text" else self._comparison(word)

    def _member(self, value: str) -> Test:
        self._expect("in")
        _, field = self._next()
        return lambda file: value in file.get(field, ())

    def _comparison(self, field: str) -> Test:
        _, operator = self._next()
        kind, text = self._next()
        value: object = text if kind == "text" else text == "true"
        if operator not in ("=", "!="):
            raise QueryError(f"Invalid Value: operator {operator!r}")

        def equal(file: File) -> bool:
            found = file.get(field, False)
            if field == "name":  # as the real one: names are compared without their case
                return str(found).casefold() == str(value).casefold()
            return bool(found == value)

        return equal if operator == "=" else lambda file: not equal(file)

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise QueryError("Invalid Value: the query ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip(self, word: str) -> bool:
        here = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if here[0] == "word" and here[1] == word:
            self._at += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise QueryError(f"Invalid Value: expected {word!r}")


def _token(match: re.Match[str]) -> tuple[str, str]:
    if match[2] is not None:
        return "text", re.sub(r"\\(.)", r"\1", match[2])
    return "word", match[1] or match[3]


def apply_mask(record: Mapping[str, Any], mask: str) -> dict[str, Any]:
    """Return the part of a record that a mask such as `nextPageToken,files(id,name)` names."""
    if mask == "*":
        return dict(record)
    shown: dict[str, Any] = {}
    for part in _split(mask):
        match = _PART.fullmatch(part)
        if match and match[1] in record:
            shown[match[1]] = _masked(record[match[1]], match[2])
    return shown


def _masked(value: Any, mask: str | None) -> Any:
    if mask is None:
        return value
    if isinstance(value, list):
        return [apply_mask(item, mask) for item in value]
    return apply_mask(value, mask)


def _split(mask: str) -> list[str]:
    """Cut a mask at its outer commas; `a/b` is another way to write `a(b)`."""
    parts, depth, part = [], 0, ""
    for letter in mask + ",":
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += letter
    return [re.sub(r"^(\w+)/(.*)$", r"\1(\2)", part) for part in parts if part]

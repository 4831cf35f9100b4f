"""The tokens of a SPARQL query, by Oxigraph's lexical rules (https://www.w3.org/TR/sparql11-query/#sparqlGrammar).

Policy is decided on the engine's own reading of the text: rdflib expands escapes before it parses, so that a word
could hide from one and run in the other. A substring test would be wrong too: names in the data hold such words.

Reading takes time in proportion to the text, whatever it holds: the web process reads what strangers send.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_NAME_START = r"A-Za-z_\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"  # noqa: E501
_NAME = _NAME_START + r"0-9\u00B7\u0300-\u036F\u203F\u2040\-"
_LOCAL = rf"(?:[{_NAME}:]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?#@%])"
_PREFIX = rf"(?:[{_NAME_START}](?:[{_NAME}.]*[{_NAME}])?)?"
_KINDS = {
    "space": r"[ \t\r\n]+",
    "iri": r'<[^<>"{}|^`\x00-\x20]*>',
    "variable": rf"[?$][{_NAME_START}0-9\u00B7\u0300-\u036F\u203F\u2040]+",
    "blank": rf"_:[{_NAME}](?:[{_NAME}.]*[{_NAME}])?",
    "language": r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*",
    "name": rf"{_PREFIX}:(?:{_LOCAL}(?:(?:{_LOCAL}|\.)*{_LOCAL})?)?",
    "word": rf"[{_NAME_START}][{_NAME}]*",
    "number": r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?",
    "mark": r"&&|\|\||\^\^|.",
}


def _compiled(kinds: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items()), re.DOTALL)


_GRAMMAR: Final = _compiled(_KINDS)
_NO_PREFIX: Final = _compiled({k: p.replace(_PREFIX, "", 1) if k == "name" else p for k, p in _KINDS.items()})
_LINE: Final = re.compile(r"[^\r\n]*")
_RUN: Final = re.compile(rf"[{_NAME}.]*")
_CONTENTS: Final = {  # what stands in a string before its closing quotes; never gives back what it took
    '"""': re.compile(r'(?:[^"\\]++|\\.|"(?!""))*+', re.DOTALL),
    "'''": re.compile(r"(?:[^'\\]++|\\.|'(?!''))*+", re.DOTALL),
    '"': re.compile(r'(?:[^"\\\r\n]++|\\[^\r\n])*+'),
    "'": re.compile(r"(?:[^'\\\r\n]++|\\[^\r\n])*+"),
}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (iri, string, variable, name, word, mark ...), its text, and where it begins."""

    kind: str
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these keywords, in any case."""
        return self.kind == "word" and self.text.upper() in words


class Scanner:
    """Reads single tokens of one text, and remembers what it looked for in vain: nothing is looked for twice.

    `work` is how many characters of strings it went through.
    """

    def __init__(self, text: str) -> None:
        self.work = 0
        self._text = text
        self._comment = (0, 0)  # a comment that begins between these ends at the second
        self._no_prefix = (0, 0)  # between these, no name with a prefix begins
        self._unclosed = dict.fromkeys(_CONTENTS, (0, 0))  # between these, no string with such quotes begins

    def tokens(self, at: int = 0) -> Iterator[Token]:
        """Give the tokens from `at` on, without spaces and comments."""
        while at < len(self._text):
            kind, end = self._read(at)
            if kind not in ("space", "comment"):
                yield Token(kind, self._text[at:end], at)
            at = end

    def _read(self, at: int) -> tuple[str, int]:
        first = self._text[at]
        if first in "\"'" and (end := self._string(at)):
            return "string", end
        if first == "#":
            if not self._comment[0] <= at < self._comment[1]:
                self._comment = (at, _LINE.match(self._text, at).end())  # type: ignore[union-attr]
            return "comment", self._comment[1]
        plain = self._no_prefix[0] <= at < self._no_prefix[1]
        match = (_NO_PREFIX if plain else _GRAMMAR).match(self._text, at)
        kind, end = (match.lastgroup or "mark", match.end()) if match else ("mark", at + 1)
        if kind == "word" and not plain and self._text.startswith(".", end):
            self._no_prefix = (at, _RUN.match(self._text, at).end())  # type: ignore[union-attr]
        return kind, end

    def _string(self, at: int) -> int | None:
        for quotes in (self._text[at] * 3, self._text[at]):
            first, last = self._unclosed[quotes]
            if first <= at < last or not self._text.startswith(quotes, at):
                continue
            end = _CONTENTS[quotes].match(self._text, at + len(quotes)).end()  # type: ignore[union-attr]
            self.work += end - at
            if self._text.startswith(quotes, end):
                return end + len(quotes)
            self._unclosed[quotes] = (at, end)
        return None


def tokens(text: str) -> Iterator[Token]:
    """Give the tokens of `text` in order, without spaces and comments. Never fails: what fits nothing is a mark."""
    return Scanner(text).tokens()

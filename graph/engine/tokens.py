"""The tokens of a SPARQL query, by Oxigraph's lexical rules (https://www.w3.org/TR/sparql11-query/#sparqlGrammar).

Policy is decided on the engine's own reading of the text: rdflib expands escapes before it parses, so that a word
could hide from one and run in the other. A substring test would be wrong too: names in the data hold such words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_NAME_START = r"A-Za-z_\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"  # noqa: E501
_NAME = _NAME_START + r"0-9\u00B7\u0300-\u036F\u203F\u2040\-"
_LOCAL = rf"(?:[{_NAME}:]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?#@%])"
_GRAMMAR: Final = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in (
            ("space", r"[ \t\r\n]+"),
            ("comment", r"#[^\r\n]*"),
            ("string", r'"""(?:[^"\\]|\\.|"(?!""))*"""' + r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
             + r'|"(?:[^"\\\r\n]|\\.)*"' + r"|'(?:[^'\\\r\n]|\\.)*'"),
            ("iri", r'<[^<>"{}|^`\x00-\x20]*>'),
            ("variable", rf"[?$][{_NAME_START}0-9\u00B7\u0300-\u036F\u203F\u2040]+"),
            ("blank", rf"_:[{_NAME}](?:[{_NAME}.]*[{_NAME}])?"),
            ("language", r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*"),
            ("name", rf"(?:[{_NAME_START}](?:[{_NAME}.]*[{_NAME}])?)?:(?:{_LOCAL}(?:(?:{_LOCAL}|\.)*{_LOCAL})?)?"),
            ("word", rf"[{_NAME_START}][{_NAME}]*"),
            ("number", r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?"),
            ("mark", r"&&|\|\||\^\^|."),
        )
    ),
    re.DOTALL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (iri, string, variable, name, word, mark ...), its text, and where it begins."""

    kind: str
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these keywords, in any case."""
        return self.kind == "word" and self.text.upper() in words


def tokens(text: str) -> Iterator[Token]:
    """Give the tokens of `text` in order, without spaces and comments. Never fails: what fits nothing is a mark."""
    for match in _GRAMMAR.finditer(text):
        kind = match.lastgroup or "mark"
        if kind not in ("space", "comment"):
            yield Token(kind, match[0], match.start())

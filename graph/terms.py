"""A term as a person or a link writes it, read without a parser that hostile text could bring down."""

import re
from typing import Final

from pyoxigraph import Literal, NamedNode

from graph.names import term_of

LONGEST: Final = 20_000
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_LITERAL: Final = re.compile(
    r'"(?P<text>(?:[^"\\\n\r]|\\(?:[tbnrf"\'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}))*)"'
    r"(?:@(?P<tag>[A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^(?P<datatype><[^<>]*>|[\w-]+:[\w-]+))?"
)
_ESCAPE: Final = re.compile(r"\\(?:u(?P<short>[0-9A-Fa-f]{4})|U(?P<long>[0-9A-Fa-f]{8})|(?P<one>[tbnrf\"'\\]))")
_ONE: Final = dict(zip("tbnrf\"'\\", "\t\b\n\r\f\"'\\", strict=True))


def read_term(text: str) -> NamedNode | Literal:
    """Give the term that `text` is: `<iri>`, `"literal"@en` or `"1"^^<datatype>` as in N-Triples (or
    `"1"^^prefix:name`), a plain IRI, `prefix:name` of a known prefix, or `kind/slug` of a thing.

    Raises ValueError where it is none of these.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise ValueError("the term is too long")
    if text.startswith('"'):
        return _literal(text)
    if text.startswith("<") and text.endswith(">"):
        return _iri(text[1:-1])
    try:
        return NamedNode(term_of(text))
    except ValueError:
        if "://" in text or text.startswith(("urn:", "mailto:")):
            return _iri(text)
        raise


def read_iri(text: str) -> str:
    """Give the IRI that `text` is, in any of the forms of `read_term`; ValueError where it is none."""
    term = read_term(text)
    if not isinstance(term, NamedNode):
        raise ValueError(f"{text!r} is text, where an IRI is wanted")
    return term.value


def _iri(text: str) -> NamedNode:
    if not _IRI.fullmatch(text):
        raise ValueError(f"{text!r} is no IRI")
    return NamedNode(text)


def _literal(text: str) -> Literal:
    found = _LITERAL.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not written as a literal is in N-Triples")
    value = _ESCAPE.sub(_unescaped, found["text"])
    if found["tag"]:
        return Literal(value, language=found["tag"].lower())
    return Literal(value, datatype=NamedNode(read_iri(found["datatype"]))) if found["datatype"] else Literal(value)


def _unescaped(found: re.Match[str]) -> str:
    if found["one"]:
        return _ONE[found["one"]]
    number = int(found["short"] or found["long"], 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise ValueError(f"{found[0]} is no character")
    return chr(number)

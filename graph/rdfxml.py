"""RDF/XML (https://www.w3.org/TR/rdf-syntax-grammar/), and a plain refusal of what it cannot say.

Written here because the engine's writer gives XML that no parser takes where a predicate or a class has no
local name or a literal holds a control character, and loses carriage returns, which an XML parser reads as
line feeds unless they are escaped. Only plain `rdf:Description` elements, one a subject.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from graph.labels import NotSerialisable
from graph.ordering import Block
from graph.spool import Document, spooled

# NCName of https://www.w3.org/TR/xml-names/ over XML 1.0, fifth edition.
_START: Final = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME: Final = re.compile(f"[{_START}][{_START}0-9.\u00b7\u0300-\u036f\u203f-\u2040-]*")
_LOCAL: Final = re.compile(_NAME.pattern + r"\Z")
_NO_CHARACTER: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-F]{4})|U([0-9A-F]{8})|(.))")
_LINE_END: Final = {"\r": "&#13;"}
_LETTERS: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RESERVED_NAMES: Final = (
    *("RDF", "Description", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li"),
    *("aboutEach", "aboutEachPrefix", "bagID"),
)
_RESERVED: Final = frozenset(RDF + name for name in _RESERVED_NAMES)
_XML_NAMESPACES: Final = ("http://www.w3.org/2000/xmlns/", "http://www.w3.org/XML/1998/namespace")


def rdfxml(found: Iterable[Block], prefixes: Mapping[str, str], largest: int | None = None) -> Document:
    """Give ordered blocks of one graph as one document that declares the used ones of `prefixes` at its head.

    Raises NotSerialisable for a predicate that is no XML name, or a character that XML does not have; Overfull past
    `largest` bytes, its head not counted.
    """
    elements = _Elements(prefixes)
    body = spooled(_body(found, elements), largest)
    return Document(elements.head().encode(), body)


class _Elements:
    """How predicates become elements in one document, and which prefixes that took."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        names = {
            namespace: prefix
            for prefix, namespace in sorted(prefixes.items(), reverse=True)
            if _NAME.fullmatch(prefix) and prefix != "rdf" and not prefix.lower().startswith("xml")
        }
        self._names = {**names, RDF: "rdf"}
        self._used = {RDF}
        self._known: dict[str, tuple[str, str]] = {}

    def tags(self, predicate: str) -> tuple[str, str]:
        """Give what stands in the start tag and in the end tag of a predicate (its N-Quads text)."""
        if predicate not in self._known:
            self._known[predicate] = self._tags(predicate)
        return self._known[predicate]

    def head(self) -> str:
        """Give the lines before the first subject."""
        names = sorted((self._names[namespace], namespace) for namespace in self._used)
        declared = "".join(f"\n    xmlns:{name}={quoteattr(namespace)}" for name, namespace in names)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{declared}>\n'

    def _tags(self, predicate: str) -> tuple[str, str]:
        iri = predicate[1:-1]
        local = _LOCAL.search(iri)
        if not local:
            raise NotSerialisable(
                f"RDF/XML cannot name the predicate {predicate}: it does not end in an XML name; "
                "ask for Turtle"
            )
        if iri in _RESERVED or iri.startswith(_XML_NAMESPACES):
            raise NotSerialisable(f"RDF/XML keeps the name {predicate} for itself; ask for Turtle")
        namespace = iri[: local.start()]
        if namespace in self._names:
            self._used.add(namespace)
            name = f"{self._names[namespace]}:{local[0]}"
            return name, name
        return f"{local[0]} xmlns={quoteattr(namespace)}", local[0]


def _body(found: Iterable[Block], elements: _Elements) -> Iterator[str]:
    for _, subject, predicates in found:
        yield f"  <rdf:Description {_resource(subject, 'about')}>\n"
        for predicate, objects in predicates:
            start, end = elements.tags(predicate)
            for term in objects:
                if term[0] != '"':
                    yield f"    <{start} {_resource(term, 'resource')}/>\n"
                    continue
                kind, text = _literal(term)
                if _NO_CHARACTER.search(text):
                    raise NotSerialisable(
                        f"RDF/XML cannot hold the control character in a value of {predicate} of {subject}; "
                        "ask for Turtle"
                    )
                yield f"    <{start}{kind}>{escape(text, _LINE_END)}</{end}>\n"
        yield "  </rdf:Description>\n"
    yield "</rdf:RDF>\n"


def _resource(term: str, attribute: str) -> str:
    if term[0] == "<":
        return f"rdf:{attribute}={quoteattr(term[1:-1])}"
    return f'rdf:nodeID="{term[2:]}"'


def _literal(term: str) -> tuple[str, str]:
    """Give the attribute for a literal's language or datatype, and its text."""
    end = term.rindex('"')
    text, kind = term[1:end], term[end + 1 :]
    if kind.startswith("@"):
        kind = f' xml:lang="{kind[1:]}"'
    elif kind:
        kind = f" rdf:datatype={quoteattr(kind[3:-1])}"
    return kind, _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _LETTERS.get(match[3], match[3])

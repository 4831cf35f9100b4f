"""Turtle and TriG that a person can read and two runs write alike: https://www.w3.org/TR/turtle/, .../trig/.

Only used prefixes, sorted; one block a subject, `a` first, then predicates and objects in order. Written here
because no library does all of it: the engine's writer is fast but declares every prefix, groups by line and
keeps the order given (oxigraph issue 1290); rdflib's `turtle` and `longturtle` (26,000 triples a second,
measured; this writer 250,000) and what is built on them, otsrdflib and ttlser, hold the whole graph in
rdflib, which normalises literals, and nest blank nodes, which moves whole blocks when one link changes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Final

from graph.names import PREFIXES
from graph.ordering import RDF_TYPE, Block
from graph.spool import Document, spooled

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
# Lexical forms that are written bare: canonical ones only, so that "01" and "+1" stay what they are. These and the
# patterns below are regular expressions of SQL too (graph/columns/texts.py).
BARE: Final = {
    _XSD + "integer": re.compile(r"0|-?[1-9][0-9]*"),
    _XSD + "decimal": re.compile(r"-?(?:0|[1-9][0-9]*)\.(?:[0-9]*[1-9]|0)"),
    _XSD + "double": re.compile(r"-?[0-9]\.(?:[0-9]*[1-9]|0)E(?:0|-?[1-9][0-9]*)"),
    _XSD + "boolean": re.compile(r"true|false"),
}

# PN_CHARS_BASE of the grammar (https://www.w3.org/TR/turtle/#sec-grammar), then PN_LOCAL without backslash
# escapes: `ex:it\\'s\\(a\\)` is harder to read than the IRI, and rdflib 7 reads them neither first nor last.
_BASE: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_CHARS: Final = _BASE + "_0-9\u00b7\u0300-\u036f\u203f-\u2040-"
LOCAL: Final = f"(?:[{_BASE}_0-9:]|%[0-9A-Fa-f]{{2}})(?:[{_CHARS}:.]|%[0-9A-Fa-f]{{2}})*"  # and no point at the end
_LOCAL: Final = re.compile(rf"{LOCAL}(?<!\.)")
_PREFIX: Final = re.compile(f"(?:[{_BASE}](?:[{_CHARS}.]*[{_CHARS}])?)?")

# What a reader would not see, or see elsewhere: C1 controls, line separators, directions, non-characters.
HIDDEN: Final = re.compile(
    "[\u0080-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
# One escape of N-Quads; a quote before another quote or before the end stays escaped in a long string.
_ESCAPE: Final = re.compile(r'\\(?:"(?=\\"|\Z)()|.)')


def document(
    found: Iterable[Block], prefixes: Mapping[str, str] = PREFIXES, largest: int | None = None
) -> Document:
    """Give ordered blocks as one document: Turtle where none is in a named graph, else TriG.

    Raises Overfull past `largest` bytes, its head not counted.
    """
    terms = Terms(prefixes)
    body = spooled(_body(found, terms), largest)
    return Document(terms.declarations().encode(), body)


class Terms:
    """How terms are written in one document, and which prefixes that took.

    `names` has a prefix for each namespace, `odd` those that end in neither / nor #, `used` those that were needed.
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """Take the prefixes with their namespaces; ValueError where one cannot be a prefix in Turtle."""
        for prefix in prefixes:
            if not _PREFIX.fullmatch(prefix):
                raise ValueError(f"{prefix!r} cannot be a prefix in Turtle")
        # Of two prefixes for one namespace the first by name serves.
        self.names = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True)}
        odd = (name for name in self.names if name[-1:] not in ("/", "#"))
        self.odd = sorted(odd, key=len, reverse=True)
        self.used: set[str] = set()
        # A document repeats its terms: vocabulary, categories, things that are linked to.
        self.write = lru_cache(maxsize=65536)(self._write)

    def declarations(self) -> str:
        """Give the declarations of the prefixes used so far and an empty line; nothing for none."""
        lines = [f"@prefix {self.names[name]}: {_iri(name)} .\n" for name in self.used]
        return "".join([*sorted(lines), "\n"]) if lines else ""

    def _write(self, term: str) -> str:
        if term[0] == "<":
            return self._short(term[1:-1]) or _iri(term[1:-1])
        return term if term[0] == "_" else self._literal(term)

    def _short(self, iri: str) -> str | None:
        """Give `prefix:local` for `iri`; None where no namespace fits or the rest cannot be a local name."""
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        namespace = iri[:cut]
        for odd in self.odd:
            if len(odd) > cut and iri.startswith(odd):
                namespace = odd
                break
        local = iri[len(namespace) :]
        if namespace not in self.names or not _LOCAL.fullmatch(local):
            return None
        self.used.add(namespace)
        return f"{self.names[namespace]}:{local}"

    def _literal(self, term: str) -> str:
        end = term.rindex('"') + 1
        text, kind = term[:end], term[end:]
        if kind.startswith("^^"):
            datatype = kind[3:-1]
            if datatype in BARE and BARE[datatype].fullmatch(text[1:-1]):
                return text[1:-1]
            kind = "^^" + self.write(kind[2:])
        if "\\" in text or not text.isascii():
            text = _quoted(text)
        return text + kind


def _body(found: Iterable[Block], terms: Terms) -> Iterator[str]:
    separator = ""
    for graph, some in groupby(found, key=itemgetter(0)):
        if not graph:
            for block in some:
                yield separator + _block(block, terms.write, "")
                separator = "\n"
            continue
        yield f"{separator}{terms.write(graph)} {{\n"
        separator = ""
        for block in some:
            yield separator + _block(block, terms.write, "    ")
            separator = "\n"
        yield "}\n"


def _block(block: Block, write: Callable[[str], str], margin: str) -> str:
    """Give one subject: a line for each predicate, and for each object where there are several."""
    _, subject, predicates = block
    line = f"\n{margin}    "
    parts = []
    for predicate, objects in predicates:
        verb = "a" if predicate == RDF_TYPE else write(predicate)
        if len(objects) == 1:
            parts.append(f"{verb} {write(objects[0])}")
        else:
            parts.append(f"{verb}{line}    " + f",{line}    ".join(map(write, objects)))
    return f"{margin}{write(subject)}{line}" + f" ;{line}".join(parts) + " .\n"


def _iri(iri: str) -> str:
    return f"<{HIDDEN.sub(_escaped, iri)}>"


def _quoted(text: str) -> str:
    """Give a quoted string (escaped as in N-Quads): long where it has lines, nothing invisible bare."""
    if "\\" in text:
        inner = text[1:-1]
        long = _ESCAPE.sub(_unescaped, inner)
        if "\n" in long:
            text = f'"""{long}"""'
    return HIDDEN.sub(_escaped, text)


def _unescaped(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[0]
    return {r"\n": "\n", r"\"": '"'}.get(match[0], match[0])


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04X}"

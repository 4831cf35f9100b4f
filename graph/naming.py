"""Names for people: the label of a term, the words for a property, a literal as one would write it in a
sentence.

A `Namer` looks each name up once, so that a page of hundreds of statements asks the engine for each term a
single time.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

from graph.names import PREFIXES, curie, kind_and_slug, term_of

Term = NamedNode | BlankNode | Literal | Triple

LABELS: Final = tuple(
    NamedNode(PREFIXES[prefix] + local)
    for prefix, local in (("rdfs", "label"), ("skos", "prefLabel"), ("dcterms", "title"), ("schema", "name"))
)
# Words for properties of other vocabularies, which the graph itself does not describe.
_WORDS: Final = {
    "rdf:type": "is a",
    "rdfs:label": "name",
    "rdfs:comment": "remark",
    "rdfs:isDefinedBy": "defined by",
    "rdfs:seeAlso": "see also",
    "rdfs:subClassOf": "is a kind of",
    "rdfs:subPropertyOf": "is a narrower form of",
    "skos:prefLabel": "preferred name",
    "skos:altLabel": "also called",
    "skos:hiddenLabel": "also written",
    "skos:broader": "is a kind of",
    "skos:narrower": "has as a kind",
    "skos:related": "related to",
    "skos:inScheme": "in the scheme",
    "skos:topConceptOf": "top concept of",
    "skos:hasTopConcept": "top concept",
    "skos:definition": "definition",
    "skos:editorialNote": "note",
    "skos:scopeNote": "scope",
    "skos:example": "example",
    "skos:notation": "code",
    "dcterms:license": "licence",
    "dcterms:source": "source",
    "dcterms:replaces": "replaces",
    "dcterms:isPartOf": "is part of",
    "dcterms:identifier": "key in the source",
    "dcterms:issued": "published",
    "org:member": "member",
    "org:organization": "member of",
    "prov:wasDerivedFrom": "taken from",
    "dcat:landingPage": "page",
    "schema:url": "address",
    "schema:softwareVersion": "software",
}
_MONTHS: Final = "January February March April May June July August September October November December".split()
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NUMBERS: Final = frozenset(PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "float"))


@dataclass(frozen=True, slots=True)
class Value:
    """A term as a reader sees it: `text`, and the `iri` to link to where it has one.

    `kind` is the kind of thing (empty where it is none of ours); `datatype` a CURIE or IRI, `language` a tag, and
    `lexical` the literal as it is stored, all empty where they do not apply.
    """

    term: Term
    text: str
    iri: str = ""
    kind: str = ""
    datatype: str = ""
    language: str = ""
    lexical: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it is a number, so that a table can set it flush right."""
        return isinstance(self.term, Literal) and self.term.datatype.value in _NUMBERS

    @property
    def key(self) -> tuple[int, float, str, str]:
        """The order of values in a list: numbers by value, the rest by their text."""
        if self.is_number:
            return (0, float(self.lexical), self.text, "")
        return (1, 0.0, self.lexical if self.lexical[:1].isdigit() else self.text.casefold(), self.iri)


class Namer:
    """The names of the terms of one store, in whichever graph they stand."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, str | None] = {}

    def read_all(self) -> None:
        """Read every label at once: for many things that takes a tenth of the time of a look at each."""
        best: dict[str, tuple[int, bool, str]] = {}
        for place, property_ in enumerate(LABELS):
            for quad in self._store.quads_for_pattern(None, property_, None):
                node, text = quad.subject, quad.object
                if isinstance(node, NamedNode) and isinstance(text, Literal) and text.value.strip():
                    key = (place, text.language not in (None, "en"), text.value)
                    best[node.value] = min(best.get(node.value, key), key)
        self._known = {iri: text for iri, (_, _, text) in best.items()}

    def stated(self, iri: str) -> str | None:
        """Give the label that the graph states, English or untagged before other languages; None without
        one.
        """
        if iri not in self._known:
            self._known[iri] = self._look_up(NamedNode(iri))
        return self._known[iri]

    def label(self, iri: str) -> str:
        """Give the label of `iri`; where none is stated its short form, or the IRI itself."""
        return self.stated(iri) or _short(iri)

    def property(self, iri: str) -> str:
        """Give the words for a property: the vocabulary's label, else this module's, else its local name in
        words.
        """
        found = self.stated(iri)
        if found is not None:
            return found
        short = curie(iri)
        if short is None:
            return iri
        return _WORDS.get(short) or in_words(short.partition(":")[2])

    def value(self, term: Term) -> Value:
        """Give `term` as a reader sees it."""
        if isinstance(term, NamedNode):
            found = kind_and_slug(term.value)
            return Value(term, self.label(term.value), term.value, found[0] if found else "")
        if isinstance(term, Literal):
            datatype = "" if term.language else curie(term.datatype.value) or term.datatype.value
            plain = "" if datatype == "xsd:string" else datatype
            return Value(term, readable(term), "", "", plain, term.language or "", term.value)
        return Value(term, "unnamed" if isinstance(term, BlankNode) else str(term))

    def texts(self, iri: str, name: str) -> str:
        """Give the literals that `iri` has by the property `name` (`prefix:local`), as one text; empty
        without any.
        """
        found = self._store.quads_for_pattern(NamedNode(iri), NamedNode(term_of(name)), None)
        # A statement stands in its named graph and in the union: once is enough.
        return " ".join(sorted({quad.object.value for quad in found if isinstance(quad.object, Literal)}))

    def objects(self, iri: str, *names: str) -> tuple[Value, ...]:
        """Give what `iri` has by the properties `names` (`prefix:local`), each once, in the order of a
        list.
        """
        found = {
            quad.object
            for name in names
            for quad in self._store.quads_for_pattern(NamedNode(iri), NamedNode(term_of(name)), None)
        }
        return tuple(sorted((self.value(term) for term in found), key=lambda value: value.key))

    def _look_up(self, node: NamedNode) -> str | None:
        for label in LABELS:
            found = [
                (text.language not in (None, "en"), text.value)
                for quad in self._store.quads_for_pattern(node, label, None)
                if isinstance(text := quad.object, Literal) and text.value.strip()
            ]
            if found:
                return min(found)[1]
        return None


def in_words(local: str) -> str:
    """Give a camel-case local name in words: `buildsFor` -> `builds for`."""
    return _CAMEL.sub(" ", local).replace("_", " ").lower()


def readable(literal: Literal) -> str:
    """Give a literal as one writes it in English: 640,000; October 2003; 22 November 2026; yes. Others as
    stored.
    """
    text, kind = literal.value, curie(literal.datatype.value)
    if kind == "xsd:integer" and text.lstrip("-").isdigit():
        return f"{int(text):,}" if len(text) < 40 else text
    if kind == "xsd:decimal":
        whole, point, rest = text.partition(".")
        return f"{int(whole):,}{point}{rest}" if whole.isdigit() and len(whole) < 40 else text
    if kind == "xsd:boolean":
        return {"true": "yes", "false": "no"}.get(text, text)
    if kind in ("xsd:date", "xsd:gYearMonth"):
        return _day_or_month(text)
    return text


def _day_or_month(text: str) -> str:
    try:
        day = date.fromisoformat(text if text.count("-") == 2 else f"{text}-01")
    except ValueError:
        return text
    month = f"{_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day} {month}" if text.count("-") == 2 else month


def _short(iri: str) -> str:
    found = kind_and_slug(iri)
    if found is not None:
        return found[1].replace("-", " ")
    return curie(iri) or iri


_KINDS: Final = {
    "organization": "organisation organisations",
    "graph": "source sources",
    "program": "programme programmes",
    "category": "category categories",
    "community": "community communities",
}


def kind_words(kind: str, number: int = 1) -> str:
    """Give the words for a kind of thing, in the plural where `number` is not 1; `thing` for what is none of
    ours.
    """
    one, _, many = _KINDS.get(kind or "thing", f"{kind or 'thing'} {kind or 'thing'}s").partition(" ")
    return one if number == 1 else many


def plural(words: str, number: int = 2) -> str:
    """Give an English noun phrase as it stands after `number`: `partner category` -> `partner categories`."""
    if number == 1 or words.endswith("s"):
        return words
    return words[:-1] + "ies" if words.endswith("y") and words[-2:-1] not in "aeiou" else words + "s"

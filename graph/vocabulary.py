"""The vocabulary in use: its own terms with what they mean and how often they occur, and the concept
schemes.
"""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, NamedNode, Store

from graph.classes import members, number
from graph.engine.prefixes import with_prefixes
from graph.names import ONTOLOGY, PREFIXES, curie, term_of
from graph.naming import Namer, Value

if TYPE_CHECKING:
    from graph.columns.census import Census

_UNION: Final = DefaultGraph()
_TYPE: Final = NamedNode(PREFIXES["rdf"] + "type")
_TERM_CLASSES: Final = (
    ("Classes", "owl:Class"),
    ("Links between things", "owl:ObjectProperty"),
    ("Values", "owl:DatatypeProperty"),
    ("Notes", "owl:AnnotationProperty"),
)
# Each gives a row a use, as the number of uses counts them: named members, and statements whoever makes them.
_OF_CLASS: Final = """SELECT DISTINCT ?thing WHERE {{
  ?thing a/rdfs:subClassOf* {term} .
  FILTER (isIRI(?thing))
}}
LIMIT 20
"""
_OF_PROPERTY: Final = """SELECT DISTINCT ?thing ?value WHERE {{
  ?thing {term} ?value
}}
LIMIT 20
"""


@dataclass(frozen=True, slots=True)
class VocabularyTerm:
    """A term of the vocabulary, how often it is used (instances of a class, statements with a property), and a `query`
    that shows some of these uses; of a term without any, those that a later version may have.
    """

    iri: str
    short: str
    label: str
    definition: str
    example: str
    notes: tuple[str, ...]
    broader: tuple[Value, ...]
    domain: tuple[Value, ...]
    range: tuple[Value, ...]
    aligned: tuple[Value, ...]
    uses: int
    query: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A concept scheme and its concepts, each with its definition (empty where no source gives one)."""

    value: Value
    concepts: tuple[tuple[Value, str], ...]


def vocabulary(store: Store, census: "Census | None" = None) -> list[tuple[str, list[VocabularyTerm]]]:
    """Give the vocabulary's own terms by sort, each with its definition, example, alignments and number of
    uses, which `census` counts where there is one.
    """
    namer = Namer(store)
    if census is not None:
        uses = census.properties()
    else:
        uses = Counter(quad.predicate.value for quad in store.quads_for_pattern(None, None, None, _UNION))
    sections = []
    for title, name in _TERM_CLASSES:
        found = [
            quad.subject.value
            for quad in store.quads_for_pattern(None, _TYPE, NamedNode(term_of(name)), _UNION)
            if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(ONTOLOGY)
        ]
        is_class = name == "owl:Class"
        rows = [
            _term(store, namer, iri, number(store, iri, census) if is_class else uses[iri], is_class)
            for iri in sorted(set(found))
        ]
        if rows:
            sections.append((title, sorted(rows, key=lambda row: (row.label.casefold(), row.iri))))
    return sections


def schemes(store: Store) -> list[Scheme]:
    """Give the concept schemes with their concepts, by label."""
    namer = Namer(store)
    found = []
    for iri in members(store, PREFIXES["skos"] + "ConceptScheme"):
        inside = store.quads_for_pattern(None, NamedNode(term_of("skos:inScheme")), NamedNode(iri), _UNION)
        concepts = [
            (namer.value(quad.subject), namer.texts(quad.subject.value, "skos:definition"))
            for quad in inside
            if isinstance(quad.subject, NamedNode)
        ]
        concepts.sort(key=lambda pair: pair[0].key)
        found.append(Scheme(namer.value(NamedNode(iri)), tuple(concepts)))
    return sorted(found, key=lambda scheme: scheme.value.key)


def _term(store: Store, namer: Namer, iri: str, uses: int, is_class: bool) -> VocabularyTerm:
    return VocabularyTerm(
        iri=iri,
        short=curie(iri) or iri,
        label=namer.label(iri),
        definition=namer.texts(iri, "skos:definition"),
        example=namer.texts(iri, "skos:example"),
        notes=tuple(v.text for v in namer.objects(iri, "skos:scopeNote", "skos:editorialNote")),
        broader=namer.objects(iri, "rdfs:subClassOf", "rdfs:subPropertyOf"),
        domain=namer.objects(iri, "rdfs:domain", "schema:domainIncludes"),
        range=namer.objects(iri, "rdfs:range", "schema:rangeIncludes"),
        aligned=namer.objects(
            iri,
            "skos:closeMatch",
            "skos:exactMatch",
            "owl:equivalentClass",
            "owl:equivalentProperty",
        ),
        uses=uses,
        query=with_prefixes((_OF_CLASS if is_class else _OF_PROPERTY).format(term=curie(iri) or f"<{iri}>")),
    )

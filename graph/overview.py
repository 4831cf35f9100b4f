"""The graph seen from above: its classes and their members, its sources, its ecosystems, its vocabulary in use."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from graph.describe import TYING, fields
from graph.evidence import Provider, provider
from graph.names import ONTOLOGY, PREFIXES, curie, kind_and_slug, term_of
from graph.naming import Namer, Value, in_words

_UNION: Final = DefaultGraph()
_TYPE: Final = NamedNode(PREFIXES["rdf"] + "type")
_SUBCLASS: Final = NamedNode(PREFIXES["rdfs"] + "subClassOf")
# What says most about a thing in one line of a list, the best first.
_BRIEF: Final = tuple(
    term_of(name)
    for name in (
        "skos:definition pe:category dcterms:description pe:kindOf pe:builtOn pe:metro pe:operatedBy skos:inScheme "
        "skos:broader pe:headquarters pe:begins pe:inEcosystem dcterms:publisher"
    ).split()
)
_VOCABULARY: Final = frozenset(
    PREFIXES["owl"] + name
    for name in (
        "Class",
        "ObjectProperty",
        "DatatypeProperty",
        "AnnotationProperty",
        "Ontology",
        "AllDisjointClasses",
    )
)
_TERM_CLASSES: Final = (
    ("Classes", "owl:Class"),
    ("Links between things", "owl:ObjectProperty"),
    ("Values", "owl:DatatypeProperty"),
    ("Notes", "owl:AnnotationProperty"),
)


Step = Callable[[str], Iterable[object]]


@dataclass(frozen=True, slots=True)
class Class:
    """A class with the number of its members, those of its subclasses among them; `direct` are only its own."""

    iri: str
    label: str
    definition: str
    count: int
    direct: int
    is_tying: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A thing in a list: its name, one line about it, or (for what ties things together) its fields by property."""

    value: Value
    brief: tuple[Value, ...]
    fields: dict[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class VocabularyTerm:
    """A term of the vocabulary and how often it is used: instances of a class, statements with a property."""

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


@dataclass(frozen=True, slots=True)
class Scheme:
    """A concept scheme and its concepts, each with its definition (empty where no source gives one)."""

    value: Value
    concepts: tuple[tuple[Value, str], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a source gives about an ecosystem: what is counted, the words on its exactness, value and unit."""

    iri: str
    metric: Value
    qualifiers: tuple[Value, ...]
    value: Value
    units: tuple[Value, ...]
    periods: tuple[Value, ...]
    sources: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Ecosystem:
    """An ecosystem in its own data's words."""

    value: Value
    kinds: tuple[Value, ...]
    operators: tuple[Value, ...]
    members: tuple[Value, ...]
    activities: tuple[Value, ...]
    figures: tuple[Figure, ...]


def members(store: Store, class_iri: str) -> set[str]:
    """Give the IRIs of the members of a class and of its subclasses."""
    return {
        quad.subject.value
        for one in _with_subclasses(store, class_iri)
        for quad in store.quads_for_pattern(None, _TYPE, NamedNode(one), _UNION)
        if isinstance(quad.subject, NamedNode)
    }


def ordered_members(store: Store, class_iri: str) -> list[str]:
    """Give the IRIs of the members of a class and of its subclasses, by label."""
    namer = Namer(store)
    return sorted(members(store, class_iri), key=lambda iri: (namer.label(iri).casefold(), iri))


def columns(namer: Namer, shown: Iterable[Member]) -> list[tuple[str, str]]:
    """Give the properties (IRI and words) of the fields of `shown`, in the order in which they first occur."""
    return [(p, namer.property(p)) for p in dict.fromkeys(p for one in shown for p in one.fields)]


def classes(store: Store) -> list[Class]:
    """Give every class that has members, but for those the vocabulary itself is made of, by label."""
    namer = Namer(store)
    direct: Counter[str] = Counter()
    for quad in store.quads_for_pattern(None, _TYPE, None, _UNION):
        if isinstance(quad.object, NamedNode) and quad.object.value not in _VOCABULARY:
            direct[quad.object.value] += 1
    wanted = set(direct)
    for one in direct:  # a superclass of ours has members though none is stated to be its own
        wanted |= {up for up in _with_superclasses(store, one) if up.startswith(ONTOLOGY)}
    rows = [_class(store, namer, one, direct[one]) for one in wanted]
    return sorted(rows, key=lambda row: (row.is_tying, row.label.casefold(), row.iri))


def member(store: Store, namer: Namer, iri: str) -> Member:
    """Give a thing as a line of a list."""
    value, node = namer.value(NamedNode(iri)), NamedNode(iri)
    if value.kind in TYING:
        return Member(value, (), fields(store, namer, node))
    for predicate in _BRIEF:
        found = [
            namer.value(q.object) for q in store.quads_for_pattern(node, NamedNode(predicate), None, _UNION)
        ]
        if found:
            return Member(value, tuple(sorted(found, key=lambda v: v.key)[:6]), {})
    return Member(value, (), {})


def sources(store: Store, counts: dict[str, int]) -> list[Provider]:
    """Give every named graph as the source it is, `counts` (statements by graph) with it: stated, derived, judged."""
    namer = Namer(store)
    order = {"stated": 0, "derived": 1, "judged": 2}
    found = [provider(store, namer, graph, count) for graph, count in counts.items()]
    return sorted(found, key=lambda p: (order.get(p.evidence, 3), -p.count, p.iri))


def ecosystems(store: Store) -> list[Ecosystem]:
    """Give the ecosystems that the graph is about, by label."""
    namer = Namer(store)
    found = [_ecosystem(store, namer, iri) for iri in members(store, ONTOLOGY + "Ecosystem")]
    return sorted(found, key=lambda one: one.value.key)


def vocabulary(store: Store) -> list[tuple[str, list[VocabularyTerm]]]:
    """Give the vocabulary's own terms by sort, each with its definition, example, alignments and number of uses."""
    namer = Namer(store)
    uses = Counter(quad.predicate.value for quad in store.quads_for_pattern(None, None, None, _UNION))
    sections = []
    for title, name in _TERM_CLASSES:
        found = [
            quad.subject.value
            for quad in store.quads_for_pattern(None, _TYPE, NamedNode(term_of(name)), _UNION)
            if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(ONTOLOGY)
        ]
        rows = [_term(store, namer, iri, uses, name == "owl:Class") for iri in sorted(set(found))]
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
            (namer.value(quad.subject), _texts(store, quad.subject.value, "skos:definition"))
            for quad in inside
            if isinstance(quad.subject, NamedNode)
        ]
        concepts.sort(key=lambda pair: pair[0].key)
        found.append(Scheme(namer.value(NamedNode(iri)), tuple(concepts)))
    return sorted(found, key=lambda scheme: scheme.value.key)


def _class(store: Store, namer: Namer, iri: str, direct: int) -> Class:
    found = members(store, iri)
    kinds = Counter(kind[0] for one in found if (kind := kind_and_slug(one)))
    tying = bool(kinds) and kinds.most_common(1)[0][0] in TYING
    label = namer.stated(iri) or in_words((curie(iri) or iri).partition(":")[2])
    return Class(iri, label, _texts(store, iri, "skos:definition"), len(found), direct, tying)


def _with_subclasses(store: Store, iri: str) -> set[str]:
    return _closure(
        iri, lambda one: (q.subject for q in store.quads_for_pattern(None, _SUBCLASS, NamedNode(one), _UNION))
    )


def _with_superclasses(store: Store, iri: str) -> set[str]:
    return _closure(
        iri, lambda one: (q.object for q in store.quads_for_pattern(NamedNode(one), _SUBCLASS, None, _UNION))
    )


def _closure(iri: str, step: Step) -> set[str]:
    seen, waiting = {iri}, [iri]
    while waiting:
        near = {term.value for term in step(waiting.pop()) if isinstance(term, NamedNode)} - seen
        seen |= near
        waiting += near
    return seen


def _texts(store: Store, iri: str, name: str) -> str:
    found = store.quads_for_pattern(NamedNode(iri), NamedNode(term_of(name)), None, _UNION)
    return " ".join(sorted(q.object.value for q in found if isinstance(q.object, Literal)))


def _objects(store: Store, namer: Namer, iri: str, *names: str) -> tuple[Value, ...]:
    found = {
        quad.object
        for name in names
        for quad in store.quads_for_pattern(NamedNode(iri), NamedNode(term_of(name)), None, _UNION)
    }
    return tuple(sorted((namer.value(term) for term in found), key=lambda value: value.key))


def _term(store: Store, namer: Namer, iri: str, uses: Counter[str], is_class: bool) -> VocabularyTerm:
    return VocabularyTerm(
        iri=iri,
        short=curie(iri) or iri,
        label=namer.label(iri),
        definition=_texts(store, iri, "skos:definition"),
        example=_texts(store, iri, "skos:example"),
        notes=tuple(v.text for v in _objects(store, namer, iri, "skos:scopeNote", "skos:editorialNote")),
        broader=_objects(store, namer, iri, "rdfs:subClassOf", "rdfs:subPropertyOf"),
        domain=_objects(store, namer, iri, "rdfs:domain", "schema:domainIncludes"),
        range=_objects(store, namer, iri, "rdfs:range", "schema:rangeIncludes"),
        aligned=_objects(
            store,
            namer,
            iri,
            "skos:closeMatch",
            "skos:exactMatch",
            "owl:equivalentClass",
            "owl:equivalentProperty",
        ),
        uses=len(members(store, iri)) if is_class else uses[iri],
    )


def _ecosystem(store: Store, namer: Namer, iri: str) -> Ecosystem:
    about = store.quads_for_pattern(None, NamedNode(ONTOLOGY + "about"), NamedNode(iri), _UNION)
    figures = [
        _figure(store, namer, quad.subject.value) for quad in about if isinstance(quad.subject, NamedNode)
    ]
    return Ecosystem(
        value=namer.value(NamedNode(iri)),
        kinds=_objects(store, namer, iri, "pe:kindOf"),
        operators=_objects(store, namer, iri, "pe:operatedBy"),
        members=_objects(store, namer, iri, "pe:memberKind"),
        activities=_objects(store, namer, iri, "pe:memberActivity"),
        figures=tuple(sorted((f for f in figures if f is not None), key=lambda f: (f.metric.key, f.iri))),
    )


def _figure(store: Store, namer: Namer, iri: str) -> Figure | None:
    values = _objects(store, namer, iri, "pe:value")
    metrics = _objects(store, namer, iri, "pe:metric")
    if not values or not metrics or _objects(store, namer, iri, "pe:inNetwork"):
        return None
    return Figure(
        iri=iri,
        metric=metrics[0],
        qualifiers=_objects(store, namer, iri, "pe:qualifier"),
        value=values[0],
        units=_objects(store, namer, iri, "pe:unit"),
        periods=_objects(store, namer, iri, "pe:period"),
        sources=_objects(store, namer, iri, "dcterms:source"),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """A way into the graph: a class, its members with how many statements of one property point to each."""

    title: str
    row: Class
    members: tuple[tuple[Value, int], ...]


_WAYS: Final = (
    ("Partner categories", "pe:PartnerCategory", "pe:category"),
    ("Programmes", "pe:Program", "pe:participatesIn"),
    ("Products", "pe:Product", "pe:concerns"),
    ("Places", "pe:Region", "pe:metro"),
)


def ways_in(store: Store, known: Iterable[Class], most: int = 12) -> list[Way]:
    """Give the classes that most readers begin with and their members, the most pointed to first."""
    namer = Namer(store)
    rows = {row.iri: row for row in known}
    found = []
    for title, class_name, predicate in _WAYS:
        row = rows.get(term_of(class_name))
        if row is None:
            continue
        property_ = NamedNode(term_of(predicate))
        counted = [
            (
                namer.value(NamedNode(iri)),
                sum(1 for _ in store.quads_for_pattern(None, property_, NamedNode(iri), _UNION)),
            )
            for iri in members(store, row.iri)
        ]
        counted.sort(key=lambda pair: (-pair[1], pair[0].key))
        found.append(Way(title, row, tuple(counted[:most])))
    return found

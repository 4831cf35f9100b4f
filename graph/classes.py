"""The classes of the graph, how many members each has, and the members as lines of a list."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, NamedNode, Store

from graph.describe import fields
from graph.layout import FIELDED, TYING, field_place
from graph.names import ONTOLOGY, PREFIXES, curie, kind_and_slug, term_of
from graph.naming import Namer, Value, in_words

if TYPE_CHECKING:
    from graph.columns.census import Census

_UNION: Final = DefaultGraph()
_TYPE: Final = NamedNode(PREFIXES["rdf"] + "type")
_SUBCLASS: Final = NamedNode(PREFIXES["rdfs"] + "subClassOf")
# What says most about a thing in one line of a list, the best first.
_BRIEF: Final = tuple(
    term_of(name)
    for name in (
        "skos:definition pe:category pe:inPeriod dcterms:description pe:kindOf pe:builtOn pe:metro pe:operatedBy "
        "skos:inScheme skos:broader pe:headquarters pe:begins pe:inEcosystem dcterms:publisher"
    ).split()
)
# The classes that a vocabulary is made of; their members stand on the vocabulary's own page.
_VOCABULARY: Final = frozenset(
    term_of(name)
    for name in (
        "owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty owl:Ontology "
        "owl:AllDisjointClasses qb:DimensionProperty qb:MeasureProperty qb:AttributeProperty"
    ).split()
)


Step = Callable[[str], Iterable[object]]


@dataclass(frozen=True, slots=True)
class Class:
    """A class with the number of its members, those of its subclasses among them."""

    iri: str
    label: str
    definition: str
    count: int
    is_tying: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A thing in a list: its name, one line about it, or (for what ties things together) its fields by
    property.
    """

    value: Value
    brief: tuple[Value, ...]
    fields: dict[str, tuple[Value, ...]]


def members(store: Store, class_iri: str) -> set[str]:
    """Give the IRIs of the members of a class and of its subclasses."""
    return {
        quad.subject.value
        for one in with_subclasses(store, class_iri)
        for quad in store.quads_for_pattern(None, _TYPE, NamedNode(one), _UNION)
        if isinstance(quad.subject, NamedNode)
    }


def number(store: Store, class_iri: str, census: "Census | None" = None) -> int:
    """Give how many members a class has, those of its subclasses among them; counted by `census` where there is one."""
    return _kinds(store, class_iri, census).total()


def ordered(store: Store, namer: Namer, class_iri: str) -> list[tuple[str, str]]:
    """Give the members of a class and of its subclasses as label and IRI, by label."""
    found = ((namer.label(iri), iri) for iri in members(store, class_iri))
    return sorted(found, key=lambda pair: (pair[0].casefold(), pair[1]))


def columns(namer: Namer, shown: Iterable[Member]) -> list[tuple[str, str]]:
    """Give the properties (IRI and words) of the fields of `shown`, in the order of a page's tables."""
    used = {predicate for one in shown for predicate in one.fields}
    return [(p, namer.property(p)) for p in sorted(used, key=field_place)]


def classes(store: Store, census: "Census | None" = None) -> list[Class]:
    """Give every class that has members, but for those the vocabulary itself is made of, by label.

    Members are counted by `census` where there is one.
    """
    namer = Namer(store)
    direct = _direct(store) if census is None else census.types()
    # A superclass of ours has members though none is stated to be its own.
    ours = {one for one in every_class(store, direct) if one.startswith(ONTOLOGY)}
    rows = [described(store, namer, one, census) for one in (direct | ours) - _VOCABULARY]
    return sorted(rows, key=lambda row: (row.is_tying, row.label.casefold(), row.iri))


def every_class(store: Store, direct: Iterable[str] | None = None) -> set[str]:
    """Give every class that has members, by itself or by a subclass (`direct`: by themselves, where that is known)."""
    found = _direct(store) if direct is None else direct
    return {up for one in found for up in _with_superclasses(store, one)}


def _direct(store: Store) -> set[str]:
    typed = {quad.object for quad in store.quads_for_pattern(None, _TYPE, None, _UNION)}
    return {one.value for one in typed if isinstance(one, NamedNode)}


def member(store: Store, namer: Namer, iri: str) -> Member:
    """Give a thing as a line of a list."""
    value, node = namer.value(NamedNode(iri)), NamedNode(iri)
    if value.kind in FIELDED:
        return Member(value, (), fields(store, namer, node))
    for predicate in _BRIEF:
        found = [namer.value(q.object) for q in store.quads_for_pattern(node, NamedNode(predicate), None, _UNION)]
        if found:
            return Member(value, tuple(sorted(found, key=lambda v: v.key)[:6]), {})
    return Member(value, (), {})


def described(store: Store, namer: Namer, iri: str, census: "Census | None" = None) -> Class:
    """Give the class `iri` with the number of its members, which may be none; counted by `census`, if there is one."""
    found = _kinds(store, iri, census)
    kinds = Counter({kind: count for kind, count in found.items() if kind})
    tying = bool(kinds) and kinds.most_common(1)[0][0] in TYING
    label = namer.stated(iri) or in_words((curie(iri) or iri).partition(":")[2])
    return Class(iri, label, namer.texts(iri, "skos:definition"), found.total(), tying)


def _kinds(store: Store, iri: str, census: "Census | None") -> Counter[str]:
    """Give how many members of each kind a class has, "" for those of none of ours."""
    if census is not None:
        return census.kinds(with_subclasses(store, iri))
    return Counter((kind_and_slug(one) or ("",))[0] for one in members(store, iri))


def with_subclasses(store: Store, iri: str) -> set[str]:
    """Give the class `iri` and all its subclasses."""
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

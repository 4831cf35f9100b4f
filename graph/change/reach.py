"""Which focus nodes a changed triple may concern: the walks along which a shape reads the data, walked backwards.

A shape reads triples along paths from its focus node (https://www.w3.org/TR/shacl/#property-paths and the constraints
on what they lead to). A change concerns a focus node if it adds or removes a triple that stands on such a walk. What
can be read along no such walk (SPARQL) makes a shape opaque: it is judged whole when a property that it names changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import rdflib
from pyparsing import ParseBaseException
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS, SH
from rdflib.paths import Path as SparqlPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.algebra import traverse
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node, URIRef

from graph.engine.tokens import tokens

_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)
_LISTS: Final = (SH["and"], SH["or"], SH.xone)
_BESIDE: Final = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)
_PLAIN: Final = {
    SH.minCount, SH.maxCount, SH.datatype, SH.nodeKind, SH.minExclusive, SH.minInclusive, SH.maxExclusive,
    SH.maxInclusive, SH.minLength, SH.maxLength, SH.pattern, SH.flags, SH.languageIn, SH.uniqueLang, SH.hasValue,
    SH["in"], SH.path, SH.severity, SH.message, SH.name, SH.description, SH.order, SH.group, SH.deactivated,
    SH.defaultValue, SH.ignoredProperties, SH.qualifiedMinCount, SH.qualifiedMaxCount,
    *_TARGETS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a walk: along a property (None: any), forwards or backwards, once or any number of times."""

    property: URIRef | None
    forward: bool = True
    many: bool = False

    def inverse(self) -> "Step":
        """Give the step the other way round."""
        return Step(self.property, not self.forward, self.many)


Walk = tuple[Step, ...]
_CLASS: Final[Walk] = (Step(RDF.type), Step(RDFS.subClassOf, many=True))


@dataclass(slots=True)
class Reading:
    """What a shape reads: its walks; where it is opaque, the properties that it may read besides (None: any)."""

    shape: Node
    walks: set[Walk] = field(default_factory=set)
    opaque: bool = False
    properties: set[URIRef] | None = field(default_factory=set)


class _Unreadable(Exception):
    """A shape uses what has no walk."""


def readings(shapes: rdflib.Graph) -> list[Reading]:
    """Give what each shape with a target reads, in the order of their names."""
    targeted = {s for p in (*_TARGETS, SH.target) for s in shapes.subjects(p, None)}
    targeted |= {s for k in (SH.NodeShape, SH.PropertyShape) for s in shapes.subjects(RDF.type, k)
                 if (s, RDF.type, RDFS.Class) in shapes}  # fmt: skip
    return [_Reader(shapes, shape).reading for shape in sorted(targeted, key=str)]


class _Reader:
    def __init__(self, shapes: rdflib.Graph, shape: Node) -> None:
        self._shapes = shapes
        self.reading = Reading(shape)
        self._targets(shape)
        self._shape(shape, (), (shape,))

    def _targets(self, shape: Node) -> None:
        walks, shapes = self.reading.walks, self._shapes
        if (shape, SH.targetClass, None) in shapes or (shape, RDF.type, RDFS.Class) in shapes:
            walks.add(_CLASS)
        walks.update((Step(p),) for p in shapes.objects(shape, SH.targetSubjectsOf) if isinstance(p, URIRef))
        walks.update((Step(p, False),) for p in shapes.objects(shape, SH.targetObjectsOf) if isinstance(p, URIRef))
        if (shape, SH.target, None) in shapes:
            self._give_up(None)

    def _give_up(self, properties: set[URIRef] | None) -> None:
        self.reading.opaque = True
        known = self.reading.properties
        self.reading.properties = None if known is None or properties is None else known | properties

    def _shape(self, shape: Node, before: Walk, above: tuple[Node, ...]) -> None:
        """Read `shape`, whose focus nodes `before` leads to; `above` are the shapes that this one is part of."""
        path = self._shapes.value(shape, SH.path)
        try:
            ends = [before] if path is None else [before + walk for walk in self._walks(path)]
        except _Unreadable:
            self._give_up(None)
            return
        if path is not None:
            self.reading.walks.update(end for end in ends if end)
        for end in ends:
            self._constraints(shape, before, end, above)

    def _constraints(self, shape: Node, before: Walk, end: Walk, above: tuple[Node, ...]) -> None:
        for predicate, value in self._shapes.predicate_objects(shape):
            if predicate == SH["class"]:
                self.reading.walks.add(end + _CLASS)
            elif predicate in (SH.node, SH.property, SH["not"], SH.qualifiedValueShape):
                self._nested(value, end, above)
                if predicate == SH.property and end:
                    self._give_up(None)  # its results are about other nodes than the shape's own
            elif predicate in _LISTS:
                for one in Collection(self._shapes, value):
                    self._nested(one, end, above)
            elif predicate in _BESIDE and isinstance(value, URIRef):
                self.reading.walks.add((*before, Step(value)))
            elif predicate == SH.closed:
                if str(value).lower() in ("true", "1"):
                    self.reading.walks.add((*end, Step(None)))
            elif predicate == SH.sparql:
                self._give_up(_properties(self._shapes, value, end))
            elif predicate == SH.qualifiedValueShapesDisjoint or (
                str(predicate).startswith(str(SH)) and predicate not in _PLAIN
            ) or self._is_parameter(predicate):
                self._give_up(None)

    def _is_parameter(self, predicate: Node) -> bool:
        """Whether a constraint component of the shapes' own has this parameter."""
        return any(True for _ in self._shapes.subjects(SH.path, predicate)) and any(
            (owner, SH.parameter, one) in self._shapes
            for one in self._shapes.subjects(SH.path, predicate)
            for owner in self._shapes.subjects(SH.parameter, one)
        )

    def _nested(self, shape: Node, end: Walk, above: tuple[Node, ...]) -> None:
        if shape in above:
            self._give_up(None)  # recursive
        else:
            self._shape(shape, end, (*above, shape))

    def _walks(self, path: Node) -> list[Walk]:
        shapes = self._shapes
        if isinstance(path, URIRef):
            return [(Step(path),)]
        if (inverse := shapes.value(path, SH.inversePath)) is not None:
            return [tuple(step.inverse() for step in reversed(walk)) for walk in self._walks(inverse)]
        if (parts := shapes.value(path, SH.alternativePath)) is not None:
            return [walk for part in Collection(shapes, parts) for walk in self._walks(part)]
        for kind in (SH.zeroOrMorePath, SH.oneOrMorePath):
            if (part := shapes.value(path, kind)) is not None:
                return self._repeated(part)
        if (part := shapes.value(path, SH.zeroOrOnePath)) is not None:
            return [(), *self._walks(part)]
        if (path, RDF.first, None) not in shapes:
            raise _Unreadable
        walks: list[Walk] = [()]
        for part in Collection(shapes, path):
            walks = [walk + more for walk in walks for more in self._walks(part)]
        return walks

    def _repeated(self, part: Node) -> list[Walk]:
        walks = self._walks(part)
        if any(len(walk) != 1 for walk in walks):
            raise _Unreadable
        if len(walks) == 1:
            return [(Step(walks[0][0].property, walks[0][0].forward, many=True),)]
        raise _Unreadable


def _properties(shapes: rdflib.Graph, constraint: Node, path: Walk) -> set[URIRef] | None:
    """Give the properties that a SPARQL-based constraint names; None where it may read any."""
    text = shapes.value(constraint, SH.select)
    if text is None or any(step.property is None for step in path):
        return None
    prefixes = {
        str(shapes.value(one, SH.prefix)): str(shapes.value(one, SH.namespace))
        for owner in shapes.objects(constraint, SH.prefixes)
        for one in shapes.objects(owner, SH.declare)
    }
    if any(t.kind == "name" and t.text.partition(":")[0] not in prefixes for t in tokens(str(text))):
        return None  # declared in the text itself, or not at all: a query that is not read may read anything
    try:
        algebra = prepareQuery(str(text).replace("$PATH", "<x:path>"), initNs=prefixes).algebra
    except (ParseBaseException, ValueError, KeyError):
        return None
    found: set[URIRef] | None = {step.property for step in path if step.property is not None}

    def visit(part: object) -> None:
        nonlocal found
        if isinstance(part, CompValue):
            rows = [row[i + 1] for row in dict.get(part, "triples") or () for i in range(0, len(row), 3)]
            named = {name for predicate in rows for name in _named(predicate)}
            found = None if found is None or None in named else found | {n for n in named if n is not None}

    traverse(algebra, visitPost=visit)
    return found


def _named(predicate: object) -> Iterator[URIRef | None]:
    """Give the properties in a predicate position; None for one that may be any."""
    if isinstance(predicate, URIRef):
        yield predicate
    elif isinstance(predicate, SparqlPath) and not type(predicate).__name__.startswith("Neg"):
        inner = [getattr(predicate, name) for name in ("arg", "path") if hasattr(predicate, name)]
        for part in (*inner, *getattr(predicate, "args", ())):
            yield from _named(part)
    else:
        yield None

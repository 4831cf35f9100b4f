"""What is counted of a graph and of a thing, whether by columns or by rows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode, Store

from graph.names import PREFIXES
from graph.store import DEFAULT


@dataclass(frozen=True, slots=True)
class Numbers:
    """A graph in numbers: statements, distinct terms, instances of each class, statements with each property."""

    triples: int
    subjects: int
    objects: int
    classes: Mapping[str, int]
    properties: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Pointing:
    """How many subjects of a `kind` point to a thing with `predicate`; `first` are some of them, as in N-Triples."""

    predicate: str
    kind: str
    count: int
    first: tuple[str, ...]


def walked(store: Store, graph: str | None = None) -> Numbers:
    """Give a named graph of `store` in numbers, by default the default graph, all in one reading of its rows."""
    type_ = NamedNode(PREFIXES["rdf"] + "type")
    total, subjects, objects = 0, set(), set()
    classes: Counter[str] = Counter()
    properties: Counter[str] = Counter()
    for quad in store.quads_for_pattern(None, None, None, DEFAULT if graph is None else NamedNode(graph)):
        total += 1
        subjects.add(quad.subject)
        objects.add(quad.object)
        properties[quad.predicate.value] += 1
        if quad.predicate == type_ and isinstance(quad.object, NamedNode):
            classes[quad.object.value] += 1
    return Numbers(total, len(subjects), len(objects), classes, properties)

"""What lies around one thing: its nearest neighbours, to be drawn and told, and the things that are most like it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from math import log
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Store

from graph.layout import TYING
from graph.names import ONTOLOGY, PREFIXES, kind_and_slug
from graph.naming import Namer, Value

DRAWN: Final = 24  # neighbours
_READ: Final = 2_000  # statements looked at in each direction
_ALIKE: Final = 400  # members of what is shared; what more share says little
_UNION: Final = DefaultGraph()
# Kinds that nearly everything is tied to, and those that stand for a tie or a measure.
_LEFT_OUT: Final = TYING | {"source", "metric", "scheme", "period", "network", "ecosystem", "community"}


@dataclass(frozen=True, slots=True)
class Tie:
    """A statement between the thing and a neighbour: `outward` where the thing is its subject."""

    predicate: str
    label: str
    neighbour: Value
    outward: bool


@dataclass(frozen=True, slots=True)
class Around:
    """The ties of a thing, by property and direction in turn; `left` are those that were not drawn."""

    ties: tuple[Tie, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Alike:
    """A thing that shares statements with another one: `shared` are the rarest of them, `count` is how many."""

    value: Value
    count: int
    shared: tuple[Value, ...]


def around(store: Store, iri: str, most: int = DRAWN) -> Around:
    """Give the nearest neighbours of `iri`, at most `most`, the properties taking turns."""
    namer = Namer(store)
    groups: dict[tuple[str, bool], list[str]] = {}
    for predicate, other, outward in _ties(store, iri):
        groups.setdefault((predicate, outward), []).append(other)
    ordered = [[(p, o, one) for one in sorted(groups[p, o])] for p, o in sorted(groups, key=lambda g: (not g[1], g[0]))]
    turns = [tie for turn in zip_longest(*ordered) for tie in turn if tie is not None]
    shown = sorted(turns[:most], key=lambda tie: (not tie[1], tie[0], tie[2]))
    ties = (Tie(p, namer.property(p), namer.value(NamedNode(one)), out) for p, out, one in shown)
    return Around(tuple(ties), max(0, len(turns) - most))


def alike(store: Store, iri: str, most: int = 6) -> list[Alike]:
    """Give the things of the same kind that share most with `iri`: rare statements count more than common ones.

    The weight of a shared statement is 1 / log(1 + how many share it), after Adamic and Adar (2003).
    """
    found = kind_and_slug(iri)
    if found is None:
        return []
    weights: dict[str, float] = defaultdict(float)
    shared: dict[str, list[tuple[int, NamedNode]]] = defaultdict(list)
    outgoing = store.quads_for_pattern(NamedNode(iri), None, None, _UNION)
    for quad in islice(outgoing, _READ):
        if not isinstance(quad.object, NamedNode) or not _tells(quad.predicate.value, quad.object.value):
            continue
        sharing = list(islice(store.quads_for_pattern(None, quad.predicate, quad.object, _UNION), _ALIKE + 1))
        if len(sharing) > _ALIKE:
            continue
        for other in sharing:
            subject = other.subject
            if isinstance(subject, NamedNode) and subject.value != iri and kind_and_slug(subject.value):
                weights[subject.value] += 1 / log(1 + len(sharing))
                shared[subject.value].append((len(sharing), quad.object))
    namer = Namer(store)
    same = [one for one in weights if len(shared[one]) > 1 and (kind_and_slug(one) or ("",))[0] == found[0]]
    best = sorted(same, key=lambda one: (-weights[one], one))[:most]
    return [_alike(namer, one, shared[one]) for one in best]


def _alike(namer: Namer, iri: str, shared: list[tuple[int, NamedNode]]) -> Alike:
    nodes = list(dict.fromkeys(node for _, node in sorted(shared, key=lambda pair: (pair[0], pair[1].value))))
    return Alike(namer.value(NamedNode(iri)), len(nodes), tuple(namer.value(node) for node in nodes[:3]))


def _ties(store: Store, iri: str) -> Iterator[tuple[str, str, bool]]:
    node = NamedNode(iri)
    for quad in islice(store.quads_for_pattern(node, None, None, _UNION), _READ):
        if isinstance(quad.object, NamedNode) and _tells(quad.predicate.value, quad.object.value):
            yield quad.predicate.value, quad.object.value, True
    for quad in islice(store.quads_for_pattern(None, None, node, _UNION), _READ):
        if isinstance(quad.subject, NamedNode) and _tells(quad.predicate.value, quad.subject.value):
            yield quad.predicate.value, quad.subject.value, False


def _tells(predicate: str, iri: str) -> bool:
    """Whether a statement ties two things: not their types, and not the records that only repeat such a tie."""
    kind = kind_and_slug(iri)
    named = predicate.startswith((ONTOLOGY, PREFIXES["dcterms"], PREFIXES["skos"]))
    return named and kind is not None and kind[0] not in _LEFT_OUT

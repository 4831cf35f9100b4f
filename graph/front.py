"""What the front page tells: the ecosystems in their own data's words, figures about them, and ways in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, NamedNode, Store

from graph.classes import Class, members
from graph.names import ONTOLOGY, term_of
from graph.naming import Namer, Value

if TYPE_CHECKING:
    from graph.columns.census import Census

_UNION: Final = DefaultGraph()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a source gives about an ecosystem: what is counted, the words on its exactness, value and
    unit.
    """

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


def ecosystems(store: Store) -> list[Ecosystem]:
    """Give the ecosystems that the graph is about, by label."""
    namer = Namer(store)
    found = [_ecosystem(store, namer, iri) for iri in members(store, ONTOLOGY + "Ecosystem")]
    return sorted(found, key=lambda one: one.value.key)


@dataclass(frozen=True, slots=True)
class Way:
    """A way into the graph: a class, its members with how many things point to each by one property or two."""

    title: str
    row: Class
    members: tuple[tuple[Value, int], ...]


# A title, a class, and the steps back from a member to what is counted.
_WAYS: Final = (
    ("Partner categories", "pe:PartnerCategory", "pe:category"),
    ("Programmes", "pe:Program", "pe:participatesIn"),
    ("Products", "pe:Product", "pe:concerns"),
    ("Regions", "pe:Region", "pe:metro pe:peersAt"),
)


# What a reader asks for first; the graph holds more classes than these.
_HELD: Final = "Partner Organization Program Solution Product Location Source".split()


def held(known: Iterable[Class]) -> list[Class]:
    """Give the classes that a reader asks for first, as far as the graph has members of them."""
    rows = {row.iri: row for row in known}
    return [rows[term_of(f"pe:{name}")] for name in _HELD if term_of(f"pe:{name}") in rows]


def ways_in(store: Store, known: Iterable[Class], most: int = 12, census: "Census | None" = None) -> list[Way]:
    """Give the classes that most readers begin with and their members, the most pointed to first.

    What points to them is counted by `census`, where there is one.
    """
    namer = Namer(store)
    rows = {row.iri: row for row in known}
    found = []
    for title, class_name, steps in _WAYS:
        row = rows.get(term_of(class_name))
        if row is None:
            continue
        path = [NamedNode(term_of(name)) for name in steps.split()]
        leading = None if census is None else census.leading([step.value for step in path])
        counted = [
            (namer.value(one), len(_pointing(store, one, path)) if leading is None else leading.get(one.value, 0))
            for one in map(NamedNode, members(store, row.iri))
        ]
        counted.sort(key=lambda pair: (-pair[1], pair[0].key))
        found.append(Way(title, row, tuple(counted[:most])))
    return found


def _pointing(store: Store, node: NamedNode, path: Iterable[NamedNode]) -> set[NamedNode]:
    """Give what leads to `node` along `path`, whose first step is the one next to it."""
    reached = {node}
    for step in path:
        quads = (quad for one in reached for quad in store.quads_for_pattern(None, step, one, _UNION))
        reached = {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)}
    return reached


def _ecosystem(store: Store, namer: Namer, iri: str) -> Ecosystem:
    about = store.quads_for_pattern(None, NamedNode(ONTOLOGY + "about"), NamedNode(iri), _UNION)
    figures = [_figure(store, namer, quad.subject.value) for quad in about if isinstance(quad.subject, NamedNode)]
    return Ecosystem(
        value=namer.value(NamedNode(iri)),
        kinds=namer.objects(iri, "pe:kindOf"),
        operators=namer.objects(iri, "pe:operatedBy"),
        members=namer.objects(iri, "pe:memberKind"),
        activities=namer.objects(iri, "pe:memberActivity"),
        figures=tuple(sorted((f for f in figures if f is not None), key=lambda f: (f.metric.key, f.iri))),
    )


def _said_once(words: tuple[Value, ...]) -> tuple[Value, ...]:
    """Leave out words that others among them begin with."""
    return tuple(one for one in words if not any(o.text != one.text and o.text.startswith(one.text) for o in words))


def _figure(store: Store, namer: Namer, iri: str) -> Figure | None:
    values = namer.objects(iri, "pe:value")
    metrics = namer.objects(iri, "pe:metric")
    if not values or not metrics or namer.objects(iri, "pe:inNetwork"):
        return None
    return Figure(
        iri=iri,
        metric=metrics[0],
        qualifiers=_said_once(namer.objects(iri, "pe:qualifier")),
        value=values[0],
        units=namer.objects(iri, "pe:unit") or namer.objects(metrics[0].iri, "pe:unit"),
        periods=namer.objects(iri, "pe:period"),
        sources=namer.objects(iri, "dcterms:source"),
    )

"""What is known of one thing: what is stated of it, in a sensible order, what points to it, and who says so.

Every outgoing statement is in exactly one section, so that a page shows what the thing's Turtle holds. Things that
only tie others together (participations, relationships, observations ...) are given with their own fields, since their
labels alone tell little.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from graph.columns.numbers import Pointing
from graph.evidence import Provider, providers
from graph.layout import FIELDED, NO_FIELD, NUMBERS, ORDER, PLACE, RELATIONS, SECTIONS, TYING, field_place
from graph.names import GRAPH, ONTOLOGY, PREFIXES, curie, kind_and_slug, term_of
from graph.naming import Namer, Term, Value

if TYPE_CHECKING:
    from graph.columns.census import Census

FIRST: Final = 25
_UNION: Final = DefaultGraph()
MOST: Final = 200_000
_MANY: Final = 5_000  # statements that point to a thing; of more, columns are asked, where there are
_TYPE: Final = PREFIXES["rdf"] + "type"
_HIDDEN: Final = term_of("skos:hiddenLabel")  # for a search, not for a reader


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement about the thing: `value` is its object (of an incoming one: its subject), `graphs` who
    says so.

    `fields` are the other statements of a value that ties things together, by property.
    """

    subject: Term
    predicate: str
    object: Term
    value: Value
    graphs: tuple[str, ...]
    fields: dict[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Group:
    """The statements with one property: `count` of them, of which `statements` are the first.

    `kind` is the kind of the subjects of incoming statements (empty for outgoing ones); `capped` says that there are
    more than `count`. `columns` are the properties of the statements' fields, in order.
    """

    predicate: str
    label: str
    count: int
    statements: tuple[Statement, ...]
    kind: str = ""
    capped: bool = False
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A titled run of groups."""

    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """All that is known of `iri`. `providers` are the graphs that its statements stand in, in the order of
    their numbers.

    `definition` and `names` (other names, but hidden ones) repeat, for a page's head, what the sections hold.
    """

    iri: str
    label: str
    kind: str
    types: tuple[Value, ...]
    names: tuple[str, ...]
    definition: str
    sections: tuple[Section, ...]
    incoming: tuple[Group, ...]
    providers: tuple[Provider, ...]

    @property
    def statements(self) -> int:
        """How many statements are made of it."""
        return sum(group.count for section in self.sections for group in section.groups)

    @property
    def mentions(self) -> int:
        """How many statements point to it."""
        return sum(group.count for group in self.incoming)


def describe(store: Store, iri: str, first: int = FIRST, census: "Census | None" = None) -> Description | None:
    """Give what `store` holds of `iri`, at most `first` statements of each incoming group; None where it is
    unknown. What many things point to is counted by `census`, where there is one.
    """
    node, namer = NamedNode(iri), Namer(store)
    outgoing = [_outgoing(store, namer, quad, graphs) for quad, graphs in _merged(_about(store, node))]
    incoming = tuple(_incoming(store, namer, node, first, census))
    if not outgoing and not incoming:
        return None
    sections = tuple(_sections(namer, outgoing))
    shown = outgoing + [s for group in incoming for s in group.statements]
    found = kind_and_slug(iri)
    label = namer.label(iri)
    return Description(
        iri=iri,
        label=label,
        kind=found[0] if found else "",
        types=tuple(s.value for s in outgoing if s.predicate == _TYPE),
        names=_other_names(outgoing, label),
        definition=_definition(outgoing),
        sections=sections,
        incoming=incoming,
        providers=tuple(providers(store, namer, (graph for s in shown for graph in s.graphs))),
    )


def nothing(store: Store, iri: str) -> Description:
    """Give the description of what no statement is about, such as a named graph that nobody describes."""
    found = kind_and_slug(iri)
    return Description(iri, Namer(store).label(iri), found[0] if found else "", (), (), "", (), (), ())


def pointing(
    store: Store, iri: str, predicate: str, kind: str, start: int, number: int, census: "Census | None" = None
) -> tuple[Group, tuple[Provider, ...]] | None:
    """Give `number` statements, from the `start`-th on, by which things of `kind` point to `iri` with
    `predicate`.

    None where there is no such statement at all.
    """
    namer, node = Namer(store), NamedNode(iri)
    quads, capped = _capped(store.quads_for_pattern(None, NamedNode(predicate), node, _UNION), _most(census))
    if capped and census is not None:
        total, shown = census.part(iri, predicate, kind, start, number)
        capped = False
    else:
        subjects = sorted(str(quad.subject) for quad in quads if _kind(quad.subject) == kind)
        total, shown = len(subjects), subjects[start : start + number]
    if not total:
        return None
    group = _incoming_group(store, namer, Pointing(predicate, kind, total, tuple(shown)), node, capped)
    graphs = (graph for statement in group.statements for graph in statement.graphs)
    return group, tuple(providers(store, namer, graphs))


def fields(
    store: Store, namer: Namer, node: NamedNode | BlankNode, without: Term | None = None
) -> dict[str, tuple[Value, ...]]:
    """Give the statements of `node` that say something beyond its name and type, by property, those about
    `without` not.
    """
    found: dict[str, set[Term]] = {}
    for quad in _about(store, node):
        if quad.predicate.value not in NO_FIELD and quad.object != without:
            found.setdefault(quad.predicate.value, set()).add(quad.object)
    ordered = sorted(found, key=field_place)
    return {p: tuple(sorted((namer.value(term) for term in found[p]), key=lambda v: v.key)) for p in ordered}


def _about(store: Store, node: NamedNode | BlankNode) -> Iterator[Quad]:
    return store.quads_for_pattern(node, None, None, None)


def _merged(quads: Iterable[Quad]) -> list[tuple[Quad, tuple[str, ...]]]:
    """Give each triple once, with the named graphs that hold it."""
    seen: dict[tuple[object, object, object], tuple[Quad, set[str]]] = {}
    for quad in quads:
        graphs = seen.setdefault((quad.subject, quad.predicate, quad.object), (quad, set()))[1]
        if isinstance(quad.graph_name, NamedNode):
            graphs.add(quad.graph_name.value)
    return [(quad, tuple(sorted(graphs))) for quad, graphs in seen.values()]


def _outgoing(store: Store, namer: Namer, quad: Quad, graphs: tuple[str, ...]) -> Statement:
    node = quad.object if isinstance(quad.object, BlankNode) else None
    inner = fields(store, namer, node, quad.subject) if node is not None else {}
    value = namer.value(quad.object)
    return Statement(quad.subject, quad.predicate.value, quad.object, value, graphs, inner)


def _sections(namer: Namer, statements: Iterable[Statement]) -> Iterator[Section]:
    by_property: dict[str, list[Statement]] = {}
    for statement in statements:
        by_property.setdefault(statement.predicate, []).append(statement)
    placed: list[list[tuple[int, str, Group]]] = [[] for _ in SECTIONS]
    for predicate, found in by_property.items():
        section, place = PLACE.get(predicate) or (_section_of(found), len(PLACE))
        found.sort(key=lambda s: s.value.key)
        label = namer.property(predicate)
        placed[section].append((place, label, _group(namer, predicate, label, found)))
    for number in ORDER:
        if groups := placed[number]:
            title = SECTIONS[number][0]
            yield Section(title, tuple(group for _, _, group in sorted(groups, key=lambda g: (g[0], g[1]))))


def _section_of(statements: Sequence[Statement]) -> int:
    """Give the section of a property that no section lists: relations for links, else numbers and dates, else
    what it is.
    """
    literals = [s.object for s in statements if isinstance(s.object, Literal)]
    if not literals:
        return RELATIONS
    return NUMBERS if any(curie(o.datatype.value) not in ("xsd:string", "rdf:langString") for o in literals) else 1


def _group(namer: Namer, predicate: str, label: str, statements: list[Statement]) -> Group:
    return Group(predicate, label, len(statements), tuple(statements), columns=_columns(namer, statements))


def _columns(namer: Namer, statements: Iterable[Statement]) -> tuple[tuple[str, str], ...]:
    used = {p for statement in statements for p in statement.fields}
    ordered = sorted(used, key=field_place)
    return tuple((p, namer.property(p)) for p in ordered)


def _incoming(store: Store, namer: Namer, node: NamedNode, first: int, census: "Census | None") -> Iterator[Group]:
    """Give the groups of statements that point to `node`, by property and kind of subject, the largest last
    ones too.
    """
    quads, capped = _capped(store.quads_for_pattern(None, None, node, _UNION), _most(census))
    if capped and census is not None:
        found, capped = census.pointing(node.value, first), False
    else:
        found = list(_grouped(quads, first))
    for one in sorted(found, key=lambda g: (g.kind in TYING, namer.property(g.predicate), g.kind)):
        yield _incoming_group(store, namer, one, node, capped)


def _grouped(quads: Iterable[Quad], first: int) -> Iterator[Pointing]:
    groups: dict[tuple[str, str], list[str]] = {}
    for quad in quads:
        groups.setdefault((quad.predicate.value, _kind(quad.subject)), []).append(str(quad.subject))
    for (predicate, kind), subjects in groups.items():
        # Slugs are made of names, so the order of IRIs is the order of labels but for a few, and needs no label.
        yield Pointing(predicate, kind, len(subjects), tuple(sorted(subjects)[:first]))


def _most(census: "Census | None") -> int:
    """Give how many statements are read of what may be pointed to by more than that."""
    return MOST if census is None else _MANY


def _capped(quads: Iterator[Quad], most: int) -> tuple[list[Quad], bool]:
    """Read at most `most` quads, so that a page about what everything points to still comes; say whether more
    were left.

    They are read from the union: each term of a quad is looked up on the disk, and who says so is asked for the few
    that are shown.
    """
    read = list(islice(quads, most))
    return read, next(quads, None) is not None


def _incoming_group(store: Store, namer: Namer, found: Pointing, to: NamedNode, capped: bool) -> Group:
    statements = []
    for text in found.first:
        node = NamedNode(text[1:-1]) if text.startswith("<") else BlankNode(text.removeprefix("_:"))
        ((_, graphs),) = _merged(store.quads_for_pattern(node, NamedNode(found.predicate), to, None))
        opened = found.kind in FIELDED or isinstance(node, BlankNode)
        inner = fields(store, namer, node, to) if opened else {}
        statements.append(Statement(node, found.predicate, to, namer.value(node), graphs, inner))
    columns, label = _columns(namer, statements), namer.property(found.predicate)
    return Group(found.predicate, label, found.count, tuple(statements), found.kind, capped, columns)


def _kind(term: Term) -> str:
    if not isinstance(term, NamedNode):
        return ""
    found = kind_and_slug(term.value)
    if found is not None:
        return found[0]
    return "graph" if term.value.startswith(GRAPH) else "term" if term.value.startswith(ONTOLOGY) else ""


def _other_names(statements: Iterable[Statement], label: str) -> tuple[str, ...]:
    names = {
        s.value.text: PLACE[s.predicate][1]
        for s in statements
        if PLACE.get(s.predicate, (9, 0))[0] == 0 and s.predicate != _HIDDEN and s.value.text != label
    }
    return tuple(sorted(names, key=lambda name: (names[name], name)))


def _definition(statements: Iterable[Statement]) -> str:
    wanted = [term_of(name) for name in ("skos:definition", "dcterms:description")]
    found = sorted((wanted.index(s.predicate), s.value.text) for s in statements if s.predicate in wanted)
    return found[0][1] if found else ""

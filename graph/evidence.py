"""Who says so: the named graphs as the sources they are, each with its publisher, licence, kind of evidence
and bias.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from graph.names import GRAPH, term_of
from graph.naming import Namer, Value

_UNION: Final = DefaultGraph()
STATED: Final = "stated"


@dataclass(frozen=True, slots=True)
class Provider:
    """A named graph on a page: `number` is its footnote there, `count` how many of the page's statements it
    makes.

    `evidence` is the kind (stated, derived, judged; empty where the graph does not say), `rule` the sentence that what
    is derived follows, `documents` are what it was taken from, `commit` the version of the repository that it was read
    in, `modified` the day of the document itself and `retrieved` the day that it was read (each empty where not told),
    and `bias` what to know before believing it.
    """

    iri: str
    title: str
    evidence: str
    publishers: tuple[Value, ...]
    licences: tuple[Value, ...]
    documents: tuple[Value, ...]
    description: str
    bias: str
    commit: str = ""
    modified: str = ""
    number: int = 0
    count: int = 0
    retrieved: tuple[Value, ...] = ()
    rule: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether the project says it (by a rule, or as a judgement), not a source."""
        return bool(self.evidence) and self.evidence != STATED


def providers(store: Store, namer: Namer, graphs: Iterable[str]) -> Iterator[Provider]:
    """Give the providers of `graphs` (one IRI a statement), numbered: stated before derived and judged, the
    busiest first.
    """
    counts = Counter(graphs)
    found = [provider(store, namer, graph, count) for graph, count in counts.items()]
    found.sort(key=lambda p: (p.is_ours, -p.count, p.title, p.iri))
    for number, one in enumerate(found, start=1):
        yield replace(one, number=number)


def provider(store: Store, namer: Namer, graph: str, count: int = 0) -> Provider:
    """Give the source that the named graph `graph` is, by what the catalogue says of it."""
    told: dict[str, list[Value]] = {}
    for quad in store.quads_for_pattern(NamedNode(graph), None, None, _UNION):
        told.setdefault(quad.predicate.value, []).append(namer.value(quad.object))
    for values in told.values():
        values.sort(key=lambda value: value.key)

    def text(name: str) -> str:
        return next((v.text for v in told.get(term_of(name), []) if isinstance(v.term, Literal)), "")

    evidence = told.get(term_of("pe:evidence"), [])
    short = graph.removeprefix(GRAPH).replace("-", " ")
    return Provider(
        iri=graph,
        title=text("dcterms:title") or text("rdfs:label") or short,
        evidence=evidence[0].iri.rsplit("/", 1)[-1] if evidence else "",
        publishers=tuple(told.get(term_of("dcterms:publisher"), [])),
        licences=(*told.get(term_of("dcterms:license"), []), *told.get(term_of("pe:licenseNote"), [])),
        documents=tuple(told.get(term_of("prov:wasDerivedFrom"), [])),
        description=text("dcterms:description"),
        bias=text("pe:bias"),
        commit=text("pe:commit"),
        modified=text("dcterms:modified") or text("dcterms:created"),
        count=count,
        retrieved=tuple(told.get(term_of("pe:retrieved"), [])),
        rule=text("pe:ruleText"),
    )


def sources(store: Store, counts: dict[str, int]) -> list[Provider]:
    """Give every named graph as the source it is, `counts` (statements by graph) with it: stated, derived,
    judged.
    """
    namer = Namer(store)
    order = {"stated": 0, "derived": 1, "judged": 2}
    found = [provider(store, namer, graph, count) for graph, count in counts.items()]
    return sorted(found, key=lambda p: (order.get(p.evidence, 3), -p.count, p.iri))

"""Which sources an answer rests on, and of which date each is."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Store

from graph.engine.tokens import tokens
from graph.evidence import Provider, provider
from graph.names import PREFIXES, term_of
from graph.naming import Namer, Value
from graph.questions.answers import Answer, graphs_of

# What every graph says of things, and what the catalogue says of graphs: neither makes a source one of an answer.
_OF_ALL: Final = frozenset("rdf:type rdfs:label skos:prefLabel skos:editorialNote skos:scopeNote pe:evidence".split())
_OF_SOURCES: Final = frozenset("dcterms:publisher dcterms:license pe:licenseNote pe:retrieved pe:commit".split())
_DATES: Final = ("dcterms:issued", "dcterms:modified")


@dataclass(frozen=True, slots=True)
class Dated:
    """A source with the dates that it is known by: its documents' own, and the days on which they were read."""

    provider: Provider
    dates: tuple[Value, ...]
    read: tuple[Value, ...]


def read_by(store: Store, query: str) -> set[str]:
    """Give the named graphs that hold any property which `query` names, but for those that all graphs have."""
    named = {token.text for token in tokens(query) if token.kind == "name" and token.text.partition(":")[0] in PREFIXES}
    graphs: set[str] = set()
    for name in named - _OF_ALL - _OF_SOURCES:
        property_ = NamedNode(term_of(name))
        for graph in store.named_graphs():
            if next(store.quads_for_pattern(None, property_, None, graph), None) is not None:
                graphs.add(graph.value)
    return graphs


def of_answer(store: Store, namer: Namer, answer: Answer) -> list[Dated]:
    """Give the sources of `answer`: the graphs that its rows name, else those that its query reads; by title."""
    graphs = graphs_of(answer.rows) or read_by(store, answer.question.query)
    found = [_dated(namer, provider(store, namer, graph)) for graph in sorted(graphs)]
    return sorted(found, key=lambda one: (one.provider.is_ours, one.provider.title))


def _dated(namer: Namer, one: Provider) -> Dated:
    places = (one.iri, *(document.iri for document in one.documents if document.iri))
    dates = {value for place in places for value in namer.objects(place, *_DATES)}
    read = {value for place in places for value in namer.objects(place, "pe:retrieved")}
    return Dated(one, tuple(sorted(dates, key=lambda v: v.key)), tuple(sorted(read, key=lambda v: v.key)))

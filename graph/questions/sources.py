"""Which sources an answer rests on, and of which date each is."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Store, Variable

from graph.engine.tokens import tokens
from graph.evidence import Provider, provider
from graph.names import GRAPH, PREFIXES, term_of
from graph.naming import Namer, Value
from graph.provenance import MEASURED
from graph.questions.answers import Answer, graphs_of
from graph.questions.rows import DATES

# What every graph says of things, and what the catalogue says of graphs: neither makes a source one of an answer.
_OF_ALL: Final = frozenset("rdf:type rdfs:label skos:prefLabel skos:editorialNote skos:scopeNote pe:evidence".split())
_OF_SOURCES: Final = frozenset("dcterms:publisher dcterms:license pe:licenseNote pe:retrieved pe:commit".split())
_NO_FACTS: Final = frozenset("ontology catalogue documents register".split())
_TYPE: Final = NamedNode(PREFIXES["rdf"] + "type")
_Place = tuple[NamedNode | None, NamedNode | None, NamedNode | None]


@dataclass(frozen=True, slots=True)
class Dated:
    """A source with the dates that it is known by: its documents' own, and the days on which they were read; of so many
    documents no date is known (`undated`).
    """

    provider: Provider
    dates: tuple[Value, ...]
    read: tuple[Value, ...]
    undated: int = 0


def rests_on(store: Store, answer: Answer) -> set[str]:
    """Give the named graphs that hold what the question says its answer rests on."""
    graphs: set[str] = set()
    if answer.question.sources:
        found = store.query(
            answer.question.sources, prefixes=PREFIXES,
            substitutions={Variable(name): term for name, term in answer.bindings.items()},
        )  # fmt: skip
        graphs |= {str(row["graph"].value) for row in found}  # type: ignore[union-attr]
    for name in answer.question.rests:
        given = answer.bindings.get(name.removeprefix("?")) if name.startswith("?") else NamedNode(term_of(name))
        if isinstance(given, NamedNode):
            graphs |= _holding(store, given, name)
    return {graph for graph in graphs if not _tells_no_fact(graph)}


def _holding(store: Store, term: NamedNode, name: str) -> set[str]:
    if ":" not in name:
        places: list[_Place] = [(term, None, None), (None, None, term)]
    else:
        places = [(None, _TYPE, term) if name.partition(":")[2][:1].isupper() else (None, term, None)]
    return {
        graph.value
        for graph in store.named_graphs()
        if isinstance(graph, NamedNode)
        and any(next(store.quads_for_pattern(s, p, o, graph), None) is not None for s, p, o in places)
    }


def read_by(store: Store, query: str) -> set[str]:
    """Give the named graphs that hold any property or class which `query` names, but for those that all graphs have."""
    named = {token.text for token in tokens(query) if token.kind == "name" and token.text.partition(":")[0] in PREFIXES}
    graphs: set[str] = set()
    for name in named - _OF_ALL - _OF_SOURCES:
        graphs |= _holding(store, NamedNode(term_of(name)), name)
    return {graph for graph in graphs if not _tells_no_fact(graph)}


def of_answer(store: Store, namer: Namer, answer: Answer) -> list[Dated]:
    """Give the sources of `answer`, by title: the graphs that its rows and parameters name and those it rests on, else
    those that its query reads.
    """
    graphs = graphs_of([*answer.rows, tuple(answer.bindings.values())]) | rests_on(store, answer)
    graphs = graphs or read_by(store, answer.question.query)
    found = [_dated(namer, provider(store, namer, graph)) for graph in sorted(graphs)]
    return sorted(found, key=lambda one: (one.provider.is_ours, one.provider.title))


def _tells_no_fact(graph: str) -> bool:
    """Whether a graph holds words and measures: the vocabulary, the catalogue, names, what the analysis measured."""
    return graph.removeprefix(GRAPH) in _NO_FACTS or graph.startswith(MEASURED)


def _dated(namer: Namer, one: Provider) -> Dated:
    documents = [document.iri for document in one.documents if document.iri and not document.iri.startswith(GRAPH)]
    undated = sum(not any(True for _ in namer.objects(document, *DATES)) for document in documents)
    places = (one.iri, *documents)
    dates = {value for place in places for value in namer.objects(place, *DATES)}
    read = {value for place in places for value in namer.objects(place, "pe:retrieved")}
    return Dated(one, tuple(sorted(dates, key=lambda v: v.key)), tuple(sorted(read, key=lambda v: v.key)),
                 undated if dates else 0)  # fmt: skip

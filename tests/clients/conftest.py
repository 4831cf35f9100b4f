"""A server over the second ecosystem, and what its engine answers when nobody stands in between."""

from dataclasses import dataclass

import pytest
from pyoxigraph import Store

from graph.formats import by_name
from graph.names import PREFIXES

_PREFIXES = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("pe", "rdfs", "skos", "xsd"))

# IRIs, plain and tagged text, numbers, what is unbound, characters that formats escape, nothing at all, aggregates.
SELECTS = {
    "names": "SELECT ?s ?label { ?s a pe:Organization ; rdfs:label ?label } ORDER BY ?s ?label LIMIT 20",
    "terms": """SELECT ?n ?term {
        VALUES (?n ?term) { (1 <http://example.org/%20a?b=c&d#e>) (2 "tab\\there, \\"quoted\\", <b>\\\\") (3 "été"@fr)
        (4 7) (5 2.5) (6 "2026-11-22"^^xsd:date) (7 true) (8 UNDEF) (9 "two\\nlines") (10 "𐍈🙂")
        (11 "") } } ORDER BY ?n""",
    "counts": "SELECT ?class (COUNT(*) AS ?n) { ?s a ?class } GROUP BY ?class ORDER BY DESC(?n) ?class",
    "graphs": "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
    "none": "SELECT ?s { ?s a pe:NoClassAtAll }",
    "percent": "SELECT ?s { ?s rdfs:label ?label FILTER(REGEX(?label, \"a%20b|100%|a+b\")) }",
}  # fmt: skip
ASKS = {"true": "ASK { ?s a pe:Organization }", "false": "ASK { ?s a pe:NoClassAtAll }"}
GRAPHS = {
    "construct": "CONSTRUCT { ?s rdfs:label ?label } WHERE { ?s a pe:Organization ; rdfs:label ?label }",
    "describe": "DESCRIBE ?s { ?s a pe:Ecosystem }",
    "empty": "CONSTRUCT WHERE { ?s a pe:NoClassAtAll }",
}


@dataclass(frozen=True)
class Endpoint:
    """The endpoint's address, and the engine's own answers."""

    url: str
    store: Store

    def rows(self, name):
        """Give the rows of a SELECT as texts of terms, None for what is unbound."""
        found = self.store.query(text(name))
        return [tuple(None if term is None else str(term) for term in row) for row in found]

    def triples(self, name):
        """Give the triples of a CONSTRUCT or DESCRIBE, as texts."""
        return {str(triple) for triple in self.store.query(text(name))}

    def csv(self, name):
        """Give the rows of a SELECT as CSV has them: values without kinds."""
        return self.store.query(text(name)).serialize(format=by_name("csv").results)


def text(name):
    """Give a query of the table by its name, with its prefixes."""
    return _PREFIXES + {**SELECTS, **ASKS, **GRAPHS}[name]


@pytest.fixture(scope="session")
def endpoint(serving, second_data):
    live = serving(second_data.path, workers=2, timeout=10)
    return Endpoint(live.url + "/sparql", second_data.current().store)

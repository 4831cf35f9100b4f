"""SPARQLWrapper, rdflib and pandas get the engine's own answers, whatever they send beside the query."""

import io
import json
import warnings
from urllib.parse import quote

import pytest
import rdflib
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.term import BNode, Literal, URIRef

from graph.names import PREFIXES
from tests.clients.conftest import ASKS, GRAPHS, SELECTS, text

SPARQLWrapper = pytest.importorskip("SPARQLWrapper")
METHODS = ["GET", "POST as a form", "POST as it is"]
XSD_STRING = URIRef(PREFIXES["xsd"] + "string")


def wrapper(endpoint, name, returns, method):
    client = SPARQLWrapper.SPARQLWrapper(endpoint.url)
    client.setQuery(text(name))
    client.setMethod(SPARQLWrapper.GET if method == "GET" else SPARQLWrapper.POST)
    client.setRequestMethod(SPARQLWrapper.POSTDIRECTLY if method == "POST as it is" else SPARQLWrapper.URLENCODED)
    if returns is not None:
        client.setReturnFormat(returns)
    return client


def sent(client):
    """Send, and give the body as it came; nothing may be warned of (of a media type that was not asked for, say)."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "Sending Accept header", RuntimeWarning)  # what it sends, not what it gets
        return client.query().response.read()


def rows_of(body, form):
    found = parse_query_results(body, format=form)
    return [tuple(None if term is None else str(term) for term in row) for row in found]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SELECTS)
@pytest.mark.parametrize("returns", ["json", "xml", "tsv", "csv", None])
def test_sparqlwrapper_select(endpoint, name, returns, method):
    body = sent(wrapper(endpoint, name, returns, method))
    if returns == "csv":
        assert body == endpoint.csv(name)
    else:
        form = {"json": QueryResultsFormat.JSON, "tsv": QueryResultsFormat.TSV}.get(returns, QueryResultsFormat.XML)
        assert rows_of(body, form) == endpoint.rows(name)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ASKS)
@pytest.mark.parametrize("returns", ["json", "xml", None])
def test_sparqlwrapper_ask(endpoint, name, returns, method):
    found = wrapper(endpoint, name, returns, method).query()
    body = found.response.read()
    form = QueryResultsFormat.JSON if returns == "json" else QueryResultsFormat.XML
    assert bool(parse_query_results(body, format=form)) is (name == "true")


RDF = {
    "turtle": RdfFormat.TURTLE, "n3": RdfFormat.TURTLE, "rdf": RdfFormat.RDF_XML, "rdf+xml": RdfFormat.RDF_XML,
    "xml": RdfFormat.RDF_XML, None: RdfFormat.RDF_XML, "json-ld": RdfFormat.JSON_LD, "json": RdfFormat.JSON_LD,
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("returns", RDF)
def test_sparqlwrapper_construct(endpoint, name, returns, method):
    """Also `xml`, which it sends unless told otherwise, and `json`: they mean RDF/XML and JSON-LD here."""
    body = sent(wrapper(endpoint, name, returns, method))
    assert {str(quad.triple) for quad in parse(body, format=RDF[returns])} == endpoint.triples(name)


def test_sparqlwrapper_converts(endpoint):
    """What people call: queryAndConvert, and its bindings."""
    found = wrapper(endpoint, "names", "json", "GET").queryAndConvert()
    assert [row["s"]["value"] for row in found["results"]["bindings"]] == [
        row[0].strip("<>") for row in endpoint.rows("names")
    ]
    made = wrapper(endpoint, "construct", "turtle", "GET").queryAndConvert()
    assert len(rdflib.Graph().parse(data=made, format="turtle")) == len(endpoint.triples("construct"))
    parsed = wrapper(endpoint, "construct", "rdf+xml", "GET").queryAndConvert()
    assert len(parsed) == len(endpoint.triples("construct"))


def test_sparqlwrapper_learns_of_a_bad_query(endpoint):
    client = wrapper(endpoint, "none", "json", "GET")
    client.setQuery("SELECT nonsense")
    with pytest.raises(SPARQLWrapper.SPARQLExceptions.QueryBadFormed) as raised:
        client.query()
    assert '"line": 1' in str(raised.value)


def test_sparqlwrapper_s_own_settings_do_no_harm(endpoint):
    """Its timeout is sent by nobody, its extra parameters are read by nobody."""
    client = wrapper(endpoint, "names", "json", "POST as a form")
    client.setTimeout(5)
    for parameter in ("results", "should-sponge", "debug", "infer", "default-graph-uri"):
        client.addParameter(parameter, "urn:x-rdflib:default" if parameter == "default-graph-uri" else "true")
    assert rows_of(sent(client), QueryResultsFormat.JSON) == endpoint.rows("names")


# ---- rdflib


def term(node):
    """Give an rdflib term as the engine writes it."""
    if node is None:
        return None
    assert not isinstance(node, BNode)
    if isinstance(node, Literal) and node.datatype == XSD_STRING:
        node = Literal(str(node))
    quads = parse(f"<a:a> <a:a> {node.n3()} .".encode(), format=RdfFormat.TURTLE)
    return str(next(iter(quads)).object)


@pytest.fixture(params=["GET", "POST", "POST_FORM"])
def graph(request, endpoint):
    found = rdflib.Graph(SPARQLStore(endpoint.url, method=request.param))
    yield found
    found.close()


@pytest.mark.parametrize("name", SELECTS)
def test_rdflib_graph_select(graph, endpoint, name):
    assert [tuple(map(term, row)) for row in graph.query(text(name))] == endpoint.rows(name)


@pytest.mark.parametrize("name", ASKS)
def test_rdflib_graph_ask(graph, name):
    assert graph.query(text(name)).askAnswer is (name == "true")


@pytest.mark.parametrize("name", GRAPHS)
def test_rdflib_graph_construct(graph, endpoint, name):
    found = graph.query(text(name)).graph
    assert {f"{s.n3()} {p.n3()} {term(o)}" for s, p, o in found} == endpoint.triples(name)


def test_rdflib_graph_as_if_it_were_local(graph, endpoint):
    """Its patterns, its length, its values: each is a query behind the scenes."""
    (count,) = endpoint.store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert len(graph) == int(count["n"].value)
    ecosystem = URIRef(PREFIXES["pe"] + "Ecosystem")
    members = set(graph.subjects(rdflib.RDF.type, ecosystem))
    assert {f"<{one}>" for one in members} == {
        str(row["s"]) for row in endpoint.store.query(f"SELECT DISTINCT ?s {{ ?s a <{ecosystem}> }}")
    }
    one = next(iter(members))
    assert (one, rdflib.RDF.type, ecosystem) in graph
    assert graph.value(one, rdflib.RDFS.label) is not None
    assert list(graph.query("SELECT ?label { ?s rdfs:label ?label }", initBindings={"s": one}))


@pytest.mark.parametrize("name", SELECTS)
def test_rdflib_dataset_select(endpoint, name):
    """A Dataset sends default-graph-uri=urn:x-rdflib:default, which means the default graph."""
    dataset = rdflib.Dataset(store=SPARQLStore(endpoint.url))
    assert [tuple(map(term, row)) for row in dataset.query(text(name))] == endpoint.rows(name)


def test_rdflib_dataset_s_graphs(endpoint):
    """Each named graph through its own view holds its own statements and no others."""
    dataset = rdflib.Dataset(store=SPARQLStore(endpoint.url))
    for graph in endpoint.store.named_graphs():
        view = rdflib.Graph(dataset.store, identifier=URIRef(graph.value))
        stated = rdflib.Graph()  # whose dates rdflib rewrites as it does those that it gets
        for quad in endpoint.store.quads_for_pattern(None, None, None, graph):
            stated.parse(data=f"{quad.triple} .", format="nt")
        assert set(view) == set(stated)
        assert len(view) == len(stated)


# ---- pandas


@pytest.mark.parametrize("name", SELECTS)
def test_pandas_reads_csv(endpoint, name):
    """By the address alone, without an Accept header."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(f"{endpoint.url}?format=csv&query={quote(text(name))}", dtype=str, keep_default_na=False)
    expected = pandas.read_csv(io.BytesIO(endpoint.csv(name)), dtype=str, keep_default_na=False)
    assert frame.equals(expected)
    assert len(frame) == len(endpoint.rows(name))


def test_pandas_reads_the_other_formats(endpoint):
    pandas = pytest.importorskip("pandas")
    address = f"{endpoint.url}?query={quote(text('names'))}"
    frame = pandas.read_csv(address + "&format=tsv", sep="\t", dtype=str)
    assert list(frame.columns) == ["?s", "?label"]
    assert list(frame["?s"]) == [row[0] for row in endpoint.rows("names")]
    found = pandas.read_json(address + "&format=json", typ="series")
    assert len(json.loads(found.to_json())["results"]["bindings"]) == len(endpoint.rows("names"))

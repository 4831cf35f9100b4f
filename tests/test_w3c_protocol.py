"""The SPARQL 1.1 Protocol on the dataset of a query, clause by clause; the rest is in test_protocol.py.

The data are the W3C's own, for they hold what the shipped facts do not: graphs that say the same twice, blank nodes,
and a default graph that is no union. https://www.w3.org/TR/sparql11-protocol/
"""

from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from tests.w3c.endpoint import QUERY, Dataset, Endpoint
from tests.w3c.manifest import PUBLISHED, absence

pytestmark = pytest.mark.skipif(bool(absence()), reason=absence())

FORM = "application/x-www-form-urlencoded"
FOLDER = f"{PUBLISHED}sparql10/dataset/"
ONE, SAME, TWO = f"{FOLDER}data-g1.ttl", f"{FOLDER}data-g1-dup.ttl", f"{FOLDER}data-g2.ttl"
COUNT = "SELECT (COUNT(*) AS ?n) %s { ?s ?p ?o }"
IN_GRAPHS = "SELECT (COUNT(*) AS ?n) %s { GRAPH ?g { ?s ?p ?o } }"
NONE: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """Two graphs with the same two triples; one triple in the default graph and in a graph of its own."""
    opened = Endpoint(tmp_path_factory.mktemp("protocol"))
    opened.turn_to(Dataset(data=(TWO,), graphs=(ONE, SAME, TWO)))
    yield opened
    opened.close()


def send(endpoint: Endpoint, way: str, query: str, default: tuple[str, ...], named: tuple[str, ...]) -> TestResponse:
    """Ask by one of the three ways of the protocol (2.1.1 to 2.1.3)."""
    dataset = {"default-graph-uri": [*default], "named-graph-uri": [*named]}
    headers = {"Accept": "text/csv"}
    if way == "GET":
        return endpoint.client.get("/sparql", query_string={"query": query, **dataset}, headers=headers)
    if way == "form":
        return endpoint.client.post("/sparql", data={"query": query, **dataset}, headers=headers)
    return endpoint.client.post("/sparql", data=query, query_string=dataset, content_type=QUERY, headers=headers)


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
@pytest.mark.parametrize(
    ("query", "clauses", "default", "named", "count"),
    [
        pytest.param(COUNT, "", NONE, NONE, 1, id="no dataset is the service's own"),
        pytest.param(IN_GRAPHS, "", NONE, NONE, 5, id="whose graphs can be named"),
        pytest.param(COUNT, "", (ONE,), NONE, 2, id="one default graph"),
        pytest.param(COUNT, "", (ONE, TWO), NONE, 3, id="several are merged"),
        pytest.param(COUNT, "", (ONE, SAME), NONE, 2, id="a triple of two graphs counts once in their merge"),
        pytest.param(COUNT, "", NONE, (ONE,), 0, id="named graphs alone leave the default graph empty"),
        pytest.param(IN_GRAPHS, "", (ONE,), NONE, 0, id="a default graph alone leaves no graph to be named"),
        pytest.param(IN_GRAPHS, "", (TWO,), (ONE, SAME), 4, id="only the named ones can be named"),
        pytest.param(COUNT, "", (TWO,), (ONE, SAME), 1, id="and the default graph is the other"),
        pytest.param(COUNT, f"FROM <{ONE}>", NONE, NONE, 2, id="FROM where the request says nothing"),
        pytest.param(COUNT, f"FROM <{ONE}> FROM <{SAME}>", NONE, NONE, 2, id="several FROM are merged too"),
        pytest.param(IN_GRAPHS, f"FROM NAMED <{ONE}>", NONE, NONE, 2, id="FROM NAMED where it says nothing"),
        pytest.param(COUNT, f"FROM <{ONE}>", (TWO,), NONE, 1, id="the request wins over FROM"),
        pytest.param(IN_GRAPHS, f"FROM NAMED <{ONE}>", (TWO,), NONE, 0, id="and over FROM NAMED, all of it"),
        pytest.param(COUNT, f"FROM <{ONE.replace('g1', 'g' + chr(92) + 'u0031')}>", NONE, NONE, 2, id="an escape"),
    ],
)
def test_the_dataset_is_the_one_asked_for(
    endpoint: Endpoint, way: str, query: str, clauses: str, default: tuple[str, ...], named: tuple[str, ...], count: int
) -> None:
    """2.1.4: the request's dataset, else the query's, else the service's."""
    response = send(endpoint, way, query % clauses, default, named)
    assert response.status_code == 200, response.text
    assert response.text.split() == ["n", str(count)]


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
@pytest.mark.parametrize(
    ("graph", "status"),
    [
        pytest.param(f"{FOLDER}data-g4.ttl", 403, id="a graph that is not in the snapshot"),
        pytest.param("data-g1.ttl", 400, id="a relative IRI"),
        pytest.param("no iri", 400, id="no IRI at all"),
        pytest.param("", 400, id="nothing"),
    ],
)
def test_a_dataset_that_cannot_be_had_is_refused(endpoint: Endpoint, way: str, graph: str, status: int) -> None:
    """2.1.4: none is fetched, and what is no IRI once ended the worker that met it."""
    for default, named in (((graph,), NONE), (NONE, (graph,)), ((ONE,), (graph,))):
        assert send(endpoint, way, COUNT % "", default, named).status_code == status


@pytest.mark.parametrize(
    ("body", "kind"),
    [("ASK { ?s ?p ?o }".encode("utf-16"), QUERY), (b"query=ASK+%7B%7D&default-graph-uri=%FF", FORM)],
    ids=["another encoding", "a graph's name"],
)
def test_a_request_is_in_utf_8(endpoint: Endpoint, body: bytes, kind: str) -> None:
    """2.1.3: bytes that are no UTF-8 would be replaced, and another question answered."""
    response = endpoint.client.post("/sparql", data=body, content_type=kind)
    assert response.status_code == 400
    assert "UTF-8" in response.json["detail"]

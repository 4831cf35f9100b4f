"""Random updates sent to a server of its own process equal the same updates of a dataset in memory, in both modes."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad, RdfFormat, Store, parse

from graph.bare import ensure_bare
from graph.load import load
from graph.snapshot import DataDirectory
from graph.store import in_memory, named_quads, union
from tests.live import Live
from tests.test_change import one_update

GRAPHS = ("x:g", "x:h", "x:i")
MAY = {"Authorization": "Bearer word-of-ann", "Content-Type": "application/sparql-update"}
RANDOM = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,  # a failure is the same one for everybody
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def started(serving: Callable[..., Live], tmp_path_factory: pytest.TempPathFactory) -> Callable[[DataDirectory], Live]:
    """Start a server that Ann may write to."""
    tokens = tmp_path_factory.mktemp("tokens") / "tokens"
    tokens.write_text("ann:word-of-ann\n", encoding="utf-8")
    return lambda data: serving(data.path, workers=1, token_file=str(tokens))


@pytest.fixture(scope="module")
def separate(started: Callable[[DataDirectory], Live], tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A server of a plain dataset."""
    data = DataDirectory(tmp_path_factory.mktemp("separate") / "data")
    ensure_bare(data, None)
    return started(data)


@pytest.fixture(scope="module")
def joined(started: Callable[[DataDirectory], Live], tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A server of a dataset whose default graph is the union of its graphs."""
    path: Path = tmp_path_factory.mktemp("union")
    (path / "one.nq").write_text("<x:a> <x:p> <x:b> <x:g> .\n", encoding="utf-8")
    data = DataDirectory(path / "data")
    assert load([path / "one.nq"], data).manifest.mode == "union"
    return started(data)


def update(server: Live, text: str) -> None:
    reply = server.ask(method="POST", path="/update", body="PREFIX : <x:> " + text, **MAY)
    assert reply.status == 200, (text, reply.text)


def held(server: Live, graph: str = "") -> set[tuple[str, ...]]:
    """Give the triples of a graph, "" for the default one, as the service sends them."""
    named = f"?graph={quote(graph)}" if graph else "?default"
    reply = server.ask(path=f"/graphs{named}", Accept="application/n-triples")
    if reply.status == 404:
        return set()
    assert reply.status == 200, reply.text
    return {_texts(quad) for quad in parse(reply.body, format=RdfFormat.N_TRIPLES)}


def _texts(quad: Quad) -> tuple[str, ...]:
    return str(quad.subject), str(quad.predicate), str(quad.object)


def same(server: Live, reference: Store) -> None:
    """Check each graph, and the number of the quads in all."""
    assert held(server) == {(str(t.subject), str(t.predicate), str(t.object)) for t in union(reference)}
    for graph in GRAPHS:
        of = {_texts(quad) for quad in named_quads(reference) if str(quad.graph_name) == f"<{graph}>"}
        assert held(server, graph) == of, graph
    asked = "/sparql?query=" + quote("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    (row,) = json.loads(server.ask(path=asked).body)["results"]["bindings"]
    assert int(row["n"]["value"]) == sum(1 for _ in named_quads(reference))


@pytest.mark.long
@RANDOM
@given(texts=st.lists(one_update(named=False), min_size=1, max_size=5))
def test_random_updates_equal_those_of_a_dataset_in_memory(separate: Live, texts: list[str]) -> None:
    update(separate, "DROP SILENT ALL")
    reference = Store()
    for text in texts:
        update(separate, text)
        reference.update("PREFIX : <x:> " + text)
    same(separate, reference)


@pytest.mark.long
@RANDOM
@given(texts=st.lists(one_update(named=True), min_size=1, max_size=5))
def test_the_union_is_that_of_the_graphs_after_any_updates(joined: Live, texts: list[str]) -> None:
    update(joined, " ; ".join(f"DROP SILENT GRAPH <{graph}>" for graph in GRAPHS))
    reference = Store()
    for text in texts:
        update(joined, text)
        reference = in_memory(named_quads(reference))  # patterns read the union, which is made anew before each
        reference.update("PREFIX : <x:> " + text)
    same(joined, in_memory(named_quads(reference)))

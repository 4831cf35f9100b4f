"""Counting by columns gives what the walk over the rows gives."""

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from graph import describe, front
from graph.classes import classes, described, members, number
from graph.columns.build import build
from graph.columns.census import Census, census_of
from graph.columns.numbers import walked
from graph.load import read_file
from graph.names import ONTOLOGY, PREFIXES, THING, graph_iri
from graph.naming import Namer
from graph.snapshot import Snapshot
from graph.store import in_memory
from graph.validate import room_triples
from graph.vocabulary import vocabulary
from tests.benchmarks import synthesize

A = NamedNode(PREFIXES["rdf"] + "type")
PARTNERS = 80


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Census]:
    """A made-up graph with the vocabulary, and what a count may stumble over: kinds, graphs, terms, texts, blanks."""
    folder = tmp_path_factory.mktemp("census")
    synthesize.write(folder / "made.nq", PARTNERS, 1)
    quads = list(read_file(folder / "made.nq"))
    own = NamedNode(graph_iri("ontology"))
    quads += [Quad(t.subject, t.predicate, t.object, own) for t in room_triples("ontology")]
    partner, odd = NamedNode(ONTOLOGY + "Partner"), NamedNode(THING + "nothing/that-is-a-kind")
    at, hub = NamedNode(ONTOLOGY + "relatedTo"), NamedNode(THING + "organization/hub")
    quads += [Quad(one, A, partner, own) for one in (odd, NamedNode(THING + "organization/Not_A_Slug"), hub)]
    for name in ("a", "a-b", "a/b", "ab", "é"):
        quads.append(Quad(NamedNode("https://example.org/" + name), at, hub, own))
    quads += [Quad(own, at, hub, own), Quad(partner, at, hub, own), Quad(hub, at, Literal("hub"), own)]
    store = in_memory(quads)
    build(store, folder, "union")
    first, found = census_of(folder), census_of(folder)  # two versions of a snapshot in one process
    assert first is not None and found is not None
    return store, found


def test_classes_are_counted_as_by_rows(made: tuple[Store, Census]) -> None:
    store, census = made
    assert classes(store, census) == classes(store)
    partner = ONTOLOGY + "Partner"
    assert number(store, partner, census) == len(members(store, partner)) == PARTNERS + 3
    assert set(census.members([partner])) == members(store, partner)
    assert described(store, Namer(store), "urn:none", census).count == 0


def test_what_leads_to_things_is_counted_as_by_rows(made: tuple[Store, Census]) -> None:
    store, census = made
    known = classes(store)
    assert front.ways_in(store, known, census=census) == front.ways_in(store, known)


def test_the_uses_of_terms_are_counted_as_by_rows(made: tuple[Store, Census]) -> None:
    store, census = made
    assert vocabulary(store, census) == vocabulary(store)


def test_a_graph_in_numbers_is_counted_as_by_rows(made: tuple[Store, Census]) -> None:
    store, census = made
    for graph in (None, graph_iri("ontology"), synthesize.NAMED_GRAPH, "urn:none"):
        assert census.numbers(graph) == walked(store, graph)


def test_what_points_to_a_thing_is_told_as_by_rows(
    made: tuple[Store, Census], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what many point to, the columns say how many of which kind, and which come first."""
    store, census = made
    monkeypatch.setattr(describe, "_MANY", 3)
    pointed = {quad.object.value for quad in store if isinstance(quad.object, NamedNode)}
    hubs = [iri for iri in pointed if len(list(store.quads_for_pattern(None, None, NamedNode(iri), None))) > 3]
    assert THING + "organization/hub" in hubs
    for iri in hubs:
        by_columns, by_rows = (describe.describe(store, iri, 4, one) for one in (census, None))
        assert by_columns == by_rows
        assert by_rows is not None
        for group in by_rows.incoming:
            part = (store, iri, group.predicate, group.kind, 1, 3)
            assert describe.pointing(*part, census) == describe.pointing(*part)


def test_the_query_of_a_term_gives_a_row_for_each_use(snapshot: Snapshot, second: Snapshot) -> None:
    for live in (snapshot, second):
        terms = [term for _, listed in vocabulary(live.store, live.census) for term in listed]
        wrong = []
        for term in terms:
            asked, limit, _ = term.query.rpartition("LIMIT 20")
            assert limit
            found = live.store.query(asked)
            assert isinstance(found, QuerySolutions)
            if (rows := sum(1 for _ in found)) != term.uses:
                wrong.append((term.short, term.uses, rows))
        assert wrong == []
        assert any(term.uses == 0 for term in terms)


def test_a_term_without_a_use_says_so_and_has_a_query(client: FlaskClient, snapshot: Snapshot) -> None:
    unused = [t for _, listed in vocabulary(snapshot.store, snapshot.census) for t in listed if not t.uses]
    page = client.get("/ontology.html").text
    assert page.count("no use yet in this version") == page.count("a query for when it has some") == len(unused) > 0

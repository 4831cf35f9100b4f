"""The analysis against values worked out by hand, on graphs small enough to check with a pencil."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import networkx as nx
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse

from graph import analysis
from graph.analysis import measures, networks, positions, publish, statements
from graph.analysis.summaries import rounded
from graph.names import GRAPH, ONTOLOGY, PREFIXES, THING
from graph.store import in_memory

DATA = Path(__file__).parent / "data" / "analysis"
G = NamedNode(GRAPH + "made-up")
OPERATOR = THING + "organization/grand-cloud"


def facts() -> Iterator[Quad]:
    for file in sorted(DATA.glob("*.ttl")):
        for quad in parse(path=str(file), format=RdfFormat.TURTLE):
            yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(GRAPH + file.stem))


@pytest.fixture(scope="module")
def store() -> Store:
    return in_memory(facts())


def short(iri: str) -> str:
    return iri.removeprefix(THING)


def undirected(*edges: str) -> "nx.Graph[str]":
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from((edge[0], edge[1]) for edge in edges)
    return graph


def directed(*edges: str) -> "nx.Graph[str]":
    graph: nx.Graph[str] = nx.DiGraph()
    graph.add_edges_from((edge[0], edge[1]) for edge in edges)
    return graph


PATH = undirected("ab", "bc", "cd")
STAR = undirected("ab", "ac", "ad")
TAIL = undirected("ab", "bc", "ca", "cd")
SQUARE = undirected("ab", "bc", "cd", "da")
CHAIN = directed("ab", "bc")
WHEEL = directed("ab", "ac", "bc", "ca")
TWO_PARTS = undirected("ab", "bc", "xy")


def weighted() -> "nx.Graph[str]":
    graph = undirected("ab", "bc")
    graph.add_edge("a", "b", weight=2)
    return graph


def halves() -> "nx.Graph[str]":
    """PATH in two communities, a and b, c and d."""
    graph = undirected("ab", "bc", "cd")
    nx.set_node_attributes(graph, {"a": 1, "b": 1, "c": 2, "d": 2}, "community")
    return graph


# Two hubs: a points to b and c, d to b. Scores of hubs (a, d) grow by ((2, 1), (1, 1)), whose first direction is the
# golden ratio to one.
FAN = directed("ab", "ac", "db")
GOLDEN = (math.sqrt(5) - 1) / 2


def thirds(part: int) -> Fraction:
    return Fraction(part, 3)


# PageRank of WHEEL: a = 0.05 + 0.85 c and b = 0.05 + 0.425 a and c = 0.05 + 0.425 a + 0.85 b, so that
# c = 0.0925 + 0.78625 a and a = 0.128625 / 0.3316875.
WHEEL_A = Fraction("0.128625") / Fraction("0.3316875")

BY_HAND = [
    ("path", PATH, "degree", {"a": 1, "b": 2, "c": 2, "d": 1}),
    ("star", STAR, "degree", {"a": 3, "b": 1, "c": 1, "d": 1}),
    ("chain", CHAIN, "degree", {"a": 1, "b": 2, "c": 1}),
    ("wheel", WHEEL, "in-degree", {"a": 1, "b": 1, "c": 2}),
    ("wheel", WHEEL, "out-degree", {"a": 2, "b": 1, "c": 1}),
    # Of the 3 pairs of others, b lies between a-c and a-d.
    ("path", PATH, "betweenness", {"a": 0, "b": thirds(2), "c": thirds(2), "d": 0}),
    ("star", STAR, "betweenness", {"a": 1, "b": 0, "c": 0, "d": 0}),
    ("tail", TAIL, "betweenness", {"a": 0, "b": 0, "c": thirds(2), "d": 0}),
    # Opposite corners have two shortest paths: each corner carries half of one pair of 3.
    ("square", SQUARE, "betweenness", dict.fromkeys("abcd", Fraction(1, 6))),
    # Directed: a-c is one of the 2 ordered pairs of others.
    ("chain", CHAIN, "betweenness", {"a": 0, "b": Fraction(1, 2), "c": 0}),
    (
        "wheel",
        WHEEL,
        "pagerank",
        {
            "a": WHEEL_A,
            "b": Fraction("0.05") + Fraction("0.425") * WHEEL_A,
            "c": Fraction("0.0925") + Fraction("0.78625") * WHEEL_A,
        },
    ),
    # b has nowhere to go: a = 0.075 + 0.425 b and a + b = 1.
    ("dangling", directed("ab"), "pagerank", {"a": Fraction(20, 57), "b": Fraction(37, 57)}),
    # b = 0.05 + 0.85 (a + c) and a + c = 1 - b; b gives a two parts of three.
    (
        "weighted",
        weighted(),
        "pagerank",
        {
            "a": Fraction("0.05") + Fraction("0.85") * Fraction(18, 37) * thirds(2),
            "b": Fraction(18, 37),
            "c": Fraction("0.05") + Fraction("0.85") * Fraction(18, 37) * thirds(1),
        },
    ),
    ("weighted", weighted(), "strength", {"a": 2, "b": 3, "c": 1}),
    ("chain", CHAIN, "strength", {"a": 1, "b": 2, "c": 1}),
    # a is 1, 2 and 3 steps from the others: 3 / 6.
    ("path", PATH, "closeness", {"a": 0.5, "b": 0.75, "c": 0.75, "d": 0.5}),
    ("chain", CHAIN, "closeness", {"a": thirds(2), "b": 1, "c": thirds(2)}),
    # a is 1 and 2 steps from the two of four others that it reaches: 2 / 3 of 2 / 4.
    ("two parts", TWO_PARTS, "closeness", {"a": thirds(1), "b": 0.5, "c": thirds(1), "x": 0.25, "y": 0.25}),
    ("fan", FAN, "hub", {"a": GOLDEN, "b": 0, "c": 0, "d": 1 - GOLDEN}),
    ("fan", FAN, "authority", {"a": 0, "b": GOLDEN, "c": 1 - GOLDEN, "d": 0}),
    ("chain", CHAIN, "hub", {"a": 0.5, "b": 0.5, "c": 0}),
    ("tail", TAIL, "core", {"a": 2, "b": 2, "c": 2, "d": 1}),
    ("path", PATH, "core", dict.fromkeys("abcd", 1)),
    # a gives b and c a half each, c a third to each of three: for a, (1/2 + 1/2 * 1/3)^2 by b, (1/2 + 1/2 * 1/2)^2
    # by c; for c, (1/3 + 1/3 * 1/2)^2 twice and (1/3)^2 by d.
    ("tail", TAIL, "constraint", {"a": Fraction(145, 144), "b": Fraction(145, 144), "c": Fraction(11, 18), "d": 1}),
    ("star", STAR, "constraint", {"a": thirds(1), "b": 1, "c": 1, "d": 1}),
    ("halves", halves(), "participation", {"a": 0, "b": 0.5, "c": 0.5, "d": 0}),
    ("two parts", TWO_PARTS, "component-size", {"a": 3, "b": 3, "c": 3, "x": 2, "y": 2}),
    ("chain", CHAIN, "component-size", {"a": 3, "b": 3, "c": 3}),
    # Without b, a is cut off from c and d. The star's centre gone, two leaves lose the third.
    ("path", PATH, "cut-off", {"a": 0, "b": 1, "c": 1, "d": 0}),
    ("star", STAR, "cut-off", {"a": 2, "b": 0, "c": 0, "d": 0}),
    ("tail", TAIL, "cut-off", {"a": 0, "b": 0, "c": 1, "d": 0}),
    ("two parts", TWO_PARTS, "cut-off", {"a": 0, "b": 1, "c": 0, "x": 0, "y": 0}),
]


@pytest.mark.parametrize(
    ("graph", "measure", "expected"),
    [case[1:] for case in BY_HAND],
    ids=[f"{case[2]} of {case[0]}" for case in BY_HAND],
)
def test_a_measure_equals_the_value_worked_out_by_hand(
    graph: "nx.Graph[str]", measure: str, expected: dict[str, Fraction]
) -> None:
    found = {row.iri: row.value for row in analysis.measure(graph, measure)}
    assert found == {node: pytest.approx(float(value), rel=1e-11, abs=1e-15) for node, value in expected.items()}


def test_every_measure_is_among_those_worked_out_by_hand() -> None:
    assert {case[2] for case in BY_HAND} == {row.name for row in analysis.MEASURES}


def test_pagerank_agrees_with_networkx_on_zachary() -> None:
    # The sums are our own (see the docstring of positions.pagerank), so they must be those of networkx.
    club = nx.karate_club_graph()
    theirs = nx.pagerank(club, tol=1e-15, max_iter=1000)
    assert positions.pagerank(club) == pytest.approx(theirs, rel=1e-11)


@pytest.mark.parametrize(
    ("graph", "measure", "expected"),
    [
        (STAR, "degree", [("a", 1), ("b", 2), ("c", 2), ("d", 2)]),
        # Two share the first rank, so the next rank is the third.
        (PATH, "betweenness", [("b", 1), ("c", 1), ("a", 3), ("d", 3)]),
    ],
)
def test_ties_share_a_rank(graph: "nx.Graph[str]", measure: str, expected: list[tuple[str, int]]) -> None:
    rows = analysis.measure(graph, measure)
    assert [(row.iri, row.rank) for row in rows] == expected
    assert {row.population for row in rows} == {4}


def test_a_two_mode_network_is_ranked_within_each_side(store: Store) -> None:
    rows = analysis.measure(analysis.project(store, "provider-location"), "degree")
    assert [(short(row.iri), row.value, row.rank, row.population, row.mode) for row in rows] == [
        ("organization/alpha", 3, 1, 4, "source"),
        ("organization/beta", 2, 2, 4, "source"),
        ("organization/delta", 1, 3, 4, "source"),
        ("organization/gamma", 1, 3, 4, "source"),
        ("region/amsterdam", 2, 1, 5, "target"),
        ("location/oslo", 2, 1, 5, "target"),
        ("location/amsterdam-government", 1, 3, 5, "target"),
        ("region/beijing", 1, 3, 5, "target"),
        ("location/lima", 1, 3, 5, "target"),
    ]


def test_a_measure_for_directed_networks_is_refused_elsewhere() -> None:
    assert "in-degree" not in analysis.applicable(PATH)
    assert "in-degree" in analysis.applicable(CHAIN)
    with pytest.raises(ValueError, match="in-degree does not apply"):
        analysis.measure(PATH, "in-degree")
    with pytest.raises(KeyError):
        analysis.measure(PATH, "fame")


def test_what_would_take_too_long_is_not_offered_or_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "LARGEST_PRODUCT", 11)  # PATH has 4 nodes and 3 edges
    assert "closeness" not in analysis.applicable(PATH)
    assert {"degree", "betweenness"} < set(analysis.applicable(PATH))
    club = nx.relabel_nodes(nx.karate_club_graph(), str)
    rows = analysis.measure(club, "betweenness")
    assert all(row.error is not None and row.error >= 0 for row in rows)


def test_sampled_betweenness_lies_within_its_error() -> None:
    # Two standard errors either way should hold the true value for about 19 of 20; here for 30 of 34 at least.
    club = nx.relabel_nodes(nx.karate_club_graph(), str)
    exact = nx.betweenness_centrality(club)
    found = positions.sampled_betweenness(club, pivots=20)
    assert found == positions.sampled_betweenness(club, pivots=20)
    within = [abs(value - exact[node]) <= 2 * error + 1e-12 for node, (value, error) in found.items()]
    assert sum(within) >= 30
    everyone = positions.sampled_betweenness(club, pivots=30, seed=1)
    assert sum(abs(everyone[n][0] - exact[n]) for n in club) < sum(abs(found[n][0] - exact[n]) for n in club)
    with pytest.raises(ValueError, match="pivots"):
        positions.sampled_betweenness(club, pivots=35)


@pytest.mark.parametrize(
    ("graph", "nodes", "edges", "density", "parts", "largest"),
    [
        (PATH, 4, 3, 0.5, 1, 4),
        (WHEEL, 3, 4, pytest.approx(2 / 3), 1, 3),
        (TWO_PARTS, 5, 3, 0.3, 2, 3),
        (undirected(), 0, 0, 0.0, 0, 0),
    ],
)
def test_summary(
    graph: "nx.Graph[str]", nodes: int, edges: int, density: float, parts: int, largest: int
) -> None:
    assert analysis.summary(graph) == analysis.Summary(nodes, edges, density, parts, largest, None)


def test_density_of_a_two_mode_network_counts_only_pairs_across_the_sides(store: Store) -> None:
    whole = analysis.summary(analysis.project(store, "provider-location"))
    assert (whole.sides, whole.density) == ((4, 5), 7 / 20)


def test_components_are_numbered_from_the_largest() -> None:
    assert analysis.components(TWO_PARTS) == [(1, 3, ("a", "b", "c")), (2, 2, ("x", "y"))]


PROJECTED = {
    # A partner is tied to a thing once, however many sources and ways there are.
    "all-sources": {
        *(("organization/alpha", thing, 1) for thing in (
            "region/amsterdam", "location/oslo", "concept/security", "concept/analytics", "product/edge",
            "product/vault", "program/second", "role/integrator")),
        *(("organization/beta", thing, 1) for thing in (
            "region/amsterdam", "location/oslo", "concept/analytics", "product/edge", "product/vault")),
        ("organization/gamma", "location/lima", 1),
        ("organization/gamma", "program/second", 1),
        ("organization/delta", "region/beijing", 1),
        ("organization/zeta", "product/edge", 1),
    },
    # Alpha and Beta share Amsterdam, Oslo (1 each, shared by two) and Edge (1 / 2, shared by three).
    "partner-partner": {
        ("organization/alpha", "organization/beta", 2.5),
        ("organization/alpha", "organization/zeta", 0.5),
        ("organization/beta", "organization/zeta", 0.5),
    },
    # Alpha and Vault: a solution built on it and a participation. Beta is only validated for it.
    "partner-product": {
        ("organization/alpha", "product/edge", 1),
        ("organization/alpha", "product/vault", 2),
        ("organization/beta", "product/edge", 1),
        ("organization/beta", "product/vault", 1),
        ("organization/zeta", "product/edge", 1),
    },
    "programme-participation": {
        ("organization/alpha", "program/second", 1),
        ("organization/gamma", "program/second", 1),
    },
    "solution-dependency": {
        ("solution/one", "solution/two", 1),
        ("solution/two", "solution/three", 1),
        ("solution/four", "solution/three", 1),
    },
    "solution-technology": {
        ("solution/one", "concept/table-a", 1),
        ("solution/one", "concept/interface-b", 1),
        ("solution/four", "concept/table-a", 1),
    },
    # Amsterdam's two public locations are one place, its government cloud another; a metropolitan area whose
    # locations are all of one cloud is one place, whichever cloud it is.
    "provider-location": {
        ("organization/alpha", "location/amsterdam-government", 1),
        ("organization/alpha", "location/oslo", 1),
        ("organization/alpha", "region/amsterdam", 2),
        ("organization/beta", "location/oslo", 1),
        ("organization/beta", "region/amsterdam", 1),
        ("organization/delta", "region/beijing", 2),
        ("organization/gamma", "location/lima", 1),
    },
    "provider-via-provider": {
        ("organization/epsilon", "organization/alpha", 1),
        ("organization/gamma", "organization/alpha", 1),
        ("organization/zeta", "organization/alpha", 1),
        ("organization/zeta", "organization/beta", 1),
    },
    "publisher-category": {
        ("organization/alpha", "concept/analytics", 1),
        ("organization/alpha", "concept/security", 2),
        ("organization/beta", "concept/analytics", 1),
    },
    # What the second programme replaces besides is no programme.
    "programme-succession": {
        ("program/second", "program/first", 1),
        ("program/third", "program/second", 1),
    },
}


@pytest.mark.parametrize("name", sorted(PROJECTED))
def test_projection(store: Store, name: str) -> None:
    graph = analysis.project(store, name)
    described = analysis.describe(name)
    edges: set[tuple[str, str, float]] = set()
    for tail, head, data in graph.edges(data=True):
        if graph.nodes[tail].get("mode") == "target":
            tail, head = head, tail  # an undirected edge may come back either way round
        edges.add((short(tail), short(head), data["weight"]))
        assert set(data["evidence"].split()) <= {GRAPH + name for name in ("offers", "partners", "providers")}
        assert data["evidence"]
    assert edges == PROJECTED[name]
    assert list(graph) == sorted(graph)
    assert all(list(graph[node]) == sorted(graph[node]) for node in graph)
    assert graph.is_directed() == described.directed


def test_every_network_has_a_projection_written_out_here() -> None:
    assert set(PROJECTED) == set(analysis.names())


def test_without_any_cloud_or_area_each_location_is_its_own_place() -> None:
    peers = [
        Quad(NamedNode(THING + "organization/alpha"), NamedNode(ONTOLOGY + "peersAt"), NamedNode(place), G)
        for place in (THING + "location/oslo", THING + "location/lima")
    ]
    assert set(analysis.project(in_memory(peers), "provider-location")) == {
        THING + "organization/alpha",
        THING + "location/oslo",
        THING + "location/lima",
    }


def test_a_node_on_both_sides_of_a_two_mode_network_is_an_error() -> None:
    peers = NamedNode(ONTOLOGY + "peersAt")
    a, b, c = (NamedNode(THING + "organization/" + name) for name in "abc")
    with pytest.raises(ValueError, match="both sides"):
        analysis.project(in_memory([Quad(a, peers, b, G), Quad(b, peers, c, G)]), "provider-location")


def test_nodes_say_what_they_are(store: Store) -> None:
    graph = analysis.project(store, "provider-via-provider")
    # English before other languages.
    iri = THING + "organization/epsilon"
    assert graph.nodes[iri] == {"iri": iri, "label": "Epsilon", "kind": "organization"}


@pytest.mark.parametrize("name", analysis.names())
def test_a_network_is_documented_and_its_query_runs_as_it_stands(store: Store, name: str) -> None:
    network = analysis.describe(name)
    assert network.question.endswith("?")
    assert network.bias.endswith(".")
    assert "left out" in network.rule or "no node" in network.rule
    # As published, without the project's prefixes: whoever copies it can run it.
    solutions = store.query(network.query)
    assert isinstance(solutions, QuerySolutions)
    given = [variable.value for variable in solutions.variables]
    assert given[:4] == ["source", "target", "weight", "evidence"]
    assert given[4:] in ([], ["since"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# Who?\n# title: T\n# bias: B.\n# directed: yes\n# modes: one\nSELECT", "lack ties"),
        (
            "# title: T\n# bias: B.\n# directed: yes\n# modes: one\n# ties: pe:offers\nSELECT",
            "lack a question",
        ),
        ("# Who?\n# title: T\n# bias: B.\n# directed: maybe\n# modes: one\n# ties: pe:offers\n", "'maybe'"),
        ("# Who?\n# title: T\n# bias: B.\n# directed: no\n# modes: six\n# ties: pe:offers\n", "'six'"),
        (
            "# Who?\n# title: T\n# bias: B.\n# directed: no\n# modes: two\n# ties: nobody:knows\n",
            "nobody:knows",
        ),
    ],
)
def test_a_projection_that_lacks_a_line_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        networks.parse("made-up", text)


def test_an_unknown_network_is_a_key_error(store: Store) -> None:
    with pytest.raises(KeyError):
        analysis.project(store, "../networks/provider-location")


def test_single_points(store: Store) -> None:
    found = analysis.single_points(store)
    assert [(short(r.iri), r.label, short(r.through), r.through_label) for r in found.places] == [
        ("location/amsterdam-government", "Amsterdam (government)", "organization/alpha", "Alpha"),
        ("location/lima", "Lima", "organization/gamma", "Gamma"),
        ("region/beijing", "Beijing", "organization/delta", "Delta"),
    ]
    # Gamma has one exchange too but peers itself; Epsilon's other exchange is the operator, who is none.
    assert [(short(r.iri), short(r.through)) for r in found.organizations] == [
        ("organization/epsilon", "organization/alpha")
    ]
    assert [(p.network, short(p.iri), p.cut_off) for p in found.articulation] == [
        ("provider-via-provider", "organization/alpha", 2),
        ("provider-location", "organization/alpha", 1),
        ("provider-via-provider", "organization/zeta", 1),
    ]


def steps(found: list[analysis.Step] | None) -> list[tuple[str, str, str, str]]:
    assert found is not None
    return [(short(s.source), s.direction, s.property.removeprefix(ONTOLOGY), short(s.target)) for s in found]


def test_a_path_is_explained_and_passes_neither_the_operator_nor_a_category(store: Store) -> None:
    # Both connect via the operator and share a category: two steps that would say nothing.
    found = analysis.path(store, THING + "organization/epsilon", THING + "organization/beta")
    assert steps(found) == [
        ("organization/epsilon", "forward", "connectsVia", "organization/alpha"),
        ("organization/alpha", "forward", "peersAt", "location/amsterdam2"),
        ("location/amsterdam2", "backward", "peersAt", "organization/beta"),
    ]
    assert found is not None
    assert (found[0].source_label, found[0].target_label) == ("Epsilon", "Alpha")


def test_a_step_names_every_graph_that_states_it_once(store: Store) -> None:
    found = analysis.path(store, THING + "organization/alpha", THING + "location/oslo")
    assert found is not None
    assert [step.graphs for step in found] == [(GRAPH + "offers", GRAPH + "providers")]


def test_the_operator_and_a_category_may_be_an_end(store: Store) -> None:
    found = analysis.path(store, THING + "category/telecommunications-company", OPERATOR)
    assert [step[2] for step in steps(found)] == ["category", "connectsVia"]


def test_a_path_in_a_network_is_explained_by_the_statements_behind_its_edges(store: Store) -> None:
    within = analysis.path(
        store, THING + "organization/beta", THING + "region/amsterdam", "provider-location"
    )
    assert steps(within) == [
        ("organization/beta", "forward", "peersAt", "location/amsterdam2"),
        ("location/amsterdam2", "forward", "metro", "region/amsterdam"),
    ]
    along = analysis.path(
        store, THING + "organization/beta", THING + "organization/gamma", "provider-via-provider"
    )
    assert steps(along) == [
        ("organization/beta", "backward", "connectsVia", "organization/zeta"),
        ("organization/zeta", "forward", "connectsVia", "organization/alpha"),
        ("organization/alpha", "backward", "connectsVia", "organization/gamma"),
    ]


@pytest.mark.parametrize(
    ("end", "network", "longest"),
    [
        ("organization/delta", None, 8),  # another part of the graph
        ("organization/nobody", None, 8),  # in no statement
        ("organization/beta", None, 2),  # three steps away
        ("organization/delta", "provider-via-provider", 8),  # not in the network
        ("organization/beta", "provider-via-provider", 1),  # two edges away
    ],
)
def test_no_path_is_none(store: Store, end: str, network: str | None, longest: int) -> None:
    start = THING + "organization/epsilon"
    assert analysis.path(store, start, THING + end, network, longest=longest) is None


def test_a_path_to_oneself_has_no_steps(store: Store) -> None:
    assert analysis.path(store, THING + "organization/alpha", THING + "organization/alpha") == []


def test_a_search_that_reads_too_much_says_so(store: Store) -> None:
    with pytest.raises(analysis.PathLimitError):
        analysis.path(store, THING + "organization/epsilon", THING + "organization/beta", most=5)


@pytest.fixture(scope="module")
def published(store: Store) -> Store:
    """The facts with the analysis beside them, as a snapshot would hold them."""
    return in_memory([*facts(), *analysis.quads(store)])


def test_published_results_are_joined_with_the_facts_by_sparql(published: Store) -> None:
    rows = published.query(
        """SELECT ?label ?value ?rank ?population WHERE {
          ?observation a pe:Observation ; pe:metric ?metric ; pe:about ?node ; pe:inNetwork ?network ;
            pe:value ?value ; pe:rank ?rank ; pe:population ?population .
          ?metric rdfs:label "in-degree"@en .
          ?network rdfs:label "Providers that connect via providers"@en ; pe:nodeCount 5 ; pe:edgeCount 4 .
          ?node rdfs:label ?label . FILTER (LANG(?label) != "es")
        } ORDER BY ?rank ?label""",
        prefixes=PREFIXES,
    )
    assert isinstance(rows, QuerySolutions)
    assert [tuple(term.value for term in row) for row in rows] == [
        ("Alpha", "3", "1", "5"),
        ("Beta", "1", "2", "5"),
        ("Epsilon", "0", "3", "5"),
        ("Gamma", "0", "3", "5"),
        ("Zeta", "0", "3", "5"),
    ]


@pytest.mark.parametrize("name", analysis.names())
def test_what_is_published_is_what_is_measured(store: Store, published: Store, name: str) -> None:
    graph = analysis.project(store, name)
    described = analysis.describe(name)
    for measure in analysis.applicable(graph):
        rows = analysis.measure(graph, measure)
        assert rows
        for row in rows:
            subject = NamedNode(publish.observation_iri(name, measure, row.iri))
            found = [
                quad.object
                for quad in published.quads_for_pattern(
                    subject, NamedNode(ONTOLOGY + "value"), None, NamedNode(described.graph)
                )
            ]
            assert [float(term.value) for term in found if isinstance(term, Literal)] == [row.value]


def test_analysis_graphs_repeat_no_fact(store: Store) -> None:
    label, type_ = NamedNode(PREFIXES["rdfs"] + "label"), NamedNode(PREFIXES["rdf"] + "type")
    known = {quad.subject for quad in facts()}
    for quad in analysis.quads(store):
        assert not isinstance(quad.subject, BlankNode)
        assert not isinstance(quad.object, BlankNode)
        assert not (quad.subject in known and quad.predicate in (label, type_)), quad
        assert quad.object != NamedNode(ONTOLOGY + "Partner")


def test_published_terms_are_kept_by_the_store_as_they_are(store: Store, published: Store) -> None:
    # A literal that the store would rewrite (0.50, a double) would change the digest after a round trip.
    said = list(analysis.quads(store))
    assert len(said) == len(set(said))
    assert set(said) - set(published) == set()
    numeric = {q.object.datatype.value for q in said if isinstance(q.object, Literal)}
    xsd = PREFIXES["xsd"]
    assert numeric == {xsd + "string", xsd + "integer", xsd + "decimal", xsd + "gYear", PREFIXES["rdf"] + "langString"}


@pytest.mark.parametrize(
    ("value", "lexical"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (100.0, "100"),
        (1 / 3, "0.333333333333"),
        (2 / 3, "0.666666666667"),
        (1.5e-7, "0.00000015"),
        (1.23456789012345e-9, "0.00000000123456789"),
        (1e-30, "0"),
    ],
)
def test_a_decimal_is_canonical(value: float, lexical: str) -> None:
    literal = statements.number(rounded(value))
    store = Store()
    store.add(Quad(G, G, literal))
    assert literal.value == lexical
    assert [quad.object for quad in store] == [
        Literal(lexical, datatype=NamedNode(PREFIXES["xsd"] + "decimal"))
    ]


FIRST_NETWORKS = [
    f"analysis-{name}"
    for name in ("programme-succession", "provider-location", "provider-via-provider", "publisher-category")
]


def test_every_analysis_graph_is_described_with_its_evidence_and_origin(published: Store) -> None:
    rows = published.query(
        """SELECT ?graph ?origin WHERE {
          GRAPH <https://w3id.org/partner-ecosystem/graph/catalogue> {
            ?graph a pe:Source ; dcterms:title ?title ; dcterms:publisher ?publisher ;
              pe:evidence <https://w3id.org/partner-ecosystem/id/concept/derived> ;
              pe:bias ?bias ; pe:ruleText ?rule .
            OPTIONAL { ?graph prov:wasDerivedFrom ?origin }
          }
        }""",
        prefixes=PREFIXES,
    )
    assert isinstance(rows, QuerySolutions)
    origins = {tuple(term.value.removeprefix(GRAPH) if term else None for term in row) for row in rows}
    assert {origin for _, origin in origins} == {"offers", "partners", "providers", None}
    assert {pair for pair in origins if pair[0] in ("measures", *FIRST_NETWORKS)} == {
        ("analysis-programme-succession", "offers"),
        ("analysis-provider-location", "offers"),
        ("analysis-provider-location", "providers"),
        ("analysis-provider-via-provider", "providers"),
        ("analysis-publisher-category", "offers"),
        ("measures", None),
    }


def test_a_graph_without_networks_publishes_nothing() -> None:
    assert list(analysis.quads(Store())) == []


def test_things_of_others_whose_names_look_alike_keep_their_own_observations() -> None:
    first, second = (
        publish.observation_iri("made-up", "degree", iri)
        for iri in ("http://a.example/b-c", "http://a.example/b/c")
    )
    assert first != second


def test_progress_tells_each_network_to_its_end(store: Store) -> None:
    told: list[tuple[str, int, int | None]] = []
    for _ in analysis.quads(store, lambda *said: told.append(said)):
        pass
    finished = {what for what, done, total in told if done == total}
    assert finished == {f"analyse {name}" for name in analysis.names()}


@pytest.mark.parametrize("name", analysis.names())
def test_graphml_read_by_plain_networkx_gives_the_published_numbers(store: Store, name: str) -> None:
    graph = analysis.project(store, name)
    written = analysis.graphml(graph)
    again = nx.read_graphml(BytesIO(written))
    assert analysis.graphml(graph) == written
    assert list(again.nodes(data=True)) == list(graph.nodes(data=True))
    assert again.graph["bias"] == analysis.describe(name).bias
    plain = {
        "degree": dict(again.degree()),
        "betweenness": nx.betweenness_centrality(again),
        "pagerank": nx.pagerank(again, tol=1e-15, max_iter=1000),
    }
    for measure, theirs in plain.items():
        ours = {row.iri: row.value for row in analysis.measure(graph, measure)}
        assert ours == pytest.approx(theirs, rel=1e-11)


EVERYTHING = """
import sys
sys.path.insert(0, sys.argv[1])
from test_analysis import THING, analysis, facts, in_memory
store = in_memory(facts())
for quad in analysis.quads(store):
    print(quad)
for name in analysis.names():
    print(analysis.graphml(analysis.project(store, name)).decode())
print(analysis.single_points(store))
for network in (None, *analysis.names()):
    print(analysis.path(store, THING + "organization/epsilon", THING + "organization/beta", network))
"""


@pytest.mark.long
def test_the_same_results_in_the_same_order_for_every_hash_seed() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", EVERYTHING, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000

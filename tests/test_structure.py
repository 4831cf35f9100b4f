"""Communities, null models, nestedness, dependence, likeness and exports, against values worked out by hand and values
published for Zachary's karate club and the women of Davis, Gardner and Gardner.
"""

import csv
import importlib
import json
import math
import re
import xml.etree.ElementTree as ET
from collections import Counter
from io import BytesIO, StringIO
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store
from rdflib import Dataset
from scipy.sparse.linalg import svds

from graph import analysis
from graph.analysis import correlation, likeness, networks, nulls, positions, whole
from graph.names import GRAPH, ONTOLOGY, THING
from graph.snapshot import DataDirectory, Snapshot
from graph.store import in_memory
from tests.test_analysis import facts

communities = importlib.import_module("graph.analysis.communities")  # the package's name for it is the function
ORGANIZATION = THING + "organization/"


@pytest.fixture(scope="module")
def store() -> Store:
    return in_memory(facts())


def club() -> "nx.Graph[str]":
    """Zachary's karate club without weights, its members by name."""
    found: nx.Graph[str] = nx.Graph()
    found.add_nodes_from(str(node) for node in range(34))
    found.add_edges_from((str(a), str(b)) for a, b in nx.karate_club_graph().edges())
    return found


def women() -> "nx.Graph[str]":
    """The southern women of Davis and others and the events they went to, women first."""
    found: nx.Graph[str] = nx.Graph()
    for node, data in nx.davis_southern_women_graph().nodes(data=True):
        found.add_node(node, mode="target" if data["bipartite"] else "source")
    found.add_edges_from(nx.davis_southern_women_graph().edges())
    return found


def two_mode(*edges: str) -> "nx.Graph[str]":
    found: nx.Graph[str] = nx.Graph()
    for a, b in edges:
        found.add_node(a, mode="source")
        found.add_node(b, mode="target")
        found.add_edge(a, b)
    return found


def value(graph: "nx.Graph[str]", name: str) -> float | None:
    return {kind.name: found for kind, found in analysis.figures(graph)}.get(name)


def test_zachary_as_published() -> None:
    graph = club()
    assert (value(graph, "nodes"), value(graph, "edges")) == (34, 78)
    assert value(graph, "density") == pytest.approx(0.139, abs=5e-4)
    assert value(graph, "clustering") == pytest.approx(0.2557, abs=5e-5)
    assert value(graph, "assortativity") == pytest.approx(-0.4756, abs=5e-5)  # Newman 2003, table II: -0.476
    assert value(graph, "centralization") == pytest.approx(0.3996, abs=5e-5)
    between = positions.betweenness(graph)
    assert (between["0"], between["33"]) == (pytest.approx(0.4376, abs=5e-5), pytest.approx(0.3041, abs=5e-5))
    assert sorted(positions.core(graph).values(), reverse=True)[:11] == [4] * 10 + [3]
    # The largest modularity there is: Brandes and others, "On modularity clustering" (2008).
    made = positions.as_igraph(graph)
    best = max(made.modularity(communities._leiden(made, seed)) for seed in range(50))
    assert best == pytest.approx(0.4198, abs=5e-5)


# Borgatti and Halgin, "Analyzing affiliation networks" (2011), table 28.1: degree, closeness and betweenness over the
# most that a node of its side can have.
DAVIS = [
    ("E8", 0.78, 0.85, 0.24),
    ("E9", 0.67, 0.79, 0.23),
    ("E7", 0.56, 0.73, 0.13),
    ("Nora Fayette", 0.57, 0.80, 0.11),
    ("Evelyn Jefferson", 0.57, 0.80, 0.10),
]


def most_between(own: int, others: int) -> float:
    """Give the largest number of shortest paths through a node of a side of `own`, `others` on the other side."""
    s, t = divmod(own - 1, others)
    return (others**2 * (s + 1) ** 2 + others * (s + 1) * (2 * t - s - 1) - t * (2 * s - t + 3)) / 2


@pytest.mark.parametrize(("node", "degree", "closeness", "betweenness"), DAVIS)
def test_southern_women_as_published(node: str, degree: float, closeness: float, betweenness: float) -> None:
    graph = women()
    own, others = (18, 14) if graph.nodes[node]["mode"] == "source" else (14, 18)
    assert positions.degree(graph)[node] / others == pytest.approx(degree, abs=5e-3)
    assert positions.closeness(graph)[node] * (others + 2 * (own - 1)) / 31 == pytest.approx(closeness, abs=5.1e-3)
    paths = positions.betweenness(graph)[node] * 31 * 30 / 2
    assert paths / most_between(own, others) == pytest.approx(betweenness, abs=5.1e-3)


def test_southern_women_as_a_whole() -> None:
    assert value(women(), "density") == pytest.approx(89 / 252)
    assert value(women(), "clustering") == pytest.approx(0.468, abs=5e-4)  # Robins and Alexander


@pytest.mark.parametrize("graph", [club(), women(), nx.relabel_nodes(nx.gnp_random_graph(40, 0.08, 3, True), str)])
def test_igraph_and_networkx_agree(graph: "nx.Graph[str]") -> None:
    plain = graph.to_undirected()
    theirs = {
        "closeness": nx.closeness_centrality(plain),
        "betweenness": nx.betweenness_centrality(graph),
        "core": nx.core_number(plain),
        "pagerank": nx.pagerank(graph, tol=1e-15, max_iter=1000),
    }
    for name, expected in theirs.items():
        of = analysis.definition(name)
        assert of.compute(graph) == pytest.approx(expected, rel=of.tolerance, abs=1e-12), name
    constraint = nx.constraint(plain)
    ours = positions.constraint(plain)
    for node in plain:
        if plain.degree[node]:
            assert ours[node] == pytest.approx(constraint[node], rel=1e-9)
    points = {node for node, lost in positions.cut_off(graph).items() if lost}
    assert points == set(nx.articulation_points(plain))


def test_hits_agrees_with_networkx_where_one_answer_exists() -> None:
    graph = women()
    ties: nx.DiGraph[str] = nx.DiGraph((a, b) for a, b in graph.edges())
    hubs, authorities = nx.hits(ties)
    assert positions.hub(graph) == pytest.approx(hubs, rel=1e-6, abs=1e-12)
    assert positions.authority(graph) == pytest.approx(authorities, rel=1e-6, abs=1e-12)


# Null models -------------------------------------------------------------------------------------------


def test_a_null_keeps_degrees_sides_and_weights_and_moves_ties() -> None:
    graph = women()
    nx.set_edge_attributes(graph, {edge: at for at, edge in enumerate(graph.edges(), start=1)}, "weight")
    sides = [data["mode"] for _, data in graph.nodes(data=True)]
    made = positions.as_igraph(graph)
    for null in nulls.nulls(graph, 5):
        assert null.degree() == made.degree()
        assert all(sides[a] != sides[b] for a, b in null.get_edgelist())
        assert sorted(null.es["weight"]) == sorted(made.es["weight"])
        assert null.is_simple()
        kept = {frozenset(tie) for tie in null.get_edgelist()} & {frozenset(tie) for tie in made.get_edgelist()}
        assert len(kept) < 80  # of 89


def test_a_null_of_a_directed_network_keeps_both_degrees() -> None:
    graph = nx.relabel_nodes(nx.gnp_random_graph(30, 0.1, 1, True), str)
    assert [null.degree() for null in nulls.nulls(graph, 2)] == [positions.as_igraph(graph).degree()] * 2


def test_z() -> None:
    mean, deviation, z = nulls.z_score(5.0, [1.0, 2.0, 3.0])
    assert (mean, deviation, z) == (2.0, 1.0, 3.0)
    assert nulls.z_score(5.0, [2.0, 2.0])[2] is None
    with pytest.raises(ValueError, match="two values"):
        nulls.z_score(5.0, [1.0])


# Communities -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0, 1, 1), (1, 1, 0, 0), 1.0),
        # No pair together in both; 2 of 6 pairs in each: (0 - 2/3) / (2 - 2/3).
        ((0, 0, 1, 1), (0, 1, 0, 1), -0.5),
        # Together in both: 1 pair; 2 and 3 of 6 in each: (1 - 1) / (2.5 - 1).
        ((0, 0, 1, 1), (0, 0, 0, 1), 0.0),
        ((0, 0), (0, 0), 1.0),
    ],
)
def test_adjusted_rand(one: tuple[int, ...], other: tuple[int, ...], expected: float) -> None:
    assert analysis.adjusted_rand(one, other) == pytest.approx(expected)


def cliques() -> "nx.Graph[str]":
    """Two cliques of five joined by one tie, a to e by `first`, f to j by `second` and `third`."""
    graph: nx.Graph[str] = nx.Graph()
    for letters, evidence in (("abcde", "first"), ("fghij", "second third")):
        for i, one in enumerate(letters):
            for other in letters[i + 1 :]:
                graph.add_edge(one, other, weight=1, evidence=evidence)
    graph.add_edge("e", "f", weight=1, evidence="first")
    nx.set_node_attributes(graph, {node: node.upper() for node in graph}, "label")
    return graph


def test_two_cliques_are_two_communities() -> None:
    found = analysis.communities(cliques())
    assert found is not None
    assert [group.members for group in found.groups] == [tuple("abcde"), tuple("fghij")]
    # 21 ties, one between: 20/21 within, degrees 21 of 42 each: 20/21 - 2 * (1/2)^2.
    assert found.modularity == pytest.approx(20 / 21 - 0.5)
    assert (found.stability, found.stable) == (1.0, True)
    assert found.z is not None
    assert found.z > 2
    assert [group.source for group in found.groups] == ["first", ""]
    assert found.groups[0].name == "A, B, C"  # all five have four ties within
    assert found.one_source == 0.5
    one_document = analysis.communities(cliques(), {"second": "page", "third": "page"}, seeds=2)
    assert one_document is not None
    assert [group.source for group in one_document.groups] == ["first", "page"]


def test_unstable_communities_have_no_names() -> None:
    ring = nx.relabel_nodes(nx.cycle_graph(60), "n{:02}".format)
    found = analysis.communities(ring, seeds=10)
    assert found is not None
    assert found.stability < communities.STABLE
    assert {group.name for group in found.groups} == {""}
    assert "weak" in found.label(found.groups[0])


def test_leiden_finds_what_louvain_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    louvain = analysis.communities(cliques(), seeds=3)
    monkeypatch.setattr(communities, "LARGEST_LOUVAIN", 0)
    leiden = analysis.communities(cliques(), seeds=3)
    assert louvain is not None
    assert leiden is not None
    assert (louvain.algorithm, leiden.algorithm) == ("Louvain", "Leiden")
    assert louvain.groups == leiden.groups


def test_a_network_of_one_tie_has_no_communities() -> None:
    assert analysis.communities(two_mode("a1")) is None


# Structure ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        (["a1", "a2", "a3", "b1", "b2", "c1"], 100),
        (["a1", "b2"], 0),
        # Rows: half of b's is a's. Columns: 3 is in more and holds all of 1, 2 and 4; three of six pairs.
        (["a1", "a2", "a3", "b3", "b4"], (50 + 300) / 7),
    ],
)
def test_nodf(edges: list[str], expected: float) -> None:
    assert analysis.nodf(two_mode(*edges)) == pytest.approx(expected)


def test_nestedness_is_for_two_sides() -> None:
    assert analysis.nestedness(club()) is None
    found = analysis.nestedness(women(), nulls.nulls(women(), 10))
    assert found is not None
    assert found.value == pytest.approx(analysis.nodf(women()))
    assert found.z == pytest.approx((found.value - found.null_mean) / found.null_deviation)


def test_core_and_periphery() -> None:
    graph: nx.Graph[str] = nx.complete_graph(list("abcd"))
    graph.add_edges_from((node, f"{node}{at}") for node in "abcd" for at in (1, 2))
    found = analysis.core_periphery(graph)
    assert found is not None
    assert (set(found.core), found.errors, found.inside, found.outside) == (set("abcd"), 0, 1.0, 0.0)
    assert analysis.core_periphery(women()) is None


def test_no_core_is_better_by_trying_all() -> None:
    graph = nx.relabel_nodes(nx.gnp_random_graph(10, 0.4, 5), str)
    best = analysis.core_periphery(graph)
    assert best is not None
    for mask in range(2**10):
        core = {node for at, node in enumerate(graph) if mask >> at & 1}
        spoilt = sum((a in core) == (b in core) and graph.has_edge(a, b) != (a in core)
                     for i, a in enumerate(graph) for b in list(graph)[i + 1 :])  # fmt: skip
        assert best.errors <= spoilt


def test_distribution_and_slices() -> None:
    assert analysis.distribution(two_mode("a1", "a2", "b1")) == [
        ("source", 1, 1), ("source", 2, 1), ("target", 1, 1), ("target", 2, 1)]  # fmt: skip
    graph = two_mode("a1", "a2", "b1")
    graph["a"]["1"]["since"], graph["b"]["1"]["since"] = 2020, 2022
    assert [tuple(one) for one in analysis.slices(graph)] == [(2020, 2, 1, 1.0), (2022, 3, 2, 1.0)]
    assert whole.concentration([1, 1, 1, 1, 1]) is None
    assert whole.concentration([5, 1, 1, 1, 1, 1]) == 0.9


def test_correlation_by_hand() -> None:
    # Ranks 1 2 3 4 against 1 3 2 4: 1 - 6 * 2 / (4 * 15) = 0.8.
    values = {"degree": [1, 2, 3, 4], "one": [10, 20, 30, 40], "other": [10, 30, 20, 40], "level": [1, 1, 1, 1]}
    rows = {
        name: [analysis.Row(str(i), str(i), own, 1, 4, "", "") for i, own in enumerate(numbers)]
        for name, numbers in values.items()
    }
    found = {(one.one, one.other): one for one in analysis.correlations(rows)}
    assert found["degree", "other"].spearman == pytest.approx(0.8)
    assert found["one", "other"].partial is None  # the degree settles the ranks of `one`
    assert found["one", "level"].spearman is None
    assert correlation.mean_ranks({"a": 5, "b": 5, "c": 9}) == {"a": 1.5, "b": 1.5, "c": 3.0}


def test_partial_correlation_is_that_of_what_the_degree_leaves() -> None:
    degree, one, other = [1, 2, 3, 4, 5], [2, 1, 4, 3, 5], [1, 3, 2, 5, 4]
    rows = {
        name: [analysis.Row(str(i), str(i), own, 1, 5, "", "") for i, own in enumerate(numbers)]
        for name, numbers in (("degree", degree), ("one", one), ("other", other))
    }
    frame = pd.DataFrame({"degree": degree, "one": one, "other": other}, dtype=float)
    rest = {}
    for name in ("one", "other"):
        slope = frame[name].cov(frame["degree"]) / frame["degree"].var()
        rest[name] = frame[name] - slope * frame["degree"]
    [found] = [row for row in analysis.correlations(rows) if (row.one, row.other) == ("one", "other")]
    assert found.partial == pytest.approx(rest["one"].corr(rest["other"]))


# Dependence --------------------------------------------------------------------------------------------


def test_bridges_and_what_they_cut_off() -> None:
    graph: nx.Graph[str] = nx.Graph(["ab", "bc", "ca", "cd", "de", "ef", "fd", "fg"])
    assert [(one.one, one.other, one.cut_off) for one in analysis.bridges(graph)] == [("c", "d", 3), ("f", "g", 1)]


def test_robustness_of_a_star() -> None:
    star: nx.Graph[str] = nx.Graph([("hub", f"leaf{at:02}") for at in range(19)])
    found = analysis.robustness(star)
    assert [row.share for row in found] == pytest.approx([step / 20 for step in range(21)])
    assert (found[0].random, found[0].targeted, found[-1].random) == (1.0, 1.0, 0.0)
    assert found[1].targeted == pytest.approx(1 / 20)
    assert found[1].random > 0.5
    left = nx.Graph(star)
    left.remove_node("hub")
    assert found[1].targeted == max(map(len, nx.connected_components(left))) / 20


def test_who_loses_what(store: Store) -> None:
    found = [(loss.network, loss.what, loss.iri.removeprefix(THING), loss.steps)
             for loss in analysis.without(store, ORGANIZATION + "alpha")]  # fmt: skip
    assert ("provider-location", "loses its only provider", "location/amsterdam-government", 1) in found
    assert ("provider-via-provider", "loses its only tie", "organization/epsilon", 1) in found
    assert ("solution-dependency", "is offered by it", "solution/one", 1) in found
    assert not any(iri in ("location/oslo", "region/amsterdam") for _, _, iri, _ in found)  # Beta is there too
    # What needs a solution breaks with it, however many steps away.
    broken = analysis.without(store, THING + "solution/three")
    assert [(loss.iri.removeprefix(THING), loss.steps) for loss in broken] == [
        ("solution/four", 1), ("solution/two", 1), ("solution/one", 2)]  # fmt: skip
    assert analysis.without(store, THING + "solution/one") == []


def test_circles_are_counted_where_none_is_expected() -> None:
    graph = nx.DiGraph(["ab", "bc", "ca", "cd"])
    assert {kind.name: found for kind, found in analysis.figures(graph, acyclic=True)}["circles"] == 1


# Paths and likeness ------------------------------------------------------------------------------------


def test_several_paths_the_shortest_first(store: Store) -> None:
    found = analysis.paths(store, ORGANIZATION + "alpha", ORGANIZATION + "beta", count=10)
    assert [len(steps) for steps in found] == sorted(len(steps) for steps in found)
    assert len(found[0]) == 2
    assert all(len(steps) <= 3 for steps in found)
    through = {steps[0].target.removeprefix(THING) for steps in found if len(steps) == 2}
    assert through == {"location/amsterdam2", "location/oslo", "organization/zeta"}
    assert all(step.graphs for steps in found for step in steps)
    within = analysis.paths(store, ORGANIZATION + "alpha", ORGANIZATION + "beta", "provider-location", count=3)
    assert [len(steps) for steps in within][:1] == [2]


def test_likeness_by_hand() -> None:
    graph = two_mode("a1", "a2", "b1", "b2", "b3", "c1")
    first, second = likeness.similar(graph, "a")
    # 1 has three ties, 2 has two; b shares both, two of three in all.
    assert (first.iri, first.reasons) == ("b", ("2", "1"))
    assert first.score == pytest.approx(1 / math.log(2) + 1 / math.log(3))
    assert first.share == pytest.approx(2 / 3)
    assert (second.iri, second.share) == ("c", 0.5)
    assert likeness.similar(graph, "nobody") == []


def test_suggestions_by_hand() -> None:
    # From a over 1 (two ties) to b (two ties) to 2: 1/2 * 1/2.
    [found] = analysis.suggestions(two_mode("a1", "b1", "b2"))
    assert (found.source, found.target, found.score, found.because) == ("a", "2", 0.25, ("b",))
    with pytest.raises(ValueError, match="two sides"):
        analysis.suggestions(club())


def test_hidden_ties_are_found_better_than_by_guessing() -> None:
    tried = analysis.trial(women())
    assert tried is not None
    assert tried.hidden == 9
    assert 0.5 < tried.by_shared <= 1
    assert analysis.trial(two_mode("a1")) is None


def test_white_space_by_hand(store: Store) -> None:
    # Partners with a category, a product and a place: Alpha and Beta, both telecommunications companies.
    cells = analysis.white_space(store, fewest=1)
    assert all(cell.partners < cell.expected for cell in cells)
    assert {cell.labels[0] for cell in cells} <= {"telecommunications-company"}
    with pytest.raises(KeyError):
        analysis.white_space(store, ("colour",))


def test_a_suggestion_is_never_published(store: Store) -> None:
    suggested = {
        (NamedNode(row.source), NamedNode(row.target))
        for name in analysis.names()
        if analysis.describe(name).two_mode
        for row in analysis.suggestions(analysis.project(store, name))
    }
    assert suggested
    assert not any((quad.subject, quad.object) in suggested for quad in analysis.quads(store))


# Exports -----------------------------------------------------------------------------------------------


def read(name: str, written: bytes, *, directed: bool) -> "nx.Graph[str]":
    if name == "graphml":
        return nx.read_graphml(BytesIO(written))
    if name == "gexf":
        return nx.read_gexf(BytesIO(written))
    if name == "json":
        return nx.node_link_graph(json.loads(written), edges="links")
    kind = nx.DiGraph if directed else nx.Graph
    return nx.from_pandas_edgelist(pd.read_csv(BytesIO(written)), edge_attr=True, create_using=kind)


@pytest.mark.parametrize("form", [form.name for form in analysis.FORMATS])
@pytest.mark.parametrize("name", analysis.names())
def test_plain_networkx_reads_the_published_numbers_from_every_format(store: Store, name: str, form: str) -> None:
    graph = analysis.project(store, name)
    written = analysis.exported(graph, form)
    assert analysis.exported(analysis.project(store, name), form) == written
    again = read(form, written, directed=graph.is_directed())
    plain = {
        "degree": dict(again.degree()),
        "strength": dict(again.degree(weight="weight")),
        "betweenness": nx.betweenness_centrality(again),
        "pagerank": nx.pagerank(again, tol=1e-15, max_iter=1000),
        "core": nx.core_number(again.to_undirected()),
    }
    for measure, theirs in plain.items():
        ours = {row.iri: row.value for row in analysis.measure(graph, measure)}
        assert ours == pytest.approx(theirs, rel=1e-11), measure


def test_an_unknown_format_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        analysis.exported(club(), "dot")


def test_a_label_with_a_comma_or_markup_stays_in_its_cell() -> None:
    graph = two_mode("a1")
    graph.nodes["a"]["label"] = 'Smith, "Jones" <&> Co'
    [_, row] = csv.reader(StringIO(analysis.exported(graph, "csv").decode()))
    assert row[4] == 'Smith, "Jones" <&> Co'
    ET.fromstring(analysis.exported(graph, "gexf"))


@pytest.mark.parametrize("name", analysis.names())
def test_a_picture_says_what_it_shows(store: Store, name: str) -> None:
    graph = analysis.project(store, name)
    drawn = analysis.picture(graph, "2026-11-22")
    assert drawn == analysis.picture(analysis.project(store, name), "2026-11-22")
    said = ET.fromstring(drawn).findtext("{http://www.w3.org/2000/svg}desc") or ""
    described = analysis.describe(name)
    numbers = ("2026-11-22", f"{len(graph)} nodes")
    for part in (described.title, described.rule, described.bias, described.warning, *numbers):
        assert part in said
    curve = ET.fromstring(analysis.curve(graph, analysis.robustness(graph), "2026-11-22"))
    assert curve.findtext("{http://www.w3.org/2000/svg}title")


# What is published, and its check ----------------------------------------------------------------------


@pytest.mark.long
def test_check_agrees_and_finds_what_was_changed(store: Store) -> None:
    digest = analysis.check(in_memory(facts())).facts
    said = list(analysis.quads(store, facts_digest=digest))
    found = analysis.check(in_memory([*facts(), *said]))
    assert found.agrees, (found.missing[:3], found.unexpected[:3])
    assert found.compared == len(said)
    worse = next(q for q in said if q.predicate.value == ONTOLOGY + "rank")
    changed = [q for q in said if q != worse] + [Quad(worse.subject, worse.predicate, Literal(99), worse.graph_name)]
    found = analysis.check(in_memory([*facts(), *changed]))
    assert not found.agrees
    assert found.missing == (worse,)
    another = Quad(NamedNode(ORGANIZATION + "new"), NamedNode(ONTOLOGY + "offers"), NamedNode(THING + "solution/x"),
                   NamedNode(GRAPH + "offers"))  # fmt: skip
    assert analysis.check(in_memory([*facts(), *said, another])).facts != digest


@pytest.mark.long
def test_a_value_within_the_tolerance_of_its_measure_is_no_fault(store: Store) -> None:
    digest = analysis.check(in_memory(facts())).facts
    said = list(analysis.quads(store, facts_digest=digest))
    of = next(q for q in said if "betweenness" in str(q.subject) and q.predicate.value == ONTOLOGY + "value"
              and q.object.value not in ("0", "1"))  # fmt: skip
    near = Literal(str(float(of.object.value) * (1 + 1e-12))[:20], datatype=of.object.datatype)
    moved = [q for q in said if q != of] + [Quad(of.subject, of.predicate, near, of.graph_name)]
    found = analysis.check(in_memory([*facts(), *moved]))
    assert found.agrees
    assert found.rounding == (1 if near != of.object else 0)


def test_where_a_thing_stands_is_read_back(store: Store) -> None:
    published = in_memory([*facts(), *analysis.quads(store)])
    standing = analysis.standings(published, ORGANIZATION + "alpha")
    assert ("provider-location", "degree", 1, 4) in {
        (one.network.name, one.measure, one.rank, one.population) for one in standing}  # fmt: skip
    described = analysis.describe("provider-location")
    assert {one.kind.name for one in analysis.published_structure(published, described)} >= {"modularity", "stability"}
    members = analysis.published_communities(published, described)
    assert sum(one.members for one in members) == 9
    assert analysis.published_structure(store, described) == []


def test_the_joined_network_warns(store: Store) -> None:
    joined = analysis.describe("all-sources")
    assert "mirror the sources" in joined.warning
    for name in analysis.REPORTS:
        assert any("mirror the sources" in note for note in analysis.report(store, joined, name).notes), name
    assert [name for name in analysis.names() if analysis.describe(name).warning] == ["all-sources"]


def test_fold_gives_what_networkx_calls_newmans_weights(store: Store) -> None:
    edges = [networks.Edge(a, b, 1, ("g",), 0) for a, b in women().edges()]
    ours = {(edge.source, edge.target): edge.weight for edge in networks.fold(edges)}
    top = [node for node, data in women().nodes(data=True) if data["mode"] == "source"]
    theirs = nx.bipartite.collaboration_weighted_projected_graph(women(), top)
    assert ours == pytest.approx({(min(a, b), max(a, b)): w for a, b, w in theirs.edges(data="weight")})


# The shipped graph -------------------------------------------------------------------------------------


LARGE = ("all-sources", "partner-partner", "partner-product", "programme-participation", "publisher-category",
         "solution-technology")  # seconds in plain networkx  # fmt: skip
BY_IGRAPH = ("closeness", "betweenness", "core", "constraint", "pagerank", "hub", "authority")


def from_first_to_second(graph: "nx.Graph[str]") -> "nx.DiGraph[str]":
    """Give the ties as HITS takes them: as they point, in two modes from the first side to the second."""
    pointed: nx.DiGraph[str] = nx.DiGraph()
    pointed.add_nodes_from(graph)
    for tail, head, data in graph.edges(data=True):
        ends = (head, tail) if graph.nodes[tail].get("mode") == "target" else (tail, head)
        pointed.add_edge(*ends, **data)
    return pointed


def lost_without(graph: "nx.Graph[str]", node: str) -> int:
    """Give how many of a node's part lose touch with the largest rest when it goes, by plain networkx."""
    plain = graph.to_undirected()
    rest = plain.subgraph(nx.node_connected_component(plain, node) - {node})
    return len(rest) - max(map(len, nx.connected_components(rest)), default=0)


def spread(graph: "nx.Graph[str]", group: dict[str, str]) -> dict[str, float]:
    """Give how evenly each node's ties spread over the published communities, by plain networkx."""
    plain = graph.to_undirected()
    shares = {node: Counter(group[other] for other in plain[node]) for node in plain}
    return {node: 1 - sum((n / own.total()) ** 2 for n in own.values()) for node, own in shares.items()}


def strongest_parts(graph: "nx.DiGraph[str]") -> int:
    """Give how many of the largest singular values of the ties are equal: of so many vectors any mixture is one."""
    strengths = svds(nx.to_scipy_sparse_array(graph, dtype=float), k=2, return_singular_vectors=False,
                                         random_state=0)  # fmt: skip
    return 1 + bool(abs(strengths[0] - strengths[1]) < 1e-6 * max(strengths))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.long] if name in LARGE else []) for name in analysis.names()]
)
def test_igraph_and_networkx_agree_on_the_real_graphs(snapshot: Snapshot, name: str) -> None:
    """What a measure says plain networkx has for it gives its values, within the tolerance that the measure states."""
    graph = analysis.project(snapshot.store, name)
    pointed = from_first_to_second(graph)
    for measure in (analysis.definition(one) for one in BY_IGRAPH if one in analysis.applicable(graph)):
        if measure.name in ("hub", "authority") and strongest_parts(pointed) > 1:
            continue  # there is no one answer, and networkx gives any
        theirs = eval(measure.plain, {"nx": nx, "G": graph, "D": pointed})
        ours = measure.compute(graph)
        assert ours == pytest.approx(theirs, rel=measure.tolerance, abs=1e-12), measure.name
    points = {node for node, lost in positions.cut_off(graph).items() if lost}
    assert points == set(nx.articulation_points(graph.to_undirected()))


@pytest.mark.long
@pytest.mark.timeout(600)
def test_only_rdflib_and_networkx_give_the_published_top_ten(snapshot: Snapshot, tmp_path: Path) -> None:
    """Who has the files and no code of ours gets the first ten of every measure, from the network and from the RDF."""
    plain = {
        "degree": lambda g: dict(g.degree()),
        "strength": lambda g: dict(g.degree(weight="weight")),
        "closeness": lambda g: nx.closeness_centrality(g.to_undirected()),
        "betweenness": nx.betweenness_centrality,
        "pagerank": lambda g: nx.pagerank(g, tol=1e-15, max_iter=1000),
        "core": lambda g: nx.core_number(g.to_undirected()),
        "constraint": lambda g: nx.constraint(g, weight="weight"),
        "in-degree": lambda g: dict(g.in_degree()),
        "out-degree": lambda g: dict(g.out_degree()),
        "component-size": lambda g: {n: len(p) for p in nx.connected_components(g.to_undirected()) for n in p},
    }
    for name in analysis.names():
        described = analysis.describe(name)
        network = tmp_path / "n.graphml"
        network.write_bytes(analysis.exported(analysis.project(snapshot.store, name), "graphml"))
        data = Dataset()
        results = snapshot.store.quads_for_pattern(None, None, None, NamedNode(described.graph))
        data.parse(data="\n".join(f"{quad.triple} ." for quad in results), format="nt")
        graph = nx.read_graphml(network)
        asked = f"PREFIX pe: <{ONTOLOGY}> SELECT * WHERE "
        rows = data.query(asked + "{ ?o pe:rank ?rank ; pe:metric ?metric ; pe:about ?node ; pe:value ?value }")
        published: dict[str, dict[str, tuple[float, int]]] = {}
        for row in rows:
            own = published.setdefault(str(row.metric).rsplit("/", 1)[-1], {})  # type: ignore[union-attr]
            own[str(row.node)] = float(row.value), int(row.rank)  # type: ignore[union-attr]
        group = {str(row.node): str(row.group) for row in data.query(asked + "{ ?node pe:inCommunity ?group }")}  # type: ignore[union-attr]
        assert set(published) <= {*plain, "hub", "authority", "participation", "cut-off"}
        hubs, authorities = nx.hits(from_first_to_second(graph))
        besides = {"participation": lambda g: spread(g, group)}  # noqa: B023
        if min(hubs.values()) > -1e-6:  # else several parts are equally strong
            besides |= {"hub": lambda _: hubs, "authority": lambda _: authorities}  # noqa: B023
        for measure, compute in (plain | besides).items():
            if measure in published:
                theirs = compute(graph)
                allowed = 1e-6 if measure in ("hub", "authority") else 1e-9
                for node, (number, rank) in published[measure].items():
                    assert number == pytest.approx(theirs[node], rel=allowed, abs=1e-9), (name, measure, node)
                    if rank <= 10 and measure not in ("hub", "authority"):
                        side = graph.nodes[node].get("mode")
                        ranked = [theirs[other] for other, mode in graph.nodes(data="mode") if mode == side]
                        assert rank == 1 + sum(other > number * (1 + 1e-9) + 1e-12 for other in ranked), (measure, node)
        for node, (number, rank) in published["cut-off"].items():
            if rank <= 10:
                assert number == lost_without(graph, node)


@pytest.mark.long
def test_the_shipped_analysis_checks(snapshot: Snapshot) -> None:
    found = analysis.check(snapshot.store)
    assert found.agrees, (found.missing[:3], found.unexpected[:3], found.facts, found.facts_named)


NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook" / "analysis.md"


@pytest.mark.long
def test_the_notebook_runs_from_top_to_bottom(data: DataDirectory) -> None:
    cells = re.findall(r"```python\n(.*?)```", NOTEBOOK.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(cells) == 8
    names: dict[str, object] = {"DATA_DIR": data.path}
    for cell in cells:
        exec(compile(cell, str(NOTEBOOK), "exec"), names)
    assert isinstance(names["between"], pd.DataFrame)
    assert len(names["between"]) == len(names["providers"])  # type: ignore[arg-type]
    assert {"modularity", "robustness to random loss"} <= set(names["structure"]["figure"])  # type: ignore[index]

"""Who depends on whom: what hangs by one thread, what falls if one goes, and how fast a network falls apart."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

import networkx as nx
from pyoxigraph import NamedNode, Store

from graph.analysis.networks import SOURCE_SIDE, TARGET_SIDE, Projected, label_of, names, project
from graph.analysis.positions import cut_off
from graph.analysis.summaries import rounded, undirected
from graph.names import ONTOLOGY

PLACES: Final = "provider-location"
EXCHANGES: Final = "provider-via-provider"
SOLUTIONS: Final = "solution-dependency"
# Networks whose ties carry something: without them somebody loses reach. Sharing a category carries nothing.
CARRYING: Final = (PLACES, EXCHANGES)
RANDOM_ORDERS: Final = 20
STEPS: Final = 20


class Reliance(NamedTuple):
    """A place or an organisation that has `through` and nobody else."""

    iri: str
    label: str
    through: str
    through_label: str


class ArticulationPoint(NamedTuple):
    """A node without which its part of `network` falls apart, `cut_off` nodes losing touch with the largest
    rest.
    """

    network: str
    iri: str
    label: str
    kind: str
    cut_off: int


class Bridge(NamedTuple):
    """A tie without which its part of `network` falls in two, the smaller of `cut_off` nodes."""

    network: str
    one: str
    one_label: str
    other: str
    other_label: str
    cut_off: int


class SinglePoints(NamedTuple):
    """The single points of failure: places with one provider, organisations with one way in, articulation
    points.
    """

    places: tuple[Reliance, ...]
    organizations: tuple[Reliance, ...]
    articulation: tuple[ArticulationPoint, ...]


class Loss(NamedTuple):
    """What somebody loses if a thing goes: `what` says which kind of loss, in which network.

    `steps` counts how many ties away the loss is, 1 where it is direct.
    """

    network: str
    what: str
    iri: str
    label: str
    steps: int


class Removal(NamedTuple):
    """What is left when a `share` of the nodes is gone: the largest part's share of all nodes, gone at random (mean of
    twenty orders) or those with most ties first.
    """

    share: float
    random: float
    targeted: float


def single_points(store: Store) -> SinglePoints:
    """Give the single points of failure of the networks of providers, each list sorted (articulation: worst
    first).

    An organisation has one way in when it connects via exactly one other and peers at no location itself.
    """
    places, exchanges = project(store, PLACES), project(store, EXCHANGES)
    peering = {node for node in places if places.nodes[node]["mode"] == SOURCE_SIDE}
    points = [*_articulation(PLACES, places), *_articulation(EXCHANGES, exchanges)]
    return SinglePoints(
        places=tuple(sorted(_single(places, [n for n in places if places.nodes[n]["mode"] == TARGET_SIDE]))),
        organizations=tuple(sorted(_single(exchanges, [n for n in exchanges if n not in peering]))),
        articulation=tuple(sorted(points, key=lambda point: (-point.cut_off, point.network, point.iri))),
    )


def _single(graph: "nx.Graph[str]", among: Sequence[str]) -> Iterator[Reliance]:
    """Give those of `among` that are tied (to) exactly one."""
    for node in among:
        if len(graph[node]) == 1:
            through = next(iter(graph[node]))
            yield Reliance(node, graph.nodes[node]["label"], through, graph.nodes[through]["label"])


def _articulation(network: str, graph: "nx.Graph[str]") -> Iterator[ArticulationPoint]:
    for node, lost in cut_off(graph).items():
        if lost:
            data = graph.nodes[node]
            yield ArticulationPoint(network, node, data["label"], data["kind"], int(lost))


def bridges(graph: "nx.Graph[str]") -> list[Bridge]:
    """Give the ties of `graph` whose loss parts it, directions ignored, worst first.

    R. E. Tarjan, "A note on finding the bridges of a graph", Information Processing Letters 2 (1974).
    """
    plain = undirected(graph)
    cuts = sorted((min(pair), max(pair)) for pair in nx.bridges(plain))
    # What stays whole when every bridge is gone becomes one node; bridges between these make a forest.
    whole = plain.copy()
    whole.remove_edges_from(cuts)
    part = {node: i for i, members in enumerate(nx.connected_components(whole)) for node in members}
    sizes = Counter(part.values())
    forest: nx.Graph[int] = nx.Graph()
    forest.add_nodes_from(sizes)
    forest.add_edges_from((part[one], part[other]) for one, other in cuts)
    below, above = _subtrees(forest, sizes)
    found = []
    for one, other in cuts:
        child = part[one] if above.get(part[one]) == part[other] else part[other]
        root = child
        while root in above:
            root = above[root]
        lost = min(below[child], below[root] - below[child])
        labels = [plain.nodes[end].get("label", end) for end in (one, other)]
        found.append(Bridge(str(graph.graph.get("name", "")), one, labels[0], other, labels[1], lost))
    return sorted(found, key=lambda bridge: (-bridge.cut_off, bridge.one, bridge.other))


def _subtrees(forest: "nx.Graph[int]", sizes: Mapping[int, int]) -> tuple[dict[int, int], dict[int, int]]:
    """Give the size below each node of a rooted forest, itself included, and the node above each that is no root."""
    below, above = dict(sizes), {}
    for tree in nx.connected_components(forest):
        order = list(nx.dfs_edges(forest, min(tree)))
        for parent, child in order:
            above[child] = parent
        for parent, child in reversed(order):
            below[parent] += below[child]
    return below, above


def without(store: Store, iri: str, network: Projected | None = None) -> list[Loss]:
    """Give who loses what if the thing `iri` goes, by the networks of this version, direct losses first.

    Places lose their only provider; organisations lose their only way in or touch with the largest rest; solutions
    break that depend on it or on a solution of its, however many steps away. Empty where nothing is lost. `network`
    gives the networks, drawn from `store` by default.
    """
    network = partial(project, store) if network is None else network
    found: list[Loss] = []
    for name in CARRYING:
        graph = network(name)
        if iri in graph:
            found += _unreached(graph, iri)
    if SOLUTIONS in names():
        found += _broken(store, iri, network(SOLUTIONS))
    return sorted(found, key=lambda loss: (loss.network, loss.what, loss.steps, loss.label.casefold(), loss.iri))


def _unreached(graph: "nx.Graph[str]", iri: str) -> Iterator[Loss]:
    """Give who is left with nobody, and who is left in a smaller part, when `iri` goes."""
    name, plain = str(graph.graph["name"]), undirected(graph)
    alone = {node for node in plain[iri] if len(plain[node]) == 1}
    if graph.is_directed():
        alone |= {node for node in graph.predecessors(iri) if len(graph[node]) == 1}  # type: ignore[attr-defined]
    for node in sorted(alone):
        mode = graph.nodes[node].get("mode", "")
        what = "loses its only provider" if mode == TARGET_SIDE else "loses its only tie"
        yield Loss(name, what, node, graph.nodes[node]["label"], 1)
    within = nx.node_connected_component(plain, iri) - {iri}
    parts = sorted(nx.connected_components(plain.subgraph(within)), key=lambda part: (-len(part), min(part)))
    for part in parts[1:]:
        for node in sorted(part - alone):
            steps = int(nx.shortest_path_length(plain, iri, node))
            yield Loss(name, "loses touch with the largest rest", node, graph.nodes[node]["label"], steps)


def _broken(store: Store, iri: str, graph: "nx.Graph[str]") -> Iterator[Loss]:
    offered = {node for node in graph if _offers(store, iri, node)}
    gone = offered | ({iri} if iri in graph else set())
    steps: dict[str, int] = dict.fromkeys(gone, 0)
    layer = sorted(gone)
    while layer:
        above = {before for node in layer for before in graph.predecessors(node)} - steps.keys()  # type: ignore[attr-defined]
        steps.update(dict.fromkeys(above, steps[layer[0]] + 1))
        layer = sorted(above)
    for node, away in steps.items():
        if away:
            yield Loss(SOLUTIONS, "needs it to work", node, label_of(store, node), away)
        elif node != iri:
            yield Loss(SOLUTIONS, "is offered by it", node, label_of(store, node), 1)


def _offers(store: Store, organization: str, solution: str) -> bool:
    said = store.quads_for_pattern(NamedNode(organization), NamedNode(ONTOLOGY + "offers"), NamedNode(solution), None)
    return next(said, None) is not None


def robustness(graph: "nx.Graph[str]", orders: int = RANDOM_ORDERS) -> list[Removal]:
    """Give how the largest part shrinks as nodes go, at each twentieth of the nodes, directions ignored.

    R. Albert, H. Jeong and A.-L. Barabasi, "Error and attack tolerance of complex networks", Nature 406 (2000); random
    orders by the seeds 0, 1, ...; targeted in the order of degree at the start, then of name.
    """
    plain = undirected(graph)
    if not len(plain):
        return []
    targeted = _largest_left(plain, sorted(plain, key=lambda node: (-plain.degree[node], node)))
    curves = []
    for seed in range(orders):
        order = sorted(plain)
        random.Random(seed).shuffle(order)
        curves.append(_largest_left(plain, order))
    n = len(plain)
    found = []
    for step in range(STEPS + 1):
        gone = round(step * n / STEPS)
        mean = sum(curve[gone] for curve in curves) / orders
        found.append(Removal(rounded(step / STEPS), rounded(mean / n), rounded(targeted[gone] / n)))
    return found


def _largest_left(plain: "nx.Graph[str]", order: Sequence[str]) -> list[int]:
    """Give the size of the largest part after 0, 1, 2, ... nodes of `order` are gone.

    Backwards: nodes come back one by one, and parts are joined (M. E. J. Newman and R. M. Ziff, 2000).
    """
    parts: nx.utils.UnionFind[str] = nx.utils.UnionFind()
    sizes: dict[str, int] = {}
    largest, back = [0], 0
    for node in reversed(order):
        root, size = parts[node], 1
        for neighbour in plain[node]:
            if neighbour in sizes and (other := parts[neighbour]) != root:
                size += sizes[other]
                parts.union(root, other)
                root = parts[node]
        sizes[node] = sizes[root] = size
        back = max(back, size)
        largest.append(back)
    return largest[::-1]

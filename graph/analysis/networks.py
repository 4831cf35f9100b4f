"""The networks: documented projections of the graph onto nodes and weighted edges, files in `networks/`.

A file opens with comment lines: the question and how it is projected, in English, then `# name: value` lines
(title, bias, directed, modes, ties; where they apply also acyclic and warning). The query gives `?source ?target
?weight`, `?evidence` (the named graphs that state the tie, between spaces) and, where ties have dates, `?since` (a
year). It leaves out the ecosystem's operator, since the firm that everybody is tied to says nothing about who else is.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import combinations, takewhile
from typing import Final, NamedTuple

import networkx as nx
from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, Store

from graph.errors import Foreseen
from graph.names import PREFIXES, graph_iri, kind_and_slug, term_of, thing

SOURCE_SIDE = "source"
TARGET_SIDE = "target"

Projected = Callable[[str], "nx.Graph[str]"]
"""What gives a network by its name."""

MODES: Final = ("one", "two", "folded")

_SETTING = re.compile(r"(?P<name>title|bias|directed|modes|ties|acyclic|warning): (?P<value>.+)")
_NEEDED = frozenset(("title", "bias", "directed", "modes", "ties"))
_LABELS = (NamedNode(PREFIXES["rdfs"] + "label"), NamedNode(PREFIXES["skos"] + "prefLabel"))
_UNION = DefaultGraph()


@dataclass(frozen=True, slots=True)
class Network:
    """A documented projection; `rule` says how, `ties` are the properties (IRIs) that make its edges.

    `modes` is `one`, `two` (ties run from one side to the other) or `folded` (the query gives two sides; sources that
    share targets are tied, see `fold`). `acyclic` says that no circle is expected, `warning` what must be said wherever
    the network is shown.
    """

    name: str
    title: str
    rule: str
    bias: str
    directed: bool
    modes: str
    ties: tuple[str, ...]
    query: str
    acyclic: bool = False
    warning: str = ""

    @property
    def two_mode(self) -> bool:
        """Whether the network has two sides, with ties between them only."""
        return self.modes == "two"

    @property
    def iri(self) -> str:
        """The IRI of the network as a thing."""
        return thing("network", self.name)

    @property
    def graph(self) -> str:
        """The IRI of the named graph that holds the network's results."""
        return graph_iri(f"analysis-{self.name}")

    @property
    def question(self) -> str:
        """The first sentence of the rule: what the network answers."""
        return self.rule.partition("?")[0] + "?"


class ProjectionError(Foreseen, ValueError):
    """The data does not fit a network's projection; the message says which node."""


class Edge(NamedTuple):
    """A row of a projection: `evidence` are the graphs that state it, `since` its first year, 0 where undated."""

    source: str
    target: str
    weight: float
    evidence: tuple[str, ...]
    since: int


def names() -> tuple[str, ...]:
    """Give the names of the networks, sorted."""
    found = (file.name for file in _folder().iterdir() if file.name.endswith(".rq"))
    return tuple(sorted(name.removesuffix(".rq") for name in found))


def describe(name: str) -> Network:
    """Give the network called `name`; KeyError where there is none, ValueError as in `parse`."""
    if name not in names():
        raise KeyError(name)
    return parse(name, (_folder() / f"{name}.rq").read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Network:
    """Read a projection's file `text`; ValueError where a metadata line is missing or malformed."""
    comments = [line[1:].strip() for line in takewhile(lambda line: line.startswith("#"), text.splitlines())]
    settings = {m["name"]: m["value"].strip() for line in comments if (m := _SETTING.fullmatch(line))}
    rule = " ".join(line for line in comments if not _SETTING.fullmatch(line))
    missing = sorted(_NEEDED - settings.keys())
    if missing or "?" not in rule:
        raise ValueError(f"{name}.rq: its comment lines lack {', '.join(missing) or 'a question'}")
    if settings["modes"] not in MODES:
        raise ValueError(f"{name}.rq: {settings['modes']!r} where one of {', '.join(MODES)} belongs")
    return Network(
        name=name,
        title=settings["title"],
        rule=rule,
        bias=settings["bias"],
        directed=_choice(name, settings["directed"], yes="yes", no="no"),
        modes=settings["modes"],
        ties=tuple(term_of(tie) for tie in settings["ties"].split()),
        query=text,
        acyclic=_choice(name, settings.get("acyclic", "no"), yes="yes", no="no"),
        warning=settings.get("warning", ""),
    )


def project(store: Store, name: str) -> "nx.Graph[str]":
    """Give the network called `name` as a networkx Graph, or DiGraph where it is directed.

    Nodes are IRIs, sorted, with `iri`, `label`, `kind` (the kind of thing) and, in a two-mode network, `mode`
    (`source` or `target`). Edges are sorted and have a `weight`, their `evidence` (IRIs of named graphs between
    spaces) and, where it is known, `since` (a year). The graph's own attributes say what it is. KeyError where there
    is no such network; ProjectionError where a node of a two-mode network stands on both sides.
    """
    return build(describe(name), store)


def build(network: Network, store: Store) -> "nx.Graph[str]":
    """Give the networkx graph of `network` over `store`; see `project`."""
    edges = sorted(_edges(store, network.query))
    sources = {edge.source for edge in edges}
    targets = {edge.target for edge in edges}
    if network.modes != "one" and sources & targets:
        raise ProjectionError(
            f"{network.name}: {min(sources & targets)} stands on both sides of a two-mode network"
        )
    if network.modes == "folded":
        edges = fold(edges)
        targets = sources
    graph: nx.Graph[str] = nx.DiGraph() if network.directed else nx.Graph()
    graph.graph.update(name=network.name, title=network.title, rule=network.rule, bias=network.bias)
    if network.warning:
        graph.graph["warning"] = network.warning
    tied = {node for edge in edges for node in edge[:2]}
    for iri, label in labels(store, tied).items():
        graph.add_node(iri, iri=iri, label=label, kind=kind_of(iri))
        if network.two_mode:
            graph.nodes[iri]["mode"] = SOURCE_SIDE if iri in sources else TARGET_SIDE
    for edge in edges:
        graph.add_edge(edge.source, edge.target, weight=edge.weight, evidence=" ".join(edge.evidence))
        if edge.since:
            graph[edge.source][edge.target]["since"] = edge.since
    return graph


def fold(edges: Iterable[Edge]) -> list[Edge]:
    """Tie the sources of `edges` that share a target, sorted; a target of k sources gives each pair 1 / (k - 1).

    So each source hands out one unit a target, whatever the number of those it shares it with: M. E. J. Newman,
    "Scientific collaboration networks II", Physical Review E 64 (2001), 016132, eq. 2;
    `networkx.bipartite.collaboration_weighted_projected_graph`. A tie dates from when both had its first target.
    """
    sharing: dict[str, list[Edge]] = {}
    for edge in sorted(edges):
        sharing.setdefault(edge.target, []).append(edge)
    shares: dict[tuple[str, str], list[tuple[float, Edge, Edge]]] = {}
    for together in sharing.values():
        for one, other in combinations(together, 2):
            share = 1 / (len(together) - 1)
            shares.setdefault((one.source, other.source), []).append((share, one, other))
    return [
        Edge(
            *pair,
            float(f"{math.fsum(share for share, _, _ in found):.12g}"),
            tuple(sorted({graph for _, one, other in found for graph in (*one.evidence, *other.evidence)})),
            min(0 if 0 in (one.since, other.since) else max(one.since, other.since) for _, one, other in found),
        )
        for pair, found in sorted(shares.items())
    ]


def documents(store: Store) -> dict[str, str]:
    """Give the document that each named graph was derived from (`prov:wasDerivedFrom`; of several, the first)."""
    derived = store.quads_for_pattern(None, NamedNode(PREFIXES["prov"] + "wasDerivedFrom"), None, _UNION)
    found: dict[str, str] = {}
    for quad in derived:
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            graph, document = quad.subject.value, quad.object.value
            found[graph] = min(found.get(graph, document), document)
    return found


def labels(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """Give the label of each of `iris`, sorted by IRI."""
    return {iri: label_of(store, iri) for iri in sorted(set(iris))}


def label_of(store: Store, iri: str) -> str:
    """Give the label of `iri`, English or untagged first; without any, the IRI's last part."""
    for property_ in _LABELS:
        found = [
            (literal.language not in (None, "en"), literal.value)
            for quad in store.quads_for_pattern(NamedNode(iri), property_, None, _UNION)
            if isinstance(literal := quad.object, Literal)
        ]
        if found:
            return min(found)[1]
    return last_part(iri)


def last_part(iri: str) -> str:
    """Give the last part of `iri`: what stands for a thing without a label."""
    return re.split(r"[/#]", iri.rstrip("/#"))[-1]


def kind_of(iri: str) -> str:
    """Give the kind of thing that `iri` names; empty where it is none of ours."""
    found = kind_and_slug(iri)
    return found[0] if found else ""


def _folder() -> Traversable:
    return files("graph.analysis") / "networks"


def _edges(store: Store, query: str) -> Iterator[Edge]:
    solutions = store.query(query)
    if not isinstance(solutions, QuerySolutions):
        raise ValueError("a projection must be a SELECT query")
    dated = any(variable.value == "since" for variable in solutions.variables)
    for solution in solutions:
        source, target, weight = solution["source"], solution["target"], solution["weight"]
        evidence, since = solution["evidence"], solution["since"] if dated else None
        if isinstance(source, NamedNode) and isinstance(target, NamedNode) and isinstance(weight, Literal):
            yield Edge(
                source.value,
                target.value,
                int(weight.value),
                tuple(sorted(evidence.value.split())) if isinstance(evidence, Literal) else (),
                int(since.value) if isinstance(since, Literal) else 0,
            )


def _choice(name: str, value: str, *, yes: str, no: str) -> bool:
    if value not in (yes, no):
        raise ValueError(f"{name}.rq: {value!r} where {yes} or {no} belongs")
    return value == yes

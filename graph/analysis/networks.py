"""The networks: documented projections of the graph onto nodes and weighted edges, files in `networks/`.

A file opens with comment lines: the question and how it is projected, in English, then `# name: value` lines
(title, bias, directed, modes, ties). The query gives `?source ?target ?weight` and leaves out the ecosystem's
operator, since the firm that everybody is tied to says nothing about who else is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import takewhile

import networkx as nx
from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, Store

from graph.names import PREFIXES, graph_iri, kind_and_slug, term_of, thing

SOURCE_SIDE = "source"
TARGET_SIDE = "target"

_SETTING = re.compile(r"(?P<name>title|bias|directed|modes|ties): (?P<value>.+)")
_LABELS = (NamedNode(PREFIXES["rdfs"] + "label"), NamedNode(PREFIXES["skos"] + "prefLabel"))
_UNION = DefaultGraph()


@dataclass(frozen=True, slots=True)
class Network:
    """A documented projection; `rule` says how, `ties` are the properties (IRIs) that make its edges."""

    name: str
    title: str
    rule: str
    bias: str
    directed: bool
    two_mode: bool
    ties: tuple[str, ...]
    query: str

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
    missing = sorted({"title", "bias", "directed", "modes", "ties"} - settings.keys())
    if missing or "?" not in rule:
        raise ValueError(f"{name}.rq: its comment lines lack {', '.join(missing) or 'a question'}")
    return Network(
        name=name,
        title=settings["title"],
        rule=rule,
        bias=settings["bias"],
        directed=_choice(name, settings["directed"], yes="yes", no="no"),
        two_mode=_choice(name, settings["modes"], yes="two", no="one"),
        ties=tuple(term_of(tie) for tie in settings["ties"].split()),
        query=text,
    )


def project(store: Store, name: str) -> "nx.Graph[str]":
    """Give the network called `name` as a networkx Graph, or DiGraph where it is directed.

    Nodes are IRIs, sorted, with `iri`, `label`, `kind` (the kind of thing) and, in a two-mode network, `mode`
    (`source` or `target`); edges are sorted and have an integer `weight`. The graph's own attributes say what
    it is. KeyError where there is no such network; ValueError where a node of a two-mode network stands on
    both sides.
    """
    return build(describe(name), store)


def build(network: Network, store: Store) -> "nx.Graph[str]":
    """Give the networkx graph of `network` over `store`; see `project`."""
    edges = sorted(_edges(store, network.query))
    sources = {source for source, _, _ in edges}
    targets = {target for _, target, _ in edges}
    if network.two_mode and sources & targets:
        raise ValueError(
            f"{network.name}: {min(sources & targets)} stands on both sides of a two-mode network"
        )
    graph: nx.Graph[str] = nx.DiGraph() if network.directed else nx.Graph()
    graph.graph.update(name=network.name, title=network.title, rule=network.rule, bias=network.bias)
    for iri, label in labels(store, sources | targets).items():
        graph.add_node(iri, iri=iri, label=label, kind=kind_of(iri))
        if network.two_mode:
            graph.nodes[iri]["mode"] = SOURCE_SIDE if iri in sources else TARGET_SIDE
    for source, target, weight in edges:
        graph.add_edge(source, target, weight=weight)
    return graph


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
    return re.split(r"[/#]", iri.rstrip("/#"))[-1]


def kind_of(iri: str) -> str:
    """Give the kind of thing that `iri` names; empty where it is none of ours."""
    found = kind_and_slug(iri)
    return found[0] if found else ""


def _folder() -> Traversable:
    return files("graph.analysis") / "networks"


def _edges(store: Store, query: str) -> Iterator[tuple[str, str, int]]:
    solutions = store.query(query)
    if not isinstance(solutions, QuerySolutions):
        raise ValueError("a projection must be a SELECT query")
    for solution in solutions:
        source, target, weight = solution["source"], solution["target"], solution["weight"]
        if isinstance(source, NamedNode) and isinstance(target, NamedNode) and isinstance(weight, Literal):
            yield source.value, target.value, int(weight.value)


def _choice(name: str, value: str, *, yes: str, no: str) -> bool:
    if value not in (yes, no):
        raise ValueError(f"{name}.rq: {value!r} where {yes} or {no} belongs")
    return value == yes

"""What rules derive, kept exact while statements change, and which graphs are derived: no request may write to them."""

from collections.abc import Iterable, Sequence
from typing import Final

from pyoxigraph import NamedNode, Store

from graph.analysis.cube import MEASURES_GRAPH
from graph.change.delta import Working
from graph.engine.tokens import tokens
from graph.names import GRAPH, PREFIXES
from graph.provenance import MEASURED
from graph.quads import CATALOGUE, VOCABULARY, of_description, of_graph_names, of_rule
from graph.rules import Rule, rules
from graph.store import graph_names, in_memory, name_of

_RULE: Final = GRAPH + "rule-"


def is_derived(graph: str) -> bool:
    """Whether a graph of a built version is made of the others."""
    return graph.startswith((MEASURED, _RULE)) or graph == MEASURES_GRAPH


def closed_graphs(graphs: Iterable[str]) -> frozenset[str]:
    """Give those of `graphs`, and of what rules would derive, that no request may write: what is derived, and what the
    build says of the graphs themselves and of its words.
    """
    return frozenset({*filter(is_derived, graphs), *(rule.graph for rule in rules()), CATALOGUE, VOCABULARY})


def derive(working: Working) -> None:
    """Apply each rule that names a property of the difference made so far, and make its graph say what follows."""
    changed = {str(triple.predicate) for triple in working.delta.triples()}
    _follow(working, [rule for rule in rules() if _named(rule) & changed])


def derive_all(working: Working) -> None:
    """Apply every rule, and make its graph say what follows."""
    _follow(working, list(rules()))


def _follow(working: Working, concerned: Sequence[Rule]) -> None:
    if not concerned:
        return
    stated = _stated(working.store)
    for rule in concerned:
        graph = NamedNode(rule.graph)
        follows = rule.apply(stated)
        said = list(of_rule(rule, follows))
        if follows and not working.store.contains_named_graph(graph):
            said += [*of_description(rule.description), *of_graph_names(said)]
        working.derive(set(working.of(graph)), {one.quad for one in said})


def _stated(store: Store) -> Store:
    """Give what is not derived, as rules see it at a build."""
    return in_memory(
        quad
        for graph in graph_names(store)
        if not is_derived(name_of(graph))
        for quad in store.quads_for_pattern(None, None, None, graph)
    )


def _named(rule: Rule) -> set[str]:
    """Give the IRIs that a rule's text names, as N-Triples has them."""
    found: set[str] = set()
    for token in tokens(rule.path.read_text(encoding="utf-8")):
        prefix, _, local = token.text.partition(":")
        if token.is_word("a"):
            found.add(f"<{PREFIXES['rdf']}type>")
        elif token.kind == "name" and prefix in PREFIXES:
            found.add(f"<{PREFIXES[prefix]}{local}>")
        elif token.kind == "iri":
            found.add(token.text)
    return found

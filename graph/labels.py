"""Labels of blank nodes that depend on the graph alone: RDFC-1.0 (https://www.w3.org/TR/rdf-canon/), bounded.

The engine does the canonicalisation. Its worst case is exponential ("dataset poisoning" in the
specification) and it has no limit of its own, so the cost is estimated first, from the blank nodes that
look alike.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import exp, lgamma
from typing import Final

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, DefaultGraph, Quad

from graph.errors import Foreseen

MOST_BLANK_NODES: Final = 1_000_000
# Measured on one core: a ring or list of n look-alike nodes costs n^3 * 1e-7 s; two alike nodes with k alike
# neighbours each grow by k! (k = 7: 0.1 s, 8: 1 s, 9: over 8 s). This limit stands for a few seconds.
MOST_WORK: Final = 5e7

# How a blank node is joined to another one: the other's place in the quad, the predicate, the other.
Link = tuple[str, str, BlankNode]


class NotSerialisable(Foreseen, ValueError):
    """The statements cannot be written as asked; the message says which, why, and what to do instead."""


def has_blank(quad: Quad) -> bool:
    """Say whether `quad` has a blank node as subject, object or graph name."""
    return isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode) or _blank_graph(quad)


def canonical(quads: Sequence[Quad]) -> list[Quad]:
    """Give `quads` with the labels that RDFC-1.0 assigns (`c14n0`, `c14n1`, ...), each once, in no order.

    Quads without blank nodes have no influence on the labels, so the caller may leave them out.
    Raises NotSerialisable where there are more than MOST_BLANK_NODES or telling them apart would take too
    long.
    """
    _refuse_poison(quads)
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return list(dataset)


def _blank_graph(quad: Quad) -> bool:
    return isinstance(quad.graph_name, BlankNode)


def _refuse_poison(quads: Sequence[Quad]) -> None:
    looks, links = _first_degree(quads)
    if len(looks) > MOST_BLANK_NODES:
        raise NotSerialisable(
            f"{len(looks):,} blank nodes are more than can be given stable labels ({MOST_BLANK_NODES:,}); "
            "give the resources IRIs"
        )
    counts = Counter(looks.values())
    alike = {node for node, look in looks.items() if counts[look] > 1}
    work = 0.0
    for component in _components(alike, links):
        branching = [_branching(node, alike, looks, links) for node in component]
        # Half of the sum: permutations of neighbours that are met from both ends are counted at both.
        exponent = max(max(branching), sum(branching) / 2)
        work += len(component) ** 3 * exp(min(exponent, 100.0))
        if work > MOST_WORK:
            raise NotSerialisable(
                f"{len(component):,} blank nodes are joined to one another and look alike, so that stable "
                f"labels cannot be worked out in time (one is _:{min(node.value for node in component)}); "
                "give the resources IRIs"
            )


def _first_degree(
    quads: Sequence[Quad],
) -> tuple[dict[BlankNode, frozenset[tuple[str, ...]]], Mapping[BlankNode, set[Link]]]:
    """Give what each blank node looks like from outside (section 4.6), and its links to other blank nodes."""
    looks: defaultdict[BlankNode, set[tuple[str, ...]]] = defaultdict(set)
    links: defaultdict[BlankNode, set[Link]] = defaultdict(set)
    for quad in quads:
        terms = {"s": quad.subject, "o": quad.object, "g": quad.graph_name}
        blank = {place: term for place, term in terms.items() if isinstance(term, BlankNode)}
        predicate = quad.predicate.value
        for node in set(blank.values()):
            shown = [
                "_:a" if term == node else "_:z" if place in blank else _text(term)
                for place, term in terms.items()
            ]
            looks[node].add((predicate, *shown))
            links[node].update((place, predicate, other) for place, other in blank.items() if other != node)
    return {node: frozenset(look) for node, look in looks.items()}, links


def _text(term: object) -> str:
    return "" if isinstance(term, DefaultGraph) else str(term)


def _components(alike: set[BlankNode], links: Mapping[BlankNode, set[Link]]) -> Iterator[list[BlankNode]]:
    """Give the sets of look-alike blank nodes that are joined to one another."""
    waiting = set(alike)
    while waiting:
        component = [waiting.pop()]
        for node in component:
            near = {other for _, _, other in links.get(node, ())} & waiting
            waiting -= near
            component.extend(near)
        yield component


def _branching(
    node: BlankNode,
    alike: set[BlankNode],
    looks: Mapping[BlankNode, frozenset[tuple[str, ...]]],
    links: Mapping[BlankNode, set[Link]],
) -> float:
    """Give the logarithm of how many orders of its neighbours the algorithm tries at `node`."""
    groups = Counter(
        (place, predicate, looks[other]) for place, predicate, other in links.get(node, ()) if other in alike
    )
    return sum(lgamma(size + 1) for size in groups.values() if size > 1)

"""What a store holds, as a manifest says it: how many statements, in which graphs, and their digests."""

from dataclasses import dataclass

from pyoxigraph import Store

from graph.digest import by_graph, text_of
from graph.manifest import Mode
from graph.store import graph_names, named_quads, union


@dataclass(frozen=True, slots=True)
class Counts:
    """What a version holds, as its manifest says it."""

    quads: int
    triples: int
    graphs: dict[str, int]
    digest: str
    digests: dict[str, str]


def counted(store: Store, mode: Mode) -> Counts:
    """Count what `store` holds, and work out its digests."""
    sizes = {name: sum(1 for _ in store.quads_for_pattern(None, None, None, name)) for name in store.named_graphs()}
    digests = by_graph(named_quads(store) if mode == "union" else store)
    return Counts(
        quads=sum(sizes.values()) if mode == "union" else len(store),
        triples=sum(1 for _ in union(store)),
        graphs={name.value: sizes[name] for name in graph_names(store)},
        digest=text_of(sum(digests.values())),
        digests={name: text_of(value) for name, value in digests.items()},
    )

"""What a store holds, as a manifest says it: how many statements, in which graphs, and their digests."""

from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Store

from graph import columns
from graph.columns.counts import counts
from graph.digest import by_graph, text_of
from graph.manifest import Mode
from graph.store import graph_names, name_of, named_quads, union


@dataclass(frozen=True, slots=True)
class Counts:
    """What a version holds, as its manifest says it."""

    quads: int
    triples: int
    graphs: dict[str, int]
    digest: str
    digests: dict[str, str]


def counted(store: Store, mode: Mode, folder: Path) -> Counts:
    """Count what `store`, in `folder`, holds and work out its digests.

    By its columns, which are made where it is large and has none, else by looking at every statement.
    """
    if columns.beside(store, folder, mode) and (found := counts(folder)) is not None:
        statements, digests, triples = found.statements, found.digests, found.triples
    else:
        names = store.named_graphs()
        statements = {name_of(n): sum(1 for _ in store.quads_for_pattern(None, None, None, n)) for n in names}
        triples = sum(1 for _ in union(store))
        statements |= {"": triples} if mode == "separate" else {}
        digests = by_graph(named_quads(store) if mode == "union" else store)
    return Counts(
        quads=sum(statements.values()),
        triples=triples,
        graphs={name.value: statements.get(name.value, 0) for name in graph_names(store)},
        digest=text_of(sum(digests.values())),
        digests={name: text_of(value) for name, value in digests.items()},
    )

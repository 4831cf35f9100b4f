"""What requests may not say of a built version, whatever its shapes: another's word as a publisher's, and terms that
the vocabulary does not have.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Final

from pyoxigraph import NamedNode, Quad, Store

from graph import index, provenance
from graph.change.delta import NotWritable
from graph.declared import not_there, undeclared
from graph.names import ONTOLOGY, PREFIXES, thing
from graph.quality import rows
from graph.snapshot import Snapshot
from graph.store import name_of

_EVIDENCE: Final = NamedNode(ONTOLOGY + "evidence")
_STATED: Final = NamedNode(thing("concept", "stated"))
_TYPE: Final = NamedNode(PREFIXES["rdf"] + "type")


def guard(parent: Snapshot, store: Store, added: Iterable[Quad]) -> None:
    """Raise NotWritable where quads `added` to the version `parent`, which `store` holds by now, may not be there."""
    with closing(index.read_only(parent.path / index.FILE)) as tables:
        stated = stated_graphs(tables)
        for quad in added:
            for term in undeclared((quad.subject, quad.predicate, quad.object)):
                if next(store.quads_for_pattern(term, _TYPE, None, None), None) is None:
                    raise NotWritable("unknown-term", f"{not_there(term)} ({quad.triple})")
            # What was taken out of a table's graph may come back.
            if name_of(quad.graph_name) in stated and not provenance.has_row(tables, quad):
                raise NotWritable("graph-stated", f"{quad.graph_name} holds what a table states, by its publisher, and "
                                  "no row of it says so: make the statement in a graph of your own")  # fmt: skip


def stated_graphs(tables: sqlite3.Connection) -> frozenset[str]:
    """Give the graphs that a build made of tables and in which their publishers state, not the project judges.

    What the build was told of them counts: a change of their description opens none.
    """
    graphs = [table.graph for table in rows.read(tables)]
    return frozenset(graph for graph in graphs if any(provenance.why(tables, NamedNode(graph), _EVIDENCE, _STATED)))

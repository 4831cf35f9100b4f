"""What requests may not say of a built version, whatever its shapes: another's word as a publisher's, terms of a
source that are not its own, and terms that the vocabulary does not have.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Final

from pyoxigraph import NamedNode, Quad, Store

from graph import index
from graph.change.delta import NotWritable
from graph.declared import not_there, undeclared
from graph.names import ONTOLOGY, PREFIXES, term_of, thing
from graph.provenance import why
from graph.quality import rows
from graph.snapshot import Snapshot
from graph.store import name_of

_EVIDENCE: Final = NamedNode(ONTOLOGY + "evidence")
_JUDGED: Final = NamedNode(thing("concept", "judged"))
_SOURCE: Final = NamedNode(ONTOLOGY + "Source")
_OF_SOURCES: Final = frozenset(
    NamedNode(term_of(name))
    for name in "pe:evidence pe:licenseNote pe:bias pe:ruleText dcterms:publisher dcterms:license "
    "prov:wasDerivedFrom".split()
)
_TYPE: Final = NamedNode(PREFIXES["rdf"] + "type")


def guard(parent: Snapshot, store: Store, added: Iterable[Quad]) -> None:
    """Raise NotWritable where quads `added` to the version `parent`, which `store` holds by now, may not be there."""
    with closing(index.read_only(parent.path / index.FILE)) as tables:
        stated = stated_graphs(tables)
        for quad in added:
            for term in undeclared((quad.subject, quad.predicate, quad.object, quad.graph_name)):
                if next(store.quads_for_pattern(term, _TYPE, None, None), None) is None:
                    raise NotWritable("unknown-term", f"{not_there(term)} ({quad.triple})")
            if quad.predicate in _OF_SOURCES and any(why(tables, quad.subject, _TYPE, _SOURCE)):
                raise NotWritable("graph-stated", f"whose {quad.subject} is, and under which terms, its own "
                                  "description says: nobody else may")  # fmt: skip
            # What was taken out of a table's graph may come back.
            if name_of(quad.graph_name) in stated and not _has_row(tables, quad):
                raise NotWritable("graph-stated", f"{quad.graph_name} holds what a table states, by its publisher, and "
                                  "no row of it says so: make the statement in a graph of your own")  # fmt: skip


def _has_row(tables: sqlite3.Connection, quad: Quad) -> bool:
    return any(one.row and one.graph == name_of(quad.graph_name) for one in why(tables, *quad.triple))


def stated_graphs(tables: sqlite3.Connection) -> frozenset[str]:
    """Give the graphs that a build made of tables, but for those in which the project judges."""
    graphs = [table.graph for table in rows.read(tables)]
    judged = {graph for graph in graphs if any(why(tables, NamedNode(graph), _EVIDENCE, _JUDGED))}
    return frozenset(graphs) - judged

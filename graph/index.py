"""The tables beside the graph (provenance, names), changed as the graph is, in time that the change takes."""

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, Store

from graph import provenance, search
from graph.provenance import Evidence, Said
from graph.store import name_of

if TYPE_CHECKING:
    from graph.change.delta import Delta

_NAMING = frozenset(predicate for predicate, _, _ in search.NAMES)


def change(
    connection: sqlite3.Connection, store: Store, changes: Iterable[tuple[str, "Delta"]], evidence: bool
) -> None:
    """Make the tables fit `store` after `changes`, each with what the provenance calls it.

    `evidence` says whether each statement has its rows in the provenance.
    """
    renamed: dict[str, set[str]] = {}
    for source, delta in changes:
        if evidence:
            provenance.remove(connection, delta.removed)
            provenance.add(connection, (_said(quad, source) for quad in delta.added))
        for quad in (*delta.removed, *delta.added):
            if quad.predicate.value in _NAMING and isinstance(quad.subject, NamedNode):
                renamed.setdefault(quad.subject.value, set()).add(getattr(quad.object, "value", ""))
        _note_gone(connection, store, delta)
    for iri, names in renamed.items():
        search.rename(connection, store, iri, names)


def was_removed(connection: sqlite3.Connection, iri: str) -> bool:
    """Whether a change took away the last statement about `iri`, and none brought it back."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'gone'").fetchone() is None:
        return False
    return connection.execute("SELECT 1 FROM gone WHERE iri = ?", (iri,)).fetchone() is not None


def _note_gone(connection: sqlite3.Connection, store: Store, delta: "Delta") -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS gone (iri TEXT PRIMARY KEY) WITHOUT ROWID")
    for node in {quad.subject for quad in (*delta.removed, *delta.added) if isinstance(quad.subject, NamedNode)}:
        held = next(iter(store.quads_for_pattern(node, None, None, None)), None)
        statement = "INSERT OR IGNORE INTO gone VALUES (?)" if held is None else "DELETE FROM gone WHERE iri = ?"
        connection.execute(statement, (node.value,))


def _said(quad: Quad, source: str) -> Said:
    return Said(quad, Evidence(name_of(quad.graph_name), source))

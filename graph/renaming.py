"""Names that change: noted beside the tables of names that versions share, merged into them, and taken out of them."""

import sqlite3
from collections.abc import Iterable
from typing import Final

from pyoxigraph import Literal, NamedNode, Store

from graph import near, search

# The names of what changed since the tables were made (see graph/index.py), and whose names these are.
CHANGED: Final = (
    *(table.replace("TABLE ", "TABLE changed.") for table in (*search.SCHEMA.strip().split(";\n"), *near.SCHEMA)),
    "CREATE TABLE changed.touched (iri TEXT PRIMARY KEY) WITHOUT ROWID",
)


def rename(connection: sqlite3.Connection, store: Store, iri: str) -> None:
    """Note in what changed that the thing `iri` has the names that `store` has for it, and no other."""
    if not search.findable(iri):
        return
    labels, held = _names_of(store, iri)
    connection.execute("INSERT OR IGNORE INTO changed.touched VALUES (?)", (iri,))
    _drop(connection, "changed", connection.execute("SELECT rowid, text FROM changed.name WHERE iri = ?", (iri,)))
    for text, (how, weight) in sorted(held.items()):
        _put(connection, "changed", (text, search.fold(text), iri, min(labels, default=text), how, weight))


def absorb(connection: sqlite3.Connection) -> None:
    """Make the tables hold what changed, which is attached."""
    asked = "SELECT rowid, text FROM main.name WHERE iri IN (SELECT iri FROM changed.touched)"
    _drop(connection, "main", connection.execute(asked))
    for row in connection.execute("SELECT text, folded, iri, label, how, weight FROM changed.name").fetchall():
        _put(connection, "main", row)


def erase(connection: sqlite3.Connection, iris: Iterable[str]) -> None:
    """Delete the names of `iris` from a file of tables."""
    changed = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'touched'").fetchone() is not None
    for iri in iris:
        _drop(connection, "main", connection.execute("SELECT rowid, text FROM name WHERE iri = ?", (iri,)))
        if changed:
            connection.execute("DELETE FROM touched WHERE iri = ?", (iri,))
    for table in ("name", "gram"):
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # or deleted words stay in its lists


def _names_of(store: Store, iri: str) -> tuple[list[str], dict[str, tuple[str, int]]]:
    labels: list[str] = []
    held: dict[str, tuple[str, int]] = {}
    for predicate, how, weight in search.NAMES:
        for quad in store.quads_for_pattern(NamedNode(iri), NamedNode(predicate), None, None):
            if isinstance(quad.object, Literal):
                labels += [quad.object.value] if weight == 4 else []
                held.setdefault(quad.object.value, (how, weight))
    for text, (_, weight) in list(held.items()):
        short = search.initials(text)
        if weight > 2 and len(short) > 2:
            held.setdefault(short, (search.INITIALS, 1))
    return labels, held


def _drop(connection: sqlite3.Connection, part: str, rows: Iterable[tuple[int, str]]) -> None:
    for row, text in list(rows):
        connection.execute(f"DELETE FROM {part}.name WHERE rowid = ?", (row,))
        connection.execute(f"DELETE FROM {part}.spelling WHERE squeezed = ? AND name = ?", (search.squeeze(text), row))
        near.drop(connection, part, row, search.squeeze(text))


def _put(connection: sqlite3.Connection, part: str, name: tuple[str, str, str, str, str, int]) -> None:
    row = connection.execute(
        f"INSERT INTO {part}.name (text, folded, iri, label, how, weight) VALUES (?, ?, ?, ?, ?, ?)", name
    ).lastrowid
    letters = search.squeeze(name[0])
    connection.execute(f"INSERT OR IGNORE INTO {part}.spelling (name, squeezed) VALUES (?, ?)", (row, letters))
    near.put(connection, part, row or 0, letters)

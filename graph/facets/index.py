"""The tables of facets in a snapshot's `facets.sqlite`: the members of each class in order, and who has which value.

A member's rank is its place in its class by label; the members that have a value are one roaring bitmap of ranks
(https://roaringbitmap.org/): narrowing is set algebra, a page of the list is a slice.
"""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
from pyoxigraph import NamedNode, QuerySolutions, Store
from pyroaring import BitMap

from graph.classes import every_class, ordered
from graph.facets.definitions import Facet, FacetError, facets_of
from graph.naming import Namer, Term

_SCHEMA: Final = """
CREATE TABLE listed (class INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, members INTEGER NOT NULL);
CREATE TABLE member (
    class INTEGER NOT NULL, rank INTEGER NOT NULL, iri TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY (class, rank)
) WITHOUT ROWID;
CREATE TABLE facet_value (
    class INTEGER NOT NULL, facet TEXT NOT NULL, value TEXT NOT NULL, label TEXT NOT NULL, count INTEGER NOT NULL,
    members BLOB NOT NULL
);
"""
_INDEXES: Final = """
CREATE UNIQUE INDEX member_by_iri ON member (class, iri);
CREATE UNIQUE INDEX facet_value_by_name ON facet_value (class, facet, value);
"""
FILE: Final = "facets.sqlite"


def beside(store: Store, folder: Path, ready: Callable[[], None] = lambda: None) -> Path:
    """Write the tables of `store` to a file in `folder`, and give it; where its columns lie there, from them.

    `ready` waits until the rows are all in `store`; it is called where they are asked. Raises FacetError.
    """
    path = folder / FILE
    if not _from_columns(store, folder, ready):
        ready()
        with closing(sqlite3.connect(path)) as connection:
            write(connection, store)
            connection.commit()
    return path


def _from_columns(store: Store, folder: Path, ready: Callable[[], None]) -> bool:
    """Fill the tables from the columns, where they lie in `folder`; give whether they do, and suffice."""
    from graph.columns.opened import opened
    from graph.facets.filled import fill

    with TemporaryDirectory(prefix="facets-") as spill:
        held = opened(folder, Path(spill))
        if held is None:
            return False
        with closing(held), closing(sqlite3.connect(folder / FILE)) as connection:
            connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
            try:
                left = fill(connection, held)
            except duckdb.Error:
                connection.close()
                (folder / FILE).unlink()
                return False
            if left:
                ready()
                _add(connection, store, left)
            connection.executescript(_INDEXES)
            connection.commit()
    return True


def _add(connection: sqlite3.Connection, store: Store, left: Iterable[tuple[int, Facet]]) -> None:
    """Add the values of facets of classes whose members are in the tables."""
    namer = Namer(store)
    for number, facet in left:
        members = connection.execute("SELECT iri, rank FROM member WHERE class = ?", (number,))
        _write_values(connection, namer, number, facet, _answers(store, facet), dict(members))


def write(connection: sqlite3.Connection, store: Store, known: Iterable[Facet] | None = None) -> None:
    """Create the tables and fill them from `store`; `known` are the facets to use instead of the package's.

    Raises FacetError where a facet's query cannot be read or gives no members and values.
    """
    connection.executescript(_SCHEMA)
    namer, given = Namer(store), None if known is None else tuple(known)
    namer.read_all()
    answers: dict[str, list[tuple[NamedNode, Term]]] = {}
    for number, iri in enumerate(sorted(every_class(store)), start=1):
        members = ordered(store, namer, iri)
        if not members:
            continue
        connection.execute("INSERT INTO listed VALUES (?, ?, ?)", (number, iri, len(members)))
        rows = ((number, rank, one, label) for rank, (label, one) in enumerate(members))
        connection.executemany("INSERT INTO member VALUES (?, ?, ?, ?)", rows)
        ranks = {one: rank for rank, (_, one) in enumerate(members)}
        for facet in facets_of(iri, given):
            if facet.query not in answers:
                answers[facet.query] = _answers(store, facet)
            _write_values(connection, namer, number, facet, answers[facet.query], ranks)
    connection.executescript(_INDEXES)


def _answers(store: Store, facet: Facet) -> list[tuple[NamedNode, Term]]:
    try:
        found = store.query(facet.query)
    except SyntaxError as error:
        raise FacetError(f"facet {facet.name}: {error}") from error
    if not isinstance(found, QuerySolutions) or {v.value for v in found.variables} != {"member", "value"}:
        raise FacetError(f"facet {facet.name}: a facet's query gives ?member and ?value")
    pairs = ((solution["member"], solution["value"]) for solution in found)
    return [(member, value) for member, value in pairs if isinstance(member, NamedNode) and value is not None]


def _write_values(
    connection: sqlite3.Connection,
    namer: Namer,
    number: int,
    facet: Facet,
    answers: Iterable[tuple[NamedNode, Term]],
    ranks: dict[str, int],
) -> None:
    found: dict[Term, list[int]] = {}
    for member, value in answers:
        rank = ranks.get(member.value)
        if rank is not None:
            found.setdefault(value, []).append(rank)
    rows = (
        (number, facet.name, str(value), namer.value(value).text, len(members), BitMap(sorted(members)).serialize())
        for value, members in found.items()
    )
    connection.executemany("INSERT INTO facet_value VALUES (?, ?, ?, ?, ?, ?)", rows)

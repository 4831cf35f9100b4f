"""The tables beside the graph (provenance, names): those of the last version made anew, and what changed since.

`index.sqlite` is the same file in each version that comes of the one before by a change. What differs lies in
`changed.sqlite` beside it: statements with evidence no more (`unsaid`) and new ones, and of each thing whose names
changed (`touched`) all its names. Whoever reads sees both as one: views of the tables' own names stand before them.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Quad, Store

from graph import provenance, renaming, search
from graph.provenance import Evidence, Said
from graph.store import name_of

if TYPE_CHECKING:
    from graph.change.delta import Delta

FILE: Final = "index.sqlite"
CHANGED: Final = "changed.sqlite"
LARGEST: Final = 1 << 20  # bytes of what changed; with more, a version gets tables of its own again
_PAGE: Final = 1024  # bytes: a dozen small tables in a small file
_NAMING: Final = frozenset(predicate for predicate, _, _ in search.NAMES)


def opened(folder: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open the tables of the version in `folder`, read-only, or with `write` to note what changes."""
    connection = read_only(folder / FILE)
    if write or (folder / CHANGED).is_file():
        place = (folder / CHANGED).resolve().as_uri() + "?mode=rwc" if write else _uri(folder / CHANGED)
        connection.execute("ATTACH ? AS changed", (place,))
        if not write:
            connection.executescript(provenance.VIEWS)
    return connection


def read_only(path: Path) -> sqlite3.Connection:
    """Open a file of tables that nobody writes any more."""
    return sqlite3.connect(_uri(path), uri=True)


def _uri(path: Path) -> str:
    return f"{path.resolve().as_uri()}?mode=ro&immutable=1"


def carry(parent: Path, place: Path) -> None:
    """Give the version in `place` the tables of the version in `parent`, in room that what changed since takes."""
    if not (parent / CHANGED).is_file() or (parent / CHANGED).stat().st_size <= LARGEST:
        os.link(parent / FILE, place / FILE)
        if (parent / CHANGED).is_file():
            shutil.copyfile(parent / CHANGED, place / CHANGED)
    else:
        whole(parent, place)


def whole(parent: Path, place: Path) -> None:
    """Give the version in `place` the tables of the version in `parent` in one file of its own."""
    shutil.copyfile(parent / FILE, place / FILE)
    if (parent / CHANGED).is_file():
        with closing(sqlite3.connect((place / FILE).resolve().as_uri(), uri=True)) as connection:
            connection.execute("ATTACH ? AS changed", (_uri(parent / CHANGED),))
            provenance.absorb(connection)
            renaming.absorb(connection)
            connection.commit()


def change(folder: Path, store: Store, changes: Iterable[tuple[str, "Delta"]], evidence: bool) -> None:
    """Make the tables of the version in `folder` fit `store` after `changes`, each as the provenance calls it.

    `evidence` says whether each statement has its rows in the provenance.
    """
    renamed: set[str] = set()
    with closing(opened(folder, write=True)) as connection:
        _create(connection)
        for source, delta in changes:
            if evidence:
                provenance.unsay(connection, delta.removed)
                provenance.say(connection, (_said(quad, source) for quad in delta.added))
            renamed |= {
                quad.subject.value
                for quad in (*delta.removed, *delta.added)
                if quad.predicate.value in _NAMING and isinstance(quad.subject, NamedNode)
            }
        for iri in sorted(renamed):
            renaming.rename(connection, store, iri)
        connection.commit()


def erase(path: Path, iris: Iterable[str]) -> None:
    """Take all that tells of `iris` out of the file of tables at `path`, without a trace in it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        known = sorted(iris)
        provenance.erase(connection, known)
        renaming.erase(connection, known)
        connection.commit()
        connection.execute("VACUUM")


def _create(connection: sqlite3.Connection) -> None:
    if connection.execute("SELECT 1 FROM changed.sqlite_master").fetchone() is None:
        connection.execute(f"PRAGMA changed.page_size = {_PAGE}")
        for table in (*provenance.CHANGED, *renaming.CHANGED):
            connection.execute(table)


def _said(quad: Quad, source: str) -> Said:
    return Said(quad, Evidence(name_of(quad.graph_name), source))

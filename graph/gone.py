"""What is no longer there, for ever: `gone.sqlite` in the data directory, which only grows.

It is written before the version that takes a thing away is published, so that no crash can lose a row: whether a
thing is there is asked of the version first, and this table only speaks of those that are not.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from typing import Literal as OneOf

from pyoxigraph import NamedNode, QuerySolutions, Store

from graph.manifest import SnapshotError
from graph.names import GRAPH, THING, slug, thing
from graph.register import Register

FILE: Final = "gone.sqlite"
_OURS: Final = (THING, GRAPH)  # the IRIs that have pages
_MERGED: Final = frozenset({"same", "alias", "former", "misspelling"})  # relations of names of no firm of their own
_SCHEMA: Final = """CREATE TABLE IF NOT EXISTS gone (iri TEXT PRIMARY KEY, why TEXT NOT NULL, survivor TEXT)
WITHOUT ROWID"""
Why = OneOf["removed", "merged", "forgotten"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a thing, and of one that was merged the IRI of the one that it was merged into."""

    why: Why
    survivor: str | None = None


class Gone:
    """The table of a data directory at `folder`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def fate(self, iri: str) -> Fate | None:
        """Give what became of the thing `iri`; None where it was never here, or nothing became of it."""
        found = self._read("SELECT why, survivor FROM gone WHERE iri = ?", iri)
        return Fate(*found[0]) if found else None

    def forgotten(self) -> frozenset[str]:
        """Give what must never be here again."""
        return frozenset(iri for iri, _ in self._read("SELECT iri, why FROM gone WHERE why = ?", "forgotten"))

    def note(self, iris: Iterable[str]) -> None:
        """Note that things are no longer there. Raises SnapshotError, as all that writes here."""
        self._write("INSERT OR IGNORE INTO gone VALUES (?, 'removed', NULL)", ((iri,) for iri in iris))

    def merge(self, survivors: Mapping[str, str]) -> None:
        """Note of each thing which one it was merged into."""
        self._write(
            """INSERT INTO gone VALUES (?, 'merged', ?) ON CONFLICT (iri)
               DO UPDATE SET why = 'merged', survivor = excluded.survivor WHERE why <> 'forgotten'""",
            survivors.items(),
        )

    def forget(self, iris: Iterable[str]) -> None:
        """Note that things must never be here again."""
        self._write("INSERT OR REPLACE INTO gone VALUES (?, 'forgotten', NULL)", ((iri,) for iri in iris))

    def _read(self, query: str, value: str) -> list[tuple[Why, str | None]]:
        if not self._path.is_file():
            return []
        with closing(sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query, (value,)).fetchall()

    def _write(self, statement: str, rows: Iterable[tuple[str, ...]]) -> None:
        known = list(rows)
        if not known:
            return
        try:
            with closing(sqlite3.connect(self._path)) as connection:
                connection.execute(_SCHEMA)
                connection.executemany(statement, known)
                connection.commit()
        except sqlite3.OperationalError as error:
            raise SnapshotError(f"{self._path}: cannot be written ({error})") from error


def removed(subjects: Iterable[object], after: Store) -> set[str]:
    """Give those of `subjects` that have a page, and of which `after` says nothing."""
    ours = (node for node in subjects if isinstance(node, NamedNode) and node.value.startswith(_OURS))
    return {node.value for node in ours if next(after.quads_for_pattern(node, None, None, None), None) is None}


def subjects(store: Store) -> Iterable[object]:
    """Give whatever `store` says something of."""
    found = store.query("SELECT DISTINCT ?s { ?s ?p ?o }")
    return (row["s"] for row in found) if isinstance(found, QuerySolutions) else ()


def merges(register: Register) -> dict[str, str]:
    """Give the organisations that the register takes for others: the IRI that each name would have, and whose it is."""
    firms = {entry.organization for entry in register.entries}
    found = {}
    for entry in register.entries:
        own = slug(entry.name)
        if entry.relation in _MERGED and own not in firms:
            found[thing("organization", own)] = thing("organization", entry.organization)
    return found

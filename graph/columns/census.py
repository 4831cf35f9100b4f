"""Counts over a whole snapshot by its columns: what a page says of all things at once, without a walk over the rows.

How many members a class has and of which kinds, what points to a thing, a dataset in numbers. Each gives exactly what
the walk over the rows gives.
"""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Final

import duckdb

from graph.columns import FILE
from graph.columns.kinds import Kind
from graph.columns.numbers import Numbers, Pointing
from graph.columns.schema import VERSION
from graph.names import GRAPH, KIND_AND_SLUG, KINDS, ONTOLOGY, PREFIXES

_MEMORY: Final = 1024  # MiB
_SPILLED: Final = 2048  # MiB that go to the disk beyond
_TYPE: Final = PREFIXES["rdf"] + "type"
# The kind of a thing ("" for none of ours), and of whatever points to something: a graph and a term are kinds too.
_KINDS: Final = ", ".join(f"'{kind}'" for kind in sorted(KINDS))
_FIRST: Final = f"regexp_extract(lex, '^{KIND_AND_SLUG}$', 1)"
_KIND: Final = f"CASE WHEN {_FIRST} IN ({_KINDS}) THEN {_FIRST} ELSE '' END"
_SORT: Final = f"""CASE WHEN kind <> {Kind.IRI:d} THEN '' WHEN starts_with(lex, '{GRAPH}') THEN 'graph'
    WHEN starts_with(lex, '{ONTOLOGY}') THEN 'term' ELSE {_KIND} END"""
_TEXT: Final = f"CASE kind WHEN {Kind.IRI:d} THEN '<' || lex || '>' ELSE '_:' || lex END"


class Census:
    """Counts over open columns, from any thread; classes, properties and things are named by their IRIs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._kinds: dict[frozenset[str], Counter[str]] = {}  # of as many classes as the vocabulary has

    def kinds(self, classes: Collection[str]) -> Counter[str]:
        """Give how many named things have one of `classes` as their type, by kind ("" for none of ours)."""
        key = frozenset(classes)
        if key not in self._kinds:
            self._kinds[key] = self._counted(key)
        return self._kinds[key]

    def _counted(self, classes: Collection[str]) -> Counter[str]:
        found = self._rows(
            f"""SELECT {_FIRST}, count(*) FROM (SELECT DISTINCT s FROM triples WHERE p = $p AND o IN $o)
                JOIN terms ON id = s WHERE kind = {Kind.IRI:d} GROUP BY 1""", p=self._id(_TYPE), o=self._ids(classes),
        )  # fmt: skip
        counts: Counter[str] = Counter()
        for kind, number in found:
            counts[kind if kind in KINDS else ""] += number
        return counts

    def types(self) -> set[str]:
        """Give the named things that are the type of something."""
        return {iri for (iri,) in self._rows(
            f"""SELECT lex FROM (SELECT DISTINCT o FROM triples WHERE p = $p) JOIN terms ON id = o
                WHERE kind = {Kind.IRI:d}""", p=self._id(_TYPE))}  # fmt: skip

    def members(self, classes: Collection[str], uses: Iterable[tuple[str, str]] = (), most: int = 0) -> list[str]:
        """Give `most` members (0: all) of `classes` that are "subject" or "object" of each property of `uses`."""
        narrowed = ""
        given: dict[str, Any] = {"p": self._id(_TYPE), "o": self._ids(classes)}
        for number, (side, property_) in enumerate(uses):
            narrowed += f" AND s IN (SELECT {'s' if side == 'subject' else 'o'} FROM triples WHERE p = $use{number})"
            given[f"use{number}"] = self._id(property_)
        found = self._rows(
            f"""SELECT lex FROM (SELECT DISTINCT s FROM triples WHERE p = $p AND o IN $o{narrowed})
                JOIN terms ON id = s WHERE kind = {Kind.IRI:d} {f"LIMIT {most:d}" if most else ""}""", **given,
        )  # fmt: skip
        return [iri for (iri,) in found]

    def leading(self, steps: Sequence[str]) -> dict[str, int]:
        """Give for each thing how many named subjects lead to it along `steps`, properties from it backwards."""
        joins = "".join(f" JOIN triples t{n} ON t{n}.p = $p{n} AND t{n}.o = t{n - 1}.s" for n in range(1, len(steps)))
        last = f"t{len(steps) - 1}.s"
        named = f"{last} IN (SELECT id FROM terms WHERE kind = {Kind.IRI:d})"
        found = self._rows(
            f"""SELECT lex, n FROM (SELECT t0.o AS o, count(DISTINCT {last}) AS n FROM triples t0{joins}
                WHERE t0.p = $p0 AND {named} GROUP BY 1) JOIN terms ON id = o WHERE kind = {Kind.IRI:d}""",
            **{f"p{n}": self._id(step) for n, step in enumerate(steps)},
        )
        return {iri: int(number) for iri, number in found}

    def properties(self) -> Counter[str]:
        """Give how many statements each property has."""
        found = self._rows("SELECT lex, n FROM (SELECT p, count(*) AS n FROM triples GROUP BY p) JOIN terms ON id = p")
        return Counter({iri: int(number) for iri, number in found})

    def numbers(self, graph: str | None = None) -> Numbers:
        """Give a graph in numbers, by default the default graph."""
        rows = "triples" if graph is None else "(SELECT p, s, o FROM quads WHERE g = $g)"
        given = {} if graph is None else {"g": self._id(graph)}
        ((triples, subjects, objects),) = self._rows(
            f"SELECT count(*), count(DISTINCT s), count(DISTINCT o) FROM {rows}", **given
        )
        properties = self._rows(
            f"SELECT lex, n FROM (SELECT p, count(*) AS n FROM {rows} GROUP BY p) JOIN terms ON id = p", **given
        )
        classes = self._rows(
            f"""SELECT lex, n FROM (SELECT o, count(*) AS n FROM {rows} WHERE p = $p GROUP BY o) JOIN terms ON id = o
                WHERE kind = {Kind.IRI:d}""", p=self._id(_TYPE), **given,
        )  # fmt: skip
        return Numbers(triples, subjects, objects, dict(classes), dict(properties))

    def pointing(self, iri: str, first: int) -> list[Pointing]:
        """Give what points to `iri` by property and kind of subject, the `first` of each in the order of their text."""
        found = self._rows(
            f"""WITH near AS (SELECT p, {_SORT} AS sort, {_TEXT} AS text
                              FROM (SELECT p, s FROM triples WHERE o = $o) JOIN terms ON id = s)
                SELECT lex, sort, n, firsts
                FROM (SELECT p, sort, count(*) AS n, min(text, {first:d}) AS firsts FROM near GROUP BY p, sort)
                JOIN terms ON id = p""", o=self._id(iri),
        )  # fmt: skip
        return [Pointing(predicate, kind, number, tuple(firsts)) for predicate, kind, number, firsts in found]

    def part(self, iri: str, predicate: str, kind: str, start: int, number: int) -> tuple[int, list[str]]:
        """Give how many subjects of a kind point to `iri` with `predicate`, and `number` of them from `start` on."""
        near = f"""SELECT {_TEXT} AS text FROM (SELECT s FROM triples WHERE p = $p AND o = $o) JOIN terms ON id = s
                   WHERE {_SORT} = $kind"""
        given = {"p": self._id(predicate), "o": self._id(iri), "kind": kind}
        ((total,),) = self._rows(f"SELECT count(*) FROM ({near})", **given)
        found = self._rows(f"{near} ORDER BY text LIMIT {number:d} OFFSET {start:d}", **given)
        return total, [text for (text,) in found]

    def _id(self, iri: str) -> int:
        return next(iter(self._ids([iri])))

    def _ids(self, iris: Iterable[str]) -> list[int]:
        """Give the ids of those of `iris` that stand in a statement, -1 for others."""
        wanted = list(iris)
        found = self._rows(f"SELECT lex, id FROM terms WHERE kind = {Kind.IRI:d} AND lex IN $iris", iris=wanted)
        known = {lex: int(id_) for lex, id_ in found}
        return [known.get(iri, -1) for iri in wanted]

    def _rows(self, query: str, **given: Any) -> list[tuple[Any, ...]]:
        cursor = self._connection.cursor()  # of its own, so that any thread may ask
        cursor.execute("USE snapshot")
        return cursor.execute(query, given).fetchall()


def census_of(folder: Path) -> Census | None:
    """Open the columns of the version in `folder` for counting; None where it has none of this release's form."""
    path = folder / FILE
    if not path.is_file():
        return None
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{_MEMORY}MiB",
        "max_temp_directory_size": f"{_SPILLED}MiB",
        # The name is one that the next start of a service removes where this process was killed.
        "temp_directory": str(Path(gettempdir()) / f"partnergraph-spool-{os.getpid()}-census-{folder.name}"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    # Attached, not opened: one process may hold the file more than once, with other settings.
    connection = duckdb.connect(config=config)
    place = str(path).replace("'", "''")
    connection.execute(f"ATTACH '{place}' AS snapshot (READ_ONLY)")
    connection.execute("USE snapshot")
    found = connection.execute("SELECT value FROM facts WHERE name = 'version'").fetchone()
    return Census(connection) if found == (VERSION,) else None

"""What is screened: the columns of a snapshot and the triples beside them, in one DuckDB, with sets kept as tables."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

import duckdb
import rdflib
from pyoxigraph import Triple
from rdflib.namespace import RDF, RDFS, XSD
from rdflib.term import Node

from graph.columns import FILE, schema
from graph.columns.kinds import LANG_STRING, Kind
from graph.engine.sql.answer import term_of
from graph.engine.sql.run import Term
from graph.validate import as_rdflib

MEMORY: Final = 2048  # MiB that the screen may hold before it turns to the disk
NONE: Final = -1  # the id of a term that no statement has


class Data:
    """The statements to screen, as views `triples` (p, s, o) and `terms`; a set of nodes is a table with a column f.

    Raises duckdb.Error where the columns cannot be read.
    """

    def __init__(self, folder: Path, spill: Path, beside: Iterable[Triple], wanted: Iterable[Node]) -> None:
        """Open the columns in `folder`; `beside` are further triples, `wanted` the terms that `id` is asked for."""
        self._connection = duckdb.connect(
            config={"memory_limit": f"{MEMORY}MiB", "temp_directory": str(spill), "preserve_insertion_order": False}
        )
        run = self._connection.execute
        run("SET enable_progress_bar = false")
        path = str(folder / FILE).replace("'", "''")
        run(f"ATTACH '{path}' AS held (READ_ONLY)")
        (self._known,) = run("SELECT coalesce(max(id), -1) + 1 FROM held.terms").fetchone() or (0,)
        (mode,) = run("SELECT value FROM held.facts WHERE name = 'mode'").fetchone() or ("",)
        self._lay_beside([(str(t.subject), str(t.predicate), str(t.object)) for t in beside], mode == "union")
        self._ids = self._found(wanted)
        self._tables = 0

    def __enter__(self) -> "Data":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def _lay_beside(self, rows: list[tuple[str, str, str]], is_union: bool) -> None:
        run = self._connection.execute
        run("CREATE TABLE raw (s VARCHAR, p VARCHAR, o VARCHAR, g VARCHAR)")
        if rows:
            self._connection.executemany("INSERT INTO raw VALUES (?, ?, ?, '')", rows)
        run(schema.TEXTS)
        same = " AND ".join(f"h.{name} IS NOT DISTINCT FROM v.{name}" for name in ("kind", "datatype", "lang"))
        run(f"""CREATE TABLE beside AS
            SELECT coalesce(h.id, {self._known} + row_number() OVER ())::INTEGER AS id, h.id IS NULL AS new, v.*
            FROM ({schema.VALUES}) v LEFT JOIN held.terms h ON h.lex = v.lex AND {same}""")
        run("""CREATE VIEW terms AS SELECT id, kind, lex, datatype, lang, num, dbl FROM held.terms
            UNION ALL SELECT id, kind, lex, datatype, lang, num, dbl FROM beside WHERE new""")
        held = "held.triples" if is_union else "(SELECT p, s, o FROM held.triples UNION SELECT p, s, o FROM held.quads)"
        run(f"""CREATE TABLE more AS SELECT DISTINCT p.id AS p, s.id AS s, o.id AS o
            FROM raw JOIN beside p ON p.t = raw.p JOIN beside s ON s.t = raw.s JOIN beside o ON o.t = raw.o
            WHERE NOT EXISTS (SELECT 1 FROM {held} h WHERE h.p = p.id AND h.s = s.id AND h.o = o.id)""")
        run(f"CREATE VIEW triples AS SELECT p, s, o FROM {held} UNION ALL SELECT p, s, o FROM more")

    def _found(self, wanted: Iterable[Node]) -> dict[Node, int]:
        rows = {(term, *_fields(term)) for term in {*wanted, RDF.type, RDFS.subClassOf}}
        numbered = list(rows)
        self._connection.execute("CREATE TABLE wanted (n INTEGER, lex VARCHAR, iri BOOLEAN, d VARCHAR, l VARCHAR)")
        self._connection.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?, ?)",
                                     [(n, *row[1:]) for n, row in enumerate(numbered)])  # fmt: skip
        found = self._connection.execute(
            f"""SELECT n, id FROM wanted JOIN terms ON terms.lex = wanted.lex AND (kind = {Kind.IRI:d}) = iri
                AND kind <> {Kind.BLANK:d} AND datatype IS NOT DISTINCT FROM d AND lower(lang) IS NOT DISTINCT FROM l"""
        ).fetchall()
        return {numbered[n][0]: identity for n, identity in found}

    def id(self, term: Node) -> int:
        """Give the id of one of the terms wanted; NONE where no statement has it."""
        return self._ids.get(term, NONE)

    def keep(self, query: str) -> str:
        """Run a query and give the name of the table that its rows are kept in until `forget`."""
        self._tables += 1
        self._connection.execute(f"CREATE TABLE set_{self._tables} AS {query}")
        return f"set_{self._tables}"

    def forget(self) -> None:
        """Drop what was kept."""
        for number in range(1, self._tables + 1):
            self._connection.execute(f"DROP TABLE set_{number}")
        self._tables = 0

    def members(self, of: Node) -> str:
        """Give SQL for the nodes (column f) that are of a class, or of a subclass of it."""
        return (f"SELECT DISTINCT s AS f FROM triples WHERE p = {self.id(RDF.type)} AND o IN "
                f"({', '.join(map(str, self._closure(self.id(of))))})")  # fmt: skip

    def _closure(self, of: int) -> Sequence[int]:
        found = self._connection.execute(
            f"""WITH RECURSIVE below(c) AS (SELECT {of} UNION SELECT s FROM below JOIN triples ON o = c
                AND p = {self.id(RDFS.subClassOf)}) SELECT c FROM below ORDER BY c"""
        )
        return [c for (c,) in found.fetchall()]

    def size(self, table: str) -> int:
        """Give the number of rows of a table kept."""
        (count,) = self._connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
        return int(count)

    def held(self, table: str) -> str:
        """Give the table of those nodes of `table` that the columns have, and not only the triples beside them."""
        return self.keep(f"SELECT f FROM {table} WHERE f < {self._known}")

    def statements(self, condition: str, most: int) -> tuple[list[tuple[Node, Node, Node]], int]:
        """Give `most` triples with a term that fits `condition` (SQL, of a row of `terms`), and how many
        more there are.
        """
        fitting = self.keep(f"SELECT id FROM held.terms WHERE kind <> {Kind.BLANK:d} AND ({condition})")
        told = f"FROM triples t WHERE {' OR '.join(f't.{n} IN (FROM {fitting})' for n in 'spo')}"
        (count,) = self._connection.execute(f"SELECT count(*) {told}").fetchone() or (0,)
        rows = self._connection.execute(
            f"""SELECT {', '.join(f'{n}.{c}' for n in 'spo' for c in ('kind', 'lex', 'datatype', 'lang'))}
                FROM (SELECT t.* {told} ORDER BY t.s, t.p, t.o LIMIT {most}) t
                JOIN terms s ON s.id = t.s JOIN terms p ON p.id = t.p JOIN terms o ON o.id = t.o
                ORDER BY t.s, t.p, t.o"""
        ).fetchall()
        found = [tuple(as_rdflib(term_of(Term(*row[at : at + 4]))) for at in (0, 4, 8)) for row in rows]
        return [(one[0], one[1], one[2]) for one in found], int(count) - len(found)

    def terms(self, table: str, start: int, count: int) -> list[Node]:
        """Give nodes of `table` as terms, `count` of them from `start`, in the order of their ids."""
        rows = self._connection.execute(
            f"""SELECT kind, lex, datatype, lang FROM (SELECT f FROM {table} ORDER BY f LIMIT {count} OFFSET {start})
                JOIN terms ON id = f ORDER BY f"""
        ).fetchall()
        return [as_rdflib(term_of(Term(*row))) for row in rows]


def _fields(term: Node) -> tuple[str, bool, str | None, str | None]:
    if not isinstance(term, rdflib.Literal):
        return str(term), True, None, None
    if term.language:
        return str(term), False, LANG_STRING, term.language.lower()
    return str(term), False, str(term.datatype or XSD.string), None

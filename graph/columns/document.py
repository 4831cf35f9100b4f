"""The statements of a snapshot as a document, out of its columns: sorted, joined with their terms' texts and made into
pieces of text by DuckDB, a range of subjects at a time.

The bytes are those of `graph.export` over the rows. Blank nodes are labelled there: what has any is not written here.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import duckdb

from graph.columns import FILE, schema
from graph.columns.kinds import Kind
from graph.columns.term_texts import nquads_sql, spaces, turtle_sql
from graph.errors import Foreseen
from graph.export import Part
from graph.formats import NQUADS, NTRIPLES, TRIG, TURTLE, Format
from graph.ordering import RDF_TYPE
from graph.progress import Progress, silent
from graph.turtle import Terms

MEMORY: Final = 512  # MiB that DuckDB may hold; what does not fit goes to a temporary folder
_RANGE: Final = 200_000  # statements that are sorted at a time
_BUCKET: Final = 8  # bits of the ids of subjects that are counted together
_TOGETHER: Final = 64  # statements whose text is given in one row: each may be as long as the longest literal
_NONE: Final = -1  # no term's id
_NO_GRAPH: Final = -2
_LAST: Final = 1 << 31


class _Range(NamedTuple):
    """Statements of the graphs from `graph` to `last` with subjects from `start` and before `end`, by their ids."""

    graph: int
    last: int
    start: int
    end: int
    statements: int


class Columns:
    """The columns of one snapshot, open for documents."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, progress: Progress) -> None:
        self._run: Callable[..., duckdb.DuckDBPyConnection] = connection.execute
        self._progress = progress
        self._shown = ""

    def write(self, part: Part, form: Format, prefixes: Mapping[str, str]) -> Iterator[str]:
        """Give the pieces of the document in order. `form` is TURTLE, TRIG, NTRIPLES or NQUADS. Raises duckdb.Error."""
        terms = Terms(prefixes) if form in (TURTLE, TRIG) else None
        texts = nquads_sql() if terms is None else turtle_sql(terms)
        source, type_ = self._source(part), self._id(RDF_TYPE[1:-1])
        ranges = self._ranges(source, part)
        self._progress("export", 0, total := sum(found.statements for found in ranges))
        if texts != self._shown:
            self._run(f"CREATE OR REPLACE TEMP TABLE shown AS {texts}")
            self._shown = texts
        names = part.named and form in (TRIG, NQUADS)
        if terms is not None:
            yield self._head(terms, source, type_, names)
        done, before = 0, _NO_GRAPH
        for found in ranges:
            yield from self._pieces(_piece(form, names, before), source, found, type_)
            before = found.last
            done += found.statements
            self._progress("export", done, total)
        if names and form == TRIG and ranges:
            yield "}\n"

    def has_blank_nodes(self) -> bool:
        """Whether any is in the dictionary."""
        return self._run(f"SELECT 1 FROM terms WHERE id = 0 AND kind = {Kind.BLANK:d}").fetchone() is not None

    def _id(self, iri: str) -> int:
        found = self._run(f"SELECT id FROM terms WHERE kind = {Kind.IRI:d} AND lex = ?", [iri]).fetchone()
        return found[0] if found else _NONE

    def _source(self, part: Part) -> str:
        """SQL for the statements: g, p, s, o; g is no term's where they are in the default graph."""
        if not part.named:
            return f"SELECT {_NONE} AS g, p, s, o FROM triples"
        one = f" WHERE g = {self._id(part.graph)}" if part.graph else ""
        return f"SELECT g, p, s, o FROM quads{one}"

    def _ranges(self, source: str, part: Part) -> list[_Range]:
        """Cut the statements into ranges in order; a graph larger than one has ranges of its own."""
        found: list[_Range] = []
        graphs = self._run(f"SELECT g, count(*) FROM ({source}) GROUP BY g ORDER BY g").fetchall()
        for graph, count in graphs:
            if count > _RANGE:
                found += self._cut(source, graph)
            elif found and found[-1].start == 0 and found[-1].end == _LAST and found[-1].statements + count <= _RANGE:
                found[-1] = found[-1]._replace(last=graph, statements=found[-1].statements + count)
            else:
                found.append(_Range(graph, graph, 0, _LAST, count))
        return found

    def _cut(self, source: str, graph: int) -> Iterator[_Range]:
        buckets = self._run(f"SELECT s >> {_BUCKET} AS b, count(*) FROM ({source}) WHERE g = {graph} "
                            "GROUP BY b ORDER BY b").fetchall()  # fmt: skip
        start, held = 0, 0
        for bucket, count in buckets:
            if held and held + count > _RANGE:
                yield _Range(graph, graph, start, end := bucket << _BUCKET, held)
                start, held = end, 0
            held += count
        yield _Range(graph, graph, start, _LAST, held)

    def _head(self, terms: Terms, source: str, type_: int, names: bool) -> str:
        """Declare the prefixes of what is written; `a` needs none."""
        places = ["s", "o", *(["g"] if names else [])]
        used = " UNION ALL ".join([
            *(f"SELECT {place} AS id FROM ({source})" for place in places),
            f"SELECT DISTINCT p AS id FROM ({source}) WHERE p <> {type_}",
        ])  # fmt: skip
        found = self._run(f"SELECT DISTINCT space FROM ({used}) JOIN shown USING (id) WHERE space IS NOT NULL")
        known = spaces(terms)
        terms.used.update(known[space - 1] for (space,) in found.fetchall())
        return terms.declarations()

    def _pieces(self, piece: str, source: str, found: _Range, type_: int) -> Iterator[str]:
        rows = self._run(f"""
            WITH part AS (
                SELECT g, s, p, CASE WHEN p = {type_} THEN {_NONE} ELSE p END AS v, r, t AS object
                FROM ({source}) JOIN shown ON id = o
                WHERE g BETWEEN {found.graph} AND {found.last} AND s >= {found.start} AND s < {found.end}),
            placed AS (
                SELECT *, row_number() OVER here AS n,
                       lag(g, 1, {_NO_GRAPH}) OVER here AS g0, lag(s, 1, {_NONE}) OVER here AS s0,
                       lag(p, 1, {_NONE}) OVER here AS p0, lead(g, 1, {_NO_GRAPH}) OVER here AS g1,
                       lead(s, 1, {_NONE}) OVER here AS s1, lead(p, 1, {_NONE}) OVER here AS p1
                FROM part WINDOW here AS (ORDER BY g, s, v, r)),
            written AS (
                SELECT n, {piece} AS piece
                FROM placed JOIN shown subjects ON subjects.id = s JOIN shown predicates ON predicates.id = p
                LEFT JOIN shown graphs ON graphs.id = g)
            SELECT string_agg(piece, '' ORDER BY n) FROM written
            GROUP BY n // {_TOGETHER} ORDER BY n // {_TOGETHER}""")
        while batch := rows.fetchmany(1024):
            for (text,) in batch:
                yield text


def _piece(form: Format, names: bool, before: int) -> str:
    """SQL for the text of a statement in its place, where the last one of the range before is in the graph `before`."""
    if form in (NTRIPLES, NQUADS):
        name = "' ' || graphs.t || " if names else ""
        return f"subjects.t || ' ' || predicates.t || ' ' || object || {name}' .\n'"
    margin = "    " if names else ""
    line = f"\n{margin}    "
    verb = f"CASE WHEN v = {_NONE} THEN 'a' ELSE predicates.t END"
    opened = "graphs.t || ' {\n'" if names else "''"
    last = f"CASE WHEN s0 = {_NONE} THEN {before} ELSE g0 END"  # the graph of the statement before
    return f"""
        CASE WHEN g = g0 AND s = s0 AND p = p0 THEN '' WHEN g = g0 AND s = s0 THEN {verb}
             ELSE CASE {last} WHEN g THEN '\n' WHEN {_NO_GRAPH} THEN {opened} ELSE '}}\n\n' || {opened} END
                  || '{margin}' || subjects.t || '{line}' || {verb} END
        || CASE WHEN g = g0 AND s = s0 AND p = p0 OR g = g1 AND s = s1 AND p = p1 THEN '{line}    ' ELSE ' ' END
        || object
        || CASE WHEN g <> g1 OR s <> s1 THEN ' .\n' WHEN p <> p1 THEN ' ;{line}' ELSE ',' END"""


class NoRoom(Foreseen):
    """There is no room, in memory or on the disk, to sort what is written."""


@contextmanager
def opened(folder: Path, progress: Progress = silent, memory: int = MEMORY) -> Iterator[Columns | None]:
    """Open the columns of the snapshot in `folder`; None where it has none, another release's, or blank nodes.

    DuckDB holds `memory` MiB at most; what it puts on the disk beyond that is gone when this is left. Raises NoRoom.
    """
    if not (folder / FILE).is_file():
        yield None
        return
    with TemporaryDirectory(prefix="partnergraph-export-") as place:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory}MiB", "temp_directory": place, "autoinstall_known_extensions": False,
        }  # fmt: skip
        # Attached, not opened: one process may hold the file twice, with other settings.
        with closing(duckdb.connect(config=settings)) as connection:
            path = str(folder / FILE).replace("'", "''")
            for statement in ("SET enable_progress_bar = false", f"ATTACH '{path}' AS snapshot (READ_ONLY)",
                              "USE snapshot"):  # fmt: skip
                connection.execute(statement)
            facts = dict(connection.execute("SELECT name, value FROM facts").fetchall())
            found = Columns(connection, progress)
            try:
                yield None if facts["version"] != schema.VERSION or found.has_blank_nodes() else found
            except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
                raise NoRoom(f"there is no room to sort the statements: {error}") from error
            except RuntimeError as error:
                if str(error) == "Query interrupted":  # what DuckDB makes of Ctrl-C
                    raise KeyboardInterrupt from error
                raise

"""Which row says so: the table, below the graph, from a statement to its source, file and row.

Kept in the snapshot's `index.sqlite`; `partnergraph why`, `/why` and the entity pages read it.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from graph.names import GRAPH

Term = NamedNode | BlankNode | Literal | Triple
MEASURED: Final = f"{GRAPH}analysis-"  # how the names of graphs begin that hold what the project measured

_SCHEMA = """
CREATE TABLE origin (id INTEGER PRIMARY KEY, graph TEXT NOT NULL, file TEXT NOT NULL, UNIQUE (graph, file));
CREATE TABLE row (origin INTEGER NOT NULL REFERENCES origin, number INTEGER NOT NULL, cells TEXT NOT NULL,
                  PRIMARY KEY (origin, number)) WITHOUT ROWID;
CREATE TABLE statement (subject TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL,
                        origin INTEGER NOT NULL REFERENCES origin, number INTEGER NOT NULL,
                        PRIMARY KEY (subject, predicate, object, origin, number)) WITHOUT ROWID;
"""
_COLUMNS = "subject, predicate, object, origin, number"
_OF_GRAPH = """WHERE subject = ?1 AND predicate = ?2 AND object = ?3
               AND origin IN (SELECT id FROM main.origin WHERE graph = ?4
                              UNION ALL SELECT id FROM changed.origin WHERE graph = ?4)"""
_UNSAY = (
    f"INSERT OR IGNORE INTO changed.unsaid SELECT {_COLUMNS} FROM main.statement {_OF_GRAPH}",
    f"DELETE FROM changed.statement {_OF_GRAPH}",
)
_COME_BACK = f"DELETE FROM changed.unsaid {_OF_GRAPH}"
_ERASED = """WHERE subject IN (SELECT term FROM erased) OR object IN (SELECT term FROM erased)
             OR origin IN (SELECT id FROM origin WHERE graph IN (SELECT iri FROM erased))"""
# What a version that comes of a change keeps beside the tables of an earlier one (see graph/index.py).
CHANGED = (
    "CREATE TABLE changed.origin (id INTEGER PRIMARY KEY, graph TEXT NOT NULL, file TEXT NOT NULL)",
    *(f"""CREATE TABLE changed.{name} (subject TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL,
                        origin INTEGER NOT NULL, number INTEGER NOT NULL,
                        PRIMARY KEY ({_COLUMNS})) WITHOUT ROWID""" for name in ("statement", "unsaid")),
)  # fmt: skip
VIEWS = f"""
CREATE TEMP VIEW origin AS SELECT * FROM main.origin UNION ALL SELECT * FROM changed.origin;
CREATE TEMP VIEW statement AS
SELECT {_COLUMNS} FROM main.statement AS held
WHERE NOT EXISTS (SELECT 1 FROM changed.unsaid AS gone
                  WHERE gone.subject = held.subject AND gone.predicate = held.predicate
                  AND gone.object = held.object AND gone.origin = held.origin AND gone.number = held.number)
UNION ALL SELECT {_COLUMNS} FROM changed.statement;
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place that makes a statement: its `graph`, the `file`, and the row with its cells (None: the whole file)."""

    graph: str
    file: str
    row: int | None = None
    cells: dict[str, str] | None = None

    @property
    def place(self) -> str:
        """The file's name with its source's, which most tables have in common; what a change is called stays."""
        named = "/" in self.file or self.file.startswith(("change", "the "))
        return self.file if named else f"{self.graph.removeprefix(GRAPH)}/{self.file}"


@dataclass(frozen=True, slots=True)
class Said:
    """A quad and the evidence for it."""

    quad: Quad
    evidence: Evidence


def of_measures(graph: str) -> Evidence:
    """Give the evidence for what the analysis states in `graph`: the query that draws the network it measures."""
    network = graph.removeprefix(MEASURED)
    return Evidence(graph, f"analysis/networks/{network}.rq" if network != graph else "analysis")


def write(connection: sqlite3.Connection, said: Iterable[Said]) -> None:
    """Create the provenance tables and fill them; each quad keeps every row that makes it."""
    connection.executescript(_SCHEMA)
    add(connection, said)


def add(connection: sqlite3.Connection, said: Iterable[Said]) -> None:
    """Add evidence to the tables that `write` made."""
    origins: dict[tuple[str, str], int] = {}
    for one in said:
        evidence = one.evidence
        key = (evidence.graph, evidence.file)
        if key not in origins:
            connection.execute("INSERT OR IGNORE INTO origin (graph, file) VALUES (?, ?)", key)
            found = connection.execute("SELECT id FROM origin WHERE graph = ? AND file = ?", key).fetchone()
            origins[key] = found[0]
        number = evidence.row or 0
        if evidence.cells is not None:
            connection.execute(
                "INSERT OR IGNORE INTO row VALUES (?, ?, ?)",
                (origins[key], number, json.dumps(evidence.cells, ensure_ascii=False)),
            )
        quad = one.quad
        connection.execute(
            "INSERT OR IGNORE INTO statement VALUES (?, ?, ?, ?, ?)",
            (str(quad.subject), str(quad.predicate), str(quad.object), origins[key], number),
        )


def say(connection: sqlite3.Connection, said: Iterable[Said]) -> None:
    """Add evidence, of no row, to what changed; a statement that comes back to its graph has its rows again."""
    for one in said:
        if connection.execute(_COME_BACK, (*_texts(one.quad), one.evidence.graph)).rowcount == 0:
            origin = _origin(connection, one.evidence.graph, one.evidence.file)
            row = (*_texts(one.quad), origin, one.evidence.row or 0)
            connection.execute("INSERT OR IGNORE INTO changed.statement VALUES (?, ?, ?, ?, ?)", row)


def unsay(connection: sqlite3.Connection, quads: Iterable[Quad]) -> None:
    """Note that all evidence for `quads`, each in its own graph, is gone."""
    for quad in quads:
        graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        for statement in _UNSAY:
            connection.execute(statement, (*_texts(quad), graph))


def absorb(connection: sqlite3.Connection) -> None:
    """Make the tables hold what changed, which is attached."""
    same = " AND ".join(f"gone.{name} = statement.{name}" for name in _COLUMNS.split(", "))
    connection.execute(f"DELETE FROM statement WHERE EXISTS (SELECT 1 FROM changed.unsaid AS gone WHERE {same})")
    connection.execute("INSERT INTO main.origin SELECT * FROM changed.origin")
    connection.execute("INSERT INTO main.statement SELECT * FROM changed.statement")


def erase(connection: sqlite3.Connection, iris: Iterable[str]) -> None:
    """Delete the statements that mention `iris`, and the cells of the rows that make them, from a file of tables."""
    held = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.execute("CREATE TEMP TABLE erased (iri TEXT PRIMARY KEY, term TEXT)")
    connection.executemany("INSERT INTO erased VALUES (?, ?)", ((iri, f"<{iri}>") for iri in iris))
    if "row" in held:
        told = f"SELECT origin, number FROM statement {_ERASED}"
        connection.execute(f"DELETE FROM row WHERE (origin, number) IN ({told})")
    for table in held & {"statement", "unsaid"}:
        connection.execute(f"DELETE FROM {table} {_ERASED}")
    connection.execute("DELETE FROM origin WHERE graph IN (SELECT iri FROM erased)")


def _origin(connection: sqlite3.Connection, graph: str, file: str) -> int:
    for part in ("main", "changed"):
        found = connection.execute(f"SELECT id FROM {part}.origin WHERE graph = ? AND file = ?", (graph, file))
        if (known := found.fetchone()) is not None:
            return int(known[0])
    made = """INSERT INTO changed.origin SELECT 1 + max((SELECT ifnull(max(id), 0) FROM main.origin),
              (SELECT ifnull(max(id), 0) FROM changed.origin)), ?, ?"""
    return connection.execute(made, (graph, file)).lastrowid or 0


def _texts(quad: Quad) -> tuple[str, str, str]:
    return str(quad.subject), str(quad.predicate), str(quad.object)


def about(
    connection: sqlite3.Connection, subject: Term, predicate: Term | None, object_: Term | None, most: int
) -> tuple[list[Evidence], int]:
    """Give `most` files and rows that state anything of `subject`, by `predicate` and `object_` where given, and how
    many more there are. Each graph has one at least, even beyond `most`; what was measured counts where nothing else
    is there.
    """
    found = connection.execute(
        """WITH told AS (SELECT DISTINCT graph, file, statement.number AS number, instr(graph, ?) = 1 AS measured
                         FROM statement JOIN origin ON origin.id = statement.origin
                         WHERE subject = ? AND (? IS NULL OR predicate = ?) AND (? IS NULL OR object = ?)),
           placed AS (SELECT *, row_number() OVER (PARTITION BY graph ORDER BY file, number) AS place
                      FROM told WHERE measured = (SELECT min(measured) FROM told)),
           chosen AS (SELECT *, row_number() OVER (ORDER BY place, graph) AS turn, count(*) OVER () AS many FROM placed)
           SELECT graph, file, number, many FROM chosen WHERE place = 1 OR turn <= ? ORDER BY graph, file, number""",
        (MEASURED, str(subject), *(predicate and str(predicate),) * 2, *(object_ and str(object_),) * 2, most),
    ).fetchall()
    rows = [Evidence(graph, file, number or None) for graph, file, number, _ in found]
    return rows, found[0][3] - len(rows) if found else 0


def why(connection: sqlite3.Connection, subject: Term, predicate: Term, object_: Term) -> Iterator[Evidence]:
    """Give every file and row that makes the statement, in order of graph, file and row."""
    found = connection.execute(
        """SELECT graph, file, statement.number, cells
           FROM statement JOIN origin ON origin.id = statement.origin
           LEFT JOIN row ON row.origin = statement.origin AND row.number = statement.number
           WHERE subject = ? AND predicate = ? AND object = ? ORDER BY graph, file, statement.number""",
        (str(subject), str(predicate), str(object_)),
    )
    for graph, file, number, cells in found:
        yield Evidence(graph, file, number or None, json.loads(cells) if cells else None)

"""What became of the rows of each table: mapped, left out with a reason, or rejected; and which cells of mapped rows
were left out. Kept in `index.sqlite`.

A published version has no rejected rows, since a rejected row ends its build; a table of an import may have had some.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from graph.names import GRAPH
from graph.quads import Tally

_SCHEMA = """CREATE TABLE tally (source TEXT PRIMARY KEY, rows INTEGER NOT NULL, mapped INTEGER NOT NULL,
                                 rejected INTEGER NOT NULL, left_out TEXT NOT NULL) WITHOUT ROWID"""
_CELLS = """CREATE TABLE tally_cell (source TEXT NOT NULL, name TEXT NOT NULL, reason TEXT NOT NULL,
                                     cells INTEGER NOT NULL, PRIMARY KEY (source, name, reason)) WITHOUT ROWID"""


@dataclass(frozen=True, slots=True)
class TableRows:
    """A source's table: its named graph, and its rows by what became of them; `left_out` are reasons with counts.

    `cells` are columns of mapped rows with a reason why a cell of theirs was left out, and how many were for it.
    """

    graph: str
    rows: int
    mapped: int
    rejected: int
    left_out: tuple[tuple[str, int], ...]
    cells: tuple[tuple[str, str, int], ...] = ()

    @property
    def without(self) -> int:
        """The number of rows that were left out on purpose."""
        return sum(count for _, count in self.left_out)

    @property
    def cells_without(self) -> int:
        """The number of cells of mapped rows that were left out on purpose."""
        return sum(count for _, _, count in self.cells)

    @property
    def adds_up(self) -> bool:
        """Whether the three kinds are all the rows there are."""
        return self.mapped + self.rejected + self.without == self.rows


def write(connection: sqlite3.Connection, tallies: Iterable[Tally]) -> None:
    """Create the tables of tallies and fill them."""
    tallies = list(tallies)
    connection.execute(_SCHEMA)
    connection.execute(_CELLS)
    connection.executemany(
        "INSERT INTO tally_cell VALUES (?, ?, ?, ?)",
        ((t.source, *key, count) for t in tallies for key, count in t.cells_left_out.items()),
    )
    connection.executemany(
        "INSERT INTO tally VALUES (?, ?, ?, ?, ?)",
        ((t.source, t.rows, t.mapped, t.rejected, json.dumps(t.left_out.most_common())) for t in tallies),
    )


def read(connection: sqlite3.Connection) -> list[TableRows]:
    """Give the tallies of a version, by source; [] where it was not built from tables."""
    held = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'tally%'")}
    if "tally" not in held:
        return []
    cells: dict[str, list[tuple[str, str, int]]] = {}
    if "tally_cell" in held:  # a version of an older release has none
        for source, *one in connection.execute("SELECT * FROM tally_cell ORDER BY source, cells DESC, name, reason"):
            cells.setdefault(source, []).append((one[0], one[1], one[2]))
    found = connection.execute("SELECT source, rows, mapped, rejected, left_out FROM tally ORDER BY source")
    return [
        TableRows(GRAPH + source, all_, mapped, rejected, tuple((why, count) for why, count in json.loads(left_out)),
                  tuple(cells.get(source, ())))
        for source, all_, mapped, rejected, left_out in found
    ]

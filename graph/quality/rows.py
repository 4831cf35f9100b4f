"""What became of the rows of each table: mapped, left out with a reason, or rejected. Kept in `index.sqlite`.

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


@dataclass(frozen=True, slots=True)
class TableRows:
    """A source's table: its named graph, and its rows by what became of them; `left_out` are reasons with counts."""

    graph: str
    rows: int
    mapped: int
    rejected: int
    left_out: tuple[tuple[str, int], ...]

    @property
    def without(self) -> int:
        """The number of rows that were left out on purpose."""
        return sum(count for _, count in self.left_out)

    @property
    def adds_up(self) -> bool:
        """Whether the three kinds are all the rows there are."""
        return self.mapped + self.rejected + self.without == self.rows


def write(connection: sqlite3.Connection, tallies: Iterable[Tally]) -> None:
    """Create the table of tallies and fill it."""
    connection.execute(_SCHEMA)
    connection.executemany(
        "INSERT INTO tally VALUES (?, ?, ?, ?, ?)",
        ((t.source, t.rows, t.mapped, t.rejected, json.dumps(t.left_out.most_common())) for t in tallies),
    )


def read(connection: sqlite3.Connection) -> list[TableRows]:
    """Give the tallies of a version, by source; [] where it was not built from tables."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'tally'").fetchone() is None:
        return []
    found = connection.execute("SELECT source, rows, mapped, rejected, left_out FROM tally ORDER BY source")
    return [
        TableRows(GRAPH + source, all_, mapped, rejected, tuple((why, count) for why, count in json.loads(left_out)))
        for source, all_, mapped, rejected, left_out in found
    ]

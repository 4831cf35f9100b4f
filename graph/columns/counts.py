"""What the columns of a snapshot count, so that a manifest needs no pass over the rows."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from graph.columns import FILE


@dataclass(frozen=True, slots=True)
class Counts:
    """Statements and digest of each graph by its name (`graph.store.name_of`), and triples of the default graph."""

    statements: dict[str, int]
    digests: dict[str, int]
    triples: int


def counts(folder: Path) -> Counts | None:
    """Give what the columns in `folder` count; None where it has none. Raises duckdb.Error."""
    path = folder / FILE
    if not path.is_file():
        return None
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        rows = connection.execute("SELECT name, statements, w0, w1, w2, w3 FROM graphs").fetchall()
        (triples,) = connection.execute("SELECT count(*) FROM triples").fetchone() or (0,)
    named = [(name[1:-1] if name.startswith("<") else name, *rest) for name, *rest in rows]
    digests = {name: sum(int(word) << 192 - 64 * n for n, word in enumerate(words)) for name, _, *words in named}
    return Counts(
        {name: count for name, count, *_ in named},
        {name: digest % (1 << 256) for name, digest in digests.items()},
        triples,
    )

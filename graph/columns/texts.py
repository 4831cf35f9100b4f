"""Texts of things, in order, out of the columns."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
from pyoxigraph import NamedNode

from graph.columns.kinds import Kind
from graph.columns.opened import opened

Texts = Iterator[tuple[str, str, int]]
_PART: Final = 20_000  # rows taken at a time
_ASKED: Final = f"""
    SELECT a.lex AS iri, b.lex AS text, min(place) AS place
    FROM {{statements}} JOIN (SELECT unnest($1) AS p, unnest($2) AS place) USING (p)
    JOIN terms a ON a.id = s JOIN terms b ON b.id = o
    WHERE a.kind = {Kind.IRI:d} AND b.kind > {Kind.IRI:d} GROUP BY ALL ORDER BY iri, text"""


@contextmanager
def texts(folder: Path | None, properties: Sequence[str]) -> Iterator[Texts | None]:
    """Give each IRI with each literal that it has by one of `properties`, and the place of the first of these.

    In order of IRI and text, from the columns in `folder`; None where it has none. Raises duckdb.Error.
    """
    with TemporaryDirectory(prefix="texts-") as spill:
        columns = None if folder is None else opened(folder, Path(spill))
        if columns is None:
            yield None
            return
        with closing(columns):
            ids = [columns.constant(NamedNode(one)).id for one in properties]
            held = "triples" if columns.union else "(SELECT p, s, o FROM triples UNION ALL SELECT p, s, o FROM quads)"
            yield _fetched(columns.connection.execute(_ASKED.format(statements=held), [ids, list(range(len(ids)))]))


def _fetched(found: duckdb.DuckDBPyConnection) -> Texts:
    while part := found.fetchmany(_PART):
        yield from part

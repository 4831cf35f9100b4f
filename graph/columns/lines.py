"""Columns of N-Quads and N-Triples files of anyone's, read by DuckDB itself: no dump of the rows is needed.

A statement a line, as nearly every writer writes it: single spaces, a space before the full stop. What the engine may
store in another form than it is written in (numbers, dates, escapes, language tags) goes through the engine, each term
once. A file of any other form is left alone.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from graph.columns import FILE, pays, schema
from graph.columns.build import MEMORY, ColumnsError, fill, opened_new
from graph.columns.kinds import XSD
from graph.manifest import Mode
from graph.names import PREFIXES
from graph.progress import Progress, silent

_TOGETHER: Final = 20_000  # terms that go through the engine at once
_PREDICATE: Final = NamedNode("x:")

_IRI: Final = r'<[^\x00-\x20<>"{}|^`\\]*>'
_STRING: Final = r'"(?:[^"\\\x00-\x1f\x7f\x{fffe}\x{ffff}]|\\[tbnrf"\\])*"'
# What the engine stores as it is written, of the datatypes that it knows: the commonest forms.
_VALUES: Final = {
    "boolean": "true|false",
    "integer": "0|-?[1-9][0-9]{0,17}",
    "decimal": r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{0,17}[1-9]|[1-9][0-9]{0,17}",
    "date": "[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])",
    "gYear": "[12][0-9]{3}",
    "gYearMonth": "[12][0-9]{3}-(?:0[1-9]|1[0-2])",
}
_ALIKE: Final = "|".join([
    _IRI, f"{_STRING}(?:@[a-z]+(?:-[a-z0-9]+)*)?",
    *(rf'"(?:{form})"\^\^<{XSD}{name}>' for name, form in _VALUES.items()),
])  # fmt: skip
_OTHER: Final = rf"{_STRING}\^\^{_IRI}"  # with a datatype that the engine does not know
_KNOWN: Final = " OR ".join(f"contains(t, '^^<{namespace}')" for namespace in (XSD, PREFIXES["rdf"]))
_TERM: Final = r'<[^<>"\s]*>|"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^<[^<>"\s]*>)?'


class NotPlain(ColumnsError):
    """A file is not of the form that is read here, or too small for columns."""


def build_from(
    files: Sequence[Path], graph: str | None, folder: Path, united: Path, progress: Progress = silent
) -> Mode:
    """Write the columns of what `files` state into `folder`, and the union of its graphs as N-Triples into `united`.

    Triples of no graph go to `graph`, where one is named. Gives the mode of the dataset: `separate`, without a file of
    the union, where it has a default graph of its own. Raises ColumnsError (NotPlain) with nothing left behind.
    """
    path = folder / FILE
    with TemporaryDirectory(dir=folder, prefix=".columns-") as place:
        progress("columns: read", 0, None)
        try:
            with opened_new(path, Path(place), MEMORY) as connection:
                return _built(connection, files, graph, united, progress)
        except (duckdb.Error, ColumnsError) as error:
            path.unlink(missing_ok=True)
            united.unlink(missing_ok=True)
            if isinstance(error, ColumnsError):
                raise
            raise ColumnsError(f"the columns could not be built: {error}") from error


def _built(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], graph: str | None, united: Path, progress: Progress
) -> Mode:
    name = f"<{graph}>" if graph else ""
    connection.execute("CREATE TEMP TABLE raw (s VARCHAR, p VARCHAR, o VARCHAR, g VARCHAR)")
    for file in files:
        connection.execute(f"INSERT INTO raw {schema.read(str(file), name)}")
    (plain,) = connection.execute("SELECT count(*) FROM raw WHERE g = ''").fetchone() or (0,)
    mode: Mode = "separate" if plain else "union"
    (statements,) = connection.execute("SELECT count(*) FROM raw").fetchone() or (0,)
    if not pays(statements if plain else 2 * statements, mode):
        raise NotPlain("too few statements for columns")
    connection.execute(schema.TEXTS)
    if _settle(connection):
        connection.execute("DROP TABLE texts")
        connection.execute(schema.TEXTS)
    fill(connection, mode, progress, None if plain else united)
    return mode


def _settle(connection: duckdb.DuckDBPyConnection) -> bool:
    """Give each term the form that the engine stores; say whether any has another one than in the files."""
    doubtful = f"""SELECT t, regexp_full_match(t, $term) FROM texts WHERE NOT (regexp_full_match(t, $alike)
                   OR (regexp_full_match(t, $other) AND NOT ({_KNOWN})))"""
    found = connection.execute(doubtful, {"term": f"(?s){_TERM}", "alike": _ALIKE, "other": _OTHER})
    differing: list[tuple[str, str]] = []
    while rows := found.fetchmany(_TOGETHER):
        if not all(is_term for _, is_term in rows):
            raise NotPlain("a line is not written as it is read here")
        texts = [text for text, _ in rows]
        differing += [pair for pair in zip(texts, _stored(texts), strict=True) if pair[0] != pair[1]]
    if differing:
        connection.execute("CREATE TEMP TABLE settled (was VARCHAR, now VARCHAR)")
        for start in range(0, len(differing), _TOGETHER):
            some = differing[start : start + _TOGETHER]
            columns = [[was for was, _ in some], [now for _, now in some]]
            connection.execute("INSERT INTO settled SELECT unnest($1), unnest($2)", columns)
        for place in "spog":
            connection.execute(f"UPDATE raw SET {place} = now FROM settled WHERE {place} = was")
        connection.execute("DROP TABLE settled")
    return bool(differing)


def _stored(texts: Sequence[str]) -> Iterator[str]:
    """Give terms, told in N-Triples, as the engine stores them. Raises NotPlain where it cannot read them."""
    lines = "".join(f"<x:{n}> {_PREDICATE} {text} .\n" for n, text in enumerate(texts))
    store = Store()
    try:
        store.extend(Quad(q.subject, q.predicate, q.object) for q in parse(lines.encode(), RdfFormat.N_TRIPLES))
    except (SyntaxError, ValueError) as error:
        raise NotPlain(f"a term is not read here: {error}") from error
    held = {quad.subject: str(quad.object) for quad in store}
    if len(held) != len(texts):
        raise NotPlain("a line is not written as it is read here")
    return (held[NamedNode(f"x:{n}")] for n, _ in zip(count(), texts, strict=False))

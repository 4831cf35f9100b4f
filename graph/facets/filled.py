"""The tables of facets, filled from the columns: what `graph.facets.index.write` finds in the rows, found by SQL."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import duckdb
from pyoxigraph import NamedNode, Store
from pyroaring import BitMap

from graph.columns.kinds import Kind
from graph.columns.opened import Columns
from graph.engine.sql.answer import term_of
from graph.engine.sql.compile import Plan, compiled
from graph.engine.sql.fragments import NotCompiled
from graph.engine.sql.relation import name_of
from graph.engine.sql.run import Term
from graph.facets.definitions import Facet, facets_of
from graph.names import PREFIXES
from graph.naming import LABELS, Namer

_PART: Final = 50_000  # rows taken at a time
_TYPE: Final = NamedNode(PREFIXES["rdf"] + "type")
_SUBCLASS: Final = NamedNode(PREFIXES["rdfs"] + "subClassOf")
_SPACE: Final = r"\x09-\x0d\x1c-\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"

# The best label of each thing: by the property, then English or untagged before others, then the first text.
_STATED: Final = f"""
    CREATE TEMP TABLE stated AS
    SELECT s, min(place::VARCHAR || (lang IS NOT NULL AND lang <> 'en')::INT || lex)[3:] AS label
    FROM {{statements}} JOIN (SELECT unnest($1) AS p, unnest($2) AS place) USING (p) JOIN terms ON id = o
    WHERE kind > {Kind.IRI:d} AND regexp_matches(lex, $3) GROUP BY s"""
_EDGES: Final = f"""
    SELECT DISTINCT s, o FROM triples JOIN terms a ON a.id = s JOIN terms b ON b.id = o
    WHERE p = ? AND a.kind = {Kind.IRI:d} AND b.kind = {Kind.IRI:d}"""
_CLASSES: Final = f"""
    SELECT o, lex FROM (SELECT DISTINCT o FROM triples WHERE p = ?) JOIN terms ON id = o WHERE kind = {Kind.IRI:d}"""
_MEMBERS: Final = f"""
    CREATE TEMP TABLE members AS
    SELECT DISTINCT n, s, lex AS iri FROM triples JOIN (SELECT unnest($1) AS n, unnest($2) AS o) USING (o)
    JOIN terms ON id = s WHERE p = $3 AND kind = {Kind.IRI:d}"""
_THINGS: Final = """
    CREATE TEMP TABLE things AS
    SELECT s, iri, label, CASE WHEN regexp_full_match(label, '[\\x00-\\x7f]*') THEN lower(label) END AS folded
    FROM (SELECT DISTINCT s, iri FROM members) LEFT JOIN stated USING (s)"""
_RANKED: Final = """
    CREATE TEMP TABLE ranked AS
    SELECT n, s, (row_number() OVER (PARTITION BY n ORDER BY folded, iri) - 1)::INTEGER AS rank, members.iri, label
    FROM members JOIN (
        SELECT s, folded, label FROM things WHERE folded IS NOT NULL UNION ALL SELECT s, folded, label FROM spelt
    ) USING (s)"""
_GROUPED: Final = """
    WITH grouped AS (SELECT value, list(rank ORDER BY rank) AS ranks
                     FROM found JOIN ranked ON s = member WHERE n = ? AND value IS NOT NULL GROUP BY value)"""
_BY_ID: Final = f"""{_GROUPED}
    SELECT kind, lex, datatype, lang, label, ranks
    FROM grouped JOIN terms ON id = value LEFT JOIN stated ON s = value ORDER BY id"""
_BY_FIELDS: Final = f"""{_GROUPED}
    SELECT value.kind, value.lex, value.datatype, value.lang, label, ranks
    FROM grouped LEFT JOIN terms ON terms.lex = value.lex AND kind = {Kind.IRI:d} AND value.kind = kind
    LEFT JOIN stated ON s = id ORDER BY value"""


def fill(connection: sqlite3.Connection, columns: Columns) -> list[tuple[int, Facet]]:
    """Fill the empty tables of `connection` from `columns`; give the facets left, by class, that do not compile.

    Raises duckdb.Error.
    """
    run = columns.connection
    _label(run, columns)
    classes = _rank(run, columns)
    counts = dict(run.execute("SELECT n, count(*) FROM ranked GROUP BY n").fetchall())
    listed = [(number, iri, counts[number]) for number, iri in classes if number in counts]
    connection.executemany("INSERT INTO listed VALUES (?, ?, ?)", listed)
    run.execute("SELECT n, rank, iri, label FROM ranked ORDER BY n, rank")
    while part := run.fetchmany(_PART):
        connection.executemany("INSERT INTO member VALUES (?, ?, ?, ?)", part)
    numbers: dict[Facet, list[int]] = defaultdict(list)
    for number, iri, _ in listed:
        for facet in facets_of(iri):
            numbers[facet].append(number)
    left: list[tuple[int, Facet]] = []
    for facet, of in numbers.items():
        by_id = _answered(run, columns, facet)
        if by_id is None:
            left += [(number, facet) for number in of]
            continue
        for number in of:
            rows = _values(run.execute(_BY_ID if by_id else _BY_FIELDS, [number]), number, facet)
            connection.executemany("INSERT INTO facet_value VALUES (?, ?, ?, ?, ?, ?)", rows)
    return left


def _label(run: duckdb.DuckDBPyConnection, columns: Columns) -> None:
    statements = "triples" if columns.union else "(SELECT p, s, o FROM triples UNION ALL SELECT p, s, o FROM quads)"
    ids = [columns.constant(property_).id for property_ in LABELS]
    run.execute(_STATED.format(statements=statements), [ids, list(range(len(ids))), f"[^{_SPACE}]"])


def _rank(run: duckdb.DuckDBPyConnection, columns: Columns) -> list[tuple[int, str]]:
    """Make the tables of members in their order; give the number and the IRI of each class."""
    type_, narrower = columns.constant(_TYPE).id, columns.constant(_SUBCLASS).id
    above: dict[int, set[int]] = defaultdict(set)
    for one, broader in run.execute(_EDGES, [narrower]).fetchall():
        above[one].add(broader)
    direct = [o for o, _ in run.execute(_CLASSES, [type_]).fetchall()]
    closures = {one: _closure(one, above) for one in direct}
    names = run.execute("SELECT id, lex FROM terms WHERE id IN (SELECT unnest(?))",
                        [sorted({up for found in closures.values() for up in found})]).fetchall()  # fmt: skip
    numbers = {one: n for n, (one, _) in enumerate(sorted(names, key=lambda row: row[1]), start=1)}
    pairs = [(numbers[up], one) for one, found in closures.items() for up in found]
    run.execute(_MEMBERS, [[n for n, _ in pairs], [one for _, one in pairs], type_])
    run.execute(_THINGS)
    run.execute("CREATE TEMP TABLE spelt (s INTEGER, label VARCHAR, folded VARCHAR)")
    # Only the full rules of Unicode tell how other letters than ASCII's fold, and what has no label is named here.
    namer, rest = Namer(Store()), run.execute("SELECT s, iri, label FROM things WHERE folded IS NULL").fetchall()
    for start in range(0, len(rest), _PART):
        some = [(s, label or namer.label(iri)) for s, iri, label in rest[start : start + _PART]]
        texts = [label for _, label in some]
        run.execute("INSERT INTO spelt SELECT unnest(?), unnest(?), unnest(?)",
                    [[s for s, _ in some], texts, [text.casefold() for text in texts]])  # fmt: skip
    run.execute(_RANKED)
    return [(numbers[one], iri) for one, iri in sorted(names, key=lambda row: row[1])]


def _closure(one: int, above: dict[int, set[int]]) -> set[int]:
    seen, waiting = {one}, [one]
    while waiting:
        near = above.get(waiting.pop(), set()) - seen
        seen |= near
        waiting += near
    return seen


def _answered(run: duckdb.DuckDBPyConnection, columns: Columns, facet: Facet) -> bool | None:
    """Make the table of a facet's members and values; say whether values are ids. None where it does not compile."""
    try:
        plan = compiled(facet.query, columns)
    except NotCompiled:
        return None
    if plan.columns.keys() != {"member", "value"} or not plan.columns["member"].encoded:
        return None
    by_id = plan.columns["value"].encoded
    run.execute(f"CREATE OR REPLACE TEMP TABLE found AS {_pairs(plan, by_id)}")
    return by_id


def _pairs(plan: Plan, by_id: bool) -> str:
    member, value = name_of("member"), name_of("value")
    fields = ", ".join(f"{name} := {value}.{name}" for name in ("kind", "lex", "datatype", "lang"))
    told = value if by_id else f"CASE WHEN {value} IS NOT NULL THEN struct_pack({fields}) END"
    return f"SELECT DISTINCT {member} AS member, {told} AS value FROM ({plan.sql})"


def _values(
    found: duckdb.DuckDBPyConnection, number: int, facet: Facet
) -> Iterator[tuple[int, str, str, str, int, bytes]]:
    namer = Namer(Store())
    while part := found.fetchmany(_PART // 100):
        for kind, lex, datatype, lang, label, ranks in part:
            value = term_of(Term(kind, lex, datatype, lang))
            text = label if label and isinstance(value, NamedNode) else namer.value(value).text
            yield number, facet.name, str(value), text, len(ranks), BitMap(ranks).serialize()

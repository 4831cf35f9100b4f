"""Blank nodes of what is written out of columns: labelled anew by RDFC-1.0, all together, as an export of rows does."""

from typing import Final

import duckdb
from pyoxigraph import RdfFormat, parse

from graph.columns.kinds import Kind
from graph.columns.term_texts import term_sql
from graph.labels import canonical
from graph.ordering import rank, statements

FIRST: Final = 1 << 30  # their new ids: behind those of all IRIs, as they stand in an export
_PLACE: Final = 1 << 31  # among objects: behind IRIs, before literals
_DEFAULT: Final = -1  # stands for the default graph


def relabelled(connection: duckdb.DuckDBPyConnection, source: str) -> str:
    """Give SQL for the statements of `source` (g, p, s, o) with the new ids of blank nodes, and put these into `shown`.

    It is `source` itself where there are none. Raises NotSerialisable where they cannot be labelled.
    """
    run = connection.execute
    run(f"DELETE FROM shown WHERE id >= {FIRST}")
    (count,) = run(f"SELECT count(*) FROM terms WHERE kind = {Kind.BLANK:d}").fetchone() or (0,)
    if not count:
        return source
    known = f"s >= {count} AND o >= {count} AND (g < 0 OR g >= {count})"  # the dictionary begins with them
    rows = run(f"SELECT g, p, s, o FROM ({source}) WHERE NOT ({known})").fetchall()
    if not rows:
        return source
    wanted = sorted({term for row in rows for term in row})
    texts = dict(run(f"SELECT id, {term_sql()} FROM terms WHERE id IN (SELECT unnest(?))", [wanted]).fetchall())
    texts[_DEFAULT] = ""
    ids = {text: term for term, text in texts.items()}
    lines = "\n".join(f"{texts[s]} {texts[p]} {texts[o]} {texts[g]} ." for g, p, s, o in rows)
    quads = list(statements(canonical(list(parse(lines, format=RdfFormat.N_QUADS, lenient=True)))))
    labels = sorted({term for quad in quads for term in quad if term[:1] == "_"}, key=rank)
    ids |= {label: FIRST + place for place, label in enumerate(labels)}
    run("INSERT INTO shown SELECT unnest($ids), unnest($places), unnest($texts), NULL",
        {"ids": [ids[label] for label in labels], "places": [_PLACE + n for n in range(len(labels))], "texts": labels})
    run("CREATE OR REPLACE TEMP TABLE relabelled AS SELECT unnest($g)::INTEGER AS g, unnest($p)::INTEGER AS p, "
        "unnest($s)::INTEGER AS s, unnest($o)::INTEGER AS o",
        {place: [ids[quad[n]] for quad in quads] for place, n in (("g", 0), ("s", 1), ("p", 2), ("o", 3))})  # fmt: skip
    return f"SELECT g, p, s, o FROM ({source}) WHERE {known} UNION ALL SELECT g, p, s, o FROM relabelled"

"""How two versions differ, by their columns: joins of ids, where rows are looked up one by one."""

from pathlib import Path

import duckdb
from pyoxigraph import Quad, RdfFormat, parse

from graph.columns import FILE, schema
from graph.columns.document import connected
from graph.columns.term_texts import term_sql


def difference(old: Path, new: Path) -> tuple[set[Quad], set[Quad]] | None:
    """Give the statements of `new` that `old` has not, and those of `old` that `new` has not: folders of versions.

    They are those of the named graphs and, where it is no union of them, of the default graph. None where one has no
    columns of this form, or both are not of one mode.
    """
    if not all((folder / FILE).is_file() for folder in (old, new)):
        return None
    with connected({"old": old, "new": new}) as connection:
        old_facts, new_facts = (dict(connection.execute(f"SELECT name, value FROM {name}.facts").fetchall())
                                for name in ("old", "new"))  # fmt: skip
        if old_facts != new_facts or old_facts["version"] != schema.VERSION:
            return None
        connection.execute(_SAME)
        own = old_facts["mode"] == "separate"
        return _apart(connection, "new", "old", own), _apart(connection, "old", "new", own)


# The terms that both dictionaries hold, with their ids in each; the default graph's stands for itself.
_SAME = """
    CREATE TEMP TABLE same AS
    SELECT a.id AS old, b.id AS new FROM old.terms a JOIN new.terms b ON a.lex = b.lex AND a.kind = b.kind
        AND a.datatype IS NOT DISTINCT FROM b.datatype AND a.lang IS NOT DISTINCT FROM b.lang
    UNION ALL SELECT -1, -1"""


def _apart(connection: duckdb.DuckDBPyConnection, here: str, there: str, own: bool) -> set[Quad]:
    quads = {name: f"SELECT g, p, s, o FROM {name}.quads" for name in (here, there)}
    if own:
        quads = {name: f"{named} UNION ALL SELECT -1, p, s, o FROM {name}.triples" for name, named in quads.items()}
    joins = " ".join(f"LEFT JOIN same {c}_ ON {c}_.{here} = q.{c}" for c in "gpso")
    match = " AND ".join(f"t.{c} = m.{c}0" for c in "gpso")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE apart AS
        WITH m AS (SELECT q.*, {", ".join(f"{c}_.{there} AS {c}0" for c in "gpso")} FROM ({quads[here]}) q {joins})
        SELECT m.g, m.p, m.s, m.o FROM m ANTI JOIN ({quads[there]}) t ON {match}""")
    texts = " ".join(f"LEFT JOIN texts {c}_ ON {c}_.id = {c}" for c in "gpso")
    found = connection.execute(f"""
        WITH held AS (SELECT unnest([g, p, s, o]) AS id FROM apart),
             texts AS (SELECT id, {term_sql()} AS t FROM {here}.terms WHERE id IN (SELECT id FROM held))
        SELECT s_.t || ' ' || p_.t || ' ' || o_.t || coalesce(' ' || g_.t, '') || ' .\n' FROM apart {texts}""")
    quads_found: set[Quad] = set()
    while lines := found.fetchmany(10_000):
        quads_found.update(parse("".join(line for (line,) in lines), format=RdfFormat.N_QUADS, lenient=True))
    return quads_found

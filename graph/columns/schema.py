"""The tables of the columns and the SQL that makes them out of N-Quads, in DuckDB.

`terms` is the dictionary: an id a term, dense from 0 in SPARQL's order within a kind, so that ids of one kind sort as
their terms do. `triples` is the default graph, `quads` the named ones, both sorted by predicate, subject and object.
`predicates` holds what the planner knows of each predicate, `facts` single values by name.
"""

from typing import Final

from graph.columns.kinds import LANG_STRING, STRING, Kind, double_sql, kind_sql, number_sql

VERSION: Final = "3"

# The writer of N-Quads escapes control characters (and two that are none), so that U+0001 is free to begin a mark for
# what comes of others: "\\\\" must not be read again, nor the U+0001 that an escape stands for.
_ESCAPES: Final = [("\\t", 9), ("\\b", 8), ("\\n", 10), ("\\r", 13), ("\\f", 12), ('\\"', 34),
                   *((f"\\u{code:04X}", code) for code in (0, *range(2, 32), 127, 0xFFFE, 0xFFFF))]  # fmt: skip


def read(file: str, graph: str = "") -> str:
    """Give SQL for the statements of a file as the engine writes it: s, p, o and g as text; s is what is no such line.

    The file holds N-Quads, whose g is '' in the default graph; or N-Triples, all in `graph`.
    """
    path, name = file.replace("'", "''"), graph.replace("'", "''")
    lines = f"""
        SELECT CASE WHEN ends_with(line, ' .') THEN split_part(line, ' ', 1) ELSE line END AS s,
               split_part(line, ' ', 2) AS p,
               line[length(s) + length(p) + 3:-3] AS rest
        FROM read_csv('{path}', delim = chr(1), quote = '', escape = '', header = false,
                      columns = {{'line': 'VARCHAR'}}, auto_detect = false, new_line = '\\n',
                      max_line_size = 67108864, buffer_size = 134217728)"""
    if graph:
        return f"SELECT s, p, rest AS o, '{name}' AS g FROM ({lines})"
    return f"""
        SELECT s, p, CASE WHEN g = '' THEN rest ELSE rest[:-(length(g) + 2)] END AS o, g
        FROM (SELECT *, regexp_extract(rest, ' (<[^<>" ]*>|_:[^ "]+)$', 1) AS g FROM ({lines}))"""


def _unescaped(text: str) -> str:
    plain = f"replace({text}, '\\\\', chr(1) || 'b')"
    for escape, code in _ESCAPES:
        plain = f"replace({plain}, '{escape}', chr({code}))"
    plain = f"replace({plain}, '\\u0001', chr(1) || 'c')"
    plain = f"replace(replace({plain}, chr(1) || 'b', '\\'), chr(1) || 'c', chr(1))"
    return f"CASE WHEN contains({text}, '\\') THEN {plain} ELSE {text} END"


_PARTS: Final = f"""
    SELECT t,
           CASE t[1] WHEN '_' THEN t[3:] WHEN '<' THEN t[2:-2] ELSE {_unescaped("t[2:-(length(tail) + 2)]")} END AS lex,
           CASE WHEN t[1] <> '"' THEN NULL WHEN tail = '' THEN '{STRING}' WHEN tail[1] = '@' THEN '{LANG_STRING}'
                ELSE tail[4:-2] END AS datatype,
           CASE WHEN t[1] = '"' AND tail[1] = '@' THEN tail[2:] END AS lang
    FROM (SELECT t, CASE WHEN t[1] = '"' THEN regexp_extract(t, '"([^"]*)$', 1) ELSE '' END AS tail FROM texts)"""

_KINDS: Final = f"""
    SELECT *, CASE t[1] WHEN '_' THEN {Kind.BLANK:d} WHEN '<' THEN {Kind.IRI:d}
                   ELSE {kind_sql("lex", "datatype")} END::UTINYINT AS kind
    FROM ({_PARTS})"""

# The terms of the table `texts` (N-Triples, column t) with their fields.
VALUES: Final = f"""
    SELECT *, {number_sql("kind", "lex")} AS num, {double_sql("kind", "lex")} AS dbl FROM ({_KINDS})"""

# One order for all: kinds apart, but texts together, and whole numbers with decimals.
_GROUP: Final = (f"CASE kind WHEN {Kind.LANG:d} THEN {Kind.STRING:d} WHEN {Kind.DECIMAL:d} THEN {Kind.INTEGER:d} "
                 "ELSE kind END")  # fmt: skip

TEXTS: Final = """
    CREATE TEMP TABLE texts AS
    SELECT DISTINCT t FROM (SELECT s AS t FROM raw UNION ALL SELECT p FROM raw UNION ALL SELECT o FROM raw
                            UNION ALL SELECT g FROM raw WHERE g <> '')"""

TERMS: Final = f"""
    CREATE TABLE all_terms AS
    SELECT (row_number() OVER (ORDER BY {_GROUP}, num NULLS FIRST, dbl NULLS FIRST, lex, datatype, lang))::INTEGER - 1
           AS id, kind, lex, datatype, lang, num, dbl, t
    FROM ({VALUES})"""

KEEP_TERMS: Final = """
    CREATE TABLE terms AS SELECT id, kind, lex, datatype, lang, num, dbl FROM all_terms ORDER BY id"""

ENCODED: Final = """
    CREATE TEMP TABLE encoded AS
    SELECT g.id AS g, p.id AS p, s.id AS s, o.id AS o
    FROM raw JOIN all_terms s ON s.t = raw.s JOIN all_terms p ON p.t = raw.p JOIN all_terms o ON o.t = raw.o
    LEFT JOIN all_terms g ON g.t = raw.g"""

QUADS: Final = "CREATE TABLE quads AS SELECT DISTINCT g, p, s, o FROM encoded WHERE g IS NOT NULL ORDER BY p, s, o, g"
UNION: Final = "CREATE TABLE triples AS SELECT DISTINCT p, s, o FROM quads ORDER BY p, s, o"
DEFAULT: Final = "CREATE TABLE triples AS SELECT DISTINCT p, s, o FROM encoded WHERE g IS NULL ORDER BY p, s, o"

PREDICATES: Final = """
    CREATE TABLE predicates AS
    SELECT p, sum(n)::BIGINT AS statements, max(subjects)::BIGINT AS subjects, max(objects)::BIGINT AS objects,
           bit_or(subject_kinds) AS subject_kinds, bit_or(object_kinds) AS object_kinds
    FROM (SELECT p, count(*) AS n, approx_count_distinct(s) AS subjects, approx_count_distinct(o) AS objects,
                 bit_or(1::UINTEGER << sk.kind) AS subject_kinds, bit_or(1::UINTEGER << ok.kind) AS object_kinds
          FROM {table} JOIN terms sk ON sk.id = s JOIN terms ok ON ok.id = o GROUP BY p)
    GROUP BY p ORDER BY p"""

# Objects that many statements share: of a class with a dozen members the mean over all classes says nothing.
COMMON: Final = 100  # statements; an object of fewer is not listed
MOST_COMMON: Final = 4096
POPULAR: Final = f"""
    CREATE TABLE popular AS SELECT p, o, count(*)::BIGINT AS statements FROM {{table}} GROUP BY p, o
    HAVING count(*) > {COMMON} ORDER BY statements DESC, p, o LIMIT {MOST_COMMON}"""

# The sum of the SHA-256 of each statement's line, of each graph (see graph/digest.py), in four words of 64 bits. What
# a file states more than once is taken off again.
_LINE: Final = "sha256(s || ' ' || p || ' ' || o || CASE WHEN g = '' THEN ' .' ELSE ' ' || g || ' .' END)"
_AGAIN: Final = """
    SELECT s.t AS s, p.t AS p, o.t AS o, coalesce(g.t, '') AS g, -more AS n
    FROM (SELECT g, p, s, o, count(*) - 1 AS more FROM encoded GROUP BY ALL HAVING count(*) > 1) e
    JOIN all_terms s ON s.id = e.s JOIN all_terms p ON p.id = e.p JOIN all_terms o ON o.id = e.o
    LEFT JOIN all_terms g ON g.id = e.g"""
_WORDS: Final = ", ".join(
    f"sum(n::HUGEINT * ('0x' || h[{16 * n + 1}:{16 * n + 16}])::UBIGINT)::VARCHAR AS w{n}" for n in range(4)
)
GRAPHS: Final = f"""
    CREATE TABLE graphs AS SELECT g AS name, sum(n)::BIGINT AS statements, {_WORDS}
    FROM (SELECT g, n, {_LINE} AS h FROM (SELECT s, p, o, g, 1 AS n FROM raw UNION ALL {_AGAIN})) GROUP BY g"""


def written(file: str) -> str:
    """Give SQL that writes the triples of the default graph into a file, as N-Triples."""
    return f"""
        COPY (SELECT s.t || ' ' || p.t || ' ' || o.t || ' .' FROM triples
              JOIN all_terms s ON s.id = triples.s JOIN all_terms p ON p.id = triples.p
              JOIN all_terms o ON o.id = triples.o)
        TO '{file.replace("'", "''")}' (FORMAT csv, HEADER false, DELIMITER '\x01', QUOTE '', ESCAPE '')"""

"""The text of each term of the dictionary as a document has it, in SQL: once a term, and not once a statement.

It is N-Quads as the engine writes it, or Turtle as `graph.turtle` does, to the byte; that module says why it is so.
"""

from typing import Final

from graph.columns.kinds import STRING, Kind
from graph.turtle import BARE, HIDDEN, LOCAL, Terms

_LITERALS: Final = 1 << 32  # literals come after all IRIs
_LETTERS: Final = {"\\": "\\\\", "\t": "\\t", "\b": "\\b", "\r": "\\r", "\f": "\\f"}
_CONTROLS: Final = {letter: f"\\u{ord(letter):04X}" for letter in map(chr, (*range(32), 127, 0xFFFE, 0xFFFF))
                    if letter not in _LETTERS and letter != "\n"}  # fmt: skip
_LINE: Final = {"\n": "\\n"}
_PLAIN: Final = r"""[^\x00-\x1f"\\\x7f\x{fffe}\x{ffff}]*"""  # nothing to be escaped
_HIDDEN: Final = {letter: f"\\u{ord(letter):04X}" for letter in map(chr, range(0x80, 0x10000))
                  if HIDDEN.fullmatch(letter)}  # fmt: skip


def nquads_sql() -> str:
    """Give SQL for the IRIs and literals of the dictionary.

    `id`; `r`, its place among the objects of one predicate; the text `t`; `space`, here always NULL.
    """
    return f"""
        SELECT id, id::BIGINT AS r, '<' || lex || '>' AS t, NULL::INTEGER AS space FROM terms WHERE kind = {Kind.IRI:d}
        UNION ALL SELECT id, r, t, NULL FROM ({_literals()})"""


def turtle_sql(terms: Terms) -> str:
    """Give SQL for the same columns; `space` is the place in `spaces` of the namespace whose prefix `t` has."""
    bare = " OR ".join(f"datatype = {_constant(name)} AND regexp_full_match(lex, {_constant(form.pattern)})"
                       for name, form in BARE.items())  # fmt: skip
    iris = _iris(f"SELECT id, lex FROM terms WHERE kind = {Kind.IRI:d}", terms)
    types = _iris(f"SELECT DISTINCT datatype AS id, datatype AS lex FROM terms WHERE kind > {Kind.IRI:d}", terms)
    return f"""
        SELECT id, id::BIGINT AS r, t, space FROM ({iris})
        UNION ALL
        SELECT id, r, CASE WHEN bare THEN lex ELSE {_seen("text")} || {_tail("'^^' || type")} END AS t,
               CASE WHEN NOT bare AND datatype <> {_constant(STRING)} AND lang IS NULL THEN space END AS space
        FROM (SELECT l.*, types.t AS type, types.space, {bare} AS bare, {_string("lex")} AS text
              FROM ({_literals()}) l JOIN ({types}) types ON types.id = datatype)"""


def spaces(terms: Terms) -> list[str]:
    """Give the namespaces in the order in which they are tried: what ends in neither / nor # first, and longer ones."""
    rest = sorted((name for name in terms.names if name not in terms.odd or not name), key=len, reverse=True)
    return [*filter(None, terms.odd), *rest]


def _literals() -> str:
    """SQL for the literals: id, r, t (N-Quads) and their fields."""
    return f"""
        SELECT *, row_number() OVER (ORDER BY t) + {_LITERALS} AS r
        FROM (SELECT id, lex, datatype, lang, {_string("lex", lines=False)} || {_tail("'^^<' || datatype || '>'")} AS t
              FROM terms WHERE kind > {Kind.IRI:d})"""


def _tail(typed: str) -> str:
    return f"CASE WHEN lang IS NOT NULL THEN '@' || lang WHEN datatype = {_constant(STRING)} THEN '' ELSE {typed} END"


def _iris(rows: str, terms: Terms) -> str:
    """SQL for the IRIs in `rows` (id, lex), with t and space. Nothing that LOCAL takes has a / or a #."""
    known = spaces(terms)
    whens = [f"WHEN starts_with(lex, {_constant(name)})"
             + (f" AND NOT regexp_matches(lex[{len(name) + 1}:], '[/#]')" if name in terms.odd else "")
             + f" THEN {number}" for number, name in enumerate(known, 1)]  # fmt: skip
    space = f"CASE {' '.join(whens)} END" if whens else "NULL::INTEGER"
    lengths = ", ".join(str(len(name)) for name in known)
    prefixes = ", ".join(_constant(terms.names[name] + ":") for name in known)
    return f"""
        SELECT id, CASE WHEN short THEN ([{prefixes}]::VARCHAR[])[space] || local ELSE '<' || {_seen("lex")} || '>' END
               AS t, CASE WHEN short THEN space END AS space
        FROM (SELECT *, coalesce(regexp_full_match(local, {_constant(LOCAL)}) AND local[-1] <> '.', false) AS short
              FROM (SELECT *, lex[([{lengths}]::INTEGER[])[space] + 1:] AS local
                    FROM (SELECT *, {space} AS space FROM ({rows}))))"""


def _string(text: str, *, lines: bool = True) -> str:
    """SQL for a quoted string; with `lines`, as Turtle has one of several lines: its quotes and line feeds are bare.

    There a quote stays escaped before another one and at the end. U+0001, by then written by its number, marks others.
    """
    inner = _replaced(text, _LETTERS | _CONTROLS)
    marked = f"""replace(regexp_replace({inner}, '"([^"])', chr(1) || '\\1', 'g'), '"', '\\"')"""
    long = f"""'\"\"\"' || replace({marked}, chr(1), '"') || '\"\"\"'"""
    short = f"""'"' || replace({_replaced(inner, _LINE)}, '"', '\\"') || '"'"""
    several = f"WHEN contains({text}, chr(10)) THEN {long}" if lines else ""
    return f"""CASE WHEN regexp_full_match({text}, '{_PLAIN}') THEN '"' || {text} || '"' {several} ELSE {short} END"""


def _seen(text: str) -> str:
    """SQL for `text` with what a reader would not see written by its number."""
    return (f"CASE WHEN regexp_matches({text}, {_constant(HIDDEN.pattern)}) "
            f"THEN {_replaced(text, _HIDDEN)} ELSE {text} END")  # fmt: skip


def _replaced(text: str, written: dict[str, str]) -> str:
    for letter, escape in written.items():
        text = f"replace({text}, chr({ord(letter)}), '{escape}')"
    return text


def _constant(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""Kinds of term: what operators ask before they look at a value, each with its SQL to be told from N-Triples text.

A literal whose datatype is known has the kind of that datatype only where its lexical form is the plain, canonical one
that the engine stores; OTHER is surely no value of a known datatype (an unknown datatype, or ill-formed); UNSURE is all
the rest (durations, times, NaN, years of five digits ...), on which the compiler decides nothing.
"""

from enum import IntEnum
from typing import Final

from graph.names import PREFIXES

XSD: Final = PREFIXES["xsd"]
STRING: Final = XSD + "string"
LANG_STRING: Final = PREFIXES["rdf"] + "langString"


class Kind(IntEnum):
    """The kind of a term; the order is that of the dictionary's ids."""

    BLANK = 0
    IRI = 1
    STRING = 2
    LANG = 3
    BOOLEAN = 4
    INTEGER = 5
    DECIMAL = 6
    FLOAT = 7
    DOUBLE = 8
    DATETIME = 9  # with a time zone
    LOCAL = 10  # dateTime without one
    DATE = 11
    GYEAR = 12
    GYEARMONTH = 13
    OTHER = 14
    UNSURE = 15


ALL: Final = frozenset(Kind)
TEXT: Final = frozenset({Kind.STRING, Kind.LANG})
EXACT: Final = frozenset({Kind.INTEGER, Kind.DECIMAL})
INEXACT: Final = frozenset({Kind.FLOAT, Kind.DOUBLE})
NUMERIC: Final = EXACT | INEXACT
TEMPORAL: Final = frozenset({Kind.DATETIME, Kind.LOCAL, Kind.DATE, Kind.GYEAR, Kind.GYEARMONTH})
LITERAL: Final = ALL - {Kind.BLANK, Kind.IRI}
SCALE: Final = 10**18  # exact numbers are kept as whole multiples of its inverse, as the engine keeps decimals

DATATYPES: Final = {
    XSD + "string": Kind.STRING,
    LANG_STRING: Kind.LANG,
    XSD + "boolean": Kind.BOOLEAN,
    XSD + "integer": Kind.INTEGER,
    XSD + "decimal": Kind.DECIMAL,
    XSD + "float": Kind.FLOAT,
    XSD + "double": Kind.DOUBLE,
    XSD + "dateTime": Kind.DATETIME,
    XSD + "date": Kind.DATE,
    XSD + "gYear": Kind.GYEAR,
    XSD + "gYearMonth": Kind.GYEARMONTH,
}
DATATYPE_OF: Final = {kind: iri for iri, kind in DATATYPES.items()} | {Kind.LOCAL: XSD + "dateTime"}
# Types that the engine knows: a lexical form of theirs that does not fit may still be one of their values.
_KNOWN: Final = [XSD + name for name in (
    "boolean integer decimal float double dateTime date gYear gYearMonth time gMonth gDay gMonthDay duration "
    "dayTimeDuration yearMonthDuration dateTimeStamp byte short int long unsignedByte unsignedShort unsignedInt "
    "unsignedLong nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger"
).split()]  # fmt: skip
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PLAIN: Final = (  # datatype, the lexical forms that are surely its values, the kind
    ("boolean", "^(true|false)$", Kind.BOOLEAN),
    ("integer", "^(0|-?[1-9][0-9]{0,17})$", Kind.INTEGER),
    ("decimal", r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{0,17}[1-9])?$", Kind.DECIMAL),
    ("float", r"^-?([0-9]+(\.[0-9]+)?|INF)$", Kind.FLOAT),
    ("double", r"^-?([0-9]+(\.[0-9]+)?|INF)$", Kind.DOUBLE),
    ("date", f"^{_DAY}$", Kind.DATE),
    ("gYear", "^[0-9]{4}$", Kind.GYEAR),
    ("gYearMonth", "^[0-9]{4}-(0[1-9]|1[0-2])$", Kind.GYEARMONTH),
)
_TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def kind_sql(lex: str, datatype: str) -> str:
    """Give SQL for the kind of the literal of these columns (lexical form, datatype IRI)."""
    lines = [f"WHEN {datatype} = {_quoted(STRING)} THEN {Kind.STRING:d}",
             f"WHEN {datatype} = {_quoted(LANG_STRING)} THEN {Kind.LANG:d}"]  # fmt: skip
    for name, pattern, kind in _PLAIN:
        real = f" AND TRY_CAST({lex} AS DATE) IS NOT NULL" if kind == Kind.DATE else ""
        lines.append(f"WHEN {datatype} = {_quoted(XSD + name)} AND "
                     f"regexp_matches({lex}, {_quoted(pattern)}){real} THEN {kind:d}")  # fmt: skip
    for zone, kind in (("(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])", Kind.DATETIME), ("", Kind.LOCAL)):
        lines.append(f"WHEN {datatype} = {_quoted(XSD + 'dateTime')} AND "
                     f"regexp_matches({lex}, {_quoted(f'^{_DAY}T{_TIME}{zone}$')}) AND "
                     f"TRY_CAST({lex}[:10] AS DATE) IS NOT NULL THEN {kind:d}")  # fmt: skip
    known = ", ".join(_quoted(iri) for iri in _KNOWN)
    # A value of any of these has a digit, or is infinite, not a number, or a boolean written in digits or words.
    lines.append(f"WHEN {datatype} IN ({known}) AND regexp_matches({lex}, '[0-9]|INF|NaN') THEN {Kind.UNSURE:d}")
    return "CASE " + " ".join(lines) + f" ELSE {Kind.OTHER:d} END"


def number_sql(kind: str, lex: str) -> str:
    """Give SQL for the exact value as HUGEINT: numbers in units of 1/SCALE, times in microseconds, dates in days."""
    return f"""CASE {kind}
        WHEN {Kind.BOOLEAN:d} THEN ({lex} = 'true')::INT::HUGEINT
        WHEN {Kind.INTEGER:d} THEN {lex}::HUGEINT * {SCALE}::HUGEINT
        WHEN {Kind.DECIMAL:d} THEN {_scaled(lex)}
        WHEN {Kind.DATETIME:d} THEN epoch_us({_clock(lex)}::TIMESTAMP)::HUGEINT
            - CASE WHEN {lex}[-1] = 'Z' THEN 0
              ELSE ({lex}[-6] || '1')::INT * ({lex}[-5:-4]::INT * 60 + {lex}[-2:]::INT) * 60000000::BIGINT END
        WHEN {Kind.LOCAL:d} THEN epoch_us({lex}::TIMESTAMP)::HUGEINT
        WHEN {Kind.DATE:d} THEN epoch({lex}::DATE)::HUGEINT
        WHEN {Kind.GYEAR:d} THEN {lex}::HUGEINT
        WHEN {Kind.GYEARMONTH:d} THEN {lex}[:4]::HUGEINT * 12 + {lex}[6:]::HUGEINT
        END"""


def _clock(lex: str) -> str:
    """A time's text without its zone."""
    return f"{lex}[:19 + length(regexp_extract({lex}, '[.][0-9]+'))]"


def _scaled(lex: str) -> str:
    """A decimal's text as whole units: its digits with 18 of them behind the point, then the sign."""
    whole, part = f"split_part({lex}, '.', 1)", f"split_part({lex}, '.', 2)"
    return f"({whole} || rpad({part}, 18, '0'))::HUGEINT"


def double_sql(kind: str, lex: str) -> str:
    """Give SQL for the value of a number as DOUBLE, which the engine promotes to where one side is inexact."""
    text = f"replace({lex}, 'INF', 'Infinity')"
    numeric = ", ".join(str(int(k)) for k in sorted(NUMERIC))
    return (f"CASE WHEN {kind} = {Kind.FLOAT:d} THEN {text}::FLOAT::DOUBLE "
            f"WHEN {kind} IN ({numeric}) THEN {text}::DOUBLE END")  # fmt: skip

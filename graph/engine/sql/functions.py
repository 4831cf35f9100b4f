"""Functions (https://www.w3.org/TR/sparql11-query/#SparqlOps) on the terms that they are defined on; else an error.

What the two engines could read differently is left to the other one: patterns of regular expressions beyond plain
ones, letters whose case changes their number.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from rdflib.plugins.sparql.parserutils import CompValue
from sqlglot import exp

from graph.columns.kinds import LITERAL, NUMERIC, TEMPORAL, TEXT, XSD, Kind
from graph.engine.sql.arithmetic import rounded, whole
from graph.engine.sql.fragments import E, NotCompiled, as_sql, sql
from graph.engine.sql.values import NOTHING, Value, boolean, integer, iri, string, texts

_STRING: Final = frozenset({Kind.STRING})
_PLAIN_PATTERN: Final = re.compile(
    r"(?:[\w \-@,;:/%&=!#'\"<>~]|\\[.\\+*?()|\[\]{}^$\-/]|[.*+?^$|()]|\[\^?[\w \-@.]+\])*"
)
_REWRITES: Final = re.compile(r"\\[0-9a-zA-Z]|\(\?|[*+?]{2}|\$.|.\^", re.DOTALL)
# Letters with more than one letter in the other case, or whose case depends on their place.
_LOWERED: Final = "[İΣ]"
_RAISED: Final = "[ßŉǰΐΰևẖẗẘẙẚẞ\u1f50-\u1fff\ufb00-\ufb17]"


def arguments(node: CompValue) -> list[Any]:
    """Give the arguments of a call, in order."""
    found = [node[key] for key in ("text", "arg", "arg1", "arg2", "arg3", "pattern", "start", "length", "replacement",
                                   "flags") if key in node and node[key] is not None]  # fmt: skip
    return [one for part in found for one in (part if isinstance(part, list) else [part])]


def called(name: str, given: list[Value]) -> Value:
    """Give what the function `name` gives for these arguments; NotCompiled where it is left to the other engine."""
    if name not in _FUNCTIONS:
        raise NotCompiled(name)
    if any(Kind.UNSURE in one.kinds for one in given) and name not in ("isIRI", "isURI", "isBLANK", "isLITERAL", "STR"):
        raise NotCompiled(f"{name} of a value of an unusual kind")
    return _FUNCTIONS[name](*given)


def cast(function: str, given: list[Value]) -> Value:
    """Give a term cast to a datatype (https://www.w3.org/TR/sparql11-query/#FunctionMapping)."""
    if function == XSD + "string" and len(given) == 1 and given[0].kinds <= LITERAL | {Kind.IRI}:
        return string(given[0].field("lex"))
    raise NotCompiled(f"the function {function}")


def _text(value: Value, kinds: frozenset[Kind] = TEXT) -> E:
    """Give the text of a value where it is of these kinds, else NULL."""
    if not value.kinds & kinds:
        return sql("CAST(NULL AS VARCHAR)")
    if value.kinds <= kinds:
        return value.field("lex")
    return sql("CASE WHEN $k THEN $t END", k=value.is_one_of(kinds), t=value.field("lex"))


def _is(kinds: frozenset[Kind]) -> Callable[[Value], Value]:
    return lambda value: boolean(value.is_one_of(kinds))


def _str(value: Value) -> Value:
    return string(_text(value, LITERAL | {Kind.IRI}))


def _lang(value: Value) -> Value:
    tag = sql("COALESCE($l, '')", l=value.field("lang")) if Kind.LANG in value.kinds else as_sql("")
    if value.certain and value.kinds <= LITERAL:
        return string(tag)
    return string(sql("CASE WHEN $k THEN $t END", k=value.is_one_of(LITERAL), t=tag))


def _datatype(value: Value) -> Value:
    return iri(sql("CASE WHEN $k THEN $t END", k=value.is_one_of(LITERAL), t=value.field("datatype")))


def _matches(tag: Value, wanted: Value) -> Value:
    text, pattern = _text(tag, _STRING), _text(wanted, _STRING)
    return boolean(sql(
        "CASE WHEN $p = '*' THEN $t <> '' ELSE lower($t) = lower($p) OR starts_with(lower($t), lower($p) || '-') END",
        t=text, p=pattern))  # fmt: skip


def _compatible(a: Value, b: Value) -> E | None:
    """Give the condition that two texts are compatible arguments; None where they are for certain."""
    if Kind.LANG not in b.kinds:
        return None
    return sql("$l IS NULL OR COALESCE($k = $l, FALSE)", k=a.field("lang"), l=b.field("lang"))


def _pair(template: str) -> Callable[[Value, Value], Value]:
    def compiled(a: Value, b: Value) -> Value:
        found, condition = sql(template, a=_text(a), b=_text(b)), _compatible(a, b)
        return boolean(found if condition is None else sql("CASE WHEN $c THEN $f END", c=condition, f=found))

    return compiled


def _cut(found_template: str) -> Callable[[Value, Value], Value]:
    def compiled(a: Value, b: Value) -> Value:
        x, y, condition = _text(a), _text(b), _compatible(a, b)
        if a.kinds & TEXT != _STRING:
            raise NotCompiled("a part of a text with a language")  # found, it keeps the language; else it has none
        found = sql(found_template, a=x, b=y)
        return string(found if condition is None else sql("CASE WHEN $c THEN $f END", c=condition, f=found))

    return compiled


def _cased(function: str, unlike: str) -> Callable[[Value], Value]:
    def compiled(value: Value) -> Value:
        x = _text(value)
        stop = sql(f"CASE WHEN regexp_matches($x, $p) THEN error('case of an unusual letter') ELSE {function}($x) END",
                   x=x, p=unlike)  # fmt: skip
        return texts(stop, value)

    return compiled


def _substring(text: Value, start: Value, length: Value | None = None) -> Value:
    if not start.kinds <= {Kind.INTEGER} or (length is not None and not length.kinds <= {Kind.INTEGER}):
        raise NotCompiled("SUBSTR with other numbers than integers")
    x, first = _text(text), whole(start.field("lex"))
    if length is None:
        return texts(sql("substring($x, CAST(greatest($s, 1) AS BIGINT))", x=x, s=first), text)
    end = sql("$s + $n", s=first, n=whole(length.field("lex")))
    template = "substring($x, CAST(greatest($s, 1) AS BIGINT), CAST(greatest($e - greatest($s, 1), 0) AS BIGINT))"
    return texts(sql(template, x=x, s=first, e=end), text)


def _concatenated(*values: Value) -> Value:
    if not all(value.kinds <= _STRING for value in values):
        raise NotCompiled("CONCAT of texts with languages, or of other terms")
    found: E = as_sql("")
    for value in values:
        found = sql("$a || $b", a=found, b=value.field("lex"))
    return string(found)


def _pattern(pattern: Value, flags: Value | None) -> str:
    """Give a constant pattern as RE2 takes it; NotCompiled where the engines could read it differently."""
    text, given = (_constant(value) if value is not None else "" for value in (pattern, flags))
    prefix = f"(?{'i' if 'i' in given else ''}{'s' if 's' in given else '-s'})"
    if not _PLAIN_PATTERN.fullmatch(text) or _REWRITES.search(text) or not text.isascii() or set(given) - set("is"):
        raise NotCompiled("a regular expression beyond plain ones")
    return prefix + text


def _constant(value: Value) -> str:
    lex = value.field("lex") if value.kinds == _STRING and value.certain else None
    if not isinstance(lex, exp.Literal):
        raise NotCompiled("a regular expression that is no constant")
    return str(lex.this)


def _regex(text: Value, pattern: Value, flags: Value | None = None) -> Value:
    return boolean(sql("regexp_matches($x, $p)", x=_text(text), p=_pattern(pattern, flags)))


def _replace(text: Value, pattern: Value, replacement: Value, flags: Value | None = None) -> Value:
    plain = _pattern(pattern, flags)
    if re.search(r"[\\$]", _constant(replacement)) or re.fullmatch(_constant(pattern), ""):
        raise NotCompiled("a replacement with groups, or of the empty text")
    return texts(sql("regexp_replace($x, $p, $r, 'g')", x=_text(text), p=plain, r=_constant(replacement)), text)


def _part(template: str, kinds: frozenset[Kind]) -> Callable[[Value], Value]:
    def compiled(value: Value) -> Value:
        if value.kinds & TEMPORAL - kinds:
            raise NotCompiled("a part of a time that it may not have")
        if not value.kinds & kinds:
            return NOTHING
        return integer(sql(template, x=_text(value, kinds)))

    return compiled


def _hash(function: str) -> Callable[[Value], Value]:
    return lambda value: string(sql(f"{function}($x)", x=_text(value, _STRING)))


def _with_language(text: Value, tag: Value) -> Value:
    return Value(frozenset({Kind.LANG}), {"lex": _text(text, _STRING), "lang": as_sql(_constant(tag).lower())})


_DAYS: Final = frozenset({Kind.DATETIME, Kind.LOCAL, Kind.DATE})
_TIMES: Final = frozenset({Kind.DATETIME, Kind.LOCAL})
_FUNCTIONS: Final[dict[str, Callable[..., Value]]] = {
    "isIRI": _is(frozenset({Kind.IRI})),
    "isURI": _is(frozenset({Kind.IRI})),
    "isBLANK": _is(frozenset({Kind.BLANK})),
    "isLITERAL": _is(LITERAL),
    "isNUMERIC": _is(NUMERIC),
    "STR": _str,
    "LANG": _lang,
    "DATATYPE": _datatype,
    "LANGMATCHES": _matches,
    "STRLEN": lambda value: integer(sql("length($x)", x=_text(value))),
    "CONTAINS": _pair("contains($a, $b)"),
    "STRSTARTS": _pair("starts_with($a, $b)"),
    "STRENDS": _pair("ends_with($a, $b)"),
    "STRBEFORE": _cut("CASE WHEN contains($a, $b) THEN substring($a, 1, strpos($a, $b) - 1) ELSE '' END"),
    "STRAFTER": _cut("CASE WHEN contains($a, $b) THEN substring($a, strpos($a, $b) + length($b)) ELSE '' END"),
    "UCASE": _cased("upper", _RAISED),
    "LCASE": _cased("lower", _LOWERED),
    "SUBSTR": _substring,
    "CONCAT": _concatenated,
    "REGEX": _regex,
    "REPLACE": _replace,
    "ENCODE_FOR_URI": lambda value: string(sql("url_encode($x)", x=_text(value))),
    "ABS": lambda value: rounded("ABS", value),
    "CEIL": lambda value: rounded("CEIL", value),
    "FLOOR": lambda value: rounded("FLOOR", value),
    "ROUND": lambda value: rounded("ROUND", value),
    "YEAR": _part("CAST(substring($x, 1, 4) AS BIGINT)", _DAYS | {Kind.GYEAR, Kind.GYEARMONTH}),
    "MONTH": _part("CAST(substring($x, 6, 2) AS BIGINT)", _DAYS | {Kind.GYEARMONTH}),
    "DAY": _part("CAST(substring($x, 9, 2) AS BIGINT)", _DAYS),
    "HOURS": _part("CAST(substring($x, 12, 2) AS BIGINT)", _TIMES),
    "MINUTES": _part("CAST(substring($x, 15, 2) AS BIGINT)", _TIMES),
    "MD5": _hash("md5"),
    "SHA1": _hash("sha1"),
    "SHA256": _hash("sha256"),
    "STRLANG": _with_language,
}

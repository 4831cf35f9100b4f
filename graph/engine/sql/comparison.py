"""Equality and order of terms (https://www.w3.org/TR/sparql11-query/#OperatorMapping), as the other engine has them.

Terms of different known kinds are unequal; with a literal of an unknown datatype only the same term is equal, and all
else is an error. Order is defined among numbers, texts of one language, and times of one type; booleans have none.
"""

from typing import Final

from graph.columns.kinds import EXACT, INEXACT, NUMERIC, TEMPORAL, Kind
from graph.engine.sql.fragments import E, NotCompiled, all_of, as_sql, cases, sql
from graph.engine.sql.values import Kinds, Value

_OPERATORS: Final = {"<": "$a < $b", ">": "$a > $b", "<=": "$a <= $b", ">=": "$a >= $b", "=": "$a = $b"}
_ERROR: Final = "CAST(NULL AS BOOLEAN)"
_BY_TERM: Final = frozenset({Kind.BLANK, Kind.IRI, Kind.STRING, Kind.LANG})


def _sure(*values: Value) -> None:
    if any(Kind.UNSURE in value.kinds for value in values):
        raise NotCompiled("a value of an unusual kind is compared")


def same_term(a: Value, b: Value) -> E:
    """Give whether two terms are the same one."""
    _sure(a, b)
    if a.ident is not None and b.ident is not None:
        return sql("$a = $b", a=a.ident, b=b.ident)
    if not a.kinds or not b.kinds:
        return sql(_ERROR)
    same = [sql("$a IS NOT DISTINCT FROM $b", a=a.field(name), b=b.field(name))
            for name in ("kind", "lex", "datatype", "lang")]  # fmt: skip
    condition = all_of(same)
    assert condition is not None
    return _if_bound(a, b, condition)


def _if_bound(a: Value, b: Value, condition: E) -> E:
    bound = all_of(value.bound for value in (a, b) if not value.certain)
    return condition if bound is None else sql("CASE WHEN $b THEN $c END", b=bound, c=condition)


def equal(a: Value, b: Value) -> E:
    """Give `a = b`; NULL where that is an error."""
    _sure(a, b)
    if not a.kinds or not b.kinds:
        return sql(_ERROR)
    idents = a.ident is not None and b.ident is not None
    if idents and (a.kinds <= _BY_TERM or b.kinds <= _BY_TERM) and Kind.OTHER not in a.kinds | b.kinds:
        return same_term(a, b)
    branches = []
    for kinds in (NUMERIC, *({kind} for kind in (*TEMPORAL, Kind.BOOLEAN))):
        if a.kinds & kinds and b.kinds & kinds:
            branches.append((_both(a, b, frozenset(kinds)), _numbers("=", a, b, frozenset(kinds))))
    if a.kinds & _BY_TERM and b.kinds & _BY_TERM:
        branches.append((_both(a, b, _BY_TERM), same_term(a, b)))
    if Kind.OTHER in a.kinds | b.kinds:
        branches += _unknown(a, b)
    if len(branches) == 1 and _one_group(a, b):
        return branches[0][1]
    return _if_bound(a, b, cases(branches, as_sql(False)))


def _one_group(a: Value, b: Value) -> Kinds:
    """Give the group of kinds that both are wholly of; none where there is no such group."""
    for kinds in (NUMERIC, *(frozenset({kind}) for kind in (*TEMPORAL, Kind.BOOLEAN)), _BY_TERM):
        if a.kinds | b.kinds <= kinds:
            return kinds
    return frozenset()


def _unknown(a: Value, b: Value) -> list[tuple[E, E]]:
    """Give the ways for literals of unknown datatypes: equal where they are the same term, else mostly an error.

    A blank node, an IRI and a text with a language are surely another term.
    """
    other, names = frozenset({Kind.OTHER}), frozenset({Kind.BLANK, Kind.IRI, Kind.LANG})
    both, either, node = _both(a, b, other), [v.is_one_of(other) for v in (a, b)], [v.is_one_of(names) for v in (a, b)]
    return [
        (sql("$x OR $y", x=node[0], y=node[1]), as_sql(False)),
        (both, sql("CASE WHEN $s THEN TRUE END", s=same_term(a, b))),
        (sql("$x OR $y", x=either[0], y=either[1]), sql(_ERROR)),
    ]


def _both(a: Value, b: Value, kinds: Kinds) -> E:
    return sql("$x AND $y", x=a.is_one_of(kinds), y=b.is_one_of(kinds))


def _numbers(operator: str, a: Value, b: Value, among: Kinds = NUMERIC) -> E:
    """Compare two values, both of which are numbers, or both times of one type."""
    kinds = (a.kinds | b.kinds) & among
    exact = sql(_OPERATORS[operator], a=a.field("num"), b=b.field("num"))
    if not kinds & INEXACT:
        return exact
    if Kind.FLOAT in kinds and kinds != {Kind.FLOAT}:
        raise NotCompiled("xsd:float beside other numbers")
    x, y = a.field("dbl"), b.field("dbl")
    no_number = as_sql(False) if operator == "=" else sql(_ERROR)
    inexact = sql(f"CASE WHEN isnan($a) OR isnan($b) THEN $n ELSE {_OPERATORS[operator]} END", a=x, b=y, n=no_number)
    if kinds <= INEXACT or a.kinds & among <= INEXACT or b.kinds & among <= INEXACT:
        return inexact
    return cases([(_both(a, b, EXACT), exact)], inexact)


def compared(operator: str, a: Value, b: Value) -> E:
    """Give `a < b` and its like; NULL where the terms have no order."""
    _sure(a, b)
    if {Kind.DATETIME, Kind.LOCAL} <= a.kinds | b.kinds:
        raise NotCompiled("times with and without a zone are compared")
    branches = []
    for kinds in (NUMERIC, *(frozenset({kind}) for kind in TEMPORAL)):
        if a.kinds & kinds and b.kinds & kinds:
            branches.append((kinds, _numbers(operator, a, b, kinds)))
    by_text = sql(_OPERATORS[operator], a=a.field("lex"), b=b.field("lex"))
    if Kind.STRING in a.kinds & b.kinds:
        branches.append((frozenset({Kind.STRING}), by_text))
    if Kind.LANG in a.kinds & b.kinds:
        one = sql("CASE WHEN $a = $b THEN $c END", a=a.field("lang"), b=b.field("lang"), c=by_text)
        branches.append((frozenset({Kind.LANG}), one))
    if len(branches) == 1 and a.kinds | b.kinds <= branches[0][0]:
        return branches[0][1]
    return cases([(_both(a, b, kinds), found) for kinds, found in branches], sql(_ERROR))

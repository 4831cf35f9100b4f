"""Arithmetic (https://www.w3.org/TR/sparql11-query/#op_numeric): exact numbers to 18 decimals, as the engine has them.

An integer past 64 bits is an error, and so is a division by zero. Inexact numbers are left to the other engine, as are
products of two decimals, which it rounds in a way of its own.
"""

from graph.columns.kinds import EXACT, NUMERIC, SCALE, Kind
from graph.engine.sql.fragments import E, NotCompiled, hugeint, sql
from graph.engine.sql.values import NOTHING, Value, exact

_LARGEST = (2**63 - 1) * SCALE
_SMALLEST = -(2**63) * SCALE
_WHOLE = frozenset({Kind.INTEGER})


def _exact_parts(*values: Value) -> list[E] | None:
    """Give the numbers of the values, NULL where one is no number; None where none can be."""
    if any(value.kinds & (NUMERIC - EXACT) or Kind.UNSURE in value.kinds for value in values):
        raise NotCompiled("arithmetic with inexact or unusual numbers")
    if any(value.kinds & {Kind.DATETIME, Kind.LOCAL, Kind.DATE} for value in values):
        raise NotCompiled("arithmetic with times")
    if not all(value.kinds & EXACT for value in values):
        return None
    return [_number(value) for value in values]


def _number(value: Value) -> E:
    num = value.field("num")
    return num if value.kinds <= EXACT else sql("CASE WHEN $k THEN $n END", k=value.is_one_of(EXACT), n=num)


def within(num: E, kinds: frozenset[Kind], kind: E | None = None) -> Value:
    """Give the number where an integer fits into 64 bits, else nothing."""
    fits = sql("$n BETWEEN $a AND $b", n=num, a=hugeint(_SMALLEST), b=hugeint(_LARGEST))
    if kinds == _WHOLE:
        return exact(sql("CASE WHEN $f THEN $n END", f=fits, n=num), kinds)
    if kind is None:
        return exact(num, kinds)
    return exact(sql("CASE WHEN $k <> $i OR $f THEN $n END", k=kind, i=int(Kind.INTEGER), f=fits, n=num), kinds, kind)


def _joint(a: Value, b: Value) -> tuple[frozenset[Kind], E | None]:
    """Give the kinds that the sum of two exact numbers may be of, and the SQL that tells which."""
    x, y = a.kinds & EXACT, b.kinds & EXACT
    if x == y == _WHOLE:
        return _WHOLE, None
    if _WHOLE.isdisjoint(x) or _WHOLE.isdisjoint(y):
        return frozenset({Kind.DECIMAL}), None
    return EXACT, sql("greatest($a, $b)", a=a.field("kind"), b=b.field("kind"))


def arithmetic(operator: str, a: Value, b: Value) -> Value:
    """Give `a operator b` for one of + - * /."""
    parts = _exact_parts(a, b)
    if parts is None:
        return NOTHING
    x, y = parts
    kinds, kind = _joint(a, b)
    if operator in "+-":
        return within(sql(f"TRY($x {operator} $y)", x=x, y=y), kinds, kind)
    if operator == "*":
        if a.kinds & EXACT == _WHOLE:
            return within(sql("TRY(($x // $s) * $y)", x=x, y=y, s=hugeint(SCALE)), kinds, kind)
        if b.kinds & EXACT == _WHOLE:
            return within(sql("TRY($x * ($y // $s))", x=x, y=y, s=hugeint(SCALE)), kinds, kind)
        raise NotCompiled("a product of decimals")
    if b.kinds & EXACT == _WHOLE:
        return exact(divided(x, sql("$y // $s", y=y, s=hugeint(SCALE))), frozenset({Kind.DECIMAL}))
    raise NotCompiled("a quotient by a decimal")


def divided(num: E, count: E) -> E:
    """Give an exact number divided by a whole one, cut at 18 decimals; NULL where that is zero."""
    return sql("CASE WHEN $c <> 0 THEN $n // $c END", n=num, c=count)


def negated(a: Value) -> Value:
    """Give `-a`."""
    parts = _exact_parts(a)
    if parts is None:
        return NOTHING
    kinds = a.kinds & EXACT
    return within(sql("-$x", x=parts[0]), kinds, a.field("kind") if len(kinds) > 1 else None)


def rounded(how: str, a: Value) -> Value:
    """Give ABS, CEIL, FLOOR or ROUND of a number, which stays of its kind; halves are rounded up."""
    parts = _exact_parts(a)
    if parts is None:
        return NOTHING
    x, s = parts[0], hugeint(SCALE)
    floor = "($x - (($x % $s) + $s) % $s)"
    num = {
        "ABS": lambda: sql("abs($x)", x=x),
        "FLOOR": lambda: sql(floor, x=x, s=s),
        "CEIL": lambda: sql(f"-{floor}", x=sql("-$x", x=x), s=s),
        "ROUND": lambda: sql(floor, x=sql("$x + $h", x=x, h=hugeint(SCALE // 2)), s=s),
    }[how]()
    kinds = a.kinds & EXACT
    return within(num, kinds, a.field("kind") if len(kinds) > 1 else None)


def whole(text: E) -> E:
    """Give the SQL integer that a text of digits is."""
    return sql("CAST($t AS BIGINT)", t=text)


"""Pieces of SQL as sqlglot expressions: written as templates, parsed once, filled with other pieces."""

from collections.abc import Iterable
from functools import cache

from sqlglot import exp, parse_one

E = exp.Expr
_OPEN = (exp.Binary, exp.Connector, exp.Unary, exp.Not, exp.Neg, exp.Between, exp.In, exp.Case, exp.Is)


class NotCompiled(Exception):
    """The query, or a part of it, is not compiled; the reason is for `explain`."""


@cache
def _template(text: str) -> E:
    query = parse_one(f"SELECT ({text})", dialect="duckdb")
    return query.expressions[0].this  # type: ignore[no-any-return]


def sql(text: str, **parts: E | str | int | bool | None) -> E:
    """Give the SQL expression `text` with each `$name` replaced by a part: an expression, or a plain value."""
    return exp.replace_placeholders(_template(text), **{k: closed(as_sql(v)) for k, v in parts.items()})


def as_sql(value: E | str | float | bool | None) -> E:
    """Give a plain value as an SQL literal; an expression as it is."""
    if isinstance(value, exp.Expr):
        return value
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    return exp.Literal.string(value) if isinstance(value, str) else exp.convert(value)


def closed(part: E) -> E:
    """Give `part` in parentheses where an operator beside it could bind into it."""
    return exp.Paren(this=part) if isinstance(part, _OPEN) and not isinstance(part, exp.Paren) else part


def column(name: str, table: str | None = None) -> E:
    """Give a column, quoted."""
    return exp.column(exp.to_identifier(name, quoted=True), table)


def named(part: E, name: str) -> E:
    """Give `part AS name`."""
    return exp.Alias(this=part, alias=exp.to_identifier(name, quoted=True))


def hugeint(value: int) -> E:
    """Give an exact number."""
    return exp.cast(as_sql(value), "HUGEINT", dialect="duckdb")


def all_of(conditions: Iterable[E]) -> E | None:
    """Give the conjunction of `conditions`; None where there are none."""
    return _chain(exp.And, conditions)


def any_of(conditions: Iterable[E]) -> E | None:
    """Give the disjunction of `conditions`; None where there are none."""
    return _chain(exp.Or, conditions)


def _chain(kind: type[exp.Connector], conditions: Iterable[E]) -> E | None:
    found: E | None = None
    for condition in conditions:
        found = closed(condition) if found is None else kind(this=found, expression=closed(condition))
    return found


def is_in(part: E, values: Iterable[int | str]) -> E:
    """Give `part IN (values)`, or `=` for one."""
    listed = [as_sql(value) for value in sorted(values)]
    if len(listed) == 1:
        return exp.EQ(this=closed(part), expression=listed[0])
    return exp.In(this=closed(part), expressions=listed)


def cases(branches: Iterable[tuple[E, E]], otherwise: E) -> E:
    """Give `CASE WHEN condition THEN value ... ELSE otherwise END`."""
    ifs = [exp.If(this=condition, true=value) for condition, value in branches]
    return exp.Case(ifs=ifs, default=otherwise) if ifs else otherwise


def subquery(query: E, alias: str) -> E:
    """Give a query as a table called `alias`."""
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias)))


def table(name: str, alias: str) -> E:
    """Give a table under another name."""
    return exp.Table(this=exp.to_identifier(name), alias=exp.TableAlias(this=exp.to_identifier(alias)))


def select(columns: Iterable[E], source: E | None = None, where: E | None = None) -> exp.Select:
    """Give a query; one of no columns gets one of its own, as SQL has no empty rows."""
    listed = list(columns) or [named(as_sql(1), "_")]
    query = exp.Select(expressions=listed)
    if source is not None:
        query = query.from_(source, copy=False)
    return query.where(where, copy=False) if where is not None else query


def join(query: exp.Select, source: E, on: E | None, kind: str = "") -> exp.Select:
    """Give `query` joined with `source`: inner, "left", "semi" or "anti"; without a condition the product."""
    if on is None and not kind:
        return query.join(source, join_type="cross", copy=False)
    return query.join(source, on=on if on is not None else as_sql(True), join_type=kind, copy=False)

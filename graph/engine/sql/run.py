"""A plan run: rows fetched in parts, ids turned into terms once each."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import duckdb

from graph.columns.opened import Columns
from graph.engine.sql.compile import Plan

_PART: Final = 20_000  # rows fetched at a time
_KEPT: Final = 500_000  # terms kept in the form asked for
T = TypeVar("T")


class Term(NamedTuple):
    """A term's fields, as far as writing it asks for them."""

    kind: int
    lex: str
    datatype: str | None
    lang: str | None


def rows(plan: Plan, columns: Columns, form: Callable[[Term], T]) -> Iterator[tuple[T | None, ...]]:
    """Run `plan` and give its rows, a cell a column of the plan, each term in the form that `form` gives it.

    The columns are the plan's `columns`, in their order. It runs whole before this returns: raises duckdb.Error where
    it fails, not amid the rows.
    """
    return _fetched(columns.connection.cursor().execute(plan.sql), plan, columns, form)


def _fetched(
    found: duckdb.DuckDBPyConnection, plan: Plan, columns: Columns, form: Callable[[Term], T]
) -> Iterator[tuple[T | None, ...]]:
    made: dict[int, T] = {}
    encoded = [column.encoded for column in plan.columns.values()]
    while part := found.fetchmany(_PART):
        if not encoded:
            yield from (() for _ in part)
            continue
        if len(made) > _KEPT:
            made.clear()
        ids = {row[n] for n, is_id in enumerate(encoded) if is_id for row in part}
        made.update((i, form(term)) for i, term in terms(columns, [i for i in ids if i is not None and i not in made]))
        yield from zip(*(_cells([row[n] for row in part], encoded[n], made, form) for n in range(len(encoded))),
                       strict=True)  # fmt: skip


def _cells(values: Sequence[Any], encoded: bool, made: dict[int, T], form: Callable[[Term], T]) -> list[T | None]:
    if encoded:
        return [None if v is None else made[v] for v in values]
    return [None if v is None else form(Term(v["kind"], v["lex"], v["datatype"], v["lang"])) for v in values]


def terms(columns: Columns, ids: list[int]) -> Iterator[tuple[int, Term]]:
    """Give the terms with these ids."""
    if not ids:
        return
    found = columns.connection.cursor().execute(
        "SELECT id, kind, lex, datatype, lang FROM terms "
        "WHERE rowid IN (SELECT unnest(string_split(?, ',')::BIGINT[]))",  # ids are dense: they are the rows' numbers
        [",".join(map(str, ids))],
    )
    for i, kind, lex, datatype, lang in found.fetchall():
        yield i, Term(kind, lex, datatype, lang)


def order_of(plan: Plan) -> list[int | None]:
    """Give for each variable asked for which column of the plan holds it; None where none does."""
    places = {variable: n for n, variable in enumerate(plan.columns)}
    return [places.get(variable) for variable in plan.variables]


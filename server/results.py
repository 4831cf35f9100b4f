"""The answer to a query as a page: a table with its terms linked, a page at a time, and the whole in each format.

Rows are whole, and a page says which of how many it shows: nothing is left out in silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from flask import Response, render_template
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from graph import formats
from graph.engine.question import Answer
from graph.formats import Format
from graph.naming import Namer, Value
from graph.snapshot import Snapshot
from server.negotiate import HTML
from server.paging import Page, page_of, wanted
from server.problems import Problem, not_found

SIZE: Final = 100  # rows of a page
_STATEMENT: Final = ("subject", "property", "object")

Term = NamedNode | BlankNode | Literal | Triple
Row = tuple[Term | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What a page shows of an answer: its columns, the page's rows, and which part of it they are.

    `yes` is the answer to an ASK. `page` is None where the answer is so large that its rows were not counted: then
    `rows` are its first.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Value | None, ...], ...] = ()
    page: Page | None = None
    yes: bool | None = None


def carried(form: str | None) -> Format:
    """Give the format in which the answer to a query of this form is asked for, to be shown."""
    return formats.NTRIPLES if form in ("CONSTRUCT", "DESCRIBE") else formats.JSON


def table(found: Answer, form: str | None, snapshot: Snapshot) -> Table:
    """Give the page that the running request asks for of an answer in the format `carried`.

    Raises Problem (404) where the answer has no such page.
    """
    try:
        columns, rows, yes = _rows(found.file or found.body, form)
        if yes is not None:
            return Table(yes=yes)
        if found.file is None:
            every = list(rows)
            page = page_of(len(every), SIZE)
            shown = page.of(every)
        else:
            if wanted() > 1:
                raise not_found("of an answer so large only the first rows have a page; take it away whole")
            page, shown = None, list(islice(rows, SIZE))
    finally:
        found.drop()
    namer = Namer(snapshot.store)
    return Table(columns, tuple(tuple(None if t is None else namer.value(t) for t in row) for row in shown), page)


def _rows(source: Path | bytes, form: str | None) -> tuple[tuple[str, ...], Iterator[Row], bool | None]:
    given: dict[str, Any] = {"path": source} if isinstance(source, Path) else {"input": source}
    if carried(form) == formats.NTRIPLES:
        quads = parse(**given, format=RdfFormat.N_TRIPLES)
        return _STATEMENT, ((q.subject, q.predicate, q.object) for q in quads), None
    results = parse_query_results(**given, format=QueryResultsFormat.JSON)
    if isinstance(results, QueryBoolean):
        return (), iter(()), bool(results)
    columns = tuple(variable.value for variable in results.variables)
    return columns, (tuple(row[name] for name in columns) for row in results), None


def page(query: str, offered: tuple[Format, ...], shown: Table | None, problem: Problem | None = None) -> Response:
    """Give the page of a query with its table, or with the problem that it met and its status."""
    told = {"query": query, "offered": offered, "table": shown, "problem": problem}
    status, headers = (problem.status, problem.headers) if problem else (200, {})
    body = render_template("results.html", **told)
    return Response(body, status=status, content_type=HTML.content_type, headers=headers)

"""Quality as pages and documents: what the shapes found, what became of each row, coverage, disagreements, and merged
names.
"""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, redirect, request, url_for
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as Answered

from graph import questions
from graph.formats import RECORDS, TABLE_FORMATS, Format
from graph.naming import Namer, Value
from graph.quality.findings import findings
from graph.quality.merges import Merge, merges
from graph.quality.report import TABLES, answered, report
from graph.quality.rows import TableRows, read
from graph.questions import Answer
from graph.snapshot import Snapshot
from server.memo import Memo
from server.negotiate import HTML, choose
from server.paging import page_of
from server.problems import not_found
from server.questions import answered as asked_of_worker
from server.rendering import document, negotiated, page_about, table_document
from server.service import Service

COVERAGE: Final = "property-coverage"
DISAGREEMENTS: Final = "disagreements"
CANDIDATES: Final = "same-firm-candidates"
BY_NAME: Final = "names-without-website"
WHOLE: Final = "quality"  # all tables, in one document


@dataclass(frozen=True, slots=True)
class Coverage:
    """For a category: how many partners it has, and for each property the share of them with a value, in percent."""

    category: Value
    partners: str
    shares: dict[str, float]


def blueprint(service: Service) -> Blueprint:
    """Give the routes `/quality`, `/quality.json`, `/quality/merges`, `/quality/<name>` and the old `/report`."""
    room = Blueprint("quality", __name__)
    memo = Memo(service)

    def told_by(live: Snapshot, name: str) -> Answer:
        """Give the answer to a question without parameters: of a large version a worker's, by its columns."""
        asked = questions.question(name)
        return answered(live, name) if live.census is None else asked_of_worker(service, live, asked, {})

    def taken(name: str, form: Format) -> Response:
        """Give one table of the report, or all of them under "quality"."""
        found = memo.get("findings", findings)
        told = memo.get("report", lambda live: {one.name: one for one in report(live, found, told_by)})
        if name != WHOLE:
            return table_document(service.snapshot(), form, told[name])
        rows = {key: one.records for key, one in told.items()}
        return document(service.snapshot(), form, name, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")

    @room.get("/quality.json")
    def whole() -> Response:
        return taken(WHOLE, RECORDS)

    @room.get("/quality/<name>")
    def one_table(name: str) -> Answered:
        stem, _, suffix = name.partition(".")
        if stem not in TABLES:
            raise not_found(f"there is no table of quality called {stem[:60]!r}", offered=list(TABLES))
        form = choose(request, TABLE_FORMATS if suffix else (*TABLE_FORMATS, HTML), suffix or None)
        return negotiated(redirect(_place(stem), 303)) if form == HTML else taken(stem, form)

    _pages(room, service, memo, told_by, taken)
    return room


def _pages(
    room: Blueprint,
    service: Service,
    memo: Memo,
    told_by: Callable[[Snapshot, str], Answer],
    taken: Callable[[str, Format], Response],
) -> None:
    @room.get("/quality")
    def quality() -> Response:
        if (form := choose(request, (HTML, RECORDS))) != HTML:
            return taken(WHOLE, form)
        snapshot = service.snapshot()
        found = memo.get("findings", findings)
        counts: Counter[str] = Counter()
        for row in found:
            counts[row.shape.severity] += len(row.findings)
        disagreements, matters = memo.get(DISAGREEMENTS, lambda live: _at_odds(live, told_by(live, DISAGREEMENTS)))
        told = {
            "found": found,
            "counts": counts,
            "tables": memo.get("rows", _rows),
            "coverage": memo.get(COVERAGE, lambda live: _coverage(live, told_by(live, COVERAGE))),
            "disagreements": disagreements,
            "matters": matters,
            "merged": memo.get("merges", _merges),
            "candidates": memo.get(CANDIDATES, lambda live: len(told_by(live, CANDIDATES).rows)),
        }
        return negotiated(page_about(snapshot, "quality.html", tables_of=TABLES, **told))

    @room.get("/quality/merges")
    def merged() -> Response:
        if (form := choose(request, (HTML, *TABLE_FORMATS))) != HTML:
            return taken("merges", form)
        found = memo.get("merges", _merges)
        page = page_of(len(found))
        by_name = memo.get(BY_NAME, lambda live: _cells(live, told_by(live, BY_NAME)))
        told = {"merges": page.of(found), "page": page, "by_name": by_name}
        return negotiated(page_about(service.snapshot(), "merges.html", **told))

    @room.get("/report")
    def report() -> Answered:
        return redirect(url_for("quality.quality"), 303)


def _place(name: str) -> str:
    """Give where a table stands on a page."""
    if name == CANDIDATES:
        return url_for("questions.answer", name=name)
    if name == BY_NAME:
        return url_for("quality.merged", _anchor="by-name")
    return url_for("quality.quality", _anchor={COVERAGE: "coverage", "cells": "rows"}.get(name, name))


def _rows(snapshot: Snapshot) -> list[tuple[Value, TableRows]]:
    namer = Namer(snapshot.store)
    with closing(snapshot.index()) as index:
        found = read(index)
    return sorted(((namer.value(NamedNode(one.graph)), one) for one in found), key=lambda pair: pair[0].key)


def _merges(snapshot: Snapshot) -> list[Merge]:
    with closing(snapshot.index()) as index:
        return merges(index, Namer(snapshot.store))


def _cells(snapshot: Snapshot, answer: Answer) -> tuple[tuple[str, ...], list[list[Value | None]]]:
    namer = Namer(snapshot.store)
    return answer.columns, [[None if term is None else namer.value(term) for term in row] for row in answer.rows]


def _at_odds(snapshot: Snapshot, answer: Answer) -> tuple[tuple[tuple[str, ...], list[list[Value | None]]], int]:
    """Give the columns and cells of an answer of pairs at odds, and the number of matters, each of one thing."""
    return _cells(snapshot, answer), len(set(zip(answer.column("about"), answer.column("matter"), strict=True)))


def _coverage(snapshot: Snapshot, answer: Answer) -> tuple[list[str], list[Coverage]]:
    """Give the words of the properties, the most widespread first, and a row for each category."""
    _, cells = _cells(snapshot, answer)
    widespread: Counter[str] = Counter()
    rows: dict[str, Coverage] = {}
    for category, property_, having, partners, percent in cells:
        if category is None or property_ is None or having is None or partners is None or percent is None:
            continue
        row = rows.setdefault(category.iri, Coverage(category, partners.text, {}))
        words = Namer(snapshot.store).property(property_.iri)
        row.shares[words] = float(percent.lexical)
        widespread[words] += int(having.lexical)
    return [words for words, _ in widespread.most_common()], sorted(rows.values(), key=lambda row: row.category.key)

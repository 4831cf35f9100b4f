"""Quality as pages: what the shapes found, what became of each row, coverage, disagreements, and merged names."""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, redirect, url_for
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as Redirect

from graph import questions
from graph.naming import Namer, Value
from graph.quality.findings import findings
from graph.quality.merges import Merge, merges
from graph.quality.rows import TableRows, read
from graph.questions import Answer
from graph.snapshot import Snapshot
from server.memo import Memo
from server.paging import page_of
from server.questions import answered as asked_of_worker
from server.rendering import page_about
from server.service import Service

COVERAGE: Final = "property-coverage"
DISAGREEMENTS: Final = "disagreements"
CANDIDATES: Final = "same-firm-candidates"
BY_NAME: Final = "names-without-website"


@dataclass(frozen=True, slots=True)
class Coverage:
    """For a category: how many partners it has, and for each property the share of them with a value, in percent."""

    category: Value
    partners: str
    shares: dict[str, float]


def blueprint(service: Service) -> Blueprint:
    """Give the routes `/quality`, `/quality/merges` and the old address `/report`."""
    room = Blueprint("quality", __name__)
    memo = Memo(service)

    def told_by(live: Snapshot, name: str) -> Answer:
        """Give the answer to a question without parameters: of a large version a worker's, by its columns."""
        asked = questions.question(name)
        return answered(live, name) if live.census is None else asked_of_worker(service, live, asked, {})

    @room.get("/quality")
    def quality() -> Response:
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
        return page_about(snapshot, "quality.html", **told)

    @room.get("/quality/merges")
    def merged() -> Response:
        found = memo.get("merges", _merges)
        page = page_of(len(found))
        by_name = memo.get(BY_NAME, lambda live: _cells(live, told_by(live, BY_NAME)))
        return page_about(service.snapshot(), "merges.html", merges=page.of(found), page=page, by_name=by_name)

    @room.get("/report")
    def report() -> Redirect:
        return redirect(url_for("quality.quality"), 303)

    return room


def answered(snapshot: Snapshot, name: str) -> Answer:
    """Give the answer to a stored question without parameters, asked in this process, since once a version."""
    answer = questions.ask(snapshot.store, questions.question(name), {})
    with closing(snapshot.index()) as index:
        return questions.with_rows(answer, index, snapshot.store)


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

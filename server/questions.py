"""The stored questions as pages and documents: a form, the answer as a table, and one address a format."""

import json
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph import formats, questions
from graph.engine.question import Question
from graph.formats import GRAPH_FORMATS, SOLUTION_FORMATS, Format
from graph.naming import Namer
from graph.questions import Answer, Listed, Offered, ParameterError, StoredQuestion
from graph.questions.sources import of_answer
from graph.snapshot import Snapshot
from server import charts
from server.memo import Memo
from server.negotiate import HTML, cached, choose
from server.outcomes import ask
from server.paging import page_of
from server.parameters import only_once
from server.problems import bad_parameter, not_found
from server.public import canonical
from server.rendering import negotiated, page_about, software
from server.service import Service

OFFERED: Final = (*SOLUTION_FORMATS, *GRAPH_FORMATS, HTML)
SHOWN: Final = 1_000  # rows that the pages of an answer have together, where the version is a large one
LISTED: Final = 200  # things in a menu; of more, a name is typed
_SUFFIXES: Final = {"json": formats.JSON.suffix[1:], "xml": formats.XML.suffix[1:]}  # as people write them
_NOT_PARAMETERS: Final = frozenset({"format", "output", "page", "sort", "timeout"})


def blueprint(service: Service) -> Blueprint:
    """Give the routes `/questions` and `/questions/<name>`."""
    room = Blueprint("questions", __name__)
    memo = Memo(service)

    def offered(asked: StoredQuestion) -> dict[str, Offered]:
        return {
            one.name: memo.get(
                ("choices", one.classes, one.scheme, one.uses),
                lambda live, one=one: questions.offered(live, one),  # type: ignore[misc]
            )
            for one in asked.parameters
        }

    @room.get("/questions")
    def index() -> Response:
        snapshot, listed = service.snapshot(), questions.questions()
        if choose(request, (formats.RECORDS, HTML)) == HTML:
            themes = [(theme, list(of_it)) for theme, of_it in groupby(listed, key=attrgetter("theme"))]
            return negotiated(page_about(snapshot, "questions.html", themes=themes, number=len(listed)))
        told = json.dumps([_told(one) for one in listed], ensure_ascii=False, indent=1) + "\n"
        return cached(
            Response(told, content_type=formats.RECORDS.content_type), request, snapshot.id, software(), "questions"
        )

    @room.get("/questions/<name>")
    def answer(name: str) -> Response:
        stem, _, suffix = name.partition(".")
        try:
            asked = questions.question(stem)
        except KeyError:
            raise not_found(f"there is no question called {stem[:60]!r}", offered=list(questions.names())) from None
        form = choose(request, OFFERED, _SUFFIXES.get(suffix, suffix) or None)
        snapshot = service.snapshot()
        only_once(*request.args)
        given = {key: text for key, text in request.args.items() if key not in _NOT_PARAMETERS}
        known = cached(Response(), request, snapshot.manifest.digest, software(), form.name, request.full_path)
        if known.status_code == 304:
            return known
        choices = offered(asked)
        try:
            bindings = questions.bind(asked, given, choices)
        except ParameterError as error:
            raise bad_parameter(error.name, str(error), error.allowed) from error
        if form == HTML:
            most = SHOWN if snapshot.census is not None else None
            found = answered(service, snapshot, asked, bindings, most)
            cut = most is not None and len(found.rows) > most
            return _page(snapshot, _sorted(replace(found, rows=found.rows[:most]), snapshot), choices, cut)
        return _document(snapshot, _sorted(answered(service, snapshot, asked, bindings), snapshot), form)

    return room


def _told(one: StoredQuestion) -> dict[str, Any]:
    """Give a question as programs read it."""
    parameters = [
        {"name": p.name, "label": p.label, "default": p.default, "optional": p.optional, "numbers": list(p.numbers)}
        for p in one.parameters
    ]
    told = {"name": one.name, "title": one.title, "theme": one.theme, "meaning": one.meaning, "caveat": one.caveat}
    return {**told, "address": canonical(f"/questions/{one.name}"), "parameters": parameters}


def answered(
    service: Service, snapshot: Snapshot, asked: StoredQuestion, bindings: questions.Bindings, most: int | None = None
) -> Answer:
    """Give the answer from a worker: the deadline and the limits of the service hold.

    Of more than `most` rows one more than that is given.
    """
    bound = tuple((name, str(term)) for name, term in bindings.items())
    text = asked.query if most is None else asked.first(most + 1)
    question = Question(text, formats.JSON.name, largest=service.settings.result_size << 20, bindings=bound)
    whole = ask(service, question, snapshot.path, shared=True).take()
    with closing(snapshot.index()) as index:
        return questions.with_rows(questions.of_json(asked, bindings, whole), index, snapshot.store)


def _sorted(found: Answer, snapshot: Snapshot) -> Answer:
    column = request.args.get("sort", "")
    if not column or not found.rows:
        return found
    try:
        return questions.sorted_by(found, column, Namer(snapshot.store))
    except ValueError as error:
        offered = [name for one in found.columns for name in (one, f"-{one}")]
        raise bad_parameter("sort", str(error), offered) from error


def _document(snapshot: Snapshot, found: Answer, form: Format) -> Response:
    body = questions.written(questions.with_labels(found, Namer(snapshot.store)), form)
    response = Response(body, content_type=form.content_type)
    response.headers["Content-Disposition"] = f'inline; filename="{found.question.name}{form.suffix}"'
    return cached(response, request, snapshot.manifest.digest, software(), form.name, request.full_path)


def _page(snapshot: Snapshot, found: Answer, choices: dict[str, Offered], cut: bool) -> Response:
    namer = Namer(snapshot.store)
    page = page_of(len(found.rows))
    rows = [[None if term is None else namer.value(term) for term in row] for row in page.of(found.rows)]
    told: dict[str, Any] = {
        "it": found.question,
        "bindings": {name: namer.value(term) for name, term in found.bindings.items()},
        "spelled": {name: questions.spelled(term) for name, term in found.bindings.items()},
        "choices": {name: _menu(some, found.bindings.get(name)) for name, some in choices.items()},
        "columns": found.columns,
        "rows": rows,
        "page": page,
        "cut": cut,
        "sort": request.args.get("sort", ""),
        "chart": charts.draw(found, namer) if page.number == 1 else None,
        "sources": of_answer(snapshot.store, namer, found),
        "sparql": found.question.shown(found.bindings),
    }
    response = page_about(snapshot, "question.html", **told)
    address = f"/questions/{found.question.name}" + (f"?{urlencode(told['spelled'])}" if told["spelled"] else "")
    response.headers["Link"] = f'<{canonical(address)}>; rel="canonical"'
    return negotiated(response)


def _menu(choices: Offered, chosen: questions.Term | None) -> Listed:
    """Give what a form lists: what has an answer, and what was asked about without one; [] where that is too long."""
    if not isinstance(choices, Listed) or len(choices) > LISTED:
        return Listed()
    asked = chosen.value if isinstance(chosen, NamedNode) else ""
    return Listed([*choices, *(one for one in choices.beyond if one.iri == asked)])

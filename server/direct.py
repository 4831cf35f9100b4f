"""The endpoint's short way: a plain GET of one query is answered without Flask in between.

Every decision is made by the functions that Flask's way calls too, and the headers are the same. What is not plain (a
parameter beyond `query`, a page, a refusal, a FROM) is Flask's; so is a large answer, which is handed over with the
request, so that nothing runs twice.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

from graph.engine import policy
from graph.engine.question import EngineError, Question
from graph.formats import Format
from server.journal import ENGINE, OUTCOME, QUERY, REQUEST_ID, ROUTE
from server.negotiate import FRESH, choose, tag
from server.outcomes import ASKED, Asked, execute, problem_of
from server.policy import HEADERS
from server.problems import JSON, Problem
from server.service import PINNED, Service
from server.sparql import LONG, is_volatile, offered, parts

ENDPOINT = "/sparql"
_REMEMBERED, _SHORT = 256, 200  # how many Accept headers are remembered, and of what length

Environment = dict[str, Any]
Response = tuple[str, list[tuple[str, str]], list[bytes]]


class Direct:
    """The short way of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._chosen: dict[tuple[str, str | None], Format] = {}

    def answer(self, environ: Environment) -> Response | None:
        """Answer the GET of the endpoint in `environ`, or give None where Flask is to answer."""
        text = _query(environ)
        if text is None or len(text) > LONG or is_volatile(text):
            return None
        try:
            reading = policy.read(text)
            row = self._format(environ, reading.form)
        except (policy.Refused, Problem):
            return None  # Flask says what is wrong
        if reading.from_graphs or reading.from_named:
            return None
        service = self._service
        snapshot, settings = service.snapshot(), service.settings
        question = Question(text, row.name, None, None, settings.result_size << 20)
        environ[QUERY] = text
        try:
            found = execute(service, question, snapshot.path, settings.timeout, environ[REQUEST_ID])
        except EngineError as error:
            return _told(problem_of(error, settings, settings.timeout), environ)
        if found.file is not None:
            environ[ASKED] = Asked(snapshot.path, question, found)
            return None
        environ[ROUTE], environ[OUTCOME], environ[ENGINE] = ENDPOINT, "worker", found.engine
        etag = tag(snapshot.manifest.digest, *parts(text, None, None, row))
        head = [
            ("Content-Type", row.content_type), ("Content-Length", str(found.size)), ("ETag", f'W/"{etag}"'),
            ("Cache-Control", FRESH), ("Vary", "Accept"), ("Vary", "Accept-Encoding"),
            ("X-Request-Id", environ[REQUEST_ID]),
        ]  # fmt: skip
        return "200 OK", [*head, *HEADERS], [found.body]

    def _format(self, environ: Environment, form: str | None) -> Format:
        accept = environ.get("HTTP_ACCEPT", "")
        row = self._chosen.get((accept, form))
        if row is None:
            row = choose(Request(environ), offered(form))
            if len(accept) <= _SHORT:
                if len(self._chosen) >= _REMEMBERED:
                    self._chosen = {}
                self._chosen[accept, form] = row
        return row


def _told(problem: Problem, environ: Environment) -> Response:
    """The problem as server/problems.py tells it to programs."""
    environ[ROUTE] = ENDPOINT
    body = problem.text(environ.get("SCRIPT_NAME", "").rstrip("/")).encode()
    head = [
        *problem.headers.items(), ("Content-Type", JSON), ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"), ("Vary", "Accept"), ("Vary", "Accept-Encoding"),
        ("X-Request-Id", environ[REQUEST_ID]),
    ]  # fmt: skip
    return f"{problem.status} {HTTPStatus(problem.status).phrase.upper()}", [*head, *HEADERS], [body]


def _query(environ: Environment) -> str | None:
    """The query of a request that says nothing else, or None."""
    given = environ.get("QUERY_STRING", "")
    if PINNED in environ or not given.isascii() or "text/html" in environ.get("HTTP_ACCEPT", ""):
        return None
    if any(name in environ for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE",
                                        "HTTP_IF_UNMODIFIED_SINCE", "HTTP_RANGE")):  # fmt: skip
        return None
    try:
        parameters = parse_qsl(given, keep_blank_values=True, errors="strict")
    except ValueError:
        return None
    return parameters[0][1] if len(parameters) == 1 and parameters[0][0] == "query" else None

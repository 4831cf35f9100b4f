"""What becomes of a question to the engine: its answer, or the Problem that says why there is none."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import request

from graph.engine.federation import Call
from graph.engine.policy import Reading
from graph.engine.question import (
    Answer,
    BadQuery,
    Busy,
    Cancelled,
    Crashed,
    EndpointFailed,
    EngineError,
    Fetched,
    NotExpressible,
    Question,
    TooLarge,
    TooMuchMemory,
    TooSlow,
    UnknownGraph,
)
from server.journal import REQUEST_ID
from server.problems import Problem, bad_request
from server.service import Service
from server.settings import Settings

# Errors that cost a worker, by the reason that the metrics count them under.
_KILLS: dict[type[EngineError], str] = {
    TooSlow: "timeout",
    TooMuchMemory: "memory",
    Cancelled: "cancelled",
    Crashed: "crash",
}
ASKED = "partnergraph.asked"  # a question that was asked already, in its request's WSGI environment
_SPENT = "partnergraph.spent"  # seconds that reading the query took
_REFUSED = {"SERVICE": "service-refused", "FROM": "graph-refused", "UPDATE": "update-refused"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer that a question to a version got already."""

    snapshot: Path
    question: Question
    found: Answer

    def answer(self, snapshot: Path, question: Question) -> Answer:
        """Give the answer. Raises Crashed where another version went live since it was asked."""
        if (snapshot, question) == (self.snapshot, self.question):
            return self.found
        self.found.drop()
        raise Crashed("the version that was asked is no longer the live one")


def ask(service: Service, question: Question, snapshot: Path, shared: bool) -> Answer:
    """Give the answer to `question` from the version at `snapshot`; with `shared`, equal questions are asked once.

    Raises the Problem that its EngineError means.
    """
    timeout = deadline(service.settings)
    asked: Asked | None = request.environ.pop(ASKED, None)
    try:
        if asked is not None:
            return asked.answer(snapshot, question)
        spent = request.environ.get(_SPENT, 0.0)
        return execute(service, question, snapshot, timeout, request.environ.get(REQUEST_ID, ""), shared, spent)
    except EngineError as error:
        raise problem_of(error, service.settings, timeout) from error


def read(service: Service, text: str) -> Reading:
    """Give what policy.read gives for a long `text`, read by a worker.

    Raises policy.Refused, and the Problem that an EngineError means.
    """
    timeout = deadline(service.settings)
    try:
        began = time.monotonic()
        name, endpoints = request.environ.get(REQUEST_ID, ""), service.endpoints.names
        reading = service.pool.read(text, timeout, name, endpoints)
        request.environ[_SPENT] = time.monotonic() - began
        return reading
    except EngineError as error:
        raise problem_of(error, service.settings, timeout) from error


def fetch(service: Service, calls: Sequence[Call]) -> tuple[Fetched, ...]:
    """Give what other endpoints answer to the SERVICE `calls` of the running request's query.

    Raises the Problem that an EngineError means.
    """
    timeout = deadline(service.settings)
    began = time.monotonic()
    spent = request.environ.get(_SPENT, 0.0)
    try:
        found = service.endpoints.fetch(calls, began + timeout - spent)
    except EngineError as error:
        raise problem_of(error, service.settings, timeout) from error
    request.environ[_SPENT] = spent + time.monotonic() - began
    return found


def execute(
    service: Service, question: Question, snapshot: Path, timeout: float, name: str, shared: bool = True,
    spent: float = 0.0,
) -> Answer:  # fmt: skip
    """Give the answer to `question` within `timeout` seconds, some of them `spent` already, noting what it cost.

    It needs no running request.

    Raises EngineError.
    """

    def once() -> Answer:
        try:
            return service.pool.ask(question, max(0.0, timeout - spent), snapshot, name)
        except tuple(_KILLS) as error:
            service.journal.kills.labels(_KILLS[type(error)]).inc()
            raise

    return service.flights.share((snapshot, question, timeout), once) if shared else once()


def deadline(settings: Settings) -> float:
    """Give the operator's deadline in seconds, lowered (never raised) by the request's `timeout`."""
    try:
        asked_for = float(request.values.get("timeout", ""))
    except ValueError:
        return settings.timeout
    return min(settings.timeout, asked_for) if asked_for > 0 else settings.timeout


def problem_of(error: EngineError, settings: Settings, timeout: float) -> Problem:
    """Give the problem that `error` means, by the design's table of statuses."""
    if isinstance(error, BadQuery):
        extra = {"line": error.line, "column": error.column, "snippet": error.snippet, "hint": error.hint}
        given = {name: value for name, value in extra.items() if value is not None}
        return Problem(400, "malformed-query", "Malformed query", error.message, given)
    if isinstance(error, UnknownGraph):
        return refused("FROM", f"there is no graph <{error.args[0]}> here, and none is fetched")
    if isinstance(error, NotExpressible):
        return Problem(406, "not-acceptable", "Not acceptable", str(error), headers={"Vary": "Accept"})
    if isinstance(error, TooSlow):
        return _limit("timeout", f"the query ran longer than {timeout:g} s", timeout, "seconds")
    if isinstance(error, TooMuchMemory):
        return _limit("memory", f"the query needed more than {settings.memory} MiB", settings.memory, "MiB")
    if isinstance(error, TooLarge):
        detail = f"the answer is larger than {settings.result_size} MiB; ask for a part with LIMIT"
        return _limit("result-size", detail, settings.result_size, "MiB")
    if isinstance(error, EndpointFailed):
        return Problem(502, "endpoint-failed", "Endpoint failed", str(error))
    if isinstance(error, Busy):
        return Problem(503, "busy", "Busy", str(error), headers={"Retry-After": "1"})
    if isinstance(error, Cancelled):
        return Problem(503, "cancelled", "Cancelled", str(error))
    return Problem(503, "worker-lost", "Worker lost", "the query ended the process that ran it")


def refused(what: str, detail: str) -> Problem:
    """Give the problem of what is refused by name: SERVICE, FROM, UPDATE; anything else is a bad request."""
    slug = _REFUSED.get(what)
    if slug is None:
        return bad_request(f"the query is too deeply nested: {detail}")
    return Problem(403, slug, f"{what} is refused", detail, {"refused": what})


def _limit(name: str, detail: str, limit: float, unit: str) -> Problem:
    return Problem(503, f"{name}-limit", f"The {name} limit was reached", detail, {"limit": limit, "unit": unit})

"""What becomes of a question to the engine: its answer, or the Problem that says why there is none."""

from pathlib import Path

from flask import request

from graph.engine.question import (
    Answer,
    BadQuery,
    Busy,
    Cancelled,
    Crashed,
    EngineError,
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
_REFUSED = {"SERVICE": "service-refused", "FROM": "graph-refused", "UPDATE": "update-refused"}


def ask(service: Service, question: Question, snapshot: Path, shared: bool) -> Answer:
    """Give the answer to `question` from the version at `snapshot`; with `shared`, equal questions are asked once.

    Raises the Problem that its EngineError means.
    """
    timeout = deadline(service.settings)
    name = request.environ.get(REQUEST_ID, "")
    try:
        if not shared:
            return service.pool.ask(question, timeout, snapshot, name)
        key = (snapshot, question, timeout)
        return service.flights.share(key, lambda: service.pool.ask(question, timeout, snapshot, name))
    except EngineError as error:
        reason = _KILLS.get(type(error))
        if reason is not None:
            service.journal.kills.labels(reason).inc()
        raise problem_of(error, service.settings, timeout) from error


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

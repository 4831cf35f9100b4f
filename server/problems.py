"""One shape for every error: RFC 9457 problem details for programs, the same as a page for people.

Problem
├── NotFound, BadRequest, NotAcceptable, ...   what the request got wrong (4xx)
└── limits of the service (503)                 which limit, and its value

Everything raised on purpose is a Problem; anything else is our fault, a 500 with a log line and no inner details.
"""

import json
from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from server.public import mount

TYPE = "/problems/"
JSON = "application/problem+json"
_SLUGS = {404: "not-found", 405: "method-not-allowed", 413: "request-entity-too-large", 416: "range-not-satisfiable",
          500: "internal-error"}  # fmt: skip
REFUSAL = "partnergraph.refusal"  # the Problem that the door wants told, in the request's WSGI environment


class Problem(Exception):
    """An answer that is no success: HTTP `status`, a `slug` that names its type, and what to do about it.

    `extra` are further members of the problem document (line, column, limit ...), `headers` go with the response.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.slug, self.title, self.detail = status, slug, title, detail
        self.extra = extra or {}
        self.headers = headers or {}

    def document(self, root: str | None = None) -> dict[str, Any]:
        """Give the problem details object; `root` is the sub-path of the service, by default the running request's."""
        place = (mount() if root is None else root) + TYPE + self.slug
        return {"type": place, "title": self.title, "status": self.status, "detail": self.detail, **self.extra}

    def text(self, root: str | None = None) -> str:
        """Give the problem details object as it is sent."""
        return json.dumps(self.document(root), ensure_ascii=False, indent=2) + "\n"


def not_found(detail: str, **extra: Any) -> Problem:
    """Give the problem of a thing that is not here."""
    return Problem(404, "not-found", "Not found", detail, extra)


def bad_request(detail: str, **extra: Any) -> Problem:
    """Give the problem of a request that contradicts itself or lacks what it needs."""
    return Problem(400, "bad-request", "Bad request", detail, extra)


def bad_parameter(name: str, detail: str, offered: Iterable[str] = ()) -> Problem:
    """Give the problem of a parameter that is not there, is given twice or has a value that is not there: `offered` are
    the names or the values there are, or some of them.
    """
    extra = {"parameter": name, "offered": list(offered)}
    return Problem(400, "bad-parameter", "Bad parameter", detail, extra)


def wants_page() -> bool:
    """Whether the client would rather have a page than a document: it names text/html before anything of ours."""
    best = request.accept_mimetypes.best_match(["application/problem+json", "application/json", "text/html"])
    return best == "text/html" and "text/html" in request.headers.get("Accept", "")


def respond(problem: Problem) -> Response:
    """Render `problem` for the client that made the running request."""
    if wants_page():
        body, kind = render_template("problem.html", problem=problem), "text/html; charset=utf-8"
    else:
        body, kind = problem.text(), JSON
    response = Response(body, status=problem.status, content_type=kind, headers=problem.headers)
    response.headers["Cache-Control"] = "no-store"
    response.headers.add("Vary", "Accept")
    return response


def install(app: Flask) -> None:
    """Make `app` answer every error in this shape."""

    def of_http(error: HTTPException) -> Response:
        allow = error.get_response().headers.get("Allow")
        status = error.code or 500
        slug = _SLUGS.get(status, "bad-request")
        problem = Problem(
            status, slug, error.name, error.description or "", headers={"Allow": allow} if allow else None
        )
        return respond(problem)

    def of_bug(error: Exception) -> Response:
        app.logger.error("unexpected error at %s", request.path, exc_info=error)
        detail = "Something went wrong in the service; it has been logged."
        return respond(Problem(500, "internal-error", "Internal error", detail))

    def of_door() -> None:
        if REFUSAL in request.environ:
            raise request.environ[REFUSAL]

    app.before_request(of_door)
    app.register_error_handler(Problem, respond)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(Exception, of_bug)

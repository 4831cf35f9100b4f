"""What becomes of a request that changes the graph: the answer that names its version, or the Problem."""

import json
from typing import Final

from flask import Response, request, url_for
from pyoxigraph import RdfFormat, parse

from graph import export
from graph.change.delta import NotWritable
from graph.change.request import Accepted, Lost, NotReadable, Precondition, Request, State, Violated
from graph.contacts import holds_address
from graph.engine.policy import Refused
from graph.engine.question import EngineError, TooMuchMemory, TooSlow
from graph.errors import Foreseen
from graph.formats import GRAPH_FORMATS, by_name
from graph.manifest import SnapshotError
from graph.snapshot import Occupied, Snapshot
from graph.validate import Finding
from server.negotiate import tag
from server.outcomes import problem_of, refused
from server.problems import JSON, Problem, bad_request, not_found
from server.rendering import software
from server.service import PINNED, Full, Service
from server.tokens import VARIABLE, Tokens

_MESSAGE: Final = "Change-Message"  # a header; the preference of the same name says it too
_CHALLENGE: Final = 'Bearer realm="writing", Basic realm="writing", charset="UTF-8"'
_STATUSES: Final = {
    "default-graph-derived": 409, "graph-derived": 409, "graph-exists": 409, "no-such-graph": 409, "other-graph": 409,
    "forgotten": 409, "graph-stated": 409, "unknown-term": 422, "triple-term": 422,
    "too-large": 413,
}  # fmt: skip
_LONGEST: Final = 500  # characters of a message
_SHOWN: Final = 100  # findings told in a problem


def admit(tokens: Tokens) -> str:
    """Let the running request write, and give the name of its author. Raises Problem (401, 403)."""
    if not tokens.open:
        raise _closed(f"this service is read-only: its operator sets --token-file or {VARIABLE} to let changes in")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise _closed("a page of another site sent this; a browser adds the credentials that it knows without asking")
    given = request.authorization
    found = None
    if given is not None and given.type == "bearer":
        found = tokens.holder("bearer", "", given.token or "")
    elif given is not None and given.type == "basic":
        found = tokens.holder("basic", given.username or "", given.password or "")
    if found is None:
        raise Problem(401, "unauthorized", "Unauthorized", "a change wants a token, as a bearer or a password", None,
                      {"WWW-Authenticate": _CHALLENGE})  # fmt: skip
    return found


def _closed(detail: str) -> Problem:
    return Problem(403, "update-refused", "UPDATE is refused", detail, {"refused": "UPDATE"})


def begin(service: Service) -> tuple[str, str]:
    """Give the author and the message of the running request, which may write. Raises Problem (400, 401, 403)."""
    author = admit(service.tokens)
    if PINNED in request.environ:
        raise _closed("a published version never changes")
    message = request.headers.get(_MESSAGE) or _preferred(request.headers.get("Prefer", "")) or ""
    try:
        message = message.encode("latin-1").decode("utf-8")  # headers come as Latin-1, clients send UTF-8
    except (UnicodeEncodeError, UnicodeDecodeError) as error:
        raise bad_request(f"the message of the change is not UTF-8: {error}") from error
    if len(message) > _LONGEST or not message.isprintable():
        raise bad_request(f"the message of the change is one line of at most {_LONGEST} characters")
    if holds_address(message):
        raise bad_request("the message of the change, which the history shows, holds an address of somebody")
    return author, message


def _preferred(header: str) -> str | None:
    """Give what `Prefer: change-message="..."` says (RFC 7240)."""
    name, _, rest = header.partition("=")
    return rest.strip().strip('"') if name.strip().lower() == _MESSAGE.lower() else None


def change(service: Service, asked: Request, precondition: Precondition | None = None) -> tuple[Snapshot, Accepted]:
    """Publish the change that `asked` is. Raises the Problem that keeps it out, and Violated."""
    try:
        return service.writer.submit(asked, precondition)
    except Violated:
        raise
    except Foreseen as error:
        raise problem(service, error) from error


def told(snapshot: Snapshot, accepted: Accepted, status: int = 200, location: str | None = None) -> Response:
    """Give the answer to a change: the version that it is part of, and how many statements came and went."""
    body = {"snapshot": snapshot.id, "added": accepted.added, "removed": accepted.removed}
    response = Response(json.dumps(body) + "\n", status=status, mimetype="application/json")
    response.set_etag(snapshot.id)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Location"] = url_for("history.version", version=snapshot.id)
    if location is not None:
        response.headers["Location"] = location
    return response


def problem(service: Service, error: Foreseen) -> Problem:
    """Give the problem that `error` means."""
    if isinstance(error, NotWritable):
        if error.slug == "no-such-graph" and request.method in ("DELETE", "PATCH"):
            return not_found(error.detail)  # the request is sent to it; an update that names one has a conflict instead
        return Problem(_STATUSES[error.slug], error.slug, "The change cannot be made", error.detail)
    if isinstance(error, NotReadable):
        return Problem(400, "malformed-document", "Malformed document", str(error))
    if isinstance(error, Lost):
        return Problem(412, "precondition-failed", "Precondition failed", str(error))
    if isinstance(error, Refused):
        return _closed(error.detail) if error.what == "LOAD" else refused(error.what, error.detail)
    if isinstance(error, TooSlow | TooMuchMemory | EngineError):
        return problem_of(error, service.settings, service.settings.timeout)
    if isinstance(error, Occupied | Full):
        return Problem(503, "busy", "Busy", str(error), headers={"Retry-After": "1"})
    if isinstance(error, SnapshotError):
        return Problem(507, "cannot-write", "The disk does not take it", str(error))
    return Problem(500, "internal-error", "Internal error", str(error))


def violated(error: Violated) -> Response:
    """Give the 422 of a change that breaks shapes: the SHACL report where RDF is preferred, else the findings."""
    types = [JSON, "application/json", *(row.media_type for row in GRAPH_FORMATS)]
    best = request.accept_mimetypes.best_match(types)
    if best is not None and best not in (JSON, "application/json") and best in request.headers.get("Accept", ""):
        row = by_name(best)
        triples = (quad.triple for quad in parse(error.report, format=RdfFormat.TURTLE))
        body = b"".join(export.write(triples, row))
        response = Response(body, status=422, content_type=row.content_type)
    else:
        found = [finding(one) for one in error.findings[:_SHOWN]]
        extra = {"violations": len(error.findings), "findings": found}
        document = Problem(422, "shape-violated", "The change breaks the shapes", str(error), extra)
        response = Response(document.text(), status=422, content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept"
    return response


def finding(one: Finding) -> dict[str, str | None]:
    """Give a finding as a member of a JSON document; a path of several steps has no name outside the report."""
    path = one.path if one.path and not one.path.startswith("_:") else None
    return {"severity": one.severity, "shape": one.shape, "focusNode": one.focus, "path": path, "value": one.value,
            "message": one.message}  # fmt: skip


def if_match(graph: str | None = None, *, about_graph: bool = False) -> Precondition | None:
    """Give the precondition of the running request: its If-Match and If-None-Match, of the version or of `graph`."""
    wanted, unwanted = request.if_match, request.if_none_match
    if not request.headers.get("If-Match") and not request.headers.get("If-None-Match"):
        return None
    some, none = bool(request.headers.get("If-Match")), bool(request.headers.get("If-None-Match"))

    def holds(state: State) -> bool:
        there = not about_graph or graph is None or graph in state.digests
        tags = ({state.id} if state.id else set()) | (graph_tags(state, graph) if about_graph and there else set())
        if some and not (there if wanted.star_tag else any(wanted.contains(one) for one in tags)):
            return False
        return not (none and (there if unwanted.star_tag else any(unwanted.contains(one) for one in tags)))

    return holds


def graph_tags(state: State, graph: str | None) -> set[str]:
    """Give the entity tags of the documents about a graph (None: the default one), one a format."""
    return {tag(graph_digest(state.digest, state.digests, graph), software(), row.name, *about(graph))
            for row in GRAPH_FORMATS}  # fmt: skip


def graph_digest(digest: str, digests: dict[str, str], graph: str | None) -> str:
    """Give what tells the content of a graph: its own digest, or the version's where that is not known."""
    return digests.get(graph or "", digest)


def about(graph: str | None) -> tuple[str, str]:
    """Give what tells the documents about one graph from those about others."""
    return ("default" if graph is None else "graph", graph or "")



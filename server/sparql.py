"""The SPARQL 1.1 Protocol for queries (https://www.w3.org/TR/sparql11-protocol/#query-operation).

No answer begins before it is complete: a 200 is whole, with its Content-Length, or it is no 200.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, render_template, request
from werkzeug.wsgi import wrap_file

from graph import formats
from graph.engine import policy
from graph.engine.policy import Reading
from graph.engine.question import Answer, Question
from graph.formats import Format
from graph.questions import questions
from graph.snapshot import Snapshot
from server import results
from server.description import service_description
from server.journal import ENGINE, OUTCOME, QUERY
from server.negotiate import HTML, cached, choose
from server.outcomes import ask, fetch, read, refused
from server.policy import POLICY
from server.problems import Problem, bad_request, wants_page
from server.rendering import software
from server.service import Service

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
LONG = 8 << 10  # characters; reading a longer query takes time that others would wait for
EDITOR = Path(__file__).parent / "static" / "vendor" / "yasgui.js"
_RDFLIB_DEFAULT = "urn:x-rdflib:default"  # what rdflib's SPARQLStore calls the default graph
_VOLATILE = frozenset({"RAND", "NOW", "UUID", "STRUUID", "BNODE"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as the request asks it, with the dataset of the protocol's parameters (None: the query's own)."""

    text: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None


def blueprint(service: Service) -> Blueprint:
    """Give the routes of the endpoint."""
    room = Blueprint("sparql", __name__)

    @room.route("/sparql", methods=["GET", "POST"], provide_automatic_options=False)
    def sparql() -> Response:
        reading = request.method in ("GET", "HEAD")
        if reading and "explain" in request.args and "query" in request.args:
            return _explained(service, asked())
        if reading and "query" not in request.args and "update" not in request.args:
            return _welcome(service)
        if reading and _wants_table():
            return _page(service) if "edit" in request.args else _shown(service, asked())
        return answer(service, asked())

    @room.route("/sparql", methods=["OPTIONS"])
    def options() -> Response:
        response = Response(status=204)
        response.headers["Allow"] = "GET, HEAD, POST, OPTIONS"
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
        return response

    return room


def _welcome(service: Service) -> Response:
    if wants_page():
        return _page(service)
    return service_description(service, choose(request, formats.GRAPH_FORMATS))


def _page(service: Service) -> Response:
    editor = EDITOR.is_file()  # fetched when the wheel is built; a build without npm's registry has none
    query = request.args.get("query", "")
    examples = [(one.title, one.query) for one in questions() if not one.parameters]
    told = {"query": query, "settings": service.settings, "editor": editor, "examples": examples}
    page = Response(render_template("sparql.html", **told))
    if editor:  # it styles its own elements, by attributes too; its scripts are files like everyone's
        page.headers["Content-Security-Policy"] = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    return page


def _wants_table() -> bool:
    """Whether the client would rather see the answer than have it: it names text/html before any format of ours."""
    if "format" in request.args or "output" in request.args:
        return HTML.name in (request.args.get("format"), request.args.get("output"))
    known = [row.media_type for row in (*formats.FORMATS, HTML)]
    return wants_page() and request.accept_mimetypes.best_match(known) == HTML.media_type


def _shown(service: Service, query: Asked) -> Response:
    """Give the answer as a page, or the problem with the query that met it."""
    snapshot, form = service.snapshot(), None
    try:
        reading = _read(service, query)
        form, row = reading.form, results.carried(reading.form)
        known = _known(snapshot, query, HTML, reading)
        if known is not None and known.status_code == 304:
            return known
        found = _ask(service, snapshot, query, reading, row)
        response = results.page(query.text, offered(form), results.table(found, form, snapshot))
    except Problem as problem:
        response = results.page(query.text, offered(form), None, problem)
        response.headers["Cache-Control"] = "no-store"
        response.headers.add("Vary", "Accept")
        return response
    return _tagged(response, snapshot, query, HTML, reading)


def asked() -> Asked:
    """Read the running request as a query operation, strictly. Raises Problem (400, 413, 415 or 403)."""
    kind = request.mimetype
    decoded(unquote_to_bytes(request.query_string), "the URL")
    if request.method == "POST" and kind == _QUERY:
        if "query" in request.args:
            raise bad_request("a query in the URL and in the body: send one")
        texts = [decoded(request.get_data(), "the body")]
        parameters = request.args
    elif request.method == "POST" and kind == _FORM:
        if "query" in request.args or "update" in request.args:
            raise bad_request("a query in the URL and in the body: send one")
        decoded(unquote_to_bytes(request.get_data()), "the body")
        parameters = request.form
        texts = parameters.getlist("query")
    elif request.method == "POST":
        if kind == _UPDATE:
            raise refused("UPDATE", "this service is read-only")
        raise Problem(415, "unsupported-media-type", "Unsupported media type",
                      f"a query is sent as {_QUERY} or {_FORM}", {"sent": kind},
                      {"Accept-Post": f"{_QUERY}, {_FORM}"})  # fmt: skip
    else:
        parameters = request.args
        texts = parameters.getlist("query")
    if "update" in parameters:
        if texts:
            raise bad_request("a query and an update: send one")
        raise refused("UPDATE", "this service is read-only")
    if len(texts) != 1:
        raise bad_request("no query" if not texts else "several queries: send one")
    return Asked(texts[0], *_dataset(parameters.getlist("default-graph-uri"), parameters.getlist("named-graph-uri")))


def decoded(data: bytes, what: str) -> str:
    """Give `data` as text; the framework would put U+FFFD for what is not UTF-8, and ask another question."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad_request(f"{what} is not UTF-8 at byte {error.start}") from error


def _dataset(
    default: list[str], named: list[str]
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    if _RDFLIB_DEFAULT in default:
        default = [iri for iri in default if iri != _RDFLIB_DEFAULT]
        if not default and not named:
            return None, None
    if not default and not named:
        return None, None
    return tuple(default), tuple(named)


def answer(service: Service, query: Asked) -> Response:
    """Answer `query` whole, or raise the Problem that says why not."""
    reading = _read(service, query)
    row = choose(request, offered(reading.form))
    snapshot = service.snapshot()
    known = _known(snapshot, query, row, reading)
    if known is not None and known.status_code == 304:
        return known
    return _tagged(_whole(_ask(service, snapshot, query, reading, row), row), snapshot, query, row, reading)


def _explained(service: Service, query: Asked) -> Response:
    """Say which engine answers `query`, why, and by what plan; it is not run."""
    reading, snapshot = _read(service, query), service.snapshot()
    response = _whole(_ask(service, snapshot, query, reading, formats.RECORDS, explained=True), formats.RECORDS)
    return cached(response, request, snapshot.manifest.digest, "explain", *_key(query, formats.RECORDS), weak=True)


def _read(service: Service, query: Asked) -> Reading:
    request.environ[QUERY] = query.text
    try:
        endpoints = service.endpoints.names
        return read(service, query.text) if len(query.text) > LONG else policy.read(query.text, endpoints)
    except policy.Refused as error:
        raise refused(error.what, error.detail) from error


def _ask(
    service: Service, snapshot: Snapshot, query: Asked, reading: Reading, row: Format, *, explained: bool = False
) -> Answer:
    default, named = query.default_graphs, query.named_graphs
    if default is None and named is None and (reading.from_graphs or reading.from_named):
        default, named = reading.from_graphs, reading.from_named
    largest = service.settings.result_size << 20
    fetched = () if explained else fetch(service, reading.calls)
    question = Question(query.text, row.name, default, named, largest, fetched, explained=explained)
    found = ask(service, question, snapshot.path, shared=not _changes(query, reading))
    request.environ[OUTCOME], request.environ[ENGINE] = "worker", found.engine
    return found


def _changes(query: Asked, reading: Reading) -> bool:
    """Whether the answer may be another each time; what other endpoints answer changes when it does."""
    return is_volatile(query.text) or bool(reading.calls)


def _known(snapshot: Snapshot, query: Asked, row: Format, reading: Reading) -> Response | None:
    if _changes(query, reading):
        return None
    return cached(Response(), request, snapshot.manifest.digest, *_key(query, row), weak=True)


def _tagged(response: Response, snapshot: Snapshot, query: Asked, row: Format, reading: Reading) -> Response:
    if _changes(query, reading):
        response.headers["Cache-Control"] = "no-store"
        return response
    return cached(response, request, snapshot.manifest.digest, *_key(query, row), weak=True)


def is_volatile(text: str) -> bool:
    """Whether the query `text` may give another answer each time."""
    upper = text.upper()
    return any(word in upper for word in _VOLATILE)


def _key(query: Asked, row: Format) -> tuple[str, ...]:
    shown = (software(), request.args.get("page", "")) if row == HTML else ()
    return (*parts(query.text, query.default_graphs, query.named_graphs, row), *shown)


def parts(
    text: str, default: tuple[str, ...] | None, named: tuple[str, ...] | None, row: Format
) -> tuple[str, ...]:
    """Give what tells the answer to a query from other answers of the same snapshot: parts of its entity tag."""
    return (text, repr(default), repr(named), row.name)


def offered(form: str | None) -> tuple[Format, ...]:
    """Give the formats that a query of this form is answered in, the preferred first."""
    if form in ("CONSTRUCT", "DESCRIBE"):
        return formats.GRAPH_FORMATS
    return formats.BOOLEAN_FORMATS if form == "ASK" else formats.SOLUTION_FORMATS


def _whole(found: Answer, row: Format) -> Response:
    if found.file is None:
        response = Response(found.body, content_type=row.content_type)
    else:
        file = found.file.open("rb")
        found.file.unlink()
        response = Response(wrap_file(request.environ, file), content_type=row.content_type)
        response.call_on_close(file.close)
    response.headers["Content-Length"] = str(found.size)
    return response

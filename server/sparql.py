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
from graph.engine.question import Answer, Question
from graph.formats import Format
from server.description import service_description
from server.journal import OUTCOME, QUERY
from server.negotiate import cached, choose
from server.outcomes import ask, fetch, read, refused
from server.policy import POLICY
from server.problems import Problem, bad_request, wants_page
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
        if reading and "query" not in request.args and "update" not in request.args:
            return _welcome(service)
        if reading and wants_page() and "format" not in request.args:
            return _page(service)
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
    page = Response(render_template("sparql.html", query=query, settings=service.settings, editor=editor))
    if editor:  # it styles its own elements, by attributes too; its scripts are files like everyone's
        page.headers["Content-Security-Policy"] = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    return page


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
    request.environ[QUERY] = query.text
    try:
        endpoints = service.endpoints.names
        reading = read(service, query.text) if len(query.text) > LONG else policy.read(query.text, endpoints)
    except policy.Refused as error:
        raise refused(error.what, error.detail) from error
    row = choose(request, offered(reading.form))
    default, named = query.default_graphs, query.named_graphs
    if default is None and named is None and (reading.from_graphs or reading.from_named):
        default, named = reading.from_graphs, reading.from_named
    snapshot = service.snapshot()
    volatile = is_volatile(query.text) or bool(reading.calls)  # what other endpoints answer changes when it does
    if not volatile:
        known = cached(Response(), request, snapshot.manifest.digest, *_key(query, row), weak=True)
        if known.status_code == 304:
            return known
    largest = service.settings.result_size << 20
    question = Question(query.text, row.name, default, named, largest, fetch(service, reading.calls))
    found = ask(service, question, snapshot.path, shared=not volatile)
    request.environ[OUTCOME] = "worker"
    response = _whole(found, row)
    if volatile:
        response.headers["Cache-Control"] = "no-store"
        return response
    return cached(response, request, snapshot.manifest.digest, *_key(query, row), weak=True)


def is_volatile(text: str) -> bool:
    """Whether the query `text` may give another answer each time."""
    upper = text.upper()
    return any(word in upper for word in _VOLATILE)


def _key(query: Asked, row: Format) -> tuple[str, ...]:
    return parts(query.text, query.default_graphs, query.named_graphs, row)


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

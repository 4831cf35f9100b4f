"""SHACL as a service: `POST /validate` judges a document, by the project's shapes or by shapes sent with it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Final

from flask import Blueprint, Response, render_template, request
from pyoxigraph import RdfFormat, parse
from werkzeug.datastructures import FileStorage

from graph import export
from graph.change.judging import Case, Document, judged
from graph.change.request import NotReadable
from graph.engine.question import EngineError
from graph.formats import GRAPH_FORMATS, RECORDS, by_name
from graph.validate import Report, ValidationFailed
from server.changes import finding
from server.negotiate import HTML, choose
from server.outcomes import problem_of
from server.problems import Problem, bad_request
from server.service import Service

_MULTIPART: Final = "multipart/form-data"
_TYPES: Final = (*(row.media_type for row in GRAPH_FORMATS), _MULTIPART)


def blueprint(service: Service) -> Blueprint:
    """Give the route `/validate`."""
    room = Blueprint("validation", __name__)
    places = threading.BoundedSemaphore(max(1, service.settings.workers // 2))

    @room.post("/validate")
    def validate() -> Response:
        form = choose(request, (*GRAPH_FORMATS, RECORDS, HTML))
        case = _case()
        with _place(places):
            report = _judged(service, case)
        if form == RECORDS:
            rows = [finding(one) for one in report.findings]
            document = {"conforms": report.conforms, "counts": report.counts(), "findings": rows}
            body: bytes | str = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        elif form == HTML:
            body = render_template("judged.html", report=report, rows=[finding(one) for one in report.findings])
        else:
            body = b"".join(export.write((q.triple for q in parse(report.turtle, format=RdfFormat.TURTLE)), form))
        response = Response(body, content_type=form.content_type)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Accept"
        return response

    return room


@contextmanager
def _place(places: threading.BoundedSemaphore) -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise Problem(503, "busy", "Busy", "too many documents are being judged", None, {"Retry-After": "1"})
    try:
        yield
    finally:
        places.release()


def _judged(service: Service, case: Case) -> Report:
    try:
        return judged(case, service.settings.memory, service.settings.timeout)
    except (NotReadable, ValidationFailed) as error:
        raise Problem(400, "malformed-document", "Malformed document", str(error)) from error
    except EngineError as error:
        raise problem_of(error, service.settings, service.settings.timeout) from error


def _case() -> Case:
    """Read the running request: a document, or a form with `data` and `shapes`. Raises Problem (400, 415)."""
    if request.mimetype != _MULTIPART:
        return Case(Document(request.get_data(), _media_type(request.mimetype)))
    parts = request.files
    if set(parts) - {"data", "shapes"} or "data" not in parts or len(list(parts.items(multi=True))) != len(parts):
        raise bad_request("a form holds one file 'data' and, where the shapes are your own, one file 'shapes'")
    return Case(_part(parts["data"]), _part(parts["shapes"]) if "shapes" in parts else None)


def _part(part: FileStorage) -> Document:
    named = PurePath(part.filename or "").suffix
    kind = part.mimetype if part.mimetype not in ("", "application/octet-stream") else named
    return Document(part.read(), _media_type(kind))


def _media_type(kind: str) -> str:
    try:
        row = by_name(kind)
    except KeyError:
        row = None
    if row is None or row not in GRAPH_FORMATS:
        raise Problem(415, "unsupported-media-type", "Unsupported media type", "a document is sent as RDF",
                      {"sent": kind, "offered": list(_TYPES)}, {"Accept-Post": ", ".join(_TYPES)})  # fmt: skip
    return row.media_type

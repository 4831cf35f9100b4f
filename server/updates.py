"""The SPARQL 1.1 Protocol for updates (https://www.w3.org/TR/sparql11-protocol/#update-operation), at `/update`."""

from typing import Final
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, request

from graph.change.request import Request, Violated
from server.changes import begin, change, if_match, told, violated
from server.problems import Problem, bad_request
from server.service import Service
from server.sparql import decoded

UPDATE: Final = "application/sparql-update"
_FORM: Final = "application/x-www-form-urlencoded"


def blueprint(service: Service) -> Blueprint:
    """Give the route `/update`."""
    room = Blueprint("updates", __name__)

    @room.post("/update")
    def update() -> Response:
        author, message = begin(service)
        text, default, named = _asked()
        dataset = (tuple(default), tuple(named)) if default or named else None
        asked = Request("update", text.encode(), dataset=dataset, author=author, message=message)
        try:
            return told(*change(service, asked, if_match()))
        except Violated as error:
            return violated(error)

    return room


def _asked() -> tuple[str, list[str], list[str]]:
    """Read the running request as an update operation, strictly. Raises Problem (400, 415)."""
    decoded(unquote_to_bytes(request.query_string), "the URL")
    if request.mimetype == UPDATE:
        texts, parameters = [decoded(request.get_data(), "the body")], request.args
        if "update" in parameters or "query" in parameters:
            raise bad_request("an update in the body, and something in the URL: send one")
    elif request.mimetype == _FORM:
        decoded(unquote_to_bytes(request.get_data()), "the body")
        parameters = request.form
        texts = parameters.getlist("update")
        if "query" in parameters or "update" in request.args or "query" in request.args:
            raise bad_request("send one update, in the form")
    else:
        raise Problem(415, "unsupported-media-type", "Unsupported media type",
                      f"an update is sent as {UPDATE} or {_FORM}", {"sent": request.mimetype},
                      {"Accept-Post": f"{UPDATE}, {_FORM}"})  # fmt: skip
    if len(texts) != 1:
        raise bad_request("no update" if not texts else "several updates: send one")
    default, named = parameters.getlist("using-graph-uri"), parameters.getlist("using-named-graph-uri")
    return texts[0], default, named

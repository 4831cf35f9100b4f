"""The history: the versions kept, what each changed, as pages, as JSON, and as documents about their making."""

import json
from typing import Final

from flask import Blueprint, Response, render_template, request, url_for

from graph import export, history
from graph.change import patch
from graph.change.delta import Delta
from graph.formats import GRAPH_FORMATS, RECORDS, Format
from graph.manifest import Manifest, SnapshotError
from server.negotiate import HTML, cached, choose
from server.parameters import iri_parameter
from server.problems import Problem, not_found
from server.public import canonical
from server.rendering import software
from server.service import Service

PATCH: Final = Format("patch", patch.MEDIA_TYPE, ".rdfp", "RDF Patch")
_OFFERED: Final = (RECORDS, HTML, *GRAPH_FORMATS)
_SNAPSHOT: Final = "/snapshot/"
_SHOWN: Final = 500  # statements of a change on its page


def blueprint(service: Service) -> Blueprint:
    """Give the routes `/history` and `/history/<version>`."""
    room = Blueprint("history", __name__)

    @room.get("/history")
    def index() -> Response:
        form = choose(request, (RECORDS, HTML))
        about = request.args.get("of", "")
        versions = history.about(service.data, iri_parameter("of")) if about else history.chain(service.data)
        if form == HTML:
            page = render_template("history.html", versions=versions, keep=service.settings.keep, about=about)
            response = Response(page, content_type=HTML.content_type)
        else:
            body = {"keep": service.settings.keep, "versions": [told(one) for one in versions]}
            response = Response(json.dumps(body, indent=1) + "\n", content_type=RECORDS.content_type)
        return cached(response, request, form.name, software(), about, *(one.id for one in versions), canonical(""))

    @room.get("/history/<version>")
    def version(version: str) -> Response:
        try:
            snapshot = service.data.open(version)
        except SnapshotError as error:
            _refuse_remade(service, version)
            raise not_found(f"there is no version {version!r} here, or no longer; /history lists them") from error
        manifest, written = snapshot.manifest, snapshot.path / "patch.rdfp"
        form = choose(request, (*_OFFERED, PATCH) if written.is_file() else _OFFERED)  # one made anew changed no parent
        if form == RECORDS:
            body = json.dumps(told(manifest), indent=1) + "\n"
        elif form == PATCH:
            body = written.read_text(encoding="utf-8")
        elif form == HTML:
            rows = _rows(patch.read(written)) if written.is_file() else None
            body = render_template("version.html", it=manifest, rows=rows, most=_SHOWN)
        else:
            base = canonical(url_for("history.index") + "/")
            body = b"".join(export.write(history.describe(manifest, base), form)).decode()
        response = Response(body, content_type=form.content_type)
        return cached(response, request, manifest.id, form.name, software(), canonical(""))

    @room.before_app_request
    def elsewhere() -> None:
        if request.url_rule is None and request.path.startswith(_SNAPSHOT):  # what is kept has routes below it
            _refuse_remade(service, request.path.removeprefix(_SNAPSHOT).partition("/")[0])

    return room


def _refuse_remade(service: Service, version: str) -> None:
    """Raise Problem (410) for a version that was made anew since something was taken out of it."""
    made, _, _ = version.partition("-")
    for kept in service.data.versions():
        if kept.partition("-")[0] == made:
            detail = f"something was taken out of this version for good; it is {kept} now"
            raise Problem(410, "gone", "Gone", detail)


def told(manifest: Manifest) -> dict[str, object]:
    """Give a version as a member of a JSON document."""
    changes = [
        {"author": c.author, "message": c.message, "time": c.time, "added": c.added, "removed": c.removed}
        for c in manifest.changes
    ]
    return {
        "id": manifest.id,
        "parent": manifest.parent,
        "created": manifest.created,
        "origin": manifest.origin,
        "message": manifest.message,
        "digest": manifest.digest,
        "quads": manifest.quads,
        "measured": manifest.measured_in,
        "changes": changes,
    }


def _rows(delta: Delta) -> list[tuple[str, str]]:
    """Give the statements of a change with their signs, by subject."""
    found = [("-", line) for line in patch.lines(delta.removed)] + [("+", line) for line in patch.lines(delta.added)]
    return sorted(found, key=lambda row: row[1])[:_SHOWN]

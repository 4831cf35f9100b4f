"""Lists: the classes, the members of each, narrowed by facets, and all that points to one thing with one property."""

from flask import Blueprint, Response, redirect, request, url_for
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as Answer

from graph import classes as listed
from graph import facets
from graph.describe import pointing
from graph.formats import Format
from graph.names import ONTOLOGY, curie
from graph.naming import Namer
from graph.terms import read_iri
from server import selections
from server.memo import Memo
from server.negotiate import choose
from server.paging import SIZE, Page, wanted
from server.parameters import iri_parameter, only_once
from server.problems import not_found
from server.rendering import page_about
from server.service import Service
from server.things import document


def blueprint(service: Service) -> Blueprint:
    """Give the routes `/class/`, `/class/<name>`, `/partners` and `/links`."""
    room = Blueprint("listing", __name__)
    memo = Memo(service)

    @room.get("/class/")
    def classes() -> Response:
        if "iri" in request.args:  # a class whose IRI has no short form to stand in a path
            return members_of(iri_parameter("iri"))
        rows = memo.get("classes", lambda live: listed.classes(live.store, live.census))
        return page_about(service.snapshot(), "classes.html", classes=rows)

    @room.get("/class/<name>")
    def members(name: str) -> Response:
        stem, form = _cut(name)
        return members_of(class_iri(stem)) if form is None else taken(class_iri(stem), form)

    @room.get("/partners")
    def partners() -> Answer:
        query = request.query_string.decode("ascii", "replace")
        return redirect(url_for("listing.members", name="Partner") + ("?" + query if query else ""), 303)

    def members_of(iri: str) -> Response:
        snapshot = service.snapshot()
        found = selections.selection_of(snapshot, iri, selections.wanted(iri))
        part = selections.part_of(snapshot, found)
        namer = Namer(snapshot.store)
        shown = [listed.member(snapshot.store, namer, one) for one in part.iris]
        # A class without members was refused above, so that the keys are the graph's own.
        row = memo.get(("class", iri), lambda live: listed.described(live.store, Namer(live.store), iri, live.census))
        told = {"row": row, "selection": found, "part": part, "members": shown, "columns": listed.columns(namer, shown)}
        return page_about(snapshot, "class.html", **told, query=facets.query_of(iri, found.chosen), ways=selections)

    def taken(iri: str, form: Format) -> Response:
        snapshot = service.snapshot()
        found = selections.selection_of(snapshot, iri, selections.wanted(iri, document=True))
        address = selections.address(found, suffix=form.suffix)
        name = curie(iri) or "members"
        return document(snapshot, form, name, lambda: selections.document_of(snapshot, found, form), address)

    @room.get("/links")
    def links() -> Response:
        snapshot = service.snapshot()
        iri, predicate = iri_parameter("to"), iri_parameter("by")
        only_once("of")
        kind, number = request.args.get("of", ""), wanted()
        found = pointing(snapshot.store, iri, predicate, kind, (number - 1) * SIZE, SIZE, snapshot.census)
        if found is None:
            raise not_found("nothing points there in this way")
        group, providers = found
        page = Page(number, group.count)
        if number > page.last:
            raise not_found(f"the list has {page.last} pages")
        to = Namer(snapshot.store).value(NamedNode(iri))
        return page_about(snapshot, "links.html", to=to, group=group, providers=providers, page=page)

    return room


def class_iri(name: str) -> str:
    """Give the IRI of the class that `name` is in an address: a local name of the vocabulary, or
    `prefix:name`.
    """
    try:
        return read_iri(name if ":" in name else f"<{ONTOLOGY}{name}>")
    except ValueError as error:
        raise not_found(f"{name!r} is no name of a class") from error


def _cut(name: str) -> tuple[str, Format | None]:
    """Cut the suffix of a format off the name of a class; None without one."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, choose(request, selections.OFFERED, suffix)) if dot else (name, None)

"""Lists: the classes, the members of each, and all that points to one thing with one property."""

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph import classes as listed
from graph.describe import pointing
from graph.names import ONTOLOGY, curie
from graph.naming import Namer
from graph.terms import read_iri
from server.memo import Memo
from server.paging import SIZE, Page, page_of, wanted
from server.problems import bad_request, not_found
from server.rendering import page_about
from server.service import Service


def blueprint(service: Service) -> Blueprint:
    """Give the routes `/class/`, `/class/<name>` and `/links`."""
    room = Blueprint("listing", __name__)
    memo = Memo(service)

    @room.get("/class/")
    def classes() -> Response:
        if "iri" in request.args:  # a class whose IRI has no short form to stand in a path
            return members_of(_iri("iri"))
        rows = memo.get("classes", lambda snapshot: listed.classes(snapshot.store))
        return page_about(service.snapshot(), "classes.html", classes=rows)

    @room.get("/class/<name>")
    def members(name: str) -> Response:
        return members_of(class_iri(name))

    def members_of(iri: str) -> Response:
        snapshot = service.snapshot()
        namer = Namer(snapshot.store)
        row = listed.described(snapshot.store, namer, iri)
        if not row.count:
            raise not_found(f"this graph has no members of the class {curie(iri) or iri}")
        ordered = memo.get(iri, lambda live: listed.ordered_members(live.store, iri))
        page = page_of(len(ordered))
        shown = [listed.member(snapshot.store, namer, one) for one in page.of(ordered)]
        columns = listed.columns(namer, shown)
        return page_about(snapshot, "class.html", row=row, page=page, members=shown, columns=columns)

    @room.get("/links")
    def links() -> Response:
        snapshot = service.snapshot()
        iri, predicate = _iri("to"), _iri("by")
        kind, number = request.args.get("of", ""), wanted()
        found = pointing(snapshot.store, iri, predicate, kind, (number - 1) * SIZE, SIZE)
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


def _iri(name: str) -> str:
    try:
        return read_iri(request.args[name])
    except KeyError:
        raise bad_request(f"the parameter {name!r} is missing: it names the thing or the property by its IRI") from None
    except ValueError as error:
        raise bad_request(f"{name}: {error}") from error

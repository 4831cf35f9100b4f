"""Lists: the classes, the members of each, and all that points to one thing with one property."""

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph import classes as listed
from graph.describe import pointing
from graph.names import ONTOLOGY, term_of
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
        rows = memo.get("classes", lambda snapshot: listed.classes(snapshot.store))
        return page_about(service.snapshot(), "classes.html", classes=rows)

    @room.get("/class/<name>")
    def members(name: str) -> Response:
        snapshot = service.snapshot()
        known = memo.get("classes", lambda live: listed.classes(live.store))
        iri = class_iri(name)
        row = next((one for one in known if one.iri == iri), None)
        if row is None:
            raise not_found(f"this graph has no members of a class called {name!r}")
        ordered = memo.get(row.iri, lambda live: listed.ordered_members(live.store, row.iri))
        page = page_of(len(ordered))
        namer = Namer(snapshot.store)
        shown = [listed.member(snapshot.store, namer, iri) for iri in page.of(ordered)]
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
        return term_of(name)
    except ValueError:
        return ONTOLOGY + name


def _iri(name: str) -> str:
    try:
        return read_iri(request.args[name])
    except KeyError:
        raise bad_request(f"the parameter {name!r} is missing: it names the thing or the property by its IRI") from None
    except ValueError as error:
        raise bad_request(f"{name}: {error}") from error

"""Pages as responses: rendered whole, never stale, and the same for everybody who looks at one version."""

import json
from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

from flask import Response, current_app, render_template, request, url_for
from werkzeug.wrappers import Response as Answered

from graph.evidence import Provider
from graph.formats import GRAPH_FORMATS, SHEET, SOLUTION_FORMATS, Format
from graph.names import ONTOLOGY, PREFIXES, THING, curie, kind_and_slug
from graph.naming import in_words, kind_words, plural
from graph.quality.report import Section
from graph.sheets import sheet
from graph.snapshot import Snapshot
from server.negotiate import HTML, cached, choose

R = TypeVar("R", bound=Answered)
# What the form for queries holds before somebody writes one.
STARTER = f"""PREFIX pe: <{ONTOLOGY}>
PREFIX rdfs: <{PREFIXES["rdfs"]}>

SELECT ?category (COUNT(DISTINCT ?partner) AS ?partners) WHERE {{
  ?partner pe:category ?of .
  ?of rdfs:label ?category .
}}
GROUP BY ?category
ORDER BY DESC(?partners) ?category
"""


def page_about(snapshot: Snapshot, template: str, **context: object) -> Response:
    """Render `template`, which tells of `snapshot`, with an ETag of the version and the address."""
    response = Response(render_template(template, **context), content_type=HTML.content_type)
    return cached(response, request, snapshot.id, software(), request.url, negotiated=False)


def negotiated(page: R) -> R:
    """Give `page` with the word that what its address gives depends on Accept."""
    page.headers.add("Vary", "Accept")
    return page


def only_page(snapshot: Snapshot, template: str, **context: object) -> Response:
    """Give `page_about`'s page where the request takes one; raises Problem (406) where it wants something else."""
    choose(request, (HTML,))
    return negotiated(page_about(snapshot, template, **context))


def table_document(snapshot: Snapshot, form: Format, told: Section) -> Response:
    """Give a table as CSV or as a JSON list of objects."""
    if form != SHEET:
        return document(snapshot, form, told.name, json.dumps(told.records, ensure_ascii=False, indent=1) + "\n")
    return document(snapshot, form, told.name, b"".join(sheet(told.columns, (list(map(str, r)) for r in told.rows))))


def document(snapshot: Snapshot, form: Format, name: str, body: str | bytes) -> Response:
    """Give `body` as the document `name`, with an ETag of the version and the address."""
    response = Response(body, content_type=form.content_type)
    response.headers["Content-Disposition"] = f'inline; filename="{name}{form.suffix}"'
    return cached(response, request, snapshot.id, software(), form.name, request.full_path)


def software() -> str:
    """Give the release of this package, since a new one may draw its pages otherwise."""
    try:
        return version("partnergraph")
    except PackageNotFoundError:
        return "unreleased"


def helpers() -> dict[str, object]:
    """Give what every template may use: functions for links and words, and the tables of formats and
    prefixes.
    """
    return {
        "anchor": anchor,
        "class_page": class_page,
        "formats": GRAPH_FORMATS,
        "in_words": in_words,
        "kind_words": kind_words,
        "links_to": links_to,
        "plural": plural,
        "prefixes": PREFIXES,
        "providers_by_iri": providers_by_iri,
        "solution_formats": SOLUTION_FORMATS,
        "starter": STARTER,
        "things": THING,
        "spelled": spelled,
        "static": static,
        "why": why,
    }


def providers_by_iri(providers: Iterable[Provider]) -> dict[str, Provider]:
    """Give the providers of a page by the graph they are, in the order of their footnotes."""
    return {one.iri: one for one in providers}


def spelled(term: object) -> str:
    """Give a term as an address holds it and `read_term` reads it, as short as can be; "" for a blank node."""
    text = str(term)
    if not text.startswith("<"):
        return "" if text.startswith("_:") else text
    iri = text[1:-1]
    found = kind_and_slug(iri)
    return "/".join(found) if found else curie(iri) or text


def why(subject: object, predicate: str, object_: object) -> str:
    """Give the address of the page that says who makes a statement; "" where a blank node has no name to ask by."""
    s, o = spelled(subject), spelled(object_)
    return url_for("pages.why", s=s, p=spelled(f"<{predicate}>"), o=o) if s and o else ""


def anchor(iri: str) -> str:
    """Give a name for the place of a property on a page, which stays the same while the property is called so."""
    short = curie(iri)
    return short.replace(":", "-") if short else "p" + sha256(iri.encode()).hexdigest()[:10]


def links_to(iri: str, predicate: str, kind: str) -> str:
    """Give the address of the whole list of what points to `iri` with `predicate`."""
    return url_for("listing.links", to=spelled(f"<{iri}>"), by=spelled(f"<{predicate}>"), of=kind or None)


def class_page(iri: str) -> str:
    """Give the address of the list of a class's members."""
    short = curie(iri)
    if short is None:
        return url_for("listing.classes", iri=f"<{iri}>")
    return url_for("listing.members", name=short.removeprefix("pe:"))


def static(name: str) -> str:
    """Give the address of a file that comes with the pages; it changes with the release."""
    return url_for("static", filename=name, v=software() if not current_app.debug else None)

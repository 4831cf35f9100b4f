"""IRI to URL and back: which page of this service an IRI of ours has, and what may be a link at all."""

from urllib.parse import quote, urlsplit

from flask import request

from graph.names import BASE, GRAPH, ONTOLOGY, SHAPE, kind_and_slug, thing

_VOCABULARY = ONTOLOGY.rstrip("#")


def href(iri: str) -> str:
    """Give where a link for `iri` leads: our own page for our names, http(s) IRIs as they are, "" for all else.

    The path begins with the mount point of the running request, so that a proxy's sub-path works.
    """
    path = local_path(iri)
    if path is not None:
        return request.script_root + path
    parts = urlsplit(iri) if iri.isprintable() else urlsplit("")
    return quote(iri, safe="/:?#[]@!$&'()*+,;=%~") if parts.scheme in ("http", "https") and parts.netloc else ""


def local_path(iri: str) -> str | None:
    """Give the path of the page that this service has for `iri`, or None where it has none."""
    if kind_and_slug(iri) is not None:
        return "/" + iri[len(BASE) :]
    if iri == _VOCABULARY or iri.startswith((ONTOLOGY, SHAPE)):
        return "/" + quote(iri[len(BASE) :], safe="#/")
    if iri.startswith(GRAPH):
        return "/" + quote(iri[len(BASE) :])
    return None


def iri_of(kind: str, slug: str) -> str | None:
    """Give the IRI of the thing at `/id/<kind>/<slug>`, or None where that is no name of ours."""
    try:
        iri = thing(kind, slug)
    except ValueError:
        return None
    return iri if iri.endswith("/" + slug) else None

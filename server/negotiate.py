"""Which format an answer takes, and whether the client has it already. Pure functions of the request."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from flask import Response
from werkzeug.datastructures import MIMEAccept
from werkzeug.wrappers import Request

from graph.formats import JSON, JSONLD, RDFXML, XML, Format, by_name
from server.problems import Problem
from server.service import PINNED

HTML = Format("html", "text/html", ".html", "HTML")
FRESH = "public, max-age=0, must-revalidate"
_ALSO = {  # what clients ask for when they mean one of our formats
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
}

_KIN = {JSON: JSONLD, XML: RDFXML, JSONLD: JSON, RDFXML: XML}  # of one syntax: for graphs and for solutions


def choose(request: Request, offered: Sequence[Format], suffix: str | None = None) -> Format:
    """Give the format of `offered` (the preferred first) that the request wants.

    A URL's `suffix` wins over `format=` and `output=`, and these over Accept; no Accept means the first. Raises
    Problem: 404 for a suffix, 406 for anything else that is not offered, listing what is.
    """
    if suffix is not None:
        found = next((f for f in offered if f.suffix == "." + suffix), None)
        if found is None:
            raise Problem(404, "not-found", "Not found", f"there is no .{suffix} of this", _offer(offered))
        return found
    named = request.values.get("format") or request.values.get("output")
    if named:
        return _named(named, offered)
    return _accepted(request.accept_mimetypes, request.headers.get("Accept"), offered)


def _named(name: str, offered: Sequence[Format]) -> Format:
    if name.lower() in ("html", "text/html") and HTML in offered:
        return HTML
    found = next((f for f in offered if f != HTML and name.lower() in (f.name, f.media_type)), None)
    try:
        found = found or by_name(name)
    except KeyError:
        found = None
    if found is not None and found not in offered:
        found = _KIN.get(found)  # SPARQLWrapper asks for format=xml before it looks at the query's form
    if found not in offered or found is None:
        raise _not_acceptable(f"format={name} is not offered here", offered)
    return found


def _accepted(accept: MIMEAccept, header: str | None, offered: Sequence[Format]) -> Format:
    if header is None or not header.strip():
        return offered[0]
    types = {f.media_type: f for f in offered}
    for alias, media_type in _ALSO.items():
        if media_type in types:
            types.setdefault(alias, types[media_type])
    # Parameters of a media type (charset, profile) ask for no other format.
    plain = MIMEAccept([(wanted.partition(";")[0].strip(), quality) for wanted, quality in accept])
    best = plain.best_match(list(types))
    if best is None:
        raise _not_acceptable("nothing that the Accept header names is offered here", offered)
    return types[best]


def _offer(offered: Iterable[Format]) -> dict[str, list[str]]:
    return {"offered": [f.media_type for f in offered]}


def _not_acceptable(detail: str, offered: Sequence[Format]) -> Problem:
    return Problem(406, "not-acceptable", "Not acceptable", detail, _offer(offered), {"Vary": "Accept"})


def tag(digest: str, *parts: str) -> str:
    """Give the entity tag of the representation that `parts` name, in the snapshot with this digest."""
    return sha256("\0".join((digest, *parts)).encode()).hexdigest()[:32]


def cached(
    response: Response, request: Request, digest: str, *parts: str, weak: bool = False, negotiated: bool = True
) -> Response:
    """Give `response` an ETag made of the snapshot's digest and `parts`, and turn it into 304 where it matches."""
    response.set_etag(tag(digest, *parts), weak=weak)
    lasting = PINNED in request.environ  # a version never changes; a day, so that what must go can go
    response.headers["Cache-Control"] = "public, max-age=86400" if lasting else FRESH
    if negotiated:
        response.headers.add("Vary", "Accept")
    return response.make_conditional(request.environ)  # type: ignore[return-value]

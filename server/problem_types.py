"""What can go wrong, type by type: the documents that the `type` of a problem leads to (RFC 9457, 3.1.1).

One row a type: every Problem of the service has the slug of one. A test reads the rooms for slugs that have none.
"""

from dataclasses import asdict, dataclass
from typing import Final

from flask import Blueprint, Response, jsonify, render_template, url_for

from server.problems import not_found, wants_page


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A type of problem: the status it comes with, what it means, and what who meets it can do."""

    slug: str
    status: int
    title: str
    meaning: str
    remedy: str


_LESS = "Ask for less: name things early, leave out patterns that join with nothing, or take a part with LIMIT."
_LATER = "Try again after the seconds that Retry-After says. Clients that ask one query at a time are refused last."
TYPES: Final = (
    ProblemType("bad-request", 400, "Bad request", "The request lacks what it needs, or says two things at once.",
                "Read its detail, which names the parameter; the service's description in /openapi.json has them all."),
    ProblemType("bad-parameter", 400, "Bad parameter",
                "The address has no such parameter, the parameter no such value, or it is given twice.",
                "Choose one of 'offered', once; the page has them in its form."),
    ProblemType("malformed-query", 400, "Malformed query", "The text is no SPARQL query.",
                "Look at line and column, where the snippet has a caret; the hint, where there is one, mends most."),
    ProblemType("unauthorized", 401, "Unauthorized", "The address is for who holds a token; none came that fits.",
                "Send it as 'Authorization: Bearer' and the token; the operator has it."),
    ProblemType("operator-closed", 403, "Closed", "The operator's rooms are closed, since no token is set.",
                "The operator sets PARTNERGRAPH_OPERATOR_TOKEN and starts the service again."),
    ProblemType("service-refused", 403, "SERVICE is refused",
                "The query would ask another endpoint, which this service does only where its operator listed it.",
                "Ask that endpoint yourself and send its solutions as VALUES, or ask the operator to list it."),
    ProblemType("graph-refused", 403, "FROM is refused",
                "The query names a graph that is not held here; none is ever fetched.",
                "Ask for the graphs there are: SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }."),
    ProblemType("update-refused", 403, "UPDATE is refused", "The request would change the graph, and may not.",
                "Send a query; a change goes to /update, with a token, where the operator set one."),
    ProblemType("malformed-document", 400, "Malformed document", "The body is no RDF in the format that it claims.",
                "The detail has line and column; Content-Type must name the format that the body is in."),
    ProblemType("default-graph-derived", 409, "The change cannot be made",
                "The default graph is the union of the named graphs: a statement is made in a graph, by somebody.",
                "Name a graph: GRAPH or WITH in an update, ?graph= in the graph store."),
    ProblemType("graph-derived", 409, "The change cannot be made", "A rule, or the build, makes the graph.",
                "Change the statements that it follows from, or say what is yours in a graph of your own."),
    ProblemType("graph-stated", 409, "The change cannot be made",
                "The graph holds what a table states; another's word in it would pass for its publisher's.",
                "Make the statement in a graph of your own, or in the project's judgements; or import a table."),
    ProblemType("graph-exists", 409, "The change cannot be made", "A graph of this name is there already.",
                "Say CREATE SILENT, or choose another name."),
    ProblemType("no-such-graph", 409, "The change cannot be made", "A graph that the change is about is not there.",
                "Say SILENT where that is no fault; SELECT DISTINCT ?g { GRAPH ?g {} } lists the graphs."),
    ProblemType("other-graph", 409, "The change cannot be made", "A patch changes the graph that it is sent to only.",
                "Send an update to /update for a change of several graphs."),
    ProblemType("forgotten", 409, "The change cannot be made", "It speaks of what was taken out of every version.",
                "Leave it out; what was forgotten never comes back."),
    ProblemType("gone", 410, "Gone", "What this address was about was removed, by a change, a build or for good.",
                "/history tells which change; below /snapshot/ and its parent's id, what was said may still be there."),
    ProblemType("precondition-failed", 412, "Precondition failed",
                "What If-Match names is no longer what is there: somebody else changed it.",
                "Read it again, and send the change with the new ETag."),
    ProblemType("too-large", 413, "The change cannot be made", "An operation changes more statements than allowed.",
                "Send it in several requests, or publish with 'partnergraph load'."),
    ProblemType("triple-term", 422, "The shapes cannot judge it",
                "A statement about a statement (RDF 1.2) is none that SHACL knows.",
                "Give the statement that is spoken of an IRI of its own, and speak of that."),
    ProblemType("unknown-term", 422, "The vocabulary has no such term",
                "A term that begins with the vocabulary's address is none that it declares: a slip, most often.",
                "/ontology lists the terms; declare one of your own first, or use another vocabulary's."),
    ProblemType("shape-violated", 422, "The change breaks the shapes",
                "What the graph would hold after it does not conform; nothing was changed.",
                "Mend what the findings name; Accept: text/turtle gives the whole SHACL report."),
    ProblemType("cannot-write", 507, "The disk does not take it", "The new version could not be written.",
                "Tell the operator; nothing was changed, and nothing is lost."),
    ProblemType("not-found", 404, "Not found", "Nothing is at this address.",
                "Search by name, or browse by class; an older version may have been let go of."),
    ProblemType("not-measured", 404, "Not measured",
                "Nobody measured this of the version's networks, and it is too large to do so while somebody waits.",
                "On the service's machine 'partnergraph analyse --publish' measures all of them."),
    ProblemType("method-not-allowed", 405, "Method not allowed", "The address is not for this method.",
                "Use one that the header Allow lists."),
    ProblemType("not-acceptable", 406, "Not acceptable",
                "The answer cannot be given in a format that the request asks for.",
                "Choose one of 'offered', with Accept or format=."),
    ProblemType("request-timeout", 408, "Request timeout", "The request's body did not arrive in time.",
                "Send it again, over a better connection or in smaller parts."),
    ProblemType("request-entity-too-large", 413, "Body too large",
                "The request's body is larger than the operator allows.",
                "Send less; the operator's setting is --body-size."),
    ProblemType("unsupported-media-type", 415, "Unsupported media type",
                "The body's Content-Type is none that this address takes.", "Use one that Accept-Post lists."),
    ProblemType("range-not-satisfiable", 416, "Range not satisfiable", "The document has no such part.",
                "Ask for the whole, or for a part within its Content-Length."),
    ProblemType("header-too-large", 431, "Header too large", "A header of the request is longer than any client needs.",
                "Send a shorter one."),
    ProblemType("internal-error", 500, "Internal error", "The service made a mistake, which is in its log.",
                "Tell the operator the X-Request-Id of the answer."),
    ProblemType("endpoint-failed", 502, "Endpoint failed",
                "Another endpoint, which the query calls with SERVICE, gave no answer that can be used.",
                "Try the call there; SERVICE SILENT goes on without its solutions."),
    ProblemType("busy", 503, "Busy", "Too much is asked at this moment: no worker was free, or too many wait.", _LATER),
    ProblemType("timeout-limit", 503, "The timeout limit was reached",
                "The query ran as long as a query may, and was ended.", _LESS),
    ProblemType("memory-limit", 503, "The memory limit was reached", "The query needed more memory than it may have.",
                _LESS),
    ProblemType("result-size-limit", 503, "The result-size limit was reached",
                "The answer is larger than allowed, and answers are never cut.",
                "Take it in parts with ORDER BY, LIMIT and OFFSET, or download the graph from /export."),
    ProblemType("cancelled", 503, "Cancelled", "The operator ended the query.", "Ask the operator why."),
    ProblemType("worker-lost", 503, "Worker lost", "The query ended the process that ran it.",
                "Try once more; if it happens again, tell the operator the X-Request-Id."),
)  # fmt: skip
BY_SLUG: Final = {row.slug: row for row in TYPES}


def blueprint() -> Blueprint:
    """Give the routes `/problems/` and `/problems/<slug>`."""
    room = Blueprint("problems", __name__)

    @room.get("/problems/")
    def index() -> Response:
        if wants_page():
            return _page(rows=TYPES)
        return jsonify([{"type": url_for("problems.one", slug=r.slug), **asdict(r)} for r in TYPES])

    @room.get("/problems/<slug>")
    def one(slug: str) -> Response:
        row = BY_SLUG.get(slug)
        if row is None:
            raise not_found(f"there is no type of problem called {slug!r}", offered=list(BY_SLUG))
        return _page(rows=(row,)) if wants_page() else jsonify(type=url_for("problems.one", slug=slug), **asdict(row))

    return room


def _page(rows: tuple[ProblemType, ...]) -> Response:
    return Response(render_template("problem_types.html", rows=rows), content_type="text/html; charset=utf-8")

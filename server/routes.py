"""The table of routes: one row for each endpoint of the URL map, with what it takes and what it gives.

The OpenAPI description and the canonical addresses of pages are made from it; a test compares it with the URL map.
"""

from dataclasses import dataclass
from typing import Any, Final

from graph.facets import facets
from graph.formats import (
    BOOLEAN_FORMATS,
    GRAPH_FORMATS,
    RECORDS,
    SHEET,
    SOLUTION_FORMATS,
    TABLE_FORMATS,
    TURTLE,
    Format,
)
from graph.search import NAMED_KINDS

HTML: Final = ("text/html",)
PLAIN: Final = ("application/json",)
GRAPH: Final = tuple(form.media_type for form in GRAPH_FORMATS)
RESULTS: Final = tuple(dict.fromkeys(f.media_type for f in (*SOLUTION_FORMATS, *BOOLEAN_FORMATS)))
ANY: Final = ("*/*",)
TAKEN: Final = tuple(form.media_type for form in (SHEET, RECORDS, TURTLE))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a path or a query: `name` as it is sent, what it means, and its JSON schema."""

    name: str
    description: str
    schema: dict[str, Any]
    required: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """What one method of one endpoint does.

    `gives` are the media types of its 200; `statuses` are the others that it may answer with, all problems but for
    the redirects; `page` are the parameters that make another page, so that they belong to its canonical address.
    """

    endpoint: str
    tag: str
    summary: str
    gives: tuple[str, ...]
    method: str = "get"
    parameters: tuple[Parameter, ...] = ()
    statuses: tuple[int, ...] = ()
    redirect: bool = False
    operator: bool = False
    takes: tuple[str, ...] = ()
    writes: bool = False

    @property
    def page(self) -> tuple[str, ...]:
        """Give the names of the parameters that make another page."""
        return tuple(p.name for p in self.parameters) if HTML[0] in self.gives else ()


_TEXT: Final = {"type": "string"}
_IRI: Final = {"type": "string", "format": "iri"}


def _one_of(values: tuple[str, ...] | list[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


_KIND: Final = _one_of(sorted(NAMED_KINDS))


def _suffixes(offered: tuple[Format, ...], *more: str) -> dict[str, Any]:
    return _one_of([f.suffix[1:] for f in offered] + list(more))


_FORMAT = Parameter("format", "A format by its name or media type; wins over Accept.", _TEXT)
_OUTPUT = Parameter("output", "The same as `format`, for clients that say it so.", _TEXT)
_PAGE = Parameter("page", "Which page of the list, from 1.", {"type": "integer", "minimum": 1})
_SUFFIX = Parameter("suffix", "The format, by the usual suffix of its files.", _suffixes(GRAPH_FORMATS), True)
_DATASET = (
    Parameter("default-graph-uri", "A graph that makes the default graph.", _IRI, repeated=True),
    Parameter("named-graph-uri", "A graph that may be named.", _IRI, repeated=True),
    Parameter("timeout", "Seconds the query may run; lowers the operator's limit, never raises it.",
              {"type": "number", "exclusiveMinimum": 0}),
    _FORMAT, _OUTPUT,
)  # fmt: skip
_STATEMENT = tuple(
    Parameter(name, f"The {part} of a statement, as an IRI, prefix:name, kind/slug or an N-Triples term.", _TEXT)
    for name, part in (("s", "subject"), ("p", "property"), ("o", "object"))
)
_STORE = (
    Parameter("graph", "The IRI of a named graph.", _IRI),
    Parameter("default", "Present, without a value: the default graph.", _TEXT),
)
_FACETS = tuple(
    Parameter(name, f"Only members with one of these values: {title}.", _TEXT, repeated=True)
    for name, title in sorted({facet.name: facet.title for facet in facets()}.items())
)
_KEYSET = (
    Parameter("after", "Go on after this member of the list.", _TEXT),
    Parameter("before", "Go back before this member of the list.", _TEXT),
)
_NAME = Parameter("name", "The name in the address, with a suffix for one format, without for a redirect.", _TEXT, True)
_CHANGE_STATUSES: Final = (400, 401, 403, 409, 412, 413, 415, 422, 503, 507)
_TAKEN: Final = {"put": GRAPH, "post": (*GRAPH, "multipart/form-data"), "patch": ("application/sparql-update",),
                 "delete": ()}  # fmt: skip
_GRAPH_WRITES: Final = (
    ("put", "Put the statements of a document in place of a graph's"), ("post", "Add the statements of a document"),
    ("patch", "Change one graph by a SPARQL 1.1 Update"), ("delete", "Drop a graph with its statements"),
)  # fmt: skip
_QUERY_STATUSES = (304, 400, 403, 406, 502, 503)

ROUTES: Final = (
    Route("sparql.sparql", "SPARQL", "Ask a SPARQL 1.1 query; without one, the service description",
          (*RESULTS, *GRAPH, *HTML), parameters=(Parameter("query", "The query.", _TEXT), *_DATASET, _PAGE,
          Parameter("edit", "Present: the query in the editor, and not its answer.", _TEXT)),
          statuses=_QUERY_STATUSES),
    Route("sparql.sparql", "SPARQL", "Ask a SPARQL 1.1 query, sent in the body", (*RESULTS, *GRAPH), "post",
          parameters=_DATASET, statuses=(*_QUERY_STATUSES, 413, 415),
          takes=("application/sparql-query", "application/x-www-form-urlencoded")),
    Route("graphs.read", "SPARQL", "Read a graph by the SPARQL 1.1 Graph Store Protocol", GRAPH,
          parameters=(*_STORE, _FORMAT, _OUTPUT), statuses=(304, 400, 404, 406)),
    Route("updates.update", "SPARQL", "Change the graph by a SPARQL 1.1 Update, whole or not at all", PLAIN, "post",
          statuses=_CHANGE_STATUSES, takes=("application/sparql-update", "application/x-www-form-urlencoded"),
          writes=True, parameters=(
          Parameter("using-graph-uri", "A graph that makes the default graph of patterns.", _IRI, repeated=True),
          Parameter("using-named-graph-uri", "A graph that patterns may name.", _IRI, repeated=True))),
    *(Route(endpoint, "SPARQL", summary, PLAIN, method, parameters=parameters, writes=True,
            statuses=(201, *_CHANGE_STATUSES) if method in ("put", "post") else (404, *_CHANGE_STATUSES),
            takes=_TAKEN[method])
      for method, summary in _GRAPH_WRITES for endpoint, parameters in (
          ("graphs.write", _STORE), ("graphs.write_named", (_NAME,)))),
    Route("validation.validate", "SPARQL", "Judge a document by SHACL shapes, the project's or your own",
          (*GRAPH, *PLAIN, *HTML), "post", parameters=(_FORMAT,), statuses=(400, 406, 413, 415, 503),
          takes=(*GRAPH, "multipart/form-data")),
    Route("history.index", "History", "The versions kept, each with who made it and why", (*PLAIN, *HTML),
          parameters=(Parameter("of", "Only changes that mention this thing: an IRI, kind/slug or prefix:name.", _TEXT),
          _FORMAT), statuses=(304, 400, 406)),
    Route("history.version", "History", "How one version was made, and what it changed",
          (*PLAIN, *HTML, *GRAPH, "application/rdf-patch"), parameters=(
          Parameter("version", "The id of a version.", _TEXT, True), _FORMAT), statuses=(304, 404, 406, 410)),
    Route("void.void", "SPARQL", "The VoID description of the dataset", GRAPH, parameters=(_FORMAT, _OUTPUT),
          statuses=(304, 406)),
    Route("things.thing", "Things", "What is known of one thing: a redirect by Accept, then one address a format",
          (*GRAPH, *HTML), parameters=(Parameter("kind", "The kind of thing.", _TEXT, True), _NAME, _FORMAT, _OUTPUT),
          statuses=(301, 304, 404, 406, 410), redirect=True),
    Route("things.graph", "Things", "A named graph: who says it, and its statements", (*GRAPH, *HTML),
          parameters=(_NAME, _FORMAT, _OUTPUT), statuses=(304, 404, 406, 410), redirect=True),
    Route("vocabulary.ontology", "Things", "The vocabulary", (*GRAPH, *HTML), parameters=(_FORMAT, _OUTPUT),
          statuses=(304, 406)),
    Route("vocabulary.one_format", "Things", "The vocabulary in one format", (*GRAPH, *HTML), parameters=(
          Parameter("suffix", _SUFFIX.description, _suffixes(GRAPH_FORMATS, "html"), True),), statuses=(304, 404)),
    Route("exports.index", "Export", "All downloads", HTML, statuses=(304,)),
    Route("exports.download", "Export", "The whole graph, the vocabulary or the shapes", GRAPH, parameters=(
          Parameter("name", "What to take away.", _one_of(["all", "ontology", "shapes"]), True), _SUFFIX),
          statuses=(304, 404)),
    Route("pages.home", "Pages", "The front page", HTML, statuses=(304,)),
    Route("pages.find", "Pages", "Search by name", HTML, parameters=(
          Parameter("q", "Words of a name.", _TEXT), Parameter("kind", "Only things of this kind.", _KIND)),
          statuses=(304, 400)),
    Route("pages.complete", "Pages", "The best matches of a name as it is typed", PLAIN, parameters=(
          Parameter("q", "What was typed so far.", _TEXT), Parameter("kind", "Only things of this kind.", _KIND)),
          statuses=(304, 400)),
    Route("guide.programmes", "Pages", "Programmes through the years", HTML, statuses=(304, 406)),
    Route("guide.help_", "Pages", "Help by example", HTML, statuses=(304,)),
    Route("guide.not_told", "Pages", "What no source tells, and the nearest thing known", HTML, statuses=(304,)),
    Route("guide.terms", "Pages", "The terms of the vocabulary, for an editor", PLAIN, statuses=(304,)),
    Route("pages.sources", "Pages", "The sources", (*HTML, *PLAIN, SHEET.media_type), parameters=(_FORMAT, _OUTPUT),
          statuses=(304, 406)),
    Route("pages.sources_as", "Pages", "The sources as a table, in one format", (*PLAIN, SHEET.media_type), parameters=(
          Parameter("suffix", _SUFFIX.description, _suffixes(TABLE_FORMATS), True),), statuses=(304, 404)),
    Route("pages.why", "Pages", "Who makes a statement, down to the row", HTML, parameters=_STATEMENT,
          statuses=(304, 400, 406)),
    Route("quality.quality", "Pages", "What is doubtful, missing or at odds", (*HTML, *PLAIN), parameters=(_FORMAT,
          _OUTPUT), statuses=(304, 406)),
    Route("quality.whole", "Pages", "All tables of the report on quality", PLAIN, statuses=(304,)),
    Route("quality.one_table", "Pages", "One table of the report on quality; its name takes a suffix for one format",
          (*PLAIN, SHEET.media_type), parameters=(
          Parameter("name", "A table, and perhaps a suffix: csv, json.", _TEXT, True), _FORMAT, _OUTPUT),
          statuses=(304, 404, 406), redirect=True),
    Route("quality.merged", "Pages", "The names that were merged, with the evidence",
          (*HTML, *PLAIN, SHEET.media_type), parameters=(_PAGE, _FORMAT, _OUTPUT), statuses=(304, 404, 406)),
    Route("quality.report", "Pages", "The quality page's former address", HTML, redirect=True),
    Route("pages.shape", "Pages", "The shapes", HTML, statuses=(304,)),
    Route("questions.index", "Questions", "The ready questions", (*PLAIN, *HTML), parameters=(_FORMAT, _OUTPUT),
          statuses=(304, 406)),
    Route("questions.answer", "Questions", "The answer to a ready question; its name takes a suffix for one format",
          (*RESULTS, *GRAPH, *HTML), parameters=(
          Parameter("name", "A question, and perhaps a suffix: csv, json, ttl ...", _TEXT, True),
          Parameter("parameters", "The question's own parameters, each by its name.",
                    {"type": "object", "additionalProperties": _TEXT}),
          Parameter("sort", "A column; with - before it, the largest first.", _TEXT), _PAGE, _FORMAT, _OUTPUT),
          statuses=(304, 400, 404, 406, 503)),
    Route("listing.classes", "Pages", "The classes and how many members each has", HTML, parameters=(
          Parameter("iri", "A class whose IRI has no short form: the list of its members.", _IRI), *_KEYSET, _PAGE,
          *_FACETS),
          statuses=(304, 400, 404)),
    Route("listing.members", "Pages", "The members of a class, narrowed by facets; with a suffix to take away",
          (*HTML, *TAKEN), parameters=(
          Parameter("name", "A class of the vocabulary, or prefix:name, with a suffix for a document.", _TEXT, True),
          *_KEYSET, _PAGE, *_FACETS), statuses=(304, 400, 404)),
    Route("listing.partners", "Pages", "To the list of partners", HTML, parameters=_FACETS, redirect=True),
    Route("listing.links", "Pages", "All that points to a thing with one property", HTML, parameters=(
          Parameter("to", "The thing.", _TEXT, True), Parameter("by", "The property.", _TEXT, True),
          Parameter("of", "The kind of things that point there.", _TEXT), _PAGE), statuses=(304, 400, 404)),
    Route("analysis.index", "Analysis", "The networks", HTML, statuses=(304,)),
    Route("analysis.network", "Analysis", "One network and its measures", HTML, parameters=(
          Parameter("name", "A network.", _TEXT, True), Parameter("measure", "The whole ranking of one.", _TEXT)),
          statuses=(304, 404)),
    Route("analysis.exported", "Analysis", "One network in a format of networks, or its picture", ANY, parameters=(
          Parameter("name", "A network.", _TEXT, True),
          Parameter("form", "The format.", _one_of(["graphml", "gexf", "json", "csv", "svg"]), True)),
          statuses=(304, 404)),
    Route("analysis.report", "Analysis", "A report on one network, or with .csv the same as CSV", ANY, parameters=(
          Parameter("name", "A network.", _TEXT, True), Parameter("report", "A report.", _TEXT, True)),
          statuses=(304, 404)),
    Route("analysis.one", "Analysis", "Where one thing stands, who loses what without it, and who is like it", HTML,
          parameters=(Parameter("thing", "An IRI, kind/slug or a name.", _TEXT),), statuses=(304,)),
    Route("analysis.white_space", "Analysis", "Combinations with few partners", HTML, statuses=(304,)),
    Route("analysis.single_points", "Analysis", "Where one failure cuts others off", HTML, statuses=(304,)),
    Route("analysis.path", "Analysis", "How two things are tied", HTML, parameters=(
          Parameter("from", "An IRI, kind/slug or a name.", _TEXT), Parameter("to", "The same.", _TEXT)),
          statuses=(304,)),
    Route("problems.index", "Operation", "What can go wrong, type by type", (*PLAIN, *HTML)),
    Route("problems.one", "Operation", "A type of problem: what it means and what to do", (*PLAIN, *HTML), parameters=(
          Parameter("slug", "The last part of a problem's type.", _TEXT, True),), statuses=(404,)),
    Route("health.health", "Operation", "Whether the service is ready: queries are answered", PLAIN, statuses=(503,)),
    Route("health.live", "Operation", "Whether the service is alive: its process answers", PLAIN),
    Route("operator.metrics", "Operation", "Counters and gauges for Prometheus", ("text/plain",)),
    Route("operator.robots", "Operation", "What crawlers are asked to leave alone", ("text/plain",)),
    Route("openapi.openapi", "Operation", "This description", PLAIN, statuses=(304,)),
    Route("static", "Operation", "A file that comes with the pages", ANY, parameters=(
          Parameter("filename", "The file's path.", _TEXT, True),), statuses=(304, 404)),
    *(Route(f"operator.{name}", "Operator", summary, PLAIN, operator=True, statuses=(401, 403))
      for name, summary in (("queries", "Queries that run and that took long"), ("settings", "The settings"),
                            ("limits", "The limits"), ("versions", "What the service is made of"))),
    Route("operator.cancel", "Operator", "End a running query", PLAIN, "post", operator=True, statuses=(401, 403, 404),
          parameters=(Parameter("name", "The query's id, as the list of queries has it.", _TEXT, True),)),
)  # fmt: skip

PAGE_PARAMETERS: Final = {row.endpoint: row.page for row in ROUTES if row.method == "get"}

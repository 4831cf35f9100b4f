"""The OpenAPI 3.1 description (https://spec.openapis.org/oas/v3.1.1) of every route, made from the URL map and the
table of routes, with examples that the live version answers.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from flask import Blueprint, Response, current_app, request
from pyoxigraph import DefaultGraph, NamedNode
from werkzeug.routing import Map, Rule

from graph import analysis
from graph.names import GRAPH, ONTOLOGY, PREFIXES, kind_and_slug
from graph.questions import StoredQuestion, questions
from graph.snapshot import Snapshot
from server.memo import Memo
from server.negotiate import cached
from server.public import canonical
from server.rendering import software
from server.routes import GRAPH as GRAPH_TYPES
from server.routes import ROUTES, Parameter, Route
from server.service import Service

Examples = dict[tuple[str, str], list[str]]
_LOOKED_AT: Final = 10_000  # statements in which an example is looked for
_ARGUMENT: Final = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_ROWS: Final = {(row.endpoint, row.method): row for row in ROUTES}
_QUERY: Final = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 3"
_UPDATE: Final = "INSERT DATA { GRAPH <https://example.org/g> { <https://example.org/a> <https://example.org/b> 1 } }"
_WORDS: Final = {
    201: "A graph that was not there before", 301: "Moved for good",
    303: "See other: the document in the format that Accept prefers", 304: "Not modified", 400: "A bad request",
    401: "A token is wanted", 403: "Refused", 404: "Not found", 406: "No acceptable format",
    409: "The change contradicts what is there", 410: "It was removed", 412: "A precondition failed",
    413: "The body is too large",
    415: "The body's media type is not taken", 422: "The change breaks shapes; the SHACL report",
    502: "Another endpoint failed", 503: "A limit was reached, or not ready", 507: "The disk does not take it",
}  # fmt: skip
_PROBLEM: Final = {
    "type": "object",
    "description": "RFC 9457 problem details; some types have further members (line, column, hint, limit ...).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def blueprint(service: Service) -> Blueprint:
    """Give the route `/openapi.json`."""
    room = Blueprint("openapi", __name__)
    memo = Memo(service)

    @room.get("/openapi.json")
    def openapi() -> Response:
        snapshot = service.snapshot()
        found = memo.get("examples", examples)
        versions = sorted({*service.data.versions(), snapshot.id})
        servers: list[dict[str, Any]] = [
            {"url": canonical(""), "description": "The live version"},
            {
                "url": canonical("/snapshot/{version}"),
                "description": "A version by its name, which never changes",
                "variables": {"version": {"default": snapshot.id, "enum": versions}},
            },
        ]
        document = describe(current_app.url_map, found, servers)
        response = Response(json.dumps(document, ensure_ascii=False, indent=1) + "\n", mimetype="application/json")
        return cached(response, request, snapshot.id, software(), *versions, canonical(""), negotiated=False)

    return room


def describe(routes: Map, found: Examples, servers: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the description of `routes`, with `found` as examples. KeyError for a route that no row tells of."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(routes.iter_rules(), key=lambda rule: rule.rule):
        item = paths.setdefault(_ARGUMENT.sub(r"{\1}", rule.rule), {})
        for method in sorted(rule.methods or ()):
            item[method.lower()] = _operation(rule, method.lower(), found)
    info = {
        "title": "Partnergraph",
        "version": software(),
        "description": "A knowledge graph of a partner ecosystem: SPARQL, documents about things, pages, downloads.",
    }
    components = {
        "schemas": {"Problem": _PROBLEM},
        "securitySchemes": {
            "operator": {"type": "http", "scheme": "bearer"},
            "bearer": {"type": "http", "scheme": "bearer"},
            "basic": {"type": "http", "scheme": "basic"},
        },
    }
    return {"openapi": "3.1.1", "info": info, "servers": servers, "paths": paths, "components": components}


def examples(snapshot: Snapshot) -> Examples:
    """Give values for parameters, by endpoint and name, that the version `snapshot` has an answer to."""
    network, graphs = analysis.names()[0], snapshot.manifest.graphs
    found: Examples = {
        ("problems.one", "slug"): ["malformed-query"],
        ("sparql.sparql", "query"): [_QUERY],
        ("static", "filename"): ["pages.css"],
        ("history.version", "version"): [snapshot.id],
        ("vocabulary.one_format", "suffix"): ["ttl", "html"],
        ("exports.download", "name"): ["ontology"],
        ("exports.download", "suffix"): ["ttl"],
        ("analysis.network", "name"): [network],
        ("analysis.exported", "name"): [network],
        ("analysis.exported", "form"): ["graphml"],
        ("analysis.report", "name"): [network],
        ("analysis.report", "report"): ["whole", "whole.csv"],
        ("pages.sources_as", "suffix"): ["csv", "json"],
        ("quality.one_table", "name"): ["findings", "findings.csv"],
        ("questions.answer", "name"): [name for one in _without_choice() for name in (one.name, f"{one.name}.csv")],
    }
    first = next(iter(sorted(graphs)), None)
    if first is not None:
        found["graphs.read", "graph"] = [first]
        if first.startswith(GRAPH):
            found["things.graph", "name"] = [first.removeprefix(GRAPH), first.removeprefix(GRAPH) + ".ttl"]
    return {**found, **_of_a_thing(snapshot)}


def _without_choice() -> list[StoredQuestion]:
    """Give the first ready question that has no parameter, if there is one."""
    return [one for one in questions() if not one.parameters][:1]


def _of_a_thing(snapshot: Snapshot) -> Examples:
    kind_of = NamedNode(PREFIXES["rdf"] + "type")
    for quad in islice(snapshot.store.quads_for_pattern(None, kind_of, None, DefaultGraph()), _LOOKED_AT):
        named = kind_and_slug(quad.subject.value) if isinstance(quad.subject, NamedNode) else None
        class_ = quad.object.value if isinstance(quad.object, NamedNode) else ""
        if named is not None and class_.startswith(ONTOLOGY):
            kind, slug = named
            return {
                ("things.thing", "kind"): [kind],
                ("things.thing", "name"): [slug, slug + ".ttl", slug + ".html"],
                ("listing.members", "name"): [class_.removeprefix(ONTOLOGY)],
                ("listing.links", "to"): [class_],
                ("listing.links", "by"): [kind_of.value],
                ("listing.links", "of"): [kind],
                ("pages.why", "s"): [str(quad.subject)],
                ("pages.why", "p"): [kind_of.value],
                ("pages.why", "o"): [str(quad.object)],
                ("pages.find", "q"): [slug.replace("-", " ")],
                ("pages.complete", "q"): [slug.replace("-", " ")],
                ("analysis.one", "thing"): [f"{kind}/{slug}"],
                ("analysis.path", "from"): [f"{kind}/{slug}"],
                ("analysis.path", "to"): [f"{kind}/{slug}"],
            }
    return {}


def _operation(rule: Rule, method: str, found: Examples) -> dict[str, Any]:
    if method == "options":
        return _options(rule)
    row = _ROWS[rule.endpoint, "get" if method == "head" else method]
    told: dict[str, Any] = {
        "operationId": f"{row.endpoint}.{method}".replace(".", "-"),
        "tags": [row.tag],
        "summary": f"The headers of: {row.summary}" if method == "head" else row.summary,
        "responses": _responses(row, body=method != "head"),
    }
    parameters = [_parameter(p, rule, found) for p in row.parameters]
    if parameters:
        told["parameters"] = parameters
    if row.takes:
        told["requestBody"] = {"content": {kind: _body(kind, row.writes) for kind in row.takes}}
    if row.operator:
        told["security"] = [{"operator": []}]
    if row.writes:
        told["security"] = [{"bearer": []}, {"basic": []}]
    return told


def _options(rule: Rule) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": f"{rule.endpoint}-{len(rule.methods or ())}-options".replace(".", "-"),
        "summary": "What is allowed here",
        "responses": {
            "2XX": {"description": "The methods", "headers": {"Allow": {"schema": {"type": "string"}}}},
        },
    }
    names = _ARGUMENT.findall(rule.rule)
    if names:
        told["parameters"] = [_path_parameter(name) for name in names]
    return told


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _parameter(parameter: Parameter, rule: Rule, found: Examples) -> dict[str, Any]:
    place = "path" if parameter.name in rule.arguments else "query"
    schema = {"type": "array", "items": parameter.schema} if parameter.repeated else parameter.schema
    told: dict[str, Any] = {
        "name": parameter.name, "in": place, "required": parameter.required or place == "path",
        "description": parameter.description, "schema": schema,
    }  # fmt: skip
    if parameter.name == "default":
        told["allowEmptyValue"] = True
    values = found.get((rule.endpoint, parameter.name), [])
    if values:
        told["examples"] = {f"example-{number}": {"value": value} for number, value in enumerate(values, 1)}
    return told


def _body(kind: str, updates: bool) -> dict[str, Any]:
    if kind == "application/sparql-query":
        return {"schema": {"type": "string"}, "example": _QUERY}
    if kind == "application/sparql-update":
        return {"schema": {"type": "string"}, "example": _UPDATE}
    if kind == "application/x-www-form-urlencoded" and updates:
        names = {"update": {"type": "string"}}
        schema = {"type": "object", "required": ["update"], "properties": names}
        return {"schema": schema, "example": {"update": _UPDATE}}
    if kind == "application/x-www-form-urlencoded":
        names = {"query": {"type": "string"}, "format": {"type": "string"}}
        return {"schema": {"type": "object", "required": ["query"], "properties": names}, "example": {"query": _QUERY}}
    return {}


def _responses(row: Route, body: bool) -> dict[str, Any]:
    return {str(status): told for status, told in _each_response(row, body)}


def _each_response(row: Route, body: bool) -> Iterator[tuple[int | str, dict[str, Any]]]:
    if row.gives:
        given: dict[str, Any] = {"content": {kind: {} for kind in row.gives}} if body else {}
        yield 200, {"description": "The answer, whole"} | given
    problem = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
        "text/html": {"schema": {"type": "string"}},
    }
    for status in (*((303,) if row.redirect else ()), *row.statuses):
        told: dict[str, Any] = {"description": _WORDS[status]}
        if status in (301, 303):
            told["headers"] = {"Location": {"schema": {"type": "string", "format": "uri-reference"}}}
        elif status == 201:
            told["content"] = {kind: {} for kind in row.gives}
        elif status == 422:
            told["content"] = problem | {kind: {} for kind in GRAPH_TYPES}
        elif status >= 400 and body:
            told["content"] = {"application/json": {}} if row.endpoint == "health.health" else problem
        yield status, told
    yield "default", {"description": "Any other problem"} | ({"content": problem} if body else {})

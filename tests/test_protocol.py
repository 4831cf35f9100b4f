"""The service as a client meets it: a real server on a real port, and clients that mean no good.

The design's table of statuses line by line; limits that hold while others are served; what a publish, a kill and an
end do to those who are being answered. Every response of this module is checked to be as long as it says
(tests.live.framed): a cut answer must never look whole.
"""

import csv
import http.client
import io
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from pyoxigraph import QueryBoolean, QuerySolutions, RdfFormat, parse, parse_query_results

from graph import formats
from graph.names import GRAPH, ONTOLOGY, PREFIXES
from graph.snapshot import DataDirectory, Snapshot
from server.scratch import PREFIX
from tests.live import Live, Reply, answers, command, framed, kill, raw, request

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
ASK = "ASK { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3"
SELECT = "SELECT * { ?s ?p ?o } LIMIT 3"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SMALL = f"SELECT ?s {{ ?s a <{PREFIXES['pe']}Program> }} ORDER BY ?s LIMIT "


@pytest.fixture(scope="module")
def live(live_server: Live) -> Live:
    return live_server


@pytest.fixture(scope="module")
def tight(serving: Callable[..., Live], data: DataDirectory) -> Live:
    """A server whose limits are as low as they go."""
    return serving(data.path, workers=1, queue=0, result_size=1, body_size=4, timeout=4, memory=256, cache_size=0)


@pytest.fixture(scope="module")
def own(serving: Callable[..., Live], second_data: DataDirectory, tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A server over a small graph of its own: one may publish there and kill its processes."""
    path = tmp_path_factory.mktemp("own") / "data"
    shutil.copytree(second_data.path, path)
    return serving(path, workers=2, timeout=4)


def problem(reply: Reply) -> dict[str, object]:
    assert reply.headers["Content-Type"] == "application/problem+json"
    document = json.loads(reply.body)
    assert document["status"] == reply.status
    assert {"type", "title", "detail"} <= set(document)
    return document  # type: ignore[no-any-return]


# The table of statuses

TABLE = [
    # method, query of the URL, body, headers, status, type of the problem, why
    ("GET", {"query": "SELECT * { ?s ?p }"}, None, {}, 400, "malformed-query", "malformed query"),
    ("POST", {}, "SELECT * { ?s ?p }", {"Content-Type": DIRECT}, 400, "malformed-query", "malformed, sent directly"),
    ("GET", {"query": ""}, None, {}, 400, "malformed-query", "an empty query"),
    ("GET", {"query": "SELECT (<http://no.such/f>(1) AS ?x) {"}, None, {}, 400, "malformed-query", "an open brace"),
    ("POST", {}, "", {"Content-Type": FORM}, 400, "bad-request", "no query in a form"),
    ("POST", {}, "a=b", {"Content-Type": FORM}, 400, "bad-request", "none among others"),
    ("GET", [("query", ASK), ("query", ASK)], None, {}, 400, "bad-request", "several queries"),
    ("POST", {}, urlencode([("query", ASK), ("query", ASK)]), {"Content-Type": FORM}, 400, "bad-request",
     "several queries in a form"),
    ("POST", {"query": ASK}, urlencode({"query": ASK}), {"Content-Type": FORM}, 400, "bad-request",
     "a query in the URL and in the form"),
    ("POST", {"query": ASK}, ASK, {"Content-Type": DIRECT}, 400, "bad-request", "in the URL and in the body"),
    ("GET", {"query": ASK, "update": "CLEAR ALL"}, None, {}, 400, "bad-request", "query and update"),
    ("POST", {}, urlencode({"query": ASK, "update": "CLEAR ALL"}), {"Content-Type": FORM}, 400, "bad-request",
     "query and update in a form"),
    ("GET", {"query": ASK + " \x00"}, None, {}, 400, "malformed-query", "a NUL in the query"),
    ("GET", "query=ASK%20%7B%7D%20%23%ff", None, {}, 400, "bad-request", "a URL that is not UTF-8"),
    ("POST", {}, b"ASK {} #\xff", {"Content-Type": DIRECT}, 400, "bad-request", "a body that is not UTF-8"),
    ("POST", {}, "query=ASK%20%7B%7D%20%23%ff", {"Content-Type": FORM}, 400, "bad-request", "a form that is not UTF-8"),
    ("GET", {"query": "ASK " + "{" * 1500 + "}" * 1500}, None, {}, 400, "bad-request", "too deep to be parsed"),
    ("GET", {"query": "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}, None, {}, 403, "service-refused",
     "SERVICE"),
    ("GET", {"query": "ASK { FILTER(?a<2)SERVICE#>\n<http://127.0.0.1:9/>{?s ?p ?o} }"}, None, {}, 403,
     "service-refused", "SERVICE in hiding"),
    ("GET", {"query": "LOAD <http://127.0.0.1:9/>"}, None, {}, 403, "update-refused", "LOAD as a query"),
    ("GET", {"update": "CLEAR ALL"}, None, {}, 403, "update-refused", "an update in the URL"),
    ("POST", {}, urlencode({"update": "CLEAR ALL"}), {"Content-Type": FORM}, 403, "update-refused",
     "an update in a form"),
    ("POST", {}, "CLEAR ALL", {"Content-Type": "application/sparql-update"}, 403, "update-refused", "sent directly"),
    ("GET", {"query": "ASK FROM <http://127.0.0.1:9/data.ttl> {}"}, None, {}, 403, "graph-refused", "FROM elsewhere"),
    ("GET", {"query": "ASK FROM NAMED <http://127.0.0.1:9/> {}"}, None, {}, 403, "graph-refused",
     "FROM NAMED elsewhere"),
    ("GET", {"query": ASK, "default-graph-uri": "http://127.0.0.1:9/"}, None, {}, 403, "graph-refused",
     "a default graph from elsewhere"),
    ("GET", {"query": ASK, "named-graph-uri": "file:///etc/passwd"}, None, {}, 403, "graph-refused",
     "a named graph from a file"),
    ("GET", {"query": ASK}, None, {"Accept": "image/png"}, 406, "not-acceptable", "nothing acceptable"),
    ("GET", {"query": ASK}, None, {"Accept": "text/turtle"}, 406, "not-acceptable", "triples of an ASK"),
    ("GET", {"query": CONSTRUCT}, None, {"Accept": "text/csv"}, 406, "not-acceptable", "a table of a CONSTRUCT"),
    ("GET", {"query": ASK, "format": "docx"}, None, {}, 406, "not-acceptable", "a format of nobody's"),
    ("GET", {"query": ASK, "format": "x\r\nSet-Cookie: a=b"}, None, {}, 406, "not-acceptable", "a header in a format"),
    ("POST", {}, ASK, {"Content-Type": "text/plain"}, 415, "unsupported-media-type", "another media type"),
    ("POST", {}, ASK, {}, 415, "unsupported-media-type", "no media type"),
    ("POST", {}, ASK, {"Content-Type": "multipart/form-data; boundary=x"}, 415, "unsupported-media-type", "multipart"),
    *((m, {}, "x", {"Content-Type": DIRECT}, 405, "method-not-allowed", m) for m in ("PUT", "DELETE", "PATCH")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "parameters", "body", "headers", "status", "slug", "why"), TABLE, ids=[f"{r[4]} {r[6]}" for r in TABLE]
)
def test_table_of_statuses(
    live: Live,
    method: str,
    parameters: object,
    body: str | bytes | None,
    headers: dict[str, str],
    status: int,
    slug: str,
    why: str,
) -> None:
    asked = parameters if isinstance(parameters, str) else urlencode(parameters)  # type: ignore[arg-type]
    reply = request(live.url, method, "/sparql" + ("?" + asked if asked else ""), body, 30, headers)
    assert reply.status == status, reply.text
    document = problem(reply)
    assert str(document["type"]).endswith("/problems/" + slug)
    assert reply.headers["Cache-Control"] == "no-store", "an error must not be kept by anybody"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in reply.headers
    assert "Traceback" not in reply.text and "/graph/" not in str(document["detail"]), "no inner details"


def test_explain_says_which_engine_answers_and_runs_nothing(live: Live) -> None:
    reply = live.ask(CROSS, parameters={"explain": ""})  # would take minutes if it were run
    assert reply.status == 200
    assert json.loads(reply.body)["engine"] in ("rows", "columns")
    assert live.ask("SELEC", parameters={"explain": ""}).status == 400


def test_a_malformed_query_tells_line_column_snippet_and_hint(live: Live) -> None:
    document = problem(live.ask("SELECT *\nWHERE { ?s a pe:Partner }"))
    assert (document["line"], document["column"]) == (2, 14)
    assert document["snippet"] == "WHERE { ?s a pe:Partner }\n             ^"
    assert document["hint"] == f"add: PREFIX pe: <{PREFIXES['pe']}>"


def test_what_is_not_acceptable_lists_what_is(live: Live) -> None:
    forms = {ASK: formats.BOOLEAN_FORMATS, SELECT: formats.SOLUTION_FORMATS, CONSTRUCT: formats.GRAPH_FORMATS}
    for query, offered in forms.items():
        reply = live.ask(query, Accept="image/png")
        assert problem(reply)["offered"] == [f.media_type for f in offered]
        for media_type in problem(reply)["offered"]:  # type: ignore[attr-defined]
            assert live.ask(query, Accept=media_type).status == 200, media_type


def test_an_unknown_media_type_says_which_are_known(live: Live) -> None:
    reply = live.ask(method="POST", body=ASK, Content_Type="text/turtle")
    assert reply.headers["Accept-Post"] == f"{DIRECT}, {FORM}"
    for media_type in reply.headers["Accept-Post"].split(", "):
        body = ASK if media_type == DIRECT else urlencode({"query": ASK})
        assert live.ask(method="POST", body=body, Content_Type=media_type).status == 200


@pytest.mark.parametrize("path", ["/sparql", "/", "/health", "/search", "/export"])
def test_another_method_says_which_are_allowed(live: Live, path: str) -> None:
    reply = live.ask(method="DELETE", path=path)
    assert reply.status == 405
    allowed = {m.strip() for m in reply.headers["Allow"].split(",")}
    assert {"GET", "HEAD"} <= allowed and "DELETE" not in allowed


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("text/csv", "application/problem+json"),
        ("application/json, text/html;q=0.1", "application/problem+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
    ],
)
def test_a_problem_is_a_page_for_people_and_a_document_for_programs(live: Live, accept: str | None, kind: str) -> None:
    reply = live.ask(path="/no/such/page", **({"Accept": accept} if accept else {}))
    assert (reply.status, reply.headers["Content-Type"]) == (404, kind)
    assert "Accept" in ", ".join(reply.headers.get_all("Vary", []))


# The protocol


@pytest.mark.parametrize(
    ("accept", "kind", "holds"),
    [
        (None, "text/turtle; charset=utf-8", "http://www.w3.org/ns/sparql-service-description#Service"),
        ("application/n-triples", "application/n-triples", "http://www.w3.org/ns/sparql-service-description#Service"),
        ("text/html", "text/html; charset=utf-8", "<form"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_bare_endpoint_describes_itself(live: Live, method: str, accept: str | None, kind: str, holds: str) -> None:
    reply = live.ask(method=method, **({"Accept": accept} if accept else {}))
    assert (reply.status, reply.headers["Content-Type"]) == (200, kind)
    if method == "GET" and kind.startswith("text/turtle"):
        assert any(holds in quad.object.value for quad in parse(reply.body, RdfFormat.TURTLE))  # type: ignore[union-attr]
    elif method == "GET":
        assert holds in reply.text


AWKWARD = 'SELECT ("a+b %20 %2B é 😀 & = ; \\" \\\\ ? # /" AS ?x) ?y { VALUES ?y { "+" } } # ü %41'
EXACT = 'a+b %20 %2B é 😀 & = ; " \\ ? # /'
WAYS: dict[str, Callable[[Live, str], Reply]] = {
    "GET": lambda live, q: live.ask(q),
    "GET with %20": lambda live, q: live.ask(path="/sparql?query=" + quote(q, safe="")),
    "form": lambda live, q: live.ask(method="POST", body=urlencode({"query": q}), Content_Type=FORM),
    "form with %20": lambda live, q: live.ask(method="POST", body="query=" + quote(q, safe=""), Content_Type=FORM),
    "form that says its charset": lambda live, q: live.ask(
        method="POST", body=urlencode({"query": q}), Content_Type=FORM + "; charset=UTF-8"
    ),
    "direct": lambda live, q: live.ask(method="POST", body=q, Content_Type=DIRECT),
    "direct that says its charset": lambda live, q: live.ask(
        method="POST", body=q, Content_Type=DIRECT + ";charset=utf-8"
    ),
    "direct in any case": lambda live, q: live.ask(method="POST", body=q, Content_Type="Application/SPARQL-Query"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_query_arrives_exactly_as_it_was_sent(live: Live, way: Callable[[Live, str], Reply]) -> None:
    """A peer turns the `%20` of a posted query into a space: other data are asked for, and nobody is told."""
    reply = way(live, AWKWARD)
    assert reply.status == 200, reply.text
    assert json.loads(reply.body)["results"]["bindings"] == [
        {"x": {"type": "literal", "value": EXACT}, "y": {"type": "literal", "value": "+"}}
    ]


# What clients send beyond the standard: SPARQLWrapper sends every one of the first row.
EXTRA = [
    ({"format": "json", "output": "json", "results": "json"}, "application/sparql-results+json"),
    ({"format": "csv"}, "text/csv; charset=utf-8"),
    ({"output": "xml"}, "application/sparql-results+xml"),
    ({"format": "text/tab-separated-values"}, "text/tab-separated-values; charset=utf-8"),
    ({"results": "nonsense", "debug": "on", "soft-limit": "5", "callback": "x"}, "application/sparql-results+json"),
    ({"timeout": "soon"}, "application/sparql-results+json"),
    ({"timeout": "-1"}, "application/sparql-results+json"),
    ({"timeout": "nan"}, "application/sparql-results+json"),
    ({"timeout": "1e9"}, "application/sparql-results+json"),
    ({"default-graph-uri": "urn:x-rdflib:default"}, "application/sparql-results+json"),
]


@pytest.mark.parametrize(("parameters", "kind"), EXTRA, ids=[urlencode(row[0]) for row in EXTRA])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_parameters_mean_something_or_nothing(
    live: Live, method: str, parameters: dict[str, str], kind: str
) -> None:
    if method == "GET":
        reply = live.ask(SELECT, parameters=parameters)
    else:
        reply = live.ask(method="POST", body=urlencode({"query": SELECT, **parameters}), Content_Type=FORM)
    assert (reply.status, reply.headers["Content-Type"]) == (200, kind), reply.text


J, X, C, T = (f.content_type for f in formats.SOLUTION_FORMATS)
ACCEPTS = [
    (SELECT, None, J), (SELECT, "", J), (SELECT, "*/*", J), (SELECT, "application/*", J), (SELECT, "text/*", C),
    (SELECT, "text/csv", C), (SELECT, "TEXT/CSV", C), (SELECT, "text/tab-separated-values", T),
    (SELECT, "application/json", J), (SELECT, "application/xml", X), (SELECT, "application/sparql-results+xml", X),
    (SELECT, "text/csv;q=0.5, application/sparql-results+xml;q=0.9", X),
    (SELECT, "application/sparql-results+json;q=0, */*", X),
    (SELECT, "image/png, */*;q=0.1", J), (SELECT, "text/csv, */*;q=0.1", C),
    (SELECT, "application/sparql-results+xml;charset=utf-8", X),
    (SELECT, "application/sparql-results+json, application/sparql-results+xml, text/csv", J),
    (ASK, None, J), (ASK, "application/xml", X), (ASK, "text/csv;q=0.9, */*;q=0.1", J),
    (CONSTRUCT, None, "text/turtle; charset=utf-8"), (CONSTRUCT, "*/*", "text/turtle; charset=utf-8"),
    (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
    (CONSTRUCT, 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"', "application/ld+json"),
    (CONSTRUCT, "text/turtle;q=0.2, application/n-triples;q=0.3", "application/n-triples"),
    ("DESCRIBE <http://x/>", "application/trig", "application/trig"),
    ("DESCRIBE <http://x/>", "application/n-quads", "application/n-quads"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "accept", "kind"), ACCEPTS, ids=[f"{r[0].split()[0]} {r[1]}" for r in ACCEPTS])
def test_accept_chooses_the_format(live: Live, query: str, accept: str | None, kind: str) -> None:
    reply = live.ask(query, **({"Accept": accept} if accept is not None else {}))
    assert (reply.status, reply.headers["Content-Type"]) == (200, kind), reply.text
    assert "Accept" in ", ".join(reply.headers.get_all("Vary", [])).split(", ")


@pytest.mark.parametrize("row", formats.FORMATS, ids=lambda row: row.name)
def test_every_format_reads_back(live: Live, row: formats.Format) -> None:
    query = CONSTRUCT if row.rdf is not None else SELECT
    body = live.ask(query, Accept=row.media_type).body
    if row is formats.CSV:
        assert len(list(csv.reader(io.StringIO(body.decode(), newline="")))) == 4
    elif row.rdf is not None:
        assert len(list(parse(body, row.rdf))) == 3
    else:
        found = parse_query_results(body, row.results)  # type: ignore[arg-type]
        assert isinstance(found, QuerySolutions) and len(list(found)) == 3
    if row in formats.BOOLEAN_FORMATS:
        found_ = parse_query_results(live.ask(ASK, Accept=row.media_type).body, row.results)  # type: ignore[arg-type]
        assert isinstance(found_, QueryBoolean) and bool(found_)


HEADS = ["/sparql?" + urlencode({"query": SELECT}), "/sparql", "/", "/health", "/export/ontology.ttl", "/no/such",
         "/id/organization/no-such", "/sparql?query=nonsense", "/static/pages.css"]  # fmt: skip


@pytest.mark.parametrize("target", HEADS)
def test_head_is_get_without_a_body(live: Live, target: str) -> None:
    get, head = (request(live.url, method, target, None, 30, {}) for method in ("GET", "HEAD"))
    assert head.body == b"" and head.status == get.status
    passing = {"Date", "X-Request-Id", "Server"}
    assert sorted((n, v) for n, v in head.headers.items() if n.title() not in passing) == sorted(
        (n, v) for n, v in get.headers.items() if n.title() not in passing
    )


def test_pages_of_other_places_may_ask(live: Live) -> None:
    """CORS: a browser asks first with OPTIONS, and then for the answer's own permission."""
    asked = live.ask(method="OPTIONS", Origin="https://elsewhere.example", Access_Control_Request_Method="POST",
                     Access_Control_Request_Headers="content-type")  # fmt: skip
    assert asked.status == 204 and asked.body == b""
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in asked.headers["Access-Control-Allow-Methods"] and "POST" in asked.headers["Allow"]
    assert "content-type" in asked.headers["Access-Control-Allow-Headers"].lower()
    for reply in (live.ask(ASK, Origin="https://elsewhere.example"), live.ask("nonsense", Origin="https://elsewhere.example")):
        assert reply.headers["Access-Control-Allow-Origin"] == "*", "errors too, or the page cannot tell them"
        assert "Access-Control-Allow-Credentials" not in reply.headers


def test_the_dataset_of_the_protocol(live: Live, snapshot: Snapshot) -> None:
    """default-graph-uri wins over FROM; a name that is not here is refused, one that is here counts as it should."""
    seed = GRAPH + "seed"
    here = snapshot.manifest.graphs[seed]
    count = {"default-graph-uri": seed}

    def number(reply: Reply) -> int:
        return int(json.loads(reply.body)["results"]["bindings"][0]["n"]["value"])

    assert number(live.ask(COUNT)) == snapshot.manifest.triples
    assert number(live.ask(COUNT, parameters=count)) == here
    assert number(live.ask(COUNT.replace("{", f"FROM <{seed}> {{", 1))) == here
    assert number(live.ask(COUNT.replace("{", f"FROM <{GRAPH}catalogue> {{", 1), parameters=count)) == here
    assert number(live.ask(COUNT, parameters={"named-graph-uri": seed})) == 0
    in_graph = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert number(live.ask(in_graph, parameters={"named-graph-uri": seed})) == here
    posted = live.ask(method="POST", body=COUNT, path="/sparql?" + urlencode(count), Content_Type=DIRECT)
    assert number(posted) == here


# Answers that are whole


LONG = pytest.mark.long


@pytest.mark.parametrize("form", ["ntriples", *(pytest.param(f, marks=LONG) for f in ("turtle", "jsonld", "nquads"))])
def test_a_large_graph_arrives_whole(live: Live, snapshot: Snapshot, form: str) -> None:
    row = formats.by_name(form)
    reply = live.ask("CONSTRUCT WHERE { ?s ?p ?o }", Accept=row.media_type)
    assert reply.status == 200 and len(reply.body) > 2 << 20
    assert len({quad.triple for quad in parse(reply.body, row.rdf)}) == snapshot.manifest.triples  # type: ignore[arg-type]


@pytest.mark.parametrize("form", [pytest.param("json", marks=LONG), "csv"])
def test_a_large_table_arrives_whole(live: Live, form: str) -> None:
    """The join's size is counted by the engine, and the rows of the answer by us."""
    where = f"{{ ?a a <{ONTOLOGY}Program> . ?b ?p ?o FILTER(ISLITERAL(?o)) }} "
    limit = 40_000
    count = f"SELECT (COUNT(*) AS ?n) {{ SELECT * {where} LIMIT {limit} }}"
    counted = int(live.ask(count, Accept="text/csv").text.split()[1])
    reply = live.ask(f"SELECT * {where} LIMIT {limit}", parameters={"format": form})
    assert reply.status == 200 and len(reply.body) > 4 << 20
    if form == "json":
        rows = len(json.loads(reply.body)["results"]["bindings"])
    else:
        rows = len(list(csv.reader(io.StringIO(reply.text, newline="")))) - 1
    assert rows == counted == limit


@LONG
def test_large_answers_at_once_are_each_whole(live: Live, snapshot: Snapshot) -> None:
    def one(i: int) -> tuple[int, int]:
        reply = live.ask(f"CONSTRUCT WHERE {{ ?s ?p ?o }} #{i}", Accept="application/n-triples")
        return reply.status, reply.body.count(b" .\n")

    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(one, range(5))) == {(200, snapshot.manifest.triples)}


def test_an_answer_that_is_known_is_not_sent_again(live: Live) -> None:
    first = live.ask(SELECT)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"'), "weak: the rows may come in another order"
    for sent in (tag, f'"nonsense", {tag}', "*"):
        again = live.ask(SELECT, If_None_Match=sent)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    other = [live.ask(SELECT, If_None_Match='W/"nonsense"'), live.ask(SELECT, Accept="text/csv", If_None_Match=tag),
             live.ask(SELECT + " ", If_None_Match=tag),
             live.ask(SELECT, parameters={"default-graph-uri": GRAPH + "seed"}, If_None_Match=tag)]  # fmt: skip
    assert [reply.status for reply in other] == [200] * 4
    assert len({reply.headers["ETag"] for reply in other} | {tag}) == 4, "another answer has another tag"


@pytest.mark.parametrize("word", ["RAND()", "NOW()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_differs_each_time_is_kept_by_nobody(live: Live, word: str) -> None:
    query = f"SELECT ({word} AS ?x) {{}}"
    replies = [live.ask(query) for _ in range(2)]
    assert {(r.headers["Cache-Control"], r.headers["ETag"]) for r in replies} == {("no-store", None)}
    if word != "BNODE()":
        assert replies[0].body != replies[1].body


# Hostile requests


@pytest.mark.parametrize(
    "path",
    ["/static/../settings.py", "/static/%2e%2e/settings.py", "/static/..%2fsettings.py", "/static//etc/passwd",
     "/static/%00", "/export/../all.ttl", "/export/all.ttl%00.html", "/id/organization/..%2f..%2fetc%2fpasswd",
     "/id/organization/%00", "/id/organization/a%0d%0aSet-Cookie:%20a=b", "/graph/%2e%2e", "/graph/%ff%fe",
     "/snapshot/../../etc/passwd", "/snapshot/%2e%2e/health", "/id//", "/" + "a" * 5000, "/%E2%80%AE"],
)  # fmt: skip
def test_paths_that_lead_nowhere(live: Live, path: str) -> None:
    reply = live.ask(path=path)
    assert reply.status in (404, 308, 400), reply.text[:200]
    assert b"root:" not in reply.body and b"import" not in reply.body
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\nConnection: close\r\n\r\n", {400}),
        (b"GET /\x00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400}),
        (b"NONSENSE\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 600_000 + b"\r\n\r\n", {400, 431}),
        (b"BREW /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {405}),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n"
         b"Connection: close\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n", {200}),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: nonsense\r\n"
         b"Connection: close\r\n\r\nASK {}", {400}),
    ],
    ids=["a NUL in a header", "a NUL in a path", "no HTTP", "a head of 600 kB", "a method of nobody's",
         "a body in chunks", "a length that is no number"],
)  # fmt: skip
def test_bytes_that_no_client_would_send(live: Live, sent: bytes, statuses: set[int]) -> None:
    """The server answers in kind or hangs up; the next client notices nothing."""
    try:
        received = raw(live.url, sent)
    except OSError:
        received = b""  # it hung up while we were still sending
    if received:
        assert int(received.split()[1]) in statuses, received[:300]
    assert answers(live)


def test_a_body_that_breaks_off_harms_nobody(live: Live) -> None:
    place = urlsplit(live.url)
    for _ in range(8):
        with socket.create_connection((place.hostname or "", place.port or 80), 5) as connection:
            connection.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
                               b"Content-Length: 500\r\n\r\nASK {}")  # fmt: skip
    assert answers(live)


@pytest.mark.parametrize("kind", [FORM, DIRECT])
def test_a_body_larger_than_allowed(tight: Live, kind: str) -> None:
    text = ASK + " #" + "x" * 5000
    reply = tight.ask(method="POST", body=text if kind == DIRECT else urlencode({"query": text}), Content_Type=kind)
    assert reply.status == 413 and problem(reply)
    assert tight.ask(method="POST", body=ASK, Content_Type=DIRECT).status == 200


def test_a_body_larger_than_allowed_in_chunks(tight: Live) -> None:
    """Its length is told by nobody: it must be counted while it comes."""
    chunk = b"400\r\n" + b"x" * 0x400 + b"\r\n"
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nConnection: close\r\n"
    for query in (b"", b"6\r\nASK {}\r\n3\r\n # \r\n"):  # the second is a query, as far as it may be read
        sent = head + b"Transfer-Encoding: chunked\r\n\r\n" + query + chunk * 20 + b"0\r\n\r\n"
        assert b" 413 " in raw(tight.url, sent).split(b"\r\n")[0]


# Limits that hold


def limited(reply: Reply, name: str) -> dict[str, object]:
    document = problem(reply)
    assert reply.status == 503 and str(document["type"]).endswith(f"/problems/{name}"), reply.text
    return document


@pytest.mark.parametrize(("asked", "limit"), [("0.5", 0.5), pytest.param("100", 4, marks=LONG)])
def test_a_deadline_is_lowered_by_the_request_and_never_raised(tight: Live, asked: str, limit: float) -> None:
    """Cut within half a second of the limit. Three rounds: others work on this machine too."""
    late = []
    for _ in range(3):
        reply = tight.ask(CROSS, parameters={"timeout": asked})
        document = limited(reply, "timeout-limit")
        assert (document["limit"], document["unit"]) == (limit, "seconds")
        late.append(reply.seconds - limit)
        assert late[-1] >= 0
        if late[-1] < 0.5:
            return
    pytest.fail(f"the answer came {late} s behind the limit")


@LONG
def test_small_queries_beside_a_cross_product_are_quick(live: Live) -> None:
    """The one query that stops everyone is the commonest complaint about endpoints. Three rounds: others work here."""
    rounds = []
    for turn in range(3):
        with ThreadPoolExecutor(1) as pool:
            heavy = pool.submit(live.ask, f"{CROSS} #{turn}", parameters={"timeout": "2"})
            time.sleep(0.3)
            beside = [live.ask(f"{SMALL}{turn}{i}") for i in range(20)]
            cut = heavy.result()
        limited(cut, "timeout-limit")
        assert {reply.status for reply in beside} == {200}
        rounds.append((statistics.quantiles([reply.seconds for reply in beside], n=20)[-1], cut.seconds))
        if rounds[-1][0] < 0.2 and 2 <= cut.seconds < 2.5:
            return
    pytest.fail(f"95 % of the small queries took up to, and the cross product was cut after: {rounds} s")


def test_as_many_heavy_queries_as_workers_leave_room_for_small_ones(live: Live) -> None:
    """Two workers, three cross products: what is known to be quick does not wait for them to be cut."""
    assert live.ask(f"{SMALL}700").status == 200, "from now on it is known to be quick"
    with ThreadPoolExecutor(3) as pool:
        heavy = [pool.submit(live.ask, f"{CROSS} #both {i}", parameters={"timeout": "4"}) for i in range(3)]
        time.sleep(0.3)
        small = [live.ask(f"{SMALL}{701 + i}") for i in range(3)]
        cut = [reply.result() for reply in heavy]
    assert {reply.status for reply in small} == {200} and max(reply.seconds for reply in small) < 3
    assert any(str(problem(reply)["type"]).endswith("/timeout-limit") for reply in cut)
    for reply in cut:  # one that found no worker within its own time never began
        assert str(problem(reply)["type"]).rpartition("/")[2] in ("timeout-limit", "busy") and reply.seconds < 4.5


def test_a_result_larger_than_allowed_is_no_result(tight: Live) -> None:
    """Never cut: a 200 with a part of the rows would look whole."""
    reply = tight.ask("SELECT * { ?s ?p ?o }")
    assert limited(reply, "result-size-limit")["limit"] == 1
    assert tight.ask(SELECT).status == 200, "the worker goes on"


def test_memory_has_a_limit(tight: Live) -> None:
    doubling = " ".join(f"BIND(CONCAT(?a{i}, ?a{i}) AS ?a{i + 1})" for i in range(26))
    reply = tight.ask(f"SELECT (STRLEN(?a26) AS ?n) {{ BIND('0123456789abcdef' AS ?a0) {doubling} }}")
    assert limited(reply, "memory-limit")["limit"] == 256
    assert answers(tight)


def test_who_finds_no_place_is_told_when_to_come_back(tight: Live) -> None:
    """One worker and no queue: the second query is refused at once, not kept waiting."""
    with ThreadPoolExecutor(1) as pool:
        heavy = pool.submit(tight.ask, f"{CROSS} #full", parameters={"timeout": "2"})
        time.sleep(0.5)
        refused = tight.ask(f"{ASK} #full")
        assert not heavy.done()
        limited(refused, "busy")
        assert int(refused.headers["Retry-After"]) >= 1 and refused.seconds < 2
        assert tight.ask(path="/health").status == 200, "the service itself is well"
        heavy.result()
    assert answers(tight)


# Publishing, killing, ending


class Asking:
    """Asks the same small query all the time, from several threads, and keeps what came."""

    def __init__(self, live: Live, threads: int = 3) -> None:
        self.found: list[tuple[float, int, str]] = []
        self.failed: list[str] = []
        self._live, self._ends = live, threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(i,)) for i in range(threads)]

    def __enter__(self) -> "Asking":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        turn = 0
        while not self._ends.is_set():
            turn += 1
            try:  # the comment makes each a query of its own, which no cache knows
                reply = self._live.ask(f"{COUNT} #{number}.{turn}", Accept="text/csv", timeout=20)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                time.sleep(0.05)
            else:
                self.found.append((time.monotonic(), reply.status, reply.text))


def total(path: Path) -> str:
    return f"n\r\n{DataDirectory(path).current().manifest.triples}\r\n"


def data_of(live: Live) -> Path:
    return Path(live.process.args[live.process.args.index("--data-dir") + 1])  # type: ignore[index,union-attr,arg-type]


@pytest.mark.parametrize("turn", [1, pytest.param(2, marks=LONG)])
@pytest.mark.long
def test_a_publish_is_seen_within_a_second_and_costs_no_request(own: Live, tmp_path: Path, turn: int) -> None:
    """Another process publishes: each answer is wholly of the old version or wholly of the new one."""
    path = data_of(own)
    old = total(path)
    file = tmp_path / "more.nq"
    quads = own.ask(path="/export/all.nq").text
    first = quads.partition("\n")[0].split()
    file.write_text(f'{quads}{first[0]} <{PREFIXES["skos"]}note> "one more, {turn}" {first[-2]} .\n', encoding="utf-8")
    partnergraph = Path(sys.executable).with_name("partnergraph")
    with Asking(own) as asking:
        time.sleep(0.3)
        subprocess.run([partnergraph, "load", str(file), "--data-dir", str(path)], check=True, capture_output=True)
        published = time.monotonic()
        new = total(path)
        time.sleep(1.5)
    assert old != new and asking.failed == []
    assert {status for _, status, _ in asking.found} == {200}
    assert {text for _, _, text in asking.found} == {old, new}
    late = [text for at, _, text in asking.found if at > published + 1]
    assert late and set(late) == {new}


def test_a_worker_that_is_killed_costs_nothing_but_its_query(own: Live) -> None:
    """From outside, as the system does when memory runs short: a right answer or a clean 503, and it goes on."""
    expected = total(data_of(own))
    with ThreadPoolExecutor(1) as pool, Asking(own, threads=2) as asking:
        heavy = pool.submit(own.ask, f"{CROSS} #killed", timeout=20)
        time.sleep(0.7)
        for _ in range(3):
            for pid in own.workers():
                kill(pid)
            time.sleep(0.3)
        reply = heavy.result()
        time.sleep(0.5)
        afterwards = len(asking.found)
        time.sleep(0.5)
    assert reply.status == 503 and problem(reply)
    assert asking.failed == [] and len(asking.found) > afterwards
    for _, status, text in asking.found:
        assert (status, text) == (200, expected) or status == 503, text
    assert asking.found[-1][1] == 200
    assert own.workers(), "there are new ones"


def test_the_process_that_speaks_http_comes_back(own: Live) -> None:
    before = own.service()
    workers = own.workers()
    assert workers and before and spools(before)
    kill(before)
    until = time.monotonic() + 15
    while time.monotonic() < until and not (answers(own, 5) and own.service() != before):
        time.sleep(0.1)
    assert answers(own) and own.service() != before
    wait_for(lambda: not any("forkserver" in command(pid) for pid in workers))
    assert not any("forkserver" in command(pid) for pid in workers), "the workers of the old one are gone"
    assert spools(own.service()) and not spools(before), "what it left on the disk is gone too"


def spools(pid: int) -> list[Path]:
    return [*Path(tempfile.gettempdir()).glob(f"{PREFIX}{pid}-*")]


def wait_for(what: Callable[[], object], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not what() and time.monotonic() < until:
        time.sleep(0.05)


@pytest.fixture
def brief(serving: Callable[..., Live], second_data: DataDirectory, tmp_path: Path) -> Iterator[Live]:
    shutil.copytree(second_data.path, tmp_path / "data")
    one = serving(tmp_path / "data", workers=2, timeout=1.5)
    yield one
    one.stop()


@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=LONG)])
def test_an_end_leaves_no_process_and_loses_no_answer(brief: Live, how: signal.Signals) -> None:
    """A query under way when the operator ends the service is still answered, whole; then everything is gone."""
    everything = [brief.process.pid, *brief.processes()]
    assert len(everything) >= 5, "the server, its service, a fork server and workers"
    speaker = brief.service()
    assert spools(speaker)
    with ThreadPoolExecutor(1) as pool:
        heavy = pool.submit(brief.ask, CROSS, timeout=20)
        time.sleep(0.5)
        brief.process.send_signal(how)
        reply = heavy.result()
    assert limited(reply, "timeout-limit")
    assert brief.process.wait(15) == 0, brief.said()
    wait_for(lambda: not any(alive(pid) for pid in everything))
    assert [command(pid) for pid in everything if alive(pid)] == []
    assert not spools(speaker)
    assert "Traceback" not in brief.said(), brief.said()
    with pytest.raises(OSError):
        brief.ask(ASK)


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def test_a_killed_server_leaves_no_process(brief: Live) -> None:
    """Killed outright, it can tidy up nothing itself: its children must notice."""
    everything = list(brief.processes())
    os.kill(brief.process.pid, signal.SIGKILL)
    brief.process.wait()
    wait_for(lambda: not any(alive(pid) for pid in everything), 8)
    assert [command(pid) for pid in everything if alive(pid)] == []


def test_requests_have_names_that_differ(live: Live) -> None:
    """An operator finds a client's complaint in the log by it."""
    names = {live.ask(query).headers["X-Request-Id"] for query in (ASK, ASK, "nonsense", SELECT)}
    assert len(names) == 4 and all(re.fullmatch(r"[\w-]{8,40}", name) for name in names)


def test_the_framing_check_can_fail() -> None:
    """Every test above relies on it."""
    headers = http.client.HTTPMessage()
    headers["Content-Length"] = "3"
    framed("GET", 200, headers, b"abc")
    with pytest.raises(AssertionError):
        framed("GET", 200, headers, b"ab")
    headers["Transfer-Encoding"] = "chunked"
    with pytest.raises(AssertionError):
        framed("GET", 200, headers, b"abc")

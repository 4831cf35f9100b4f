"""The rooms of the service beside the endpoint: graph store, VoID, service description, metrics, log, operator,
kept answers, flights, versions by name, and the address that clients see.
"""

import gzip
import json
import re
import shutil
import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import quote

import pytest
import zstandard
from prometheus_client.parser import text_string_to_metric_families
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, parse
from werkzeug.test import Client

from graph.build import publish
from graph.formats import FORMATS, GRAPH_FORMATS, NTRIPLES, TRIG, TURTLE, by_name
from graph.names import GRAPH, PREFIXES
from graph.store import named_quads, with_union
from graph.validate import Report
from server import compression
from server.public import published
from server.routes import ROUTES
from server.serve import over
from server.service import open_service
from server.settings import SETTINGS, Settings, from_environment
from server.settings import parse as read_setting

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = PREFIXES["void"]
TYPE = NamedNode(PREFIXES["rdf"] + "type")
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TOKEN = "operator-s-own-word"
CROSS = "SELECT (COUNT(*) AS ?n) {{ {{ SELECT * {{ ?a ?b ?c }} LIMIT {0} }} {{ SELECT * {{ ?d ?e ?f }} LIMIT {0} }} }}"


@pytest.fixture(scope="module")
def open_one(second_data, tmp_path_factory):
    """Open a service over a copy of the second ecosystem, so that a test may publish in it."""
    opened = []

    def open_(**settings):
        path = tmp_path_factory.mktemp("service")
        shutil.copytree(second_data.path, path, dirs_exist_ok=True)
        given = {"workers": 2, "timeout": 5.0, "log": str(path / "log"), **settings}
        opened.append(open_service(Settings(data_dir=path, **given)))
        return opened[-1]

    yield open_
    for service in opened:
        service.pool.close()
        service.journal.close()


@pytest.fixture(scope="module")
def running(open_one):
    """A service that most tests share, and the whole application over it."""
    service = open_one()
    return SimpleNamespace(service=service, app=over(service), log=service.settings.data_dir / "log")


@pytest.fixture
def web(running):
    return Client(running.app)


@pytest.fixture
def live(running):
    return running.service.snapshot()


def triples_of(response):
    form = by_name(response.mimetype).rdf
    return {quad.triple for quad in parse(response.data, format=form, base_iri="http://nowhere.invalid/")}


def sparql(client, query, path="/sparql", **headers):
    return client.get(f"{path}?query={quote(query)}", headers=headers)


def problem(response):
    assert response.mimetype == "application/problem+json", response.data
    return response.json["type"].rsplit("/", 1)[-1]


def add(data, quad):
    """Publish the live version with one statement more."""
    old = data.current()
    with data.writer():
        staging = data.staging()
        shutil.copy(old.path / "index.sqlite", staging)
        (staging / "report.ttl").write_text("")
        store = Store(str(staging / "oxigraph"))
        store.bulk_extend(with_union([*named_quads(old.store), quad]))
        store.flush()
        del store
        return publish(data, staging, Report((), ""), "facts", "test")


def one_more(number):
    name = NamedNode(f"{GRAPH}added")
    return Quad(NamedNode(f"https://example.org/{number}"), TYPE, NamedNode("https://example.org/Added"), name)


# ---- the Graph Store Protocol, reading (https://www.w3.org/TR/sparql11-http-rdf-update/)


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
def test_a_graph_is_named_indirectly_in_each_format(web, live, form):
    """4.2 and 5.2: ?graph= with an encoded IRI gives that graph's triples, in the format that Accept names."""
    for graph in live.manifest.graphs:
        response = web.get(f"/graphs?graph={quote(graph, safe='')}", headers={"Accept": form.media_type})
        assert (response.status_code, response.mimetype) == (200, form.media_type)
        stated = {quad.triple for quad in live.store.quads_for_pattern(None, None, None, NamedNode(graph))}
        assert triples_of(response) == stated
        assert int(response.headers["Content-Length"]) == len(response.data)


def test_the_default_graph(web, live):
    response = web.get("/graphs?default", headers={"Accept": "application/n-triples"})
    union = {quad.triple for quad in named_quads(live.store)}
    assert triples_of(response) == union
    assert response.data.count(b"\n") == len(union) == live.manifest.triples


def test_a_graph_is_named_directly_too(web, live):
    """4.1: the graph's own address; the two ways give the same triples."""
    graph = sorted(live.manifest.graphs)[0]
    address = "/" + graph.split("/", 4)[4]
    first = web.get(address, headers={"Accept": "text/turtle"})
    assert (first.status_code, first.headers["Location"]) == (303, address + ".ttl")
    assert "Accept" in first.headers["Vary"]
    direct, indirect = web.get(address + ".ttl"), web.get(f"/graphs?graph={quote(graph)}")
    assert triples_of(direct) == triples_of(indirect)


@pytest.mark.parametrize(
    "query",
    ["", "?default&graph=http://a/", "?graph=http://a/&graph=http://b/", "?graph=", "?graph=relative", "?graph=a b"],
)
def test_a_graph_that_is_not_named_as_it_must_be_is_a_bad_request(web, query):
    """4.2: one graph by an absolute IRI, or the default one."""
    response = web.get("/graphs" + query.replace(" ", "%20"))
    assert (response.status_code, problem(response)) == (400, "bad-request")


def test_an_unknown_graph_is_not_found(web, live):
    """5.2: 404 where the graph does not exist; the problem lists those that do."""
    response = web.get("/graphs?graph=http://nowhere.invalid/")
    assert (response.status_code, problem(response)) == (404, "not-found")
    assert response.json["graphs"] == sorted(live.manifest.graphs)


def test_a_graph_in_no_format_on_offer(web):
    response = web.get("/graphs?default", headers={"Accept": "image/png"})
    assert (response.status_code, problem(response)) == (406, "not-acceptable")
    assert response.json["offered"] == [form.media_type for form in GRAPH_FORMATS]


@pytest.mark.parametrize("query", ["?default", "?graph={}", "?graph=http://nowhere.invalid/", ""])
def test_head_gives_the_headers_of_get(web, live, query):
    """5.6: HEAD is GET without the body."""
    path = "/graphs" + query.format(quote(sorted(live.manifest.graphs)[0]))
    got, head = web.get(path), web.head(path)
    assert head.status_code == got.status_code
    assert head.data == b""
    names = ("Content-Type", "Content-Length", "ETag", "Vary", "Cache-Control")
    assert [head.headers.get(name) for name in names] == [got.headers.get(name) for name in names]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("query", ["?default", "?graph=http://a/", ""])
def test_writes_are_refused_by_name(web, method, query):
    response = web.open("/graphs" + query, method=method, data=b"<a:a> <a:a> <a:a> .")
    assert (response.status_code, problem(response)) == (403, "update-refused")
    assert response.json["refused"] == "UPDATE"


def test_another_method_is_not_allowed(web):
    response = web.open("/graphs?default", method="PROPFIND")
    assert response.status_code == 405
    assert {"GET", "HEAD"} <= set(response.headers["Allow"].split(", "))


def test_tags_of_graphs_are_strong_and_each_representation_has_its_own(web, live):
    """A tag that two graphs or two formats share would let a cache give one for the other."""
    tags = []
    addresses = ["/graphs?default", *(f"/graphs?graph={quote(graph)}" for graph in live.manifest.graphs), "/ontology"]
    for address in addresses:
        for form in GRAPH_FORMATS:
            response = web.get(address, headers={"Accept": form.media_type})
            tags.append(response.headers["ETag"])
            assert "Accept" in ", ".join(response.headers.getlist("Vary")).split(", ")
            again = web.get(address, headers={"Accept": form.media_type, "If-None-Match": tags[-1]})
            assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tags[-1])
    assert not any(tag.startswith("W/") for tag in tags)
    assert len(set(tags)) == len(tags)


def test_what_the_client_has_is_not_written_again(web, live, monkeypatch):
    graph = sorted(live.manifest.graphs)[0]
    tag = web.get(f"/graphs?graph={quote(graph)}").headers["ETag"]
    monkeypatch.setattr("graph.export.named_graph", lambda *_: pytest.fail("written for a client that has it"))
    assert web.get(f"/graphs?graph={quote(graph)}", headers={"If-None-Match": tag}).status_code == 304


def test_a_format_that_cannot_say_a_graph_is_not_acceptable(open_one):
    """RDF/XML has no word for a property that is no XML name: no fault of ours, and no half document."""
    service = open_one()
    odd = NamedNode("https://example.org/1")
    add(service.data, Quad(odd, odd, odd, NamedNode(f"{GRAPH}odd")))
    time.sleep(0.6)
    web = Client(over(service))
    response = web.get(f"/graphs?graph={GRAPH}odd", headers={"Accept": "application/rdf+xml"})
    assert (response.status_code, problem(response)) == (406, "not-acceptable")
    assert web.get(f"/graphs?graph={GRAPH}odd").status_code == 200


# ---- VoID


@pytest.fixture
def void(web):
    response = web.get("/.well-known/void")
    assert (response.status_code, response.mimetype) == (200, "text/turtle")
    store = Store()
    store.bulk_extend(parse(response.data, format=RdfFormat.TURTLE))
    return SimpleNamespace(store=store, node=NamedNode("http://localhost/.well-known/void"))


def number(store, node, name):
    (quad,) = store.quads_for_pattern(node, NamedNode(VOID + name), None)
    return int(quad.object.value)


def count(store, query, graph=None):
    graphs = None if graph is None else [graph]
    (row,) = store.query(f"SELECT (COUNT({query} AS ?n) {{ ?s ?p ?o }}", default_graph=graphs)
    return int(row["n"].value)


COUNTED = {
    "triples": "*)",
    "distinctSubjects": "DISTINCT ?s)",
    "distinctObjects": "DISTINCT ?o)",
    "properties": "DISTINCT ?p)",
}


def test_void_counts_are_those_of_the_engine(void, live):
    """For the whole and for each graph; the engine counts by itself."""
    for name, query in COUNTED.items():
        assert number(void.store, void.node, name) == count(live.store, query), name
    for graph in live.manifest.graphs:
        for name, query in COUNTED.items():
            assert number(void.store, NamedNode(graph), name) == count(live.store, query, NamedNode(graph)), graph


def partitions(store, node, kind, counted):
    found = {}
    for quad in store.quads_for_pattern(node, NamedNode(f"{VOID}{kind}Partition"), None):
        (term,) = store.quads_for_pattern(quad.object, NamedNode(VOID + kind), None)
        assert term.object not in found
        found[term.object] = number(store, quad.object, counted)
    return found


def test_void_partitions_are_those_of_the_engine(void, live):
    for node, graphs in ((void.node, None), *((NamedNode(g), [NamedNode(g)]) for g in live.manifest.graphs)):
        rows = live.store.query("SELECT ?t (COUNT(*) AS ?n) { ?s a ?t } GROUP BY ?t", default_graph=graphs)
        assert partitions(void.store, node, "class", "entities") == {r["t"]: int(r["n"].value) for r in rows}
        rows = live.store.query("SELECT ?t (COUNT(*) AS ?n) { ?s ?t ?o } GROUP BY ?t", default_graph=graphs)
        assert partitions(void.store, node, "property", "triples") == {r["t"]: int(r["n"].value) for r in rows}


def test_each_graph_is_a_subset_with_title_and_licence(void, live):
    subsets = {quad.object.value for quad in void.store.quads_for_pattern(void.node, NamedNode(VOID + "subset"), None)}
    assert subsets == set(live.manifest.graphs)
    licence = [NamedNode(PREFIXES["dcterms"] + "license"), NamedNode(PREFIXES["pe"] + "licenseNote")]
    for graph in subsets:
        said = {quad.predicate for quad in void.store.quads_for_pattern(NamedNode(graph), None, None)}
        assert said.intersection(licence), graph
        assert NamedNode(PREFIXES["dcterms"] + "title") in said, graph


def test_void_leads_to_the_data(void, web, live):
    def told(name):
        return {quad.object.value for quad in void.store.quads_for_pattern(void.node, NamedNode(VOID + name), None)}

    assert told("sparqlEndpoint") == {"http://localhost/sparql"}
    assert len(told("feature")) == len(told("dataDump")) == len(GRAPH_FORMATS)
    for dump in told("dataDump"):
        assert web.head(dump.removeprefix("http://localhost")).status_code == 200, dump
    (made,) = void.store.quads_for_pattern(void.node, NamedNode(PREFIXES["dcterms"] + "modified"), None)
    assert datetime.now(UTC) > datetime.fromisoformat(made.object.value)


def test_partitions_of_two_terms_with_one_local_name_stay_two(open_one):
    """Loaded data may use any namespace."""
    service = open_one()
    one, other = NamedNode("http://one.example/x"), NamedNode("http://other.example/x")
    add(service.data, Quad(one, other, one, NamedNode("http://one.example/graph/seed")))
    add(service.data, Quad(one, one, one, NamedNode("http://other.example/graph/seed")))
    time.sleep(0.6)
    web = Client(over(service))
    store = Store()
    store.bulk_extend(parse(web.get("/.well-known/void").data, format=RdfFormat.TURTLE))
    found = partitions(store, NamedNode("http://localhost/.well-known/void"), "property", "triples")
    assert (found[one], found[other]) == (1, 1)
    told = triples_of(web.get("/sparql"))
    graphs = [t.object for t in told if t.predicate == NamedNode(SD + "graph")]
    assert len(set(graphs)) == len(service.snapshot().manifest.graphs)


# ---- the service description


def test_the_service_description_in_each_format_says_the_same(web, live):
    said = [triples_of(web.get("/sparql", headers={"Accept": form.media_type})) for form in GRAPH_FORMATS]
    assert all(one == said[0] for one in said)
    assert not any(isinstance(term, BlankNode) for triple in said[0] for term in (triple.subject, triple.object))
    store = Store()
    store.bulk_extend(Quad(*triple) for triple in said[0])
    node = NamedNode("http://localhost/sparql")

    def sd(name, subject=node):
        return [quad.object for quad in store.quads_for_pattern(subject, NamedNode(SD + name), None)]

    assert sd("endpoint") == [node]
    assert sd("supportedLanguage") == [NamedNode(SD + "SPARQL11Query")]
    assert sd("feature") == [NamedNode(SD + "UnionDefaultGraph")]
    assert len(set(sd("resultFormat"))) == len(FORMATS)
    assert sd("defaultEntailmentRegime") == [NamedNode("http://www.w3.org/ns/entailment/Simple")]
    (dataset,) = sd("defaultDataset")
    (default,) = sd("defaultGraph", dataset)
    assert number(store, default, "triples") == live.manifest.triples
    named = {}
    for one in sd("namedGraph", dataset):
        (name,), (graph,) = sd("name", one), sd("graph", one)
        named[name.value] = number(store, graph, "triples")
    assert named == live.manifest.graphs


def test_the_service_description_by_head_and_format(web):
    head = web.head("/sparql", headers={"Accept": "text/turtle"})
    assert (head.status_code, head.mimetype, head.data) == (200, "text/turtle", b"")
    assert web.get("/sparql?format=ntriples").mimetype == NTRIPLES.media_type
    assert web.get("/sparql", headers={"Accept": "image/png"}).status_code == 406


# ---- metrics and the log


def metrics(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    families = text_string_to_metric_families(response.text)
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


def requests_of(found, route=None, **labels):
    """Count the requests of `route` in what `metrics` gives."""
    wanted = set(({"route": route} if route else {} | labels).items()) | set(labels.items())
    return sum(value for (name, *told), value in found.items()
               if name == "partnergraph_requests_total" and wanted <= set(told))  # fmt: skip


def test_metrics_count_what_happens(web, live):
    before = metrics(web)
    assert sparql(web, "SELECT (1 AS ?metrics) {}").status_code == 200
    assert sparql(web, "SELECT (1 AS ?metrics) {}").status_code == 200
    assert sparql(web, "SELEC").status_code == 400
    assert web.get("/nowhere").status_code == 404
    after = metrics(web)
    moved = {
        status: requests_of(after, "/sparql", status=status) - requests_of(before, "/sparql", status=status)
        for status in ("200", "400")
    }
    assert moved == {"200": 2, "400": 1}
    assert requests_of(after, outcome="cache") - requests_of(before, outcome="cache") == 1
    assert requests_of(after, "none", status="404") - requests_of(before, "none", status="404") == 1
    seconds = ("partnergraph_request_seconds_count", ("route", "/sparql"))
    assert after[seconds] - before[seconds] == 3
    assert after["partnergraph_snapshot_info", ("id", live.id)] == 1
    assert after["partnergraph_workers",] == 2
    assert after["partnergraph_queries_running",] == after["partnergraph_queries_waiting",] == 0


def test_a_killed_worker_is_counted_by_its_reason(web):
    name = ("partnergraph_worker_kills_total", ("reason", "timeout"))
    before = metrics(web).get(name, 0)
    response = web.get(f"/sparql?timeout=0.3&query={quote(SLOW)}")
    assert (response.status_code, problem(response)) == (503, "timeout-limit")
    assert metrics(web)[name] - before == 1


def lines(running):
    return [json.loads(line) for line in running.log.read_text(encoding="utf-8").splitlines()]


def test_each_request_is_one_line_of_json(web, running):
    query = "SELECT ?long { ?s ?p 'ä\u2028' }\n# " + "x" * 2000
    for _ in range(2):  # the second one is kept
        assert sparql(web, query).status_code == 200
    web.get("/id/nö/%0A?token=hidden")
    first, kept, missing = lines(running)[-3:]
    for line in (first, kept):
        assert line["query"] == query[:500]
        assert (line["method"], line["path"], line["route"], line["status"]) == ("GET", "/sparql", "/sparql", 200)
        assert datetime.fromisoformat(line["time"]) <= datetime.now(UTC)
    assert (first["outcome"], kept["outcome"]) == ("worker", "cache")
    assert first["engine"] == "rows"
    assert "engine" not in kept
    assert first["id"] != kept["id"]
    assert (missing["path"], missing["status"]) == ("/id/nö/\n", 404)
    assert missing["bytes"] > 0
    assert missing["ms"] > 0


def test_the_log_holds_no_secret(web, running, monkeypatch):
    """Neither headers nor what stands behind the question mark, but for the query."""
    monkeypatch.setenv("PARTNERGRAPH_OPERATOR_TOKEN", TOKEN)
    secrets = {"Authorization": f"Bearer {TOKEN}", "Cookie": "session=c00kie", "X-Api-Key": "k3y"}
    for path in ("/-/queries", "/-/settings", "/sparql?query=ASK%7B%7D&access_token=t0ken", "/?access_token=t0ken"):
        assert web.get(path, headers=secrets).status_code == 200
    written = running.log.read_text(encoding="utf-8")
    for secret in (TOKEN, "c00kie", "k3y", "t0ken"):
        assert secret not in written
    assert lines(running)[-1]["path"] == "/"


def test_a_log_that_cannot_be_written_costs_no_answer(open_one):
    service = open_one(log="/dev/full")
    web = Client(over(service))
    assert web.get("/health").status_code == 200
    assert metrics(web)["partnergraph_log_lines_lost_total",] == 1


def test_a_request_s_name_is_in_the_answer_and_in_the_log(web, running):
    for path in ("/health", "/nowhere", "/static/pages.css", "/sparql?query=ASK%7B%7D", "/sparql?query=ASK%7B%7D"):
        name = web.get(path).headers["X-Request-Id"]
        assert lines(running)[-1]["id"] == name


# ---- the operator's rooms

ROOMS = ("/-/queries", "/-/settings", "/-/limits", "/-/versions")


@pytest.mark.parametrize("room", [*ROOMS, "/-/queries/x/cancel"])
@pytest.mark.parametrize(
    ("set_", "sent", "status"),
    [
        (None, None, 403), (None, f"Bearer {TOKEN}", 403), ("", "Bearer ", 403),
        (TOKEN, None, 401), (TOKEN, "Bearer wrong", 401), (TOKEN, f"Basic {TOKEN}", 401), (TOKEN, "Bearer", 401),
        (TOKEN, f"Bearer {TOKEN}ä", 401),
    ],
)  # fmt: skip
def test_nobody_else_gets_into_the_operator_s_rooms(web, monkeypatch, room, set_, sent, status):
    monkeypatch.delenv("PARTNERGRAPH_OPERATOR_TOKEN", raising=False)
    if set_ is not None:
        monkeypatch.setenv("PARTNERGRAPH_OPERATOR_TOKEN", set_)
    method = "POST" if room.endswith("cancel") else "GET"
    response = web.open(room, method=method, headers={"Authorization": sent} if sent else {})
    assert response.status_code == status
    assert ("WWW-Authenticate" in response.headers) == (status == 401)
    assert response.headers["Cache-Control"] == "no-store"


def test_the_operator_gets_in(web, monkeypatch, running):
    monkeypatch.setenv("PARTNERGRAPH_OPERATOR_TOKEN", TOKEN)
    told = {}
    for room in ROOMS:
        response = web.get(room, headers={"Authorization": f"bearer {TOKEN}"})
        assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store"), room
        assert TOKEN not in response.text
        told[room] = response.json
    assert told["/-/limits"]["timeout"] == running.service.settings.timeout
    assert {setting.name for setting in SETTINGS} <= set(told["/-/settings"])
    assert told["/-/versions"]["snapshot"] == running.service.snapshot().id


def wait_for(look, seconds=4.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def test_a_running_query_is_listed_and_cancelled(web, running, monkeypatch):
    """Its asker learns that it was cancelled; the next query has a worker."""
    monkeypatch.setenv("PARTNERGRAPH_OPERATOR_TOKEN", TOKEN)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    answers = []
    asker = threading.Thread(target=lambda: answers.append(sparql(Client(running.app), SLOW + " # cancel")))
    asker.start()
    (found,) = wait_for(lambda: web.get("/-/queries", headers=bearer).json["running"])
    assert found["query"] == SLOW + " # cancel"
    assert 0 <= found["seconds"] < 4
    assert abs(found["began"] - time.time()) < 10
    response = web.post(f"/-/queries/{found['id']}/cancel", headers=bearer)
    assert (response.status_code, response.json) == (200, {"cancelled": found["id"]})
    asker.join()
    assert (answers[0].status_code, problem(answers[0])) == (503, "cancelled")
    assert answers[0].headers["X-Request-Id"] == found["id"]
    gone = web.post(f"/-/queries/{found['id']}/cancel", headers=bearer)
    assert (gone.status_code, problem(gone)) == (404, "not-found")
    assert sparql(web, "ASK {}").status_code == 200


def test_slow_queries_are_remembered(web, monkeypatch):
    monkeypatch.setenv("PARTNERGRAPH_OPERATOR_TOKEN", TOKEN)
    web.get(f"/sparql?timeout=1.2&query={quote(SLOW + ' # slow')}")
    slow = web.get("/-/queries", headers={"Authorization": f"Bearer {TOKEN}"}).json["slow"]
    assert [one["seconds"] for one in slow] == sorted((one["seconds"] for one in slow), reverse=True)
    (mine,) = (one for one in slow if one["query"].endswith("# slow"))
    assert 1.0 < mine["seconds"] < 4


# ---- kept answers and flights


def from_cache(client):
    return requests_of(metrics(client), outcome="cache")


def test_the_second_equal_request_is_answered_from_what_was_kept(web):
    query, before = "SELECT * { ?s ?p ?o } LIMIT 7", from_cache(web)
    first, second = sparql(web, query), sparql(web, query)
    assert from_cache(web) - before == 1
    assert first.data == second.data
    same = [(n, v) for n, v in first.headers if n not in ("X-Request-Id", "Date")]
    assert [(n, v) for n, v in second.headers if n not in ("X-Request-Id", "Date")] == same
    tag = first.headers["ETag"]
    assert tag.startswith("W/")
    for sent in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = sparql(web, query, **{"If-None-Match": sent})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag), sent
        assert {"Vary", "Cache-Control", "Content-Security-Policy"} <= set(again.headers.keys())
    assert sparql(web, query, **{"If-None-Match": '"other"'}).status_code == 200
    head = web.head(f"/sparql?query={quote(query)}")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(first.data))


def test_answers_are_kept_by_what_was_asked_for(web):
    """Another Accept, another format, another query: each is answered as if it were alone."""
    query = "SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 3"
    for _ in range(2):
        assert sparql(web, query, Accept="text/csv").mimetype == "text/csv"
        assert sparql(web, query, Accept="application/sparql-results+json").json["head"]["vars"] == ["s"]
        assert web.get(f"/sparql?format=tsv&query={quote(query)}").mimetype == "text/tab-separated-values"
        assert sparql(web, query, Accept="image/png").status_code == 406
    assert "Accept" in ", ".join(sparql(web, query).headers.getlist("Vary")).split(", ")


def test_a_query_that_is_never_the_same_is_not_kept(web):
    first, second = (sparql(web, "SELECT (STRUUID() AS ?u) {}") for _ in range(2))
    assert first.data != second.data
    assert first.headers["Cache-Control"] == "no-store"


def test_a_publish_forgets_what_was_kept(open_one):
    service = open_one(timeout=60.0)  # new workers may take their time on a machine that has much to do
    web = Client(over(service))
    query = "SELECT (COUNT(*) AS ?n) { ?s a <https://example.org/Added> }"
    tags = []
    for step in range(2):
        added = add(service.data, one_more(step))
        until = time.monotonic() + 20
        while service.snapshot().id != added.id and time.monotonic() < until:
            time.sleep(0.05)
        for _ in range(2):
            response = sparql(web, query, Accept="text/csv")
            assert response.text.split() == ["n", str(step + 1)]
        tags.append(response.headers["ETag"])
    assert tags[0] != tags[1]
    assert sparql(web, query, Accept="text/csv", **{"If-None-Match": tags[0]}).status_code == 200
    assert from_cache(web) == 3


ZIPPED = ["/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D", "/graphs?default", "/", "/export/all.nq",
          "/static/pages.css", "/.well-known/void", "/openapi.json"]  # fmt: skip


CODINGS = {"gzip": gzip.decompress, "zstd": zstandard.decompress}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("path", ZIPPED)
def test_a_compressed_answer_holds_the_same_bytes(web, path, coding):
    plain = web.get(path, buffered=True)
    small = web.get(path, headers={"Accept-Encoding": f"br, {coding};q=0.5"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == coding
    assert CODINGS[coding](small.data) == plain.data
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data)
    for response in (plain, small):
        assert "Accept-Encoding" in ", ".join(response.headers.getlist("Vary")).split(", ")
    tag = small.headers["ETag"]
    assert tag == "W/" + plain.headers["ETag"].removeprefix("W/")
    again = web.get(path, headers={"Accept-Encoding": coding, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("accept", ["", "gzip;q=0", "br", "identity", "xgzip", "zstd;q=0, gzip;q=0"])
def test_who_takes_neither_gets_it_as_it_is(web, accept):
    response = web.get("/graphs?default", headers={"Accept-Encoding": accept})
    assert "Content-Encoding" not in response.headers
    assert triples_of(response)


@pytest.mark.parametrize(
    ("accept", "coding"),
    [("gzip, deflate, br, zstd", "zstd"), ("gzip;q=1, zstd;q=0.9", "gzip"), ("gzip, zstd;q=0", "gzip")],
)
def test_of_two_codings_the_client_prefers(web, accept, coding):
    assert web.get("/graphs?default", headers={"Accept-Encoding": accept}).headers["Content-Encoding"] == coding


def test_a_part_of_a_file_is_not_compressed(web):
    """A part is counted in bytes of the whole: compressed it could not be put together again."""
    whole = web.get("/static/pages.css").data
    part = web.get("/static/pages.css", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-1999"})
    if part.status_code == 206:
        assert part.data == whole[:2000]
    assert compression.wanted("gzip", [("Content-Type", "text/css"), ("Content-Range", "bytes 0-1999/9")], 2000) is None


def test_eight_equal_slow_queries_are_one(running, monkeypatch):
    """A thundering herd: one execution, eight equal answers."""
    pool, asked = running.service.pool, []
    original = pool.ask
    monkeypatch.setattr(pool, "ask", lambda *given: asked.append(given[0].text) or original(*given))
    query = slow_enough(Client(running.app)) + " # herd"
    asked.clear()
    answers, start = [], threading.Barrier(8)

    def ask():
        client = Client(running.app)
        start.wait()
        answers.append(sparql(client, query))

    herd = [threading.Thread(target=ask) for _ in range(8)]
    for thread in herd:
        thread.start()
    for thread in herd:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.data for answer in answers}) == 1
    assert asked == [query]


def test_a_herd_that_is_too_slow_costs_one_worker(web, running):
    name = ("partnergraph_worker_kills_total", ("reason", "timeout"))
    before = metrics(web).get(name, 0)
    answers = []
    path = f"/sparql?timeout=0.7&query={quote(SLOW + ' # slow herd')}"
    herd = [threading.Thread(target=lambda: answers.append(Client(running.app).get(path))) for _ in range(4)]
    for thread in herd:
        thread.start()
    for thread in herd:
        thread.join()
    assert [problem(answer) for answer in answers] == ["timeout-limit"] * 4
    assert metrics(web)[name] - before == 1


def slow_enough(client):
    """Give a query that takes about half a second here."""
    size = 400
    while True:
        query, began = CROSS.format(size), time.monotonic()
        assert sparql(client, query).status_code == 200
        if time.monotonic() - began > 0.4:
            return query
        size = size * 3 // 2


# ---- versions by name


@pytest.fixture(scope="module")
def two_versions(open_one):
    """A service whose live version holds one statement more than an older one that it keeps."""
    service = open_one()
    old = service.snapshot().id
    add(service.data, one_more(1))
    time.sleep(0.6)
    return SimpleNamespace(web=Client(over(service)), old=old, new=service.snapshot().id, service=service)


def test_a_version_answers_queries_by_its_name(two_versions):
    query = "SELECT (COUNT(*) AS ?n) { ?s a <https://example.org/Added> }"
    for _ in range(2):
        for prefix, expected in (("", 1), (f"/snapshot/{two_versions.new}", 1), (f"/snapshot/{two_versions.old}", 0)):
            response = sparql(two_versions.web, query, prefix + "/sparql", Accept="text/csv")
            assert (response.status_code, response.text.split()) == (200, ["n", str(expected)]), prefix


def test_a_version_is_exported_and_described_by_its_name(two_versions):
    web, base = two_versions.web, f"/snapshot/{two_versions.old}"
    now, then = web.get("/export/all.nq"), web.get(base + "/export/all.nq")
    assert set(now.data.splitlines()) - set(then.data.splitlines()) == {str(one_more(1)).encode() + b" ."}
    assert len(web.get(base + "/graphs?default&format=ntriples").data.splitlines()) + 1 == len(
        web.get("/graphs?default&format=ntriples").data.splitlines()
    )
    endpoint = triples_of(web.get(base + "/sparql"))
    assert NamedNode(f"http://localhost{base}/sparql") in {triple.subject for triple in endpoint}


def test_links_in_a_version_stay_in_it(two_versions):
    web, base = two_versions.web, f"/snapshot/{two_versions.old}"
    thing = web.get("/openapi.json").json["paths"]["/id/{kind}/{name}"]["get"]["parameters"]
    kind, name = (one["examples"]["example-1"]["value"] for one in thing[:2])
    first = web.get(f"{base}/id/{kind}/{name}", headers={"Accept": "text/html"})
    assert (first.status_code, first.headers["Location"]) == (303, f"{base}/id/{kind}/{name}.html")
    pages = [first.headers["Location"], base + "/", base + "/class/", base + "/sources", base + "/export"]
    for page in pages:
        text = web.get(page).text
        links = set(re.findall(r'(?:href|src|action)="(/[^"]*)"', text))
        assert len(links) > 5
        assert all(link.startswith(base + "/") for link in links), (page, links)
    canonical = web.get(pages[0]).headers["Link"]
    assert canonical == f'<http://localhost/id/{kind}/{name}.html>; rel="canonical"'


def test_a_version_is_cached_for_a_day(two_versions):
    """Not for a year: what must be forgotten has to go from caches too."""
    web = two_versions.web
    for path in ("/", "/export/all.nt", "/sparql?query=ASK%7B%7D", "/graphs?default", "/.well-known/void"):
        now, then = web.get(path), web.get(f"/snapshot/{two_versions.old}{path}")
        assert then.headers["Cache-Control"] == "public, max-age=86400", path
        assert now.headers["Cache-Control"] == "public, max-age=0, must-revalidate", path
        assert now.headers["ETag"] != then.headers["ETag"], path


@pytest.mark.parametrize("name", ["20200101T000000000000-00000000", "..", ".staging-x", "%2e%2e", "", "a/b"])
def test_a_version_that_is_not_here_is_not_found(two_versions, name):
    response = two_versions.web.get(f"/snapshot/{name}/sparql?query=ASK%7B%7D")
    assert response.status_code == 404
    assert problem(response) == "not-found"
    assert response.json["type"] == "/problems/not-found"


def test_the_type_of_a_problem_is_the_same_in_every_version(two_versions):
    now = two_versions.web.get("/id/nothing/here")
    then = two_versions.web.get(f"/snapshot/{two_versions.old}/id/nothing/here")
    assert now.json["type"] == then.json["type"] == "/problems/not-found"


# ---- crawlers, headers


def test_robots_are_asked_to_leave_alone_what_has_no_end(web):
    text = web.get("/robots.txt").text
    assert text.startswith("User-agent: *\n")
    rules = [line.removeprefix("Disallow: ") for line in text.splitlines()[1:]]
    for path in ("/sparql", "/search", "/snapshot/", "/-/", "/graphs", "/links", "/why"):
        assert path in rules
    assert not any("/id/organization/x".startswith(rule) or "/class/".startswith(rule) for rule in rules)


def addresses(client):
    """Give one address of each route that can be read, from the description of the service."""
    for path, item in client.get("/openapi.json").json["paths"].items():
        if "get" in item:
            names = {one["name"]: one for one in item["get"].get("parameters", []) if "examples" in one}
            values = {name: one["examples"]["example-1"]["value"] for name, one in names.items()}
            query = "&".join(f"{n}={quote(v, safe='')}" for n, v in values.items() if names[n]["in"] == "query")
            yield path.format(**values) + ("?" + query if query else "")


SAFE = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Access-Control-Allow-Origin": "*",
}  # fmt: skip


def test_every_answer_has_the_security_headers(web, running, monkeypatch):
    """Every route, static files, errors of every kind, and what comes from kept answers."""
    paths = list(addresses(web))
    assert len(paths) == len({row.endpoint for row in ROUTES if row.method == "get"})
    for path in [*paths, *paths, "/nowhere", "/static/none.css", "/sparql?query=SELEC", "/sparql?query=ASK%7B%7D&x=\n"]:
        check_headers(web.get(path), path)
    check_headers(web.open("/health", method="PROPFIND"), "405")
    check_headers(web.post("/sparql", data=b"x" * 2_000_000, content_type="application/sparql-query"), "413")
    check_headers(web.options("/sparql"), "options")

    def broken():
        raise RuntimeError("a fault with a secret in it")

    monkeypatch.setattr(running.service, "snapshot", broken)
    failed = web.get("/sources")
    assert (failed.status_code, problem(failed)) == (500, "internal-error")
    assert "secret" not in failed.text
    check_headers(failed, "500")


def check_headers(response, where):
    for name, value in SAFE.items():
        assert response.headers.get(name) == value, (where, response.status_code, name)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy, where
    assert "'unsafe-inline'" not in policy.split("style-src")[0], where
    assert response.headers["X-Request-Id"], where
    if response.headers.get("Server"):
        assert "/" not in response.headers["Server"], where


# ---- the address that clients see

PUBLIC = "https://data.example.org/graph"
INNER = ("localhost", "127.0.0.1", "inner.invalid", ":8000", ":8043")


@pytest.fixture(scope="module")
def proxied(running):
    """The service as one behind https://data.example.org/graph."""
    settings = SimpleNamespace(public_url=PUBLIC)
    return Client(published(over(running.service), settings.public_url))


@pytest.mark.parametrize("kept", [True, False], ids=["the proxy keeps the sub-path", "the proxy takes it off"])
def test_no_inner_address_is_in_any_body(proxied, web, kept):
    """Whatever Host the proxy sends, and whatever a client makes up."""
    made_up = {"Host": "inner.invalid:8043", "X-Forwarded-Host": "inner.invalid", "X-Forwarded-Prefix": "/localhost"}
    seen = 0
    for path in [*addresses(web), "/nowhere", "/id/nothing/here", "/sparql?query=SELEC"]:
        if not kept and path.startswith("/graph/"):
            continue  # which is why the documents ask for a proxy that keeps it
        response = proxied.get(("/graph" if kept else "") + path, headers=made_up)
        direct = web.get(path)
        assert response.status_code == direct.status_code, path
        if path.startswith(("/static", "/export")):
            continue
        seen += 1
        for inner in INNER:
            assert inner not in response.text, (path, inner)
            assert inner not in str(response.headers), (path, inner)
        for link in re.findall(r'(?:href|src|action)="(/[^"]*)"', response.text):
            assert link.startswith("/graph/"), (path, link)
        if response.status_code == 303:
            assert response.headers["Location"].startswith("/graph/")
    assert seen > 20


def test_what_names_the_service_is_its_public_address(proxied):
    node = NamedNode(f"{PUBLIC}/sparql")
    assert node in {triple.subject for triple in triples_of(proxied.get("/graph/sparql"))}
    void = triples_of(proxied.get("/graph/.well-known/void"))
    assert (NamedNode(VOID + "sparqlEndpoint"), node) in {(t.predicate, t.object) for t in void}
    assert proxied.get("/graph/openapi.json").json["servers"][0]["url"] == PUBLIC
    assert proxied.get("/graph/nowhere").json["type"] == "/graph/problems/not-found"
    assert proxied.get("/graph/").headers["Link"] == f'<{PUBLIC}/>; rel="canonical"'
    assert proxied.get("/graph").status_code == 200
    assert "Disallow: /graph/sparql\n" in proxied.get("/graph/robots.txt").text
    version = proxied.get("/graph/health").json["snapshot"]
    pinned = proxied.get(f"/graph/snapshot/{version}/sparql")
    assert NamedNode(f"{PUBLIC}/snapshot/{version}/sparql") in {triple.subject for triple in triples_of(pinned)}


def test_kept_answers_serve_behind_a_proxy_too(proxied, web):
    before = from_cache(web)
    for _ in range(3):
        assert proxied.get("/graph/sparql?query=ASK%7B%7D%20%23proxied").status_code == 200
    assert from_cache(web) - before == 2


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/?utm_source=x", "/"),
        ("/class/?after=1&x=y", "/class/?after=1"),
        ("/search?kind=program&q=a%20b&sort=x", "/search?q=a+b&kind=program"),
        ("/sparql", "/sparql"),
    ],
)
def test_a_page_names_its_one_address(web, path, canonical):
    """Parameters that do not make another page are left out, and the order is ours: one page, one address."""
    response = web.get(path, headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["Link"]) == (200, f'<http://localhost{canonical}>; rel="canonical"')


def test_only_pages_that_are_there_name_an_address(web):
    for path in ("/nowhere", "/sparql?query=ASK%7B%7D", "/health", "/search?q=" + "x" * 3000):
        assert "Link" not in web.get(path).headers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""), ("https://example.org", "https://example.org"), ("https://example.org/", "https://example.org"),
        ("http://[::1]:8080/a/b/", "http://[::1]:8080/a/b"),
        ("example.org", None), ("ftp://example.org", None), ("https://", None), ("https://u:p@example.org", None),
        ("https://example.org/?x", None), ("https://example.org/#x", None), ("https://example.org:99999", None),
        ("https://example.org//a", None), ("https://exämple.org", None), ("https://example.org/a\nb", None),
    ],
)  # fmt: skip
def test_a_public_address_is_checked(text, value):
    setting = next(row for row in SETTINGS if row.name == "public_url")
    if value is None:
        with pytest.raises(ValueError, match="PARTNERGRAPH_PUBLIC_URL"):
            read_setting(setting, text)
    else:
        assert read_setting(setting, text) == value
        assert from_environment({"PARTNERGRAPH_PUBLIC_URL": text}).public_url == value


def test_documents_have_the_names_of_files(web):
    """What a browser saves is called after what it is."""
    assert 'filename="default.trig"' in web.get("/graphs?default&format=trig").headers["Content-Disposition"]
    assert web.get("/graphs?default&format=trig").mimetype == TRIG.media_type
    assert web.get("/graphs?default&format=ttl").mimetype == TURTLE.media_type

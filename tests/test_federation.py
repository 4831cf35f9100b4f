"""SERVICE: closed unless the operator lists endpoints; then these, at their addresses, within the query's limits.

The oracle is the bare engine, which asks endpoints by itself where nobody stops it.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote

import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, Store
from werkzeug.test import Client

from graph.command import cli
from graph.engine import federation, policy
from graph.engine.question import EndpointFailed, Fetched
from server.federation import Endpoints, checked, pinned
from server.serve import over
from server.service import open_service
from server.settings import Settings
from tests.benchmarks.canary import Canary

RESULTS = "application/sparql-results+json"
EX = "http://example.org/"


def solution(term):
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": term}]}}).encode()


class Handler(BaseHTTPRequestHandler):
    """A SPARQL endpoint; other paths misbehave, each in its own way."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        plain = self.headers["Content-Type"] == "application/sparql-query"  # so says the engine
        query = body if plain else parse_qs(body)["query"][0]
        self.server.asked.append(query)
        way = getattr(self, self.path.strip("/"))
        way(query)

    def sparql(self, query):
        self.send(self.server.store.query(query).serialize(format=QueryResultsFormat.JSON))

    def send(self, body, status=200, kind=RESULTS, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, query):
        self.send(b"", 307, Location=self.server.canary)

    def error(self, query):
        self.send(b"{}", 500)

    def page(self, query):
        self.send(b"<html>", kind="text/html")

    def nonsense(self, query):
        self.send(b'{"head": ')

    def yes(self, query):
        self.send(b'{"head": {}, "boolean": true}')

    def blank(self, query):
        self.send(solution({"type": "bnode", "value": "b"}))

    def inject(self, query):
        self.send(solution({"type": "uri", "value": f"x:> }} SERVICE <{self.server.canary}> {{ ?a ?b ?c . <x:"}))

    def large(self, query):
        self.send(b" " * (9 << 20))

    def short(self, query):
        self.send(b'{"head": {"vars": []}, "results": {"bindings": []}}', **{"Content-Length": "999"})

    def silent(self, query):
        self.server.stop.wait(20)

    def drip(self, query):
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
        while not self.server.stop.wait(0.2):
            self.wfile.write(b"x")
            self.wfile.flush()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def canary():
    with Canary() as one:
        yield one


@pytest.fixture(scope="module")
def elsewhere(canary):
    """Another endpoint, at `url`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.store, server.asked, server.canary, server.stop = Store(), [], canary.address, threading.Event()
    server.handle_error = lambda *_: None  # who asked has left
    for n, value in enumerate((Literal("a\"\\\nb"), Literal("é", language="fr"), Literal(7), NamedNode(EX + "o"))):
        server.store.add(Quad(NamedNode(f"{EX}s{n}"), NamedNode(EX + "p"), value))
    server.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.stop.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def web(elsewhere, second_data):
    ways = [name for name in vars(Handler) if not name.startswith(("_", "do_", "send", "log"))]
    listed = " ".join(elsewhere.url + way for way in ways)
    service = open_service(Settings(data_dir=second_data.path, workers=2, timeout=4.0, service=listed))
    yield Client(over(service))
    service.pool.close()


@pytest.fixture(scope="module")
def closed(second_data):
    service = open_service(Settings(data_dir=second_data.path, workers=1))
    yield Client(over(service))
    service.pool.close()


def ask(client, query, accept="text/csv", **more):
    return client.get("/sparql?query=" + quote(query) + "".join(f"&{k}={v}" for k, v in more.items()),
                      headers={"Accept": accept})  # fmt: skip


def kind(reply):
    return reply.json["type"].rsplit("/", 1)[-1]


ONE = [
    "SELECT * { SERVICE @ { ?s ex:p ?o } }",
    "SELECT * { SERVICE @ { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } }",
    "SELECT * { VALUES ?s { ex:s1 ex:s3 ex:none } SERVICE SILENT @ { ?s ex:p ?o FILTER(isIRI(?o)) } }",
    "SELECT ?s { VALUES ?s { ex:s1 ex:none } FILTER EXISTS { SERVICE @ { ?s ex:p ?o } } }",
    "SELECT * { VALUES ?s { ex:s1 ex:none } OPTIONAL { SERVICE @ { ?s ?p ?o } } }",
    "SELECT * { { SERVICE @ { ex:s0 ex:p ?o } } UNION { SERVICE @ { ?x ex:p 7 } } }",
    "SELECT * { SERVICE @ { ex:s0 ex:p ?o . } # SERVICE <http://no/> {\n }",
    "SELECT * { SERVICE @ { ?s ex:p '} SERVICE <http://no/> {' } }",
    "SELECT (COUNT(*) AS ?n) { SERVICE @ { ex:s0 ?p ?o BIND('x' AS ?y) } SERVICE @ { ?a ?b ?c } }",
    "ASK { SERVICE @ {} }",
    "ASK { SERVICE @ { ex:none ?p ?o } }",
]


@pytest.mark.parametrize("text", ONE)
def test_calls_give_what_the_bare_engine_gives(elsewhere, text):
    url = f"<{elsewhere.url}sparql>"
    text = f"PREFIX ex: <{EX}>\n" + text.replace("@", url)
    reading = policy.read(text, [url[1:-1]])
    assert reading.calls
    fetched = Endpoints(url[1:-1] + " 127.0.0.1").fetch(reading.calls, time.monotonic() + 5)
    inside = federation.with_solutions(text, fetched)
    policy.read(inside)
    assert told(Store().query(inside)) == told(Store().query(text))


def told(found):
    document = json.loads(found.serialize(format=QueryResultsFormat.JSON))
    if "boolean" in document:
        return document["boolean"]
    return sorted(json.dumps(row, sort_keys=True) for row in document["results"]["bindings"])


def test_a_listed_endpoint_is_asked_and_the_answer_is_joined(web, elsewhere, canary):
    query = f"""PREFIX ex: <{EX}> SELECT ?s ?o {{ VALUES ?s {{ ex:s2 ex:s3 }}
        SERVICE <{elsewhere.url}sparql> {{ ?s ex:p ?o }} }} ORDER BY ?s"""
    for _ in range(2):
        elsewhere.asked.clear()
        reply = ask(web, query)
        assert (reply.status_code, reply.text.split()) == (200, ["s,o", f"{EX}s2,7", f"{EX}s3,{EX}o"])
        assert reply.headers["Cache-Control"] == "no-store" and "ETag" not in reply.headers
        assert len(elsewhere.asked) == 1, "what another endpoint says is asked for each time"
    assert canary.touched == 0


def test_columns_keep_the_order_of_mention(web, elsewhere):
    reply = ask(web, f"SELECT * {{ SERVICE <{elsewhere.url}sparql> {{ ?z <{EX}p> ?a }} }} LIMIT 1")
    assert reply.text.splitlines()[0] == "z,a"


def test_a_long_query_is_read_by_a_worker_and_calls_too(web, elsewhere):
    reply = ask(web, f"SELECT ?o {{ SERVICE <{elsewhere.url}sparql> {{ <{EX}s2> ?p ?o }} }} #" + "x" * 9000)
    assert (reply.status_code, reply.text.split()) == (200, ["o", "7"])


@pytest.mark.parametrize("form", [
    "SELECT * { SERVICE <C> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <C> { ?s ?p ?o } }",
    "SELECT * { BIND(<C> AS ?e) SERVICE ?e { ?s ?p ?o } }",
    "SELECT * { VALUES ?e { <L> } SERVICE ?e { ?s ?p ?o } }",
    "SELECT * { SERVICE <L> { SERVICE <C> { ?s ?p ?o } } }",
    "SELECT * { SERVICE <L> { SERVICE <L> { ?s ?p ?o } } }",
    "SELECT * { SERVICE <L#x> { ?s ?p ?o } }",
    "SELECT * { SERVICE <L?x> { ?s ?p ?o } }",
    "SELECT * { SERVICE <L> { ?s ?p ?o } FILTER(?a<1)SERVICE#>\n<C>{?x ?y ?z} }",
    "PREFIX p: <C> SELECT * { SERVICE p: { ?s ?p ?o } }",
    "BASE <C> SELECT * { SERVICE <sparql> { ?s ?p ?o } }",
    "BASE <L> SELECT * { SERVICE <//C> { ?s ?p ?o } }",
])  # fmt: skip
def test_nothing_else_is_asked(web, closed, elsewhere, canary, form):
    """Refused by name, SILENT or not, whether the list is empty or not; and the listener never hears of it."""
    text = form.replace("//C", canary.address.partition(":")[2]).replace("C>", canary.address + ">")
    text = text.replace("<L", f"<{elsewhere.url}sparql")
    elsewhere.asked.clear()
    for client in (web, closed):
        reply = ask(client, text)
        assert (reply.status_code, kind(reply)) == (403, "service-refused"), reply.text
        assert reply.json["refused"] == "SERVICE"
    assert (canary.touched, elsewhere.asked) == (0, [])


def test_without_a_list_no_endpoint_is_asked(closed, elsewhere):
    elsewhere.asked.clear()
    assert ask(closed, f"ASK {{ SERVICE <{elsewhere.url}sparql> {{ ?s ?p ?o }} }}").status_code == 403
    assert elsewhere.asked == []


@pytest.mark.parametrize("way", ["redirect", "error", "page", "nonsense", "yes", "blank", "inject", "large", "short"])
def test_an_endpoint_that_fails_fails_the_query_unless_it_may(web, elsewhere, canary, way):
    """https://www.w3.org/TR/sparql11-federated-query/#defn_service: SILENT gives one solution that binds nothing."""
    call = f"SERVICE {{}} <{elsewhere.url}{way}> {{{{ ?x ?y ?z }}}}"
    reply = ask(web, f"SELECT * {{ VALUES ?a {{ 1 2 }} {call.format('')} }}", "application/json")
    assert (reply.status_code, kind(reply)) == (502, "endpoint-failed"), reply.text
    assert elsewhere.url + way in reply.json["detail"]
    reply = ask(web, f"SELECT ?a ?x {{ VALUES ?a {{ 1 2 }} {call.format('SILENT')} }}")
    assert (reply.status_code, reply.text.split()) == (200, ["a,x", "1,", "2,"])
    assert canary.touched == 0


@pytest.mark.parametrize("way", ["silent", "drip"])
@pytest.mark.parametrize("may", ["", "SILENT"])
def test_waiting_for_an_endpoint_is_over_with_the_deadline(web, elsewhere, way, may):
    began = time.monotonic()
    reply = ask(web, f"ASK {{ SERVICE {may} <{elsewhere.url}{way}> {{ ?x ?y ?z }} }}", RESULTS, timeout=0.5)
    assert (reply.status_code, kind(reply)) == (503, "timeout-limit"), reply.text
    assert time.monotonic() - began < 1.5


def test_the_address_is_that_of_the_list_whatever_the_name_means(elsewhere):
    """The name has no address at all, so nobody looked it up."""
    url = f"http://triples.invalid:{elsewhere.server_port}/sparql"
    call = policy.read(f"ASK {{ SERVICE <{url}> {{ ?s ?p ?o }} }}", [url]).calls
    (found,) = Endpoints(pinned(f"{url} 127.0.0.1")).fetch(call, time.monotonic() + 5)
    assert found.body and b"bindings" in found.body


@pytest.mark.parametrize(("text", "why"), [
    ("http://localhost/sparql", "no public address"),
    ("http://triples.invalid/", "no address"),
])  # fmt: skip
def test_a_name_must_mean_a_public_address(text, why):
    with pytest.raises(ValueError, match=why):
        pinned(text)


def test_private_addresses_are_for_the_operator_to_say():
    assert pinned("http://localhost/a 127.0.0.1 ::1 http://127.0.0.1:8/b") == \
        "http://localhost/a 127.0.0.1 ::1 http://127.0.0.1:8/b 127.0.0.1"  # fmt: skip
    assert Endpoints(pinned("http://10.0.0.1/a http://[::1]/b")).names == ("http://10.0.0.1/a", "http://[::1]/b")


@pytest.mark.parametrize("text", ["ftp://x/", "10.0.0.1", "http://x/ y", "http:///x", "http://a:b@x/", "http://x/#a"])
def test_what_is_no_list_of_endpoints(text):
    with pytest.raises(ValueError, match=r"."):
        checked(text)


def test_no_endpoint_s_text_comes_into_the_query():
    """What it sends is read as terms by the engine, which refuses what is none."""
    text, hostile = "SELECT * { SERVICE <http://e/> { ?x ?y ?z } }", '" } SERVICE <http://c/> { ?a ?b ?c . <x:'
    (call,) = policy.read(text, ["http://e/"]).calls
    for kind_, good in (("literal", True), ("uri", False)):
        body = solution({"type": kind_, "value": hostile})
        fetched = [Fetched(call.at, call.end, call.endpoint, False, call.variables, body)]
        if good:
            inside = federation.with_solutions(text, fetched)
            policy.read(inside)
            assert [row["x"] for row in Store().query(inside)] == [Literal(hostile)]
        else:
            with pytest.raises(EndpointFailed):
                federation.with_solutions(text, fetched)


def test_the_service_description_says_whether_others_may_be_asked(web, closed):
    assert "BasicFederatedQuery" in web.get("/sparql?format=turtle").text
    assert "BasicFederatedQuery" not in closed.get("/sparql?format=turtle").text


def test_a_name_without_a_public_address_is_told_before_anything_is_built(tmp_path):
    found = CliRunner().invoke(cli, ["serve", "--data-dir", str(tmp_path), "--service", "http://localhost/sparql"])
    assert found.exit_code == 3 and "localhost means" in found.output
    assert list(tmp_path.iterdir()) == []

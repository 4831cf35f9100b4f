"""An answer in a browser: a table that says which rows it shows, and the whole of it a link away; without scripts."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from graph.names import ONTOLOGY
from server.serve import over
from server.service import open_service
from server.settings import Settings

PEOPLE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"


@pytest.fixture(scope="module")
def web(second_data):
    service = open_service(Settings(data_dir=second_data.path, workers=2, timeout=5.0))
    yield Client(over(service))
    service.pool.close()


def ask(web, query, more="", **headers):
    return web.get(f"/sparql?query={quote(query)}{more}", headers={**PEOPLE, **headers})


class Rows(HTMLParser):
    """The rows of the page's table, as texts."""

    def __init__(self, text):
        super().__init__()
        self.rows, self._in = [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._in = True

    def handle_endtag(self, tag):
        self._in = self._in and tag not in ("td", "th")

    def handle_data(self, data):
        if self._in:
            self.rows[-1][-1] += data


def shown(page):
    return Rows(page.text).rows


def test_a_small_answer_is_whole_with_its_things_linked_by_their_names(web, second):
    query = f"SELECT ?thing ?name {{ ?thing a <{ONTOLOGY}Partner> ; {LABEL} ?name }} ORDER BY ?name LIMIT 5"
    page = ask(web, query)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    head, *rows = shown(page)
    assert head == ["thing", "name"] and len(rows) == 5
    assert all(thing == name for thing, name in rows), "a thing is shown by its name"
    assert len(re.findall(r'<td><a href="/id/organization/', page.text)) == 5
    assert "5 rows." in page.text


def test_every_row_of_a_long_answer_is_on_one_of_its_pages(web):
    query = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 250"
    whole = web.get(f"/sparql?query={quote(query)}&format=csv").text.splitlines()
    assert len(whole) == 251
    found = []
    for number in (1, 2, 3):
        page = ask(web, query, f"&page={number}")
        rows = shown(page)[1:]
        assert f"Rows {len(found) + 1} to {len(found) + len(rows)} of 250." in page.text
        found += rows
        assert all(len(row) == 3 for row in rows)
    assert len(found) == 250
    assert ask(web, query, "&page=4").status_code == 404
    assert 'rel="next"' in ask(web, query).text


def test_the_whole_answer_is_one_link_away_in_each_format(web):
    query = "SELECT ?s { ?s ?p ?o } LIMIT 101"
    page = ask(web, query)
    links = [html.unescape(link) for link in re.findall(r'href="(/sparql\?[^"]*format=[^"]*)"', page.text)]
    assert {link.rsplit("=", 1)[1] for link in links} == {"json", "xml", "csv", "tsv"}
    csv = next(link for link in links if link.endswith("csv"))
    assert len(web.get(csv).text.splitlines()) == 102


def test_an_answer_too_large_for_pages_says_so(web):
    query = "SELECT * { { SELECT * { ?a ?b ?c } LIMIT 200 } { SELECT * { ?d ?e ?f } LIMIT 200 } }"
    page = ask(web, query)
    assert page.status_code == 200 and len(shown(page)) == 101
    assert "The first 100 rows of an answer that is too large for pages" in page.text
    assert ask(web, query, "&page=2").status_code == 404


@pytest.mark.parametrize(("query", "says"), [
    ("ASK { ?s ?p ?o }", '<p class="verdict">Yes</p>'),
    ("ASK { ?s ?p <x:nothing> }", '<p class="verdict">No</p>'),
    ("SELECT ?x { ?x <x:nothing> ?y }", "The answer is empty"),
    ("SELECT (1 AS ?n) {}", "One row."),
])  # fmt: skip
def test_what_is_no_table(web, query, says):
    assert says in ask(web, query).text


def test_a_graph_is_a_table_of_statements(web):
    page = ask(web, f"CONSTRUCT WHERE {{ ?s {LABEL} ?o }} LIMIT 3")
    assert shown(page)[0] == ["subject", "property", "object"] and len(shown(page)) == 4
    assert "format=turtle" in page.text


HOSTILE = '"><script>alert(1)</script>'


def test_no_text_of_anybody_is_markup(web):
    page = ask(web, f"SELECT ('{HOSTILE}' AS ?x) (IRI('javascript:alert(1)') AS ?y) {{}} #{HOSTILE}")
    assert page.status_code == 200 and HOSTILE in shown(page)[1][0]
    assert "<script>" not in page.text and 'href="javascript' not in page.text


def test_an_unbound_variable_is_an_empty_cell(web):
    assert shown(ask(web, "SELECT ?a ?b { VALUES (?a ?b) { (1 UNDEF) (UNDEF 2) } }"))[1:] == [["1", ""], ["", "2"]]


@pytest.mark.parametrize(("query", "status", "says"), [
    ("SELECT ?x { ?x foo:bar ?y }", 400, "the prefix foo: is not declared"),
    ("ASK { SERVICE <http://x/> { ?s ?p ?o } }", 403, "SERVICE is refused"),
    ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", 503, "The timeout limit was reached"),
])  # fmt: skip
def test_a_query_that_has_no_answer_is_there_to_be_mended(web, query, status, says):
    page = ask(web, query, "&timeout=0.3")
    assert page.status_code == status and says in page.text
    assert html.escape(query) in page.text, "the query is not lost"
    assert page.headers["Cache-Control"] == "no-store"


def test_a_page_is_known_again_and_a_volatile_one_is_not(web):
    query = "SELECT ?s { ?s ?p ?o } LIMIT 150"
    first, second = ask(web, query), ask(web, query, "&page=2")
    assert first.headers["ETag"] != second.headers["ETag"]
    assert ask(web, query, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert ask(web, query, "&page=2", **{"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert ask(web, "SELECT (RAND() AS ?x) {}").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("more", "headers", "kind"), [
    ("", PEOPLE, "text/html"),
    ("&format=html", {}, "text/html"),
    ("&format=csv", PEOPLE, "text/csv"),
    ("", {"Accept": "*/*"}, "application/sparql-results+json"),
    ("", {}, "application/sparql-results+json"),
    ("", {"Accept": "text/csv, text/html;q=0.5"}, "text/csv"),
])  # fmt: skip
def test_who_gets_the_page(web, more, headers, kind):
    assert web.get(f"/sparql?query={quote('SELECT ?s {}')}{more}", headers=headers).mimetype == kind


def test_a_query_may_be_opened_and_not_run(web):
    page = ask(web, "SELECT ?x { broken", "&edit=1")
    assert page.status_code == 200 and "Ask in SPARQL" in page.text and "SELECT ?x { broken" in page.text

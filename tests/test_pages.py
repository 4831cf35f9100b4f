"""Every page holds what it must, leads nowhere that is not there, and shows hostile text as text."""

import csv
import io
import json
import re
import sqlite3
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store, parse

from graph import facets, provenance, search
from graph.build import publish
from graph.classes import number
from graph.command import cli
from graph.engine.evaluate import evaluate
from graph.engine.question import Answer
from graph.formats import GRAPH_FORMATS
from graph.names import ONTOLOGY, PREFIXES, THING, term_of
from graph.snapshot import DataDirectory, Snapshot
from graph.store import with_union
from graph.terms import read_term
from graph.validate import Report
from server.app import create_app
from server.service import Service
from server.settings import Settings

HTML = {"Accept": "text/html"}
STATIC = Path(__file__).parent.parent / "server" / "static"
VOID = frozenset("meta link input br img hr wbr".split())


class Page(HTMLParser):
    """A page taken apart: its elements, the links and their targets, the headings, and what is left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.faults: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        self.text += data

    def of(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    @property
    def links(self):
        return [a["href"] for a in self.of("a", "link") if "href" in a]

    @property
    def levels(self):
        return [int(tag[1]) for tag, _ in self.elements if re.fullmatch("h[1-6]", tag)]


def get(client, url, **more):
    response = client.get(url, headers=HTML, **more)
    assert response.status_code == 200, (url, response.status_code, response.text[:300])
    return Page(response.text)


def faults_of(page: Page) -> list[str]:
    """What every page must keep to, whatever it tells."""
    faults = list(page.faults)
    faults += [f"id {i} twice" for i in set(page.ids) if page.ids.count(i) > 1]
    faults += [] if page.of("html")[0].get("lang") == "en" else ["no language"]
    faults += [] if page.of("title") else ["no title"]
    faults += [] if page.levels.count(1) == 1 and page.levels[0] == 1 else [f"headings {page.levels}"]
    faults += [f"h{a} before h{b}" for a, b in zip(page.levels, page.levels[1:], strict=False) if b > a + 1]
    labelled = {a["for"] for a in page.of("label")}
    faults += [f"no label for {a}" for a in page.of("input", "textarea", "select")
               if a.get("type") != "hidden" and a.get("id") not in labelled]  # fmt: skip
    faults += [
        f"{tag} carries {name}" for tag, a in page.elements for name in a if name == "style" or name.startswith("on")
    ]
    foreign = ("style", "iframe", "foreignobject", "object", "embed", "base")
    faults += [f"picture {a}" for a in page.of("img") if not a.get("alt") or not a.get("src", "").startswith("/")]
    named = {"aria-label", "aria-labelledby"}
    faults += [f"a drawing without its words: {a}" for a in page.of("svg") if not named & set(a)]
    faults += [f"<{tag}> is not for pages" for tag, _ in page.elements if tag in foreign]
    # Data in the head is no script to a browser; what it holds is tested apart.
    scripts = [a for a in page.of("script") if a.get("type") != "application/ld+json"]
    faults += [f"script {a}" for a in scripts if not a.get("src", "").startswith("/static/")]
    faults += [f"fragment {h} leads nowhere" for h in page.links if h.startswith("#") and h[1:] not in page.ids]
    faults += [f"bad scheme in {h!r}" for h in page.links if urlsplit(h).scheme not in ("", "http", "https")]
    faults += [f"meta refresh {a}" for a in page.of("meta") if "http-equiv" in a]
    return faults


PAGES = [
    ("/", ["Ecosystem", "What the graph names", "What sources count", "Ways in", "statements in"]),
    ("/class/", ["Browse by class", "partner", "participation"]),
    ("/class/Partner", ["Partners", "The graph names"]),
    ("/class/Observation", ["Observations", "metric", "value", "record"]),
    ("/class/skos:Concept", ["Concept"]),
    ("/search", ["A name, or how it begins"]),
    ("/search?q=equinix", ["Equinix", "found"]),
    ("/search?q=mpn", ["abbreviation: MPN", "programme"]),
    ("/search?q=equinox", ["No name in the graph holds", "Names that come near", "Equinix"]),
    ("/search?q=reseller&kind=category", ["categories", "Value-added reseller"]),
    ("/search?q=partners+by+country", ["No source read here says in which country"]),
    ("/search?q=640000", ["the two do not measure the same"]),
    ("/programmes", ["Programmes through the years", "Timeline", "Launched"]),
    ("/help", ["From a program", "pandas", "Excel", "curl"]),
    ("/unknown", ["What no source tells", "competes with whom", "The nearest thing known", "partners"]),
    ("/sources", ["Stated by a source", "Derived by a rule", "Judged by this project", "licence", "bias"]),
    ("/why", ["Every statement in the graph has a source"]),
    ("/quality", ["Quality", "violations", "warnings"]),
    ("/shape", ["What the data must keep to", "asked of"]),
    ("/ontology", ["Partner Ecosystem Ontology", "Classes", "Concept schemes", "pe:Partner", "members"]),
    ("/export", ["The whole graph", ".jsonld", "One source at a time"]),
    ("/analysis", ["Providers and places", "Single points of failure"]),
    ("/analysis/provider-location", ["How it is drawn", "Bias", "betweenness", "GraphML"]),
    ("/analysis/provider-location?measure=pagerank", ["PageRank", "Rank"]),
    ("/analysis/all-sources", ["Warning", "mirror the sources", "share in communities of one source"]),
    ("/analysis/provider-location", ["random networks with every node", "analyse provider-location degree"]),
    ("/analysis/provider-location/correlation", ["Spearman", "partial, given degree", "Bias", "CSV"]),
    ("/analysis/provider-location/suggestions", ["A suggestion from shared ties, which no source states"]),
    ("/analysis/one?thing=equinix", ["Where it stands", "betweenness", "If it goes", "Like it, and why", "--without"]),
    ("/analysis/one", ["What one is to the others"]),
    ("/analysis/white-space", ["as likely a gap in the lists", "Expected"]),
    ("/analysis/single-points", ["Places with one provider", "Organisations with one way in"]),
    ("/analysis/path", ["From", "To"]),
    ("/analysis/path?from=equinix&to=colt", ["Equinix to Colt", "says"]),
    ("/analysis/path?from=nobodyatall&to=colt", ["No name in the graph holds"]),
    ("/analysis/path?from=equinix&to=organization/equinix", ["one and the same"]),
    (
        "/id/organization/equinix.html",
        ["Names", "What it is", "Relations", "What points here", "Who says so", "peers at"],
    ),
    ("/graph/seed.html", ["statements stand in it", "bias", "evidence"]),
    ("/sparql", ["Ask in SPARQL", "SELECT"]),
]


@pytest.mark.parametrize(("url", "holds"), PAGES, ids=[url for url, _ in PAGES])
def test_what_each_page_holds(client, url, holds):
    page = get(client, url)
    text = " ".join(page.text.split())
    assert [words for words in holds if words not in text] == []
    assert faults_of(page) == []


def test_every_page_of_the_map_is_in_the_table(app):
    """A new page without a row above would go untested."""
    tested = {urlsplit(url).path for url, _ in PAGES}
    adapter = app.url_map.bind("localhost")
    reached = {adapter.match(path)[0] for path in tested}
    others = {
        "guide.terms",
        "pages.complete",
        "pages.sources_as",
        "things.thing",
        "static",
        "exports.download",
        "analysis.exported",
        "analysis.report",
        "vocabulary.one_format",
        "listing.links",
        "listing.partners",
    }
    rooms = ("pages", "guide", "things", "listing", "vocabulary", "exports", "analysis")
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in rooms}
    assert pages - reached - others == set()


def test_the_entity_page_shows_exactly_the_statements_of_its_turtle(client, snapshot):
    """The small numbers behind the statements name them; the same set must be in the Turtle, no more and no less."""
    for iri in sample(things(snapshot), 100):
        path = iri.removeprefix(THING)
        page = get(client, f"/id/{path}.html")
        asked = [parse_qs(urlsplit(a["href"]).query) for a in page.of("a") if a.get("class") == "note"]
        asked = [tuple(read_term(q[name][0]) for name in "spo") for q in asked]
        shown = {(p.value, o) for s, p, o in asked if s == NamedNode(iri)}
        turtle = client.get(f"/id/{path}.ttl")
        held = {(q.predicate.value, q.object) for q in parse(turtle.data, format=RdfFormat.TURTLE)}
        incoming = {(p.value, o) for _, p, o in asked if o == NamedNode(iri)}
        assert held - shown == set(), iri
        assert shown - held - incoming == set(), iri


def test_incoming_links_are_counted_and_their_whole_list_is_there(client, snapshot):
    category = THING + "category/independent-software-vendor"
    held = {q.subject.value for q in snapshot.store.quads_for_pattern(
        None, NamedNode(ONTOLOGY + "category"), NamedNode(category), DefaultGraph())}  # fmt: skip
    page = get(client, "/id/category/independent-software-vendor.html")
    whole = next(h for h in page.links if (h.startswith("/links") and "pe%3Acategory" in h) or "by=pe:category" in h)
    assert f"All {len(held):,}" in " ".join(page.text.split())
    assert walk(client, whole) == held


def test_a_listing_is_complete_sorted_and_each_once(client, snapshot):
    held = {q.subject.value for q in snapshot.store.quads_for_pattern(
        None, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(ONTOLOGY + "Partner"), DefaultGraph())}  # fmt: skip
    assert len(held) > 100  # several pages, or this shows nothing
    assert walk(client, "/class/Partner") == held


def walk(client, url):
    """Give the organisations linked from the list at `url` and all its next pages."""
    found = set()
    while url:
        page = get(client, url)
        own = [h for h in page.links if h.startswith("/id/organization/")]
        found |= {THING + h.removeprefix("/id/") for h in own}
        url = next((a["href"] for a in page.of("a") if a.get("rel") == "next"), None)
    # Publishers stand in the sources below the list; they are organisations but not of the list.
    return {iri for iri in found if iri.rsplit("/", 1)[1] not in ("partnergraph", "microsoft", "wikipedia")}


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", ".html"),
        ("text/turtle", ".ttl"),
        ("application/ld+json", ".jsonld"),
        ("application/rdf+xml;q=0.9, text/turtle;q=0.1", ".rdf"),
        ("application/n-triples", ".nt"),
        ("*/*", ".ttl"),  # a program that takes anything gets data
        (None, ".ttl"),
    ],
)
@pytest.mark.parametrize("path", ["/id/organization/equinix", "/graph/seed"])
def test_a_thing_is_303_to_the_document_about_it(client, path, accept, suffix):
    response = client.get(path, headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.headers["Location"]) == (303, path + suffix)
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("url", "status", "says"),
    [
        ("/id/organization/equinixx", 404, "Equinix"),  # suggestions
        ("/id/organization/equnix", 404, "Equinix"),
        ("/id/organization/EQUINIX", 404, "no organisation called"),
        ("/id/planet/mars", 404, "no planet called"),
        ("/id/organization/equinix.docx", 404, "no .docx"),
        ("/id/organization/equinix.ttl.html", 404, ""),
        ("/graph/none", 404, "no source called"),
        ("/class/Nothing", 404, "no members"),
        ("/class/Partner?after=organization/nobody", 404, "not in this list"),
        ("/links?to=organization/equinix&by=pe:to&of=relationship&page=9999", 404, "pages"),
        ("/links?to=organization/equinix&by=pe:to&of=relationship&page=-1", 404, "no page"),
        ("/links?to=organization/equinix&by=pe:to&of=relationship&page=%D9%A1", 404, "no page"),  # a digit, not ours
        ("/links", 400, "missing"),
        ("/links?to=organization/equinix&by=x", 400, "by"),
        ("/links?to=organization/equinix&by=pe:tier", 404, "nothing points"),
        ("/why?s=1&p=2&o=3", 400, "N-Triples"),
        ("/why?s=organization/equinix", 400, "N-Triples"),
        ("/analysis/nothing", 404, "no network"),
        ("/analysis/nothing.graphml", 404, "no network"),
        ("/analysis/provider-location.dot", 404, "no format"),
        ("/analysis/provider-location/luck", 404, "no report"),
        ("/analysis/provider-via-provider/suggestions", 404, "one side only"),
        ("/analysis/provider-location?measure=luck", 404, "not measured"),
        ("/export/all.docx", 404, "no .docx"),
        ("/export/some.ttl", 404, "no export"),
        ("/ontology.docx", 404, "no .docx"),
        ("/nowhere", 404, ""),
    ],
)
def test_what_is_not_there_is_a_problem_with_a_way_on(client, url, status, says):
    response = client.get(url, headers=HTML, buffered=True)
    page = Page(response.text)
    assert response.status_code == status
    assert says.lower() in page.text.lower()
    assert faults_of(page) == []
    assert "/search" in page.links
    problem = client.get(url, headers={"Accept": "application/json"})
    assert (problem.status_code, problem.content_type) == (status, "application/problem+json")
    assert problem.json["status"] == status


def test_what_is_far_is_not_suggested(client):
    assert client.get("/id/organization/nope").json["suggestions"] == []
    assert client.get("/id/organization/mega").json["suggestions"][0]["label"] == "Megaport"


def test_nothing_acceptable_is_406_with_what_is_offered(client):
    response = client.get("/id/organization/equinix", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/turtle" in response.json["offered"]


@pytest.mark.parametrize(
    ("url", "room"),
    [("/quality", "/quality"), ("/quality/merges", "/quality"), ("/questions", "/questions"),
     ("/questions/bridges", "/questions"), ("/analysis/provider-location", "/analysis"), ("/sources", "/sources"),
     ("/class/Partner", "/partners"), ("/search", None), ("/why", None)],
)  # fmt: skip
def test_the_room_that_one_is_in_is_marked(client, url, room):
    text = client.get(url, headers=HTML).text
    links = Page(re.search(r'<nav aria-label="Main">.*?</nav>', text, re.DOTALL)[0]).of("a")
    assert [a["href"] for a in links if a.get("aria-current") == "page"] == ([room] if room else [])


@pytest.mark.parametrize(
    "url", ["/sources", "/programmes", "/why", "/why?s=organization/equinix&p=rdf:type&o=pe:Organization"]
)
def test_a_page_is_given_to_who_takes_pages(client, url):
    for accept in ("image/png", "application/rdf+xml"):
        refused = client.get(url, headers={"Accept": accept})
        assert (refused.status_code, refused.content_type) == (406, "application/problem+json"), accept
        assert "text/html" in refused.json["offered"]
    for accept in ("text/html", "*/*", "application/json;q=0.5, text/html", None):
        page = client.get(url, headers={"Accept": accept} if accept else {})
        assert (page.status_code, page.mimetype, page.headers["Vary"]) == (200, "text/html", "Accept"), accept


def test_the_sources_can_be_taken_away_as_the_command_prints_them(client, data):
    runner = CliRunner(env={"PARTNERGRAPH_DATA_DIR": str(data.path)})
    printed = json.loads(runner.invoke(cli, ["sources", "--format", "json"]).stdout)
    assert len(printed) > 20
    plain = runner.invoke(cli, ["sources", "--format", "csv"]).stdout
    page = get(client, "/sources")
    for suffix, media_type in (("json", "application/json"), ("csv", "text/csv")):
        sent = client.get(f"/sources.{suffix}")
        assert (sent.status_code, sent.mimetype) == (200, media_type)
        assert f"/sources.{suffix}" in page.links
        chosen = client.get("/sources", headers={"Accept": media_type})
        assert (chosen.data, chosen.mimetype, chosen.headers["Vary"]) == (sent.data, media_type, "Accept")
        assert client.get(f"/sources?format={suffix}").data == sent.data
        again = client.get(f"/sources.{suffix}", headers={"If-None-Match": sent.headers["ETag"]})
        assert again.status_code == 304
    assert client.get("/sources.json").json == printed
    lines = list(csv.DictReader(io.StringIO(client.get("/sources.csv").data.decode("utf-8-sig"), newline="")))
    assert lines == list(csv.DictReader(io.StringIO(plain, newline="")))
    assert client.get("/sources.ttl").status_code == 404


@pytest.mark.parametrize(
    "url", ["/", "/id/organization/equinix.html", "/id/organization/equinix.ttl", "/graph/seed.nq", "/class/Partner"]
)
def test_head_and_conditional_requests(client, url):
    whole = client.get(url)
    head = client.head(url)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]
    again = client.get(url, headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_alternate_links_name_each_format_with_its_type(client):
    page = get(client, "/id/organization/equinix.html")
    alternates = {a["type"]: a["href"] for a in page.of("link") if a.get("rel") == "alternate"}
    assert set(alternates) == {form.media_type for form in GRAPH_FORMATS} | {"text/csv"}
    for media_type, href in alternates.items():
        assert client.get(href).content_type.split(";")[0] == media_type


def test_why_names_the_row_and_shows_its_cells(client, snapshot):
    """Each statement of a sample leads to a source and, where a table made it, to the row with its cells."""
    with_rows = 0
    for iri in sample(things(snapshot), 20):
        page = get(client, f"/id/{iri.removeprefix(THING)}.html")
        for url in sample([a["href"] for a in page.of("a") if a.get("class") == "note"], 3):
            told = get(client, url)
            assert faults_of(told) == [], url
            assert "No source of this graph says so" not in told.text, url
            with_rows += bool(re.search(r"\.tsv, row [\d,]+", told.text))
    assert with_rows > 5


def test_under_a_path_of_a_proxy_every_link_keeps_the_path(client):
    for url in (
        "/",
        "/id/organization/equinix.html",
        "/class/Partner",
        "/search?q=e",
        "/analysis/provider-location",
        "/ontology",
    ):
        page = get(client, url, environ_overrides={"SCRIPT_NAME": "/graph-of-ours"})
        inside = [h for h in page.links if h.startswith("/")]
        assert inside
        assert [h for h in inside if not h.startswith("/graph-of-ours/")] == []
        assert all(a["action"].startswith("/graph-of-ours/") for a in page.of("form"))


def test_paging_links_take_nothing_else_from_the_address(client):
    """`_scheme` and `_external` are words of Flask's; as parameters of a stranger they must stay parameters."""
    whole = "/links?to=category/independent-software-vendor&by=pe:category&of=organization&page=2&"
    strange = "_scheme=javascript&_external=1&_anchor=x"
    page = get(client, whole + strange)
    following = [a["href"] for a in page.of("a") if a.get("rel") in ("next", "prev")]
    assert len(following) == 2
    assert all(h.startswith("/links?") for h in following)
    assert client.get("/class/Partner?after=organization/equinix&" + strange).status_code == 400


# ---- hostile text


class InThisProcess:
    """A pool without workers: ready questions, which are the project's own text, are answered here."""

    network_closed = True

    def use(self, snapshot):
        """Begin nothing."""

    def ask(self, question, timeout, snapshot, name):
        """Answer from the store, as a worker would."""
        out = io.BytesIO()
        size = evaluate(Store.read_only(str(snapshot / "oxigraph")), question, out)
        return Answer(size, out.getvalue())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A client over a made-up ecosystem whose every name tries to break out of the page."""
    data = DataDirectory(tmp_path_factory.mktemp("hostile"))
    file = Path(__file__).parent / "data" / "pages" / "hostile.trig"
    quads = list(parse(path=str(file), format=RdfFormat.TRIG))
    with data.writer():
        staging = data.staging()
        store = Store(str(staging / "oxigraph"))
        store.bulk_extend(with_union(quads))
        index = sqlite3.connect(staging / "index.sqlite")
        cells = {"<b>": "<script>alert(16)</script>"}
        said = [provenance.Said(q, provenance.Evidence(q.graph_name.value, "<script>.tsv", 1, cells)) for q in quads]
        provenance.write(index, said)
        search.write(index, store)
        index.commit()
        index.close()
        facets.beside(store, staging)
        report = Report((), HOSTILE_REPORT)
        (staging / "report.ttl").write_text(report.turtle)
        store.flush()
        del store
        publish(data, staging, report, "load", "")
    service = Service(Settings(data_dir=data.path), data, InThisProcess(), SimpleNamespace())
    return create_app(service).test_client()


HOSTILE_REPORT = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
[] a sh:ValidationReport ; sh:result [ a sh:ValidationResult ; sh:resultSeverity sh:Warning ;
  sh:focusNode <https://w3id.org/partner-ecosystem/id/organization/evil> ; sh:sourceShape <javascript:alert(17)> ;
  sh:resultPath <javascript:alert(18)> ; sh:value "<script>alert(19)</script>" ;
  sh:resultMessage "<script>alert(20)</script>" ] .
"""
EVIL = "/id/organization/evil.html"


@pytest.mark.parametrize(
    "url",
    [
        "/",
        EVIL,
        "/id/organization/brass.html",
        "/id/ecosystem/brass.html",
        "/id/observation/evil-count.html",
        "/graph/brass.html",
        "/class/Partner",
        "/class/Observation",
        "/class/",
        "/sources",
        "/export",
        "/quality",
        "/ontology",
        "/analysis",
        "/search?q=%3Cscript%3E",
        "/search?q=%22%3E%3Cscript%3Ealert(1)",
        "/analysis/path?from=%3Cscript%3E&to=alert",
        "/links?to=organization/evil&by=pe:about&of=observation",
        "/why?s=organization/evil&p=rdfs:label&o=%22%3C/title%3E%3Cscript%3Ealert(1)%3C/script%3E%22",
        "/why?s=javascript:alert(1)//://x&p=rdfs:label&o=%22%3Cscript%3E%22",
        "/why",
    ],
)
def test_hostile_text_is_shown_as_text(hostile, url):
    page = get(hostile, url)
    assert faults_of(page) == []
    for href in page.links:
        assert urlsplit(href).scheme in ("", "http", "https"), href
        assert not re.search(r"[\s\"<>]", href), href


@pytest.mark.parametrize(
    "url",
    [
        "/id/organization/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/graph/%22%3E%3Cscript%3E",
        "/class/%3Cscript%3E",
        "/class/?iri=%3Cscript%3E",
        "/%3Cscript%3E",
        "/analysis/%3Cscript%3E",
        "/links?to=%3Cscript%3E&by=x",
        "/why?s=%3Cscript%3E&p=x&o=y",
        "/export/%3Cscript%3E.ttl",
        "/class/Partner?after=%3Cscript%3E",
        "/class/Partner?%3Cscript%3E=1",
        "/class/Partner?category=%22%3Cscript%3E%22",
        "/search?q=alert&kind=%22%3E%3Cscript%3E",
        "/id/organization/evil.%3Cscript%3E",
    ],
)  # fmt: skip
def test_a_hostile_address_is_shown_as_text(hostile, url):
    response = hostile.get(url, headers=HTML)
    assert response.status_code in (400, 404)
    assert faults_of(Page(response.text)) == []


def test_what_must_not_be_a_link_is_there_as_text(hostile):
    page = get(hostile, EVIL)
    assert "javascript:alert(4)" in page.text
    assert "</title><script>alert(1)</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text  # a template in a label is text too
    assert "https://example.org/?a=1&b=%22%3E" in page.links


def test_names_as_they_are_typed(client, hostile):
    found = client.get("/search.json?q=equinox").json
    assert (found[0]["label"], found[0]["href"], found[0]["how"]) == (
        "Equinix", "/id/organization/equinix", search.NEARLY)  # fmt: skip
    assert client.get("/search.json").json == []
    assert {one["kind"] for one in client.get("/search.json?q=net&kind=program").json} <= {"programme"}
    evil = hostile.get("/search.json?q=script")
    assert evil.content_type == "application/json"
    assert all(urlsplit(one["href"]).scheme == "" for one in evil.json)


def test_another_ecosystem_speaks_for_itself(hostile):
    """The pages know no vendor: names, operator and wording come from the graph."""
    text = get(hostile, "/").text
    assert "Brass & Sons <em>ecosystem</em>" in text
    assert "guild" in text
    assert not re.search("microsoft|azure|expressroute", hostile.get("/", headers=HTML).text, re.IGNORECASE)


def test_pages_come_without_a_published_graph(tmp_path):
    """Even the page that says that nothing was published must be drawn."""
    service = Service(Settings(data_dir=tmp_path), DataDirectory(tmp_path), InThisProcess(), SimpleNamespace())
    response = create_app(service).test_client().get("/nowhere", headers=HTML)
    assert response.status_code == 404
    assert faults_of(Page(response.text)) == []


# ---- colours


def colours():
    """Give the two palettes of the style sheet, light and dark."""
    blocks = re.findall(r":root\s*\{(.*?)\}", (STATIC / "pages.css").read_text(encoding="utf-8"), re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})\b", block)) for block in blocks[:2])
    return {"light": light, "dark": light | dark}


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "back", "least"),
    [("ink", "paper", 7), ("soft", "paper", 4.5), ("link", "paper", 4.5), ("ink", "panel", 7), ("soft", "panel", 4.5),
     ("link", "panel", 4.5), ("stated", "stated-back", 4.5), ("derived", "derived-back", 4.5),
     ("judged", "judged-back", 4.5), ("focus", "paper", 3), ("mark", "paper", 3)],
)  # fmt: skip
def test_contrast_is_enough(theme, text, back, least):
    """WCAG 2.2, 1.4.3 and 1.4.11."""
    palette = colours()[theme]
    high, low = sorted((luminance(palette[text]), luminance(palette[back])), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= least


# ---- no dead end


def things(snapshot):
    """Give every IRI below /id/ that occurs in the graph, sorted."""
    found = set()
    for quad in snapshot.store.quads_for_pattern(None, None, None, DefaultGraph()):
        found |= {
            t.value for t in (quad.subject, quad.object) if isinstance(t, NamedNode) and t.value.startswith(THING)
        }
    return sorted(found)


def sample(items, number):
    return items[:: max(1, len(items) // number)][:number]


def unlinked(response):
    """A page names its one address, whatever parameters or version it was asked with: in a header or, a long one, in
    its head.
    """
    named = ('rel="canonical"' in response.headers.get("Link", ""), '<link rel="canonical"' in response.text)
    return [] if any(named) else ["no canonical link"]


# Addresses of which every thing or statement has its own.
ONE_A_THING = ("/why", "/sparql", "/history", "/links", "/analysis/one", "/analysis/path")


def crawl(client, budget, every=1):
    """Follow every local link from the front page; give what is wrong, up to `budget` pages looked into.

    Kinds of page take turns, so that a small budget sees some of each. Of the pages of which there is one a statement
    or a thing, told by the address's parameters, every `every`-th is looked at.
    """
    waiting: dict[str, list[str]] = {"": ["/"]}
    seen, wrong, ids, anchors, looked, met = {"/"}, [], {}, [], 0, Counter()
    while looked < budget and any(waiting.values()):
        for kind in [k for k, urls in waiting.items() if urls]:
            url = waiting[kind].pop()
            looked += 1
            response = client.get(url, headers=HTML, buffered=True)
            if response.status_code == 303:
                url = response.headers["Location"]
                response = client.get(url, headers=HTML, buffered=True)
            if response.status_code != 200:
                wrong.append((url, response.status_code))
                continue
            if not response.content_type.startswith("text/html"):
                continue
            page = Page(response.text)
            wrong += [(url, fault) for fault in [*faults_of(page), *unlinked(response)]]
            ids[url] = set(page.ids)
            for href in page.links:
                target = urljoin(url, href)
                parts = urlsplit(target)
                if parts.scheme or parts.netloc:
                    continue
                plain = parts.path + ("?" + parts.query if parts.query else "")
                if parts.fragment:
                    anchors.append((url, plain, unquote(parts.fragment)))
                if plain in seen:
                    continue
                seen.add(plain)
                group = "/".join(parts.path.split("/")[:3]) + re.sub(r".*(\.\w+)$|.*", r"\1", parts.path)
                met[parts.path] += 1
                if parts.query and parts.path in ONE_A_THING and met[parts.path] % every:
                    continue
                waiting.setdefault(group, []).append(plain)
    wrong += [(at, f"{to}#{name}") for at, to, name in anchors if to in ids and name not in ids[to]]
    return wrong, looked


@pytest.mark.long
def test_no_dead_end_in_a_sample_of_pages(client):
    wrong, looked = crawl(client, 60)
    assert wrong == []
    assert looked >= 60


def test_rdf_xml_cannot_name_every_property(hostile):
    assert hostile.get("/id/organization/evil.rdf").status_code == 406


@pytest.mark.parametrize("budget", [100, pytest.param(2000, marks=pytest.mark.long)])
def test_no_dead_end_among_hostile_names(hostile, budget):
    """Terms outside any vocabulary have no place on its page, and RDF/XML cannot name every property."""
    wrong, looked = crawl(hostile, budget)
    # Facets that this small graph has no value of have no place on a class's page either.
    own = [fault for fault in wrong if "/ontology#" not in str(fault) and fault[0] != "/unknown"]
    dead = [fault for fault in own if fault[1] != 406]
    assert dead == [], "\n".join(map(str, dead))
    assert looked >= 100


@pytest.mark.benchmark
@pytest.mark.timeout(3600)
def test_no_dead_end_anywhere(client):
    wrong, looked = crawl(client, 10**9, every=40)
    assert wrong == []
    assert looked > 5000


def dereference(client, iris):
    """Ask for each thing in each format, by Accept and by suffix; give what is wrong."""
    wrong = []
    for iri in iris:
        path = "/id/" + iri.removeprefix(THING)
        for form in GRAPH_FORMATS:
            response = client.get(path, headers={"Accept": form.media_type})
            if (response.status_code, response.headers.get("Location")) != (303, path + form.suffix):
                wrong.append((path, form.name, response.status_code))
            document = client.get(path + form.suffix)
            if document.status_code != 200 or document.mimetype != form.media_type:
                wrong.append((path + form.suffix, document.status_code))
        if client.get(path + ".html").status_code != 200:
            wrong.append(path + ".html")
    return wrong


def test_a_sample_of_things_dereferences_in_every_format(client, snapshot):
    assert dereference(client, sample(things(snapshot), 30)) == []


@pytest.mark.benchmark
@pytest.mark.timeout(3600)
def test_every_thing_dereferences_in_every_format(client, snapshot):
    assert dereference(client, things(snapshot)) == []


def test_one_word_has_one_number_on_the_first_page(client: FlaskClient, snapshot: Snapshot) -> None:
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", client.get("/").text))
    assert len(set(re.findall(r"([\d,]+) sources?\b", words))) == 1
    assert f"statements in {len(snapshot.manifest.graphs)} named graphs." in words
    regions = number(snapshot.store, term_of("pe:Region"), snapshot.census)
    assert f" Regions {regions} " in words and " Places " not in words

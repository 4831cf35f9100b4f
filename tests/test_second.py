"""Another vendor's ecosystem: nothing in the code, the rules or the pages knows which operator it serves."""

import html
import re
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions

from graph import analysis
from graph.draw import draw
from graph.inputs import Facts
from graph.names import GRAPH, ONTOLOGY, PREFIXES, THING
from graph.quads import VOCABULARY
from graph.snapshot import Snapshot
from graph.store import union
from graph.validate import validate

OPERATOR = THING + "organization/umbra-systems"
ANOTHERS = re.compile("microsoft|azure|expressroute|power.platform", re.IGNORECASE)


def ask(snapshot: Snapshot, query: str) -> list[tuple[str, ...]]:
    """Give the sorted rows of a SELECT as texts."""
    found = snapshot.store.query(query, prefixes=PREFIXES)
    assert isinstance(found, QuerySolutions)
    return sorted(tuple("" if term is None else term.value for term in row) for row in found)  # type: ignore[union-attr]


def test_it_builds_and_conforms_without_a_register(second: Snapshot, second_facts: Path) -> None:
    assert second.manifest.findings["violation"] == 0
    assert second.manifest.facts == str(second_facts)
    tallies = draw(Facts(second_facts)).tallies
    assert {tally.source: (tally.rows, tally.mapped, tally.rejected) for tally in tallies} == {
        "umbra-directory": (9, 8, 0),
        "umbra-exchanges": (12, 12, 0),
    }


def test_its_doubts_are_the_vocabularys_own(second: Snapshot) -> None:
    # What is doubtful about made-up firms should be mended in their tables.
    doubts = {f.focus for f in validate(union(second.store)).findings if f.severity != "info"}
    vocabulary = second.store.quads_for_pattern(None, None, None, NamedNode(VOCABULARY))
    assert doubts <= {str(quad.subject) for quad in vocabulary}


def test_no_statement_of_another_ecosystem_is_in_it(second: Snapshot) -> None:
    named = {
        term.value
        for quad in second.store
        if quad.graph_name != NamedNode(VOCABULARY)
        for term in (quad.subject, quad.object)
        if isinstance(term, NamedNode)
    }
    assert [iri for iri in named if ANOTHERS.search(iri)] == []
    texts = {
        quad.object.value
        for quad in second.store.quads_for_pattern(None, None, None, None)
        if isinstance(quad.object, Literal) and quad.graph_name not in (NamedNode(VOCABULARY), DefaultGraph())
    }
    assert [text for text in texts if ANOTHERS.search(text)] == []


QUESTIONS = [
    ("Who operates which ecosystem?",
     "SELECT ?l ?o WHERE { ?e a pe:Ecosystem ; rdfs:label ?l ; pe:operatedBy/rdfs:label ?o }",
     [("Umbra Alliance", "Umbra Systems")]),
    ("Which programme replaced which, and when was each launched?",
     "SELECT ?n ?d ?o ?w WHERE { ?p dcterms:replaces ?q ; rdfs:label ?n ; pe:launched ?d . "
     "?q rdfs:label ?o ; pe:launched ?w }",
     [("Umbra Alliance Programme", "2011-04-02", "Umbra Registered Dealers", "1998")]),
    ("Who is in which tier?",
     "SELECT ?n ?t WHERE { ?p pe:participant/rdfs:label ?n ; pe:tier/rdfs:label ?t }",
     [("Brontide Software, Ltd.", "Copper"), ("Marrow Hosting", "Iron"), ("Quillfeather & Söhne", "Copper"),
      ("Tessellate Labs", "Iron")]),
    ("Which partners are telecommunications companies? (a rule says so)",
     "SELECT ?n WHERE { ?p pe:category <" + THING + "category/telecommunications-company> ; rdfs:label ?n }",
     [("Cobalt Strait Telecom",), ("Fenwick Exchange",), ("Gannet Networks",), ("Nimbus & Vane",), ("Petrel Links",),
      ("Skua Wireless",)]),
    ("Which locations are in one metropolitan area? (a rule says so)",
     "SELECT ?m (COUNT(?l) AS ?n) WHERE { ?l pe:metro/rdfs:label ?m } GROUP BY ?m",
     [("Harbour metropolitan area", "2"), ("Saltmarsh metropolitan area", "1"), ("Tarn metropolitan area", "1")]),
    ("Who was left out?", 'SELECT ?s WHERE { ?s rdfs:label ?l FILTER(CONTAINS(?l, "Private person")) }', []),
    ("Is the operator anybody's partner?", f"SELECT ?c WHERE {{ <{OPERATOR}> a pe:Partner BIND(1 AS ?c) }}", []),
]  # fmt: skip


@pytest.mark.parametrize(("query", "rows"), [case[1:] for case in QUESTIONS], ids=[case[0] for case in QUESTIONS])
def test_it_answers(second: Snapshot, query: str, rows: list[tuple[str, ...]]) -> None:
    assert ask(second, query) == rows


# Analysis ----------------------------------------------------------------------------------------

OPERATOR_TIES = {
    "provider-location": "peersAt",
    "provider-via-provider": "connectsVia",
    "publisher-category": "offers",
}
NODES = {
    "all-sources": 21,
    "partner-partner": 9,
    "partner-product": 10,
    "programme-participation": 7,
    "programme-succession": 2,
    "provider-location": 7,  # four providers; Harbour, Saltmarsh and Tarn
    "provider-via-provider": 4,
    "publisher-category": 6,  # three publishers; Monitoring, Accounting and Storage
    "solution-dependency": 0,
    "solution-technology": 0,
}


@pytest.mark.parametrize(("network", "tie"), OPERATOR_TIES.items())
def test_analysis_leaves_out_its_own_operator(second: Snapshot, network: str, tie: str) -> None:
    operator, property_ = NamedNode(OPERATOR), NamedNode(ONTOLOGY + tie)
    assert list(second.store.quads_for_pattern(operator, property_, None, DefaultGraph())), "else nothing is left out"
    assert OPERATOR not in analysis.project(second.store, network)
    results = second.store.quads_for_pattern(None, None, operator, NamedNode(GRAPH + "analysis-" + network))
    assert list(results) == []


@pytest.mark.parametrize("network", analysis.names())
def test_network_holds_the_firms_of_the_tables(second: Snapshot, network: str) -> None:
    assert len(analysis.project(second.store, network)) == NODES[network]
    (count,) = ask(
        second,
        f"""SELECT (COUNT(DISTINCT ?t) AS ?n)
        WHERE {{ ?o pe:inNetwork <{THING}network/{network}> ; pe:rank ?rank ; pe:about ?t }}""",
    )
    assert count == (str(NODES[network]),), "the results, as SPARQL sees them, are of the same nodes"


# Pages -------------------------------------------------------------------------------------------


def read(visitor: FlaskClient, path: str) -> str:
    """Give the text of a page as a browser gets it."""
    response = visitor.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
    assert response.status_code == 200, f"{path}: {response.status}"
    return html.unescape(response.get_data(as_text=True))


@pytest.fixture(scope="module")
def cited(second: Snapshot) -> re.Pattern[str]:
    """The vocabulary's examples and cited sentences that name another vendor; pages may shorten them."""
    texts = {
        q.object.value for q in second.store.quads_for_pattern(None, None, None, NamedNode(VOCABULARY))
        if isinstance(q.object, Literal) and ANOTHERS.search(q.object.value)
    }  # fmt: skip
    return re.compile("|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)))


def test_home_shows_its_own_operator_and_wording(visitor: FlaskClient) -> None:
    page = read(visitor, "/")
    assert "Umbra Alliance" in page
    assert "Umbra Systems" in page
    assert "<title>" in page
    assert not ANOTHERS.search(page)


WORDING = [
    ("/id/organization/umbra-systems", "Umbra Systems"),
    ("/id/organization/quillfeather-sohne", "Quillfeather & Söhne"),
    ("/id/program/umbra-alliance-programme", "Umbra Registered Dealers"),
    ("/class/Partner", "Brontide Software, Ltd."),
    ("/graph/umbra-exchanges", "Exchanges of the lattice"),
    ("/sources", "Directory of the alliance"),
    ("/search?q=tessellate", "Tessellate Ledger"),
    ("/analysis/provider-location", "Cobalt Strait Telecom"),
    ("/analysis/single-points", "Fenwick Exchange"),
    ("/analysis", "Providers and places"),
    ("/export", "Umbra"),
    ("/sparql", "SPARQL"),
    ("/quality", "shape"),
    ("/quality/merges", "Merged names"),
    ("/questions", "Questions"),
    ("/questions/partners-in-category", "Answer"),
]


@pytest.mark.parametrize(("path", "wording"), WORDING, ids=[path for path, _ in WORDING])
def test_page_speaks_of_its_own_ecosystem_only(
    visitor: FlaskClient, cited: re.Pattern[str], path: str, wording: str
) -> None:
    page = read(visitor, path)
    assert wording in re.sub("</?mark>", "", page)
    assert not ANOTHERS.search(cited.sub("", page))


def test_problem_page_speaks_of_no_other_ecosystem(visitor: FlaskClient) -> None:
    response = visitor.get("/id/organization/nobody.html", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert not ANOTHERS.search(response.get_data(as_text=True))


@pytest.mark.long
def test_no_page_that_can_be_reached_names_another_vendor(visitor: FlaskClient, cited: re.Pattern[str]) -> None:
    # But for the vocabulary, whose examples and citations are of the ecosystem that it was first written for.
    waiting, seen = ["/"], {"/"}
    while waiting:
        path = waiting.pop()
        response = visitor.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
        if response.status_code != 200 or not response.content_type.startswith("text/html"):
            continue
        page = html.unescape(re.sub(r'href="/why[^"]*"', "", response.get_data(as_text=True)))  # quotes a sentence anew
        rest = cited.sub("", page)
        found = ANOTHERS.search(rest)
        assert not found, f"{path}: ...{rest[max(0, found.start() - 80):found.end() + 80]}..."
        links = set(re.findall(r'href="(/(?:(?:id|class|graph|analysis|sources|ontology)[^"#?.]*)?)"', page)) - seen
        seen |= links
        waiting += links
    assert len([path for path in seen if path.startswith("/id/")]) > 50, "the walk went nowhere"


# The code ----------------------------------------------------------------------------------------


def test_code_and_templates_name_no_vendor(root: Path) -> None:
    if not (root / ".git").exists():
        pytest.skip("no checkout of the repository: git grep has nothing to read")
    found = subprocess.run(
        ["git", "grep", "--untracked", "-inE", "microsoft|azure|expressroute", "--",
         "*.py", "server/templates", ":!tests"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stdout == ""
    assert found.returncode == 1, found.stderr
    known = subprocess.run(["git", "grep", "-l", "create_app", "--", "*.py", ":!tests"], cwd=root, capture_output=True,
                           text=True, check=True)  # fmt: skip
    assert "server/app.py" in known.stdout, "the search itself works here"

"""A narrowed list is what its SPARQL says, its counts are what choosing would give, and it can be taken away whole."""

import csv
import html
import io
import json
import random
import re
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, parse

from graph import facets, front
from graph.classes import classes
from graph.facets.definitions import FacetError, facets_of
from graph.facets.definitions import parse as read_facet
from graph.names import ONTOLOGY, PREFIXES, THING
from graph.sheets import safe, sheet
from graph.store import in_memory

PARTNER = ONTOLOGY + "Partner"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def index(snapshot):
    with closing(snapshot.lists()) as connection:
        yield connection


def members(snapshot, query):
    return [solution["member"].value for solution in snapshot.store.query(query)]


def listed(connection, selection):
    return [row.iri for row in facets.rows(connection, selection, len(selection.members))]


def test_the_list_without_a_choice_is_the_class(snapshot, index):
    held = snapshot.store.quads_for_pattern(
        None, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(PARTNER), DefaultGraph()
    )
    selection = facets.select(index, PARTNER, {})
    assert set(listed(index, selection)) == {quad.subject.value for quad in held}
    assert selection.total == len(selection.members) > 100


def test_every_value_selects_as_many_as_it_says_and_as_sparql_finds(snapshot, index):
    """One value of each facet of each class, the first and the last of its list."""
    tried = 0
    for (class_iri,) in index.execute("SELECT iri FROM listed").fetchall():
        for counted in facets.select(index, class_iri, {}).facets:
            for choice in {counted.choices[0], counted.choices[-1]}:
                chosen = {counted.facet.name: [choice.value]}
                found = listed(index, facets.select(index, class_iri, chosen))
                assert len(found) == choice.count
                assert set(found) == set(members(snapshot, facets.query_of(class_iri, chosen))), chosen
                tried += 1
    assert tried > 40


def test_choices_of_several_facets_are_what_their_sparql_says(snapshot, index):
    """Random choices of up to two values in up to three facets; counts tell what each further value would add."""
    chance = random.Random(7)
    whole = facets.select(index, PARTNER, {})
    for _ in range(30):
        several = chance.sample(whole.facets, 3)
        chosen = {c.facet.name: [v.value for v in chance.sample(c.choices, min(2, len(c.choices)))] for c in several}
        selection = facets.select(index, PARTNER, chosen)
        assert set(listed(index, selection)) == set(members(snapshot, facets.query_of(PARTNER, chosen)))
        counted = chance.choice(selection.facets or whole.facets)
        name = counted.facet.name
        for choice in counted.choices[:3]:
            alone = facets.select(index, PARTNER, {**chosen, name: [choice.value]})
            assert selection.facets == () or len(alone.members) == choice.count, (chosen, choice)


def test_the_list_is_walked_by_its_members_in_both_directions(index):
    selection = facets.select(index, PARTNER, {"attested": ['"1"^^<http://www.w3.org/2001/XMLSchema#integer>']})
    whole = listed(index, selection)
    forward, page = [], list(facets.rows(index, selection, 50))
    while page:
        forward += [row.iri for row in page]
        page = list(facets.rows(index, selection, 50, after=page[-1].iri))
    assert forward == whole
    before = [row.iri for row in facets.rows(index, selection, 50, before=whole[120])]
    assert before == whole[70:120]
    with pytest.raises(LookupError):
        facets.rows(index, selection, 50, after=THING + "organization/nobody")


def test_a_member_outside_the_selection_still_has_a_place_in_it(index):
    """Who narrows a list on its third page goes on from where he was."""
    narrow = facets.select(index, PARTNER, {"region": [f"<{THING}region/europe>"]})
    whole = listed(index, facets.select(index, PARTNER, {}))
    here = whole[len(whole) // 2]
    after = [row.iri for row in facets.rows(index, narrow, 99, after=here)]
    before = [row.iri for row in facets.rows(index, narrow, 99, before=here)]
    assert before + after == [iri for iri in listed(index, narrow) if iri != here]


def test_out_of_time_the_counts_say_so_and_the_list_is_exact(index):
    """Each look at the clock is a second later: the budget is spent at once."""
    ticks = iter(range(10_000))
    chosen = {"category": [f"<{THING}category/systems-integrator>"]}
    late = facets.select(index, PARTNER, chosen, budget=0.5, clock=lambda: float(next(ticks)))
    exact = facets.select(index, PARTNER, chosen, budget=60)
    assert late.cut
    assert not exact.cut
    assert late.members == exact.members
    by_name = {counted.facet.name: counted for counted in late.facets}
    assert not by_name["category"].cut  # its counts are kept ready: nothing else narrows them
    assert by_name["source"].cut
    assert sum(c.count for c in by_name["source"].choices) >= late.total


def test_a_value_that_nobody_has_selects_nobody(index):
    nobody = facets.select(index, PARTNER, {"category": [f"<{THING}category/none>"]})
    assert listed(index, nobody) == []
    assert facets.select(index, ONTOLOGY + "Nothing", {}) is None


def test_a_class_takes_the_facets_for_any_class_but_those_it_has_of_its_own():
    names = [facet.name for facet in facets_of(PARTNER)]
    assert len(names) == len(set(names))
    wanted = "category programme role product solution-category region place source attested"
    assert set(wanted.split()) <= set(names)
    assert [facet.name for facet in facets_of(ONTOLOGY + "Nothing")] == ["source"]
    assert next(f for f in facets_of(PARTNER) if f.name == "source").classes == (PARTNER,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# What?\n# of: any\n# order: 1\nSELECT * {}", "title"),
        ("# No question\n# of: any\n# title: T\n# order: 1\n", "a question"),
        ("# What?\n# of: any\n# title: T\n# order: first\n", "first"),
        ("# What?\n# of: any\n# name: after\n# title: T\n# order: 1\n", "after"),
    ],
)
def test_a_file_that_lacks_what_it_must_say_is_refused(text, says):
    with pytest.raises(FacetError, match=says):
        read_facet("some", text)


@pytest.mark.parametrize("query", ["SELECT ?member { ?member ?p ?o }", "ASK {}", "SELECT ?member ?value {"])
def test_a_query_that_gives_no_members_and_values_is_refused(query):
    facet = facets.Facet("some", "Some", "Which?", (), 1, query)
    store = in_memory(parse("GRAPH <urn:g> { <urn:a> a <urn:C> }", format=RdfFormat.TRIG))
    with pytest.raises(FacetError, match="some"):
        facets.write(sqlite3.connect(":memory:"), store, [facet])


def test_other_vendors_need_no_other_facets(second):
    """The made-up ecosystem of another operator is narrowed by the same files."""
    with closing(second.lists()) as connection:
        selection = facets.select(connection, PARTNER, {})
        assert {"category", "source"} <= {counted.facet.name for counted in selection.facets}
        for counted in selection.facets:
            chosen = {counted.facet.name: [counted.choices[0].value]}
            found = listed(connection, facets.select(connection, PARTNER, chosen))
            assert set(found) == set(members(second, facets.query_of(PARTNER, chosen)))


# ---- over HTTP

CHOICE = "category=category/systems-integrator&region=region/europe"


def test_the_documents_hold_the_selection(client, snapshot, index):
    chosen = {"category": [f"<{THING}category/systems-integrator>"], "region": [f"<{THING}region/europe>"]}
    wanted = listed(index, facets.select(index, PARTNER, chosen))
    assert wanted
    sheet_ = client.get(f"/class/Partner.csv?{CHOICE}")
    assert sheet_.data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(sheet_.data.decode("utf-8-sig"))))
    assert [line["IRI"] for line in lines] == wanted
    assert {line["Category (term)"] for line in lines} == {THING + "category/systems-integrator"}
    assert all("Europe" in line["Region"].split(" | ") for line in lines)
    told = client.get(f"/class/Partner.json?{CHOICE}").json
    assert [one["iri"] for one in told["members"]] == wanted
    assert (told["count"], set(members(snapshot, told["sparql"]))) == (len(wanted), set(wanted))
    turtle = set(parse(client.get(f"/class/Partner.ttl?{CHOICE}").data, format=RdfFormat.TURTLE))
    each = (client.get("/id/" + iri.removeprefix(THING) + ".ttl").data for iri in wanted)
    assert turtle == {quad for data in each for quad in parse(data, format=RdfFormat.TURTLE)}


def test_the_query_of_a_page_runs_unchanged_at_the_endpoint(client):
    query = client.get(f"/class/Partner.json?{CHOICE}").json["sparql"]
    answer = client.get("/sparql", query_string={"query": query, "format": "json"})
    assert len(answer.json["results"]["bindings"]) == client.get(f"/class/Partner.json?{CHOICE}").json["count"]


def test_a_page_shows_its_choice_and_ways_back(client):
    page = client.get(f"/class/Partner?{CHOICE}", headers=HTML).text
    assert "Take back Region: Europe" in page
    assert 'href="/class/Partner.csv?category=category/systems-integrator&amp;region=region/europe"' in page
    assert page.count(" checked") == 2
    none = client.get("/class/Partner?attested=9999", headers=HTML).text
    assert "not what there is" in none  # an empty list never stands alone


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/class/Partner?category=x", 400),
        ("/class/Partner?category=%22a", 400),
        ("/class/Partner?after=organization/nobody", 404),
        ("/class/Partner?after=%3Cscript%3E", 400),
        ("/class/Partner.docx", 404),
        ("/class/Partner?" + "&".join(f"attested={n}" for n in range(101)), 400),
        ("/class/Partner?" + "&".join(f"attested={n}" for n in range(100)), 200),
        ("/class/Partner?category=category/nope", 400),
        ("/class/Partner?category=organization/equinix", 400),
        ("/class/Partner?category=%22reseller%22", 400),
        ("/class/Partner?category=5", 400),
        ("/class/Partner?attested=category/value-added-reseller", 400),
        ("/class/Partner?region=region/nowhere&category=category/nope", 400),
        ("/class/Partner.json?region=region/nowhere", 400),
        ("/class/Partner?source=graph/seed", 400),
        ("/class/Partner.csv?categry=category/value-added-reseller", 400),
        ("/class/Partner.csv?page=2", 400),
        ("/class/Partner.csv?after=organization/equinix", 400),
        ("/class/Partner?format=csv", 400),
        ("/class/Partner?iri=pe:Partner", 400),
        ("/class/?iri=pe:Partner", 200),
        ("/class/?iri=pe:Partner&page=2", 200),
        ("/class/?iri=pe:Partner&x=y", 400),
        ("/class/Partner?page=1", 200),
        ("/class/Partner?page=2", 200),
        ("/class/Partner?page=-1", 404),
        ("/class/Partner?page=0", 404),
        ("/class/Partner?page=1e99", 404),
        ("/class/Partner?page=", 404),
        ("/class/Partner?page=999999", 404),
        ("/class/Partner?page=1&page=2", 400),
        ("/class/Partner?page=2&after=organization/equinix", 400),
        ("/class/Partner?after=organization/equinix&after=organization/equinix", 400),
        ("/search?q=a&kind=nope", 400),
        ("/search?q=a&kind=observation", 400),
        ("/search?q=a&q=b", 400),
        ("/search?q=a&kind=", 200),
        ("/search.json?q=a&kind=nope", 400),
        ("/links?to=category/reseller&to=category/reseller&by=pe:category", 400),
        ("/quality/merges?page=1&page=2", 400),
        ("/questions/partners-in-category.csv?category=systems-integrator&category=reseller", 400),
        ("/questions/partners-in-category?category=systems-integrator&categry=reseller", 400),
        ("/class/Partner?attested=" + "9" * 5000, 200),
        ("/class/Partner?nothing=1&_scheme=javascript", 400),
    ],
)
def test_what_cannot_be_chosen_is_a_problem(client, address, status):
    assert client.get(address, headers=HTML).status_code == status


@pytest.mark.parametrize(
    ("address", "parameter", "offered"),
    [
        ("/class/Partner.csv?categry=x", "categry", "category"),
        ("/class/Partner?categry=x", "categry", "page"),
        ("/class/Partner?category=category/nope&region=region/europe", "category", "category/systems-integrator"),
        ("/class/Partner?attested=category/nope", "attested", "2"),
        ("/search?q=a&kind=nope", "kind", "organization"),
        ("/questions/partners-in-category?most=2", "most", "category"),
    ],
)
def test_a_problem_names_the_parameter_and_what_there_is(client, address, parameter, offered):
    told = client.get(address).json
    assert (told["type"], told["parameter"]) == ("/problems/bad-parameter", parameter)
    assert offered in told["offered"]
    page = client.get(address, headers=HTML)
    assert (page.status_code, f"<code>{offered}</code>" in page.text) == (400, True)


def test_a_value_that_the_graph_has_and_no_member_is_an_empty_list(client, snapshot, index):
    held = {choice.value for c in facets.select(index, PARTNER, {}).facets for choice in c.choices}
    category = PREFIXES["rdf"] + "type", ONTOLOGY + "PartnerCategory"
    known = {q.subject for q in snapshot.store.quads_for_pattern(None, *map(NamedNode, category), DefaultGraph())}
    unused = sorted(str(one) for one in known if str(one) not in held)
    assert unused
    told = client.get("/class/Partner.json", query_string={"category": unused[0]}).json
    assert told["members"] == []


def test_the_pages_of_a_list_by_number_are_those_by_member(client):
    following = re.compile(r'<a href="([^"]+)" rel="next"')
    url, number = "/class/Partner?attested=1", 1
    while url:
        page = client.get(url, headers=HTML).text
        by_number = client.get(f"/class/Partner?attested=1&page={number}", headers=HTML).text
        assert by_number.partition('<div class="list">')[2] == page.partition('<div class="list">')[2]
        found = following.search(page)
        url, number = html.unescape(found[1]) if found else "", number + 1
    assert number > 3
    assert client.get(f"/class/Partner?attested=1&page={number}").status_code == 404


def test_partners_have_an_entry_of_their_own(client):
    sent = client.get("/partners?attested=2")
    assert (sent.status_code, sent.headers["Location"]) == (303, "/class/Partner?attested=2")


# ---- sheets


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("=1+1", "'=1+1"), ("+1 Inc.", "'+1 Inc."), ("-5", "-5"), ("+4.5e3", "+4.5e3"), ("@me", "'@me"), ("a=b", "a=b")],
)
def test_a_cell_is_never_a_formula(cell, shown):
    assert safe(cell) == shown


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=2, max_size=2)))
def test_a_sheet_reads_back(rows):
    text = b"".join(sheet(("a", "b"), rows)).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["a", "b"], *([safe(cell) for cell in row] for row in rows)]


def test_json_is_whole_for_an_empty_selection(client):
    assert json.loads(client.get("/class/Partner.json?attested=9999").data)["members"] == []


def test_a_facet_that_would_select_everybody_is_not_offered(client, index):
    whole = facets.select(index, ONTOLOGY + "NamedGraph", {})
    assert [c.facet.name for c in whole.facets if len(c.choices) == 1] == ["source"]  # one catalogue lists them all
    assert 'id="source"' not in client.get("/class/NamedGraph", headers=HTML).text
    assert 'id="source"' in client.get("/class/Partner", headers=HTML).text


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Organization", "category programme role product solution-category region place source attested"),
        ("Participation", "programme role concerns region source"),
        ("Solution", "built-on category support source attested"),
        ("Location", "cloud area source attested"),
        ("Relationship", "tie concerns source"),
        ("Observation", "metric network source"),
        ("Event", "programme source"),
        ("ProgramTier", "programme source"),
        ("Program", "source attested"),
        ("Product", "source attested"),
        ("skos:Concept", "scheme source"),
    ],
)
def test_the_facets_of_each_class_have_values(index, name, wanted):
    """None of them is empty in the shipped graph."""
    class_iri = PREFIXES["skos"] + name.removeprefix("skos:") if name.startswith("skos:") else ONTOLOGY + name
    assert set(wanted.split()) <= {c.facet.name for c in facets.select(index, class_iri, {}).facets}


def test_the_front_page_counts_places_as_the_facet_does(snapshot, index):
    ways = {way.title: way.members for way in front.ways_in(snapshot.store, classes(snapshot.store))}
    counted = next(c for c in facets.select(index, PARTNER, {}).facets if c.facet.name == "place")
    held = {choice.value: choice.count for choice in counted.choices}
    assert ways["Regions"][0][1] > 10
    assert all(number == held[f"<{value.iri}>"] for value, number in ways["Regions"])

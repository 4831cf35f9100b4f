"""The page of a thing beside its statements: what lies around it, how it stands, when, and how it is taken away."""

import csv
import io
import json
import re

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, parse

from graph.card import query
from graph.names import ONTOLOGY, THING
from graph.naming import Value
from graph.neighbours import alike, around
from graph.places import places
from graph.standing import Standing, best, standings
from graph.store import in_memory
from graph.timeline import timeline
from graph.unnamed import NO_MEMBER, remark

HTML = {"Accept": "text/html"}
MADE_UP = f"""
PREFIX pe: <{ONTOLOGY}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX firm: <{THING}organization/> PREFIX place: <{THING}location/> PREFIX area: <{THING}region/>
PREFIX : <{THING}program/>
PREFIX event: <{THING}event/> PREFIX period: <{THING}period/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
GRAPH <https://w3id.org/partner-ecosystem/graph/made-up> {{
  firm:a pe:peersAt place:x, place:y, place:z ; pe:connectsVia firm:c .
  firm:b pe:peersAt place:x, place:y . firm:c pe:peersAt place:x, place:z . firm:d pe:peersAt place:x .
  firm:e pe:peersAt place:x, place:z .
  place:x rdfs:label "X" ; pe:metro area:m . place:y rdfs:label "Y" ; pe:metro area:m . place:z rdfs:label "Z" .
  :new a pe:Program ; rdfs:label "New" ; pe:launched "2010-05"^^xsd:gYearMonth ; dcterms:replaces :old .
  :old a pe:Program ; rdfs:label "Old" ; pe:launched "1999"^^xsd:gYear, "1998"^^xsd:gYear .
  event:e a pe:Event ; rdfs:label "Renaming" ; pe:concerns :old ; pe:inPeriod period:p .
  period:p pe:begins "2004-02-01"^^xsd:date .
}}
"""


@pytest.fixture(scope="module")
def store():
    return in_memory(parse(MADE_UP, format=RdfFormat.TRIG))


def test_most_alike_is_who_shares_most_the_rare_before_the_common(store):
    """B shares x and y with a, c and e share x and z; y is shared by two, z by three: b comes first. d shares one."""
    found = alike(store, THING + "organization/a")
    assert [one.value.iri.rsplit("/", 1)[1] for one in found] == ["b", "c", "e"]
    assert [value.text for value in found[0].shared] == ["Y", "X"]
    assert found[0].count == 2
    assert alike(store, THING + "organization/nobody") == []


def test_neighbours_are_all_ties_or_say_how_many_are_left(store):
    whole = around(store, THING + "organization/a")
    told = {(tie.label, tie.neighbour.text, tie.outward) for tie in whole.ties}
    assert told == {*(("peers at", place, True) for place in "XYZ"), ("connects via", "c", True)}
    assert whole.left == 0
    few = around(store, THING + "location/x", most=2)
    assert (len(few.ties), few.left) == (2, 4)
    assert {tie.outward for tie in few.ties} == {True, False}  # the directions take turns


def test_places_of_an_area_and_beside_a_location(store):
    for iri in ("region/m", "location/x"):
        assert [(one.value.text, one.partners) for one in places(store, THING + iri)] == [("X", 5), ("Y", 2)]
    assert places(store, THING + "location/z") == []


def test_a_timeline_holds_every_date_in_order(store):
    whole = [(one.when.lexical, one.about.text, one.thing.text) for one in timeline(store)]
    assert whole == [
        ("1998", "Old", "Old"),
        ("1999", "Old", "Old"),
        ("2004-02-01", "Old", "Renaming"),
        ("2010-05", "New", "New"),
        ("2010-05", "Old", "New"),
    ]
    own = timeline(store, THING + "program/old")
    assert {one.thing.text for one in timeline(store) if one.is_named} == {"Renaming"}
    assert [(one.when.lexical, one.thing.text) for one in own] == [(w, t) for w, about, t in whole if about == "Old"]


@pytest.mark.parametrize(
    ("rank", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (112, "112th"), (1001, "1,001st")]
)
def test_a_rank_is_said_as_in_english(rank, said):
    assert Standing(None, None, None, rank, 5000, None).ordinal == said


def standing(name, rank, population, value="1"):
    metric = Value(None, name, THING + "metric/" + name)
    return Standing(None, metric, Value(None, value, lexical=value), rank, population, None)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([("degree", 1, 90), ("betweenness", 1, 90)], "betweenness"),  # few share it
        ([("degree", 1, 90), ("betweenness", 2, 90)], "degree"),  # the higher rank before all
        ([("betweenness", 1, 6), ("degree", 9, 40)], "degree"),  # first of six is no news
        ([("betweenness", 1, 90, "0"), ("core-number", 10, 90)], "core-number"),  # nothing has no rank
        ([("betweenness", 11, 90)], None),
        ([], None),
    ],
)
def test_the_rank_in_the_head_is_one_that_tells(found, wanted):
    one = best([(None, [standing(*each) for each in found])])
    assert (one and one.metric.text) == wanted


def test_what_many_point_to_is_told_from_memory_until_the_graph_changes(client, monkeypatch):
    """The second answer is the first, byte for byte, and asks nothing of the store."""
    address = "/id/ecosystem/microsoft-partner-ecosystem.html"
    first = client.get(address, headers=HTML)
    monkeypatch.setattr("server.entity.describe", None)  # calling it would fail
    assert client.get(address, headers=HTML).data == first.data
    assert client.get("/id/organization/cinia.html", headers=HTML).status_code == 500  # few point to it


def test_standings_are_the_observations_of_the_networks(snapshot):
    """Every measured rank of a firm, and nothing else, with the record that says so."""
    iri = THING + "organization/equinix"
    held = {
        q.subject.value
        for q in snapshot.store.quads_for_pattern(None, NamedNode(ONTOLOGY + "about"), NamedNode(iri), DefaultGraph())
        if next(snapshot.store.quads_for_pattern(q.subject, NamedNode(ONTOLOGY + "rank"), None), None)
    }
    found = [one for _, ranks in standings(snapshot.store, iri) for one in ranks]
    assert {one.record.iri for one in found} == held
    assert all(one.rank <= one.population for one in found)


def test_the_sheet_holds_the_statements_with_labels_beside_iris(client, snapshot):
    answer = client.get("/id/organization/equinix.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")  # a spreadsheet reads the accents
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    shown = {(line["property IRI"], line["value IRI"] or line["value"]) for line in lines}
    turtle = parse(client.get("/id/organization/equinix.ttl").data, format=RdfFormat.TURTLE)
    assert shown == {(q.predicate.value, q.object.value) for q in turtle}
    amsterdam = next(line for line in lines if line["value IRI"].endswith("location/amsterdam"))
    assert (amsterdam["property"], amsterdam["value"]) == ("peers at", "Amsterdam")
    assert amsterdam["sources"] and amsterdam["source IRIs"].startswith("https://")


def test_the_head_holds_the_statements_as_json_ld(client):
    page = client.get("/id/organization/cinia.html", headers=HTML).text
    told = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert told is not None
    read = set(parse(told[1], format=RdfFormat.JSON_LD))
    turtle = parse(client.get("/id/organization/cinia.ttl").data, format=RdfFormat.TURTLE)
    assert {quad.triple for quad in read} == {quad.triple for quad in turtle}


def test_the_query_of_a_page_finds_its_statements(client, snapshot):
    iri = THING + "organization/cinia"
    found = snapshot.store.query(query(iri))
    own = {(str(s["property"]), str(s["other"])) for s in found if s["direction"] == Literal("of it")}
    turtle = parse(client.get("/id/organization/cinia.ttl").data, format=RdfFormat.TURTLE)
    assert own == {(str(q.predicate), str(q.object)) for q in turtle}


def test_the_address_to_cite_is_of_this_version(client, snapshot):
    page = client.get("/id/organization/cinia.html", headers=HTML).text
    assert f"http://localhost/snapshot/{snapshot.id}/id/organization/cinia.html" in page


def test_the_drawing_says_what_the_list_says(client):
    page = client.get("/id/organization/cinia.html", headers=HTML).text
    told = re.search(r'data-graph="([^"]*)"', page)
    assert told is not None
    drawn = json.loads(told[1].replace("&#34;", '"').replace("&amp;", "&").replace("&#39;", "'"))
    assert drawn["nodes"][0]["label"] == "Cinia"
    assert len(drawn["edges"]) >= 2
    section = page[page.index('id="around"') : page.index('id="incoming"')]
    assert [node["label"] for node in drawn["nodes"][1:] if node["label"] not in section] == []


def test_a_category_says_that_nobody_is_named_in_it_nor_in_a_narrower_one():
    category = THING + "category/"
    facts = f"""
    PREFIX pe: <{ONTOLOGY}> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX : <{category}>
    GRAPH <https://example.org/g> {{
      :empty a pe:PartnerCategory . :under skos:broader :empty . :empty skos:broader :under .
      :own a <https://example.org/Category> . <https://example.org/Category> rdfs:subClassOf pe:PartnerCategory .
      :full a pe:PartnerCategory . <{THING}organization/a> pe:category :full .
      :above a pe:PartnerCategory . :between skos:broader :above . :full skos:broader :between .
      <{THING}program/p> a pe:Program .
    }}"""
    made = in_memory(parse(facts, format=RdfFormat.TRIG))
    told = {name: remark(made, category + name) for name in ("empty", "own", "full", "above", "none")}
    assert told == {"empty": NO_MEMBER, "own": NO_MEMBER, "full": "", "above": "", "none": ""}
    assert remark(made, THING + "program/p") == ""


def test_the_pages_of_categories_say_it(client):
    for name, said in (("vendor", True), ("internet-hosting-service", True), ("systems-integrator", False)):
        assert (NO_MEMBER in client.get(f"/id/category/{name}.html").text) is said

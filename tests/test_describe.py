"""What is known of one thing: each statement once, in one section, with its graphs; and names for people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from graph.describe import describe, pointing
from graph.layout import ORDER, SECTIONS
from graph.names import ONTOLOGY, PREFIXES, THING
from graph.naming import Namer, kind_words, plural, readable
from graph.store import in_memory
from graph.terms import read_iri, read_term

XSD = PREFIXES["xsd"]
ACME, BRASS = THING + "organization/acme", THING + "organization/brass"

FACTS = f"""
@prefix pe: <{ONTOLOGY}> . @prefix rdfs: <{PREFIXES["rdfs"]}> . @prefix skos: <{PREFIXES["skos"]}> .
@prefix id: <{THING}> . @prefix dcterms: <{PREFIXES["dcterms"]}> .
@prefix g: <https://w3id.org/partner-ecosystem/graph/> .
GRAPH g:one {{
  <{ACME}> a pe:Partner ; rdfs:label "Acme"@en, "Akme"@de ; skos:altLabel "A.C.M.E." ;
    skos:hiddenLabel "Acmee" ; pe:launched 1999 ;
    pe:connectsVia <{BRASS}> ; <https://example.org/made-of> "brass" .
  <{BRASS}> rdfs:label "Brass" .
  <{THING}relationship/acme-brass> a pe:Relationship ; rdfs:label "Acme via Brass" ;
    pe:from <{ACME}> ; pe:to <{BRASS}> ; pe:qualifier "since ever" .
  <{THING}organization/zinc> pe:connectsVia <{BRASS}> .
}}
GRAPH g:two {{ <{ACME}> a pe:Partner ; pe:connectsVia <{BRASS}> . }}
GRAPH g:catalogue {{
  g:one dcterms:title "The first list" ; pe:evidence <{THING}concept/stated> ; pe:bias "Only two firms."@en .
  g:two dcterms:title "A guess" ; pe:evidence <{THING}concept/judged> .
}}
"""


@pytest.fixture(scope="module")
def store() -> Store:
    return in_memory(parse(FACTS, format=RdfFormat.TRIG))


def by_property(description):
    return {group.predicate: group for section in description.sections for group in section.groups}


def test_each_statement_once_with_all_graphs_that_make_it(store):
    groups = by_property(describe(store, ACME))
    via = groups[ONTOLOGY + "connectsVia"]
    assert [s.value.text for s in via.statements] == ["Brass"]
    assert [g.rsplit("/", 1)[-1] for g in via.statements[0].graphs] == ["one", "two"]


def test_sections_follow_the_written_order_and_hold_what_no_section_lists(store):
    sections = describe(store, ACME).sections
    assert [s.title for s in sections] == ["What it is", "Relations", "Numbers and dates", "Names"]
    assert sorted(ORDER) == list(range(len(SECTIONS)))  # each section has a place
    # A property nobody foresaw is shown too: text with what the thing is, a number with the numbers.
    assert "https://example.org/made-of" in {g.predicate for g in sections[0].groups}
    assert ONTOLOGY + "launched" in {g.predicate for g in sections[2].groups}


def test_the_english_name_is_the_label_and_the_others_are_other_names(store):
    described = describe(store, ACME)
    assert described.label == "Acme"
    assert described.names == ("Akme", "A.C.M.E."), "a hidden name is not among them"
    assert "Acmee" in {s.value.text for s in by_property(described)[PREFIXES["skos"] + "hiddenLabel"].statements}


def test_what_points_here_is_grouped_by_property_and_kind_with_the_fields_of_ties(store):
    incoming = {(g.predicate.removeprefix(ONTOLOGY), g.kind): g for g in describe(store, BRASS).incoming}
    assert {key: group.count for key, group in incoming.items()} == {
        ("connectsVia", "organization"): 2,
        ("to", "relationship"): 1,
    }
    tie = incoming["to", "relationship"].statements[0]
    shown = {p.removeprefix(ONTOLOGY): [v.text for v in values] for p, values in tie.fields.items()}
    assert shown == {"from": ["Acme"], "qualifier": ["since ever"]}  # not the end that the page is about


def test_sources_are_numbered_stated_before_judged_with_their_counts(store):
    one, two = describe(store, ACME).providers
    assert (one.number, one.title, one.evidence, one.bias, one.is_ours) == (
        1,
        "The first list",
        "stated",
        "Only two firms.",
        False,
    )
    assert (two.number, two.title, two.evidence, two.is_ours) == (2, "A guess", "judged", True)
    assert two.count == 2


def test_incoming_lists_are_cut_and_paged_without_loss(store):
    first = describe(store, BRASS, first=1).incoming[0]
    assert (first.count, len(first.statements)) == (2, 1)
    pages = [pointing(store, BRASS, ONTOLOGY + "connectsVia", "organization", start, 1) for start in (0, 1)]
    assert [page[0].statements[0].value.iri for page in pages] == [ACME, THING + "organization/zinc"]
    assert pointing(store, BRASS, ONTOLOGY + "connectsVia", "category", 0, 1) is None


def test_a_thing_only_mentioned_is_known_and_one_never_mentioned_is_not(store):
    assert describe(store, THING + "concept/stated").sections == ()
    assert describe(store, THING + "concept/stated").mentions == 1
    assert describe(store, THING + "organization/nobody") is None


def test_statements_without_a_graph_are_described_without_a_source():
    plain = Store()
    plain.add(Quad(NamedNode(ACME), NamedNode(PREFIXES["rdfs"] + "label"), Literal("Acme"), DefaultGraph()))
    described = describe(plain, ACME)
    assert described.label == "Acme"
    assert described.providers == ()


def test_the_shipped_things_are_described_by_exactly_their_statements(snapshot):
    union = DefaultGraph()
    subjects = sorted({q.subject.value for q in snapshot.store.quads_for_pattern(None, None, None, union)})
    for iri in subjects[:: max(1, len(subjects) // 100)]:
        described = describe(snapshot.store, iri)
        told = {(s.predicate, s.object) for sec in described.sections for g in sec.groups for s in g.statements}
        held = {
            (q.predicate.value, q.object) for q in snapshot.store.quads_for_pattern(NamedNode(iri), None, None, union)
        }
        assert told == held
        assert all(s.graphs for sec in described.sections for g in sec.groups for s in g.statements), iri


@pytest.mark.parametrize(
    ("text", "kind", "read"),
    [
        ("640000", "integer", "640,000"),
        ("-1234", "integer", "-1,234"),
        ("1" * 60, "integer", "1" * 60),  # not a number for people any more
        ("8.7", "decimal", "8.7"),
        ("500000000", "decimal", "500,000,000"),
        ("1234.5", "decimal", "1,234.5"),
        ("2003-10", "gYearMonth", "October 2003"),
        ("2026-11-22", "date", "22 November 2026"),
        ("2026-11-22Z", "date", "2026-11-22Z"),  # a day with a zone is left as it is
        ("-0044-03-15", "date", "-0044-03-15"),
        ("2001", "gYear", "2001"),
        ("true", "boolean", "yes"),
        ("1,5", "string", "1,5"),
    ],
)
def test_literals_read_as_in_a_sentence(text, kind, read):
    assert readable(Literal(text, datatype=NamedNode(XSD + kind))) == read


def test_a_property_has_words_even_where_nothing_names_it(store):
    namer = Namer(store)
    assert namer.property(PREFIXES["skos"] + "altLabel") == "also called"
    assert namer.property(ONTOLOGY + "connectsVia") == "connects via"
    assert namer.property("https://example.org/made-of") == "https://example.org/made-of"


@pytest.mark.parametrize(
    ("words", "many"),
    [("partner", "partners"), ("partner category", "partner categories"), ("key", "keys"), ("news", "news")],
)
def test_plurals(words, many):
    assert plural(words) == many
    assert plural(words, 1) == words
    assert (kind_words("organization", 2), kind_words("program"), kind_words("")) == (
        "organisations",
        "programme",
        "thing",
    )


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["", "en", "de-at", "^"]))
def test_a_literal_survives_its_address(text, sort):
    if sort == "^":
        term = Literal(text, datatype=NamedNode("https://example.org/type"))
    else:
        term = Literal(text, language=sort) if sort else Literal(text)
    assert read_term(str(term)) == term


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("<https://example.org/a>", "https://example.org/a"),
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("urn:x:y", "urn:x:y"),
        ("pe:category", ONTOLOGY + "category"),
        ("organization/acme", ACME),
    ],
)
def test_an_iri_is_read_in_every_form(text, iri):
    assert read_iri(text) == iri


@pytest.mark.parametrize(
    "text",
    ["", "<>", "acme", "organisation/acme", '"no end', '"a" "b"', '"\\u12"', '"\\ud800"', '"a"@', '"a"^^<b>', "<a b>",
     '<< <a:b> <a:b> <a:b> >>', '"' * 21_000, "http://exa mple.org", "<https://example.org/\x00>"],
)  # fmt: skip
def test_what_is_no_term_is_refused(text):
    with pytest.raises(ValueError):
        read_term(text)

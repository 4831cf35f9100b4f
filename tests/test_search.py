"""Search by name finds by prefix, whatever the accents and the case, and takes any text as words, never as syntax."""

import sqlite3

import pytest
from pyoxigraph import RdfFormat, parse

from graph import search
from graph.names import ONTOLOGY, PREFIXES, THING
from graph.store import in_memory

NAMES = f"""
@prefix pe: <{ONTOLOGY}> . @prefix rdfs: <{PREFIXES["rdfs"]}> . @prefix skos: <{PREFIXES["skos"]}> .
@prefix id: <{THING}organization/> .
GRAPH <https://w3id.org/partner-ecosystem/graph/names> {{
  id:telefonica rdfs:label "Telefónica" . id:telefonica-brasil rdfs:label "Telefônica Brasil" .
  id:oredev rdfs:label "Øredev" . id:strasse rdfs:label "Straße & Söhne" . id:lodz rdfs:label "Łódź Telecom" .
  id:nihon rdfs:label "日本電信" . id:three rdfs:label "3M" . id:net rdfs:label "Net" .
  id:att rdfs:label "AT&T" ; skos:altLabel "AT&T NetBond" . id:network rdfs:label "Networkers" .
  id:acme rdfs:label "Acme Corporation" ; pe:abbreviation "ACME" ; skos:hiddenLabel "Akme" ; pe:namedAs "acme corp." .
  id:near rdfs:label "NEAR AND NOT" . id:underscore rdfs:label "snake_case" .
  <{THING}program/acme-club> rdfs:label "Acme Club" .
  <{THING}relationship/acme-net> rdfs:label "Acme connects via Net" .
}}
"""


@pytest.fixture(scope="module")
def index():
    connection = sqlite3.connect(":memory:")
    search.write(connection, in_memory(parse(NAMES, format=RdfFormat.TRIG)))
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("text", "first", "how"),
    [
        ("Telefónica", "Telefónica", "label"),
        ("telefonica", "Telefónica", "label"),  # the whole name before longer ones, accents or not
        ("TELEFONICA BRA", "Telefônica Brasil", "label"),
        ("brasil telefonica", "Telefônica Brasil", "label"),
        ("oredev", "Øredev", "label"),  # letters that no accent makes
        ("strasse", "Straße & Söhne", "label"),
        ("straße", "Straße & Söhne", "label"),
        ("lodz", "Łódź Telecom", "label"),
        ("日本", "日本電信", "label"),
        ("at&t", "AT&T", "label"),
        ("netbond", "AT&T", "other name"),
        ("3m", "3M", "label"),
        ("net", "Net", "label"),
        ("networ", "Networkers", "label"),
        ("acme", "Acme Corporation", "abbreviation"),  # equal to a whole name of it
        ("akme", "Acme Corporation", "variant spelling"),
        ("corp. acme", "Acme Corporation", "name in a source"),
        ("near and", "NEAR AND NOT", "label"),
        ("snake_c", "snake_case", "label"),
    ],
)
def test_the_best_match(index, text, first, how):
    best = search.find(index, text)[0]
    assert (best.label, best.how) == (first, how)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        '"',
        '""',
        "*",
        "^",
        "_",
        "-",
        "(",
        ")",
        "NEAR(",
        "a*b:",
        "{text}",
        "\x00",
        "'; DROP TABLE name; --",
        "🙂",
        "\ud83d",
    ],
)
def test_punctuation_and_syntax_are_not_searched_for(index, text):
    found = search.find(index, text)
    assert all(match.label for match in found)
    assert search.kinds(index, text) is not None
    assert search.suggest(index, text) is not None


def test_syntax_is_words(index):
    assert [m.label for m in search.find(index, "near AND not")] == ["NEAR AND NOT"]
    assert search.find(index, "net OR acme") == []
    assert search.find(index, "text:acme") == []
    assert search.find(index, "a" * 100_000) == []
    assert search.find(index, "a " * 5_000) is not None


def test_a_kind_narrows_and_is_never_a_pattern(index):
    assert {m.kind for m in search.find(index, "acme")} == {"organization", "program"}
    assert [m.label for m in search.find(index, "acme", kind="program")] == ["Acme Club"]
    assert search.find(index, "acme", kind="*") == []
    assert search.find(index, "acme", kind="[a-z]*") == []
    assert search.kinds(index, "acme") == {"organization": 1, "program": 1}


def test_names_made_of_others_names_are_left_out(index):
    assert "relationship" not in search.kinds(index, "acme")


def test_each_thing_once_up_to_the_limit(index):
    found = search.find(index, "a", limit=3)
    assert len(found) == len({m.iri for m in found}) <= 3


@pytest.mark.parametrize(
    ("text", "near"), [("Acme Klub", "Acme Club"), ("telefonicca", "Telefónica"), ("Networking", "Networkers")]
)
def test_a_name_that_is_nearly_right_is_suggested(index, text, near):
    assert search.find(index, text) == []
    assert near in [m.label for m in search.suggest(index, text)]

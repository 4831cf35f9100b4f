"""Search by name finds by prefix, whatever the accents and the case, and takes any text as words, never as syntax."""

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from graph import near as near_
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


@pytest.mark.parametrize(
    ("text", "first", "how"),
    [
        ("net workers", "Networkers", "label"),  # spaces do not matter
        ("nearandnot", "NEAR AND NOT", "label"),
        ("att", "AT&T", "label"),
        ("nan", "NEAR AND NOT", "initials"),
        ("Networkerz", "Networkers", search.NEARLY),
        ("entworkers", "Networkers", search.NEARLY),  # neighbours swapped
        ("telefonca brasl", "Telefônica Brasil", search.NEARLY),
    ],
)
def test_the_best_of_a_list_that_grows_as_one_types(index, text, first, how):
    best = search.best(index, text)[0]
    assert (best.label, best.how) == (first, how)


@pytest.mark.parametrize(
    ("asked", "name", "is_near"),
    [
        ("nope", "copenhagen", False),
        ("nope", "global nodes", False),
        ("port", "megaport", False),
        ("mega", "megaport", True),
        ("atnt", "at&t", True),
        ("cold", "colt", True),
        ("cold", "colt technology", True),
        ("equin", "equinix", True),
        ("copenhagn", "copenhagen", True),
    ],
)
def test_a_short_word_is_near_to_whole_words(asked, name, is_near):
    assert (near_.likeness(asked, name) >= near_.LEAST) is is_near


def test_what_is_far_is_not_near(index):
    assert search.best(index, "qqqqzzzz") == []
    assert search.suggest(index, "x") == []
    assert [m.label for m in search.best(index, "Acme Klub", kind="program")] == ["Acme Club"]
    assert {m.kind for m in search.best(index, "acmee")} == {"organization", "program"}
    assert search.best(index, "acmee", limit=1) == search.best(index, "acmee")[:1]


@given(st.text(max_size=60))
def test_any_text_is_taken(index, text):
    """Whatever is typed is answered, each thing once, and what `find` gives stands first."""
    found = search.best(index, text)
    assert len({match.iri for match in found}) == len(found) <= 8
    exact = search.find(index, text, 8)
    assert found[: len(exact)] == exact


def wrongly_written():
    """Give what people type for partners of the shipped graph; written down before the ranking was tuned."""
    file = Path(__file__).parent / "data" / "search" / "names.tsv"
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def test_misspelt_abbreviated_and_former_names_are_found(snapshot):
    """At least 57 of 60 among the first three: the issue of a search is the first look at its answer."""
    rows, found = wrongly_written(), 0
    assert len(rows) == 60
    missed = []
    with closing(snapshot.index()) as connection:
        for row in rows:
            wanted = f"{THING}organization/{row['organization']}"
            if wanted in [match.iri for match in search.best(connection, row["typed"], 3)]:
                found += 1
            else:
                missed.append(row["typed"])
    assert found >= 57, missed


def test_of_many_names_some_are_looked_at(index, monkeypatch):
    """A letter fits most names of a large graph: what equals it is found all the same, and the page knows."""
    assert not search.are_many(index, "n")
    monkeypatch.setattr(search, "LOOKED_AT", 2)
    assert search.are_many(index, "n")
    assert not search.are_many(index, "acme corporation")
    assert search.find(index, "net")[0].label == "Net"
    assert 0 < sum(search.kinds(index, "n").values()) <= 4  # two names by words, two by letters

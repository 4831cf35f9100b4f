"""Addresses of persons: found in any dress, on any property, by each of the three ways in which data is judged."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from graph.columns.build import build
from graph.contacts import ADDRESS, holds_address
from graph.screen.choice import judge_store
from graph.screen.judge import judge_at_size
from graph.store import in_memory
from graph.validate import Finding, Report, room_triples, validate

WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
ENDING = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=6)
DRESSES = ["{}@{}.{}", "{} @ {}.{}", "{}(at){}.{}", "{} [at] {} [dot] {}", "{} (at) {} dot {}", "{} at {} dot {}",
           "{}\uff20{}.{}", "mailto:{}@{}.{}", "write to {}@{}.{}!", "<{}@{}.{}>"]  # fmt: skip
IN_AN_IRI = "https://sutland.example/?to="
FREE = ["Sutland @ the sea", "3 @ 2.50 each", "pe:Partner at w3id.org", "package@1.2.3", "", "@", "hotel: open"]
STATEMENTS = [
    ("x:s", "http://www.w3.org/2004/02/skos/core#example", Literal("ada@sutland.example")),
    ("x:s", "http://www.w3.org/2000/01/rdf-schema#comment", Literal("ada\uff20sutland.example")),
    ("x:s", "x:p", Literal("ada@sutland.example", language="en")),
    ("x:s", "x:p", NamedNode("mailto:ada")),
    ("x:s", "x:p", NamedNode(f"{IN_AN_IRI}ada%40sutland.example")),
    ("mailto:ada@sutland.example", "x:p", Literal(1)),
    ("x:s", "x:ada@sutland.example", Literal(1)),
    ("x:s", "x:p", Literal("1", datatype=NamedNode("mailto:ada"))),
    ("_:s", "x:p", Literal("ada@sutland.example")),
]


@given(WORD, WORD, ENDING, st.sampled_from(DRESSES))
def test_an_address_is_found_in_any_dress(who: str, where: str, ending: str, dress: str) -> None:
    text = dress.format(who, where, ending)
    assert holds_address(text)
    assert holds_address(text.upper()) or "@" not in text
    assert holds_address(IN_AN_IRI + quote(text))


@pytest.mark.parametrize("text", FREE)
def test_what_is_no_address_is_let_alone(text: str) -> None:
    assert not holds_address(text)


def by_shapes(triple: Triple, folder: Path) -> Report:
    return validate([triple], beside=room_triples("ontology"))


def of_a_store(triple: Triple, folder: Path) -> Report:
    store = in_memory([Quad(triple.subject, triple.predicate, triple.object, NamedNode("x:g"))])
    return judge_store(store, "union", None, room_triples("ontology"))


def at_size(triple: Triple, folder: Path) -> Report:
    store = in_memory([Quad(triple.subject, triple.predicate, triple.object, NamedNode("x:g"))])
    build(store, folder, "union")
    return judge_at_size(store, folder, "union", room_triples("ontology"))


@pytest.mark.parametrize("judge", [by_shapes, of_a_store, at_size], ids=["whole", "a store", "at size"])
@pytest.mark.parametrize("statement", STATEMENTS, ids=[str(value) for *_, value in STATEMENTS])
def test_it_is_found_on_any_property_and_in_names(judge, statement, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    subject, property_, value = statement
    node = BlankNode("s") if subject == "_:s" else NamedNode(subject)
    report = judge(Triple(node, NamedNode(property_), value), tmp_path)
    (finding,) = (one for one in report.findings if one.shape == str(ADDRESS))
    assert isinstance(finding, Finding) and finding.severity == "violation" and not report.conforms
    assert "are not published" in finding.message
    assert report.turtle.partition("sh:conforms")[2].split()[0] == "false"


def test_one_that_the_shape_finds_is_told_once(tmp_path: Path) -> None:
    comment = NamedNode("http://www.w3.org/2000/01/rdf-schema#comment")
    triple = Triple(NamedNode("x:s"), comment, Literal("ada@sutland.example"))
    for judge in (by_shapes, at_size):
        report = judge(triple, tmp_path)
        assert [one.shape for one in report.findings].count(str(ADDRESS)) == 1


@pytest.mark.parametrize("graph", ["mailto:ada", "https://sutland.example/ada@sutland.example"])
def test_the_name_of_a_graph_is_one_too(tmp_path: Path, graph: str) -> None:
    store = in_memory([Quad(NamedNode("x:s"), NamedNode("x:p"), Literal(1), NamedNode(graph))])
    assert not judge_store(store, "union", None, room_triples("ontology")).conforms
    build(store, tmp_path, "union")
    assert not judge_at_size(store, tmp_path, "union", room_triples("ontology")).conforms


def test_shapes_of_others_do_not_ask(tmp_path: Path) -> None:
    from rdflib import Graph

    assert validate([Triple(NamedNode("x:s"), NamedNode("x:p"), Literal("ada@sutland.example"))], Graph()).conforms

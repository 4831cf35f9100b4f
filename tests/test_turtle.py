"""Turtle and TriG as text: what a person reads, down to the byte, and the labels of blank nodes.

That every output means what went in is tested in test_export.py, over arbitrary graphs; here stand the texts.
"""

import re
import time
from itertools import permutations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from graph.export import write
from graph.formats import TRIG, TURTLE
from graph.labels import NotSerialisable, canonical
from graph.names import PREFIXES

EX = "http://example.org/"
XSD = PREFIXES["xsd"]
PREDICATE = NamedNode(EX + "p")


def text(triples, prefixes=PREFIXES, form=TURTLE):
    return b"".join(write(triples, form, prefixes)).decode()


def typed(lexical, datatype):
    return Literal(lexical, datatype=NamedNode(datatype))


def test_a_document_reads_as_a_person_would_write_it():
    pe, thing = PREFIXES["pe"], "https://w3id.org/partner-ecosystem/id/"
    rdf_type = NamedNode(PREFIXES["rdf"] + "type")
    acme = NamedNode(thing + "organization/acme")
    triples = [
        Triple(acme, NamedNode(PREFIXES["rdfs"] + "label"), Literal("Acme", language="en")),
        Triple(acme, NamedNode(PREFIXES["rdfs"] + "label"), Literal("Acmé", language="fr")),
        Triple(acme, NamedNode(pe + "webDomain"), Literal("acme.example")),
        # The letter A sorts before the type: only the rule puts the type first.
        Triple(acme, NamedNode("http://a.example/A"), NamedNode(EX)),
        Triple(acme, rdf_type, NamedNode(pe + "Partner")),
        Triple(NamedNode(thing + "metric/partners"), rdf_type, NamedNode(pe + "Metric")),
        Triple(NamedNode(thing + "metric/partners-a"), rdf_type, NamedNode(pe + "Metric")),
    ]
    expected = """\
@prefix pe: <https://w3id.org/partner-ecosystem/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<https://w3id.org/partner-ecosystem/id/metric/partners>
    a pe:Metric .

<https://w3id.org/partner-ecosystem/id/metric/partners-a>
    a pe:Metric .

<https://w3id.org/partner-ecosystem/id/organization/acme>
    a pe:Partner ;
    <http://a.example/A> <http://example.org/> ;
    rdfs:label
        "Acme"@en,
        "Acmé"@fr ;
    pe:webDomain "acme.example" .
"""
    # The order of what goes in must not matter; duplicates must not show.
    head, tail = triples[:2], sorted(triples[2:], key=lambda triple: str(triple.object))
    # Subjects stand in the order of their IRIs: metric before organization.
    assert text(triples) == text(tail + head + triples) == text(triples[::-1]) == expected


def test_a_dataset_has_the_default_graph_first_and_each_graph_once():
    one, two = NamedNode(EX + "g1"), NamedNode(EX + "g2")
    subject = NamedNode(EX + "s")
    quads = [Quad(subject, PREDICATE, Literal(str(n)), graph) for n, graph in enumerate((two, one, two, one))]
    quads += [Quad(subject, PREDICATE, Literal("x")), Quad(PREDICATE, PREDICATE, Literal("y"), one)]
    assert (
        text(quads, {"ex": EX}, TRIG)
        == """\
@prefix ex: <http://example.org/> .

ex:s
    ex:p "x" .

ex:g1 {
    ex:p
        ex:p "y" .

    ex:s
        ex:p
            "1",
            "3" .
}

ex:g2 {
    ex:s
        ex:p
            "0",
            "2" .
}
"""
    )
    # In Turtle the graphs fall together, and a triple that stands in two of them is written once.
    doubled = [Quad(subject, PREDICATE, Literal("x"), graph) for graph in (one, two)]
    assert text(doubled, {"ex": EX}) == '@prefix ex: <http://example.org/> .\n\nex:s\n    ex:p "x" .\n'


def test_nothing_gives_an_empty_document():
    assert text([]) == text([], form=TRIG) == ""


LITERALS = [
    # Plain, and what the grammar asks to be escaped.
    (Literal(""), '""'),
    (Literal('say "hi"'), r'"say \"hi\""'),
    (Literal("back\\slash"), r'"back\\slash"'),
    (Literal("\\n is no line end"), r'"\\n is no line end"'),
    (Literal("tab\there"), r'"tab\there"'),
    (Literal("\r"), r'"\r"'),
    (Literal("\0\x01\x08\x0b\x0c\x1f\x7f"), r'"\u0000\u0001\b\u000B\f\u001F\u007F"'),
    # Invisible ones, or ones that would show the text in another order (CVE-2021-42574).
    (Literal("\x85\u200b\u2028\u202e\u2066\ufeff\ufffe"), r'"\u0085\u200B\u2028\u202E\u2066\uFEFF\uFFFE"'),
    (Literal("zażółć 日本 \U0001f600"), '"zażółć 日本 \U0001f600"'),
    # Lines, with quotes and backslashes where they could end the string or hide an escape.
    (Literal("one\ntwo"), '"""one\ntwo"""'),
    (Literal("\n"), '"""\n"""'),
    (Literal('a "b"\n"c"'), '"""a "b"\n"c\\""""'),
    (Literal('"""\n'), '"""\\"\\""\n"""'),
    (Literal('\n\\"'), '"""\n\\\\\\""""'),
    (Literal("\n\\\\"), '"""\n\\\\\\\\"""'),
    (Literal("\\n\n\r\n\t"), '"""\\\\n\n\\r\n\\t"""'),
    (Literal("one\ntwo", language="en"), '"""one\ntwo"""@en'),
    # Language tags are case-insensitive; the engine keeps them in lower case.
    (Literal("colour", language="en-GB"), '"colour"@en-gb'),
    # Numbers and booleans: bare only where reading them back gives the same lexical form in any library.
    (typed("0", XSD + "integer"), "0"),
    (typed("-17", XSD + "integer"), "-17"),
    (typed("640000", XSD + "integer"), "640000"),
    (typed("007", XSD + "integer"), '"007"^^xsd:integer'),
    (typed("+1", XSD + "integer"), '"+1"^^xsd:integer'),
    (typed("-0", XSD + "integer"), '"-0"^^xsd:integer'),
    (typed(" 1", XSD + "integer"), '" 1"^^xsd:integer'),
    (typed("1\n", XSD + "integer"), '"""1\n"""^^xsd:integer'),
    (typed("\u0661", XSD + "integer"), '"\u0661"^^xsd:integer'),
    (typed("1.0", XSD + "integer"), '"1.0"^^xsd:integer'),
    (typed("1", XSD + "int"), '"1"^^xsd:int'),
    (typed("8.7", XSD + "decimal"), "8.7"),
    (typed("-0.5", XSD + "decimal"), "-0.5"),
    (typed("1.0", XSD + "decimal"), "1.0"),
    (typed("8.70", XSD + "decimal"), '"8.70"^^xsd:decimal'),
    (typed(".5", XSD + "decimal"), '".5"^^xsd:decimal'),
    (typed("8", XSD + "decimal"), '"8"^^xsd:decimal'),
    (typed("8.", XSD + "decimal"), '"8."^^xsd:decimal'),
    (typed("1.5E3", XSD + "double"), "1.5E3"),
    (typed("1.0E0", XSD + "double"), "1.0E0"),
    (typed("0.0E0", XSD + "double"), "0.0E0"),
    (typed("15.0E2", XSD + "double"), '"15.0E2"^^xsd:double'),
    (typed("1.5e3", XSD + "double"), '"1.5e3"^^xsd:double'),
    (typed("1.5E+3", XSD + "double"), '"1.5E+3"^^xsd:double'),
    (typed("1.5E03", XSD + "double"), '"1.5E03"^^xsd:double'),
    (typed("NaN", XSD + "double"), '"NaN"^^xsd:double'),
    (typed("1.5E3", XSD + "float"), '"1.5E3"^^xsd:float'),
    (typed("true", XSD + "boolean"), "true"),
    (typed("1", XSD + "boolean"), '"1"^^xsd:boolean'),
    (typed("TRUE", XSD + "boolean"), '"TRUE"^^xsd:boolean'),
    (typed("1992", XSD + "gYear"), '"1992"^^xsd:gYear'),
    (typed("x", XSD + "string"), '"x"'),
    (typed("x", EX + "a datatype".replace(" ", "-")), '"x"^^ex:a-datatype'),
    (typed("x", "urn:d"), '"x"^^<urn:d>'),
]

IRIS = [
    (EX + "a", "ex:a"),
    (EX + "a.b", "ex:a.b"),
    # Turtle could say these with a backslash; rdflib 7 reads `ex:\-a` and `ex:a\.` not at all.
    (EX + "a.", "<http://example.org/a.>"),
    (EX + ".a", "<http://example.org/.a>"),
    (EX + "-a", "<http://example.org/-a>"),
    (EX + "a-", "ex:a-"),
    (EX + "_a", "ex:_a"),
    (EX + "1", "ex:1"),
    (EX + "a:b", "ex:a:b"),
    (EX + ":", "ex::"),
    (EX + "a%20b", "ex:a%20b"),
    (EX + "%C3%a9", "ex:%C3%a9"),
    (EX + "it's(a)*$!&+=~@,;", "<http://example.org/it's(a)*$!&+=~@,;>"),
    (EX + "é日\U00010000", "ex:é日\U00010000"),
    # No local name in Turtle: a multiplication sign, a combining mark or a middle dot in front.
    (EX + "a\u00d7b", "<http://example.org/a\u00d7b>"),
    (EX + "\u0300a", "<http://example.org/\u0300a>"),
    (EX + "\u00b7a", "<http://example.org/\u00b7a>"),
    (EX + "a\u00b7\u0300", "ex:a\u00b7\u0300"),
    (EX + "a\u202eb", "<http://example.org/a\\u202Eb>"),
    # The namespace itself, and what lies below it: written out, `ex:` and `ex:a\/b` would be riddles.
    (EX, "<http://example.org/>"),
    (EX + "a/b", "<http://example.org/a/b>"),
    (EX + "a?b", "<http://example.org/a?b>"),
    (EX + "a#b", "<http://example.org/a#b>"),
    # The longest namespace, one that ends in no slash, one that is a prefix of another.
    (EX + "deep/a", "deep:a"),
    (EX + "deep/OBO_12", "obo:12"),
    (EX + "deep/OBO_1/2", "<http://example.org/deep/OBO_1/2>"),
    ("urn:isbn:123", "isbn:123"),
    ("urn:other", "<urn:other>"),
    ("http://other.example/?a=b&c='d'", "<http://other.example/?a=b&c='d'>"),
]

TABLE_PREFIXES = {
    "ex": EX,
    "deep": EX + "deep/",
    "obo": EX + "deep/OBO_",
    "isbn": "urn:isbn:",
    "xsd": XSD,
    "unused": "http://unused.example/",
}


@pytest.mark.parametrize(
    ("term", "expected"), [*LITERALS, *((NamedNode(iri), wanted) for iri, wanted in IRIS)], ids=repr
)
def test_a_term_is_written_so(term, expected):
    triple = Triple(NamedNode("urn:s"), NamedNode("urn:p"), term)
    document = text([triple], TABLE_PREFIXES)
    head, _, body = document.rpartition("<urn:s>\n    <urn:p> ")
    assert body == f"{expected} .\n"
    assert parsed(document) == {triple}
    # A prefix is declared exactly where the term takes it.
    used = re.match(r'(?:"[^^]*"\^\^)?(\w+):', expected)
    assert re.findall(r"@prefix (\w+):", head) == ([used[1]] if used else [])


def parsed(document):
    return {quad.triple for quad in parse(document.encode(), format=RdfFormat.TURTLE)}


@pytest.mark.parametrize(
    ("prefix", "allowed"),
    [
        ("", True),
        ("a", True),
        ("a.b-1", True),
        ("é", True),
        ("_", False),
        ("1a", False),
        ("a.", False),
        ("a b", False),
        ("a:", False),
        ("-", False),
    ],
)
def test_a_prefix_that_turtle_does_not_allow_is_refused(prefix, allowed):
    triple = Triple(NamedNode(EX + "a"), PREDICATE, Literal("x"))
    if allowed:
        document = text([triple], {prefix: EX})
        assert document.startswith(f"@prefix {prefix}: <{EX}> .\n\n{prefix}:a\n")
        assert parsed(document) == {triple}
    else:
        with pytest.raises(ValueError, match="cannot be a prefix"):
            text([triple], {prefix: EX})


def test_of_two_prefixes_for_one_namespace_the_first_by_name_serves():
    triple = Triple(NamedNode(EX + "a"), PREDICATE, Literal("x"))
    assert text([triple], {"b": EX, "a": EX}) == text([triple], {"a": EX, "b": EX})
    assert "\na:a\n" in text([triple], {"b": EX, "a": EX})


def test_a_triple_term_is_refused_by_name():
    inner = Triple(NamedNode(EX + "a"), PREDICATE, Literal("x y"))
    with pytest.raises(NotSerialisable, match="triple term"):
        text([Triple(NamedNode(EX + "s"), PREDICATE, inner)])


def node(name):
    return BlankNode(name)


def quads(*links):
    """Give quads from (subject, predicate, object) where a name is a blank node and a number a literal."""
    return [
        Quad(node(s), NamedNode(EX + p), node(o) if isinstance(o, str) else Literal(str(o)))
        for s, p, o in links
    ]


def test_labels_of_blank_nodes_depend_on_the_graph_alone():
    links = [("x", "next", "y"), ("y", "next", "z"), ("z", "value", 1), ("w", "value", 1), ("w", "next", "x")]
    documents = set()
    for names in permutations("wxyz"):
        renamed = dict(zip("wxyz", names, strict=True))
        again = [(renamed[s], p, renamed[o] if isinstance(o, str) else o) for s, p, o in links]
        documents.add(text(quads(*again[::-1]), {"ex": EX}))
    assert len(documents) == 1
    assert documents.pop().count("_:c14n") == len({s for s, _, _ in links}) + 3


def test_the_tenth_blank_node_follows_the_ninth():
    document = text(quads(*((f"b{n}", "value", n) for n in range(12))))
    assert re.findall(r"^_:c14n(\d+)$", document, re.MULTILINE) == [str(n) for n in range(12)]


def clique(n):
    return [(f"b{i}", "p", f"b{j}") for i in range(n) for j in range(n) if i != j]


def ring(n):
    return [(f"b{i}", "p", f"b{(i + 1) % n}") for i in range(n)]


def twins(n):
    return [(f"r{i}", "p", f"c{i}x{j}") for i in range(2) for j in range(n)]


def torus(n):
    ways = [("p", 1, 0), ("p", 0, 1)]
    return [
        (f"b{i}x{j}", p, f"b{(i + a) % n}x{(j + b) % n}")
        for i in range(n)
        for j in range(n)
        for p, a, b in ways
    ]


@pytest.mark.parametrize(
    "links",
    [clique(9), clique(12), ring(1000), twins(9), twins(12), torus(8)],
    ids=["clique 9", "clique 12", "ring", "twins 9", "twins 12", "torus"],
)
def test_a_poison_graph_is_refused_at_once(links):
    # Each of these takes RDFC-1.0 from ten seconds to longer than anyone will wait (measured).
    began = time.monotonic()
    with pytest.raises(NotSerialisable, match="look alike"):
        text(quads(*links))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "links",
    [
        clique(4),
        ring(100),
        twins(6),
        # Many alike nodes that do not touch: the commonest case in real data, and a cheap one.
        [(f"a{n}", "value", 1) for n in range(5000)],
        # Many alike nodes around one that is not alike.
        [("hub", "value", 0), *(("hub", "p", f"a{n}") for n in range(2000))],
        # The same list of values twice, as in shapes (sh:in) and ontologies (owl:unionOf).
        [(f"{side}{n}", "rest", f"{side}{n + 1}") for side in "lr" for n in range(60)],
        # Long, and each node different.
        [link for n in range(2000) for link in ((f"l{n}", "first", n), (f"l{n}", "rest", f"l{n + 1}"))],
    ],
    ids=["clique", "ring", "twins", "apart", "star", "lists", "long list"],
)
def test_blank_nodes_of_ordinary_shapes_are_labelled(links):
    found = canonical(quads(*links))
    assert len(found) == len(links)
    nodes = {term for quad in found for term in (quad.subject, quad.object) if isinstance(term, BlankNode)}
    assert {term.value for term in nodes} == {f"c14n{n}" for n in range(len(nodes))}


def test_more_blank_nodes_than_the_bound_are_refused(monkeypatch):
    monkeypatch.setattr("graph.labels.MOST_BLANK_NODES", 2)
    assert "_:c14n1" in text(quads(("a", "value", 1), ("b", "value", 2)))
    with pytest.raises(NotSerialisable, match="3 blank nodes"):
        text(quads(("a", "value", 1), ("b", "value", 2), ("c", "value", 3)))

"""Every export means what went in, is the same bytes for the same statements, and is whole or not there."""

import hashlib
import logging
import os
import subprocess
import sys
from itertools import chain

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from graph import export
from graph.export import NotSerialisable, entity, named_graph, ontology, shapes, whole, write
from graph.folder import directory
from graph.formats import GRAPH_FORMATS, JSON, JSONLD, NQUADS, NTRIPLES, RDFXML, TRIG, TURTLE
from graph.labels import canonical
from graph.names import GRAPH, PREFIXES, THING

EX = "http://example.org/"
RDF_TYPE = NamedNode(PREFIXES["rdf"] + "type")
formats = pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)


def legal(iri):
    try:
        return NamedNode(iri)
    except ValueError:
        return None


# All that an IRI may hold where Turtle, XML and JSON have rules of their own: punctuation, percent escapes,
# letters outside ASCII, combining marks, what no local name may have, directions, a supplementary plane.
parts = st.lists(
    st.sampled_from(
        [
            *"aZ_09-.~!$&'()*+,;=:@/?#",
            "%41",
            "%zz",
            "é",
            "\u00d7",
            "ª",
            "日",
            "\u0300",
            "\u00b7",
            "\u200d",
            "\u202e",
            "\U0001f600",
            "\U000e0001",
            "xmlns",
            "lang",
        ]
    ),
    max_size=6,
).map("".join)
namespaces = st.sampled_from(
    [
        EX,
        EX + "v#",
        EX + "OBO_",
        "urn:x:",
        "mailto:",
        PREFIXES["pe"],
        PREFIXES["rdf"],
        PREFIXES["xsd"],
        "http://www.w3.org/XML/1998/namespace",
        "http://www.w3.org/2000/xmlns/",
        "http://example.org",
    ]
)
iris = st.builds(lambda namespace, rest: legal(namespace + rest), namespaces, parts).filter(bool)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.lists(
    st.sampled_from(
        [
            '"',
            "\\",
            "\n",
            "\r",
            "\t",
            "\0",
            "\x0b",
            "\x85",
            "\u2028",
            "\ufffe",
            "u0041",
            "]]>",
            "&",
            "<",
            "'",
            " ",
        ]
    ),
    max_size=8,
).map("".join)
languages = st.sampled_from(["en", "en-GB", "de-Latn-1996", "zh-hans", "x-private"])
datatypes = st.sampled_from(
    [
        PREFIXES["xsd"] + name
        for name in ["integer", "decimal", "double", "float", "boolean", "string", "date", "gYear", "anyURI"]
    ]
    + [PREFIXES["rdf"] + name for name in ("XMLLiteral", "HTML", "JSON")]
).map(NamedNode)
lexicals = texts | st.sampled_from(
    [
        "0",
        "-0",
        "+1",
        "007",
        "1.0",
        "1.50",
        ".5",
        "5.",
        "1e0",
        "1.0E0",
        "-1.5E-7",
        "NaN",
        "INF",
        "true",
        "false",
        "1",
        "TRUE",
        "{}",
        "<a>b</a>",
        "2009-01",
        "2009-01-01",
    ]
)
literals = (
    texts.map(Literal)
    | st.builds(lambda text, tag: Literal(text, language=tag), texts, languages)
    | st.builds(lambda text, datatype: Literal(text, datatype=datatype), lexicals, datatypes | iris)
)
# Few nodes, so that they meet one another; all shapes of small graphs, symmetrical ones among them.
nodes = st.sampled_from([BlankNode(name) for name in ("a", "b1", "c14n0", "c14n1")])
triples = st.builds(Triple, iris | nodes, iris | st.just(RDF_TYPE), iris | nodes | literals)
graph_names = st.sampled_from([NamedNode(EX + "g"), NamedNode("urn:g"), BlankNode("a"), DefaultGraph()])
quads = st.builds(lambda triple, name: Quad(*triple, name), triples, graph_names)
some_triples = st.lists(triples, max_size=8)
some_quads = st.lists(quads, max_size=8)

PREFIXES_OF_TEST = {
    **PREFIXES,
    "ex": EX,
    "v": EX + "v#",
    "obo": EX + "OBO_",
    "urnx": "urn:x:",
    "rdfx": EX + "v",
}


def document(found, form):
    return b"".join(write(found, form, PREFIXES_OF_TEST))


def meaning(found):
    """Give a set that two datasets share exactly where they are isomorphic."""
    return frozenset(map(str, canonical([Quad(*item) if isinstance(item, Triple) else item for item in found])))


def read(data, form):
    return meaning(parse(data, format=form.rdf))


@formats
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=some_triples)
def test_a_graph_reads_back_as_it_was(form, found):
    try:
        data = document(found, form)
    except NotSerialisable:
        assert form == RDFXML, "only RDF/XML has graphs that it cannot say"
        return
    assert read(data, form) == meaning(found)


@pytest.mark.parametrize("form", [TRIG, NQUADS, JSONLD], ids=lambda form: form.name)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=some_quads)
def test_a_dataset_reads_back_as_it_was(form, found):
    assert read(document(found, form), form) == meaning(found)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=some_triples)
def test_rdflib_reads_the_same_graph_from_our_turtle(found):
    assert read_by_rdflib(document(found, TURTLE), "turtle") == meaning(found)


def read_by_rdflib(data, name):
    # rdflib rewrites lexical forms ("007"^^xsd:integer to "7") unless told not to, logs ill-typed ones, and
    # its own isomorphism compares literals by value: so its terms are taken over into the engine, one by one,
    # and compared there.
    normalise = rdflib.NORMALIZE_LITERALS
    logging.disable(logging.WARNING)
    rdflib.NORMALIZE_LITERALS = False
    try:
        graph = rdflib.Graph(bind_namespaces="none").parse(data=data, format=name)
    finally:
        rdflib.NORMALIZE_LITERALS = normalise
        logging.disable(logging.NOTSET)
    return meaning(Triple(*map(taken_over, triple)) for triple in graph)


def taken_over(term):
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype))) if term.datatype else Literal(str(term))


@formats
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), found=some_quads)
def test_the_order_and_the_labels_of_what_goes_in_do_not_show(form, data, found):
    names = data.draw(st.permutations(["k", "l", "m", "n"]))
    renamed = dict(zip(["a", "b1", "c14n0", "c14n1"], names, strict=True))

    def again(term):
        return BlankNode(renamed[term.value]) if isinstance(term, BlankNode) else term

    shuffled = [Quad(*map(again, quad)) for quad in data.draw(st.permutations(found * 2))]
    try:
        first = document(found, form)
    except NotSerialisable:
        with pytest.raises(NotSerialisable):
            document(shuffled, form)
        return
    assert document(shuffled, form) == first


@formats
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=st.lists(quads.filter(lambda quad: not isinstance(quad.graph_name, DefaultGraph)), max_size=8))
def test_a_store_is_streamed_as_a_list_is_written(form, found):
    # `whole` asks the store subject by subject, `write` holds everything: one order, one text.
    store = snapshot(found)
    # The store rewrites numbers ("007" to "7"): what it holds is what both write.
    found = [quad for quad in store if not isinstance(quad.graph_name, DefaultGraph)]
    try:
        expected = document(found, form)
    except NotSerialisable:
        with pytest.raises(NotSerialisable):
            whole(store, form, PREFIXES_OF_TEST)
        return
    assert b"".join(whole(store, form, PREFIXES_OF_TEST)) == expected


def snapshot(found):
    """Give a store as a snapshot has it: the default graph is the union of the named ones."""
    store = Store()
    store.extend(chain(found, (Quad(*quad.triple) for quad in found)))
    return store


SEEDED = """
import hashlib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad
from graph.export import write
from graph.formats import GRAPH_FORMATS

names = {f"name-{n}" for n in range(40)}
quads = [
    Quad(BlankNode(name) if name.endswith("3") else NamedNode("urn:s:" + name),
         NamedNode("urn:p:" + other), Literal(other), NamedNode("urn:g:" + name[-1:]))
    for name in names for other in names
]
print(hash("x"), *sorted(names, key=list(names).index)[:3])
for form in GRAPH_FORMATS:
    print(form.name, hashlib.sha256(b"".join(write(quads, form))).hexdigest())
"""


def test_the_hash_seed_does_not_show():
    def run(seed):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", SEEDED], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()

    first, second = run("1"), run("2")
    assert first[0] != second[0], "the seeds gave the same order: this test would show nothing"
    assert first[1:] == second[1:]
    assert len(first) == len(GRAPH_FORMATS) + 1


INEXPRESSIBLE = [
    (EX + "1", Literal("x"), "does not end in an XML name"),
    (EX, Literal("x"), "does not end in an XML name"),
    (EX + "a%20", Literal("x"), "does not end in an XML name"),
    ("urn:x:1", Literal("x"), "does not end in an XML name"),
    (PREFIXES["rdf"] + "li", Literal("x"), "keeps the name"),
    (PREFIXES["rdf"] + "Description", Literal("x"), "keeps the name"),
    ("http://www.w3.org/2000/xmlns/a", Literal("x"), "keeps the name"),
    ("http://www.w3.org/XML/1998/namespace/lang", Literal("x"), "keeps the name"),
    (EX + "p", Literal("\0"), "control character"),
    (EX + "p", Literal("a\x0bb"), "control character"),
    (EX + "p", Literal("\x08", language="en"), "control character"),
    (EX + "p", Literal("\\\\\x0c"), "control character"),
    (EX + "p", Literal("\ufffe"), "control character"),
]


@pytest.mark.parametrize(("predicate", "term", "reason"), INEXPRESSIBLE)
def test_what_rdf_xml_cannot_say_is_refused_by_name(predicate, term, reason):
    triple = Triple(NamedNode(EX + "s"), NamedNode(predicate), term)
    with pytest.raises(NotSerialisable, match=reason) as raised:
        write([triple], RDFXML)
    assert predicate in str(raised.value) or term.value in str(raised.value)
    # The advice that the message gives holds.
    assert read(document([triple], TURTLE), TURTLE) == meaning([triple])


EXPRESSIBLE = [
    (EX + "a1", Literal("x")),
    (EX + "1a", Literal("x")),
    (EX + "é", Literal("x")),
    (PREFIXES["rdf"] + "_1", Literal("x")),
    (RDF_TYPE.value, NamedNode(EX + "1")),
    (RDF_TYPE.value, NamedNode(PREFIXES["rdf"] + "li")),
    (RDF_TYPE.value, BlankNode("b")),
    (RDF_TYPE.value, NamedNode("http://www.w3.org/2000/xmlns/a")),
    (EX + "p", Literal("")),
    (EX + "p", Literal("  ")),
    # An XML parser turns a bare carriage return into a line feed: it must be escaped.
    (EX + "p", Literal("\r\n \r")),
    (EX + "p", Literal("\t\n\x7f\x85\u2028")),
    (EX + "p", Literal("\\u0001 \\b is text")),
    (EX + "p", Literal("]]>&amp;<\"'")),
    (EX + "p", Literal("<a>&</a>", datatype=NamedNode(PREFIXES["rdf"] + "XMLLiteral"))),
    (EX + "p", NamedNode(EX + "?a=1&b='2'")),
]


@pytest.mark.parametrize(("predicate", "term"), EXPRESSIBLE)
def test_rdf_xml_reads_back_in_another_library(predicate, term):
    # The engine's reader takes XML that is none (control characters, nameless elements); expat does not.
    triple = Triple(NamedNode(EX + "s"), NamedNode(predicate), term)
    assert read_by_rdflib(document([triple], RDFXML), "xml") == meaning([triple])


@pytest.mark.parametrize("form", [TURTLE, TRIG, RDFXML], ids=lambda form: form.name)
def test_only_used_prefixes_are_declared(form):
    triples = [
        Triple(NamedNode(EX + "s"), RDF_TYPE, NamedNode(PREFIXES["pe"] + "Partner")),
        Triple(NamedNode(EX + "s"), NamedNode(PREFIXES["skos"] + "altLabel"), Literal("x")),
    ]
    text = b"".join(write(triples, form)).decode()
    declared = {name for name, namespace in PREFIXES.items() if f'"{namespace}"' in text or f"<{namespace}>" in text}
    # RDF/XML has prefixes for predicates only, and cannot do without rdf:.
    assert declared == ({"rdf", "skos"} if form == RDFXML else {"pe", "skos"})


ACME, CLOUD = THING + "organization/acme", THING + "product/cloud"
LABEL, MANAGES = NamedNode(PREFIXES["rdfs"] + "label"), NamedNode(PREFIXES["pe"] + "manages")
SEED, OTHER = NamedNode(GRAPH + "seed"), NamedNode(GRAPH + "other")
FACTS = [
    Quad(NamedNode(ACME), LABEL, Literal("Acme"), SEED),
    Quad(NamedNode(ACME), LABEL, Literal("Acme"), OTHER),
    Quad(NamedNode(ACME), MANAGES, NamedNode(CLOUD), OTHER),
    Quad(NamedNode(CLOUD), LABEL, Literal("Cloud"), SEED),
]


@pytest.mark.parametrize("form", [TURTLE, NTRIPLES, RDFXML, JSONLD], ids=lambda form: form.name)
def test_an_entity_is_what_is_said_of_it_once(form):
    assert read(b"".join(entity(snapshot(FACTS), ACME, form)), form) == meaning([FACTS[0].triple, FACTS[2].triple])


@pytest.mark.parametrize("form", [TRIG, NQUADS], ids=lambda form: form.name)
def test_an_entity_in_a_format_for_datasets_says_which_graph_says_what(form):
    assert read(b"".join(entity(snapshot(FACTS), ACME, form)), form) == meaning(FACTS[:3])


@formats
def test_a_named_graph_is_what_it_says(form):
    found = b"".join(named_graph(snapshot(FACTS), SEED.value, form))
    keeps_name = form in (TRIG, NQUADS)
    wanted = [quad if keeps_name else quad.triple for quad in FACTS if quad.graph_name == SEED]
    assert read(found, form) == meaning(wanted)


@formats
def test_the_whole_says_each_thing_once_or_where_it_stands(form):
    found = b"".join(whole(snapshot(FACTS), form))
    assert read(found, form) == meaning(FACTS if form.quads else {quad.triple for quad in FACTS})


def test_what_is_not_there_is_no_empty_document():
    with pytest.raises(LookupError, match="nobody"):
        entity(snapshot(FACTS), THING + "organization/nobody", TURTLE)
    with pytest.raises(LookupError, match="nothing"):
        named_graph(snapshot(FACTS), GRAPH + "nothing", TURTLE)


@formats
def test_the_size_is_known_and_an_unread_document_lets_go_of_its_file(form, monkeypatch):
    # In the tests warnings are errors: a temporary file that is never closed (a HEAD request) would show.
    monkeypatch.setattr("graph.spool.IN_MEMORY", 1)
    assert write(FACTS, form).size == len(b"".join(write(FACTS, form))) > 0
    closed = write(FACTS, form)
    closed.close()
    with pytest.raises(StopIteration):
        while True:
            next(closed)


def test_a_document_larger_than_a_chunk_is_whole():
    long = [Triple(NamedNode(ACME), LABEL, Literal(f"{n} " + "x" * 999)) for n in range(300)]
    chunks = list(write(long, TURTLE))
    assert len(chunks) > 2
    assert read(b"".join(chunks), TURTLE) == meaning(long)


def test_a_format_of_query_results_is_refused():
    with pytest.raises(ValueError, match="JSON is no format for graphs"):
        write([], JSON)


@pytest.mark.parametrize("give", [ontology, shapes], ids=["ontology", "shapes"])
@pytest.mark.parametrize("form", [TURTLE, RDFXML, JSONLD], ids=lambda form: form.name)
def test_the_rooms_of_turtle_are_given_whole(give, form):
    room = os.path.join(os.path.dirname(export.__file__), "..", give.__name__)  # noqa: PTH118, PTH120
    files = [os.path.join(room, name) for name in os.listdir(room) if name.endswith(".ttl")]  # noqa: PTH118, PTH208
    wanted = chain.from_iterable(parse(path=file, rename_blank_nodes=True) for file in files)
    assert read(b"".join(give(form)), form) == meaning(wanted)


def test_blank_nodes_of_two_files_stay_apart(tmp_path, monkeypatch):
    for name in ("one", "two"):
        (tmp_path / f"{name}.ttl").write_text(f'_:b <{EX}p> "{name}" .')
    (tmp_path / "README.md").write_text("not Turtle")
    monkeypatch.setattr(export, "files", lambda room: tmp_path)
    assert b"".join(ontology(NTRIPLES)).count(b"_:c14n") == 2
    assert b"_:c14n1" in b"".join(ontology(NTRIPLES))


def test_a_directory_has_a_file_for_each_graph_and_an_index_of_them(tmp_path):
    folder = tmp_path / "out"
    rows = directory(snapshot(FACTS), folder)
    assert [(row.file, row.graph, row.triples) for row in rows[:2]] == [
        ("other.ttl", OTHER.value, 2),
        ("seed.ttl", SEED.value, 2),
    ]
    assert [row.file for row in rows[2:]] == ["ontology.ttl", "shapes.ttl"]
    assert sorted(file.name for file in folder.iterdir()) == sorted([*(row.file for row in rows), "index.tsv"])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out"], "something temporary was left behind"
    header, *lines = (folder / "index.tsv").read_text().splitlines()
    assert header.split("\t") == ["file", "graph", "triples", "sha256"]
    for line in lines:
        name, graph, count, digest = line.split("\t")
        data = (folder / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        assert len(list(parse(data, format=RdfFormat.TURTLE))) == int(count)
        if graph:
            assert data == b"".join(named_graph(snapshot(FACTS), graph, TURTLE))


def test_two_graphs_never_share_a_file(tmp_path):
    graphs = [
        GRAPH + "ontology",
        GRAPH + "a",
        "http://example.org/graph/a",
        GRAPH + "A",
        "urn:a",
        "urn:日",
        "urn:*",
    ]
    store = snapshot([Quad(NamedNode(ACME), LABEL, Literal(name), NamedNode(name)) for name in graphs])
    rows = directory(store, tmp_path / "out")
    assert len({row.file for row in rows}) == len(rows) == len(graphs) + 2
    for row in rows[: len(graphs)]:
        assert f'"{row.graph}"' in (tmp_path / "out" / row.file).read_text()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        directory(snapshot(FACTS), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_overwriting_replaces_an_export_and_nothing_else(tmp_path):
    folder = tmp_path / "out"
    directory(snapshot(FACTS), folder)
    (folder / "mine.ttl").write_text("mine")
    (tmp_path / "outside.ttl").write_text("outside")
    with (folder / "index.tsv").open("a") as index:
        index.write("../outside.ttl\t\t1\t0\n")
    directory(snapshot(FACTS[:1]), folder, overwrite=True)
    assert sorted(file.name for file in folder.iterdir()) == [
        "index.tsv",
        "mine.ttl",
        "ontology.ttl",
        "seed.ttl",
        "shapes.ttl",
    ]
    assert "other.ttl" not in (folder / "index.tsv").read_text()
    assert (tmp_path / "outside.ttl").exists()


def test_an_export_that_fails_leaves_nothing(tmp_path):
    facts = [*FACTS, Quad(NamedNode(ACME), LABEL, Literal("x"), BlankNode("g"))]
    with pytest.raises(NotSerialisable, match="has no IRI"):
        directory(snapshot(facts), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    directory(snapshot(FACTS), tmp_path / "out")
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    with pytest.raises(NotSerialisable):
        directory(snapshot(facts), tmp_path / "out", overwrite=True)
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before

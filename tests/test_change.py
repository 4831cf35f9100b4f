"""Changes below HTTP: what an update removes and adds, what is judged, and what becomes of it on the disk.

The reference is the engine's own update of a store in memory: whatever is asked, both must end with the same quads.
"""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from graph import provenance, search
from graph.change import patch
from graph.change.commit import Asked, Committer, Outcome
from graph.change.delta import Delta, NotWritable, Working
from graph.change.derived import is_derived
from graph.change.document import statements
from graph.change.judge import Shapes
from graph.change.operations import operations
from graph.change.reach import readings
from graph.change.request import Lost, NotReadable, Request, Violated
from graph.change.update import execute
from graph.change.view import View
from graph.digest import by_graph, of_quads, text_of
from graph.engine.policy import Refused
from graph.engine.question import BadQuery
from graph.load import load
from graph.names import GRAPH, PREFIXES, THING
from graph.rules import rules
from graph.snapshot import DataDirectory, Snapshot
from graph.store import graph_names, in_memory, named_quads, union
from graph.validate import judge, shapes_graph

MANY = 1_000_000
DATA = """
PREFIX : <x:>
INSERT DATA { :a :p 1 , 2 . :b :p 2 . GRAPH :g { :a :p 1 . :c :q "c"@en } GRAPH :h { :a :p 1 . :d :p :a } }
"""


def filled(mode: str = "separate") -> Store:
    store = Store()
    store.update(DATA)
    if mode == "union":
        for quad in list(store.quads_for_pattern(None, None, None, DefaultGraph())):
            store.remove(quad)
        store.extend([Quad(q.subject, q.predicate, q.object) for q in store])
    return store


def changed(text: str, store: Store, mode: str = "separate", **options: object) -> Working:
    working = Working(store, mode)  # type: ignore[arg-type]
    for operation in operations(text):
        execute(working, operation, MANY, **options)  # type: ignore[arg-type]
    return working


def state(store: Store) -> tuple[set[Quad], set[str]]:
    return set(store), {str(name) for name in store.named_graphs()}


# The delta of an update ----------------------------------------------------------------------------

UPDATES = [
    "PREFIX : <x:> INSERT DATA { :n :p 1 }",
    "PREFIX : <x:> INSERT DATA { :a :p 1 . GRAPH :new { :a :p 1 } }",
    "PREFIX : <x:> DELETE DATA { :a :p 1 . GRAPH :g { :a :p 1 } }",
    "PREFIX : <x:> DELETE DATA { :none :p 1 }",
    "PREFIX : <x:> DELETE WHERE { ?s :p ?o }",
    "PREFIX : <x:> DELETE WHERE { GRAPH ?g { :a ?p ?o } }",
    "PREFIX : <x:> DELETE { ?s :p ?o } INSERT { ?s :q ?o } WHERE { ?s :p ?o }",
    "PREFIX : <x:> DELETE { ?s ?p ?o } INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "PREFIX : <x:> INSERT { GRAPH ?g { ?s :seen true } } WHERE { GRAPH ?g { ?s ?p ?o } }",
    "PREFIX : <x:> INSERT { ?o :q ?s } WHERE { ?s :p ?o }",  # a literal is no subject: left out
    "PREFIX : <x:> INSERT { ?s :q ?nothing } WHERE { ?s :p ?o }",
    "PREFIX : <x:> WITH :g DELETE { ?s ?p ?o } INSERT { ?s :q 7 } WHERE { ?s ?p ?o }",
    "PREFIX : <x:> WITH :g INSERT { :s :q ?o . GRAPH :h { :s :q ?o } } WHERE { ?s ?p ?o }",
    "PREFIX : <x:> INSERT { ?s :q ?o } USING :g USING :h WHERE { ?s ?p ?o }",
    "PREFIX : <x:> INSERT { ?s :q ?o } USING NAMED :g WHERE { GRAPH ?g { ?s ?p ?o } }",
    "PREFIX : <x:> WITH :g INSERT { ?s :r ?o } USING :h WHERE { ?s ?p ?o }",
    "PREFIX : <x:> DELETE { ?s ?p ?o } USING :none WHERE { ?s ?p ?o }",
    "PREFIX : <x:> INSERT { $s :q $o } WHERE { $s :p $o }",
    "PREFIX : <x:> CLEAR GRAPH :g", "PREFIX : <x:> DROP GRAPH :g", "CLEAR DEFAULT", "CLEAR NAMED", "CLEAR ALL",
    "DROP ALL", "DROP NAMED", "DROP DEFAULT", "PREFIX : <x:> CLEAR SILENT GRAPH :none",
    "PREFIX : <x:> DROP SILENT GRAPH :none", "PREFIX : <x:> CREATE GRAPH :new", "PREFIX : <x:> CREATE SILENT GRAPH :g",
    "PREFIX : <x:> COPY :g TO :h", "PREFIX : <x:> COPY DEFAULT TO :new", "PREFIX : <x:> COPY :g TO DEFAULT",
    "PREFIX : <x:> MOVE :g TO :h", "PREFIX : <x:> MOVE GRAPH :g TO GRAPH :new", "PREFIX : <x:> MOVE DEFAULT TO :g",
    "PREFIX : <x:> ADD :g TO :h", "PREFIX : <x:> ADD DEFAULT TO :g", "PREFIX : <x:> COPY :g TO :g",
    "PREFIX : <x:> MOVE :g TO :g",
    "PREFIX : <x:> INSERT DATA { :n :p 1 } ; DELETE { ?s :p 1 } INSERT { ?s :p 3 } WHERE { ?s :p 1 } ; CLEAR GRAPH :h",
    "PREFIX : <x:> INSERT DATA { :n :p \"a;b}\" } ; # a comment; with }\n DELETE DATA { :a :p 1 } ;",
    "BASE <x:/> INSERT DATA { <n> <p> 1 }",
    "",
]  # fmt: skip


@pytest.mark.parametrize("text", UPDATES)
def test_an_update_changes_what_the_engine_would_change(text: str) -> None:
    store, reference = filled(), filled()
    before = state(store)
    working = changed(text, store)
    reference.update(text)
    assert state(store) == state(reference)
    delta = working.delta
    assert delta.added == set(store) - before[0] and delta.removed == before[0] - set(store)
    assert {str(g) for g in delta.begun} == state(store)[1] - before[1]
    assert {str(g) for g in delta.dropped} == before[1] - state(store)[1]
    working.undo()
    assert state(store) == before, "and it can be taken back"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("INSERT DATA { <x:a> <x:p> 1", BadQuery),
        ("INSERT { ?s ?p ?o }", BadQuery),
        ("INSERT DATA { ?s <x:p> 1 }", BadQuery),
        ("DELETE DATA { _:b <x:p> 1 }", BadQuery),
        ("DELETE { _:b <x:p> 1 } WHERE {}", BadQuery),
        ("INSERT DATA { _:b <x:p> 1 } ; INSERT DATA { _:b <x:p> 2 }", BadQuery),
        ("INSERT DATA {} ; ; INSERT DATA {}", BadQuery),
        ("SELECT * { ?s ?p ?o }", BadQuery),
        ("CREATE", BadQuery),
        ("LOAD <http://127.0.0.1:9/>", Refused),
        ("INSERT DATA {} ; LOAD SILENT <http://127.0.0.1:9/>", Refused),
        ("PREFIX x: <x:#> INSERT { ?s ?p ?o } WHERE { SERVICE <x:y> { ?s ?p ?o } }", Refused),
        ("INSERT { ?a ?b ?c } WHERE " + "{" * 1500 + "}" * 1500, Refused),
        ("CREATE GRAPH <x:g>", NotWritable),
        ("DROP GRAPH <x:none>", NotWritable),
        ("CLEAR GRAPH <x:none>", NotWritable),
        ("COPY <x:none> TO <x:g>", NotWritable),
    ],
)
def test_what_cannot_be_done_is_said(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        changed(text, filled())


def test_a_fault_in_a_later_operation_is_found_where_it_stands() -> None:
    with pytest.raises(BadQuery) as caught:
        operations("PREFIX : <x:>\nINSERT DATA { :a :b 1 } ;\nDELETE { ?s ?p WHERE { ?s ?p 1 }")
    assert caught.value.line == 3


def test_prologues_add_up() -> None:
    """Each operation may declare prefixes, and has those of the earlier ones (the engine takes only the first)."""
    store = Store()
    changed("PREFIX a: <x:a> INSERT DATA { a:1 a:2 1 } ; PREFIX b: <x:b> INSERT DATA { a:1 b:2 b:3 }", store)
    assert {quad.predicate.value for quad in store} == {"x:a2", "x:b2"}


def test_blank_nodes_of_a_template_are_new_in_each_solution_and_shared_in_one() -> None:
    store = filled()
    changed("PREFIX : <x:> INSERT { _:b :of ?s . GRAPH :g { _:b :of ?s } } WHERE { ?s :p 1 }", store)
    made = list(store.quads_for_pattern(None, NamedNode("x:of"), None, None))
    assert len(made) == 2 and len({quad.subject for quad in made}) == 1
    store = filled()
    changed("PREFIX : <x:> INSERT { [] :of ?s } WHERE { ?s :p ?o }", store)
    made = list(store.quads_for_pattern(None, NamedNode("x:of"), None, None))
    assert len(made) == 3 == len({quad.subject for quad in made})


def test_a_silent_copy_of_no_graph_is_nothing() -> None:
    """As the W3C has it; the engine empties the target."""
    store = filled()
    text = "PREFIX : <x:> COPY SILENT :none TO :g ; MOVE SILENT :none TO :h ; DROP SILENT GRAPH :no"
    assert not changed(text, store).delta


def test_the_dataset_of_the_protocol_is_that_of_the_pattern() -> None:
    store = filled()
    text = "PREFIX : <x:> INSERT { ?s :seen ?o } WHERE { ?s :p ?o }"
    changed(text, store, dataset=(("x:h",), ()))
    assert {str(q.object) for q in store.quads_for_pattern(None, NamedNode("x:seen"), None)} == {
        '"1"^^<http://www.w3.org/2001/XMLSchema#integer>', "<x:a>"}  # fmt: skip


TERMS = st.sampled_from([":a", ":b", ":c", "1", '"x"@en', '"y"'])
NODES = st.sampled_from([":a", ":b", ":c"])
PROPERTIES = st.sampled_from([":p", ":q"])
GRAPHS = st.sampled_from([":g", ":h", ":i"])


@st.composite
def block(draw: st.DrawFn, *, named: bool) -> str:
    triples = " . ".join(
        f"{draw(NODES)} {draw(PROPERTIES)} {draw(TERMS)}" for _ in range(draw(st.integers(1, 3)))
    )
    return f"GRAPH {draw(GRAPHS)} {{ {triples} }}" if named or draw(st.booleans()) else triples


@st.composite
def one_update(draw: st.DrawFn, *, named: bool) -> str:
    kind = draw(st.sampled_from(["INSERT DATA", "DELETE DATA", "where", "with", "every", "move", "clear"]))
    if kind.endswith("DATA"):
        return f"{kind} {{ {draw(block(named=named))} }}"
    if kind == "where":
        return f"DELETE WHERE {{ GRAPH {draw(GRAPHS)} {{ ?s {draw(PROPERTIES)} ?o }} }}"
    if kind == "with":
        return (f"WITH {draw(GRAPHS)} DELETE {{ ?s {draw(PROPERTIES)} ?o }} "
                f"INSERT {{ ?s {draw(PROPERTIES)} {draw(TERMS)} }} WHERE {{ ?s ?any ?o }}")  # fmt: skip
    if kind == "every":
        return f"DELETE {{ GRAPH ?g {{ ?s ?p ?o }} }} INSERT {{ GRAPH {draw(GRAPHS)} {{ ?s :p ?o }} }} " \
               f"WHERE {{ ?s :q ?o . GRAPH ?g {{ ?s ?p ?o }} }}"
    if kind == "move":
        source = draw(GRAPHS)
        form = draw(st.sampled_from(["COPY", "MOVE", "ADD"]))
        return f"CREATE SILENT GRAPH {source} ; {form} {source} TO {draw(GRAPHS)}"
    return f"{draw(st.sampled_from(['CLEAR', 'DROP']))} SILENT GRAPH {draw(GRAPHS)}"


@settings(max_examples=60, deadline=None)
@given(st.lists(one_update(named=False), min_size=1, max_size=6))
def test_random_updates_equal_those_of_the_engine(texts: list[str]) -> None:
    store, reference = filled(), filled()
    for text in texts:
        changed("PREFIX : <x:> " + text, store)
        reference.update("PREFIX : <x:> " + text)
    assert set(store) == set(reference)


@settings(max_examples=60, deadline=None)
@given(st.lists(one_update(named=True), min_size=1, max_size=6), st.randoms())
def test_the_union_is_kept_exact_and_what_is_refused_is_taken_back(texts: list[str], chance: random.Random) -> None:
    """Patterns read the union: the reference makes it anew before each update."""
    store = filled("union")
    total, triples = Delta(), 0
    before = set(named_quads(store))
    begin = sum(1 for _ in union(store))
    for text in texts:
        reference = in_memory(named_quads(store))
        reference.update("PREFIX : <x:> " + text)
        working = changed("PREFIX : <x:> " + text, store, "union")
        if chance.random() < 0.3:
            working.undo()
        else:
            assert set(named_quads(store)) == set(named_quads(reference))
            total.absorb(working.delta)
        triples += working.triples
        assert set(union(store)) == {quad.triple for quad in named_quads(store)}
    assert begin + triples == sum(1 for _ in union(store))
    assert total.added == set(named_quads(store)) - before and total.removed == before - set(named_quads(store))
    grown = total.digests()
    for graph, digest in by_graph(named_quads(store)).items():
        assert text_of(by_graph(before).get(graph, 0) + grown.get(graph, 0)) == text_of(digest)


def test_a_plain_write_where_the_default_graph_is_derived_says_to_name_a_graph() -> None:
    for text in ("INSERT DATA { <x:n> <x:p> 1 }", "DELETE WHERE { ?s ?p ?o }", "CLEAR ALL", "COPY <x:g> TO DEFAULT"):
        with pytest.raises(NotWritable, match="name the graph") as caught:
            changed(text, filled("union"), "union")
        assert caught.value.slug == "default-graph-derived"


def test_a_patch_file_says_what_changed(tmp_path: Path) -> None:
    working = changed("PREFIX : <x:> MOVE :g TO :new ; INSERT DATA { :a :q \"line\\nbreak\" }", filled())
    file = tmp_path / "patch.rdfp"
    file.write_text("".join(patch.text([working.delta], parent="p")), encoding="utf-8")
    assert patch.read(file) == working.delta
    file.write_text("A <x:a> <x:b> .\n", encoding="utf-8")
    with pytest.raises(patch.PatchError):
        patch.read(file)


# Documents -----------------------------------------------------------------------------------------


def test_a_document_is_of_the_graph_it_is_sent_to() -> None:
    body = b"@prefix : <x:> . <> :p <other> , [ :q 1 ] ."
    quads = list(statements(body, "text/turtle", "http://example.org/graph/one"))
    assert {str(q.graph_name) for q in quads} == {"<http://example.org/graph/one>"}
    assert NamedNode("http://example.org/graph/other") in {q.object for q in quads}
    again = list(statements(body, "text/turtle", "http://example.org/graph/one"))
    assert {q.subject for q in quads} != {q.subject for q in again}, "blank nodes are the document's own"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"<x:a> <x:b>", "text/turtle"),
        (b"<x:a> <x:b> <x:c> <x:g> .", "application/n-quads"),
        (b'<!DOCTYPE r [<!ENTITY a "a">]><r/>', "application/rdf+xml"),
        (b"<r", "application/rdf+xml"),
        (b"[" * 5000 + b"]" * 5000, "application/ld+json"),
        (b"\xff", "application/n-triples"),
    ],
)
def test_a_document_that_is_none_is_refused(body: bytes, media_type: str) -> None:
    with pytest.raises(NotReadable):
        list(statements(body, media_type, None))


# Judging -------------------------------------------------------------------------------------------

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix : <x:> .
:one sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ; sh:class :D ] .
:two sh:targetSubjectsOf :q ; sh:path ( :q [ sh:inversePath :r ] ) ; sh:maxCount 1 .
:three sh:targetObjectsOf :r ; sh:node [ sh:closed false ; sh:not [ sh:path :bad ; sh:minCount 1 ] ] .
:four sh:targetNode :a ; sh:path [ sh:zeroOrMorePath :s ] ; sh:nodeKind sh:IRI .
:five sh:targetSubjectsOf :t ; sh:lessThan :u ; sh:path :t ; sh:severity sh:Warning .
:six sh:targetClass :E ; sh:closed true ; sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) .
:seven sh:targetSubjectsOf :v ; sh:sparql [ sh:select "SELECT $this WHERE { $this <x:v>+ $this }" ] .
"""
THINGS = st.sampled_from([NamedNode(f"x:{n}") for n in "abcd"])
KINDS = st.sampled_from([NamedNode(f"x:{n}") for n in "CDE"])
TYPE, SUBCLASS = NamedNode(PREFIXES["rdf"] + "type"), NamedNode(PREFIXES["rdfs"] + "subClassOf")
LINKS = st.sampled_from([NamedNode(f"x:{n}") for n in ("p", "q", "r", "s", "t", "u", "v", "bad")])
VALUES = st.one_of(THINGS, st.integers(0, 2).map(Literal))
TRIPLES = st.one_of(
    st.tuples(THINGS, LINKS, VALUES),
    st.tuples(THINGS, st.just(TYPE), KINDS),
    st.tuples(KINDS, st.just(SUBCLASS), KINDS),
)


def results(report: object, keep: object = None) -> set[tuple[str, str, str | None, str | None]]:
    return {(f.shape, f.focus, f.path, f.value) for f in report.findings}  # type: ignore[attr-defined]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TRIPLES, max_size=14), st.lists(TRIPLES, min_size=1, max_size=3), st.booleans())
def test_what_is_judged_of_a_change_and_what_held_before_make_the_whole_report(
    data: list[tuple[object, ...]], change: list[tuple[object, ...]], removing: bool
) -> None:
    """Findings about other nodes than those judged anew must be the same before and after the change."""
    graph = rdflib.Graph().parse(data=SHAPES, format="turtle")
    shapes = Shapes(graph)
    store = Store()
    store.extend([Quad(*row) for row in data])  # type: ignore[arg-type]
    touched = [Quad(*row) for row in change]  # type: ignore[arg-type]
    if removing:
        store.extend(touched)
    before = results(judge(View(store, "separate").graph(), graph))
    working = Working(store, "separate")
    working.change(touched if removing else [], [] if removing else touched, MANY)
    after = results(judge(View(store, "separate").graph(), graph))
    found = shapes.judge(View(store, "separate"), working.delta.triples())
    nodes = {node.n3() for node in found.nodes}
    whole = {str(shape) for shape in found.shapes}
    kept = {row for row in before if row[1] not in nodes and row[0] not in whole}
    assert kept | results(found.report) == after


def test_judging_never_counts_the_graph() -> None:
    """Judging asks now and again whether there is anything; to count for that takes a pass over the store."""
    assert [len(View(store, "union")) for store in (Store(), filled("union"))] == [0, 1]


def test_every_shape_of_ours_can_be_read() -> None:
    """A shape that may read anything would be judged whole at each change."""
    found = readings(shapes_graph())
    assert len(found) > 100
    assert [r.shape for r in found if r.opaque and not r.properties] == []
    assert all(r.walks for r in found)


# Versions ------------------------------------------------------------------------------------------

ORGANIZATION = THING + "organization/"
PROLOGUE = f"""
PREFIX pe: <{PREFIXES["pe"]}> PREFIX rdfs: <{PREFIXES["rdfs"]}> PREFIX o: <{ORGANIZATION}> PREFIX g: <{GRAPH}>
PREFIX kind: <{THING}> PREFIX skos: <{PREFIXES["skos"]}>
"""


class Changing:
    """A data directory with a committer over it."""

    def __init__(self, data: DataDirectory) -> None:
        self.data = data
        self.committer = Committer(data, 1024, 60.0)

    def commit(self, *texts: str, **more: object) -> list[Outcome]:
        asked = [Asked(Request("update", (PROLOGUE + text).encode(), author="ann", message="because"), **more)
                 for text in texts]  # type: ignore[arg-type]  # fmt: skip
        return self.committer.commit(asked)

    def update(self, text: str) -> Snapshot:
        return self.commit(text)[0].result()[0]


@pytest.fixture(scope="module")
def changing(second_data: DataDirectory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changing]:
    """The second ecosystem, changed by one test after the other."""
    path = tmp_path_factory.mktemp("changing") / "data"
    shutil.copytree(second_data.path, path)
    opened = Changing(DataDirectory(path))
    yield opened
    opened.committer.close()


def exact(snapshot: Snapshot) -> None:
    """Check that what the manifest counts, and what is derived, is so."""
    store, manifest = snapshot.store, snapshot.manifest
    quads = list(named_quads(store)) if manifest.mode == "union" else list(store)
    assert manifest.digest == of_quads(quads)
    held = {name: digest for name, digest in manifest.digests.items() if int(digest, 16)}
    assert held == {name: text_of(digest) for name, digest in by_graph(quads).items()}
    assert manifest.triples == sum(1 for _ in union(store))
    assert manifest.quads == len(quads)
    for name in graph_names(store):
        assert manifest.graphs[name.value] == sum(1 for _ in store.quads_for_pattern(None, None, None, name))
    assert set(manifest.graphs) == {name.value for name in graph_names(store)}
    if manifest.mode == "union":
        assert set(union(store)) == {quad.triple for quad in quads}
    if manifest.is_built:
        stated = in_memory(q for q in quads if not is_derived(q.graph_name.value))  # type: ignore[union-attr]
        for rule in rules():
            held = {q.triple for q in store.quads_for_pattern(None, None, None, NamedNode(rule.graph))}
            assert held == set(rule.apply(stated)), rule.slug


def test_a_change_is_the_next_version_with_its_author_and_reason(changing: Changing) -> None:
    before = changing.data.current()
    (outcome,) = changing.commit("INSERT DATA { GRAPH g:mine { o:nobody rdfs:comment 'one' } }")
    snapshot, accepted = outcome.result()
    assert (accepted.added, accepted.removed) == (1, 0)
    assert snapshot.id == changing.data.current_id() != before.id
    manifest = snapshot.manifest
    assert (manifest.parent, manifest.origin, manifest.is_built) == (before.id, "change", True)
    (change,) = manifest.changes
    assert (change.author, change.message, change.added, change.removed) == ("ann", "because", 1, 0)
    assert patch.read(snapshot.path / "patch.rdfp").added == set(snapshot.store) - set(before.store) - {
        Quad(NamedNode(ORGANIZATION + "nobody"), NamedNode(PREFIXES["rdfs"] + "comment"), Literal("one"))}  # fmt: skip
    exact(snapshot)


def test_a_violation_is_reported_and_nothing_changes(changing: Changing) -> None:
    before = changing.data.current_id()
    good, bad, better = changing.commit(
        "INSERT DATA { GRAPH g:mine { o:nobody rdfs:comment 'first' } }",
        "INSERT DATA { GRAPH g:mine { o:nobody a pe:Partner } }",
        "INSERT DATA { GRAPH g:mine { o:nobody rdfs:comment 'two' } }",
    )
    assert isinstance(bad.error, Violated)
    assert {f.focus for f in bad.error.findings} == {f"<{ORGANIZATION}nobody>"}
    assert "ValidationReport" in bad.error.report
    snapshot = good.result()[0]
    assert snapshot.id == better.result()[0].id != before, "those that conform are published together"
    assert len(snapshot.manifest.changes) == 2
    store = snapshot.store
    assert not list(store.quads_for_pattern(NamedNode(ORGANIZATION + "nobody"), TYPE, None))
    exact(snapshot)


def test_a_change_that_breaks_the_shape_of_another_node_is_refused(changing: Changing) -> None:
    """Who points to a node may break by what the node loses."""
    text = "DELETE { GRAPH ?g { ?x a ?c } } WHERE { ?any pe:participant ?x . GRAPH ?g { ?x a ?c } }"
    (outcome,) = changing.commit(text)
    assert isinstance(outcome.error, Violated)
    assert any("participation" in f.focus or "relationship" in f.focus for f in outcome.error.findings)


def test_rules_are_applied_again_where_what_they_follow_from_changes(changing: Changing) -> None:
    before = {rule.slug: changing.data.current().manifest.graphs.get(rule.graph, 0) for rule in rules()}
    assert sum(before.values()), "the second ecosystem must have something derived"
    snapshot = changing.update(
        "INSERT { GRAPH g:mine { ?x pe:webDomain 'same.example' } } "
        "WHERE { ?x a pe:Organization FILTER NOT EXISTS { ?x pe:webDomain ?d } }"
    )
    exact(snapshot)
    after = {rule.slug: snapshot.manifest.graphs.get(rule.graph, 0) for rule in rules()}
    assert after["same-web-domain"] > before["same-web-domain"]
    exact(changing.update("DELETE WHERE { GRAPH g:mine { ?s ?p ?o } }"))
    assert changing.data.current().manifest.graphs.get(GRAPH + "rule-same-web-domain", 0) == before["same-web-domain"]


def test_what_is_derived_cannot_be_written(changing: Changing) -> None:
    (outcome,) = changing.commit("INSERT DATA { GRAPH g:rule-metros { o:a pe:metro o:b } }")
    assert isinstance(outcome.error, NotWritable) and outcome.error.slug == "graph-derived"


def test_what_a_table_states_is_not_added_to_and_may_be_taken_out_and_come_back(changing: Changing) -> None:
    """Else the word of whoever has a token would pass for the publisher's."""
    store = changing.data.current().store
    stated = NamedNode(GRAPH + "umbra-exchanges")
    quad = next(q for q in store.quads_for_pattern(None, NamedNode(PREFIXES["pe"] + "peersAt"), None, stated))
    statement = f"{quad.subject} {quad.predicate} {quad.object}"
    for text in (
        f"INSERT DATA {{ GRAPH {stated} {{ o:nobody rdfs:comment 'mine' }} }}",
        f"DELETE DATA {{ GRAPH {stated} {{ {statement} }} }} ; INSERT DATA {{ GRAPH {stated} {{ {quad.subject} "
        f"{quad.predicate} <{THING}location/nowhere> }} }}",
        f"COPY g:register TO {stated}",
    ):
        (outcome,) = changing.commit(text)
        assert isinstance(outcome.error, NotWritable) and outcome.error.slug == "graph-stated", text
        assert "a graph of your own" in outcome.error.detail
    evidence = f"{stated} pe:evidence <{THING}concept/judged>"
    for graph, slug in (("g:catalogue", "graph-derived"), ("g:mine", "graph-stated"), ("g:ontology", "graph-derived")):
        (outcome,) = changing.commit(f"INSERT DATA {{ GRAPH {graph} {{ {evidence} }} }}")
        assert isinstance(outcome.error, NotWritable) and outcome.error.slug == slug, "to call it judged opens nothing"
    assert quad not in changing.update(f"DELETE DATA {{ GRAPH {stated} {{ {statement} }} }}").store
    assert quad in changing.update(f"INSERT DATA {{ GRAPH {stated} {{ {statement} }} }}").store
    changing.update("INSERT DATA { GRAPH g:judgement { o:nobody rdfs:comment 'judged; the history says by whom' } }")


def test_a_term_that_the_vocabulary_does_not_have_is_a_slip_until_it_is_declared(changing: Changing) -> None:
    for text, near in (("o:nobody pe:catgory o:b", "pe:category"), ("o:nobody a pe:Prtner", "pe:Partner"),
                       ("o:nobody rdfs:comment '1'^^pe:catgory", "pe:category")):  # fmt: skip
        (outcome,) = changing.commit(f"INSERT DATA {{ GRAPH g:mine {{ {text} }} }}")
        assert isinstance(outcome.error, NotWritable) and outcome.error.slug == "unknown-term"
        assert near in outcome.error.detail
    declared = "GRAPH g:mine { pe:catgory a owl:DatatypeProperty ; rdfs:label 'catgory'@en . o:nobody pe:catgory 1 }"
    changing.update(f"PREFIX owl: <{PREFIXES['owl']}> INSERT DATA {{ {declared} }}")


@pytest.mark.parametrize("statement", [
    "o:nobody skos:example 'ask ada@sutland.example'",
    "o:nobody <https://schema.org/description> 'ada @ sutland.example'",
    "o:nobody skos:notation 'ada (at) sutland dot example'", "o:nobody <x:p> 'ada at sutland dot example'",
    "o:nobody <x:p> 'ada\uFF20sutland.example'", "o:nobody <x:p> 'ada@сатланд.рф'",
    "o:nobody rdfs:seeAlso <mailto:ada>",
    "<mailto:ada@sutland.example> <x:p> 1", "o:nobody <x:ada@sutland.example> 1", "o:nobody <x:p> 'x'^^<mailto:ada>",
    "o:nobody <x:p> <callto:ada>", "o:nobody <x:p> ' tel:+44'", "o:nobody <http://xmlns.com/foaf/0.1/account> <x:a>",
    "<x:ada> a <http://www.w3.org/ns/prov#Person>",
    "o:nobody <x:p> <https://sutland.example/?to=ada%40sutland.example>",
    "o:nobody <http://www.w3.org/2006/vcard/ns#hasTelephone> <x:t>", "o:nobody <http://schema.org/email> 'x'",
    "<x:ada> a <http://xmlns.com/foaf/0.1/Person>", "<x:ada> a <https://schema.org/Person>",
    "<x:ada> a <http://www.w3.org/2006/vcard/ns#Individual>",
    "o:nobody a pe:Organization ; rdfs:label 'Nobody' ; <http://www.w3.org/2002/07/owl#sameAs> o:somebody . "
    "o:somebody a pe:Organization ; rdfs:label 'Somebody'",
])  # fmt: skip
def test_persons_and_addresses_and_firms_that_are_one_stay_out(changing: Changing, statement: str) -> None:
    prologue = f"PREFIX skos: <{PREFIXES['skos']}> "
    (outcome,) = changing.commit(f"{prologue} INSERT DATA {{ GRAPH g:mine {{ {statement} }} }}")
    assert isinstance(outcome.error, Violated), statement
    assert outcome.error.report.count("ValidationResult") >= 1


def test_an_address_is_no_name_of_a_graph_and_no_statement_is_about_a_statement(changing: Changing) -> None:
    (outcome,) = changing.commit("INSERT DATA { GRAPH <mailto:ada@sutland.example> { o:nobody rdfs:comment 'x' } }")
    assert isinstance(outcome.error, Violated)
    (outcome,) = changing.commit("INSERT DATA { GRAPH g:mine { o:nobody <x:p> <<( o:nobody <x:p> 'x' )>> } }")
    assert isinstance(outcome.error, NotWritable) and outcome.error.slug == "triple-term"


def test_names_and_rows_follow(changing: Changing) -> None:
    live = changing.data.current()
    label, partner = NamedNode(PREFIXES["rdfs"] + "label"), NamedNode(PREFIXES["pe"] + "Partner")
    firm = next(q.subject for q in live.store.quads_for_pattern(None, TYPE, partner, None))
    old = next(q.object for q in live.store.quads_for_pattern(firm, label, None, None))
    snapshot = changing.update(
        f"DELETE {{ GRAPH ?g {{ {firm} rdfs:label ?l }} }} "
        f"INSERT {{ GRAPH ?g {{ {firm} rdfs:label 'Quite Another'@en }} }} "
        f"WHERE {{ GRAPH ?g {{ {firm} rdfs:label ?l }} }}"
    )
    index = snapshot.index()
    assert [m.iri for m in search.find(index, "quite another")] == [firm.value]  # type: ignore[union-attr]
    assert firm.value not in [m.iri for m in search.find(index, old.value) if m.how == "label"]  # type: ignore[union-attr]
    (why,) = provenance.why(index, firm, label, Literal("Quite Another", language="en"))
    assert why.file == "change by ann: because"
    assert list(provenance.why(index, firm, label, old)) == []
    index.close()


def test_a_precondition_that_does_not_hold_keeps_only_its_own_request_out(changing: Changing) -> None:
    live = changing.data.current_id()
    text = "INSERT DATA {{ GRAPH g:mine {{ o:nobody rdfs:comment '{}' }} }}"
    requests = [Request("update", (PROLOGUE + text.format(n)).encode()) for n in range(3)]
    outcomes = changing.committer.commit(
        [Asked(requests[0]), Asked(requests[1], lambda state: state.id == live), Asked(requests[2])]
    )
    assert [type(o.error) for o in outcomes] == [type(None), Lost, type(None)]


def test_a_request_that_kills_its_worker_is_refused_and_the_others_are_not(changing: Changing) -> None:
    changing.committer._seconds = 2.0
    slow = "INSERT { GRAPH g:mine { ?a rdfs:comment ?x } } WHERE { ?a ?b ?c . ?d ?e ?f . ?x ?y ?z FILTER(?z = ?b) }"
    text = "INSERT DATA { GRAPH g:mine { o:nobody rdfs:comment 'x' } }"
    outcomes = changing.commit(text, slow, text.replace("'x'", "'y'"))
    assert type(outcomes[1].error).__name__ == "TooSlow"
    changing.committer._seconds = 60.0
    assert outcomes[0].result()[0].id == outcomes[2].result()[0].id == changing.data.current_id()
    exact(changing.data.current())


def test_a_change_that_changes_nothing_makes_no_version(changing: Changing) -> None:
    live = changing.data.current_id()
    (outcome,) = changing.commit("DELETE DATA { GRAPH g:mine { o:nobody rdfs:comment 'never said' } }")
    assert outcome.result()[0].id == live == changing.data.current_id()


def test_a_plain_dataset_has_its_own_default_graph(tmp_path: Path) -> None:
    file = tmp_path / "plain.nq"
    file.write_text("<x:a> <x:p> <x:b> .\n<x:a> <x:p> <x:b> <x:g> .\n", encoding="utf-8")
    data = DataDirectory(tmp_path / "data")
    load([file], data)
    opened = Changing(data)
    snapshot = opened.update("INSERT DATA { <x:n> <x:p> 1 } ; DELETE DATA { <x:a> <x:p> <x:b> } ; CREATE GRAPH <x:new>")
    opened.committer.close()
    exact(snapshot)
    assert snapshot.manifest.graphs == {"x:g": 1, "x:new": 0}

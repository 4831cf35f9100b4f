"""The column engine: it gives the answers of the other one, or leaves the query to it; and a worker uses both."""

import shutil
import time
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from graph.build import publish
from graph.columns import beside
from graph.columns.build import build
from graph.columns.counts import counts
from graph.command import cli
from graph.digest import by_graph
from graph.engine.evaluate import evaluate
from graph.engine.explanation import explanation
from graph.engine.question import BadQuery, Question
from graph.engine.sql.answer import ColumnEngine
from graph.engine.sql.compile import compiled
from graph.engine.sql.fragments import NotCompiled
from graph.engine.sql.route import by_tokens
from graph.engine.worker import Worker
from graph.snapshot import DataDirectory
from graph.store import in_memory, named_quads
from graph.validate import Report
from tests.columns import queries, w3c
from tests.columns.agreement import Engines, compare, engines
from tests.w3c.manifest import absence

P = queries.PREFIXES
XSD = queries.XSD


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Engines:
    store = Store()
    store.update(P + r'''INSERT DATA {
        :a :v 1 ; :p :b , :c ; :q :a . :b :v 2.0 ; :p :d . :c :v "3"^^xsd:double ; :p :d . :d :v "abc" ; :q :a , :b .
        :e :v 2 . :f :v true . :g :v "2020-01-01"^^xsd:date . :h :v "2020-01-01T00:00:00Z"^^xsd:dateTime .
        :i :v "1992"^^xsd:gYear . :j :v :iri . :k :v _:b . :l :v "x"@en . :m :v "foo"^^:dt . :n :v "zz"^^xsd:integer .
        :o :v "2020-01-01T01:30:00+02:00"^^xsd:dateTime . :r :v -7 , 2.5 ; :w "tab\t quote\" back\\slash \u0001 é" .
        :s :w "P1Y"^^xsd:duration , "NaN"^^xsd:double , "12345678901234567890"^^xsd:integer , " 5 "^^xsd:integer .
        :kind\/one :v 7 ; :p\-q :kind\/two .
        GRAPH :g { :a :p :z . :d :w 1 } GRAPH :h { :a :p :z . :e :w 5 } }''')  # fmt: skip
    return engines(tmp_path_factory.mktemp("columns"), list(store))


CASES = [
    "SELECT * {?s ?p ?o}",
    "SELECT ?g ?s ?o {GRAPH ?g {?s ?p ?o}}",
    "SELECT ?s {?s :v 2}",
    "SELECT ?s {?s :v ?v FILTER(?v = 2)}",
    "SELECT ?s {?s :v ?v FILTER(!(?v = 2))}",
    "SELECT ?s {?s :v ?v FILTER(?v != :iri)}",
    "SELECT ?s {?s :v ?v FILTER(?v > 1 || ?v = 'abc')}",
    "SELECT ?s {?s :v ?v FILTER(!(?v > 1 && false))}",
    "SELECT ?s {?s :v ?v FILTER(?v)}",
    "SELECT ?s {?s :v ?v FILTER(?v IN (2, 1/0, 'abc'))}",
    "SELECT ?s {?s :v ?v FILTER(?v NOT IN (2, 'abc'))}",
    "SELECT ?s {?s :v ?v FILTER(sameTerm(?v, 2.0))}",
    "SELECT ?s ?t {?s :v ?a . ?t :v ?b FILTER(?a = ?b)}",
    "SELECT ?s ?t {?s :v ?a . ?t :v ?b FILTER(?a < ?b)}",
    "SELECT ?v (STR(?v) AS ?s) (DATATYPE(?v) AS ?d) (LANG(?v) AS ?l) {?x :v ?v}",
    "SELECT ?v (isIRI(?v) AS ?a) (isBlank(?v) AS ?b) (isLiteral(?v) AS ?c) (isNumeric(?v) AS ?d) {?x :v ?v}",
    "SELECT (1/3 AS ?a) (6/2 AS ?b) (1/0 AS ?c) (0.1+0.2 AS ?d) (2*1.50 AS ?e) (999999999999999999*10 AS ?f) {}",
    "SELECT (ROUND(2.5) AS ?a) (ROUND(-2.5) AS ?b) (CEIL(2.1) AS ?c) (FLOOR(-2.1) AS ?d) (ABS(-2) AS ?e) {}",
    "SELECT (SUM(?v) AS ?s) (AVG(?v) AS ?a) { VALUES ?v {1 2 2} }",
    "SELECT (SUM(?v) AS ?s) { VALUES ?v {1 2.5} }",
    "SELECT (SUM(?v) AS ?s) (MIN(?v) AS ?a) (COUNT(?v) AS ?n) { VALUES ?v {1 UNDEF} }",
    "SELECT (SUM(?v) AS ?s) (AVG(?v) AS ?a) (COUNT(*) AS ?n) {?x :none ?v}",
    "SELECT ?x (COUNT(*) AS ?n) {?x :none ?v} GROUP BY ?x",
    "SELECT (COUNT(DISTINCT *) AS ?n) { VALUES (?a ?b) {(1 1)(1 1)(1 UNDEF)(UNDEF UNDEF)} }",
    "SELECT ?v (COUNT(*) AS ?n) { VALUES ?v {2 2.0 UNDEF UNDEF '2'} } GROUP BY ?v",
    "SELECT ?l (COUNT(*) AS ?n) {?s :v ?v} GROUP BY (DATATYPE(?v) AS ?l)",
    "SELECT DISTINCT ?v { VALUES ?v {2 2.0 2e0 02 '2'^^xsd:byte 'x'@en 'x'@EN 'x'} }",
    "SELECT ?n (COUNT(*) AS ?c) {?s :p ?v BIND(STRLEN(?v) AS ?n)} GROUP BY ?n",
    "SELECT ?x ?y ?z {VALUES ?x {1 2} OPTIONAL {VALUES (?x ?y) {(1 10)}} OPTIONAL {VALUES (?y ?z) {(10 1)(2 3)}}}",
    "SELECT ?x ?y { VALUES ?x {1 2} OPTIONAL { VALUES ?y {1 2} FILTER(?x = ?y) } }",
    "SELECT ?x ?y { VALUES ?x {1 2} OPTIONAL { { VALUES ?y {1 2} FILTER(?x = ?y) } } }",
    "SELECT ?a ?b { VALUES (?a ?b) {(1 UNDEF)(2 3)} MINUS { VALUES (?a ?b) {(UNDEF 3)} } }",
    "SELECT ?a { VALUES ?a {1 2} MINUS { VALUES ?b {1} } }",
    "SELECT ?a { VALUES ?a {1 2} FILTER NOT EXISTS { VALUES ?b {1} } }",
    "SELECT ?s { ?s :p ?x FILTER EXISTS { ?s :q ?y } }",
    "SELECT ?a { VALUES ?a {1 2 3} FILTER EXISTS { VALUES ?n {2} FILTER(?n = ?a) } }",
    "SELECT ?s ?e { ?s :p ?x BIND(EXISTS { ?s :p ?y FILTER(?y != ?x) } AS ?e) }",
    "SELECT ?s { ?s :p ?x OPTIONAL { ?x :q ?z } FILTER NOT EXISTS { ?s :p ?y FILTER(?y = ?z || !BOUND(?z)) } }",
    "SELECT ?s { { ?s :p ?x BIND(COALESCE(?x, ?s) AS ?t) } UNION { ?s :q ?t } FILTER NOT EXISTS { ?t :p ?y } }",
    "SELECT ?s ?t { ?s :p ?x OPTIONAL { ?x :q ?z } BIND(IF(BOUND(?z), ?z, ?x) AS ?t) ?t :p ?y }",
    "SELECT ?x {:a :p/:p ?x}",
    "SELECT ?x {:a (:p|:q) ?x}",
    "SELECT ?x {:a (:p|:q)+ ?x}",
    "SELECT ?x {?x (:p|:q)* :d}",
    "SELECT ?x ?y {?x :p? ?y}",
    "SELECT (COUNT(*) AS ?n) {?x :none* ?y}",
    "SELECT ?x {:zz :p* ?x}",
    "ASK {:zz :p* :zz}",
    "SELECT ?x {:d !:q ?x}",
    "SELECT ?g ?x {GRAPH ?g {:a :p+ ?x}}",
    "SELECT ?s ?o FROM :g {?s :p ?o}",
    "SELECT ?g ?s FROM NAMED :g {GRAPH ?g {?s :p ?o}}",
    "SELECT ?g {GRAPH ?g {}}",
    "SELECT ?x { GRAPH :nowhere {} BIND(1 AS ?x) }",
    "SELECT (STRBEFORE('abc','b') AS ?a) (STRAFTER('abc','z') AS ?b) (SUBSTR('abc',0,2) AS ?c) (UCASE('é') AS ?d) {}",
    "SELECT (CONTAINS('abc'@en,'b'@de) AS ?a) (STRSTARTS('abc'@en,'a') AS ?b) (ENCODE_FOR_URI('é /') AS ?c) {}",
    "SELECT (REGEX('E','e','i') AS ?a) (REGEX('a\\nb','a.b') AS ?b) (REGEX('a\\nb','a.b','s') AS ?c) {}",
    "SELECT (COALESCE(1/0,'e') AS ?a) (IF(1/0,1,2) AS ?b) (IF(true,1,1/0) AS ?c) (BOUND(?x) AS ?d) {}",
    "SELECT ?s ?y {?s :v ?v FILTER(DATATYPE(?v) = xsd:dateTime) BIND(YEAR(?v) AS ?y)}",
    # What a filter says of a variable is so beyond it: where it is one of several tests, within, or denied, it is not.
    "SELECT ?v (?v + 1 AS ?w) {?x :v ?v FILTER(xsd:integer = DATATYPE(?v) && isLiteral(?v))}",
    "SELECT ?v (?v = 1 AS ?w) {?x :v ?v FILTER(DATATYPE(?v) = xsd:integer || isIRI(?v))}",
    "SELECT ?v (?v = 1 AS ?w) {?x :v ?v FILTER(!(DATATYPE(?v) = xsd:integer))}",
    "SELECT ?v ?w {?x :v ?v OPTIONAL {?x :p ?w FILTER(isIRI(?w))}}",
    "SELECT ?v ?w {?x :v ?v OPTIONAL {?x :p ?w} FILTER(isIRI(?w))}",
    "SELECT ?v {?x :v ?v FILTER(isIRI(?v) && isLiteral(?v)) FILTER(?v = 1)}",
    "SELECT (COUNT(*) AS ?n) { {SELECT ?x {VALUES ?x {1 2 3}} LIMIT 2} }",
    # A local name may hold what only an escape lets it hold: this graph's own names do.
    r"SELECT ?v {VALUES ?x {:kind\/one :a} ?x :v ?v}",
    r"SELECT ?v {?x :v ?v FILTER(?x IN (:kind\/one, :b))}",
    r"SELECT ?x ?y {?x :p\-q ?y BIND(:kind\/two AS ?z) FILTER(?y = ?z)}",
    r"SELECT ?x {?x :p\-q/:p* ?y . ?x :v ?v FILTER(DATATYPE(?v) != :d\/t)}",
    r"SELECT ?g ?x FROM NAMED :g\/h FROM NAMED :g {GRAPH ?g {?x ?p ?y}}",
]  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_both_engines_give_one_answer(both: Engines, text: str) -> None:
    compared = compare(both, P + text)
    assert compared.not_compiled == "" and compared.difference == ""


def test_the_other_parser_says_nothing_in_the_log(both: Engines, caplog: pytest.LogCaptureFixture) -> None:
    """Rdflib logs a stack trace for each ill-formed literal, and a line for each escape in a local name."""
    compiled(P + r"SELECT ?x {VALUES ?x {'zz'^^xsd:integer :kind\/one} ?x :v ?y}", both.columns)
    assert caplog.records == []


def test_graphs_laid_together_hold_a_triple_once(both: Engines) -> None:
    # The row engine alone would give it twice; it is asked over a store in which they are merged.
    plan = compiled(P + "SELECT ?s ?o FROM :g FROM :h {?s :p ?o}", both.columns)
    assert len(list(ColumnEngine(both.columns).answer(plan))) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [
    "SELECT ?v {?s :v ?v} ORDER BY ?v",
    "SELECT (MAX(?v) AS ?m) {?s :v ?v}",
    "SELECT (SUM(?v) AS ?m) { VALUES ?v {1e0 2e0} }",
    "SELECT (GROUP_CONCAT(?v) AS ?m) {?s :v ?v}",
    "SELECT ?s {?s :w ?v FILTER(?v = 1)}",
    "SELECT ?a { VALUES ?a {1 2 3} FILTER EXISTS { { VALUES ?n {2} FILTER(?n = ?a) } VALUES ?m {1} } }",
    "SELECT (UCASE('ß') AS ?a) {}",
    "SELECT ?x { ?x !(:p|^:q) ?y }",
])  # fmt: skip
def test_what_could_differ_is_left_to_the_other_engine(both: Engines, text: str) -> None:
    assert compare(both, P + text).not_compiled != ""


@pytest.mark.parametrize(("text", "order"), [
    ("SELECT ?x { VALUES ?x { 'b' 'a'@fr 'a'@en 'a' 'B' 'é' 'z' '😀' '\uff5e' } } ORDER BY ?x", None),
    ("SELECT ?x { VALUES ?x { 2.5 1 -3 10 UNDEF } } ORDER BY DESC(?x)", None),
    ("SELECT ?x { VALUES ?x { :b 'a' UNDEF :a 'b' } } ORDER BY ?x", None),
    ("SELECT ?s (COUNT(?o) AS ?n) { ?s :p ?o } GROUP BY ?s ORDER BY DESC(?n) ?s", None),
    ("SELECT ?s ?o { ?s :p ?o } ORDER BY ?o DESC(?s) OFFSET 1 LIMIT 2", None),
    ("SELECT ?v { ?s :v ?v FILTER(DATATYPE(?v) = xsd:string) } ORDER BY DESC(?v)", None),
    ("SELECT ?v { ?s :v ?v FILTER(isIRI(?v)) } ORDER BY ?v", None),
])  # fmt: skip
def test_solutions_come_in_the_same_order(both: Engines, text: str, order: None) -> None:
    engine = ColumnEngine(both.columns)
    plan = compiled(P + text, both.columns)
    given = engine.answer(plan)
    wanted = both.store.query(P + text)
    assert [[*row] for row in given] == [[*row] for row in wanted]  # type: ignore[union-attr]


def drawn(folder: Path, graphs: int, asked: int, number: int) -> int:
    """Ask random queries over random graphs; give how many of them both engines answered."""
    agreed = 0

    @seed(number)
    @settings(max_examples=graphs, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(queries.quads, st.lists(queries.queries, min_size=asked, max_size=asked))
    def ask(statements: list[Quad], texts: list[str]) -> None:
        nonlocal agreed
        place = folder / str(time.monotonic_ns())
        place.mkdir()
        found = engines(place, statements)
        for text in texts:
            try:
                compared = compare(found, text)
            except SyntaxError:
                continue
            assert not compared.difference, (text, statements)
            agreed += not compared.not_compiled
        found.columns.close()

    ask()
    return agreed


def test_random_queries_agree(tmp_path: Path) -> None:
    assert drawn(tmp_path, 1, 8, number=11) > 2


@pytest.mark.benchmark
@pytest.mark.timeout(1800)
def test_two_thousand_random_queries_agree(tmp_path: Path) -> None:
    assert drawn(tmp_path, 100, 30, number=2026) >= 2000


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.skipif(bool(absence()), reason=absence())
def test_what_compiles_of_the_w3c_agrees_and_is_most_of_it() -> None:
    found = w3c.run()
    assert {name: c.difference for name, c in found.items() if c.difference} == {}
    assert sum(not c.not_compiled for c in found.values()) >= 0.6 * len(found)
    assert "\n".join(w3c.table(found)) in w3c.PAGE.read_text(encoding="utf-8"), "run python -m tests.columns.w3c"


# Routing


@pytest.mark.parametrize(("text", "left"), [
    ("DESCRIBE :a", True),
    ("SELECT ?p ?o { :a ?p ?o }", True),
    ("SELECT ?s { ?s :p ?o } LIMIT 5", True),
    ("SELECT ?s { ?s :p ?o } ORDER BY ?s LIMIT 5", False),
    ("SELECT (RAND() AS ?r) { ?s :p ?o }", True),
    ("SELECT (COUNT(*) AS ?n) { :a :p ?o }", False),
    ("SELECT ?s { ?s :p 'LIMIT 5' }", False),
])  # fmt: skip
def test_tokens_tell_what_is_not_worth_compiling(text: str, left: bool) -> None:
    assert (by_tokens(P + text) is not None) is left


def test_few_rows_are_for_the_row_engine(both: Engines) -> None:
    text = P + "SELECT (COUNT(*) AS ?n) { ?s :v 2 ; :p ?x }"
    with pytest.raises(NotCompiled, match="few rows"):
        compiled(text, both.columns, routed=True)
    assert compiled(text, both.columns).form == "SELECT"


@pytest.mark.parametrize("form", ["json", "csv", "tsv", "xml"])
def test_answers_are_the_same_bytes(both: Engines, form: str) -> None:
    text = P + "SELECT ?l (COUNT(*) AS ?n) { ?s :v ?v BIND(LANG(?v) AS ?l) } GROUP BY ?l ORDER BY ?l"
    outs = BytesIO(), BytesIO()
    engine = ColumnEngine(both.columns)
    engine._plans[(text, None, None)] = compiled(text, both.columns)  # such a small graph is not routed to it
    for out, columns in zip(outs, (engine, None), strict=True):
        evaluate(both.store, Question(text, form), out, columns)
    assert outs[0].getvalue() == outs[1].getvalue() != b""


def test_a_query_that_fails_while_it_runs_is_answered_all_the_same(both: Engines) -> None:
    text = P + "SELECT (UCASE('ß') AS ?a) {}"
    engine = ColumnEngine(both.columns)
    plan = compiled(text, both.columns)
    assert engine.answer(plan) is None
    engine._plans[(text, None, None)] = plan
    out = BytesIO()
    evaluate(both.store, Question(text, "csv"), out, engine)
    assert out.getvalue() == b"a\r\nSS\r\n"


def test_columns_reach_no_file_and_keep_their_settings(both: Engines) -> None:
    for statement in ("FROM read_csv('/etc/passwd')", "SET memory_limit = '99GB'", "COPY terms TO '/tmp/x'"):
        with pytest.raises(Exception, match=r"(?i)disabled|locked|permission"):
            both.columns.connection.execute(statement)


def test_a_worker_answers_from_the_columns_locked_in(tmp_path: Path) -> None:
    quads = [Quad(NamedNode(f"urn:{n}"), NamedNode("urn:p"), Literal(str(n % 7))) for n in range(2000)]
    quads.append(Quad(BlankNode("x"), NamedNode("urn:q"), NamedNode("urn:1")))
    folder, spool = tmp_path / "snapshot", tmp_path / "spool"
    folder.mkdir()
    spool.mkdir()
    engines(folder, quads).columns.close()
    store = Store(str(folder / "oxigraph"))
    store.extend(quads[:7])  # fewer: so that the answer tells which engine gave it
    store.flush()
    del store
    worker = Worker(folder, spool, 1024)
    try:
        answer = worker.ask(Question("SELECT (COUNT(?s) AS ?n) { ?s <urn:p> ?o }", "csv"), time.monotonic() + 60)
        assert answer.body == b"n\r\n2000\r\n"
        assert worker.network_closed
    finally:
        worker.kill()


# The command


@pytest.fixture(scope="module")
def published(both: Engines, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose live version has columns, small as it is."""
    directory = DataDirectory(tmp_path_factory.mktemp("published"))
    with directory.writer():
        staging = directory.staging()
        store = Store(str(staging / "oxigraph"))
        store.extend([Quad(NamedNode(f"urn:{n}"), NamedNode("urn:p"), NamedNode(f"urn:{n % 7}")) for n in range(3000)])
        store.flush()
        build(store, staging, "separate")
        (staging / "report.ttl").write_text("", encoding="utf-8")
        del store
        publish(directory, staging, Report((), ""), "load", "", mode="separate")
    return directory.path


@pytest.mark.parametrize(("query", "wanted"), [
    ("SELECT ?o (COUNT(*) AS ?n) { ?s <urn:p> ?o } GROUP BY ?o", ["engine: columns", "FROM triples", "plan:"]),
    ("SELECT (COUNT(*) AS ?n) { <urn:1> <urn:p> ?o }", ["engine: rows", "few rows"]),
    ("DESCRIBE <urn:1>", ["engine: rows", "DESCRIBE is not compiled"]),
])  # fmt: skip
def test_explain_says_which_engine_and_why(published: Path, query: str, wanted: list[str]) -> None:
    done = CliRunner().invoke(cli, ["explain", "--data-dir", str(published), "-e", query])
    assert done.exit_code == 0, done.output
    assert all(text in done.output for text in wanted), done.output


def test_explain_without_columns_and_of_no_query(published: Path, tmp_path: Path) -> None:
    live = DataDirectory(published).current().path
    shutil.copytree(live, tmp_path / "snapshot", ignore=lambda *_: ["columns.duckdb"])
    assert explanation("ASK {}", tmp_path / "snapshot").why == "the snapshot has no columns"
    with pytest.raises(BadQuery):
        explanation("SELECT", live)


def test_small_graphs_get_no_columns(tmp_path: Path) -> None:
    assert not beside(Store(), tmp_path, "union")
    assert list(tmp_path.iterdir()) == []


DECIMAL = NamedNode("http://www.w3.org/2001/XMLSchema#decimal")


def test_what_columns_count_is_what_the_rows_hold(tmp_path: Path) -> None:
    text = Literal('a "quoted" line\n\u00e9 \\ \u0007', language="en")
    rows = [("a", text, "g"), ("a", Literal(1), "h"), ("b", NamedNode("x:a"), "g"), ("a", Literal(1), "g")]
    quads = [Quad(NamedNode(f"x:{s}"), NamedNode("x:p"), o, NamedNode(f"x:{g}")) for s, o, g in rows]
    quads.append(Quad(BlankNode("b"), NamedNode("x:p"), Literal("2.50", datatype=DECIMAL), NamedNode("x:h")))
    store = in_memory(quads)
    build(store, tmp_path, "union")
    found = counts(tmp_path)
    assert found is not None
    assert found.digests == by_graph(named_quads(store))
    assert found.statements == {"x:g": 3, "x:h": 2}
    assert found.triples == 4

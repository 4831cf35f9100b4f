"""The W3C's SPARQL 1.0 and 1.1 tests through the HTTP endpoint, one test an entry of the manifests.

What is known not to pass stands in tests/w3c/not_passed.toml with its reason. Syntax tests are quick and run always,
those that evaluate over data of their own are `long`. Where the W3C's files are is said by W3C_TESTS.
"""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from tests.w3c.comparison import same
from tests.w3c.document import BY_VALUE, NOT_PASSED, PAGE, SPECIFICATIONS, TITLES, Outcome, differences, in_order
from tests.w3c.endpoint import Dataset, Endpoint, statements
from tests.w3c.judgement import CAUSES, NotPassed, Verdict, dataset_of, judge, known
from tests.w3c.manifest import EVALUATION, NEGATIVE, POSITIVE, Entry, absence, entries
from tests.w3c.readers import Row, Solutions, Term, read

XSD = "http://www.w3.org/2001/XMLSchema#"
HERE = [] if absence() else entries()
needs_data = pytest.mark.skipif(bool(absence()), reason=absence())


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A service that turns from one dataset to the next."""
    opened = Endpoint(tmp_path_factory.mktemp("w3c"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def table() -> dict[str, NotPassed]:
    """What is known not to pass."""
    return known()


def cases() -> list[object]:
    """One case an entry in scope, in an order that changes the dataset as seldom as may be."""
    long = [pytest.mark.long]
    found: list[object] = [
        pytest.param(entry, id=entry.id, marks=long if entry.kind == EVALUATION else []) for entry in in_order(HERE)
    ]
    return found or [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=absence()))]


@pytest.mark.parametrize("entry", cases())
def test_the_service_answers_as_the_w3c_expects(entry: Entry, endpoint: Endpoint, table: dict[str, NotPassed]) -> None:
    verdict = judge(entry, endpoint)
    if entry.id in table:
        assert not verdict.passed, "it passes now: take it out of not_passed.toml and run python -m tests.w3c.report"
    else:
        assert verdict.passed, verdict.why
        assert verdict.by_value == (entry.id in listed_by_value()), "run python -m tests.w3c.report"


def datasets() -> list[object]:
    """Each dataset of the W3C's tests that has named graphs, once."""
    found = {dataset_of(entry): entry for entry in in_order(HERE) if entry.kind == EVALUATION}
    cases = [pytest.param(dataset, id=entry.id, marks=pytest.mark.long) for dataset, entry in found.items()
             if dataset.graphs]  # fmt: skip
    return cases or [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=absence()))]


@pytest.mark.parametrize("dataset", datasets())
def test_the_graph_store_gives_every_graph_as_its_file_says(dataset: Dataset, endpoint: Endpoint) -> None:
    for graph in (None, *dataset.graphs):
        files = dataset.data if graph is None else (graph,)
        expected = frozenset(quad.triple for file in files for quad in statements(file))
        response = endpoint.read(dataset, graph, "text/turtle")
        assert response.status_code == 200, response.text
        assert same(expected, read(response.data, response.content_type), by_value=True), graph
    assert endpoint.read(dataset, "http://example.org/no-such-graph", "text/turtle").status_code == 404


@needs_data
def test_the_table_names_tests_that_exist_and_are_run(table: dict[str, NotPassed]) -> None:
    assert set(table) <= {entry.id for entry in HERE if not entry.out_of_scope}


@needs_data
def test_every_manifest_entry_has_an_id_of_its_own_and_files_that_exist() -> None:
    """An entry read wrongly would be run as something else, or twice under one name."""
    assert [name for name, count in Counter(entry.id for entry in HERE).items() if count > 1] == []
    assert {entry.kind for entry in HERE if not entry.out_of_scope} == {EVALUATION, POSITIVE, NEGATIVE}
    assert all(entry.result for entry in HERE if entry.kind == EVALUATION and not entry.out_of_scope)


def test_every_known_failure_has_a_cause_and_a_reason(table: dict[str, NotPassed]) -> None:
    for row in table.values():
        assert row.cause in CAUSES, row
        assert re.fullmatch(r"[A-Z].{20,}\.", row.reason), row


# The page


def section(title: str) -> str:
    """The text of one section of docs/conformance.md."""
    return PAGE.read_text(encoding="utf-8").partition(title + "\n")[2].partition("\n## ")[0]


def listed_by_value() -> set[str]:
    return set(re.findall(r"^- `(.+)`$", section(BY_VALUE), re.MULTILINE))


def test_the_page_lists_exactly_what_does_not_pass(table: dict[str, NotPassed]) -> None:
    listed = re.findall(r"^\| `(.+?)` \| (\w+) \|", section(NOT_PASSED), re.MULTILINE)
    assert sorted(listed) == sorted((row.id, row.cause) for row in table.values())


@needs_data
@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_the_page_counts_the_entries_of_each_suite(name: str, table: dict[str, NotPassed]) -> None:
    rows = re.findall(r"^\| (\S+) \| (\d+) \| (\d+) \| \d+ \| (\d+) \| (\d+) \|$", section(f"## {TITLES[name]}"), re.M)
    shown = {f"{name}/{suite}": tuple(map(int, counts)) for suite, *counts in rows if suite != "**all**"}
    wanted: dict[str, tuple[int, int, int, int]] = {}
    for suite in {entry.suite for entry in HERE if entry.suite.startswith(name) and not entry.id.endswith("/*")}:
        found = [entry for entry in HERE if entry.suite == suite]
        failed = sum(entry.id in table for entry in found)
        outside = sum(bool(entry.out_of_scope) for entry in found)
        wanted[suite] = (len(found), len(found) - failed - outside, failed, outside)
    assert shown == wanted


def test_a_run_that_differs_from_the_table_is_told() -> None:
    passed, failed = Entry("a/1", "a", EVALUATION, "", ""), Entry("a/2", "a", EVALUATION, "", "")
    outcomes = [Outcome(passed, Verdict(True)), Outcome(failed, Verdict(False))]
    assert differences(outcomes, {"a/2": NotPassed("a/2", "engine", "")}) == []
    assert len(differences(outcomes, {})) == 1
    assert len(differences(outcomes, {name: NotPassed(name, "engine", "") for name in ("a/1", "a/2")})) == 1


# The comparison itself: one that finds everything equal would pass every test.

A, B = BlankNode("a"), BlankNode("b")
P, Q = NamedNode("x:p"), NamedNode("x:q")


def number(text: str, datatype: str = "decimal") -> Literal:
    return Literal(text, datatype=NamedNode(XSD + datatype))


def solutions(*rows: Row, variables: tuple[str, ...] = ("x", "y")) -> Solutions:
    return Solutions(variables, list(rows))


def row(x: Term, y: Term | None = None) -> Row:
    return {"x": x} if y is None else {"x": x, "y": y}


@pytest.mark.parametrize(
    ("left", "right", "options", "equal"),
    [
        (True, True, {}, True),
        (True, False, {}, False),
        (True, solutions(), {}, False),
        (solutions(row(P), row(Q)), solutions(row(Q), row(P)), {}, True),
        (solutions(row(P), row(Q)), solutions(row(Q), row(P)), {"ordered": True}, False),
        (solutions(row(A), row(B)), solutions(row(B), row(A)), {"ordered": True}, True),
        (solutions(row(P), row(P)), solutions(row(P)), {}, False),
        (solutions(row(P), row(P)), solutions(row(P)), {"lax": True}, True),
        (solutions(row(P)), solutions(row(P), row(P)), {"lax": True}, False),
        (solutions(row(P), row(Q)), solutions(row(P)), {"lax": True}, False),
        (solutions(row(P)), solutions(row(P), variables=("x", "z")), {}, False),
        (solutions(row(P)), solutions(row(P, Q)), {}, False),
        (solutions(row(A, A)), solutions(row(B, B)), {}, True),
        (solutions(row(A, A)), solutions(row(A, B)), {}, False),
        (solutions(row(A, B)), solutions(row(A, A)), {}, False),
        (solutions(row(A, P), row(A, Q)), solutions(row(A, P), row(B, Q)), {}, False),
        (solutions(row(A, P), row(B, Q)), solutions(row(A, P), row(A, Q)), {}, False),
        (solutions(row(A, P), row(B, P), row(B, Q)), solutions(row(A, P), row(A, Q), row(B, P)), {}, True),
        (solutions(row(number("1.0"))), solutions(row(number("1"))), {}, False),
        (solutions(row(number("1.0"))), solutions(row(number("1"))), {"by_value": True}, True),
        (solutions(row(number("1.0"))), solutions(row(number("1", "integer"))), {"by_value": True}, False),
        (solutions(row(number("1.0", "string"))), solutions(row(number("1", "string"))), {"by_value": True}, False),
        (solutions(row(number("x"))), solutions(row(number("y"))), {"by_value": True}, False),
        (solutions(row(number("2001-01-01Z", "date"))), solutions(row(number("2001-01-01+00:00", "date"))),
         {"by_value": True}, True),
        (solutions(row(number("2001-01-01Z", "date"))), solutions(row(number("2001-01-01", "date"))),
         {"by_value": True}, False),
        (solutions(row(Literal("a", language="EN"))), solutions(row(Literal("a", language="en"))), {}, True),
        (solutions(row(Literal("a", language="en"))), solutions(row(Literal("a"))), {}, False),
        (frozenset({Triple(A, P, B)}), frozenset({Triple(B, P, A)}), {}, True),
        (frozenset({Triple(A, P, B)}), frozenset({Triple(A, P, A)}), {}, False),
        (frozenset({Triple(A, P, Q)}), frozenset({Triple(A, P, Literal("x:q"))}), {}, False),
    ],
)  # fmt: skip
def test_results_are_compared_by_what_they_say(left: object, right: object, options: dict, equal: bool) -> None:
    assert same(left, right, **options) is equal


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("application/sparql-results+xml",
         '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/><variable name="y"/></head>'
         '<results><result><binding name="x"><uri>x:p</uri></binding></result><result>'
         '<binding name="x"><bnode>n</bnode></binding><binding name="y"><literal datatype='
         '"http://www.w3.org/2001/XMLSchema#decimal">01.0</literal></binding></result></results></sparql>'),
        ("application/sparql-results+json; charset=utf-8",
         '{"head": {"vars": ["x", "y"]}, "results": {"bindings": [{"x": {"type": "uri", "value": "x:p"}},'
         '{"x": {"type": "bnode", "value": "n"}, "y": {"type": "literal", "value": "01.0",'
         '"datatype": "http://www.w3.org/2001/XMLSchema#decimal"}}]}}'),
        ("text/tab-separated-values", "?x\t?y\n<x:p>\t\n_:n\t01.0\n"),
    ],
)  # fmt: skip
def test_readers_keep_terms_as_written(media_type: str, text: str) -> None:
    """A reader that made 1 of 01.0 would hide what the store does to numbers."""
    found = read(text.encode(), media_type)
    assert isinstance(found, Solutions)
    assert found.variables == ("x", "y")
    assert found.rows[0] == row(P)
    assert isinstance(found.rows[1]["x"], BlankNode)
    assert found.rows[1]["y"] == number("01.0")


# What the tests showed of the service


def test_a_function_that_nobody_knows_is_an_error_of_its_expression_alone(endpoint: Endpoint) -> None:
    """It once ended the worker that met it."""
    query = b"SELECT * { BIND(1 AS ?x) BIND(<x:unknown>(?x) AS ?y) BIND(COALESCE(<x:other>(?x), 7) AS ?z) }"
    response = endpoint.ask(Dataset(), query, "text/csv")
    assert response.status_code == 200, response.text
    assert response.text.split() == ["x,y,z", "1,,7"]

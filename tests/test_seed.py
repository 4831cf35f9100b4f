"""The seed article: each of its 65 statements is answered by a query over the seed's own graph alone."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store, Triple

from graph.mapping import MappedRow, map_rows
from graph.names import GRAPH, ONTOLOGY, PREFIXES, THING, curie, kind_and_slug, thing
from graph.register import Register
from graph.sources import Source, read_description, read_source

FACTS = [f"F{number:02d}" for number in range(1, 66)]
DATA = Path(__file__).parent / "data" / "seed"
FOLDER = Path(__file__).parent.parent / "graph" / "facts" / "seed"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((DATA / "expected.toml").read_text(encoding="utf-8"))

TYPE = NamedNode(PREFIXES["rdf"] + "type")
LABEL = NamedNode(PREFIXES["rdfs"] + "label")
DOCUMENT = NamedNode(thing("source", "wikipedia-microsoft-partner-ecosystem"))


@pytest.fixture(scope="module")
def source() -> Source:
    return read_source(FOLDER)


@pytest.fixture(scope="module")
def rows(source: Source) -> list[MappedRow]:
    """The seed's rows, mapped with an empty register: the table names its organisations itself."""
    return list(map_rows(source, Register([])))


@pytest.fixture(scope="module")
def triples(rows: list[MappedRow]) -> set[Triple]:
    return {triple for row in rows for triple in row.triples}


@pytest.fixture
def store(triples: set[Triple]) -> Store:
    """The seed's statements alone: no ontology, no catalogue, no other source."""
    return _store(triples)


def _store(triples: set[Triple]) -> Store:
    store = Store()
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return store


def _text(fact: str) -> str:
    return (DATA / f"{fact}.rq").read_text(encoding="utf-8")


def _shown(term: object) -> str:
    """Write a term as expected.toml does: kind/slug, prefix:name, <IRI>, or a literal with its type."""
    if isinstance(term, NamedNode):
        ours = kind_and_slug(term.value)
        return "/".join(ours) if ours else curie(term.value) or str(term)
    return str(term).replace(f"^^<{PREFIXES['xsd']}", "^^xsd:").removesuffix(">")


def _answer(store: Store, text: str) -> tuple[list[str], list[list[str]]]:
    """Give the columns and the sorted rows that a query answers."""
    solutions = store.query(text)
    assert isinstance(solutions, QuerySolutions)
    columns = [variable.value for variable in solutions.variables]
    return columns, sorted([_shown(term) for term in solution] for solution in solutions)


def _expected(fact: str) -> tuple[list[str], list[list[str]]]:
    return EXPECTED[fact]["columns"], sorted(EXPECTED[fact]["rows"])


@pytest.mark.parametrize("fact", FACTS)
def test_each_fact_is_answered_by_its_query(store: Store, fact: str) -> None:
    assert _answer(store, _text(fact)) == _expected(fact)


def _wrong(term: object) -> NamedNode | Literal:
    """Give a term of the same sort that is not the right one."""
    if not isinstance(term, Literal):
        return NamedNode(thing("concept", "something-else"))
    if term.language:
        return Literal(term.value + " or not", language=term.language)
    return Literal(term.value + "1", datatype=term.datatype)


@pytest.mark.parametrize("fact", FACTS)
def test_an_absent_or_wrong_statement_fails_its_query(
    triples: set[Triple], rows: list[MappedRow], fact: str
) -> None:
    """Every row is read by its fact's query: without its statement or with a wrong value the answer differs.

    Rows that only name a thing are left to the test of names.
    """
    text, expected = _text(fact), _expected(fact)
    unread = []
    for row in rows:
        if row.row.cells["fact"] != fact or row.row.cells["property"] == "rdfs:label":
            continue
        stated = set(row.triples)
        changed = {Triple(t.subject, t.predicate, _wrong(t.object)) for t in stated}
        unread += [
            (how, row.row.number, row.row.cells["paraphrase"])
            for how, mutant in (("absent", triples - stated), ("wrong", (triples - stated) | changed))
            if _answer(_store(mutant), text) == expected
        ]
    assert not unread


def test_every_fact_has_rows_a_query_and_an_answer(rows: list[MappedRow]) -> None:
    assert sorted({row.row.cells["fact"] for row in rows}) == FACTS
    assert sorted(path.stem for path in DATA.glob("F*.rq")) == FACTS
    assert sorted(EXPECTED) == FACTS
    assert all(EXPECTED[fact]["rows"] for fact in FACTS)


@pytest.mark.parametrize("fact", FACTS)
def test_a_query_opens_with_its_question(fact: str) -> None:
    assert re.fullmatch(r"# [A-Z].+\?", _text(fact).splitlines()[0])


def test_each_row_makes_its_statement(rows: list[MappedRow]) -> None:
    """A row without a statement, with a fault or with an empty cell would be a fact silently absent."""
    columns = {"fact", "subject", "property", "value", "datatype", "paraphrase"}
    wrong = [row.row for row in rows if not row.triples or row.faults or set(row.row.cells) != columns]
    assert not wrong


def test_no_row_is_there_twice(rows: list[MappedRow]) -> None:
    """Two facts may name the same thing, but within a fact a second row adds nothing."""
    said = [(cells["fact"], cells["subject"], cells["property"], cells["value"]) for cells in _cells(rows)]
    assert len(said) == len(set(said))


def _cells(rows: list[MappedRow]) -> Iterator[dict[str, str]]:
    for row in rows:
        yield row.row.cells


def test_terms_are_those_the_store_keeps(triples: set[Triple], store: Store) -> None:
    """No blank node; and the store, which makes literals canonical, gives back just what it was given."""
    assert not [t for t in triples if isinstance(t.subject, BlankNode) or isinstance(t.object, BlankNode)]
    assert {quad.triple for quad in store} == triples


def test_each_thing_has_a_class_and_one_name(triples: set[Triple]) -> None:
    """Each thing that the seed mentions is classed and named by the seed, in one wording.

    But for one: the article writes "L.A.R.s" and no more, so that the name is the ontology's.
    """
    things = {
        term for t in triples for term in (t.subject, t.object)
        if isinstance(term, NamedNode) and term.value.startswith(THING)
    }  # fmt: skip
    for predicate, nameless in ((TYPE, {}), (LABEL, {"category/large-account-reseller": 0})):
        counts = {one: len({t.object for t in triples if t.subject == one and t.predicate == predicate})
                  for one in things}  # fmt: skip
        assert {_shown(one): count for one, count in counts.items() if count != 1} == nameless


def test_only_terms_of_the_ontology_are_used(triples: set[Triple]) -> None:
    """A misspelt property would be a statement that no query finds."""
    ontology = _ontology()
    used = {t.predicate for t in triples} | {t.object for t in triples if t.predicate == TYPE}
    ours = {term for term in used if isinstance(term, NamedNode) and term.value.startswith(ONTOLOGY)}
    assert sorted(_shown(term) for term in ours - ontology) == []


def _ontology() -> set[object]:
    files = sorted((Path(__file__).parent.parent / "ontology").glob("*.ttl"))
    return {quad.subject for file in files for quad in read_description(file)}


def test_there_are_nine_categories_of_partner(store: Store) -> None:
    _, found = _answer(
        store,
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT ?category WHERE "
        f"{{ ?category skos:broader <{thing('category', 'partner')}> }}",
    )
    assert len(found) == 9


def test_no_figure_is_written_down_that_is_derived(triples: set[Triple]) -> None:
    """The increase of the specialists is computed by a query (F61), never stated."""
    values = {t.object.value for t in triples if isinstance(t.object, Literal)}
    assert {"700", "2400"} <= values
    assert not {"1700", "3.43", "3.4285714285714286"} & values


def test_the_source_says_who_says_so_and_how_surely(source: Source) -> None:
    description = {quad.triple for quad in read_description(source.description)}
    graph = NamedNode(GRAPH + "seed")
    found = {curie(t.predicate.value): t.object for t in description if t.subject == graph}
    assert source.graph == graph.value
    assert found["prov:wasDerivedFrom"] == DOCUMENT
    assert found["pe:evidence"] == NamedNode(thing("concept", "stated"))
    assert found["pe:retrieved"] == Literal("2026-11-22", datatype=NamedNode(PREFIXES["xsd"] + "date"))
    assert {"dcterms:title", "dcterms:description", "dcterms:publisher", "pe:bias"} <= found.keys()


def test_the_table_and_its_description_agree_about_the_document(source: Source, triples: set[Triple]) -> None:
    """Title, publisher, licence and address stand in both; they must not drift apart."""
    described = {q.triple for q in read_description(source.description) if q.subject == DOCUMENT}
    stated = {t for t in triples if t.subject == DOCUMENT}
    common = {t.predicate for t in described} & {t.predicate for t in stated}
    assert {"dcterms:title", "dcterms:publisher", "dcterms:license"} <= {curie(p.value) for p in common}
    assert {t for t in described if t.predicate in common} == {t for t in stated if t.predicate in common}

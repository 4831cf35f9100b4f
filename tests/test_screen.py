"""SHACL at size: the screen and pySHACL over its suspects find what pySHACL alone finds."""

from collections.abc import Iterable
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from graph.columns.build import build
from graph.names import PREFIXES
from graph.screen.judge import judge_at_size
from graph.store import in_memory, union
from graph.validate import Finding, Report, room_triples, validate
from tests.benchmarks import synthesize

INVALID = "*.invalid.ttl"
EXAMPLES = Path(__file__).parent / "data" / "shapes"
ALL = 10**9
Plain = set[tuple[str, str, str, str | None, str]]


def plain(findings: Iterable[Finding]) -> Plain:
    """What two reports have in common where they are equal: a compound path is a blank node of each report."""
    return {(f.severity, f.shape, f.focus, f.value, f.message) for f in findings}


def screened(store: Store, folder: Path, shapes: rdflib.Graph | None = None, listed: int = ALL) -> Report:
    build(store, folder, "union")
    beside = room_triples("ontology") if shapes is None else ()
    return judge_at_size(store, folder, "union", beside, shapes, listed=listed)


def alone(store: Store, shapes: rdflib.Graph | None = None) -> Plain:
    """What pySHACL finds in all of it; about the vocabulary, which is not judged, nothing is asked."""
    held = {str(term) for triple in union(store) for term in (triple.subject, triple.object)}
    beside = room_triples("ontology") if shapes is None else ()
    found = validate((triple for part in (beside, union(store)) for triple in part), shapes)
    return {one for one in plain(found.findings) if one[2] in held}


def held(turtle: str) -> Store:
    return in_memory(Quad(q.subject, q.predicate, q.object, NamedNode("x:g")) for q in parse(turtle, RdfFormat.TURTLE))


@pytest.mark.long
def test_samples_with_violations_of_every_shape_have_the_findings_of_pyshacl_alone(tmp_path: Path) -> None:
    file, names = tmp_path / "broken.nq", [path.name.partition(".")[0] for path in EXAMPLES.glob(INVALID)]
    synthesize.write(file, 5000, seed=11, violations=3 * len(names))
    store = in_memory(parse(path=str(file), format=RdfFormat.N_QUADS))
    found = plain(screened(store, tmp_path).findings)
    assert {shape.rpartition("#")[2] for _, shape, *_ in found} >= set(names)
    assert found == alone(store)


@pytest.mark.parametrize(
    ("constraint", "breaks"),
    [
        ("sh:path x:n ; sh:minCount 2", {"a", "c", "d"}),
        ("sh:path x:n ; sh:maxCount 0", {"a", "b"}),
        ("sh:path x:n ; sh:minInclusive 5", {"b"}),
        ("sh:path x:n ; sh:datatype xsd:integer", {"b"}),
        ("sh:path x:t ; sh:pattern '^[A-Z]'", {"c"}),
        ("sh:not [ sh:path x:t ; sh:pattern '^[A-Z]' ]", {"a", "b", "d"}),  # without any text nothing breaks it
        # A space that Python knows and RE2 does not: only with doubt on both sides is the negation right.
        ("sh:not [ sh:path x:t ; sh:minCount 1 ; sh:pattern '\\\\s' ]", {"a", "c"}),
        ("sh:path x:t ; sh:languageIn ('en')", {"a"}),
        ("sh:path x:t ; sh:uniqueLang true", {"c"}),
        ("sh:path x:k ; sh:class x:C", {"b"}),
        ("sh:path x:k ; sh:in (x:a)", {"b"}),
        ("sh:path x:k ; sh:nodeKind sh:Literal", {"a", "b"}),
        ("sh:path x:k ; sh:disjoint x:n", set()),
        ("sh:path (x:k [ sh:inversePath x:k ]) ; sh:maxCount 0", {"a", "b"}),
        ("sh:path [ sh:oneOrMorePath x:k ] ; sh:hasValue x:a", {"b", "c", "d"}),
        ("sh:or ([ sh:path x:n ; sh:maxCount 0 ] [ sh:path x:k ; sh:minCount 1 ])", set()),
        ("sh:xone ([ sh:path x:n ; sh:minCount 1 ] [ sh:path x:t ; sh:minCount 1 ])", {"a", "d"}),
        ("sh:path x:k ; sh:qualifiedValueShape [ sh:class x:C ] ; sh:qualifiedMinCount 1", {"b", "c", "d"}),
        ("sh:closed true ; sh:ignoredProperties (x:n rdf:type)", {"a", "b", "c"}),
        ("sh:sparql [ sh:select 'SELECT $this { $this <x:k> <x:a> }' ]", {"a"}),
    ],
)
def test_each_component_finds_what_pyshacl_finds(constraint: str, breaks: set[str], tmp_path: Path) -> None:
    names = {"x": "x:", **{name: PREFIXES[name] for name in ("sh", "xsd", "rdf")}}
    head = "".join(f"@prefix {name}: <{iri}> . " for name, iri in names.items())
    store = held(
        head
        + """
        x:a a x:C ; x:n 7 ; x:t "No\u00a0break" ; x:k x:a . x:b a x:C ; x:n 1, 2.5 ; x:k x:z .
        x:c a x:C ; x:t "o n"@en , "two s"@EN-GB , "two t"@en-gb . x:d a x:C ."""
    )
    shapes = rdflib.Graph().parse(data=f"{head} x:S a sh:NodeShape ; sh:targetClass x:C ; {_node(constraint)} .")
    found = plain(screened(store, tmp_path, shapes).findings)
    assert found == alone(store, shapes)
    assert {focus[3:-1] for _, _, focus, *_ in found} == breaks


def _node(constraint: str) -> str:
    told = f"{constraint} ; sh:message 'broken'"  # what pySHACL writes by itself has the prefixes of the graph it read
    return f"sh:property [ {told} ]" if constraint.startswith("sh:path") else told


def test_a_report_lists_some_findings_and_counts_the_rest(tmp_path: Path) -> None:
    lines = "".join(f"<x:{n}> a <x:C> . " for n in range(700))
    shapes = rdflib.Graph().parse(
        data="""@prefix sh: <http://www.w3.org/ns/shacl#> .
        <x:S> a sh:NodeShape ; sh:targetClass <x:C> ; sh:property [ sh:path <x:p> ; sh:minCount 1 ] ."""
    )
    report = screened(held(lines), tmp_path, shapes, listed=10)
    assert len(report.findings) == 10
    assert report.counts()["violation"] == 700

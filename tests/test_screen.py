"""SHACL at size: the screen and pySHACL over its suspects find what pySHACL alone finds."""

from collections.abc import Iterable
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from graph.columns.build import build
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
    return judge_at_size(store, folder, "union", room_triples("ontology"), shapes, listed=listed)


def alone(store: Store, shapes: rdflib.Graph | None = None) -> Plain:
    """What pySHACL finds in all of it; about the vocabulary, which is not judged, nothing is asked."""
    held = {str(term) for triple in union(store) for term in (triple.subject, triple.object)}
    found = validate((triple for part in (room_triples("ontology"), union(store)) for triple in part), shapes)
    return {one for one in plain(found.findings) if one[2] in held}


def held(turtle: str) -> Store:
    return in_memory(Quad(q.subject, q.predicate, q.object, NamedNode("x:g")) for q in parse(turtle, RdfFormat.TURTLE))


@pytest.mark.long
def test_samples_with_violations_of_every_shape_have_the_findings_of_pyshacl_alone(tmp_path: Path) -> None:
    file, names = tmp_path / "broken.nq", {path.name.removesuffix(".invalid.ttl") for path in EXAMPLES.glob(INVALID)}
    synthesize.write(file, 5000, seed=11, violations=3 * len(names))
    store = in_memory(parse(path=str(file), format=RdfFormat.N_QUADS))
    found = plain(screened(store, tmp_path).findings)
    assert {shape.rpartition("#")[2] for _, shape, *_ in found} >= names
    assert found == alone(store)

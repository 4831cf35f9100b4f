"""Broken things for a made-up graph: the shapes' invalid examples, each copy under names of its own.

Which focus node breaks which shape is what pySHACL says of one copy of each; the other copies differ in names alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from graph.names import GRAPH, THING
from graph.validate import room_files, room_triples, validate

EXAMPLES = Path(__file__).parents[1] / "data" / "shapes"


@dataclass(frozen=True)
class Copy:
    """One copy of a shape's invalid example: its statements, and the (focus node, shape) that it breaks."""

    triples: list[str]
    broken: list[tuple[str, str]]


def copies(count: int) -> Iterator[Copy]:
    """Give `count` broken copies, the examples in turn: a shape may have several."""
    names = sorted(path.name.removesuffix(".invalid.ttl") for path in EXAMPLES.glob("*.invalid.ttl"))
    firsts = {name: _renamed(name, number) for number, name in enumerate(names[:count])}
    expected = _expected(firsts)
    for number in range(count):
        name = names[number % len(names)]
        suffix, first = _suffix(number), _suffix(number % len(names))
        triples = _renamed(name, number)
        broken = [(focus.replace(first, suffix), shape) for focus, shape in expected.get(name, ())]
        yield Copy([str(triple) for triple in triples], broken)


def _suffix(number: int) -> str:
    return f"-broken-{number}-"


def _renamed(name: str, number: int) -> list[Triple]:
    files = (EXAMPLES / "common.ttl", EXAMPLES / f"{name}.invalid.ttl")
    triples = [quad.triple for file in files for quad in parse(file.read_bytes(), RdfFormat.TURTLE)]
    return [Triple(_term(t.subject, number), t.predicate, _term(t.object, number)) for t in triples]


def _term(term: NamedNode | BlankNode | Literal | Triple, number: int) -> NamedNode | BlankNode | Literal | Triple:
    if isinstance(term, BlankNode):
        return BlankNode(f"broken{number}x{term.value}")
    if not isinstance(term, NamedNode) or not term.value.startswith((THING, GRAPH)) or term.value in _fixed():
        return term
    return NamedNode(f"{term.value}{_suffix(number)}x")


@cache
def _fixed() -> frozenset[str]:
    """The things that shapes and vocabulary name: a copy under another name would be another thing."""
    text = b"".join(file.read_bytes() for room in ("shapes", "ontology") for file in room_files(room)).decode()
    found = set(re.findall(r"\bconcept:([a-z-]+)", text))
    return frozenset(f"{THING}concept/{name}" for name in found)


def _expected(firsts: dict[str, list[Triple]]) -> dict[str, list[tuple[str, str]]]:
    """Give what pySHACL finds in one copy of each, by the example's name."""
    report = validate(triple for triples in (room_triples("ontology"), *firsts.values()) for triple in triples)
    numbers = {_suffix(number): name for number, name in enumerate(firsts)}
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in firsts}
    for finding in report.findings:
        place = re.search(r"-broken-\d+-", finding.focus) or re.search(r"broken(\d+)x", finding.focus)
        shape = finding.shape.rsplit("#", 1)[-1]
        if place is not None:
            key = place[0] if place[0].startswith("-") else _suffix(int(place[1]))
            found[numbers[key]].append((finding.focus, shape))
        elif finding.focus.startswith('"') and shape in found:  # a text is the same in every copy
            found[shape].append((finding.focus, shape))
    return found

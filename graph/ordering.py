"""The one order of every export: graph, then subject, then predicate (`rdf:type` first), then object.

Terms are handled as their N-Quads text, which the engine writes: reading the attributes of a million quads in
Python costs more than having them written as text in Rust and cutting the lines up.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from pyoxigraph import Quad, RdfFormat, Triple, parse, serialize

from graph.labels import NotSerialisable, canonical

RDF_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_BATCH: Final = 20_000

Statement = tuple[str, str, str, str]
"""Graph ("" for the default graph), subject, predicate, object, each as in N-Quads."""

Block = tuple[str, str, list[tuple[str, list[str]]]]
"""Graph, subject, and for each predicate in order its objects in order, all as in N-Quads."""


def blocks(quads: Iterable[Triple | Quad], *, graphs: bool, presorted: bool = False) -> Iterator[Block]:
    """Give `quads` as blocks of one subject each, in order and without duplicates.

    Where `graphs` is false the names of graphs are dropped. Where `presorted` is true the quads of one
    subject of one graph stand together, subjects and graphs follow in the order of `rank`, and blank nodes
    keep their labels: then nothing is held but one block. Else all are held, ordered, and blank nodes
    relabelled. Raises NotSerialisable where blank nodes cannot be given stable labels, or for a triple term
    of RDF 1.2.
    """
    found = statements(quads, graphs=graphs)
    return _streamed(found) if presorted else _gathered(found)


def statements(quads: Iterable[Triple | Quad], *, graphs: bool = True) -> Iterator[Statement]:
    """Give each quad as the N-Quads texts of its terms."""
    rest = iter(quads)
    while lines := serialize(islice(rest, _BATCH), format=RdfFormat.N_QUADS):  # type: ignore[arg-type]
        for line in lines.decode().split("\n")[:-1]:
            subject, predicate, after = line.split(" ", 2)
            if after[0] == '"':
                # Neither IRIs nor language tags hold a quote or a space: the last quote ends the literal.
                end = after.rindex('"')
                last = after[end:].split(" ")
                term = after[:end] + last[0]
            else:
                last = after.split(" ")
                term = last[0]
                if term[:2] == "<<":
                    raise NotSerialisable(f"a triple term (RDF 1.2) is an object of {subject} {predicate}")
            yield last[1] if graphs and len(last) == 3 else "", subject, predicate, term


def rank(term: str) -> tuple[int, int, str]:
    """Give the sorting key of a term's text: no graph, IRIs, blank nodes (by number), literals."""
    if term[:1] == "<":
        return (1, 0, term[1:-1])
    if term[:1] == "_":
        return (2, len(term), term)
    return (3, 0, term) if term else (0, 0, "")


def _streamed(found: Iterator[Statement]) -> Iterator[Block]:
    first = next(found, None)
    if first is None:
        return
    here, about, predicate, term = first
    pairs = [(predicate, term)]
    for graph, subject, predicate, term in found:
        if subject != about or graph != here:
            yield here, about, _grouped(pairs)
            here, about, pairs = graph, subject, []
        pairs.append((predicate, term))
    yield here, about, _grouped(pairs)


def _gathered(found: Iterable[Statement]) -> Iterator[Block]:
    known: dict[str, dict[str, list[tuple[str, str]]]] = {}
    blank: list[str] = []
    for graph, subject, predicate, term in found:
        if term[0] == "_" or subject[0] == "_" or graph[:1] == "_":
            blank.append(f"{subject} {predicate} {term} {graph} .")
        else:
            known.setdefault(graph, {}).setdefault(subject, []).append((predicate, term))
    if blank:
        relabelled = canonical(list(parse("\n".join(blank), format=RdfFormat.N_QUADS)))
        for graph, subject, predicate, term in statements(relabelled):
            known.setdefault(graph, {}).setdefault(subject, []).append((predicate, term))
    for graph in sorted(known, key=rank):
        subjects = known.pop(graph)
        for subject in sorted(subjects, key=rank):
            yield graph, subject, _grouped(subjects.pop(subject))


@lru_cache(maxsize=4096)
def _predicate_rank(predicate: str) -> str:
    return "" if predicate == RDF_TYPE else predicate[:-1]


def _grouped(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    objects: dict[str, list[str]] = {}
    for predicate, term in pairs:
        if predicate in objects:
            objects[predicate].append(term)
        else:
            objects[predicate] = [term]
    grouped = []
    for predicate in sorted(objects, key=_predicate_rank):
        terms = objects[predicate]
        grouped.append((predicate, terms if len(terms) == 1 else sorted(set(terms), key=rank)))
    return grouped

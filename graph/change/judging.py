"""Judging documents of anybody's, in a process that may be killed: RDF by shapes, their own or the project's.

Nothing is fetched: no owl:imports, no JSON-LD contexts, and no SERVICE, since the process has no network.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

import rdflib
from pyoxigraph import Triple

from graph.change.child import foreseen
from graph.change.document import statements
from graph.change.worker import Helper
from graph.engine.locked import serve
from graph.validate import Report, as_rdflib, room_triples, validate


@dataclass(frozen=True, slots=True)
class Document:
    """An RDF document as it was sent."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Case:
    """A document to be judged, by `shapes` or, without them, by the project's."""

    data: Document
    shapes: Document | None = None


def main(connection: Connection, memory: int) -> None:
    """Judge each Case from `connection`: the process's entry point."""
    serve(connection, memory, lambda: foreseen(judge))


def judge(case: Case) -> Report:
    """Give the report on a case. Raises NotReadable and ValidationFailed.

    The project's shapes see the vocabulary beside the data; findings are about the data alone.
    """
    triples = list(_triples(case.data))
    if case.shapes is not None:
        shapes = rdflib.Graph()
        for triple in _triples(case.shapes):
            shapes.add((as_rdflib(triple.subject), as_rdflib(triple.predicate), as_rdflib(triple.object)))
        return validate(triples, shapes)
    return validate(triples, beside=room_triples("ontology"))


def judged(case: Case, memory: int, seconds: float) -> Report:
    """Give the report on a case from a process of its own. Raises what `judge` raises, and what Helper raises."""
    helper = Helper(main, memory, "judge")
    try:
        report: Report = helper.ask(case, seconds)
        return report
    finally:
        helper.kill()


def _triples(document: Document) -> Iterator[Triple]:
    return (quad.triple for quad in statements(document.body, document.media_type, None, several=True))

"""A thing to take away beside its RDF: its statements as a sheet, and the query that finds them."""

from collections.abc import Iterator
from importlib.resources import files

from pyoxigraph import NamedNode

from graph.describe import Description
from graph.sheets import JOINT, sheet
from graph.spool import Document

HEADER = ("property", "property IRI", "value", "value IRI", "datatype", "language", "sources", "source IRIs")


def table(told: Description) -> Document:
    """Give a line for each statement about a thing: labels beside IRIs, and who says so."""
    return sheet(HEADER, _lines(told))


def query(iri: str) -> str:
    """Give the query of all statements of and to `iri`, by source, as it runs on any endpoint with this graph."""
    text = files(__package__).joinpath("statements.rq").read_text(encoding="utf-8")
    return f"{text}VALUES ?thing {{ {NamedNode(iri)} }}\n"


def _lines(told: Description) -> Iterator[tuple[str, ...]]:
    titles = {one.iri: one.title for one in told.providers}
    for section in told.sections:
        for group in section.groups:
            for one in group.statements:
                value = one.value
                yield (
                    group.label,
                    group.predicate,
                    value.text if value.iri else value.lexical or value.text,
                    value.iri,
                    value.datatype,
                    value.language,
                    JOINT.join(titles[graph] for graph in one.graphs),
                    JOINT.join(one.graphs),
                )

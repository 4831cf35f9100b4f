"""How results are written as RDF: terms by their short names, English text, numbers as the store keeps them."""

from collections.abc import Iterator
from decimal import Decimal

from pyoxigraph import Literal, NamedNode, Quad

from graph.names import PREFIXES, thing

Value = str | int | Literal | NamedNode


def say(subject: str, graph: str, *statements: tuple[str, Value]) -> Iterator[Quad]:
    """Give a quad for each of `statements`, a property's short name and its value, about `subject` in `graph`."""
    for property_, value in statements:
        object_ = Literal(value) if isinstance(value, str | int) else value
        yield Quad(NamedNode(subject), term(property_), object_, NamedNode(graph))


def term(name: str) -> NamedNode:
    """Give the IRI of a short name (`pe:value`)."""
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def english(text: str) -> Literal:
    """Give `text` as English."""
    return Literal(text, language="en")


def number(value: int | float) -> Literal:
    """Give `value` as xsd:integer, or as xsd:decimal in the canonical form in which the store keeps it."""
    if isinstance(value, int):
        return Literal(value)
    text = format(Decimal(repr(value)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Literal(text or "0", datatype=term("xsd:decimal"))


def metric(name: str, label: str, meaning: str, graph: str) -> Iterator[Quad]:
    """Give what a metric is."""
    return say(
        thing("metric", name),
        graph,
        ("rdf:type", term("pe:Metric")),
        ("rdfs:label", english(label)),
        ("skos:definition", english(meaning)),
    )

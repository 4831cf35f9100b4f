"""Addresses of persons and contacts, whatever property they hang on: SHACL Core can aim no shape at every property.

`shape:text-without-address` asks the properties that it lists. Here the same is asked of all others, of the names of
things, and of what a reader sees behind the characters: percent signs decoded, other forms of letters plain (NFKC).
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

import rdflib
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from graph.names import ONTOLOGY, SHAPE

# In words that Python and RE2 read alike; shapes/general.ttl holds it too, for processors of others.
PATTERN: Final = (
    r"[^\s@] ?@ ?[^\s@]+[.][^\s@.0-9][^\s@.0-9]"  # ada@sutland.example, ada @ sutland.example
    r"|[(\[\{] ?at ?[)\]\}] ?[^\s@]+ ?([.]|[(\[\{] ?dot| dot )"  # ada (at) sutland dot example
    r"|\S at \S+ dot [a-z]"
    r"|^\s*(mailto|tel|sips|sip|xmpp|callto|sms|fax|skype):"
)
ADDRESS: Final = rdflib.URIRef(SHAPE + "text-without-address")
SUSPECT: Final = " OR ".join(  # in SQL, of a row of terms
    f"regexp_matches({text}, '(?i){PATTERN}') OR contains({text}, '\uff20') OR contains({text}, '%40')"
    for text in ("lex", "CASE WHEN starts_with(datatype, 'http://www.w3.org/') THEN NULL ELSE datatype END")
)
_NAMED_GRAPH: Final = rdflib.URIRef(ONTOLOGY + "NamedGraph")
_ADDRESS: Final = re.compile(PATTERN, re.IGNORECASE)

Statement = tuple[Node, Node, Node]


def holds_address(text: str) -> bool:
    """Whether `text` holds an address by mail, telephone or message, plainly or behind another form of it."""
    if _ADDRESS.search(text):
        return True
    return ("%" in text or not text.isascii()) and bool(_ADDRESS.search(unicodedata.normalize("NFKC", unquote(text))))


def unasked(shapes: rdflib.Graph, statements: Iterable[Statement]) -> list[Statement]:
    """Give those of `statements` that hold an address which the shape itself does not find; [] without that shape."""
    asked = set(shapes.objects(ADDRESS, SH.targetObjectsOf))
    known: dict[Node, bool] = {}

    def holds(term: Node) -> bool:
        if term not in known:
            known[term] = not isinstance(term, rdflib.BNode) and holds_address(str(term))
        return known[term]

    def found(statement: Statement) -> bool:
        subject, predicate, value = statement
        told = predicate in asked and _ADDRESS.search(str(value))
        kind = value.datatype if isinstance(value, rdflib.Literal) else None
        named = holds(subject) or holds(predicate) or (kind is not None and holds(kind))
        return named or (holds(value) and not told)

    return [statement for statement in statements if found(statement)] if asked else []


def in_names(shapes: rdflib.Graph, graphs: Iterable[str]) -> list[Statement]:
    """Give, for each of `graphs` (IRIs) that holds an address, that it is a named graph; [] without that shape."""
    return unasked(shapes, ((rdflib.URIRef(graph), RDF.type, _NAMED_GRAPH) for graph in graphs))


def note(report: rdflib.Graph, shapes: rdflib.Graph, found: Iterable[Statement]) -> None:
    """Add to a validation report that the statements `found` hold an address, as results of the shape."""
    root = report.value(None, RDF.type, SH.ValidationReport) or rdflib.BNode()
    for subject, predicate, value in found:
        result = rdflib.BNode()
        report.set((root, SH.conforms, rdflib.Literal(False)))
        for triple in (
            (root, RDF.type, SH.ValidationReport),
            (root, SH.result, result),
            (result, RDF.type, SH.ValidationResult),
            (result, SH.focusNode, subject),
            (result, SH.resultPath, predicate),
            (result, SH.value, value),
            (result, SH.sourceShape, ADDRESS),
            (result, SH.sourceConstraintComponent, SH.NotConstraintComponent),
            (result, SH.resultSeverity, shapes.value(ADDRESS, SH.severity) or SH.Violation),
            *((result, SH.resultMessage, message) for message in shapes.objects(ADDRESS, SH.message)),
        ):
            report.add(triple)

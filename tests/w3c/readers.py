"""Result sets as the W3C writes them and as the service answers them, read without the engine under test.

Solutions keep terms as written: no reader here turns "01" into "1".
"""

import csv
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

Term = NamedNode | BlankNode | Literal | Triple
Row = dict[str, Term]

_SRX: Final = "{http://www.w3.org/2005/sparql-results#}"
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_RS: Final = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_TYPE: Final = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_RESULT_SET: Final = NamedNode(_RS + "ResultSet")
_RDF_FORMATS: Final = {"text/turtle": RdfFormat.TURTLE, "application/rdf+xml": RdfFormat.RDF_XML}
MEDIA_TYPES: Final = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".ttl": "text/turtle",
    ".rdf": "application/rdf+xml",
}


@dataclass(frozen=True, slots=True)
class Solutions:
    """Solutions with their variables; `indexed` where the file itself says that their order counts."""

    variables: tuple[str, ...]
    rows: list[Row]
    indexed: bool = False


Result = Solutions | bool | frozenset[Triple]


def read_expected(path: Path, base: str) -> Result:
    """Give what a result file of the W3C says; a Turtle or RDF/XML file may hold a result set or a graph."""
    media_type = MEDIA_TYPES[path.suffix]
    if media_type not in _RDF_FORMATS:
        return read(path.read_bytes(), media_type, base)
    quads = list(parse(path=str(path), format=_RDF_FORMATS[media_type], base_iri=base))
    found = [q.subject for q in quads if q.predicate == _TYPE and q.object == _RESULT_SET]
    return _result_set(quads, found[0]) if found else frozenset(q.triple for q in quads)


def read(body: bytes, content_type: str, base: str = "") -> Result:
    """Read an answer by its Content-Type; relative IRIs are resolved against `base`. ValueError where it is none."""
    media_type = content_type.partition(";")[0]
    if media_type == "application/sparql-results+xml":
        return _xml(body, base)
    if media_type == "application/sparql-results+json":
        return _json(body)
    if media_type == "text/csv":
        return _csv(body)
    if media_type == "text/tab-separated-values":
        return _tsv(body)
    return frozenset(q.triple for q in parse(body, format=_RDF_FORMATS[media_type]))


def _xml(body: bytes, base: str) -> Result:
    document = ET.fromstring(body)
    boolean = document.find(_SRX + "boolean")
    if boolean is not None:
        return {"true": True, "false": False}[(boolean.text or "").strip()]
    head = document.find(_SRX + "head")
    variables = tuple(v.attrib["name"] for v in (() if head is None else head.iter(_SRX + "variable")))
    rows = [
        {binding.attrib["name"]: _xml_term(binding[0], base) for binding in result.iter(_SRX + "binding")}
        for result in document.iter(_SRX + "result")
    ]
    return Solutions(variables, rows)


def _xml_term(element: ET.Element, base: str) -> Term:
    text = element.text or ""
    if element.tag == _SRX + "uri":
        return NamedNode(urljoin(base, text.strip()))
    if element.tag == _SRX + "bnode":
        return BlankNode(_label(text.strip()))
    return _literal(text, element.get("datatype"), element.get(_XML_LANG))


def _json(body: bytes) -> Result:
    document = json.loads(body)
    if "boolean" in document:
        return bool(document["boolean"])
    rows = [{name: _json_term(term) for name, term in row.items()} for row in document["results"]["bindings"]]
    return Solutions(tuple(document["head"]["vars"]), rows)


def _json_term(term: dict[str, Any]) -> Term:
    if term["type"] == "uri":
        return NamedNode(term["value"])
    if term["type"] == "bnode":
        return BlankNode(_label(term["value"]))
    return _literal(term["value"], term.get("datatype"), term.get("xml:lang"))


def _csv(body: bytes) -> Solutions:
    """CSV tells no IRI from a literal: every value is read as a string, but for blank nodes."""
    header, *lines = list(csv.reader(io.StringIO(body.decode("utf-8"), newline="")))
    rows: list[Row] = [
        {
            name: BlankNode(_label(value[2:])) if value.startswith("_:") else Literal(value)
            for name, value in zip(header, line, strict=True)
        }
        for line in lines
    ]
    return Solutions(tuple(header), rows)


def _tsv(body: bytes) -> Solutions:
    header, *lines = body.decode("utf-8").removesuffix("\n").split("\n")
    names = [name.removeprefix("?") for name in header.split("\t")]
    rows: list[Row] = [
        {name: _tsv_term(cell) for name, cell in zip(names, line.split("\t"), strict=True) if cell} for line in lines
    ]
    return Solutions(tuple(names), rows)


def _tsv_term(cell: str) -> Term:
    """A value of TSV is a term in Turtle's syntax."""
    (quad,) = parse(f"<x:s> <x:p> {cell} .", format=RdfFormat.TURTLE)
    return quad.object


def _result_set(quads: list[Quad], node: Any) -> Result:
    """Read the W3C's own vocabulary of result sets (https://www.w3.org/2001/sw/DataAccess/tests/result-set.n3)."""

    def objects(subject: Any, name: str) -> list[Any]:
        return [q.object for q in quads if q.subject == subject and q.predicate.value == _RS + name]

    boolean = objects(node, "boolean")
    if boolean:
        return bool(boolean[0].value in ("true", "1"))
    found: list[tuple[int, Row]] = []
    for solution in objects(node, "solution"):
        index = [int(i.value) for i in objects(solution, "index")]
        row: Row = {}
        for binding in objects(solution, "binding"):
            row[objects(binding, "variable")[0].value] = objects(binding, "value")[0]
        found.append((index[0] if index else 0, row))
    found.sort(key=lambda pair: pair[0])
    variables = tuple(v.value for v in objects(node, "resultVariable"))
    return Solutions(variables, [row for _, row in found], indexed=any(index for index, _ in found))


def _literal(text: str, datatype: str | None, language: str | None) -> Literal:
    if language:
        return Literal(text, language=language)
    return Literal(text, datatype=NamedNode(datatype)) if datatype else Literal(text)


def _label(text: str) -> str:
    """Give a blank node's label that the term accepts, whatever the file calls the node."""
    return "b" + text.encode("utf-8").hex()

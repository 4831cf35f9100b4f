"""One RDF file of anyone's, in any of the formats, as statements."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from graph import formats
from graph.errors import Foreseen
from graph.store import DEFAULT


class LoadError(Foreseen, ValueError):
    """A file cannot be read as RDF: its name, line and column are in the message."""


def read_file(path: Path, graph: str | None = None, *, rename: bool = False) -> Iterator[Quad]:
    """Give the statements of an RDF file, gzipped or not; those in no graph go to `graph`, if one is named.

    Raises LoadError. `rename` gives its blank nodes labels of their own, which no other file has.
    """
    try:
        name = NamedNode(graph) if graph else None
    except ValueError as error:
        raise LoadError(f"{graph!r} is no IRI for a graph: {error}") from error
    packed = path.suffix == ".gz"
    suffix = path.with_suffix("").suffix if packed else path.suffix
    try:
        row = formats.by_name(suffix)
    except KeyError:
        raise LoadError(f"{path}: the suffix {suffix!r} is none of "
                        f"{', '.join(f.suffix for f in formats.GRAPH_FORMATS)}") from None  # fmt: skip
    if row.rdf is None:
        raise LoadError(f"{path}: {row.label} holds query results, not RDF statements")
    if row.rdf == RdfFormat.RDF_XML:
        if packed:
            raise LoadError(f"{path}: RDF/XML is not read gzipped")
        _check_xml(path)
    try:
        source: dict[str, Any] = {"input": gzip.open(path)} if packed else {"path": str(path)}  # noqa: SIM115
        for quad in parse(format=row.rdf, rename_blank_nodes=rename, **source):
            if name is not None and quad.graph_name == DEFAULT:
                quad = Quad(quad.subject, quad.predicate, quad.object, name)
            yield quad
    except (SyntaxError, OSError, ValueError, EOFError, zlib.error) as error:
        raise LoadError(f"{path}: {error}") from error


def _check_xml(path: Path) -> None:
    """Raise LoadError where an XML file has a DTD or is not well-formed.

    The engine expands a DTD's entities without bound, and takes a file that breaks off for a whole one.
    """
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise LoadError(f"{path}: an RDF/XML file with a DTD is not read")

    parser.StartDoctypeDeclHandler = refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except OSError as error:
        raise LoadError(f"{path}: {error.strerror}") from error
    except expat.ExpatError as error:
        raise LoadError(f"{path}: {error}") from error

"""A source of facts: a folder (or three files of a user's) with a table, a mapping and a description.

The table is read as W3C csv2rdf in minimal mode would read it (https://www.w3.org/TR/csv2rdf/): a row is a blank
node, a cell a triple whose predicate is `<table#column>`; an empty cell says nothing.
"""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from graph.contacts import holds_address
from graph.declared import not_there, undeclared
from graph.errors import Foreseen
from graph.names import GRAPH, ONTOLOGY, PREFIXES, is_slug

LEFT_OUT = "left_out"
_ROWNUM = NamedNode(PREFIXES["csvw"] + "rownum")
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_SOURCE = NamedNode(ONTOLOGY + "Source")


class SourceError(Foreseen, ValueError):
    """A source cannot be read at all: a file is missing, not UTF-8, or not of its form."""


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: `number` counts from 1 below the header; `cells` are the non-empty ones, stripped."""

    number: int
    cells: dict[str, str]
    fault: str | None = None

    @property
    def left_out(self) -> str | None:
        """The reason why a person left this row out, or None."""
        return self.cells.get(LEFT_OUT)

    @property
    def cells_left_out(self) -> dict[str, str]:
        """The reasons why a person left out single cells, by their columns: what stands in `<column>_left_out`."""
        end = f"_{LEFT_OUT}"
        return {name.removesuffix(end): reason for name, reason in self.cells.items() if name.endswith(end)}

    def without(self, columns: Collection[str]) -> "Row":
        """Give the row without the cells of `columns`."""
        return replace(self, cells={name: cell for name, cell in self.cells.items() if name not in columns})

    def triples(self, base: str) -> Iterator[Triple]:
        """Give the row's csv2rdf minimal-mode triples (column names percent-encoded) and its csvw:rownum."""
        subject = BlankNode("row")
        yield Triple(subject, _ROWNUM, Literal(self.number))
        for column, cell in self.cells.items():
            if column != LEFT_OUT:
                yield Triple(subject, NamedNode(f"{base}#{quote(column)}"), Literal(cell))


@dataclass(frozen=True, slots=True)
class Source:
    """A table with its mapping and its description; `slug` names its graph."""

    slug: str
    table: Path
    mapping: Path
    description: Path

    @property
    def graph(self) -> str:
        """The IRI of the named graph that the table makes."""
        return GRAPH + self.slug

    @property
    def base(self) -> str:
        """The table's own IRI, against which its mapping is read."""
        return f"{self.graph}/{quote(self.table.name)}"

    def header(self) -> list[str]:
        """Give the table's column names; SourceError where it has none or one twice."""
        return _header(self.table)

    def rows(self) -> Iterator[Row]:
        """Give the table's rows; a row with too many or too few cells carries a `fault` and keeps what it has.

        Raises SourceError where a quoted cell is never closed: it would swallow the rows below it.
        """
        columns = self.header()
        with self.table.open(encoding="utf-8-sig", newline="") as lines:
            records = _records(self.table, lines)
            next(records)
            for number, record in enumerate((r for r in records if r), start=1):
                cells = {c: v.strip() for c, v in zip(columns, record, strict=False) if v.strip()}
                fault = None
                if len(record) != len(columns):
                    fault = f"has {len(record)} cells where the header has {len(columns)} columns"
                yield Row(number, cells, fault)


def read_source(folder: Path) -> Source:
    """Give the source in `folder`; SourceError where one of its three files is missing."""
    tables = sorted(p for p in folder.iterdir() if p.name in ("facts.tsv", "facts.csv"))
    if not tables:
        raise SourceError(f"{folder}: no facts.tsv or facts.csv in it")
    return source_of_files(tables[0], folder / "mapping.rq", folder / "source.ttl")


def read_sources(facts: Path) -> list[Source]:
    """Give every source folder below `facts`, by slug; SourceError where there is none or two share a graph."""
    folders = sorted(p.parent for p in facts.glob("*/mapping.rq"))
    sources = sorted((read_source(folder) for folder in folders), key=lambda s: s.slug)
    if not sources:
        raise SourceError(f"{facts}: no folder with a mapping.rq in it")
    for one, other in pairwise(sources):
        if one.slug == other.slug:
            raise SourceError(f"{one.table.parent} and {other.table.parent} both describe <{one.graph}>")
    return sources


def source_of_files(table: Path, mapping: Path, description: Path) -> Source:
    """Give the source made of these three files; its graph is the one that `description` describes."""
    for path in (table, mapping, description):
        if not path.is_file():
            raise SourceError(f"{path}: no such file")
    graphs = {
        quad.subject.value
        for quad in read_description(description)
        if quad.predicate == _TYPE and quad.object == _SOURCE and isinstance(quad.subject, NamedNode)
    }
    ours = sorted(iri for iri in graphs if iri.startswith(GRAPH))
    if len(ours) != 1:
        raise SourceError(
            f"{description}: it must describe one named graph <{GRAPH}...> as a pe:Source, not {len(ours)}"
        )
    if not is_slug(ours[0][len(GRAPH) :]):
        raise SourceError(f"{description}: <{ours[0]}> must end in a slug: a-z and 0-9, joined by '-'")
    for name in (table.name, *_header(table)):
        if holds_address(name):
            raise SourceError(f"{table}: {name!r}, a name that is shown, holds an address of somebody: rename it")
    return Source(ours[0][len(GRAPH) :], table, mapping, description)


def read_description(path: Path) -> list[Quad]:
    """Give the statements of a source.ttl; SourceError with the position where it is no Turtle."""
    try:
        found = list(parse(path=str(path), format=RdfFormat.TURTLE))
    except SyntaxError as error:
        raise SourceError(f"{path}: {error}") from error
    for quad in found:
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            raise SourceError(f"{path}: a blank node, which nobody can link to: give it an IRI ({quad.triple})")
        for term in undeclared((quad.subject, quad.predicate, quad.object)):
            raise SourceError(f"{path}: {not_there(term)} ({quad.triple})")
    return found


def _records(table: Path, lines: TextIO) -> Iterator[list[str]]:
    dialect = "excel-tab" if table.suffix == ".tsv" else "excel"
    reader = csv.reader(lines, dialect=dialect, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise SourceError(f"{table}, line {reader.line_num}: {error}") from error


def _header(table: Path) -> list[str]:
    try:
        table.read_bytes().decode("utf-8")  # the whole file must be UTF-8 before a row of it is believed
    except UnicodeDecodeError as error:
        raise SourceError(f"{table}: not UTF-8 at byte {error.start}") from error
    with table.open(encoding="utf-8-sig", newline="") as lines:
        columns = [c.strip() for c in next(_records(table, lines), [])]
    if not any(columns):
        raise SourceError(f"{table}: no header line")
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice or not all(columns):
        raise SourceError(f"{table}: column {twice[0] if twice else ''!r} stands twice or has no name")
    return columns

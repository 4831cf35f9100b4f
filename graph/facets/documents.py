"""A selection to take away: as a table with labels beside IRIs, as records, or as the statements about its members."""

import json
import sqlite3
from collections.abc import Iterator

from pyoxigraph import Store

from graph import export
from graph.facets.selection import Choice, Selection, rows, values
from graph.facets.sparql import query_of
from graph.formats import TURTLE
from graph.sheets import JOINT, sheet
from graph.spool import Document, spooled

Having = dict[str, dict[int, list[Choice]]]


def table(connection: sqlite3.Connection, selection: Selection) -> Document:
    """Give a line a member: its IRI, its name, and for each facet the labels and the terms of its values."""
    having: Having = dict(values(connection, selection))
    titles = {counted.facet.name: counted.facet.title for counted in selection.facets}
    header = ["IRI", "name", *(cell for name in having for cell in (titles[name], f"{titles[name]} (term)"))]
    return sheet(header, _lines(connection, selection, having))


def records(connection: sqlite3.Connection, selection: Selection) -> Document:
    """Give the selection as one JSON object: class, choice, its SPARQL, the count, and an object a member."""
    having: Having = dict(values(connection, selection))
    head = {
        "class": selection.class_iri,
        "chosen": selection.chosen,
        "sparql": query_of(selection.class_iri, selection.chosen),
        "count": len(selection.members),
    }
    return Document(b"", spooled(_pieces(json.dumps(head, ensure_ascii=False)[:-1], connection, selection, having)))


def statements(store: Store, connection: sqlite3.Connection, selection: Selection) -> Document:
    """Give what is said of the members, as Turtle."""
    return export.entities(store, (row.iri for row in rows(connection, selection, len(selection.members))), TURTLE)


def _lines(connection: sqlite3.Connection, selection: Selection, having: Having) -> Iterator[list[str]]:
    for row in rows(connection, selection, len(selection.members)):
        line = [row.iri, row.label]
        for found in having.values():
            choices = found.get(row.rank, [])
            line += [JOINT.join(c.label for c in choices), JOINT.join(_plain(c.value) for c in choices)]
        yield line


def _pieces(head: str, connection: sqlite3.Connection, selection: Selection, having: Having) -> Iterator[str]:
    yield head + ', "members": ['
    for place, row in enumerate(rows(connection, selection, len(selection.members))):
        told = {
            name: [{"term": _plain(c.value), "label": c.label} for c in found[row.rank]]
            for name, found in having.items()
            if row.rank in found
        }
        record = {"iri": row.iri, "name": row.label, **({"facets": told} if told else {})}
        yield (",\n" if place else "\n") + json.dumps(record, ensure_ascii=False)
    yield "\n]}\n"


def _plain(term: str) -> str:
    """Give an IRI without its brackets; a literal as in N-Triples."""
    return term[1:-1] if term.startswith("<") else term

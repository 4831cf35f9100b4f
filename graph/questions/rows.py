"""Who says what a row of an answer says: the document, its date, and the file and rows of the table made from it."""

import sqlite3
from collections import defaultdict
from dataclasses import replace
from typing import Final

from pyoxigraph import Literal, NamedNode, Store

from graph import provenance
from graph.names import PREFIXES, is_slug, term_of, thing
from graph.provenance import Evidence
from graph.questions.answers import Answer, Row, Term

_ROWS: Final = ("dated", "file", "row")
_CITED: Final = "document"
_CELLS: Final = ("document", "source")  # the columns in which a table of many documents names one of them
_FROM: Final = NamedNode(PREFIXES["prov"] + "wasDerivedFrom")
DATES: Final = ("dcterms:issued", "dcterms:modified", "dcterms:created")  # of a source itself
_DATES: Final = tuple(NamedNode(term_of(name)) for name in DATES)


def with_rows(answer: Answer, index: sqlite3.Connection, store: Store) -> Answer:
    """Give `answer` with the document that each statement is taken from, its date, and the file and rows that make it.

    Where the answer tells of no statement it stays as it is. A statement of several documents gets a row for each; an
    answer that names the document itself gets the rows taken from that one.
    """
    if not answer.question.evidence:
        return answer
    cites = _CITED in answer.columns
    made: list[Row] = []
    documents: dict[Term | None, set[NamedNode]] = {}  # by graph: a graph makes many rows
    for row in answer.rows:
        told = {**answer.bindings, **dict(zip(answer.columns, row, strict=True))}
        statement = [NamedNode(term_of(name)) if ":" in name else told[name] for name in answer.question.evidence]
        graph = statement[3]
        if graph not in documents:
            documents[graph] = _documents(store, graph)
        said = _said(index, documents[graph], *statement)
        if cites:
            named = told[_CITED]
            taken = said.get(named) or [one for some in said.values() for one in some]
            made.append((*row, _date(store, named, graph), *_place(taken)))
        else:
            made += [
                (*row, document, _date(store, document, graph), *_place(taken))
                for document, taken in said.items() or [(None, [])]
            ]
    head = (*answer.columns, *(() if cites else (_CITED,)), *_ROWS)
    return replace(answer, columns=head, rows=tuple(made))


def _said(
    index: sqlite3.Connection, documents: set[NamedNode], subject: Term | None, predicate: Term | None,
    object_: Term | None, graph: Term | None,
) -> dict[Term | None, list[Evidence]]:  # fmt: skip
    found: defaultdict[Term | None, list[Evidence]] = defaultdict(list)
    if subject is None or predicate is None or object_ is None or not isinstance(graph, NamedNode):
        return found
    for evidence in provenance.why(index, subject, predicate, object_):
        if evidence.graph == graph.value:
            found[_document(evidence, documents)].append(evidence)
    return found


def _documents(store: Store, graph: Term | None) -> set[NamedNode]:
    """Give the documents that the table of `graph` is made from."""
    if not isinstance(graph, NamedNode):
        return set()
    found = (quad.object for quad in store.quads_for_pattern(graph, _FROM, None, None))
    return {one for one in found if isinstance(one, NamedNode)}


def _document(evidence: Evidence, documents: set[NamedNode]) -> NamedNode | None:
    """Give the document of a row: the one that its cells name, else the only one that the table is made from."""
    cells = evidence.cells or {}
    for slug in (cells.get(name, "") for name in _CELLS):
        if is_slug(slug) and (cited := NamedNode(thing("source", slug))) in documents:
            return cited
    return next(iter(documents)) if len(documents) == 1 else None


def _date(store: Store, document: Term | None, graph: Term | None) -> Literal | None:
    for place in (document, graph):
        if isinstance(place, NamedNode):
            for date in _DATES:
                for quad in store.quads_for_pattern(place, date, None, None):
                    if isinstance(quad.object, Literal):
                        return quad.object
    return None


def _place(evidence: list[Evidence]) -> tuple[Literal | None, Literal | None]:
    files, rows = dict.fromkeys(one.place for one in evidence), [str(one.row) for one in evidence if one.row]
    return Literal(", ".join(files)) if files else None, Literal(", ".join(rows)) if rows else None

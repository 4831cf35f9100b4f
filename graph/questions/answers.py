"""The answer to a stored question: its table of terms, with labels beside things and rows beside statements, and every
format it goes out in.

As RDF a table is what csv2rdf's minimal mode makes of it (https://www.w3.org/TR/csv2rdf/): `<answer#row=1>
<question#column> value`, each row named by its number (RFC 7111).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Store,
    Triple,
    Variable,
    parse_query_results,
)

from graph import export
from graph.formats import Format
from graph.names import GRAPH, PREFIXES
from graph.naming import Namer
from graph.naming import in_words as words
from graph.questions.catalogue import StoredQuestion
from graph.questions.parameters import Bindings, short

Term = NamedNode | BlankNode | Literal | Triple
Row = tuple[Term | None, ...]
LABEL: Final = "Label"


@dataclass(frozen=True, slots=True)
class Answer:
    """The solutions of `question` under `bindings`; a bound parameter is no column, being the same in each row."""

    question: StoredQuestion
    bindings: Bindings
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def address(self) -> str:
        """The IRI of this answer: the question's, with its parameters."""
        given = {name: spelled(term) for name, term in self.bindings.items()}
        return self.question.iri + (f"?{urlencode(given)}" if given else "")

    def column(self, name: str) -> list[Term | None]:
        """Give the terms of one column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def spelled(term: NamedNode | Literal) -> str:
    """Give a parameter's value as an address or a command holds it: kind/slug of a thing, a number, or a term."""
    if isinstance(term, NamedNode):
        return short(term.value)
    return str(term) if term.language or not term.value.lstrip("-").isdigit() else term.value


def of_solutions(
    question: StoredQuestion, bindings: Bindings, found: QuerySolutions
) -> Answer:
    """Give the answer that the engine's solutions are, the bound parameters no columns of it."""
    kept = [name for variable in found.variables if (name := variable.value) not in bindings]
    return Answer(question, bindings, tuple(kept), tuple(tuple(solution[name] for name in kept) for solution in found))


def ask(store: Store, question: StoredQuestion, bindings: Bindings) -> Answer:
    """Ask `store` the question, in this process."""
    found = store.query(question.query, substitutions={Variable(name): term for name, term in bindings.items()})
    return of_solutions(question, bindings, found)  # type: ignore[arg-type]


def of_json(question: StoredQuestion, bindings: Bindings, body: bytes) -> Answer:
    """Give the answer that SPARQL results in JSON hold; ValueError where they are no solutions."""
    found = parse_query_results(body, format=QueryResultsFormat.JSON)
    if not isinstance(found, QuerySolutions):
        raise ValueError(f"{question.name} is no SELECT query")
    return of_solutions(question, bindings, found)


def with_labels(answer: Answer, namer: Namer) -> Answer:
    """Give `answer` with a column `<name>Label` behind each column that holds things."""
    columns: list[str] = []
    parts: list[list[Term | None]] = []
    for name in answer.columns:
        terms = answer.column(name)
        columns.append(name)
        parts.append(terms)
        if any(isinstance(term, NamedNode) for term in terms):
            columns.append(name + LABEL)
            parts.append([_label(term, namer) for term in terms])
    return replace(answer, columns=tuple(columns), rows=tuple(zip(*parts, strict=True)) if answer.rows else ())


def _label(term: Term | None, namer: Namer) -> Literal | None:
    words = namer.property(term.value) if isinstance(term, NamedNode) else ""
    return Literal(words) if words and isinstance(term, NamedNode) and words != term.value else None


def written(answer: Answer, form: Format) -> bytes:
    """Give `answer` in a format for solutions or for graphs."""
    if form.rdf is not None:
        prefixes = {**PREFIXES, "answer": f"{answer.question.iri}#"}
        return b"".join(export.write(list(triples(answer)), form, prefixes))
    bindings = [{n: _json(t) for n, t in zip(answer.columns, row, strict=True) if t is not None} for row in answer.rows]
    document = {"head": {"vars": list(answer.columns)}, "results": {"bindings": bindings}}
    body = json.dumps(document, ensure_ascii=False).encode()
    if form.results == QueryResultsFormat.JSON:
        return body
    return parse_query_results(body, format=QueryResultsFormat.JSON).serialize(format=form.results) or b""


def in_words(answer: Answer, namer: Namer) -> tuple[list[str], list[list[str]]]:
    """Give the head and the cells of `answer` as a person reads them: names of things, short forms of others."""
    head = [words(column) for column in answer.columns]
    return head, [["" if term is None else namer.value(term).text for term in row] for row in answer.rows]


def triples(answer: Answer) -> Iterator[Triple]:
    """Give `answer` as csv2rdf's minimal mode would."""
    address, columns = answer.address, [NamedNode(f"{answer.question.iri}#{quote(name)}") for name in answer.columns]
    for number, row in enumerate(answer.rows, start=1):
        subject = NamedNode(f"{address}#row={number}")
        for column, term in zip(columns, row, strict=True):
            if term is not None:
                yield Triple(subject, column, term)


def sorted_by(answer: Answer, column: str, namer: Namer) -> Answer:
    """Give `answer` ordered by `column` (the largest first after a `-`); ValueError where there is no such column."""
    name = column.removeprefix("-")
    if name not in answer.columns:
        raise ValueError(f"there is no column {name!r}; the columns are {', '.join(answer.columns)}")
    place = answer.columns.index(name)

    told = [(namer.value(term).key, row) for row in answer.rows if (term := row[place]) is not None]
    told.sort(key=lambda pair: pair[0], reverse=column.startswith("-"))
    return replace(answer, rows=(*(row for _, row in told), *(row for row in answer.rows if row[place] is None)))


def graphs_of(rows: Iterable[Row]) -> set[str]:
    """Give the IRIs of named graphs that stand in `rows`."""
    return {term.value for row in rows for term in row if isinstance(term, NamedNode) and term.value.startswith(GRAPH)}


def _json(term: Term) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Triple):
        raise ValueError("a triple term (RDF 1.2) cannot be told")
    told = {"type": "literal", "value": term.value}
    if term.language:
        return {**told, "xml:lang": term.language}
    return {**told, "datatype": term.datatype.value}

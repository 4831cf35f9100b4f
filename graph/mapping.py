"""A mapping: a SPARQL CONSTRUCT that is run row by row over a table's csv2rdf triples.

Row by row, so that the graph knows which row says what. The functions that a mapping may call (`f:slug`, `f:iri`,
`f:organization`, `f:item`, `f:term`, `f:literal`) are documented in `docs/adding-a-source.md`; what fails in one of
them is a fault of that row, never a silently missing statement.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, QueryTriples, Store, Triple, Variable

from graph.contacts import holds_address
from graph.declared import not_there, undeclared
from graph.engine.policy import Refused, read
from graph.errors import Foreseen
from graph.names import FUNCTION, PREFIXES, slug, term_of, thing
from graph.register import Register
from graph.sources import LEFT_OUT, Row, Source

Term = NamedNode | BlankNode | Literal | Triple
Function = Callable[..., Term | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: `row` counts from 1 below the header; `column` where it can be told."""

    row: int
    column: str | None
    message: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"row {self.row}{column}: {self.message}"


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A row with what it says: its triples, or why it was left out, or its faults."""

    row: Row
    triples: tuple[Triple, ...]
    faults: tuple[Fault, ...] = ()


class MappingError(Foreseen, ValueError):
    """A mapping is no SPARQL CONSTRUCT, or calls a function that does not exist."""


def map_rows(source: Source, register: Register) -> Iterator[MappedRow]:
    """Run the mapping of `source` over each row of its table, in order.

    Raises MappingError, before the first row, where the mapping cannot run at all.
    """
    text = source.mapping.read_text(encoding="utf-8")
    check_mapping(source, text)
    unread = frozenset(unread_columns(source)) - {"fact"}
    for row in source.rows():
        shown = row.without(unread)
        if row.fault:
            yield MappedRow(shown, (), (Fault(row.number, None, row.fault),))
        elif faults := tuple(_addresses(shown)):
            yield MappedRow(shown, (), faults)
        elif row.left_out:
            yield MappedRow(shown, ())
        else:
            yield _map(shown, text, source.base, register)


def _addresses(row: Row) -> Iterator[Fault]:
    """Give what is wrong with a row whose cells would be shown beside its statements, or counted as reasons."""
    for column, cell in row.cells.items():
        if (not row.left_out or column == LEFT_OUT) and holds_address(cell):
            yield Fault(row.number, column, "holds an address of somebody (mail, telephone): remove it")


def check_mapping(source: Source, text: str) -> None:
    """Raise MappingError unless `text` is a CONSTRUCT that the engine accepts, calling only functions there are.

    SERVICE is refused: the graph must not depend on what another endpoint says that day.
    """
    stubs: dict[NamedNode, Function] = {NamedNode(FUNCTION + name): _nothing for name in _FUNCTIONS}
    try:
        form = read(text).form
        Store().query(text, base_iri=source.base, custom_functions=stubs)
        if form != "CONSTRUCT":
            raise MappingError(f"{source.mapping}: a mapping is a CONSTRUCT query")
    except (Refused, SyntaxError, RuntimeError) as error:  # RuntimeError is the engine's for an unknown function
        raise MappingError(f"{source.mapping}: {error}") from error


def _nothing(*_: Literal | NamedNode) -> None:
    return None


def unread_columns(source: Source) -> list[str]:
    """Give the table's columns that no pattern of its mapping mentions."""
    text = _code(source.mapping.read_text(encoding="utf-8"))
    read = {unquote(name) for name in re.findall(r"<#([^>]+)>", text)}
    for prefix in re.findall(r"PREFIX\s+([\w-]*):\s*<#>", text, re.IGNORECASE):
        read |= {unquote(n) for n in re.findall(rf"(?<![\w-]){re.escape(prefix)}:([\w.%-]*[\w%-])", text)}
    return [c for c in source.header() if c not in read and c != LEFT_OUT and not c.endswith(f"_{LEFT_OUT}")]


def functions_without_rows() -> dict[str, Function]:
    """Give the functions that need no register, by IRI, for rules; an error in one leaves its variable unbound."""

    def free(function: Function) -> Function:
        closed = Register([])

        def call(*terms: Literal | NamedNode) -> Term | None:
            try:
                return function(closed, *(term.value for term in terms))
            except (ValueError, LookupError):
                return None

        return call

    return {FUNCTION + n: free(f) for n, f in _FUNCTIONS.items() if n != "organization"}


def _code(text: str) -> str:
    """Give `text` without its comment lines, which may mention anything."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def _map(row: Row, text: str, base: str, register: Register) -> MappedRow:
    store = Store()
    store.extend(_quads(row, base))
    faults: list[Fault] = []
    functions: dict[NamedNode, Function] = {
        NamedNode(FUNCTION + name): _guarded(name, function, row, faults, register)
        for name, function in _FUNCTIONS.items()
    }
    found = store.query(text, base_iri=base, custom_functions=functions)
    triples = tuple(dict.fromkeys(found)) if isinstance(found, QueryTriples) else ()
    for triple in triples:
        fault = _ill_formed(triple)
        if fault:
            faults.append(Fault(row.number, _column_of(row, triple.object), fault))
    if not triples and not faults:
        faults.append(Fault(row.number, None, "the mapping makes no statement of this row"))
    return MappedRow(row, () if faults else triples, tuple(dict.fromkeys(faults)))


def _quads(row: Row, base: str) -> Iterator[Quad]:
    for triple in row.triples(base):
        yield Quad(triple.subject, triple.predicate, triple.object)


def _guarded(
    name: str, function: Function, row: Row, faults: list[Fault], register: Register
) -> Function:
    def call(*terms: Literal | NamedNode) -> Term | None:
        arguments = [term.value for term in terms]
        try:
            return function(register, *arguments)
        except (ValueError, LookupError, TypeError) as error:
            column = next((c for c, cell in row.cells.items() if cell in arguments), None)
            message = str(error.args[0]) if error.args else str(error)
            faults.append(Fault(row.number, column, f"f:{name}: {message}"))
            return None

    return call


def _slug(_: Register, *parts: str) -> Literal:
    return Literal(slug(*parts))


def _iri(_: Register, kind: str, *parts: str) -> NamedNode:
    return NamedNode(thing(kind, *parts))


def _organization(register: Register, name: str, domain: str = "") -> NamedNode:
    return NamedNode(register.organization(name, domain))


def _item(_: Register, cell: str, separator: str, n: str) -> Literal | None:
    items = [item.strip() for item in cell.split(separator) if item.strip()]
    return Literal(items[int(n) - 1]) if 0 < int(n) <= len(items) else None


def _term(_: Register, name: str) -> NamedNode:
    return NamedNode(term_of(name))


def _literal(_: Register, lexical: str, datatype: str) -> Literal:
    if datatype.startswith("@"):
        return Literal(lexical, language=datatype[1:])
    literal = Literal(lexical, datatype=NamedNode(term_of(datatype))) if datatype else Literal(lexical)
    if not _well_formed(literal.value, literal.datatype.value):
        raise ValueError(f"{lexical!r} is no {datatype}")
    return literal


# The engine's own casts know the lexical spaces: what it cannot cast has no value.
_CHECKED = frozenset("boolean integer decimal double date gYear gYearMonth dateTime".split())
_CASTS = """SELECT ?x (xsd:boolean(?x) AS ?boolean) (xsd:integer(?x) AS ?integer) (xsd:decimal(?x) AS ?decimal)
(xsd:double(?x) AS ?double) (xsd:date(?x) AS ?date) (xsd:gYear(?x) AS ?gYear)
(xsd:gYearMonth(?x) AS ?gYearMonth) (xsd:dateTime(?x) AS ?dateTime) {}"""
_FUNCTIONS: dict[str, Function] = {
    "slug": _slug,
    "iri": _iri,
    "organization": _organization,
    "item": _item,
    "term": _term,
    "literal": _literal,
}


@lru_cache(maxsize=4096)
def _well_formed(lexical: str, datatype: str) -> bool:
    name = datatype.removeprefix(PREFIXES["xsd"])
    if name not in _CHECKED:
        return True
    found = Store().query(_CASTS, prefixes=PREFIXES, substitutions={Variable("x"): Literal(lexical)})
    return isinstance(found, QuerySolutions) and next(found)[name] is not None


def _ill_formed(triple: Triple) -> str | None:
    term = triple.object
    if isinstance(term, BlankNode) or isinstance(triple.subject, BlankNode):
        return "the mapping makes a blank node, which nobody can link to: give it an IRI, with f:iri"
    for unknown in undeclared((triple.subject, triple.predicate, term)):
        return not_there(unknown)
    if isinstance(term, Literal) and not _well_formed(term.value, term.datatype.value):
        return f"{term.value!r} is no {term.datatype.value.removeprefix(PREFIXES['xsd'])}"
    return None


def _column_of(row: Row, term: object) -> str | None:
    value = term.value if isinstance(term, Literal) else None
    return next((column for column, cell in row.cells.items() if cell == value), None)

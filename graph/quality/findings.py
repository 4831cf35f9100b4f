"""What the shapes found in a version and what each shape asks for, for people: by severity and by shape."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from graph.names import PREFIXES, SHAPE
from graph.naming import Namer, Term, Value
from graph.provenance import Evidence, about
from graph.snapshot import Snapshot
from graph.validate import room_triples

SEVERITIES: Final = {"Violation": "violation", "Warning": "warning", "Info": "remark"}
_ROWS: Final = 3  # that a finding names, or one of each graph where more graphs state it
_SH: Final = PREFIXES["sh"]
_TARGETS: Final = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")


@dataclass(frozen=True, slots=True)
class Shape:
    """One requirement: its name, what it says to who must mend the data, how grave a breach is, and whom it
    asks.
    """

    iri: str
    name: str
    message: str
    severity: str
    targets: tuple[Value, ...]
    paths: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach: the thing it is about, the property and value (None where the shape names none), the message, and
    some of the rows that state what it is about, of which there are so many `more`.
    """

    focus: Value
    path: Value | None
    value: Value | None
    message: str
    rows: tuple[Evidence, ...] = ()
    more: int = 0

    @property
    def same(self) -> bool:
        """Whether the value is the thing itself, as a shape without a property reports it."""
        return self.value is not None and self.value.term == self.focus.term


@dataclass(frozen=True, slots=True)
class Found:
    """All findings of one shape, sorted by what they are about."""

    shape: Shape
    findings: tuple[Finding, ...]


def shapes(namer: Namer) -> list[Shape]:
    """Give the project's shapes by name; `namer` words what they aim at."""
    held = _store(Quad(t.subject, t.predicate, t.object) for t in room_triples("shapes"))
    found = {
        quad.subject.value
        for quad in held
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(SHAPE)
    }
    rows = [_shape(held, namer, iri, "") for iri in found]
    return sorted(rows, key=lambda row: (row.name.casefold(), row.iri))


def findings(snapshot: Snapshot) -> list[Found]:
    """Give what the report of `snapshot` holds, the gravest first."""
    report = _store(parse(path=str(snapshot.report), format=RdfFormat.TURTLE))
    held = _store(Quad(t.subject, t.predicate, t.object) for t in room_triples("shapes"))
    namer = Namer(snapshot.store)
    index = snapshot.index()
    by_shape: dict[tuple[str, str], list[Finding]] = {}
    type_, result = NamedNode(PREFIXES["rdf"] + "type"), NamedNode(_SH + "ValidationResult")
    for quad in report.quads_for_pattern(None, type_, result):
        told = {
            q.predicate.value.removeprefix(_SH): q.object for q in report.quads_for_pattern(quad.subject, None, None)
        }
        shape = told.get("sourceShape")
        grave = told.get("resultSeverity")
        key = (
            shape.value if isinstance(shape, NamedNode) else "",
            grave.value.removeprefix(_SH) if isinstance(grave, NamedNode) else "Violation",
        )
        by_shape.setdefault(key, []).append(_finding(namer, told, index))
    index.close()
    rows = [
        Found(_shape(held, namer, iri, severity), tuple(sorted(found, key=lambda f: (f.focus.key, f.message))))
        for (iri, severity), found in by_shape.items()
    ]
    order = list(SEVERITIES.values())
    return sorted(rows, key=lambda row: (order.index(row.shape.severity), row.shape.name, row.shape.iri))


def _store(quads: Iterable[Quad]) -> Store:
    store = Store()
    store.extend(quads)
    return store


def _finding(namer: Namer, told: dict[str, Term], index: sqlite3.Connection) -> Finding:
    focus, path, value = (told.get(name) for name in ("focusNode", "resultPath", "value"))
    property_ = path if isinstance(path, NamedNode) else None
    message = told.get("resultMessage")
    rows, more = _rows(index, focus, property_, value) if focus is not None else ([], 0)
    return Finding(
        focus=namer.value(focus if focus is not None else Literal("the data as a whole")),
        path=_worded(namer, property_) if property_ is not None else None,
        value=namer.value(value) if value is not None else None,
        message=message.value if isinstance(message, Literal) else "",
        rows=tuple(rows),
        more=more,
    )


def _rows(
    index: sqlite3.Connection, focus: Term, path: NamedNode | None, value: Term | None
) -> tuple[list[Evidence], int]:
    exact = about(index, focus, path, value if path is not None else None, _ROWS)
    return exact if exact[0] else about(index, focus, None, None, _ROWS)


def _shape(held: Store, namer: Namer, iri: str, severity: str) -> Shape:
    told: dict[str, list[Term]] = {}
    for quad in held.quads_for_pattern(NamedNode(iri), None, None) if iri else ():
        told.setdefault(quad.predicate.value.removeprefix(_SH), []).append(quad.object)

    def text(name: str) -> str:
        return next((term.value for term in told.get(name, []) if isinstance(term, Literal)), "")

    stated = next((t.value.removeprefix(_SH) for t in told.get("severity", []) if isinstance(t, NamedNode)), "")
    return Shape(
        iri=iri,
        name=text("name") or iri.removeprefix(SHAPE).replace("-", " ") or "a shape without a name",
        message=text("message"),
        severity=SEVERITIES.get(severity or stated, "violation"),
        targets=tuple(_worded(namer, t) for name in _TARGETS for t in told.get(name, []) if isinstance(t, NamedNode)),
        paths=tuple(_worded(namer, t) for t in told.get("path", []) if isinstance(t, NamedNode)),
    )


def _worded(namer: Namer, term: NamedNode) -> Value:
    return Value(term, namer.property(term.value), term.value)

"""Judging what the screen leaves: pySHACL, over the store in place, shapes aimed at the suspects, a batch at a time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import rdflib
from pyoxigraph import Store, Triple
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from graph import contacts
from graph.change.judge import closure
from graph.change.view import View
from graph.manifest import Mode
from graph.progress import Progress, silent
from graph.screen.data import Data
from graph.screen.shapes import Screen
from graph.store import graph_names, in_memory_triples, name_of
from graph.validate import Report, ValidationFailed, judged, report_of, severity_of, shapes_graph

LISTED: Final = 1000  # findings of a shape that a report lists, unless told
_BATCH: Final = 500  # focus nodes that pySHACL is given at once


@dataclass(slots=True)
class _Suspects:
    """Which nodes a shape is to be judged for: the table of them, how many, and how far pySHACL has come."""

    shape: Node
    table: str
    count: int
    judged: int = 0
    listed: int = 0


@dataclass(slots=True)
class _Judging:
    """One judging of a store: what it found so far."""

    view: rdflib.Graph
    shapes: rdflib.Graph
    report: rdflib.Graph = field(default_factory=rdflib.Graph)
    root: rdflib.BNode = field(default_factory=rdflib.BNode)

    def judge(self, aims: Iterable[tuple[Node, list[Node]]]) -> int:
        """Have pySHACL judge each list of nodes by its shape; give the number of its findings."""
        aimed = rdflib.Graph()
        for shape, nodes in aims:
            for triple in closure(self.shapes, shape):
                aimed.add(triple)
            for node in nodes:
                aimed.add((shape, SH.targetNode, node))
        found = judged(self.view, aimed) if len(aimed) else aimed
        number = 0
        for subject, predicate, value in found:
            if (subject, RDF.type, SH.ValidationReport) not in found:
                self.report.add((subject, predicate, value))
            elif predicate == SH.result:
                self.report.add((self.root, predicate, value))
                number += 1
        return number


def judge_at_size(
    store: Store,
    folder: Path,
    mode: Mode,
    beside: Iterable[Triple] = (),
    shapes: rdflib.Graph | None = None,
    *,
    listed: int = LISTED,
    progress: Progress = silent,
    ready: Callable[[], None] = lambda: None,
) -> Report:
    """Judge what `store` holds, whose columns are in `folder`, by `shapes`, the project's by default.

    `ready` waits until all is in `store`; it is called before anything is judged there.
    `beside` are triples that shapes may read and that are not judged (a vocabulary). A shape's first `listed` findings
    are listed; nodes beyond are counted in the report's `beyond`, all where the screen is exact, at most so many else.
    Raises ValidationFailed where the data cannot be read or pySHACL itself fails.
    """
    rules, more = shapes_graph() if shapes is None else shapes, list(beside)
    view = View(store, mode, in_memory_triples(more))
    judging, beyond, few = _Judging(view.graph(), rules), dict[str, int](), list[tuple[Node, list[Node]]]()
    try:
        with TemporaryDirectory(prefix="screen-") as spill, Data(folder, Path(spill), more, rules.all_nodes()) as data:
            screen = Screen(data, rules)
            shapes_ = screen.targeted()
            for number, shape in enumerate(shapes_):
                progress("validate", number, len(shapes_))
                data.forget()
                suspects = _suspects(data, screen, shape)
                if suspects.count:
                    ready()
                if suspects.count <= _BATCH:
                    few.append((shape, data.terms(suspects.table, 0, _BATCH)))
                    continue
                _judge(data, judging, suspects, listed)
                if rest := suspects.count - suspects.judged:
                    severity = severity_of(rules.value(shape, SH.severity))
                    beyond[severity] = beyond.get(severity, 0) + rest
            for some in _packed(few):
                judging.judge(some)
            judging.report.add((judging.root, RDF.type, SH.ValidationReport))
            if (contacts.ADDRESS, None, None) in rules:
                suspect, more_ = data.statements(contacts.SUSPECT, listed)
                contacts.note(judging.report, rules, contacts.unasked(rules, suspect))
                contacts.note(judging.report, rules, contacts.in_names(rules, map(name_of, graph_names(store))))
                if more_:
                    beyond["violation"] = beyond.get("violation", 0) + more_
            progress("validate", len(shapes_), len(shapes_))
    except duckdb.Error as error:
        raise ValidationFailed(f"the columns cannot be read: {error}") from error
    finally:
        view.close()
    conforms = (judging.root, SH.result, None) not in judging.report
    judging.report.set((judging.root, SH.conforms, rdflib.Literal(conforms)))
    return report_of(judging.report, beyond)


def _suspects(data: Data, screen: Screen, shape: Node) -> _Suspects:
    table = data.held(screen.broken(shape, screen.targets(shape)).may)
    return _Suspects(shape, table, data.size(table))


def _judge(data: Data, judging: _Judging, suspects: _Suspects, listed: int) -> None:
    """Judge suspects until as many findings are there as are listed, or all are judged."""
    while suspects.judged < suspects.count and suspects.listed < listed:
        nodes = data.terms(suspects.table, suspects.judged, min(_BATCH, listed))
        suspects.listed += judging.judge([(suspects.shape, nodes)])
        suspects.judged += len(nodes)


def _packed(aims: list[tuple[Node, list[Node]]]) -> Iterator[list[tuple[Node, list[Node]]]]:
    """Give `aims` in as few parts as batches allow: starting pySHACL costs more than a few nodes do."""
    part: list[tuple[Node, list[Node]]] = []
    for shape, nodes in aims:
        if part and sum(len(some) for _, some in part) + len(nodes) > _BATCH:
            yield part
            part = []
        part += [(shape, nodes)] if nodes else []
    yield part

"""SHACL of a change: every focus node that it may concern is judged, by pySHACL, over the changed data in place.

The shapes are the same; only their targets are replaced by the focus nodes found, so that nothing else is looked at.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import rdflib
from pyoxigraph import Triple
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node, URIRef

from graph import contacts
from graph.change.reach import Reading, Step, Walk, readings
from graph.change.view import View
from graph.validate import Finding, Report, as_rdflib, judged, remove_node, report_of

_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode, SH.target)
_RESULT: Final = (SH.focusNode, SH.sourceShape, SH.resultSeverity)


@dataclass(slots=True)
class Judgement:
    """What was judged, whole nodes (`nodes`, N-Triples text) and whole shapes, and the report of it."""

    report: Report
    nodes: set[Node] = field(default_factory=set)
    shapes: set[Node] = field(default_factory=set)


class Shapes:
    """A shapes graph, read once: what each of its shapes reads and is made of."""

    def __init__(self, shapes: rdflib.Graph) -> None:
        self._shapes = shapes
        self._readings = readings(shapes)
        self._parts = {reading.shape: closure(shapes, reading.shape) for reading in self._readings}

    def _concerned(self, graph: rdflib.Graph, rows: list[tuple[Node, Node, Node]]) -> tuple[set[Node], set[Node]]:
        """Give the focus nodes that the changed `rows` may concern, and the shapes that are to be judged whole."""
        nodes: set[Node] = set()
        whole: set[Node] = set()
        predicates = {predicate for _, predicate, _ in rows}
        for reading in self._readings:
            if reading.opaque and (reading.properties is None or reading.properties & predicates):
                whole.add(reading.shape)
        walks = {walk for reading in self._readings for walk in reading.walks}
        for row in rows:
            nodes |= _reached(graph, walks, row)
        return nodes, whole

    def judge(self, view: View, changed: Iterable[Triple], begun: Iterable[str] = ()) -> Judgement:
        """Judge what `changed` may concern in the changed data, and the names of graphs `begun`.

        Raises ValidationFailed.
        """
        graph = view.graph()
        rows = [(as_rdflib(t.subject), as_rdflib(t.predicate), as_rdflib(t.object)) for t in changed]
        nodes, whole = self._concerned(graph, rows)
        shapes = rdflib.Graph()
        for reading in self._readings:
            focus = nodes & self._targets(graph, reading, nodes)
            if reading.shape in whole:
                focus = set(self._all_targets(graph, reading.shape))
            if focus:
                for triple in self._parts[reading.shape]:
                    shapes.add(triple)
                for node in focus:
                    shapes.add((reading.shape, SH.targetNode, node))
        report = judged(graph, shapes) if len(shapes) else rdflib.Graph()
        added = filter(graph.__contains__, contacts.unasked(self._shapes, rows))
        contacts.note(report, self._shapes, [*added, *contacts.in_names(self._shapes, begun)])
        return Judgement(report_of(report) if len(report) else Report((), ""), nodes, whole)

    def _targets(self, graph: rdflib.Graph, reading: Reading, nodes: set[Node]) -> set[Node]:
        """Give those of `nodes` that the shape targets."""
        shape, shapes = reading.shape, self._shapes
        classes = set(shapes.objects(shape, SH.targetClass))
        if (shape, RDF.type, RDFS.Class) in shapes:
            classes.add(shape)
        found = set(shapes.objects(shape, SH.targetNode)) & nodes
        subjects = list(shapes.objects(shape, SH.targetSubjectsOf))
        objects = list(shapes.objects(shape, SH.targetObjectsOf))
        for node in nodes:
            literal = isinstance(node, rdflib.Literal)
            if (
                any((None, p, node) in graph for p in objects)
                or (not literal and any((node, p, None) in graph for p in subjects))
                or (classes and not literal and classes & _types(graph, node))
            ):
                found.add(node)
        return found

    def _all_targets(self, graph: rdflib.Graph, shape: Node) -> Iterator[Node]:
        shapes = self._shapes
        yield from shapes.objects(shape, SH.targetNode)
        for p in shapes.objects(shape, SH.targetSubjectsOf):
            yield from graph.subjects(p, None)
        for p in shapes.objects(shape, SH.targetObjectsOf):
            yield from graph.objects(None, p)
        classes = set(shapes.objects(shape, SH.targetClass)) | (
            {shape} if (shape, RDF.type, RDFS.Class) in shapes else set()
        )
        for class_ in classes:
            for one in graph.transitive_subjects(RDFS.subClassOf, class_):
                yield from graph.subjects(RDF.type, one)


def merged(old: rdflib.Graph, judgement: Judgement) -> tuple[bool, Counter[str]]:
    """Put what was judged anew in its place in the report `old`; give whether it changed, and how the counts did."""
    counts: Counter[str] = Counter()
    gone = []
    for result in set(old.subjects(RDF.type, SH.ValidationResult)):
        focus, shape, severity = (old.value(result, p) for p in _RESULT)
        if focus in judgement.nodes or shape in judgement.shapes:
            gone.append(result)
            counts[_word(severity)] -= 1
    for result in gone:
        old.remove((None, None, result))
        remove_node(old, result)
    for finding in judgement.report.findings:
        counts[finding.severity] += 1
    if judgement.report.findings:
        root = old.value(None, RDF.type, SH.ValidationReport) or rdflib.BNode()
        old.add((root, RDF.type, SH.ValidationReport))
        new = rdflib.Graph().parse(data=judgement.report.turtle, format="turtle")
        other = new.value(None, RDF.type, SH.ValidationReport)
        for triple in new:
            if triple[0] != other:
                old.add(triple)
            elif triple[1] == SH.result:
                old.add((root, SH.result, triple[2]))
    return bool(gone or judgement.report.findings), counts


def without_results(report: rdflib.Graph, nodes: set[rdflib.URIRef]) -> Counter[str]:
    """Take the results whose focus node or value is one of `nodes` out of a report; give how many, by severity."""
    counts: Counter[str] = Counter()
    for result in set(report.subjects(RDF.type, SH.ValidationResult)):
        if any(node in nodes for p in (SH.focusNode, SH.value) for node in report.objects(result, p)):
            counts[_word(report.value(result, SH.resultSeverity))] += 1
            report.remove((None, None, result))
            remove_node(report, result)
    return counts


def violations(report: Report) -> list[Finding]:
    """Give the findings that keep a change out."""
    return [finding for finding in report.findings if finding.severity == "violation"]


def _word(severity: Node | None) -> str:
    return str(severity).rpartition("#")[2].lower()


def closure(shapes: rdflib.Graph, shape: Node) -> list[tuple[Node, Node, Node]]:
    """Give all that a shape is made of, the shapes that it refers to included, without any targets."""
    found, seen, open_ = [], {shape}, [shape]
    while open_:
        node = open_.pop()
        for _, predicate, value in shapes.triples((node, None, None)):
            if predicate in _TARGETS:
                continue
            found.append((node, predicate, value))
            if value not in seen and not isinstance(value, rdflib.Literal):
                seen.add(value)
                open_.append(value)
    return found


def _types(graph: rdflib.Graph, node: Node) -> set[Node]:
    classes = (c for t in graph.objects(node, RDF.type) for c in graph.transitive_objects(t, RDFS.subClassOf))
    return {c for c in classes if c is not None}


def _reached(graph: rdflib.Graph, walks: set[Walk], row: tuple[Node, Node, Node]) -> set[Node]:
    """Give the nodes from which a walk reads the triple `row`."""
    subject, predicate, object_ = row
    found: set[Node] = set()
    begun: set[tuple[Node, Walk]] = set()
    for walk in walks:
        for place, step in enumerate(walk):
            if step.property is None or step.property == predicate:
                before = walk[: place + 1] if step.many else walk[:place]
                begun.add((subject if step.forward else object_, before))
    for node, before in begun:
        nodes = {node}
        for step in reversed(before):
            nodes = _back(graph, step, nodes)
        found |= nodes
    return found


def _back(graph: rdflib.Graph, step: Step, nodes: set[Node]) -> set[Node]:
    """Give the nodes from which `step` leads to one of `nodes`."""
    found = set(nodes) if step.many else set()
    open_ = list(nodes)
    while open_:
        node = open_.pop()
        if step.forward:
            before = graph.subjects(step.property, node)
        elif isinstance(node, URIRef | rdflib.BNode):
            before = graph.objects(node, step.property)
        else:
            continue
        for one in before:
            if one not in found:
                found.add(one)
                if step.many:
                    open_.append(one)
    return found

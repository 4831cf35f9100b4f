"""SHACL, the door: nothing that violates a shape is ever published. pySHACL is the judge.

Findings are tied to the statements they are about, so that the build can say which source row breaks which shape.
"""

import warnings
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from rdflib.namespace import RDF, SH, XSD

from graph import contacts
from graph.errors import Foreseen

_SEVERITIES: dict[rdflib.term.Node | None, str] = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}


class ValidationFailed(Foreseen):
    """pySHACL could not judge the data: its own failure, not a finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a validation report; terms are N-Triples text, None where the shape names none."""

    severity: str
    shape: str
    focus: str
    path: str | None
    value: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, sorted, and the report graph as Turtle. `conforms` means: no violation (doubts do not count).

    A report on much data lists some findings of each shape; `beyond` counts, by severity, the nodes that it leaves out.
    """

    findings: tuple[Finding, ...]
    turtle: str
    beyond: dict[str, int] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        """Whether no finding is a violation."""
        return not any(finding.severity == "violation" for finding in self.findings)

    def counts(self) -> dict[str, int]:
        """Give the number of findings by severity, those beyond the listed ones included."""
        found = [finding.severity for finding in self.findings]
        return {severity: found.count(severity) + self.beyond.get(severity, 0) for severity in _SEVERITIES.values()}

    def about(self, nodes: Container[str]) -> "Report":
        """Give the findings whose focus is one of `nodes` (N-Triples text), all of them listed."""
        kept = tuple(finding for finding in self.findings if finding.focus in nodes)
        if len(kept) == len(self.findings):
            return self
        report = rdflib.Graph().parse(data=self.turtle, format="turtle")
        for result, focus in list(report.subject_objects(SH.focusNode)):
            # Another parse calls blank nodes otherwise; there are none but in what is judged.
            if not isinstance(focus, rdflib.BNode) and focus.n3() not in nodes:
                report.remove((None, None, result))
                remove_node(report, result)
        for root in report.subjects(RDF.type, SH.ValidationReport):
            report.set((root, SH.conforms, rdflib.Literal((root, SH.result, None) not in report)))
        return Report(kept, report.serialize(format="longturtle"), self.beyond)


def own_nodes(triples: Iterable[Triple], beside: Iterable[Triple] | None = None) -> frozenset[str]:
    """Give the nodes that a finding about `triples` themselves may be about: their subjects and texts.

    Where `beside` is all that lies beside them, an object that it does not describe is one too.
    """
    rows = [(as_rdflib(triple.subject), as_rdflib(triple.object)) for triple in triples]
    subjects, objects = {subject for subject, _ in rows}, {value for _, value in rows}
    if beside is None:
        others = {value for value in objects if not isinstance(value, rdflib.Literal)}
    else:
        others = {as_rdflib(triple.subject) for triple in beside}
    return frozenset(node.n3() for node in subjects | (objects - others))


def remove_node(graph: rdflib.Graph, node: rdflib.term.Node) -> None:
    """Remove a node's statements, and those of blank nodes that nothing else refers to."""
    for _, predicate, value in list(graph.triples((node, None, None))):
        graph.remove((node, predicate, value))
        if isinstance(value, rdflib.BNode) and (None, None, value) not in graph:
            remove_node(graph, value)


def room_files(room: str) -> list[Traversable]:
    """Give the Turtle files of a room without code (`ontology` or `shapes`), by name."""
    return sorted((f for f in files(room).iterdir() if f.name.endswith(".ttl")), key=lambda f: f.name)


def room_triples(room: str) -> Iterator[Triple]:
    """Give the statements of every Turtle file of a room."""
    for file in room_files(room):
        for quad in parse(file.read_bytes(), format=RdfFormat.TURTLE):
            yield quad.triple


def shapes_graph() -> rdflib.Graph:
    """Give the project's shapes as pySHACL takes them."""
    graph = rdflib.Graph()
    for file in room_files("shapes"):
        graph.parse(data=file.read_bytes(), format="turtle")
    return graph


def validate(
    triples: Iterable[Triple],
    shapes: rdflib.Graph | None = None,
    graphs: Iterable[str] = (),
    beside: Iterable[Triple] = (),
) -> Report:
    """Judge `triples` by `shapes`, the project's by default; `graphs` are the names of the graphs that they stand in,
    for a name may hold an address too.

    Shapes must see the ontology, for its subclasses: among the triples, or `beside` them. Findings are about the
    triples and the names alone where anything lies beside. Raises ValidationFailed where pySHACL itself fails.
    """
    rows, known, names = list(triples), list(beside), list(graphs)
    data = rdflib.Graph()
    for triple in (*known, *rows):
        data.add((as_rdflib(triple.subject), as_rdflib(triple.predicate), as_rdflib(triple.object)))
    rules = shapes_graph() if shapes is None else shapes
    report = judged(data, rules)
    contacts.note(report, rules, [*contacts.unasked(rules, data), *contacts.in_names(rules, names)])
    found = report_of(report)
    return found.about(own_nodes(rows, known) | {f"<{name}>" for name in names}) if known else found


def judge(data: rdflib.Graph, shapes: rdflib.Graph) -> Report:
    """Judge the graph `data` as it lies, by `shapes`. Raises ValidationFailed where pySHACL itself fails."""
    return report_of(judged(data, shapes))


def judged(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    """Give the report graph on `data` as it lies, by `shapes`. Raises ValidationFailed where pySHACL itself fails."""
    import pyshacl  # a service that judges nothing is not to wait for it
    from pyshacl.errors import ReportableRuntimeError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            _, report, text = pyshacl.validate(data, shacl_graph=shapes, inference="none", inplace=True)
        except (ReportableRuntimeError, RecursionError) as error:
            raise ValidationFailed(f"the shapes cannot be used: {error}") from error
    if not isinstance(report, rdflib.Graph):
        raise ValidationFailed(str(text))
    return report


def report_of(report: rdflib.Graph, beyond: dict[str, int] | None = None) -> Report:
    """Give a report graph as a Report, `beyond` being the nodes that it leaves out, by severity."""
    return Report(tuple(sorted(_findings(report), key=repr)), report.serialize(format="longturtle"), beyond or {})


def severity_of(severity: rdflib.term.Node | None) -> str:
    """Give the word for a shape's sh:severity; without one it is a violation (SHACL 2.1.4)."""
    return _SEVERITIES[SH.Violation if severity is None else severity]


def _findings(report: rdflib.Graph) -> Iterator[Finding]:
    for result in report.subjects(RDF.type, SH.ValidationResult):
        severity = report.value(result, SH.resultSeverity)
        shape = report.value(result, SH.sourceShape)
        yield Finding(
            _SEVERITIES[severity],
            str(shape) if isinstance(shape, rdflib.URIRef) else "",
            _text(report.value(result, SH.focusNode)) or "",
            _text(report.value(result, SH.resultPath)),
            _text(report.value(result, SH.value)),
            " ".join(sorted(str(message) for message in report.objects(result, SH.resultMessage))),
        )


def _text(term: rdflib.term.Node | None) -> str | None:
    return None if term is None else term.n3()


def as_rdflib(term: NamedNode | BlankNode | Literal | Triple) -> rdflib.term.Node:
    """Give a term of the engine as rdflib has it; ValidationFailed for a triple term."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Triple):
        raise ValidationFailed("a triple term (RDF 1.2) cannot be validated")
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    if term.datatype.value == str(XSD.string):
        return rdflib.Literal(term.value)  # rdflib tells "x" from "x"^^xsd:string, Turtle files write the former
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)

"""The shapes, one by one: each lets its valid file pass, and finds in its invalid file what it is there for.

Every file of `tests/data/shapes/` is judged together with `common.ttl`, a small ecosystem without any finding:
so a file holds only what its shape is about. A shape that nobody sees fail may never have worked, and so it is with
each of its constraints: what `<shape>.invalid.ttl` does not break, `<shape>.2.invalid.ttl` and those after it do.
"""

import re
from functools import cache
from itertools import count, takewhile
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, RDFS, SKOS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import OWL, SH
from rdflib.term import Node

from graph import contacts

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data" / "shapes"
PE = Namespace("https://w3id.org/partner-ecosystem/ontology#")
SHAPE = Namespace("https://w3id.org/partner-ecosystem/shape#")
SHAPE_FILES = sorted((ROOT / "shapes").glob("*.ttl"))


@cache
def shapes() -> Graph:
    """All shapes in one graph."""
    graph = Graph()
    for path in SHAPE_FILES:
        graph.parse(path)
    return graph


@cache
def ontology() -> Graph:
    """The vocabulary."""
    return Graph().parse(ROOT / "ontology" / "core.ttl")


@cache
def shacl() -> Graph:
    """The vocabulary of SHACL, as pySHACL brings it along."""
    return Graph().parse(Path(pyshacl.__file__).parent / "assets" / "shacl.ttl")


def named_shapes() -> list[URIRef]:
    """Every shape with a name of its own, in order."""
    graph = shapes()
    found = set(graph.subjects(RDF.type, SH.NodeShape)) | set(graph.subjects(RDF.type, SH.PropertyShape))
    return sorted(shape for shape in found if isinstance(shape, URIRef))


def severities() -> dict[str, str]:
    """The severity of each shape, both by their short names."""
    return {
        str(shape).removeprefix(str(SHAPE)): str(shapes().value(shape, SH.severity)).removeprefix(str(SH))
        for shape in named_shapes()
    }


def invalid(name: str) -> list[Path]:
    """Give the invalid files of a shape: one, and any further ones, numbered from 2 without a gap."""
    further = (DATA / f"{name}.{number}.invalid.ttl" for number in count(2))
    return [DATA / f"{name}.invalid.ttl", *takewhile(Path.exists, further)]


def components(shape: URIRef) -> set[Node]:
    """Give the constraint components that a shape declares: it has every parameter of theirs that is not optional."""
    needed = {
        component: {
            shacl().value(parameter, SH.path)
            for parameter in shacl().objects(component, SH.parameter)
            if (parameter, SH.optional, Literal(True)) not in shacl()
        }
        for component in shacl().subjects(RDF.type, SH.ConstraintComponent)
    }
    return {component for component, names in needed.items() if names <= set(shapes().predicates(shape))}


def validate(data: Graph, meta_shacl: bool = False) -> Graph:
    """Judge `data` by all shapes and give the report; pySHACL may put an exception in its place: raise it."""
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes(), inference="none", meta_shacl=meta_shacl)
    if isinstance(report, Exception):
        raise report
    assert isinstance(report, Graph)
    return report


@cache
def report_on(*paths: Path) -> Graph:
    """Judge these files, given the hierarchies of the vocabulary."""
    data = Graph()
    for predicate in (RDFS.subClassOf, RDFS.subPropertyOf):
        for subject, value in ontology().subject_objects(predicate):
            data.add((subject, predicate, value))
    for path in paths:
        data.parse(path)
    return validate(data)


def findings(*paths: Path) -> set[tuple[str, str]]:
    """Give (shape, severity) of every finding in these files."""
    return of_report(report_on(*paths))


def of_report(report: Graph) -> set[tuple[str, str]]:
    """Give (shape, severity) of every finding of a report; a nameless shape is its blank node's label."""
    return {
        (
            str(report.value(result, SH.sourceShape)).removeprefix(str(SHAPE)),
            str(report.value(result, SH.resultSeverity)).removeprefix(str(SH)),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }


def test_common_data_has_no_finding() -> None:
    # Else every valid file below would fail for a reason that is not its own.
    assert findings(DATA / "common.ttl") == set()


@pytest.mark.parametrize("name", severities())
def test_valid_file_has_no_finding(name: str) -> None:
    assert findings(DATA / "common.ttl", DATA / f"{name}.valid.ttl") == set()


@pytest.mark.parametrize("path", [path for name in severities() for path in invalid(name)], ids=lambda path: path.stem)
def test_invalid_file_has_this_finding_and_no_other(path: Path) -> None:
    name = path.name.partition(".")[0]
    assert findings(DATA / "common.ttl", path) == {(name, severities()[name])}


@pytest.mark.parametrize("shape", named_shapes(), ids=lambda shape: str(shape).removeprefix(str(SHAPE)))
def test_invalid_files_break_every_constraint(shape: URIRef) -> None:
    reports = [report_on(DATA / "common.ttl", path) for path in invalid(str(shape).removeprefix(str(SHAPE)))]
    broken = {
        report.value(result, SH.sourceConstraintComponent)
        for report in reports
        for result in report.subjects(SH.sourceShape, shape)
    }
    missing = sorted(str(component).removeprefix(str(SH)) for component in components(shape) - broken)
    assert broken == components(shape), f"no invalid file breaks {', '.join(missing)}"


def test_every_data_file_belongs_to_a_shape() -> None:
    # A shape that is renamed must not leave its files behind, unread.
    expected = {path for name in severities() for path in (DATA / f"{name}.valid.ttl", *invalid(name))}
    assert set(DATA.glob("*.ttl")) == expected | {DATA / "common.ttl"}


@pytest.mark.parametrize("shape", named_shapes(), ids=lambda shape: str(shape).removeprefix(str(SHAPE)))
def test_shape_says_what_it_asks(shape: URIRef) -> None:
    # A finding is read by the person who must mend the data: name, message and severity are theirs.
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", str(shape).removeprefix(str(SHAPE)))
    for predicate in (SH.name, SH.message):
        texts = list(shapes().objects(shape, predicate))
        assert [text.language for text in texts if isinstance(text, Literal)] == ["en"], predicate
    assert str(shapes().value(shape, SH.message)).endswith(".")
    assert list(shapes().objects(shape, SH.severity)) in ([SH.Violation], [SH.Warning], [SH.Info])


@pytest.mark.parametrize("shape", named_shapes(), ids=lambda shape: str(shape).removeprefix(str(SHAPE)))
def test_shape_has_a_target(shape: URIRef) -> None:
    # A shape without a target is never asked, and its silence looks like conformance.
    targets = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)
    assert any(shapes().value(shape, target) for target in targets)


def test_every_shacl_term_exists() -> None:
    # `sh:shape` stands in a published profile and means nothing: pySHACL passes over what it does not know.
    terms = {term for triple in shapes() for term in triple if str(term).startswith(str(SH))}
    assert {str(term) for term in terms if term not in SH} == set()


def test_every_term_of_ours_exists() -> None:
    graphs = [shapes(), *(Graph().parse(path) for path in DATA.glob("*.ttl"))]
    terms = {term for graph in graphs for triple in graph for term in triple if str(term).startswith(str(PE))}
    assert {str(term) for term in terms if (term, RDF.type, None) not in ontology()} == set()


def test_shapes_are_valid_shacl() -> None:
    # SHACL-SHACL: a malformed shape is reported as an exception, before any data is judged.
    assert of_report(validate(Graph(), meta_shacl=True)) == set()


@pytest.mark.parametrize("path", SHAPE_FILES, ids=lambda path: path.stem)
def test_files_import_nothing_and_share_no_shape(path: Path) -> None:
    graph = Graph().parse(path)
    assert (None, OWL.imports, None) not in graph
    others = [Graph().parse(other) for other in SHAPE_FILES if other != path]
    named = {subject for subject in graph.subjects() if isinstance(subject, URIRef)}
    assert {subject for subject in named if any((subject, None, None) in other for other in others)} == set()


def test_no_shape_refers_to_a_named_shape() -> None:
    # Recursive shapes pass in pySHACL with a warning. Where no shape names another there can be no circle.
    links = (SH.node, SH.property, SH.qualifiedValueShape, SH["not"])
    named = {value for link in links for value in shapes().objects(None, link) if isinstance(value, URIRef)}
    for link in (SH["or"], SH["and"], SH.xone):
        for head in shapes().objects(None, link):
            named |= {value for value in Collection(shapes(), head) if isinstance(value, URIRef)}
    assert named == set()


def test_every_class_has_a_label_and_a_name() -> None:
    # Both general shapes list their classes: a new class of the vocabulary must join them.
    ours = {term for term in ontology().subjects(RDF.type, OWL.Class) if str(term).startswith(str(PE))}
    for name in ("entity-label", "entity-iri"):
        targets = set(shapes().objects(SHAPE[name], SH.targetClass))
        assert targets == ours | {SKOS.Concept, SKOS.ConceptScheme}, name


def test_every_range_of_ours_is_asked_for() -> None:
    # What the vocabulary says of values, the door checks: a range needs a shape with that class.
    asked = {
        (step, shapes().value(shape, SH["class"]))
        for shape in named_shapes()
        if (shape, SH["class"], None) in shapes()
        for step in steps(shapes().value(shape, SH.path))
    }
    ranges = {
        (prop, kind)
        for prop, kind in ontology().subject_objects(RDFS.range)
        if (prop, RDF.type, OWL.ObjectProperty) in ontology()
    }
    assert ranges - asked == set()


def test_every_text_of_ours_is_searched_for_addresses() -> None:
    # Literals of any of our text properties could carry somebody's mail address.
    ours = {
        term
        for kind in (OWL.AnnotationProperty, OWL.DatatypeProperty)
        for term in ontology().subjects(RDF.type, kind)
        if str(term).startswith(str(PE))
    }
    texts = {term for term in ours if not re.match("Number|Date|Truth", str(ontology().value(term, SKOS.definition)))}
    assert texts - set(shapes().objects(SHAPE["text-without-address"], SH.targetObjectsOf)) == set()


def test_other_processors_have_the_pattern_that_is_searched_for_here() -> None:
    (negated,) = shapes().objects(SHAPE["text-without-address"], SH["not"])
    assert (str(shapes().value(negated, SH.pattern)), str(shapes().value(negated, SH.flags))) == (contacts.PATTERN, "i")


ADDRESSES = [
    (RDFS.label, Literal("Sutland, ask ada@sutland.example"), True),
    (RDFS.comment, Literal("ADA@SUTLAND.EXAMPLE"), True),
    (SKOS.altLabel, Literal("ada (at) sutland.example"), True),
    (SKOS.note, Literal("ada [at] sutland [dot] example"), True),
    (SKOS.example, Literal("ada (at) sutland dot example"), True),
    (SKOS.note, Literal("ask ada at sutland dot example"), True),
    (RDFS.comment, Literal("ada @ sutland.example"), True),
    (RDFS.seeAlso, URIRef("tel:+44"), True),
    (URIRef("https://schema.org/url"), URIRef("mailto:ada@sutland.example"), True),
    (URIRef("http://www.w3.org/2006/vcard/ns#hasEmail"), URIRef("mailto:ada@sutland.example"), True),
    (URIRef("https://schema.org/contactPoint"), URIRef("https://sutland.example/ada"), True),
    (RDFS.comment, Literal("Meet us @Sutland at 9 (at the fair) or look at sutland.example"), False),
    (RDFS.comment, Literal("Open 9 a.m. [at] least"), False),
    (RDFS.comment, Literal("Version @1.2.3 of rye@4.2, at a dot"), False),
    (URIRef("https://schema.org/url"), URIRef("https://sutland.example/@ada"), False),
]


@pytest.mark.parametrize(("property_", "value", "found"), ADDRESSES, ids=[str(value) for _, value, _ in ADDRESSES])
def test_an_address_is_found_in_any_dress(property_: URIRef, value: Node, found: bool) -> None:
    sutland = URIRef("https://w3id.org/partner-ecosystem/id/region/sutland")
    data = Graph().parse(DATA / "common.ttl")
    data += [(sutland, RDF.type, PE.Region), (sutland, RDFS.label, Literal("Sutland")), (sutland, property_, value)]
    told = {name for name, *_ in of_report(validate(data))}
    assert told <= {"text-without-address", "entity-without-contact"}
    assert bool(told) == found


def test_shipped_vocabulary_conforms() -> None:
    # The ontology, its categories and concepts stand in every snapshot: they may raise doubts and no more.
    data = Graph()
    for path in (ROOT / "ontology").glob("*.ttl"):
        data.parse(path)
    found = of_report(validate(data))
    assert {shape for shape, severity in found if severity == "Violation"} == set()
    assert ("category-definition", "Warning") in found, "no cited source defines some categories"


def steps(path: Node | None) -> set[Node]:
    """Give the predicates that a simple or alternative path reads."""
    if not isinstance(path, BNode):
        return {path} if path is not None else set()
    head = shapes().value(path, SH.alternativePath)
    return set(Collection(shapes(), head)) if head is not None else set()

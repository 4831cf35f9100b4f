"""The hygiene of the vocabulary: every rule that its files follow is a query that finds who breaks it.

Most rules are SPARQL SELECTs over the vocabulary and the concept schemes; each finds nothing, and a test
shows on broken data that it would find something.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SKOS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, ORG, OWL, PROV, QB, VANN, VOID, XSD
from rdflib.query import ResultRow
from rdflib.term import Node

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "ontology").glob("*.ttl"))
PE = Namespace("https://w3id.org/partner-ecosystem/ontology#")
SDO = Namespace("https://schema.org/")
ID = "https://w3id.org/partner-ecosystem/id/"
IRI = URIRef("https://w3id.org/partner-ecosystem/ontology")
PREFIXES = {"pe": PE, "rdfs": RDFS, "skos": SKOS, "owl": OWL, "schema": SDO, "dcterms": DCTERMS}
PROPERTY_KINDS = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
# https://www.w3.org/TR/owl2-syntax/#Datatype_Maps : xsd:date and xsd:gYear are not among them.
XSD_OF_OWL = """
string normalizedString token language Name NCName NMTOKEN boolean decimal integer nonNegativeInteger
nonPositiveInteger positiveInteger negativeInteger long int short byte unsignedLong unsignedInt
unsignedShort unsignedByte double float hexBinary base64Binary anyURI dateTime dateTimeStamp
"""
OWL_DATATYPES = {XSD[name] for name in XSD_OF_OWL.split()}
OWL_DATATYPES |= {RDFS.Literal, RDF.langString, RDF.PlainLiteral, RDF.XMLLiteral, OWL.real, OWL.rational}
BUILT_IN = {RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy, OWL.versionInfo, OWL.deprecated}
BUILT_IN |= {OWL.priorVersion, OWL.backwardCompatibleWith, OWL.incompatibleWith}
AXIOMS = {RDF.type, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range}
AXIOMS |= {OWL.inverseOf, OWL.disjointWith, OWL.versionIRI}

OURS = "FILTER (isIRI(?term) && STRSTARTS(STR(?term), STR(pe:)))"
RULES = {
    "a term without a label": f"""
        ?term a ?kind {OURS} FILTER NOT EXISTS {{ ?term rdfs:label ?x FILTER (LANG(?x) = "en") }}""",
    "a term with two labels": f"?term a ?kind ; rdfs:label ?x , ?y {OURS} FILTER (?x != ?y)",
    "two terms of one sort with one label": """
        ?term a ?kind ; rdfs:label ?x . ?other a ?kind ; rdfs:label ?x FILTER (?term != ?other)
        FILTER (?kind IN (owl:Class, owl:ObjectProperty, owl:DatatypeProperty, owl:AnnotationProperty))""",
    "a term without a definition": f"""
        ?term a ?kind {OURS} FILTER NOT EXISTS {{ ?term skos:definition ?x FILTER (LANG(?x) = "en") }}""",
    "a term with two definitions": f"?term a ?kind ; skos:definition ?x , ?y {OURS} FILTER (?x != ?y)",
    # FIBO's form of a definition: the parent, and what tells the term from its siblings.
    "a definition that does not read '<parent> that ...'": f"""
        ?term skos:definition ?x {OURS} FILTER (!REGEX(?x, "^[A-Z].* (that|who|whom|which|whose) .*[.]$"))""",
    "a term without an example": f"?term a ?kind {OURS} FILTER NOT EXISTS {{ ?term skos:example ?x }}",
    "a term that no ontology defines": f"""
        ?term a ?kind {OURS}
        FILTER NOT EXISTS {{ ?term rdfs:isDefinedBy ?ontology . ?ontology a owl:Ontology }}""",
    "a term that is used and not declared": f"""
        {{ ?term ?p ?o }} UNION {{ ?s ?term ?o }} UNION {{ ?s ?p ?term }} {OURS}
        FILTER NOT EXISTS {{ ?term a ?kind }}""",
    "a class whose name does not begin with a capital": f"""
        ?term a owl:Class {OURS} FILTER (!REGEX(STR(?term), "#[A-Z][A-Za-z]*$"))""",
    "a property whose name begins with a capital": f"""
        ?term a ?kind {OURS} FILTER (?kind != owl:Class && !REGEX(STR(?term), "#[a-z][A-Za-z]*$"))""",
    "a relation without any hint of its ends": f"""
        ?term a owl:ObjectProperty {OURS}
        FILTER NOT EXISTS {{ ?term rdfs:domain|schema:domainIncludes|rdfs:subPropertyOf ?x }}""",
    "a concept without a label": """
        ?term skos:inScheme ?scheme
        FILTER (NOT EXISTS { ?term rdfs:label ?x } || NOT EXISTS { ?term skos:prefLabel ?x })""",
    "a concept whose labels differ": "?term skos:prefLabel ?x ; rdfs:label ?y FILTER (?x != ?y)",
    "a concept that neither has a definition nor says so": """
        ?term skos:inScheme ?scheme FILTER NOT EXISTS { ?term skos:definition|skos:editorialNote ?x }""",
    "a concept outside its scheme's tree": """
        ?term skos:inScheme ?scheme FILTER NOT EXISTS { ?term skos:broader*/skos:topConceptOf ?scheme }""",
    "a top concept that its scheme does not know": """
        ?term skos:topConceptOf ?scheme FILTER NOT EXISTS { ?scheme skos:hasTopConcept ?term }""",
    "a top concept that does not know its scheme": """
        ?scheme skos:hasTopConcept ?term FILTER NOT EXISTS { ?term skos:topConceptOf ?scheme }""",
    "a label that is preferred and alternative": """
        ?term skos:prefLabel ?x . { ?term skos:altLabel ?x } UNION { ?term skos:hiddenLabel ?x }""",
}

# The words that the design fixes for queries, and its readings of other vocabularies.
CLASSES = """
Ecosystem Organization Partner PartnerCategory Program ProgramTier Participation Relationship Solution
Product Location Region Observation Metric Period Investment Incentive Event Source NamedGraph Role
Person Network Community
"""
RELATIONS = """
category participant program tier role participatesIn operatedBy offers builtOn solutionCategory
dependsOn peersAt integratesFor validatedFor manages inEcosystem activity relatedTo connectsVia buildsFor
poweredBy validatedWith resellsFor suppliesTo metric period unit about from to relationshipKind
atLocation concerns inRegion metro cloud evidence kindOf memberKind equatedWith memberActivity purpose
audience enables headquarters performs field structuredAs organizationKind originator originatedIn
adoptedIn refersTo example motive variety basis duringPeriod decidedIn investor spentIn forPurpose
appliesTo measuredBy inPeriod agent inNetwork
"""
VALUES = """
since until launched launchedNotBefore launchedNotAfter webDomain supportTier value amount currency
begins ends share retrieved commit rank population seed nodeCount edgeCount
"""
TEXTS = "abbreviation qualifier bias licenseNote ruleText projection nullModel"
SUPERCLASSES = [
    (PE.Ecosystem, ORG.OrganizationalCollaboration),
    (PE.Organization, ORG.FormalOrganization),
    (PE.Partner, PE.Organization),
    (PE.PartnerCategory, SKOS.Concept),
    (PE.Participation, ORG.Membership),
    (PE.Observation, QB.Observation),
    (PE.Source, PROV.Entity),
    (PE.Source, DCAT.Resource),
    (PE.NamedGraph, PE.Source),
    (PE.Role, SKOS.Concept),
]
TIES = "connectsVia buildsFor poweredBy validatedWith resellsFor suppliesTo"


@cache
def vocabulary() -> Graph:
    """The vocabulary alone."""
    return Graph().parse(ROOT / "ontology" / "core.ttl")


@cache
def everything() -> Graph:
    """The vocabulary and the concept schemes."""
    graph = Graph()
    for path in FILES:
        graph.parse(path)
    return graph


def offenders(rule: str, graph: Graph) -> set[str]:
    """Give the terms that break a rule."""
    rows = graph.query(f"SELECT ?term WHERE {{ {RULES[rule]} }}", initNs=PREFIXES)
    return {str(row[0]) for row in rows if isinstance(row, ResultRow)}


@pytest.mark.parametrize("rule", RULES)
def test_no_term_breaks_the_rule(rule: str) -> None:
    assert offenders(rule, everything()) == set()


BROKEN = """
pe:a a owl:Class . pe:b a owl:Class ; rdfs:label "x"@en , "y"@en ; skos:definition "One."@en , "Two."@en .
pe:C a owl:ObjectProperty ; rdfs:label "x"@en ; rdfs:range pe:nowhere . pe:d a owl:Class ; rdfs:label "x"@en .
<s> skos:hasTopConcept <t> . <u> skos:inScheme <s> . <v> skos:topConceptOf <s> .
<w> skos:prefLabel "x"@en ; rdfs:label "y"@en ; skos:altLabel "x"@en .
"""


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_finds_who_breaks_it(rule: str) -> None:
    # A query with a slip in it finds nothing anywhere, and every vocabulary is clean.
    graph = Graph()
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    head = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
    graph.parse(data=f"@base <https://example.org/> .\n{head}{BROKEN}", format="turtle")
    assert offenders(rule, graph) != set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_blank_nodes(path: Path) -> None:
    assert [triple for triple in Graph().parse(path) if any(isinstance(term, BNode) for term in triple)] == []


def test_header_dates_and_licenses_the_ontology() -> None:
    graph = vocabulary()
    assert list(graph.subjects(RDF.type, OWL.Ontology)) == [IRI]
    version = str(graph.value(IRI, OWL.versionInfo))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", version)
    assert graph.value(IRI, OWL.versionIRI) == URIRef(f"{IRI}/{version}")
    assert str(graph.value(IRI, DCTERMS.modified)).startswith(version)
    assert str(graph.value(IRI, VANN.preferredNamespaceUri)) == str(PE)
    assert str(graph.value(IRI, VANN.preferredNamespacePrefix)) == "pe"
    for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.license):
        assert (IRI, predicate, None) in graph


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (CLASSES, OWL.Class),
        (RELATIONS, OWL.ObjectProperty),
        (VALUES, OWL.DatatypeProperty),
        (TEXTS, OWL.AnnotationProperty),
    ],
)
def test_fixed_names_exist(names: str, kind: URIRef) -> None:
    # Queries outside this project rely on them: a name of the contract may not go or change its kind.
    assert [name for name in names.split() if (PE[name], RDF.type, kind) not in vocabulary()] == []


@pytest.mark.parametrize(("term", "parent"), SUPERCLASSES)
def test_classes_stand_under_known_ones(term: URIRef, parent: URIRef) -> None:
    assert (term, RDFS.subClassOf, parent) in vocabulary()


def test_a_programme_is_no_organisation_and_no_loyalty_programme() -> None:
    graph = vocabulary()
    assert (PE.Program, SKOS.closeMatch, SDO.MemberProgram) in graph
    assert list(graph.objects(PE.Program, RDFS.subClassOf)) == []
    assert (PE.Program, OWL.disjointWith, PE.Organization) in graph


def test_every_tie_is_a_kind_of_relation() -> None:
    assert set(vocabulary().subjects(RDFS.subPropertyOf, PE.relatedTo)) == {PE[tie] for tie in TIES.split()}


def test_no_source_says_who_competes() -> None:
    assert (PE.competesWith, None, None) not in vocabulary()


# OWL 2 DL: what https://www.w3.org/TR/owl2-syntax/#Typing_Constraints_of_OWL_2_DL asks of an ontology without
# class expressions. Classes may be individuals as well (by skos:closeMatch): OWL 2 allows that punning.


def kinds(term: Node) -> set[Node]:
    """Give what a term is declared to be."""
    return set(everything().objects(term, RDF.type))


def test_no_property_is_of_two_kinds() -> None:
    both = {str(s): kinds(s) for s in everything().subjects() if len(kinds(s) & set(PROPERTY_KINDS)) > 1}
    assert both == {}


def test_no_class_is_a_property() -> None:
    classes = set(everything().subjects(RDF.type, OWL.Class))
    assert {str(term) for term in classes if kinds(term) & set(PROPERTY_KINDS)} == set()


def test_every_predicate_is_declared() -> None:
    used = set(everything().predicates()) - AXIOMS - BUILT_IN
    assert {str(term) for term in used if not kinds(term) & set(PROPERTY_KINDS)} == set()


def test_every_class_is_declared() -> None:
    graph = everything()
    used = set(graph.objects(None, RDF.type)) - {OWL.Class, OWL.Ontology, *PROPERTY_KINDS}
    used |= set(graph.objects(None, RDFS.subClassOf)) | set(graph.objects(None, OWL.disjointWith))
    used |= set(graph.objects(None, RDFS.domain))
    used |= {kind for prop, kind in graph.subject_objects(RDFS.range) if OWL.ObjectProperty in kinds(prop)}
    assert {str(term) for term in used if OWL.Class not in kinds(term)} == set()


def test_every_declared_term_of_others_is_used() -> None:
    # The data may use a property that the vocabulary only declares; a class declared for nothing is a slip.
    graph = everything()
    foreign = {t for t in graph.subjects(RDF.type, OWL.Class) if not str(t).startswith(str(PE))}
    assert {str(term) for term in foreign if (None, None, term) not in graph} == set()


@pytest.mark.parametrize("namespace", [DCAT, DCTERMS, FOAF, ORG, PROV, QB, SKOS, VANN, VOID], ids=str)
def test_terms_of_others_exist(namespace: type) -> None:
    # rdflib's closed namespaces know their terms; schema.org's is left out, being older than MemberProgram.
    terms = {term for triple in everything() for term in triple if str(term).startswith(str(namespace))}
    assert {str(term) for term in terms if term not in namespace and str(term) != str(namespace)} == set()


def test_subproperties_are_of_one_kind() -> None:
    pairs = everything().subject_objects(RDFS.subPropertyOf)
    assert [(s, o) for s, o in pairs if not kinds(s) & kinds(o) & set(PROPERTY_KINDS)] == []


def test_annotations_are_in_no_domain_or_range_axiom() -> None:
    graph = everything()
    axioms = {*graph.subjects(RDFS.domain), *graph.subjects(RDFS.range)}
    assert {str(term) for term in axioms if OWL.AnnotationProperty in kinds(term)} == set()


def test_values_are_of_the_kind_of_their_property() -> None:
    wrong = [
        (str(s), str(p), str(o))
        for s, p, o in everything()
        if (OWL.ObjectProperty in kinds(p) and isinstance(o, Literal))
        or (OWL.DatatypeProperty in kinds(p) and not isinstance(o, Literal))
    ]
    assert wrong == []


def test_datatypes_are_those_of_owl() -> None:
    # A reasoner refuses xsd:date and xsd:gYear; they stand in schema:rangeIncludes and in the shapes.
    graph = everything()
    ranges = {o for p, o in graph.subject_objects(RDFS.range) if OWL.DatatypeProperty in kinds(p)}
    literals = {o.datatype for o in graph.objects() if isinstance(o, Literal) and o.datatype is not None}
    assert (ranges | literals) - OWL_DATATYPES == set()


# The words that the rest of the project uses.


def queries_and_data() -> Iterator[Path]:
    """Every file that speaks our vocabulary outside `ontology/`."""
    yield from sorted((ROOT / "shapes").glob("*.ttl"))
    for folder in ("graph", "server"):
        for suffix in ("*.rq", "*.ttl"):
            yield from sorted((ROOT / folder).rglob(suffix))


def words(text: str) -> Iterable[str]:
    """Give the local names of our terms in a query or in Turtle, prefixed or in full; comments left out."""
    code = re.sub(r"(?m)(^|\s)#.*$", "", text)
    yield from re.findall(r"(?<![\w:])pe:([A-Za-z]\w*)", code)
    yield from re.findall(re.escape(str(PE)) + r"([A-Za-z]\w*)", code)


def test_words_are_found() -> None:
    text = f"# pe:no\n?s pe:yes ?o ; a pe:Also . # pe:no\n<{PE}full> <{PE}> skos:pe:no"
    assert sorted(words(text)) == ["Also", "full", "yes"]


@pytest.mark.parametrize("path", list(queries_and_data()), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_word_of_ours_exists(path: Path) -> None:
    # A misspelt property makes data that no query finds, or a query whose answer is always empty.
    used = set(words(path.read_text(encoding="utf-8")))
    assert {name for name in used if (PE[name], RDF.type, None) not in vocabulary()} == set()


@pytest.mark.parametrize("path", sorted(ROOT.glob("graph/facts/*/facts.tsv")), ids=lambda path: path.parent.name)
def test_every_word_in_tables_of_statements_exists(path: Path) -> None:
    used = set(re.findall(r"(?<![\w:])pe:([A-Za-z]\w*)", path.read_text(encoding="utf-8")))
    assert {name for name in used if (PE[name], RDF.type, None) not in vocabulary()} == set()


MADE = re.compile(r'f:iri\("(category|role)", "([a-z-]+)"\)')
NAMED = re.compile(re.escape(ID) + r"(category|role)/([a-z-]+)")


def test_every_category_and_role_of_the_mappings_exists() -> None:
    # f:iri("role", "...") makes an IRI of anything; a role that no scheme defines has no label.
    known = {str(term) for term in everything().subjects(SKOS.inScheme)}
    for path in ROOT.glob("graph/facts/*/source.ttl"):  # the roles that bear a vendor's name are data
        known |= {str(term) for term in Graph().parse(path).subjects(SKOS.inScheme)}
    used: set[str] = set()
    for path in ROOT.glob("graph/**/*.rq"):
        text = path.read_text(encoding="utf-8")
        used |= {f"{ID}{kind}/{slug}" for kind, slug in MADE.findall(text) + NAMED.findall(text)}
    assert used, "a pattern that finds nothing proves nothing"
    assert used - known == set()


# The categories, as the design asks for them.

UNDEFINED = [
    "systems-integrator",
    "large-account-reseller",
    "telecommunications-company",
    "marketing-agency",
    "partner",
    "vendor",
]
DEFINED = [
    "service-provider",
    "original-equipment-manufacturer",
    "independent-software-vendor",
    "value-added-reseller",
    "internet-hosting-service",
    "reseller",
]


def category(slug: str) -> URIRef:
    """Give a category's IRI."""
    return URIRef(f"{ID}category/{slug}")


def test_the_categories_are_the_twelve() -> None:
    found = set(everything().subjects(RDF.type, PE.PartnerCategory))
    assert found == {category(slug) for slug in UNDEFINED + DEFINED}


@pytest.mark.parametrize("slug", UNDEFINED)
def test_a_category_that_no_source_defines_says_so(slug: str) -> None:
    assert (category(slug), SKOS.definition, None) not in everything()
    assert "no cited source defines" in str(everything().value(category(slug), SKOS.editorialNote)).lower()


@pytest.mark.parametrize("slug", DEFINED)
def test_a_category_that_a_source_defines_has_its_definition(slug: str) -> None:
    assert len(list(everything().objects(category(slug), SKOS.definition))) == 1
    assert (category(slug), SKOS.editorialNote, None) not in everything()


@pytest.mark.parametrize(
    ("slug", "broader"),
    [
        ("systems-integrator", ["partner"]),
        ("original-equipment-manufacturer", ["partner"]),
        ("independent-software-vendor", ["partner"]),
        ("value-added-reseller", ["reseller"]),
        ("large-account-reseller", ["reseller"]),
        ("telecommunications-company", ["partner"]),
        ("internet-hosting-service", ["partner"]),
        ("marketing-agency", ["partner"]),
        ("reseller", ["partner"]),
        ("partner", []),
        ("vendor", []),
        ("service-provider", []),
    ],
)
def test_categories_stand_under_broader_ones(slug: str, broader: list[str]) -> None:
    assert list(everything().objects(category(slug), SKOS.broader)) == [category(name) for name in broader]


@pytest.mark.parametrize("slug", UNDEFINED)
def test_no_activity_follows_from_no_definition(slug: str) -> None:
    assert (category(slug), PE.activity, None) not in everything()


@pytest.mark.parametrize(
    ("slug", "predicate", "text"),
    [
        ("telecommunications-company", SKOS.hiddenLabel, Literal("Telecommunications companys", "en")),
        ("marketing-agency", SKOS.hiddenLabel, Literal("Marketing agencys", "en")),
        ("large-account-reseller", SKOS.hiddenLabel, Literal("L.A.R.s", "en")),
        ("large-account-reseller", PE.abbreviation, Literal("LAR")),
        ("original-equipment-manufacturer", PE.abbreviation, Literal("OEM")),
        ("independent-software-vendor", PE.abbreviation, Literal("ISV")),
        ("value-added-reseller", PE.abbreviation, Literal("VAR")),
        ("telecommunications-company", SKOS.altLabel, Literal("Telecommunications companies", "en")),
    ],
)
def test_categories_are_found_by_their_other_names(slug: str, predicate: URIRef, text: Literal) -> None:
    assert (category(slug), predicate, text) in everything()

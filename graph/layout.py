"""The order of a page: in which section a property stands, and how the fields of a tie follow one another."""

from typing import Final

from graph.names import term_of

# Kinds that stand for a tie or a count, not for something one would look up.
TYING: Final = frozenset("participation relationship observation investment incentive event change".split())
# Those of them whose label tells little, so that a list shows their fields; an event's is a sentence.
FIELDED: Final = TYING - {"event"}

SECTIONS: Final = (
    (
        "Names",
        "rdfs:label skos:prefLabel dcterms:title skos:altLabel pe:abbreviation skos:hiddenLabel "
        "pe:namedAs skos:notation",
    ),
    (
        "What it is",
        "rdf:type skos:definition dcterms:description rdfs:comment skos:editorialNote skos:scopeNote pe:ruleText "
        "pe:kindOf pe:organizationKind skos:broader skos:narrower skos:inScheme skos:topConceptOf pe:refersTo "
        "pe:variety skos:example pe:example pe:category pe:activity pe:performs pe:field pe:structuredAs pe:offering "
        "pe:purpose pe:audience pe:enables pe:motive pe:inEcosystem pe:memberKind pe:memberActivity pe:equatedWith",
    ),
    ("Relations", "pe:operatedBy pe:participatesIn pe:offers pe:builtOn pe:peersAt pe:headquarters"),
    (
        "Numbers and dates",
        "pe:metric pe:value pe:unit pe:amount pe:currency pe:share pe:rank pe:population pe:period pe:launched "
        "pe:since pe:until pe:begins pe:ends",
    ),
    (
        "Where it comes from",
        "dcterms:source prov:wasDerivedFrom dcterms:publisher dcterms:license pe:licenseNote pe:evidence pe:bias "
        "pe:retrieved dcterms:issued dcterms:modified pe:commit schema:url dcat:landingPage dcterms:identifier "
        "rdfs:isDefinedBy",
    ),
)
RELATIONS: Final = 2
# The head of a page says the names already; who else uses which comes after what is to be learnt.
ORDER: Final = (1, 2, 3, 0, 4)
NUMBERS: Final = 3
PLACE: Final = {
    term_of(name): (section, place)
    for section, (_, listed) in enumerate(SECTIONS)
    for place, name in enumerate(listed.split())
}
# How a field of a tying thing is ordered, and what is left out of its row since the page says it already.
_FIELDS: Final = (
    "pe:from pe:relationshipKind pe:to pe:participant pe:program pe:tier pe:role pe:metric pe:inNetwork pe:about "
    "pe:value pe:unit pe:rank pe:population pe:amount pe:currency pe:share pe:period pe:qualifier pe:atLocation "
    "pe:concerns pe:inPeriod pe:since pe:until".split()
)
_FIELD_PLACE: Final = {term_of(name): place for place, name in enumerate(_FIELDS)}
NO_FIELD: Final = frozenset(
    term_of(name) for name in "rdf:type rdfs:label skos:prefLabel pe:inEcosystem org:organization qb:dataSet".split()
)


def field_place(predicate: str) -> tuple[int, str]:
    """Give the sorting key of a property among the fields of what ties things together."""
    return (_FIELD_PLACE.get(predicate, len(_FIELDS)), predicate)

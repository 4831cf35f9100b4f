"""The queries measured, in four families; each in the project's own terms over a made-up graph."""

from typing import Final

from graph.engine.prefixes import with_prefixes
from tests.benchmarks.vocabulary import thing

_P7, _P0 = thing("organization", 7), thing("organization", 0)
_LOOKUP: Final = {
    "one partner": f"SELECT ?p ?o {{ {_P7} ?p ?o }}",
    "label of one": f"SELECT ?l {{ {_P7} rdfs:label ?l }}",
    "partner of a domain": 'SELECT ?s { ?s pe:webDomain "partner-14.example" }',
    "places of one": f"SELECT ?l {{ {_P0} pe:peersAt/rdfs:label ?l }}",
    "who points to one": f"SELECT ?s ?p {{ ?s ?p {_P7} }}",
    "is it a partner": f"ASK {{ {_P7} a pe:Partner }}",
    "describe one": f"CONSTRUCT {{ {_P7} ?p ?o }} WHERE {{ {_P7} ?p ?o }}",
}
_STAR: Final = {
    "participations with names": f"""SELECT (COUNT(*) AS ?n) {{ ?x pe:participant ?p ;
        pe:program {thing("program", 3)} ; pe:tier ?t . ?p rdfs:label ?l }}""",
    "partners without a domain": """SELECT (COUNT(*) AS ?n) { ?p a pe:Partner
        OPTIONAL { ?p pe:webDomain ?d } FILTER(!BOUND(?d)) }""",
    "partners without a place": """SELECT (COUNT(*) AS ?n) { ?p a pe:Partner
        FILTER NOT EXISTS { ?p pe:peersAt ?x } }""",
    "all that reach a hub": f"SELECT (COUNT(DISTINCT ?p) AS ?n) {{ ?p pe:connectsVia+ {_P0} }}",
    "two steps of ties": "SELECT (COUNT(*) AS ?n) { ?a pe:connectsVia/pe:connectsVia ?b }",
    "metros of partners": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?p pe:peersAt/pe:metro ?m . ?p pe:offers ?s }",
}
_AGGREGATION: Final = {
    "partners by category": "SELECT ?c (COUNT(?p) AS ?n) { ?p a pe:Partner ; pe:category ?c } GROUP BY ?c",
    "category by programme": """SELECT ?c ?g (COUNT(?p) AS ?n) { ?p pe:category ?c ; pe:participatesIn ?g }
        GROUP BY ?c ?g""",
    "products by partners": "SELECT ?d (COUNT(DISTINCT ?p) AS ?n) { ?p pe:offers ?s . ?s pe:builtOn ?d } GROUP BY ?d",
    "entries by year": "SELECT ?y (COUNT(*) AS ?n) { ?x pe:since ?d BIND(YEAR(?d) AS ?y) } GROUP BY ?y",
    "tiers by programme": "SELECT ?g ?t (COUNT(*) AS ?n) { ?x pe:program ?g ; pe:tier ?t } GROUP BY ?g ?t",
    "places a category": "SELECT ?c (COUNT(DISTINCT ?l) AS ?n) { ?p pe:category ?c ; pe:peersAt ?l } GROUP BY ?c",
    "statements by class": "SELECT ?k (COUNT(?s) AS ?n) { ?s a ?k } GROUP BY ?k",
    "big programmes": "SELECT ?g (COUNT(?x) AS ?n) { ?x pe:program ?g } GROUP BY ?g HAVING (COUNT(?x) > 50)",
}
_SEARCH: Final = {
    "label contains": """SELECT ?p ?l { ?p a pe:Partner ; rdfs:label ?l
        FILTER(CONTAINS(LCASE(?l), "falcon vault 1")) }""",
    "label matches": """SELECT (COUNT(*) AS ?n) { ?p a pe:Partner ; rdfs:label ?l
        FILTER(REGEX(?l, "^nord.*gmbh$", "i")) }""",
    "first labels": "SELECT ?p ?l { ?p rdfs:label ?l } ORDER BY ?l ?p LIMIT 10",
    "hubs in order": """SELECT ?h (COUNT(DISTINCT ?p) AS ?n) { ?p pe:connectsVia ?h } GROUP BY ?h
        ORDER BY DESC(?n) ?h LIMIT 10""",
    "entries between two days": """SELECT (COUNT(*) AS ?n) { ?x pe:since ?d
        FILTER(?d >= "2010-01-01"^^xsd:date && ?d < "2015-01-01"^^xsd:date) }""",
    "entries in order": """SELECT ?p ?d { ?x pe:since ?d ; pe:participant ?p FILTER(DATATYPE(?d) = xsd:date) }
        ORDER BY ?p ?d LIMIT 20""",
}
FAMILIES: Final[dict[str, dict[str, str]]] = {
    family: {name: with_prefixes(text) for name, text in queries.items()}
    for family, queries in (("lookup", _LOOKUP), ("star and path", _STAR), ("aggregation", _AGGREGATION),
                            ("search and order", _SEARCH))
}  # fmt: skip

"""Random graphs and random queries over them, as hypothesis draws them: small domains, so that much joins."""

from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = f"PREFIX : <urn:> PREFIX xsd: <{XSD}>\n"
NODES = [NamedNode(f"urn:{name}") for name in "abcd"] + [BlankNode("x")]
PREDICATES = [NamedNode(f"urn:{name}") for name in "pqv"]
VALUES = [
    *(Literal(text, datatype=NamedNode(XSD + datatype)) for text, datatype in (
        ("1", "integer"), ("2", "integer"), ("-3", "integer"), ("2.0", "decimal"), ("2.5", "decimal"), ("1", "double"),
        ("2", "double"), ("true", "boolean"), ("2020-01-01", "date"), ("2021-05-06", "date"), ("1992", "gYear"),
        ("2020-01-01T00:00:00Z", "dateTime"), ("2020-01-01T01:00:00+02:00", "dateTime"), ("zz", "integer"))),
    Literal("a"), Literal("B"), Literal("ab c"), Literal("a", language="en"), Literal("b", language="de"),
    Literal("a", datatype=NamedNode("urn:dt")), Literal("é\n\"\\"),
]  # fmt: skip
NAMES = ["?x", "?y", "?z", "?w"]
CONSTANTS = [":a", ":b", ":zz", "1", "2.0", '"a"', '"a"@en', '"2020-01-01"^^xsd:date', "true", "2e0"]

quads = st.lists(
    st.builds(Quad, st.sampled_from(NODES), st.sampled_from(PREDICATES), st.sampled_from(NODES + VALUES),
              st.sampled_from([DefaultGraph(), DefaultGraph(), NamedNode("urn:g"), NamedNode("urn:h")])),
    min_size=3, max_size=24,
)  # fmt: skip
variables = st.sampled_from(NAMES)
paths = st.sampled_from([":p", ":q", ":v", ":v", "?k", ":p/:q", ":p|:q", "^:p", ":p+", ":p*", ":p?", "!:p", "!(:p|^:q)",
                         "(:p|:q)+", "(:p/:q)*", "^:p/:v"])  # fmt: skip
triples = st.builds(lambda s, p, o: f"{s} {p} {o} .", st.sampled_from([*NAMES, *NAMES, ":a"]), paths,
                    st.sampled_from([*NAMES, *NAMES, *CONSTANTS]))  # fmt: skip
blocks = st.lists(triples, min_size=1, max_size=3).map(" ".join)


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    operators = st.sampled_from(["=", "!=", "<", ">", "<=", ">="])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        pairs.map(lambda t: f"({t[0]} && {t[1]})"),
        pairs.map(lambda t: f"({t[0]} || {t[1]})"),
        inner.map(lambda t: f"(!{t})"),
        pairs.map(lambda t: f"({t[0]} + {t[1]})"),
        pairs.map(lambda t: f"({t[0]} IN ({t[1]}, 2))"),
        st.tuples(st.sampled_from("STR LANG DATATYPE STRLEN isIRI isBlank isLiteral isNumeric ABS YEAR UCASE".split()),
                  inner).map(lambda t: f"{t[0]}({t[1]})"),
        pairs.map(lambda t: f"CONTAINS({t[0]}, {t[1]})"),
        pairs.map(lambda t: f"sameTerm({t[0]}, {t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"IF({t[0]}, {t[1]}, {t[2]})"),
        pairs.map(lambda t: f"COALESCE({t[0]}, {t[1]})"),
    )


expressions = st.recursive(
    st.one_of(variables, st.sampled_from(CONSTANTS), variables.map(lambda v: f"BOUND({v})")), _combined, max_leaves=4
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda t: f"{t[0]} {t[1]}"),
        pairs.map(lambda t: f"{t[0]} OPTIONAL {{ {t[1]} }}"),
        pairs.map(lambda t: f"{{ {t[0]} }} UNION {{ {t[1]} }}"),
        pairs.map(lambda t: f"{t[0]} MINUS {{ {t[1]} }}"),
        pairs.map(lambda t: f"{t[0]} FILTER EXISTS {{ {t[1]} }}"),
        pairs.map(lambda t: f"{t[0]} FILTER NOT EXISTS {{ {t[1]} }}"),
        st.tuples(inner, expressions).map(lambda t: f"{t[0]} FILTER({t[1]})"),
        st.tuples(inner, inner, expressions).map(lambda t: f"{t[0]} OPTIONAL {{ {t[1]} FILTER({t[2]}) }}"),
        st.tuples(inner, expressions, st.sampled_from(["?m", "?n"])).map(lambda t: f"{t[0]} BIND({t[1]} AS {t[2]})"),
        inner.map(lambda t: f"GRAPH ?g {{ {t} }}"),
        inner.map(lambda t: f"GRAPH :g {{ {t} }}"),
        inner.map(lambda t: f"{{ SELECT DISTINCT ?x ?y {{ {t} }} }}"),
        st.tuples(inner, st.sampled_from(["VALUES ?x { :a :b 1 }", "VALUES (?x ?y) { (:a UNDEF) (UNDEF 2) }"])).map(
            lambda t: f"{t[0]} {t[1]}"),
    )  # fmt: skip


patterns = st.recursive(blocks, _grown, max_leaves=3)
forms = st.sampled_from([
    "SELECT ?x ?y ?z {{ {} }}", "SELECT ?x ?y ?m {{ {} }}", "SELECT DISTINCT ?x ?z {{ {} }}", "ASK {{ {} }}",
    "SELECT ?x (COUNT(*) AS ?n) {{ {} }} GROUP BY ?x", "SELECT (COUNT(DISTINCT ?y) AS ?n) (COUNT(?z) AS ?k) {{ {} }}",
    "SELECT ?x (SUM(?y) AS ?n) {{ {} }} GROUP BY ?x HAVING (COUNT(*) > 1)", "SELECT ?x ?y {{ {} }} ORDER BY ?x ?y",
    "SELECT ?x (MIN(?y) AS ?a) (MAX(?y) AS ?b) {{ {} }} GROUP BY ?x", "SELECT ?x ?g {{ {} }}",
    "SELECT ?x (?y AS ?u) {{ {} }} ORDER BY DESC(?x) LIMIT 2", "SELECT ?x ?y FROM :g FROM NAMED :h {{ {} }}",
])  # fmt: skip
queries = st.builds(lambda form, pattern: PREFIXES + form.format(pattern), forms, patterns)

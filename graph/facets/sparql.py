"""The selection as SPARQL: a query that gives the same members on any endpoint that serves this graph.

The patterns are the facets' own files; a choice is a term as the engine writes it, in a VALUES block.
"""

from collections.abc import Iterator, Mapping, Sequence

from graph.engine.prefixes import with_prefixes
from graph.engine.tokens import Token, tokens
from graph.facets.definitions import Facet, facets_of
from graph.names import curie
from graph.terms import read_term


def query_of(class_iri: str, chosen: Mapping[str, Sequence[str]], *, subclasses: bool = True) -> str:
    """Give the query whose `?member` are the members of a class that have the `chosen` values, by name.

    `subclasses` asks for the members of subclasses too. Raises ValueError where a value is no term.
    """
    kind = curie(class_iri) or f"<{class_iri}>"
    path = "a/rdfs:subClassOf*" if subclasses else "a"
    lines = ["SELECT DISTINCT ?member ?name WHERE {", f"  ?member {path} {kind} ."]
    for facet in facets_of(class_iri):
        if asked := chosen.get(facet.name):
            lines += [f"  # {facet.question}", *_pattern(facet, asked)]
    lines += ["  OPTIONAL { ?member rdfs:label ?name }", "}", "ORDER BY ?name ?member", ""]
    return with_prefixes("\n".join(lines))


def _pattern(facet: Facet, asked: Sequence[str]) -> Iterator[str]:
    name = facet.name.replace("-", "_")
    terms = " ".join(str(read_term(term)) for term in asked)
    yield f"  VALUES ?{name} {{ {terms} }}"
    yield f"  {{{_body(facet.query, name)}}}"


def _body(query: str, name: str) -> str:
    """Give the group pattern of a facet's query, its variables but ?member named after the facet."""
    found = list(tokens(query))
    start = next(i for i, token in enumerate(found) if token.text == "{")
    end = max(i for i, token in enumerate(found) if token.text == "}")
    text, at = [], found[start].at + 1
    for token in found[start + 1 : end]:
        text += [query[at : token.at], _renamed(token, name)]
        at = token.at + len(token.text)
    return "".join([*text, query[at : found[end].at]]).replace("\n", "\n  ")


def _renamed(token: Token, name: str) -> str:
    if token.kind != "variable" or token.text[1:] == "member":
        return token.text
    return f"?{name}" if token.text[1:] == "value" else f"?{name}_{token.text[1:]}"

"""SERVICE calls of a query to endpoints that the operator listed: found, asked elsewhere, and put back as VALUES.

https://www.w3.org/TR/sparql11-federated-query/: a call's solutions are those of its pattern at the endpoint, joined
with the rest. So the pattern is asked there first, by a process that has a network, and its solutions stand in the
query's text as VALUES: the worker that evaluates it needs no network and has none.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, QueryResultsFormat, QuerySolutions, parse_query_results

from graph.engine.question import EndpointFailed, Fetched
from graph.engine.tokens import Token


@dataclass(frozen=True, slots=True)
class Call:
    """A call at `at` to `end` of the text: the endpoint's IRI, whether it may fail, its variables and its query."""

    at: int
    end: int
    endpoint: str
    silent: bool
    variables: tuple[str, ...]
    query: str


def calls(
    text: str, found: Sequence[Token], iri: Callable[[Token], str | None], allowed: Collection[str]
) -> list[Call]:
    """Give the calls of `text`, whose tokens are `found`, to endpoints of `allowed`.

    `iri` gives the IRI that a token stands for. Other calls, and calls within a call, are for the policy to refuse.
    """
    form = next((t.at for t in found if t.is_word("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")), 0)
    given: list[Call] = []
    for i, token in enumerate(found):
        if not token.is_word("SERVICE") or (given and token.at < given[-1].end):
            continue
        silent = i + 1 < len(found) and found[i + 1].is_word("SILENT")
        name, brace = i + 1 + silent, i + 2 + silent
        endpoint = iri(found[name]) if name < len(found) else None
        last = _closing(found, brace)
        if endpoint is None or endpoint not in allowed or last is None:
            continue
        mentioned = (t.text[1:] for t in found[brace:last] if t.kind == "variable")
        pattern = text[found[brace].at : found[last].at + 1]
        query = f"{text[:form]}\nSELECT * WHERE {pattern}"
        variables = tuple(dict.fromkeys(mentioned))
        given.append(Call(token.at, found[last].at + 1, endpoint, silent, variables, query))
    return given


def _closing(found: Sequence[Token], brace: int) -> int | None:
    if brace >= len(found) or found[brace].text != "{":
        return None
    depth = 0
    for i in range(brace, len(found)):
        if found[i].kind == "mark":
            depth += (found[i].text == "{") - (found[i].text == "}")
            if not depth:
                return i
    return None


def without_calls(text: str, fetched: Sequence[Fetched]) -> str:
    """Give `text` with nothing in the places of its calls: what else it asks for can be read in this."""
    return _replaced(text, fetched, ["VALUES () {}"] * len(fetched))


def with_solutions(text: str, fetched: Sequence[Fetched]) -> str:
    """Give `text` with VALUES in the places of its calls.

    The terms are read and written by the engine: no character of an endpoint's stands in the query as it was sent.
    Raises EndpointFailed where an answer is no SPARQL results document, or holds blank nodes, which no query can name.
    """
    return _replaced(text, fetched, [_values(one) for one in fetched])


def _replaced(text: str, fetched: Sequence[Fetched], values: Sequence[str]) -> str:
    parts, at = [], 0
    for one, block in zip(fetched, values, strict=True):
        parts += [text[at : one.at], f" {block} "]
        at = one.end
    return "".join([*parts, text[at:]])


def _values(one: Fetched) -> str:
    try:
        if one.body is not None:
            return _table(*_solutions(one, one.body))
    except EndpointFailed:
        if not one.silent:
            raise
    return _table(one.variables, ["UNDEF " * len(one.variables)])  # one solution that binds nothing


def _table(names: Sequence[str], rows: Sequence[str]) -> str:
    return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {' '.join(f'({row})' for row in rows)} }}"


def _solutions(one: Fetched, body: bytes) -> tuple[list[str], list[str]]:
    try:
        found = parse_query_results(body, format=QueryResultsFormat.JSON)
        if not isinstance(found, QuerySolutions):
            raise EndpointFailed(f"<{one.endpoint}> answered a question that was not asked")
        given = {variable.value for variable in found.variables}
        names = [name for name in one.variables if name in given]
        rows = []
        for solution in found:
            terms = [solution[name] for name in names]
            if any(isinstance(term, BlankNode) for term in terms):
                raise EndpointFailed(f"<{one.endpoint}> answered with blank nodes, which have no name here")
            rows.append(" ".join("UNDEF" if term is None else str(term) for term in terms))
    except SyntaxError as error:
        raise EndpointFailed(f"<{one.endpoint}> answered with no SPARQL results: {error}") from error
    return names, rows
